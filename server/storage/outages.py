"""Faults of the system, from when until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, select, update

from server.storage.inserting import insert_if_new
from server.storage.tables import outage

OutageKind = Literal["silent", "clock_jump", "camera", "declared"]


@dataclass(frozen=True, slots=True)
class OutageRecord:
    """One fault.

    Attributes:
        kiosk_id: None where HR declared one of the whole system.
        kind: ``silent``: not heard; ``clock_jump``: its clock moved; ``camera``: it could not see; ``declared`` by HR.
        ended_at: None while it lasts.
        detail: figures, such as by how many seconds a clock jumped.
    """

    outage_id: UUID
    kiosk_id: UUID | None
    kind: OutageKind
    began_at: datetime
    ended_at: datetime | None
    detail: dict[str, Any]
    noted_by: str
    noted_at: datetime


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
        row = self._connection.execute(select(outage).where(outage.c.outage_id == outage_id)).one_or_none()
        return None if row is None else OutageRecord(*row)

    def lasting(self, kiosk_id: UUID, kind: OutageKind) -> OutageRecord | None:
        """The outage of a kind that has not ended."""
        row = self._connection.execute(
            select(outage)
            .where(outage.c.kiosk_id == kiosk_id, outage.c.kind == kind, outage.c.ended_at.is_(None))
            .order_by(outage.c.began_at.desc())
            .limit(1)
        ).one_or_none()
        return None if row is None else OutageRecord(*row)

    def end(self, outage_id: UUID, ended_at: datetime) -> None:
        """It is over."""
        self._connection.execute(update(outage).where(outage.c.outage_id == outage_id).values(ended_at=ended_at))

    def newest(self, most: int) -> Sequence[OutageRecord]:
        """The newest outages, newest first."""
        rows = self._connection.execute(select(outage).order_by(outage.c.began_at.desc()).limit(most))
        return [OutageRecord(*row) for row in rows]
