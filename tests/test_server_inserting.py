"""Rows in bulk: new ones once, few or many, on both databases alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from models.identifiers import uuid7_at
from server.services.context import ServerContext
from server.storage.inserting import insert_new, one_of, put_pairs, these_values
from server.storage.tables import clock_event, person, touched_workday
from tests.attendance_days import FRIDAY
from tests.server_cast import FakeClock, Kiosk, Person, employ, pair

FEW, MANY = 3, 40


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context)


@pytest.fixture
def east(context: ServerContext, clock: FakeClock) -> Kiosk:
    return pair(context, clock)


def events_of(li: Person, east: Kiosk, count: int) -> list[dict[str, Any]]:
    rows = []
    for number in range(count):
        at = datetime(2026, 11, 20, 1, 2, 3, 456000, tzinfo=UTC) + timedelta(seconds=number)
        rows.append(
            {
                "event_date": at.date(),
                "event_id": uuid7_at(at),
                "kiosk_id": east.kiosk_id,
                "device_seq": 2**62 + number,
                "person_id": li.person_id,
                "method": "face",
                "captured_at": at,
                "recorded_at": at + timedelta(microseconds=1),
                "received_at": at + timedelta(minutes=1),
                "clock_offset_seconds": -0.1 * number,
                "monotonic_seconds": 1e9 + number / 3,
                "boot_id": UUID(int=number),
                "evidence": {"distance": 0.1 + number, "note": '门口 "east" \\ \''},
                "body_sha256": f"{number:064x}",
            }
        )
    return rows


@pytest.mark.parametrize("count", [FEW, MANY])
def test_every_value_comes_back_as_it_was_given(context: ServerContext, li: Person, east: Kiosk, count: int) -> None:
    rows = events_of(li, east, count)
    with context.engine.connect() as connection:
        assert insert_new(connection, clock_event, rows, clock_event.c.event_id) == {row["event_id"] for row in rows}
        found = connection.execute(select(clock_event).order_by(clock_event.c.captured_at)).mappings().all()
    assert [{name: row[name] for name in rows[0]} for row in found] == rows


@pytest.mark.parametrize("count", [FEW, MANY])
def test_what_is_there_stays_and_is_not_called_new(context: ServerContext, li: Person, east: Kiosk, count: int) -> None:
    rows = events_of(li, east, count)
    with context.engine.connect() as connection:
        insert_new(connection, clock_event, rows[::2], clock_event.c.event_id)
        changed = [{**row, "method": "pin"} for row in rows]
        new = insert_new(connection, clock_event, changed, clock_event.c.event_id)
        assert new == {row["event_id"] for row in rows[1::2]}
        found = connection.execute(select(clock_event.c.method).order_by(clock_event.c.captured_at)).scalars().all()
    assert found == ["face" if number % 2 == 0 else "pin" for number in range(count)]


def test_a_column_without_a_value_is_empty_among_many(context: ServerContext) -> None:
    rows = [
        {
            "person_id": uuid4(),
            "employee_no": f"{number:04}",
            "name": "李明",
            "active": number % 2 == 0,
            "joined_on": FRIDAY,
            "left_on": None if number % 3 else date(2026, 12, 1),
        }
        for number in range(MANY)
    ]
    with context.engine.connect() as connection:
        assert len(insert_new(connection, person, rows, person.c.person_id)) == MANY
        found = connection.execute(select(person).order_by(person.c.employee_no)).mappings().all()
    assert [{name: row[name] for name in rows[0]} for row in found] == rows


@pytest.mark.parametrize("count", [1, FEW, MANY])
def test_many_values_are_looked_up_like_few(context: ServerContext, count: int) -> None:
    people = [employ(context, f"{number:04}") for number in range(count + 1)]
    wanted = [one.person_id for one in people[:count]] + [uuid4()]
    with context.engine.connect() as connection:
        query = select(person.c.person_id).where(one_of(connection.dialect.name, person.c.person_id))
        these = these_values(connection, (person.c.person_id, wanted))
        assert set(connection.execute(query, these).scalars()) == set(wanted[:-1])


@pytest.mark.parametrize("count", [FEW, MANY])
def test_a_mark_that_is_there_is_replaced(context: ServerContext, count: int) -> None:
    people = [employ(context, f"{number:04}").person_id for number in range(count)]
    pairs: dict[str, list[Any]] = {"person_id": people, "day": [FRIDAY] * count}
    first, second = uuid4(), uuid4()
    with context.engine.connect() as connection:
        put_pairs(connection, touched_workday, pairs, {"mark": first})
        put_pairs(
            connection, touched_workday, {"person_id": people[1:], "day": [FRIDAY] * (count - 1)}, {"mark": second}
        )
        found = {row.person_id: row.mark for row in connection.execute(select(touched_workday))}
    assert found == {people[0]: first, **dict.fromkeys(people[1:], second)}


def test_a_key_that_is_missing_elsewhere_undoes_the_whole_statement(context: ServerContext, east: Kiosk) -> None:
    stranger = Person(uuid4(), "9999", "nobody")
    with context.engine.connect() as connection, pytest.raises(Exception, match=r"(?i)foreign key"):
        insert_new(connection, clock_event, events_of(stranger, east, MANY), clock_event.c.event_id)
    with context.engine.connect() as connection:
        assert connection.execute(select(clock_event.c.event_id)).all() == []
