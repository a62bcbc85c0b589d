"""The fourth part of the reference model: which clock event meets which clock point, by trying every way there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from server.attendance.events import RawEvent
from server.attendance.points import Shift
from tests.reference_windows import MINUTE, Open, World, counting_moment, expected, screen_minutes, wall_minute

Assignment = tuple[RawEvent | None, ...]
"""One way of sharing out events: for each clock point the event that meets it."""
Cost = tuple[int, int, int, timedelta]


def candidates(world: World, day: date, one: Open) -> list[RawEvent]:
    """The events that lie in the window of a point."""
    if one.covered:
        return []
    return [
        event
        for event in world.events
        if not event.voided and wall_minute(world, day, event.captured_at) in one.minutes
    ]


def best_assignments(world: World, day: date, points: Sequence[Open]) -> list[Assignment]:
    """Every cheapest way to share out the events."""
    shift = expected(world, day)[0]
    assert shift is not None
    may_meet = [candidates(world, day, one) for one in points]
    alone = met_alone(may_meet)
    by_cost: dict[Cost, list[Assignment]] = {}
    for assignment in ways(may_meet, shift.min_interval_minutes * MINUTE, ()):
        extremes = [is_alone or prefers_extremes(shift, number) for number, is_alone in enumerate(alone)]
        by_cost.setdefault(cost(points, assignment, extremes), []).append(assignment)
    return by_cost[min(by_cost)]


def met_alone(may_meet: Sequence[Sequence[RawEvent]]) -> list[bool]:
    """Points in whose windows no event could meet another point, too."""
    return [
        all(event not in may_meet[other] for event in own for other in range(len(may_meet)) if other != number)
        for number, own in enumerate(may_meet)
    ]


def prefers_extremes(shift: Shift, number: int) -> bool:
    """Points that prefer an early arrival or a late departure even where windows overlap."""
    if shift.mode == "first_last":
        return True
    moves_with_arrival = shift.flexible is not None and shift.flexible.kind == "shift"
    return moves_with_arrival and (number == 0 or number == len(shift.points) - 1)


def ways(may_meet: Sequence[Sequence[RawEvent]], apart: timedelta, so_far: Assignment) -> Iterator[Assignment]:
    """Every way to give each point an event or none, in the order of the day and far enough apart."""
    if len(so_far) == len(may_meet):
        yield so_far
        return
    yield from ways(may_meet, apart, (*so_far, None))
    before = [event for event in so_far if event is not None]
    for event in may_meet[len(so_far)]:
        if event not in before and (not before or event.captured_at - before[-1].captured_at >= apart):
            yield from ways(may_meet, apart, (*so_far, event))


def cost(points: Sequence[Open], assignment: Assignment, extremes: Sequence[bool]) -> Cost:
    """Required points without an event, points without one, minutes late or early, and how far from the point.

    Args:
        extremes: points at which the last is how late an arrival or how early a departure is, wherever the point lies.
    """
    required = alone = minutes = 0
    far = timedelta()
    for one, event, extreme in zip(points, assignment, extremes, strict=True):
        if one.covered:
            continue
        if event is None:
            required += one.point.required
            alone += 1
            continue
        after = counting_moment(event, one) - one.due
        minutes += max(0, screen_minutes(one.due, counting_moment(event, one)) * (1 if one.arrival else -1))
        far += (after if one.arrival else -after) if extreme else abs(after)
    return required, alone, minutes, far
