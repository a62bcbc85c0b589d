"""One person's month as a table: every date with what was expected, what was clocked, and what it counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from babel.dates import get_day_names

from models.language import N_, Language, translate
from server.attendance.calendar import CalendarDay
from server.attendance.consequence_words import forgiven_in_words, month_costs_in_words, state_in_words
from server.attendance.counting import CounterState
from server.attendance.explaining import summary
from server.attendance.points import Shift
from server.attendance.rosters import NOBODYS
from server.attendance.verdicts import PointOutcome, PointResult, WorkdayVerdict
from server.attendance.wording import local_time, local_times_of
from server.services.amendments import decided_amendment
from server.services.context import ServerContext
from server.services.court_rules import rosters_of, rules_in_force
from server.services.month_close import MonthSheet
from server.services.periods import month_days
from server.web.calendar_pages import DAY_KINDS
from server.web.sheets import Cell, Column, Kind, Sheet, Workbook

_ONE_DAY: Final = timedelta(days=1)
_OUTCOMES: Final[dict[PointOutcome, str]] = {
    "on_time": N_("on time"),
    "late": N_("late {minutes} min"),
    "early": N_("left {minutes} min early"),
    "missing": N_("missing"),
    "pending": N_("still open"),
    "not_expected": N_("not required"),
    "not_judged": N_("not judged"),
    "covered": N_("on leave"),
    "excused": N_("excused"),
}
_ON_DUTY: Final = N_("on duty elsewhere")
_NAMED: Final = N_("{kind} ({name})")
_OFF_BY_ROSTER: Final = N_("day off by the roster")
_WORK_BY_ROSTER: Final = N_("work by the roster")
_NOT_HERE: Final = N_("does not work here on this day")
_NOT_KEPT: Final = N_("no longer kept")
_NOT_YET: Final = N_("not judged yet")

_CONFIRMED: Final = N_("Confirmed on {moment}.")
_OBJECTED: Final = N_("Objected to on {moment}: {remark}")
_SILENT: Final = N_("Neither confirmed nor objected to.")
_CHANGED: Final = N_("It has changed since.")
_LOCKED: Final = N_("Locked on {moment} by {who}.")

_TITLE: Final = N_("Attendance of {name}, {month}")
_OF: Final = N_("{court}; number {employee_no}; {division}")
_NO_DIVISION: Final = N_("no division")
_MADE: Final = N_("As of {moment}; times are {times}.")
_FIGURES: Final = (
    (N_("Late arrivals"), "late_times"),
    (N_("Late minutes"), "late_minutes"),
    (N_("Early leaves"), "early_times"),
    (N_("Early minutes"), "early_minutes"),
    (N_("Missing clocks"), "missing_points"),
    (N_("Half days absent"), "absent_half_days"),
    (N_("Times off post"), "off_post_times"),
    (N_("Minutes off post"), "off_post_minutes"),
    (N_("Excused"), "excused_times"),
    (N_("Clock points on leave"), "leave_points"),
    (N_("Clock points on duty elsewhere"), "duty_points"),
)
_ALWAYS: Final = ("late_times", "early_times", "missing_points", "absent_half_days")


@dataclass(frozen=True, slots=True)
class PointCell:
    """One clock point of one day.

    Attributes:
        at: the moment that counts, None without one.
        text: its time on the wall, HH:MM, else the outcome.
        note: the outcome in words where ``text`` is a time that does not say it; else empty.
    """

    outcome: PointOutcome
    at: datetime | None
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """One date of the month.

    Attributes:
        kind: kind of day, in words.
        is_off: no work is expected.
        verdict: None while there is none.
        summary: the verdict in words, or why there is none; empty for days to come.
        cells: by clock point, as ``MonthTable.points``; None where the day has no such point.
        is_amended: whether a signed amendment is in force on it.
    """

    day: date
    weekday: str
    kind: str
    is_off: bool
    verdict: WorkdayVerdict | None
    summary: str
    cells: tuple[PointCell | None, ...]
    is_amended: bool


@dataclass(frozen=True, slots=True)
class MonthTable:
    """Every date of a month.

    Attributes:
        points: names of the clock points that the month's shifts have, in the order of the day.
    """

    points: tuple[str, ...]
    rows: tuple[DayRow, ...]


@dataclass(frozen=True, slots=True)
class CounterLine:
    """One limit of the rules in words."""

    name: str
    text: str
    state: Literal["fine", "warns", "reached"]


def month_table(context: ServerContext, sheet: MonthSheet, language: Language) -> MonthTable:
    """Every date of the month of a sheet, also those that nobody has judged."""
    first, last = month_days(sheet.month)
    person_id = sheet.person.person_id
    with context.unit(read_only=True) as unit:
        rules = rules_in_force(context, unit)
        roster = rosters_of(unit, [person_id]).get(person_id, NOBODYS)
    today = rules.site.day_of(context.clock.now())
    verdicts = {one.day: one for one in sheet.verdicts}
    days: list[tuple[date, CalendarDay, Shift | None, bool]] = []
    day = first
    while day <= last:
        verdict = verdicts.get(day)
        if verdict is not None:
            days.append((day, verdict.calendar_day, verdict.shift, True))
        else:
            expected = rules.expected(roster, day)
            days.append((day, expected.calendar_day, expected.shift, sheet.person.works_on(day)))
        day += _ONE_DAY
    columns = _columns((shift for _, _, shift, here in days if shift is not None and here), language)
    rows = []
    for day, calendar_day, shift, here in days:
        verdict = verdicts.get(day)
        if verdict is not None:
            told = summary(verdict, language)
        elif not here:
            told = translate(_NOT_HERE, language)
        elif sheet.lock is not None and not sheet.lock.is_kept:
            told = translate(_NOT_KEPT, language)
        else:
            told = translate(_NOT_YET, language) if day <= today else ""
        rows.append(
            DayRow(
                day=day,
                weekday=weekday_name(day, language),
                kind=kind_in_words(calendar_day, shift, language),
                is_off=shift is None,
                verdict=verdict,
                summary=told,
                cells=tuple(_cells(verdict, columns, language)),
                is_amended=day in sheet.amended_days,
            )
        )
    return MonthTable(tuple(name for name, _ in columns), tuple(rows))


def weekday_name(day: date, language: Language) -> str:
    """The day of the week, short."""
    return str(get_day_names("abbreviated", locale=language)[day.weekday()])


def kind_in_words(day: CalendarDay, shift: Shift | None, language: Language) -> str:
    """What kind of day it is for somebody who has this shift on it, with the holiday's name."""
    if shift is None and day.expects_work:
        return translate(_OFF_BY_ROSTER, language)
    if shift is not None and not day.expects_work:
        return translate(_WORK_BY_ROSTER, language)
    kind = translate(DAY_KINDS[day.kind], language)
    if day.name is None:
        return kind
    return translate(_NAMED, language).format(kind=kind, name=translate(day.name, language))


def _numbered(shift: Shift, language: Language) -> list[tuple[str, int]]:
    """Names of the clock points; the second of two with the same name is number 1 of it."""
    names: list[tuple[str, int]] = []
    for point in shift.points:
        name = point.name_zh if language == "zh" else point.name_en
        names.append((name, sum(other == name for other, _ in names)))
    return names


def _columns(shifts: Iterable[Shift], language: Language) -> list[tuple[str, int]]:
    due: dict[tuple[str, int], int] = {}
    for shift in shifts:
        for name, point in zip(_numbered(shift, language), shift.points, strict=True):
            due.setdefault(name, point.at_minutes)
    return sorted(due, key=lambda name: due[name])


def _cells(
    verdict: WorkdayVerdict | None, columns: list[tuple[str, int]], language: Language
) -> Iterable[PointCell | None]:
    if verdict is None or verdict.shift is None:
        return [None] * len(columns)
    own = dict(zip(_numbered(verdict.shift, language), verdict.points, strict=True))
    return [point_cell(own[name], verdict, language) if name in own else None for name in columns]


def point_cell(result: PointResult, verdict: WorkdayVerdict, language: Language) -> PointCell:
    """What one clock point says after requests."""
    event = result.event
    on_duty = any(one.kind == "duty" for one in result.overlaid)
    words = outcome_in_words(result.outcome, result.minutes, language, on_duty=on_duty)
    if event is None or verdict.shift is None:
        return PointCell(result.outcome, None, words, "")
    at = event.counts_at(verdict.shift.points[result.number].direction)
    note = "" if result.outcome == "on_time" else words
    return PointCell(result.outcome, at, local_time(at, verdict, language), note)


def outcome_in_words(outcome: PointOutcome, minutes: int, language: Language, *, on_duty: bool = False) -> str:
    """What became of a clock point."""
    sentence = _ON_DUTY if outcome == "covered" and on_duty else _OUTCOMES[outcome]
    return translate(sentence, language).format(minutes=minutes)


def counter_lines(counters: Iterable[CounterState], language: Language) -> list[CounterLine]:
    """Where the person stands with every limit of the rules."""
    lines = []
    for one in counters:
        counter = one.counter
        text = state_in_words(one, language)
        name = counter.name_zh if language == "zh" else counter.name_en
        lines.append(CounterLine(name, text, "reached" if one.reached else "warns" if one.warns else "fine"))
    return lines


def figures(sheet: MonthSheet, language: Language, *, zeros: bool = False) -> list[tuple[str, int]]:
    """The month's sums with their names; without those that most people never have, unless ``zeros``."""
    found = [(name, field, getattr(sheet.total, field)) for name, field in _FIGURES]
    return [(translate(name, language), count) for name, field, count in found if zeros or count or field in _ALWAYS]


def consequence_notes(sheet: MonthSheet, language: Language) -> list[str]:
    """What the month costs, and what of it is not counted; without what the rules do not have."""
    said = month_costs_in_words(sheet.points, language), forgiven_in_words(sheet.forgiven, language)
    return [one for one in said if one]


def answer_lines(context: ServerContext, sheet: MonthSheet, language: Language) -> list[str]:
    """What the person said about the sheet, and whether the month is locked."""

    def local(moment: datetime) -> str:
        return f"{moment.astimezone(context.site.zone):%Y-%m-%d %H:%M}"

    said = _SILENT
    gaps: dict[str, str] = {}
    if sheet.answer is not None:
        said = _CONFIRMED if sheet.answer.confirmed else _OBJECTED
        gaps = {"moment": local(sheet.answer.given_at), "remark": sheet.answer.remark}
    lines = [translate(said, language).format(**gaps)]
    if sheet.answer is not None and not sheet.answer_is_current:
        lines.append(translate(_CHANGED, language))
    if sheet.lock is not None:
        locked = translate(_LOCKED, language)
        lines.append(locked.format(moment=local(sheet.lock.locked_at), who=sheet.lock.who))
    return lines


def amendment_lines(context: ServerContext, sheet: MonthSheet, language: Language) -> list[str]:
    """What HR signed or refused about days of the month since it was locked, a sentence each, with the date."""
    if not sheet.amendments:
        return []
    with context.unit(read_only=True) as unit:
        rules = rules_in_force(context, unit)
    return [f"{one.day}: {decided_amendment(context, one, rules, language)}" for one in sheet.amendments]


def month_workbook(
    context: ServerContext, sheet: MonthSheet, counters: Iterable[CounterState], language: Language
) -> Workbook:
    """The month as a file: a row a date; sums, limits and the person's word stand around the table.

    Args:
        context: the server's parts.
        sheet: the month.
        counters: those of the sheet that are about this month.
        language: of the file.
    """
    table = month_table(context, sheet, language)
    now = context.clock.now()
    court = context.settings.court
    subtitle = (
        translate(_OF, language).format(
            court=court.name_zh if language == "zh" else court.name_en,
            employee_no=sheet.person.employee_no,
            division=sheet.person.division or translate(_NO_DIVISION, language),
        ),
        " ".join(answer_lines(context, sheet, language)),
        translate(_MADE, language).format(
            moment=f"{now.astimezone(context.site.zone):%Y-%m-%d %H:%M}",
            times=local_times_of(context.site.zone.key, language),
        ),
    )
    notes = [f"{name}: {count}" for name, count in figures(sheet, language, zeros=True)]
    notes += [f"{one.name} — {one.text}" for one in counter_lines(counters, language)]
    notes += consequence_notes(sheet, language)
    notes += amendment_lines(context, sheet, language)
    title = translate(_TITLE, language).format(name=sheet.person.name, month=sheet.month)
    made = Sheet(
        title, _file_columns(context, table, language), tuple(map(_file_row, table.rows)), subtitle, tuple(notes)
    )
    return Workbook((made,), now)


def _file_columns(context: ServerContext, table: MonthTable, language: Language) -> tuple[Column, ...]:
    def column(heading: str, kind: Kind = "text") -> Column:
        return Column(translate(heading, language), kind)

    points = []
    for number, name in enumerate(table.points):
        clocked = [(row.day, row.cells[number]) for row in table.rows]
        # A night's time alone would not say which morning it is.
        own_day = all(
            cell is None or cell.at is None or cell.at.astimezone(context.site.zone).date() == day
            for day, cell in clocked
        )
        points.append(Column(name, "time" if own_day else "moment"))
    return (
        column(N_("Date"), "date"),
        column(N_("Weekday")),
        column(N_("Kind of day")),
        *points,
        column(N_("Late minutes"), "minutes"),
        column(N_("Early minutes"), "minutes"),
        column(N_("Missing clocks"), "whole"),
        column(N_("Half days absent"), "whole"),
        column(N_("Verdict")),
    )


def _file_row(row: DayRow) -> tuple[Cell, ...]:
    tally = None if row.verdict is None else row.verdict.tally
    return (
        row.day,
        row.weekday,
        row.kind,
        *(None if cell is None else cell.at for cell in row.cells),
        None if tally is None else tally.late_minutes,
        None if tally is None else tally.early_minutes,
        None if tally is None else tally.missing_points,
        None if tally is None else tally.absent_half_days,
        row.summary,
    )


def is_of_sheet(sheet: MonthSheet, today: date) -> bool:
    """Whether the counters of a sheet are about its month: those of a month to come still stand where today does."""
    return month_days(sheet.month)[0] <= today


def request_ids(verdict: WorkdayVerdict) -> set[UUID]:
    """The requests that changed a verdict."""
    away = (*verdict.off_post, *verdict.away_on_leave)
    overlaid = [*(what.overlaid for what in verdict.points), *(what.overlaid for what in away)]
    return {one.request_id for several in overlaid for one in several}
