"""Reports as tables for files: a day's lines, and a week's or a month's people, divisions and amendments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from models.language import N_, Language
from server.attendance.consequence_words import limit_in_words
from server.attendance.wording import listed
from server.services.periods import DivisionLine, PeriodReport, PersonLine
from server.services.ranking import basis_in_words
from server.services.reporting import DayReport, ReportLine
from server.services.standings import Standing
from server.web.rendering import words
from server.web.sheets import Cell, Column, Kind, Sheet, Workbook

_DAY_TITLE: Final = N_("Late arrivals and early leaves of {period}")
_OTHERS_TITLE: Final = N_("Everybody else on {period}")
_NOT_JUDGED: Final = N_("not judged yet")
_SINCE_TITLE: Final = N_("Judged since the last report")
_PERIOD_TITLE: Final = N_("Attendance in {period}: {part}")
_PEOPLE: Final = N_("people")
_DIVISIONS: Final = N_("divisions")
_AMENDMENTS: Final = N_("amendments of locked months")
_PUBLISHED: Final = N_("Published on {moment}")
_SO_FAR: Final = N_("Not published yet: the state so far.")
_CHANGED: Final = N_("Changed since it was published: {names}")
_MORE: Final = N_("and {count} more")
_MOST_NAMES: Final = 20
_NO_DIVISION: Final = N_("without a division")
_ALTOGETHER: Final = N_("Altogether")

_DAY_COLUMNS: Final[tuple[tuple[str, Kind], ...]] = (
    (N_("Date"), "date"),
    (N_("Employee number"), "text"),
    (N_("Name"), "text"),
    (N_("Division"), "text"),
    (N_("Verdict"), "text"),
    (N_("Late minutes"), "minutes"),
    (N_("Early minutes"), "minutes"),
    (N_("Missing clocks"), "whole"),
    (N_("Reasons"), "text"),
)
_OTHER_COLUMNS: Final[tuple[tuple[str, Kind], ...]] = (
    (N_("Employee number"), "text"),
    (N_("Name"), "text"),
    (N_("Division"), "text"),
    (N_("Verdict"), "text"),
)
_FIGURES: Final[tuple[tuple[str, Kind], ...]] = (
    (N_("Arrivals judged"), "whole"),
    (N_("Late arrivals"), "whole"),
    (N_("Seriously late"), "whole"),
    (N_("Late minutes"), "minutes"),
    (N_("Departures judged"), "whole"),
    (N_("Early leaves"), "whole"),
    (N_("Seriously early"), "whole"),
    (N_("Early minutes"), "minutes"),
    (N_("Missing clocks"), "whole"),
    (N_("Days absent"), "decimal"),
    (N_("Times off post"), "whole"),
    (N_("Minutes off post"), "minutes"),
    (N_("Excused"), "whole"),
    (N_("Clock points on leave"), "whole"),
    (N_("Clock points on duty elsewhere"), "whole"),
)
_PERSON_COLUMNS: Final[tuple[tuple[str, Kind], ...]] = (
    (N_("Employee number"), "text"),
    (N_("Name"), "text"),
    (N_("Division"), "text"),
    (N_("Workdays expected"), "whole"),
    (N_("Still open"), "whole"),
    *_FIGURES,
    (N_("Rate of late arrivals"), "percent"),
    (N_("Rate of early leaves"), "percent"),
)
_STANDING_COLUMNS: Final[tuple[tuple[str, Kind], ...]] = (
    (N_("Points lost"), "decimal"),
    (N_("Not counted in points and limits"), "whole"),
    (N_("Limits"), "text"),
)
_DIVISION_COLUMNS: Final[tuple[tuple[str, Kind], ...]] = (
    (N_("Division"), "text"),
    (N_("People"), "whole"),
    (N_("People noted"), "whole"),
    (N_("Workdays expected"), "whole"),
    *_FIGURES,
    (N_("Rate of late arrivals"), "percent"),
    (N_("Rate of early leaves"), "percent"),
    (N_("Rate of both"), "percent"),
    (N_("Noted per 100 workdays"), "decimal"),
    (N_("Points"), "decimal"),
    (N_("Rank"), "whole"),
)
_AMENDMENT_COLUMNS: Final[tuple[tuple[str, Kind], ...]] = (
    (N_("Date"), "date"),
    (N_("Employee number"), "text"),
    (N_("Name"), "text"),
    (N_("Division"), "text"),
    (N_("Before"), "text"),
    (N_("After"), "text"),
    (N_("Reason"), "text"),
    (N_("Signed by"), "text"),
)


def day_workbook(report: DayReport, court: str, zone: ZoneInfo, language: Language, made_at: datetime) -> Workbook:
    """The day: a line for each person, with verdict and reasons.

    Args:
        report: what to write.
        court: its name in the language.
        zone: the court's, for moments in words.
        language: of the reader.
        made_at: when the report was read.
    """
    title = words(_DAY_TITLE, language, period=report.day)
    rows = tuple(_day_row(report.day, line, language) for line in report.lines)
    subtitle = (court, *_day_state(report, zone, language))
    sheet = Sheet(title, _columns(_DAY_COLUMNS, language), rows, subtitle)
    return Workbook((sheet, *_since_sheets(report, court, language)), made_at)


def _since_sheets(report: DayReport, court: str, language: Language) -> list[Sheet]:
    """Who is noted for an earlier date that no report could name before; nothing where there is nobody."""
    rows = tuple(_day_row(one.day, one.line, language) for one in report.noted_since)
    columns = _columns(_DAY_COLUMNS, language)
    return [Sheet(words(_SINCE_TITLE, language), columns, rows, (court,))] if rows else []


def day_on_paper(report: DayReport, court: str, zone: ZoneInfo, language: Language, made_at: datetime) -> Workbook:
    """The day for printing: who is noted, with reasons, and of everybody else one line. Arguments as of the other."""
    noted = tuple(_day_row(report.day, line, language) for line in report.noted)
    others = tuple(_other_row(line, language) for line in report.others)
    title = words(_DAY_TITLE, language, period=report.day)
    sheets = [Sheet(title, _columns(_DAY_COLUMNS, language), noted, (court, *_day_state(report, zone, language)))]
    sheets += _since_sheets(report, court, language)
    if others:
        title = words(_OTHERS_TITLE, language, period=report.day)
        sheets.append(Sheet(title, _columns(_OTHER_COLUMNS, language), others, (court,)))
    return Workbook(tuple(sheets), made_at)


def _day_row(day: date, line: ReportLine, language: Language) -> tuple[Cell, ...]:
    tally = None if line.verdict is None else line.verdict.tally
    return (
        day,
        line.person.employee_no,
        line.person.name,
        line.person.division or "",
        line.summary(language),
        None if tally is None else tally.late_minutes,
        None if tally is None else tally.early_minutes,
        None if tally is None else tally.missing_points,
        " ".join(line.explanation(language)),
    )


def _other_row(line: ReportLine, language: Language) -> tuple[Cell, ...]:
    said = line.summary(language) or words(_NOT_JUDGED, language)
    return line.person.employee_no, line.person.name, line.person.division or "", said


def _day_state(report: DayReport, zone: ZoneInfo, language: Language) -> tuple[str, ...]:
    # Workdays are deleted for their age, too: that is no change of what was published.
    changed = tuple(line.person.name for line in report.lines if line.verdict and line.changed_since_published)
    return _state(report.published_at, changed, zone, language)


def period_workbook(
    report: PeriodReport, court: str, zone: ZoneInfo, language: Language, made_at: datetime
) -> Workbook:
    """The week or the month: everybody, the divisions with the sum of all, and amendments where there are any.

    Args:
        report: what to write.
        court: its name in the language.
        zone: the court's, for moments in words.
        language: of the reader.
        made_at: when the report was read.
    """
    subtitle = (
        court,
        f"{report.first_day} – {report.last_day}",
        *_state(report.published_at, report.changed_people, zone, language),
    )

    def sheet(
        part: str,
        columns: tuple[tuple[str, Kind], ...],
        rows: list[tuple[Cell, ...]],
        total_rows: int = 0,
        notes: tuple[str, ...] = (),
    ) -> Sheet:
        title = words(_PERIOD_TITLE, language, period=report.period, part=words(part, language))
        return Sheet(title, _columns(columns, language), tuple(rows), subtitle, notes, total_rows)

    altogether = words(_ALTOGETHER, language)
    divisions = [_division_row(line, line.name or words(_NO_DIVISION, language)) for line in report.divisions]
    basis = tuple(filter(None, [basis_in_words(report.ranked_by, language)]))
    columns, people = _PERSON_COLUMNS, [_person_row(line) for line in report.people]
    if report.standings is not None:
        columns += _STANDING_COLUMNS
        stands = [_standing_cells(report.standings.of(line.person_id), language) for line in report.people]
        people = [row + cells for row, cells in zip(people, stands, strict=True)]
    sheets = [
        sheet(_PEOPLE, columns, people),
        sheet(_DIVISIONS, _DIVISION_COLUMNS, [*divisions, _division_row(report.court, altogether)], 1, basis),
    ]
    if report.amendments:
        rows: list[tuple[Cell, ...]] = [
            (
                one.day,
                one.employee_no,
                one.name,
                one.division,
                one.before[language],
                one.after[language],
                one.reason,
                one.signed_by,
            )
            for one in report.amendments
        ]
        sheets.append(sheet(_AMENDMENTS, _AMENDMENT_COLUMNS, rows))
    return Workbook(tuple(sheets), made_at)


def _columns(columns: tuple[tuple[str, Kind], ...], language: Language) -> tuple[Column, ...]:
    return tuple(
        Column(words(heading, language), kind, decimals=2 if kind == "percent" else 1) for heading, kind in columns
    )


def _state(
    published_at: datetime | None, changed: tuple[str, ...], zone: ZoneInfo, language: Language
) -> tuple[str, ...]:
    if published_at is None:
        return (words(_SO_FAR, language),)
    lines = [words(_PUBLISHED, language, moment=f"{published_at.astimezone(zone):%Y-%m-%d %H:%M}")]
    if changed:
        told = words(_CHANGED, language, names=listed(changed[:_MOST_NAMES], language))
        more = len(changed) - _MOST_NAMES
        lines.append(f"{told} {words(_MORE, language, count=more)}" if more > 0 else told)
    return tuple(lines)


def _figures(line: PersonLine | DivisionLine) -> tuple[Cell, ...]:
    tally = line.tally
    return (
        tally.arrivals,
        tally.late_times,
        tally.serious_late_times,
        tally.late_minutes,
        tally.departures,
        tally.early_times,
        tally.serious_early_times,
        tally.early_minutes,
        tally.missing_points,
        tally.absent_half_days / 2,
        tally.off_post_times,
        tally.off_post_minutes,
        tally.excused_times,
        tally.leave_points,
        tally.duty_points,
    )


def _person_row(line: PersonLine) -> tuple[Cell, ...]:
    rates = (line.late_rate, line.early_rate)
    return (line.employee_no, line.name, line.division, line.expected_days, line.open_workdays, *_figures(line), *rates)


def _standing_cells(standing: Standing, language: Language) -> tuple[Cell, ...]:
    limits = "\n".join(limit_in_words(state, language) for state in standing.limits)
    return standing.points, standing.forgiven, limits


def _division_row(line: DivisionLine, name: str) -> tuple[Cell, ...]:
    per_hundred = None if line.noted_per_day is None else 100 * line.noted_per_day
    rates = (line.late_rate, line.early_rate, line.rate, per_hundred)
    return (name, line.people, line.noted_people, line.expected_days, *_figures(line), *rates, line.score, line.rank)
