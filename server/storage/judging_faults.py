"""Workdays that cannot be judged: which, why, and when that is tried again. They stay touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, insert, select

from server.storage.records import TouchedWorkday
from server.storage.tables import judging_fault, touched_workday

SAME_MARK: Final = and_(
    judging_fault.c.person_id == touched_workday.c.person_id,
    judging_fault.c.day == touched_workday.c.day,
    judging_fault.c.mark == touched_workday.c.mark,
)
"""Which fault is of which touch. What was touched since is another matter: it is tried at once."""


@dataclass(frozen=True, slots=True)
class JudgingFault:
    """A workday that could not be judged.

    Attributes:
        tries: that failed.
        next_try_at: host time.
        error: of the last try.
    """

    person_id: UUID
    day: date
    tries: int
    next_try_at: datetime
    error: str


class JudgingFaultRepository:
    """Faults of judging, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tries(self, touched: TouchedWorkday) -> int:
        """How often judging this touch has failed."""
        found = self._connection.execute(select(judging_fault.c.tries).where(*_of(touched, same_mark=True))).scalar()
        return found or 0

    def note(self, touched: TouchedWorkday, error: str, tries: int, next_try_at: datetime) -> None:
        """Judging this touch failed once more. Faults that are over are forgotten on the way."""
        self._connection.execute(delete(judging_fault).where(~exists().where(SAME_MARK)))
        self._connection.execute(delete(judging_fault).where(*_of(touched, same_mark=False)))
        self._connection.execute(
            insert(judging_fault).values(
                person_id=touched.person_id,
                day=touched.day,
                mark=touched.mark,
                tries=tries,
                next_try_at=next_try_at,
                # PostgreSQL takes no NUL in text.
                error=error.replace("\x00", "\N{REPLACEMENT CHARACTER}"),
            )
        )

    def all(self) -> list[JudgingFault]:
        """Those that are not over, by date."""
        rows = self._connection.execute(
            select(judging_fault)
            .join(touched_workday, SAME_MARK)
            .order_by(judging_fault.c.day, judging_fault.c.person_id)
        )
        return [JudgingFault(row.person_id, row.day, row.tries, row.next_try_at, row.error) for row in rows]

    def between(self, first_day: date, last_day: date) -> Sequence[JudgingFault]:
        """Those of workdays from one date to another, both included."""
        return [one for one in self.all() if first_day <= one.day <= last_day]


def _of(touched: TouchedWorkday, *, same_mark: bool) -> list[ColumnElement[bool]]:
    own = [judging_fault.c.person_id == touched.person_id, judging_fault.c.day == touched.day]
    return [*own, judging_fault.c.mark == touched.mark] if same_mark else own
