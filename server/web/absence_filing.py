"""The form for leave and duty: what it offers, which time was meant, and what the rules say about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from models.errors import CourtclockError
from models.language import N_, Language, translate
from server.attendance.rosters import NOBODYS
from server.attendance.rules import RequestKind
from server.attendance.site_days import local_moment
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.court_rules import CourtRules, rules_in_force
from server.services.request_filing import Wish, consider
from server.services.request_lengths import Balance, DayPart, PersonAbsences
from server.storage.records import PersonRecord
from server.storage.unit_of_work import UnitOfWork
from server.web.forms import NEEDED, AbsenceForm
from server.web.request_words import (
    RequestLine,
    days_in_words,
    from_until,
    named,
    request_lines,
    role_in_words,
)

HOURS: Final = "hours"
PARTS: Final[dict[DayPart, str]] = {
    "whole": N_("whole days"),
    "morning": N_("morning, the first half"),
    "afternoon": N_("afternoon, the second half"),
}
_HOURS: Final = N_("hours, from one time until another")
_PART_OF: Final = N_("{part} ({day}: {start} to {end})")
_ONE_DAY: Final = N_("Half a day is of one day: leave the last day empty.")
_NO_HALVES: Final = N_("No work is expected on that day, so it has no halves.")


@dataclass(frozen=True, slots=True)
class Preview:
    """What the rules say about what is typed so far.

    Attributes:
        problem: why it cannot be filed like this; the rest is empty then.
        joined: what counts as one with it.
        document_from_days: of how many days on an attachment is needed, where it is.
    """

    problem: str = ""
    when: str = ""
    length: str = ""
    decides: str = ""
    joined: tuple[RequestLine, ...] = ()
    document_from_days: float | None = None
    balances: tuple[Balance, ...] = ()


def offer_kinds_and_parts(
    context: ServerContext,
    unit: UnitOfWork,
    form: AbsenceForm,
    kind: RequestKind,
    person: PersonRecord | None,
    language: Language,
) -> None:
    """Fill the choices: the kinds of the rules of the first day, and its halves by the person's own clock points."""
    rules = rules_in_force(context, unit)
    day = form.first_day.data or context.site.day_of(context.clock.now())
    known = rules.history.on(day)
    kinds = known.leave_kinds if kind == "leave" else known.duty_kinds
    form.name.choices = [(name, named(one, language)) for name, one in kinds.items()]
    absences = _absences(unit, rules, person)
    form.part.choices = [
        *((part, _part_in_words(rules, absences, part, day, language)) for part in PARTS),
        (HOURS, translate(_HOURS, language)),
    ]


def _absences(unit: UnitOfWork, rules: CourtRules, person: PersonRecord | None) -> PersonAbsences:
    return PersonAbsences(rules, NOBODYS, []) if person is None else PersonAbsences.of(unit, rules, person.person_id)


def _part_in_words(rules: CourtRules, absences: PersonAbsences, part: DayPart, day: date, language: Language) -> str:
    words = translate(PARTS[part], language)
    times = None if part == "whole" else absences.times_of(part, day, day)
    if times is None:
        return words
    start, end = (f"{moment.astimezone(rules.site.zone):%H:%M}" for moment in times)
    return translate(_PART_OF, language).format(part=words, day=day, start=start, end=end)


def times_meant(
    context: ServerContext, unit: UnitOfWork, form: AbsenceForm, person: PersonRecord
) -> tuple[datetime, datetime] | None:
    """From when until when; None, with the reason beside the field, where it cannot be told."""
    first = form.first_day.data
    if first is None or form.last_day.process_errors:
        return None
    last = form.last_day.data or first
    zone = context.site.zone
    if form.part.data == HOURS:
        start, end = form.from_time.data, form.until_time.data
        for field in (form.from_time, form.until_time):
            if field.data is None and not field.process_errors:
                field.errors = [NEEDED]
        if start is None or end is None:
            return None
        return (
            local_moment(first, start.hour * 60 + start.minute, zone),
            local_moment(last, end.hour * 60 + end.minute, zone),
        )
    part: DayPart | None = next((one for one in PARTS if one == form.part.data), None)
    if part is None:
        return None
    if part != "whole" and first != last:
        form.last_day.errors = [_ONE_DAY]
        return None
    times = _absences(unit, rules_in_force(context, unit), person).times_of(part, first, last)
    if times is None:
        form.part.errors = [_NO_HALVES]
    return times


def preview_of(context: ServerContext, unit: UnitOfWork, wish: Wish, actor: Actor, language: Language) -> Preview:
    """How long it is, who decides, and what it needs."""
    rules = rules_in_force(context, unit)
    try:
        found = consider(unit, rules, wish, actor)
    except CourtclockError as error:
        return Preview(problem=error.sentence(language))
    measured = found.measured
    if measured is None or wish.starts_at is None or wish.ends_at is None:
        return Preview()
    return Preview(
        when=from_until(rules, wish.starts_at, wish.ends_at, language),
        length=days_in_words(measured.days, measured.days_together, language),
        decides=role_in_words(found.needs_role, language),
        joined=tuple(request_lines(context, unit, list(measured.joined), language)),
        document_from_days=found.rules.document_from_days if found.needs_document else None,
        balances=found.balances,
    )


def balances_of(
    context: ServerContext, unit: UnitOfWork, kind: RequestKind, person: PersonRecord, day: date, language: Language
) -> list[tuple[str, Balance]]:
    """What somebody has used and has left, of each kind with a limit, in the year of a day."""
    rules = rules_in_force(context, unit)
    known = rules.history.on(day)
    absences = _absences(unit, rules, person)
    kinds = known.leave_kinds if kind == "leave" else known.duty_kinds
    return [
        (named(own, language), balance)
        for own in kinds.values()
        for balance in absences.balances(kind, own, {}, years=[day.year])
    ]
