"""Closing months."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from server.storage.tables.metadata import metadata
from server.storage.types import UtcTime, UuidText

month_lock: Final = Table(
    "month_lock",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("locked_by", String(100), nullable=False),
    Column("locked_at", UtcTime, nullable=False),
    # Since then its workdays are not kept any more: nobody may judge them from what is left.
    Column("deleted_at", UtcTime),
)

sheet_answer: Final = Table(
    "sheet_answer",
    metadata,
    Column("answer_id", UuidText, primary_key=True),
    Column("person_id", ForeignKey("person.person_id"), nullable=False, index=True),
    Column("month", String(7), nullable=False, index=True),
    Column("confirmed", Boolean, nullable=False),
    Column("remark", Text, nullable=False),
    # Of the verdicts that were shown, so that a later change is seen.
    Column("sheet_sha256", String(64), nullable=False),
    Column("given_by", String(100), nullable=False),
    Column("given_at", UtcTime, nullable=False),
)

# A workday of a locked month that was judged otherwise since; in force only when HR has signed it.
amendment: Final = Table(
    "amendment",
    metadata,
    Column("person_id", ForeignKey("person.person_id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column(
        "state",
        String(10),
        CheckConstraint("state IN ('proposed', 'signed', 'refused', 'overtaken')", name="state"),
        nullable=False,
    ),
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
    Column("proposed_at", UtcTime, nullable=False),
    Column("reason", Text),
    Column("decided_by", String(100)),
    Column("decided_at", UtcTime),
    # The month whose bulletin listed it; NULL until one has.
    Column("bulletin", String(7)),
)
Index("ix_amendment_state", amendment.c.state)
