"""People, divisions, consents and templates, and the operating point of all of them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from server.storage.tables.metadata import metadata
from server.storage.types import UtcTime, UuidText

division: Final = Table(
    "division",
    metadata,
    Column("division_id", UuidText, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
)

person: Final = Table(
    "person",
    metadata,
    Column("person_id", UuidText, primary_key=True),
    Column("employee_no", String(32), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("division_id", ForeignKey("division.division_id"), index=True),
    Column("pin_hash", String(200)),
    Column("active", Boolean, nullable=False),
    Column("joined_on", Date, nullable=False),
    Column("left_on", Date),
    # Days before joined_on that an imported register judges: pairs of a first and a last day; NULL for none. It follows
    # from register_stretch, and stands here because everything asks for it.
    Column("register_spans", JSON(none_as_null=True)),
)

# Appended to. Of the lines that begin on a day or before it the one that begins last counts; of those that begin
# together the one with the highest number. What ``person`` says is where somebody is now.
division_membership: Final = Table(
    "division_membership",
    metadata,
    Column("person_id", ForeignKey("person.person_id"), primary_key=True),
    Column("from_day", Date, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("division_id", ForeignKey("division.division_id")),
)

consent: Final = Table(
    "consent",
    metadata,
    Column("consent_id", UuidText, primary_key=True),
    Column("person_id", ForeignKey("person.person_id"), nullable=False, index=True),
    Column(
        "decision",
        String(10),
        CheckConstraint("decision IN ('given', 'refused', 'withdrawn')", name="decision"),
        nullable=False,
    ),
    Column("notice_version", String(50), nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("recorded_by", String(100), nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)

template: Final = Table(
    "template",
    metadata,
    Column("template_id", UuidText, primary_key=True),
    Column("person_id", ForeignKey("person.person_id"), nullable=False, index=True),
    Column("model_id", String(50), nullable=False),
    Column("photo_sha256", String(64), nullable=False),
    Column("sealed_vector", LargeBinary, nullable=False),
    # 0: the one that photographs are compared by; 1 and more: further encodings of the same photograph.
    Column("view", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)
Index(
    "uq_template_person_photo_model_view",
    template.c.person_id,
    template.c.photo_sha256,
    template.c.model_id,
    template.c.view,
    unique=True,
)

gallery_version: Final = Table(
    "gallery_version",
    metadata,
    Column("only_row", Integer, CheckConstraint("only_row = 1", name="one"), primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
)

operating_point: Final = Table(
    "operating_point",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("computed_at", UtcTime, nullable=False),
    Column("gallery_version", Integer, nullable=False),
    Column("model_id", String(50), nullable=False),
    Column("inputs_digest", String(64), nullable=False),
    Column("content", JSON, nullable=False),
)
