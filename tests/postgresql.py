"""A real PostgreSQL for the tests, started from the machine's own programs and gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from models.clock import SystemClock

REQUIRED = "COURTCLOCK_REQUIRE_POSTGRESQL"
ABSENT = "PostgreSQL's programs are not on this machine"
_USER = "courtclock"
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_ROOM_BYTES = 2 * 1024**3


def find_programs() -> Path | None:
    """The folder with ``initdb`` and ``postgres``: on PATH, or where Debian keeps the newest version."""
    on_path = shutil.which("initdb")
    folders = [] if on_path is None else [Path(on_path).resolve().parent]
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(debian, key=lambda folder: [int(part) for part in folder.parent.name.split(".")], reverse=True)
    return next((one for one in folders if (one / "initdb").is_file() and (one / "postgres").is_file()), None)


def programs_or_skip() -> Path:
    """The programs; skips the test where there are none, or fails it where they are required."""
    programs = find_programs()
    if programs is None:
        if os.environ.get(REQUIRED):
            pytest.fail(ABSENT)
        pytest.skip(ABSENT)
    return programs


@dataclass(frozen=True)
class PostgresServer:
    """A running server that listens on a socket in its own folder, and nowhere else."""

    folder: Path

    def url(self, database: str) -> str:
        """As it would stand in config.yaml."""
        return f"postgresql+psycopg://{_USER}@/{database}?host={self.folder}"

    def create(self, database: str, template: str | None = None) -> None:
        """A new database, empty or a copy of another one that nobody is connected to."""
        names = sql.Identifier(database), sql.Identifier(template or "template0")
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected to it."""
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            psycopg.connect(host=str(self.folder), user=_USER, dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(host=str(self.folder), user=_USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_postgresql() -> Iterator[PostgresServer]:
    """A server of one's own, for as long as the block lasts. Skips where the programs are missing."""
    programs = programs_or_skip()
    # Not in pytest's own folder: only its owner may enter that, and PostgreSQL refuses to run as root.
    folder = Path(tempfile.mkdtemp(prefix="courtclock-pg-", dir=_quick_place()))
    try:
        options = _unprivileged(folder)
        data = folder / "data"
        subprocess.run(
            [
                programs / "initdb",
                "-D",
                data,
                "-U",
                _USER,
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ],
            check=True,
            capture_output=True,
            timeout=_START_SECONDS,
            **options,
        )
        with (folder / "log.txt").open("wb") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", folder, *_settings()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **options,
            )
            try:
                server = PostgresServer(folder)
                _wait_until_it_answers(server, process, folder / "log.txt")
                yield server
            finally:
                _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _quick_place() -> str | None:
    """A new database is three hundred new files, which memory makes sooner than a disk; None where there is little."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM_BYTES:
        return str(memory)
    return None


def _settings() -> list[str]:
    values = {
        "listen_addresses": "",
        # What a test writes need not survive a loss of power.
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "max_connections": "80",
        "shared_buffers": "32MB",
    }
    return [word for name, value in values.items() for word in ("-c", f"{name}={value}")]


def _unprivileged(folder: Path) -> dict[str, Any]:
    """How to start a program that refuses to be root; the folder is given to whoever it runs as."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    options: dict[str, Any] = {"cwd": folder, "env": environment | {"LC_ALL": "C", "TZ": "UTC"}}
    if os.geteuid() != 0:
        return options
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    other = known.get("postgres") or known["nobody"]
    os.chown(folder, other.pw_uid, other.pw_gid)
    return options | {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}


def _wait_until_it_answers(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    clock = SystemClock()
    deadline = clock.host_seconds() + _START_SECONDS
    while not server.answers():
        if process.poll() is not None or clock.host_seconds() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-2000:]}")
        clock.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    # SIGINT is PostgreSQL's fast shutdown: it ends its connections and its own children.
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(_STOP_SECONDS)
