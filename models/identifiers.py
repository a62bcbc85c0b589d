"""Identifiers that carry their own time (UUIDv7, RFC 9562)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from models.clock import require_utc

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def uuid7_at(moment: datetime) -> UUID:
    """A new UUIDv7 whose 48-bit timestamp is the given moment; the rest is random.

    Raises:
        ValueError: the moment is naive, or before 1970.
    """
    return _uuid7(moment, secrets.randbits(80))


def uuid7_of(moment: datetime, content: bytes) -> UUID:
    """The UUIDv7 of a moment and what happened then: the same two give the same identifier, whenever it is asked for.

    Raises:
        ValueError: the moment is naive, or before 1970.
    """
    return _uuid7(moment, int.from_bytes(hashlib.sha256(content).digest()[:10]))


def _uuid7(moment: datetime, rest: int) -> UUID:
    milliseconds = (require_utc(moment) - _EPOCH) // timedelta(milliseconds=1)
    if milliseconds < 0:
        raise ValueError(f"a UUIDv7 cannot hold a moment before 1970: {moment}")
    value = milliseconds << 80 | rest
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def moment_of(event_id: UUID) -> datetime:
    """The moment in a UUIDv7, aware, UTC, to the millisecond.

    Raises:
        ValueError: the identifier is of another version.
    """
    value = event_id.int
    if value >> 76 & 0xF != 7 or value >> 62 & 0x3 != 2:
        raise ValueError(f"not a UUIDv7: {event_id}")
    return _EPOCH + timedelta(milliseconds=value >> 80)


def event_date(event_id: UUID) -> date:
    """The UTC date in a UUIDv7: the partition of a clock event, the same at every retry."""
    return moment_of(event_id).date()
