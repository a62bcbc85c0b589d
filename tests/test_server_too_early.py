"""What ran before its time, by a clock that was ahead, is withdrawn, and runs anew when it is due."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.stored_errors import in_words
from server.jobs.running import run_due, tick
from server.services.context import ServerContext
from server.services.ingesting import ingest
from server.services.mail_reports import render_report
from server.services.periods import period_report
from server.services.reporting import day_report
from tests.attendance_days import FRIDAY, moment
from tests.databases import Database
from tests.mailing_cast import DAY, Sent, mail_of, queue, reader
from tests.mailing_cast import send as send_mails
from tests.periods_cast import reading
from tests.server_cast import FakeClock, Kiosk, Person, batch_of, clocked_at, employ, make_context, pair
from tests.smtp_server import mail_settings

MONDAY = FRIDAY + timedelta(days=3)
FOUR_DAYS = timedelta(days=4)


@pytest.fixture
def context(tmp_path: Path, database: Database, clock: FakeClock) -> ServerContext:
    """A court that sends mail."""
    return make_context(tmp_path, database, clock, mail=mail_settings().model_dump())


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, joined_on=FRIDAY)


@pytest.fixture
def east(context: ServerContext, clock: FakeClock) -> Kiosk:
    return pair(context, clock)


@pytest.fixture
def ahead(context: ServerContext, clock: FakeClock, li: Person, east: Kiosk) -> None:
    """On Friday at nine the clock is four days ahead for one tick, then right again."""
    clock.go_to("09:00")
    run_due(context)
    clock.advance(FOUR_DAYS)
    run_due(context)
    clock.advance(-FOUR_DAYS)


def clocks(context: ServerContext, kiosk: Kiosk, *items: dict[str, Any]) -> None:
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(kiosk.kiosk_id)
    assert record is not None
    ingest(context, record, batch_of(*items, sent_at=context.clock.now()))


def noted(context: ServerContext, day: date = FRIDAY) -> list[str] | None:
    """How the published report words each verdict; None while there is none."""
    with context.unit(read_only=True) as unit:
        report = unit.jobs.report("day", day.isoformat())
    return None if report is None else [one["summary"]["en"] for one in report.content["noted"]]


def test_it_is_withdrawn_as_soon_as_the_clock_is_right(context: ServerContext, ahead: None) -> None:
    assert noted(context) == noted(context, MONDAY) == ["absent"]
    assert run_due(context) == 0
    for day in range(20, 24):
        assert noted(context, date(2026, 11, day)) is None
    with context.unit(read_only=True) as unit:
        assert unit.jobs.report("week", "2026-W47") is None
        assert unit.reading.published_at("day") == {}


def test_each_day_is_reported_when_it_is_due_as_it_really_was(
    context: ServerContext, clock: FakeClock, li: Person, east: Kiosk, ahead: None
) -> None:
    run_due(context)
    clocks(context, east, clocked_at(li, "08:42", 1), clocked_at(li, "17:31", 2))
    clock.go_to("22:59")
    run_due(context)
    assert noted(context) is None
    clock.go_to("23:00")
    run_due(context)
    assert noted(context) == ["late 12 min"]
    clock.go_to("23:30", MONDAY)
    clocks(context, east, clocked_at(li, moment("08:29", MONDAY), 3), clocked_at(li, moment("17:31", MONDAY), 4))
    run_due(context)
    assert noted(context, MONDAY) == []
    clock.go_to("12:00", MONDAY + timedelta(days=1))
    run_due(context)
    with context.unit(read_only=True) as unit:
        assert unit.jobs.report("week", "2026-W47") is not None
        assert {run.state for run in unit.jobs.recent(100)} == {"done"}


def test_the_page_says_that_one_is_withdrawn_and_afterwards_that_it_was_replaced(
    context: ServerContext, clock: FakeClock, li: Person, east: Kiosk, ahead: None
) -> None:
    run_due(context)
    reader(context, "hr")
    hr = reading(context, "hr")
    page = hr.get("/reports/day/2026-11-20").text
    assert "A report of this period dated 2026-11-20 23:00" not in page, "it was made on the day it was made"
    assert "dated 2026-11-24 09:00 was published before its time" in page
    assert "Not published yet" in page
    assert "dated 2026-11-24 09:00 was published before its time" in hr.get("/reports/week/2026-W47").text
    clocks(context, east, clocked_at(li, "08:42", 1), clocked_at(li, "17:31", 2))
    clock.go_to("23:00")
    run_due(context)
    page = reading(context, "hr").get("/reports/day/2026-11-20").text
    assert "It takes the place of the report dated 2026-11-24 09:00" in page
    assert "Published at 2026-11-20 23:00" in page
    assert day_report(context, FRIDAY).withdrawn_at is None


def test_one_that_says_the_same_when_it_is_due_stands_again(
    context: ServerContext, clock: FakeClock, ahead: None
) -> None:
    run_due(context)
    clock.go_to("12:00", MONDAY + timedelta(days=2))
    run_due(context)
    assert noted(context) == ["absent"]
    report = period_report(context, "week", "2026-W47")
    assert (report.replaced_at, report.withdrawn_at) == ((), None)
    assert report.published_at == moment("09:00") + FOUR_DAYS


def test_the_jobs_page_says_why_and_when_it_runs_again(context: ServerContext, ahead: None) -> None:
    run_due(context)
    with context.unit(read_only=True) as unit:
        run = unit.jobs.find("day_report", DAY)
    assert run is not None
    assert run.state == "failed"
    assert in_words(str(run.error), "en").endswith("It runs again when it is due, at 2026-11-20 23:00.")


def test_mails_not_sent_yet_are_dropped_and_sent_with_the_right_one(
    context: ServerContext, clock: FakeClock, li: Person, east: Kiosk
) -> None:
    hr = reader(context, "hr")
    clock.advance(FOUR_DAYS)
    run_due(context)
    clock.advance(-FOUR_DAYS)
    run_due(context)
    with context.unit(read_only=True) as unit:
        assert unit.mails.counts() == {}
    clock.go_to("23:00")
    run_due(context)
    assert mail_of(context, hr).state == "waiting"


def test_whoever_got_the_wrong_one_gets_the_right_one_under_another_message_id(
    context: ServerContext, clock: FakeClock, li: Person, east: Kiosk
) -> None:
    reader(context, "hr")
    clock.advance(FOUR_DAYS)
    run_due(context)
    wrong = Sent()
    send_mails(context, wrong)
    clock.advance(-FOUR_DAYS)
    run_due(context)
    clocks(context, east, clocked_at(li, "08:42", 1), clocked_at(li, "17:31", 2))
    clock.go_to("23:00")
    run_due(context)
    right = Sent()
    assert send_mails(context, right) == 1
    (replaced,) = [one for one in wrong.messages if str(one["Subject"]) == f"day {DAY}"]
    assert right.messages[0]["Message-ID"] != replaced["Message-ID"]
    with context.unit(read_only=True) as unit:
        account = unit.accounts.by_username("hr")
    assert account is not None
    assert "2026-11-24 12:00" in render_report(context, "day", DAY, account).text.splitlines()[2]


def test_one_that_says_the_same_is_sent_to_nobody_twice(context: ServerContext, clock: FakeClock, li: Person) -> None:
    reader(context, "hr")
    clock.advance(FOUR_DAYS)
    run_due(context)
    send_mails(context, Sent())
    clock.advance(-FOUR_DAYS)
    run_due(context)
    clock.go_to("12:00", MONDAY + timedelta(days=1))
    run_due(context)
    again = Sent()
    send_mails(context, again)
    assert [str(one["Subject"]) for one in again.messages] == []


def test_a_clock_that_is_behind_takes_nothing_back_that_a_kiosk_has_seen_the_end_of(
    context: ServerContext, clock: FakeClock, li: Person, east: Kiosk
) -> None:
    clock.go_to("23:30")
    run_due(context)
    clocks(context, east, clocked_at(li, moment("23:20"), 1))
    before = day_report(context, FRIDAY).published_at
    clock.go_to("12:00")
    assert run_due(context) == 0
    assert day_report(context, FRIDAY).published_at == before


def test_a_report_whose_time_was_changed_in_the_settings_stays(
    database: Database, tmp_path: Path, clock: FakeClock, context: ServerContext, li: Person
) -> None:
    clock.go_to("23:00")
    run_due(context)
    later = make_context(tmp_path, database, clock, jobs={"day_report_at": moment("23:45").time()})
    clock.go_to("23:10")
    run_due(later)
    assert noted(context) == ["absent"]


def test_a_mail_that_a_clock_ahead_has_put_off_is_not_waited_for(context: ServerContext, clock: FakeClock) -> None:
    reader(context, "hr")
    clock.advance(FOUR_DAYS)
    queue(context)
    clock.advance(-FOUR_DAYS)
    assert send_mails(context, Sent()) == 1


def test_a_tick_finds_nothing_more_to_take_back(context: ServerContext, ahead: None) -> None:
    run_due(context)
    assert tick(context) == 0
