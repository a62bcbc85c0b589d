"""People and their rosters."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from models.language import N_, translate
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.expectation_changes import add_roster_entry, take_back_roster_entry
from server.services.leaving import set_last_day
from server.statuses import http_status
from server.storage.records import AccountRecord
from server.storage.unit_of_work import UnitOfWork
from server.web.access import page_language, require_account
from server.web.forms import LastDayForm, RosterForm, TakeBackForm
from server.web.rendering import render

_ADDED: Final = N_("The roster entry is in force.")
_LAST_DAY_SET: Final = N_("The last day is set.")
_STAYS: Final = N_("There is no last day any more.")
_BEFORE_FIRST: Final = N_("Nobody can leave before they came.")
_WHICH: Final = N_("Choose the entry in the list.")
_TAKEN_BACK: Final = N_("The roster entry is taken back.")
_ENDS_BEFORE: Final = N_("It cannot end before it begins.")


def add_staff_pages(pages: Blueprint, context: ServerContext) -> None:
    """Rosters, and people with their last day."""

    @pages.get("/rosters")
    def rosters() -> AnyResponse:
        account = require_account(context)
        asked = request.args.get("person", "").strip()
        form = RosterForm(formdata=None, data={"employee_nos": asked, "follows_calendar": True})
        return _rosters_page(context, account, form, asked)

    @pages.post("/rosters")
    def add_roster() -> AnyResponse:
        account = require_account(context)
        form = RosterForm()
        valid, first_day, last_day = form.validate(), form.first_day.data, form.last_day.data
        if not valid or first_day is None:
            return _rosters_page(context, account, form, status=400)
        if last_day is not None and last_day < first_day:
            form.last_day.errors = [_ENDS_BEFORE]
            return _rosters_page(context, account, form, status=400)
        numbers = form.employee_nos.data.replace(",", " ").replace("，", " ").replace("、", " ").split()
        try:
            with context.unit(read_only=True) as unit:
                person_ids = [_number_of(unit, number) for number in dict.fromkeys(numbers)]
            add_roster_entry(
                context,
                person_ids,
                first_day,
                last_day,
                form.pattern.data,
                follows_calendar=bool(form.follows_calendar.data),
                reason=form.reason.data,
                entered_by=account.username,
            )
        except CourtclockError as error:
            return _rosters_page(context, account, form, error=error)
        flash(_ADDED)
        return redirect(url_for("hr.rosters", person=numbers[0] if len(numbers) == 1 else None), code=303)

    @pages.get("/rosters/take-back")
    def to_rosters() -> AnyResponse:
        return redirect(url_for("hr.rosters"))

    @pages.post("/rosters/take-back")
    def take_roster_back() -> AnyResponse:
        account = require_account(context)
        asked = request.args.get("person", "").strip()
        form, new = TakeBackForm(), RosterForm(formdata=None)
        if not form.validate():
            return _rosters_page(context, account, new, asked, status=400, take_back=form)
        entry_id = _identifier(form.entry.data)
        if entry_id is None:
            return _rosters_page(context, account, new, asked, status=400, take_back=form, told=_WHICH)
        try:
            take_back_roster_entry(context, entry_id, form.reason.data, account.username)
        except CourtclockError as error:
            told = error.sentence(page_language(context))
            return _rosters_page(context, account, new, asked, status=http_status(error), take_back=form, told=told)
        flash(_TAKEN_BACK)
        return redirect(url_for("hr.rosters", person=asked or None), code=303)

    @pages.get("/people")
    def people() -> AnyResponse:
        account = require_account(context)
        asked = request.args.get("person", "").strip()
        with context.unit(read_only=True) as unit:
            person = unit.people.by_employee_no(asked) if asked else None
        values = {"employee_no": asked, "left_on": None if person is None else person.left_on}
        return _people_page(context, account, LastDayForm(formdata=None, data=values))

    @pages.post("/people")
    def set_last_day_now() -> AnyResponse:
        account = require_account(context)
        form = LastDayForm()
        if not form.validate():
            return _people_page(context, account, form, status=400)
        try:
            with context.unit(read_only=True) as unit:
                person = unit.people.by_employee_no(form.employee_no.data.strip())
            if person is None:
                raise CourtclockError("person.unknown", employee_no=form.employee_no.data.strip())
            if form.left_on.data is not None and form.left_on.data < person.joined_on:
                form.left_on.errors = [_BEFORE_FIRST]
                return _people_page(context, account, form, status=400)
            set_last_day(context, person.person_id, form.left_on.data, Actor.of(account))
        except CourtclockError as error:
            return _people_page(context, account, form, error)
        flash(_STAYS if form.left_on.data is None else _LAST_DAY_SET)
        return redirect(url_for("hr.people"), code=303)


def _identifier(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _number_of(unit: UnitOfWork, employee_no: str) -> UUID:
    person = unit.people.by_employee_no(employee_no)
    if person is None:
        raise CourtclockError("person.unknown", employee_no=employee_no)
    return person.person_id


def _rosters_page(
    context: ServerContext,
    account: AccountRecord,
    form: RosterForm,
    asked: str = "",
    error: CourtclockError | None = None,
    status: int = 200,
    *,
    take_back: TakeBackForm | None = None,
    told: str = "",
) -> Response:
    language = page_language(context)
    today = context.site.day_of(context.clock.now())
    with context.unit(read_only=True) as unit:
        only = unit.people.by_employee_no(asked) if asked else None
        of = None if only is None else [only.person_id]
        entries, taken = unit.court_rules.roster_entries(of), unit.court_rules.taken_back(of)
        people = unit.people.by_ids(list({one.person_id for one in (*entries, *(one.entry for one in taken))}))
        everybody = unit.people.of_day(today)
        rules = rules_in_force(context, unit).history.on(today)
    lines = [(people[one.person_id], one) for one in entries]
    lines.sort(key=lambda line: (line[0].division or "", line[0].employee_no, -line[1].first_day.toordinal()))
    return render(
        context,
        "rosters.html",
        account,
        status if error is None else http_status(error),
        lines=lines,
        taken=[(people[one.entry.person_id], one) for one in taken[::-1]],
        take_back=take_back or TakeBackForm(formdata=None),
        take_back_error=translate(told, language) if told else None,
        only=only,
        everybody=everybody,
        shifts=[(one.name, (one.name_zh if language == "zh" else one.name_en)) for one in rules.shifts.values()],
        default_shift=rules.default_shift.name,
        form=form,
        error=None if error is None else error.sentence(language),
    )


def _people_page(
    context: ServerContext,
    account: AccountRecord,
    form: LastDayForm,
    error: CourtclockError | None = None,
    status: int = 200,
) -> Response:
    language = page_language(context)
    with context.unit(read_only=True) as unit:
        people = unit.people.everybody()
    people.sort(key=lambda person: (person.division or "", person.employee_no))
    today = context.site.day_of(context.clock.now())
    return render(
        context,
        "people.html",
        account,
        status if error is None else http_status(error),
        here=[person for person in people if person.left_on is None or person.left_on >= today],
        gone=[person for person in people if person.left_on is not None and person.left_on < today],
        form=form,
        error=None if error is None else error.sentence(language),
    )
