"""Published reports: one for each (kind, period), never changed; withdrawn only when one came before its time."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from server.storage.inserting import insert_if_new
from server.storage.records import ReportRecord
from server.storage.tables import replaced_report, report


class PublishedReports:
    """Reports, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_report(self, kind: str, period: str, made_at: datetime, content: dict[str, Any]) -> bool:
        """Publish a report; False when this period has one.

        One that was withdrawn stands again when it says the same; otherwise this one takes its place, and it is kept.
        """
        values = {"kind": kind, "period": period, "made_at": made_at, "content": content}
        if insert_if_new(self._connection, report, values):
            return True
        row = self._connection.execute(
            select(report).where(report.c.kind == kind, report.c.period == period).with_for_update()
        ).one()
        if row.withdrawn_at is None:
            return False
        this = report.c.kind == kind, report.c.period == period
        if _plain(row.content) == _plain(content):
            self._connection.execute(update(report).where(*this).values(withdrawn_at=None))
            return False
        kept = {"kind": kind, "period": period, "made_at": row.made_at, "content": row.content}
        self._connection.execute(insert(replaced_report).values(**kept, withdrawn_at=row.withdrawn_at))
        self._connection.execute(
            update(report).where(*this).values(made_at=made_at, content=content, withdrawn_at=None)
        )
        return True

    def withdraw_report(self, kind: str, period: str, at: datetime) -> bool:
        """Take back what was published before its time; False when nothing is published."""
        changed = self._connection.execute(
            update(report)
            .where(report.c.kind == kind, report.c.period == period, report.c.withdrawn_at.is_(None))
            .values(withdrawn_at=at)
        )
        return changed.rowcount == 1

    def withdrawn_report(self, kind: str, period: str) -> ReportRecord | None:
        """What is withdrawn and waits for the time at which it is due."""
        row = self._connection.execute(
            select(report).where(report.c.kind == kind, report.c.period == period, report.c.withdrawn_at.is_not(None))
        ).one_or_none()
        return None if row is None else ReportRecord(row.kind, row.period, row.made_at, row.content)

    def replaced_reports(self, kind: str, period: str) -> list[datetime]:
        """When those were published that came before their time and whose place another one took, oldest first."""
        return list(
            self._connection.execute(
                select(replaced_report.c.made_at)
                .where(replaced_report.c.kind == kind, replaced_report.c.period == period)
                .order_by(replaced_report.c.withdrawn_at)
            ).scalars()
        )

    def last_report_before(self, kind: str, period: str) -> ReportRecord | None:
        """The newest published report of a kind whose period lies before this one."""
        row = self._connection.execute(
            select(report)
            .where(report.c.kind == kind, report.c.period < period, report.c.withdrawn_at.is_(None))
            .order_by(report.c.period.desc())
            .limit(1)
        ).one_or_none()
        return None if row is None else ReportRecord(row.kind, row.period, row.made_at, row.content)

    def report(self, kind: str, period: str) -> ReportRecord | None:
        """A published report."""
        row = self._connection.execute(
            select(report).where(report.c.kind == kind, report.c.period == period, report.c.withdrawn_at.is_(None))
        ).one_or_none()
        return None if row is None else ReportRecord(row.kind, row.period, row.made_at, row.content)


def _plain(content: Any) -> str:
    return json.dumps(content, sort_keys=True)
