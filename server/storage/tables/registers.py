"""Registers of an older machine that were imported: which file, by whom and why, and whom they judge when."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, Column, Date, ForeignKey, Integer, String, Table, Text

from server.storage.tables.metadata import metadata
from server.storage.types import UtcTime, UuidText

# A line says what was imported; its clock events have import_id as boot_id. What is NULL is known at the end only.
register_import: Final = Table(
    "register_import",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("import_id", UuidText, nullable=False, unique=True),
    Column("kiosk_id", ForeignKey("kiosk.kiosk_id"), nullable=False),
    Column("file_name", String(255), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("entered_by", String(100), nullable=False),
    Column("entered_at", UtcTime, nullable=False),
    # Numbers of the imports of this source that had events of this file before.
    Column("rests_on", JSON, nullable=False),
    Column("first_day", Date),
    Column("last_day", Date),
    Column("people", Integer),
    Column("taken", Integer),
    Column("already_had", Integer),
    Column("refused", Integer),
    Column("finished_at", UtcTime),
)

# From which day until which day an import has somebody judged.
register_stretch: Final = Table(
    "register_stretch",
    metadata,
    Column("number", ForeignKey("register_import.number"), primary_key=True),
    Column("person_id", ForeignKey("person.person_id"), primary_key=True),
    Column("first_day", Date, primary_key=True),
    Column("last_day", Date, nullable=False),
)

# An import stays; that it holds no more is a word of its own.
register_taken_back: Final = Table(
    "register_taken_back",
    metadata,
    Column("number", ForeignKey("register_import.number"), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("entered_by", String(100), nullable=False),
    Column("entered_at", UtcTime, nullable=False),
    # NULL until every event is voided.
    Column("finished_at", UtcTime),
)
