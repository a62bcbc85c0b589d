"""Today's board: who has clocked, when and how; who has not yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from server.services.context import ServerContext
from server.storage.records import KioskSight, PersonRecord, StoredEvent


@dataclass(frozen=True, slots=True)
class Presence:
    """One person today: the first and the last clock event that count, None without one."""

    person: PersonRecord
    first: StoredEvent | None
    last: StoredEvent | None


@dataclass(frozen=True, slots=True)
class TodaysBoard:
    """The court, or one division, right now.

    Attributes:
        attempts, kiosks: of the whole court; None and empty for who sees one division only.
    """

    day: date
    as_of: datetime
    people: tuple[Presence, ...]
    attempts: int | None
    kiosks: tuple[KioskSight, ...]

    @property
    def present(self) -> int:
        """How many have clocked today."""
        return sum(presence.first is not None for presence in self.people)


def todays_board(context: ServerContext, division_id: UUID | None = None) -> TodaysBoard:
    """Today as it stands, for the court or for one division."""
    now = context.clock.now()
    day = context.site.day_of(now)
    start, end = context.site.bounds(day)
    with context.unit(read_only=True) as unit:
        people = unit.people.active(division_id)
        events = unit.items.events_between(start, end)
        attempts = len(unit.items.attempts_between(start, end)) if division_id is None else None
        kiosks = unit.kiosks.sights() if division_id is None else []
    of_person: dict[UUID, list[StoredEvent]] = {}
    for event in events:
        if not event.voided:
            of_person.setdefault(event.person_id, []).append(event)
    presences = []
    for person in people:
        own = of_person.get(person.person_id, [])
        presences.append(Presence(person, own[0] if own else None, own[-1] if len(own) > 1 else None))
    return TodaysBoard(day, now, tuple(presences), attempts, tuple(kiosks))
