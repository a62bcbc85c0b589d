"""The pages. Server-rendered, no script at all."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from server.services.context import ServerContext
from server.services.operating import current
from server.services.operating_report import operating_report
from server.services.presence import todays_board
from server.services.scope import visible_division
from server.services.signing_in import sign_in, sign_out
from server.storage.records import AccountRecord
from server.web import rendering
from server.web.access import (
    page_language,
    require_account,
    require_hr,
    session_cookie,
)
from server.web.outage_words import fault_words


def make_pages(context: ServerContext) -> Blueprint:
    """The blueprint of everything that people see."""
    pages = Blueprint("pages", __name__)

    def render(template: str, account: AccountRecord | None, status: int = 200, **values: Any) -> Response:
        return rendering.render(context, template, account, status, **values)

    @pages.get("/")
    def home() -> AnyResponse:
        account = require_account(context)
        return redirect(url_for("persons.mine" if account.role == "employee" else "pages.board"))

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
        return render(
            "board.html",
            account,
            board=todays_board(context, visible_division(account)),
            fault_words=partial(fault_words, language=page_language(context)),
        )

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


def _own_path(path: str | None) -> str:
    """A path of this site to go to after signing in; anything else goes where the account begins."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or urlsplit(path).netloc:
        return "/"
    # Browsers leave out tabs and line breaks, and a header cannot hold them.
    if not path.isprintable():
        return "/"
    return path


def to_sign_in() -> AnyResponse:
    """Leads to the sign-in form, and back here afterwards."""
    return redirect(url_for("pages.sign_in_form", after=request.full_path.rstrip("?")))
