"""Counters, what is forgiven, and points, over many workdays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from server.attendance.counting import (
    CountedDay,
    CounterState,
    added,
    counter_states,
    division_score,
    forgiven_times,
    personal_points,
    times,
)
from server.attendance.rules import Counted, Counter, CountPeriod, Forgiven, RuleSet, Scoring
from server.attendance.verdicts import Tally
from tests.attendance_days import COURT


def day(text: str, **figures: int) -> CountedDay:
    return CountedDay(date.fromisoformat(text), Tally(**figures))


def late(text: str, minutes: int, times_late: int = 1) -> CountedDay:
    return day(text, late_times=times_late, late_minutes=minutes)


def rules(**values: Any) -> RuleSet:
    return replace(COURT.rules, **values)


def counter(*counts: Counted, per: CountPeriod = "month", limit: int = 3, warn_before: int = 1) -> Counter:
    return Counter("通报", "bulletin", counts, per, limit, warn_before)


def test_figures_of_all_days_add_up() -> None:
    first = Tally(arrivals=2, late_times=1, late_minutes=13, absent_half_days=1)
    second = Tally(arrivals=2, late_times=2, late_minutes=20, off_post_minutes=61)
    assert added([first, second]) == Tally(
        arrivals=4, late_times=3, late_minutes=33, absent_half_days=1, off_post_minutes=61
    )
    assert added([]) == Tally()


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        ("late", 1),
        ("serious_late", 2),
        ("early", 3),
        ("serious_early", 4),
        ("missing", 5),
        ("half_day", 6),
        ("off_post", 7),
    ],
)
def test_each_thing_that_can_be_counted_has_its_figure(counted: Counted, expected: int) -> None:
    tally = Tally(
        late_times=1,
        serious_late_times=2,
        early_times=3,
        serious_early_times=4,
        missing_points=5,
        absent_half_days=6,
        off_post_times=7,
    )
    assert times(tally, counted) == expected


# Forgiven: up to 15 minutes, three times a month


FORGIVEN = Forgiven(15, 3)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([late("2026-11-02", 15)], {"2026-11-02": 1}),
        ([late("2026-11-02", 16)], {}),
        # The first three of a month, in the order of days.
        (
            [late(f"2026-11-0{n}", 5) for n in (5, 4, 3, 2)],
            {"2026-11-02": 1, "2026-11-03": 1, "2026-11-04": 1},
        ),
        # Each month has its own three.
        (
            [late(f"2026-10-2{n}", 5) for n in range(4)] + [late("2026-11-02", 5)],
            {"2026-10-20": 1, "2026-10-21": 1, "2026-10-22": 1, "2026-11-02": 1},
        ),
        # A long one uses none up.
        ([late("2026-11-02", 40), late("2026-11-03", 5)], {"2026-11-03": 1}),
        # Two on one day are two, when together they are short enough.
        ([late("2026-11-02", 15, times_late=2)], {"2026-11-02": 2}),
        ([late("2026-11-02", 16, times_late=2)], {}),
        ([day("2026-11-02", late_times=1, late_minutes=5, early_times=1, early_minutes=6)], {"2026-11-02": 2}),
        # The last one of three is all that is left for a day with two.
        ([late("2026-11-02", 9, 2), late("2026-11-03", 9, 2)], {"2026-11-02": 2, "2026-11-03": 1}),
        # A missing clock that counts as late has no minutes and is not short.
        ([late("2026-11-02", 0)], {}),
        ([day("2026-11-02")], {}),
    ],
)
def test_the_first_short_ones_of_a_month_are_forgiven(days: list[CountedDay], expected: dict[str, int]) -> None:
    assert forgiven_times(days, FORGIVEN) == {date.fromisoformat(text): count for text, count in expected.items()}


def test_without_such_a_rule_nothing_is_forgiven() -> None:
    assert forgiven_times([late("2026-11-02", 1)], None) == {}


# Counters


def state(counter_: Counter, days: list[CountedDay], on: str = "2026-11-20", **more: Any) -> CounterState:
    (found,) = counter_states(rules(counters=(counter_,), **more), days, date.fromisoformat(on))
    return found


def test_a_counter_of_a_month_counts_that_month_up_to_the_day() -> None:
    days = [late("2026-10-30", 9), late("2026-11-02", 9), late("2026-11-20", 9), late("2026-11-21", 9)]
    found = state(counter("late"), days)
    assert (found.period, found.times, found.left) == ("2026-11", 2, 1)


def test_a_counter_of_a_year_counts_that_year_up_to_the_day() -> None:
    days = [late("2025-12-31", 9), late("2026-01-05", 9), late("2026-11-20", 9), late("2026-12-01", 9)]
    found = state(counter("late", per="year"), days)
    assert (found.period, found.times) == ("2026", 2)


def test_several_things_are_counted_together() -> None:
    days = [day("2026-11-02", late_times=2, late_minutes=9, early_times=1, early_minutes=9, missing_points=1)]
    assert state(counter("late", "early"), days).times == 3
    assert state(counter("late", "early", "missing"), days).times == 4


@pytest.mark.parametrize(
    ("count", "left", "warns", "reached"),
    [(0, 5, False, False), (2, 3, False, False), (3, 2, True, False), (4, 1, True, False), (5, 0, False, True)],
)
def test_with_few_left_the_person_is_told_and_at_the_limit_it_follows(
    count: int, left: int, warns: bool, reached: bool
) -> None:
    days = [late(f"2026-11-{n:02}", 9) for n in range(2, 2 + count)]
    found = state(counter("late", limit=5, warn_before=2), days)
    assert (found.left, found.warns, found.reached) == (left, warns, reached)


def test_who_has_done_nothing_is_not_warned_however_low_the_limit() -> None:
    assert not state(counter("late", limit=1, warn_before=1), []).warns


def test_beyond_the_limit_none_are_left_and_never_fewer() -> None:
    days = [late(f"2026-11-{n:02}", 9) for n in range(2, 7)]
    assert state(counter("late", limit=3), days).left == 0


@pytest.mark.parametrize(("counts", "expected"), [(("late",), 1), (("missing",), 2), (("late", "missing"), 3)])
def test_what_is_forgiven_is_not_counted_and_nothing_else_is_forgiven(
    counts: tuple[Counted, ...], expected: int
) -> None:
    days = [
        day("2026-11-02", late_times=1, late_minutes=5, missing_points=2),
        late("2026-11-03", 40),
    ]
    assert state(counter(*counts), days, forgiven=FORGIVEN).times == expected


# Points


SCORING = Scoring({"late": 0.2, "early": 0.2, "half_day": 1}, 100, ("late", "early"), 12, 2)


@pytest.mark.parametrize(
    ("days", "points"),
    [
        ([], 0),
        ([late("2026-11-02", 9)], 0.2),
        ([late(f"2026-11-{n:02}", 9) for n in range(2, 5)], 0.6),  # not 0.6000000000000001
        ([day("2026-11-02", early_times=1, early_minutes=5, absent_half_days=2)], 2.2),
        ([day("2026-11-02", missing_points=3)], 0),
    ],
)
def test_points_are_what_the_rules_take_for_each(days: list[CountedDay], points: float) -> None:
    assert personal_points(rules(scoring=SCORING), days) == points


def test_what_is_forgiven_costs_no_points() -> None:
    days = [late(f"2026-11-{n:02}", 9) for n in range(2, 7)]  # five, of which three are forgiven
    assert personal_points(rules(scoring=SCORING, forgiven=FORGIVEN), days) == 0.4


def test_what_is_forgiven_on_a_day_is_forgiven_once() -> None:
    days = [day("2026-11-02", late_times=1, late_minutes=5, early_times=1, early_minutes=5)]
    assert personal_points(rules(scoring=SCORING, forgiven=Forgiven(15, 1)), days) == 0.2


@pytest.mark.parametrize(("counted", "score"), [(0, 100), (11, 100), (12, 98), (23, 98), (24, 96), (600, 0), (700, 0)])
def test_a_division_loses_points_for_each_dozen_and_never_more_than_it_has(counted: int, score: float) -> None:
    assert division_score(rules(scoring=SCORING), counted) == score


def test_without_scoring_there_are_no_points() -> None:
    assert personal_points(rules(), []) is None
    assert division_score(rules(), 5) is None
    assert division_score(rules(scoring=replace(SCORING, division_counts=())), 5) is None
