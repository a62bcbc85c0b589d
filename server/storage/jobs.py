"""Jobs as rows, one for each (job, period), and the reports that they make."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from server.storage.inserting import insert_if_new
from server.storage.records import JobRunRecord, ReportRecord
from server.storage.tables import job_run, report


class JobRepository:
    """Job runs and reports, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, job: str, period: str, at: datetime, stale_before: datetime, failed_before: datetime) -> bool:
        """Try to be the one who runs this period.

        A period is free when nobody claimed it, when it failed a while ago, or when its claim is so
        old that whoever made it must have died. The database decides: of any number of
        processes that try at once, one is given True.
        """
        if insert_if_new(
            self._connection,
            job_run,
            {"job": job, "period": period, "state": "claimed", "tries": 1, "claimed_at": at},
        ):
            return True
        changed = self._connection.execute(
            update(job_run)
            .where(
                job_run.c.job == job,
                job_run.c.period == period,
                or_(
                    (job_run.c.state == "failed") & (job_run.c.finished_at < failed_before),
                    (job_run.c.state == "claimed") & (job_run.c.claimed_at < stale_before),
                ),
            )
            .values(state="claimed", tries=job_run.c.tries + 1, claimed_at=at, finished_at=None, error=None)
        )
        return changed.rowcount == 1

    def finish(self, job: str, period: str, at: datetime, error: str | None) -> None:
        """The period is done, or failed with this error. Of two who ran it, the first one's word stands."""
        self._connection.execute(
            update(job_run)
            .where(job_run.c.job == job, job_run.c.period == period, job_run.c.state == "claimed")
            .values(state="done" if error is None else "failed", finished_at=at, error=error)
        )

    def done_periods(self, job: str) -> set[str]:
        """Periods of a job that are done."""
        return set(
            self._connection.execute(
                select(job_run.c.period).where(job_run.c.job == job, job_run.c.state == "done")
            ).scalars()
        )

    def find(self, job: str, period: str) -> JobRunRecord | None:
        """The run of one period, None before the first try."""
        row = self._connection.execute(
            select(job_run).where(job_run.c.job == job, job_run.c.period == period)
        ).one_or_none()
        return None if row is None else _record(row)

    def last_claimed_at(self, job: str) -> datetime | None:
        """When a period of this job was last begun."""
        return self._connection.execute(
            select(job_run.c.claimed_at).where(job_run.c.job == job).order_by(job_run.c.claimed_at.desc()).limit(1)
        ).scalar()

    def recent(self, most: int) -> list[JobRunRecord]:
        """The last runs, newest first."""
        rows = self._connection.execute(select(job_run).order_by(job_run.c.claimed_at.desc()).limit(most))
        return [_record(row) for row in rows]

    def add_report(self, kind: str, period: str, made_at: datetime, content: dict[str, Any]) -> bool:
        """Publish a report; False when this period has one."""
        return insert_if_new(
            self._connection, report, {"kind": kind, "period": period, "made_at": made_at, "content": content}
        )

    def report(self, kind: str, period: str) -> ReportRecord | None:
        """A published report."""
        row = self._connection.execute(
            select(report).where(report.c.kind == kind, report.c.period == period)
        ).one_or_none()
        return None if row is None else ReportRecord(row.kind, row.period, row.made_at, row.content)


def _record(row: Row[Any]) -> JobRunRecord:
    return JobRunRecord(row.job, row.period, row.state, row.tries, row.claimed_at, row.finished_at, row.error)
