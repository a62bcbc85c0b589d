"""What became of late arrivals since the kiosk came: rates, changes, and the formulas of their intervals."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from statistics import NormalDist

import numpy as np
import pytest
from scipy import special, stats

from server.attendance.trend import GroupTrend, PersonWeek, side_of, trend
from server.attendance.trend_intervals import (
    Influence,
    Uncertainty,
    interval_of_rate,
    largest_rate_of_few,
    largest_rate_unseen,
    slope_of,
    t_quantile,
    uncertainty_of,
)
from tests.trend_cast import MONDAY, WEEK, a_court, person, rows

# ---- what is counted


def test_a_week_that_begins_elsewhere_than_on_monday_is_refused() -> None:
    with pytest.raises(ValueError, match="no Monday"):
        PersonWeek(person(1), None, date(2026, 9, 15), 5, 0)


@pytest.mark.parametrize(("expected", "noted"), [(5, 6), (5, -1), (0, 1)])
def test_more_noted_than_expected_is_refused(expected: int, noted: int) -> None:
    with pytest.raises(ValueError, match="cannot be noted"):
        PersonWeek(person(1), None, MONDAY, expected, noted)


def test_the_week_in_which_the_kiosk_came_counts_to_neither_side() -> None:
    for weekday in range(1, 7):
        assert side_of(MONDAY, MONDAY + timedelta(days=weekday)) is None


def test_a_kiosk_that_came_on_a_monday_has_that_week_on_its_side() -> None:
    assert side_of(MONDAY, MONDAY) == "after"
    assert side_of(MONDAY - WEEK, MONDAY) == "before"


def test_weeks_around_a_kiosk_that_came_in_midweek_count_to_their_sides() -> None:
    wednesday = MONDAY + timedelta(days=2)
    assert [side_of(MONDAY + number * WEEK, wednesday) for number in (-1, 0, 1)] == ["before", None, "after"]


def test_a_rate_is_all_noted_by_all_expected() -> None:
    found = trend(rows({1: [(1, 5)], 2: [(3, 4)]}, {1: [(0, 5)], 2: [(1, 1)]}), MONDAY, "late").court
    assert found.before.rate == pytest.approx(4 / 9)
    assert found.after.rate == pytest.approx(1 / 6)
    assert [week.rate for week in found.weeks] == pytest.approx([4 / 9, 1 / 6])


def test_the_change_is_in_points_and_in_relation_to_before() -> None:
    change = trend(rows({1: [(2, 5)]}, {1: [(1, 5)]}), MONDAY, "late").court.change
    assert change is not None
    assert (change.difference, change.relative) == pytest.approx((-0.2, -0.5))


def test_a_week_with_nothing_expected_has_no_rate_and_is_no_gap() -> None:
    found = trend(rows({1: [(2, 5), (0, 0), (1, 5)]}, {1: [(0, 5)]}), MONDAY, "late").court
    assert [week.week for week in found.weeks] == [MONDAY + number * WEEK for number in (-3, -2, -1, 0)]
    assert [week.rate for week in found.weeks] == [0.4, None, 0.2, 0.0]
    assert found.before.weeks == 2


def test_of_whom_nothing_was_expected_is_not_counted_among_the_people() -> None:
    found = trend(rows({1: [(2, 5)], 2: [(0, 0)]}, {1: [(0, 5)], 3: [(0, 5)]}), MONDAY, "late").court
    assert (found.people, found.people_on_both, found.before.people, found.after.people) == (2, 1, 1, 2)


def test_values_of_the_same_person_and_week_are_added() -> None:
    late, early = rows({1: [(1, 5)]}, {1: [(0, 5)]}), rows({1: [(2, 5)]}, {1: [(1, 5)]})
    found = trend([*late, *early], MONDAY, "both").court
    assert (found.before.noted, found.before.expected, found.before.people) == (3, 10, 1)


def test_divisions_are_told_by_name_and_nobody_without_one_is_lost() -> None:
    values = [
        *rows({1: [(1, 5)]}, {1: [(0, 5)]}, "Civil"),
        *rows({2: [(2, 5)]}, {2: [(0, 5)]}, "Appeals"),
        *rows({3: [(3, 5)]}, {3: [(0, 5)]}),
    ]
    found = trend(values, MONDAY, "late")
    assert [(group.division, group.before.noted) for group in found.divisions] == [("Appeals", 2), ("Civil", 1)]
    assert found.court.before.noted == 6


def test_who_moved_counts_to_each_division_in_its_weeks_and_once_to_the_court() -> None:
    values = [*rows({1: [(1, 5)]}, {}, "Civil"), *rows({}, {1: [(0, 5)]}, "Appeals")]
    found = trend(values, MONDAY, "late")
    assert found.court.people == found.court.people_on_both == 1
    assert [group.people_on_both for group in found.divisions] == [0, 0]


def test_divisions_have_the_weeks_of_the_court() -> None:
    values = [*rows({1: [(1, 5), (1, 5)]}, {1: [(0, 5)]}, "Civil"), *rows({}, {2: [(0, 5)]}, "New")]
    found = trend(values, MONDAY, "late")
    assert [week.week for week in found.divisions[1].weeks] == [week.week for week in found.court.weeks]


def test_nothing_at_all_is_a_trend_without_a_change() -> None:
    found = trend([], MONDAY, "late")
    assert (found.court.change, found.court.weeks, found.divisions) == (None, (), ())
    assert found.court.why_no_interval == "nothing_before"


def test_the_order_of_the_values_does_not_matter() -> None:
    values = a_court(division="Civil")
    shuffled = random.Random(2).sample(values, len(values))
    one, other = (trend(order, MONDAY, "late").court for order in (values, shuffled))
    assert one.weeks == other.weeks
    assert _limits(one) == pytest.approx(_limits(other))


# ---- when no interval is given


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (a_court(weeks_before=0), "nothing_before"),
        (a_court(weeks_after=0), "nothing_after"),
        (a_court(people=7), "few_people"),
        (a_court(weeks_before=2), "few_weeks"),
        (a_court(weeks_after=2), "few_weeks"),
    ],
)
def test_too_little_to_go_on_gives_no_interval_and_the_reason(values: list[PersonWeek], why: str) -> None:
    found = trend(values, MONDAY, "late").court
    assert found.why_no_interval == why
    assert found.change is None or found.change.difference_interval is found.change.relative_interval is None


def test_eight_people_three_weeks_and_five_of_them_noted_are_enough() -> None:
    before = {number: [(int(number < 5), 5)] * 3 for number in range(8)}
    after = {number: [(int(number < 5 and week == 1), 5) for week in range(3)] for number in range(8)}
    found = trend(rows(before, after), MONDAY, "late").court
    assert found.why_no_interval is None
    assert found.change is not None
    assert found.change.difference_interval is not None


def test_few_noted_on_one_side_give_exact_bounds_instead_of_no_interval() -> None:
    change = trend(a_court(rates=(0.3, 0.0)), MONDAY, "late").court.change
    assert change is not None
    assert (change.is_bound, change.is_clear, change.relative) == (True, True, -1)
    bound = 1 - 0.025 ** (1 / 40)  # of nobody among 40, with the confidence of one of two intervals
    assert change.difference_interval is not None
    assert change.relative_interval is not None
    assert change.difference_interval.lower < change.difference < change.difference_interval.upper < 0
    before = bound - change.difference_interval.upper  # the lower limit of the rate before
    assert change.relative_interval.upper == pytest.approx(bound / before - 1)
    assert change.relative_interval.lower == -1


def test_a_rise_from_nobody_noted_has_a_difference_and_no_ratio() -> None:
    change = trend(a_court(rates=(0.0, 0.3)), MONDAY, "late").court.change
    assert change is not None
    assert change.difference_interval is not None
    assert change.difference_interval.lower > 0
    assert change.relative_interval is None


@pytest.mark.parametrize(("people", "noted"), [(1, 0), (2, 1), (8, 0), (40, 1), (40, 4), (300, 3), (5, 5)])
def test_the_largest_rate_of_few_is_the_exact_bound(people: int, noted: int) -> None:
    expected = 1.0 if noted == people else stats.beta.ppf(0.975, noted + 1, people - noted)
    assert largest_rate_of_few(people, noted, 0.975) == pytest.approx(expected)


@pytest.mark.parametrize(("people", "noted"), [(0, 0), (5, 6), (5, -1)])
def test_more_noted_than_there_are_have_no_bound(people: int, noted: int) -> None:
    with pytest.raises(ValueError, match="cannot be noted"):
        largest_rate_of_few(people, noted, 0.975)


def test_weeks_that_resemble_their_neighbours_make_the_change_less_certain() -> None:
    # The same weekly rates in two orders: bad weeks one after the other, and bad and good weeks in turn.
    def court(order: list[int]) -> float:
        side = {number: [(late, 10) for late in order] for number in range(20)}
        change = trend(rows(side, side), MONDAY, "late").court.change
        assert change is not None
        assert change.difference_interval is not None
        return change.difference_interval.upper

    assert court([4, 4, 4, 1, 1, 1]) > 1.5 * court([4, 1, 4, 1, 4, 1])


def test_from_a_rate_of_zero_there_is_no_relative_change() -> None:
    change = trend(a_court(rates=(0.0, 0.3)), MONDAY, "late").court.change
    assert change is not None
    assert change.relative is None


def test_a_rate_of_zero_has_a_bound_counted_in_people() -> None:
    found = trend(a_court(people=30, rates=(0.3, 0.0)), MONDAY, "late").court
    assert found.after.at_most == pytest.approx(stats.beta.ppf(0.95, 1, 30))
    assert found.before.at_most is None


def test_everybody_late_always_has_no_interval_for_the_rate() -> None:
    found = trend(rows({number: [(5, 5)] * 4 for number in range(9)}, {1: [(0, 5)]}), MONDAY, "late").court
    assert found.before.rate == 1
    assert found.before.interval is None


# ---- formulas


@pytest.mark.parametrize("degrees", [2, 2.5, 3, 4.2, 7, 20, 61.3, 1000])
def test_students_t_is_that_of_the_tables(degrees: float) -> None:
    assert t_quantile(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=0.01 if degrees < 3 else 0.002)


@pytest.mark.parametrize("degrees", [2, 3.5, 20])
def test_students_t_has_the_terms_of_its_source(degrees: float) -> None:
    # Abramowitz and Stegun, 26.7.5: by power of z from the highest, every second one.
    terms = {1: ([1, 1], 4), 2: ([5, 16, 3], 96), 3: ([3, 19, 17, -15], 384), 4: ([79, 776, 1482, -1920, -945], 92160)}
    z = NormalDist().inv_cdf(0.95)
    series = z
    for power, (factors, divisor) in terms.items():
        highest = 2 * len(factors) - 1
        polynomial = sum(factor * z ** (highest - 2 * place) for place, factor in enumerate(factors))
        series += polynomial / divisor / degrees**power
    assert t_quantile(degrees, confidence=0.9) == pytest.approx(series, rel=1e-13)


def test_students_t_is_not_given_where_its_series_fails() -> None:
    with pytest.raises(ValueError, match="too few"):
        t_quantile(1.9)


@pytest.mark.parametrize("people", [1, 3, 30, 300])
def test_the_bound_of_what_was_not_seen_is_that_of_clopper_and_pearson(people: int) -> None:
    assert largest_rate_unseen(people) == pytest.approx(stats.beta.ppf(0.95, 1, people))


def test_without_people_there_is_no_bound() -> None:
    with pytest.raises(ValueError, match=r"^no people, no bound$"):
        largest_rate_unseen(0)


def test_with_one_clock_point_a_person_the_variance_is_the_textbooks() -> None:
    # Nobody is noted twice and every week is alike: what is left is the variance of a proportion.
    people, noted = 400, 40
    before = {number: [(int(number < noted), 1)] for number in range(people)}
    influences = [
        Influence(person(number), MONDAY + (number % 4) * WEEK, False, (week[0] - noted / people * week[1]) / people)
        for number, (week,) in before.items()
    ]
    share = noted / people
    assert uncertainty_of(influences).variance == pytest.approx(share * (1 - share) / (people - 1))


def test_a_person_stands_beside_themselves() -> None:
    # Everybody is exactly as late as before: however much people differ, the change is certain.
    same = {number: [(number % 3, 5)] * 3 for number in range(12)}
    change = trend(rows(same, same), MONDAY, "late").court.change
    assert change is not None
    assert change.difference_interval is not None
    assert change.difference_interval.upper == pytest.approx(0, abs=1e-12)


def test_people_who_come_and_go_make_the_change_less_certain() -> None:
    weeks = {number: [(number % 3, 5)] * 3 for number in range(12)}
    others = {number + 100: found for number, found in weeks.items()}
    change = trend(rows(weeks, others), MONDAY, "late").court.change
    assert change is not None
    assert change.difference_interval is not None
    assert change.difference_interval.upper > 0.1


def test_weeks_that_differ_for_everybody_make_the_change_less_certain() -> None:
    even = {number: [(1, 5), (1, 5), (1, 5), (1, 5)] for number in range(20)}
    uneven = {number: [(0, 5), (2, 5), (0, 5), (2, 5)] for number in range(20)}
    widths = [trend(rows(before, even), MONDAY, "late").court for before in (even, uneven)]
    calm, stormy = (limits[1] - limits[0] for limits in map(_limits, widths))
    assert calm == pytest.approx(0, abs=1e-9)
    assert stormy > 0.2


def test_few_weeks_that_differ_leave_few_degrees_of_freedom() -> None:
    influences = [
        Influence(person(number), MONDAY + week * WEEK, week > 2, (-1) ** week / 600)
        for number in range(100)
        for week in range(6)
    ]
    assert uncertainty_of(influences).degrees == pytest.approx(4, rel=0.1)


def test_the_spread_of_one_cannot_be_known() -> None:
    with pytest.raises(ValueError, match="cannot be known"):
        uncertainty_of([Influence(person(1), MONDAY, False, 0.1)])


@pytest.mark.parametrize("rate", [0.001, 0.06, 0.5, 0.97])
def test_the_interval_of_a_rate_stays_a_rate(rate: float) -> None:
    interval = interval_of_rate(rate, Uncertainty((0.5 * rate * (1 - rate)) ** 2, 3))
    assert 0 < interval.lower < rate < interval.upper < 1


@pytest.mark.parametrize("rate", [0.06, 0.5, 0.62, 0.97])
def test_the_interval_of_a_rate_is_that_of_the_log_odds(rate: float) -> None:
    interval = interval_of_rate(rate, Uncertainty((0.2 * rate * (1 - rate)) ** 2, 30))
    width = t_quantile(30) * 0.2
    for limit, log_odds in zip((interval.lower, interval.upper), (-width, width), strict=True):
        assert limit == pytest.approx(special.expit(special.logit(rate) + log_odds))


def test_a_rate_that_may_be_anything_has_an_interval_all_the_same() -> None:
    interval = interval_of_rate(0.5, Uncertainty(1e6, 30))
    assert (interval.lower, interval.upper) == pytest.approx((0, 1))


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_rate_at_its_end_has_no_log_odds(rate: float) -> None:
    with pytest.raises(ValueError, match="log odds"):
        interval_of_rate(rate, Uncertainty(0.1, 3))


def test_the_line_through_the_weeks_is_that_of_the_textbook() -> None:
    points = [(0, 31, 500), (1, 26, 450), (3, 30, 510), (4, 20, 480), (5, 12, 200)]
    slope = slope_of(points)
    assert slope is not None
    numbers, noted, expected = (np.array(values, dtype=float) for values in zip(*points, strict=True))
    design = np.column_stack([np.ones_like(numbers), numbers])
    inverse = np.linalg.inv(design.T @ (expected[:, None] * design))
    line = inverse @ design.T @ noted
    residual = (expected * (noted / expected - design @ line) ** 2).sum() / (len(points) - 2)
    half_width = stats.t.ppf(0.975, len(points) - 2) * math.sqrt(residual * inverse[1, 1])
    assert slope.per_week == pytest.approx(line[1])
    assert slope.rate_at(7) == pytest.approx(line[0] + 7 * line[1])
    assert slope.interval.upper - slope.per_week == pytest.approx(half_width, rel=2e-3)


def test_three_weeks_are_no_line() -> None:
    assert slope_of([(0, 3, 10), (1, 2, 10), (2, 1, 10)]) is None


def test_a_line_that_goes_on_falling_ends_at_zero() -> None:
    slope = slope_of([(week, 40 - 10 * week, 100) for week in range(4)])
    assert slope is not None
    assert slope.rate_at(40) == 0


def _limits(group: GroupTrend) -> tuple[float, float]:
    assert group.change is not None
    assert group.change.difference_interval is not None
    return group.change.difference_interval.lower, group.change.difference_interval.upper
