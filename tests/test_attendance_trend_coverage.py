"""How often the intervals of a trend hold the truth, in simulated courts whose truth is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from server.attendance.trend import PersonWeek, trend
from tests.trend_cast import MONDAY, WEEK, person

Counts = NDArray[np.integer[Any]] | NDArray[np.bool_]


@dataclass(frozen=True)
class Covered:
    """Shares of simulated courts whose interval holds the true change."""

    difference: float
    relative: float
    naive: float
    people_only: float


@cache
def covered(week_spread: float, courts: int = 2000, weeks: int = 8, resemblance: float = 0.0) -> Covered:
    """Staff of whom each has a rate of their own (beta-binomial), which the kiosk more than halves.

    Three in ten have come to another rate by then. Each week multiplies everybody's rate by a log-normal factor with
    mean 1 and this standard deviation of its log; neighbouring weeks resemble each other so much.
    """
    chance = np.random.default_rng(20260914)
    people, mean_before, mean_after = 40, 0.08, 0.03
    hits = np.zeros(4)
    counted = 0
    first = MONDAY - (weeks // 2) * WEEK
    mondays = [first + number * WEEK for number in range(weeks)]
    ids = [person(number) for number in range(people)]
    is_after = np.arange(weeks) >= weeks // 2
    for _ in range(courts):
        own = chance.beta(mean_before * 10, (1 - mean_before) * 10, people)
        later = np.where(
            chance.random(people) < 0.3, chance.beta(mean_before * 10, (1 - mean_before) * 10, people), own
        )
        rates = np.where(is_after, mean_after / mean_before * later[:, None], own[:, None])
        logs = chance.normal(0, week_spread, weeks)
        for number in range(1, weeks):
            logs[number] = resemblance * logs[number - 1] + math.sqrt(1 - resemblance**2) * logs[number]
        factor = np.exp(logs - week_spread**2 / 2)
        expected = 10 - chance.binomial(10, 0.1, (people, weeks))
        noted = chance.binomial(expected, np.minimum(1, rates * factor))
        values = [
            PersonWeek(who, None, monday, of, so_many)
            for who, row, row_noted in zip(ids, expected.tolist(), noted.tolist(), strict=True)
            for monday, of, so_many in zip(mondays, row, row_noted, strict=True)
        ]
        change = trend(values, MONDAY, "late").court.change
        assert change is not None
        if change.difference_interval is None or change.relative_interval is None:
            continue
        counted += 1
        true_change = mean_after - mean_before
        hits += [
            change.difference_interval.holds(true_change),
            change.relative_interval.holds(true_change / mean_before),
            abs(change.difference - true_change) <= _naive_half_width(noted, expected, is_after),
            abs(change.difference - true_change) <= _half_width_of_people(noted, expected, is_after),
        ]
    assert counted > 0.99 * courts
    return Covered(*(hits / counted))


def _naive_half_width(noted: Counts, expected: Counts, is_after: Counts) -> float:
    """As if each clock point were tossed anew."""
    variance = 0.0
    for side in (is_after, ~is_after):
        rate = noted[:, side].sum() / expected[:, side].sum()
        variance += rate * (1 - rate) / expected[:, side].sum()
    return float(1.96 * math.sqrt(variance))


def _half_width_of_people(noted: Counts, expected: Counts, is_after: Counts) -> float:
    """As if weeks were all alike."""
    terms = np.zeros(len(noted))
    for side, sign in ((is_after, 1), (~is_after, -1)):
        total = expected[:, side].sum()
        rate = noted[:, side].sum() / total
        terms += sign * (noted[:, side] - rate * expected[:, side]).sum(axis=1) / total
    count = len(terms)
    return float(stats.t.ppf(0.975, count - 1) * math.sqrt(count / (count - 1) * (terms**2).sum()))


def test_of_people_who_are_late_again_and_again_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    found = covered(0.0)
    assert 0.93 <= found.difference <= 0.975
    assert 0.93 <= found.relative <= 0.98


def test_an_interval_that_takes_each_clock_point_for_a_new_throw_holds_it_too_seldom() -> None:
    assert covered(0.0).naive < 0.88


def test_in_weeks_that_are_bad_for_everybody_the_interval_still_holds_the_truth() -> None:
    found = covered(0.3)
    assert 0.925 <= found.difference <= 0.98
    assert 0.93 <= found.relative <= 0.98


def test_in_weeks_that_resemble_their_neighbours_it_holds_the_truth_nearly_as_often() -> None:
    found = covered(0.4, courts=600, weeks=24, resemblance=0.5)
    assert 0.91 <= found.difference <= 0.985
    assert 0.91 <= found.relative <= 0.985


def test_an_interval_that_knows_people_but_no_bad_weeks_holds_it_too_seldom() -> None:
    assert covered(0.3).people_only < 0.88
