"""Derived workdays, and which of them must be derived again."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, delete, select, update

from server.storage.inserting import insert_if_new, insert_or_change
from server.storage.records import TouchedWorkday, WorkdayRecord
from server.storage.tables import touched_workday, workday


def _in_order(person_day: tuple[UUID, date]) -> tuple[date, str]:
    # One order for everybody: two who lock several workdays never wait for each other.
    person_id, day = person_day
    return day, str(person_id)


class WorkdayRepository:
    """Workdays, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def touch(self, person_days: Iterable[tuple[UUID, date]]) -> None:
        """Mark workdays to be judged again."""
        for person_id, day in sorted(set(person_days), key=_in_order):
            row = {"person_id": person_id, "day": day, "mark": uuid.uuid4()}
            insert_or_change(self._connection, touched_workday, row, changing="mark")

    def touched(self, most: int) -> list[TouchedWorkday]:
        """The next workdays to judge again."""
        rows = self._connection.execute(
            select(touched_workday).order_by(touched_workday.c.day, touched_workday.c.person_id).limit(most)
        )
        found = [TouchedWorkday(row.person_id, row.day, row.mark) for row in rows]
        return sorted(found, key=lambda one: _in_order((one.person_id, one.day)))

    def settle(self, touched: TouchedWorkday) -> bool:
        """Deal with this touch; False when somebody else has, or a later touch has come, which stays.

        Until the end of the unit a new touch of the same workday waits, so whoever settles first and then judges has
        seen every event that this touch stands for.
        """
        changed = self._connection.execute(
            delete(touched_workday).where(
                touched_workday.c.person_id == touched.person_id,
                touched_workday.c.day == touched.day,
                touched_workday.c.mark == touched.mark,
            )
        )
        return changed.rowcount == 1

    def put(self, record: WorkdayRecord, derived_at: datetime) -> None:
        """Store a derived workday in place of an older derivation."""
        values = {
            "status": record.status,
            "late_minutes": record.late_minutes,
            "early_minutes": record.early_minutes,
            "missing_points": record.missing_points,
            "verdict": record.verdict,
            "rule_version": record.rule_version,
            "derived_at": derived_at,
        }
        row = {"person_id": record.person_id, "day": record.day, "times_derived": 1, **values}
        if not insert_if_new(self._connection, workday, row):
            self._connection.execute(
                update(workday)
                .where(workday.c.person_id == record.person_id, workday.c.day == record.day)
                .values(times_derived=workday.c.times_derived + 1, **values)
            )

    def of_day(self, day: date) -> list[WorkdayRecord]:
        """Everybody's workday of one date."""
        rows = self._connection.execute(select(workday).where(workday.c.day == day))
        return [
            WorkdayRecord(
                row.person_id,
                row.day,
                row.status,
                row.late_minutes,
                row.early_minutes,
                row.missing_points,
                row.verdict,
                row.rule_version,
            )
            for row in rows
        ]

    def times_derived(self) -> dict[tuple[UUID, date], int]:
        """How often each workday was derived."""
        rows = self._connection.execute(select(workday.c.person_id, workday.c.day, workday.c.times_derived))
        return {(row.person_id, row.day): row.times_derived for row in rows}
