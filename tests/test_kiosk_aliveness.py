"""What a face must show before its person is recorded: nothing, that it is no plane, or turns that were asked for.

Frames at fifteen a second of somebody whom the gallery knows. Li is alive, the picture of Li is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.aliveness import LifeSigns, LifeState, LivenessPolicy, Mode, PassiveSign
from kiosk.deciding import AskPin, Decision, Guide, KeepLooking, Observation, Policy, Record, TrackState, decide
from models.faces.challenge import ChallengeSample, ShippedChallengeLimits
from models.faces.values import Match
from tests.kiosk_fakes import MODEL, MORNING

LI, CHEN = UUID(int=1), UUID(int=2)
FRAME_SECONDS = 1 / 15


def policy(mode: Mode, challenge_when_undecided: bool = True) -> Policy:
    return Policy(
        votes=3,
        of_frames=5,
        accept_distance=0.5,
        margin=0.08,
        min_eye_distance_px=28,
        min_sharpness=8,
        min_motion_share=0.0,
        ask_pin_after_seconds=3,
        liveness=LivenessPolicy(mode, challenge_when_undecided, 1.6, ShippedChallengeLimits()),
    )


@dataclass(frozen=True)
class Shown:
    """One frame: who is nearest, the passive verdict, and where the head points."""

    passive: PassiveSign = "undecided"
    turn: float = 0.0
    parallax: float = 0.05
    person: UUID = LI
    distance: float = 0.3


def play(frames: list[Shown], with_policy: Policy, asked: LifeState | None = None) -> Iterator[Decision]:
    state = TrackState(life=asked or LifeState())
    for number, shown in enumerate(frames):
        seconds = 1000 + number * FRAME_SECONDS
        seen = Observation(
            at_seconds=seconds,
            captured_at=MORNING + timedelta(seconds=number * FRAME_SECONDS),
            eye_distance_px=40.0,
            sharpness=50.0,
            centre_xy=(100.0, 80.0),
            match=Match(MODEL, shown.person, shown.distance, UUID(int=9), shown.distance + 0.5),
            life=LifeSigns(shown.passive, ChallengeSample(seconds, shown.turn, shown.parallax)),
        )
        state, decision = decide(state, seen, with_policy)
        yield decision


def turned(*to: float, frames_each: int = 8, **more: object) -> list[Shown]:
    """A head that moves to these places one after the other, evenly; turned away it resembles nobody."""
    found = []
    at = 0.0
    for goal in to:
        for step in range(1, frames_each + 1):
            place = at + (goal - at) * step / frames_each
            found.append(Shown(turn=place, distance=0.3 if abs(place) < 0.05 else 0.8, **more))  # type: ignore[arg-type]
        found += [replace(found[-1])] * 3
        at = goal
    return found


LEFT_THEN_RIGHT = turned(0.2, 0.0, -0.2, 0.0)


def records(decisions: list[Decision]) -> list[Record]:
    return [one for one in decisions if isinstance(one, Record)]


def reasons(decisions: list[Decision]) -> list[str]:
    return [one.reason for one in decisions if isinstance(one, AskPin)]


def test_off_asks_for_nothing() -> None:
    (record,) = records(list(play([Shown("flat")] * 3, policy("off"))))
    assert record.life is None


class TestPassive:
    def test_a_face_that_moves_as_the_living_do_is_recorded_and_nothing_is_asked(self) -> None:
        decisions = list(play([Shown()] * 20 + [Shown("live")], policy("passive")))
        assert decisions[:-1] == [KeepLooking()] * 20
        (record,) = records(decisions)
        assert (record.captured_at, record.life) == (MORNING, "passive")

    @pytest.mark.parametrize("sign", ["flat", "failed"])
    def test_what_moves_as_a_picture_or_could_not_be_judged_gets_the_pin_for_good(self, sign: PassiveSign) -> None:
        decisions = list(play([Shown(sign)] * 3 + [Shown("live")] * 100, policy("passive")))
        assert (records(decisions), reasons(decisions)) == ([], ["not_alive"])

    def test_a_face_that_stays_undecided_is_asked_to_turn(self) -> None:
        decisions = list(play([Shown()] * 40, policy("passive")))
        first = next(number for number, one in enumerate(decisions) if one != KeepLooking())
        assert first * FRAME_SECONDS == pytest.approx(1.6, abs=FRAME_SECONDS)
        assert Guide("turn_left") in decisions
        assert records(decisions) == []

    def test_or_for_the_pin_where_the_policy_asks_nobody_to_turn(self) -> None:
        decisions = list(play([Shown()] * 100, policy("passive", challenge_when_undecided=False)))
        assert (records(decisions), reasons(decisions)) == ([], ["not_alive"])

    def test_a_stranger_is_never_asked_to_turn(self) -> None:
        decisions = list(play([Shown(distance=0.9)] * 100, policy("passive")))
        assert not any(isinstance(one, Guide) for one in decisions)
        assert reasons(decisions) == ["unknown"]


class TestChallenge:
    def test_whoever_turns_as_asked_is_recorded_with_the_first_time(self) -> None:
        decisions = list(play([Shown()] * 10 + LEFT_THEN_RIGHT + [Shown()] * 6, policy("challenge")))
        (record,) = records(decisions)
        assert (record.person_id, record.captured_at, record.life) == (LI, MORNING, "challenge")
        assert Guide("turn_left") in decisions
        assert Guide("turn_right") in decisions
        assert reasons(decisions) == []

    def test_moving_as_the_living_do_is_not_enough_where_a_challenge_is_asked_of_everybody(self) -> None:
        assert records(list(play([Shown("live")] * 60, policy("challenge")))) == []

    def test_the_order_is_the_one_that_was_drawn(self) -> None:
        right_first = LifeState(asked=("right", "left"))
        frames = [Shown()] * 10 + LEFT_THEN_RIGHT + [Shown()] * 6
        assert reasons(list(play(frames, policy("challenge"), right_first))) == ["not_alive"]
        frames = [Shown()] * 10 + turned(-0.2, 0.0, 0.2, 0.0) + [Shown()] * 6
        assert len(records(list(play(frames, policy("challenge"), right_first)))) == 1

    def test_a_flat_picture_swung_as_asked_turns_nothing(self) -> None:
        swung = turned(0.2, 0.0, -0.2, 0.0, parallax=0.005)
        decisions = list(play([Shown()] * 10 + swung + [Shown()] * 300, policy("challenge")))
        assert (records(decisions), reasons(decisions)) == ([], ["not_alive"])

    def test_whoever_does_nothing_is_asked_for_the_pin_in_the_end(self) -> None:
        decisions = list(play([Shown()] * 300, policy("challenge")))
        assert (records(decisions), reasons(decisions)) == ([], ["not_alive"])

    def test_somebody_else_who_steps_in_ends_it(self) -> None:
        frames = [Shown()] * 10 + turned(0.2) + [Shown(person=CHEN)] + turned(0.0, -0.2, 0.0) + [Shown()] * 20
        decisions = list(play(frames, policy("challenge")))
        assert (records(decisions), reasons(decisions)) == ([], ["unsteady"])

    def test_after_it_the_face_must_be_recognised_anew(self) -> None:
        passed = [Shown()] * 10 + LEFT_THEN_RIGHT[:-6] + [replace(one, distance=0.9) for one in LEFT_THEN_RIGHT[-6:]]
        stranger_then = [Shown(distance=0.9)] * 60
        assert records(list(play(passed + stranger_then, policy("challenge")))) == []

    def test_whoever_passed_it_cannot_lend_the_proof_to_a_picture_of_somebody_else(self) -> None:
        passed = [Shown()] * 10 + LEFT_THEN_RIGHT[:-6] + [replace(one, distance=0.9) for one in LEFT_THEN_RIGHT[-6:]]
        decisions = list(play(passed + [Shown(person=CHEN)] * 60, policy("challenge")))
        assert (records(decisions), reasons(decisions)) == ([], ["unsteady"])

    def test_what_moves_as_a_picture_meanwhile_ends_it(self) -> None:
        frames = [Shown()] * 10 + turned(0.2) + [Shown("flat")]
        assert reasons(list(play(frames, policy("challenge")))) == ["not_alive"]


@given(
    st.sampled_from(["passive", "challenge"]),
    st.lists(
        st.builds(
            Shown,
            passive=st.sampled_from(["undecided", "flat", "failed"]),
            turn=st.floats(-0.05, 0.05),
            parallax=st.floats(0, 1),
        ),
        max_size=60,
    ),
)
def test_without_a_sign_of_life_nobody_is_ever_recorded(mode: Mode, frames: list[Shown]) -> None:
    assert records(list(play(frames, policy(mode)))) == []
