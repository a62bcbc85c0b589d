"""When a window has closed, the next tick judges what it was open for, by day and by night; nobody has to touch it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from server.jobs.running import tick
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.expectation_changes import add_roster_entry
from server.services.ingesting import ingest
from server.services.recomputing import recompute
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request
from server.services.touching import touch_closed, touch_everybody
from server.storage.tables import workday
from tests.attendance_days import FRIDAY, moment
from tests.databases import Database
from tests.server_cast import FakeClock, Person, batch_of, clocked_at, employ, make_context, pair

MONDAY = date(2026, 11, 16)
WEDNESDAY = date(2026, 11, 18)
THURSDAY = WEDNESDAY + timedelta(days=1)


def court_with(rules: str, folder: Path, database: Database, clock: FakeClock) -> ServerContext:
    clock.go_to("09:00", MONDAY)
    return make_context(folder, database, clock, attendance={"first_rules": rules})


def clock_in(context: ServerContext, clock: FakeClock, *items: dict[str, Any]) -> None:
    with context.unit(read_only=True) as unit:
        kiosk = unit.kiosks.by_id(pair(context, clock).kiosk_id)
    assert kiosk is not None
    ingest(context, kiosk, batch_of(*items, sent_at=clock.now()))


def status_of(context: ServerContext, person: Person, day: date) -> str:
    with context.unit(read_only=True) as unit:
        stored = unit.workdays.one(person.person_id, day)
    assert stored is not None
    return stored.status


def on_night_duty(context: ServerContext, person: Person, day: date = WEDNESDAY) -> None:
    add_roster_entry(
        context, [person.person_id], day, day, "night_duty", follows_calendar=False, reason="duty", entered_by="zhao"
    )


def test_a_morning_on_which_nobody_came_is_judged_when_its_window_has_closed(
    tmp_path: Path, database: Database, clock: FakeClock
) -> None:
    context = court_with("court_two_points", tmp_path, database, clock)
    li = employ(context, joined_on=MONDAY)
    tick(context)
    with context.unit(read_only=True) as unit:
        record = unit.workdays.one(li.person_id, MONDAY)
    assert record is not None
    assert record.judge_again_at is not None
    clock.advance(record.judge_again_at - clock.now() - timedelta(seconds=1))
    tick(context)
    assert status_of(context, li, MONDAY) == "pending"
    clock.advance(timedelta(seconds=1))
    tick(context)
    assert status_of(context, li, MONDAY) == "missing_clock,pending"


def test_a_night_duty_is_judged_on_the_morning_on_which_its_last_window_closes(
    tmp_path: Path, database: Database, clock: FakeClock
) -> None:
    context = court_with("court_police_nights", tmp_path, database, clock)
    li = employ(context, joined_on=MONDAY)
    tick(context)
    on_night_duty(context, li)
    clock.go_to("21:00", WEDNESDAY)
    clock_in(context, clock, clocked_at(li, moment("19:55", WEDNESDAY)))
    told = []
    for at, day in (("23:30", WEDNESDAY), ("04:10", THURSDAY), ("13:00", THURSDAY)):
        clock.go_to(at, day)
        tick(context)
        told.append(status_of(context, li, WEDNESDAY))
        assert recompute(context, MONDAY, day).differences == ()
    assert told == ["pending", "pending", "missing_clock"]


def test_each_closing_is_judged_once(tmp_path: Path, database: Database, clock: FakeClock) -> None:
    context = court_with("court_four_windows", tmp_path, database, clock)
    people = [employ(context, f"{number:04}", f"姓名{number}", joined_on=MONDAY) for number in range(3)]
    touch_everybody(context, MONDAY)
    derive_touched(context)
    marked = []
    for hour in range(9, 24):
        clock.go_to(f"{hour}:00", MONDAY)
        marked.append(touch_closed(context))
        assert (derive_touched(context), touch_closed(context)) == (marked[-1], 0)
    assert sum(marked) <= 4 * len(people)
    assert status_of(context, people[0], MONDAY) == "absent"


def test_more_than_one_transaction_takes_are_all_marked(
    tmp_path: Path, database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = court_with("court_two_points", tmp_path, database, clock)
    for number in range(5):
        employ(context, f"{number:04}", f"姓名{number}", joined_on=MONDAY)
    touch_everybody(context, MONDAY)
    derive_touched(context)
    monkeypatch.setattr("server.services.touching._BATCH", 2)
    clock.go_to("23:30", MONDAY)
    assert (touch_closed(context), derive_touched(context), touch_closed(context)) == (5, 5, 0)


def test_leave_over_a_night_lets_the_fact_beside_it_be_known_in_the_morning(
    tmp_path: Path, database: Database, clock: FakeClock
) -> None:
    context = court_with("court_police_nights", tmp_path, database, clock)
    li = employ(context, joined_on=MONDAY)
    tick(context)
    on_night_duty(context, li)
    wish = Wish("leave", li.person_id, "ill", "sick", moment("19:00", WEDNESDAY), moment("33:00", WEDNESDAY))
    filed = file_request(context, wish, Actor("zhao", "hr"))
    decide(context, filed.request_id, "approved", Actor("zhou", "president"))
    clock.go_to("23:30", WEDNESDAY)
    tick(context)
    assert status_of(context, li, WEDNESDAY) == "on_leave"
    clock.go_to("13:00", THURSDAY)
    tick(context)
    assert recompute(context, MONDAY, WEDNESDAY).differences == ()


def test_what_is_judged_to_the_end_waits_for_no_moment(tmp_path: Path, database: Database, clock: FakeClock) -> None:
    context = court_with("court_four_windows", tmp_path, database, clock)
    employ(context, joined_on=MONDAY)
    clock.go_to("23:30", FRIDAY)
    tick(context)
    with context.engine.connect() as connection:
        rows = connection.execute(workday.select()).all()
    assert {row.day.day: row.judge_again_at for row in rows} == dict.fromkeys(range(16, 21))
