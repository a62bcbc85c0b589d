"""Whether staff are late, or leave early, less often since the kiosk came: weekly rates, and the change with its doubt.

Nothing here proves a cause. Seasons, staff and rules change too, and what was written down before the kiosk came may
have been written down in another way.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID

from server.attendance.trend_intervals import (
    EACH_OF_TWO,
    Influence,
    Interval,
    Slope,
    interval_of_rate,
    largest_rate_of_few,
    largest_rate_unseen,
    slope_of,
    uncertainty_of,
)

TrendKind = Literal["late", "early", "both"]
WhyNoInterval = Literal["nothing_before", "nothing_after", "few_people", "few_weeks"]

# Below these, intervals made by simulated courts missed the truth clearly more often than 5 times in 100.
LEAST_PEOPLE: Final = 8
LEAST_WEEKS: Final = 3
LEAST_PEOPLE_NOTED: Final = 5

WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PersonWeek:
    """One person's clock points of one kind in one week.

    Attributes:
        person_id: whose.
        division: where they belonged in that week; None counts to the court alone. Of somebody who moved within it
            there are two.
        week: its Monday.
        expected: clock points that were expected and judged: arrivals for late ones, departures for early leaves.
            Leave, duty and what was excused are not among them.
        noted: how many of them were late, or early.

    Raises:
        ValueError: the week is no Monday, or ``noted`` is not between 0 and ``expected``.
    """

    person_id: UUID
    division: str | None
    week: date
    expected: int
    noted: int

    def __post_init__(self) -> None:
        if self.week.weekday() != 0:
            raise ValueError(f"{self.week} is no Monday")
        if not 0 <= self.noted <= self.expected:
            raise ValueError(f"{self.noted} of {self.expected} clock points cannot be noted")


@dataclass(frozen=True, slots=True)
class WeekRate:
    """One point of the curve.

    Attributes:
        week: its Monday.
        side: to which mean it counts; None for the week in which the kiosk came.
        expected, noted: clock points.
    """

    week: date
    side: Literal["before", "after"] | None
    expected: int
    noted: int

    @property
    def rate(self) -> float | None:
        """As a fraction; None in a week in which nothing was expected."""
        return self.noted / self.expected if self.expected else None


@dataclass(frozen=True, slots=True)
class Side:
    """All weeks before, or all weeks after.

    Attributes:
        weeks: with something expected.
        people: of whom something was expected.
        people_noted: who were noted at least once.
        expected, noted: clock points.
        interval: of the rate; None where people or weeks are too few.
        at_most: if none was noted, what the rate is at most with 95 % confidence; else None.
    """

    weeks: int
    people: int
    people_noted: int
    expected: int
    noted: int
    interval: Interval | None
    at_most: float | None

    @property
    def rate(self) -> float | None:
        """As a fraction; None when nothing was expected."""
        return self.noted / self.expected if self.expected else None


@dataclass(frozen=True, slots=True)
class Change:
    """The rate after less the rate before.

    Attributes:
        difference: as a fraction: -0.038 is 3.8 percentage points fewer.
        difference_interval: None where it is not known.
        relative: the difference divided by the rate before; None when that is 0.
        relative_interval: None where it is not known.
        is_bound: on a side too few different people were noted to tell how they differ, so the intervals are made of
            exact bounds, which are wider than they need be.
    """

    difference: float
    difference_interval: Interval | None
    relative: float | None
    relative_interval: Interval | None
    is_bound: bool = False

    @property
    def is_clear(self) -> bool:
        """Whether both intervals are known and neither holds 0."""
        intervals = (self.difference_interval, self.relative_interval)
        return all(interval is not None and not interval.holds(0) for interval in intervals)


@dataclass(frozen=True, slots=True)
class GroupTrend:
    """The court, or one of its divisions.

    Attributes:
        division: its name; None for the court.
        weeks: each week of the court's, without gaps, oldest first.
        before, after: the two sides.
        people: on either side.
        people_on_both: on both sides.
        change: None when a side has no rate.
        why_no_interval: None when ``change`` has its intervals.
        slope_before: how the weekly rate went before the kiosk came; None when there were fewer than 4 weeks.
        rate_if_gone_on: the mean rate after, had it gone on like that.
    """

    division: str | None
    weeks: tuple[WeekRate, ...]
    before: Side
    after: Side
    people: int
    people_on_both: int
    change: Change | None
    why_no_interval: WhyNoInterval | None
    slope_before: Slope | None
    rate_if_gone_on: float | None


@dataclass(frozen=True, slots=True)
class Trend:
    """What became of late arrivals, early leaves or both.

    Attributes:
        kind: which of them.
        came_on: the kiosk's first day.
        court: all people, of whatever division.
        divisions: those with anything expected, by name.
    """

    kind: TrendKind
    came_on: date
    court: GroupTrend
    divisions: tuple[GroupTrend, ...]


def trend(weeks: Iterable[PersonWeek], came_on: date, kind: TrendKind) -> Trend:
    """Weekly rates and the change between the weeks before and after the kiosk came.

    The week in which it came counts to neither side, unless it came on a Monday. Values of the same person, division
    and week are added, so for ``both`` those of late arrivals and early leaves are given one after the other.

    The change is a difference, and a ratio, of two ratio estimates. Its intervals are linearised and robust to people
    and weeks that differ (``trend_intervals``). They say how far chance alone may move the change if such people go
    through such weeks again; the ratio's are made of its logarithm, so that they stay above a fall of 100 %.
    """
    of_group: dict[str | None, dict[tuple[UUID, date], _Cell]] = defaultdict(dict)
    for value in weeks:
        if value.expected:
            for division in {None, value.division}:
                _add(of_group[division], value)
    calendar = _without_gaps({week for _, week in of_group[None]})
    court = _group(None, of_group.pop(None), calendar, came_on)
    names = sorted(name for name in of_group if name is not None)
    return Trend(kind, came_on, court, tuple(_group(name, of_group[name], calendar, came_on) for name in names))


def side_of(week: date, came_on: date) -> Literal["before", "after"] | None:
    """To which side a week counts; None for the one in which the kiosk came."""
    if week >= came_on:
        return "after"
    return "before" if week + WEEK <= came_on else None


@dataclass(slots=True)
class _Cell:
    """One person in one week."""

    expected: int
    noted: int


_Cells = dict[tuple[UUID, date], _Cell]


def _add(cells: _Cells, value: PersonWeek) -> None:
    cell = cells.setdefault((value.person_id, value.week), _Cell(0, 0))
    cell.expected += value.expected
    cell.noted += value.noted


def _without_gaps(weeks: set[date]) -> list[date]:
    if not weeks:
        return []
    first = min(weeks)
    return [first + number * WEEK for number in range((max(weeks) - first) // WEEK + 1)]


def _group(division: str | None, cells: _Cells, calendar: Sequence[date], came_on: date) -> GroupTrend:
    before = {key: cell for key, cell in cells.items() if side_of(key[1], came_on) == "before"}
    after = {key: cell for key, cell in cells.items() if side_of(key[1], came_on) == "after"}
    sides = _side(before), _side(after)
    people_before, people_after = {person for person, _ in before}, {person for person, _ in after}
    why = _why_no_interval(*sides)
    weeks = _week_rates(cells, calendar, came_on)
    slope = slope_of(
        [
            (number, week.noted, week.expected)
            for number, week in enumerate(weeks)
            if week.side == "before" and week.expected
        ]
    )
    return GroupTrend(
        division=division,
        weeks=weeks,
        before=sides[0],
        after=sides[1],
        people=len(people_before | people_after),
        people_on_both=len(people_before & people_after),
        change=_change(before, after, *sides, why),
        why_no_interval=why,
        slope_before=slope,
        rate_if_gone_on=_rate_if_gone_on(slope, weeks),
    )


def _week_rates(cells: _Cells, calendar: Sequence[date], came_on: date) -> tuple[WeekRate, ...]:
    sums: dict[date, _Cell] = {week: _Cell(0, 0) for week in calendar}
    for (_, week), cell in cells.items():
        sums[week].expected += cell.expected
        sums[week].noted += cell.noted
    return tuple(WeekRate(week, side_of(week, came_on), found.expected, found.noted) for week, found in sums.items())


def _side(cells: _Cells) -> Side:
    people = {person for person, _ in cells}
    people_noted = {person for (person, _), cell in cells.items() if cell.noted}
    expected, noted = (sum(cell.expected for cell in cells.values()), sum(cell.noted for cell in cells.values()))
    weeks = len({week for _, week in cells})
    enough = len(people) >= LEAST_PEOPLE and weeks >= LEAST_WEEKS and len(people_noted) >= LEAST_PEOPLE_NOTED
    interval = None
    if enough and noted < expected:
        interval = interval_of_rate(noted / expected, uncertainty_of(_influences(cells, noted / expected, expected)))
    return Side(
        weeks=weeks,
        people=len(people),
        people_noted=len(people_noted),
        expected=expected,
        noted=noted,
        interval=interval,
        at_most=largest_rate_unseen(len(people)) if people and not noted else None,
    )


def _influences(cells: _Cells, rate: float, divisor: float, after: bool = True) -> list[Influence]:
    sign = 1 if after else -1
    return [
        Influence(person, week, after, sign * (cell.noted - rate * cell.expected) / divisor)
        for (person, week), cell in cells.items()
    ]


def _why_no_interval(before: Side, after: Side) -> WhyNoInterval | None:
    if not before.expected:
        return "nothing_before"
    if not after.expected:
        return "nothing_after"
    if min(before.people, after.people) < LEAST_PEOPLE:
        return "few_people"
    if min(before.weeks, after.weeks) < LEAST_WEEKS:
        return "few_weeks"
    return None


def _change(
    before_cells: _Cells, after_cells: _Cells, before: Side, after: Side, why: WhyNoInterval | None
) -> Change | None:
    if before.rate is None or after.rate is None:
        return None
    difference = after.rate - before.rate
    relative = difference / before.rate if before.rate else None
    if why is not None:
        return Change(difference, None, relative, None)
    if min(before.people_noted, after.people_noted) < LEAST_PEOPLE_NOTED or 1 in (before.rate, after.rate):
        return _bounded_change(_bounds(before_cells, before), _bounds(after_cells, after), difference, relative)
    half_width = uncertainty_of(
        _influences(before_cells, before.rate, before.expected, after=False)
        + _influences(after_cells, after.rate, after.expected)
    ).half_width()
    log_ratio = math.log(after.rate / before.rate)
    # Divided by what was noted instead of what was expected, the terms are those of the rates' logarithms.
    log_half_width = uncertainty_of(
        _influences(before_cells, before.rate, before.noted, after=False)
        + _influences(after_cells, after.rate, after.noted)
    ).half_width()
    return Change(
        difference=difference,
        difference_interval=Interval(difference - half_width, difference + half_width),
        relative=relative,
        relative_interval=Interval(math.expm1(log_ratio - log_half_width), math.expm1(log_ratio + log_half_width)),
    )


def _bounds(cells: _Cells, side: Side) -> Interval:
    """Between what the rate of a side lies, with the confidence of one of two."""
    if side.interval is not None and side.rate is not None:
        uncertainty = uncertainty_of(_influences(cells, side.rate, side.expected))
        return interval_of_rate(side.rate, uncertainty, EACH_OF_TWO)
    return Interval(0.0, largest_rate_of_few(side.people, side.people_noted, EACH_OF_TWO))


def _bounded_change(before: Interval, after: Interval, difference: float, relative: float | None) -> Change:
    ratios = None
    if relative is not None and before.lower > 0:
        ratios = Interval(after.lower / before.upper - 1, after.upper / before.lower - 1)
    return Change(
        difference, Interval(after.lower - before.upper, after.upper - before.lower), relative, ratios, is_bound=True
    )


def _rate_if_gone_on(slope: Slope | None, weeks: Sequence[WeekRate]) -> float | None:
    after = [(number, week.expected) for number, week in enumerate(weeks) if week.side == "after"]
    expected = sum(weight for _, weight in after)
    if slope is None or not expected:
        return None
    return slope.rate_at(sum(number * weight for number, weight in after) / expected)
