"""Takes items from kiosks: each answered by itself, stored once however often it is sent."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from models.errors import CourtclockError
from models.identifiers import moment_of
from models.language import Language
from models.wire import (
    AttemptItem,
    BatchAnswer,
    ClockEventItem,
    ItemAnswer,
    ItemBatch,
    VoidItem,
    clock_skew_seconds,
    parse_item,
)
from server.services.context import ServerContext
from server.services.deriving import touched_days
from server.storage.records import KioskRecord
from server.storage.unit_of_work import UnitOfWork

_ID_TIME_TOLERANCE: Final = timedelta(milliseconds=1)
_MAX_DEVICE_SEQ: Final = 2**63 - 1
# A day away from the ends of the calendar, where a change of zone falls off it.
_FIRST_MOMENT: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MOMENT: Final = datetime(9999, 12, 30, tzinfo=UTC)


def ingest(context: ServerContext, kiosk: KioskRecord, batch: ItemBatch, language: Language = "en") -> BatchAnswer:
    """Store a batch in one transaction and answer for each item.

    The answer goes out after the commit, so an item that is called stored survives a loss of power.
    Items that refer to people or events that are not known are refused, kept and shown.
    """
    received_at = context.clock.now()
    offset_seconds = clock_skew_seconds(batch.sent_at, received_at)
    answers = []
    touched: set[tuple[UUID, date]] = set()
    with context.unit() as unit:
        for raw in batch.items:
            item_id = str(raw.get("item_id", ""))[:64]
            try:
                days = _take(context, unit, kiosk, raw, received_at, offset_seconds)
                touched |= days or set()
                answers.append(ItemAnswer(item_id=item_id, result="already_had" if days is None else "stored"))
            except CourtclockError as error:
                _keep_refused(unit, kiosk, item_id, error.code, raw, received_at)
                answers.append(
                    ItemAnswer(item_id=item_id, result="refused", code=error.code, sentence=error.sentence(language))
                )
        unit.workdays.touch(touched)
        unit.commit()
    return BatchAnswer(server_time=context.clock.now(), answers=answers)


def _take(
    context: ServerContext,
    unit: UnitOfWork,
    kiosk: KioskRecord,
    raw: dict[str, Any],
    received_at: datetime,
    offset_seconds: float,
) -> set[tuple[UUID, date]] | None:
    """Store one item; gives the workdays that it touches, None when it is there already."""
    item = parse_item(raw)
    if item.device_seq > _MAX_DEVICE_SEQ:
        raise CourtclockError("wire.invalid", reason="device_seq: more than 64 bits")
    said_at = _moment_of(item.item_id)
    if said_at is None or abs(said_at - item.captured_at) > _ID_TIME_TOLERANCE:
        raise CourtclockError("item.id_time_mismatch")
    if not _FIRST_MOMENT <= item.recorded_at <= _LAST_MOMENT:
        raise CourtclockError("wire.invalid", reason="recorded_at: outside of the calendar")
    person_id = _person_of(unit, kiosk, item)
    days = set() if person_id is None else {(person_id, day) for day in _touched_days(context, item)}
    body_sha256 = _digest(raw)
    if not unit.items.add(kiosk.kiosk_id, item, body_sha256, received_at, offset_seconds):
        if unit.items.body_sha256(item) != body_sha256:
            raise CourtclockError("item.conflicting")
        return None
    return days


def _keep_refused(
    unit: UnitOfWork, kiosk: KioskRecord, item_id: str, code: str, raw: dict[str, Any], received_at: datetime
) -> None:
    # PostgreSQL takes neither NaN in JSON nor NUL in text; an item without an identifier is known by its content.
    body = json.loads(json.dumps(raw), parse_constant=str)
    unit.items.add_refused(kiosk.kiosk_id, item_id.replace("\x00", "�") or _digest(raw), code, body, received_at)


def _digest(raw: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()


def _moment_of(item_id: UUID) -> datetime | None:
    """The moment in an identifier; None where it holds none, or one after the last day of the calendar."""
    try:
        return moment_of(item_id)
    except (ValueError, OverflowError):
        return None


def _touched_days(context: ServerContext, item: ClockEventItem | AttemptItem | VoidItem) -> list[date]:
    moment = item.captured_at if isinstance(item, ClockEventItem) else moment_of(_voided(item))
    try:
        return touched_days(moment, context.rules)
    except OverflowError as error:
        raise CourtclockError("item.id_time_mismatch") from error


def _voided(item: ClockEventItem | AttemptItem | VoidItem) -> UUID:
    if not isinstance(item, VoidItem):
        raise TypeError(f"not a void: {item.kind}")
    return item.voided_event_id


def _person_of(unit: UnitOfWork, kiosk: KioskRecord, item: ClockEventItem | AttemptItem | VoidItem) -> UUID | None:
    """Whose workday the item touches; None for an attempt."""
    if isinstance(item, ClockEventItem):
        if unit.people.by_id(item.person_id) is None:
            raise CourtclockError("item.person_unknown")
        return item.person_id
    if isinstance(item, VoidItem):
        if _moment_of(item.voided_event_id) is None:
            raise CourtclockError("item.void_without_event")
        event = unit.items.event(item.voided_event_id)
        # A kiosk may take back what it said itself, nothing else.
        if event is None or event.kiosk_id != kiosk.kiosk_id:
            raise CourtclockError("item.void_without_event")
        return event.person_id
    return None
