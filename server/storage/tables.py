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
    Column("left_on", Date),
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
    Column("status", String(120), nullable=False),
    # The figures of server.attendance.verdicts.Tally, under the same names.
    Column("arrivals", Integer, nullable=False),
    Column("departures", Integer, nullable=False),
    Column("late_times", Integer, nullable=False),
    Column("serious_late_times", Integer, nullable=False),
    Column("late_minutes", Integer, nullable=False),
    Column("early_times", Integer, nullable=False),
    Column("serious_early_times", Integer, nullable=False),
    Column("early_minutes", Integer, nullable=False),
    Column("missing_points", Integer, nullable=False),
    Column("absent_half_days", Integer, nullable=False),
    Column("off_post_times", Integer, nullable=False),
    Column("off_post_minutes", Integer, nullable=False),
    Column("excused_times", Integer, nullable=False),
    Column("leave_points", Integer, nullable=False),
    Column("duty_points", Integer, nullable=False),
    Column("verdict", JSON, nullable=False),
    Column("rule_version", String(64), nullable=False),
    Column("derived_at", UtcTime, nullable=False),
    Column("times_derived", Integer, nullable=False),
    # When the next window closes that may change it; NULL when time alone does not, or when it is touched for that.
    Column("judge_again_at", UtcTime),
)
Index("ix_workday_day", workday.c.day)
# Of the few that are open, so that the others cost nothing.
Index(
    "ix_workday_judge_again_at",
    workday.c.judge_again_at,
    sqlite_where=workday.c.judge_again_at.is_not(None),
    postgresql_where=workday.c.judge_again_at.is_not(None),
)

touched_workday: Final = Table(
    "touched_workday",
    metadata,
    Column("person_id", ForeignKey("person.person_id"), primary_key=True),
    Column("day", Date, primary_key=True),
    # A number that is new at each touch: derivation removes the mark that it saw, not a later one.
    Column("mark", UuidText, nullable=False),
)

# A touched workday that could not be judged, as long as its mark is still this one.
judging_fault: Final = Table(
    "judging_fault",
    metadata,
    Column("person_id", ForeignKey("person.person_id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("mark", UuidText, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", UtcTime, nullable=False),
    Column("error", Text, nullable=False),
)

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
    Column("withdrawn_at", UtcTime),
)

# What was published before its time, by a clock that was ahead, and took another content when it was due.
replaced_report: Final = Table(
    "replaced_report",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("period", String(20), primary_key=True),
    Column("made_at", UtcTime, primary_key=True),
    Column("content", JSON, nullable=False),
    Column("withdrawn_at", UtcTime, nullable=False),
)

# What has no periods: one row each, for pages and verbs.
standing_work: Final = Table(
    "standing_work",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("began_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime, nullable=False),
    Column("handled", Integer, nullable=False),
    Column("error", Text),
)

# One row: how far the server's clock is believed.
server_clock: Final = Table(
    "server_clock",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("believed_at", UtcTime, nullable=False),
    Column("ahead_seconds", Float, nullable=False),
    Column("noticed_at", UtcTime),
    Column("confirmed_at", UtcTime),
    Column("confirmed_by", String(100)),
)

outgoing_mail: Final = Table(
    "outgoing_mail",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("period", String(20), primary_key=True),
    Column("account_id", ForeignKey("account.account_id"), primary_key=True),
    Column(
        "state", String(10), CheckConstraint("state IN ('waiting', 'sent', 'given_up')", name="state"), nullable=False
    ),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    Column("error", Text),
)
Index("ix_outgoing_mail_state", outgoing_mail.c.state, outgoing_mail.c.next_try_at)

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
