"""Imports the register of an older machine: months of attendance from before the first kiosk came.

Its lines become clock events like any other, with a method of their own, and the days that it covers are judged. What
is refused is told; a second run of the same file stores nothing again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from models.errors import CourtclockError
from models.identifiers import uuid7_of
from models.texts import require_short_text
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.court_rules import rosters_of, rules_in_force
from server.services.expectation_changes import required_reason
from server.services.register_days import Span, days_in_use, span_of
from server.services.register_file import RefusedLine, RegisterFile, open_register, require_unchanged
from server.services.register_judging import AT_ONCE, in_batches, tell_people, touch_stretches
from server.services.register_reading import RegisterEntry, RegisterReader, shown_text
from server.services.touching import touched_workdays
from server.storage.registers import NewRegisterEvent, RegisterImport
from server.storage.unit_of_work import UnitOfWork

MOST_SOURCE_CHARACTERS: Final = 64
_MOST_FILE_NAME: Final = 255
_ONE_DAY: Final = timedelta(days=1)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """How an import went.

    Attributes:
        number: of the import; None where nothing was stored: it was only tried, or nothing in it could be taken.
        first_day, last_day: workdays of what was taken or was there already; None where nothing was.
        people: whose clock events those are.
        taken: clock events that are stored by this import.
        already_had: those that were there, or stand in the file more than once.
        refused: lines of which nothing was taken.
        without_time: lines that name nobody's time, such as of a day of absence.
        beside_kiosks: of the clock events those on days that kiosks judge, too.
    """

    file: RegisterFile
    number: int | None
    first_day: date | None
    last_day: date | None
    people: int
    taken: int
    already_had: int
    refused: int
    without_time: int
    beside_kiosks: int


@dataclass(slots=True)
class _Seen:
    """What the file holds, in as much memory as there are people and days."""

    days: set[date] = field(default_factory=set)
    people: set[UUID] = field(default_factory=set)
    lines: int = 0
    refused: int = 0
    without_time: int = 0
    beside_kiosks: int = 0


@dataclass(slots=True)
class _Stored:
    """How storing goes: each person's first day in each stretch of days in which the machine was in use."""

    first_days: dict[UUID, dict[int, date]] = field(default_factory=dict)
    taken: int = 0
    already_had: int = 0
    rests_on: set[int] = field(default_factory=set)


def import_register(
    context: ServerContext,
    path: Path,
    source: str,
    reason: str,
    actor: Actor,
    *,
    dry_run: bool = False,
    progress: Progress = lambda done, of: None,
    refuse: Callable[[RefusedLine], None] = lambda line: None,
) -> Imported:
    """Import a file of clock events, in transactions of some thousand; who was cut off in the middle does it again.

    Args:
        context: the server's parts.
        path: of the file.
        source: name of the older machine, the same for each of its files.
        reason: why its data are taken over.
        actor: HR.
        dry_run: only tell what would be stored.
        progress: told how many lines are done, of how many.
        refuse: told of each line of which nothing is taken.

    Raises:
        CourtclockError: ``page.forbidden``, ``reason.missing``, ``text.unfit``, ``register.unreadable``,
            ``register.unfinished``, or ``register.taken_back`` where somebody takes it back meanwhile.
    """
    if actor.role != "hr":
        raise CourtclockError("page.forbidden")
    why = required_reason(reason)
    name = require_short_text("--source", source.strip(), MOST_SOURCE_CHARACTERS)
    file = open_register(path)
    with context.unit(read_only=True) as unit:
        reader = RegisterReader(context, unit, file)
    of = 2 * file.lines
    seen = _check(reader, lambda line: progress(line, of), refuse)
    spans = days_in_use(seen.days)
    one = None
    if seen.days and not dry_run:
        one = _begin(context, file, name, why, actor.username)
    stored = _Stored(rests_on=set() if one is None else set(one.rests_on))
    for batch in in_batches(reader.entries()):
        for entry in batch:
            own = stored.first_days.setdefault(entry.person_id, {})
            number = span_of(spans, entry.day)
            own[number] = min(entry.day, own.get(number, entry.day))
        if one is None:
            _try(context, name, batch, stored)
        else:
            _store(context, one, batch, stored)
        progress(file.lines + batch[-1].line, of)
    found = Imported(
        file,
        None if one is None else one.number,
        min(seen.days, default=None),
        max(seen.days, default=None),
        len(seen.people),
        stored.taken,
        stored.already_had,
        seen.refused,
        seen.without_time,
        seen.beside_kiosks,
    )
    if one is not None:
        require_unchanged(file)
        stretches = {
            person_id: [(first, spans[number][1]) for number, first in sorted(own.items())]
            for person_id, own in stored.first_days.items()
        }
        _finish(context, one, found, stretches)
    return found


def _check(reader: RegisterReader, progress: Callable[[int], None], refuse: Callable[[RefusedLine], None]) -> _Seen:
    """Read the whole file before anything of it is stored: one that is no table to its end is refused as a whole."""
    seen = _Seen()
    for one in reader.lines():
        seen.lines += 1
        if isinstance(one, RefusedLine):
            seen.refused += 1
            refuse(one)
            continue
        line, person = one
        if not line.moments:
            seen.without_time += 1
            continue
        days = [reader.day_of(moment) for moment in line.moments]
        seen.days.update(days)
        seen.people.add(person.person_id)
        seen.beside_kiosks += sum(day >= person.joined_on for day in days)
        if seen.lines % AT_ONCE == 0:
            progress(line.line)
    return seen


def _begin(context: ServerContext, file: RegisterFile, source: str, reason: str, entered_by: str) -> RegisterImport:
    """Write down that a file is imported, or go on with an import of it that was cut off."""
    now = context.clock.now()
    with context.unit() as unit:
        unit.change_expectations()
        kiosk_id = unit.registers.source(source)
        if kiosk_id is None:
            kiosk_id = uuid.uuid4()
            unit.registers.add_source(kiosk_id, source, now)
        for other in unit.registers.imports(kiosk_id):
            if other.is_whole:
                continue
            if other.taken_back is None and other.file_sha256 == file.sha256:
                return other
            # What another one is about to store, or to void, cannot be told from what is there.
            raise CourtclockError("register.unfinished", number=other.number, file=other.file_name)
        one = RegisterImport(
            unit.registers.next_number(),
            uuid.uuid4(),
            kiosk_id,
            source,
            shown_text(file.path.name)[:_MOST_FILE_NAME],
            file.sha256,
            reason,
            entered_by,
            now,
            (),
        )
        unit.registers.add(one)
        unit.commit()
    return one


def _store(context: ServerContext, one: RegisterImport, batch: Sequence[RegisterEntry], stored: _Stored) -> None:
    """Store some clock events and touch the workdays that they can change, in one transaction."""
    with context.unit() as unit:
        unit.keep_expectations()
        _require_in_force(unit, one)
        now = context.clock.now()

        def add(events: Sequence[NewRegisterEvent]) -> set[UUID]:
            return unit.registers.add_events(one, events, now)

        numbers = {other.import_id: other.number for other in unit.registers.imports(one.kiosk_id)}
        new, own, other_imports = _place(unit, one.kiosk_id, one.import_id, batch, add)
        rests_on = stored.rests_on | {numbers[import_id] for import_id in other_imports}
        if rests_on != stored.rests_on:
            unit.registers.change(one.number, rests_on=sorted(rests_on))
        unit.workdays.touch(_touched(context, unit, new))
        unit.commit()
    stored.rests_on = rests_on
    stored.taken += len(new) + own
    stored.already_had += len(batch) - len(new) - own


def _touched(context: ServerContext, unit: UnitOfWork, new: Sequence[RegisterEntry]) -> set[tuple[UUID, date]]:
    """The workdays that new clock events can change; those that only this import has judged follow at its end."""
    near = [one for one in new if one.person.works_between(one.day - _ONE_DAY, one.day + _ONE_DAY)]
    people = {one.person_id: one.person for one in near}
    moments = [(one.person_id, one.moment) for one in near]
    touched = touched_workdays(rules_in_force(context, unit), rosters_of(unit, people), moments)
    return {(person_id, day) for person_id, day in touched if people[person_id].works_on(day)}


def _try(context: ServerContext, source: str, batch: Sequence[RegisterEntry], stored: _Stored) -> None:
    """Count what would be stored."""
    with context.unit(read_only=True) as unit:
        kiosk_id = unit.registers.source(source)
        if kiosk_id is None:
            new = len({(entry.person_id, entry.moment) for entry in batch})
        else:

            def add(events: Sequence[NewRegisterEvent]) -> set[UUID]:
                ids = {event.event_id for event in events}
                return ids - unit.registers.events(ids).keys()

            new = len(_place(unit, kiosk_id, None, batch, add)[0])
    stored.taken += new
    stored.already_had += len(batch) - new


def _place(
    unit: UnitOfWork,
    kiosk_id: UUID,
    import_id: UUID | None,
    batch: Sequence[RegisterEntry],
    add: Callable[[Sequence[NewRegisterEvent]], set[UUID]],
) -> tuple[list[RegisterEntry], int, set[UUID]]:
    """Give each time its clock event; one that was taken back comes again as another one.

    Args:
        unit: in which it happens.
        kiosk_id: of the source.
        import_id: of the import; None while it is only tried.
        batch: times in the order of the file.
        add: stores clock events; gives the identifiers that were not there.

    Returns:
        What is new; how many this import had stored before it was cut off; and which other imports had some.
    """
    new: list[RegisterEntry] = []
    own = 0
    others: set[UUID] = set()
    # The same time twice is one clock event.
    left = list({(entry.person_id, entry.moment): entry for entry in reversed(batch)}.values())[::-1]
    generation = 0
    while left:
        of_id = {_event_id(kiosk_id, entry, generation): entry for entry in left}
        added = add([NewRegisterEvent(key, one.line, one.person_id, one.moment) for key, one in of_id.items()])
        stored = unit.registers.events(of_id.keys() - added)
        new += [entry for key, entry in of_id.items() if key in added]
        left = []
        for key, event in stored.items():
            if event.voided:
                left.append(of_id[key])
            elif event.import_id != import_id:
                others.add(event.import_id)
            elif event.line == of_id[key].line:
                own += 1
        generation += 1
    return new, own, others


def _event_id(kiosk_id: UUID, entry: RegisterEntry, generation: int) -> UUID:
    """The same for the same time of the same person at the same machine, unless it was taken back so many times."""
    content = f"{kiosk_id}|{entry.person_id}|{entry.moment.isoformat()}|{generation}"
    return uuid7_of(entry.moment, content.encode())


def _require_in_force(unit: UnitOfWork, one: RegisterImport) -> None:
    found = unit.registers.one(one.number)
    if found is None or found.taken_back is not None:
        raise CourtclockError("register.taken_back", number=one.number)


def _finish(
    context: ServerContext, one: RegisterImport, found: Imported, stretches: Mapping[UUID, Sequence[Span]]
) -> None:
    """Say which days are judged by it, have them judged, and say that it has come to its end."""
    with context.unit() as unit:
        unit.change_expectations()
        _require_in_force(unit, one)
        unit.registers.put_stretches(one.number, stretches)
        tell_people(unit, stretches)
        unit.commit()
    touch_stretches(context, stretches)
    with context.unit() as unit:
        _require_in_force(unit, one)
        unit.registers.change(
            one.number,
            first_day=found.first_day,
            last_day=found.last_day,
            people=found.people,
            taken=found.taken,
            already_had=found.already_had,
            refused=found.refused,
            finished_at=context.clock.now(),
        )
        unit.commit()
