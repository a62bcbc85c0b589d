"""What people file and decide, and faults of the system."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, CheckConstraint, Column, Date, Float, ForeignKey, Integer, LargeBinary, String, Table, Text

from server.storage.tables.metadata import metadata
from server.storage.types import UtcTime, UuidText

# Leave, duty elsewhere, corrections and waivers. What became of one is its last step.
request: Final = Table(
    "request",
    metadata,
    Column("request_id", UuidText, primary_key=True),
    Column(
        "kind",
        String(12),
        CheckConstraint("kind IN ('leave', 'duty', 'correction', 'waiver')", name="kind"),
        nullable=False,
    ),
    # Kind of leave or of duty; of a correction the shift that it was filed for; empty for waivers.
    Column("name", String(60), nullable=False),
    Column("person_id", ForeignKey("person.person_id"), nullable=False, index=True),
    # Leave and duty: from, and until before; a correction: its moment, twice; a waiver: none.
    Column("starts_at", UtcTime),
    Column("ends_at", UtcTime),
    # Corrections and waivers: the workday and the clock point, which is NULL for the whole day. A waiver's may also be
    # -1, -2 and so on: the times off post of a stretch of work.
    Column("day", Date),
    Column("point", Integer),
    Column("outage_id", ForeignKey("outage.outage_id")),
    Column("needs_role", String(20), nullable=False),
    # Leave and duty: workdays, and those together with the requests that it was joined with; NULL where not measured.
    Column("days", Float),
    Column("days_together", Float),
    Column("joined", JSON),
    Column("reason", Text, nullable=False),
    Column("filed_by", String(100), nullable=False),
    Column("filed_at", UtcTime, nullable=False),
)

request_step: Final = Table(
    "request_step",
    metadata,
    Column("request_id", ForeignKey("request.request_id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column(
        "decision",
        String(12),
        CheckConstraint("decision IN ('approved', 'refused', 'withdrawn', 'returned')", name="decision"),
        nullable=False,
    ),
    # 'returned': leave ended earlier than it was approved for.
    Column("ends_at", UtcTime),
    Column("reason", Text, nullable=False),
    Column("decided_by", String(100), nullable=False),
    Column("decided_as", String(20), nullable=False),
    Column("decided_at", UtcTime, nullable=False),
)

attachment: Final = Table(
    "attachment",
    metadata,
    Column("attachment_id", UuidText, primary_key=True),
    Column("request_id", ForeignKey("request.request_id"), nullable=False, index=True),
    Column("file_name", String(200), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("added_by", String(100), nullable=False),
    Column("added_at", UtcTime, nullable=False),
    # The decision that was recorded from this paper.
    Column("step_number", Integer),
    Column("sealed_content", LargeBinary, nullable=False),
)

outage: Final = Table(
    "outage",
    metadata,
    Column("outage_id", UuidText, primary_key=True),
    Column("kiosk_id", ForeignKey("kiosk.kiosk_id"), index=True),
    Column(
        "kind",
        String(12),
        CheckConstraint(
            "kind IN ('silent', 'clock', 'clock_jump', 'camera', 'engine', 'outbox', 'server', 'declared')", name="kind"
        ),
        nullable=False,
    ),
    Column("began_at", UtcTime, nullable=False, index=True),
    # NULL while it lasts.
    Column("ended_at", UtcTime),
    Column("detail", JSON, nullable=False),
    Column("noted_by", String(100), nullable=False),
    Column("noted_at", UtcTime, nullable=False),
)

# A word of HR that a declared outage was none; the outage itself stays.
outage_retraction: Final = Table(
    "outage_retraction",
    metadata,
    Column("outage_id", ForeignKey("outage.outage_id"), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("retracted_by", String(100), nullable=False),
    Column("retracted_at", UtcTime, nullable=False),
)

# When the server last looked after its kiosks or was heard by one: what is long ago was its own downtime.
server_seen: Final = Table(
    "server_seen",
    metadata,
    Column("only_row", Integer, CheckConstraint("only_row = 1", name="one"), primary_key=True, autoincrement=False),
    Column("seen_at", UtcTime, nullable=False),
)
