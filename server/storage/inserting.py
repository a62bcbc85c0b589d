"""Insert once: the statements that differ between the two databases."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
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
    and_,
    bindparam,
    cast,
    column,
    func,
    literal,
    select,
    true,
    tuple_,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

_LISTED: Final = "listed"
"""Name of the parameter that a list goes to the database as."""
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
        return set(connection.execute(_inserting_new(connection.dialect.name, key), list(rows)).scalars())
    names = list(rows[0])
    values = {name: [row[name] for row in rows] for name in names}
    # What is the same in all rows, such as the kiosk and the moment of a batch, goes there once.
    same = {name: own[0] for name, own in values.items() if name != key.name and own.count(own[0]) == len(own)}
    lists = {name: (table.c[name].type, values[name]) for name in names if name not in same}
    listed = _listed(connection.dialect.name, {name: kind for name, (kind, _) in lists.items()})
    chosen = (literal(same[name], table.c[name].type) if name in same else listed.c[name] for name in names)
    statement = (
        _insert(connection, table, {})
        .from_select(names, select(*chosen).where(true()))
        .on_conflict_do_nothing(index_elements=list(table.primary_key.columns))
    )
    new = (
        connection.execute(statement.returning(type_coerce(key, String)), _one_text(connection, lists)).scalars().all()
    )
    if len(new) == len(rows):
        return {row[key.name] for row in rows}
    texts = set(new)
    return {row[key.name] for row in rows if str(row[key.name]) in texts}


# Statements that are the same each time are built once: to build one takes longer than the database takes over it.
@cache
def _inserting_new(dialect: str, key: Column[Any]) -> Any:
    table: Any = key.table
    statement = _insert_of(dialect)(table).on_conflict_do_nothing(index_elements=list(table.primary_key.columns))
    return statement.returning(key)


@cache
def one_of(dialect: str, *wanted: Column[Any]) -> ColumnElement[bool]:
    """Whether columns have the values of one of the rows that the statement is given with ``these_values``.

    Args:
        dialect: name of the database's.
        wanted: the columns; SQLite searches an index by the first of several.
    """
    listed = _listed(dialect, {column.name: column.type for column in wanted})
    which = wanted[0] if len(wanted) == 1 else tuple_(*wanted)
    return which.in_(select(*(listed.c[column.name] for column in wanted)))


@cache
def with_these(dialect: str, *wanted: Column[Any]) -> FromClause:
    """A table joined with the rows that the statement is given with ``these_values``, by an index of all these columns.

    Args:
        dialect: name of the database's.
        wanted: columns of the table.
    """
    listed = _listed(dialect, {column.name: column.type for column in wanted})
    return listed.join(wanted[0].table, and_(*(column == listed.c[column.name] for column in wanted)))


def these_values(connection: Connection, *wanted_and_values: tuple[Column[Any], Collection[Any]]) -> dict[str, Any]:
    """The parameter of ``one_of`` and ``with_these``: each column with its values, one a row."""
    return _one_text(connection, {wanted.name: (wanted.type, values) for wanted, values in wanted_and_values})


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
        rows_with_others = [
            {**dict(zip(pairs, row, strict=True)), **others} for row in zip(*pairs.values(), strict=True)
        ]
        connection.execute(_putting(connection.dialect.name, table, tuple(others)), rows_with_others)
        return
    lists = {name: (table.c[name].type, values) for name, values in pairs.items()}
    rows = _listed(connection.dialect.name, {name: kind for name, (kind, _) in lists.items()})
    chosen = select(
        *(rows.c[name] for name in pairs), *(literal(value, table.c[name].type) for name, value in others.items())
    ).where(true())
    statement = _changing(_insert(connection, table, {}).from_select([*pairs, *others], chosen), table, others)
    connection.execute(statement, _one_text(connection, lists))


@cache
def _putting(dialect: str, table: Table, others: tuple[str, ...]) -> Any:
    return _changing(_insert_of(dialect)(table), table, others)


def _changing(statement: Any, table: Table, names: Iterable[str]) -> Any:
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_={name: statement.excluded[name] for name in names}
    )


def _listed(dialect: str, columns: Mapping[str, TypeEngine[Any]]) -> FromClause:
    """Lists of equal length as a table, which the database makes of one parameter: a JSON text.

    With a parameter a value both drivers take several times as long over the parameters as the database over the rows.
    """
    text = bindparam(_LISTED, type_=Text)
    if dialect != "sqlite":
        fields = (column(name, kind) for name, kind in columns.items())
        made = func.json_to_recordset(cast(text, postgresql.JSON(none_as_null=True)))
        return made.table_valued(*fields, name="listed").render_derived(with_types=True)
    each = func.json_each(text).table_valued("value", name="each")
    return select(
        *(
            type_coerce(func.json_extract(each.c.value, f"$[{number}]"), kind).label(name)
            for number, (name, kind) in enumerate(columns.items())
        )
    ).subquery("listed")


def _one_text(connection: Connection, columns: Mapping[str, tuple[TypeEngine[Any], Collection[Any]]]) -> dict[str, str]:
    """The parameter that ``_listed`` makes a table of."""
    dialect = connection.dialect
    lists = [_plain(kind, values, dialect) for kind, values in columns.values()]
    rows = list(zip(*lists, strict=True))
    if dialect.name != "sqlite":
        return {_LISTED: json.dumps([dict(zip(columns, row, strict=True)) for row in rows])}
    return {_LISTED: json.dumps(rows)}


def _plain(kind: TypeEngine[Any], values: Collection[Any], dialect: Dialect) -> list[Any]:
    """Values as JSON has them: for SQLite what its columns store, for PostgreSQL what its types read."""
    first = next(iter(values), None)
    if all(value is first for value in values):
        # Such as the kiosk and the moment of a batch: once for all.
        return _plain_one_by_one(kind, [first], dialect) * len(values)
    return _plain_one_by_one(kind, values, dialect)


def _plain_one_by_one(kind: TypeEngine[Any], values: Collection[Any], dialect: Dialect) -> list[Any]:
    plain = _making_plain(kind, dialect)
    return list(values) if plain is None else [plain(value) for value in values]


@lru_cache(maxsize=512)
def _making_plain(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    own = kind.dialect_impl(dialect)
    if dialect.name == "sqlite":
        return own.bind_processor(dialect)
    bind = own.process_bind_param if isinstance(own, TypeDecorator) else None

    def plain(value: Any) -> Any:
        bound = value if bind is None else bind(value, dialect)
        return bound.isoformat() if isinstance(bound, date) else bound

    return plain


def _insert(connection: Connection, table: Table, values: Mapping[str, Any]) -> Any:
    statement = _insert_of(connection.dialect.name)(table)
    return statement.values(**values) if values else statement


def _insert_of(dialect: str) -> Any:
    # The two dialects have the same words, and no type in common that knows them.
    return sqlite.insert if dialect == "sqlite" else postgresql.insert
