"""Filing leave, duty elsewhere, corrections and waivers: what the rules accept."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from models.errors import CourtclockError
from server.attendance.filing import MAX_REQUEST_DAYS, adjoining, filing_deadline, length_in_workdays
from server.attendance.rosters import NOBODYS
from server.attendance.rules import RequestKind, RequestRules
from server.services.actors import Actor, may_see
from server.services.context import ServerContext
from server.services.court_rules import CourtRules, rosters_of, rules_in_force
from server.services.deriving import days_reaching, month_of
from server.services.expectation_changes import required_reason
from server.services.request_documents import Upload, check_uploads, keep_documents
from server.storage.requests import NewRequest, StoredRequest
from server.storage.unit_of_work import UnitOfWork


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


def file_request(
    context: ServerContext,
    wish: Wish,
    actor: Actor,
    uploads: Sequence[Upload] = (),
    *,
    request_id: UUID | None = None,
) -> NewRequest:
    """File a request. Nothing changes before it is approved.

    People file for themselves, heads for their division, HR for everybody; HR also after the deadline.

    Args:
        context: the server's parts.
        wish: what is asked for.
        actor: who files it.
        uploads: documents for it.
        request_id: the form's own; a form that is sent twice files one request, and the second time gives the first.

    Raises:
        CourtclockError: what the rules do not accept, as ``request.*``, or ``reason.missing``.
    """
    reason = required_reason(wish.reason)
    now = context.clock.now()
    documents = check_uploads(uploads)
    with context.unit() as unit:
        unit.keep_expectations()
        person = unit.people.by_id(wish.person_id)
        if person is None or not may_see(actor, person):
            raise CourtclockError("request.unknown")
        # Two filed in one moment would not see each other, for quotas and for length.
        unit.people.hold(wish.person_id)
        sent_before = None if request_id is None else unit.requests.by_id(request_id)
        if sent_before is not None:
            return _same_form(sent_before, wish, actor)
        rules = rules_in_force(context, unit)
        day = _first_day(rules, wish)
        own = rules.history.on(day).requests[wish.kind]
        days = _length(unit, rules, wish, day)
        name = _require_possible(unit, rules, wish, day, now)
        _require_in_time(rules, own, wish, day, now, actor)
        _require_quota(unit, rules, own, wish, day)
        if own.document_from_days is not None and days >= own.document_from_days and not documents:
            raise CourtclockError("request.needs_document", days=f"{own.document_from_days:g}")
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
            needs_role=own.approver(days),
            reason=reason,
            filed_by=actor.username,
            filed_at=now,
        )
        if not unit.requests.add(filed):
            sent_before = unit.requests.by_id(filed.request_id)
            if sent_before is None:
                raise CourtclockError("request.unknown")
            return _same_form(sent_before, wish, actor)
        keep_documents(context, unit, filed.request_id, documents)
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
        return rules.site.day_of(start)
    if wish.day is None or (wish.kind == "correction" and wish.starts_at is None):
        raise CourtclockError("request.times", days=MAX_REQUEST_DAYS)
    return wish.day


def _length(unit: UnitOfWork, rules: CourtRules, wish: Wish, day: date) -> float:
    """Workdays of leave or duty, with all of the same name that follow on it, or it on them, without work between."""
    if wish.kind not in ("leave", "duty") or wish.starts_at is None or wish.ends_at is None:
        return 0.0
    roster = rosters_of(unit, [wish.person_id]).get(wish.person_id, NOBODYS)

    def workdays(start: datetime, end: datetime) -> float:
        days = days_reaching(rules, roster, start, end)
        return length_in_workdays((rules.plan(roster, one)[0] for one in days), start, end)

    others = [
        (one.filed.starts_at, one.ends_at)
        for one in unit.requests.of_people([wish.person_id])
        if (one.filed.kind, one.filed.name) == (wish.kind, wish.name)
        and (one.state == "open" or one.in_force)
        and one.filed.starts_at is not None
        and one.ends_at is not None
    ]
    start, end = adjoining(wish.starts_at, wish.ends_at, others, lambda since, until: workdays(since, until) == 0)
    return workdays(start, end)


def _require_possible(unit: UnitOfWork, rules: CourtRules, wish: Wish, day: date, now: datetime) -> str:
    """Refuse what cannot be; gives the name that is kept with the request."""
    known = rules.history.on(day)
    if wish.kind in ("leave", "duty"):
        if wish.name not in (known.leave_kinds if wish.kind == "leave" else known.duty_kinds):
            raise CourtclockError("request.kind", name=wish.name)
        return wish.name
    roster = rosters_of(unit, [wish.person_id]).get(wish.person_id, NOBODYS)
    plan, _ = rules.plan(roster, day)
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


def _require_in_time(rules: CourtRules, own: RequestRules, wish: Wish, day: date, now: datetime, actor: Actor) -> None:
    starts_at = wish.starts_at if wish.kind in ("leave", "duty") else None
    deadline = filing_deadline(own, rules.site, day, starts_at, lambda one: rules.calendar.day(one).expects_work)
    if deadline is not None and now >= deadline and actor.role != "hr":
        local = deadline.astimezone(rules.site.zone)
        raise CourtclockError("request.too_late", deadline=f"{local:%Y-%m-%d %H:%M}")


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
