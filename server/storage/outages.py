"""Faults of the system, from when until when; and since when the server itself is up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Connection, Row, func, select, update

from server.storage.inserting import insert_if_new
from server.storage.tables import outage, outage_retraction, server_seen

OutageKind = Literal["silent", "clock", "clock_jump", "camera", "engine", "outbox", "server", "declared"]


@dataclass(frozen=True, slots=True)
class Retraction:
    """HR's word that an outage was none."""

    reason: str
    retracted_by: str
    retracted_at: datetime


@dataclass(frozen=True, slots=True)
class OutageRecord:
    """One fault.

    Attributes:
        kiosk_id: None where it concerned all of them.
        kind: ``silent``: not heard; ``clock``: its clock was wrong; ``clock_jump``: its clock moved, and was right
            before and after; ``camera``: it could not see; ``engine``: it could not recognise; ``outbox``: it could not
            save; ``server``: the server was not running; ``declared`` by HR.
        ended_at: None while it lasts.
        detail: figures, such as by how many seconds a clock was wrong.
        retraction: taken back; then it excuses nobody.
    """

    outage_id: UUID
    kiosk_id: UUID | None
    kind: OutageKind
    began_at: datetime
    ended_at: datetime | None
    detail: dict[str, Any]
    noted_by: str
    noted_at: datetime
    retraction: Retraction | None = None


_QUERY: Final = select(
    outage, outage_retraction.c.reason, outage_retraction.c.retracted_by, outage_retraction.c.retracted_at
).outerjoin(outage_retraction)


class OutageRepository:
    """Outages, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, record: OutageRecord) -> bool:
        """A further outage; False when one with this identifier is there already."""
        return insert_if_new(
            self._connection,
            outage,
            {
                "outage_id": record.outage_id,
                "kiosk_id": record.kiosk_id,
                "kind": record.kind,
                "began_at": record.began_at,
                "ended_at": record.ended_at,
                "detail": record.detail,
                "noted_by": record.noted_by,
                "noted_at": record.noted_at,
            },
        )

    def by_id(self, outage_id: UUID) -> OutageRecord | None:
        """One outage."""
        row = self._connection.execute(_QUERY.where(outage.c.outage_id == outage_id)).one_or_none()
        return None if row is None else _record(row)

    def hold(self, outage_id: UUID) -> None:
        """Let whoever else excuses by this outage, or takes it back, wait until this unit has ended."""
        self._connection.execute(select(outage.c.outage_id).where(outage.c.outage_id == outage_id).with_for_update())

    def lasting(self, kiosk_id: UUID) -> list[OutageRecord]:
        """The outages of a kiosk that have not ended, oldest first."""
        rows = self._connection.execute(
            _QUERY.where(outage.c.kiosk_id == kiosk_id, outage.c.ended_at.is_(None)).order_by(outage.c.began_at)
        )
        return [_record(row) for row in rows]

    def end(self, record: OutageRecord, ended_at: datetime, detail: dict[str, Any]) -> None:
        """It is over; ``detail`` is what is known of it then. It never ends before it began, whatever clocks say."""
        self._connection.execute(
            update(outage)
            .where(outage.c.outage_id == record.outage_id)
            .values(ended_at=max(record.began_at, ended_at), detail=detail)
        )

    def retract(self, outage_id: UUID, retraction: Retraction) -> bool:
        """Take it back; False when that was done before."""
        return insert_if_new(
            self._connection,
            outage_retraction,
            {
                "outage_id": outage_id,
                "reason": retraction.reason,
                "retracted_by": retraction.retracted_by,
                "retracted_at": retraction.retracted_at,
            },
        )

    def newest(self, most: int) -> Sequence[OutageRecord]:
        """The newest outages, newest first."""
        rows = self._connection.execute(_QUERY.order_by(outage.c.began_at.desc()).limit(most))
        return [_record(row) for row in rows]

    def note_server_seen(self, seen_at: datetime) -> datetime | None:
        """The server is up; gives when it was last seen before. Whoever notes it next waits until this unit ended."""
        if insert_if_new(self._connection, server_seen, {"only_row": 1, "seen_at": seen_at}):
            return None
        before: datetime = self._connection.execute(select(server_seen.c.seen_at).with_for_update()).scalar_one()
        self._connection.execute(update(server_seen).values(seen_at=seen_at))
        return before

    def server_up_since(self) -> datetime | None:
        """When the server's last downtime ended; None where none is known."""
        return self._connection.execute(select(func.max(outage.c.ended_at)).where(outage.c.kind == "server")).scalar()


def _record(row: Row[Any]) -> OutageRecord:
    taken_back = None if row.retracted_at is None else Retraction(row.reason, row.retracted_by, row.retracted_at)
    return OutageRecord(
        row.outage_id,
        row.kiosk_id,
        row.kind,
        row.began_at,
        row.ended_at,
        row.detail,
        row.noted_by,
        row.noted_at,
        taken_back,
    )
