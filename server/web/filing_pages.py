"""The form for a new request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from models.language import N_, Language, translate
from server.attendance.rosters import NOBODYS
from server.attendance.rules import RequestKind
from server.attendance.site_days import FIRST_YEAR, LAST_YEAR
from server.services.actors import Actor, may_file_for
from server.services.context import ServerContext
from server.services.court_rules import rosters_of, rules_in_force
from server.services.request_documents import MAX_ATTACHMENT_BYTES
from server.services.request_filing import Wish, file_request
from server.services.request_lengths import Balance
from server.statuses import http_status
from server.storage.records import AccountRecord, PersonRecord
from server.storage.unit_of_work import UnitOfWork
from server.web.absence_filing import Preview, balances_of, offer_kinds_and_parts, preview_of, times_meant
from server.web.access import page_language, require_account
from server.web.forms import AbsenceForm, PointForm
from server.web.rendering import render
from server.web.request_words import KINDS, point_names
from server.web.uploads import MAX_ATTACHMENTS, TOO_MANY, uploads_of

WHOLE_DAY: Final = "whole"
_FILED: Final = N_("The request is filed. It waits for a decision.")
_NOBODY: Final = N_("There is nobody with this number whom you may file for.")
_OTHER_POINTS: Final = N_("These are the clock points of that day. Choose again.")
_NO_POINTS: Final = N_("No work is expected on that day: there is no clock point.")
_WHEN: Final = N_("Say when it really was.")
_WHOLE_DAY: Final = N_("the whole day")


def add_filing_pages(pages: Blueprint, context: ServerContext) -> None:
    """The form and what becomes of it."""

    @pages.get("/requests/new")
    def new() -> AnyResponse:
        account = require_account(context)
        kind = _kind(request.args.get("kind"))
        form = _empty_form(context, account, kind)
        return _page(context, account, kind, form)

    @pages.post("/requests/new")
    def file_now() -> AnyResponse:
        account = require_account(context)
        kind = _kind(request.args.get("kind"))
        form = AbsenceForm() if kind in ("leave", "duty") else PointForm()
        with context.unit(read_only=True) as unit:
            person = _person(unit, account, form.employee_no.data or "")
        offer = _offer(context, form, kind, person, page_language(context))
        if "look" in request.form:
            return _page(context, account, kind, form, look=True)
        valid = form.validate()
        if person is None and form.employee_no.data:
            form.employee_no.errors = [*form.employee_no.errors, _NOBODY]
        valid = _fits(form, kind, offer) and valid and person is not None
        uploads = uploads_of("documents")
        if len(uploads) > MAX_ATTACHMENTS:
            form.documents.errors = [TOO_MANY]
            valid = False
        wish = None if person is None else _wish(context, form, kind, person)
        if not valid or wish is None:
            return _page(context, account, kind, form, status=400)
        try:
            filed = file_request(
                context,
                wish,
                Actor.of(account),
                uploads,
                request_id=form.form_id.own_id(),
                beyond_balance=isinstance(form, AbsenceForm) and bool(form.beyond_balance.data),
            )
        except CourtclockError as error:
            return _page(context, account, kind, form, error)
        flash(_FILED)
        return redirect(url_for("requests.one", request_id=filed.request_id), code=303)


def _kind(text: str | None) -> RequestKind:
    for kind in KINDS:
        if kind == text:
            return kind
    return "leave"


def _person(unit: UnitOfWork, account: AccountRecord, employee_no: str) -> PersonRecord | None:
    """Whom the request is for: an employee files for nobody but themselves."""
    own = None if account.person_id is None else unit.people.by_id(account.person_id)
    wanted = employee_no.strip()
    if account.role == "employee" or not wanted:
        return own
    person = unit.people.by_employee_no(wanted)
    return person if person is not None and may_file_for(Actor.of(account), person) else None


def _empty_form(context: ServerContext, account: AccountRecord, kind: RequestKind) -> AbsenceForm | PointForm:
    today = context.site.day_of(context.clock.now())
    with context.unit(read_only=True) as unit:
        person = _person(unit, account, request.args.get("person", ""))
    values = {"employee_no": "" if person is None else person.employee_no}
    if kind in ("leave", "duty"):
        form = AbsenceForm(formdata=None, data={**values, "first_day": _asked_day() or today, "part": "whole"})
    else:
        form = PointForm(formdata=None, data={**values, "day": _asked_day() or today})
    _offer(context, form, kind, person, page_language(context))
    return form


def _asked_day() -> date | None:
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


@dataclass(frozen=True, slots=True)
class _Offer:
    """What the form could be filled in with.

    Attributes:
        has_points: whether the day has clock points.
        points_changed: whether the clock points that were shown were those of another day or person.
    """

    has_points: bool = True
    points_changed: bool = False


def _offer(
    context: ServerContext,
    form: AbsenceForm | PointForm,
    kind: RequestKind,
    person: PersonRecord | None,
    language: Language,
) -> _Offer:
    """Fill the choices: the kinds of the rules, or the clock points of the day."""
    today = context.site.day_of(context.clock.now())
    with context.unit(read_only=True) as unit:
        if isinstance(form, AbsenceForm):
            offer_kinds_and_parts(context, unit, form, kind, person, language)
            return _Offer()
        rules = rules_in_force(context, unit)
        day = form.day.data or today
        roster = NOBODYS
        if person is not None:
            roster = rosters_of(unit, [person.person_id]).get(person.person_id, NOBODYS)
        names = point_names(rules.plan(roster, day)[0].shift, language)
    form.point.choices = [(str(number), name) for number, name in enumerate(names)]
    if kind == "waiver":
        form.point.choices.insert(0, (WHOLE_DAY, translate(_WHOLE_DAY, language)))
    # What was chosen by number belongs to the day and the person whose points were shown.
    shown_for = form.points_of.data
    form.points_of.data = f"{day} {'' if person is None else person.employee_no}"
    return _Offer(bool(names), bool(shown_for) and shown_for != form.points_of.data)


def _fits(form: AbsenceForm | PointForm, kind: RequestKind, offer: _Offer) -> bool:
    """What only a correction needs, and whether the clock points were those of the day."""
    if kind in ("leave", "duty"):
        return True
    fits = True
    if not offer.has_points:
        form.point.errors = [_NO_POINTS]
        fits = False
    elif offer.points_changed and form.point.data != WHOLE_DAY:
        form.point.errors = [_OTHER_POINTS]
        fits = False
    if kind == "correction" and form.moment.data is None and not form.moment.errors:
        form.moment.errors = [_WHEN]
        fits = False
    return fits


def _wish(
    context: ServerContext, form: AbsenceForm | PointForm, kind: RequestKind, person: PersonRecord
) -> Wish | None:
    """What is asked for; None where the form does not say from when until when."""
    reason = form.reason.data or ""
    if isinstance(form, AbsenceForm):
        with context.unit(read_only=True) as unit:
            times = times_meant(context, unit, form, person)
        if times is None:
            return None
        return Wish(kind, person.person_id, reason, name=form.name.data or "", starts_at=times[0], ends_at=times[1])
    if form.day.data is None or form.point.data is None:
        return None
    if form.point.data != WHOLE_DAY and not form.point.data.isdecimal():
        return None
    return Wish(
        kind,
        person.person_id,
        reason,
        starts_at=form.moment.at(context.site.zone) if kind == "correction" else None,
        day=form.day.data,
        point=None if form.point.data == WHOLE_DAY else int(form.point.data),
    )


def _page(
    context: ServerContext,
    account: AccountRecord,
    kind: RequestKind,
    form: AbsenceForm | PointForm,
    error: CourtclockError | None = None,
    status: int = 200,
    *,
    look: bool = False,
) -> Response:
    language = page_language(context)
    today = context.site.day_of(context.clock.now())
    preview: Preview | None = None
    balances: list[tuple[str, Balance]] = []
    with context.unit(read_only=True) as unit:
        if account.role == "hr":
            people = unit.people.of_day(today)
        elif account.role == "head" and account.division_id is not None:
            people = unit.people.of_day(today, account.division_id)
        else:
            people = []
        own = rules_in_force(context, unit).history.on(today).requests[kind]
        person = _person(unit, account, form.employee_no.data or "")
        if isinstance(form, AbsenceForm) and person is not None:
            day = form.first_day.data or today
            balances = balances_of(context, unit, kind, person, day, language)
            own = rules_in_force(context, unit).history.on(day).request_rules(kind, form.name.data or "")
            wish = _wish(context, form, kind, person) if look else None
            preview = None if wish is None else preview_of(context, unit, wish, Actor.of(account), language)
    return render(
        context,
        "request_new.html",
        account,
        status if error is None else http_status(error),
        kind=kind,
        kinds=KINDS,
        form=form,
        people=people,
        own_rules=own,
        balances=balances,
        preview=preview,
        may_exceed=account.role == "hr" and bool(balances),
        may_file=account.person_id is not None or bool(people),
        attachment_megabytes=MAX_ATTACHMENT_BYTES // 1_000_000,
        had_documents=any(one.filename for one in request.files.getlist("documents")),
        error=None if error is None else error.sentence(language),
    )
