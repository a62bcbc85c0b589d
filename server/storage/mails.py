"""Mails as rows, one for each (kind, period, account): what waits, what was sent, what was given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, or_, select, update

from server.storage.inserting import insert_if_new
from server.storage.tables import outgoing_mail

MailState = Literal["waiting", "sent", "given_up"]
_LONGEST_WAIT: Final = timedelta(hours=25)


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One report on its way to one account.

    Attributes:
        tries: how often it was claimed for sending.
        next_try_at: host time; while somebody is sending it, the time at which that claim lapses.
        error: why the last try failed, None while there was none since.
    """

    kind: str
    period: str
    account_id: UUID
    state: MailState
    tries: int
    next_try_at: datetime
    sent_at: datetime | None
    error: str | None


class MailRepository:
    """Outgoing mails, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, kind: str, period: str, account_id: UUID, at: datetime) -> bool:
        """A mail that waits from now on; False when there is one already, whatever became of it."""
        return insert_if_new(
            self._connection,
            outgoing_mail,
            {
                "kind": kind,
                "period": period,
                "account_id": account_id,
                "state": "waiting",
                "tries": 0,
                "next_try_at": at,
            },
        )

    def add_again(self, kind: str, period: str, account_id: UUID, at: datetime) -> bool:
        """As ``add``, of a report that took the place of another: whoever got that one gets this one, too."""
        if self.add(kind, period, account_id, at):
            return True
        changed = self._connection.execute(
            update(outgoing_mail)
            .where(
                outgoing_mail.c.kind == kind,
                outgoing_mail.c.period == period,
                outgoing_mail.c.account_id == account_id,
                outgoing_mail.c.state != "waiting",
            )
            .values(state="waiting", tries=0, next_try_at=at, sent_at=None, error=None)
        )
        return changed.rowcount == 1

    def drop_waiting(self, kind: str, period: str) -> int:
        """Send nothing of a report that was withdrawn; gives how many mails were not sent yet."""
        return self._connection.execute(
            delete(outgoing_mail).where(
                outgoing_mail.c.kind == kind, outgoing_mail.c.period == period, outgoing_mail.c.state == "waiting"
            )
        ).rowcount

    def next_try_at(self) -> datetime | None:
        """When the next mail is tried, host time; None when none waits."""
        return self._connection.execute(
            select(func.min(outgoing_mail.c.next_try_at)).where(outgoing_mail.c.state == "waiting")
        ).scalar()

    def due(self, at: datetime, most: int) -> list[OutgoingMail]:
        """Mails that wait and whose time has come, the longest due first."""
        rows = self._connection.execute(
            select(outgoing_mail)
            # What would wait longer than the longest pause was written by a clock that has been set back since.
            .where(
                outgoing_mail.c.state == "waiting",
                or_(outgoing_mail.c.next_try_at <= at, outgoing_mail.c.next_try_at > at + _LONGEST_WAIT),
            )
            .order_by(
                outgoing_mail.c.next_try_at,
                outgoing_mail.c.kind,
                outgoing_mail.c.period,
                outgoing_mail.c.account_id,
            )
            .limit(most)
        )
        return [_record(row) for row in rows]

    def claim(self, mail: OutgoingMail, until: datetime) -> bool:
        """Try to be the one who sends this mail, as it was read.

        The claim counts as a try and pushes the next one forward, so that it lapses when whoever made it dies. The
        database decides: of any number of processes that try at once, one is given True.
        """
        changed = self._connection.execute(
            update(outgoing_mail)
            .where(_as_read(mail), outgoing_mail.c.state == "waiting")
            .values(tries=mail.tries + 1, next_try_at=until, error=None)
        )
        return changed.rowcount == 1

    def mark_sent(self, mail: OutgoingMail, at: datetime) -> None:
        """The mail server has it; true whoever claimed it since, or gave it up."""
        self._connection.execute(
            update(outgoing_mail)
            .where(_key(mail), outgoing_mail.c.state != "sent")
            .values(state="sent", sent_at=at, error=None)
        )

    def mark_failed(self, mail: OutgoingMail, error: str, next_try_at: datetime | None) -> bool:
        """The try whose number ``mail.tries`` is went wrong; without a next one the mail is given up.

        False, and nothing changed, when somebody else tried since: the word of the last try counts.
        """
        values: dict[str, Any] = {"error": error}
        values |= {"state": "given_up"} if next_try_at is None else {"next_try_at": next_try_at}
        changed = self._connection.execute(
            update(outgoing_mail)
            .where(_key(mail), outgoing_mail.c.state == "waiting", outgoing_mail.c.tries == mail.tries)
            .values(**values)
        )
        return changed.rowcount == 1

    def wait_again(self, at: datetime) -> int:
        """Let every mail that was given up wait again, with all its tries; gives how many."""
        changed = self._connection.execute(
            update(outgoing_mail)
            .where(outgoing_mail.c.state == "given_up")
            .values(state="waiting", tries=0, next_try_at=at)
        )
        return changed.rowcount

    def find(self, kind: str, period: str, account_id: UUID) -> OutgoingMail | None:
        """What became of one mail."""
        row = self._connection.execute(
            select(outgoing_mail).where(
                outgoing_mail.c.kind == kind,
                outgoing_mail.c.period == period,
                outgoing_mail.c.account_id == account_id,
            )
        ).one_or_none()
        return None if row is None else _record(row)

    def counts(self) -> dict[MailState, int]:
        """How many mails are in which state; a state without any is not named."""
        rows = self._connection.execute(
            select(outgoing_mail.c.state, func.count().label("mails")).group_by(outgoing_mail.c.state)
        )
        return {row.state: row.mails for row in rows}

    def in_trouble(self, most: int) -> list[OutgoingMail]:
        """Mails that were given up, or failed and wait; the latest period first."""
        rows = self._connection.execute(
            select(outgoing_mail)
            .where(outgoing_mail.c.state != "sent", outgoing_mail.c.error.is_not(None))
            .order_by(outgoing_mail.c.period.desc(), outgoing_mail.c.kind, outgoing_mail.c.account_id)
            .limit(most)
        )
        return [_record(row) for row in rows]


def _key(mail: OutgoingMail) -> ColumnElement[bool]:
    return and_(
        outgoing_mail.c.kind == mail.kind,
        outgoing_mail.c.period == mail.period,
        outgoing_mail.c.account_id == mail.account_id,
    )


def _as_read(mail: OutgoingMail) -> ColumnElement[bool]:
    # Both: the number of tries begins anew when a mail that was given up waits again.
    return and_(_key(mail), outgoing_mail.c.tries == mail.tries, outgoing_mail.c.next_try_at == mail.next_try_at)


def _record(row: Row[Any]) -> OutgoingMail:
    return OutgoingMail(
        row.kind, row.period, row.account_id, row.state, row.tries, row.next_try_at, row.sent_at, row.error
    )
