"""Which workday a moment belongs to: the site's zone, and the hour at which its day begins.

A local time that the clocks skip (02:30 on a spring day in Berlin) moves forward by the length of the gap, as
``zoneinfo`` does with ``fold=0``; of a local time that comes twice the first one counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2099
"""Dates that people may name; further away the days around fall off the calendar sooner or later."""

_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SiteDays:
    """The days of one site.

    Attributes:
        zone: of the site.
        day_starts_at: local time of day at which one workday ends and the next begins; whole minutes, without a zone.

    Raises:
        ValueError: ``day_starts_at`` has a zone or seconds, or the zone has no name.
    """

    zone: ZoneInfo
    day_starts_at: time

    def __post_init__(self) -> None:
        if not self.zone.key:
            raise ValueError("the site's zone needs an IANA name")
        if self.day_starts_at.tzinfo is not None or self.day_starts_at.second or self.day_starts_at.microsecond:
            raise ValueError(f"day_starts_at must be whole minutes without a zone, got {self.day_starts_at!r}")

    @property
    def starts_minutes(self) -> int:
        """``day_starts_at`` in wall minutes."""
        return self.day_starts_at.hour * 60 + self.day_starts_at.minute

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """First moment of the workday and first moment after it, in UTC. One day ends where the next begins."""
        return (
            local_moment(day, self.starts_minutes, self.zone),
            local_moment(day + _DAY, self.starts_minutes, self.zone),
        )

    def day_of(self, moment: datetime) -> date:
        """The date of the workday to which a moment belongs.

        Raises:
            ValueError: the moment is naive.
        """
        if moment.tzinfo is None:
            raise ValueError(f"naive time: {moment!r}")
        local_date = moment.astimezone(self.zone).date()
        # Where clocks go back over the start of the day, the wall shows a date again that is already over.
        for candidate in (local_date + _DAY, local_date, local_date - _DAY):
            if moment >= self.bounds(candidate)[0]:
                return candidate
        # The day before was left out: Samoa had no 30 December 2011.
        return local_date - 2 * _DAY


def local_moment(day: date, wall_minutes: int, zone: ZoneInfo, *, fold: Literal[0, 1] = 0) -> datetime:
    """The moment, in UTC, at which the wall shows so many minutes from the midnight of the date."""
    on_the_wall = datetime.combine(day, time()) + wall_minutes * _MINUTE
    return on_the_wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def wall_minutes_of(moment: datetime, day: date, zone: ZoneInfo) -> int:
    """Whole wall minutes from the midnight of the date to an aware moment; negative before it."""
    on_the_wall = moment.astimezone(zone).replace(tzinfo=None)
    return (on_the_wall - datetime.combine(day, time())) // _MINUTE


def is_skipped(day: date, wall_minutes: int, zone: ZoneInfo) -> bool:
    """Whether clocks that go forward leave out this wall minute, by less than a whole date.

    Samoa had no 30 December 2011: what lies in such a day has no time around it to move to.
    """
    gap = wall_minutes_of(local_moment(day, wall_minutes, zone), day, zone) - wall_minutes
    return 0 < gap < _DAY // _MINUTE


def whole_minute(moment: datetime) -> datetime:
    """The minute that the screen shows at a moment."""
    return moment.replace(second=0, microsecond=0)
