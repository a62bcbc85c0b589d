"""Raw items from kiosks: clock events, attempts, voids. Inserted once, never changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, DateTime, Select, String, bindparam, exists, func, select, type_coerce

from models.identifiers import event_date
from models.wire import AttemptItem, ClockEventItem, VoidItem
from server.attendance.events import RawEvent
from server.storage.inserting import insert_if_new, insert_new, one_of, these_values
from server.storage.records import StoredEvent
from server.storage.tables import attempt, clock_event, refused_item, void

LONGEST_IDENTIFICATION: Final = timedelta(minutes=10)
_NO_TIME: Final = timedelta(0)
IS_VOIDED: Final = exists().where(
    void.c.event_date == clock_event.c.event_date, void.c.event_id == clock_event.c.event_id
)
"""Whether a clock event was taken back."""

REGISTER: Final = "register"
"""The method of lines of an older machine's register: such a clock event was seen by no kiosk."""
_AT_A_KIOSK: Final = clock_event.c.method != REGISTER


class ItemRepository:
    """Raw items, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        kiosk_id: UUID,
        items: Sequence[tuple[ClockEventItem | AttemptItem | VoidItem, str]],
        received_at: datetime,
        clock_offset_seconds: float,
    ) -> set[UUID]:
        """Store items of one kind, with the digests of their bodies; gives the identifiers that were not there yet."""
        if not items:
            return set()
        table, key = _TABLE_OF_KIND[items[0][0].kind]
        rows = [_row(item, digest, kiosk_id, received_at, clock_offset_seconds) for item, digest in items]
        return insert_new(self._connection, table, rows, key)

    def body_sha256(self, item: ClockEventItem | AttemptItem | VoidItem) -> str | None:
        """Digest of the stored item with this identifier and kind."""
        if isinstance(item, ClockEventItem):
            query = select(clock_event.c.body_sha256).where(
                clock_event.c.event_date == event_date(item.item_id), clock_event.c.event_id == item.item_id
            )
        elif isinstance(item, AttemptItem):
            query = select(attempt.c.body_sha256).where(
                attempt.c.event_date == event_date(item.item_id), attempt.c.attempt_id == item.item_id
            )
        else:
            query = select(void.c.body_sha256).where(void.c.void_id == item.item_id)
        return self._connection.execute(query).scalar()

    def add_refused(self, kiosk_id: UUID, item_id: str, code: str, body: dict[str, Any], received_at: datetime) -> None:
        """Keep what was refused, so that people can see it."""
        insert_if_new(
            self._connection,
            refused_item,
            {"kiosk_id": kiosk_id, "item_id": item_id, "code": code, "body": body, "received_at": received_at},
        )

    def _events(self, *conditions: Any) -> list[StoredEvent]:
        rows = self._connection.execute(
            select(clock_event, IS_VOIDED.label("voided"))
            .where(*conditions)
            .order_by(clock_event.c.captured_at, clock_event.c.event_id)
        )
        return [
            StoredEvent(
                row.event_id,
                row.person_id,
                row.kiosk_id,
                row.method,
                row.captured_at,
                row.recorded_at,
                row.received_at,
                row.evidence,
                row.voided,
            )
            for row in rows
        ]

    def event(self, event_id: UUID) -> StoredEvent | None:
        """One clock event."""
        found = self._events(clock_event.c.event_date == event_date(event_id), clock_event.c.event_id == event_id)
        return found[0] if found else None

    def events_of(self, person_id: UUID, start: datetime, end: datetime) -> list[StoredEvent]:
        """A person's clock events from ``start`` until before ``end``, by time."""
        return self._events(
            clock_event.c.person_id == person_id, clock_event.c.captured_at >= start, clock_event.c.captured_at < end
        )

    def events_between(self, start: datetime, end: datetime) -> list[StoredEvent]:
        """Everybody's clock events from ``start`` until before ``end``, by time."""
        return self._events(clock_event.c.captured_at >= start, clock_event.c.captured_at < end)

    def events_at(self, kiosk_id: UUID, start: datetime, end: datetime) -> list[StoredEvent]:
        """The clock events of one kiosk from ``start`` until before ``end``, by its own clock."""
        return self._events(
            clock_event.c.event_date >= _date_of(start),
            clock_event.c.event_date <= _date_of(end),
            clock_event.c.kiosk_id == kiosk_id,
            clock_event.c.captured_at >= start,
            clock_event.c.captured_at < end,
        )

    def usual_kiosks(self, person_ids: Collection[UUID], start: datetime, end: datetime) -> dict[UUID, UUID]:
        """At which kiosk each of these people clocked most from ``start`` until before ``end``, where at any."""
        times = func.count()
        rows = self._connection.execute(
            select(clock_event.c.person_id, clock_event.c.kiosk_id)
            .where(
                one_of(self._connection.dialect.name, clock_event.c.person_id),
                clock_event.c.captured_at >= start,
                clock_event.c.captured_at < end,
                _AT_A_KIOSK,
            )
            .group_by(clock_event.c.person_id, clock_event.c.kiosk_id)
            .order_by(times, clock_event.c.kiosk_id.desc()),
            these_values(self._connection, (clock_event.c.person_id, person_ids)),
        )
        return {row.person_id: row.kiosk_id for row in rows}

    def raw_events(self, person_ids: Sequence[UUID], start: datetime, end: datetime) -> dict[UUID, list[RawEvent]]:
        """Clock events of some people from ``start`` until before ``end``, as the rules see them, by time."""
        rows = self._connection.execute(
            _raw_events(self._connection.dialect.name),
            {"start": start, "end": end, **these_values(self._connection, (clock_event.c.person_id, person_ids))},
        )
        naive = self._connection.dialect.name == "sqlite"
        found: dict[str, list[RawEvent]] = {}
        for person, event_id, captured, recorded, method, voided in rows:
            took = recorded - captured
            captured_at = captured.replace(tzinfo=UTC) if naive else captured.astimezone(UTC)
            # A kiosk whose clock jumped in between knows one of the two moments only.
            identified_at = captured_at + took if _NO_TIME < took <= LONGEST_IDENTIFICATION else None
            event = RawEvent(event_id, captured_at, method, voided, identified_at)
            own = found.get(person)
            if own is None:
                found[person] = [event]
            else:
                own.append(event)
        return {UUID(person): own for person, own in found.items()}

    def attempts_between(self, start: datetime, end: datetime) -> list[tuple[datetime, str]]:
        """Times and outcomes of attempts."""
        rows = self._connection.execute(
            select(attempt.c.captured_at, attempt.c.outcome)
            .where(attempt.c.captured_at >= start, attempt.c.captured_at < end)
            .order_by(attempt.c.captured_at)
        )
        return [(row.captured_at, row.outcome) for row in rows]

    def was_seen_since(self, moment: datetime, most_offset_seconds: float) -> bool:
        """Whether a kiosk whose clock agreed with the server's took a clock event at this moment or after it."""
        return (
            self._connection.execute(
                select(clock_event.c.event_id)
                .where(
                    clock_event.c.event_date >= _date_of(moment),
                    clock_event.c.captured_at >= moment,
                    func.abs(clock_event.c.clock_offset_seconds) <= most_offset_seconds,
                    _AT_A_KIOSK,
                )
                .limit(1)
            ).first()
            is not None
        )

    def device_numbers(self, kiosk_id: UUID) -> list[int]:
        """Every device number that arrived from a kiosk, also refused ones, sorted."""
        numbers: set[int] = set()
        for table in (clock_event, attempt, void):
            numbers.update(
                self._connection.execute(select(table.c.device_seq).where(table.c.kiosk_id == kiosk_id)).scalars()
            )
        for body in self._connection.execute(
            select(refused_item.c.body).where(refused_item.c.kiosk_id == kiosk_id)
        ).scalars():
            # Whatever else was wrong with it, a number that a kiosk can have given has arrived.
            number = body.get("device_seq")
            if type(number) is int and 1 <= number < 2**63:
                numbers.add(number)
        return sorted(numbers)


def _date_of(moment: datetime) -> date:
    """The date that stands in the key of a clock event of this moment."""
    return moment.astimezone(UTC).date()


@cache
def _raw_events(dialect: str) -> Select[Any]:
    # A month of a large court is a million rows: identifiers of people stay text, and times are made aware afterwards
    # instead of one by one in their types.
    return (
        select(
            type_coerce(clock_event.c.person_id, String),
            clock_event.c.event_id,
            type_coerce(clock_event.c.captured_at, DateTime),
            type_coerce(clock_event.c.recorded_at, DateTime),
            clock_event.c.method,
            IS_VOIDED.label("voided"),
        )
        .where(
            one_of(dialect, clock_event.c.person_id),
            clock_event.c.captured_at >= bindparam("start"),
            clock_event.c.captured_at < bindparam("end"),
        )
        .order_by(clock_event.c.person_id, clock_event.c.captured_at, clock_event.c.event_id)
    )


_TABLE_OF_KIND: Final = {
    "clock_event": (clock_event, clock_event.c.event_id),
    "attempt": (attempt, attempt.c.attempt_id),
    "void": (void, void.c.void_id),
}


def _row(
    item: ClockEventItem | AttemptItem | VoidItem,
    body_sha256: str,
    kiosk_id: UUID,
    received_at: datetime,
    clock_offset_seconds: float,
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "kiosk_id": kiosk_id,
        "device_seq": item.device_seq,
        "captured_at": item.captured_at,
        "received_at": received_at,
        "body_sha256": body_sha256,
    }
    if isinstance(item, VoidItem):
        row.update(void_id=item.item_id, event_date=event_date(item.voided_event_id), event_id=item.voided_event_id)
        return row
    row["event_date"] = event_date(item.item_id)
    row["evidence"] = item.evidence.model_dump(mode="json", exclude_none=True)
    if isinstance(item, AttemptItem):
        row.update(attempt_id=item.item_id, outcome=item.outcome)
        return row
    row.update(
        event_id=item.item_id,
        person_id=item.person_id,
        method=item.method,
        recorded_at=item.recorded_at,
        clock_offset_seconds=clock_offset_seconds,
        monotonic_seconds=item.monotonic_seconds,
        boot_id=item.boot_id,
    )
    return row
