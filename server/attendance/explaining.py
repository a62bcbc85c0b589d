"""Why a verdict is what it is, in words: calendar, windows, clock events, arithmetic, requests, rule version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from models.language import LANGUAGES, N_, Language, translate
from server.attendance.calendar import CalendarDay, DayKind
from server.attendance.events import IgnoredEvent
from server.attendance.explaining_absence import absence_lines
from server.attendance.explaining_points import point_lines
from server.attendance.explaining_unmet import matched_event
from server.attendance.points import CountsAs
from server.attendance.reasons import Reason, ReasonCode
from server.attendance.verdicts import Status, WorkdayVerdict
from server.attendance.wording import THEN, joined, listed, local_time, local_times_of, point_name

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
_RULES: Final = N_("Judged by the rules “{name}”, version {version}; times are {times}.")
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


@dataclass(frozen=True, slots=True)
class Explanation:
    """The sentences that explain a verdict, by what they speak about.

    Attributes:
        day: calendar and shift.
        points: by clock point.
        ignored: by clock event that was not used.
        absence: off post and absence.
        result: the result, and the rules.
    """

    day: tuple[str, ...]
    points: tuple[tuple[str, ...], ...]
    ignored: tuple[str, ...]
    absence: tuple[str, ...]
    result: tuple[str, ...]


def summary(verdict: WorkdayVerdict, language: Language) -> str:
    """One short line, such as "late 13 min; left 20 min early"."""
    parts = [_status_in_words(status, verdict, language) for status in verdict.status]
    return joined(parts, THEN, language)


def reads_alike(one: WorkdayVerdict, other: WorkdayVerdict) -> bool:
    """Whether two verdicts of a workday count and read the same; their reasons may differ.

    So neither a clock event that is not used nor a calendar edit that changes no kind of day makes another verdict.
    """
    if (one.status, one.tally) != (other.status, other.tally):
        return False
    # What a day off is called counts nothing.
    return one.status == ("rest_day",) or all(summary(one, said) == summary(other, said) for said in LANGUAGES)


def explain(verdict: WorkdayVerdict, language: Language) -> list[str]:
    """The whole way from the calendar and the clock events to the result, a sentence or two a line."""
    told = explanation(verdict, language)
    of_points = [line for lines in told.points for line in lines]
    return [*told.day, *of_points, *told.ignored, *told.absence, *told.result]


def explanation(verdict: WorkdayVerdict, language: Language) -> Explanation:
    """As ``explain``, by what the sentences speak about. Times are those of the site, HH:MM."""
    return Explanation(
        day=tuple(_day_lines(verdict, language)),
        points=tuple(tuple(point_lines(result, verdict, language)) for result in verdict.points),
        ignored=tuple(_ignored_line(one, verdict, language) for one in verdict.ignored),
        absence=tuple(absence_lines(verdict, language)),
        result=(
            translate(_RESULT, language).format(summary=summary(verdict, language)),
            translate(_RULES, language).format(
                name=verdict.rules.name_zh if language == "zh" else verdict.rules.name_en,
                version=verdict.rules.version,
                times=local_times_of(verdict.time_zone, language),
            ),
        ),
    )


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


def _ignored_line(ignored: IgnoredEvent, verdict: WorkdayVerdict, language: Language) -> str:
    return translate(_IGNORED, language).format(
        time=local_time(ignored.event.captured_at, verdict, language),
        reason=_why_ignored(ignored.reason, verdict, language),
    )


def _why_ignored(reason: Reason, verdict: WorkdayVerdict, language: Language) -> str:
    gaps = dict(reason.params)
    values: dict[str, object] = {"date": gaps.get("date", "")}
    if "point" in gaps:
        result = verdict.points[int(gaps["point"])]
        event = matched_event(result, verdict)
        direction = "in" if verdict.shift is None else verdict.shift.points[result.number].direction
        values["point"] = point_name(result, verdict, language)
        values["used"] = "" if event is None else local_time(event.counts_at(direction), verdict, language)
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
    away_minutes = sum(one.minutes for one in verdict.off_post if one.excused)
    if status == "excused" and away_minutes:
        sentence = _SUMMARIES["off_post"]
        names.append(translate(sentence, language).format(minutes=away_minutes))
    return translate(_SUMMARIES[status], language).format(
        minutes=verdict.tally.off_post_minutes, points=listed(names, language)
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
    return joined(parts, THEN, language)
