"""Opens the database, SQLite or PostgreSQL, as the ground rules want it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from models.errors import CourtclockError
from models.settings import DatabaseSettings

_BUSY_TIMEOUT_MS = 20_000


def open_database(settings: DatabaseSettings) -> Engine:
    """An engine for the configured database.

    SQLite: WAL, synchronous=FULL, foreign keys, BEGIN IMMEDIATE; each asserted, not only asked for.

    Args:
        settings: URL and password file.

    Raises:
        CourtclockError: ``folder.unwritable``, ``secret.missing`` or ``database.unreachable``.
    """
    url = make_url(settings.url)
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    if settings.password_file is not None:
        try:
            url = url.set(password=settings.password_file.read_text(encoding="utf-8").strip())
        except OSError as error:
            raise CourtclockError("secret.missing", path=str(settings.password_file)) from error
    engine = create_engine(url, pool_pre_ping=True)
    _probe(engine)
    return engine


def is_of_the_database(fault: Exception) -> bool:
    """Whether the database itself is at fault for a while, and not what it was asked: away, busy, locked, full."""
    return isinstance(fault, (OperationalError, PoolTimeout)) or (
        isinstance(fault, DBAPIError) and fault.connection_invalidated
    )


def _open_sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        folder = Path(url.database).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CourtclockError("folder.unwritable", path=str(folder), reason=str(error.strerror)) from error
    engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000})
    event.listen(engine, "connect", _prepare_sqlite)
    # Python 3.11's sqlite3 begins transactions late and by itself; ours begin at once and for writing.
    event.listen(engine, "begin", _begin_immediate)
    _probe(engine)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    journal_mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    foreign_keys = connection.execute("PRAGMA foreign_keys").fetchone()[0]
    if (journal_mode, synchronous, foreign_keys) != ("wal", 2, 1):
        raise CourtclockError("database.unreachable", reason="SQLite does not run in WAL mode with synchronous=FULL")


def _begin_immediate(connection: Connection) -> None:
    begin = "BEGIN" if connection.get_execution_options().get("read_only") else "BEGIN IMMEDIATE"
    driver: Any = connection.connection.driver_connection
    try:
        # Not through SQLAlchemy, which takes ten times as long over it.
        driver.execute(begin)
    except sqlite3.OperationalError as error:
        raise OperationalError(begin, None, error) from error
    except sqlite3.DatabaseError as error:
        raise DatabaseError(begin, None, error) from error


def _probe(engine: Engine) -> None:
    try:
        with engine.connect():
            pass
    except DBAPIError as error:
        raise CourtclockError("database.unreachable", reason=str(error.orig).strip()) from error
