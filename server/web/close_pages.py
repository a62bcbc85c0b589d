"""Closing a month: who confirmed, who objected, the lock, and the amendments after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from models.language import N_
from server.services.actors import Actor
from server.services.amendments import amended_verdict, decided_amendment
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.deriving import month_of
from server.services.month_close import (
    close_state,
    decide_amendment,
    decided_amendments,
    lock_month,
    open_amendments,
)
from server.statuses import http_status
from server.storage.months import AmendmentRecord
from server.storage.records import AccountRecord, PersonRecord
from server.web.access import page_language, require_account
from server.web.forms import AmendmentForm, LockForm
from server.web.rendering import render
from server.web.sheet_pages import last_month, month_around, page_month

_LOCKED: Final = N_("The month is locked.")
_SIGNED: Final = N_("The amendment is signed and in force.")
_REFUSED: Final = N_("The amendment is refused: what was locked stands.")


@dataclass(frozen=True, slots=True)
class AmendmentLine:
    """An open amendment in words, with its form."""

    person: PersonRecord
    record: AmendmentRecord
    before: str
    after: str
    form: AmendmentForm


def add_close_pages(pages: Blueprint, context: ServerContext) -> None:
    """The month, locking it, and amendments."""

    @pages.get("/month-close")
    @pages.get("/month-close/<month>")
    def month_close(month: str | None = None) -> AnyResponse:
        account = require_account(context)
        if month is None:
            return redirect(url_for("hr.month_close", month=last_month(context)))
        return _page(context, account, month)

    @pages.get("/month-close/<month>/lock")
    @pages.get("/month-close/<month>/amendment")
    def to_month(month: str) -> AnyResponse:
        return redirect(url_for("hr.month_close", month=month))

    @pages.post("/month-close/<month>/lock")
    def lock(month: str) -> AnyResponse:
        account = require_account(context)
        page_month(month)
        if not LockForm().validate():
            raise CourtclockError("page.form_expired")
        try:
            lock_month(context, month, Actor.of(account))
        except CourtclockError as error:
            if error.code != "month.locked":
                return _page(context, account, month, error)
        else:
            flash(_LOCKED)
        return redirect(url_for("hr.month_close", month=month), code=303)

    @pages.post("/month-close/<month>/amendment")
    def decide_amendment_now(month: str) -> AnyResponse:
        account = require_account(context)
        page_month(month)
        form = AmendmentForm()
        try:
            person_id, number = UUID(form.person_id.data or ""), int(form.number.data or "")
        except ValueError as error:
            raise CourtclockError("page.form_expired") from error
        if form.answer.data not in ("sign", "refuse"):
            raise CourtclockError("page.form_expired")
        valid, day = form.validate(), form.day.data
        if not valid or day is None:
            return _page(context, account, month, form=form, status=400)
        sign = form.answer.data == "sign"
        try:
            decide_amendment(context, person_id, day, Actor.of(account), form.reason.data, sign=sign, number=number)
        except CourtclockError as error:
            return _page(context, account, month, error, form)
        flash(_SIGNED if sign else _REFUSED)
        return redirect(url_for("hr.month_close", month=month), code=303)


def _page(
    context: ServerContext,
    account: AccountRecord,
    month: str,
    error: CourtclockError | None = None,
    form: AmendmentForm | None = None,
    status: int = 200,
) -> Response:
    language = page_language(context)
    first, last = page_month(month)
    state = close_state(context, month)
    waiting = open_amendments(context)
    with context.unit(read_only=True) as unit:
        rules = rules_in_force(context, unit)
    lines = [
        AmendmentLine(
            person,
            record,
            amended_verdict(record, record.before, rules, language),
            amended_verdict(record, record.after, rules, language),
            _form_of(record, form),
        )
        for person, record in waiting
        if month_of(record.day) == month
    ]
    return render(
        context,
        "month_close.html",
        account,
        status if error is None else http_status(error),
        state=state,
        amendments=lines,
        decided=[
            (person, record, decided_amendment(context, record, rules, language))
            for person, record in decided_amendments(context, month)
        ],
        elsewhere=sorted({month_of(record.day) for _, record in waiting} - {month}),
        before=month_around(first, -1),
        after=month_around(last, 1),
        error=None if error is None else error.sentence(language),
    )


def _form_of(record: AmendmentRecord, sent: AmendmentForm | None) -> AmendmentForm:
    """What was typed goes back to the amendment that it was typed for."""
    if sent is not None and (sent.person_id.data, sent.day.data) == (str(record.person_id), record.day):
        sent.number.data = str(record.number)
        return sent
    return AmendmentForm(
        formdata=None, data={"person_id": str(record.person_id), "day": record.day, "number": str(record.number)}
    )
