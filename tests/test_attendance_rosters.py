"""Who has which shift on which day: roster, calendar and rules of the date."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from server.attendance.calendar import Calendar, CalendarEdit
from server.attendance.points import Shift
from server.attendance.rosters import NOBODYS, Roster
from server.attendance.rules import BEGINNING, RuleHistory, RuleVersion
from tests.attendance_days import END, FRIDAY, NIGHT, SATURDAY, START, rule_set
from tests.attendance_requests import roster_entry

DAY = Shift("day", (START, END))
DUTY = Shift("duty", NIGHT.rules.default_shift.points)
RULES = rule_set(DAY, DUTY, version="first")
HISTORY = RuleHistory([RuleVersion(1, BEGINNING, RULES)])
CALENDAR = Calendar()
IN_2099 = date(2099, 1, 1)  # a Thursday of a year that nobody has confirmed
HOLIDAY = date(2026, 10, 1)
MAKEUP_SATURDAY = date(2026, 2, 28)


def expected(roster: Roster, day: date, calendar: Calendar = CALENDAR) -> tuple[str | None, bool]:
    """The name of the shift, and whether it is certain."""
    found = roster.expected_on(day, HISTORY, calendar)
    return None if found.shift is None else found.shift.name, found.confirmed


@pytest.mark.parametrize(
    ("day", "shift"),
    [(FRIDAY, ("day", True)), (SATURDAY, (None, True)), (HOLIDAY, (None, True)), (MAKEUP_SATURDAY, ("day", True))],
)
def test_who_has_no_entry_has_the_default_shift_by_the_calendar(day: date, shift: tuple[str | None, bool]) -> None:
    assert expected(NOBODYS, day) == shift


@pytest.mark.parametrize(
    ("day", "shift"),
    [(FRIDAY, "duty"), (SATURDAY, None), (HOLIDAY, None), (MAKEUP_SATURDAY, "duty")],
)
def test_an_entry_that_follows_the_calendar_expects_nothing_on_days_off(day: date, shift: str | None) -> None:
    roster = Roster([roster_entry(["duty"], date(2026, 1, 1), follows_calendar=True)])
    assert expected(roster, day) == (shift, True)


@pytest.mark.parametrize("day", [FRIDAY, SATURDAY, HOLIDAY, MAKEUP_SATURDAY])
def test_duty_that_goes_on_does_so_on_every_day(day: date) -> None:
    assert expected(Roster([roster_entry(["duty"], date(2026, 1, 1))]), day) == ("duty", True)


def test_a_pattern_repeats_from_its_first_day_with_its_days_off() -> None:
    roster = Roster([roster_entry(["day", "duty", None, None], FRIDAY)])
    names = [expected(roster, FRIDAY + timedelta(days=n))[0] for n in range(9)]
    assert names == ["day", "duty", None, None, "day", "duty", None, None, "day"]


def test_a_day_off_by_the_roster_is_certain_even_on_a_workday() -> None:
    roster = Roster([roster_entry([None], FRIDAY, follows_calendar=True)])
    assert expected(roster, FRIDAY) == (None, True)


def test_an_entry_holds_from_its_first_to_its_last_day() -> None:
    roster = Roster([roster_entry(["duty"], FRIDAY, last_day=SATURDAY)])
    days = [date(2026, 11, 19), FRIDAY, SATURDAY, date(2026, 11, 23)]
    assert [expected(roster, day)[0] for day in days] == ["day", "duty", "duty", "day"]


def test_of_several_entries_the_one_that_begins_last_counts_even_if_it_was_entered_first() -> None:
    standing = roster_entry(["day"], date(2026, 11, 1), entered_at=datetime(2026, 11, 9, tzinfo=UTC), number=1)
    for_a_week = roster_entry(["duty"], FRIDAY, last_day=SATURDAY, number=2)
    for order in ([standing, for_a_week], [for_a_week, standing]):
        roster = Roster(order)
        days = [date(2026, 11, 19), FRIDAY, SATURDAY, date(2026, 11, 22)]
        assert [expected(roster, day)[0] for day in days] == ["day", "duty", "duty", "day"]


def test_of_those_that_begin_together_the_one_entered_last_counts() -> None:
    first = roster_entry(["day"], FRIDAY, number=1)
    second = roster_entry(["duty"], FRIDAY, entered_at=first.entered_at + timedelta(hours=1), number=2)
    for order in ([first, second], [second, first]):
        assert Roster(order).entry_on(FRIDAY) == second


def test_a_shift_that_the_rules_do_not_have_is_replaced_by_the_default_shift_and_named() -> None:
    found = Roster([roster_entry(["evening"], FRIDAY)]).expected_on(FRIDAY, HISTORY, CALENDAR)
    assert (found.shift, found.unknown_shift) == (DAY, "evening")


@pytest.mark.parametrize(
    ("roster", "shift", "certain"),
    [
        (NOBODYS, "day", False),
        (Roster([roster_entry(["duty"], IN_2099, follows_calendar=True)]), "duty", False),
        (Roster([roster_entry(["duty"], IN_2099)]), "duty", True),
        (Roster([roster_entry([None], IN_2099)]), None, True),
    ],
    ids=["no entry", "follows the calendar", "goes on", "day off"],
)
def test_in_an_unconfirmed_year_only_the_roster_can_be_certain(
    roster: Roster, shift: str | None, certain: bool
) -> None:
    assert expected(roster, IN_2099) == (shift, certain)


def test_hrs_edit_of_a_date_makes_it_certain() -> None:
    edit = CalendarEdit(UUID(int=1), IN_2099, "workday", None, "notice", "hr", datetime(2026, 11, 1, tzinfo=UTC))
    assert expected(NOBODYS, IN_2099, Calendar([edit])) == ("day", True)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pattern": ()}, "a roster pattern has 1 to 366 days, got 0"),
        ({"pattern": ("day",) * 367}, "a roster pattern has 1 to 366 days, got 367"),
        ({"last_day": date(2026, 11, 19)}, "a roster entry from 2026-11-20 cannot end on 2026-11-19"),
    ],
)
def test_an_entry_refuses_what_cannot_be(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        replace(roster_entry(["day"], FRIDAY), **change)


# Versions of the rules

SECOND = rule_set(Shift("day", (replace(START, grace_minutes=5), END)), version="second")
THIRD = rule_set(Shift("day", (replace(START, grace_minutes=9), END)), version="third")


def test_each_version_holds_from_its_date_until_the_next_one() -> None:
    history = RuleHistory([RuleVersion(2, FRIDAY, SECOND), RuleVersion(1, BEGINNING, RULES)])
    assert [history.on(day).version for day in (date(2026, 11, 19), FRIDAY, SATURDAY)] == ["first", "second", "second"]


def test_of_two_versions_with_the_same_date_the_one_put_in_force_later_counts() -> None:
    history = RuleHistory(
        [RuleVersion(3, FRIDAY, THIRD), RuleVersion(1, BEGINNING, RULES), RuleVersion(2, FRIDAY, SECOND)]
    )
    assert history.on(FRIDAY).version == "third"


def test_a_verdict_of_the_past_keeps_the_rules_of_its_date() -> None:
    history = RuleHistory([RuleVersion(1, BEGINNING, RULES), RuleVersion(2, SATURDAY, SECOND)])
    assert NOBODYS.expected_on(FRIDAY, history, CALENDAR).rules is RULES
    assert history.by_version("second") is SECOND
    with pytest.raises(KeyError):
        history.by_version("third")


def test_a_draft_holds_from_its_date_in_a_history_of_its_own() -> None:
    drafted = HISTORY.with_draft(SECOND, FRIDAY)
    assert [one.number for one in drafted.versions] == [1, 2]
    assert [drafted.on(day).version for day in (date(2026, 11, 19), FRIDAY)] == ["first", "second"]
    assert HISTORY.on(FRIDAY).version == "first"


@pytest.mark.parametrize("versions", [[], [RuleVersion(1, FRIDAY, RULES)]])
def test_rules_must_hold_from_the_beginning(versions: list[RuleVersion]) -> None:
    with pytest.raises(ValueError, match="no rules are in force from 1970-01-01 on"):
        RuleHistory(versions)
