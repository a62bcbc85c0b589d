"""Clopper-Pearson bounds and the fitted lower tail."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.faces.intervals import clopper_pearson, rate_of
from models.faces.operating_points import Rate
from models.faces.tails import LowerTail

COUNTS = st.integers(1, 3000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))


@pytest.mark.parametrize(
    ("count", "trials", "lower", "upper"),
    [
        # Tables of exact binomial bounds, 95 %, two-sided.
        (0, 10, 0.0, 0.3085),
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (10, 10, 0.6915, 1.0),
        (0, 100, 0.0, 0.0362),
        (5, 100, 0.0164, 0.1128),
        (0, 0, 0.0, 1.0),
    ],
)
def test_the_bounds_are_those_of_the_tables(count: int, trials: int, lower: float, upper: float) -> None:
    assert clopper_pearson(count, trials) == pytest.approx((lower, upper), abs=5e-5)


@given(COUNTS)
def test_the_bounds_hold_the_share_between_them_and_are_the_mirror_of_the_rest(counted: tuple[int, int]) -> None:
    count, trials = counted
    lower, upper = clopper_pearson(count, trials)
    assert 0 <= lower <= count / trials <= upper <= 1
    mirrored_lower, mirrored_upper = clopper_pearson(trials - count, trials)
    assert lower == pytest.approx(1 - mirrored_upper, abs=1e-9)
    assert upper == pytest.approx(1 - mirrored_lower, abs=1e-9)


@given(COUNTS)
def test_bounds_rise_with_the_count_and_widen_with_confidence(counted: tuple[int, int]) -> None:
    count, trials = counted
    lower, upper = clopper_pearson(count, trials)
    wider_lower, wider_upper = clopper_pearson(count, trials, 0.99)
    assert wider_lower <= lower
    assert wider_upper >= upper
    if count < trials:
        next_lower, next_upper = clopper_pearson(count + 1, trials)
        assert next_lower > lower
        assert next_upper >= upper


@pytest.mark.parametrize(("count", "trials"), [(-1, 3), (4, 3)])
def test_more_than_all_is_no_share(count: int, trials: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        clopper_pearson(count, trials)
    with pytest.raises(ValueError, match="no share"):
        Rate(count, trials, 0.0, 1.0)


def test_a_rate_whose_bounds_do_not_hold_it_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="bounds"):
        Rate(5, 10, 0.6, 0.8)
    assert rate_of(0, 0).estimate is None


# The tail


def gumbel_minima(people: int, seed: int = 3) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return 0.6 - np.random.default_rng(seed).gumbel(0.0, 0.03, people)


def each_once(people: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(people, dtype=np.int64)


def test_the_tail_of_a_known_distribution_is_found_and_rather_too_careful() -> None:
    tail = LowerTail.fit(gumbel_minima(5000), each_once(5000))
    for share in (0.01, 0.001, 0.0001):
        true_distance = 0.6 + 0.03 * math.log(-math.log1p(-share))
        assert true_distance - 0.03 <= tail.distance_at(share) <= true_distance + 0.003


@given(st.integers(4, 300), st.integers(0, 1000), st.tuples(st.floats(1e-9, 0.9), st.floats(1e-9, 0.9)))
def test_a_larger_share_never_comes_from_a_smaller_distance(
    people: int, seed: int, shares: tuple[float, float]
) -> None:
    tail = LowerTail.fit(gumbel_minima(people, seed), each_once(people))
    small, large = sorted(shares)
    assert tail.distance_at(small) <= tail.distance_at(large)
    assert tail.fpir_at(0.3) <= tail.fpir_at(0.4) <= tail.fpir_at(0.5)


@given(st.integers(4, 300), st.integers(0, 1000), st.floats(1e-6, 0.2))
def test_share_and_distance_belong_to_each_other(people: int, seed: int, share: float) -> None:
    tail = LowerTail.fit(gumbel_minima(people, seed), each_once(people))
    assert tail.fpir_at(tail.distance_at(share)) == pytest.approx(share, rel=1e-6)


def test_every_person_weighs_the_same_however_many_searches_there_were() -> None:
    distances = gumbel_minima(50)
    once = LowerTail.fit(distances, each_once(50))
    people = np.concatenate([each_once(50), np.full(40, 7, dtype=np.int64)])
    often = LowerTail.fit(np.concatenate([distances, np.full(40, distances[7])]), people)
    assert often.distance_at(0.001) == pytest.approx(once.distance_at(0.001), abs=1e-3)


def test_three_people_have_no_tail() -> None:
    with pytest.raises(ValueError, match="four"):
        LowerTail.fit(gumbel_minima(3), each_once(3))


def test_people_who_are_all_equally_far_have_a_tail_at_that_distance() -> None:
    tail = LowerTail.fit(np.full(30, 0.7), each_once(30))
    assert tail.distance_at(0.001) == pytest.approx(0.7, abs=1e-3)
