"""Takes items from kiosks: each answered by itself, stored once however often it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

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
from server.services.court_rules import rosters_of, rules_in_force
from server.services.touching import touched_workdays
from server.storage.records import KioskRecord
from server.storage.unit_of_work import UnitOfWork

_ID_TIME_TOLERANCE: Final = timedelta(milliseconds=1)
_MAX_DEVICE_SEQ: Final = 2**63 - 1
# Some days away from the ends of the calendar, where a change of zone, or the day after, falls off it.
_FIRST_MOMENT: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MOMENT: Final = datetime(9999, 12, 20, tzinfo=UTC)


# Nobody is ever deleted: who was known once need not be asked for again.
_KNOWN_PEOPLE: WeakKeyDictionary[Engine, set[UUID]] = WeakKeyDictionary()
_in_one_form: Final = json.JSONEncoder(sort_keys=True)


@dataclass(slots=True)
class _Taken:
    """One item of a batch on its way: parsed, or refused."""

    raw: dict[str, Any]
    item_id: str
    item: ClockEventItem | AttemptItem | VoidItem | None = None
    body_sha256: str = ""
    error: CourtclockError | None = None
    stored: bool = False


def ingest(context: ServerContext, kiosk: KioskRecord, batch: ItemBatch, language: Language = "en") -> BatchAnswer:
    """Store a batch in one transaction and answer for each item.

    The answer goes out after the commit, so an item that is called stored survives a loss of power.
    Items that refer to people or events that are not known are refused, kept and shown.
    """
    received_at = context.clock.now()
    offset_seconds = clock_skew_seconds(batch.sent_at, received_at)
    taken = [_parse(raw) for raw in batch.items]
    with context.unit() as unit:
        unit.keep_expectations()
        _refuse_strangers(context, unit, taken)
        # In the order sent, and together where they are of one kind: a void names an event that was sent before it.
        for _, run in groupby((one for one in taken if one.error is None), key=lambda one: type(one.item)):
            _store(unit, kiosk, list(run), received_at, offset_seconds)
        for one in taken:
            if one.error is not None:
                _keep_refused(unit, kiosk, one.item_id, one.error.code, one.raw, received_at)
        unit.workdays.touch(_touched(context, unit, taken))
        unit.commit()
    return BatchAnswer(server_time=context.clock.now(), answers=[_answer(one, language) for one in taken])


def _answer(one: _Taken, language: Language) -> ItemAnswer:
    if one.error is None:
        return ItemAnswer(item_id=one.item_id, result="stored" if one.stored else "already_had")
    return ItemAnswer(item_id=one.item_id, result="refused", code=one.error.code, sentence=one.error.sentence(language))


def _parse(raw: dict[str, Any]) -> _Taken:
    taken = _Taken(raw, str(raw.get("item_id", ""))[:64])
    try:
        item = parse_item(raw)
        if item.device_seq > _MAX_DEVICE_SEQ:
            raise CourtclockError("wire.invalid", reason="device_seq: more than 64 bits")
        said_at = _moment_of(item.item_id)
        if said_at is None or abs(said_at - item.captured_at) > _ID_TIME_TOLERANCE:
            raise CourtclockError("item.id_time_mismatch")
        if not _FIRST_MOMENT <= item.recorded_at <= _LAST_MOMENT:
            raise CourtclockError("wire.invalid", reason="recorded_at: outside of the calendar")
        if isinstance(item, ClockEventItem) and not _FIRST_MOMENT <= item.captured_at <= _LAST_MOMENT:
            raise CourtclockError("item.id_time_mismatch")
    except CourtclockError as error:
        taken.error = error
    else:
        taken.item = item
        taken.body_sha256 = hashlib.sha256(item.model_dump_json().encode()).hexdigest()
    return taken


def _refuse_strangers(context: ServerContext, unit: UnitOfWork, taken: Sequence[_Taken]) -> None:
    """Refuse clock events of people who are not known here."""
    named = {one.item.person_id for one in taken if isinstance(one.item, ClockEventItem)}
    known = _KNOWN_PEOPLE.get(context.engine)
    if known is None:
        known = _KNOWN_PEOPLE[context.engine] = unit.people.all_ids()
    if not named <= known:
        known |= unit.people.known(named - known)
    for one in taken:
        if isinstance(one.item, ClockEventItem) and one.item.person_id not in known:
            one.error = CourtclockError("item.person_unknown")


def _store(
    unit: UnitOfWork, kiosk: KioskRecord, run: Sequence[_Taken], received_at: datetime, offset_seconds: float
) -> None:
    """Store items of one kind, each once; whoever was there already must have the same content."""
    if isinstance(run[0].item, VoidItem):
        for one in run:
            _refuse_void_of_others(unit, kiosk, one)
    offered: dict[UUID, _Taken] = {}
    again: list[tuple[_Taken, str | None]] = []
    for one in run:
        if one.error is not None or one.item is None:
            continue
        if one.item.item_id in offered:
            again.append((one, offered[one.item.item_id].body_sha256))
        else:
            offered[one.item.item_id] = one
    items = [(one.item, one.body_sha256) for one in offered.values() if one.item is not None]
    new = unit.items.add(kiosk.kiosk_id, items, received_at, offset_seconds)
    for item_id, one in offered.items():
        one.stored = item_id in new
        if not one.stored and one.item is not None:
            again.append((one, unit.items.body_sha256(one.item)))
    for one, body_sha256 in again:
        if body_sha256 != one.body_sha256:
            one.error = CourtclockError("item.conflicting")


def _refuse_void_of_others(unit: UnitOfWork, kiosk: KioskRecord, one: _Taken) -> None:
    if not isinstance(one.item, VoidItem):
        raise TypeError(f"not a void: {one.raw}")
    event = None if _moment_of(one.item.voided_event_id) is None else unit.items.event(one.item.voided_event_id)
    # A kiosk may take back what it said itself, nothing else.
    if event is None or event.kiosk_id != kiosk.kiosk_id:
        one.error = CourtclockError("item.void_without_event")


def _touched(context: ServerContext, unit: UnitOfWork, taken: Sequence[_Taken]) -> set[tuple[UUID, date]]:
    """Exactly the workdays that what is new can change."""
    moments: list[tuple[UUID, datetime]] = []
    for one in taken:
        if not one.stored:
            continue
        if isinstance(one.item, ClockEventItem):
            moments.append((one.item.person_id, one.item.captured_at))
        elif isinstance(one.item, VoidItem):
            event = unit.items.event(one.item.voided_event_id)
            if event is not None:
                moments.append((event.person_id, event.captured_at))
    if not moments:
        return set()
    rules = rules_in_force(context, unit)
    rosters = rosters_of(unit, {person_id for person_id, _ in moments})
    return touched_workdays(rules, rosters, moments)


def _keep_refused(
    unit: UnitOfWork, kiosk: KioskRecord, item_id: str, code: str, raw: dict[str, Any], received_at: datetime
) -> None:
    # PostgreSQL takes neither NaN in JSON nor NUL in text; an item without an identifier is known by its content.
    body = json.loads(json.dumps(raw), parse_constant=str)
    unit.items.add_refused(kiosk.kiosk_id, item_id.replace("\x00", "�") or _digest(raw), code, body, received_at)


def _digest(raw: dict[str, Any]) -> str:
    return hashlib.sha256(_in_one_form.encode(raw).encode()).hexdigest()


def _moment_of(item_id: UUID) -> datetime | None:
    """The moment in an identifier; None where it holds none, or one after the last day of the calendar."""
    try:
        return moment_of(item_id)
    except (ValueError, OverflowError):
        return None
