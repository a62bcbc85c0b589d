"""Locked months whose workdays were deleted are named; an amendment names the bulletin that listed it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from server.storage import types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_month_lock = sa.table(
    "month_lock",
    sa.column("month", sa.String),
    sa.column("locked_at", types.UtcTime()),
    sa.column("deleted_at", types.UtcTime()),
)
_workday = sa.table("workday", sa.column("day", sa.Date))
_person = sa.table("person", sa.column("person_id", types.UuidText()), sa.column("employee_no", sa.String))
_report = sa.table(
    "report",
    sa.column("kind", sa.String),
    sa.column("period", sa.String),
    sa.column("made_at", types.UtcTime()),
    sa.column("content", sa.JSON),
)
_amendment = sa.table(
    "amendment",
    sa.column("person_id", types.UuidText()),
    sa.column("day", sa.Date),
    sa.column("number", sa.Integer),
    sa.column("state", sa.String),
    sa.column("decided_at", types.UtcTime()),
    sa.column("bulletin", sa.String),
)


def upgrade() -> None:
    op.add_column("month_lock", sa.Column("deleted_at", types.UtcTime(), nullable=True))
    op.add_column("amendment", sa.Column("bulletin", sa.String(length=7), nullable=True))
    connection = op.get_bind()
    _name_deleted_months(connection)
    _name_bulletins(connection)


def downgrade() -> None:
    op.drop_column("amendment", "bulletin")
    op.drop_column("month_lock", "deleted_at")


def _name_deleted_months(connection: sa.Connection) -> None:
    """A month without a workday is not locked: where there is none, retention has deleted them."""
    for month, locked_at in connection.execute(sa.select(_month_lock.c.month, _month_lock.c.locked_at)).all():
        first = date.fromisoformat(f"{month}-01")
        following = (first + timedelta(days=31)).replace(day=1)
        kept = connection.execute(
            sa.select(_workday.c.day).where(_workday.c.day >= first, _workday.c.day < following).limit(1)
        ).first()
        if kept is None:
            connection.execute(sa.update(_month_lock).where(_month_lock.c.month == month).values(deleted_at=locked_at))


def _name_bulletins(connection: sa.Connection) -> None:
    """What a published bulletin lists is not listed again."""
    bulletins = connection.execute(
        sa.select(_report.c.period, _report.c.made_at, _report.c.content)
        .where(_report.c.kind == "month")
        .order_by(_report.c.made_at, _report.c.period)
    ).all()
    for period, made_at, content in bulletins:
        for line in content.get("amendments", []):
            _name_bulletin(connection, period, made_at, line)


def _name_bulletin(connection: sa.Connection, period: str, made_at: Any, line: list[Any]) -> None:
    person_id = sa.select(_person.c.person_id).where(_person.c.employee_no == line[0]).scalar_subquery()
    connection.execute(
        sa.update(_amendment)
        .where(
            _amendment.c.person_id == person_id,
            _amendment.c.day == date.fromisoformat(line[4]),
            _amendment.c.state == "signed",
            _amendment.c.decided_at <= made_at,
            _amendment.c.bulletin.is_(None),
        )
        .values(bulletin=period)
    )
