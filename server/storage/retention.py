"""Deletes rows whose time is over, so many at a time, each call one short transaction of its caller."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, delete, func, or_, select, tuple_

from server.storage.records import JobRunRecord
from server.storage.tables import (
    access_log,
    attempt,
    clock_event,
    job_run,
    session,
    touched_workday,
    used_nonce,
    void,
    workday,
)

_ONE_DAY: Final = timedelta(days=1)


class RetentionRepository:
    """Deletions, on one connection; each gives how many rows went, at most ``most``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def delete_attempts(self, received_before: datetime, most: int) -> int:
        """Attempts that came in before a moment."""
        return self._delete(attempt, attempt.c.received_at < received_before, most)

    def delete_access_log(self, before: datetime, most: int) -> int:
        """Who looked at whose data before a moment."""
        return self._delete(access_log, access_log.c.at < before, most)

    def delete_nonces(self, seen_before: datetime, most: int) -> int:
        """Nonces of signatures that are refused for their age by now."""
        return self._delete(used_nonce, used_nonce.c.seen_at < seen_before, most)

    def delete_sessions(self, started_before: datetime, used_before: datetime, most: int) -> int:
        """Sign-ins that have ended, by their length or unused."""
        ended = or_(session.c.started_at < started_before, session.c.last_used_at < used_before)
        return self._delete(session, ended, most)

    def old_job_runs(self, claimed_before: datetime) -> list[JobRunRecord]:
        """Job runs that began before a moment, without the last one of each job."""
        last = select(job_run.c.job, func.max(job_run.c.claimed_at).label("at")).group_by(job_run.c.job).subquery()
        rows = self._connection.execute(
            select(job_run)
            .join(last, last.c.job == job_run.c.job)
            .where(job_run.c.claimed_at < claimed_before, job_run.c.claimed_at < last.c.at)
        )
        return [
            JobRunRecord(row.job, row.period, row.state, row.tries, row.claimed_at, row.finished_at, row.error)
            for row in rows
        ]

    def delete_job_runs(self, runs: Collection[tuple[str, str]], claimed_before: datetime) -> int:
        """These runs by job and period, unless they began anew since."""
        key = tuple_(job_run.c.job, job_run.c.period)
        return self._connection.execute(
            delete(job_run).where(key.in_(list(runs)), job_run.c.claimed_at < claimed_before)
        ).rowcount

    def first_event_at(self) -> datetime | None:
        """The moment of the oldest clock event."""
        first = select(func.min(clock_event.c.event_date)).scalar_subquery()
        return self._connection.execute(
            select(func.min(clock_event.c.captured_at)).where(clock_event.c.event_date == first)
        ).scalar()

    def delete_events(self, start: datetime, end: datetime, received_before: datetime, most: int) -> tuple[int, int]:
        """Clock events from ``start`` until before ``end`` with their voids; gives how many of each.

        An event goes together with its void: without the void it would count again.
        """
        keys = [
            (row.event_date, row.event_id)
            for row in self._connection.execute(
                select(clock_event.c.event_date, clock_event.c.event_id)
                .where(
                    # The identifier's date is the key; it is of the same moment, up to the tolerance and the zone.
                    clock_event.c.event_date >= start.date() - _ONE_DAY,
                    clock_event.c.event_date <= end.date() + _ONE_DAY,
                    clock_event.c.captured_at >= start,
                    clock_event.c.captured_at < end,
                    clock_event.c.received_at < received_before,
                )
                .limit(most)
            )
        ]
        if not keys:
            return 0, 0
        voids = self._connection.execute(delete(void).where(tuple_(void.c.event_date, void.c.event_id).in_(keys)))
        events = self._connection.execute(
            delete(clock_event).where(tuple_(clock_event.c.event_date, clock_event.c.event_id).in_(keys))
        )
        return events.rowcount, voids.rowcount

    def delete_workdays(self, first_day: date, last_day: date, most: int) -> int:
        """Workdays from one date to another, both included."""
        return self._delete(workday, (workday.c.day >= first_day) & (workday.c.day <= last_day), most)

    def days_of_workdays(self, first_day: date, last_day: date) -> set[date]:
        """Dates from one to another, both included, of which there is any workday."""
        return self._days(workday, first_day, last_day)

    def touched_days(self, first_day: date, last_day: date) -> set[date]:
        """Dates from one to another, both included, of which a workday waits to be judged again."""
        return self._days(touched_workday, first_day, last_day)

    def _days(self, table: Table, first_day: date, last_day: date) -> set[date]:
        query = select(table.c.day).where(table.c.day >= first_day, table.c.day <= last_day).distinct()
        return set(self._connection.execute(query).scalars())

    def _delete(self, table: Table, expired: ColumnElement[bool], most: int) -> int:
        key = list(table.primary_key.columns)
        some = select(*key).where(expired).limit(most)
        return self._connection.execute(delete(table).where(tuple_(*key).in_(some))).rowcount
