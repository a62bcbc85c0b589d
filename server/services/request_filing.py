"""Filing leave, duty elsewhere, corrections and waivers: what the rules accept."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from models.errors import CourtclockError
from models.language import N_, Said, SaidName
from server.attendance.filing import MAX_REQUEST_DAYS, decider_above, filing_deadline
from server.attendance.rules import RequestKind, RequestRules, RuleSet
from server.services.actors import Actor, may_file_for
from server.services.context import ServerContext
from server.services.court_rules import CourtRules, rules_in_force
from server.services.deriving import month_of
from server.services.expectation_changes import required_reason
from server.services.request_documents import Upload, check_uploads, keep_documents
from server.services.request_lengths import Balance, Measured, PersonAbsences
from server.storage.requests import NewRequest, StoredRequest
from server.storage.unit_of_work import UnitOfWork

_OTHER: Final = N_("{name}, {start} to {end}, filed by {filed_by}")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for.

    Attributes:
        name: kind of leave or duty, a key of the rules.
        starts_at, ends_at: leave and duty, end excluded; a correction has its moment in ``starts_at``.
        day, point: correction and waiver.
    """

    kind: RequestKind
    person_id: UUID
    reason: str
    name: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    day: date | None = None
    point: int | None = None


@dataclass(frozen=True, slots=True)
class Considered:
    """What the rules say about a wish, before it is filed.

    Attributes:
        rules: what holds for it.
        measured: None for corrections and waivers.
        balances: of its kind of leave or duty, by year; empty where the rules have no limit.
        needs_role: who decides.
    """

    rules: RequestRules
    measured: Measured | None
    balances: tuple[Balance, ...]
    needs_role: str

    @property
    def needs_document(self) -> bool:
        """Whether an attachment is needed."""
        start = self.rules.document_from_days
        return start is not None and (self.measured.days_together if self.measured else 0.0) >= start


def consider(unit: UnitOfWork, rules: CourtRules, wish: Wish, actor: Actor) -> Considered:
    """Measure a wish, and say who decides about it and what it needs.

    Whoever is concerned, by asking or by filing for a member of the own division, is no approver: somebody above is.

    Raises:
        CourtclockError: ``request.times``, ``request.kind`` or ``request.overlaps``.
    """
    day = _first_day(rules, wish)
    known = rules.history.on(day)
    own = known.request_rules(wish.kind, wish.name)
    measured: Measured | None = None
    balances: tuple[Balance, ...] = ()
    if wish.kind in ("leave", "duty") and wish.starts_at is not None and wish.ends_at is not None:
        absence_kind = known.absence_kind(wish.kind, wish.name)
        if absence_kind is None:
            raise CourtclockError("request.kind", name=wish.name)
        absences = PersonAbsences.of(unit, rules, wish.person_id)
        other = absences.overlapping(wish.starts_at, wish.ends_at)
        if other is not None:
            raise CourtclockError("request.overlaps", other=_said(rules, other))
        measured = absences.measure(wish.kind, wish.starts_at, wish.ends_at)
        balances = tuple(absences.balances(wish.kind, absence_kind, measured.taken))
    concerned = unit.accounts.roles_of(wish.person_id)
    if actor.role != "hr":
        concerned.add(actor.role)
    by_length = own.approver(0.0 if measured is None else measured.days_together)
    return Considered(own, measured, balances, decider_above(by_length, concerned))


def file_request(
    context: ServerContext,
    wish: Wish,
    actor: Actor,
    uploads: Sequence[Upload] = (),
    *,
    request_id: UUID | None = None,
    beyond_balance: bool = False,
) -> NewRequest:
    """File a request. Nothing changes before it is approved.

    People file for themselves, heads for their division, HR for everybody; HR also after the deadline.

    Args:
        context: the server's parts.
        wish: what is asked for.
        actor: who files it.
        uploads: documents for it.
        request_id: the form's own; a form that is sent twice files one request, and the second time gives the first.
        beyond_balance: HR means to go beyond the days of a year; the request's reason says why.

    Raises:
        CourtclockError: what the rules do not accept, as ``request.*``, or ``reason.missing``.
    """
    reason = required_reason(wish.reason)
    now = context.clock.now()
    documents = check_uploads(uploads)
    with context.unit() as unit:
        unit.keep_expectations()
        person = unit.people.by_id(wish.person_id)
        if person is None or not may_file_for(actor, person):
            raise CourtclockError("request.unknown")
        # Two filed in one moment would not see each other, for quotas and for length.
        unit.people.hold(wish.person_id)
        sent_before = None if request_id is None else unit.requests.by_id(request_id)
        if sent_before is not None:
            return _same_form(sent_before, wish, actor)
        rules = rules_in_force(context, unit)
        day = _first_day(rules, wish)
        found = consider(unit, rules, wish, actor)
        name = _require_possible(unit, rules, wish, day, now)
        _require_in_time(rules, found, day, now, actor)
        _require_quota(unit, rules, found.rules, wish, day)
        if not (beyond_balance and actor.role == "hr"):
            _require_balance(rules.history.on(day), wish, found)
        if found.needs_document and not documents:
            raise CourtclockError("request.needs_document", days=f"{found.rules.document_from_days:g}")
        measured = found.measured
        filed = NewRequest(
            request_id=request_id or uuid.uuid4(),
            kind=wish.kind,
            name=name,
            person_id=wish.person_id,
            starts_at=wish.starts_at,
            ends_at=wish.starts_at if wish.kind == "correction" else wish.ends_at,
            day=wish.day,
            point=wish.point,
            outage_id=None,
            needs_role=found.needs_role,
            reason=reason,
            filed_by=actor.username,
            filed_at=now,
            days=None if measured is None else measured.days,
            days_together=None if measured is None else measured.days_together,
            joined=() if measured is None else tuple(one.filed.request_id for one in measured.joined),
        )
        if not unit.requests.add(filed):
            sent_before = unit.requests.by_id(filed.request_id)
            if sent_before is None:
                raise CourtclockError("request.unknown")
            return _same_form(sent_before, wish, actor)
        keep_documents(context, unit, filed.request_id, documents, actor)
        unit.commit()
    return filed


def _same_form(found: StoredRequest, wish: Wish, actor: Actor) -> NewRequest:
    if found.filed.filed_by != actor.username or found.filed.person_id != wish.person_id:
        raise CourtclockError("request.unknown")
    return found.filed


def _first_day(rules: CourtRules, wish: Wish) -> date:
    if wish.kind in ("leave", "duty"):
        start, end = wish.starts_at, wish.ends_at
        if start is None or end is None or not start < end <= start + timedelta(days=MAX_REQUEST_DAYS):
            raise CourtclockError("request.times", days=MAX_REQUEST_DAYS)
        # By the calendar: leave from midnight on begins with the new date, though the workday before may reach further.
        return start.astimezone(rules.site.zone).date()
    if wish.day is None or (wish.kind == "correction" and wish.starts_at is None):
        raise CourtclockError("request.times", days=MAX_REQUEST_DAYS)
    return wish.day


def _require_possible(unit: UnitOfWork, rules: CourtRules, wish: Wish, day: date, now: datetime) -> str:
    """Refuse what cannot be; gives the name that is kept with the request."""
    if wish.kind in ("leave", "duty"):
        return wish.name
    plan = PersonAbsences.of(unit, rules, wish.person_id).plan(day)
    points = len(plan.points)
    whole_day = wish.point is None and wish.kind == "waiver"
    if points == 0 or not (whole_day or (wish.point is not None and 0 <= wish.point < points)):
        raise CourtclockError("request.point", day=day.isoformat())
    if plan.begins_at > now or (wish.starts_at is not None and wish.starts_at > now):
        raise CourtclockError("request.in_future")
    if wish.starts_at is not None and not plan.reach_start <= wish.starts_at < plan.reach_end:
        raise CourtclockError("request.point", day=day.isoformat())
    # A number says which clock point is meant only together with the shift.
    return plan.shift.name if plan.shift is not None and wish.kind == "correction" else ""


def _said(rules: CourtRules, one: StoredRequest) -> Said:
    """Leave or duty in words, to tell it from others."""
    start, end = one.filed.starts_at, one.ends_at
    if start is None or end is None:
        raise ValueError(f"leave or duty without its time: {one.filed.request_id}")
    local = [f"{moment.astimezone(rules.site.zone):%Y-%m-%d %H:%M}" for moment in (start, end)]
    known = rules.history.on(start.astimezone(rules.site.zone).date()).absence_kind(one.filed.kind, one.filed.name)
    name = SaidName(one.filed.name, one.filed.name) if known is None else SaidName(known.name_zh, known.name_en)
    return Said(_OTHER, name=name, start=local[0], end=local[1], filed_by=one.filed.filed_by)


def _require_in_time(rules: CourtRules, found: Considered, day: date, now: datetime, actor: Actor) -> None:
    starts_at = None if found.measured is None else found.measured.work_begins_at
    if found.measured is not None:
        day = min(found.measured.taken, default=day)
    deadline = filing_deadline(
        found.rules, rules.site, day, starts_at, lambda one: rules.calendar.day(one).expects_work
    )
    if deadline is not None and now >= deadline and actor.role != "hr":
        local = deadline.astimezone(rules.site.zone)
        raise CourtclockError("request.too_late", deadline=f"{local:%Y-%m-%d %H:%M}")


def _require_balance(known: RuleSet, wish: Wish, found: Considered) -> None:
    own = known.absence_kind(wish.kind, wish.name)
    for balance in found.balances:
        if balance.is_exceeded and own is not None:
            raise CourtclockError(
                "request.over_balance",
                name=SaidName(own.name_zh, own.name_en),
                limit=f"{balance.limit:g}",
                used=f"{balance.used:g}",
                year=balance.year,
                asked=f"{balance.asked:g}",
            )


def _require_quota(unit: UnitOfWork, rules: CourtRules, own: RequestRules, wish: Wish, day: date) -> None:
    if own.per_month is None:
        return
    used = sum(
        one.filed.kind == wish.kind
        and one.state not in ("refused", "withdrawn")
        and one.filed.outage_id is None
        and month_of(_day_of(rules, one)) == month_of(day)
        for one in unit.requests.of_people([wish.person_id])
    )
    if used >= own.per_month:
        raise CourtclockError("request.over_quota", limit=own.per_month)


def _day_of(rules: CourtRules, one: StoredRequest) -> date:
    if one.filed.day is not None:
        return one.filed.day
    if one.filed.starts_at is None:
        raise ValueError(f"a request without a day: {one.filed.request_id}")
    return rules.site.day_of(one.filed.starts_at)
