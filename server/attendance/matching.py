"""Which clock event meets which clock point.

Windows first: a clock event can meet the points whose windows hold it, and each event meets one at most. In or out is
never toggled, so walking past clocks nobody out, and an event that is forgotten, doubled or late moves no event but
those that share windows with it.

Where a window is alone, an arrival is met by the earliest event in it and a departure by the latest. Where windows
overlap, the events are shared out between their points in the order of the day, so that

1. as few required points as possible stay without an event, then as few points at all,
2. then as few minutes as possible are late or early,
3. then every event is as near as possible to its point.

Where the day moves with the arrival (flexible hours of the kind ``shift``), the third rule takes the earliest event for
the first arrival and the latest one for the last departure, as a window that is alone does: when the departure is due
is not known before the arrival is, and nearest to where it would have been is not what the person owes.

There an event may change hands as long as a window is open: what a later point has so far comes back to an earlier one,
even to one whose window has closed, once a later event meets the later point.

Events nearer to each other than the shift's minimum interval are one visit, and one visit meets one point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from server.attendance.day_plans import DayPlan, PlannedPoint
from server.attendance.events import IgnoredEvent, RawEvent, in_order
from server.attendance.points import Direction
from server.attendance.reasons import Reason

_MINUTE: Final = timedelta(minutes=1)
_NO_TIME: Final = timedelta(0)
_NOTHING: Final[frozenset[int]] = frozenset()
_NEVER: Final[Mapping[int, datetime]] = {}


def minutes_after(due_at: datetime, captured_at: datetime) -> int:
    """Whole minutes from a clock point to a clock event, as people saw them on the screen; negative before it.

    The screen shows 08:30 from 08:30:00 to 08:30:59, so 08:30:59 is 0 minutes after 08:30, 08:31:00 is 1, and 17:29:59
    is -1 minute after 17:30.
    """
    return (captured_at - due_at) // _MINUTE


def minutes_beyond(due_at: datetime, event: RawEvent, direction: Direction) -> int:
    """Minutes late at an arrival, or early at a departure; negative on the right side."""
    if direction == "in":
        return (event.captured_at - due_at) // _MINUTE
    return -((event.counts_at("out") - due_at) // _MINUTE)


@dataclass(frozen=True, slots=True)
class Matching:
    """What became of every clock event.

    Attributes:
        used: for each clock point, in its order, the event that meets it, or None.
        ignored: all other events, in the order of time.
        may_change_until: for each point by its number, until when a later event may give it one that a later point has
            so far, or its own closing; empty where no event lies in two windows, and each closes by itself.
    """

    used: tuple[RawEvent | None, ...]
    ignored: tuple[IgnoredEvent, ...]
    may_change_until: Mapping[int, datetime]


def match_events(
    plan: DayPlan, points: Sequence[PlannedPoint | None], events: Sequence[RawEvent], *, windows_overlap: bool
) -> Matching:
    """Give every clock event its place in one workday.

    Args:
        plan: of the workday.
        points: the points as they hold for this person on this day; None for one that nobody expects to be met.
        events: of one person, in order (``events.in_order``); at least those in the plan's reach.
        windows_overlap: whether a moment may lie in two windows of these points.
    """
    candidates = [[] if planned is None else _inside(plan, planned, events) for planned in points]
    contested = _contested(candidates) if windows_overlap else _NOTHING
    used = None if contested else _each_alone(plan, points, candidates)
    if used is None:
        used = _share_out(plan, points, candidates, contested)
    if len(used) - used.count(None) == len(events):
        return Matching(tuple(used), (), _may_change_until(points, candidates, used) if contested else _NEVER)
    chosen = {event.event_id for event in used if event is not None}
    ignored = tuple(
        IgnoredEvent(event, _why_ignored(plan, points, used, contested, event))
        for event in events
        if event.event_id not in chosen
    )
    return Matching(tuple(used), ignored, _may_change_until(points, candidates, used) if contested else _NEVER)


def _inside(plan: DayPlan, planned: PlannedPoint, events: Sequence[RawEvent]) -> list[RawEvent]:
    """The events that are in the window of a point and not voided."""
    opens_at, closes_at = planned.opens_at, planned.closes_at
    inside = [event for event in events if opens_at <= event.captured_at < closes_at and not event.voided]
    if plan.is_steady or not inside:
        return inside
    return [event for event in inside if plan.holds(planned, event.captured_at)]


def _contested(candidates: Sequence[list[RawEvent]]) -> frozenset[int]:
    """Numbers of the points one of whose events could meet another point, too."""
    numbers_of: dict[UUID, list[int]] = {}
    for number, own in enumerate(candidates):
        for event in own:
            numbers_of.setdefault(event.event_id, []).append(number)
    return frozenset(number for numbers in numbers_of.values() if len(numbers) > 1 for number in numbers)


def _may_change_until(
    points: Sequence[PlannedPoint | None],
    candidates: Sequence[list[RawEvent]],
    used: Sequence[RawEvent | None],
) -> dict[int, datetime]:
    """Until when each point may still get an event that another one has so far, or its own closing."""
    until: dict[int, datetime] = {}
    for number in reversed(range(len(points))):
        planned = points[number]
        if planned is None:
            continue
        # Events come in the order of time, so only a later point can give one back.
        holders = (later for later in range(number + 1, len(points)) if used[later] in candidates[number])
        until[number] = max([planned.closes_at, *(until[later] for later in holders)])
    return until


def _each_alone(
    plan: DayPlan, points: Sequence[PlannedPoint | None], candidates: Sequence[list[RawEvent]]
) -> list[RawEvent | None] | None:
    """Every point by itself; None where two of them would be met by one visit."""
    used: list[RawEvent | None] = []
    last: RawEvent | None = None
    interval = _interval(plan)
    for planned, own in zip(points, candidates, strict=True):
        if planned is None or not own:
            used.append(None)
            continue
        event = own[0] if planned.point.direction == "in" or len(own) == 1 else max(own, key=_leaving)
        if last is not None and event.captured_at - last.captured_at < interval:
            return None
        used.append(event)
        last = event
    return used


def _leaving(event: RawEvent) -> tuple[datetime, int]:
    return event.counts_at("out"), event.event_id.int


def _interval(plan: DayPlan) -> timedelta:
    return _NO_TIME if plan.shift is None else plan.shift.min_interval_minutes * _MINUTE


_Cost = tuple[int, int, int, timedelta]
"""Unmet required points, unmet points, minutes late or early, distance; compared in this order."""


def _plus(cost: _Cost, other: _Cost) -> _Cost:
    return cost[0] + other[0], cost[1] + other[1], cost[2] + other[2], cost[3] + other[3]


@dataclass(frozen=True, slots=True)
class _Way:
    """The cheapest way to have settled some points: what it costs, what the last of them got, and the way before."""

    cost: _Cost
    event: RawEvent | None
    before: _Way | None


def _share_out(
    plan: DayPlan,
    points: Sequence[PlannedPoint | None],
    candidates: Sequence[list[RawEvent]],
    contested: frozenset[int],
) -> list[RawEvent | None]:
    """The cheapest assignment, found point by point.

    ``ways`` holds, for each event that may have been used last (None: no event yet), the cheapest way to have settled
    the points so far. Windows begin and end in the order of their points, so there is always a cheapest assignment in
    which events are used in the order of time. Of two that cost the same, the earlier events are taken.
    """
    interval = _interval(plan)
    in_time = in_order({event.event_id: event for own in candidates for event in own}.values())
    rank = {event.event_id: number for number, event in enumerate(in_time)}
    ways: list[_Way | None] = [_Way((0, 0, 0, _NO_TIME), None, None), *([None] * len(in_time))]
    for number, planned in enumerate(points):
        skip: _Cost = (0, 0, 0, _NO_TIME) if planned is None else (int(planned.point.required), 1, 0, _NO_TIME)
        following = [None if way is None else _Way(_plus(way.cost, skip), None, way) for way in ways]
        if planned is not None:
            cheapest: _Way | None = ways[0]
            settled = 0
            for event in candidates[number]:
                while settled < len(in_time) and _is_another_visit(in_time[settled], event, interval):
                    settled += 1
                    way = ways[settled]
                    if way is not None and (cheapest is None or way.cost < cheapest.cost):
                        cheapest = way
                if cheapest is None:
                    continue
                cost = _plus(cheapest.cost, _cost_of(plan, planned, event, number in contested))
                place = rank[event.event_id] + 1
                there = following[place]
                if there is None or cost < there.cost:
                    following[place] = _Way(cost, event, cheapest)
        ways = following
    way = min((one for one in ways if one is not None), key=lambda one: one.cost)
    used: list[RawEvent | None] = []
    step: _Way | None = way
    while step is not None and step.before is not None:
        used.append(step.event)
        step = step.before
    return used[::-1]


def _is_another_visit(earlier: RawEvent, later: RawEvent, interval: timedelta) -> bool:
    return earlier.captured_at < later.captured_at and later.captured_at - earlier.captured_at >= interval


def _cost_of(plan: DayPlan, planned: PlannedPoint, event: RawEvent, contested: bool) -> _Cost:
    harm = max(0, minutes_beyond(planned.due_at, event, planned.point.direction))
    moment = event.counts_at(planned.point.direction)
    if _prefers_ends(plan, planned, contested):
        far = moment - planned.opens_at if planned.point.direction == "in" else planned.closes_at - moment
    else:
        far = abs(moment - planned.due_at)
    return 0, 0, harm, far


def _suits_better(
    plan: DayPlan, planned: PlannedPoint, event: RawEvent, taken: RawEvent | None, contested: bool
) -> bool:
    """Whether an event would meet a point at less cost than the one that does."""
    return taken is not None and _cost_of(plan, planned, event, contested) < _cost_of(plan, planned, taken, contested)


def _prefers_ends(plan: DayPlan, planned: PlannedPoint, contested: bool) -> bool:
    """Whether the earliest arrival or the latest departure is preferred at a point, not the nearest event."""
    shift = plan.shift
    if not contested or shift is None or shift.mode == "first_last":
        return True
    moves = shift.flexible is not None and shift.flexible.kind == "shift"
    return moves and planned.number in (0, len(shift.points) - 1)


def _why_ignored(
    plan: DayPlan,
    points: Sequence[PlannedPoint | None],
    used: Sequence[RawEvent | None],
    contested: frozenset[int],
    event: RawEvent,
) -> Reason:
    if event.voided:
        return Reason("voided")
    holding = [planned for planned in points if planned is not None and plan.holds(planned, event.captured_at)]
    if not holding:
        elsewhere = plan.day_elsewhere(event.captured_at)
        # The window of a point that leave covers is no other day's.
        if elsewhere is not None and not any(plan.holds(planned, event.captured_at) for planned in plan.points):
            return Reason.of("other_workday", date=elsewhere.isoformat())
        return Reason("outside_every_window")
    # Of several windows, the nearest one whose point was met by another event.
    met = [planned for planned in holding if used[planned.number] is not None]
    visits = [(abs(event.captured_at - other.captured_at), n) for n, other in enumerate(used) if other is not None]
    if not met:
        return Reason.of("same_visit", point=min(visits)[1])
    met.sort(key=lambda one: abs(event.captured_at - one.due_at))
    planned = met[0]
    worse_at = [one for one in met if not _suits_better(plan, one, event, used[one.number], one.number in contested)]
    if planned not in worse_at:
        # It would have suited its point better, had its visit not met another one.
        if min(visits)[0] < _interval(plan):
            return Reason.of("same_visit", point=min(visits)[1])
        # Or had it not come too late in the day for the points to be met in turn: it is worse at another one.
        planned = worse_at[0] if worse_at else planned
    if not _prefers_ends(plan, planned, planned.number in contested):
        return Reason.of("farther_than_used", point=planned.number)
    if planned.point.direction == "in":
        return Reason.of("later_than_arrival", point=planned.number)
    return Reason.of("earlier_than_departure", point=planned.number)
