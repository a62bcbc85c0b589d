"""Takes a wrong import of a register back: its clock events count no more, and nothing of it is deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from models.errors import CourtclockError
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.court_rules import rosters_of, rules_in_force
from server.services.deriving import month_of
from server.services.expectation_changes import required_reason
from server.services.register_days import Span, joined
from server.services.register_judging import AT_ONCE, tell_people, touch_stretches
from server.services.touching import touched_workdays
from server.storage.registers import RegisterImport, RegisterTakenBack
from server.storage.unit_of_work import UnitOfWork

_ONE_DAY: Final = timedelta(days=1)


def take_back_register(
    context: ServerContext,
    number: int,
    reason: str,
    actor: Actor,
    *,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Void every clock event that an import brought, and judge nobody by it any more; gives how many that were.

    Cut off in the middle, it is done again. The same file can be imported anew afterwards.

    Args:
        context: the server's parts.
        number: of the import.
        reason: what was wrong with it.
        actor: HR.
        progress: told how many clock events are voided, of how many.

    Raises:
        CourtclockError: ``page.forbidden``, ``reason.missing``, ``register.unknown``, ``register.taken_back``;
            ``register.needed`` where another import rests on this one; ``month.locked`` where workdays of a locked
            month would go.
    """
    if actor.role != "hr":
        raise CourtclockError("page.forbidden")
    why = required_reason(reason)
    one = _begin(context, number, why, actor.username)
    voided = _void(context, one, progress)
    with context.unit(read_only=True) as unit:
        stretches = unit.registers.stretches(number)
    touch_stretches(context, stretches)
    with context.unit() as unit:
        unit.registers.finish_taking_back(number, context.clock.now())
        unit.commit()
    return voided


def _begin(context: ServerContext, number: int, reason: str, entered_by: str) -> RegisterImport:
    with context.unit() as unit:
        # Whoever imports at this moment has stored a part, and finds out before the next one.
        unit.change_expectations()
        one = unit.registers.one(number)
        if one is None:
            raise CourtclockError("register.unknown", number=number)
        if one.taken_back is not None:
            if one.taken_back.finished_at is not None:
                raise CourtclockError("register.taken_back", number=number)
            return one
        for other in unit.registers.imports(one.kiosk_id):
            # What it is about to store may rest on this one, and it does not know yet.
            if other.number != number and other.taken_back is None and not other.is_whole:
                raise CourtclockError("register.unfinished", number=other.number, file=other.file_name)
            if number in other.rests_on and other.taken_back is None:
                raise CourtclockError("register.needed", number=number, other=other.number)
        stretches = unit.registers.stretches(number)
        unit.registers.take_back(number, RegisterTakenBack(reason, entered_by, context.clock.now(), None))
        _refuse_locked_months(unit, stretches)
        tell_people(unit, stretches)
        unit.commit()
    return one


def _refuse_locked_months(unit: UnitOfWork, stretches: Mapping[UUID, Sequence[Span]]) -> None:
    """Workdays of a locked month neither come nor go."""
    locked = unit.months.locks_held()
    if not locked:
        return
    people = unit.people.by_ids(list(stretches))
    in_force = unit.registers.stretches_in_force(stretches)
    gone: list[tuple[UUID, date]] = []
    for person_id, spans in stretches.items():
        after = replace(people[person_id], register_spans=joined(in_force.get(person_id, ())))
        gone += [(person_id, day) for day in _days(spans) if month_of(day) in locked and not after.works_on(day)]
    stored = unit.registers.days_stored(gone)
    if stored:
        raise CourtclockError("month.locked", month=month_of(min(stored)))


def _days(spans: Sequence[Span]) -> list[date]:
    return [first + number * _ONE_DAY for first, last in spans for number in range((last - first).days + 1)]


def _void(context: ServerContext, one: RegisterImport, progress: Callable[[int, int], None]) -> int:
    """Void what stands, some at a time, and touch the workdays that it can change."""
    voided = 0
    after: tuple[int, UUID] | None = None
    while True:
        with context.unit() as unit:
            unit.keep_expectations()
            events = unit.registers.standing_events(one, after, AT_ONCE)
            if not events:
                return voided
            unit.registers.void_events(one, events, context.clock.now())
            people = unit.people.by_ids(list({event.person_id for event in events}))
            rules = rules_in_force(context, unit)
            moments = [(event.person_id, event.captured_at) for event in events]
            touched = touched_workdays(rules, rosters_of(unit, people), moments)
            unit.workdays.touch((person_id, day) for person_id, day in touched if people[person_id].works_on(day))
            unit.commit()
        voided += len(events)
        after = events[-1].line, events[-1].event_id
        progress(voided, max(voided, one.taken or 0))
