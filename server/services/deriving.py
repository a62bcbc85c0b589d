"""Derives workdays from raw events: only the touched ones, and again when something touches them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, cast
from uuid import UUID

from server.attendance.events import RawEvent
from server.attendance.explaining import reads_alike
from server.attendance.judging import judge
from server.attendance.overlays import NO_OVERLAYS, Overlays
from server.attendance.rosters import NOBODYS, Roster
from server.attendance.verdicts import Status, WorkdayVerdict, rules_of_version
from server.services.context import ServerContext
from server.services.court_rules import CourtRules, overlays_of, rosters_of, rules_in_force
from server.services.retrying import fault_in_words, retry_pause
from server.storage.engine import is_of_the_database
from server.storage.records import PersonRecord, TouchedWorkday, WorkdayRecord
from server.storage.unit_of_work import UnitOfWork
from server.storage.workdays import as_plain

log = logging.getLogger(__name__)

_BATCH: Final = 500
_MARKS_AT_ONCE: Final = 2000
"""Judged in one transaction, for which other writers wait: some tenths of a second."""
PEOPLE_AT_ONCE: Final = 100
_ONE_DAY: Final = timedelta(days=1)
_AROUND: Final = timedelta(hours=40)
"""Windows reach from noon of the day before to noon of the day after, and local midnight is up to 14 h off UTC."""


def judge_days(
    unit: UnitOfWork, rules: CourtRules, wanted: Mapping[UUID, Sequence[date]], as_of: datetime
) -> dict[UUID, list[WorkdayVerdict]]:
    """The verdicts of some days of some people, from raw events, requests and rules.

    Args:
        unit: read only is enough.
        rules: in force, or a draft.
        wanted: days in order, by person; all in one stretch of time, which is read as a whole.
        as_of: the moment of judging.
    """
    return dict(_judged_one_by_one(unit, rules, wanted, as_of))


def _judged_one_by_one(
    unit: UnitOfWork, rules: CourtRules, wanted: Mapping[UUID, Sequence[date]], as_of: datetime
) -> Iterator[tuple[UUID, list[WorkdayVerdict]]]:
    """As ``judge_days``, a person at a time: whoever stores them need not hold all of them."""
    people = [person_id for person_id, days in wanted.items() if days]
    if not people:
        return
    first = min(wanted[person_id][0] for person_id in people)
    last = max(wanted[person_id][-1] for person_id in people)
    start = rules.site.bounds(first)[0] - _AROUND
    end = rules.site.bounds(last)[1] + _AROUND
    rosters = rosters_of(unit, people)
    events = unit.items.raw_events(people, *_reach(rules, rosters, wanted))
    overlays = overlays_of(unit.requests.touching(people, start, end, first, last))
    for person_id in people:
        yield (
            person_id,
            _judge_person(
                rules,
                rosters.get(person_id, NOBODYS),
                wanted[person_id],
                events.pop(person_id, []),
                overlays.get(person_id, NO_OVERLAYS),
                as_of,
            ),
        )


def _reach(
    rules: CourtRules, rosters: Mapping[UUID, Roster], wanted: Mapping[UUID, Sequence[date]]
) -> tuple[datetime, datetime]:
    """From when until before when clock events can matter for these workdays; each further hour is read for nothing."""
    common = {day for person_id, days in wanted.items() if person_id not in rosters for day in days}
    plans = [rules.plan(NOBODYS, day)[0] for day in common]
    plans += [rules.plan(roster, day)[0] for person_id, roster in rosters.items() for day in wanted[person_id]]
    return min(plan.reach_start for plan in plans), max(plan.reach_end for plan in plans)


def _judge_person(
    rules: CourtRules,
    roster: Roster,
    days: Sequence[date],
    events: Sequence[RawEvent],
    overlays: Overlays,
    as_of: datetime,
) -> list[WorkdayVerdict]:
    verdicts = []
    begin = 0
    for day in days:
        plan, expectation = rules.plan(roster, day)
        # Days come in order, so what lies before the reach of this one lies before all that follow.
        while begin < len(events) and events[begin].captured_at < plan.begins_at - _AROUND:
            begin += 1
        own = []
        for number in range(begin, len(events)):
            event = events[number]
            if event.captured_at >= plan.reach_end:
                break
            if event.captured_at >= plan.reach_start:
                own.append(event)
        verdicts.append(judge(plan, expectation, own, as_of, overlays))
    return verdicts


def judge_workday(context: ServerContext, unit: UnitOfWork, person_id: UUID, day: date) -> WorkdayVerdict:
    """The verdict of one workday, as of now."""
    rules = rules_in_force(context, unit)
    return judge_days(unit, rules, {person_id: [day]}, context.clock.now())[person_id][0]


def derive_touched(context: ServerContext) -> int:
    """Judge every touched workday again, some at a time; gives how many were judged.

    A workday that cannot be judged is noted with the fault, stays touched, and is tried again after pauses that grow;
    it does not stop the others.
    """
    judged = 0
    while True:
        with context.unit(read_only=True) as unit:
            batch = unit.workdays.touched(_MARKS_AT_ONCE, context.clock.host_now())
        judged += _derive_apart(context, batch)
        if len(batch) < _MARKS_AT_ONCE:
            # What was touched meanwhile is the next call's.
            return judged


def _derive(context: ServerContext, batch: Sequence[TouchedWorkday]) -> int:
    """Judge workdays in one transaction; gives how many this process judged."""
    with context.unit() as unit:
        # Settled first: of several who judge at once, one judges, and no older verdict comes over a newer one.
        settled = unit.workdays.settle(batch)
        people = unit.people.by_ids(list({person_id for person_id, _ in settled}))
        wanted: dict[UUID, list[date]] = {}
        gone = []
        for person_id, day in sorted(settled, key=lambda one: one[1]):
            person = people.get(person_id)
            if person is not None and person.works_on(day):
                wanted.setdefault(person_id, []).append(day)
            else:
                gone.append((person_id, day))
        locked = unit.months.locks_held()
        unit.workdays.remove((person_id, day) for person_id, day in gone if month_of(day) not in locked)
        for person_id, day in gone:
            if month_of(day) in locked:
                # What was proposed while the person was judged on that day is proposed no more.
                unit.months.withdraw(person_id, day, context.clock.now())
        rules = rules_in_force(context, unit)
        judged = sum(_judge_and_store(context, unit, rules, part, locked) for part in _in_stretches(wanted))
        unit.commit()
    return judged


def _in_stretches(wanted: Mapping[UUID, Sequence[date]]) -> list[dict[UUID, list[date]]]:
    """The days by month, so that a touch of last year does not read all that lies between."""
    parts: dict[tuple[int, int], dict[UUID, list[date]]] = {}
    for person_id, days in wanted.items():
        for day in days:
            parts.setdefault((day.year, day.month), {}).setdefault(person_id, []).append(day)
    return list(parts.values())


def _judge_and_store(
    context: ServerContext,
    unit: UnitOfWork,
    rules: CourtRules,
    wanted: Mapping[UUID, Sequence[date]],
    locked: Collection[str],
) -> int:
    """Judge and store; what lies in a locked month becomes a proposal instead, where it differs.

    Of a month that is not kept any more nothing is judged: its clock events are gone, too.
    """
    now = context.clock.now()
    records: list[WorkdayRecord] = []
    judged: list[tuple[UUID, WorkdayVerdict]] = []
    stored = 0
    kept = without_months(wanted, unit.months.deleted()) if locked else wanted
    for person_id, verdicts in _judged_one_by_one(unit, rules, kept, now):
        for verdict in verdicts:
            if locked and month_of(verdict.day) in locked:
                judged.append((person_id, verdict))
            else:
                records.append(as_record(person_id, verdict, context))
        if len(records) >= _BATCH:
            unit.workdays.put(records, now)
            stored += len(records)
            records.clear()
    unit.workdays.put(records, now)
    stored += len(records)
    for person_id, verdict in judged:
        _propose(context, unit, rules, person_id, verdict, now)
    return stored + len(judged)


def _propose(
    context: ServerContext, unit: UnitOfWork, rules: CourtRules, person_id: UUID, verdict: WorkdayVerdict, now: datetime
) -> None:
    """An amendment for HR, where the locked workday would count or read otherwise; for other reasons alone it stays."""
    before = unit.workdays.one(person_id, verdict.day)
    if before is not None and reads_as_stored(before, verdict, rules):
        unit.months.withdraw(person_id, verdict.day, now)
        return
    after = as_plain(as_record(person_id, verdict, context))
    unit.months.propose(person_id, verdict.day, {} if before is None else as_plain(before), after, now)


def without_months(wanted: Mapping[UUID, Sequence[date]], months: Collection[str]) -> dict[UUID, Sequence[date]]:
    """Days by person, without those of some months."""
    if not months:
        return dict(wanted)
    return {person_id: [day for day in days if month_of(day) not in months] for person_id, days in wanted.items()}


def _derive_apart(context: ServerContext, batch: Sequence[TouchedWorkday]) -> int:
    """Judge workdays; where that fails, each half of them by itself, until what is at fault is alone."""
    if not batch:
        return 0
    try:
        return _derive(context, batch)
    except Exception as fault:
        if is_of_the_database(fault):
            raise
        with context.unit(read_only=True) as unit:
            # Raises the same once more: rules that cannot be read are no fault of a workday.
            rules_in_force(context, unit)
        if len(batch) == 1:
            _note_fault(context, batch[0], fault)
            return 0
    half = len(batch) // 2
    return _derive_apart(context, batch[:half]) + _derive_apart(context, batch[half:])


def _note_fault(context: ServerContext, touched: TouchedWorkday, fault: Exception) -> None:
    log.error("the workday %s of %s cannot be judged", touched.day, touched.person_id, exc_info=fault)
    with context.unit() as unit:
        tries = unit.judging_faults.tries(touched) + 1
        next_try_at = context.clock.host_now() + retry_pause(tries)
        unit.judging_faults.note(touched, fault_in_words(fault), tries, next_try_at)
        unit.commit()


def derive_period(
    context: ServerContext,
    first_day: date,
    last_day: date,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Judge and store every workday of a period, people by people, in constant memory; gives how many.

    Args:
        context: the server's parts.
        first_day, last_day: both included.
        progress: told how many people are done, of how many.
    """
    with context.unit(read_only=True) as unit:
        people = unit.people.everybody()
    judged = 0
    for start in range(0, len(people), PEOPLE_AT_ONCE):
        part = people[start : start + PEOPLE_AT_ONCE]
        wanted = worked_days(part, first_day, last_day)
        try:
            with context.unit() as unit:
                unit.workdays.settle_span([person.person_id for person in part], first_day, last_day)
                rules, locked = rules_in_force(context, unit), unit.months.locks_held()
                judged_here = _judge_and_store(context, unit, rules, wanted, locked)
                unit.commit()
        except Exception as fault:
            if is_of_the_database(fault):
                raise
            # One of them cannot be judged: it is found out and noted, the others are judged.
            with context.unit() as unit:
                unit.workdays.touch((person_id, day) for person_id, days in wanted.items() for day in days)
                unit.commit()
            judged_here = derive_touched(context)
        judged += judged_here
        progress(min(start + PEOPLE_AT_ONCE, len(people)), len(people))
    return judged


def worked_days(people: Sequence[PersonRecord], first_day: date, last_day: date) -> dict[UUID, list[date]]:
    """The days of a period on which each of these people works here."""
    days = [first_day + number * _ONE_DAY for number in range((last_day - first_day).days + 1)]
    wanted = {}
    for person in people:
        if person.joined_on <= first_day and (person.left_on is None or person.left_on >= last_day):
            wanted[person.person_id] = days
        else:
            wanted[person.person_id] = [day for day in days if person.works_on(day)]
    return wanted


def month_of(day: date) -> str:
    """The month of a date, such as 2026-11."""
    return f"{day:%Y-%m}"


def as_record(person_id: UUID, verdict: WorkdayVerdict, context: ServerContext) -> WorkdayRecord:
    """A verdict as it is stored."""
    return WorkdayRecord(
        person_id=person_id,
        day=verdict.day,
        status=",".join(verdict.status),
        tally=verdict.tally,
        verdict=verdict.to_json(context.site),
        rule_version=verdict.rules.version,
        judge_again_at=verdict.closes_next_at,
    )


def reads_as_stored(record: WorkdayRecord, verdict: WorkdayVerdict, rules: CourtRules) -> bool:
    """Whether a verdict counts and reads as a stored one; False where what is stored is none."""
    try:
        return reads_alike(as_verdict(record, rules), verdict)
    except (ValueError, LookupError, TypeError, AttributeError):
        return False


def as_verdict(record: WorkdayRecord, rules: CourtRules) -> WorkdayVerdict:
    """The inverse of ``as_record``."""
    status = cast(tuple[Status, ...], tuple(record.status.split(",")))
    return WorkdayVerdict.from_json(
        record.verdict,
        record.day,
        record.tally,
        status,
        rules_of_version(rules.history, record.rule_version),
        rules.site,
    )
