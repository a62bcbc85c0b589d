"""What new rules say twice and differently: thresholds that nobody can reach, allowances that no window holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from models.language import N_, Said
from server.attendance.points import ClockPoint, Shift
from server.attendance.rule_findings import at_place
from server.attendance.rules import RuleSet

_ALLOWED_BEYOND: Final = N_(
    "{point}: {minutes} min late or early are allowed, but the window ends {reach} min from the clock point"
)
_NEVER_REACHED: Final = N_(
    "{point}: more than {threshold} min can never be, because the window ends {reach} min from the clock point"
)


def contradictions(rules: RuleSet) -> list[Said]:
    """Everything in these rules that contradicts itself, with its place."""
    return [
        at_place(f"shifts.{name}", finding)
        for name, shift in rules.shifts.items()
        for number, point in enumerate(shift.points)
        for finding in _of_point(shift, number, point)
    ]


def _of_point(shift: Shift, number: int, point: ClockPoint) -> Iterator[Said]:
    start, end = shift.window_minutes(number)
    # Late is after an arrival, early before a departure.
    reach = end - point.at_minutes if point.direction == "in" else point.at_minutes - start
    allowed = _flexible_minutes(shift, number) + point.grace_minutes
    if allowed > reach:
        yield Said(_ALLOWED_BEYOND, point=point.name, minutes=allowed, reach=reach)
    for threshold in (point.serious_after_minutes, point.half_day_after_minutes, point.full_day_after_minutes):
        if threshold is not None and threshold + _counted_from(shift, number) >= reach:
            yield Said(_NEVER_REACHED, point=point.name, threshold=threshold, reach=reach)


def _flexible_minutes(shift: Shift, number: int) -> int:
    """By how much a point may be missed on the wrong side, or moves there."""
    if shift.flexible is None:
        return 0
    if number == 0:
        return shift.flexible.late_minutes
    return shift.flexible.early_minutes if number == len(shift.points) - 1 else 0


def _counted_from(shift: Shift, number: int) -> int:
    """How far from a point late or early minutes begin to count at the most."""
    if shift.flexible is None or (number > 0 and shift.flexible.kind == "shift"):
        return 0
    return _flexible_minutes(shift, number)
