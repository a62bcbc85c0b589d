"""One clock point in words: its window, what met it, the arithmetic, what changed it."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from models.language import N_, Language, translate
from server.attendance.events import RawEvent
from server.attendance.matching import minutes_after
from server.attendance.points import ClockPoint, CountsAs, Shift
from server.attendance.site_days import is_skipped, local_moment, wall_minutes_of
from server.attendance.verdicts import Overlaid, PointResult, RawFact, WorkdayVerdict
from server.attendance.wording import joined, local_time, point_name, wall_time

_WINDOW_IN: Final = N_(
    "{point}, clock in at {due}: from {start} to {end} counts, and the earliest clock event decides."
)
_WINDOW_OUT: Final = N_(
    "{point}, clock out at {due}: from {start} to {end} counts, and the latest clock event decides."
)
_WINDOW_FIRST: Final = N_("{point}, clock in at {due}: the first clock event from {start} to {end} decides.")
_WINDOW_LAST: Final = N_("{point}, clock out at {due}: the last clock event from {start} to {end} decides.")
_WINDOW_SHARED: Final = N_(
    "{point}, at {due}: from {start} to {end} counts; "
    "where windows overlap, the clock event that suits it best decides."
)
_CUT: Final = N_(
    "Beyond this window, clock events belong to the workday next to this one, whose clock point is nearer."
)
_NO_WINDOW: Final = N_(
    "{point}, at {due}: the workdays next to this one leave no minute of its window, so nobody is expected to clock."
)
_SKIPPED: Final = N_("{point}: the clocks skip {skipped} on this day, so it is {instead}, and its window moves along.")
_USED: Final = N_("{point}: {time} is used.")
_USED_CORRECTION: Final = N_("{point}: {time} is used, an approved correction.")

_AT: Final = N_("{time} is the minute of {due}: on time.")
_IN_BEFORE: Final = N_("{time} is {minutes} min before {due}: on time.")
_IN_GRACE: Final = N_("{time} is {minutes} min after {due}; grace {grace} min: on time.")
_IN_LATE: Final = N_("{time} is {minutes} min after {due}; grace {grace} min: late {late} min.")
_OUT_AFTER: Final = N_("{time} is {minutes} min after {due}: on time.")
_OUT_GRACE: Final = N_("{time} is {minutes} min before {due}; grace {grace} min: on time.")
_OUT_EARLY: Final = N_("{time} is {minutes} min before {due}; grace {grace} min: left {late} min early.")
_OUT_PENDING: Final = N_(
    "{time} is {minutes} min before {due}, but the window is open until {end}: a later clock event would count instead."
    " Nothing is held against anybody yet."
)
_OUT_PENDING_HELD: Final = N_(
    "{time} is {minutes} min before {due}, but {held} lies in its window, too, and meets {holder} until a later clock "
    "event does. Nothing is held against anybody yet."
)
_IN_ALLOWED: Final = N_("Flexible hours: up to {allowed} min later are allowed.")
_OUT_ALLOWED: Final = N_("Flexible hours: up to {allowed} min earlier are allowed.")
_OUT_LATER: Final = N_("Flexible hours: who came {moved} min later leaves {moved} min later, at {due}.")
_OUT_EARLIER: Final = N_("Flexible hours: who came {moved} min earlier may leave {moved} min earlier, at {due}.")

_MISSING: Final = N_("{point}: no clock event from {start} to {end}, and one is required: missing.")
_PENDING: Final = N_(
    "{point}: no clock event yet; the window is open until {end}. Nothing is held against anybody yet."
)
_PENDING_HELD: Final = N_(
    "{point}: no clock event is left so far; {held} lies in its window, too, and meets {holder} until a later clock "
    "event does. Nothing is held against anybody yet."
)
_NOT_REQUIRED: Final = N_("{point}: no clock event, and none is required.")
_NOT_JUDGED: Final = N_(
    "{point}: no clock event from {start} to {end}; not judged, because the calendar is not confirmed."
)
_COVERED: Final = N_("{point}: {kinds}, so nobody is expected to clock.")
_MOVED_IN: Final = N_("{point}: {kinds}, so the arrival is expected at {due}, when it ends.")
_MOVED_OUT: Final = N_("{point}: {kinds}, so the departure is expected at {due}, when it begins.")
_WAIVED: Final = N_("{point}: excused. {note}")
_OUTAGE: Final = N_("{point}: excused, because the system had failed. {note}")
_UNFIT: Final = N_("An approved correction to {time} does not fit the shift of this day, and changes nothing.")
_ALONE: Final = N_("By clock events alone: {fact}.")

_COUNTS: Final[dict[CountsAs, str]] = {
    "late": N_("A missing clock counts as one late arrival here."),
    "early": N_("A missing clock counts as one early leave here."),
    "serious_late": N_("More than {serious} min late is serious."),
    "serious_early": N_("More than {serious} min early is serious."),
    "half_day": N_("More than {half} min counts as half a day of absence."),
    "full_day": N_("More than {full} min counts as a day of absence."),
}
_MISSING_HALF: Final = N_("A missing clock counts as half a day of absence here.")
_MISSING_FULL: Final = N_("A missing clock counts as a day of absence here.")
PART_OF_ABSENCE: Final = N_("It is part of the absence and is not counted again.")
"""Said of a fact that an absence takes up."""

_FACTS: Final = {
    "on_time": N_("{time}, on time"),
    "late": N_("{time}, late {minutes} min"),
    "early": N_("{time}, left {minutes} min early"),
    "missing": N_("missing"),
    "pending": N_("still open"),
    "not_expected": N_("not required"),
    "not_judged": N_("not judged"),
}
_AND: Final = N_("{first}, {second}")


def point_lines(result: PointResult, verdict: WorkdayVerdict, language: Language) -> list[str]:
    """Everything about one clock point."""
    shift = verdict.shift
    if shift is None:
        return []
    point = shift.points[result.number]
    kinds = [one for one in result.overlaid if one.kind in ("leave", "duty")]
    gaps: dict[str, object] = {
        "point": point_name(result, verdict, language),
        "due": local_time(result.due_at, verdict),
        "start": wall_time(result.start_minutes),
        "end": wall_time(result.end_minutes),
        "grace": point.grace_minutes,
        "late": result.minutes,
        "allowed": abs(result.flexible_minutes),
        "moved": abs(result.flexible_minutes),
        "serious": point.serious_after_minutes,
        "half": point.half_day_after_minutes,
        "full": point.full_day_after_minutes,
        "kinds": _kinds(kinds, verdict, language),
    }
    held = _held_for_now(result, verdict)
    if held is not None:
        gaps["held"] = local_time(held.captured_at, verdict)
        gaps["holder"] = joined(
            [point_name(other, verdict, language) for other in verdict.points if other.event == held], _AND, language
        )
    sentences: list[str] = []
    if result.outcome == "covered":
        sentences.append(_COVERED)
    else:
        if kinds:
            sentences.append(_MOVED_IN if point.direction == "in" else _MOVED_OUT)
        zone = ZoneInfo(verdict.time_zone)
        if not kinds and is_skipped(verdict.day, point.at_minutes, zone):
            sentences.append(_SKIPPED)
            gaps["skipped"] = wall_time(point.at_minutes)
            gaps["instead"] = local_time(local_moment(verdict.day, point.at_minutes, zone), verdict)
        sentences.append(_window_sentence(result, verdict, point))
        if not kinds and _is_cut(result, shift, verdict):
            sentences.append(_CUT)
        event = result.event or (result.raw.event if result.raw is not None and result.outcome == "excused" else None)
        if event is None:
            sentences += [_PENDING_HELD] if held is not None else _without_event(result)
        else:
            sentences += _with_event(result, event, point, verdict, gaps)
        sentences += _counting(result, point)
    for one in result.overlaid:
        if one.kind in ("waiver", "outage"):
            sentences.append(_WAIVED if one.kind == "waiver" else _OUTAGE)
            gaps["note"] = one.name
    lines = [translate(sentence, language).format(**gaps).rstrip() for sentence in sentences]
    for one in result.overlaid:
        if one.kind == "unfit":
            time = local_time(datetime.fromisoformat(one.name), verdict)
            lines.append(translate(_UNFIT, language).format(time=time))
    if result.raw is not None and _differs(result, result.raw):
        lines.append(translate(_ALONE, language).format(fact=_raw_fact(result.raw, point, verdict, language)))
    return lines


def _is_cut(result: PointResult, shift: Shift, verdict: WorkdayVerdict) -> bool:
    """Whether the days around took a part of the window, but not all of it."""
    start, end = shift.window_minutes(result.number)
    zone = ZoneInfo(verdict.time_zone)
    if result.start_minutes > result.end_minutes:
        return False
    if any(is_skipped(verdict.day, one, zone) for one in (start, shift.points[result.number].at_minutes, end)):
        return False
    return result.start_minutes > start or result.end_minutes < end


def _window_sentence(result: PointResult, verdict: WorkdayVerdict, point: ClockPoint) -> str:
    shift = verdict.shift
    if result.start_minutes > result.end_minutes:
        return _NO_WINDOW
    arrives = point.direction == "in"
    if shift is not None and shift.mode == "first_last":
        return _WINDOW_FIRST if arrives else _WINDOW_LAST
    shared = any(
        other.number != result.number
        and other.outcome != "covered"
        and other.start_minutes <= other.end_minutes
        and other.start_minutes <= result.end_minutes
        and other.end_minutes >= result.start_minutes
        for other in verdict.points
    )
    if shared:
        return _WINDOW_SHARED
    return _WINDOW_IN if arrives else _WINDOW_OUT


def _held_for_now(result: PointResult, verdict: WorkdayVerdict) -> RawEvent | None:
    """The clock event in the window of an open point that a later point has until it is met by another one."""
    if result.outcome != "pending":
        return None
    zone = ZoneInfo(verdict.time_zone)
    for later in verdict.points[result.number + 1 :]:
        event = later.event
        if event is None or event.method == "correction":
            continue
        if result.start_minutes <= wall_minutes_of(event.captured_at, verdict.day, zone) <= result.end_minutes:
            return event
    return None


def _without_event(result: PointResult) -> list[str]:
    outcome = result.outcome
    if result.start_minutes > result.end_minutes:
        return []
    if outcome == "excused" and result.raw is not None:
        outcome = result.raw.outcome
    sentences = {
        "missing": _MISSING,
        "pending": _PENDING,
        "not_expected": _NOT_REQUIRED,
        "not_judged": _NOT_JUDGED,
    }
    return [sentences[outcome]] if outcome in sentences else []


def _with_event(
    result: PointResult, event: RawEvent, point: ClockPoint, verdict: WorkdayVerdict, gaps: dict[str, object]
) -> list[str]:
    moment = event.counts_at(point.direction)
    after = minutes_after(result.due_at, moment)
    gaps["time"] = local_time(moment, verdict)
    gaps["minutes"] = abs(after)
    minutes = result.minutes
    if result.outcome == "excused" and result.raw is not None:
        minutes = result.raw.minutes
        gaps["late"] = minutes
    sentences = [_USED_CORRECTION if event.method == "correction" else _USED]
    shift = verdict.shift
    flexible = None if shift is None else shift.flexible
    if result.flexible_minutes and flexible is not None:
        if point.direction == "in":
            sentences.append(_IN_ALLOWED)
        elif flexible.kind == "allowance":
            sentences.append(_OUT_ALLOWED)
        else:
            sentences.append(_OUT_LATER if result.flexible_minutes > 0 else _OUT_EARLIER)
    if after == 0:
        sentences.append(_AT)
    elif point.direction == "in":
        sentences.append(_IN_BEFORE if after < 0 else _IN_LATE if minutes else _IN_GRACE)
    elif after > 0:
        sentences.append(_OUT_AFTER)
    elif result.outcome == "pending":
        sentences.append(_OUT_PENDING_HELD if "held" in gaps else _OUT_PENDING)
    else:
        sentences.append(_OUT_EARLY if minutes else _OUT_GRACE)
    return sentences


def _counting(result: PointResult, point: ClockPoint) -> list[str]:
    if result.outcome not in ("late", "early", "missing"):
        return []
    if result.counts_as == "nothing":
        return [PART_OF_ABSENCE]
    if result.outcome == "missing":
        if result.counts_as == "missing":
            return []
        if result.counts_as == "half_day" and point.missing_is == "full_day":
            # Leave or duty on the day: a sentence of its own says what that makes of it.
            return [_MISSING_FULL]
        if result.counts_as != point.missing_is:
            # Nothing was met at all: a sentence of its own says so.
            return []
        if result.counts_as == "half_day":
            return [_MISSING_HALF]
        return [_MISSING_FULL if result.counts_as == "full_day" else _COUNTS[result.counts_as]]
    if result.counts_as in ("late", "early"):
        return []
    # With leave or duty on the day, what counts as a day by itself is half a day.
    return [_COUNTS[point.counts_as(result.minutes) if result.counts_as == "half_day" else result.counts_as]]


def _differs(result: PointResult, raw: RawFact) -> bool:
    return (result.outcome, result.minutes, result.event) != (raw.outcome, raw.minutes, raw.event)


def _raw_fact(raw: RawFact, point: ClockPoint, verdict: WorkdayVerdict, language: Language) -> str:
    time = "" if raw.event is None else local_time(raw.event.counts_at(point.direction), verdict)
    return translate(_FACTS[raw.outcome], language).format(time=time, minutes=raw.minutes)


def _kinds(overlaid: list[Overlaid], verdict: WorkdayVerdict, language: Language) -> str:
    names = []
    for one in overlaid:
        known = verdict.rules.leave_kinds if one.kind == "leave" else verdict.rules.duty_kinds
        kind = known.get(one.name)
        names.append(one.name if kind is None else kind.name_zh if language == "zh" else kind.name_en)
    return joined(list(dict.fromkeys(names)), _AND, language)
