"""Outages: what the kiosks' heartbeats told or HR declared, whom it touched, and excusing them at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from models.language import N_, Language, translate
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.outages import (
    LONGEST_OUTAGE_DAYS,
    TouchedPerson,
    declare_outage,
    excuse_people,
    people_touched,
    retract_outage,
)
from server.statuses import http_status
from server.storage.outages import OutageRecord
from server.storage.records import AccountRecord
from server.web.access import page_language, require_account
from server.web.forms import ExcuseForm, OutageForm, RetractForm
from server.web.outage_words import OUTAGE_KINDS, outage_detail
from server.web.rendering import render
from server.web.request_words import point_in_words

_MOST_LISTED: Final = 200
_DECLARED: Final = N_("The outage is declared.")
_RETRACTED: Final = N_("The outage is taken back, with its waivers. The verdicts follow within moments.")
_EXCUSED: Final = N_("They are excused. The verdicts follow within moments.")
_NOBODY_CHOSEN: Final = N_("Choose whom to excuse.")
_EVERYWHERE: Final = N_("everywhere")


def add_outage_pages(pages: Blueprint, context: ServerContext) -> None:
    """The list, one outage, declaring, excusing and taking back."""

    @pages.get("/outages")
    def outages() -> AnyResponse:
        form = OutageForm(formdata=None)
        _offer_kiosks(context, form)
        return _list_page(context, require_account(context), form)

    @pages.post("/outages")
    def declare() -> AnyResponse:
        account = require_account(context)
        form = OutageForm()
        _offer_kiosks(context, form)
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
                kiosk_id=UUID(form.kiosk.data) if form.kiosk.data else None,
                outage_id=form.form_id.own_id(),
            )
        except CourtclockError as error:
            return _list_page(context, account, form, error)
        flash(_DECLARED)
        return redirect(url_for("hr.outage", outage_id=record.outage_id), code=303)

    @pages.get("/outages/<uuid:outage_id>")
    def outage(outage_id: UUID) -> AnyResponse:
        return _outage_page(context, require_account(context), outage_id, ExcuseForm(formdata=None), None)

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

    @pages.post("/outages/<uuid:outage_id>/retract")
    def retract(outage_id: UUID) -> AnyResponse:
        account = require_account(context)
        form = RetractForm()
        asked = ExcuseForm(formdata=None)
        if not form.validate():
            return _outage_page(context, account, outage_id, asked, None, status=400, retracting=form)
        try:
            retract_outage(context, outage_id, form.reason.data, Actor.of(account))
        except CourtclockError as error:
            return _outage_page(context, account, outage_id, asked, None, error, retracting=form)
        flash(_RETRACTED)
        return redirect(url_for("hr.outage", outage_id=outage_id), code=303)


def _offer_kiosks(context: ServerContext, form: OutageForm) -> None:
    """Fill the choice with the kiosks, also those that were cut off since."""
    with context.unit(read_only=True) as unit:
        kiosks = [(str(one.kiosk_id), one.name) for one in unit.kiosks.sights()]
    form.kiosk.choices = [("", translate(_EVERYWHERE, page_language(context))), *kiosks]
    if form.kiosk.data is None:
        form.kiosk.data = ""


def _person_day(text: str) -> tuple[UUID, date]:
    person, _, day = text.partition("|")
    try:
        return UUID(person), date.fromisoformat(day)
    except ValueError as error:
        raise CourtclockError("page.form_expired") from error


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
    ticked: Collection[str] | None,
    error: CourtclockError | None = None,
    status: int = 200,
    retracting: RetractForm | None = None,
) -> Response:
    """One outage; before HR has ticked anybody, those whose kiosk it was are."""
    language = page_language(context)
    record, touched = people_touched(context, outage_id)
    others = [one for one in touched if one.person.person_id != account.person_id]
    if ticked is None:
        ticked = [_key(one) for one in others if one.clocked_there]
    return render(
        context,
        "outage.html",
        account,
        status if error is None else http_status(error),
        outage=record,
        kind=OUTAGE_KINDS[record.kind],
        detail=outage_detail(record, language),
        kiosks=_kiosk_names(context),
        touched=[(one, _key(one), _points(one, language), one.summary(language)) for one in touched],
        own_person_id=account.person_id,
        others=len(others),
        ticked=set(ticked),
        days_looked_at=LONGEST_OUTAGE_DAYS if _is_long(context, record) else None,
        form=form,
        retracting=RetractForm(formdata=None) if retracting is None else retracting,
        error=None if error is None else error.sentence(language),
    )


def _key(one: TouchedPerson) -> str:
    return f"{one.person.person_id}|{one.day}"


def _is_long(context: ServerContext, record: OutageRecord) -> bool:
    ended_at = record.ended_at or context.clock.now()
    return ended_at - record.began_at > timedelta(days=LONGEST_OUTAGE_DAYS)


def _points(one: TouchedPerson, language: Language) -> list[str]:
    return [point_in_words(one.verdict.shift, number, language) for number in one.points]
