"""Outage amnesty: HR declares outages, sees whom one touched, excuses them at once, and takes a declaration back."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from models.errors import CourtclockError
from models.language import Language
from server.attendance.explaining import summary
from server.attendance.outages import WrongTime, touched_by_wrong_times, touched_points
from server.attendance.verdicts import WorkdayVerdict
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.deriving import as_verdict
from server.services.expectation_changes import required_reason
from server.storage.outages import OutageRecord, Retraction
from server.storage.records import PersonRecord
from server.storage.requests import NewRequest, RequestStep
from server.storage.unit_of_work import UnitOfWork

_ONE_DAY: Final = timedelta(days=1)
LONGEST_OUTAGE_DAYS: Final = 31
"""Longer ones cannot be declared; of one that was noted only the last days are looked at."""
_USUALLY: Final = timedelta(days=30)
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def declare_outage(
    context: ServerContext,
    began_at: datetime,
    ended_at: datetime,
    reason: str,
    actor: Actor,
    *,
    kiosk_id: UUID | None = None,
    outage_id: UUID | None = None,
) -> OutageRecord:
    """HR says that the system had failed, also where no heartbeat tells so. It must be over.

    Args:
        context: the server's parts.
        began_at, ended_at: end excluded.
        reason: what was the matter.
        actor: who says so.
        kiosk_id: which kiosk had failed; None for all of them.
        outage_id: the form's own; a form that is sent twice declares one outage.

    Raises:
        CourtclockError: ``page.forbidden``, ``request.times``, ``outage.in_future``, ``kiosk.unknown`` or
            ``reason.missing``.
    """
    if actor.role != "hr":
        raise CourtclockError("page.forbidden")
    if not began_at < ended_at <= began_at + timedelta(days=LONGEST_OUTAGE_DAYS):
        raise CourtclockError("request.times", days=LONGEST_OUTAGE_DAYS)
    now = context.clock.now()
    if ended_at > now:
        raise CourtclockError("outage.in_future")
    why = required_reason(reason)
    record = OutageRecord(
        outage_id or uuid.uuid4(),
        kiosk_id,
        "declared",
        began_at,
        ended_at,
        {"reason": why},
        actor.username,
        now,
    )
    with context.unit() as unit:
        if kiosk_id is not None and unit.kiosks.by_id(kiosk_id) is None:
            raise CourtclockError("kiosk.unknown")
        unit.outages.add(record)
        unit.commit()
    return record


def retract_outage(context: ServerContext, outage_id: UUID, reason: str, actor: Actor) -> int:
    """Take a declared outage back, with every waiver that rests on it; gives how many those were.

    The outage and the waivers stay on record: the one as taken back, the others as withdrawn with the same reason.
    Doing it twice does it once.

    Raises:
        CourtclockError: ``page.forbidden``, ``outage.unknown``, ``outage.not_declared`` or ``reason.missing``.
    """
    if actor.role != "hr":
        raise CourtclockError("page.forbidden")
    why = required_reason(reason)
    now = context.clock.now()
    with context.unit() as unit:
        record = _held(unit, outage_id)
        if record.kind != "declared":
            raise CourtclockError("outage.not_declared")
        if not unit.outages.retract(outage_id, Retraction(why, actor.username, now)):
            return 0
        waivers = [one for one in unit.requests.of_outage(outage_id) if one.in_force]
        for one in waivers:
            number = 1 if one.step is None else one.step.number + 1
            step = RequestStep(number, "withdrawn", None, why, actor.username, actor.role, now)
            unit.requests.add_step(one.filed.request_id, step)
        unit.workdays.touch((one.filed.person_id, one.filed.day) for one in waivers if one.filed.day is not None)
        unit.commit()
    return len(waivers)


def _held(unit: UnitOfWork, outage_id: UUID) -> OutageRecord:
    unit.outages.hold(outage_id)
    record = unit.outages.by_id(outage_id)
    if record is None:
        raise CourtclockError("outage.unknown")
    return record


@dataclass(frozen=True, slots=True)
class TouchedPerson:
    """Somebody whose workday an outage may have spoilt.

    Attributes:
        points: numbers of the clock points; below 0 the times off post of a stretch of work.
        usual_kiosk_id: where they clocked most in the weeks before; None where they did not.
        clocked_there: whether it is likely that the kiosk that had failed was theirs: they usually clock there, or it
            gave them a wrong time. False where the outage concerned all kiosks.
    """

    person: PersonRecord
    day: date
    points: tuple[int, ...]
    verdict: WorkdayVerdict
    usual_kiosk_id: UUID | None
    clocked_there: bool

    def summary(self, language: Language) -> str:
        """The verdict in a line."""
        return summary(self.verdict, language)


def people_touched(context: ServerContext, outage_id: UUID) -> tuple[OutageRecord, list[TouchedPerson]]:
    """The outage, and who was touched by it and is not excused yet: likely ones first, then by day, division, number.

    Nobody was by an outage that was taken back.

    Raises:
        CourtclockError: ``outage.unknown``.
    """
    with context.unit(read_only=True) as unit:
        record = unit.outages.by_id(outage_id)
        if record is None:
            raise CourtclockError("outage.unknown")
        return record, _touched(context, unit, record)


def _touched(context: ServerContext, unit: UnitOfWork, record: OutageRecord) -> list[TouchedPerson]:
    if record.retraction is not None:
        return []
    ended_at = record.ended_at or context.clock.now()
    began_at = max(record.began_at, ended_at - timedelta(days=LONGEST_OUTAGE_DAYS))
    rules = rules_in_force(context, unit)
    wrong = _wrong_times(unit, record, began_at, ended_at)
    days = set(_days_around(rules.site.day_of(began_at), rules.site.day_of(ended_at)))
    for one in (one for own in wrong.values() for one in own):
        # A clock that was far off has put the event under another date.
        days.update(_days_around(rules.site.day_of(one.captured_at)), _days_around(rules.site.day_of(one.really_at)))
    waived = _waived(unit, min(days), max(days))
    found: list[tuple[UUID, date, tuple[int, ...], WorkdayVerdict]] = []
    for stored in unit.workdays.held_against(sorted(days)):
        verdict = as_verdict(stored, rules)
        own = wrong.get(stored.person_id, [])
        if record.kind == "clock":
            points = touched_by_wrong_times(verdict, began_at, ended_at, own)
        else:
            points = touched_points(verdict, began_at, ended_at)
        key = stored.person_id, stored.day
        # A waiver takes effect when the day is judged again, in a locked month when HR has signed that.
        numbers = tuple(number for number in points if not waived & {(*key, number), (*key, None)})
        if numbers:
            found.append((*key, numbers, verdict))
    people = {person.person_id: person for person in unit.people.everybody()}
    usual = unit.items.usual_kiosks({person_id for person_id, *_ in found}, began_at - _USUALLY, ended_at)
    touched = [
        TouchedPerson(
            people[person_id],
            day,
            numbers,
            verdict,
            usual.get(person_id),
            record.kiosk_id is not None and (usual.get(person_id) == record.kiosk_id or person_id in wrong),
        )
        for person_id, day, numbers, verdict in found
    ]
    touched.sort(key=lambda one: (not one.clocked_there, one.day, one.person.division or "", one.person.employee_no))
    return touched


def _days_around(first: date, last: date | None = None) -> list[date]:
    days = ((first if last is None else last) - first).days
    return [first + number * _ONE_DAY for number in range(-1, days + 2)]


def _wrong_times(
    unit: UnitOfWork, record: OutageRecord, began_at: datetime, ended_at: datetime
) -> dict[UUID, list[WrongTime]]:
    """The clock events of a kiosk whose clock was wrong, by person."""
    if record.kind != "clock" or record.kiosk_id is None:
        return {}
    ahead = timedelta(seconds=float(record.detail["seconds"]))
    found: dict[UUID, list[WrongTime]] = {}
    for event in unit.items.events_at(record.kiosk_id, began_at + ahead, ended_at + ahead):
        if not event.voided:
            wrong = WrongTime(event.event_id, event.captured_at, event.captured_at - ahead)
            found.setdefault(event.person_id, []).append(wrong)
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

    Nobody excuses themselves: of all, the person of the account is left out.

    Raises:
        CourtclockError: ``page.forbidden``, ``outage.unknown``, ``outage.retracted``, ``reason.missing``, or
            ``request.own`` where the own person is among those chosen.
    """
    if actor.role != "hr":
        raise CourtclockError("page.forbidden")
    why = required_reason(reason)
    if actor.person_id is not None and actor.person_id in {person_id for person_id, _ in chosen or ()}:
        raise CourtclockError("request.own")
    now = context.clock.now()
    with context.unit() as unit:
        record = _held(unit, outage_id)
        if record.retraction is not None:
            raise CourtclockError("outage.retracted")
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
            if one.person.person_id != actor.person_id
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
