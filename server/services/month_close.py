"""Month close: people confirm their sheet, HR locks the month, later changes are signed amendments."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from models.errors import CourtclockError
from server.attendance.counting import CountedDay, CounterState, added, counter_states, forgiven_times, personal_points
from server.attendance.verdicts import Tally, WorkdayVerdict
from server.services.actors import Actor, may_see
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.deriving import PEOPLE_AT_ONCE, as_verdict, month_of
from server.services.expectation_changes import later_than, required_reason
from server.services.periods import month_days
from server.storage.months import AmendmentRecord, MonthLock, SheetAnswer
from server.storage.records import PersonRecord, WorkdayRecord
from server.storage.unit_of_work import UnitOfWork
from server.storage.workdays import as_plain, from_plain, in_chunks

_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MonthSheet:
    """One person's month.

    Attributes:
        verdicts: by day; days that were not derived yet are not there.
        total: of these.
        counters: where the person stands on the last of these days with the limits of the rules, for the year too.
        points: that the month costs; None where the rules give none.
        forgiven: late arrivals and early leaves that are not counted in points and limits.
        answer: what the person said last, None before.
        answer_is_current: whether the verdicts are still those that the answer was about.
        lock: None while the month is open.
        amendments: what HR signed or refused about these days since the lock, in order.
    """

    person: PersonRecord
    month: str
    verdicts: tuple[WorkdayVerdict, ...]
    total: Tally
    counters: tuple[CounterState, ...]
    points: float | None
    forgiven: int
    answer: SheetAnswer | None
    answer_is_current: bool
    lock: MonthLock | None
    sheet_sha256: str
    amendments: tuple[AmendmentRecord, ...] = ()

    @property
    def amended_days(self) -> frozenset[date]:
        """Days on which a signed amendment is in force."""
        return frozenset(one.day for one in self.amendments if one.state == "signed")


def month_sheet(context: ServerContext, person_id: UUID, month: str, actor: Actor) -> MonthSheet:
    """One person's month, for the person, the head of the division, or the court's leadership and HR.

    The division is that of the month's last day, or of today while the month lasts, as in the bulletin.

    Raises:
        CourtclockError: ``page.bad_month``, or ``page.forbidden`` for others.
    """
    with context.unit(read_only=True) as unit:
        return _sheet(context, unit, person_id, month, actor)


def _sheet(context: ServerContext, unit: UnitOfWork, person_id: UUID, month: str, actor: Actor) -> MonthSheet:
    first, last = month_days(month)
    on = min(last, context.site.day_of(context.clock.now()))
    person = unit.people.by_id(person_id, on)
    if person is None or not may_see(actor, person):
        raise CourtclockError("page.forbidden")
    rules = rules_in_force(context, unit)
    lock = unit.months.locks().get(month)
    deleted = unit.months.deleted()
    # Retention deletes a month in parts: what is still there of one that goes is no sheet.
    year = [
        record
        for record in unit.workdays.of_people([person_id], date(first.year, 1, 1), last)
        if month_of(record.day) not in deleted
    ]
    own = [record for record in year if record.day >= first]
    counted = [CountedDay(record.day, record.tally) for record in year]
    own_days = [one for one in counted if one.day >= first]
    in_force = rules.history.on(on)
    digest = sheet_digest(own)
    answer = unit.months.answers(month).get(person_id)
    return MonthSheet(
        person=person,
        month=month,
        verdicts=tuple(as_verdict(record, rules) for record in own),
        total=added(record.tally for record in own),
        counters=tuple(counter_states(in_force, counted, on)),
        points=personal_points(in_force, own_days),
        forgiven=sum(forgiven_times(own_days, in_force.forgiven).values()),
        answer=answer,
        answer_is_current=answer is not None and answer.sheet_sha256 == digest,
        lock=lock,
        sheet_sha256=digest,
        amendments=tuple(unit.months.decided_of(person_id, first, last)),
    )


def sheet_digest(records: Sequence[WorkdayRecord]) -> str:
    """SHA-256 of what the workdays of a sheet say: what somebody confirmed, or objected to."""
    content = [[record.day.isoformat(), as_plain(record)] for record in records]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def answer_sheet(
    context: ServerContext, month: str, actor: Actor, sheet_sha256: str, *, confirmed: bool, remark: str = ""
) -> None:
    """Confirm the own month, or object to it with a remark. What was shown must still be what stands.

    Raises:
        CourtclockError: ``page.forbidden`` for an account that belongs to nobody, ``month.not_over``,
            ``month.locked``, ``month.changed`` or ``reason.missing``.
    """
    if actor.person_id is None:
        raise CourtclockError("page.forbidden")
    said = required_reason(remark) if not confirmed or remark.strip() else ""
    with context.unit() as unit:
        sheet = _sheet(context, unit, actor.person_id, month, actor)
        if sheet.lock is not None:
            raise CourtclockError("month.locked", month=month)
        if not _is_over(context, month):
            raise CourtclockError("month.not_over", month=month)
        if sheet.sheet_sha256 != sheet_sha256:
            raise CourtclockError("month.changed", month=month)
        unit.months.add_answer(
            SheetAnswer(
                uuid.uuid4(),
                actor.person_id,
                month,
                confirmed,
                said,
                sheet_sha256,
                actor.username,
                later_than(context.clock.now(), None if sheet.answer is None else sheet.answer.given_at),
            )
        )
        unit.commit()


def _is_over(context: ServerContext, month: str) -> bool:
    _, last = month_days(month)
    return context.site.day_of(context.clock.now()) > last


@dataclass(frozen=True, slots=True)
class Objection:
    """Somebody who objects to the own sheet.

    Attributes:
        is_current: whether the sheet is still the one that was objected to.
    """

    person: PersonRecord
    remark: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class CloseState:
    """How far a month is from being closed.

    Attributes:
        confirmed: people whose last word confirms the sheet as it is now.
        confirmed_before_change: people who confirmed a sheet that has changed since.
        objected: people whose last word is an objection.
        silent: people who said nothing.
        open_workdays: workdays that are not final, or not derived, or touched since.
    """

    month: str
    is_over: bool
    lock: MonthLock | None
    confirmed: tuple[PersonRecord, ...]
    confirmed_before_change: tuple[PersonRecord, ...]
    objected: tuple[Objection, ...]
    silent: tuple[PersonRecord, ...]
    open_workdays: int


def close_state(context: ServerContext, month: str) -> CloseState:
    """How far a month is from being closed.

    Raises:
        CourtclockError: ``page.bad_month``.
    """
    with context.unit(read_only=True) as unit:
        return _close_state(context, unit, month)


def _close_state(context: ServerContext, unit: UnitOfWork, month: str) -> CloseState:
    first, last = month_days(month)
    answers = unit.months.answers(month)
    people = unit.people.between(first, last)
    lock = unit.months.locks().get(month)
    is_kept = lock is None or lock.is_kept
    changed = _changed_since(unit, answers, first, last) if is_kept else set()
    confirmed: list[PersonRecord] = []
    before_change: list[PersonRecord] = []
    objected: list[Objection] = []
    silent: list[PersonRecord] = []
    for person in people:
        answer = answers.get(person.person_id)
        if answer is None:
            silent.append(person)
        elif not answer.confirmed:
            objected.append(Objection(person, answer.remark, person.person_id not in changed))
        else:
            (before_change if person.person_id in changed else confirmed).append(person)
    return CloseState(
        month,
        _is_over(context, month),
        lock,
        tuple(confirmed),
        tuple(before_change),
        tuple(objected),
        tuple(silent),
        _open_workdays(unit, people, first, last) if is_kept else 0,
    )


def _changed_since(unit: UnitOfWork, answers: Mapping[UUID, SheetAnswer], first: date, last: date) -> set[UUID]:
    """People whose sheet is not the one any more that they answered about."""
    changed: set[UUID] = set()
    for chunk in in_chunks(list(answers), PEOPLE_AT_ONCE):
        sheets: dict[UUID, list[WorkdayRecord]] = {person_id: [] for person_id in chunk}
        for record in unit.workdays.of_people(chunk, first, last):
            sheets[record.person_id].append(record)
        changed.update(one for one in chunk if sheet_digest(sheets[one]) != answers[one].sheet_sha256)
    return changed


def _open_workdays(unit: UnitOfWork, people: Sequence[PersonRecord], first: date, last: date) -> int:
    days = [first + number * _ONE_DAY for number in range((last - first).days + 1)]
    expected = {(person.person_id, day) for person in people for day in days if person.works_on(day)}
    touched = unit.workdays.touched_of([person.person_id for person in people], first, last)
    return len((expected - unit.jobs.final_workdays(first, last)) | touched)


def lock_month(context: ServerContext, month: str, actor: Actor) -> MonthLock:
    """Lock a month that is over and judged to the end. Silence is no objection; objections do not keep it open.

    Whoever stores workdays at this moment is waited for, and whoever comes later finds the month locked.

    Raises:
        CourtclockError: ``page.forbidden``, ``page.bad_month``, ``month.not_over`` or ``month.locked``;
            ``register.unfinished`` while a register is imported or taken back.
    """
    if actor.role != "hr":
        raise CourtclockError("page.forbidden")
    first, last = month_days(month)
    if not _is_over(context, month):
        raise CourtclockError("month.not_over", month=month)
    with context.unit() as unit:
        # Locked before it is looked at, so that nothing is stored between the two.
        if not unit.months.lock(MonthLock(month, actor.username, context.clock.now())):
            raise CourtclockError("month.locked", month=month)
        # Its days are marked at its end only.
        unfinished = next((one for one in unit.registers.imports() if not one.is_whole), None)
        if unfinished is not None:
            raise CourtclockError("register.unfinished", number=unfinished.number, file=unfinished.file_name)
        if _open_workdays(unit, unit.people.between(first, last), first, last):
            raise CourtclockError("month.not_over", month=month)
        lock = unit.months.locks()[month]
        unit.commit()
    return lock


def open_amendments(context: ServerContext) -> Sequence[tuple[PersonRecord, AmendmentRecord]]:
    """Workdays of locked months that would be judged otherwise now, and wait for HR."""
    with context.unit(read_only=True) as unit:
        waiting = unit.months.amendments(["proposed"])
        people = unit.people.by_ids(list({one.person_id for one in waiting}))
    return [(people[one.person_id], one) for one in waiting]


def decided_amendments(context: ServerContext, month: str) -> Sequence[tuple[PersonRecord, AmendmentRecord]]:
    """What HR signed or refused about a locked month, by day.

    Raises:
        CourtclockError: ``page.bad_month``.
    """
    first, last = month_days(month)
    with context.unit(read_only=True) as unit:
        decided = unit.months.amendments(["signed", "refused"], first, last)
        people = unit.people.by_ids(list({one.person_id for one in decided}))
    return [(people[one.person_id], one) for one in decided]


def decide_amendment(
    context: ServerContext,
    person_id: UUID,
    day: date,
    actor: Actor,
    reason: str,
    *,
    sign: bool,
    number: int | None = None,
) -> AmendmentRecord:
    """Sign an amendment, which puts it in force, or refuse it, which keeps what was locked.

    Args:
        context: the server's parts.
        person_id, day: whose workday.
        actor: HR.
        reason: why it is signed or refused.
        sign: False refuses it.
        number: of the amendment that was looked at, so that nobody signs one that came after it; None is any.

    Raises:
        CourtclockError: ``page.forbidden``, ``reason.missing`` or ``amendment.unknown``.
    """
    if actor.role != "hr":
        raise CourtclockError("page.forbidden")
    why = required_reason(reason)
    with context.unit() as unit:
        now = context.clock.now()
        record = unit.months.proposal(person_id, day)
        if (
            record is None
            or number not in (None, record.number)
            or not unit.months.decide(record, "signed" if sign else "refused", why, actor.username, now)
        ):
            raise CourtclockError("amendment.unknown")
        if sign:
            unit.workdays.put([from_plain(person_id, day, record.after)], now)
        unit.commit()
    return record
