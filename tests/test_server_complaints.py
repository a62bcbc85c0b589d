"""What went wrong at other attendance systems between the device and the report, played through the whole server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from server.attendance.verdicts import Status
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.ingesting import ingest
from server.services.periods import period_report
from server.services.touching import touch_everybody
from server.storage.records import KioskRecord
from tests.attendance_days import FRIDAY, moment
from tests.server_cast import FakeClock, Person, batch_of, clocked_at, employ, pair

OCTOBER_FIRST, OCTOBER_LAST = date(2026, 10, 1), date(2026, 10, 31)
WORKDAYS_OF_OCTOBER = 18
"""Of 2026: the first seven days are holidays, the tenth is a make-up Saturday."""


@pytest.fixture
def door(context: ServerContext, clock: FakeClock) -> KioskRecord:
    kiosk = pair(context, clock)
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(kiosk.kiosk_id)
    assert record is not None
    return record


@contextmanager
def statements(context: ServerContext) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(context.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(context.engine, "before_cursor_execute", note)


def stored_status(context: ServerContext, person: Person, day: date = FRIDAY) -> tuple[Status | str, ...]:
    with context.unit(read_only=True) as unit:
        record = unit.workdays.one(person.person_id, day)
    assert record is not None
    return tuple(record.status.split(","))


def test_late_sync_is_not_skipped_where_a_workday_exists_already(
    context: ServerContext, clock: FakeClock, door: KioskRecord
) -> None:
    # Frappe: "if an Attendance exists the new logs are marked skipped, so late punches never recompute".
    li = employ(context)
    ingest(context, door, batch_of(clocked_at(li, "09:40", 2), clocked_at(li, "17:40", 3)))
    clock.go_to("23:30")
    derive_touched(context)
    assert stored_status(context, li) == ("late",)
    ingest(context, door, batch_of(clocked_at(li, "08:12", 1)))
    derive_touched(context)
    assert stored_status(context, li) == ("normal",)


def test_a_month_of_130_people_is_reported_with_few_statements(
    context: ServerContext, clock: FakeClock, door: KioskRecord
) -> None:
    # A community module of Odoo: two minutes for a report about 130 employees, a query a person and day. Here what is
    # asked of the database grows with batches of hundreds of workdays, and a report is a handful of statements.
    people = [employ(context, f"{number:04}", f"职员{number}", joined_on=OCTOBER_FIRST) for number in range(130)]
    friday = date(2026, 10, 16)
    late, in_time = people[:13], people[13:]
    arrivals = [clocked_at(one, moment("08:43", friday), 1 + n) for n, one in enumerate(late)]
    arrivals += [clocked_at(one, moment("08:20", friday), 100 + n) for n, one in enumerate(in_time)]
    departures = [clocked_at(one, moment("17:40", friday), 300 + n) for n, one in enumerate(people)]
    ingest(context, door, batch_of(*arrivals, *departures))
    touch_everybody(context, OCTOBER_FIRST, OCTOBER_LAST)
    workdays = len(people) * 31
    with statements(context) as deriving:
        assert derive_touched(context) == workdays
    with statements(context) as reporting:
        report = period_report(context, "month", "2026-10")
    assert (report.court.people, report.court.tally.late_times) == (130, 13)
    assert report.court.tally.absent_half_days == 2 * 130 * (WORKDAYS_OF_OCTOBER - 1)
    assert len(deriving) <= workdays // 60
    assert len(reporting) <= 15


def test_the_same_item_twice_is_one_clock_event_and_one_verdict(
    context: ServerContext, clock: FakeClock, door: KioskRecord
) -> None:
    # Horilla: "duplicates from scheduler"; the sync tool of Frappe stops at a duplicate.
    li = employ(context)
    batch = batch_of(clocked_at(li, "08:20", 1), clocked_at(li, "17:40", 2))
    assert [answer.result for answer in ingest(context, door, batch).answers] == ["stored", "stored"]
    assert [answer.result for answer in ingest(context, door, batch).answers] == ["already_had", "already_had"]
    clock.go_to("23:30")
    derive_touched(context)
    assert stored_status(context, li) == ("normal",)
    with context.unit(read_only=True) as unit:
        events = unit.items.raw_events([li.person_id], clock.now() - timedelta(days=2), clock.now())
    assert len(events[li.person_id]) == 2
