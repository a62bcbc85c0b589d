"""Kiosks: pairing, keys, nonces, heartbeats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from server.storage.inserting import insert_if_new
from server.storage.records import KioskRecord, KioskSight
from server.storage.tables import kiosk, kiosk_seen, pairing_code, used_nonce

_IS_KIOSK: Final = kiosk.c.register_since.is_(None)


@dataclass(frozen=True, slots=True)
class LastSeen:
    """When a kiosk was last heard, and how far its clock was ahead then."""

    seen_at: datetime
    clock_offset_seconds: float


class KioskRepository:
    """The court's kiosks, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_pairing_code(self, code_hash: str, kiosk_name: str, made_at: datetime) -> None:
        """A code that may be used once."""
        self._connection.execute(
            insert(pairing_code).values(code_hash=code_hash, kiosk_name=kiosk_name, made_at=made_at)
        )

    def use_pairing_code(self, code_hash: str, made_after: datetime, at: datetime) -> str | None:
        """Use a code up; gives the kiosk's name, None when it is unknown, used or too old."""
        changed = self._connection.execute(
            update(pairing_code)
            .where(
                pairing_code.c.code_hash == code_hash,
                pairing_code.c.used_at.is_(None),
                pairing_code.c.made_at >= made_after,
            )
            .values(used_at=at)
        )
        if changed.rowcount != 1:
            return None
        name: str = self._connection.execute(
            select(pairing_code.c.kiosk_name).where(pairing_code.c.code_hash == code_hash)
        ).scalar_one()
        return name

    def add(self, record: KioskRecord) -> None:
        """A newly paired kiosk."""
        self._connection.execute(
            insert(kiosk).values(
                kiosk_id=record.kiosk_id,
                name=record.name,
                public_key=record.public_key,
                sealed_gallery_key=record.sealed_gallery_key,
                paired_at=record.paired_at,
            )
        )

    def by_id(self, kiosk_id: UUID) -> KioskRecord | None:
        """The kiosk with this identifier; none where it is an older machine's register."""
        row = self._connection.execute(select(kiosk).where(kiosk.c.kiosk_id == kiosk_id, _IS_KIOSK)).one_or_none()
        if row is None:
            return None
        return KioskRecord(
            row.kiosk_id, row.name, row.public_key, row.sealed_gallery_key, row.paired_at, row.revoked_at
        )

    def revoke(self, kiosk_id: UUID, at: datetime) -> bool:
        """Cut a kiosk off; False when it is unknown or revoked already."""
        changed = self._connection.execute(
            update(kiosk).where(kiosk.c.kiosk_id == kiosk_id, kiosk.c.revoked_at.is_(None)).values(revoked_at=at)
        )
        return changed.rowcount == 1

    def remember_nonce(self, kiosk_id: UUID, nonce: str, at: datetime) -> bool:
        """Take note of a request; False when this one came before."""
        return insert_if_new(self._connection, used_nonce, {"kiosk_id": kiosk_id, "nonce": nonce, "seen_at": at})

    def forget_nonces_before(self, moment: datetime) -> None:
        """Signatures older than this are refused for their age anyway."""
        self._connection.execute(delete(used_nonce).where(used_nonce.c.seen_at < moment))

    def last_seen(self, kiosk_id: UUID) -> LastSeen | None:
        """The newest heartbeat of a kiosk."""
        row = self._connection.execute(select(kiosk_seen).where(kiosk_seen.c.kiosk_id == kiosk_id)).one_or_none()
        return None if row is None else LastSeen(row.seen_at, row.clock_offset_seconds)

    def note_seen(self, kiosk_id: UUID, seen_at: datetime, clock_offset_seconds: float, health: dict[str, Any]) -> None:
        """A heartbeat."""
        values = {"seen_at": seen_at, "clock_offset_seconds": clock_offset_seconds, "health": health}
        if not insert_if_new(self._connection, kiosk_seen, {"kiosk_id": kiosk_id, **values}):
            self._connection.execute(update(kiosk_seen).where(kiosk_seen.c.kiosk_id == kiosk_id).values(**values))

    def names(self) -> dict[UUID, str]:
        """What kiosks are called, and the older machines whose registers were imported."""
        return {row.kiosk_id: row.name for row in self._connection.execute(select(kiosk.c.kiosk_id, kiosk.c.name))}

    def sights(self) -> list[KioskSight]:
        """All kiosks and how they fare."""
        query = select(kiosk, kiosk_seen).outerjoin(kiosk_seen).where(_IS_KIOSK).order_by(kiosk.c.name)
        rows = self._connection.execute(query)
        return [
            KioskSight(
                row.kiosk_id,
                row.name,
                row.revoked_at,
                row.seen_at,
                row.clock_offset_seconds,
                row.health,
            )
            for row in rows
        ]
