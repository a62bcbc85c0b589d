"""Who was touched by a fault of the system: what they could have met, or be held for, otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from server.attendance.overlays import off_post_number
from server.attendance.site_days import local_moment
from server.attendance.verdicts import OffPost, PointResult, WorkdayVerdict

BEFORE_DUE = timedelta(minutes=30)
"""Who is late because a kiosk had failed stood before it at most so long before the point was due."""


@dataclass(frozen=True, slots=True)
class WrongTime:
    """A clock event of a kiosk whose clock was wrong.

    Attributes:
        captured_at: as the kiosk said.
        really_at: as far as the kiosk's clock was off then.
    """

    event_id: UUID
    captured_at: datetime
    really_at: datetime


def touched_points(verdict: WorkdayVerdict, began_at: datetime, ended_at: datetime) -> list[int]:
    """What of a workday an outage may have cost: numbers of clock points, and ``off_post_number`` of stretches.

    A missing clock: the outage lay in the window. A late arrival: it lay between half an hour before the point was due
    and the clock event. An early departure: it lay between the clock event and the end of the window, since a later
    clock event would have counted. Time off post: it lay between the arrival and coming back, since one visit that is
    missing turns going out and coming back round. Whether it really was the reason, people decide.
    """
    found = []
    for result in verdict.points:
        stretch = _stretch(verdict, result)
        if stretch is not None and began_at < stretch[1] and stretch[0] < ended_at:
            found.append(result.number)
    for away in verdict.off_post:
        if not away.excused and began_at < away.back_at and _arrived_at(verdict, away) < ended_at:
            found.append(off_post_number(away.stretch))
    return sorted(set(found), key=_order)


def touched_by_wrong_times(
    verdict: WorkdayVerdict, began_at: datetime, ended_at: datetime, wrong_times: Sequence[WrongTime]
) -> list[int]:
    """As ``touched_points``, for a kiosk whose clock was wrong: what the person's clock events there may have cost.

    A point was touched when a clock event with a wrong time meets it, or would have met it better at the moment at
    which it really was; a missing clock also when the outage only lay in its window. Time off post: such an event lies
    between the arrival and coming back, by the kiosk's clock or really.

    Args:
        verdict: of one workday.
        began_at, ended_at: how long the clock was wrong.
        wrong_times: the person's clock events on that kiosk meanwhile.
    """
    wrong = {one.event_id for one in wrong_times}
    found = []
    for result in verdict.points:
        stretch = _stretch(verdict, result)
        if stretch is None:
            continue
        if result.outcome == "late":
            stretch = _window(verdict, result)[0], stretch[1]
        met_wrongly = result.event is not None and result.event.event_id in wrong
        in_window = result.outcome == "missing" and began_at < stretch[1] and stretch[0] < ended_at
        if met_wrongly or in_window or any(stretch[0] <= one.really_at < stretch[1] for one in wrong_times):
            found.append(result.number)
    for away in verdict.off_post:
        arrived_at = _arrived_at(verdict, away)
        if not away.excused and any(
            arrived_at <= moment <= away.back_at for one in wrong_times for moment in (one.captured_at, one.really_at)
        ):
            found.append(off_post_number(away.stretch))
    return sorted(set(found), key=_order)


def _order(number: int) -> tuple[bool, int]:
    """Clock points in their order, then stretches in theirs."""
    return number < 0, abs(number)


def _window(verdict: WorkdayVerdict, result: PointResult) -> tuple[datetime, datetime]:
    zone = ZoneInfo(verdict.time_zone)
    opens_at = local_moment(verdict.day, result.start_minutes, zone)
    return opens_at, local_moment(verdict.day, result.end_minutes + 1, zone)


def _stretch(verdict: WorkdayVerdict, result: PointResult) -> tuple[datetime, datetime] | None:
    """When a clock event would have helped; None where nothing is held against anybody."""
    if result.outcome == "missing":
        return _window(verdict, result)
    if result.outcome == "late" and result.event is not None:
        return result.due_at - BEFORE_DUE, result.event.captured_at
    if result.outcome == "early" and result.event is not None:
        return result.event.counts_at("out"), _window(verdict, result)[1]
    return None


def _arrived_at(verdict: WorkdayVerdict, away: OffPost) -> datetime:
    """The arrival that began the stretch in which somebody was away."""
    shift = verdict.shift
    return min(
        [
            result.event.captured_at
            for result in verdict.points
            if shift is not None and result.event is not None and shift.stretch_of(result.number) == away.stretch
        ],
        default=away.left_at,
    )
