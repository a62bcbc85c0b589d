"""People, consent, templates, kiosks, raw items, workdays, jobs and reports."""

import sqlalchemy as sa
from alembic import op

from server.storage import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "division",
        sa.Column("division_id", types.UuidText(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("division_id", name=op.f("pk_division")),
        sa.UniqueConstraint("name", name=op.f("uq_division_name")),
    )
    op.create_table(
        "gallery_version",
        sa.Column("only_row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("only_row = 1", name=op.f("ck_gallery_version_one")),
        sa.PrimaryKeyConstraint("only_row", name=op.f("pk_gallery_version")),
    )
    op.create_table(
        "job_run",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claimed_at", types.UtcTime(), nullable=False),
        sa.Column("finished_at", types.UtcTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('claimed', 'done', 'failed')", name=op.f("ck_job_run_state")),
        sa.PrimaryKeyConstraint("job", "period", name=op.f("pk_job_run")),
    )
    op.create_table(
        "kiosk",
        sa.Column("kiosk_id", types.UuidText(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_gallery_key", sa.LargeBinary(), nullable=False),
        sa.Column("paired_at", types.UtcTime(), nullable=False),
        sa.Column("revoked_at", types.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("kiosk_id", name=op.f("pk_kiosk")),
    )
    op.create_table(
        "pairing_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("kiosk_name", sa.String(length=64), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("used_at", types.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_pairing_code")),
    )
    op.create_table(
        "report",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "period", name=op.f("pk_report")),
    )
    op.create_table(
        "attempt",
        sa.Column("event_date", sa.Date(), nullable=False),
        sa.Column("attempt_id", types.UuidText(), nullable=False),
        sa.Column("kiosk_id", types.UuidText(), nullable=False),
        sa.Column("device_seq", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("captured_at", types.UtcTime(), nullable=False),
        sa.Column("received_at", types.UtcTime(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosk.kiosk_id"], name=op.f("fk_attempt_kiosk_id")),
        sa.PrimaryKeyConstraint("event_date", "attempt_id", name=op.f("pk_attempt")),
    )
    op.create_table(
        "kiosk_seen",
        sa.Column("kiosk_id", types.UuidText(), nullable=False),
        sa.Column("seen_at", types.UtcTime(), nullable=False),
        sa.Column("clock_offset_seconds", sa.Float(), nullable=False),
        sa.Column("health", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosk.kiosk_id"], name=op.f("fk_kiosk_seen_kiosk_id")),
        sa.PrimaryKeyConstraint("kiosk_id", name=op.f("pk_kiosk_seen")),
    )
    op.create_table(
        "person",
        sa.Column("person_id", types.UuidText(), nullable=False),
        sa.Column("employee_no", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("division_id", types.UuidText(), nullable=True),
        sa.Column("pin_hash", sa.String(length=200), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["division_id"], ["division.division_id"], name=op.f("fk_person_division_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person")),
        sa.UniqueConstraint("employee_no", name=op.f("uq_person_employee_no")),
    )
    op.create_index(op.f("ix_person_division_id"), "person", ["division_id"], unique=False)
    op.create_table(
        "refused_item",
        sa.Column("kiosk_id", types.UuidText(), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("received_at", types.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosk.kiosk_id"], name=op.f("fk_refused_item_kiosk_id")),
        sa.PrimaryKeyConstraint("kiosk_id", "item_id", name=op.f("pk_refused_item")),
    )
    op.create_table(
        "used_nonce",
        sa.Column("kiosk_id", types.UuidText(), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("seen_at", types.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosk.kiosk_id"], name=op.f("fk_used_nonce_kiosk_id")),
        sa.PrimaryKeyConstraint("kiosk_id", "nonce", name=op.f("pk_used_nonce")),
    )
    op.create_index(op.f("ix_used_nonce_seen_at"), "used_nonce", ["seen_at"], unique=False)
    op.create_table(
        "void",
        sa.Column("void_id", types.UuidText(), nullable=False),
        sa.Column("event_date", sa.Date(), nullable=False),
        sa.Column("event_id", types.UuidText(), nullable=False),
        sa.Column("kiosk_id", types.UuidText(), nullable=False),
        sa.Column("device_seq", sa.BigInteger(), nullable=False),
        sa.Column("captured_at", types.UtcTime(), nullable=False),
        sa.Column("received_at", types.UtcTime(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosk.kiosk_id"], name=op.f("fk_void_kiosk_id")),
        sa.PrimaryKeyConstraint("void_id", name=op.f("pk_void")),
    )
    op.create_index("ix_void_event", "void", ["event_date", "event_id"], unique=False)
    op.create_table(
        "account",
        sa.Column("account_id", types.UuidText(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("division_id", types.UuidText(), nullable=True),
        sa.Column("person_id", types.UuidText(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failed_tries", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", types.UtcTime(), nullable=True),
        sa.CheckConstraint("role IN ('hr', 'head', 'employee')", name=op.f("ck_account_role")),
        sa.ForeignKeyConstraint(["division_id"], ["division.division_id"], name=op.f("fk_account_division_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "clock_event",
        sa.Column("event_date", sa.Date(), nullable=False),
        sa.Column("event_id", types.UuidText(), nullable=False),
        sa.Column("kiosk_id", types.UuidText(), nullable=False),
        sa.Column("device_seq", sa.BigInteger(), nullable=False),
        sa.Column("person_id", types.UuidText(), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("captured_at", types.UtcTime(), nullable=False),
        sa.Column("recorded_at", types.UtcTime(), nullable=False),
        sa.Column("received_at", types.UtcTime(), nullable=False),
        sa.Column("clock_offset_seconds", sa.Float(), nullable=False),
        sa.Column("monotonic_seconds", sa.Float(), nullable=False),
        sa.Column("boot_id", types.UuidText(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosk.kiosk_id"], name=op.f("fk_clock_event_kiosk_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_clock_event_person_id")),
        sa.PrimaryKeyConstraint("event_date", "event_id", name=op.f("pk_clock_event")),
    )
    op.create_index("ix_clock_event_kiosk_seq", "clock_event", ["kiosk_id", "device_seq"], unique=False)
    op.create_index("ix_clock_event_person_captured", "clock_event", ["person_id", "captured_at"], unique=False)
    op.create_table(
        "consent",
        sa.Column("consent_id", types.UuidText(), nullable=False),
        sa.Column("person_id", types.UuidText(), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("notice_version", sa.String(length=50), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", types.UtcTime(), nullable=False),
        sa.CheckConstraint("decision IN ('given', 'refused', 'withdrawn')", name=op.f("ck_consent_decision")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_consent_person_id")),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_person_id"), "consent", ["person_id"], unique=False)
    op.create_table(
        "template",
        sa.Column("template_id", types.UuidText(), nullable=False),
        sa.Column("person_id", types.UuidText(), nullable=False),
        sa.Column("model_id", sa.String(length=50), nullable=False),
        sa.Column("photo_sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed_vector", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_template_person_id")),
        sa.PrimaryKeyConstraint("template_id", name=op.f("pk_template")),
    )
    op.create_index(op.f("ix_template_person_id"), "template", ["person_id"], unique=False)
    op.create_index(
        "uq_template_person_photo_model", "template", ["person_id", "photo_sha256", "model_id"], unique=True
    )
    op.create_table(
        "touched_workday",
        sa.Column("person_id", types.UuidText(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("mark", types.UuidText(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_touched_workday_person_id")),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_touched_workday")),
    )
    op.create_table(
        "workday",
        sa.Column("person_id", types.UuidText(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=100), nullable=False),
        sa.Column("late_minutes", sa.Integer(), nullable=False),
        sa.Column("early_minutes", sa.Integer(), nullable=False),
        sa.Column("missing_points", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.Column("rule_version", sa.String(length=64), nullable=False),
        sa.Column("derived_at", types.UtcTime(), nullable=False),
        sa.Column("times_derived", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_workday_person_id")),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_workday")),
    )
    op.create_index("ix_workday_day", "workday", ["day"], unique=False)
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", types.UuidText(), nullable=False),
        sa.Column("started_at", types.UtcTime(), nullable=False),
        sa.Column("last_used_at", types.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"], name=op.f("fk_session_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_session_account_id"), table_name="session")
    op.drop_table("session")
    op.drop_index("ix_workday_day", table_name="workday")
    op.drop_table("workday")
    op.drop_table("touched_workday")
    op.drop_index("uq_template_person_photo_model", table_name="template")
    op.drop_index(op.f("ix_template_person_id"), table_name="template")
    op.drop_table("template")
    op.drop_index(op.f("ix_consent_person_id"), table_name="consent")
    op.drop_table("consent")
    op.drop_index("ix_clock_event_person_captured", table_name="clock_event")
    op.drop_index("ix_clock_event_kiosk_seq", table_name="clock_event")
    op.drop_table("clock_event")
    op.drop_table("account")
    op.drop_index("ix_void_event", table_name="void")
    op.drop_table("void")
    op.drop_index(op.f("ix_used_nonce_seen_at"), table_name="used_nonce")
    op.drop_table("used_nonce")
    op.drop_table("refused_item")
    op.drop_index(op.f("ix_person_division_id"), table_name="person")
    op.drop_table("person")
    op.drop_table("kiosk_seen")
    op.drop_table("attempt")
    op.drop_table("report")
    op.drop_table("pairing_code")
    op.drop_table("kiosk")
    op.drop_table("job_run")
    op.drop_table("gallery_version")
    op.drop_table("division")
