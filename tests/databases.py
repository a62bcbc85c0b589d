"""Databases for the tests: each test its own, of either kind, as a copy of one that was migrated once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Literal

from sqlalchemy import Engine

from models.settings import DatabaseSettings
from server.storage.engine import open_database
from server.storage.schema import migrate
from tests.postgresql import PostgresServer

DatabaseKind = Literal["sqlite", "postgresql"]
_TEMPLATE = "migrated"


@dataclass(frozen=True)
class Database:
    """One database of one test.

    Attributes:
        file: of an SQLite database; None for PostgreSQL.
    """

    kind: DatabaseKind
    url: str
    file: Path | None
    _engines: list[Engine] = field(default_factory=list)
    _gone: Callable[[], None] = lambda: None

    @property
    def settings(self) -> DatabaseSettings:
        """As config.yaml would have it."""
        return DatabaseSettings(url=self.url, password_file=None)

    def engine(self) -> Engine:
        """A new engine, as another process would have it; closed with the database."""
        engine = open_database(self.settings)
        self._engines.append(engine)
        return engine

    def close(self) -> None:
        """End every connection and remove the database."""
        for engine in self._engines:
            engine.dispose()
        self._gone()


class Databases:
    """Makes databases.

    Args:
        folder: for SQLite files.
        postgresql: gives the running server; asked only when one is wanted.
    """

    def __init__(self, folder: Path, postgresql: Callable[[], PostgresServer]) -> None:
        self._folder = folder
        self._postgresql = postgresql
        self._numbers = count(1)
        self._templates: set[DatabaseKind] = set()

    def empty(self, kind: DatabaseKind) -> Database:
        """A database without any table."""
        return self._named(kind, f"test_{next(self._numbers)}", None)

    def migrated(self, kind: DatabaseKind) -> Database:
        """A database with the schema of this version, and nothing in it."""
        if kind not in self._templates:
            template = self._named(kind, _TEMPLATE, None)
            engine = open_database(template.settings)
            migrate(engine)
            engine.dispose()
            self._templates.add(kind)
        return self._named(kind, f"test_{next(self._numbers)}", _TEMPLATE)

    def _named(self, kind: DatabaseKind, name: str, template: str | None) -> Database:
        if kind == "sqlite":
            file = self._folder / f"{name}.db"
            if template is not None:
                shutil.copyfile(self._folder / f"{template}.db", file)
            return Database(kind, f"sqlite:///{file}", file, _gone=lambda: _remove(file))
        server = self._postgresql()
        server.create(name, template)
        return Database(kind, server.url(name), None, _gone=lambda: server.drop(name))


def _remove(file: Path) -> None:
    for name in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        name.unlink(missing_ok=True)
