"""Kiosks, and what they sent: raw, inserted, never updated, never deleted."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, Date, Float, ForeignKey, Index, LargeBinary, String, Table

from server.storage.tables.metadata import metadata
from server.storage.types import UtcTime, UuidText

kiosk: Final = Table(
    "kiosk",
    metadata,
    Column("kiosk_id", UuidText, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sealed_gallery_key", LargeBinary, nullable=False),
    Column("paired_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
    # Since when the row stands for an older machine whose register was imported: no kiosk, and never listed as one.
    Column("register_since", UtcTime),
)

kiosk_seen: Final = Table(
    "kiosk_seen",
    metadata,
    Column("kiosk_id", ForeignKey("kiosk.kiosk_id"), primary_key=True),
    Column("seen_at", UtcTime, nullable=False),
    Column("clock_offset_seconds", Float, nullable=False),
    Column("health", JSON, nullable=False),
)

pairing_code: Final = Table(
    "pairing_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("kiosk_name", String(64), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
)

used_nonce: Final = Table(
    "used_nonce",
    metadata,
    Column("kiosk_id", ForeignKey("kiosk.kiosk_id"), primary_key=True),
    Column("nonce", String(64), primary_key=True),
    Column("seen_at", UtcTime, nullable=False, index=True),
)

# The key begins with the date out of the identifier, so that a large court can split by month.
clock_event: Final = Table(
    "clock_event",
    metadata,
    Column("event_date", Date, primary_key=True),
    Column("event_id", UuidText, primary_key=True),
    Column("kiosk_id", ForeignKey("kiosk.kiosk_id"), nullable=False),
    Column("device_seq", BigInteger, nullable=False),
    Column("person_id", ForeignKey("person.person_id"), nullable=False),
    Column("method", String(10), nullable=False),
    Column("captured_at", UtcTime, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("clock_offset_seconds", Float, nullable=False),
    Column("monotonic_seconds", Float, nullable=False),
    Column("boot_id", UuidText, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("body_sha256", String(64), nullable=False),
)
Index("ix_clock_event_person_captured", clock_event.c.person_id, clock_event.c.captured_at)
Index("ix_clock_event_kiosk_seq", clock_event.c.kiosk_id, clock_event.c.device_seq)

attempt: Final = Table(
    "attempt",
    metadata,
    Column("event_date", Date, primary_key=True),
    Column("attempt_id", UuidText, primary_key=True),
    Column("kiosk_id", ForeignKey("kiosk.kiosk_id"), nullable=False),
    Column("device_seq", BigInteger, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("captured_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("body_sha256", String(64), nullable=False),
)

void: Final = Table(
    "void",
    metadata,
    Column("void_id", UuidText, primary_key=True),
    Column("event_date", Date, nullable=False),
    Column("event_id", UuidText, nullable=False),
    Column("kiosk_id", ForeignKey("kiosk.kiosk_id"), nullable=False),
    Column("device_seq", BigInteger, nullable=False),
    Column("captured_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("body_sha256", String(64), nullable=False),
)
Index("ix_void_event", void.c.event_date, void.c.event_id)

refused_item: Final = Table(
    "refused_item",
    metadata,
    Column("kiosk_id", ForeignKey("kiosk.kiosk_id"), primary_key=True),
    Column("item_id", String(64), primary_key=True),
    Column("code", String(64), nullable=False),
    Column("body", JSON, nullable=False),
    Column("received_at", UtcTime, nullable=False),
)
