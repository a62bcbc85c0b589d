"""The week's posting and the month's bulletin: each once, when everything in it is judged, whatever happened before."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from server.jobs.running import tick
from server.services.context import ServerContext
from server.services.ingesting import ingest
from server.services.job_overview import job_overview
from server.services.periods import period_report
from server.storage.records import ReportRecord
from tests.databases import Database
from tests.server_cast import FakeClock, Kiosk, Person, batch_of, clocked_at, employ, make_context, pair

MONDAY = date(2026, 11, 16)
NEXT_MONDAY = MONDAY + timedelta(days=7)
DECEMBER = date(2026, 12, 1)


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, joined_on=MONDAY)


@pytest.fixture
def east(context: ServerContext, clock: FakeClock) -> Kiosk:
    return pair(context, clock)


def send(context: ServerContext, kiosk: Kiosk, *items: dict[str, Any]) -> None:
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(kiosk.kiosk_id)
    assert record is not None
    ingest(context, record, batch_of(*items))


def published(context: ServerContext, kind: str, period: str) -> ReportRecord | None:
    with context.unit(read_only=True) as unit:
        return unit.jobs.report(kind, period)


def states(context: ServerContext, job: str) -> dict[str, str]:
    with context.unit(read_only=True) as unit:
        return {run.period: run.state for run in unit.jobs.recent(500) if run.job == job}


def test_the_week_is_posted_once_on_the_monday_after_it(context: ServerContext, clock: FakeClock, li: Person) -> None:
    clock.go_to("08:59", NEXT_MONDAY)
    tick(context)
    assert published(context, "week", "2026-W47") is None
    clock.go_to("09:00", NEXT_MONDAY)
    tick(context)
    before = published(context, "week", "2026-W47")
    assert before is not None
    clock.advance(timedelta(hours=1))
    tick(context)
    assert published(context, "week", "2026-W47") == before
    assert states(context, "week_posting") == {"2026-W47": "done"}


def test_the_month_follows_on_the_first_of_the_next(context: ServerContext, clock: FakeClock, li: Person) -> None:
    clock.go_to("09:29", DECEMBER)
    tick(context)
    assert published(context, "month", "2026-11") is None
    clock.go_to("09:30", DECEMBER)
    tick(context)
    assert published(context, "month", "2026-11") is not None


def test_the_last_week_of_the_year_belongs_to_its_iso_year(
    context: ServerContext, clock: FakeClock, li: Person
) -> None:
    clock.go_to("09:00", date(2027, 1, 4))
    tick(context)
    assert "2026-W53" in states(context, "week_posting")
    assert published(context, "week", "2026-W53") is not None


def test_what_everybody_did_is_in_it(context: ServerContext, clock: FakeClock, li: Person, east: Kiosk) -> None:
    send(context, east, clocked_at(li, "08:42", 1), clocked_at(li, "17:31", 2))
    clock.go_to("09:00", NEXT_MONDAY)
    tick(context)
    report = period_report(context, "week", "2026-W47")
    (line,) = report.people
    assert (line.expected_days, line.open_workdays, line.tally.late_times, line.tally.late_minutes) == (5, 0, 1, 12)
    assert line.tally.absent_half_days == 8


def test_a_published_week_stays_and_tells_who_has_changed_since(
    context: ServerContext, clock: FakeClock, li: Person, east: Kiosk
) -> None:
    clock.go_to("09:00", NEXT_MONDAY)
    tick(context)
    before = published(context, "week", "2026-W47")
    send(context, east, clocked_at(li, "08:20", 1), clocked_at(li, "17:31", 2))
    tick(context)
    assert published(context, "week", "2026-W47") == before
    report = period_report(context, "week", "2026-W47")
    assert (report.people[0].tally.absent_half_days, report.changed_people) == (10, ("李明",))


def test_three_days_of_downtime_over_the_end_of_a_month_lose_nothing(
    context: ServerContext, clock: FakeClock, li: Person
) -> None:
    clock.go_to("23:30", date(2026, 11, 28))
    tick(context)
    clock.go_to("12:00", DECEMBER)
    tick(context)
    for day in range(16, 31):
        assert published(context, "day", f"2026-11-{day:02}") is not None
    assert published(context, "week", "2026-W48") is not None
    assert published(context, "month", "2026-11") is not None
    assert set(states(context, "month_bulletin").values()) == {"done"}
    assert tick(context) == 0


def test_a_clock_that_is_set_back_posts_nothing_twice(context: ServerContext, clock: FakeClock, li: Person) -> None:
    clock.go_to("10:00", DECEMBER)
    tick(context)
    before = [published(context, "week", "2026-W48"), published(context, "month", "2026-11")]
    for at, day in (("08:00", DECEMBER), ("08:00", NEXT_MONDAY), ("10:00", DECEMBER)):
        clock.go_to(at, day)
        tick(context)
    assert [published(context, "week", "2026-W48"), published(context, "month", "2026-11")] == before


def test_servers_that_tick_at_once_post_once(
    database: Database, tmp_path: Path, clock: FakeClock, context: ServerContext, li: Person
) -> None:
    clock.go_to("10:00", DECEMBER)
    together = threading.Barrier(3, timeout=20)

    def serve() -> None:
        own = make_context(tmp_path, database, clock)
        together.wait()
        tick(own)

    threads = [threading.Thread(target=serve) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with context.unit(read_only=True) as unit:
        runs = unit.jobs.recent(500)
    assert {(run.state, run.tries) for run in runs} == {("done", 1)}
    assert len({(run.job, run.period) for run in runs}) == len(runs)


def test_the_overview_names_last_and_next_of_each_job(context: ServerContext, clock: FakeClock, li: Person) -> None:
    clock.go_to("09:00", NEXT_MONDAY)
    tick(context)
    lines = {line.job: line for line in job_overview(context).jobs}
    week = lines["week_posting"]
    assert week.last is not None
    assert (week.last.period, week.last.state, week.failed) == ("2026-W47", "done", ())
    assert week.next_period == "2026-W48"
    assert week.next_due_at is not None
    assert week.next_due_at - clock.now() == timedelta(days=7)
    assert lines["month_bulletin"].last is None
    assert lines["month_bulletin"].next_period == "2026-11"
