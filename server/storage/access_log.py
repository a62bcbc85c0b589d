"""Who looked at, or took away, whose data. Written before the data is handed out, and never changed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Connection, insert, select

from server.storage.tables import access_log

Accessed = Literal[
    "day_report",
    "week_report",
    "month_report",
    "month_sheet",
    "person_day",
    "trend",
    "attachment",
    "board",
    "requests",
    "request",
    "people",
    "rosters",
    "outages",
    "month_close",
    "what_if",
    "operating_point",
    "access_log",
]
AccessForm = Literal["page", "csv", "xlsx", "pdf", "file"]
_MOST_SCOPE_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One look, or one file.

    Attributes:
        scope: which period, and of whom: the court, a division or an employee number.
    """

    at: datetime
    username: str
    what: Accessed
    scope: str
    form: AccessForm


class AccessLogRepository:
    """The access log, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, entry: AccessEntry) -> None:
        """Write an entry down."""
        self._connection.execute(
            insert(access_log).values(
                entry_id=uuid.uuid4(),
                at=entry.at,
                username=entry.username,
                what=entry.what,
                scope=entry.scope[:_MOST_SCOPE_CHARACTERS],
                form=entry.form,
            )
        )

    def has(self, username: str, what: Accessed, scope: str, form: AccessForm, since: datetime) -> bool:
        """Whether an account has looked at this, in this form, at a moment or later."""
        found = self._connection.execute(
            select(access_log.c.entry_id)
            .where(
                access_log.c.at >= since,
                access_log.c.username == username,
                access_log.c.what == what,
                access_log.c.scope == scope[:_MOST_SCOPE_CHARACTERS],
                access_log.c.form == form,
            )
            .limit(1)
        )
        return found.first() is not None

    def between(self, start: datetime, end: datetime) -> list[AccessEntry]:
        """Entries from ``start`` until before ``end``, by time."""
        rows = self._connection.execute(
            select(access_log)
            .where(access_log.c.at >= start, access_log.c.at < end)
            .order_by(access_log.c.at, access_log.c.entry_id)
        )
        return [AccessEntry(row.at, row.username, row.what, row.scope, row.form) for row in rows]
