"""Leave, duty elsewhere, corrections and waivers: filed, decided about, and put over the facts."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, get_args
from uuid import UUID

from models.errors import CourtclockError
from models.sealing import seal, unseal
from models.texts import is_plain_text
from server.attendance.filing import MAX_REQUEST_DAYS, adjoining, filing_deadline, length_in_workdays, may_decide
from server.attendance.rosters import NOBODYS
from server.attendance.rules import ApproverRole, RequestKind, RequestRules
from server.services.context import ServerContext
from server.services.court_rules import CourtRules, rosters_of, rules_in_force
from server.services.deriving import days_reaching, month_of
from server.services.expectation_changes import required_reason
from server.storage.records import AccountRecord, PersonRecord
from server.storage.requests import Attachment, Decision, NewRequest, RequestStep, StoredRequest
from server.storage.unit_of_work import UnitOfWork

MAX_ATTACHMENT_BYTES: Final = 5_000_000
_MEDIA_TYPES: Final = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: an account, or whoever sits at the server's command line, which is HR's.

    Attributes:
        person_id: the person that the account belongs to, if any.
        division_id: of a head.
    """

    username: str
    role: str
    person_id: UUID | None = None
    division_id: UUID | None = None

    @staticmethod
    def of(account: AccountRecord) -> Actor:
        """The owner of an account."""
        return Actor(account.username, account.role, account.person_id, account.division_id)


@dataclass(frozen=True, slots=True)
class Upload:
    """A document as it was handed in."""

    file_name: str
    content: bytes


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


def may_see(actor: Actor, person: PersonRecord) -> bool:
    """Whether somebody may see a person's requests and sheet: the own, the own division's, or the court's."""
    if actor.role in ("hr", "president", "vice_president"):
        return True
    if actor.role == "head" and actor.division_id is not None and person.division_id == actor.division_id:
        return True
    return actor.person_id == person.person_id


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
    documents = [_document(one) for one in uploads]
    with context.unit() as unit:
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
        _require_possible(unit, rules, wish, day, now)
        _require_in_time(rules, own, wish, day, now, actor)
        _require_quota(unit, rules, own, wish, day)
        if own.document_from_days is not None and days >= own.document_from_days and not documents:
            raise CourtclockError("request.needs_document", days=f"{own.document_from_days:g}")
        filed = NewRequest(
            request_id=request_id or uuid.uuid4(),
            kind=wish.kind,
            name=wish.name,
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
        for upload, (media_type, sha256) in zip(uploads, documents, strict=True):
            record = Attachment(
                uuid.uuid4(), filed.request_id, _base_name(upload), media_type, len(upload.content), sha256
            )
            sealed = seal(context.template_key, upload.content, _owner(record.attachment_id))
            unit.requests.add_attachment(record, sealed)
        unit.commit()
    return filed


def _same_form(found: StoredRequest, wish: Wish, actor: Actor) -> NewRequest:
    if found.filed.filed_by != actor.username or found.filed.person_id != wish.person_id:
        raise CourtclockError("request.unknown")
    return found.filed


def _base_name(upload: Upload) -> str:
    """The file's name without folders, which some browsers send along."""
    return upload.file_name.replace("\\", "/").rsplit("/", 1)[-1].strip()[-200:]


def _document(upload: Upload) -> tuple[str, str]:
    content = upload.content
    media_type = next((name for start, name in _MEDIA_TYPES.items() if content.startswith(start)), None)
    named = bool(_base_name(upload)) and is_plain_text(upload.file_name)
    if media_type is None or len(content) > MAX_ATTACHMENT_BYTES or not named:
        raise CourtclockError("request.attachment", limit_bytes=MAX_ATTACHMENT_BYTES)
    return media_type, hashlib.sha256(content).hexdigest()


def _owner(attachment_id: UUID) -> str:
    return f"attachment|{attachment_id}"


def open_attachment(context: ServerContext, unit: UnitOfWork, attachment_id: UUID) -> bytes | None:
    """The content of a document.

    Raises:
        CourtclockError: ``seal.broken``.
    """
    sealed = unit.requests.sealed_content(attachment_id)
    return None if sealed is None else unseal(context.template_key, sealed, _owner(attachment_id))


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


def _require_possible(unit: UnitOfWork, rules: CourtRules, wish: Wish, day: date, now: datetime) -> None:
    known = rules.history.on(day)
    if wish.kind in ("leave", "duty"):
        if wish.name not in (known.leave_kinds if wish.kind == "leave" else known.duty_kinds):
            raise CourtclockError("request.kind", name=wish.name)
        return
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


def decide(
    context: ServerContext,
    request_id: UUID,
    decision: Decision,
    actor: Actor,
    reason: str = "",
    *,
    on_paper: bool = False,
    ends_at: datetime | None = None,
) -> StoredRequest:
    """Approve, refuse or withdraw a request, or report back from leave early.

    Args:
        context: the server's parts.
        request_id: of the request.
        decision: ``returned`` needs ``ends_at``.
        actor: who decides. Nobody decides about a request of their own; withdrawing and reporting back are their own.
        reason: needed for a refusal, and for what HR records from paper.
        on_paper: HR records what the approver decided on paper.
        ends_at: when leave really ended.

    Raises:
        CourtclockError: ``request.unknown``, ``request.decided``, ``request.own``, ``request.not_yours``,
            ``request.times`` or ``reason.missing``.
    """
    said = required_reason(reason) if decision == "refused" or on_paper or reason.strip() else ""
    with context.unit() as unit:
        found = unit.requests.by_id(request_id)
        person = None if found is None else unit.people.by_id(found.filed.person_id)
        if found is None or person is None or not may_see(actor, person):
            raise CourtclockError("request.unknown")
        _require_right(found, person, decision, actor, on_paper)
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
    """Open requests that somebody may decide, oldest first: a higher role also those of a lower one; never the own."""
    roles = [role for role in get_args(ApproverRole) if may_decide(actor.role, role)]
    if not roles or (actor.role == "head" and actor.division_id is None):
        return []
    found = unit.requests.open_for(roles, actor.division_id if actor.role == "head" else None)
    return [one for one in found if actor.person_id is None or one.filed.person_id != actor.person_id]


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
