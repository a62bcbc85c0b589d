"""Off post: times away between an arrival and the departure that follows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from server.attendance.day_plans import DayPlan
from server.attendance.events import IgnoredEvent, RawEvent
from server.attendance.overlays import Overlays, minutes_covered, off_post_number
from server.attendance.site_days import whole_minute
from server.attendance.verdicts import OffPost, Overlaid, PointResult

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TimesAway:
    """Times away that are longer than the shift allows, in the order of time.

    Attributes:
        off_post: also without the minutes of leave and duty.
        on_leave: only with them.
    """

    off_post: tuple[OffPost, ...] = ()
    on_leave: tuple[OffPost, ...] = ()


def find_off_post(
    plan: DayPlan, results: Sequence[PointResult], ignored: Iterable[IgnoredEvent], overlays: Overlays
) -> TimesAway:
    """Times away that are longer than the shift allows.

    Between an arrival and its departure, visits to the kiosk that met no clock point come in pairs: going out and
    coming back. Visits nearer to each other than the shift's minimum interval are one. A last visit without another
    one says nothing, so walking past a kiosk once costs nobody anything. Minutes of leave or duty are not away.
    """
    shift = plan.shift
    if shift is None or shift.off_post_after_minutes is None:
        return TimesAway()
    unused = [
        one.event
        for one in ignored
        if not one.event.voided and one.reason.code != "corrected" and not plan.lies_elsewhere(one.event.captured_at)
    ]
    off_post: list[OffPost] = []
    on_leave: list[OffPost] = []
    for number, arrival in enumerate(results[:-1]):
        departure = results[number + 1]
        if shift.points[number].direction != "in" or shift.points[number + 1].direction != "out":
            continue
        if arrival.event is None or arrival.outcome == "covered":
            continue
        start = arrival.event.captured_at
        end = departure.due_at if departure.event is None else min(departure.due_at, departure.event.captured_at)
        between = [event for event in unused if start < event.captured_at < end]
        visits = _visits(between, start, shift.min_interval_minutes * _MINUTE)
        for (_, left_at), (back_at, _) in zip(visits[::2], visits[1::2], strict=False):
            # As people saw them on the screen: from 10:00:59 to 11:01:00 is 61 minutes, like from 10:00 to 11:01.
            seen_left, seen_back = whole_minute(left_at), whole_minute(back_at)
            away = (seen_back - seen_left) // _MINUTE
            if away <= shift.off_post_after_minutes:
                continue
            minutes = away - minutes_covered(seen_left, seen_back, overlays.absences)
            over = _absences_over(seen_left, seen_back, overlays)
            if minutes > shift.off_post_after_minutes:
                waivers = _waivers_over(overlays, shift.stretch_of(number))
                excused = bool(waivers)
                off_post.append(
                    OffPost(left_at, back_at, minutes, shift.stretch_of(number), excused, (*over, *waivers))
                )
            else:
                on_leave.append(OffPost(left_at, back_at, minutes, shift.stretch_of(number), False, over))
    return TimesAway(tuple(off_post), tuple(on_leave))


def _absences_over(start: datetime, end: datetime, overlays: Overlays) -> tuple[Overlaid, ...]:
    return tuple(
        Overlaid(one.kind, one.request_id, one.name)
        for one in sorted(overlays.absences, key=lambda one: (one.starts_at, str(one.request_id)))
        if minutes_covered(start, end, (one,))
    )


def _waivers_over(overlays: Overlays, stretch: int) -> tuple[Overlaid, ...]:
    return tuple(
        Overlaid("outage" if one.outage else "waiver", one.request_id, one.note)
        for one in sorted(overlays.waivers, key=lambda one: str(one.request_id))
        if one.point in (None, off_post_number(stretch))
    )


def _visits(events: Sequence[RawEvent], arrived_at: datetime, interval: timedelta) -> list[tuple[datetime, datetime]]:
    """First and last moment of each visit; those of the arrival's own visit are left out."""
    visits: list[tuple[datetime, datetime]] = []
    last = arrived_at
    for event in events:
        if event.captured_at - last < interval:
            if visits:
                visits[-1] = visits[-1][0], event.captured_at
        else:
            visits.append((event.captured_at, event.captured_at))
        last = event.captured_at
    return visits
