"""Whether staff are late, or leave early, less often since the kiosk came, read from derived workdays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID

from server.attendance.trend import PersonWeek, Trend, TrendKind
from server.attendance.trend import trend as trend_of
from server.services.context import ServerContext
from server.storage.report_reading import ClockPointWeek


def read_trend(
    context: ServerContext, kind: TrendKind, division_id: UUID | None = None, came_on: date | None = None
) -> Trend | None:
    """The trend of the court with all its divisions, or of one division alone.

    Today is left out: of a day that is not over, late arrivals are known before missing ones. People count where they
    belonged on each day.

    Args:
        context: the server's parts.
        kind: late arrivals, early leaves or both.
        division_id: one division only, as a division head sees it; its trend is then the ``court`` of the result, under
            its own name. None is the court.
        came_on: the kiosk's first day; None takes it from the settings.

    Returns:
        None where nobody has said when the kiosk came.
    """
    came_on = came_on or context.settings.attendance.kiosk_came_on
    if came_on is None:
        return None
    today = context.site.day_of(context.clock.now())
    with context.unit(read_only=True) as unit:
        name = None if division_id is None else unit.reading.division_name(division_id)
        weeks = unit.reading.clock_point_weeks(today, division_id)
    if division_id is None:
        return trend_of(_counted(weeks, kind), came_on, kind)
    own = trend_of(_counted((week._replace(division=None) for week in weeks), kind), came_on, kind)
    return replace(own, court=replace(own.court, division=name))


def _counted(weeks: Iterable[ClockPointWeek], kind: TrendKind) -> Iterator[PersonWeek]:
    """What is expected and noted in each week, of arrivals, departures or both."""
    for week in weeks:
        expected = noted = 0
        if kind != "early":
            expected, noted = week.arrivals, week.late_times
        if kind != "late":
            expected, noted = expected + week.departures, noted + week.early_times
        if expected:
            yield PersonWeek(week.person_id, week.division, week.week, expected, noted)
