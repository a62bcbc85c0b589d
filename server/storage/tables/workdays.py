"""Derived workdays, and which must be derived again."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from server.storage.tables.metadata import metadata
from server.storage.types import UtcTime, UuidText

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
