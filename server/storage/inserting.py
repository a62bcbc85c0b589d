"""Insert once: the statements that differ between the two databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_if_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless its primary key is there already; gives whether it was new."""
    statement = _insert(connection, table, values).on_conflict_do_nothing(
        index_elements=list(table.primary_key.columns)
    )
    # Not rowcount: SQLAlchemy keeps it for UPDATE and DELETE alone, and for an INSERT on PostgreSQL it is -1.
    return connection.execute(statement.returning(*table.primary_key.columns)).first() is not None


def insert_or_change(connection: Connection, table: Table, values: Mapping[str, Any], changing: str) -> None:
    """Insert a row, or give one column of the row that is there the new value, in one step.

    In two steps the row could be deleted between them, and the change would be lost.
    """
    connection.execute(
        _insert(connection, table, values).on_conflict_do_update(
            index_elements=list(table.primary_key.columns), set_={changing: values[changing]}
        )
    )


def _insert(connection: Connection, table: Table, values: Mapping[str, Any]) -> Any:
    # The two dialects have the same words, and no type in common that knows them.
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return make(table).values(**values)
