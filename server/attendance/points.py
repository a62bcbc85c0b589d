"""What is expected: clock points, the shift they make, and the rule book that a workday is judged by.

Two ways of reading time meet here, and each has its own task:

* *Wall minutes* are what the clock on the wall shows, counted from the midnight that begins the workday's date; 1560 is
  26:00, two in the next morning. Windows are wall minutes, whole ones: a window that ends at 12:00 holds 12:00:59.
  Windows that do not overlap on paper therefore never overlap, not even when the clocks change.
* *Moments* are aware datetimes in UTC. Lateness is the time that really passed between two moments.

A local time that the clocks skip (02:30 on a spring day in Berlin) moves forward by the length of the gap, as
``zoneinfo`` does with ``fold=0``; of a local time that comes twice the first one counts.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final, Literal, get_args
from zoneinfo import ZoneInfo

from models.settings import PointSettings, Settings

Direction = Literal["in", "out"]

DAY_MINUTES: Final = 24 * 60
MAX_AT_MINUTES: Final = 47 * 60 + 59
MAX_WINDOW_MINUTES: Final = DAY_MINUTES
# Part of every rule version. Raise it when the same values begin to be judged in another way.
_JUDGED_AS: Final = 1


@dataclass(frozen=True, slots=True)
class ClockPoint:
    """A moment of a shift at which staff must clock.

    Attributes:
        name_zh, name_en: what people call it.
        direction: ``in`` for arriving, ``out`` for leaving.
        at_minutes: wall minutes from the midnight of the workday's date, 0 to 2879 (47:59).
        window_before_minutes, window_after_minutes: clock events count from so long before until so long after,
            both ends included, 0 to 1440.
        grace_minutes: so many minutes late or early are not held against anybody, 0 or more.
        required: False when nobody misses it; whoever clocks there is late or early like everywhere else.

    Raises:
        ValueError: a value is out of range, or a name is empty.
    """

    name_zh: str
    name_en: str
    direction: Direction
    at_minutes: int
    window_before_minutes: int
    window_after_minutes: int
    grace_minutes: int
    required: bool

    def __post_init__(self) -> None:
        if not self.name_zh.strip() or not self.name_en.strip():
            raise ValueError("a clock point needs a name in Chinese and in English")
        if self.direction not in get_args(Direction):
            raise ValueError(f"{self.name_en}: direction must be in or out, got {self.direction!r}")
        if not 0 <= self.at_minutes <= MAX_AT_MINUTES:
            raise ValueError(f"{self.name_en}: at_minutes must be 0 to {MAX_AT_MINUTES}, got {self.at_minutes}")
        for minutes in (self.window_before_minutes, self.window_after_minutes):
            if not 0 <= minutes <= MAX_WINDOW_MINUTES:
                raise ValueError(f"{self.name_en}: a window reaches 0 to {MAX_WINDOW_MINUTES} minutes, got {minutes}")
        if self.grace_minutes < 0:
            raise ValueError(f"{self.name_en}: grace_minutes must not be negative, got {self.grace_minutes}")

    @property
    def window_start_minutes(self) -> int:
        """Wall minute with which the window opens; negative on the evening before."""
        return self.at_minutes - self.window_before_minutes

    @property
    def window_end_minutes(self) -> int:
        """The last wall minute that still counts, as a whole."""
        return self.at_minutes + self.window_after_minutes

    def window_holds(self, wall_minutes: int) -> bool:
        """Whether a clock event at this wall minute counts for this point."""
        return self.window_start_minutes <= wall_minutes <= self.window_end_minutes


@dataclass(frozen=True, slots=True)
class Shift:
    """The clock points of a day, in the order of the day.

    Raises:
        ValueError: there are no points, they are not in order, or two windows overlap: those of neighbours, or the last
            one of a day and the first one of the next. A clock event could then count twice.
    """

    name: str
    points: tuple[ClockPoint, ...]

    def __post_init__(self) -> None:
        if not self.name or not self.points:
            raise ValueError("a shift needs a name and at least one clock point")
        for earlier, later in pairwise(self.points):
            if earlier.at_minutes >= later.at_minutes:
                raise ValueError(f"shift {self.name}: {later.name_en} must come after {earlier.name_en}")
            if earlier.window_end_minutes >= later.window_start_minutes:
                end, start = _on_paper(earlier.window_end_minutes), _on_paper(later.window_start_minutes)
                raise ValueError(
                    f"shift {self.name}: the windows of {earlier.name_en} (until {end}) "
                    f"and {later.name_en} (from {start}) overlap"
                )
        first, last = self.points[0], self.points[-1]
        next_start_minutes = first.window_start_minutes + DAY_MINUTES
        if last.window_end_minutes >= next_start_minutes:
            raise ValueError(
                f"shift {self.name}: the window of {last.name_en} (until {_on_paper(last.window_end_minutes)}) "
                f"overlaps the next day's window of {first.name_en} (from {_on_paper(next_start_minutes)})"
            )


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules that one workday is judged by.

    Attributes:
        zone: of the site.
        day_starts_at: local time of day at which one workday ends and the next begins; whole minutes, without a zone.
        shift: what is expected on a day on which work is expected.
        version: 12 hexadecimal digits, the same wherever the same rules are in force.

    Raises:
        ValueError: ``day_starts_at`` has a zone or seconds, the zone has no name, or a point lies before the workday
            starts (02:00 of the next morning is written 26:00).
    """

    zone: ZoneInfo
    day_starts_at: time
    shift: Shift
    version: str = field(init=False)

    def __post_init__(self) -> None:
        if not self.zone.key:
            raise ValueError("the site's zone needs an IANA name")
        if self.day_starts_at.tzinfo is not None or self.day_starts_at.second or self.day_starts_at.microsecond:
            raise ValueError(f"day_starts_at must be whole minutes without a zone, got {self.day_starts_at!r}")
        first = self.shift.points[0]
        if first.at_minutes < self.day_starts_minutes:
            raise ValueError(
                f"shift {self.shift.name}: {first.name_en} at {_on_paper(first.at_minutes)} lies before the workday "
                f"starts ({self.day_starts_at:%H:%M}); if the next morning is meant, "
                f"write {_on_paper(first.at_minutes + DAY_MINUTES)}"
            )
        object.__setattr__(self, "version", self._digest())

    @property
    def day_starts_minutes(self) -> int:
        """``day_starts_at`` in wall minutes."""
        return self.day_starts_at.hour * 60 + self.day_starts_at.minute

    def _digest(self) -> str:
        content: dict[str, Any] = {
            "judged_as": _JUDGED_AS,
            "zone": self.zone.key,
            "day_starts_at": f"{self.day_starts_at:%H:%M}",
            "shift": asdict(self.shift),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode("ascii")).hexdigest()[:12]


def rule_book(settings: Settings) -> RuleBook:
    """The rules in config.yaml: everybody has the default shift.

    Raises:
        ValueError: the values do not make a shift; the sentence names the clock points.
    """
    attendance = settings.attendance
    points = tuple(_clock_point(point) for point in attendance.shifts[attendance.default_shift].points)
    return RuleBook(
        zone=ZoneInfo(settings.court.time_zone),
        day_starts_at=attendance.day_starts_at,
        shift=Shift(attendance.default_shift, points),
    )


def _clock_point(settings: PointSettings) -> ClockPoint:
    hours, minutes = settings.at.split(":")
    return ClockPoint(
        name_zh=settings.name_zh,
        name_en=settings.name_en,
        direction=settings.direction,
        at_minutes=int(hours) * 60 + int(minutes),
        window_before_minutes=settings.window_before_minutes,
        window_after_minutes=settings.window_after_minutes,
        grace_minutes=settings.grace_minutes,
        required=settings.required,
    )


def local_moment(workday_date: date, wall_minutes: int, zone: ZoneInfo, *, fold: Literal[0, 1] = 0) -> datetime:
    """The moment, in UTC, at which the wall shows so many minutes from the midnight of the date."""
    on_the_wall = datetime.combine(workday_date, time()) + timedelta(minutes=wall_minutes)
    return on_the_wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def wall_minutes_of(moment: datetime, workday_date: date, zone: ZoneInfo) -> int:
    """Whole wall minutes from the midnight of the date to an aware moment; negative before it."""
    on_the_wall = moment.astimezone(zone).replace(tzinfo=None)
    return (on_the_wall - datetime.combine(workday_date, time())) // timedelta(minutes=1)


def due_at(workday_date: date, point: ClockPoint, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which the point is due on that workday."""
    return local_moment(workday_date, point.at_minutes, zone)


def window_bounds(workday_date: date, point: ClockPoint, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Moments, in UTC, before and from which certainly no clock event is in the window of the point.

    They are the ends of the window itself, except when one of them lies in an hour that the clocks skip or repeat; then
    they lie further outside.
    """
    start, after_end = point.window_start_minutes, point.window_end_minutes + 1
    return (
        min(local_moment(workday_date, start, zone), local_moment(workday_date, start, zone, fold=1)),
        max(local_moment(workday_date, after_end, zone), local_moment(workday_date, after_end, zone, fold=1)),
    )


def day_bounds(workday_date: date, rules: RuleBook) -> tuple[datetime, datetime]:
    """First moment of the workday and first moment after it, in UTC. One day ends where the next begins."""
    return (
        local_moment(workday_date, rules.day_starts_minutes, rules.zone),
        local_moment(workday_date + timedelta(days=1), rules.day_starts_minutes, rules.zone),
    )


def workday_of(moment_utc: datetime, rules: RuleBook) -> date:
    """The date of the workday to which a moment belongs.

    Raises:
        ValueError: the moment is naive.
    """
    if moment_utc.tzinfo is None:
        raise ValueError(f"naive time: {moment_utc!r}")
    local_date = moment_utc.astimezone(rules.zone).date()
    # Where clocks go back over the start of the day, the wall shows a date again that is already over.
    for candidate in (local_date + timedelta(days=1), local_date):
        if moment_utc >= day_bounds(candidate, rules)[0]:
            return candidate
    return local_date - timedelta(days=1)


def first_day_judged(enrolled_at: datetime, rules: RuleBook) -> date:
    """The first workday on which somebody new is judged.

    The day of enrolling, if no clock point of it was due yet; otherwise the next, for nobody could
    have met what was over before.

    Raises:
        ValueError: the moment is naive.
    """
    day = workday_of(enrolled_at, rules)
    first_due = min(due_at(day, point, rules.zone) for point in rules.shift.points)
    return day if enrolled_at <= first_due else day + timedelta(days=1)


def event_span(workday_date: date, rules: RuleBook) -> tuple[datetime, datetime]:
    """The stretch, in UTC, end excluded, whose clock events ``judge`` needs: the day itself and all its windows."""
    bounds = [day_bounds(workday_date, rules)]
    bounds += [window_bounds(workday_date, point, rules.zone) for point in rules.shift.points]
    return min(start for start, _ in bounds), max(end for _, end in bounds)


def _on_paper(wall_minutes: int) -> str:
    """Wall minutes as they are written in config.yaml: 26:00; an evening before is -1 22:30."""
    if wall_minutes < 0:
        return f"-1 {(wall_minutes + DAY_MINUTES) // 60:02}:{wall_minutes % 60:02}"
    return f"{wall_minutes // 60:02}:{wall_minutes % 60:02}"
