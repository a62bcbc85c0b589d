"""Rules, calendar and rosters: every change is written down, and exactly the workdays are touched that it changes."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest

from models.errors import CourtclockError
from server.attendance.calendar import CalendarEdit, DayKind
from server.attendance.rule_documents import PRESET_FOLDER
from server.attendance.rules import BEGINNING
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.court_rules import FIRST_REASON, rules_in_force
from server.services.deriving import derive_touched
from server.services.expectation_changes import (
    add_roster_entry,
    confirm_year,
    edit_calendar,
    put_rules,
    read_pattern,
    required_reason,
)
from server.services.month_close import lock_month
from server.services.touching import touch_everybody
from tests.attendance_days import FRIDAY
from tests.server_cast import FakeClock, Person, employ

TIERS = (PRESET_FOLDER / "court_tiers.yaml").read_text(encoding="utf-8")
TWO_POINTS = (PRESET_FOLDER / "court_two_points.yaml").read_text(encoding="utf-8")
MONDAY = date(2026, 11, 16)
WEDNESDAY = date(2026, 11, 18)
SUNDAY = date(2026, 11, 15)
WHY = "the meeting of 12 November"


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, "0104", "李明")


@pytest.fixture
def wang(context: ServerContext) -> Person:
    """Came on Thursday only."""
    return employ(context, "0205", "王芳", joined_on=date(2026, 11, 19))


def november(*days: int) -> list[date]:
    return [date(2026, 11, day) for day in days]


def touched(context: ServerContext, person: Person) -> list[date]:
    with context.unit(read_only=True) as unit:
        return sorted(one.day for one in unit.workdays.touched(10_000) if one.person_id == person.person_id)


def set_day(context: ServerContext, day: date, kind: DayKind | None, name: str | None = None) -> CalendarEdit:
    return edit_calendar(context, day, kind, name, WHY, "zhao")


def roster(context: ServerContext, *people: Person, pattern: str = "court_day -", **more: Any) -> list[Any]:
    values: dict[str, Any] = {
        "first_day": MONDAY,
        "last_day": None,
        "follows_calendar": True,
        "reason": WHY,
        "entered_by": "zhao",
        **more,
    }
    first_day, last_day = values.pop("first_day"), values.pop("last_day")
    return add_roster_entry(context, [one.person_id for one in people], first_day, last_day, pattern, **values)


# Reasons


def test_a_reason_is_trimmed_and_needed() -> None:
    assert required_reason("  the \n meeting  ") == "the meeting"
    for reason, code in ((" \n", "reason.missing"), ("x" * 2001, "text.unfit"), ("a\x07", "text.unfit")):
        with pytest.raises(CourtclockError) as refused:
            required_reason(reason)
        assert refused.value.code == code


# Rules


def test_the_rules_of_the_settings_are_written_down_with_the_first_others(context: ServerContext, li: Person) -> None:
    record = put_rules(context, TIERS, WEDNESDAY, WHY, "zhao")
    with context.unit(read_only=True) as unit:
        first, second = unit.court_rules.rule_versions()
    assert (first.number, first.effective_from, first.reason) == (1, BEGINNING, FIRST_REASON)
    assert first.version == context.first_rules.version
    assert second == record
    assert (second.number, second.effective_from, second.reason, second.entered_by) == (2, WEDNESDAY, WHY, "zhao")


def test_new_rules_touch_the_workdays_from_their_first_day_to_today(
    context: ServerContext, li: Person, wang: Person
) -> None:
    put_rules(context, TIERS, WEDNESDAY, WHY, "zhao")
    assert touched(context, li) == november(18, 19, 20)
    assert touched(context, wang) == november(19, 20)


def test_rules_for_a_day_to_come_touch_nothing(context: ServerContext, li: Person) -> None:
    put_rules(context, TIERS, date(2026, 12, 1), WHY, "zhao")
    assert touched(context, li) == []


def test_the_same_rules_again_touch_nothing(context: ServerContext, li: Person) -> None:
    put_rules(context, TWO_POINTS, WEDNESDAY, WHY, "zhao")
    assert touched(context, li) == []


def test_a_window_that_reaches_into_the_day_before_touches_that_too(context: ServerContext, li: Person) -> None:
    earlier = TWO_POINTS.replace("window_before_minutes: 120", "window_before_minutes: 600")
    assert earlier != TWO_POINTS
    put_rules(context, earlier, WEDNESDAY, WHY, "zhao")
    assert touched(context, li) == november(17, 18, 19, 20)


def test_rules_put_in_force_twice_in_the_same_words_are_one_version(context: ServerContext) -> None:
    first = put_rules(context, TIERS, WEDNESDAY, WHY, "zhao")
    assert put_rules(context, TIERS, WEDNESDAY, f" {WHY} ", "zhao") == first
    assert put_rules(context, TIERS, WEDNESDAY, "another reason", "zhao").number == 3


def test_of_two_who_put_rules_in_force_at_once_the_slower_is_told_by_the_number(context: ServerContext) -> None:
    record = put_rules(context, TIERS, WEDNESDAY, WHY, "zhao")
    with context.unit() as unit:
        assert not unit.court_rules.add_rule_version(record)


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        ("rules.invalid", "shifts: [", WHY),
        ("rules.invalid", "name_zh: 试", WHY),
        ("reason.missing", TIERS, " "),
    ],
)
def test_rules_that_cannot_be_used_are_refused(
    context: ServerContext, li: Person, code: str, text: str, reason: str
) -> None:
    with pytest.raises(CourtclockError) as refused:
        put_rules(context, text, WEDNESDAY, reason, "zhao")
    assert refused.value.code == code
    with context.unit(read_only=True) as unit:
        assert unit.court_rules.rule_versions() == []


@pytest.mark.parametrize("day", [date(2026, 9, 1), date(2026, 10, 1), date(2026, 10, 31)])
def test_rules_cannot_reach_into_a_locked_month(context: ServerContext, day: date) -> None:
    lock_month(context, "2026-10", Actor("zhao", "hr"))
    with pytest.raises(CourtclockError, match=r"rules\.locked: 2026-10"):
        put_rules(context, TIERS, day, WHY, "zhao")
    assert put_rules(context, TIERS, date(2026, 11, 1), WHY, "zhao").number == 2


# Calendar


def test_a_day_set_for_work_touches_it_and_its_neighbours_of_everybody_who_was_here(
    context: ServerContext, li: Person, wang: Person
) -> None:
    set_day(context, SUNDAY, "makeup_workday", "院庆")
    # Clock events between two days belong to the one whose windows hold them.
    assert touched(context, li) == november(14, 15, 16)
    assert touched(context, wang) == []
    with context.unit(read_only=True) as unit:
        one = rules_in_force(context, unit).calendar.day(SUNDAY)
    assert (one.kind, one.name, one.source, one.reason) == ("makeup_workday", "院庆", "edited", WHY)


def test_a_day_to_come_touches_nothing(context: ServerContext, li: Person) -> None:
    set_day(context, date(2026, 11, 27), "rest_day")
    assert touched(context, li) == []


def test_taking_a_word_back_in_the_same_moment_counts(context: ServerContext, li: Person) -> None:
    for _ in range(5):
        set_day(context, FRIDAY, "rest_day")
        edit = set_day(context, FRIDAY, None)
        with context.unit(read_only=True) as unit:
            assert rules_in_force(context, unit).calendar.day(FRIDAY).kind == "workday"
    assert edit.entered_at > context.clock.now()


def test_a_word_after_the_clock_went_back_counts(context: ServerContext, clock: FakeClock) -> None:
    set_day(context, FRIDAY, "rest_day")
    clock.advance(-timedelta(hours=1))
    set_day(context, FRIDAY, "holiday")
    with context.unit(read_only=True) as unit:
        assert rules_in_force(context, unit).calendar.day(FRIDAY).kind == "holiday"


def test_the_same_word_twice_is_one_word(context: ServerContext) -> None:
    assert set_day(context, FRIDAY, "rest_day") == set_day(context, FRIDAY, "rest_day")
    with context.unit(read_only=True) as unit:
        assert len(unit.court_rules.calendar_edits()) == 1


@pytest.mark.parametrize("name", ["x" * 101, "a\x00b"])
def test_a_name_that_a_database_cannot_hold_is_refused(context: ServerContext, name: str) -> None:
    with pytest.raises(CourtclockError, match=r"text\.unfit"):
        set_day(context, FRIDAY, "rest_day", name)


def test_a_day_needs_a_reason(context: ServerContext) -> None:
    with pytest.raises(CourtclockError, match=r"reason\.missing"):
        edit_calendar(context, FRIDAY, "rest_day", None, "", "zhao")
    with pytest.raises(CourtclockError, match=r"reason\.missing"):
        confirm_year(context, 2026, True, "", "zhao")


def test_confirming_a_year_that_is_official_anyway_touches_nothing(context: ServerContext, li: Person) -> None:
    confirm_year(context, 2026, True, WHY, "zhao")
    assert touched(context, li) == []


def test_confirming_a_year_touches_its_days_and_taking_it_back_does_again(context: ServerContext) -> None:
    old = employ(context, "0001", "高山", joined_on=date(2003, 12, 30))
    confirm_year(context, 2003, True, WHY, "zhao")
    assert touched(context, old) == [date(2003, 12, 30), date(2003, 12, 31)]
    derive_touched(context)
    confirm_year(context, 2003, False, "read it again", "zhao")
    assert touched(context, old) == [date(2003, 12, 30), date(2003, 12, 31)]


def test_the_last_word_on_a_year_counts_and_the_same_word_twice_is_one(context: ServerContext) -> None:
    for confirmed in (True, True, False, True, False):
        confirm_year(context, 2040, confirmed, WHY, "zhao")
    with context.unit(read_only=True) as unit:
        assert not rules_in_force(context, unit).calendar.year_is_confirmed(2040)
        assert len(unit.court_rules.year_words()) == 4


# Rosters


def test_a_roster_touches_the_days_of_that_person_that_it_changes(
    context: ServerContext, li: Person, wang: Person
) -> None:
    roster(context, li)
    # An entry is part of what is expected, so each day from the first on is judged by it; Sunday before is not.
    assert touched(context, li) == november(16, 17, 18, 19, 20)
    assert touched(context, wang) == []


def test_a_roster_touches_no_day_before_somebody_came(context: ServerContext, wang: Person) -> None:
    roster(context, wang, first_day=date(2000, 1, 1))
    assert touched(context, wang) == november(19, 20)


def test_a_roster_that_ends_touches_nothing_beyond_the_day_after_it(context: ServerContext, li: Person) -> None:
    roster(context, li, last_day=date(2026, 11, 17))
    assert touched(context, li) == november(16, 17, 18)


def test_a_roster_to_come_touches_nothing(context: ServerContext, li: Person) -> None:
    roster(context, li, first_day=date(2026, 11, 23))
    assert touched(context, li) == []


def test_the_same_entry_twice_is_one_and_another_one_of_the_same_moment_counts(
    context: ServerContext, li: Person, wang: Person
) -> None:
    first = roster(context, li, wang)
    assert roster(context, li, wang) == first
    for pattern in ("-", "court_day", "- -", "court_day court_day"):
        roster(context, li, pattern=pattern)
    with context.unit(read_only=True) as unit:
        entries = unit.court_rules.roster_entries([li.person_id])
    assert [one.pattern for one in entries] == [
        ("court_day", None),
        (None,),
        ("court_day",),
        (None, None),
        ("court_day", "court_day"),
    ]


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("roster.invalid", {"pattern": "siesta"}),
        ("roster.invalid", {"pattern": "  "}),
        ("roster.invalid", {"pattern": "- " * 367}),
        ("roster.invalid", {"last_day": SUNDAY}),
        ("reason.missing", {"reason": ""}),
    ],
)
def test_a_roster_that_cannot_be_used_is_refused(
    context: ServerContext, li: Person, code: str, more: dict[str, Any]
) -> None:
    with pytest.raises(CourtclockError) as refused:
        roster(context, li, **more)
    assert refused.value.code == code
    assert touched(context, li) == []


def test_a_roster_of_nobody_is_refused_and_nothing_of_it_stays(context: ServerContext, li: Person) -> None:
    with pytest.raises(CourtclockError, match=r"roster\.invalid"):
        roster(context, li, Person(uuid.uuid4(), "9999", "nobody"))
    with context.unit(read_only=True) as unit:
        assert unit.court_rules.roster_entries() == []


def test_a_pattern_is_read_as_people_write_it(context: ServerContext) -> None:
    rules = context.first_rules
    for text in ("court_day court_day -", "court_day,court_day,-", " court_day，court_day  ， - "):
        assert read_pattern(text, rules) == ("court_day", "court_day", None)


# What comes of it


def test_what_was_touched_is_judged_by_what_holds_now(context: ServerContext, li: Person) -> None:
    touch_everybody(context, SUNDAY, SUNDAY)
    derive_touched(context)
    set_day(context, SUNDAY, "makeup_workday")
    derive_touched(context)
    with context.unit(read_only=True) as unit:
        record = unit.workdays.one(li.person_id, SUNDAY)
    assert record is not None
    assert record.status == "absent"
