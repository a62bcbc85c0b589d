"""A clock point that no event met, in words: whether its window was empty, or which other point has what lies in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from models.language import N_, Language
from server.attendance.events import RawEvent
from server.attendance.matching import minutes_beyond
from server.attendance.points import Shift
from server.attendance.site_days import wall_minutes_of
from server.attendance.verdicts import PointOutcome, PointResult, RawFact, WorkdayVerdict
from server.attendance.wording import listed, local_time, point_name

Sentence = tuple[str, dict[str, object]]
"""A sentence of the catalogue, and what fills its gaps beside what every sentence of its kind is given."""

_MINUTE: Final = timedelta(minutes=1)

_MISSING: Final = N_("{point}: no clock event from {start} to {end}, and one is required: missing.")
_NOT_JUDGED: Final = N_(
    "{point}: no clock event from {start} to {end}; not judged, because the calendar is not confirmed."
)
_PENDING: Final = N_(
    "{point}: no clock event yet; the window is open until {end}. Nothing is held against anybody yet."
)
_PENDING_HELD: Final = N_(
    "{point}: no clock event is left so far; {held} lies in its window, too, and meets {holder} until a later clock "
    "event does. Nothing is held against anybody yet."
)
_NOT_REQUIRED: Final = N_("{point}: no clock event, and none is required.")
_TAKEN_FEWER: Final = N_(
    "{time} lies in this window, too, but meets {other}: {there} min late or early there, {here} min here."
)
_TAKEN_REQUIRED: Final = N_(
    "{time} lies in this window, too, but meets {other}, where a clock event is required; here none is."
)
_TAKEN_NEARER: Final = N_("{time} lies in this window, too, but meets {other}, to which it is nearer.")
_TAKEN: Final = N_(
    "{time} lies in this window, too, but meets {other}: clock events are shared out so that as few clock points as "
    "possible are missed, then as few minutes as possible are late or early."
)
_UNUSED: Final = N_("{time} lies in this window, too, but is not used.")
_MISSING_OTHER: Final = N_("{point}: no other clock event from {start} to {end}, and one is required: missing.")
_NOT_JUDGED_OTHER: Final = N_(
    "{point}: no other clock event from {start} to {end}; not judged, because the calendar is not confirmed."
)
_PENDING_OTHER: Final = N_(
    "{point}: no other clock event yet; the window is open until {end}. Nothing is held against anybody yet."
)
_NOT_REQUIRED_OTHER: Final = N_("{point}: no other clock event, and none is required.")
_NONE: Final[dict[PointOutcome, tuple[str, str]]] = {
    "missing": (_MISSING, _MISSING_OTHER),
    "pending": (_PENDING, _PENDING_OTHER),
    "not_expected": (_NOT_REQUIRED, _NOT_REQUIRED_OTHER),
    "not_judged": (_NOT_JUDGED, _NOT_JUDGED_OTHER),
}
"""What is said where nothing meets a point: of an empty window, and of one whose clock events decide elsewhere."""


def due_without_flexible(result: PointResult, shift: Shift) -> datetime:
    """When a point is due by the shift and by leave, before flexible hours move it."""
    if shift.flexible is None or shift.flexible.kind != "shift" or shift.points[result.number].direction == "in":
        return result.due_at
    return result.due_at - result.flexible_minutes * _MINUTE


def held_for_now(result: PointResult, verdict: WorkdayVerdict, language: Language) -> dict[str, object] | None:
    """The clock event in the window of an open point that a later point has until it is met by another one."""
    if result.outcome != "pending":
        return None
    for later in verdict.points[result.number + 1 :]:
        event = later.event
        if event is not None and event.method != "correction" and _lies_in(event, result, verdict):
            holders = [point_name(other, verdict, language) for other in verdict.points if other.event == event]
            held = local_time(event.captured_at, verdict, language)
            return {"held": held, "holder": listed(holders, language)}
    return None


def _lies_in(event: RawEvent, result: PointResult, verdict: WorkdayVerdict) -> bool:
    minutes = wall_minutes_of(event.captured_at, verdict.day, ZoneInfo(verdict.time_zone))
    return not event.voided and result.start_minutes <= minutes <= result.end_minutes


def matched_event(result: PointResult, verdict: WorkdayVerdict) -> RawEvent | None:
    """The clock event that met a point, also where a correction has taken its place since."""
    if result.event is None or result.event.method != "correction":
        return result.event
    for one in verdict.ignored:
        if one.reason.code == "corrected" and one.reason["point"] == result.number:
            return one.event
    return None


def without_event(
    result: PointResult, fact: RawFact, verdict: WorkdayVerdict, shift: Shift, language: Language
) -> list[Sentence]:
    if result.start_minutes > result.end_minutes:
        return []
    held = held_for_now(result, verdict, language)
    if held is not None:
        return [(_PENDING_HELD, held)]

    def time(event: RawEvent) -> dict[str, object]:
        return {"time": local_time(event.captured_at, verdict, language)}

    elsewhere: list[Sentence] = []
    for other in verdict.points:
        event = matched_event(other, verdict)
        if event is not None and event == other.event and _lies_in(event, result, verdict):
            sentence, figures = _why_taken(event, result, other, shift)
            elsewhere.append((sentence, {**time(event), **figures, "other": point_name(other, verdict, language)}))
    elsewhere += [(_UNUSED, time(one.event)) for one in verdict.ignored if _lies_in(one.event, result, verdict)]
    return [*elsewhere, (_NONE[fact.outcome][bool(elsewhere)], {})]


def _why_taken(event: RawEvent, result: PointResult, other: PointResult, shift: Shift) -> Sentence:
    """Why an event meets another point, where it would have been the only one at this point."""
    point, other_point = shift.points[result.number], shift.points[other.number]
    due, other_due = due_without_flexible(result, shift), due_without_flexible(other, shift)
    here = max(0, minutes_beyond(due, event, point.direction))
    there = max(0, minutes_beyond(other_due, event, other_point.direction))
    if other_point.required and not point.required:
        return _TAKEN_REQUIRED, {}
    if point.required == other_point.required and there < here:
        return _TAKEN_FEWER, {"there": there, "here": here}
    is_nearer = abs(event.counts_at(other_point.direction) - other_due) < abs(event.counts_at(point.direction) - due)
    moves = shift.flexible is not None and shift.flexible.kind == "shift"
    nearest_decides = shift.mode == "windows" and not moves
    if point.required == other_point.required and there == here and is_nearer and nearest_decides:
        return _TAKEN_NEARER, {}
    return _TAKEN, {}
