"""Whether the face in front is alive, as far as the policy asks. Pure: signs in, an answer out.

``off`` asks for nothing here. ``passive`` wants the face to move beyond a plane; a face that stays undecided is asked
to turn its head, where the policy allows, and is never taken for alive without having shown it. ``challenge`` asks
everybody to turn. Whatever moves as a flat picture, fails a challenge, or could not be judged, is not alive.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from models.faces.challenge import (
    ChallengeLimits,
    ChallengeSample,
    ChallengeState,
    Direction,
    Failed,
    Passed,
    Turn,
    advance,
)

Mode = Literal["off", "passive", "challenge"]
Proof = Literal["passive", "challenge"]
PassiveSign = Literal["live", "undecided", "flat", "failed"]
LifeHint = Literal["turn_left", "turn_right", "look_ahead"]
LifeAnswer = Literal["alive", "waiting", "not_alive", "turn_left", "turn_right", "look_ahead"]

_HINT_OF_DIRECTION: Final[dict[Direction, LifeHint]] = {"left": "turn_left", "right": "turn_right"}


@dataclass(frozen=True, slots=True)
class LivenessPolicy:
    """What is asked for.

    Attributes:
        mode: off, passive or challenge.
        challenge_when_undecided: in ``passive``, a face that stays undecided is asked to turn; otherwise it is asked
            for the PIN in the end.
        undecided_after_seconds: for so long the passive test may stay undecided before that.
        challenge: limits of a challenge.
    """

    mode: Mode
    challenge_when_undecided: bool
    undecided_after_seconds: float
    challenge: ChallengeLimits


@dataclass(frozen=True, slots=True)
class LifeSigns:
    """What one frame shows.

    Attributes:
        passive: the passive test's verdict on the track so far; ``failed`` when it could not be run.
        sample: for a challenge; None where the head could not be told in this frame.
    """

    passive: PassiveSign = "undecided"
    sample: ChallengeSample | None = None


@dataclass(frozen=True, slots=True)
class LifeState:
    """What is known of one track.

    Attributes:
        asked: the turns that a challenge of this track will ask for, drawn beforehand where nobody can foresee them.
        challenge: under way, or over.
        proof: how life was shown, once it was.
    """

    asked: tuple[Direction, ...] = ("left", "right")
    challenge: ChallengeState | None = None
    proof: Proof | None = None


def look_for_life(
    state: LifeState, signs: LifeSigns, waited_seconds: float, policy: LivenessPolicy
) -> tuple[LifeState, LifeAnswer]:
    """Take one frame of somebody who would be recorded, were the face alive, into account.

    Args:
        waited_seconds: since the face was first seen.

    Returns:
        The new state, and whether the face is alive, or what to ask for. ``alive`` and ``not_alive`` are final.
    """
    if policy.mode == "off" or state.proof is not None:
        return state, "alive"
    if signs.passive in ("flat", "failed"):
        return state, "not_alive"
    if state.challenge is not None:
        return _go_on(state, signs, policy)
    if policy.mode == "passive" and signs.passive == "live":
        return replace(state, proof="passive"), "alive"
    if policy.mode == "challenge" or (
        policy.challenge_when_undecided and waited_seconds >= policy.undecided_after_seconds
    ):
        return _go_on(replace(state, challenge=ChallengeState(state.asked)), signs, policy)
    return state, "waiting"


def _go_on(state: LifeState, signs: LifeSigns, policy: LivenessPolicy) -> tuple[LifeState, LifeAnswer]:
    if state.challenge is None or signs.sample is None:
        return state, "look_ahead"
    challenge, answer = advance(state.challenge, signs.sample, policy.challenge)
    state = replace(state, challenge=challenge)
    if isinstance(answer, Passed):
        return replace(state, proof="challenge"), "alive"
    if isinstance(answer, Failed):
        return state, "not_alive"
    return state, _HINT_OF_DIRECTION[answer.direction] if isinstance(answer, Turn) else "look_ahead"
