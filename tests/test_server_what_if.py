"""What if: past days judged by the rules in force and by a draft, and compared; nothing is stored."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from models.errors import CourtclockError
from server.attendance.rule_documents import PRESET_FOLDER
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.expectation_changes import put_rules
from server.services.ingesting import ingest
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request
from server.services.touching import touch_everybody
from server.services.what_if import what_if
from server.storage.unit_of_work import UnitOfWork
from tests.attendance_days import FRIDAY
from tests.server_cast import FakeClock, Person, batch_of, clocked_at, employ, pair

TWO_POINTS = (PRESET_FOLDER / "court_two_points.yaml").read_text(encoding="utf-8")
NINE = TWO_POINTS.replace('at: "08:30"', 'at: "09:00"')
MONDAY, THURSDAY = date(2026, 11, 16), date(2026, 11, 19)


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, "0104", "李明", "立案庭")


@pytest.fixture
def friday(context: ServerContext, clock: FakeClock, li: Person) -> Person:
    """Li came at 08:42 on Friday and left in time; the day is over."""
    kiosk = pair(context, clock)
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(kiosk.kiosk_id)
    assert record is not None
    ingest(context, record, batch_of(clocked_at(li, "08:42", 1), clocked_at(li, "17:40", 2)))
    clock.go_to("23:30")
    touch_everybody(context, MONDAY, FRIDAY)
    derive_touched(context)
    return li


def everything(context: ServerContext) -> list[Any]:
    def read(unit: UnitOfWork) -> list[Any]:
        return [
            unit.court_rules.rule_versions(),
            unit.workdays.touched(100),
            unit.workdays.times_derived(),
            [unit.workdays.of_day(date(2026, 11, day)) for day in range(16, 21)],
        ]

    with context.unit(read_only=True) as unit:
        return read(unit)


def test_whose_verdict_would_change_is_told_and_nothing_is_stored(context: ServerContext, friday: Person) -> None:
    before = everything(context)
    found = what_if(context, NINE, FRIDAY, FRIDAY)
    (changed,) = found.changed
    assert (changed.person.person_id, changed.before.day) == (friday.person_id, FRIDAY)
    assert (changed.before.status, changed.after.status) == (("late",), ("normal",))
    assert (found.workdays, found.people) == (1, 1)
    assert (found.before.late_minutes, found.after.late_minutes) == (12, 0)
    assert everything(context) == before


def test_the_rules_in_force_as_a_draft_change_nothing(context: ServerContext, friday: Person) -> None:
    found = what_if(context, TWO_POINTS, MONDAY, FRIDAY)
    assert (found.workdays, found.changed, found.before) == (5, (), found.after)
    assert found.version == context.first_rules.version


def test_only_the_days_asked_about_are_judged(context: ServerContext, friday: Person) -> None:
    assert what_if(context, NINE, MONDAY, THURSDAY).changed == ()
    assert what_if(context, NINE, MONDAY, THURSDAY).workdays == 4


def test_days_to_come_are_left_out(context: ServerContext, friday: Person) -> None:
    found = what_if(context, NINE, FRIDAY, date(2026, 12, 31))
    assert (found.last_day, found.workdays) == (FRIDAY, 1)
    later = what_if(context, NINE, date(2026, 12, 1), date(2026, 12, 31))
    assert (later.workdays, later.changed, later.people) == (0, (), 0)


def test_days_on_which_somebody_did_not_work_here_are_left_out(context: ServerContext, friday: Person) -> None:
    employ(context, "0205", "王芳", joined_on=FRIDAY)
    assert what_if(context, NINE, MONDAY, FRIDAY).workdays == 6


def test_one_division_is_judged_alone(context: ServerContext, friday: Person) -> None:
    employ(context, "0205", "王芳", "刑庭")
    with context.unit(read_only=True) as unit:
        criminal = unit.people.division_id("刑庭")
    found = what_if(context, NINE, FRIDAY, FRIDAY, criminal)
    assert (found.workdays, found.changed) == (1, ())


def test_the_draft_takes_the_place_of_versions_put_in_force_before_the_days(
    context: ServerContext, friday: Person
) -> None:
    put_rules(context, NINE, MONDAY, "the meeting", "zhao")
    (changed,) = what_if(context, TWO_POINTS, FRIDAY, FRIDAY).changed
    assert (changed.before.status, changed.after.status) == (("normal",), ("late",))


def test_the_draft_holds_on_every_day_also_where_another_version_began_among_them(
    context: ServerContext, friday: Person
) -> None:
    put_rules(context, TWO_POINTS.replace("two clock points", "again"), THURSDAY, "the meeting", "zhao")
    assert [one.before.day for one in what_if(context, NINE, MONDAY, FRIDAY).changed] == [FRIDAY]


# What would follow


LIMITED = (
    NINE.replace("09:00", "08:30")
    + """
counters:
  - name_zh: 每月迟到达 1 次，通报
    name_en: one late arrival a month is named
    counts: [late]
    per: month
    limit: 1
scoring:
  points: {late: 0.2}
  division_counts: [late]
  division_each: 1
  division_points: 2
"""
)


def test_limits_points_and_scores_are_told_also_where_no_verdict_changes(
    context: ServerContext, friday: Person
) -> None:
    found = what_if(context, LIMITED, MONDAY, FRIDAY)
    assert found.changed == ()
    (one,) = found.consequences
    assert (one.person.person_id, one.reached_before) == (friday.person_id, ())
    assert [state.counter.name_en for state in one.reached_after] == ["one late arrival a month is named"]
    assert (one.points_before, one.points_after) == (None, 0.2)
    assert [(score.division, score.before, score.after) for score in found.scores] == [("立案庭", None, 98.0)]


def test_limits_of_a_year_count_the_earlier_days_of_it(context: ServerContext, friday: Person) -> None:
    yearly = LIMITED.replace("per: month", "per: year").replace("limit: 1", "limit: 2")
    assert [one.reached_after for one in what_if(context, yearly, FRIDAY, FRIDAY).consequences] == [()]
    absent = yearly.replace("counts: [late]\n    per", "counts: [late, half_day]\n    per")
    (one,) = what_if(context, absent, FRIDAY, FRIDAY).consequences
    assert [state.times for state in one.reached_after] == [9]


def test_the_rules_in_force_have_no_other_consequences(context: ServerContext, friday: Person) -> None:
    put_rules(context, LIMITED, MONDAY, "the meeting", "zhao")
    found = what_if(context, LIMITED, MONDAY, FRIDAY)
    assert (found.changed, found.consequences, found.scores, found.later_versions) == ((), (), (), ())


def test_rules_that_begin_among_the_days_are_named(context: ServerContext, friday: Person) -> None:
    put_rules(context, NINE, THURSDAY, "the meeting", "zhao")
    found = what_if(context, TWO_POINTS, MONDAY, FRIDAY)
    assert [one.effective_from for one in found.later_versions] == [THURSDAY]
    assert what_if(context, TWO_POINTS, THURSDAY, FRIDAY).later_versions == ()


def test_approved_requests_hold_under_the_draft_too(context: ServerContext, friday: Person) -> None:
    hr = Actor("zhao", "hr")
    filed = file_request(context, Wish("waiver", friday.person_id, "the flood", day=FRIDAY), hr)
    decide(context, filed.request_id, "approved", Actor("qian", "hr"))
    (changed,) = what_if(context, NINE, FRIDAY, FRIDAY).changed
    assert (changed.before.status, changed.after.status) == (("excused",), ("normal",))


def test_people_are_counted_once_and_told_of_in_order(context: ServerContext, friday: Person) -> None:
    employ(context, "0205", "王芳", "刑庭")
    employ(context, "0103", "高山", "立案庭")
    nobody_misses_it = re.sub(r"(direction: \w+)", r"\1\n        required: false", TWO_POINTS)
    found = what_if(context, nobody_misses_it, MONDAY, THURSDAY)
    assert (len(found.changed), found.people) == (12, 3)
    assert [(one.person.division, one.person.employee_no, one.before.day) for one in found.changed] == sorted(
        (one.person.division, one.person.employee_no, one.before.day) for one in found.changed
    )


def test_progress_is_told(context: ServerContext, friday: Person) -> None:
    told: list[tuple[int, int]] = []
    what_if(context, NINE, FRIDAY, FRIDAY, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 1)]


@pytest.mark.parametrize("draft", ["", "shifts: [", "name_zh: 试", "- 1"])
def test_a_draft_that_cannot_be_used_is_told(context: ServerContext, draft: str) -> None:
    with pytest.raises(CourtclockError, match=r"rules\.invalid"):
        what_if(context, draft, FRIDAY, FRIDAY)
