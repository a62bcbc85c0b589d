"""Closed months: who confirmed what, what is locked, and the amendments since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, Row, func, insert, select, update

from server.storage.inserting import insert_if_new
from server.storage.tables import amendment, month_lock, sheet_answer

AmendmentState = Literal["proposed", "signed", "refused", "overtaken"]


@dataclass(frozen=True, slots=True)
class MonthLock:
    """A month that HR has locked."""

    month: str
    locked_by: str
    locked_at: datetime


@dataclass(frozen=True, slots=True)
class SheetAnswer:
    """What somebody said about the own month; the last one counts.

    Attributes:
        sheet_sha256: of the verdicts that were shown.
    """

    answer_id: UUID
    person_id: UUID
    month: str
    confirmed: bool
    remark: str
    sheet_sha256: str
    given_by: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class AmendmentRecord:
    """A workday of a locked month that would be judged otherwise now.

    Attributes:
        before, after: ``workdays.as_plain``; empty where there was, or is, no workday.
    """

    person_id: UUID
    day: date
    number: int
    state: AmendmentState
    before: dict[str, Any]
    after: dict[str, Any]
    proposed_at: datetime
    reason: str | None
    decided_by: str | None
    decided_at: datetime | None


class MonthRepository:
    """Months, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def locks(self) -> dict[str, MonthLock]:
        """Locked months, by month."""
        return {row.month: MonthLock(*row) for row in self._connection.execute(select(month_lock))}

    def lock(self, lock: MonthLock) -> bool:
        """Lock a month; False when it is locked already."""
        return insert_if_new(
            self._connection,
            month_lock,
            {"month": lock.month, "locked_by": lock.locked_by, "locked_at": lock.locked_at},
        )

    def add_answer(self, answer: SheetAnswer) -> None:
        """What somebody says about the own month."""
        self._connection.execute(
            insert(sheet_answer).values(
                answer_id=answer.answer_id,
                person_id=answer.person_id,
                month=answer.month,
                confirmed=answer.confirmed,
                remark=answer.remark,
                sheet_sha256=answer.sheet_sha256,
                given_by=answer.given_by,
                given_at=answer.given_at,
            )
        )

    def answers(self, month: str) -> dict[UUID, SheetAnswer]:
        """The last answer of each person for a month."""
        rows = self._connection.execute(
            select(sheet_answer)
            .where(sheet_answer.c.month == month)
            .order_by(sheet_answer.c.given_at, sheet_answer.c.answer_id)
        )
        return {row.person_id: SheetAnswer(*row) for row in rows}

    def propose(
        self, person_id: UUID, day: date, before: dict[str, Any], after: dict[str, Any], proposed_at: datetime
    ) -> None:
        """Note that a locked workday would be judged otherwise; an open proposal for it is overtaken."""
        opened = self.proposal(person_id, day)
        if opened is not None:
            if opened.after == after and opened.before == before:
                return
            self.decide(opened, "overtaken", None, None, proposed_at)
        if before == after:
            return
        last = self._connection.execute(
            select(func.max(amendment.c.number)).where(amendment.c.person_id == person_id, amendment.c.day == day)
        ).scalar()
        self._connection.execute(
            insert(amendment).values(
                person_id=person_id,
                day=day,
                number=(last or 0) + 1,
                state="proposed",
                before=before,
                after=after,
                proposed_at=proposed_at,
            )
        )

    def proposal(self, person_id: UUID, day: date) -> AmendmentRecord | None:
        """The open proposal for a workday."""
        row = self._connection.execute(
            select(amendment).where(
                amendment.c.person_id == person_id, amendment.c.day == day, amendment.c.state == "proposed"
            )
        ).one_or_none()
        return None if row is None else _record(row)

    def decide(
        self,
        record: AmendmentRecord,
        state: AmendmentState,
        reason: str | None,
        decided_by: str | None,
        decided_at: datetime,
    ) -> bool:
        """Sign, refuse or overtake an open proposal; False when somebody else was quicker."""
        changed = self._connection.execute(
            update(amendment)
            .where(
                amendment.c.person_id == record.person_id,
                amendment.c.day == record.day,
                amendment.c.number == record.number,
                amendment.c.state == "proposed",
            )
            .values(state=state, reason=reason, decided_by=decided_by, decided_at=decided_at)
        )
        return changed.rowcount == 1

    def amendments(self, states: Sequence[AmendmentState]) -> list[AmendmentRecord]:
        """Amendments in these states, by day."""
        rows = self._connection.execute(
            select(amendment)
            .where(amendment.c.state.in_(list(states)))
            .order_by(amendment.c.day, amendment.c.person_id, amendment.c.number)
        )
        return [_record(row) for row in rows]

    def signed_between(self, start: datetime, end: datetime) -> list[AmendmentRecord]:
        """Amendments signed from ``start`` until before ``end``."""
        rows = self._connection.execute(
            select(amendment)
            .where(amendment.c.state == "signed", amendment.c.decided_at >= start, amendment.c.decided_at < end)
            .order_by(amendment.c.day, amendment.c.person_id, amendment.c.number)
        )
        return [_record(row) for row in rows]


def _record(row: Row[Any]) -> AmendmentRecord:
    return AmendmentRecord(
        row.person_id,
        row.day,
        row.number,
        row.state,
        row.before,
        row.after,
        row.proposed_at,
        row.reason,
        row.decided_by,
        row.decided_at,
    )
