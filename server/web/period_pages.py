"""Reports on pages and as files: the day, the week's posting, the month's bulletin, and which of them are published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final, cast
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from models.language import Language
from server.attendance.consequence_words import limit_in_words
from server.attendance.points import Direction
from server.attendance.verdicts import PointResult, WorkdayVerdict
from server.services.context import ServerContext
from server.services.periods import (
    PeriodKind,
    PeriodReport,
    month_days,
    period_report,
    week_name,
    week_of,
)
from server.services.ranking import basis_in_words
from server.services.reporting import DayReport, day_report
from server.services.scope import visible_division
from server.storage.access_log import Accessed, AccessForm
from server.storage.records import AccountRecord
from server.web.access import page_language, require_account
from server.web.access_noting import note_access
from server.web.exporting import AS_FILE, FileForm, as_file
from server.web.paging import page_of
from server.web.rendering import render
from server.web.report_sheets import day_on_paper, day_workbook, period_workbook

_READ_AS: Final[dict[PeriodKind, Accessed]] = {"week": "week_report", "month": "month_report"}
_MOST_LISTED: Final = 400
_ONE_DAY: Final = timedelta(days=1)


def make_period_pages(context: ServerContext) -> Blueprint:
    """The blueprint of the reports. A head sees and takes away the own division alone."""
    pages = Blueprint("periods", __name__)
    zone = context.site.zone

    @pages.get("/reports")
    def home() -> AnyResponse:
        account = require_account(context)
        visible_division(account)
        today = context.site.day_of(context.clock.now())
        with context.unit(read_only=True) as unit:
            published = {
                kind: sorted(unit.reading.published_at(kind).items(), reverse=True)[:_MOST_LISTED]
                for kind in ("month", "week", "day")
            }
        now = {"month": f"{today:%Y-%m}", "week": week_name(today), "day": today.isoformat()}
        return render(context, "periods.html", account, published=published, now=now)

    @pages.get("/reports/day")
    def today() -> AnyResponse:
        asked = request.args.get("day")
        day = _day(asked) if asked else context.site.day_of(context.clock.now())
        return redirect(url_for("periods.day", day_text=day.isoformat()))

    @pages.get("/reports/day/<day_text>")
    def day(day_text: str) -> AnyResponse:
        account = require_account(context)
        found = _read_day(account, _day(day_text), "page")
        return render(
            context,
            "report.html",
            account,
            report=found,
            point_cells=partial(_point_cells, zone=zone),
            before=_beside(found.day, -_ONE_DAY),
            after=_beside(found.day, _ONE_DAY),
            **_counts(found),
        )

    @pages.get(f"/reports/day/<day_text>.{AS_FILE}")
    def day_file(day_text: str, form: str) -> AnyResponse:
        account = require_account(context)
        found = _read_day(account, _day(day_text), cast(FileForm, form))
        language = page_language(context)
        make = day_on_paper if form == "pdf" else day_workbook
        workbook = make(found, _court(language), zone, language, context.clock.now())
        return as_file(workbook, cast(FileForm, form), f"courtclock-day-{found.day}", zone, language)

    @pages.get("/reports/week/<period>")
    def week(period: str) -> AnyResponse:
        return _period_page("week", period)

    @pages.get(f"/reports/week/<period>.{AS_FILE}")
    def week_file(period: str, form: str) -> AnyResponse:
        return _period_file("week", period, cast(FileForm, form))

    @pages.get("/reports/month/<period>")
    def month(period: str) -> AnyResponse:
        return _period_page("month", period)

    @pages.get(f"/reports/month/<period>.{AS_FILE}")
    def month_file(period: str, form: str) -> AnyResponse:
        return _period_file("month", period, cast(FileForm, form))

    def _read_day(account: AccountRecord, asked: date, form: AccessForm) -> DayReport:
        division_id = visible_division(account)
        note_access(context, account, "day_report", f"{asked} {division_id or 'court'}", form)
        return day_report(context, asked, division_id)

    def _read_period(account: AccountRecord, kind: PeriodKind, period: str, form: AccessForm) -> PeriodReport:
        division_id = visible_division(account)
        # Before it is written down that somebody looks at it, there must be such a period.
        week_of(period) if kind == "week" else month_days(period)
        note_access(context, account, _READ_AS[kind], f"{period} {division_id or 'court'}", form)
        return period_report(context, kind, period, division_id)

    def _period_page(kind: PeriodKind, period: str) -> AnyResponse:
        account = require_account(context)
        found = _read_period(account, kind, period, "page")
        noted, excused = found.noted, found.excused_only
        shown = page_of((*noted, *excused), request.args)
        name: Callable[[date], str] = week_name if kind == "week" else _month_name
        before, after = _beside(found.first_day, -_ONE_DAY), _beside(found.last_day, _ONE_DAY)
        return render(
            context,
            "period.html",
            account,
            report=found,
            people=[line for line in shown.items if line.noted],
            excused=[line for line in shown.items if not line.noted],
            noted_people=len(noted),
            excused_people=len(excused),
            shown=shown,
            before=None if before is None else name(before),
            after=None if after is None else name(after),
            limit_words=partial(limit_in_words, language=page_language(context)),
            rank_basis=basis_in_words(found.ranked_by, page_language(context)),
            month_of_sheets=_month_name(found.first_day),
        )

    def _period_file(kind: PeriodKind, period: str, form: FileForm) -> AnyResponse:
        account = require_account(context)
        found = _read_period(account, kind, period, form)
        language = page_language(context)
        workbook = period_workbook(found, _court(language), zone, language, context.clock.now())
        return as_file(workbook, form, f"courtclock-{kind}-{found.period}", zone, language)

    def _court(language: Language) -> str:
        court = context.settings.court
        return court.name_zh if language == "zh" else court.name_en

    return pages


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise CourtclockError("page.bad_date", text=text) from error
    # One address a day: the basic form and week dates are dates too.
    if day.isoformat() != text:
        raise CourtclockError("page.bad_date", text=text)
    return day


def _beside(day: date, by: timedelta) -> date | None:
    """The day before or after; None at the ends of the calendar."""
    try:
        return day + by
    except OverflowError:
        return None


def _month_name(day: date) -> str:
    return f"{day.year:04}-{day.month:02}"


def _counts(report: DayReport) -> dict[str, int]:
    return {
        "late_people": report.count("late"),
        "early_people": report.count("early_leave"),
        "missing_people": report.count("missing_clock"),
        "absent_people": report.count("absent") + report.count("absent_half_day"),
    }


def _point_cells(verdict: WorkdayVerdict, language: Language, zone: ZoneInfo) -> list[tuple[str, str, str]]:
    """Outcome, name and time of each clock point."""
    if verdict.shift is None:
        return []
    cells: list[tuple[str, str, str]] = []
    for result, point in zip(verdict.points, verdict.shift.points, strict=True):
        name = point.name_zh if language == "zh" else point.name_en
        cells.append((result.outcome, name, _clocked_at(result, point.direction, zone)))
    return cells


def _clocked_at(result: PointResult, direction: Direction, zone: ZoneInfo) -> str:
    if result.event is None:
        return "—"
    moment: datetime = result.event.counts_at(direction).astimezone(zone)
    return f"{moment:%H:%M:%S}"
