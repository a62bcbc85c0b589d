"""Outage amnesty: gaps in heartbeats and jumps of clocks are noted, and who was touched can be excused at once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from models.errors import CourtclockError
from models.wire import KioskHealth
from server.attendance.explaining import summary
from server.attendance.outages import touched_points
from server.attendance.verdicts import WorkdayVerdict
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.deriving import as_verdict
from server.services.expectation_changes import required_reason
from server.storage.kiosks import LastSeen
from server.storage.outages import OutageRecord
from server.storage.records import PersonRecord
from server.storage.requests import NewRequest, RequestStep
from server.storage.unit_of_work import UnitOfWork

_ONE_DAY: Final = timedelta(days=1)
_LONGEST_OUTAGE_DAYS: Final = 31
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
NOTED_BY: Final = "Courtclock"
"""Who notes what no person has declared."""


def note_heartbeat(
    context: ServerContext,
    unit: UnitOfWork,
    kiosk_id: UUID,
    before: LastSeen | None,
    now: datetime,
    clock_offset_seconds: float,
    health: KioskHealth,
) -> None:
    """See in a heartbeat what had failed since the one before: silence, a clock that jumped, a camera fault."""
    settings = context.settings.attendance

    def note(kind: Any, began_at: datetime, ended_at: datetime | None, **detail: Any) -> None:
        unit.outages.add(OutageRecord(uuid.uuid4(), kiosk_id, kind, began_at, ended_at, detail, NOTED_BY, now))

    if before is not None:
        silent_seconds = (now - before.seen_at).total_seconds()
        if silent_seconds > settings.silent_kiosk_seconds:
            # What waited on the kiosk shows whether it went on working without the network.
            note("silent", before.seen_at, now, seconds=round(silent_seconds), waiting=health.queue_length)
        jump_seconds = clock_offset_seconds - before.clock_offset_seconds
        if abs(jump_seconds) > settings.clock_jump_seconds:
            note("clock_jump", before.seen_at, now, seconds=round(jump_seconds, 1))
    lasting = unit.outages.lasting(kiosk_id, "camera")
    if health.camera_fault is not None and lasting is None:
        note("camera", now if before is None else before.seen_at, None, fault=health.camera_fault)
    elif health.camera_fault is None and lasting is not None:
        unit.outages.end(lasting.outage_id, now)


def declare_outage(
    context: ServerContext,
    began_at: datetime,
    ended_at: datetime,
    reason: str,
    actor: Actor,
    *,
    outage_id: UUID | None = None,
) -> OutageRecord:
    """HR says that the system had failed, also where no heartbeat tells so.

    Args:
        context: the server's parts.
        began_at, ended_at: end excluded.
        reason: what was the matter.
        actor: who says so.
        outage_id: the form's own; a form that is sent twice declares one outage.

    Raises:
        CourtclockError: ``page.forbidden``, ``request.times`` or ``reason.missing``.
    """
    if actor.role != "hr":
        raise CourtclockError("page.forbidden")
    if not began_at < ended_at <= began_at + timedelta(days=_LONGEST_OUTAGE_DAYS):
        raise CourtclockError("request.times", days=_LONGEST_OUTAGE_DAYS)
    why = required_reason(reason)
    record = OutageRecord(
        outage_id or uuid.uuid4(),
        None,
        "declared",
        began_at,
        ended_at,
        {"reason": why},
        actor.username,
        context.clock.now(),
    )
    with context.unit() as unit:
        unit.outages.add(record)
        unit.commit()
    return record


@dataclass(frozen=True, slots=True)
class TouchedPerson:
    """Somebody whose workday an outage may have spoilt.

    Attributes:
        points: numbers of the clock points.
    """

    person: PersonRecord
    day: date
    points: tuple[int, ...]
    verdict: WorkdayVerdict

    def summary(self, language: Any) -> str:
        """The verdict in a line."""
        return summary(self.verdict, language)


def people_touched(context: ServerContext, outage_id: UUID) -> tuple[OutageRecord, list[TouchedPerson]]:
    """The outage, and who was touched by it and is not excused yet, by division and number.

    Raises:
        CourtclockError: ``outage.unknown``.
    """
    with context.unit(read_only=True) as unit:
        record = unit.outages.by_id(outage_id)
        if record is None:
            raise CourtclockError("outage.unknown")
        return record, _touched(context, unit, record)


def _touched(context: ServerContext, unit: UnitOfWork, record: OutageRecord) -> list[TouchedPerson]:
    ended_at = record.ended_at or context.clock.now()
    rules = rules_in_force(context, unit)
    day, last = rules.site.day_of(record.began_at) - _ONE_DAY, rules.site.day_of(ended_at) + _ONE_DAY
    people = {person.person_id: person for person in unit.people.everybody()}
    waived = _waived(unit, day, last)
    found = []
    while day <= last:
        for stored in unit.workdays.of_day(day):
            tally = stored.tally
            if not (tally.late_times or tally.early_times or tally.missing_points or tally.absent_half_days):
                continue
            verdict = as_verdict(stored, rules)
            points = touched_points(verdict, record.began_at, ended_at)
            key = stored.person_id, day
            # A waiver takes effect when the day is judged again, in a locked month when HR has signed that.
            numbers = tuple(one.number for one in points if not waived & {(*key, one.number), (*key, None)})
            if numbers:
                found.append(TouchedPerson(people[stored.person_id], day, numbers, verdict))
        day += _ONE_DAY
    found.sort(key=lambda one: (one.day, one.person.division or "", one.person.employee_no))
    return found


def _waived(unit: UnitOfWork, first_day: date, last_day: date) -> set[tuple[UUID, date, int | None]]:
    """Who is excused already, from which clock point of which day; None is the whole day."""
    stored = unit.requests.touching(None, _NEVER, _NEVER, first_day, last_day)
    return {
        (one.filed.person_id, one.filed.day, one.filed.point)
        for one in stored
        if one.filed.kind == "waiver" and one.filed.day is not None
    }


def excuse_people(
    context: ServerContext,
    outage_id: UUID,
    chosen: Collection[tuple[UUID, date]] | None,
    reason: str,
    actor: Actor,
) -> Sequence[NewRequest]:
    """Excuse those whom an outage touched, all of them or those chosen, with one reason; gives the waivers.

    Raises:
        CourtclockError: ``page.forbidden``, ``outage.unknown`` or ``reason.missing``.
    """
    if actor.role != "hr":
        raise CourtclockError("page.forbidden")
    why = required_reason(reason)
    now = context.clock.now()
    with context.unit() as unit:
        record = unit.outages.by_id(outage_id)
        if record is None:
            raise CourtclockError("outage.unknown")
        waivers = [
            NewRequest(
                request_id=uuid.uuid4(),
                kind="waiver",
                name="",
                person_id=one.person.person_id,
                starts_at=None,
                ends_at=None,
                day=one.day,
                point=point,
                outage_id=outage_id,
                needs_role="hr",
                reason=why,
                filed_by=actor.username,
                filed_at=now,
            )
            for one in _touched(context, unit, record)
            if chosen is None or (one.person.person_id, one.day) in chosen
            for point in one.points
        ]
        unit.requests.add_many(waivers)
        for waiver in waivers:
            step = RequestStep(1, "approved", None, why, actor.username, actor.role, now)
            unit.requests.add_step(waiver.request_id, step)
        unit.workdays.touch((waiver.person_id, waiver.day) for waiver in waivers if waiver.day is not None)
        unit.commit()
    return waivers
