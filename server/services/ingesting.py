"""Takes items from kiosks: each answered by itself, stored once however often it is sent."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
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


def ingest(context: ServerContext, kiosk: KioskRecord, batch: ItemBatch, language: Language = "zh") -> BatchAnswer:
    """Store a batch in one transaction and answer for each item.

    The answer goes out after the commit, so an item that is called stored survives a loss of power.
    Items that refer to people or events that are not known are refused, kept and shown.
    """
    received_at = context.clock.now()
    offset_seconds = clock_skew_seconds(batch.sent_at, received_at)
    answers = []
    with context.unit() as unit:
        for raw in batch.items:
            item_id = str(raw.get("item_id", ""))[:64]
            try:
                result = _take(context, unit, kiosk, raw, received_at, offset_seconds)
                answers.append(ItemAnswer(item_id=item_id, result=result))
            except CourtclockError as error:
                unit.items.add_refused(kiosk.kiosk_id, item_id, error.code, raw, received_at)
                answers.append(
                    ItemAnswer(item_id=item_id, result="refused", code=error.code, sentence=error.sentence(language))
                )
        unit.commit()
    return BatchAnswer(server_time=context.clock.now(), answers=answers)


def _take(
    context: ServerContext,
    unit: UnitOfWork,
    kiosk: KioskRecord,
    raw: dict[str, Any],
    received_at: datetime,
    offset_seconds: float,
) -> Any:
    item = parse_item(raw)
    if item.item_id.version != 7 or abs(moment_of(item.item_id) - item.captured_at) > _ID_TIME_TOLERANCE:
        raise CourtclockError("item.id_time_mismatch")
    person_id = _person_of(unit, kiosk, item)
    body_sha256 = hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()
    if not unit.items.add(kiosk.kiosk_id, item, body_sha256, received_at, offset_seconds):
        if unit.items.body_sha256(item) != body_sha256:
            raise CourtclockError("item.conflicting")
        return "already_had"
    if person_id is not None:
        moment = item.captured_at if isinstance(item, ClockEventItem) else moment_of(_voided(item))
        unit.workdays.touch((person_id, day) for day in touched_days(moment, context.rules))
    return "stored"


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
        if item.voided_event_id.version != 7:
            raise CourtclockError("item.void_without_event")
        event = unit.items.event(item.voided_event_id)
        # A kiosk may take back what it said itself, nothing else.
        if event is None or event.kiosk_id != kiosk.kiosk_id:
            raise CourtclockError("item.void_without_event")
        return event.person_id
    return None
