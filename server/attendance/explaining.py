"""Why a verdict is what it is, in words: windows, clock events, arithmetic, rule version."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from models.language import N_, Language, translate
from server.attendance.calendar import CalendarDay, DayKind
from server.attendance.matching import IgnoredEvent, RawEvent
from server.attendance.points import DAY_MINUTES, ClockPoint
from server.attendance.reasons import Reason
from server.attendance.verdicts import PointResult, Status, WorkdayVerdict, minutes_after

_DAY_SENTENCES: Final[dict[DayKind, str]] = {
    "workday": N_("{date} is a workday."),
    "makeup_workday": N_("{date} is a make-up workday ({name})."),
    "rest_day": N_("{date} is a rest day: no work is expected, nothing is judged."),
    "holiday": N_("{date} is a public holiday ({name}): no work is expected, nothing is judged."),
}
_UNCONFIRMED: Final = N_(
    "The official calendar of {year} is not known here yet: Monday to Friday are taken for workdays, "
    "and a missing clock or an absence is not judged."
)
_ABSENT: Final = N_("No clock point was met and every window has closed: absent.")
_RULES: Final = N_("Judged by the rules of version {version}; times are local times of {zone}.")
_RESULT: Final = N_("Result: {summary}.")

_WINDOW_IN: Final = N_(
    "{point}, clock in at {due}: from {start} to {end} counts, and the earliest clock event decides."
)
_WINDOW_OUT: Final = N_(
    "{point}, clock out at {due}: from {start} to {end} counts, and the latest clock event decides."
)
_USED: Final = N_("{point}: {time} is used.")

_AT: Final = N_("{time} is the minute of {due}: on time.")
_IN_BEFORE: Final = N_("{time} is {minutes} min before {due}: on time.")
_IN_GRACE: Final = N_("{time} is {minutes} min after {due}; grace {grace} min: on time.")
_IN_LATE: Final = N_("{time} is {minutes} min after {due}; grace {grace} min: late {minutes} min.")
_OUT_AFTER: Final = N_("{time} is {minutes} min after {due}: on time.")
_OUT_GRACE: Final = N_("{time} is {minutes} min before {due}; grace {grace} min: on time.")
_OUT_EARLY: Final = N_("{time} is {minutes} min before {due}; grace {grace} min: left {minutes} min early.")
_OUT_PENDING: Final = N_(
    "{time} is {minutes} min before {due}, but the window is open until {end}: a later clock event would count instead."
    " Nothing is held against anybody yet."
)

_MISSING: Final = N_("{point}: no clock event from {start} to {end}, and one is required: missing.")
_PENDING: Final = N_(
    "{point}: no clock event yet; the window is open until {end}. Nothing is held against anybody yet."
)
_NOT_REQUIRED: Final = N_("{point}: no clock event, and none is required.")
_NOT_JUDGED: Final = N_(
    "{point}: no clock event from {start} to {end}; not judged, because the calendar is not confirmed."
)

_IGNORED: Final = N_("{time} is kept but not used: {reason}")
_IGNORED_VOIDED: Final = N_("“Not me” was pressed for it.")
_IGNORED_OUTSIDE: Final = N_("it lies outside every window.")
_IGNORED_LATER: Final = N_("{used} was earlier, and the earliest one decides at {point}.")
_IGNORED_EARLIER: Final = N_("{used} was later, and the latest one decides at {point}.")
_IGNORED_NO_WORK: Final = N_("no work is expected on this day.")
_IGNORED_OTHER_DAY: Final = N_("it belongs to the workday of {date}.")

_SUMMARIES: Final[dict[Status, str]] = {
    "absent": N_("absent"),
    "late": N_("late {minutes} min"),
    "early_leave": N_("left {minutes} min early"),
    "missing_clock": N_("missing clock: {points}"),
    "not_judged": N_("not judged: {points}"),
    "pending": N_("still open: {points}"),
    "normal": N_("normal"),
}
_REST_SUMMARIES: Final[dict[DayKind, str]] = {"rest_day": N_("rest day"), "holiday": N_("public holiday ({name})")}
_THEN: Final = N_("{first}; {second}")
_AND: Final = N_("{first}, {second}")


def summary(verdict: WorkdayVerdict, language: Language) -> str:
    """One short line, such as "late 13 min; left 20 min early"."""
    parts = [_status_in_words(status, verdict, language) for status in verdict.status]
    return _joined(parts, _THEN, language)


def explain(verdict: WorkdayVerdict, language: Language) -> list[str]:
    """The whole way from the calendar and the clock events to the result, a sentence or two a line.

    Times are those of the site, HH:MM; ``+1`` is the next day, ``-1`` the day before.
    """
    lines = [_day_line(verdict.calendar_day, language)]
    if not verdict.calendar_day.confirmed:
        lines.append(translate(_UNCONFIRMED, language).format(year=verdict.date.year))
    if verdict.calendar_day.expects_work:
        for result in verdict.points:
            lines += _point_lines(result, verdict, language)
    lines += [_ignored_line(one, verdict, language) for one in verdict.ignored]
    if "absent" in verdict.status:
        lines.append(translate(_ABSENT, language))
    lines.append(translate(_RESULT, language).format(summary=summary(verdict, language)))
    lines.append(translate(_RULES, language).format(version=verdict.rule_version, zone=verdict.time_zone))
    return lines


def _status_in_words(status: Status, verdict: WorkdayVerdict, language: Language) -> str:
    if status == "rest_day":
        day = verdict.calendar_day
        return translate(_REST_SUMMARIES[day.kind], language).format(name=_holiday_name(day, language))
    minutes = verdict.late_minutes if status == "late" else verdict.early_minutes
    outcome = {"missing_clock": "missing"}.get(status, status)
    names = [_point_name(result.point, language) for result in verdict.points if result.outcome == outcome]
    return translate(_SUMMARIES[status], language).format(minutes=minutes, points=_joined(names, _AND, language))


def _day_line(day: CalendarDay, language: Language) -> str:
    return translate(_DAY_SENTENCES[day.kind], language).format(
        date=day.date.isoformat(), name=_holiday_name(day, language)
    )


def _point_lines(result: PointResult, verdict: WorkdayVerdict, language: Language) -> list[str]:
    point, event = result.point, result.event
    gaps: dict[str, object] = {
        "point": _point_name(point, language),
        "due": _local_time(result.due_at, verdict),
        "start": _wall_time(point.window_start_minutes),
        "end": _wall_time(point.window_end_minutes),
        "grace": point.grace_minutes,
    }
    sentences = [_WINDOW_IN if point.direction == "in" else _WINDOW_OUT]
    if event is None:
        sentences.append(
            {
                "missing": _MISSING,
                "pending": _PENDING,
                "not_expected": _NOT_REQUIRED,
                "not_judged": _NOT_JUDGED,
            }[result.outcome]
        )
    else:
        counts_at = event.counts_at(result.point.direction)
        gaps["time"] = _local_time(counts_at, verdict)
        gaps["minutes"] = abs(minutes_after(result.due_at, counts_at))
        sentences += [_USED, _arithmetic(result, event)]
    return [translate(sentence, language).format(**gaps) for sentence in sentences]


def _arithmetic(result: PointResult, event: RawEvent) -> str:
    after = minutes_after(result.due_at, event.counts_at(result.point.direction))
    if after == 0:
        return _AT
    if result.point.direction == "in":
        if after < 0:
            return _IN_BEFORE
        return _IN_LATE if result.outcome == "late" else _IN_GRACE
    if after > 0:
        return _OUT_AFTER
    if result.outcome == "pending":
        return _OUT_PENDING
    return _OUT_EARLY if result.outcome == "early" else _OUT_GRACE


def _ignored_line(ignored: IgnoredEvent, verdict: WorkdayVerdict, language: Language) -> str:
    return translate(_IGNORED, language).format(
        time=_local_time(ignored.event.captured_at, verdict),
        reason=_why_ignored(ignored.reason, verdict, language),
    )


def _why_ignored(reason: Reason, verdict: WorkdayVerdict, language: Language) -> str:
    if reason.code in ("later_than_arrival", "earlier_than_departure"):
        result = verdict.points[int(reason["point"])]
        if result.event is None:
            raise ValueError(f"{reason.code} names a clock point without an event: {result.point.name_en}")
        sentence = _IGNORED_LATER if reason.code == "later_than_arrival" else _IGNORED_EARLIER
        return translate(sentence, language).format(
            used=_local_time(result.event.counts_at(result.point.direction), verdict),
            point=_point_name(result.point, language),
        )
    if reason.code == "other_workday":
        return translate(_IGNORED_OTHER_DAY, language).format(date=reason["date"])
    plain = {
        "voided": _IGNORED_VOIDED,
        "outside_every_window": _IGNORED_OUTSIDE,
        "no_work_expected": _IGNORED_NO_WORK,
    }
    return translate(plain[reason.code], language)


def _point_name(point: ClockPoint, language: Language) -> str:
    return point.name_zh if language == "zh" else point.name_en


def _holiday_name(day: CalendarDay, language: Language) -> str:
    return "" if day.name is None else translate(day.name, language)


def _joined(parts: list[str], sentence: str, language: Language) -> str:
    whole = ""
    for part in parts:
        whole = translate(sentence, language).format(first=whole, second=part) if whole else part
    return whole


def _local_time(moment: datetime, verdict: WorkdayVerdict) -> str:
    local = moment.astimezone(ZoneInfo(verdict.time_zone))
    return f"{local:%H:%M}" + _other_day((local.date() - verdict.date).days, local.date())


def _wall_time(wall_minutes: int) -> str:
    days, minutes = divmod(wall_minutes, DAY_MINUTES)
    return f"{minutes // 60:02}:{minutes % 60:02}" + _other_day(days, None)


def _other_day(days: int, local_date: date | None) -> str:
    if days == 0:
        return ""
    # An event given from far away is named by its date.
    if local_date is not None and abs(days) > 1:
        return f" {local_date.isoformat()}"
    return f" {days:+d}"
