"""Deriving: only what was touched is judged again, once, and nothing that came in between gets lost."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from server.attendance.calendar import Calendar
from server.attendance.judging import judge
from server.attendance.rosters import NOBODYS
from server.attendance.rules import BEGINNING, RuleHistory, RuleVersion
from server.attendance.verdicts import WorkdayVerdict
from server.services.context import ServerContext
from server.services.court_rules import CourtRules, rules_in_force
from server.services.deriving import as_verdict, derive_period, derive_touched
from server.services.ingesting import ingest
from server.services.recomputing import recompute
from server.services.touching import touch_everybody, touched_days
from server.storage.records import TouchedWorkday
from tests.attendance_days import FRIDAY, NIGHT, moment
from tests.databases import Database
from tests.server_cast import FakeClock, Kiosk, Person, batch_of, clocked_at, employ, make_context, not_me, pair

THURSDAY = FRIDAY - timedelta(days=1)
MONDAY = date(2026, 11, 16)


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context)


@pytest.fixture
def wang(context: ServerContext) -> Person:
    return employ(context, "0205", "王芳", "刑庭")


@pytest.fixture
def east(context: ServerContext, clock: FakeClock) -> Kiosk:
    return pair(context, clock)


def send(context: ServerContext, kiosk: Kiosk, *items: dict[str, object]) -> None:
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(kiosk.kiosk_id)
    assert record is not None
    ingest(context, record, batch_of(*items))


def times(context: ServerContext) -> dict[tuple[UUID, date], int]:
    with context.unit(read_only=True) as unit:
        return unit.workdays.times_derived()


def verdict_of(context: ServerContext, person: Person, day: date = FRIDAY) -> WorkdayVerdict:
    with context.unit(read_only=True) as unit:
        found = unit.workdays.one(person.person_id, day)
        assert found is not None
        return as_verdict(found, rules_in_force(context, unit))


def test_an_event_for_a_judged_workday_judges_it_again_and_no_other(
    context: ServerContext, clock: FakeClock, li: Person, wang: Person, east: Kiosk
) -> None:
    clock.go_to("23:30")
    for day in (THURSDAY, FRIDAY):
        touch_everybody(context, day)
    assert derive_touched(context) == 4
    before = times(context)
    assert set(before.values()) == {1}
    assert verdict_of(context, li).status == ("absent",)
    send(context, east, clocked_at(li, "08:29", 1))
    assert derive_touched(context) == 1
    assert times(context) == {**before, (li.person_id, FRIDAY): 2}
    assert verdict_of(context, li).status == ("missing_clock",)
    assert verdict_of(context, wang).status == ("absent",)


def test_without_a_touch_nothing_is_judged(context: ServerContext, li: Person, east: Kiosk) -> None:
    send(context, east, clocked_at(li, "08:29"))
    assert [derive_touched(context), derive_touched(context)] == [1, 0]
    assert times(context) == {(li.person_id, FRIDAY): 1}


def test_the_verdict_on_record_has_its_minutes_its_rules_and_its_events(
    context: ServerContext, clock: FakeClock, li: Person, east: Kiosk
) -> None:
    clock.go_to("23:30")
    event = clocked_at(li, "08:42", 1)
    send(context, east, event, clocked_at(li, "17:20", 2))
    derive_touched(context)
    with context.unit(read_only=True) as unit:
        (stored,) = unit.workdays.of_day(FRIDAY)
    assert (stored.status, stored.tally.late_minutes, stored.tally.early_minutes) == ("late,early_leave", 12, 10)
    assert stored.rule_version == context.first_rules.version
    first = verdict_of(context, li).points[0].event
    assert first is not None
    assert str(first.event_id) == event["item_id"]


def test_a_void_takes_the_event_out_of_the_verdict(
    context: ServerContext, clock: FakeClock, li: Person, east: Kiosk
) -> None:
    clock.go_to("23:30")
    event = clocked_at(li, "08:29", 1)
    send(context, east, event, clocked_at(li, "17:31", 2))
    derive_touched(context)
    assert verdict_of(context, li).status == ("normal",)
    send(context, east, not_me(event, 3))
    derive_touched(context)
    assert verdict_of(context, li).status == ("missing_clock",)


def test_a_touch_that_comes_while_a_workday_is_judged_is_not_lost(
    context: ServerContext, clock: FakeClock, li: Person, east: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.go_to("23:30")
    send(context, east, clocked_at(li, "08:29", 1))
    came: list[threading.Thread] = []

    def an_event_comes_meanwhile(*judged: Any) -> WorkdayVerdict:
        verdict = judge(*judged)
        if not came:
            came.append(threading.Thread(target=send, args=(context, east, clocked_at(li, "17:31", 2))))
            came[0].start()
            # It waits for the verdict that is being written, or has come: either way it must count afterwards.
            came[0].join(0.2)
        return verdict

    monkeypatch.setattr("server.services.deriving.judge", an_event_comes_meanwhile)
    derive_touched(context)
    came[0].join(20)
    derive_touched(context)
    assert verdict_of(context, li).status == ("normal",)


def test_settling_a_touch_leaves_a_later_one_of_the_same_workday(context: ServerContext, li: Person) -> None:
    def touch() -> TouchedWorkday:
        with context.unit() as unit:
            unit.workdays.touch([(li.person_id, FRIDAY)])
            unit.commit()
        with context.unit(read_only=True) as unit:
            (found,) = unit.workdays.touched(10)
        return found

    earlier, later = touch(), touch()
    with context.unit() as unit:
        settled = [unit.workdays.settle([one]) for one in (earlier, later, later)]
    assert settled == [set(), {(li.person_id, FRIDAY)}, set()]


def test_of_several_who_judge_at_once_one_judges_each_workday(
    context: ServerContext, database: Database, tmp_path: Path, clock: FakeClock
) -> None:
    people = [employ(context, f"{number:04}", f"姓名{number}") for number in range(30)]
    touch_everybody(context, FRIDAY)
    together = threading.Barrier(3, timeout=20)
    judged: list[int] = []

    def judge() -> None:
        own = make_context(tmp_path, database, clock)
        together.wait()
        judged.append(derive_touched(own))

    threads = [threading.Thread(target=judge) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(judged) == len(people)
    assert times(context) == {(person.person_id, FRIDAY): 1 for person in people}


def test_more_workdays_than_one_transaction_takes_are_all_judged(context: ServerContext, li: Person) -> None:
    days = [MONDAY + timedelta(days=number) for number in range(450)]
    with context.unit() as unit:
        unit.workdays.touch((li.person_id, day) for day in days)
        unit.commit()
    assert derive_touched(context) == 450
    assert set(times(context)) == {(li.person_id, day) for day in days}


def test_everybody_is_touched_from_the_day_they_joined(context: ServerContext, li: Person) -> None:
    new = employ(context, "0300", "新同事", joined_on=FRIDAY)
    touch_everybody(context, THURSDAY)
    derive_touched(context)
    assert set(times(context)) == {(li.person_id, THURSDAY)}
    touch_everybody(context, FRIDAY)
    derive_touched(context)
    assert (new.person_id, FRIDAY) in times(context)


NIGHTS = CourtRules(NIGHT.site, RuleHistory([RuleVersion(1, BEGINNING, NIGHT.rules)]), Calendar())


@pytest.mark.parametrize(
    ("at", "days"),
    [
        ("17:30", [FRIDAY]),
        ("26:00", [FRIDAY]),
        # The window after the end of duty reaches over the start of the next day: both may change.
        ("29:00", [FRIDAY, FRIDAY + timedelta(days=1)]),
        ("30:01", [FRIDAY + timedelta(days=1)]),
    ],
)
def test_an_event_touches_every_day_whose_window_it_can_fall_into(at: str, days: list[date]) -> None:
    assert touched_days(NIGHTS, NOBODYS, moment(at)) == days


def test_recomputing_everything_finds_no_difference_and_changes_nothing(
    context: ServerContext, clock: FakeClock, li: Person, wang: Person, east: Kiosk
) -> None:
    clock.go_to("23:30")
    send(context, east, clocked_at(li, "08:42", 1), clocked_at(wang, "17:31", 2))
    derive_period(context, MONDAY, FRIDAY)
    before = times(context)
    found = recompute(context, MONDAY, FRIDAY)
    assert (found.workdays, found.differences) == (10, ())
    assert times(context) == before


def test_recomputing_names_what_was_tampered_with_and_what_is_missing(
    context: ServerContext, clock: FakeClock, li: Person, wang: Person
) -> None:
    clock.go_to("23:30")
    derive_period(context, MONDAY, FRIDAY)
    with context.unit() as unit:
        stored = unit.workdays.one(li.person_id, FRIDAY)
        assert stored is not None
        unit.workdays.put([replace(stored, status="normal")], clock.now())
        unit.workdays.remove([(wang.person_id, MONDAY)])
        unit.commit()
    found = recompute(context, MONDAY, FRIDAY)
    assert [(one.person_id, one.day) for one in found.differences] == [(wang.person_id, MONDAY), (li.person_id, FRIDAY)]
    assert found.differences[0].stored is None


def test_a_late_event_and_a_whole_run_say_the_same(
    context: ServerContext, clock: FakeClock, li: Person, east: Kiosk
) -> None:
    clock.go_to("23:30")
    derive_period(context, MONDAY, FRIDAY)
    send(context, east, clocked_at(li, moment("08:29", MONDAY), 1), clocked_at(li, moment("17:31", MONDAY), 2))
    assert derive_touched(context) == 1
    assert verdict_of(context, li, MONDAY).status == ("normal",)
    assert recompute(context, MONDAY, FRIDAY).differences == ()
