"""People who look alike: listed, tightened, or asked for the PIN; and what twins do not do to everybody else."""

from __future__ import annotations

import pytest

from models.faces import calibration
from tests.calibration_cast import CAREFUL, calibrated, far_apart, on_a_line, person


@pytest.mark.parametrize(
    ("distance", "own", "asks_pin"),
    [
        pytest.param(0.6, None, False, id="further than threshold and margin together"),
        pytest.param(0.57, 0.49, False, id="a little within them"),
        pytest.param(0.45, 0.37, False, id="nearer: tightened more"),
        pytest.param(0.39, 0.31, False, id="just above the floor"),
        pytest.param(0.37, 0.3, True, id="below the floor there is nothing left to recognise by"),
        pytest.param(0.0, 0.3, True, id="the same face twice"),
    ],
)
def test_both_of_a_pair_are_tightened_to_a_margin_before_the_other(
    distance: float, own: float | None, asks_pin: bool
) -> None:
    found = calibrated(on_a_line({1: [0.0], 2: [distance]} | far_apart(5)))
    if own is None:
        assert found.own_thresholds == ()
        return
    assert [one.person_id for one in found.own_thresholds] == [person(1), person(2)]
    assert [one.nearest_person_id for one in found.own_thresholds] == [person(2), person(1)]
    for one in found.own_thresholds:
        assert one.nearest_distance == pytest.approx(distance)
        assert one.accept_distance == pytest.approx(own, abs=2e-4)
        assert one.ask_pin is asks_pin


def test_an_own_threshold_follows_the_nearest_of_several() -> None:
    found = calibrated(on_a_line({1: [0.0], 2: [0.5], 3: [-0.45]} | far_apart(5)))
    own = {one.person_id: one for one in found.own_thresholds}
    assert own[person(1)].nearest_person_id == person(3)
    assert own[person(2)].nearest_person_id == person(1)


def test_look_alikes_are_listed_once_a_pair_the_nearest_first() -> None:
    found = calibrated(on_a_line({1: [0.0, 9.0], 2: [0.5], 3: [20.0], 4: [20.4], 5: [9.55]} | far_apart(5)))
    assert [(one.person_id, one.other_person_id) for one in found.look_alikes] == [
        (person(3), person(4)),
        (person(1), person(2)),
        (person(1), person(5)),
    ]
    assert [round(one.distance, 3) for one in found.look_alikes] == [0.4, 0.5, 0.55]
    assert found.look_alike_count == 3


def test_a_list_of_pairs_has_an_end_and_says_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "MOST_PAIRS", 2)
    found = calibrated(on_a_line({number: [number * 0.5] for number in range(6)} | far_apart(5)))
    assert len(found.look_alikes) == 2
    assert found.look_alike_count == 5


def test_everybody_who_is_accepted_as_somebody_else_has_an_own_threshold_that_would_have_refused() -> None:
    found = calibrated(on_a_line({1: [0.0], 2: [0.45], 3: [30.0], 4: [30.5]} | far_apart(5)))
    own = {one.person_id: one.accept_distance for one in found.own_thresholds}
    for pair in found.look_alikes:
        for one in (pair.person_id, pair.other_person_id):
            assert own.get(one, found.accept_distance) < pair.distance


def test_twins_are_asked_for_the_pin_and_tighten_the_threshold_of_nobody_else() -> None:
    without = calibrated(on_a_line(far_apart(60)))
    with_twins = calibrated(on_a_line(far_apart(60) | {1: [990.0], 2: [990.01]}))
    assert with_twins.set_aside == 1
    assert with_twins.accept_distance == without.accept_distance == CAREFUL.accept_distance
    assert with_twins.fpir.count == 0
    assert {one.person_id for one in with_twins.own_thresholds if one.ask_pin} == {person(1), person(2)}


def test_twins_still_count_as_strangers_to_everybody_else() -> None:
    found = calibrated(on_a_line({1: [0.0], 2: [0.01], 3: [0.45]} | far_apart(5)))
    assert found.set_aside == 1
    # The first comes within 0.45 of the third, the second within 0.44, the third within 0.44 of the second.
    assert found.fpir.count == 3


def test_twins_are_set_aside_with_all_their_photographs() -> None:
    # One photograph of the second is far enough from the first to count by itself.
    found = calibrated(on_a_line({1: [0.0], 2: [0.01, 0.45]} | far_apart(5)))
    assert found.set_aside == 1
    assert found.fpir.count == 0
