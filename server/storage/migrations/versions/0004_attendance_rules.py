"""Attendance rules: versions, calendar, rosters, requests, outages, month close, mail; workdays with all figures."""

import sqlalchemy as sa
from alembic import op

from server.storage import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OLD_ROLES = "role IN ('hr', 'head', 'employee')"
_NEW_ROLES = "role IN ('hr', 'head', 'vice_president', 'president', 'employee')"
_OLD_FIGURES = ("late_minutes", "early_minutes", "missing_points")
_NEW_FIGURES = (
    "arrivals",
    "departures",
    "late_times",
    "serious_late_times",
    "late_minutes",
    "early_times",
    "serious_early_times",
    "early_minutes",
    "missing_points",
    "absent_half_days",
    "off_post_times",
    "off_post_minutes",
    "excused_times",
    "leave_points",
    "duty_points",
)


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("entry_id", types.UuidText(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("form", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_access_log")),
    )
    op.create_index(op.f("ix_access_log_at"), "access_log", ["at"], unique=False)

    op.create_table(
        "calendar_edit",
        sa.Column("edit_id", types.UuidText(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.String(length=100), nullable=False),
        sa.Column("entered_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("edit_id", name=op.f("pk_calendar_edit")),
    )
    op.create_index(op.f("ix_calendar_edit_day"), "calendar_edit", ["day"], unique=False)

    op.create_table(
        "calendar_year",
        sa.Column("word_id", types.UuidText(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.String(length=100), nullable=False),
        sa.Column("entered_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("word_id", name=op.f("pk_calendar_year")),
    )
    op.create_table(
        "month_lock",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("locked_by", sa.String(length=100), nullable=False),
        sa.Column("locked_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_month_lock")),
    )
    op.create_table(
        "rule_version",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.String(length=100), nullable=False),
        sa.Column("entered_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rule_version")),
    )
    op.create_table(
        "outage",
        sa.Column("outage_id", types.UuidText(), nullable=False),
        sa.Column("kiosk_id", types.UuidText(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("began_at", types.UtcTime(), nullable=False),
        sa.Column("ended_at", types.UtcTime(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("noted_by", sa.String(length=100), nullable=False),
        sa.Column("noted_at", types.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosk.kiosk_id"], name=op.f("fk_outage_kiosk_id")),
        sa.CheckConstraint("kind IN ('silent', 'clock_jump', 'camera', 'declared')", name=op.f("ck_outage_kind")),
        sa.PrimaryKeyConstraint("outage_id", name=op.f("pk_outage")),
    )
    op.create_index(op.f("ix_outage_began_at"), "outage", ["began_at"], unique=False)
    op.create_index(op.f("ix_outage_kiosk_id"), "outage", ["kiosk_id"], unique=False)

    op.create_table(
        "amendment",
        sa.Column("person_id", types.UuidText(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("proposed_at", types.UtcTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.Column("decided_at", types.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_amendment_person_id")),
        sa.CheckConstraint("state IN ('proposed', 'signed', 'refused', 'overtaken')", name=op.f("ck_amendment_state")),
        sa.PrimaryKeyConstraint("person_id", "day", "number", name=op.f("pk_amendment")),
    )
    op.create_index("ix_amendment_state", "amendment", ["state"], unique=False)

    op.create_table(
        "request",
        sa.Column("request_id", types.UuidText(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("person_id", types.UuidText(), nullable=False),
        sa.Column("starts_at", types.UtcTime(), nullable=True),
        sa.Column("ends_at", types.UtcTime(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("point", sa.Integer(), nullable=True),
        sa.Column("outage_id", types.UuidText(), nullable=True),
        sa.Column("needs_role", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.String(length=100), nullable=False),
        sa.Column("filed_at", types.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["outage_id"], ["outage.outage_id"], name=op.f("fk_request_outage_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_request_person_id")),
        sa.CheckConstraint("kind IN ('leave', 'duty', 'correction', 'waiver')", name=op.f("ck_request_kind")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_request")),
    )
    op.create_index(op.f("ix_request_person_id"), "request", ["person_id"], unique=False)

    op.create_table(
        "roster_entry",
        sa.Column("entry_id", types.UuidText(), nullable=False),
        sa.Column("person_id", types.UuidText(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("pattern", sa.JSON(), nullable=False),
        sa.Column("follows_calendar", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.String(length=100), nullable=False),
        sa.Column("entered_at", types.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_roster_entry_person_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_roster_entry")),
    )
    op.create_index(op.f("ix_roster_entry_person_id"), "roster_entry", ["person_id"], unique=False)

    op.create_table(
        "sheet_answer",
        sa.Column("answer_id", types.UuidText(), nullable=False),
        sa.Column("person_id", types.UuidText(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("sheet_sha256", sa.String(length=64), nullable=False),
        sa.Column("given_by", sa.String(length=100), nullable=False),
        sa.Column("given_at", types.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_sheet_answer_person_id")),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_sheet_answer")),
    )
    op.create_index(op.f("ix_sheet_answer_month"), "sheet_answer", ["month"], unique=False)
    op.create_index(op.f("ix_sheet_answer_person_id"), "sheet_answer", ["person_id"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("attachment_id", types.UuidText(), nullable=False),
        sa.Column("request_id", types.UuidText(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.request_id"], name=op.f("fk_attachment_request_id")),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_request_id"), "attachment", ["request_id"], unique=False)

    op.create_table(
        "outgoing_mail",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("account_id", types.UuidText(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", types.UtcTime(), nullable=False),
        sa.Column("sent_at", types.UtcTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"], name=op.f("fk_outgoing_mail_account_id")),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'given_up')", name=op.f("ck_outgoing_mail_state")),
        sa.PrimaryKeyConstraint("kind", "period", "account_id", name=op.f("pk_outgoing_mail")),
    )
    op.create_index("ix_outgoing_mail_state", "outgoing_mail", ["state", "next_try_at"], unique=False)

    op.create_table(
        "request_step",
        sa.Column("request_id", types.UuidText(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("ends_at", types.UtcTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=100), nullable=False),
        sa.Column("decided_as", sa.String(length=20), nullable=False),
        sa.Column("decided_at", types.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.request_id"], name=op.f("fk_request_step_request_id")),
        sa.CheckConstraint(
            "decision IN ('approved', 'refused', 'withdrawn', 'returned')", name=op.f("ck_request_step_decision")
        ),
        sa.PrimaryKeyConstraint("request_id", "number", name=op.f("pk_request_step")),
    )
    op.add_column("account", sa.Column("email", sa.String(length=254), nullable=True))
    op.add_column("account", sa.Column("language", sa.String(length=2), nullable=True))
    _change_roles(_NEW_ROLES, 20)
    op.add_column("person", sa.Column("left_on", sa.Date(), nullable=True))
    # Workdays are derived: they are derived again, with the figures that they had not.
    _touch_every_workday()
    op.drop_index("ix_workday_day", table_name="workday")
    op.drop_table("workday")
    _create_workday(120, _NEW_FIGURES)


def downgrade() -> None:
    _touch_every_workday()
    op.drop_index("ix_workday_day", table_name="workday")
    op.drop_table("workday")
    _create_workday(100, _OLD_FIGURES)
    op.drop_column("person", "left_on")
    op.drop_table("request_step")
    op.drop_index("ix_outgoing_mail_state", table_name="outgoing_mail")

    op.drop_table("outgoing_mail")
    op.drop_index(op.f("ix_attachment_request_id"), table_name="attachment")

    op.drop_table("attachment")
    op.drop_index(op.f("ix_sheet_answer_person_id"), table_name="sheet_answer")
    op.drop_index(op.f("ix_sheet_answer_month"), table_name="sheet_answer")

    op.drop_table("sheet_answer")
    op.drop_index(op.f("ix_roster_entry_person_id"), table_name="roster_entry")

    op.drop_table("roster_entry")
    op.drop_index(op.f("ix_request_person_id"), table_name="request")

    op.drop_table("request")
    op.drop_index("ix_amendment_state", table_name="amendment")

    op.drop_table("amendment")
    op.drop_index(op.f("ix_outage_kiosk_id"), table_name="outage")
    op.drop_index(op.f("ix_outage_began_at"), table_name="outage")

    op.drop_table("outage")
    op.drop_table("rule_version")
    op.drop_table("month_lock")
    op.drop_table("calendar_year")
    op.drop_index(op.f("ix_calendar_edit_day"), table_name="calendar_edit")

    op.drop_table("calendar_edit")
    op.drop_index(op.f("ix_access_log_at"), table_name="access_log")

    op.drop_table("access_log")
    op.execute(sa.text("UPDATE account SET role = 'employee' WHERE role IN ('vice_president', 'president')"))
    _change_roles(_OLD_ROLES, 10)
    op.drop_column("account", "language")
    op.drop_column("account", "email")


def _change_roles(condition: str, length: int) -> None:
    if op.get_bind().dialect.name == "sqlite":
        # The table is made anew, and nothing may refer to it meanwhile: everybody signs in again.
        op.execute(sa.text("DELETE FROM session"))
        with op.batch_alter_table("account", recreate="always") as batch:
            batch.drop_constraint(op.f("ck_account_role"), type_="check")
            batch.alter_column("role", type_=sa.String(length=length), existing_nullable=False)
            batch.create_check_constraint(op.f("ck_account_role"), condition)
    else:
        op.drop_constraint(op.f("ck_account_role"), "account", type_="check")
        op.alter_column("account", "role", type_=sa.String(length=length), existing_nullable=False)
        op.create_check_constraint(op.f("ck_account_role"), "account", condition)


def _touch_every_workday() -> None:
    op.execute(
        sa.text(
            "INSERT INTO touched_workday (person_id, day, mark) "
            "SELECT person_id, day, '00000000-0000-4000-8000-000000000000' FROM workday WHERE true "
            "ON CONFLICT DO NOTHING"
        )
    )


def _create_workday(status_length: int, figures: tuple[str, ...]) -> None:
    op.create_table(
        "workday",
        sa.Column("person_id", types.UuidText(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=status_length), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in figures),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.Column("rule_version", sa.String(length=64), nullable=False),
        sa.Column("derived_at", types.UtcTime(), nullable=False),
        sa.Column("times_derived", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_workday_person_id")),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_workday")),
    )
    op.create_index("ix_workday_day", "workday", ["day"])
