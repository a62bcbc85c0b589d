"""Every table. Clock events, attempts and voids are raw: inserted, never updated, never deleted."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from server.storage.types import UtcTime, UuidText

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

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

account: Final = Table(
    "account",
    metadata,
    Column("account_id", UuidText, primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("password_hash", String(200), nullable=False),
    Column("role", String(10), CheckConstraint("role IN ('hr', 'head', 'employee')", name="role"), nullable=False),
    Column("division_id", ForeignKey("division.division_id")),
    Column("person_id", ForeignKey("person.person_id")),
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

kiosk: Final = Table(
    "kiosk",
    metadata,
    Column("kiosk_id", UuidText, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sealed_gallery_key", LargeBinary, nullable=False),
    Column("paired_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
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

workday: Final = Table(
    "workday",
    metadata,
    Column("person_id", ForeignKey("person.person_id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("status", String(100), nullable=False),
    Column("late_minutes", Integer, nullable=False),
    Column("early_minutes", Integer, nullable=False),
    Column("missing_points", Integer, nullable=False),
    Column("verdict", JSON, nullable=False),
    Column("rule_version", String(64), nullable=False),
    Column("derived_at", UtcTime, nullable=False),
    Column("times_derived", Integer, nullable=False),
)
Index("ix_workday_day", workday.c.day)

touched_workday: Final = Table(
    "touched_workday",
    metadata,
    Column("person_id", ForeignKey("person.person_id"), primary_key=True),
    Column("day", Date, primary_key=True),
    # A number that is new at each touch: derivation removes the mark that it saw, not a later one.
    Column("mark", UuidText, nullable=False),
)

job_run: Final = Table(
    "job_run",
    metadata,
    Column("job", String(40), primary_key=True),
    Column("period", String(20), primary_key=True),
    Column(
        "state", String(10), CheckConstraint("state IN ('claimed', 'done', 'failed')", name="state"), nullable=False
    ),
    Column("tries", Integer, nullable=False),
    Column("claimed_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("error", Text),
)

report: Final = Table(
    "report",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("period", String(20), primary_key=True),
    Column("made_at", UtcTime, nullable=False),
    Column("content", JSON, nullable=False),
)
