"""Column types that keep the ground rules: aware UTC times only, UUIDs as text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from models.clock import require_utc


class UtcTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC. A naive one raises: a time without its zone is never guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = require_utc(value)
        # SQLite has no zones: there the stored text is UTC by this type alone.
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        stored: datetime = value
        return stored.replace(tzinfo=UTC) if dialect.name == "sqlite" else stored.astimezone(UTC)


class UuidText(TypeDecorator[UUID]):
    """A UUID as its 36 characters, the same in both databases and in every export."""

    impl = String(36)
    cache_ok = True

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> UUID | None:
        return None if value is None else UUID(value)
