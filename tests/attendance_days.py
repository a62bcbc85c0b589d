"""Hand-written days that the attendance tests speak about: a court in Changchun, Friday 2026-11-20."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from server.attendance.calendar import Calendar, CalendarDay
from server.attendance.day_plans import DayPlan, make_plan
from server.attendance.events import Method, RawEvent, in_order
from server.attendance.judging import judge
from server.attendance.overlays import NO_OVERLAYS, Overlays
from server.attendance.points import ClockPoint, Direction, Shift
from server.attendance.rosters import NOBODYS, Expectation, Roster
from server.attendance.rules import (
    BEGINNING,
    REQUEST_KINDS,
    AbsenceKind,
    ApprovalTier,
    RequestRules,
    RuleHistory,
    RuleSet,
    RuleVersion,
)
from server.attendance.site_days import SiteDays
from server.attendance.verdicts import WorkdayVerdict

SHANGHAI = ZoneInfo("Asia/Shanghai")
FRIDAY = date(2026, 11, 20)
SATURDAY = date(2026, 11, 21)


def minutes_of(text: str) -> int:
    """Wall minutes of "08:30"; "26:00" is two in the next morning."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def point(
    name: str,
    direction: Direction,
    at: str,
    before: int,
    after: int,
    *,
    grace: int = 0,
    required: bool = True,
    name_zh: str = "打卡点",
    **thresholds: Any,
) -> ClockPoint:
    return ClockPoint(name_zh, name, direction, minutes_of(at), before, after, grace, required, **thresholds)


@dataclass(frozen=True)
class Court:
    """Rules and a site, for the days of a test."""

    rules: RuleSet
    site: SiteDays

    @property
    def version(self) -> str:
        return self.rules.version


def rule_set(*shifts: Shift, version: str = "test-version") -> RuleSet:
    """Rules of these shifts; the first one is everybody's."""
    request = RequestRules((ApprovalTier(None, "head"),), "none", 0, None, None)
    kinds = {
        "annual": AbsenceKind("annual", "年休假", "annual leave", request),
        "sick": AbsenceKind("sick", "病假", "sick leave", request),
    }
    duties = {"hearing": AbsenceKind("hearing", "外出开庭", "hearing elsewhere", request)}
    return RuleSet(
        version=version,
        name_zh="试行规则",
        name_en="Test rules",
        default_shift=shifts[0],
        shifts={shift.name: shift for shift in shifts},
        leave_kinds=kinds,
        duty_kinds=duties,
        requests=dict.fromkeys(REQUEST_KINDS, request),
        counters=(),
        forgiven=None,
        scoring=None,
        show_ranks=False,
        document={},
    )


def rules_of(*points: ClockPoint, zone: ZoneInfo = SHANGHAI, day_starts_at: time = time(4), **shift: Any) -> Court:
    """A court with one shift of these points."""
    names = {"name_zh": "工作日", "name_en": "court day"} | shift
    return Court(rule_set(Shift("test", points, **names)), SiteDays(zone, day_starts_at))


START = point("start of work", "in", "08:30", 120, 210, name_zh="上班")
END = point("end of work", "out", "17:30", 329, 300, name_zh="下班")
COURT = rules_of(START, END)

FOUR_POINTS = rules_of(
    point("morning in", "in", "08:30", 90, 60),
    point("morning out", "out", "11:30", 10, 60),
    point("afternoon in", "in", "13:30", 55, 30),
    point("afternoon out", "out", "17:00", 5, 60),
)

NIGHT = rules_of(
    point("start of duty", "in", "18:00", 60, 120),
    point("end of duty", "out", "26:00", 60, 240),
)


def moment(text: str, day: date = FRIDAY, zone: ZoneInfo = SHANGHAI) -> datetime:
    """The moment of "08:30" or "08:30:59" on the wall; "26:00" is two in the next morning."""
    hours, minutes, *seconds = (int(part) for part in text.split(":"))
    on_the_wall = datetime.combine(day, time()) + timedelta(hours=hours, minutes=minutes, seconds=sum(seconds))
    return on_the_wall.replace(tzinfo=zone).astimezone(UTC)


def clocked(
    text: str,
    *,
    day: date = FRIDAY,
    method: Method = "face",
    voided: bool = False,
    number: int = 0,
    zone: ZoneInfo = SHANGHAI,
) -> RawEvent:
    """A clock event; two of the same moment need different numbers."""
    captured_at = moment(text, day, zone)
    return RawEvent(UUID(int=int(captured_at.timestamp()) << 16 | number), captured_at, method, voided)


def workday(day: date = FRIDAY) -> CalendarDay:
    return CalendarDay(day, "workday", None, confirmed=True)


def judged(
    *events: RawEvent,
    day: date = FRIDAY,
    rules: Court = COURT,
    calendar_day: CalendarDay | None = None,
    as_of: str = "52:00",
    roster: Roster = NOBODYS,
    overlays: Overlays = NO_OVERLAYS,
) -> WorkdayVerdict:
    """The verdict, by default when every window has closed; the days around it are as the roster says."""
    on_the_day = calendar_day or workday(day)
    plan, expectation = planned(rules, day, on_the_day, roster)
    return judge(plan, expectation, reaching(plan, events), moment(as_of, day, rules.site.zone), overlays)


def planned(
    court: Court, day: date, calendar_day: CalendarDay, roster: Roster = NOBODYS
) -> tuple[DayPlan, Expectation]:
    """The plan of a day that is what the test says, between days that are what the calendar says."""
    history = RuleHistory([RuleVersion(1, BEGINNING, court.rules)])
    around = []
    for days in (-1, 0, 1):
        one = day + timedelta(days=days)
        calendar = FixedCalendar(calendar_day)
        around.append(roster.expected_on(one, history, calendar))
    before, on, after = around
    return make_plan(court.site, day, before.shift, on.shift, after.shift), on


class FixedCalendar(Calendar):
    """The official calendar, but for one day."""

    def __init__(self, fixed: CalendarDay) -> None:
        super().__init__()
        self._fixed = fixed

    def day(self, day: date) -> CalendarDay:
        return self._fixed if day == self._fixed.date else super().day(day)


def reaching(plan: DayPlan, events: Iterable[RawEvent]) -> list[RawEvent]:
    """Those events that a day is given, in order."""
    return [event for event in in_order(events) if plan.reach_start <= event.captured_at < plan.reach_end]


def outcomes(verdict: WorkdayVerdict) -> list[tuple[str, int]]:
    """What became of each clock point, with minutes."""
    return [(result.outcome, result.minutes) for result in verdict.points]
