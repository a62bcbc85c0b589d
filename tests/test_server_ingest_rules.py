"""Ingest: however a kiosk splits, orders and repeats what it has to say, the same is on record in the end."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, select

from server.services.context import ServerContext
from server.services.ingesting import ingest
from server.services.numbering import find_gaps
from server.storage.records import KioskRecord
from server.storage.tables import attempt, clock_event, refused_item, touched_workday, void
from tests.attendance_days import moment
from tests.databases import DatabaseKind, Databases
from tests.server_cast import FakeClock, Person, attempted_at, batch_of, clocked_at, employ, make_context, not_me, pair

EXAMPLES = 12
# Which of the nine items come, in which batches: every item at least once, some again.
SENDINGS = st.permutations(range(9)).flatmap(
    lambda once: st.lists(st.integers(0, 8), max_size=8).flatmap(
        lambda again: st.permutations([*once, *again]).flatmap(
            lambda order: st.lists(st.integers(1, 6), min_size=len(order), max_size=len(order)).map(
                lambda sizes: _batches(list(order), sizes)
            )
        )
    )
)


def _batches(order: list[int], sizes: list[int]) -> list[list[int]]:
    batches = []
    for size in sizes:
        batches.append(order[:size])
        order = order[size:]
    return [batch for batch in batches if batch]


def told(li: Person, wang: Person) -> list[dict[str, Any]]:
    """Nine items of one kiosk; the void names an event that comes in the same day's telling."""
    event = clocked_at(li, "08:29", 1)
    return [
        event,
        clocked_at(wang, "08:31", 2),
        attempted_at("08:32", 3),
        clocked_at(li, "17:31", 4),
        clocked_at(wang, "27:59", 5),
        clocked_at(wang, "28:00", 6),
        {"device_seq": 7, "item_id": "malformed"},
        clocked_at(Person(UUID(int=404), "0999", "陌生人"), "09:00", 8),
        clocked_at(li, moment("08:29") + timedelta(milliseconds=1), 9),
    ]


def record(context: ServerContext) -> dict[str, set[str]]:
    """Every raw row, without the moments of arrival."""

    def of(table: Table) -> set[str]:
        with context.engine.connect() as connection:
            found = connection.execute(select(table)).mappings().all()
        moving = ("received_at", "clock_offset_seconds", "mark")
        return {str({name: value for name, value in row.items() if name not in moving}) for row in found}

    return {table.name: of(table) for table in (clock_event, attempt, void, refused_item, touched_workday)}


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_any_split_any_order_any_repetition_ends_in_the_same_rows(
    databases: Databases, kind: DatabaseKind, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("court")
    clock = FakeClock()
    base = databases.migrated(kind)
    context = make_context(folder, base, clock)
    li, wang = employ(context), employ(context, "0205", "王芳")
    east = pair(context, clock)
    items = told(li, wang)
    kiosk = _record_of(context, east.kiosk_id)
    ingest(context, kiosk, batch_of(*items))
    expected = record(context)
    assert [len(rows) for rows in expected.values()] == [6, 1, 0, 2, 3]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(SENDINGS)
    def the_same_in_the_end(sending: list[list[int]]) -> None:
        _forget_all(context)
        for batch in sending:
            clock.advance(timedelta(seconds=1))
            answers = ingest(context, kiosk, batch_of(*(items[number] for number in batch))).answers
            assert [one.item_id for one in answers] == [str(items[number]["item_id"]) for number in batch]
        assert record(context) == expected
        assert find_gaps(context) == []

    try:
        the_same_in_the_end()
    finally:
        base.close()


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_a_void_counts_however_often_and_with_whatever_it_comes_after_its_event(
    databases: Databases, kind: DatabaseKind, tmp_path: Path
) -> None:
    clock = FakeClock()
    base = databases.migrated(kind)
    context = make_context(tmp_path, base, clock)
    li = employ(context)
    kiosk = _record_of(context, pair(context, clock).kiosk_id)
    event, later = clocked_at(li, "08:29", 1), clocked_at(li, "08:35", 3)
    taken_back = not_me(event, 2)
    for batch in ([event], [event, taken_back], [taken_back, later], [taken_back, event, later]):
        ingest(context, kiosk, batch_of(*batch))
    with context.unit(read_only=True) as unit:
        found = unit.items.events_of(li.person_id, moment("00:00"), moment("24:00"))
    assert [(one.captured_at, one.voided) for one in found] == [(moment("08:29"), True), (moment("08:35"), False)]
    base.close()


def _record_of(context: ServerContext, kiosk_id: UUID) -> KioskRecord:
    with context.unit(read_only=True) as unit:
        found = unit.kiosks.by_id(kiosk_id)
    assert found is not None
    return found


def _forget_all(context: ServerContext) -> None:
    with context.engine.begin() as connection:
        for table in (clock_event, attempt, void, refused_item, touched_workday):
            connection.execute(table.delete())
