"""What people add to the facts: leave, duty elsewhere, corrections, waivers. Clock events stay as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from server.attendance.day_plans import DayPlan, PlannedPoint, planned_point
from server.attendance.points import MAX_WINDOW_END_MINUTES, MIN_WINDOW_START_MINUTES
from server.attendance.site_days import wall_minutes_of, whole_minute

OverlayKind = Literal["leave", "duty", "correction", "waiver", "outage", "unfit"]
"""``unfit`` is a correction that does not fit the shift of the day, and changes nothing."""
AT_LEAST_AROUND_MINUTES: Final = 60
"""A clock point that leave has moved is open for so long beyond the moment it was moved to."""
_MINUTE: Final = timedelta(minutes=1)


def off_post_number(stretch: int) -> int:
    """What a waiver names, in place of a clock point, for the times off post in a stretch of work: -1, -2 …"""
    return -1 - stretch


@dataclass(frozen=True, slots=True)
class Absence:
    """Approved leave, or duty elsewhere.

    Attributes:
        name: kind of leave or duty, a key of the rules.
        starts_at, ends_at: UTC, end excluded.

    Raises:
        ValueError: it ends before it starts, or a moment is naive.
    """

    request_id: UUID
    kind: Literal["leave", "duty"]
    name: str
    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("naive time in an absence")
        if self.ends_at <= self.starts_at:
            raise ValueError(f"an absence from {self.starts_at} cannot end at {self.ends_at}")


@dataclass(frozen=True, slots=True)
class Correction:
    """An approved moment in place of a clock event that is missing or wrong, for one clock point.

    Attributes:
        shift: name of the shift whose clock point it was filed for; empty where that is not known.
        filed_at, decided_at: of several for one point the one decided last counts, then the one filed last.
    """

    request_id: UUID
    day: date
    point: int
    at: datetime
    shift: str
    filed_at: datetime
    decided_at: datetime

    @property
    def turn(self) -> tuple[datetime, datetime, str]:
        """By this they are sorted: the last one counts."""
        return self.decided_at, self.filed_at, str(self.request_id)

    def fits(self, plan: DayPlan) -> bool:
        """Whether it can be about a clock point of this plan.

        That is one of the shift that it was filed for, or one whose window holds its moment. When somebody has another
        shift by now, the point with the same number may be twelve hours away.
        """
        if plan.shift is None or self.point >= len(plan.points):
            return False
        return self.shift == plan.shift.name or plan.holds(plan.points[self.point], self.at)


@dataclass(frozen=True, slots=True)
class Waiver:
    """Minutes and missing clocks of one day that are not held against the person.

    Attributes:
        point: number of the clock point, or ``off_post_number``; None for the whole day.
        outage: True when a fault of the system is the reason.
        note: the reason, for the person to read.
        filed_at, decided_at: in the order of these they are told.
    """

    request_id: UUID
    day: date
    point: int | None
    outage: bool
    note: str
    filed_at: datetime
    decided_at: datetime

    @property
    def turn(self) -> tuple[datetime, datetime, str]:
        """By this they are sorted."""
        return self.decided_at, self.filed_at, str(self.request_id)


@dataclass(frozen=True, slots=True)
class Overlays:
    """All that was approved for one person and may concern one day."""

    absences: tuple[Absence, ...] = ()
    corrections: tuple[Correction, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.absences or self.corrections or self.waivers)

    def of_day(self, plan: DayPlan) -> Overlays:
        """Those that concern this workday."""
        return Overlays(
            tuple(one for one in self.absences if one.starts_at < plan.reach_end and one.ends_at > plan.reach_start),
            tuple(one for one in self.corrections if one.day == plan.day),
            tuple(one for one in self.waivers if one.day == plan.day),
        )


NO_OVERLAYS: Final = Overlays()


@dataclass(frozen=True, slots=True)
class PointUnderLeave:
    """A clock point as leave and duty leave it.

    Attributes:
        planned: None when nobody expects it to be met; otherwise perhaps at another time.
        by: the absences that did it; empty where nothing changed.
    """

    planned: PlannedPoint | None
    by: tuple[Absence, ...]


def under_leave(plan: DayPlan, absences: Sequence[Absence]) -> list[PointUnderLeave]:
    """Every clock point of the day as the absences leave it.

    An arrival due during leave is expected when the leave ends, a departure due during leave when it begins. Where
    nothing of the stretch of work between an arrival and its departure is left, neither is expected.
    """
    stretches = _merged(absences)
    moved: list[tuple[datetime | None, tuple[Absence, ...]]] = []
    for planned in plan.points:
        moved.append(_moved_due(plan, planned, stretches))
    dues = [due for due, _ in moved]
    # An arrival that moved to or beyond its departure leaves nothing to work between them.
    for number, planned in enumerate(plan.points):
        partner = _departure_of(plan, number)
        if planned.point.direction == "in" and partner is not None:
            arrival, departure = dues[number], dues[partner]
            if arrival is None or departure is None or arrival >= departure:
                changed = moved[number][1] or moved[partner][1]
                if changed:
                    dues[number] = dues[partner] = None
                    moved[number] = (None, moved[number][1] or changed)
                    moved[partner] = (None, moved[partner][1] or changed)
    found = []
    for planned, due, (_, by) in zip(plan.points, dues, moved, strict=True):
        if not by:
            found.append(PointUnderLeave(planned, ()))
        elif due is None:
            found.append(PointUnderLeave(None, by))
        else:
            found.append(PointUnderLeave(_at_another_time(plan, planned, due), by))
    return found


def _merged(absences: Iterable[Absence]) -> list[tuple[datetime, datetime, tuple[Absence, ...]]]:
    """The stretches that are covered without a break, with the absences that make them."""
    merged: list[tuple[datetime, datetime, tuple[Absence, ...]]] = []
    for absence in sorted(absences, key=lambda one: (one.starts_at, one.ends_at, str(one.request_id))):
        if merged and absence.starts_at <= merged[-1][1]:
            start, end, by = merged[-1]
            merged[-1] = start, max(end, absence.ends_at), (*by, absence)
        else:
            merged.append((absence.starts_at, absence.ends_at, (absence,)))
    return merged


def _moved_due(
    plan: DayPlan, planned: PlannedPoint, stretches: Sequence[tuple[datetime, datetime, tuple[Absence, ...]]]
) -> tuple[datetime | None, tuple[Absence, ...]]:
    due = planned.due_at
    for start, end, by in stretches:
        if planned.point.direction == "in" and start <= due < end:
            partner = _departure_of(plan, planned.number)
            concerned = tuple(one for one in by if one.ends_at > due)
            at = whole_minute(end)
            if partner is None or at >= plan.points[partner].due_at:
                return None, concerned
            return at, concerned
        if planned.point.direction == "out" and start < due <= end:
            partner = _arrival_of(plan, planned.number)
            concerned = tuple(one for one in by if one.starts_at < due)
            at = whole_minute(start)
            if partner is None or at <= plan.points[partner].due_at:
                return None, concerned
            return at, concerned
    return due, ()


def _departure_of(plan: DayPlan, number: int) -> int | None:
    """The departure that ends the stretch which an arrival begins."""
    following = number + 1
    if following < len(plan.points) and plan.points[following].point.direction == "out":
        return following
    return None


def _arrival_of(plan: DayPlan, number: int) -> int | None:
    before = number - 1
    return before if before >= 0 and plan.points[before].point.direction == "in" else None


def _at_another_time(plan: DayPlan, planned: PlannedPoint, due_at: datetime) -> PlannedPoint:
    minutes = wall_minutes_of(due_at, plan.day, plan.site.zone)
    start, end = planned.start_minutes, planned.end_minutes
    if planned.point.direction == "in":
        later_ends = [other.end_minutes for other in plan.points[planned.number + 1 :]]
        last = min([minutes + AT_LEAST_AROUND_MINUTES, MAX_WINDOW_END_MINUTES, *later_ends])
        while end < last and not plan.minute_elsewhere(end + 1):
            end += 1
    else:
        earlier_starts = [other.start_minutes for other in plan.points[: planned.number]]
        first = max([minutes - AT_LEAST_AROUND_MINUTES, MIN_WINDOW_START_MINUTES, *earlier_starts])
        while start > first and not plan.minute_elsewhere(start - 1):
            start -= 1
    return planned_point(plan.site, plan.day, planned.number, planned.point, start, end, due_at=due_at)


def minutes_covered(start: datetime, end: datetime, absences: Iterable[Absence]) -> int:
    """How many minutes of a stretch are leave or duty, by the minutes that the screen shows."""
    covered = timedelta(0)
    for covered_start, covered_end, _ in _merged(absences):
        from_minute, to_minute = whole_minute(covered_start), whole_minute(covered_end)
        covered += max(timedelta(0), min(end, to_minute) - max(start, from_minute))
    return covered // _MINUTE
