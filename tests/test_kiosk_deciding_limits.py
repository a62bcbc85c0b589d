"""Whose limit holds, frame by frame: the grey zone, people with a limit of their own, twins, a covered lower face.

Li has the limit of everybody, 0.50. Wang resembles somebody and has a limit of his own, 0.40. The Chen sisters are
twins: a face alone never decides for them. Every table is a face at ten frames a second.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest

from kiosk.deciding import AskPin, Decision, DoubtReason, Observation, Policy, Record, TrackState, decide
from models.faces.values import Match
from tests.kiosk_fakes import MODEL, MORNING

LI, WANG, CHEN, NOBODY_ELSE = (UUID(int=number) for number in (1, 2, 3, 9))
POLICY = Policy(
    votes=3,
    of_frames=5,
    accept_distance=0.50,
    grey_zone=0.06,
    covered_accept_distance=0.35,
    own_accept_distance={WANG: 0.40},
    pin_people=frozenset({CHEN}),
    margin=0.08,
    min_eye_distance_px=28,
    min_sharpness=8,
    min_motion_share=0.035,
    ask_pin_after_seconds=3,
)


@dataclass(frozen=True)
class Shown:
    distance: float
    person: UUID = LI
    covered: bool = False
    compared: bool = True


def play(frames: list[Shown], policy: Policy = POLICY) -> list[Decision]:
    state, decisions = TrackState(), []
    for number, shown in enumerate(frames):
        match = Match(MODEL, shown.person, shown.distance, NOBODY_ELSE, shown.distance + 0.3)
        seen = Observation(
            at_seconds=1000 + number * 0.1,
            captured_at=MORNING + timedelta(seconds=number * 0.1),
            eye_distance_px=40.0,
            sharpness=50.0,
            centre_xy=(100.0 + 2 * (number % 2), 80.0),
            match=match if shown.compared else None,
            compared=shown.compared,
            covered=shown.covered,
        )
        state, decision = decide(state, seen, policy)
        decisions.append(decision)
    return decisions


def recorded(decisions: list[Decision]) -> list[Record]:
    return [one for one in decisions if isinstance(one, Record)]


def doubts(decisions: list[Decision]) -> list[DoubtReason]:
    return [one.reason for one in decisions if isinstance(one, AskPin)]


@pytest.mark.parametrize(
    ("distances", "accepted"),
    [
        ([0.50, 0.50, 0.50], True),
        # A frame in the grey zone is made up for by better ones …
        ([0.56, 0.46, 0.47], True),
        # … and not by frames that are only just as good.
        ([0.56, 0.50, 0.50], False),
        ([0.51, 0.51, 0.51], False),
        # Beyond the grey zone a frame has no vote at all.
        ([0.57, 0.30, 0.30], False),
        ([0.57, 0.30, 0.30, 0.30], True),
    ],
)
def test_the_mean_of_the_votes_must_be_within_the_limit(distances: list[float], accepted: bool) -> None:
    assert bool(recorded(play([Shown(one) for one in distances]))) is accepted


def test_better_frames_that_come_later_settle_a_grey_face_with_its_first_time() -> None:
    decisions = play([Shown(0.55)] * 10 + [Shown(0.40)] * 3)

    (record,) = recorded(decisions)
    assert record.captured_at == MORNING
    assert record.accept_distance == pytest.approx(0.50)


def test_a_face_that_stays_grey_is_asked_for_the_pin_as_not_sure_enough() -> None:
    decisions = play([Shown(0.54)] * 60)

    assert (recorded(decisions), doubts(decisions)) == ([], ["not_sure"])


@pytest.mark.parametrize(("distance", "accepted"), [(0.40, True), (0.41, False), (0.45, False)])
def test_somebody_whom_another_resembles_has_a_limit_of_his_own(distance: float, accepted: bool) -> None:
    assert bool(recorded(play([Shown(distance, WANG)] * 3))) is accepted


def test_a_limit_of_ones_own_is_never_looser_than_that_of_everybody() -> None:
    generous = replace(POLICY, own_accept_distance={WANG: 0.9})

    assert recorded(play([Shown(0.52, WANG)] * 60, generous)) == []


def test_twins_are_asked_for_the_pin_however_near_they_are() -> None:
    decisions = play([Shown(0.05, CHEN)] * 60)

    assert (recorded(decisions), doubts(decisions)) == ([], ["look_alike"])


def test_after_that_question_a_twin_is_not_recorded_by_face_any_more() -> None:
    decisions = play([Shown(0.05, CHEN)] * 31 + [Shown(0.05, LI)] * 30)

    assert recorded(decisions) == []


@pytest.mark.parametrize(("distance", "accepted"), [(0.35, True), (0.37, False), (0.45, False)])
def test_a_covered_lower_face_has_a_limit_of_its_own(distance: float, accepted: bool) -> None:
    assert bool(recorded(play([Shown(distance, covered=True)] * 3))) is accepted


def test_somebody_whose_lower_face_is_covered_is_told_so() -> None:
    decisions = play([Shown(0.45, covered=True)] * 60)

    assert (recorded(decisions), doubts(decisions)) == ([], ["covered"])


def test_a_stranger_behind_a_mask_is_a_stranger() -> None:
    assert doubts(play([Shown(0.90, covered=True)] * 60)) == ["unknown"]


def test_a_mask_taken_off_settles_it() -> None:
    decisions = play([Shown(0.45, covered=True)] * 10 + [Shown(0.45)] * 3)

    (record,) = recorded(decisions)
    assert (record.person_id, record.captured_at) == (LI, MORNING)


def test_the_tighter_of_two_limits_holds_for_somebody_covered_whom_another_resembles() -> None:
    assert POLICY.limit(WANG, covered=True) == 0.35
    assert replace(POLICY, covered_accept_distance=0.45).limit(WANG, covered=True) == 0.40


def test_frames_in_which_the_face_had_to_wait_have_no_vote_but_its_time_runs() -> None:
    waiting = Shown(0.30, compared=False)

    (record,) = recorded(play([waiting, Shown(0.3), waiting, Shown(0.3), waiting, Shown(0.3)]))
    assert (record.captured_at, record.votes, record.frames) == (MORNING, 3, 3)
    assert doubts(play([waiting] * 60)) == ["unknown"]
