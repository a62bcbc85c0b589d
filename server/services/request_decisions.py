"""Deciding about requests, withdrawing them, reporting back, and what waits for whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import get_args
from uuid import UUID

from models.errors import CourtclockError
from server.attendance.filing import MAX_REQUEST_DAYS, may_decide
from server.attendance.rosters import NOBODYS
from server.attendance.rules import ApproverRole
from server.services.actors import Actor, may_see
from server.services.context import ServerContext
from server.services.court_rules import rosters_of, rules_in_force
from server.services.expectation_changes import required_reason
from server.services.request_documents import Upload, check_uploads, keep_documents
from server.services.touching import days_reaching
from server.storage.records import PersonRecord
from server.storage.requests import Decision, NewRequest, RequestStep, StoredRequest
from server.storage.unit_of_work import UnitOfWork


def seen_request(unit: UnitOfWork, actor: Actor, request_id: UUID) -> tuple[StoredRequest, PersonRecord]:
    """A request and whom it is for, for somebody who may see the person or filed it.

    Raises:
        CourtclockError: ``request.unknown``.
    """
    found = unit.requests.by_id(request_id)
    person = None if found is None else unit.people.by_id(found.filed.person_id)
    if found is None or person is None or not (may_see(actor, person) or found.filed.filed_by == actor.username):
        raise CourtclockError("request.unknown")
    return found, person


def decide(
    context: ServerContext,
    request_id: UUID,
    decision: Decision,
    actor: Actor,
    reason: str = "",
    *,
    on_paper: bool = False,
    papers: Sequence[Upload] = (),
    ends_at: datetime | None = None,
) -> StoredRequest:
    """Approve, refuse or withdraw a request, or report back from leave early.

    Args:
        context: the server's parts.
        request_id: of the request.
        decision: ``returned`` needs ``ends_at``.
        actor: who decides. Nobody decides about a request of their own, or one they filed; withdrawing and reporting
            back are their own.
        reason: needed for a refusal, and for what HR records from paper.
        on_paper: HR records what the approver decided on paper.
        papers: those papers, which are needed then.
        ends_at: when leave really ended.

    Raises:
        CourtclockError: ``request.unknown``, ``request.decided``, ``request.own``, ``request.filed_by_you``,
            ``request.not_yours``, ``request.needs_paper``, ``request.attachment``, ``request.times`` or
            ``reason.missing``.
    """
    said = required_reason(reason) if decision == "refused" or on_paper or reason.strip() else ""
    documents = check_uploads(papers)
    with context.unit() as unit:
        unit.keep_expectations()
        found = unit.requests.by_id(request_id)
        person = None if found is None else unit.people.by_id(found.filed.person_id)
        if found is None or person is None or not may_see(actor, person):
            raise CourtclockError("request.unknown")
        _require_right(found, person, decision, actor, on_paper)
        if on_paper and not documents:
            raise CourtclockError("request.needs_paper")
        if decision == "returned":
            start, end = found.filed.starts_at, found.ends_at
            if start is None or end is None or ends_at is None or not start <= ends_at < end:
                raise CourtclockError("request.times", days=MAX_REQUEST_DAYS)
        step = RequestStep(
            number=1 if found.step is None else found.step.number + 1,
            decision=decision,
            ends_at=ends_at if decision == "returned" else None,
            reason=said,
            decided_by=actor.username,
            decided_as=f"{found.filed.needs_role} paper" if on_paper else actor.role,
            decided_at=context.clock.now(),
        )
        if not unit.requests.add_step(request_id, step):
            raise CourtclockError("request.decided")
        keep_documents(context, unit, request_id, documents, actor, step.number)
        decided = StoredRequest(found.filed, step)
        if found.in_force or decided.in_force:
            touch_days_of(context, unit, found.filed)
        unit.commit()
    return decided


def allowed_decisions(
    found: StoredRequest, person: PersonRecord, actor: Actor, *, on_paper: bool = False
) -> list[Decision]:
    """What somebody may do about a request now."""
    allowed: list[Decision] = []
    for decision in get_args(Decision):
        if decision == "returned" and found.filed.kind not in ("leave", "duty"):
            continue
        try:
            _require_right(found, person, decision, actor, on_paper)
        except CourtclockError:
            continue
        allowed.append(decision)
    return allowed


def requests_waiting_for(unit: UnitOfWork, actor: Actor) -> list[StoredRequest]:
    """Open requests that somebody may decide, oldest first: a higher role also those of a lower one.

    Never the own, nor those that they filed for others.
    """
    roles = [role for role in get_args(ApproverRole) if may_decide(actor.role, role)]
    if not roles or (actor.role == "head" and actor.division_id is None):
        return []
    found = unit.requests.open_for(roles, actor.division_id if actor.role == "head" else None)
    return [
        one
        for one in found
        if one.filed.filed_by != actor.username and (actor.person_id is None or one.filed.person_id != actor.person_id)
    ]


def may_open_documents(found: StoredRequest, steps: Sequence[RequestStep], person: PersonRecord, actor: Actor) -> bool:
    """Whether somebody may open the documents: whom it is for, who filed it, who may decide or did, and HR."""
    if actor.role == "hr" or actor.person_id == person.person_id or found.filed.filed_by == actor.username:
        return True
    decided = any(step.decided_by == actor.username for step in steps)
    return decided or "approved" in allowed_decisions(found, person, actor)


def _require_right(
    found: StoredRequest, person: PersonRecord, decision: Decision, actor: Actor, on_paper: bool
) -> None:
    own = actor.person_id == person.person_id
    filed_it = found.filed.filed_by == actor.username
    if decision in ("withdrawn", "returned"):
        allowed = ("open", "approved") if decision == "withdrawn" else ("approved", "returned")
        if found.state not in allowed:
            raise CourtclockError("request.decided")
        if not (own or filed_it or actor.role == "hr"):
            raise CourtclockError("request.not_yours", role="hr")
        return
    if found.state != "open":
        raise CourtclockError("request.decided")
    if own:
        raise CourtclockError("request.own")
    if on_paper and actor.role == "hr":
        return
    if filed_it:
        raise CourtclockError("request.filed_by_you")
    needed = found.filed.needs_role
    in_division = actor.role != "head" or person.division_id == actor.division_id
    if not may_decide(actor.role, needed) or not in_division:
        raise CourtclockError("request.not_yours", role=needed)


def touch_days_of(context: ServerContext, unit: UnitOfWork, filed: NewRequest) -> None:
    """Mark the workdays, up to today, that a request can change."""
    rules = rules_in_force(context, unit)
    today = rules.site.day_of(context.clock.now())
    if filed.day is not None:
        days = [filed.day]
    elif filed.starts_at is None or filed.ends_at is None:
        days = []
    else:
        roster = rosters_of(unit, [filed.person_id]).get(filed.person_id, NOBODYS)
        days = days_reaching(rules, roster, filed.starts_at, filed.ends_at)
    unit.workdays.touch((filed.person_id, day) for day in days if day <= today)
