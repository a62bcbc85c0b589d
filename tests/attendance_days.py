"""Hand-written days that the attendance tests speak about: a court in Changchun, Friday 2026-11-20."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from server.attendance.calendar import CalendarDay
from server.attendance.judging import judge
from server.attendance.matching import Method, RawEvent
from server.attendance.points import ClockPoint, Direction, RuleBook, Shift
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
) -> ClockPoint:
    return ClockPoint(name_zh, name, direction, minutes_of(at), before, after, grace, required)


def rules_of(*points: ClockPoint, zone: ZoneInfo = SHANGHAI, day_starts_at: time = time(4)) -> RuleBook:
    return RuleBook(zone, day_starts_at, Shift("test", points))


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
    rules: RuleBook = COURT,
    calendar_day: CalendarDay | None = None,
    as_of: str = "52:00",
) -> WorkdayVerdict:
    """The verdict, by default when every window has closed."""
    return judge(day, calendar_day or workday(day), rules, events, moment(as_of, day))


def outcomes(verdict: WorkdayVerdict) -> list[tuple[str, int]]:
    """What became of each clock point, with minutes."""
    return [(result.outcome, result.minutes) for result in verdict.points]
