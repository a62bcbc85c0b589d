"""Work without periods, and how far the server's clock is believed: a row each, changed in its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select, update

from server.storage.inserting import insert_if_new
from server.storage.tables import server_clock, standing_work

DERIVING: Final = "derive"
MAILING: Final = "mail"
_THE_ROW: Final = 1


@dataclass(frozen=True, slots=True)
class StandingWork:
    """How work without periods went last.

    Attributes:
        began_at, finished_at: host time.
        handled: how much was done then.
        error: as ``models.stored_errors`` keeps it; None when nothing was wrong.
    """

    name: str
    began_at: datetime
    finished_at: datetime
    handled: int
    error: str | None


@dataclass(frozen=True, slots=True)
class ServerClock:
    """How far the server's clock is believed.

    Attributes:
        believed_at: court time that jobs went by when they last looked.
        ahead_seconds: how far the clock was ahead of that; 0 while it is believed.
        noticed_at: what the clock showed when that was noticed; None while it is believed.
        confirmed_at: what the clock showed when somebody last said that it was right.
    """

    believed_at: datetime
    ahead_seconds: float
    noticed_at: datetime | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None


class StandingRepository:
    """These rows, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, work: StandingWork) -> None:
        """How it went this time."""
        values = {
            "began_at": work.began_at,
            "finished_at": work.finished_at,
            "handled": work.handled,
            "error": work.error,
        }
        if not insert_if_new(self._connection, standing_work, {"name": work.name, **values}):
            self._connection.execute(update(standing_work).where(standing_work.c.name == work.name).values(**values))

    def work(self, name: str) -> StandingWork | None:
        """How it went last; None before the first time."""
        row = self._connection.execute(select(standing_work).where(standing_work.c.name == name)).one_or_none()
        return None if row is None else StandingWork(row.name, row.began_at, row.finished_at, row.handled, row.error)

    def clock(self) -> ServerClock | None:
        """How far the clock is believed; None before a server looked for the first time."""
        row = self._connection.execute(select(server_clock)).one_or_none()
        if row is None:
            return None
        return ServerClock(row.believed_at, row.ahead_seconds, row.noticed_at, row.confirmed_at, row.confirmed_by)

    def put_clock(self, believed_at: datetime, ahead_seconds: float, noticed_at: datetime | None) -> None:
        """What a server that looked at it says; who confirmed it stays."""
        self._put_clock({"believed_at": believed_at, "ahead_seconds": ahead_seconds, "noticed_at": noticed_at})

    def confirm_clock(self, at: datetime, by: str) -> bool:
        """Somebody says that the clock is right; False when there is nothing to confirm."""
        changed = self._connection.execute(
            update(server_clock)
            .where(server_clock.c.ahead_seconds > 0)
            .values(ahead_seconds=0, noticed_at=None, confirmed_at=at, confirmed_by=by)
        )
        return changed.rowcount == 1

    def _put_clock(self, values: dict[str, Any]) -> None:
        if not insert_if_new(self._connection, server_clock, {"number": _THE_ROW, **values}):
            self._connection.execute(update(server_clock).values(**values))
