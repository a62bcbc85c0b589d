"""What every test is given: no network but this machine, no camera, and databases of both kinds."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cv2
import pytest
from argon2 import PasswordHasher
from hypothesis import settings

from server.services import signing_in
from server.services.context import ServerContext
from tests.databases import Database, DatabaseKind, Databases
from tests.postgresql import PostgresServer, running_postgresql
from tests.server_cast import FakeClock, make_context

# The same examples in every run, so that a change is red for its own faults only; `make search` looks for new ones.
settings.register_profile("default", max_examples=150, deadline=None, derandomize=True)
settings.register_profile("long", max_examples=10_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def _is_this_machine(host: object) -> bool:
    if host is None or host in ("", "localhost", b"localhost"):
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Whoever reaches for another machine fails the test, also where the code would take it for an outage."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            _guard_connecting(patch, name)
        look_up = socket.getaddrinfo

        def guarded_look_up(host: Any, *rest: Any, **more: Any) -> Any:
            if not _is_this_machine(host):
                pytest.fail(f"a test looks for the machine {host!r}")
            return look_up(host, *rest, **more)

        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


def _guard_connecting(patch: pytest.MonkeyPatch, name: str) -> None:
    connect = getattr(socket.socket, name)

    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_this_machine(address[0]):
            pytest.fail(f"a test connects to {address!r}")
        return connect(self, address)

    patch.setattr(socket.socket, name, guarded)


@pytest.fixture(scope="session", autouse=True)
def no_camera() -> Iterator[None]:
    """No test looks through a real camera: neither this machine's nor one of the network."""
    opener = cv2.VideoCapture

    def guarded(source: Any = None, *rest: Any, **more: Any) -> cv2.VideoCapture:
        text = str(source)
        far = "://" in text and not _is_this_machine(urlsplit(text).hostname)
        if source is None or text.isdigit() or (text.startswith("/dev/") and Path(text).exists()) or far:
            pytest.fail(f"a test opens the camera {source!r}")
        return opener(source, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cv2, "VideoCapture", guarded)
        yield


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL; each worker of pytest-xdist has one of its own."""
    with running_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Makes databases; PostgreSQL is started when the first one of it is wanted."""
    folder = tmp_path_factory.mktemp("databases")
    return Databases(folder, lambda: request.getfixturevalue("postgresql_server"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_kind(request: pytest.FixtureRequest) -> DatabaseKind:
    """Every test that stores something runs on both."""
    kind: DatabaseKind = request.param
    return kind


@pytest.fixture
def database(databases: Databases, database_kind: DatabaseKind) -> Iterator[Database]:
    """A migrated database with nothing in it."""
    made = databases.migrated(database_kind)
    yield made
    made.close()


@pytest.fixture
def empty_database(databases: Databases, database_kind: DatabaseKind) -> Iterator[Database]:
    """A database without any table."""
    made = databases.empty(database_kind)
    yield made
    made.close()


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Argon2 is slow on purpose; for tests of what surrounds a hash it need not be."""
    monkeypatch.setattr(signing_in, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    signing_in._nobodys_hash.cache_clear()
    yield
    signing_in._nobodys_hash.cache_clear()


@pytest.fixture
def clock() -> FakeClock:
    """Stands still until a test moves it: Friday, 2026-11-20, 12:00 in Changchun."""
    return FakeClock()


@pytest.fixture
def context(tmp_path: Path, database: Database, clock: FakeClock) -> ServerContext:
    """A server's parts on a fresh database, of both kinds."""
    return make_context(tmp_path, database, clock)
