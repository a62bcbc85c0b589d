"""What is expected of whom: appended to and never changed; the newest word counts."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Integer, String, Table, Text

from server.storage.tables.metadata import metadata
from server.storage.types import UtcTime, UuidText

# Rules, calendar and roster are appended to and never changed; the newest word counts.
rule_version: Final = Table(
    "rule_version",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("effective_from", Date, nullable=False),
    Column("version", String(64), nullable=False),
    Column("document", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("entered_by", String(100), nullable=False),
    Column("entered_at", UtcTime, nullable=False),
)

calendar_edit: Final = Table(
    "calendar_edit",
    metadata,
    Column("edit_id", UuidText, primary_key=True),
    Column("day", Date, nullable=False, index=True),
    # NULL takes earlier edits of the day back.
    Column("kind", String(20)),
    Column("name", String(100)),
    Column("reason", Text, nullable=False),
    Column("entered_by", String(100), nullable=False),
    Column("entered_at", UtcTime, nullable=False),
)

calendar_year: Final = Table(
    "calendar_year",
    metadata,
    Column("word_id", UuidText, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("entered_by", String(100), nullable=False),
    Column("entered_at", UtcTime, nullable=False),
)

# The official calendar as it was taken over from the package: a new version of it may know more, or say otherwise.
official_year: Final = Table(
    "official_year",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("days", JSON, nullable=False),
    Column("package_version", String(50), nullable=False),
    Column("taken_at", UtcTime, nullable=False),
)

roster_entry: Final = Table(
    "roster_entry",
    metadata,
    Column("entry_id", UuidText, primary_key=True),
    Column("person_id", ForeignKey("person.person_id"), nullable=False, index=True),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date),
    Column("pattern", JSON, nullable=False),
    Column("follows_calendar", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("entered_by", String(100), nullable=False),
    Column("entered_at", UtcTime, nullable=False),
)

# A roster entry stays; that it holds no more is a word of its own.
roster_taken_back: Final = Table(
    "roster_taken_back",
    metadata,
    Column("entry_id", ForeignKey("roster_entry.entry_id"), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("entered_by", String(100), nullable=False),
    Column("entered_at", UtcTime, nullable=False),
)
