"""Storage: moments keep their zone, writers wait for each other, readers wait for nobody, and no commit means no trace."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError, StatementError

from models.errors import CourtclockError
from models.settings import DatabaseSettings
from server.services.context import ServerContext
from server.storage.engine import open_database
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
    with pytest.raises(ZeroDivisionError), context.unit() as unit:
        unit.people.add("0104", "李明", None, date(2026, 11, 2))
        raise ZeroDivisionError
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
        unit.workdays.touch([(context_free_person(), date(2026, 11, 20))])
        unit.commit()


def context_free_person():  # type: ignore[no-untyped-def]
    from uuid import UUID

    return UUID(int=99)
