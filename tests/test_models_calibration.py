"""The operating point of a gallery: which threshold, how it was found, and how sure it is."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import CourtclockError
from models.faces.calibration import OWN_FLOOR_SHARE
from models.faces.comparing_all import EnrolledTemplate, Probe
from models.faces.values import Encoding, ModelId
from tests.calibration_cast import (
    ASSUMED,
    CAREFUL,
    MODEL,
    Assumed,
    at,
    calibrated,
    far_apart,
    on_a_line,
    person,
    scattered,
)
from tests.test_models_imports import in_a_fresh_process

FLOOR = CAREFUL.accept_distance * OWN_FLOOR_SHARE


# How the threshold is found


def test_too_few_people_keep_the_careful_figures_and_claim_nothing() -> None:
    found = calibrated(scattered(ASSUMED.min_people - 1))
    assert found.found == "default"
    assert found.accept_distance == CAREFUL.accept_distance
    assert found.one_to_one_distance == CAREFUL.one_to_one_distance
    assert found.covered_accept_distance == CAREFUL.covered_accept_distance
    assert found.extrapolated_fpir is None
    assert found.proposed_duplicate_distance is None
    assert found.wrong_events.estimate is None


def test_an_empty_gallery_is_no_fault() -> None:
    found = calibrated([])
    assert (found.people, found.found, found.fpir.trials) == (0, "default", 0)
    assert (found.fpir.lower, found.fpir.upper) == (0, 1)


def test_a_rate_that_so_few_people_cannot_show_is_extrapolated() -> None:
    found = calibrated(scattered(60), wanted=0.001)
    assert found.found == "extrapolated"
    assert FLOOR <= found.accept_distance <= CAREFUL.accept_distance
    assert found.extrapolated_fpir is not None
    assert found.extrapolated_fpir <= 0.001 or found.accept_distance == pytest.approx(FLOOR)


def test_people_who_resemble_nobody_keep_the_careful_threshold_while_they_are_too_few_for_a_looser_one() -> None:
    found = calibrated(on_a_line(far_apart(60)), wanted=0.001)
    assert found.found == "extrapolated"
    assert found.accept_distance == CAREFUL.accept_distance


def test_only_enough_people_make_the_threshold_looser_than_the_careful_one_and_never_looser_than_one_person() -> None:
    # None of 100 people accepted shows a rate of at most 3.6 %, with 95 % confidence.
    found = calibrated(on_a_line(far_apart(100)), wanted=0.037)
    assert found.found == "measured"
    assert found.accept_distance == CAREFUL.same_person_distance
    assert found.fpir.upper <= 0.037
    assert calibrated(on_a_line(far_apart(100)), wanted=0.036).found == "extrapolated"


def test_a_measured_threshold_accepts_no_more_than_its_bound_allows() -> None:
    # 100 pairs of people 0.3, 0.301, … apart; each of the two would be taken for the other.
    pairs = {n: [n * 10.0] for n in range(100)} | {n + 100: [n * 10.0 + 0.4 + n * 0.001] for n in range(100)}
    found = calibrated(on_a_line(pairs), wanted=0.05)
    assert found.found == "measured"
    assert found.fpir.count > 0
    assert found.fpir.upper <= 0.05
    one_step_looser = calibrated(on_a_line(pairs), wanted=0.05).accept_distance + 0.001
    accepted = sum(2 for n in range(100) if 0.4 + n * 0.001 <= one_step_looser)
    assert accepted > found.fpir.count


def test_what_the_data_contradict_is_not_believed_whatever_the_fit_says() -> None:
    # A tenth of the people have somebody 0.45 away; the rest have nobody near.
    near = {n: [n * 10.0] for n in range(5)} | {n + 5: [n * 10.0 + 0.45] for n in range(5)}
    found = calibrated(on_a_line(near | far_apart(90)), wanted=0.001)
    assert found.accept_distance < 0.45
    assert found.fpir.count == 0


@settings(max_examples=40, deadline=None)
@given(
    people=st.integers(20, 120),
    seed=st.integers(0, 10_000),
    reach=st.floats(0.05, 0.6),
    rates=st.tuples(st.floats(1e-6, 0.49), st.floats(1e-6, 0.49)),
)
def test_a_smaller_wanted_rate_never_loosens_the_threshold(
    people: int, seed: int, reach: float, rates: tuple[float, float]
) -> None:
    templates = scattered(people, seed=seed, reach=reach)
    tight, loose = (calibrated(templates, wanted=wanted).accept_distance for wanted in sorted(rates))
    assert tight <= loose


@settings(max_examples=30, deadline=None)
@given(people=st.integers(2, 80), photos=st.integers(1, 3), seed=st.integers(0, 10_000), shuffled=st.randoms())
def test_the_order_of_templates_changes_nothing(people: int, photos: int, seed: int, shuffled: random.Random) -> None:
    templates = scattered(people, photos, seed)
    before = calibrated(templates)
    shuffled.shuffle(templates)
    assert calibrated(templates) == before


@settings(max_examples=30, deadline=None)
@given(people=st.integers(2, 60), seed=st.integers(0, 10_000), reach=st.floats(0.05, 0.6))
def test_counts_lie_within_their_bounds_and_the_point_within_its_limits(people: int, seed: int, reach: float) -> None:
    found = calibrated(scattered(people, photos=2, seed=seed, reach=reach), wanted=0.01)
    for rate in (found.fpir, found.gallery_fnir, found.one_to_one_fmr):
        assert rate.estimate is None or rate.lower <= rate.estimate <= rate.upper
    if found.found != "measured":
        assert found.accept_distance <= CAREFUL.accept_distance
    assert found.covered_accept_distance <= found.accept_distance
    assert found.one_to_one_distance <= CAREFUL.same_person_distance


# Who counts as a stranger


def test_people_are_counted_and_not_their_photographs() -> None:
    # Person 1 has three photographs, and each of them lies near person 2.
    places = {1: [0.0, 0.01, 0.02], 2: [0.45]}
    found = calibrated(on_a_line(places | far_apart(10)))
    assert (found.fpir.count, found.fpir.trials) == (2, 12)
    assert found.searches == 14


def test_one_accepted_photograph_makes_a_person_accepted() -> None:
    places = {1: [-5.0, 0.0], 2: [0.45]}
    assert calibrated(on_a_line(places | far_apart(10))).fpir.count == 2


def test_a_stranger_among_the_probes_counts_once_however_many_pictures_there_are() -> None:
    probes = [Probe(at(1000.1), None, "visitor"), Probe(at(1000.2), None, "visitor"), Probe(at(-50), None, "other")]
    found = calibrated(on_a_line(far_apart(10)), probes=probes)
    assert (found.fpir.count, found.fpir.trials) == (1, 12)


def test_a_probe_of_somebody_in_the_gallery_is_searched_against_everybody_else() -> None:
    # Seen at the door, the first of them looks like the second.
    found = calibrated(on_a_line(far_apart(10)), probes=[Probe(at(1010.1), person(100))])
    assert (found.fpir.count, found.fpir.trials) == (1, 10)


def test_a_probe_of_somebody_who_is_not_in_the_gallery_is_left_out() -> None:
    found = calibrated(on_a_line(far_apart(10)), probes=[Probe(at(1000.0), person(999))])
    assert (found.mated_probes, found.searches, found.fpir.count) == (0, 10, 0)


def test_a_probe_that_looks_like_somebody_else_counts_however_near_it_comes() -> None:
    found = calibrated(on_a_line(far_apart(10)), probes=[Probe(at(1010.0), person(100))])
    assert found.set_aside == 0
    assert found.fpir.count == 1


def test_templates_of_another_model_are_refused() -> None:
    foreign = EnrolledTemplate(person(1), "1", Encoding(ModelId("another"), np.zeros(1, dtype=np.float32)))
    with pytest.raises(CourtclockError) as told:
        calibrated([*on_a_line(far_apart(3)), foreign])
    assert told.value.code == "gallery.model_mismatch"


def test_whoever_has_nobody_else_to_be_compared_with_is_no_stranger() -> None:
    assert calibrated(on_a_line({1: [0.0, 0.1]})).fpir.trials == 0
    assert calibrated(on_a_line({1: [0.0], 2: [0.01]})).fpir.trials == 0
    assert calibrated([], probes=[Probe(at(0.0), None, "visitor")]).fpir.trials == 0


def test_comparisons_with_one_other_person_are_all_counted_but_those_set_aside() -> None:
    # Five searches: the two twins' three photographs are compared with two others each, and these with three others.
    found = calibrated(on_a_line({1: [0.0], 2: [0.01, 0.5], 3: [20.0], 4: [40.0]}))
    assert found.one_to_one_fmr.trials == 3 * 2 + 2 * 3


# Rates of its own people


@pytest.mark.parametrize(
    ("places", "missed", "trials"),
    [
        pytest.param({1: [0.0, 0.2]}, 0, 2, id="two photographs that agree"),
        pytest.param({1: [0.0, 0.7]}, 2, 2, id="two that are too far apart"),
        pytest.param({1: [0.0, 0.2, 0.65]}, 0, 3, id="each has one near enough"),
        pytest.param({1: [0.0, 0.2, 2.0]}, 1, 3, id="one is far from both"),
        pytest.param({1: [0.0]}, 0, 0, id="one photograph has nothing to be compared with"),
        pytest.param({1: [0.0, 0.4], 2: [0.85]}, 2, 2, id="an own threshold, tightened to 0.37, is too tight for them"),
        pytest.param({1: [0.0, 0.1], 2: [0.15, 0.2]}, 4, 4, id="two who are asked for the PIN"),
    ],
)
def test_photographs_without_themselves_that_would_not_be_recognised(
    places: dict[int, list[float]], missed: int, trials: int
) -> None:
    found = calibrated(on_a_line(places | far_apart(5)))
    assert (found.gallery_fnir.count, found.gallery_fnir.trials) == (missed, trials)


def test_templates_of_one_photograph_prove_nothing_about_each_other_and_the_worst_of_them_counts() -> None:
    views = [
        EnrolledTemplate(person(1), "first", at(0.0)),
        EnrolledTemplate(person(1), "first", at(0.3)),
        EnrolledTemplate(person(1), "second", at(-0.4)),
    ]
    found = calibrated([*views, *on_a_line(far_apart(5))])
    # The first photograph's second view is 0.7 from the second photograph; that one is 0.4 from the first view.
    assert (found.gallery_fnir.count, found.gallery_fnir.trials) == (1, 2)


def test_probes_say_how_many_are_not_recognised_and_are_believed_before_the_gallery() -> None:
    templates = on_a_line({1: [0.0, 0.1]} | far_apart(5))
    found = calibrated(templates, probes=[Probe(at(0.2), person(1)), Probe(at(3.0), person(1))])
    assert (found.probe_fnir.count, found.probe_fnir.trials) == (1, 2)
    assert found.fnir == found.probe_fnir
    assert calibrated(templates).fnir == calibrated(templates).gallery_fnir


def test_a_probe_within_the_margin_of_somebody_else_is_not_recognised() -> None:
    found = calibrated(on_a_line({1: [0.0], 2: [0.6]} | far_apart(5)), probes=[Probe(at(0.28), person(1))])
    assert (found.probe_fnir.count, found.probe_fnir.trials) == (1, 1)


def test_after_a_pin_at_most_one_of_a_thousand_other_people_passes() -> None:
    found = calibrated(scattered(200, reach=0.2))
    assert found.one_to_one_fmr.trials == 200 * 199
    assert found.one_to_one_fmr.count <= 39
    assert found.one_to_one_distance < CAREFUL.same_person_distance


# Expected wrong clock events


def test_the_expected_wrong_clock_events_are_the_product_of_what_is_shown() -> None:
    near = {1: [0.0], 2: [0.45], 3: [50.0], 4: [50.45], 5: [100.0, 100.2, 101.5], 6: [101.95]}
    found = calibrated(on_a_line(near | far_apart(18)), assumed=Assumed(min_people=1000))
    fpir, fnir, events = found.fpir, found.gallery_fnir, found.wrong_events
    assert fpir.estimate == pytest.approx(6 / 24)
    assert fnir.estimate == pytest.approx(1 / 3)
    assert events.stranger_encounters == 2500
    assert events.staff_encounters == 24 * 4 * 250
    assert events.strangers.estimate == pytest.approx(2500 * 6 / 24)
    assert events.staff.estimate == pytest.approx(24_000 * 1 / 3 * 6 / 24)
    assert events.strangers.upper == pytest.approx(2500 * fpir.upper)
    assert events.staff.upper == pytest.approx(24_000 * fnir.upper * fpir.upper)
    assert events.upper == events.strangers.upper + events.staff.upper


def test_without_second_photographs_the_bound_reckons_as_if_nobody_were_recognised() -> None:
    events = calibrated(on_a_line(far_apart(30))).wrong_events
    assert events.staff.estimate is None
    assert events.estimate is None
    assert events.staff.upper == pytest.approx(30 * 1000 * calibrated(on_a_line(far_apart(30))).fpir.upper)


@settings(max_examples=30, deadline=None)
@given(people=st.integers(20, 80), seed=st.integers(0, 10_000), reach=st.floats(0.05, 0.6), wanted=st.floats(1e-4, 0.4))
def test_an_expectation_is_never_more_than_its_bound(people: int, seed: int, reach: float, wanted: float) -> None:
    events = calibrated(scattered(people, photos=2, seed=seed, reach=reach), wanted=wanted).wrong_events
    for part in (events.strangers, events.staff):
        assert part.estimate is not None
        assert part.estimate <= part.upper


# Progress, and what is loaded


def test_progress_ends_with_everything_done() -> None:
    from models.faces.calibration import calibrate

    told: list[tuple[int, int]] = []
    templates = on_a_line(far_apart(450))
    calibrate(MODEL, "euclidean", templates, CAREFUL, ASSUMED, progress=lambda done, total: told.append((done, total)))
    assert told == [(200, 450), (400, 450), (450, 450)]


def test_a_kiosk_and_an_idle_server_load_no_scipy() -> None:
    told = in_a_fresh_process(
        "import sys, kiosk.cli, kiosk.running, kiosk.roster, server.cli, server.app, server.jobs.running\n"
        "print('scipy' in sys.modules)\n"
    )
    assert told == ["False"]
