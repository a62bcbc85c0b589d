"""The own month: what every workday was judged as, and the word of the person about it."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Response, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from models.language import N_
from server.attendance.explaining import explain, summary
from server.attendance.site_days import FIRST_YEAR, LAST_YEAR
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.month_close import answer_sheet, month_sheet
from server.services.periods import month_days
from server.statuses import http_status
from server.storage.records import AccountRecord
from server.web.access import page_language, require_account
from server.web.forms import SheetForm
from server.web.rendering import render

_CONFIRMED = N_("You have confirmed the sheet.")
_OBJECTED = N_("Your objection is noted. HR sees it before the month is locked.")


def last_month(context: ServerContext) -> str:
    """The month that ended last, such as 2026-10."""
    today = context.site.day_of(context.clock.now())
    return f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"


def page_month(month: str) -> tuple[date, date]:
    """First and last day of a month that pages show.

    Raises:
        CourtclockError: ``page.bad_month``.
    """
    first, last = month_days(month)
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise CourtclockError("page.bad_month", text=month)
    return first, last


def month_around(day: date, days: int) -> str:
    """The month of a date so many days later or earlier."""
    return f"{day + timedelta(days=days):%Y-%m}"


def add_sheet_pages(pages: Blueprint, context: ServerContext) -> None:
    """The sheet, and answering it."""

    @pages.get("/requests/sheet/<month>")
    def sheet(month: str) -> AnyResponse:
        account = require_account(context)
        return _page(context, account, month, SheetForm(formdata=None))

    @pages.post("/requests/sheet/<month>")
    def answer(month: str) -> AnyResponse:
        account = require_account(context)
        form = SheetForm()
        if form.answer.data not in ("confirm", "object"):
            raise CourtclockError("page.form_expired")
        if not form.validate():
            return _page(context, account, month, form, status=400)
        confirmed = form.answer.data == "confirm"
        try:
            answer_sheet(
                context,
                month,
                Actor.of(account),
                form.sheet_sha256.data or "",
                confirmed=confirmed,
                remark=form.remark.data or "",
            )
        except CourtclockError as error:
            return _page(context, account, month, form, error)
        flash(_CONFIRMED if confirmed else _OBJECTED)
        return redirect(url_for("requests.sheet", month=month), code=303)


def _page(
    context: ServerContext,
    account: AccountRecord,
    month: str,
    form: SheetForm,
    error: CourtclockError | None = None,
    status: int = 200,
) -> Response:
    language = page_language(context)
    first, last = page_month(month)
    if account.person_id is None:
        raise CourtclockError("page.forbidden")
    found = month_sheet(context, account.person_id, month, Actor.of(account))
    # Whoever answers answers about what this page shows.
    form.sheet_sha256.data = found.sheet_sha256
    return render(
        context,
        "sheet_answer.html",
        account,
        status if error is None else http_status(error),
        sheet=found,
        days=[(one, summary(one, language), explain(one, language)) for one in found.verdicts],
        is_over=context.site.day_of(context.clock.now()) > last,
        before=month_around(first, -1),
        after=month_around(last, 1),
        form=form,
        error=None if error is None else error.sentence(language),
    )
