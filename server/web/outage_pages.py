"""Outages: what the kiosks' heartbeats told or HR declared, whom it touched, and excusing them at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from models.language import N_, Language, translate
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.outages import TouchedPerson, declare_outage, excuse_people, people_touched
from server.statuses import http_status
from server.storage.outages import OutageKind, OutageRecord
from server.storage.records import AccountRecord
from server.web.access import page_language, require_account
from server.web.forms import ExcuseForm, OutageForm
from server.web.rendering import render
from server.web.request_words import point_names

_MOST_LISTED: Final = 200
OUTAGE_KINDS: Final[dict[OutageKind, str]] = {
    "silent": N_("not heard from"),
    "clock_jump": N_("its clock jumped"),
    "camera": N_("its camera failed"),
    "declared": N_("declared by HR"),
}
_JUMPED: Final = N_("by {seconds} s")
_WAITED: Final = N_("{waiting} items waited on it and came later")
_DECLARED: Final = N_("The outage is declared.")
_EXCUSED: Final = N_("They are excused. The verdicts follow within moments.")
_NOBODY_CHOSEN: Final = N_("Choose whom to excuse.")


def add_outage_pages(pages: Blueprint, context: ServerContext) -> None:
    """The list, one outage, declaring and excusing."""

    @pages.get("/outages")
    def outages() -> AnyResponse:
        return _list_page(context, require_account(context), OutageForm(formdata=None))

    @pages.post("/outages")
    def declare() -> AnyResponse:
        account = require_account(context)
        form = OutageForm()
        began_at, ended_at = form.began_at.at(context.site.zone), form.ended_at.at(context.site.zone)
        if not form.validate() or began_at is None or ended_at is None:
            return _list_page(context, account, form, status=400)
        try:
            record = declare_outage(
                context,
                began_at,
                ended_at,
                form.reason.data,
                Actor.of(account),
                outage_id=form.form_id.own_id(),
            )
        except CourtclockError as error:
            return _list_page(context, account, form, error)
        flash(_DECLARED)
        return redirect(url_for("hr.outage", outage_id=record.outage_id), code=303)

    @pages.get("/outages/<uuid:outage_id>")
    def outage(outage_id: UUID) -> AnyResponse:
        return _outage_page(context, require_account(context), outage_id, ExcuseForm(formdata=None), ())

    @pages.post("/outages/<uuid:outage_id>")
    def excuse(outage_id: UUID) -> AnyResponse:
        account = require_account(context)
        form = ExcuseForm()
        ticked = request.form.getlist("chosen")
        chosen = None if form.everybody.data else {_person_day(one) for one in ticked}
        if not form.validate() or chosen == set():
            if chosen == set():
                form.everybody.errors = [_NOBODY_CHOSEN]
            return _outage_page(context, account, outage_id, form, ticked, status=400)
        try:
            excuse_people(context, outage_id, chosen, form.reason.data, Actor.of(account))
        except CourtclockError as error:
            return _outage_page(context, account, outage_id, form, ticked, error)
        flash(_EXCUSED)
        return redirect(url_for("hr.outage", outage_id=outage_id), code=303)


def _person_day(text: str) -> tuple[UUID, date]:
    person, _, day = text.partition("|")
    try:
        return UUID(person), date.fromisoformat(day)
    except ValueError as error:
        raise CourtclockError("page.form_expired") from error


def outage_detail(record: OutageRecord, language: Language) -> str:
    """What is known about an outage beyond its times."""
    if record.kind == "declared":
        return str(record.detail.get("reason", ""))
    if record.kind == "camera":
        return str(record.detail.get("fault", ""))
    if record.kind == "clock_jump":
        return translate(_JUMPED, language).format(seconds=f"{record.detail.get('seconds', 0):+g}")
    waiting = record.detail.get("waiting", 0)
    return translate(_WAITED, language).format(waiting=waiting) if waiting else ""


def _kiosk_names(context: ServerContext) -> dict[UUID, str]:
    with context.unit(read_only=True) as unit:
        return {one.kiosk_id: one.name for one in unit.kiosks.sights()}


def _list_page(
    context: ServerContext,
    account: AccountRecord,
    form: OutageForm,
    error: CourtclockError | None = None,
    status: int = 200,
) -> Response:
    language = page_language(context)
    with context.unit(read_only=True) as unit:
        found = unit.outages.newest(_MOST_LISTED)
    return render(
        context,
        "outages.html",
        account,
        status if error is None else http_status(error),
        outages=[(one, OUTAGE_KINDS[one.kind], outage_detail(one, language)) for one in found],
        kiosks=_kiosk_names(context),
        form=form,
        error=None if error is None else error.sentence(language),
    )


def _outage_page(
    context: ServerContext,
    account: AccountRecord,
    outage_id: UUID,
    form: ExcuseForm,
    ticked: Collection[str],
    error: CourtclockError | None = None,
    status: int = 200,
) -> Response:
    language = page_language(context)
    record, touched = people_touched(context, outage_id)
    return render(
        context,
        "outage.html",
        account,
        status if error is None else http_status(error),
        outage=record,
        kind=OUTAGE_KINDS[record.kind],
        detail=outage_detail(record, language),
        kiosks=_kiosk_names(context),
        touched=[(one, _points(one, language), one.summary(language)) for one in touched],
        ticked=set(ticked),
        form=form,
        error=None if error is None else error.sentence(language),
    )


def _points(one: TouchedPerson, language: Language) -> list[str]:
    names = point_names(one.verdict.shift, language)
    return [names[number] for number in one.points]
