"""Derives workdays from raw events: only the touched ones, and again when something touches them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from server.attendance.calendar import chinese_calendar_day
from server.attendance.judging import judge
from server.attendance.matching import RawEvent
from server.attendance.points import RuleBook, event_span, workday_of
from server.attendance.verdicts import WorkdayVerdict
from server.services.context import ServerContext
from server.storage.records import StoredEvent, TouchedWorkday, WorkdayRecord
from server.storage.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

_BATCH: Final = 200
LONGEST_IDENTIFICATION: Final = timedelta(minutes=10)


def touched_days(moment: datetime, rules: RuleBook) -> list[date]:
    """The workdays that an event at this moment can change: its own, and one whose window reaches it."""
    own = workday_of(moment, rules)
    days = []
    for day in (own - timedelta(days=1), own, own + timedelta(days=1)):
        start, end = event_span(day, rules)
        if start <= moment < end:
            days.append(day)
    return days


def judge_workday(context: ServerContext, unit: UnitOfWork, person_id: UUID, day: date) -> WorkdayVerdict:
    """The verdict of one workday, from raw events, calendar and rules, as of now."""
    start, end = event_span(day, context.rules)
    events = [_raw_event(event) for event in unit.items.events_of(person_id, start, end)]
    return judge(day, chinese_calendar_day(day), context.rules, events, context.clock.now())


def derive_touched(context: ServerContext) -> int:
    """Judge every touched workday again, some at a time; gives how many were judged.

    A workday that cannot be judged is told in the log, stays touched, and does not stop the others.
    """
    judged = 0
    while True:
        with context.unit(read_only=True) as unit:
            batch = unit.workdays.touched(_BATCH)
        if not batch:
            return judged
        try:
            now_judged = _derive(context, batch)
        except Exception:
            # Which one it was is found out one by one; the fault itself is told there.
            now_judged = sum(_derive_alone(context, touched) for touched in batch)
            if now_judged == 0:
                return judged
        judged += now_judged


def _derive(context: ServerContext, batch: Sequence[TouchedWorkday]) -> int:
    """Judge workdays in one transaction; gives how many this process judged."""
    judged = 0
    with context.unit() as unit:
        for touched in batch:
            # Settled first: of several who judge at once, one judges, and no older verdict comes over a newer one.
            if not unit.workdays.settle(touched):
                continue
            if not _worked_here(unit, touched):
                continue
            verdict = judge_workday(context, unit, touched.person_id, touched.day)
            unit.workdays.put(as_record(touched.person_id, verdict), context.clock.now())
            judged += 1
        unit.commit()
    return judged


def _worked_here(unit: UnitOfWork, touched: TouchedWorkday) -> bool:
    """Whether the person was enrolled by then; nobody is judged for a day before."""
    person = unit.people.by_id(touched.person_id)
    return person is not None and person.joined_on <= touched.day


def _derive_alone(context: ServerContext, touched: TouchedWorkday) -> int:
    try:
        return _derive(context, [touched])
    except Exception:
        log.exception("the workday %s of %s cannot be judged", touched.day, touched.person_id)
        return 0


def touch_everybody(context: ServerContext, day: date) -> None:
    """Mark the workday of everybody who works here on that date, also of those without an event."""
    with context.unit() as unit:
        unit.workdays.touch((person.person_id, day) for person in unit.people.active() if person.joined_on <= day)
        unit.commit()


def as_record(person_id: UUID, verdict: WorkdayVerdict) -> WorkdayRecord:
    """A verdict as it is stored."""
    return WorkdayRecord(
        person_id=person_id,
        day=verdict.date,
        status=",".join(verdict.status),
        late_minutes=verdict.late_minutes,
        early_minutes=verdict.early_minutes,
        missing_points=verdict.missing_points,
        verdict=verdict.to_json(),
        rule_version=verdict.rule_version,
    )


def _raw_event(event: StoredEvent) -> RawEvent:
    took = event.recorded_at - event.captured_at
    # A kiosk whose clock jumped in between knows one of the two moments only.
    identified_at = event.recorded_at if timedelta(0) <= took <= LONGEST_IDENTIFICATION else None
    return RawEvent(event.event_id, event.captured_at, event.method, event.voided, identified_at)
