"""The calendar: a year's days off and make-up workdays, and HR's words on dates and on the year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, cast

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from models.language import N_, translate
from server.attendance.calendar import Calendar, CalendarDay, DayKind
from server.attendance.site_days import FIRST_YEAR, LAST_YEAR
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.expectation_changes import confirm_year, edit_calendar
from server.statuses import http_status
from server.storage.records import AccountRecord
from server.web.access import page_language, require_account
from server.web.forms import CalendarForm, YearForm
from server.web.rendering import render

DAY_KINDS: Final[dict[DayKind, str]] = {
    "workday": N_("workday"),
    "rest_day": N_("rest day"),
    "holiday": N_("public holiday"),
    "makeup_workday": N_("make-up workday"),
}
TAKEN_BACK: Final = N_("as in the official calendar")
_EDITED: Final = N_("The day is set.")
_YEAR_SET: Final = N_("Your word on the year is noted.")
_ONE_DAY: Final = timedelta(days=1)
_BACK: Final = "official"


@dataclass(frozen=True, slots=True)
class DaySpan:
    """Days in a row that are alike."""

    first: CalendarDay
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first.date).days + 1


def special_days(calendar: Calendar, year: int) -> list[DaySpan]:
    """What is not an ordinary weekday or weekend in a year: holidays, make-up workdays and whatever HR has set."""
    spans: list[DaySpan] = []
    day = date(year, 1, 1)
    while day.year == year:
        one = calendar.day(day)
        if one.kind in ("holiday", "makeup_workday") or one.source == "edited":
            before = spans[-1] if spans else None
            if before is not None and before.last == day - _ONE_DAY and _alike(before.first, one):
                spans[-1] = DaySpan(before.first, day)
            else:
                spans.append(DaySpan(one, day))
        day += _ONE_DAY
    return spans


def _alike(one: CalendarDay, other: CalendarDay) -> bool:
    return (one.kind, one.name, one.source, one.reason) == (other.kind, other.name, other.source, other.reason)


def add_calendar_pages(pages: Blueprint, context: ServerContext) -> None:
    """The year, and HR's words about it."""

    @pages.get("/calendar")
    def calendar() -> AnyResponse:
        account = require_account(context)
        return _page(context, account, _year(context), _day_form(context, new=True), YearForm(formdata=None))

    @pages.post("/calendar")
    def edit_calendar_now() -> AnyResponse:
        account = require_account(context)
        form = _day_form(context, new=False)
        valid, day = form.validate(), form.day.data
        year = _year(context) if day is None else day.year
        if not valid or day is None:
            return _page(context, account, year, form, YearForm(formdata=None), status=400)
        kind = None if form.kind.data == _BACK else cast(DayKind, form.kind.data)
        try:
            edit_calendar(context, day, kind, form.name.data, form.reason.data, account.username)
        except CourtclockError as error:
            return _page(context, account, year, form, YearForm(formdata=None), error)
        flash(_EDITED)
        return redirect(url_for("hr.calendar", year=year), code=303)

    @pages.get("/calendar/year")
    def to_calendar() -> AnyResponse:
        return redirect(url_for("hr.calendar", year=_year(context)))

    @pages.post("/calendar/year")
    def confirm_year_now() -> AnyResponse:
        account = require_account(context)
        form = YearForm()
        year = _year(context)
        day_form = _day_form(context, new=True)
        if not form.validate():
            return _page(context, account, year, day_form, form, status=400)
        try:
            confirm_year(context, year, form.confirmed.data == "yes", form.reason.data, account.username)
        except CourtclockError as error:
            return _page(context, account, year, day_form, form, year_error=error)
        flash(_YEAR_SET)
        return redirect(url_for("hr.calendar", year=year), code=303)


def _year(context: ServerContext) -> int:
    text = request.args.get("year")
    if not text:
        return context.site.day_of(context.clock.now()).year
    if not (text.isascii() and text.isdigit() and len(text) == 4 and FIRST_YEAR <= int(text) <= LAST_YEAR):
        raise CourtclockError("page.bad_date", text=text)
    return int(text)


def _day_form(context: ServerContext, *, new: bool) -> CalendarForm:
    form = CalendarForm(formdata=None) if new else CalendarForm()
    language = page_language(context)
    choices = [(kind, translate(words, language)) for kind, words in DAY_KINDS.items()]
    form.kind.choices = [*choices, (_BACK, translate(TAKEN_BACK, language))]
    return form


def _page(
    context: ServerContext,
    account: AccountRecord,
    year: int,
    form: CalendarForm,
    year_form: YearForm,
    error: CourtclockError | None = None,
    *,
    year_error: CourtclockError | None = None,
    status: int = 200,
) -> Response:
    language = page_language(context)
    with context.unit(read_only=True) as unit:
        calendar = rules_in_force(context, unit).calendar
        edits = [one for one in unit.court_rules.calendar_edits() if one.day.year == year]
        words = [one for one in unit.court_rules.year_words() if one.year == year]
        taken = [one for one in unit.court_rules.official_years() if one.year == year]
    told = error or year_error
    return render(
        context,
        "calendar.html",
        account,
        status if told is None else http_status(told),
        year=year,
        years=(FIRST_YEAR, LAST_YEAR),
        spans=special_days(calendar, year),
        day_kinds=DAY_KINDS,
        taken_back=TAKEN_BACK,
        edits=edits[::-1],
        words=words[::-1],
        taken=taken[::-1],
        is_official=calendar.year_is_official(year),
        is_confirmed=calendar.year_is_confirmed(year),
        form=form,
        year_form=year_form,
        error=None if error is None else error.sentence(language),
        year_error=None if year_error is None else year_error.sentence(language),
    )
