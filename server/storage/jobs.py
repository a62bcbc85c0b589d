"""Jobs as rows, one for each (job, period)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, or_, select, update

from server.storage.inserting import insert_if_new
from server.storage.published import PublishedReports
from server.storage.records import JobRunRecord
from server.storage.retention import RetentionRepository
from server.storage.tables import job_run, workday


class JobRepository(PublishedReports):
    """Job runs and the reports that they make, on one connection.

    Attributes:
        retention: what the retention job deletes.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.retention = RetentionRepository(connection)

    def claim(self, job: str, period: str, at: datetime, stale_before: datetime, failed_before: datetime) -> int | None:
        """Try to be the one who runs this period; gives the number of the try, None when it is not free.

        A period is free when nobody claimed it, when it failed before ``failed_before``, or when whoever claimed it
        was last heard before ``stale_before`` and so must have died. A moment that lies as far ahead of ``at`` is of
        a clock that was set back since; nobody waits for it. The database decides: of any number of processes that
        try at once, one is given a number.
        """
        if insert_if_new(
            self._connection,
            job_run,
            {"job": job, "period": period, "state": "claimed", "tries": 1, "claimed_at": at},
        ):
            return 1
        ahead = at + (at - stale_before)
        heard_at = func.coalesce(job_run.c.finished_at, job_run.c.claimed_at)
        return self._connection.execute(
            update(job_run)
            .where(
                job_run.c.job == job,
                job_run.c.period == period,
                or_(
                    (job_run.c.state == "failed")
                    & ((job_run.c.finished_at < failed_before) | (job_run.c.finished_at > ahead)),
                    (job_run.c.state == "claimed") & ((heard_at < stale_before) | (heard_at > ahead)),
                ),
            )
            .values(state="claimed", tries=job_run.c.tries + 1, claimed_at=at, finished_at=None, error=None)
            .returning(job_run.c.tries)
        ).scalar()

    def renew(self, job: str, period: str, tries: int, at: datetime) -> bool:
        """Say that whoever made this try is still at it; False when the period was taken over."""
        changed = self._connection.execute(update(job_run).where(*_this_try(job, period, tries)).values(finished_at=at))
        return changed.rowcount == 1

    def give_back(self, job: str, period: str, tries: int, before: JobRunRecord | None = None) -> bool:
        """Let the period be as it was before this try; False when it was taken over.

        Args:
            job, period: which one.
            tries: number of the try.
            before: the run as it was found; None when there was none.
        """
        this_try = _this_try(job, period, tries)
        if before is None or before.tries != tries - 1:
            return self._connection.execute(delete(job_run).where(*this_try)).rowcount == 1
        values = {
            "state": before.state,
            "tries": before.tries,
            "claimed_at": before.claimed_at,
            "finished_at": before.finished_at,
            "error": before.error,
        }
        return self._connection.execute(update(job_run).where(*this_try).values(**values)).rowcount == 1

    def run_again(self, job: str, period: str, at: datetime, error: str) -> bool:
        """Let a period that is done be run once more; False when it is not done."""
        changed = self._connection.execute(
            update(job_run)
            .where(job_run.c.job == job, job_run.c.period == period, job_run.c.state == "done")
            .values(state="failed", finished_at=at, error=error)
        )
        return changed.rowcount == 1

    def finish(self, job: str, period: str, at: datetime, error: str | None, tries: int | None = None) -> bool:
        """The period is done, or failed with this error; False when it was taken over, and then nothing changes.

        Of two who ran it, the word of the last one to claim it stands; without ``tries`` that of the first to finish.
        """
        changed = self._connection.execute(
            update(job_run)
            .where(*_this_try(job, period, tries))
            .values(state="done" if error is None else "failed", finished_at=at, error=error)
        )
        return changed.rowcount == 1

    def done_periods(self, job: str, since: str = "") -> set[str]:
        """Periods of a job that are done, from one on; periods of one job sort by time."""
        return set(
            self._connection.execute(
                select(job_run.c.period).where(
                    job_run.c.job == job, job_run.c.state == "done", job_run.c.period >= since
                )
            ).scalars()
        )

    def done_after(self, moment: datetime) -> list[tuple[str, str]]:
        """Job and period of what is done and began after a moment, host time."""
        rows = self._connection.execute(
            select(job_run.c.job, job_run.c.period)
            .where(job_run.c.state == "done", job_run.c.claimed_at > moment)
            .order_by(job_run.c.period, job_run.c.job)
        )
        return [(row.job, row.period) for row in rows]

    def find(self, job: str, period: str) -> JobRunRecord | None:
        """The run of one period, None before the first try."""
        row = self._connection.execute(
            select(job_run).where(job_run.c.job == job, job_run.c.period == period)
        ).one_or_none()
        return None if row is None else _record(row)

    def last_of_each(self) -> dict[str, JobRunRecord]:
        """The run of each job that began last."""
        last = select(job_run.c.job, func.max(job_run.c.claimed_at).label("at")).group_by(job_run.c.job).subquery()
        rows = self._connection.execute(
            select(job_run)
            .join(last, and_(last.c.job == job_run.c.job, last.c.at == job_run.c.claimed_at))
            .order_by(job_run.c.job, job_run.c.period)
        )
        return {row.job: _record(row) for row in rows}

    def not_done(self) -> list[JobRunRecord]:
        """Runs that are under way or failed, by job and period."""
        rows = self._connection.execute(
            select(job_run).where(job_run.c.state != "done").order_by(job_run.c.job, job_run.c.period)
        )
        return [_record(row) for row in rows]

    def last_claimed_at(self, job: str) -> datetime | None:
        """When a period of this job was last begun."""
        return self._connection.execute(
            select(job_run.c.claimed_at).where(job_run.c.job == job).order_by(job_run.c.claimed_at.desc()).limit(1)
        ).scalar()

    def recent(self, most: int) -> list[JobRunRecord]:
        """The last runs, newest first."""
        rows = self._connection.execute(
            select(job_run)
            .order_by(job_run.c.claimed_at.desc(), job_run.c.period.desc(), job_run.c.job.desc())
            .limit(most)
        )
        return [_record(row) for row in rows]

    def final_workdays(self, first_day: date, last_day: date) -> set[tuple[UUID, date]]:
        """Workdays from one date to another, both included, that time alone does not change any more."""
        rows = self._connection.execute(
            select(workday.c.person_id, workday.c.day).where(
                workday.c.day >= first_day, workday.c.day <= last_day, workday.c.status.not_like("%pending%")
            )
        )
        return {(row.person_id, row.day) for row in rows}


def _this_try(job: str, period: str, tries: int | None) -> list[ColumnElement[bool]]:
    conditions = [job_run.c.job == job, job_run.c.period == period, job_run.c.state == "claimed"]
    return conditions if tries is None else [*conditions, job_run.c.tries == tries]


def _record(row: Row[Any]) -> JobRunRecord:
    # While a period is claimed, the column says when whoever runs it was last heard.
    finished_at = None if row.state == "claimed" else row.finished_at
    return JobRunRecord(row.job, row.period, row.state, row.tries, row.claimed_at, finished_at, row.error)
