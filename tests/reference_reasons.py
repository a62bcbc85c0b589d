"""The third part of the reference model: which clock events a workday lists, and every reason that is true of each.

The document and the sentences that people read name reasons; where more than one of them is true of an event, the
document does not say which is given. So each event has a set of right reasons.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from server.attendance.events import RawEvent
from server.attendance.points import Shift
from server.attendance.reasons import Reason
from tests.reference_windows import (
    MINUTE,
    ONE_DAY,
    Open,
    World,
    begin_of,
    counting_moment,
    expected,
    reach,
    screen_minutes,
    wall_minute,
    windows_between_neighbours,
)


@dataclass(frozen=True)
class Kept:
    """A clock event that decided nothing on this workday.

    Attributes:
        reasons: all that are true of it.
        must_be_listed: whether it lies within the hours of the workday or between its windows; others may be listed.
    """

    event_id: UUID
    reasons: frozenset[Reason]
    must_be_listed: bool


def kept_events(
    world: World,
    day: date,
    shift: Shift | None,
    points: Sequence[Open],
    assignment: Sequence[RawEvent | None],
    corrected: Collection[int],
    extremes: Sequence[bool],
) -> tuple[Kept, ...]:
    """Every clock event of the person that decided nothing on this workday, in the order of time.

    Args:
        assignment: the clock event that meets each point, before corrections.
        corrected: numbers of points at which an approved moment took the place of clock events.
        extremes: points that prefer the earliest arrival or the latest departure.
    """
    begins, ends = reach(world, day, shift)
    found = []
    for event in sorted(world.events, key=lambda one: (one.captured_at, one.event_id.int)):
        met = [number for number, used in enumerate(assignment) if used == event]
        if met and met[0] not in corrected:
            continue
        if met:
            reasons = {Reason.of("corrected", point=met[0])}
        else:
            reasons = _true_of(world, day, shift, points, assignment, extremes, event)
        found.append(Kept(event.event_id, frozenset(reasons), begins <= event.captured_at < ends))
    return tuple(found)


def _true_of(
    world: World,
    day: date,
    shift: Shift | None,
    points: Sequence[Open],
    assignment: Sequence[RawEvent | None],
    extremes: Sequence[bool],
    event: RawEvent,
) -> set[Reason]:
    if event.voided:
        return {Reason.of("voided")}
    minute = wall_minute(world, day, event.captured_at)
    open_here = [one for one in points if minute in one.minutes]
    if not open_here:
        owner = workday_of(world, day, event.captured_at)
        if owner != day:
            return {Reason.of("other_workday", date=owner.isoformat())}
        return {Reason.of("no_work_expected" if shift is None else "outside_every_window")}
    assert shift is not None
    if all(one.covered for one in open_here):
        return {Reason.of("outside_every_window")}
    reasons = set()
    for one, used in zip(points, assignment, strict=True):
        if used is None:
            continue
        if abs(event.captured_at - used.captured_at) < shift.min_interval_minutes * MINUTE:
            reasons.add(Reason.of("same_visit", point=one.number))
        if one not in open_here:
            continue
        extreme = extremes[one.number]
        if extreme and one.arrival and counting_moment(used, one) <= counting_moment(event, one):
            reasons.add(Reason.of("later_than_arrival", point=one.number))
        if extreme and not one.arrival and counting_moment(used, one) >= counting_moment(event, one):
            reasons.add(Reason.of("earlier_than_departure", point=one.number))
        if not extreme and _how_far(one, used) <= _how_far(one, event):
            reasons.add(Reason.of("farther_than_used", point=one.number))
    return reasons


def _how_far(one: Open, event: RawEvent) -> tuple[int, timedelta]:
    """Minutes late or early, then nearness."""
    at = counting_moment(event, one)
    return max(0, screen_minutes(one.due, at) * (1 if one.arrival else -1)), abs(at - one.due)


def workday_of(world: World, day: date, moment: datetime) -> date:
    """The workday of an event that meets nothing on this one: whose window holds it, otherwise whose hours do."""
    for other in (day - ONE_DAY, day + ONE_DAY):
        shift = expected(world, other)[0]
        windows = [] if shift is None else windows_between_neighbours(world, other, shift)
        if any(wall_minute(world, other, moment) in window for window in windows):
            return other
    around = [moment.date() + days * ONE_DAY for days in (-2, -1, 0, 1, 2)]
    return max(one for one in around if begin_of(world, one) <= moment)
