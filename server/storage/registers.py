"""Imports of older machines' registers, the clock events that they brought, and what was taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, Select, and_, delete, func, insert, or_, select, update

from models.identifiers import event_date, uuid7_of
from server.storage.inserting import insert_new, one_of, these_values, with_these
from server.storage.items import IS_VOIDED, REGISTER
from server.storage.tables import (
    clock_event,
    kiosk,
    register_import,
    register_stretch,
    register_taken_back,
    void,
    workday,
)

_NO_KEY: Final = b""


@dataclass(frozen=True, slots=True)
class RegisterTakenBack:
    """The word that an import holds no more; ``finished_at`` is None until all of its clock events are voided."""

    reason: str
    entered_by: str
    entered_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class RegisterImport:
    """One import of a file.

    Attributes:
        source: name of the older machine.
        rests_on: numbers of the imports of this source that had some of its clock events before.
        first_day, last_day, people, taken, already_had, refused, finished_at: None until it has come to its end.
    """

    number: int
    import_id: UUID
    kiosk_id: UUID
    source: str
    file_name: str
    file_sha256: str
    reason: str
    entered_by: str
    entered_at: datetime
    rests_on: tuple[int, ...]
    first_day: date | None = None
    last_day: date | None = None
    people: int | None = None
    taken: int | None = None
    already_had: int | None = None
    refused: int | None = None
    finished_at: datetime | None = None
    taken_back: RegisterTakenBack | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it has come to its end, or its taking back has."""
        return (self.finished_at if self.taken_back is None else self.taken_back.finished_at) is not None


@dataclass(frozen=True, slots=True)
class RegisterEvent:
    """A clock event of a register, as it is stored.

    Attributes:
        line: of the file in which it was found first.
    """

    event_id: UUID
    import_id: UUID
    line: int
    person_id: UUID
    captured_at: datetime
    voided: bool


@dataclass(frozen=True, slots=True)
class NewRegisterEvent:
    """A clock event of a register that is to be stored."""

    event_id: UUID
    line: int
    person_id: UUID
    captured_at: datetime


class RegisterRepository:
    """Registers, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def source(self, name: str) -> UUID | None:
        """The row that stands for an older machine among the kiosks; None before its first import."""
        return self._connection.execute(
            select(kiosk.c.kiosk_id).where(kiosk.c.name == name, kiosk.c.register_since.is_not(None))
        ).scalar()

    def add_source(self, kiosk_id: UUID, name: str, at: datetime) -> None:
        """An older machine: it has no key, and never signs anything."""
        self._connection.execute(
            insert(kiosk).values(
                kiosk_id=kiosk_id,
                name=name,
                public_key=_NO_KEY,
                sealed_gallery_key=_NO_KEY,
                paired_at=at,
                revoked_at=at,
                register_since=at,
            )
        )

    def imports(self, kiosk_id: UUID | None = None) -> list[RegisterImport]:
        """All imports, or those of one source, by number."""
        query = _IMPORTS.order_by(register_import.c.number)
        if kiosk_id is not None:
            query = query.where(register_import.c.kiosk_id == kiosk_id)
        return [_record(row) for row in self._connection.execute(query)]

    def one(self, number: int) -> RegisterImport | None:
        """One import."""
        row = self._connection.execute(_IMPORTS.where(register_import.c.number == number)).one_or_none()
        return None if row is None else _record(row)

    def next_number(self) -> int:
        """The number that the next import gets."""
        return 1 + (self._connection.execute(select(func.max(register_import.c.number))).scalar() or 0)

    def add(self, record: RegisterImport) -> None:
        """An import that begins."""
        self._connection.execute(
            insert(register_import).values(
                number=record.number,
                import_id=record.import_id,
                kiosk_id=record.kiosk_id,
                file_name=record.file_name,
                file_sha256=record.file_sha256,
                reason=record.reason,
                entered_by=record.entered_by,
                entered_at=record.entered_at,
                rests_on=list(record.rests_on),
            )
        )

    def change(self, number: int, **values: Any) -> None:
        """What is known of an import by now."""
        self._connection.execute(update(register_import).where(register_import.c.number == number).values(**values))

    def add_events(self, one: RegisterImport, events: Sequence[NewRegisterEvent], received_at: datetime) -> set[UUID]:
        """Store clock events with different identifiers; gives the identifiers that were not there yet."""
        if not events:
            return set()
        rows = [
            {
                "event_date": event_date(event.event_id),
                "event_id": event.event_id,
                "kiosk_id": one.kiosk_id,
                "device_seq": event.line,
                "person_id": event.person_id,
                "method": REGISTER,
                "captured_at": event.captured_at,
                "recorded_at": event.captured_at,
                "received_at": received_at,
                "clock_offset_seconds": 0.0,
                "monotonic_seconds": 0.0,
                "boot_id": one.import_id,
                "evidence": {},
                "body_sha256": one.file_sha256,
            }
            for event in events
        ]
        return insert_new(self._connection, clock_event, rows, clock_event.c.event_id)

    def events(self, event_ids: Collection[UUID]) -> dict[UUID, RegisterEvent]:
        """Those of these clock events that are stored."""
        if not event_ids:
            return {}
        key, ids = (clock_event.c.event_date, clock_event.c.event_id), list(event_ids)
        rows = self._connection.execute(
            _EVENTS.select_from(with_these(self._connection.dialect.name, *key)),
            these_values(self._connection, (key[0], [event_date(one) for one in ids]), (key[1], ids)),
        )
        return {row.event_id: _event(row) for row in rows}

    def standing_events(self, one: RegisterImport, after: tuple[int, UUID] | None, most: int) -> list[RegisterEvent]:
        """Clock events that an import brought and that are not voided, by line, so many after a line and identifier."""
        key = clock_event.c.device_seq, clock_event.c.event_id
        query = _EVENTS.where(
            clock_event.c.kiosk_id == one.kiosk_id, clock_event.c.boot_id == one.import_id, ~IS_VOIDED
        )
        if after is not None:
            line, event_id = after
            query = query.where(
                or_(key[0] > line, and_(key[0] == line, key[1] > event_id)),
            )
        return [_event(row) for row in self._connection.execute(query.order_by(*key).limit(most))]

    def void_events(self, one: RegisterImport, events: Sequence[RegisterEvent], at: datetime) -> None:
        """They do not count any more; they stay."""
        rows = [
            {
                "void_id": uuid7_of(event.captured_at, b"void" + event.event_id.bytes),
                "event_date": event_date(event.event_id),
                "event_id": event.event_id,
                "kiosk_id": one.kiosk_id,
                "device_seq": event.line,
                "captured_at": at,
                "received_at": at,
                "body_sha256": one.file_sha256,
            }
            for event in events
        ]
        if rows:
            insert_new(self._connection, void, rows, void.c.void_id)

    def put_stretches(self, number: int, stretches: Mapping[UUID, Sequence[tuple[date, date]]]) -> None:
        """From when until when an import judges whom, in place of what was said before."""
        self._connection.execute(delete(register_stretch).where(register_stretch.c.number == number))
        rows = [
            {"number": number, "person_id": person_id, "first_day": first, "last_day": last}
            for person_id, own in stretches.items()
            for first, last in own
        ]
        if rows:
            self._connection.execute(insert(register_stretch), rows)

    def stretches(self, number: int) -> dict[UUID, list[tuple[date, date]]]:
        """From when until when an import judges whom, also one that was taken back."""
        return self._stretches(select(register_stretch).where(register_stretch.c.number == number))

    def stretches_in_force(self, person_ids: Iterable[UUID]) -> dict[UUID, list[tuple[date, date]]]:
        """From when until when the imports that hold judge these people."""
        query = select(register_stretch).where(
            one_of(self._connection.dialect.name, register_stretch.c.person_id),
            register_stretch.c.number.not_in(select(register_taken_back.c.number)),
        )
        return self._stretches(query, these_values(self._connection, (register_stretch.c.person_id, list(person_ids))))

    def _stretches(
        self, query: Select[Any], values: Mapping[str, Any] | None = None
    ) -> dict[UUID, list[tuple[date, date]]]:
        found: dict[UUID, list[tuple[date, date]]] = {}
        for row in self._connection.execute(query.order_by(register_stretch.c.first_day), values or {}):
            found.setdefault(row.person_id, []).append((row.first_day, row.last_day))
        return found

    def take_back(self, number: int, word: RegisterTakenBack) -> None:
        """An import holds no more."""
        self._connection.execute(
            insert(register_taken_back).values(
                number=number, reason=word.reason, entered_by=word.entered_by, entered_at=word.entered_at
            )
        )

    def finish_taking_back(self, number: int, at: datetime) -> None:
        """All of its clock events are voided."""
        self._connection.execute(
            update(register_taken_back).where(register_taken_back.c.number == number).values(finished_at=at)
        )

    def days_stored(self, person_days: Sequence[tuple[UUID, date]]) -> set[date]:
        """The dates of those of these workdays that are stored."""
        if not person_days:
            return set()
        key = workday.c.person_id, workday.c.day
        query = select(workday.c.day).where(one_of(self._connection.dialect.name, *key)).distinct()
        people, days = zip(*person_days, strict=True)
        these = these_values(self._connection, (key[0], people), (key[1], days))
        return set(self._connection.execute(query, these).scalars())


_IMPORTS: Final = (
    select(
        register_import,
        kiosk.c.name.label("source"),
        register_taken_back.c.reason.label("back_reason"),
        register_taken_back.c.entered_by.label("back_by"),
        register_taken_back.c.entered_at.label("back_at"),
        register_taken_back.c.finished_at.label("back_finished_at"),
    )
    .select_from(register_import)
    .join(kiosk, kiosk.c.kiosk_id == register_import.c.kiosk_id)
    .outerjoin(register_taken_back, register_taken_back.c.number == register_import.c.number)
)
_EVENTS: Final = select(
    clock_event.c.event_id,
    clock_event.c.boot_id,
    clock_event.c.device_seq,
    clock_event.c.person_id,
    clock_event.c.captured_at,
    IS_VOIDED.label("voided"),
)


def _event(row: Row[Any]) -> RegisterEvent:
    return RegisterEvent(row.event_id, row.boot_id, row.device_seq, row.person_id, row.captured_at, row.voided)


def _record(row: Row[Any]) -> RegisterImport:
    word = None
    if row.back_at is not None:
        word = RegisterTakenBack(row.back_reason, row.back_by, row.back_at, row.back_finished_at)
    return RegisterImport(
        row.number,
        row.import_id,
        row.kiosk_id,
        row.source,
        row.file_name,
        row.file_sha256,
        row.reason,
        row.entered_by,
        row.entered_at,
        tuple(row.rests_on),
        row.first_day,
        row.last_day,
        row.people,
        row.taken,
        row.already_had,
        row.refused,
        row.finished_at,
        word,
    )
