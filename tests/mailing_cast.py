"""The cast of the tests of mails: who gets them, and what a mail server may say to them."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update

from models.errors import CourtclockError
from server.services.context import ServerContext
from server.services.mail_messages import Mail
from server.services.mailing import (
    Send,
    queue_report,
    recipients_of,
    send_waiting,
    set_mail_address,
)
from server.storage.mails import OutgoingMail
from server.storage.records import AccountRecord, Role
from server.storage.tables import account as account_table
from tests.server_cast import give_account
from tests.smtp_server import mail_settings

DAY: Final = "2026-11-20"
MINUTE: Final = timedelta(minutes=1)


def address_of(username: str) -> str:
    return f"{username}@court.example"


def reader(
    context: ServerContext, username: str, role: Role = "hr", division: str | None = None, *, email: bool = True
) -> UUID:
    """Somebody who may get mail."""
    account_id = give_account(context, username, role, division)
    if email:
        set_mail_address(context, username, address_of(username), None)
    return account_id


def change(context: ServerContext, account_id: UUID, **values: Any) -> None:
    """Something that no service does to an account yet."""
    with context.engine.begin() as connection:
        connection.execute(update(account_table).where(account_table.c.account_id == account_id).values(**values))


def queue(context: ServerContext, kind: str = "day", period: str = DAY) -> int:
    """Queue a report, as its publisher does."""
    with context.unit() as unit:
        queued = queue_report(unit, mail_settings(), kind, period, context.clock.host_now())
        unit.commit()
    return queued


def mail_of(context: ServerContext, account_id: UUID, kind: str = "day", period: str = DAY) -> OutgoingMail:
    with context.unit(read_only=True) as unit:
        found = unit.mails.find(kind, period, account_id)
    assert found is not None
    return found


def names_for(context: ServerContext, kind: str) -> list[str]:
    with context.unit(read_only=True) as unit:
        return [account.username for account in recipients_of(unit, kind)]


def plain(kind: str, period: str, account: AccountRecord) -> Mail:
    """The mail of a report that is not looked at."""
    return Mail(f"{kind} {period}", f"for {account.username}")


class Sent:
    """Takes messages like a mail server; for some addresses it raises instead.

    Attributes:
        to: the addresses asked for, in order, with those that failed.
    """

    def __init__(self, **faults: Exception | type[BaseException]) -> None:
        self.faults = {address_of(name): fault for name, fault in faults.items()}
        self.to: list[str] = []
        self.messages: list[EmailMessage] = []

    def __call__(self, message: EmailMessage, recipient: str) -> None:
        self.to.append(recipient)
        if recipient in self.faults:
            raise self.faults[recipient]
        self.messages.append(message)


def send(context: ServerContext, sent: Send, **settings: Any) -> int:
    return send_waiting(context, mail_settings(**settings), plain, sent)


def refused(code: str = "mail.refused") -> CourtclockError:
    return CourtclockError(code, host="mail", recipient="x@court.example", reason="550 no such user")


def outage() -> CourtclockError:
    return CourtclockError("mail.unreachable", host="mail", port=25, reason="Connection refused")
