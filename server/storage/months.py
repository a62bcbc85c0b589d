"""Closed months: who confirmed what, what is locked, and the amendments since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Column, Connection, Join, Row, Select, Table, insert, select, text, update

from server.storage.inserting import insert_if_new
from server.storage.tables import account, amendment, month_lock, person, sheet_answer

AmendmentState = Literal["proposed", "signed", "refused", "overtaken"]


@dataclass(frozen=True, slots=True)
class MonthLock:
    """A month that HR has locked.

    Attributes:
        locked_by: the account, or the name given on the command line.
        deleted_at: since when its workdays are not kept any more; None while they are.
        locked_by_name: of the account's person; None where it has none.
    """

    month: str
    locked_by: str
    locked_at: datetime
    deleted_at: datetime | None = None
    locked_by_name: str | None = None

    @property
    def who(self) -> str:
        """Who locked it, as people call them."""
        return self.locked_by_name or self.locked_by

    @property
    def is_kept(self) -> bool:
        """Whether its workdays are still there."""
        return self.deleted_at is None


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
        bulletin: the month whose bulletin listed it, None until one has.
        decided_by_name: of the account's person; None where it has none.
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
    bulletin: str | None = None
    decided_by_name: str | None = None

    @property
    def who(self) -> str:
        """Who decided about it, as people call them; empty while nobody has."""
        return self.decided_by_name or self.decided_by or ""

    def refuses(self, before: dict[str, Any], after: dict[str, Any]) -> bool:
        """Whether HR said no to exactly this change."""
        return self.state == "refused" and self.proposes(before, after)

    def proposes(self, before: dict[str, Any], after: dict[str, Any]) -> bool:
        """Whether it is exactly this change, whatever a release calls the rules that make it."""
        return (_unnamed(self.before), _unnamed(self.after)) == (_unnamed(before), _unnamed(after))


def _unnamed(workday: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in workday.items() if key != "rule_version"}


def _with_name_of(table: Table, username: Column[Any]) -> Join:
    """A table beside the person whose account is named in a column of it."""
    return table.outerjoin(account, account.c.username == username).outerjoin(
        person, person.c.person_id == account.c.person_id
    )


# Asked about every clock event that arrives, and built once.
_LOCKS: Final = select(month_lock, person.c.name).select_from(_with_name_of(month_lock, month_lock.c.locked_by))


class MonthRepository:
    """Months, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def locks(self) -> dict[str, MonthLock]:
        """Locked months, by month."""
        return {row.month: MonthLock(*row) for row in self._connection.execute(_LOCKS)}

    def locks_held(self) -> dict[str, MonthLock]:
        """As ``locks``, and until the end of the unit no month is locked, and none is let go of.

        For whoever stores workdays: a month that somebody locks meanwhile is locked after they are stored, not before.
        """
        # SQLite has one writer at a time. Here several hold this at once, and none while a row is written.
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("LOCK TABLE month_lock IN SHARE MODE"))
        return self.locks()

    def lock(self, lock: MonthLock) -> bool:
        """Lock a month; False when it is locked already. Waits for whoever stores workdays."""
        return insert_if_new(
            self._connection,
            month_lock,
            {"month": lock.month, "locked_by": lock.locked_by, "locked_at": lock.locked_at},
        )

    def deleted(self) -> frozenset[str]:
        """Locked months whose workdays are not kept any more: what is left of their events is not theirs to judge."""
        rows = self._connection.execute(select(month_lock.c.month).where(month_lock.c.deleted_at.is_not(None)))
        return frozenset(rows.scalars())

    def let_go(self, month: str, deleted_at: datetime) -> bool:
        """Note that a locked month is not kept any more; False when that is noted already."""
        changed = self._connection.execute(
            update(month_lock)
            .where(month_lock.c.month == month, month_lock.c.deleted_at.is_(None))
            .values(deleted_at=deleted_at)
        )
        return changed.rowcount == 1

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
        """Note that a locked workday would be judged otherwise; an open proposal for it is overtaken.

        What HR has refused is not proposed again.
        """
        known = self._records(_of_day(person_id, day))
        opened = next((one for one in known if one.state == "proposed"), None)
        if opened is not None:
            if opened.proposes(before, after):
                return
            self.decide(opened, "overtaken", None, None, proposed_at)
        if before == after or any(one.refuses(before, after) for one in known):
            return
        self._connection.execute(
            insert(amendment).values(
                person_id=person_id,
                day=day,
                number=1 + max((one.number for one in known), default=0),
                state="proposed",
                before=before,
                after=after,
                proposed_at=proposed_at,
            )
        )

    def withdraw(self, person_id: UUID, day: date, at: datetime) -> None:
        """What is locked is right after all: an open proposal is overtaken."""
        opened = self.proposal(person_id, day)
        if opened is not None:
            self.decide(opened, "overtaken", None, None, at)

    def proposal(self, person_id: UUID, day: date) -> AmendmentRecord | None:
        """The open proposal for a workday."""
        found = self._records(_of_day(person_id, day).where(amendment.c.state == "proposed"))
        return found[0] if found else None

    def refusal(
        self, person_id: UUID, day: date, before: dict[str, Any], after: dict[str, Any]
    ) -> AmendmentRecord | None:
        """The last time that exactly this change was refused."""
        refused = [one for one in self._records(_of_day(person_id, day)) if one.refuses(before, after)]
        return refused[-1] if refused else None

    def decided_of(self, person_id: UUID, first_day: date, last_day: date) -> list[AmendmentRecord]:
        """What HR signed or refused about one person's days, by day and in order."""
        return self._records(
            _amendments().where(
                amendment.c.person_id == person_id,
                amendment.c.day >= first_day,
                amendment.c.day <= last_day,
                amendment.c.state.in_(["signed", "refused"]),
            )
        )

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

    def amendments(
        self, states: Sequence[AmendmentState], first_day: date | None = None, last_day: date | None = None
    ) -> list[AmendmentRecord]:
        """Amendments in these states, by day; of some days where they are given."""
        query = _amendments().where(amendment.c.state.in_(list(states)))
        if first_day is not None:
            query = query.where(amendment.c.day >= first_day)
        if last_day is not None:
            query = query.where(amendment.c.day <= last_day)
        return self._records(query)

    def unlisted(self) -> list[AmendmentRecord]:
        """Signed amendments that no bulletin has listed yet."""
        return self._records(_amendments().where(amendment.c.state == "signed", amendment.c.bulletin.is_(None)))

    def list_in(self, bulletin: str) -> list[AmendmentRecord]:
        """Give the signed amendments that no bulletin has listed yet to this one; gives those that it lists.

        Whatever moment they were signed at: a clock that is set back loses none, and none is listed twice.
        """
        self._connection.execute(
            update(amendment)
            .where(amendment.c.state == "signed", amendment.c.bulletin.is_(None))
            .values(bulletin=bulletin)
        )
        return self._records(_amendments().where(amendment.c.bulletin == bulletin))

    def unlist(self, bulletin: str) -> None:
        """Let what a bulletin that was withdrawn has listed wait for the one that is published next."""
        self._connection.execute(update(amendment).where(amendment.c.bulletin == bulletin).values(bulletin=None))

    def _records(self, query: Select[Any]) -> list[AmendmentRecord]:
        return [_record(row) for row in self._connection.execute(query)]


def _amendments() -> Select[Any]:
    return (
        select(amendment, person.c.name.label("decided_by_name"))
        .select_from(_with_name_of(amendment, amendment.c.decided_by))
        .order_by(amendment.c.day, amendment.c.person_id, amendment.c.number)
    )


def _of_day(person_id: UUID, day: date) -> Select[Any]:
    return _amendments().where(amendment.c.person_id == person_id, amendment.c.day == day)


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
        row.bulletin,
        row.decided_by_name,
    )
