"""The decision at the door. Pure: (state, observation, policy) -> (state, decision).

Recording needs k of the last n good frames of one track to agree on one person, each within the
operating point and with a margin to the nearest other person, no other person among them, and a
face that moves. Everything else ends in a hint, in more looking, or in asking for the PIN: never in
a clock event for somebody who may not be the one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from models.faces.values import Match

DoubtReason = Literal["unknown", "look_alike", "unsteady", "not_moving"]
Hint = Literal["closer", "hold_still"]

_FINAL_DOUBTS: Final[tuple[DoubtReason, ...]] = ("look_alike", "not_moving")


@dataclass(frozen=True, slots=True)
class Policy:
    """The operating point and the votes in force.

    Attributes:
        votes, of_frames: so many of the last so many good frames must agree.
        accept_distance: largest distance to the nearest person.
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


@dataclass(frozen=True, slots=True)
class Observation:
    """One face in one frame.

    Attributes:
        at_seconds: host seconds of the frame.
        captured_at: court time of the frame.
        eye_distance_px, sharpness: of this face in this frame.
        centre_xy: mean of the five landmarks, pixels.
        match: what the gallery says; None when it is empty or the face was not encoded.
    """

    at_seconds: float
    captured_at: datetime
    eye_distance_px: float
    sharpness: float
    centre_xy: tuple[float, float]
    match: Match | None


@dataclass(frozen=True, slots=True)
class Vote:
    """What one good frame says: a person, or why nobody."""

    person_id: UUID | None
    doubt: DoubtReason | None
    distance: float | None
    other_distance: float | None
    centre_xy: tuple[float, float]
    eye_distance_px: float


@dataclass(frozen=True, slots=True)
class TrackState:
    """What is known of one track so far.

    Attributes:
        first_seen_at: court time of the first frame that was near enough; the time that counts.
        first_seen_seconds: host seconds of that frame.
        recent: the last good frames, oldest first.
        asked_for_pin: the PIN was asked for already.
        pin_only: the doubt was of a kind that more frames cannot settle: a picture that did not move,
            or somebody who looks like a colleague. This track is not recorded by face any more.
        recorded: a clock event was decided; this track is done.
    """

    first_seen_at: datetime | None = None
    first_seen_seconds: float | None = None
    recent: tuple[Vote, ...] = ()
    asked_for_pin: bool = False
    pin_only: bool = False
    recorded: bool = False


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
    """This person, at this time. Given once a track."""

    person_id: UUID
    captured_at: datetime
    distance: float
    other_distance: float | None
    votes: int
    frames: int


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
    if state.first_seen_at is None or state.first_seen_seconds is None:
        state = replace(state, first_seen_at=seen.captured_at, first_seen_seconds=seen.at_seconds)
    if seen.sharpness < policy.min_sharpness:
        return _ask_when_too_long(state, seen, policy, Guide("hold_still"))
    recent = (*state.recent, _vote(seen, policy))[-policy.of_frames :]
    state = replace(state, recent=recent)
    person_id = _agreed_person(recent, policy)
    if person_id is None or not _moved(recent, policy.min_motion_share):
        return _ask_when_too_long(state, seen, policy, KeepLooking())
    return replace(state, recorded=True), _record(state, person_id)


def _vote(seen: Observation, policy: Policy) -> Vote:
    match = seen.match
    if match is None:
        return Vote(None, "unknown", None, None, seen.centre_xy, seen.eye_distance_px)
    doubt: DoubtReason | None = None
    # Written so that a distance that is not a number is doubt, too.
    if not match.distance <= policy.accept_distance:
        doubt = "unknown"
    elif not match.margin >= policy.margin:
        doubt = "look_alike"
    person_id = match.person_id if doubt is None else None
    return Vote(person_id, doubt, match.distance, match.other_distance, seen.centre_xy, seen.eye_distance_px)


def _agreed_person(recent: tuple[Vote, ...], policy: Policy) -> UUID | None:
    """The one person for whom enough frames vote, if no frame votes for anybody else."""
    people = {vote.person_id for vote in recent if vote.person_id is not None}
    if len(people) != 1:
        return None
    agreeing = sum(vote.person_id is not None for vote in recent)
    return people.pop() if agreeing >= policy.votes else None


def _moved(recent: tuple[Vote, ...], min_motion_share: float) -> bool:
    """Whether the face moved, or came nearer, by more than the noise of a picture held still."""
    scale = min(vote.eye_distance_px for vote in recent)
    across = max(vote.centre_xy[0] for vote in recent) - min(vote.centre_xy[0] for vote in recent)
    down = max(vote.centre_xy[1] for vote in recent) - min(vote.centre_xy[1] for vote in recent)
    return max(across, down) >= min_motion_share * scale


def _ask_when_too_long(
    state: TrackState, seen: Observation, policy: Policy, otherwise: Decision
) -> tuple[TrackState, Decision]:
    if state.first_seen_at is None or state.first_seen_seconds is None or state.asked_for_pin:
        return state, otherwise
    if seen.at_seconds - state.first_seen_seconds < policy.ask_pin_after_seconds:
        return state, otherwise
    distances = [vote.distance for vote in state.recent if vote.distance is not None]
    reason = _doubt(state.recent, policy)
    decision = AskPin(reason, state.first_seen_at, len(state.recent), min(distances) if distances else None)
    return replace(state, asked_for_pin=True, pin_only=reason in _FINAL_DOUBTS), decision


def _doubt(recent: tuple[Vote, ...], policy: Policy) -> DoubtReason:
    """The most telling reason of the last good frames."""
    if _agreed_person(recent, policy) is not None:
        return "not_moving"
    if any(vote.doubt == "look_alike" for vote in recent):
        return "look_alike"
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
        votes=len(agreeing),
        frames=len(state.recent),
    )
