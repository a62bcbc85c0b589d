"""The pages. Server-rendered, no script at all."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from models.language import Language
from server.attendance.points import Direction
from server.attendance.verdicts import PointResult, WorkdayVerdict
from server.services.context import ServerContext
from server.services.operating import current
from server.services.operating_report import operating_report
from server.services.presence import todays_board
from server.services.reporting import DayReport, day_report
from server.services.signing_in import sign_in, sign_out
from server.storage.records import AccountRecord
from server.web import rendering
from server.web.access import (
    page_language,
    require_account,
    require_hr,
    session_cookie,
    visible_division,
)
from server.web.exports import day_report_csv


def make_pages(context: ServerContext) -> Blueprint:
    """The blueprint of everything that people see."""
    pages = Blueprint("pages", __name__)
    zone = context.site.zone

    def render(template: str, account: AccountRecord | None, status: int = 200, **values: Any) -> Response:
        return rendering.render(context, template, account, status, **values)

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
        account = require_account(context)
        return render("board.html", account, board=todays_board(context, visible_division(account)))

    @pages.get("/reports/day")
    def todays_report() -> AnyResponse:
        today = context.site.day_of(context.clock.now())
        asked = request.args.get("day")
        day = today if not asked else _date(asked)
        return redirect(url_for("pages.report", day_text=day.isoformat()))

    @pages.get("/reports/day/<day_text>")
    def report(day_text: str) -> AnyResponse:
        account = require_account(context)
        found = day_report(context, _date(day_text), visible_division(account))
        return render(
            "report.html", account, report=found, point_cells=partial(_point_cells, zone=zone), **_sums(found)
        )

    @pages.get("/reports/day/<day_text>.csv")
    def report_csv(day_text: str) -> AnyResponse:
        account = require_account(context)
        found = day_report(context, _date(day_text), visible_division(account))
        language: Language = page_language(context)
        response = Response(day_report_csv(found, language), mimetype="text/csv")
        response.headers["Content-Disposition"] = f'attachment; filename="courtclock-day-{found.day}.csv"'
        return response

    @pages.get("/operating-point")
    def operating_point() -> AnyResponse:
        account = require_account(context)
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
    return result.event.counts_at(direction).astimezone(zone).strftime("%H:%M:%S")


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


def to_sign_in() -> AnyResponse:
    """Leads to the sign-in form, and back here afterwards."""
    return redirect(url_for("pages.sign_in_form", after=request.full_path.rstrip("?")))
