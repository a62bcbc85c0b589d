"""One clock point in words: its window, what met it, the arithmetic, what changed it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from models.language import N_, Language, translate
from server.attendance.events import Method, RawEvent
from server.attendance.explaining_unmet import (
    Sentence,
    due_without_flexible,
    held_for_now,
    matched_event,
    without_event,
)
from server.attendance.matching import minutes_after, minutes_beyond
from server.attendance.points import ClockPoint, CountsAs, Shift
from server.attendance.site_days import is_skipped, local_moment
from server.attendance.verdicts import PointResult, RawFact, WorkdayVerdict
from server.attendance.wording import kind_names, local_time, point_name, wall_time

_MINUTE: Final = timedelta(minutes=1)

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
_DUE_LATER: Final = N_("{point}: until {at} included is the workday before this one, so it is {due} instead.")
_USED: Final = N_("{point}: {time} is used.")
_USED_IDENTIFIED: Final = N_(
    "{point}: first seen at {seen}, which decides the window, and identified at {time}, which counts for leaving: "
    "{time} is used."
)
_USED_BY_METHOD: Final[dict[Method, str]] = {
    "correction": N_("{point}: {time} is used, an approved correction."),
    "register": N_("{point}: {time} is used, a line of an imported register."),
}

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
CLOCKS_BACK: Final = N_("In between, the clocks were set back by {changed} min.")
CLOCKS_FORWARD: Final = N_("In between, the clocks were set forward by {changed} min.")
_IN_ALLOWED: Final = N_("Flexible hours: up to {allowed} min later are allowed.")
_OUT_ALLOWED: Final = N_("Flexible hours: up to {allowed} min earlier are allowed.")
_OUT_LATER: Final = N_("Flexible hours: who came {moved} min later leaves {moved} min later, at {due}.")
_OUT_EARLIER: Final = N_("Flexible hours: who came {moved} min earlier may leave {moved} min earlier, at {due}.")
_OUT_LATER_IN_PART: Final = N_(
    "Flexible hours: of the {came} min later that somebody came, {moved} count; the departure is due at {due}."
)
_OUT_EARLIER_IN_PART: Final = N_(
    "Flexible hours: of the {came} min earlier that somebody came, {moved} count; the departure is due at {due}."
)
_BY_CLOCK_EVENT: Final = N_("For this the clock event of {arrived} counts, not the correction.")

_COVERED: Final = N_("{point}: {kinds}, so nobody is expected to clock.")
_MOVED_IN: Final = N_("{point}: {kinds}, so the arrival is expected at {until}, when it ends.")
_MOVED_OUT: Final = N_("{point}: {kinds}, so the departure is expected at {until}, when it begins.")
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


def point_lines(result: PointResult, verdict: WorkdayVerdict, language: Language) -> list[str]:
    """Everything about one clock point."""
    shift = verdict.shift
    if shift is None:
        return []
    point = shift.points[result.number]
    gaps: dict[str, object] = {
        "point": point_name(result, verdict, language),
        "due": local_time(result.due_at, verdict, language),
        "start": wall_time(result.start_minutes, language),
        "end": wall_time(result.end_minutes, language),
        "grace": point.grace_minutes,
        "serious": point.serious_after_minutes,
        "half": point.half_day_after_minutes,
        "full": point.full_day_after_minutes,
        "kinds": kind_names(result.overlaid, verdict, language),
        "until": local_time(due_without_flexible(result, shift), verdict, language),
    }
    sentences: list[Sentence] = []
    if result.outcome == "covered":
        sentences.append((_COVERED, {}))
    else:
        if gaps["kinds"]:
            sentences.append((_MOVED_IN if point.direction == "in" else _MOVED_OUT, {}))
        zone = ZoneInfo(verdict.time_zone)
        if not gaps["kinds"] and is_skipped(verdict.day, point.at_minutes, zone):
            instead = local_time(local_moment(verdict.day, point.at_minutes, zone), verdict, language)
            sentences.append((_SKIPPED, {"skipped": wall_time(point.at_minutes, language), "instead": instead}))
        sentences.append((_window_sentence(result, verdict, point), {}))
        if not gaps["kinds"] and _is_cut(result, shift, verdict):
            sentences.append((_CUT, {}))
            if point.direction == "in" and point.at_minutes < result.start_minutes:
                sentences.append((_DUE_LATER, {"at": wall_time(point.at_minutes, language)}))
        fact = before_waivers(result, verdict, shift)
        flexible = _flexible_sentences(result, verdict, shift, language)
        if fact.event is None:
            sentences += [*flexible, *without_event(result, fact, verdict, shift, language)]
        else:
            used, *arithmetic = _with_event(result, fact, fact.event, point, verdict, language)
            sentences += [used, *flexible, *arithmetic]
        sentences += [(sentence, {}) for sentence in _counting(fact, point)]
    for one in result.overlaid:
        if one.kind in ("waiver", "outage"):
            sentences.append((_WAIVED if one.kind == "waiver" else _OUTAGE, {"note": one.name}))
    for one in result.overlaid:
        if one.kind == "unfit":
            time = local_time(datetime.fromisoformat(one.name), verdict, language)
            sentences.append((_UNFIT, {"time": time}))
    lines = [translate(sentence, language).format(**gaps, **own).rstrip() for sentence, own in sentences]
    if result.raw is not None and _differs(result, result.raw):
        lines.append(translate(_ALONE, language).format(fact=_raw_fact(result.raw, point, verdict, language)))
    return lines


def before_waivers(result: PointResult, verdict: WorkdayVerdict, shift: Shift) -> RawFact:
    """What a clock point says after leave, duty and corrections, without what a waiver excused."""
    if result.outcome != "excused":
        return RawFact(result.outcome, result.counts_as, result.minutes, result.event)
    point = shift.points[result.number]
    if result.event is None:
        return RawFact("missing", point.missing_is, 0, None)
    moves_due = point.direction == "out" and shift.flexible is not None and shift.flexible.kind == "shift"
    allowed = 0 if moves_due else result.flexible_minutes
    minutes = minutes_beyond(result.due_at, result.event, point.direction) - allowed
    counts_as = point.counts_as(minutes, may_be_absence=verdict.confirmed)
    return RawFact("late" if point.direction == "in" else "early", counts_as, minutes, result.event)


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


def _flexible_sentences(
    result: PointResult, verdict: WorkdayVerdict, shift: Shift, language: Language
) -> list[Sentence]:
    minutes = result.flexible_minutes
    if not minutes or shift.flexible is None:
        return []
    arrives = shift.points[result.number].direction == "in"
    if arrives or shift.flexible.kind == "allowance":
        allowed = _IN_ALLOWED if arrives else _OUT_ALLOWED
        return [] if result.event is None else [(allowed, {"allowed": minutes})]
    arrival = verdict.points[0]
    event = matched_event(arrival, verdict)
    came = minutes if event is None else minutes_after(arrival.due_at, event.captured_at)
    if came == minutes:
        sentence = _OUT_LATER if minutes > 0 else _OUT_EARLIER
    else:
        sentence = _OUT_LATER_IN_PART if minutes > 0 else _OUT_EARLIER_IN_PART
    sentences: list[Sentence] = [(sentence, {"moved": abs(minutes), "came": abs(came)})]
    if event is not None and event != arrival.event:
        sentences.append((_BY_CLOCK_EVENT, {"arrived": local_time(event.captured_at, verdict, language)}))
    return sentences


def _with_event(
    result: PointResult, fact: RawFact, event: RawEvent, point: ClockPoint, verdict: WorkdayVerdict, language: Language
) -> list[Sentence]:
    moment = event.counts_at(point.direction)
    after = minutes_after(result.due_at, moment)
    time, seen = local_time(moment, verdict, language), local_time(event.captured_at, verdict, language)
    held = held_for_now(result, verdict, language)
    used = _USED_BY_METHOD.get(event.method, _USED if time == seen else _USED_IDENTIFIED)
    if after == 0:
        sentence = _AT
    elif point.direction == "in":
        sentence = _IN_BEFORE if after < 0 else _IN_LATE if fact.minutes else _IN_GRACE
    elif after > 0:
        sentence = _OUT_AFTER
    elif fact.outcome == "pending":
        sentence = _OUT_PENDING if held is None else _OUT_PENDING_HELD
    else:
        sentence = _OUT_EARLY if fact.minutes else _OUT_GRACE
    return [
        (used, {"time": time, "seen": seen}),
        (sentence, {"time": time, "minutes": abs(after), "late": fact.minutes, **(held or {})}),
        *clocks_changed(result.due_at, moment, verdict),
    ]


def clocks_changed(one: datetime, other: datetime, verdict: WorkdayVerdict) -> list[Sentence]:
    """A sentence about clocks that were set between two moments, without which their difference looks wrong."""
    zone = ZoneInfo(verdict.time_zone)
    earlier, later = (moment.astimezone(zone).utcoffset() or timedelta(0) for moment in sorted((one, other)))
    if earlier == later:
        return []
    sentence = CLOCKS_FORWARD if later > earlier else CLOCKS_BACK
    return [(sentence, {"changed": abs(later - earlier) // _MINUTE})]


def _counting(fact: RawFact, point: ClockPoint) -> list[str]:
    """What a fact counts as, or would count as were it not excused."""
    if fact.outcome not in ("late", "early", "missing"):
        return []
    if fact.counts_as == "nothing":
        return [PART_OF_ABSENCE]
    if fact.outcome == "missing":
        if fact.counts_as == "missing":
            return []
        if fact.counts_as == "half_day" and point.missing_is == "full_day":
            # Leave or duty on the day: a sentence of its own says what that makes of it.
            return [_MISSING_FULL]
        if fact.counts_as != point.missing_is:
            # Nothing was met at all: a sentence of its own says so.
            return []
        if fact.counts_as == "half_day":
            return [_MISSING_HALF]
        return [_MISSING_FULL if fact.counts_as == "full_day" else _COUNTS[fact.counts_as]]
    if fact.counts_as in ("late", "early"):
        return []
    # With leave or duty on the day, what counts as a day by itself is half a day.
    return [_COUNTS[point.counts_as(fact.minutes) if fact.counts_as == "half_day" else fact.counts_as]]


def _differs(result: PointResult, raw: RawFact) -> bool:
    return (result.outcome, result.minutes, result.event) != (raw.outcome, raw.minutes, raw.event)


def _raw_fact(raw: RawFact, point: ClockPoint, verdict: WorkdayVerdict, language: Language) -> str:
    time = "" if raw.event is None else local_time(raw.event.counts_at(point.direction), verdict, language)
    return translate(_FACTS[raw.outcome], language).format(time=time, minutes=raw.minutes)
