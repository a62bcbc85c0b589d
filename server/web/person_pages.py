"""The pages of one person: the month, a workday with its whole explanation, and the month as a file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, cast

from flask import Blueprint, Response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from server.attendance.site_days import FIRST_YEAR, LAST_YEAR
from server.services.actors import Actor, may_file_for, may_see
from server.services.context import ServerContext
from server.services.deriving import month_of
from server.services.month_close import MonthSheet, month_sheet
from server.storage.records import AccountRecord, PersonRecord
from server.web.access import page_language, require_account
from server.web.access_noting import note_access
from server.web.exporting import AS_FILE, FileForm, as_file
from server.web.person_days import person_day
from server.web.person_sheets import (
    amendment_lines,
    answer_lines,
    consequence_notes,
    counter_lines,
    figures,
    is_of_sheet,
    kind_in_words,
    month_table,
    month_workbook,
    weekday_name,
)
from server.web.rendering import render
from server.web.sheet_pages import month_around, page_month

_ONE_DAY: Final = timedelta(days=1)


def make_person_pages(context: ServerContext) -> Blueprint:
    """The blueprint of one person's month and days."""
    pages = Blueprint("persons", __name__)

    @pages.get("/my")
    def mine() -> AnyResponse:
        account = require_account(context)
        with context.unit(read_only=True) as unit:
            person = None if account.person_id is None else unit.people.by_id(account.person_id)
        if person is None:
            raise CourtclockError("page.forbidden")
        month = month_of(context.site.day_of(context.clock.now()))
        return redirect(url_for("persons.sheet", employee_no=person.employee_no, month=month))

    @pages.get("/reports/sheet/<employee_no>/<month>")
    def sheet(employee_no: str, month: str) -> AnyResponse:
        account = require_account(context)
        return _sheet_page(context, account, employee_no, month)

    @pages.get(f"/reports/sheet/<employee_no>/<month>.{AS_FILE}")
    def sheet_file(employee_no: str, month: str, form: str) -> AnyResponse:
        account = require_account(context)
        return _sheet_file(context, account, employee_no, month, cast(FileForm, form))

    @pages.get("/reports/person/<employee_no>/<day>")
    def day(employee_no: str, day: str) -> AnyResponse:
        account = require_account(context)
        return _day_page(context, account, employee_no, _page_day(day))

    return pages


def _seen(context: ServerContext, account: AccountRecord, employee_no: str, day: date) -> PersonRecord:
    """The person with this number in the division of a day, for whoever may see that day of theirs.

    Raises:
        CourtclockError: ``page.forbidden``, also where there is nobody, so that nobody learns who is here.
    """
    with context.unit(read_only=True) as unit:
        person = unit.people.by_employee_no(employee_no, day)
    if person is None or not may_see(Actor.of(account), person):
        raise CourtclockError("page.forbidden")
    return person


def _read_sheet(context: ServerContext, account: AccountRecord, employee_no: str, month: str) -> MonthSheet:
    _, last = page_month(month)
    person = _seen(context, account, employee_no, min(last, context.site.day_of(context.clock.now())))
    return month_sheet(context, person.person_id, month, Actor.of(account))


def _sheet_page(context: ServerContext, account: AccountRecord, employee_no: str, month: str) -> Response:
    language = page_language(context)
    found = _read_sheet(context, account, employee_no, month)
    first, last = page_month(month)
    today = context.site.day_of(context.clock.now())
    counters = found.counters if is_of_sheet(found, today) else ()
    table = month_table(context, found, language)
    note_access(context, account, "month_sheet", f"{month} {found.person.employee_no}", "page")
    return render(
        context,
        "month_sheet.html",
        account,
        sheet=found,
        table=table,
        figures=figures(found, language),
        counters=counter_lines(counters, language),
        consequences=consequence_notes(found, language),
        answers=answer_lines(context, found, language),
        amendments=amendment_lines(context, found, language),
        is_own=account.person_id == found.person.person_id,
        may_answer=account.person_id == found.person.person_id and found.lock is None and today > last,
        today=today,
        before=month_around(first, -1) if first.year > FIRST_YEAR or first.month > 1 else None,
        after=month_around(last, 1) if last.year < LAST_YEAR or last.month < 12 else None,
    )


def _sheet_file(
    context: ServerContext, account: AccountRecord, employee_no: str, month: str, form: FileForm
) -> Response:
    language = page_language(context)
    found = _read_sheet(context, account, employee_no, month)
    today = context.site.day_of(context.clock.now())
    counters = found.counters if is_of_sheet(found, today) else ()
    workbook = month_workbook(context, found, counters, language)
    note_access(context, account, "month_sheet", f"{month} {found.person.employee_no}", form)
    return as_file(workbook, form, f"courtclock-sheet-{found.person.employee_no}-{month}", context.site.zone, language)


def _page_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise CourtclockError("page.bad_date", text=text) from error
    # One address a day: the basic form and week dates are dates too.
    if day.isoformat() != text or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CourtclockError("page.bad_date", text=text)
    return day


def _day_page(context: ServerContext, account: AccountRecord, employee_no: str, day: date) -> Response:
    language = page_language(context)
    person = _seen(context, account, employee_no, day)
    found = person_day(context, person, day, language)
    verdict = found.verdict
    today = context.site.day_of(context.clock.now())
    note_access(context, account, "person_day", f"{day} {person.employee_no}", "page")
    before, after = day - _ONE_DAY, day + _ONE_DAY
    return render(
        context,
        "person_day.html",
        account,
        person=person,
        # By face or by PIN is nobody else's business.
        is_own=account.person_id == person.person_id,
        day=day,
        found=found,
        kind="" if verdict is None else kind_in_words(verdict.calendar_day, verdict.shift, language),
        weekday=weekday_name(day, language),
        month=month_of(day),
        before=before if before.year >= FIRST_YEAR else None,
        after=after if after.year <= LAST_YEAR else None,
        may_file=_may_file(context, account, person) and person.works_on(day),
        may_correct=bool(found.points) and day <= today,
    )


def _may_file(context: ServerContext, account: AccountRecord, person: PersonRecord) -> bool:
    """Whether the form for requests offers this person to this account: a head those of the division as it is now."""
    with context.unit(read_only=True) as unit:
        now = unit.people.by_id(person.person_id)
    return now is not None and may_file_for(Actor.of(account), now)
