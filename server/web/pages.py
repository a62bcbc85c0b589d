"""The pages. Server-rendered, no script at all."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from models.language import Language, translations
from server.attendance.points import workday_of
from server.attendance.verdicts import PointResult
from server.services.context import ServerContext
from server.services.operating import current
from server.services.operating_report import operating_report
from server.services.presence import todays_board
from server.services.reporting import DayReport, day_report
from server.services.signing_in import sign_in, sign_out
from server.storage.records import AccountRecord
from server.web.access import (
    LANGUAGE_COOKIE,
    current_account,
    page_language,
    require_hr,
    session_cookie,
    visible_division,
)
from server.web.exports import day_report_csv


def make_pages(context: ServerContext) -> Blueprint:
    """The blueprint of everything that people see."""
    pages = Blueprint("pages", __name__)
    court = context.settings.court
    zone = ZoneInfo(court.time_zone)

    def render(template: str, account: AccountRecord | None, status: int = 200, **values: Any) -> Response:
        language = page_language(context)

        def local_time(moment: datetime, form: str = "%H:%M") -> str:
            return moment.astimezone(zone).strftime(form)

        response = Response(
            render_template(
                template,
                _=translations(language).gettext,
                language=language,
                court=court.name_zh if language == "zh" else court.name_en,
                account=account,
                local_time=local_time,
                **values,
            ),
            status=status,
        )
        response.set_cookie(
            LANGUAGE_COOKIE,
            language,
            samesite="Strict",
            httponly=True,
            secure=context.settings.server.secure_cookies,
            max_age=365 * 24 * 3600,
        )
        return response

    @pages.get("/")
    def home() -> AnyResponse:
        return redirect(url_for("pages.board"))

    @pages.get("/sign-in")
    def sign_in_form() -> Response:
        return render("sign_in.html", None, error=None, username="", after=_own_path(request.args.get("after")))

    @pages.post("/sign-in")
    def sign_in_now() -> AnyResponse:
        username = request.form.get("username", "").strip()
        after = _own_path(request.form.get("after"))
        try:
            token = sign_in(context, username, request.form.get("password", ""))
        except CourtclockError as error:
            told = error.sentence(page_language(context))
            status = 429 if error.code == "signin.locked" else 403
            return render("sign_in.html", None, status, error=told, username=username, after=after)
        response = redirect(after, code=303)
        response.set_cookie(
            session_cookie(context),
            token,
            httponly=True,
            samesite="Strict",
            secure=context.settings.server.secure_cookies,
        )
        return response

    @pages.post("/sign-out")
    def sign_out_now() -> AnyResponse:
        token = request.cookies.get(session_cookie(context))
        if token is not None:
            sign_out(context, token)
        response = redirect(url_for("pages.sign_in_form"), code=303)
        response.delete_cookie(
            session_cookie(context), httponly=True, samesite="Strict", secure=context.settings.server.secure_cookies
        )
        return response

    @pages.get("/board")
    def board() -> AnyResponse:
        account = current_account(context)
        if account is None:
            return _to_sign_in()
        return render("board.html", account, board=todays_board(context, visible_division(account)))

    @pages.get("/reports/day")
    def todays_report() -> AnyResponse:
        today = workday_of(context.clock.now(), context.rules)
        asked = request.args.get("day")
        day = today if not asked else _date(asked)
        return redirect(url_for("pages.report", day_text=day.isoformat()))

    @pages.get("/reports/day/<day_text>")
    def report(day_text: str) -> AnyResponse:
        account = current_account(context)
        if account is None:
            return _to_sign_in()
        found = day_report(context, _date(day_text), visible_division(account))
        return render(
            "report.html", account, report=found, clock_cell=lambda result: _clock_cell(result, zone), **_sums(found)
        )

    @pages.get("/reports/day/<day_text>.csv")
    def report_csv(day_text: str) -> AnyResponse:
        account = current_account(context)
        if account is None:
            return _to_sign_in()
        found = day_report(context, _date(day_text), visible_division(account))
        language: Language = page_language(context)
        response = Response(day_report_csv(found, language), mimetype="text/csv")
        response.headers["Content-Disposition"] = f'attachment; filename="courtclock-day-{found.day}.csv"'
        return response

    @pages.get("/operating-point")
    def operating_point() -> AnyResponse:
        account = current_account(context)
        if account is None:
            return _to_sign_in()
        require_hr(account)
        point = current(context)
        report = None
        if point is not None:
            with context.unit(read_only=True) as unit:
                people = {person.person_id: person for person in unit.people.active()}
            report = operating_report(point.calibration, people, context.settings.faces, page_language(context))
        return render("operating_point.html", account, point=point, report=report)

    return pages


def _sums(report: DayReport) -> dict[str, int]:
    return {
        "late_people": report.count("late"),
        "early_people": report.count("early_leave"),
        "missing_people": report.count("missing_clock"),
        "absent_people": report.count("absent"),
    }


def _clock_cell(result: PointResult, zone: ZoneInfo) -> str:
    if result.event is None:
        return "—"
    return result.event.counts_at(result.point.direction).astimezone(zone).strftime("%H:%M:%S")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CourtclockError("page.bad_date", text=text) from error


def _own_path(path: str | None) -> str:
    """A path of this site to go to after signing in; anything else goes to the board."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or urlsplit(path).netloc:
        return "/board"
    # Browsers leave out tabs and line breaks, and a header cannot hold them.
    if not path.isprintable():
        return "/board"
    return path


def _to_sign_in() -> AnyResponse:
    return redirect(url_for("pages.sign_in_form", after=request.full_path.rstrip("?")))
