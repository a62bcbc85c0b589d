"""Which days an older machine's register judges: those in which it was in use, from each person's first line on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from server.attendance.site_days import SiteDays

NOT_IN_USE_DAYS: Final = 15
"""Where nobody has a line for more days in a row, longer than any holidays, the machine was not in use."""
_ONE_DAY: Final = timedelta(days=1)

Span = tuple[date, date]
"""A first and a last day, both included."""


def days_in_use(days: Iterable[date]) -> list[Span]:
    """The stretches of days in which a machine was in use, from the days on which anybody has a line."""
    spans: list[Span] = []
    for day in sorted(days):
        if spans and (day - spans[-1][1]).days <= NOT_IN_USE_DAYS + 1:
            spans[-1] = spans[-1][0], day
        else:
            spans.append((day, day))
    return spans


def span_of(spans: Sequence[Span], day: date) -> int:
    """The number of the span that a day of one of them lies in."""
    return bisect_right(spans, (day, date.max)) - 1


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same days in as few spans as possible, in order."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + _ONE_DAY:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return tuple(found)


class DayFinder:
    """To which workday a moment belongs, for a million moments: most lie in a day that was asked for before."""

    def __init__(self, site: SiteDays) -> None:
        self._site = site
        self._bounds: dict[date, tuple[datetime, datetime]] = {}

    def day_of(self, moment: datetime) -> date:
        """As ``SiteDays.day_of``."""
        day = moment.astimezone(self._site.zone).date()
        bounds = self._bounds.get(day)
        if bounds is None:
            bounds = self._bounds[day] = self._site.bounds(day)
        return day if bounds[0] <= moment < bounds[1] else self._site.day_of(moment)
