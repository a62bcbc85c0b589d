"""Asked to turn, a head turns; nothing else passes. Every table is what the camera saw, a row a few frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.faces.challenge import (
    Answer,
    ChallengeSample,
    ChallengeState,
    Direction,
    Failed,
    LookAhead,
    Passed,
    ShippedChallengeLimits,
    Turn,
    advance,
)

LIMITS = ShippedChallengeLimits()
NAN = float("nan")


@dataclass(frozen=True)
class Shown:
    """So many frames of one posture."""

    turn: float
    parallax: float | None = 0.005
    frames: int = 6


AHEAD = Shown(0.0)
LEFT = [Shown(0.06, 0.02, 1), Shown(0.12, 0.035, 1), Shown(0.20, 0.05), Shown(0.10, 0.035, 1)]
RIGHT = [replace(one, turn=-one.turn) for one in LEFT]
FLAT_LEFT = [replace(one, parallax=0.015) for one in LEFT]
LOST_LEFT = [replace(one, parallax=None) for one in LEFT]
# The points are lost at the far end of the turn, and were seen on the way.
HALF_LOST_LEFT = [LEFT[0], LEFT[1], Shown(0.25, None), LEFT[3]]


def play(
    asked: tuple[Direction, ...],
    table: Sequence[Shown],
    every_seconds: float = 1 / 15,
    limits: ShippedChallengeLimits = LIMITS,
) -> list[Answer]:
    """The answer after each frame."""
    state, answers, frame = ChallengeState(asked), [], 0
    for shown in table:
        for _ in range(shown.frames):
            seen = ChallengeSample(100.0 + frame * every_seconds, shown.turn, shown.parallax)
            state, answer = advance(state, seen, limits)
            answers.append(answer)
            frame += 1
    return answers


@pytest.mark.parametrize(
    ("asked", "table"),
    [
        (("left",), [AHEAD, *LEFT, AHEAD]),
        (("right",), [AHEAD, *RIGHT, AHEAD]),
        (("left", "right"), [AHEAD, *LEFT, AHEAD, *RIGHT, AHEAD]),
        (("right", "right"), [AHEAD, *RIGHT, AHEAD, *RIGHT, AHEAD]),
        (("left",), [AHEAD, *HALF_LOST_LEFT, AHEAD]),
        (("left",), [AHEAD, Shown(0.06, 0.01, 4), AHEAD, *LEFT, AHEAD]),
        (("left",), [Shown(0.12), *[replace(one, turn=one.turn + 0.12) for one in LEFT], Shown(0.12)]),
    ],
    ids=["left", "right", "both", "twice", "lost at the end", "after hesitating", "nose not in the middle"],
)
def test_a_head_that_turns_as_asked_passes(asked: tuple[Direction, ...], table: list[Shown]) -> None:
    assert play(asked, table)[-1] == Passed()


@pytest.mark.parametrize(
    ("asked", "table", "expected"),
    [
        (("left",), [AHEAD, *RIGHT, AHEAD], Failed("wrong_way")),
        (("left", "right"), [AHEAD, *LEFT, AHEAD, *LEFT, AHEAD], Failed("wrong_way")),
        (("left",), [AHEAD, Shown(0.4, 0.05, 6)], Failed("jumped")),
        (("left",), [AHEAD, Shown(NAN, 0.05, 1)], Failed("not_a_number")),
        (("left",), [AHEAD, Shown(0.0, NAN, 1)], Failed("not_a_number")),
        (("left",), [AHEAD, replace(AHEAD, frames=200)], Failed("too_slow")),
    ],
    ids=["wrong way", "wrong way at the second", "another picture", "no turn", "no parallax", "nothing done"],
)
def test_what_is_not_what_was_asked_fails(asked: tuple[Direction, ...], table: list[Shown], expected: Failed) -> None:
    assert play(asked, table)[-1] == expected


@pytest.mark.parametrize(
    "turning",
    [FLAT_LEFT, LOST_LEFT, [replace(one, turn=-one.turn) for one in FLAT_LEFT]],
    ids=["flat", "points lost", "flat, the wrong way"],
)
def test_a_turn_without_parallax_does_not_count(turning: list[Shown]) -> None:
    answers = play(("left",), [AHEAD, *turning, AHEAD])
    assert answers[-1] == Turn("left")
    assert Passed() not in play(("left",), [AHEAD, *turning, AHEAD] * 20)


def test_parallax_of_an_earlier_try_is_not_kept() -> None:
    leaning = Shown(0.06, 0.05, 4)
    assert play(("left",), [AHEAD, leaning, AHEAD, *FLAT_LEFT, AHEAD])[-1] == Turn("left")


def test_the_person_is_told_what_to_do_next() -> None:
    answers = play(("left", "right"), [AHEAD, *LEFT, AHEAD, *RIGHT, AHEAD])
    told = [answer for number, answer in enumerate(answers) if number == 0 or answer != answers[number - 1]]
    assert told == [LookAhead(), Turn("left"), LookAhead(), Turn("right"), LookAhead(), Passed()]


def test_two_turns_to_one_side_need_a_look_ahead_between_them() -> None:
    without = play(("left", "left"), [AHEAD, *LEFT[:3], replace(LEFT[2], frames=12)])
    assert without[-1] == LookAhead()
    assert Passed() not in without


def test_one_frame_alone_is_neither_a_turn_nor_a_wrong_one() -> None:
    assert play(("left",), [AHEAD, Shown(-0.15, 0.05, 1), AHEAD])[-1] == Turn("left")
    assert play(("left",), [AHEAD, Shown(0.15, 0.05, 1), AHEAD])[-1] == Turn("left")


def test_a_head_that_does_not_settle_is_told_to_look_ahead() -> None:
    restless = [Shown(0.1 * (number % 2), 0.03, 1) for number in range(20)]
    assert set(play(("left",), restless)) == {LookAhead()}


@pytest.mark.parametrize("outcome", [Passed(), Failed("wrong_way")])
def test_an_outcome_stays(outcome: Passed | Failed) -> None:
    state = replace(ChallengeState(("left",)), outcome=outcome)
    for turn in (0.0, 0.3, NAN):
        state, answer = advance(state, ChallengeSample(5.0, turn, 0.1), LIMITS)
        assert answer == outcome


def test_time_that_stands_still_or_is_not_a_number_fails() -> None:
    state, _ = advance(ChallengeState(("left",)), ChallengeSample(5.0, 0.0, None), LIMITS)
    assert advance(state, ChallengeSample(5.0, 0.0, None), LIMITS)[1] == Failed("jumped")
    assert advance(state, ChallengeSample(NAN, 0.0, None), LIMITS)[1] == Failed("not_a_number")


def test_the_time_is_over_after_what_the_limits_say() -> None:
    state, _ = advance(ChallengeState(("left",)), ChallengeSample(0.0, 0.0, None), LIMITS)
    assert advance(state, ChallengeSample(LIMITS.challenge_seconds, 0.0, None), LIMITS)[1] == LookAhead()
    assert advance(state, ChallengeSample(LIMITS.challenge_seconds + 0.1, 0.0, None), LIMITS)[1] == Failed("too_slow")


@pytest.mark.parametrize(
    "limits",
    [
        replace(LIMITS, challenge_seconds=NAN),
        replace(LIMITS, min_turn=NAN),
        replace(LIMITS, max_neutral_turn=NAN),
        replace(LIMITS, min_turn_parallax=NAN),
        replace(LIMITS, max_turn_a_second=NAN),
    ],
    ids=["seconds", "turn", "neutral", "parallax", "speed"],
)
def test_limits_that_are_not_numbers_let_nobody_pass(limits: ShippedChallengeLimits) -> None:
    assert Passed() not in play(("left",), [AHEAD, *LEFT, AHEAD], limits=limits)


def test_a_challenge_asks_for_something() -> None:
    with pytest.raises(ValueError, match="at least one turn"):
        ChallengeState(())


@given(some.lists(some.tuples(some.floats(-0.6, 0.6), some.none() | some.floats(0.0, 0.0299)), min_size=1, max_size=60))
def test_without_parallax_no_motion_of_the_nose_passes(frames: list[tuple[float, float | None]]) -> None:
    state = ChallengeState(("left",))
    for number, (turn, parallax) in enumerate(frames):
        state, answer = advance(state, ChallengeSample(number * 0.15, turn, parallax), LIMITS)
        assert answer != Passed()
