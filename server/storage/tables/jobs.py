"""What the server does by itself: jobs, published reports, mails, its clock."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, CheckConstraint, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from server.storage.tables.metadata import metadata
from server.storage.types import UtcTime

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
