"""The decision at the door. Pure: (state, observation, policy) -> (state, decision).

Recording needs k of the last n good frames of one track to agree on one person, their mean distance within that
person's limit, a margin to the nearest other person in each, no other person among them, and a face that moves.
Everything else ends in a hint, in more looking, or in asking for the PIN: never in a clock event for somebody who may
not be the one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from kiosk.aliveness import LifeSigns, LifeState, LivenessPolicy, Proof, look_for_life
from models.faces.challenge import ShippedChallengeLimits
from models.faces.values import Match

DoubtReason = Literal["unknown", "look_alike", "not_sure", "unsteady", "covered", "not_moving", "not_alive"]
Hint = Literal["closer", "hold_still", "turn_left", "turn_right", "look_ahead"]

_NO_SIGNS: Final = LifeSigns()
_NO_LIFE_YET: Final = LifeState()
_NO_LIVENESS: Final = LivenessPolicy("off", False, 0.0, ShippedChallengeLimits())
_PLACES_KEPT: Final = 15
_FINAL_DOUBTS: Final[tuple[DoubtReason, ...]] = ("look_alike", "not_moving", "not_alive")


@dataclass(frozen=True, slots=True)
class Policy:
    """The operating point and the votes in force.

    Attributes:
        votes, of_frames: so many of the last so many good frames must agree.
        accept_distance: largest mean distance to the nearest person.
        grey_zone: a single frame may be so far beyond the limit and still vote.
        covered_accept_distance: takes the place of ``accept_distance`` while the lower face is covered.
        own_accept_distance: of people whom somebody else resembles; never looser than ``accept_distance``.
        pin_people: people whom somebody else resembles so much that a face alone never decides.
        liveness: what is asked of a face before its person is recorded.
        margin: least gap to the nearest other person.
        min_eye_distance_px: eyes closer together are too far away.
        min_sharpness: less sharp frames are not counted.
        min_motion_share: the face must have moved by this share of its eye distance; a picture held
            perfectly still has not.
        ask_pin_after_seconds: doubt for so long ends in asking for the PIN.
    """

    votes: int
    of_frames: int
    accept_distance: float
    margin: float
    min_eye_distance_px: float
    min_sharpness: float
    min_motion_share: float
    ask_pin_after_seconds: float
    grey_zone: float = 0.0
    covered_accept_distance: float = 0.0
    own_accept_distance: Mapping[UUID, float] = field(default_factory=dict)
    pin_people: frozenset[UUID] = frozenset()
    liveness: LivenessPolicy = _NO_LIVENESS

    def limit(self, person_id: UUID, covered: bool) -> float:
        """Largest mean distance at which this person is recorded by face."""
        limits = [self.accept_distance, self.own_accept_distance.get(person_id, self.accept_distance)]
        return min([*limits, self.covered_accept_distance] if covered else limits)


@dataclass(frozen=True, slots=True)
class Observation:
    """One face in one frame.

    Attributes:
        at_seconds: host seconds of the frame.
        captured_at: court time of the frame.
        eye_distance_px, sharpness: of this face in this frame.
        centre_xy: mean of the five landmarks, pixels.
        match: what the gallery says; None when it is empty or the face was not compared.
        compared: whether the face was compared in this frame; one that had to wait for another face was not.
        covered: whether something is over mouth and nose.
        life: signs of life.
    """

    at_seconds: float
    captured_at: datetime
    eye_distance_px: float
    sharpness: float
    centre_xy: tuple[float, float]
    match: Match | None
    compared: bool = True
    covered: bool = False
    life: LifeSigns = _NO_SIGNS


@dataclass(frozen=True, slots=True)
class Vote:
    """What one good frame says: a person with the limit that holds for them now, or why nobody."""

    person_id: UUID | None
    doubt: DoubtReason | None
    distance: float | None
    other_distance: float | None
    limit: float | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a face was in one good frame, whether it was compared there or not."""

    centre_xy: tuple[float, float]
    eye_distance_px: float


@dataclass(frozen=True, slots=True)
class TrackState:
    """What is known of one track so far.

    Attributes:
        first_seen_at: court time of the first frame that was near enough; the time that counts.
        waiting_since_seconds: host seconds of that frame, or of a challenge passed since.
        recent: the last good frames in which this face was compared, oldest first.
        places: where the face was in the last good frames, oldest first.
        life: what is known of the face's being alive.
        candidate: who would be recorded once the challenge under way is passed.
        proven: who passed it; on this track nobody else is recorded any more.
        asked_for_pin: the PIN was asked for already.
        pin_only: the doubt was of a kind that more frames cannot settle: a picture that did not move,
            or somebody who looks like a colleague. This track is not recorded by face any more.
        recorded: a clock event was decided; this track is done.
    """

    first_seen_at: datetime | None = None
    waiting_since_seconds: float | None = None
    recent: tuple[Vote, ...] = ()
    places: tuple[Place, ...] = ()
    life: LifeState = _NO_LIFE_YET
    candidate: UUID | None = None
    proven: UUID | None = None
    asked_for_pin: bool = False
    pin_only: bool = False
    recorded: bool = False

    def without_votes(self) -> TrackState:
        """The same track after the gallery was replaced: what was compared with the old one does not count."""
        return replace(self, recent=(), candidate=None)

    def resembles_nobody(self, policy: Policy) -> bool:
        """Whether a whole window of frames was compared without anybody's being near: a stranger, most likely."""
        return len(self.recent) == policy.of_frames and all(vote.doubt == "unknown" for vote in self.recent)

    def is_one_person(self, policy: Policy) -> bool:
        """Whether a whole window of frames votes for one person, near enough: only life is yet to be shown."""
        people = {vote.person_id for vote in self.recent}
        return (
            len(self.recent) == policy.of_frames
            and None not in people
            and len(people) == 1
            and _near_enough(self.recent)
        )


@dataclass(frozen=True, slots=True)
class KeepLooking:
    """Nothing to say yet."""


@dataclass(frozen=True, slots=True)
class Guide:
    """Tell the person what helps."""

    hint: Hint


@dataclass(frozen=True, slots=True)
class AskPin:
    """Doubt: ask for the PIN. Given once a track."""

    reason: DoubtReason
    first_seen_at: datetime
    frames: int
    nearest_distance: float | None


@dataclass(frozen=True, slots=True)
class Record:
    """This person, at this time. Given once a track.

    Attributes:
        distance, other_distance, accept_distance: means over the frames that agree; the last is the limit that held.
        life: how the face showed that it is alive; None where the policy did not ask.
    """

    person_id: UUID
    captured_at: datetime
    distance: float
    other_distance: float | None
    accept_distance: float
    votes: int
    frames: int
    life: Proof | None = None


Decision = KeepLooking | Guide | AskPin | Record


def decide(state: TrackState, seen: Observation, policy: Policy) -> tuple[TrackState, Decision]:
    """Take one observation of a track into account.

    Returns:
        The new state of the track, and what to do now.
    """
    if state.recorded or state.pin_only:
        return state, KeepLooking()
    if seen.eye_distance_px < policy.min_eye_distance_px:
        return state, Guide("closer")
    if state.first_seen_at is None or state.waiting_since_seconds is None:
        state = replace(state, first_seen_at=seen.captured_at, waiting_since_seconds=seen.at_seconds)
    if state.candidate is not None:
        return _go_on_with_challenge(state, seen, policy, state.candidate)
    if seen.sharpness < policy.min_sharpness:
        return _ask_when_too_long(state, seen, policy, Guide("hold_still"))
    places = (*state.places, Place(seen.centre_xy, seen.eye_distance_px))[-_PLACES_KEPT:]
    state = replace(state, places=places)
    if not seen.compared:
        return _ask_when_too_long(state, seen, policy, KeepLooking())
    recent = (*state.recent, _vote(seen, policy))[-policy.of_frames :]
    state = replace(state, recent=recent)
    person_id = _agreed_person(recent, policy)
    if (
        person_id is None
        or person_id in policy.pin_people
        or not _near_enough(recent)
        or not _moved(places, policy.min_motion_share)
    ):
        return _ask_when_too_long(state, seen, policy, KeepLooking())
    if state.proven is not None and person_id != state.proven:
        # Whoever turned as asked has made room for somebody else, or holds up a picture.
        return _ask(replace(state, pin_only=True), "unsteady", KeepLooking())
    return _look_for_life(state, seen, policy, person_id)


def _look_for_life(
    state: TrackState, seen: Observation, policy: Policy, person_id: UUID
) -> tuple[TrackState, Decision]:
    """Somebody was agreed on: recorded now if alive."""
    waited_seconds = seen.at_seconds - (state.waiting_since_seconds or seen.at_seconds)
    life, answer = look_for_life(state.life, seen.life, waited_seconds, policy.liveness)
    state = replace(state, life=life)
    if answer == "alive":
        return replace(state, recorded=True), _record(state, person_id)
    if answer == "not_alive":
        return _ask(state, "not_alive", KeepLooking())
    if answer == "waiting":
        return _ask_when_too_long(state, seen, policy, KeepLooking())
    return replace(state, candidate=person_id), Guide(answer)


def _go_on_with_challenge(
    state: TrackState, seen: Observation, policy: Policy, person_id: UUID
) -> tuple[TrackState, Decision]:
    """A head that turns away is not recognised meanwhile; but nobody else may take its place.

    Once it is passed, the face must be recognised anew, looking ahead again.
    """
    vote = _vote(seen, policy) if seen.compared else None
    if vote is not None and vote.person_id not in (None, person_id):
        return _ask(replace(state, pin_only=True), "unsteady", KeepLooking())
    life, answer = look_for_life(state.life, seen.life, 0.0, policy.liveness)
    state = replace(state, life=life)
    if answer == "not_alive":
        return _ask(state, "not_alive", KeepLooking())
    if answer == "alive":
        passed = replace(state, candidate=None, proven=person_id, recent=(), waiting_since_seconds=seen.at_seconds)
        return passed, KeepLooking()
    return state, KeepLooking() if answer == "waiting" else Guide(answer)


def _vote(seen: Observation, policy: Policy) -> Vote:
    match = seen.match
    if match is None:
        return Vote(None, "unknown", None, None, None)
    limit = policy.limit(match.person_id, seen.covered)
    doubt: DoubtReason | None = None
    # Written so that a distance that is not a number is doubt, too.
    if not match.distance <= limit + policy.grey_zone:
        uncovered_limit = policy.limit(match.person_id, covered=False)
        doubt = "covered" if seen.covered and match.distance <= uncovered_limit + policy.grey_zone else "unknown"
    elif not match.margin >= policy.margin:
        doubt = "look_alike"
    person_id = match.person_id if doubt is None else None
    return Vote(person_id, doubt, match.distance, match.other_distance, limit)


def _agreed_person(recent: tuple[Vote, ...], policy: Policy) -> UUID | None:
    """The one person for whom enough frames vote, if no frame votes for anybody else."""
    people = {vote.person_id for vote in recent if vote.person_id is not None}
    if len(people) != 1:
        return None
    agreeing = sum(vote.person_id is not None for vote in recent)
    return people.pop() if agreeing >= policy.votes else None


def _near_enough(recent: tuple[Vote, ...]) -> bool:
    """Whether the frames that agree are, taken together, within the person's limit.

    The plain mean: weights by sharpness or by pose told people apart worse (docs/recognition.md).
    """
    votes = [vote for vote in recent if vote.person_id is not None]
    limits = [vote.limit for vote in votes if vote.limit is not None]
    return _mean([vote.distance for vote in votes if vote.distance is not None]) <= _mean(limits)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


def _moved(places: tuple[Place, ...], min_motion_share: float) -> bool:
    """Whether the face moved by more than the noise of a picture held still."""
    scale = min(place.eye_distance_px for place in places)
    across = max(place.centre_xy[0] for place in places) - min(place.centre_xy[0] for place in places)
    down = max(place.centre_xy[1] for place in places) - min(place.centre_xy[1] for place in places)
    return max(across, down) >= min_motion_share * scale


def _ask_when_too_long(
    state: TrackState, seen: Observation, policy: Policy, otherwise: Decision
) -> tuple[TrackState, Decision]:
    if state.waiting_since_seconds is None or state.asked_for_pin:
        return state, otherwise
    if seen.at_seconds - state.waiting_since_seconds < policy.ask_pin_after_seconds:
        return state, otherwise
    return _ask(state, _doubt(state.recent, policy), otherwise)


def _ask(state: TrackState, reason: DoubtReason, otherwise: Decision) -> tuple[TrackState, Decision]:
    """Ask for the PIN, once a track."""
    state = replace(state, candidate=None, pin_only=state.pin_only or reason in _FINAL_DOUBTS)
    if state.first_seen_at is None or state.asked_for_pin:
        return state, otherwise
    distances = [vote.distance for vote in state.recent if vote.distance is not None]
    decision = AskPin(reason, state.first_seen_at, len(state.recent), min(distances) if distances else None)
    return replace(state, asked_for_pin=True), decision


def _doubt(recent: tuple[Vote, ...], policy: Policy) -> DoubtReason:
    """The most telling reason of the last good frames."""
    agreed = _agreed_person(recent, policy)
    if agreed is not None and agreed in policy.pin_people:
        return "look_alike"
    if agreed is not None:
        if not _near_enough(recent):
            return "not_sure"
        return "not_moving" if policy.liveness.mode == "off" else "not_alive"
    for reason in ("look_alike", "covered"):
        if any(vote.doubt == reason for vote in recent):
            return reason
    if any(vote.person_id is not None for vote in recent):
        return "unsteady"
    return "unknown"


def _record(state: TrackState, person_id: UUID) -> Record:
    agreeing = [vote for vote in state.recent if vote.person_id == person_id]
    distances = [vote.distance for vote in agreeing if vote.distance is not None]
    others = [vote.other_distance for vote in agreeing if vote.other_distance is not None]
    if state.first_seen_at is None:
        raise ValueError("a track cannot be recorded before it was seen")
    return Record(
        person_id=person_id,
        captured_at=state.first_seen_at,
        distance=sum(distances) / len(distances),
        other_distance=sum(others) / len(others) if others else None,
        accept_distance=_mean([vote.limit for vote in agreeing if vote.limit is not None]),
        life=state.life.proof,
        votes=len(agreeing),
        frames=len(state.recent),
    )
