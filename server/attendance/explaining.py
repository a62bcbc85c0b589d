"""Why a verdict is what it is, in words: calendar, windows, clock events, arithmetic, requests, rule version."""

from __future__ import annotations

from typing import Final, Literal

from models.language import N_, Language, translate
from server.attendance.calendar import CalendarDay, DayKind
from server.attendance.counts import under_leave_in_part
from server.attendance.events import IgnoredEvent
from server.attendance.explaining_points import PART_OF_ABSENCE, point_lines
from server.attendance.points import CountsAs, Shift
from server.attendance.reasons import Reason, ReasonCode
from server.attendance.verdicts import OffPost, Status, WorkdayVerdict
from server.attendance.wording import joined, local_time, point_name

_DAY_SENTENCES: Final[dict[DayKind, str]] = {
    "workday": N_("{date} is a workday."),
    "makeup_workday": N_("{date} is a make-up workday ({name})."),
    "rest_day": N_("{date} is a rest day: no work is expected, nothing is judged."),
    "holiday": N_("{date} is a public holiday ({name}): no work is expected, nothing is judged."),
}
_ROSTERED_OFF: Final = N_("{date} is a day off by the roster: no work is expected, nothing is judged.")
_ROSTERED_ON: Final = N_("{date}: the roster expects work, whatever the calendar says.")
_EDITED: Final = N_("The calendar of this day was set by HR: {reason}")
_CONFIRMED_BY_HR: Final = N_("HR confirmed the workdays of {year}: {reason}")
_UNCONFIRMED: Final = N_(
    "The official calendar of {year} is not known here yet: Monday to Friday are taken for workdays, "
    "and a missing clock or an absence is not judged."
)
_SHIFT: Final = N_("Shift: {shift}, by the rules.")
_ROSTER_SHIFT: Final = N_("Shift: {shift}, by the roster.")
_UNKNOWN_SHIFT: Final = N_(
    "The roster names the shift {name}, which the rules of this date do not have; {shift} is taken instead."
)
_ABSENT: Final = N_("No clock point was met and every window has closed: absent.")
_ABSENT_PART: Final = N_("No clock point that was left was met, and every window has closed: absent for half a day.")
_HALF_AT_MOST: Final = N_("Leave or duty took a part of the day: an absence is half a day at most.")
_AWAY: Final = N_(
    "From {left} to {back} away for {minutes} min; more than {limit} min between two clock points is off post."
)
_AWAY_EXCUSED: Final = N_("From {left} to {back} away for {minutes} min: off post, and excused.")
_AWAY_HALF: Final = N_("Off post counts as half a day of absence.")
_AWAY_FULL: Final = N_("Off post counts as a day of absence.")
_RULES: Final = N_("Judged by the rules “{name}”, version {version}; times are local times of {zone}.")
_RESULT: Final = N_("Result: {summary}.")

_IGNORED: Final = N_("{time} is kept but not used: {reason}")
_IGNORED_REASONS: Final[dict[ReasonCode, str]] = {
    "voided": N_("“Not me” was pressed for it."),
    "outside_every_window": N_("it lies outside every window."),
    "later_than_arrival": N_("{used} was earlier, and the earliest one decides at {point}."),
    "earlier_than_departure": N_("{used} was later, and the latest one decides at {point}."),
    "farther_than_used": N_("{used} suits {point} better: fewer minutes late or early, or nearer to it."),
    "same_visit": N_("it belongs to the same visit as {used}, which meets {point}."),
    "no_work_expected": N_("no work is expected on this day."),
    "other_workday": N_("it belongs to the workday of {date}."),
    "corrected": N_("an approved correction takes its place at {point}."),
}

_SUMMARIES: Final[dict[Status, str]] = {
    "absent": N_("absent"),
    "absent_half_day": N_("absent for half a day"),
    "missing_clock": N_("missing clock: {points}"),
    "off_post": N_("off post {minutes} min"),
    "not_judged": N_("not judged: {points}"),
    "pending": N_("still open: {points}"),
    "on_leave": N_("on leave"),
    "on_duty": N_("on duty elsewhere"),
    "excused": N_("excused: {points}"),
    "normal": N_("normal"),
}
_MINUTES: Final = {"late": N_("late {minutes} min"), "early": N_("left {minutes} min early")}
_LATE_NO_MINUTES: Final = N_("not clocked in: counts as late")
_EARLY_NO_MINUTES: Final = N_("not clocked out: counts as left early")
_SERIOUS_LATE: Final = N_("seriously late {minutes} min")
_SERIOUS_EARLY: Final = N_("left {minutes} min early, serious")
_REST_SUMMARIES: Final[dict[DayKind, str]] = {"rest_day": N_("rest day"), "holiday": N_("public holiday ({name})")}
_OFF_BY_ROSTER: Final = N_("day off by the roster")
_THEN: Final = N_("{first}; {second}")
_AND: Final = N_("{first}, {second}")


def summary(verdict: WorkdayVerdict, language: Language) -> str:
    """One short line, such as "late 13 min; left 20 min early"."""
    parts = [_status_in_words(status, verdict, language) for status in verdict.status]
    return joined(parts, _THEN, language)


def explain(verdict: WorkdayVerdict, language: Language) -> list[str]:
    """The whole way from the calendar and the clock events to the result, a sentence or two a line.

    Times are those of the site, HH:MM; ``+1`` is the next day, ``-1`` the day before.
    """
    lines = _day_lines(verdict, language)
    for result in verdict.points:
        lines += point_lines(result, verdict, language)
    lines += [_ignored_line(one, verdict, language) for one in verdict.ignored]
    for away in verdict.off_post:
        lines += _away_lines(away, verdict, language)
    if any(result.outcome == "missing" for result in verdict.points) and all(
        result.outcome in ("missing", "not_expected", "covered") for result in verdict.points
    ):
        lines.append(translate(_ABSENT if "absent" in verdict.status else _ABSENT_PART, language))
    elif verdict.tally.absent_half_days and under_leave_in_part(verdict.points):
        lines.append(translate(_HALF_AT_MOST, language))
    lines.append(translate(_RESULT, language).format(summary=summary(verdict, language)))
    rules = verdict.rules
    lines.append(
        translate(_RULES, language).format(
            name=rules.name_zh if language == "zh" else rules.name_en,
            version=rules.version,
            zone=verdict.time_zone,
        )
    )
    return lines


def _day_lines(verdict: WorkdayVerdict, language: Language) -> list[str]:
    day = verdict.calendar_day
    values: dict[str, object] = {
        "date": day.date.isoformat(),
        "name": _holiday_name(day, language),
        "year": day.date.year,
        "reason": day.reason,
    }
    sentences = []
    if verdict.shift is None and day.expects_work:
        sentences.append(_ROSTERED_OFF)
    elif verdict.shift is not None and not day.expects_work:
        sentences.append(_ROSTERED_ON)
    else:
        sentences.append(_DAY_SENTENCES[day.kind])
    if day.source == "edited":
        sentences.append(_EDITED)
    elif day.source == "assumed" and day.confirmed:
        sentences.append(_CONFIRMED_BY_HR)
    elif not verdict.confirmed:
        sentences.append(_UNCONFIRMED)
    if verdict.shift is not None:
        values["shift"] = _shift_name(verdict, language)
        values["unknown"] = verdict.unknown_shift
        sentences.append(_SHIFT if verdict.roster_entry is None else _ROSTER_SHIFT)
        if verdict.unknown_shift is not None:
            sentences[-1] = _UNKNOWN_SHIFT
            values["name"] = verdict.unknown_shift
    return [translate(sentence, language).format(**values) for sentence in sentences]


def _shift_name(verdict: WorkdayVerdict, language: Language) -> str:
    if verdict.shift is None:
        return ""
    name = verdict.shift.name_zh if language == "zh" else verdict.shift.name_en
    return name or verdict.shift.name


def _holiday_name(day: CalendarDay, language: Language) -> str:
    return "" if day.name is None else translate(day.name, language)


def _away_lines(away: OffPost, verdict: WorkdayVerdict, language: Language) -> list[str]:
    shift = verdict.shift
    values = {
        "left": local_time(away.left_at, verdict),
        "back": local_time(away.back_at, verdict),
        "minutes": away.minutes,
        "limit": "" if shift is None else shift.off_post_after_minutes,
    }
    sentences = [_AWAY_EXCUSED if away.excused else _AWAY]
    if not away.excused and shift is not None and shift.off_post_counts_as != "off_post" and verdict.confirmed:
        sentences.append(_AWAY_HALF if shift.off_post_counts_as == "half_day" else _AWAY_FULL)
    elif not away.excused and shift is not None and _is_absent(verdict, shift, away.stretch):
        sentences.append(PART_OF_ABSENCE)
    return [translate(sentence, language).format(**values) for sentence in sentences]


def _is_absent(verdict: WorkdayVerdict, shift: Shift, stretch: int) -> bool:
    return verdict.tally.absent_half_days > 1 or any(
        result.counts_as == "half_day" and shift.stretch_of(result.number) == stretch for result in verdict.points
    )


def _ignored_line(ignored: IgnoredEvent, verdict: WorkdayVerdict, language: Language) -> str:
    return translate(_IGNORED, language).format(
        time=local_time(ignored.event.captured_at, verdict),
        reason=_why_ignored(ignored.reason, verdict, language),
    )


def _why_ignored(reason: Reason, verdict: WorkdayVerdict, language: Language) -> str:
    gaps = dict(reason.params)
    values: dict[str, object] = {"date": gaps.get("date", "")}
    if "point" in gaps:
        result = verdict.points[int(gaps["point"])]
        event = result.event or (None if result.raw is None else result.raw.event)
        direction = "in" if verdict.shift is None else verdict.shift.points[result.number].direction
        values["point"] = point_name(result, verdict, language)
        values["used"] = "" if event is None else local_time(event.counts_at(direction), verdict)
    return translate(_IGNORED_REASONS[reason.code], language).format(**values)


def _status_in_words(status: Status, verdict: WorkdayVerdict, language: Language) -> str:
    if status == "rest_day":
        day = verdict.calendar_day
        if day.expects_work:
            return translate(_OFF_BY_ROSTER, language)
        return translate(_REST_SUMMARIES[day.kind], language).format(name=_holiday_name(day, language))
    if status == "late":
        return _minutes_in_words(verdict, "late", "serious_late", _SERIOUS_LATE, _LATE_NO_MINUTES, language)
    if status == "early_leave":
        return _minutes_in_words(verdict, "early", "serious_early", _SERIOUS_EARLY, _EARLY_NO_MINUTES, language)
    names = [
        point_name(result, verdict, language)
        for result in verdict.points
        if (status == "missing_clock" and result.counts_as == "missing") or result.outcome == status
    ]
    if status == "excused" and not names:
        away = _SUMMARIES["off_post"]
        names = [translate(away, language).format(minutes=sum(one.minutes for one in verdict.off_post))]
    return translate(_SUMMARIES[status], language).format(
        minutes=verdict.tally.off_post_minutes, points=joined(names, _AND, language)
    )


def _minutes_in_words(
    verdict: WorkdayVerdict,
    plain: Literal["late", "early"],
    serious: CountsAs,
    seriously: str,
    without_minutes: str,
    language: Language,
) -> str:
    """Serious minutes, other minutes and missing clocks that count as such, each by itself."""
    parts = []
    for counts_as, sentence in ((serious, seriously), (plain, _MINUTES[plain])):
        minutes = sum(result.minutes for result in verdict.points if result.counts_as == counts_as)
        if minutes:
            parts.append(translate(sentence, language).format(minutes=minutes))
    if any(result.outcome == "missing" and result.counts_as == plain for result in verdict.points):
        parts.append(translate(without_minutes, language))
    return joined(parts, _THEN, language)
