"""The kiosk's ledger: an item is committed here before the screen says thank you.

SQLite in WAL mode with synchronous=FULL, asserted on every connection. Numbers are gapless, items
are delivered oldest first, and nothing that is not delivered is ever removed. A refused item is
quarantined: kept, counted and shown.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from models.errors import CourtclockError
from models.wire import AttemptItem, ClockEventItem, ItemAnswer, VoidItem

AnyItem = TypeVar("AnyItem", ClockEventItem, AttemptItem, VoidItem)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS item (
    device_seq INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'quarantined')),
    refusal_code TEXT,
    recorded_at TEXT NOT NULL,
    done_at TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS item_by_state ON item (state, device_seq);
"""


@dataclass(frozen=True, slots=True)
class PendingItem:
    """An item on its way: its identifier and its message as it will be sent."""

    item_id: UUID
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """How many items wait, how many were refused, and the last number given."""

    pending: int
    quarantined: int
    last_device_seq: int


class Outbox:
    """One file; safe to use from several threads of one process.

    Args:
        path: the SQLite file; made if missing.

    Raises:
        CourtclockError: ``outbox.not_durable`` when the file cannot be used as promised,
            ``outbox.write_failed`` when it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            self._connection = self._connect()
            self._connection.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise CourtclockError("outbox.write_failed", reason=str(error)) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=5.0, check_same_thread=False)
        journal_mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        connection.execute("PRAGMA synchronous=FULL")
        synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
        if journal_mode != "wal" or synchronous != 2:
            connection.close()
            raise CourtclockError("outbox.not_durable", path=str(self._path))
        return connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One committed transaction, or none of it."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                except BaseException:
                    # A full disk ends the transaction by itself; rolling back again would hide the reason.
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise CourtclockError("outbox.write_failed", reason=str(error)) from error

    def append(self, make_item: Callable[[int], AnyItem]) -> AnyItem:
        """Number an item and commit it. When this returns, it survives a loss of power.

        Args:
            make_item: given the next device number, gives the item to store.

        Raises:
            CourtclockError: ``outbox.write_failed``; then nothing was stored and the number is free.
        """
        with self._writing() as connection:
            item = make_item(self._last_seq(connection) + 1)
            connection.execute(
                "INSERT INTO item (device_seq, item_id, kind, body, recorded_at) VALUES (?, ?, ?, ?, ?)",
                (
                    item.device_seq,
                    str(item.item_id),
                    item.kind,
                    item.model_dump_json(),
                    item.recorded_at.isoformat(),
                ),
            )
        return item

    @staticmethod
    def _last_seq(connection: sqlite3.Connection) -> int:
        row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'item'").fetchone()
        return int(row[0]) if row else 0

    def oldest_pending(self, most: int) -> list[PendingItem]:
        """The next items to send, oldest first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT item_id, body FROM item WHERE state = 'pending' ORDER BY device_seq LIMIT ?", (most,)
            ).fetchall()
        return [PendingItem(UUID(item_id), json.loads(body)) for item_id, body in rows]

    def settle(self, answers: Sequence[ItemAnswer], at: datetime) -> int:
        """Take the server's answers: delivered items are done, refused ones go to quarantine.

        An answer for an item that is not pending here changes nothing. Gives how many were settled.
        """
        settled = 0
        with self._writing() as connection:
            for answer in answers:
                state = "quarantined" if answer.result == "refused" else "done"
                settled += connection.execute(
                    "UPDATE item SET state = ?, refusal_code = ?, done_at = ? WHERE item_id = ? AND state = 'pending'",
                    (state, answer.code, at.isoformat(), answer.item_id),
                ).rowcount
        return settled

    def retry_quarantined(self) -> int:
        """Make refused items pending again, after their cause was mended; gives how many."""
        with self._writing() as connection:
            return connection.execute("UPDATE item SET state = 'pending' WHERE state = 'quarantined'").rowcount

    def send_again_since(self, moment: datetime) -> int:
        """Make delivered items pending again, for a server that was restored from a backup; gives how many.

        The server stores each once, so sending too many does no harm.
        """
        with self._writing() as connection:
            return connection.execute(
                "UPDATE item SET state = 'pending' WHERE state = 'done' AND recorded_at >= ?", (moment.isoformat(),)
            ).rowcount

    def quarantined(self) -> list[tuple[int, str, str]]:
        """Refused items: device number, kind and the server's code."""
        with self._lock:
            return self._connection.execute(
                "SELECT device_seq, kind, refusal_code FROM item WHERE state = 'quarantined' ORDER BY device_seq"
            ).fetchall()

    def forget_done_before(self, moment: datetime) -> int:
        """Remove items delivered before a moment; never others. Gives how many."""
        with self._writing() as connection:
            return connection.execute(
                "DELETE FROM item WHERE state = 'done' AND done_at < ?", (moment.isoformat(),)
            ).rowcount

    def counts(self) -> OutboxCounts:
        """Figures for the screen and the heartbeat."""
        with self._lock:
            by_state = dict(self._connection.execute("SELECT state, count(*) FROM item GROUP BY state").fetchall())
            last_seq = self._last_seq(self._connection)
        return OutboxCounts(by_state.get("pending", 0), by_state.get("quarantined", 0), last_seq)

    def close(self) -> None:
        """Close the file; the outbox cannot be used afterwards."""
        with self._lock:
            self._connection.close()
