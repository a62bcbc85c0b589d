"""Insert once: the statements that differ between the two databases."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Dialect,
    FromClause,
    String,
    Table,
    Text,
    TypeDecorator,
    cast,
    column,
    func,
    literal,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

_FEW: Final = 8
"""With so few rows a statement of its own costs more than parameters of their own."""


def insert_if_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless its primary key is there already; gives whether it was new."""
    statement = _insert(connection, table, values).on_conflict_do_nothing(
        index_elements=list(table.primary_key.columns)
    )
    # Not rowcount: SQLAlchemy keeps it for UPDATE and DELETE alone, and for an INSERT on PostgreSQL it is -1.
    return connection.execute(statement.returning(*table.primary_key.columns)).first() is not None


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: Column[Any]) -> set[Any]:
    """Insert the rows whose primary key is not there yet, all in one statement; gives the keys of those.

    Args:
        connection: in a transaction.
        table: where.
        rows: one or more, with the same columns each, and different keys.
        key: the column whose values are given.
    """
    if len(rows) <= _FEW:
        statement = _insert(connection, table, {}).on_conflict_do_nothing(
            index_elements=list(table.primary_key.columns)
        )
        return set(connection.execute(statement.returning(key), list(rows)).scalars())
    names = list(rows[0])
    values = {name: [row[name] for row in rows] for name in names}
    # What is the same in all rows, such as the kiosk and the moment of a batch, goes there once.
    same = {name: own[0] for name, own in values.items() if name != key.name and own.count(own[0]) == len(own)}
    listed = _listed(connection, {name: (table.c[name].type, values[name]) for name in names if name not in same})
    chosen = (literal(same[name], table.c[name].type) if name in same else listed.c[name] for name in names)
    statement = (
        _insert(connection, table, {})
        .from_select(names, select(*chosen).where(true()))
        .on_conflict_do_nothing(index_elements=list(table.primary_key.columns))
    )
    new = connection.execute(statement.returning(type_coerce(key, String))).scalars().all()
    if len(new) == len(rows):
        return {row[key.name] for row in rows}
    texts = set(new)
    return {row[key.name] for row in rows if str(row[key.name]) in texts}


def one_of(connection: Connection, wanted: Column[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column has one of these values; many go to the database as one parameter, not as one each."""
    if len(values) <= _FEW:
        return wanted.in_(list(values))
    return wanted.in_(select(_listed(connection, {wanted.name: (wanted.type, values)}).c[wanted.name]))


def put_pairs(
    connection: Connection, table: Table, pairs: Mapping[str, Sequence[Any]], others: Mapping[str, Any]
) -> None:
    """Insert rows that differ in their primary key alone, in this order; those that are there get the other values.

    Args:
        connection: in a transaction.
        table: whose primary key is ``pairs``.
        pairs: a column's name and its values, one a row.
        others: the same for all rows.
    """
    if len(next(iter(pairs.values()))) <= _FEW:
        statement = _changing(_insert(connection, table, {}), table, others)
        rows_with_others = [
            {**dict(zip(pairs, row, strict=True)), **others} for row in zip(*pairs.values(), strict=True)
        ]
        connection.execute(statement, rows_with_others)
        return
    rows = _listed(connection, {name: (table.c[name].type, values) for name, values in pairs.items()})
    chosen = select(
        *(rows.c[name] for name in pairs), *(literal(value, table.c[name].type) for name, value in others.items())
    ).where(true())
    connection.execute(_changing(_insert(connection, table, {}).from_select([*pairs, *others], chosen), table, others))


def _changing(statement: Any, table: Table, names: Iterable[str]) -> Any:
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_={name: statement.excluded[name] for name in names}
    )


def _listed(connection: Connection, columns: Mapping[str, tuple[TypeEngine[Any], Collection[Any]]]) -> FromClause:
    """Lists of equal length as a table, which the database makes of one parameter: a JSON text.

    With a parameter a value both drivers take several times as long over the parameters as the database over the rows.
    """
    dialect = connection.dialect
    lists = [_plain(kind, values, dialect) for kind, values in columns.values()]
    if dialect.name != "sqlite":
        records = [dict(zip(columns, row, strict=True)) for row in zip(*lists, strict=True)]
        fields = (column(name, kind) for name, (kind, _) in columns.items())
        made = func.json_to_recordset(cast(literal(json.dumps(records), Text), postgresql.JSON(none_as_null=True)))
        return made.table_valued(*fields, name="listed").render_derived(with_types=True)
    each = func.json_each(json.dumps(list(zip(*lists, strict=True)))).table_valued("value", name="each")
    return select(
        *(
            type_coerce(func.json_extract(each.c.value, f"$[{number}]"), kind).label(name)
            for number, (name, (kind, _)) in enumerate(columns.items())
        )
    ).subquery("listed")


def _plain(kind: TypeEngine[Any], values: Collection[Any], dialect: Dialect) -> list[Any]:
    """Values as JSON has them: for SQLite what its columns store, for PostgreSQL what its types read."""
    first = next(iter(values), None)
    if all(value is first for value in values):
        # Such as the kiosk and the moment of a batch: once for all.
        return _plain_one_by_one(kind, [first], dialect) * len(values)
    return _plain_one_by_one(kind, values, dialect)


def _plain_one_by_one(kind: TypeEngine[Any], values: Collection[Any], dialect: Dialect) -> list[Any]:
    own = kind.dialect_impl(dialect)
    if dialect.name == "sqlite":
        bind = own.bind_processor(dialect)
        return list(values) if bind is None else [bind(value) for value in values]
    if isinstance(own, TypeDecorator):
        values = [own.process_bind_param(value, dialect) for value in values]
    return [value.isoformat() if isinstance(value, date) else value for value in values]


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
    return make(table).values(**values) if values else make(table)
