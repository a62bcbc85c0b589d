"""Storage: moments keep their zone, writers wait for each other, readers for nobody; without commit no trace."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError, StatementError

from models.errors import CourtclockError
from models.settings import DatabaseSettings
from server.services.context import ServerContext
from server.storage.engine import is_of_the_database, open_database
from server.storage.unit_of_work import UnitOfWork
from tests.databases import Database, Databases
from tests.server_cast import NOON, FakeClock, employ, give_account, make_context

WAIT_SECONDS = 20.0
CHANGCHUN = timezone(timedelta(hours=8))


# Moments


def test_a_naive_moment_is_refused_before_it_reaches_the_database(context: ServerContext) -> None:
    account_id = give_account(context, "zhao", "hr")
    with context.unit() as unit, pytest.raises(StatementError, match="naive time"):
        unit.accounts.note_failure(account_id, datetime(2026, 11, 20, 12), NOON)  # noqa: DTZ001 - the point


def test_moments_come_back_aware_and_in_utc_whatever_zone_they_were_given_in(context: ServerContext) -> None:
    account_id = give_account(context, "zhao", "hr")
    given = datetime(2026, 11, 20, 20, 0, 0, 123456, tzinfo=CHANGCHUN)
    with context.unit() as unit:
        unit.accounts.open_session("hash", account_id, given)
        unit.commit()
    with context.unit(read_only=True) as unit:
        session = unit.accounts.session("hash")
    assert session is not None
    assert session.started_at == given
    assert session.started_at.tzinfo is UTC
    assert session.started_at.isoformat() == "2026-11-20T12:00:00.123456+00:00"


# Units of work


def test_leaving_a_unit_without_commit_undoes_everything(context: ServerContext) -> None:
    with context.unit() as unit:
        unit.people.add("0104", "李明", unit.people.ensure_division("立案庭"), date(2026, 11, 2))
    with context.unit(read_only=True) as unit:
        assert unit.people.active() == []
        assert unit.people.division_id("立案庭") is None


def test_an_error_in_a_unit_undoes_everything_and_is_not_swallowed(context: ServerContext) -> None:
    def fail_halfway() -> None:
        with context.unit() as unit:
            unit.people.add("0104", "李明", None, date(2026, 11, 2))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with context.unit(read_only=True) as unit:
        assert unit.people.active() == []


def test_what_was_committed_is_there_for_others(context: ServerContext, database: Database) -> None:
    person = employ(context)
    with UnitOfWork(database.engine(), read_only=True) as unit:
        found = unit.people.by_id(person.person_id)
    assert found is not None
    assert (found.name, found.division, found.joined_on) == ("李明", "立案庭", date(2026, 11, 2))


def test_commit_outside_of_a_unit_is_refused(context: ServerContext) -> None:
    unit = context.unit()
    with pytest.raises(RuntimeError, match="outside"):
        unit.commit()


def test_an_employee_number_belongs_to_one_person(context: ServerContext) -> None:
    employ(context, "0104")
    with context.unit() as unit, pytest.raises(IntegrityError):
        unit.people.add("0104", "王芳", None, date(2026, 11, 2))


def test_rows_may_not_point_to_nobody(context: ServerContext) -> None:
    with context.unit() as unit, pytest.raises(IntegrityError):
        unit.workdays.touch([(UUID(int=99), date(2026, 11, 20))])


# SQLite


@pytest.fixture
def sqlite(databases: Databases) -> Iterator[Database]:
    made = databases.migrated("sqlite")
    yield made
    made.close()


def test_every_sqlite_connection_is_durable_and_checks_its_references(sqlite: Database) -> None:
    engine = sqlite.engine()
    with engine.connect() as first, engine.execution_options(read_only=True).connect() as second:
        for connection in (first, second):
            asked = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
            assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 20_000}


def test_a_database_that_cannot_be_durable_is_refused() -> None:
    with pytest.raises(CourtclockError) as told:
        open_database(DatabaseSettings.model_construct(url="sqlite:///:memory:", password_file=None))
    assert told.value.code == "database.unreachable"
    assert "WAL" in told.value.sentence("en")


def test_a_file_that_is_no_database_is_told_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "court.db"
    file.write_bytes(b"minutes of a hearing " * 100)
    with pytest.raises(CourtclockError, match="not a database") as told:
        open_database(DatabaseSettings(url=f"sqlite:///{file}", password_file=None))
    assert told.value.code == "database.unreachable"


def test_a_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CourtclockError) as told:
        open_database(DatabaseSettings(url=f"sqlite:///{tmp_path / 'file' / 'court.db'}", password_file=None))
    assert told.value.code == "folder.unwritable"


def test_a_second_writer_waits_for_the_first_instead_of_failing(sqlite: Database, tmp_path: Path) -> None:
    context = make_context(tmp_path, sqlite, FakeClock())
    entered = threading.Event()
    order: list[str] = []

    def write_second() -> None:
        entered.set()
        with UnitOfWork(sqlite.engine()) as unit:
            assert unit.people.division_id("立案庭") is not None
            order.append("second is in")
            unit.people.ensure_division("刑庭")
            unit.commit()

    second = threading.Thread(target=write_second)
    with context.unit() as unit:
        unit.people.ensure_division("立案庭")
        second.start()
        assert entered.wait(WAIT_SECONDS)
        # It now stands before the door. However long it takes, it may not come in before the first has left.
        second.join(0.2)
        order.append("first leaves")
        unit.commit()
    second.join(WAIT_SECONDS)
    assert order == ["first leaves", "second is in"]
    with context.unit(read_only=True) as unit:
        assert unit.people.division_id("刑庭") is not None


def test_a_unit_that_may_write_has_the_lock_from_its_first_look_on(sqlite: Database, tmp_path: Path) -> None:
    # What it has read cannot change before it writes, and it never finds out at the end that it came too late.
    context = make_context(tmp_path, sqlite, FakeClock())
    assert sqlite.file is not None
    impatient = sqlite3.connect(sqlite.file, timeout=0, isolation_level=None)
    try:
        with context.unit() as unit:
            unit.people.active()
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                impatient.execute("BEGIN IMMEDIATE")
        with context.unit(read_only=True) as unit:
            unit.people.active()
            impatient.execute("BEGIN IMMEDIATE")
            impatient.execute("ROLLBACK")
    finally:
        impatient.close()


# Readers, on both


def test_a_writer_that_waited_long_enough_is_told_that_the_database_is_busy(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.storage.engine._BUSY_TIMEOUT_MS", 50)
    context = make_context(tmp_path, sqlite, FakeClock(NOON))
    with context.unit() as first:
        first.people.active()
        with pytest.raises(OperationalError, match="BEGIN IMMEDIATE") as raised, context.unit() as second:
            second.people.active()
        assert is_of_the_database(raised.value)
    context.engine.dispose()


def test_a_file_that_was_spoiled_meanwhile_is_told_when_a_transaction_begins(sqlite: Database, tmp_path: Path) -> None:
    context = make_context(tmp_path, sqlite, FakeClock(NOON))
    assert sqlite.file is not None
    with context.unit() as unit:
        unit.people.active()
    with sqlite3.connect(sqlite.file) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    sqlite.file.write_bytes(b"no database " * 4096)
    with pytest.raises(DatabaseError), context.unit() as unit:
        unit.people.active()
    context.engine.dispose()


def test_a_reader_waits_for_nobody_and_sees_what_was_committed(context: ServerContext, database: Database) -> None:
    employ(context, "0104")
    reader = database.engine()
    with context.unit() as writer:
        writer.people.add("0205", "王芳", None, date(2026, 11, 2))
        with UnitOfWork(reader, read_only=True) as unit:
            assert [person.employee_no for person in unit.people.active()] == ["0104"]
        writer.commit()
    with UnitOfWork(reader, read_only=True) as unit:
        assert {person.employee_no for person in unit.people.active()} == {"0104", "0205"}


# PostgreSQL


@pytest.mark.postgresql
def test_a_postgresql_that_is_not_there_is_told_in_one_sentence(tmp_path: Path) -> None:
    url = f"postgresql+psycopg://courtclock@/courtclock?host={tmp_path}"
    with pytest.raises(CourtclockError) as told:
        open_database(DatabaseSettings(url=url, password_file=None))
    assert (told.value.code, told.value.retryable) == ("database.unreachable", True)


@pytest.mark.postgresql
def test_the_password_file_of_postgresql_is_read_and_a_missing_one_is_told(
    databases: Databases, tmp_path: Path
) -> None:
    database = databases.migrated("postgresql")
    try:
        (tmp_path / "password").write_text("any\n", encoding="utf-8")
        settings = DatabaseSettings(url=database.url, password_file=tmp_path / "password")
        engine = open_database(settings)
        assert engine.url.password == "any"
        engine.dispose()
        with pytest.raises(CourtclockError) as told:
            open_database(DatabaseSettings(url=database.url, password_file=tmp_path / "none"))
        assert told.value.code == "secret.missing"
    finally:
        database.close()


def test_uuids_are_stored_as_the_text_that_people_read(context: ServerContext, database: Database) -> None:
    person = employ(context)
    plain = create_engine(database.url)
    with plain.connect() as connection:
        stored = connection.execute(text("SELECT person_id FROM person")).scalar()
    plain.dispose()
    assert stored == str(person.person_id)
