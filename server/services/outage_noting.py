"""Faults as they are seen: kiosks that fall silent, wrong clocks, cameras, and the server's own downtime."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from models.wire import KioskHealth
from server.services.context import ServerContext
from server.storage.kiosks import LastSeen
from server.storage.outages import OutageKind, OutageRecord
from server.storage.unit_of_work import UnitOfWork

NOTED_BY: Final = "Courtclock"
"""Who notes what no person has declared."""

FaultKind = Literal["camera", "engine", "outbox"]


def fault_kind(code: str) -> FaultKind:
    """Which part of a kiosk failed, by the code that it reports: camera, saving, or else recognition."""
    if code.startswith("camera."):
        return "camera"
    return "outbox" if code.startswith("outbox.") else "engine"


def note_heartbeat(
    context: ServerContext,
    unit: UnitOfWork,
    kiosk_id: UUID,
    before: LastSeen | None,
    now: datetime,
    clock_offset_seconds: float,
    health: KioskHealth,
) -> None:
    """See in a heartbeat what had failed since the one before, what fails, and what is over.

    Args:
        context: the server's parts.
        unit: in which the heartbeat is stored.
        kiosk_id: whose heartbeat it is.
        before: the one before; None for the first.
        now: the server's time.
        clock_offset_seconds: how far the kiosk's clock is ahead of it.
        health: what the kiosk says.
    """
    up_since = _note_server_seen(context, unit, now)
    # Only after that: whoever waited for another process sees what it has noted.
    kiosk = _Kiosk(unit, kiosk_id, unit.outages.lasting(kiosk_id), now, now if before is None else before.seen_at)
    _note_silence(context, kiosk, before, up_since, health)
    _note_clock(context, kiosk, before, clock_offset_seconds)
    _note_fault(kiosk, health)


def note_silent_kiosks(context: ServerContext) -> None:
    """See which kiosks have fallen silent; each is out from its last heartbeat until the next one, or being revoked.

    A kiosk that was never heard is being set up. While the server was down it heard nobody: that is one outage of the
    server, and kiosks are given their time anew.
    """
    now = context.clock.now()
    with context.unit() as unit:
        up_since = _note_server_seen(context, unit, now)
        for sight in unit.kiosks.sights():
            if sight.revoked_at is not None or sight.seen_at is None:
                continue
            if _silent_for(sight.seen_at, up_since, now) > _silence_allowed(context):
                kiosk = _Kiosk(unit, sight.kiosk_id, unit.outages.lasting(sight.kiosk_id), now, sight.seen_at)
                if kiosk.lasting_one("silent") is None:
                    kiosk.note("silent", lasts=True)
        unit.commit()


def end_lasting(unit: UnitOfWork, kiosk_id: UUID, now: datetime) -> None:
    """Nothing lasts at a kiosk that is in use no more."""
    for record in unit.outages.lasting(kiosk_id):
        unit.outages.end(record, now, record.detail)


@dataclass(frozen=True, slots=True)
class _Kiosk:
    """What is known of a kiosk at one moment.

    Attributes:
        since: the last moment before ``now`` of which the server knows how the kiosk fared.
    """

    unit: UnitOfWork
    kiosk_id: UUID
    lasting: list[OutageRecord]
    now: datetime
    since: datetime

    def lasting_one(self, kind: OutageKind) -> OutageRecord | None:
        return next((record for record in self.lasting if record.kind == kind), None)

    def note(self, kind: OutageKind, *, lasts: bool, **detail: Any) -> None:
        # A server's clock that was set back must not make an outage end before it began.
        began_at = min(self.since, self.now)
        ended_at = None if lasts else self.now
        record = OutageRecord(uuid.uuid4(), self.kiosk_id, kind, began_at, ended_at, detail, NOTED_BY, self.now)
        self.unit.outages.add(record)


def _note_server_seen(context: ServerContext, unit: UnitOfWork, now: datetime) -> datetime | None:
    """The server is up, and was not if that is news; gives when its last downtime ended."""
    before = unit.outages.note_server_seen(now)
    if before is not None and now - before > _silence_allowed(context):
        seconds = round((now - before).total_seconds())
        unit.outages.add(OutageRecord(uuid.uuid4(), None, "server", before, now, {"seconds": seconds}, NOTED_BY, now))
    return unit.outages.server_up_since()


def _silence_allowed(context: ServerContext) -> timedelta:
    return timedelta(seconds=context.settings.attendance.silent_kiosk_seconds)


def _silent_for(seen_at: datetime, up_since: datetime | None, now: datetime) -> timedelta:
    return now - (seen_at if up_since is None else max(seen_at, up_since))


def _note_silence(
    context: ServerContext, kiosk: _Kiosk, before: LastSeen | None, up_since: datetime | None, health: KioskHealth
) -> None:
    # What waited on the kiosk shows whether it went on working without the network.
    waiting = health.queue_length
    lasting = kiosk.lasting_one("silent")
    if lasting is not None:
        seconds = round((kiosk.now - lasting.began_at).total_seconds())
        kiosk.unit.outages.end(lasting, kiosk.now, {"seconds": seconds, "waiting": waiting})
    elif before is not None and _silent_for(before.seen_at, up_since, kiosk.now) > _silence_allowed(context):
        seconds = round((kiosk.now - before.seen_at).total_seconds())
        kiosk.note("silent", lasts=False, seconds=seconds, waiting=waiting)


def _note_clock(context: ServerContext, kiosk: _Kiosk, before: LastSeen | None, offset_seconds: float) -> None:
    """A clock is wrong from the last heartbeat at which it was right until the next one at which it is right again."""
    allowed = context.settings.attendance.clock_jump_seconds
    is_wrong = abs(offset_seconds) > allowed
    lasting = kiosk.lasting_one("clock")
    if lasting is not None:
        if is_wrong and abs(offset_seconds - float(lasting.detail["seconds"])) <= allowed:
            return
        kiosk.unit.outages.end(lasting, kiosk.now, lasting.detail)
    if is_wrong:
        kiosk.note("clock", lasts=True, seconds=round(offset_seconds, 1))
    elif lasting is None and before is not None and abs(offset_seconds - before.clock_offset_seconds) > allowed:
        kiosk.note("clock_jump", lasts=False, seconds=round(offset_seconds - before.clock_offset_seconds, 1))


def _note_fault(kiosk: _Kiosk, health: KioskHealth) -> None:
    code = health.camera_fault
    failed = None if code is None else fault_kind(code)
    kinds: tuple[FaultKind, ...] = ("camera", "engine", "outbox")
    for kind in kinds:
        lasting = kiosk.lasting_one(kind)
        if kind == failed and lasting is None:
            kiosk.note(kind, lasts=True, fault=code)
        elif kind != failed and lasting is not None:
            kiosk.unit.outages.end(lasting, kiosk.now, lasting.detail)
