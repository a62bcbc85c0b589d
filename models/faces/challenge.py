"""Active liveness: turn left, turn right, in an order that nobody knows beforehand. Pure.

A turn counts when the nose leaves its neutral place towards the asked side (``head_pose``: moving a flat picture
hardly shifts it) **and** the points of the face move beyond any plane at that time (``parallax``: tilting a flat
picture does not do that). Between two turns the person looks ahead again. Turning the other way first fails.

Sides are the person's own. The landmarks are those of a picture that is not mirrored; a screen that shows people
themselves as in a mirror shows the person's left on its left, and the words "turn left" are right on both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import median
from typing import Final, Literal, Protocol

Direction = Literal["left", "right"]
Failure = Literal["too_slow", "wrong_way", "jumped", "not_a_number"]

_SETTLING_FRAMES: Final = 5
_SMOOTHED_FRAMES: Final = 3  # one frame's landmarks alone count for nothing


class ChallengeLimits(Protocol):
    """What a challenge goes by; ``kiosk.liveness`` in config.yaml is one."""

    @property
    def challenge_seconds(self) -> float: ...
    @property
    def min_turn(self) -> float: ...
    @property
    def max_neutral_turn(self) -> float: ...
    @property
    def min_turn_parallax(self) -> float: ...
    @property
    def max_turn_a_second(self) -> float: ...


@dataclass(frozen=True, slots=True)
class ShippedChallengeLimits:
    """Every threshold of the challenge, as measured by ``bench/liveness.py``.

    Attributes:
        challenge_seconds: for all turns together, from the first frame.
        min_turn: change of ``HeadPose.turn`` that is a turn; 0.07 is about 8 degrees of a head.
        max_neutral_turn: change of it that still is looking ahead.
        min_turn_parallax: motion beyond a plane while turned, in eye distances.
        max_turn_a_second: a quicker change is another picture, not a head.
    """

    challenge_seconds: float = 12.0
    min_turn: float = 0.07
    max_neutral_turn: float = 0.04
    min_turn_parallax: float = 0.030
    max_turn_a_second: float = 2.5


@dataclass(frozen=True, slots=True)
class ChallengeSample:
    """One frame of the face that was asked.

    Attributes:
        at_seconds: monotonic seconds of the frame.
        turn: ``HeadPose.turn`` of it.
        parallax: ``liveness.parallax_of`` the frame against the frontal first look; None where it could not be told.
    """

    at_seconds: float
    turn: float
    parallax: float | None


@dataclass(frozen=True, slots=True)
class ChallengeState:
    """How far a challenge has come.

    Attributes:
        asked: the turns, in order; drawn by the caller from a source that cannot be foreseen.
        done: so many of them were seen.
        began_at_seconds: of the first frame; None before it.
        neutral_turns: of the first frames, until there are enough; their median is neutral.
        recent: the last frames, oldest first.
        counted: the turn that the head is away for was counted; it must come back before the next one is asked.
        parallax: the largest since the head left the middle.
        outcome: None while it goes on.
    """

    asked: tuple[Direction, ...]
    done: int = 0
    began_at_seconds: float | None = None
    neutral_turns: tuple[float, ...] = ()
    recent: tuple[ChallengeSample, ...] = ()
    counted: bool = False
    parallax: float = 0.0
    outcome: Passed | Failed | None = None

    def __post_init__(self) -> None:
        if not self.asked:
            raise ValueError("a challenge asks for at least one turn")


@dataclass(frozen=True, slots=True)
class LookAhead:
    """Ask the person to look into the camera."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Ask the person to turn to their own left or right."""

    direction: Direction


@dataclass(frozen=True, slots=True)
class Passed:
    """All turns were seen, and the head has come back."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Not live, as far as anybody can tell."""

    reason: Failure


Answer = LookAhead | Turn | Passed | Failed


def advance(state: ChallengeState, seen: ChallengeSample, limits: ChallengeLimits) -> tuple[ChallengeState, Answer]:
    """Take one frame into account. That it shows the same person as the last one is the caller's business.

    Returns:
        The new state, and what to ask now. A finished challenge keeps its outcome.
    """
    if state.outcome is not None:
        return state, state.outcome
    if not _is_sound(seen):
        return _finish(state, Failed("not_a_number"))
    began = seen.at_seconds if state.began_at_seconds is None else state.began_at_seconds
    last = state.recent[-1] if state.recent else None
    state = replace(state, began_at_seconds=began, recent=(*state.recent, seen)[-_SMOOTHED_FRAMES:])
    # Written so that a limit that is not a number fails.
    if not seen.at_seconds - began <= limits.challenge_seconds:
        return _finish(state, Failed("too_slow"))
    if last is not None and not _is_continuous(last, seen, limits):
        return _finish(state, Failed("jumped"))
    if len(state.neutral_turns) < _SETTLING_FRAMES:
        return _settle(state, seen, limits), LookAhead()
    shift = median(sample.turn for sample in state.recent) - median(state.neutral_turns)
    if not abs(shift) > limits.max_neutral_turn:
        return _in_the_middle(state)
    if state.counted:
        return state, LookAhead()
    parallax = max(state.parallax, seen.parallax or 0.0)
    state = replace(state, parallax=parallax)
    direction = state.asked[state.done]
    if not (abs(shift) >= limits.min_turn and parallax >= limits.min_turn_parallax):
        return state, Turn(direction)  # not far enough, or far enough for the detector only: neither right nor wrong
    if (shift > 0) != (direction == "left"):
        return _finish(state, Failed("wrong_way"))
    return replace(state, counted=True, done=state.done + 1), LookAhead()


def _in_the_middle(state: ChallengeState) -> tuple[ChallengeState, Answer]:
    if state.done == len(state.asked):
        return _finish(state, Passed())
    # A head that hesitated may try again, with nothing kept of the try.
    return replace(state, counted=False, parallax=0.0), Turn(state.asked[state.done])


def _settle(state: ChallengeState, seen: ChallengeSample, limits: ChallengeLimits) -> ChallengeState:
    """Neutral is where the nose rests for some frames; a head that still moves begins anew."""
    turns = (*state.neutral_turns, seen.turn)
    if max(turns) - min(turns) > limits.max_neutral_turn:
        turns = (seen.turn,)
    return replace(state, neutral_turns=turns)


def _is_sound(seen: ChallengeSample) -> bool:
    figures = (seen.at_seconds, seen.turn, 0.0 if seen.parallax is None else seen.parallax)
    return all(math.isfinite(figure) for figure in figures)


def _is_continuous(last: ChallengeSample, seen: ChallengeSample, limits: ChallengeLimits) -> bool:
    """Whether one head can have done it: time goes on, and the nose does not leap."""
    seconds = seen.at_seconds - last.at_seconds
    # The detector's own noise is let pass however short the time was.
    return seconds > 0 and abs(seen.turn - last.turn) <= limits.max_turn_a_second * seconds + limits.max_neutral_turn


def _finish(state: ChallengeState, outcome: Passed | Failed) -> tuple[ChallengeState, Answer]:
    return replace(state, outcome=outcome), outcome
