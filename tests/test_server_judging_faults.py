"""A workday that cannot be judged: named with the fault, tried again after pauses, and in nobody's way."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from models.stored_errors import in_words
from server.attendance.day_plans import DayPlan
from server.attendance.judging import judge
from server.attendance.verdicts import WorkdayVerdict
from server.jobs.running import tick
from server.services import deriving
from server.services.context import ServerContext
from server.services.deriving import derive_period, derive_touched
from server.services.recomputing import recompute
from server.services.retrying import LONGEST_RETRY_PAUSE, RETRY_FAILED_AFTER
from server.services.touching import touch_everybody
from server.storage.judging_faults import JudgingFault
from tests.attendance_days import FRIDAY
from tests.server_cast import FakeClock, Person, employ, give_account, make_app, sign_in_as

MONDAY = date(2026, 11, 16)
TUESDAY = date(2026, 11, 17)


class Spoilt:
    """Judges as usual, but for one date; counts what it was asked."""

    def __init__(self, day: date, fault: Exception) -> None:
        self.day = day
        self.fault = fault
        self.asked = 0

    def __call__(self, plan: DayPlan, *more: Any) -> WorkdayVerdict:
        self.asked += 1
        if plan.day == self.day:
            raise self.fault
        return judge(plan, *more)


@pytest.fixture
def spoilt(monkeypatch: pytest.MonkeyPatch) -> Spoilt:
    made = Spoilt(MONDAY, ValueError("nobody\x00 understands\nthis"))
    monkeypatch.setattr(deriving, "judge", made)
    return made


@pytest.fixture
def people(context: ServerContext, clock: FakeClock) -> list[Person]:
    clock.go_to("23:30")
    return [employ(context, f"{number:04}", f"姓名{number}", joined_on=MONDAY) for number in range(40)]


def touch(context: ServerContext, *person_days: tuple[Person, date]) -> None:
    with context.unit() as unit:
        unit.workdays.touch((person.person_id, day) for person, day in person_days)
        unit.commit()


def faults(context: ServerContext) -> list[JudgingFault]:
    with context.unit(read_only=True) as unit:
        return unit.judging_faults.all()


def test_it_is_noted_with_person_date_and_fault(
    context: ServerContext, clock: FakeClock, people: list[Person], spoilt: Spoilt
) -> None:
    touch(context, (people[3], MONDAY))
    assert derive_touched(context) == 0
    next_try_at = clock.host_now() + RETRY_FAILED_AFTER
    assert faults(context) == [
        JudgingFault(
            people[3].person_id, MONDAY, 1, next_try_at, "ValueError: nobody\N{REPLACEMENT CHARACTER} understands this"
        )
    ]


def test_however_many_there_are_all_others_are_judged(
    context: ServerContext, people: list[Person], spoilt: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deriving, "_MARKS_AT_ONCE", 8)
    touch_everybody(context, MONDAY, TUESDAY)
    assert derive_touched(context) == len(people)
    with context.unit(read_only=True) as unit:
        assert len(unit.workdays.of_day(TUESDAY)) == len(people)
    assert len(faults(context)) == len(people)


def test_one_among_many_is_found_by_halves(context: ServerContext, people: list[Person], spoilt: Spoilt) -> None:
    touch(context, (people[0], MONDAY), *((person, TUESDAY) for person in people))
    assert derive_touched(context) == len(people)
    assert spoilt.asked <= 3 * len(people)


def test_it_rests_longer_each_time_and_others_do_not_wait_for_it(
    context: ServerContext, clock: FakeClock, people: list[Person], spoilt: Spoilt
) -> None:
    touch(context, (people[0], MONDAY))
    pauses = []
    for _ in range(9):
        derive_touched(context)
        (fault,) = faults(context)
        pauses.append(fault.next_try_at - clock.host_now())
        clock.advance(pauses[-1] - timedelta(seconds=1))
        before = spoilt.asked
        assert (derive_touched(context), spoilt.asked) == (0, before)
        clock.advance(timedelta(seconds=1))
    assert pauses[:3] == [RETRY_FAILED_AFTER, 2 * RETRY_FAILED_AFTER, 4 * RETRY_FAILED_AFTER]
    assert pauses[-1] == LONGEST_RETRY_PAUSE


def test_a_clock_that_was_set_back_keeps_nobody_waiting(
    context: ServerContext, clock: FakeClock, people: list[Person], spoilt: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(context, (people[0], MONDAY))
    derive_touched(context)
    monkeypatch.undo()
    clock.advance(-timedelta(days=1))
    assert derive_touched(context) == 1


def test_what_is_touched_anew_is_tried_at_once(
    context: ServerContext, people: list[Person], spoilt: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(context, (people[0], MONDAY))
    derive_touched(context)
    monkeypatch.undo()
    touch(context, (people[0], MONDAY))
    assert faults(context) == []
    assert derive_touched(context) == 1


def test_when_the_cause_is_gone_nothing_of_it_stays(
    context: ServerContext, clock: FakeClock, people: list[Person], spoilt: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(context, (people[0], MONDAY))
    derive_touched(context)
    monkeypatch.undo()
    clock.advance(RETRY_FAILED_AFTER)
    assert (derive_touched(context), faults(context)) == (1, [])


def test_a_database_that_is_away_is_nobodys_fault(context: ServerContext, people: list[Person], spoilt: Spoilt) -> None:
    spoilt.fault = OperationalError("SELECT 1", None, Exception("database is locked"))
    touch(context, (people[0], MONDAY))
    with pytest.raises(OperationalError):
        derive_touched(context)
    assert faults(context) == []


def test_rules_that_cannot_be_read_are_no_workdays_fault(
    context: ServerContext, people: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object) -> None:
        raise ValueError("rules of a later version")

    monkeypatch.setattr(deriving, "rules_in_force", unreadable)
    touch(context, (people[0], MONDAY))
    with pytest.raises(ValueError, match="later version"):
        derive_touched(context)
    assert faults(context) == []


def test_a_whole_period_is_judged_but_for_it(context: ServerContext, people: list[Person], spoilt: Spoilt) -> None:
    assert derive_period(context, MONDAY, FRIDAY) == 4 * len(people)
    assert {(fault.person_id, fault.day) for fault in faults(context)} == {(one.person_id, MONDAY) for one in people}


def test_recomputing_tells_it_and_compares_the_others(
    context: ServerContext, people: list[Person], spoilt: Spoilt
) -> None:
    derive_period(context, TUESDAY, FRIDAY)
    with context.unit() as unit:
        unit.workdays.remove([(people[5].person_id, FRIDAY)])
        unit.commit()
    found = recompute(context, MONDAY, FRIDAY)
    assert {(one.person_id, one.day) for one in found.unjudged} == {(one.person_id, MONDAY) for one in people}
    assert found.unjudged[0].fault == "ValueError: nobody\x00 understands this"
    assert [(one.person_id, one.day) for one in found.differences] == [(people[5].person_id, FRIDAY)]


def test_a_week_that_waits_for_it_says_for_whom_and_why(
    context: ServerContext, clock: FakeClock, spoilt: Spoilt
) -> None:
    spoilt.day = FRIDAY
    employ(context, "0104", "李明", joined_on=FRIDAY)
    clock.go_to("12:00", FRIDAY + timedelta(days=3))
    tick(context)
    with context.unit(read_only=True) as unit:
        (run,) = unit.jobs.not_done()
    assert run.job == "week_posting"
    assert run.error is not None
    assert in_words(run.error, "en") == (
        "2026-W47 waits: 1 workdays cannot be judged, the first is 2026-11-20 of 李明 (0104): "
        "ValueError: nobody\N{REPLACEMENT CHARACTER} understands this"
    )


def test_the_page_about_jobs_names_it(context: ServerContext, people: list[Person], spoilt: Spoilt) -> None:
    touch(context, (people[3], MONDAY))
    derive_touched(context)
    give_account(context, "zhao", "hr")
    client = make_app(context).test_client()
    sign_in_as(client, context, "zhao")
    page = client.get("/jobs?lang=zh").text
    assert "1 个考勤日无法判定" in page
    assert "姓名3 (0003) 2026-11-16" in page
    assert "ValueError: nobody" in page
