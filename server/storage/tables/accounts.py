"""Who may sign in, and who looked at whose data."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, String, Table

from server.storage.tables.metadata import metadata
from server.storage.types import UtcTime, UuidText

account: Final = Table(
    "account",
    metadata,
    Column("account_id", UuidText, primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("password_hash", String(200), nullable=False),
    Column(
        "role",
        String(20),
        CheckConstraint("role IN ('hr', 'head', 'vice_president', 'president', 'employee')", name="role"),
        nullable=False,
    ),
    Column("division_id", ForeignKey("division.division_id")),
    Column("person_id", ForeignKey("person.person_id")),
    Column("email", String(254)),
    Column("language", String(2)),
    Column("active", Boolean, nullable=False),
    Column("failed_tries", Integer, nullable=False),
    Column("last_failed_at", UtcTime),
)

session: Final = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", ForeignKey("account.account_id"), nullable=False, index=True),
    Column("started_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime, nullable=False),
)

# Who looked at or took away whose data, beyond the own.
access_log: Final = Table(
    "access_log",
    metadata,
    Column("entry_id", UuidText, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("username", String(64), nullable=False),
    Column("what", String(40), nullable=False),
    Column("scope", String(200), nullable=False),
    Column("form", String(10), nullable=False),
)
