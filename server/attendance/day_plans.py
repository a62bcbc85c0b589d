"""One workday on the clock: which moments every window of it covers. Neighbouring days never share a clock event."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from server.attendance.points import (
    DAY_MINUTES,
    MAX_WINDOW_END_MINUTES,
    MIN_WINDOW_START_MINUTES,
    ClockPoint,
    Shift,
)
from server.attendance.rosters import Expectation
from server.attendance.site_days import SiteDays, is_skipped, local_moment, wall_minutes_of

_ONE_DAY: Final = timedelta(days=1)
_KEPT_PLANS: Final = 20_000


@dataclass(frozen=True, slots=True)
class PlannedPoint:
    """A clock point on one date.

    Attributes:
        due_at: the moment it is due, UTC.
        start_minutes, end_minutes: first and last wall minute of the window, cut where a neighbouring day begins; the
            last one is before the first one where the days around leave nothing of it.
        opens_at, closes_at: moments, UTC, before which and from which certainly no clock event is in the window.
    """

    number: int
    point: ClockPoint
    due_at: datetime
    start_minutes: int
    end_minutes: int
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class DayPlan:
    """One workday of everybody who has this shift, with the same shifts around it.

    Attributes:
        day: the local date.
        shift: None where no work is expected.
        points: in the order of the shift; empty without one.
        begins_at, ends_at: the workday itself, UTC, end excluded.
        reach_start, reach_end: the stretch, UTC, end excluded, whose clock events the judging needs.
        is_steady: True when the clocks do not change within the reach, so that moments alone decide.
        neighbours: first and last wall minute of every window of the days around it, cut where this day begins or
            ends, and that day's date.
        windows_overlap: whether a moment may lie in two windows of this day.
    """

    site: SiteDays
    day: date
    shift: Shift | None
    points: tuple[PlannedPoint, ...]
    begins_at: datetime
    ends_at: datetime
    reach_start: datetime
    reach_end: datetime
    is_steady: bool
    neighbours: tuple[tuple[int, int, date], ...]
    windows_overlap: bool

    def holds(self, planned: PlannedPoint, moment: datetime) -> bool:
        """Whether a moment lies in the window of a point of this plan."""
        if not planned.opens_at <= moment < planned.closes_at:
            return False
        if self.is_steady:
            return True
        return planned.start_minutes <= wall_minutes_of(moment, self.day, self.site.zone) <= planned.end_minutes

    def lies_elsewhere(self, moment: datetime) -> bool:
        """Whether a moment lies in a window of a workday around this one, and in none of this plan."""
        return self.minute_elsewhere(wall_minutes_of(moment, self.day, self.site.zone))

    def minute_elsewhere(self, minutes: int) -> bool:
        """As ``lies_elsewhere``, of a wall minute."""
        return any(start <= minutes <= end for start, end, _ in self.neighbours) and not any(
            planned.start_minutes <= minutes <= planned.end_minutes for planned in self.points
        )

    def day_elsewhere(self, moment: datetime) -> date | None:
        """The workday around this one to which a moment belongs that no window here holds; None for this one."""
        minutes = wall_minutes_of(moment, self.day, self.site.zone)
        for start, end, day in self.neighbours:
            if start <= minutes <= end:
                return day
        if self.begins_at <= moment < self.ends_at:
            return None
        return self.site.day_of(moment)


class Planner:
    """Makes plans and keeps them: everybody with the same shifts on the same dates shares one."""

    def __init__(self, site: SiteDays) -> None:
        self._site = site
        self._plans: dict[tuple[object, ...], DayPlan] = {}

    def plan(self, day: date, before: Expectation, on: Expectation, after: Expectation) -> DayPlan:
        """The plan of one day, given what is expected on it and on the days around it."""
        key = (day, _name(before), _name(on), _name(after))
        found = self._plans.get(key)
        if found is None:
            if len(self._plans) >= _KEPT_PLANS:
                self._plans.clear()
            found = self._plans[key] = make_plan(self._site, day, before.shift, on.shift, after.shift)
        return found


def _name(expectation: Expectation) -> tuple[str, str] | None:
    if expectation.shift is None:
        return None
    return expectation.rules.version, expectation.shift.name


def make_plan(site: SiteDays, day: date, before: Shift | None, shift: Shift | None, after: Shift | None) -> DayPlan:
    """The plan of a day with this shift and these shifts around it.

    Where a window of this day and one of a neighbouring day would hold the same minute, the nearer clock point has it.
    """
    begins_at, ends_at = site.bounds(day)
    own = _windows_on(site, day, shift)
    around = [(_windows_on(site, day + days * _ONE_DAY, other), days) for other, days in ((before, -1), (after, 1))]
    cut = _cut(own, around)
    zone = site.zone
    points = tuple(
        planned_point(
            site, day, number, point, *cut[number], due_at=_due_in(site, day, point, own[number], cut[number])
        )
        for number, point in enumerate(shift.points if shift is not None else ())
    )
    reach_start = min([begins_at, *(planned.opens_at for planned in points)])
    reach_end = max([ends_at, *(planned.closes_at for planned in points)])
    widest_start = local_moment(day, MIN_WINDOW_START_MINUTES, zone)
    widest_end = local_moment(day, MAX_WINDOW_END_MINUTES + 1, zone)
    return DayPlan(
        site=site,
        day=day,
        shift=shift,
        points=points,
        begins_at=begins_at,
        ends_at=ends_at,
        reach_start=reach_start,
        reach_end=reach_end,
        is_steady=widest_end - widest_start == timedelta(minutes=MAX_WINDOW_END_MINUTES + 1 - MIN_WINDOW_START_MINUTES)
        # A time that no wall shows would hide the change: Samoa once left out a whole day.
        and wall_minutes_of(widest_end, day, zone) == MAX_WINDOW_END_MINUTES + 1,
        neighbours=tuple(
            (start + days * DAY_MINUTES, end + days * DAY_MINUTES, day + days * _ONE_DAY)
            for other, days in around
            for start, end in _cut(other, [(own, -days)])
        ),
        windows_overlap=windows_overlap(points),
    )


def windows_overlap(points: Iterable[PlannedPoint | None]) -> bool:
    """Whether a moment may lie in two windows of a day; None is a point that nobody expects to be met."""
    open_ones = [planned for planned in points if planned is not None]
    return any(earlier.end_minutes >= later.start_minutes for earlier, later in itertools.pairwise(open_ones))


def planned_point(
    site: SiteDays,
    day: date,
    number: int,
    point: ClockPoint,
    start_minutes: int,
    end_minutes: int,
    *,
    due_at: datetime | None = None,
) -> PlannedPoint:
    """A point with a window of its own on one date; ``due_at`` where it is not when the shift says."""
    zone = site.zone
    return PlannedPoint(
        number=number,
        point=point,
        due_at=local_moment(day, point.at_minutes, zone) if due_at is None else due_at,
        start_minutes=start_minutes,
        end_minutes=end_minutes,
        opens_at=min(local_moment(day, start_minutes, zone), local_moment(day, start_minutes, zone, fold=1)),
        closes_at=closing_of(site, day, end_minutes),
    )


def closing_of(site: SiteDays, day: date, end_minutes: int) -> datetime:
    """The moment, UTC, from which certainly no clock event is in a window with this last wall minute."""
    after = end_minutes + 1
    return max(local_moment(day, after, site.zone), local_moment(day, after, site.zone, fold=1))


def _due_in(site: SiteDays, day: date, point: ClockPoint, own: _Window, cut: tuple[int, int]) -> datetime | None:
    """When an arrival is due of whose window the days around leave only what lies after it; None for when it always is.

    Who comes off a duty that ends at eight and begins the next one at eight has clocked out in that minute and can
    clock in at 08:01 at the earliest.
    """
    start, end = cut
    if point.direction == "out" or not own.due < start <= end:
        return None
    return local_moment(day, start, site.zone)


@dataclass(frozen=True, slots=True)
class _Window:
    """A window on the wall of its date, before the days around cut it.

    Attributes:
        due: when its point is due.
        start, end: its first and last minute.
        first_due, last_due: of all points that share it.
    """

    due: int
    start: int
    end: int
    first_due: int
    last_due: int


def _windows_on(site: SiteDays, day: date, shift: Shift | None) -> list[_Window]:
    """The windows of a shift on a date.

    Where the clocks skip the time of a point or an edge of its window, the window reaches as far before and after it as
    ever, in time that passes: windows that stayed where the wall jumps over would be met by nobody.
    """
    if shift is None:
        return []
    zone = site.zone
    dues, starts, ends = [], [], []
    for point in shift.points:
        due_at = local_moment(day, point.at_minutes, zone)
        start, end = point.window_start_minutes, point.window_end_minutes
        moves = is_skipped(day, point.at_minutes, zone)
        if moves or is_skipped(day, start, zone):
            begins_at = due_at - timedelta(minutes=point.window_before_minutes)
            start = max(wall_minutes_of(begins_at, day, zone), MIN_WINDOW_START_MINUTES)
        if moves or is_skipped(day, end, zone):
            ends_at = due_at + timedelta(minutes=point.window_after_minutes)
            end = min(wall_minutes_of(ends_at, day, zone), MAX_WINDOW_END_MINUTES)
        dues.append(wall_minutes_of(due_at, day, zone) if moves else point.at_minutes)
        starts.append(start)
        ends.append(end)
    if shift.mode == "first_last":
        return [_Window(due, starts[0], ends[-1], dues[0], dues[-1]) for due in dues]
    # What moved must not put windows out of order: they only become wider.
    starts = list(itertools.accumulate(reversed(starts), min))[::-1]
    ends = list(itertools.accumulate(ends, max))
    return [_Window(due, start, end, due, due) for due, start, end in zip(dues, starts, ends, strict=True)]


def _cut(own: Sequence[_Window], around: Iterable[tuple[Sequence[_Window], int]]) -> list[tuple[int, int]]:
    """First and last minute of each window, as those of the dates so many days later or earlier leave it."""
    found = []
    for window in own:
        start, end = window.start, window.end
        for others, days in around:
            for other in others:
                due, other_start, other_end = (
                    minutes + days * DAY_MINUTES for minutes in (other.due, other.start, other.end)
                )
                shared = max(window.start, other_start), min(window.end, other_end)
                if shared[0] > shared[1]:
                    continue
                # Mostly yesterday's point is the earlier one, but a duty that ends late may be due after this one.
                if due < window.first_due or (due == window.first_due and days < 0):
                    start = max(start, _boundary(due, window.first_due, shared) + 1)
                else:
                    end = min(end, _boundary(window.last_due, due, shared))
        found.append((start, max(start - 1, end)))
    return found


def _boundary(earlier_due: int, later_due: int, shared: tuple[int, int]) -> int:
    """The last minute that belongs to the earlier of two points whose windows share minutes: half way between them."""
    return min(max((earlier_due + later_due) // 2, shared[0] - 1), shared[1])
