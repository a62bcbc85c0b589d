"""The schema: what the migrations make is what the program expects, on both databases, and nothing else is served."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, Engine, inspect, select
from sqlalchemy.exc import IntegrityError

from models.errors import CourtclockError
from server.storage import schema
from server.storage.schema import migrate, require_current
from server.storage.tables import account, metadata, outage, person, request
from tests.databases import Database


def differences(engine: Engine) -> list[object]:
    """What alembic would change to make the database fit the tables."""
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        found: list[object] = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    return found


def tables_of(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def test_the_migrations_make_exactly_the_tables_of_the_program(database: Database) -> None:
    engine = database.engine()
    assert differences(engine) == []
    assert tables_of(engine) == set(metadata.tables) | {"alembic_version"}


def test_the_migrations_make_the_conditions_of_the_program(database: Database) -> None:
    # Alembic does not compare these by itself.
    wanted = {
        (table.name, str(constraint.name))
        for table in metadata.tables.values()
        for column in table.columns
        for constraint in column.constraints
        if isinstance(constraint, CheckConstraint)
    }
    inspector = inspect(database.engine())
    found = {
        (table, str(constraint["name"]))
        for table in metadata.tables
        for constraint in inspector.get_check_constraints(table)
    }
    assert len(wanted) == 10
    assert found == wanted


def test_the_database_itself_refuses_a_role_that_does_not_exist(database: Database) -> None:
    with database.engine().connect() as connection, pytest.raises(IntegrityError):
        connection.execute(
            account.insert().values(
                account_id=UUID(int=1), username="x", password_hash="x", role="god", active=True, failed_tries=0
            )
        )


@pytest.mark.parametrize("role", ["hr", "head", "vice_president", "president", "employee"])
def test_the_database_takes_every_role_that_exists(database: Database, role: str) -> None:
    with database.engine().connect() as connection:
        connection.execute(
            account.insert().values(
                account_id=UUID(int=1), username="x", password_hash="x", role=role, active=True, failed_tries=0
            )
        )


def test_migrating_twice_changes_nothing(database: Database) -> None:
    engine = database.engine()
    assert migrate(engine) == migrate(engine) == "0013"
    assert differences(engine) == []


def test_an_empty_database_is_brought_to_this_version(empty_database: Database) -> None:
    engine = empty_database.engine()
    assert migrate(engine) == "0013"
    require_current(engine)
    assert differences(engine) == []


def test_the_first_migration_can_be_taken_back_and_done_again(database: Database) -> None:
    engine = database.engine()
    config = schema._config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert tables_of(engine) == {"alembic_version"}
    assert migrate(engine) == "0013"
    assert differences(engine) == []


def test_a_database_that_was_not_migrated_is_refused_with_what_to_do(empty_database: Database) -> None:
    with pytest.raises(CourtclockError) as told:
        require_current(empty_database.engine())
    assert told.value.code == "database.not_migrated"
    assert "python -m server migrate" in told.value.sentence("en")


def test_a_database_of_a_later_version_is_refused(database: Database) -> None:
    engine = database.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CourtclockError, match="9999") as told:
        require_current(engine)
    assert told.value.code == "database.not_migrated"


def test_waivers_keep_their_outage_when_the_kinds_of_outages_change(database: Database) -> None:
    engine = database.engine()
    config = schema._config()
    outage_id, request_id, person_id = UUID(int=1), UUID(int=2), UUID(int=3)
    at = datetime(2026, 11, 20, tzinfo=UTC)
    with engine.begin() as connection:
        connection.execute(
            person.insert().values(person_id=person_id, employee_no="1", name="x", active=True, joined_on=at.date())
        )
        connection.execute(
            outage.insert().values(
                outage_id=outage_id, kind="server", began_at=at, detail={}, noted_by="x", noted_at=at
            )
        )
        connection.execute(
            request.insert().values(
                request_id=request_id,
                kind="waiver",
                name="",
                person_id=person_id,
                outage_id=outage_id,
                needs_role="hr",
                reason="x",
                filed_by="x",
                filed_at=at,
            )
        )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0008")
    migrate(engine)
    assert differences(engine) == []
    with engine.connect() as connection:
        kept = connection.execute(select(request.c.outage_id, outage.c.kind).join(outage)).all()
    assert [tuple(row) for row in kept] == [(outage_id, "silent")]
