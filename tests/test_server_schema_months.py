"""A database of before: its deleted months are known as deleted, and what its bulletins list is not listed again."""

from __future__ import annotations

from datetime import date

from alembic import command

from server.services.context import ServerContext
from server.services.month_close import lock_month
from server.services.periods import publish_month
from server.storage import schema
from tests.amendments_cast import FIRST, HR, LAST, OCTOBER, TUESDAY, approve_duty, locked_october, sign
from tests.databases import Database

WEDNESDAY = date(2026, 10, 21)


def again_from_before(database: Database) -> None:
    """Back to the schema without the two columns, and forth again."""
    engine = database.engine()
    config = schema._config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0006")
    schema.migrate(engine)


def test_an_amendment_on_a_published_bulletin_is_not_listed_again(context: ServerContext, database: Database) -> None:
    li = locked_october(context)
    approve_duty(context, li)
    sign(context, li)
    publish_month(context, FIRST)
    approve_duty(context, li, WEDNESDAY)
    sign(context, li, WEDNESDAY)
    again_from_before(database)
    with context.unit(read_only=True) as unit:
        signed = {one.day: one.bulletin for one in unit.months.amendments(["signed"])}
    assert signed == {TUESDAY: OCTOBER, WEDNESDAY: None}


def test_a_locked_month_without_workdays_was_deleted(context: ServerContext, database: Database) -> None:
    locked_october(context)
    lock_month(context, "2026-09", HR)
    again_from_before(database)
    with context.unit(read_only=True) as unit:
        assert unit.months.deleted() == {"2026-09"}
        assert unit.months.locks()[OCTOBER].is_kept
        assert len(unit.workdays.of_day(LAST)) == 1
