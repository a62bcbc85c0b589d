"""Who was touched by a fault of the system: the clock points that they could have met while it lasted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from server.attendance.site_days import local_moment
from server.attendance.verdicts import PointResult, WorkdayVerdict

BEFORE_DUE = timedelta(minutes=30)
"""Who is late because a kiosk had failed stood before it at most so long before the point was due."""


@dataclass(frozen=True, slots=True)
class TouchedPoint:
    """A clock point that was missed, or met late or early, around an outage."""

    number: int
    result: PointResult


def touched_points(verdict: WorkdayVerdict, began_at: datetime, ended_at: datetime) -> list[TouchedPoint]:
    """The points of a workday that an outage may have cost.

    A missing clock: the outage lay in the window. A late arrival: it lay between half an hour before the point was due
    and the clock event. An early departure: it lay between the clock event and the end of the window, since a later
    clock event would have counted. Whether it really was the reason, people decide.
    """
    found = []
    for result in verdict.points:
        stretch = _stretch(verdict, result)
        if stretch is not None and began_at < stretch[1] and stretch[0] < ended_at:
            found.append(TouchedPoint(result.number, result))
    return found


def _stretch(verdict: WorkdayVerdict, result: PointResult) -> tuple[datetime, datetime] | None:
    zone = ZoneInfo(verdict.time_zone)
    if result.outcome == "missing":
        opens_at = local_moment(verdict.day, result.start_minutes, zone)
        return opens_at, local_moment(verdict.day, result.end_minutes + 1, zone)
    if result.outcome == "late" and result.event is not None:
        return result.due_at - BEFORE_DUE, result.event.captured_at
    if result.outcome == "early" and result.event is not None:
        return result.event.counts_at("out"), local_moment(verdict.day, result.end_minutes + 1, zone)
    return None
