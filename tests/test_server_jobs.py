"""What the server does by itself: every day opened, reported once and closed, whatever happened in between."""

from __future__ import annotations

import threading
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from models.errors import CourtclockError
from models.stored_errors import in_words
from server.attendance.day_plans import DayPlan
from server.attendance.judging import judge
from server.attendance.verdicts import WorkdayVerdict
from server.jobs import running
from server.jobs.claiming import CLAIM_STALE_AFTER
from server.jobs.running import start_ticking, tick
from server.services import deriving
from server.services.context import ServerContext
from server.services.ingesting import ingest
from server.services.job_periods import JobPeriod
from server.services.reporting import publish_day_report
from server.services.retrying import LONGEST_RETRY_PAUSE, RETRY_FAILED_AFTER, retry_pause
from server.storage.records import JobRunRecord, ReportRecord
from server.storage.tables import report
from tests.attendance_days import FRIDAY
from tests.databases import Database
from tests.server_cast import FakeClock, Kiosk, Person, batch_of, clocked_at, employ, make_context, pair

MONDAY = FRIDAY + timedelta(days=3)
EVERYTHING = 14
"""What is due by Monday noon: four jobs for each of three days, Monday opened, and the week posted."""


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, joined_on=FRIDAY)


@pytest.fixture
def east(context: ServerContext, clock: FakeClock) -> Kiosk:
    return pair(context, clock)


def send(context: ServerContext, kiosk: Kiosk, *items: dict[str, Any]) -> None:
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(kiosk.kiosk_id)
    assert record is not None
    ingest(context, record, batch_of(*items))


def status_of(context: ServerContext, person: Person, day: date = FRIDAY) -> tuple[str, ...]:
    with context.unit(read_only=True) as unit:
        found = [one for one in unit.workdays.of_day(day) if one.person_id == person.person_id]
    return tuple(found[0].status.split(",")) if found else ()


def runs(context: ServerContext) -> list[JobRunRecord]:
    with context.unit(read_only=True) as unit:
        return unit.jobs.recent(100)


def told(context: ServerContext) -> list[str]:
    return sorted(f"{run.period[-2:]} {run.job} {run.state}" for run in runs(context))


def published(context: ServerContext, day: date = FRIDAY) -> ReportRecord | None:
    with context.unit(read_only=True) as unit:
        return unit.jobs.report("day", day.isoformat())


# A day


def test_a_day_is_opened_reported_and_closed_each_once(context: ServerContext, clock: FakeClock, li: Person) -> None:
    clock.go_to("04:00")
    assert [tick(context), tick(context)] == [1, 0]
    clock.go_to("22:59:59")
    assert tick(context) == 0
    clock.go_to("23:00")
    assert [tick(context), tick(context)] == [1, 0]
    clock.go_to("28:00")
    assert [tick(context), tick(context)] == [3, 0], "yesterday is closed and cleaned up, and today opened"
    assert told(context) == [
        "20 close_day done",
        "20 day_report done",
        "20 open_day done",
        "20 retention done",
        "21 open_day done",
    ]
    assert {run.tries for run in runs(context)} == {1}


def test_a_court_without_anybody_has_nothing_to_make_up_for(context: ServerContext, clock: FakeClock) -> None:
    tick(context)
    assert told(context) == ["20 open_day done"]


def test_somebody_without_any_event_is_judged_too(context: ServerContext, clock: FakeClock, li: Person) -> None:
    clock.go_to("08:00")
    tick(context)
    assert status_of(context, li) == ("pending",)
    clock.go_to("23:00")
    tick(context)
    assert status_of(context, li) == ("absent",)


def test_pending_becomes_missing_once_the_windows_have_closed_though_nothing_came(
    database: Database, tmp_path: Path, clock: FakeClock
) -> None:
    # The report is made while the evening's window is still open.
    context = make_context(tmp_path, database, clock, jobs={"day_report_at": time(18)})
    li = employ(context, joined_on=FRIDAY)
    east = pair(context, clock)
    send(context, east, clocked_at(li, "08:29"))
    clock.go_to("18:00")
    tick(context)
    before = published(context)
    assert status_of(context, li) == ("pending",)
    clock.go_to("28:00")
    tick(context)
    assert status_of(context, li) == ("missing_clock",)
    assert published(context) == before, "what was published stays as it was"


def test_an_event_is_judged_at_the_next_tick_without_waiting_for_a_period(
    context: ServerContext, clock: FakeClock, li: Person, east: Kiosk
) -> None:
    tick(context)
    send(context, east, clocked_at(li, "08:42"))
    assert tick(context) == 0
    assert "late" in status_of(context, li)


def test_an_event_that_comes_days_late_is_judged_into_its_own_day(
    context: ServerContext, clock: FakeClock, li: Person, east: Kiosk
) -> None:
    clock.go_to("12:00", MONDAY)
    tick(context)
    before = published(context)
    assert status_of(context, li) == ("absent",)
    send(context, east, clocked_at(li, "08:29", 1), clocked_at(li, "17:31", 2))
    tick(context)
    assert status_of(context, li) == ("normal",)
    assert published(context) == before


# Catching up


def test_after_days_of_downtime_every_missed_report_is_made_oldest_first(
    context: ServerContext, clock: FakeClock, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def watched(of: ServerContext, day: date) -> bool:
        made.append(day.isoformat())
        return publish_day_report(of, day)

    monkeypatch.setattr(running, "publish_day_report", watched)
    clock.go_to("12:00", MONDAY)
    assert tick(context) == EVERYTHING
    assert made == ["2026-11-20", "2026-11-21", "2026-11-22"]
    assert all(published(context, FRIDAY + timedelta(days=number)) for number in range(3))
    assert tick(context) == 0


def test_a_clock_that_is_set_back_does_nothing_twice(context: ServerContext, clock: FakeClock, li: Person) -> None:
    clock.go_to("23:30")
    tick(context)
    before = published(context)
    clock.go_to("22:00")
    assert tick(context) == 0
    clock.go_to("23:30")
    assert tick(context) == 1, "the report is looked at again, and says the same"
    assert tick(context) == 0
    assert published(context) == before


# The report


def test_a_report_is_published_once_and_never_changed(
    context: ServerContext, clock: FakeClock, li: Person, east: Kiosk
) -> None:
    clock.go_to("23:00")
    tick(context)
    before = published(context)
    assert before is not None
    assert before.made_at == clock.now()
    (noted,) = before.content["noted"]
    assert (noted["employee_no"], noted["summary"]) == ("0104", {"en": "absent", "zh": "旷工"})
    send(context, east, clocked_at(li, "08:29"))
    clock.advance(timedelta(minutes=5))
    tick(context)
    assert publish_day_report(context, FRIDAY) is False
    assert published(context) == before
    with context.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(report)).scalar() == 1


def test_several_servers_that_tick_at_once_run_each_period_once(
    database: Database, tmp_path: Path, clock: FakeClock, context: ServerContext, li: Person
) -> None:
    clock.go_to("12:00", MONDAY)
    together = threading.Barrier(3, timeout=20)
    counts: list[int] = []

    def serve() -> None:
        own = make_context(tmp_path, database, clock)
        together.wait()
        counts.append(tick(own))

    threads = [threading.Thread(target=serve) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(counts) == EVERYTHING
    assert {(run.state, run.tries) for run in runs(context)} == {("done", 1)}


# Faults


def fail_for(monkeypatch: pytest.MonkeyPatch, job: str, day: date, error: Exception) -> list[JobPeriod]:
    """Let one period fail; gives those that were tried."""
    work = running._work
    tried: list[JobPeriod] = []

    def failing(context: ServerContext, due: JobPeriod) -> None:
        tried.append(due)
        if (due.job, due.day) == (job, day):
            raise error
        work(context, due)

    monkeypatch.setattr(running, "_work", failing)
    return tried


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (ZeroDivisionError("by zero"), "A fault that nobody foresaw; the log says more: ZeroDivisionError('by zero')"),
        (CourtclockError("seal.broken"), "Sealed data does not open"),
    ],
)
def test_a_period_that_fails_is_written_down_and_the_others_go_on(
    context: ServerContext,
    clock: FakeClock,
    li: Person,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    kept: str,
) -> None:
    fail_for(monkeypatch, "day_report", FRIDAY, error)
    clock.go_to("12:00", MONDAY)
    assert tick(context) == EVERYTHING
    (failed,) = [run for run in runs(context) if run.state != "done"]
    assert (failed.job, failed.period, failed.state) == ("day_report", "2026-11-20", "failed")
    assert failed.error is not None
    assert in_words(failed.error, "en").startswith(kept)
    assert published(context) is None
    assert published(context, FRIDAY + timedelta(days=1)) is not None
    assert "day_report for 2026-11-20 failed" in caplog.text


def test_a_period_that_goes_on_failing_is_tried_again_after_pauses_that_grow(
    context: ServerContext, clock: FakeClock, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = fail_for(monkeypatch, "day_report", FRIDAY, ZeroDivisionError("by zero"))
    clock.go_to("23:00")
    assert [tick(context) for _ in range(3)] == [2, 0, 0]
    for number in range(1, 4):
        clock.advance(retry_pause(number) - timedelta(seconds=1))
        assert tick(context) == 0
        clock.advance(timedelta(seconds=2))
        assert [tick(context) for _ in range(3)] == [1, 0, 0]
        assert sum(one.job == "day_report" for one in tried) == number + 1


def test_the_pauses_are_a_minute_then_twice_as_long_up_to_an_hour() -> None:
    assert [retry_pause(tries) for tries in (1, 2, 3)] == [
        timedelta(minutes=1),
        timedelta(minutes=2),
        timedelta(minutes=4),
    ]
    assert retry_pause(7) == retry_pause(10_000) == LONGEST_RETRY_PAUSE == timedelta(hours=1)


def test_a_workday_that_cannot_be_judged_does_not_stop_the_others(
    context: ServerContext,
    clock: FakeClock,
    li: Person,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    others = [FRIDAY, MONDAY]

    def spoilt(plan: DayPlan, *more: Any) -> WorkdayVerdict:
        if plan.day == others[0]:
            raise ValueError("a verdict that nobody understands")
        return judge(plan, *more)

    monkeypatch.setattr("server.services.deriving.judge", spoilt)
    with context.unit() as unit:
        unit.workdays.touch((li.person_id, day) for day in others)
        unit.commit()
    assert deriving.derive_touched(context) == 1
    assert f"the workday {FRIDAY}" in caplog.text
    with context.unit(read_only=True) as unit:
        assert [touched.day for touched in unit.workdays.touched(10)] == [others[0]], "it stays touched"
        assert len(unit.workdays.of_day(others[1])) == 1
    monkeypatch.undo()
    clock.advance(RETRY_FAILED_AFTER)
    assert deriving.derive_touched(context) == 1


def test_a_period_that_failed_succeeds_when_the_cause_is_gone(
    context: ServerContext, clock: FakeClock, li: Person
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        fail_for(monkeypatch, "day_report", FRIDAY, ZeroDivisionError("by zero"))
        clock.go_to("23:00")
        tick(context)
    clock.advance(RETRY_FAILED_AFTER + timedelta(seconds=1))
    assert tick(context) == 1
    assert published(context) is not None
    assert [(run.tries, run.error) for run in runs(context) if run.job == "day_report"] == [(2, None)]


def test_a_server_that_died_over_a_period_is_succeeded_by_the_next_one(
    context: ServerContext, clock: FakeClock, li: Person
) -> None:
    clock.go_to("23:00")
    with context.unit() as unit:
        unit.jobs.claim("day_report", "2026-11-20", clock.host_now(), clock.host_now(), clock.host_now())
        unit.commit()
    tick(context)
    assert published(context) is None
    clock.advance(CLAIM_STALE_AFTER - timedelta(seconds=1))
    assert tick(context) == 0
    clock.advance(timedelta(seconds=2))
    assert tick(context) == 1
    assert published(context) is not None


# Ticking


def test_the_scheduler_ticks_by_itself_and_outlives_a_fault(
    database: Database, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = make_context(tmp_path, database, clock, jobs={"tick_seconds": 0.05})
    ticked = threading.Semaphore(0)
    faults = iter([CourtclockError("database.unreachable", reason="the cable is out")])

    def fake_run(of: ServerContext) -> int:
        assert of.engine is context.engine
        ticked.release()
        for fault in faults:
            raise fault
        return 0

    monkeypatch.setattr(running, "run_due", fake_run)
    scheduler = start_ticking(context)
    try:
        for _ in range(3):
            assert ticked.acquire(timeout=20)
    finally:
        scheduler.shutdown(wait=True)
