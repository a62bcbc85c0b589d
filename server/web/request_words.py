"""How pages speak about requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from models.language import N_, Language, translate
from server.attendance.overlays import off_post_number
from server.attendance.points import Shift
from server.attendance.rosters import NOBODYS, Roster
from server.attendance.rules import AbsenceKind, RequestKind
from server.services.context import ServerContext
from server.services.court_rules import CourtRules, rosters_of, rules_in_force
from server.storage.records import PersonRecord
from server.storage.requests import Decision, RequestState, StoredRequest
from server.storage.unit_of_work import UnitOfWork

KINDS: Final[dict[RequestKind, str]] = {
    "leave": N_("Leave"),
    "duty": N_("Duty elsewhere"),
    "correction": N_("Correction of a clock"),
    "waiver": N_("Waiver"),
}
STATES: Final[dict[RequestState, str]] = {
    "open": N_("waiting for a decision"),
    "approved": N_("approved"),
    "refused": N_("not approved"),
    "withdrawn": N_("withdrawn"),
    "returned": N_("approved, back early"),
}
DECISIONS: Final[dict[Decision, str]] = {
    "approved": N_("approved"),
    "refused": N_("not approved"),
    "withdrawn": N_("withdrawn"),
    "returned": N_("reported back from leave"),
}
ROLES: Final[dict[str, str]] = {
    "head": N_("the head of the division"),
    "vice_president": N_("a vice president"),
    "president": N_("the president"),
    "superior": N_("the authority above the president"),
    "hr": N_("HR"),
    "employee": N_("an employee"),
}
_ON_PAPER: Final = N_("{role}, on paper")
_WHOLE_DAY: Final = N_("the whole day")
_POINT: Final = N_("clock point {number}")
_OFF_POST: Final = N_("time off post")
_OFF_POST_AFTER: Final = N_("time off post after: {point}")
_FROM_TO: Final = N_("{start} to {end}")
_WHOLE: Final = N_("{day}, the whole day")
_WHOLE_DAYS: Final = N_("{first} to {last}, whole days")
_DAYS: Final = N_("{days} workdays")
_DAYS_TOGETHER: Final = N_("{days} workdays, {together} with what counts as one with it")
_AT: Final = N_("{day}, {point}")
_REALLY: Final = N_("{day}, {point}: really at {moment}")


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request as a list shows it.

    Attributes:
        kind: with the kind of leave or duty.
        when: what it is about.
        length: of leave and duty, with what counts as one with it; empty for others.
        waits_for: who decides.
    """

    stored: StoredRequest
    person: PersonRecord
    kind: str
    when: str
    length: str
    state: str
    waits_for: str


def request_lines(
    context: ServerContext, unit: UnitOfWork, found: list[StoredRequest], language: Language
) -> list[RequestLine]:
    """These requests in words, in their order."""
    ids = list({one.filed.person_id for one in found})
    people, rosters = unit.people.by_ids(ids), rosters_of(unit, ids)
    rules = rules_in_force(context, unit)
    return [
        RequestLine(
            one,
            people[one.filed.person_id],
            kind_of(rules, one, language),
            when_of(rosters.get(one.filed.person_id, NOBODYS), rules, one, language),
            length_of(one, language),
            translate(STATES[one.state], language),
            role_in_words(one.filed.needs_role, language),
        )
        for one in found
    ]


def role_in_words(decided_as: str, language: Language) -> str:
    """Who decides or decided, also ``head paper``: what HR recorded from paper."""
    role, _, paper = decided_as.partition(" ")
    known = ROLES.get(role)
    words = role if known is None else translate(known, language)
    return translate(_ON_PAPER, language).format(role=words) if paper else words


def named(kind: AbsenceKind, language: Language) -> str:
    """What people call a kind of leave or duty."""
    return kind.name_zh if language == "zh" else kind.name_en


def kind_of(rules: CourtRules, one: StoredRequest, language: Language) -> str:
    """The kind of a request, with the kind of leave or duty by the rules of its first day."""
    filed = one.filed
    general = translate(KINDS[filed.kind], language)
    if filed.starts_at is None or filed.kind not in ("leave", "duty"):
        return general
    known = rules.history.on(filed.starts_at.astimezone(rules.site.zone).date()).absence_kind(filed.kind, filed.name)
    return filed.name if known is None else named(known, language)


def when_of(roster: Roster, rules: CourtRules, one: StoredRequest, language: Language) -> str:
    """From when until when, or which clock point of which day."""
    filed = one.filed
    if filed.day is None:
        if filed.starts_at is None or one.ends_at is None:
            return ""
        return from_until(rules, filed.starts_at, one.ends_at, language)
    if filed.point is None:
        point = translate(_WHOLE_DAY, language)
    else:
        point = point_in_words(rules.plan(roster, filed.day)[0].shift, filed.point, language)
    if filed.kind == "correction" and filed.starts_at is not None:
        return translate(_REALLY, language).format(day=filed.day, point=point, moment=_local(rules, filed.starts_at))
    return translate(_AT, language).format(day=filed.day, point=point)


def from_until(rules: CourtRules, starts_at: datetime, ends_at: datetime, language: Language) -> str:
    """A stretch of time; what lasts from midnight to midnight in days."""
    start, end = starts_at.astimezone(rules.site.zone), ends_at.astimezone(rules.site.zone)
    if start.time() == end.time() == time(0):
        first, last = start.date(), end.date() - timedelta(days=1)
        if first == last:
            return translate(_WHOLE, language).format(day=first)
        return translate(_WHOLE_DAYS, language).format(first=first, last=last)
    return translate(_FROM_TO, language).format(start=_local(rules, starts_at), end=_local(rules, ends_at))


def length_of(one: StoredRequest, language: Language) -> str:
    """How long leave or duty was when it was filed."""
    return days_in_words(one.filed.days, one.filed.days_together, language)


def days_in_words(days: float | None, together: float | None, language: Language) -> str:
    """A length in workdays, and with what counts as one with it; empty where nothing was measured."""
    if days is None or together is None:
        return ""
    said = _DAYS if together == days else _DAYS_TOGETHER
    return translate(said, language).format(days=f"{days:g}", together=f"{together:g}")


def point_names(shift: Shift | None, language: Language) -> list[str]:
    """What people call the clock points of a shift."""
    if shift is None:
        return []
    return [point.name_zh if language == "zh" else point.name_en for point in shift.points]


def point_in_words(shift: Shift | None, number: int, language: Language) -> str:
    """A clock point by its number, or the times off post that a number below 0 stands for."""
    names = point_names(shift, language)
    if number >= 0:
        return names[number] if number < len(names) else translate(_POINT, language).format(number=number + 1)
    begins = next(
        (one for one in range(len(names)) if shift is not None and off_post_number(shift.stretch_of(one)) == number),
        None,
    )
    return (
        translate(_OFF_POST, language)
        if begins is None
        else translate(_OFF_POST_AFTER, language).format(point=names[begins])
    )


def _local(rules: CourtRules, moment: datetime) -> str:
    return f"{moment.astimezone(rules.site.zone):%Y-%m-%d %H:%M}"
