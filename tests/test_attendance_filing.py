"""Requests by the rules: how long they are, until when they may be filed, who decides."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from server.attendance.calendar import Calendar
from server.attendance.day_plans import DayPlan, make_plan
from server.attendance.filing import (
    WorkTaken,
    days_by_year,
    days_together,
    decider_above,
    filing_deadline,
    halves_of,
    joined_to,
    may_decide,
    whole_days,
    work_begins_at,
    work_taken,
)
from server.attendance.rules import ApprovalTier, ApproverRole, Deadline, RequestRules
from tests.attendance_days import COURT, FOUR_POINTS, FRIDAY, NIGHT, Court, moment, point, rules_of

SITE = COURT.site


def length(start: str, end: str, court: Court = COURT, days: int = 3) -> float:
    """In workdays, of leave from a time on Friday to a time after Friday's midnight; the weekend is free."""
    calendar = Calendar()
    plans = []
    for n in range(days):
        day = FRIDAY + timedelta(days=n)
        shift = court.rules.default_shift if calendar.day(day).expects_work else None
        plans.append(make_plan(SITE, day, None, shift, None))
    return days_together(work_taken(plans, moment(start), moment(end)))


@pytest.mark.parametrize(
    ("start", "end", "court", "days"),
    [
        ("08:30", "17:30", COURT, 1.0),
        ("00:00", "24:00", COURT, 1.0),
        ("08:30", "13:00", COURT, 0.5),  # 4.5 of 9 hours
        ("08:30", "09:30", COURT, 0.11),
        ("18:00", "24:00", COURT, 0.0),
        # Four points: 3 hours in the morning, 3.5 in the afternoon; the lunch between them is no work.
        ("08:30", "11:30", FOUR_POINTS, 0.46),
        ("08:30", "13:30", FOUR_POINTS, 0.46),
        ("11:30", "13:30", FOUR_POINTS, 0.0),
        ("08:30", "17:00", FOUR_POINTS, 1.0),
        # A night of eight hours.
        ("18:00", "22:00", NIGHT, 0.5),
        ("22:00", "26:00", NIGHT, 0.5),
        # A shift without a departure after its arrival has no length.
        ("08:00", "18:00", rules_of(point("in", "in", "08:30", 60, 60)), 0.0),
    ],
)
def test_a_request_is_as_long_as_the_work_that_it_takes_the_place_of(
    start: str, end: str, court: Court, days: float
) -> None:
    assert length(start, end, court, days=1) == days


def test_days_without_work_count_nothing() -> None:
    assert length("08:30", "72:00") == 1.0  # Friday, Saturday, Sunday
    assert length("08:30", "89:30", days=4) == 2.0  # Friday to Monday 17:30


def rules(deadline: Deadline, deadline_days: int = 0) -> RequestRules:
    return RequestRules((ApprovalTier(None, "head"),), deadline, deadline_days, None, None)


def deadline_of(kind: Deadline, days: int = 0, *, starts: str | None = None, day: date = FRIDAY) -> datetime | None:
    starts_at = None if starts is None else moment(starts)
    return filing_deadline(rules(kind, days), SITE, day, starts_at, lambda one: Calendar().day(one).expects_work)


@pytest.mark.parametrize(
    ("kind", "days", "starts", "expected"),
    [
        ("none", 0, "10:00", None),
        ("before_start", 0, "10:00", "10:00"),
        # What has no beginning may be filed until its workday ends, at four in the next morning.
        ("before_start", 0, None, "28:00"),
        ("same_day", 0, "10:00", "28:00"),
        ("natural_days", 0, None, "28:00"),
        ("natural_days", 3, None, "100:00"),  # Saturday, Sunday, Monday: until Tuesday 04:00
        ("working_days", 0, None, "28:00"),
        ("working_days", 1, None, "100:00"),  # Monday is the first
        ("working_days", 3, None, "148:00"),  # Monday, Tuesday, Wednesday: until Thursday 04:00
    ],
)
def test_a_request_may_be_filed_until_its_deadline(
    kind: Deadline, days: int, starts: str | None, expected: str | None
) -> None:
    assert deadline_of(kind, days, starts=starts) == (None if expected is None else moment(expected))


def test_working_days_pass_over_holidays() -> None:
    # From Wednesday 2026-09-30 on: National Day until October 7, so the third workday after it is Saturday the 10th,
    # which is worked for the holiday.
    expected = SITE.bounds(date(2026, 10, 10))[1]
    assert deadline_of("working_days", 3, day=date(2026, 9, 30)) == expected


def test_where_no_workday_ever_comes_the_deadline_ends_all_the_same() -> None:
    never = filing_deadline(rules("working_days", 1), SITE, FRIDAY, None, lambda _: False)
    assert never is not None
    assert never - moment("00:00") < timedelta(days=2 * 366 + 3)


# What counts as one


def request_ids(count: int) -> list[UUID]:
    return [UUID(int=number) for number in range(1, count + 1)]


def which(own: WorkTaken, *others: WorkTaken) -> set[int]:
    """The numbers, from 1, of the absences that count as one with an absence in the week around that Friday."""
    known = dict(zip(request_ids(len(others)), others, strict=True))
    return {found.int for found in joined_to(own, known, lambda day: Calendar().day(day).expects_work)}


MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (FRIDAY + timedelta(days=n) for n in (3, 4, 5, 6))


def test_absences_on_the_same_workday_and_on_successive_ones_are_one_whatever_work_lies_between() -> None:
    assert which({FRIDAY: 0.1}, {FRIDAY: 0.2}) == {1}
    assert which({FRIDAY: 0.94}, {MONDAY: 0.94}) == {1}, "the weekend is no work"
    assert which({MONDAY: 0.94}, {FRIDAY: 0.94}) == {1}


def test_one_leads_to_the_other_in_whatever_order_they_are_known() -> None:
    days = [{WEDNESDAY: 0.5}, {FRIDAY: 0.5}, {TUESDAY: 0.5}]
    assert which({MONDAY: 0.5}, *days) == {1, 2, 3}


def test_a_workday_between_parts_them() -> None:
    assert which({MONDAY: 1.0}, {WEDNESDAY: 1.0}) == set()
    assert which({MONDAY: 1.0}, {WEDNESDAY: 1.0}, {TUESDAY: 0.1}) == {1, 2}


def test_long_leave_joins_at_both_of_its_ends() -> None:
    long = {MONDAY: 1.0, TUESDAY: 1.0, WEDNESDAY: 1.0}
    assert which(long, {FRIDAY: 1.0}, {THURSDAY: 1.0}) == {1, 2}
    assert which({TUESDAY: 0.5}, long) == {1}


def test_what_takes_no_work_is_joined_with_nothing() -> None:
    assert which({}, {FRIDAY: 1.0}) == set()
    assert which({FRIDAY: 1.0}, {}) == set()


def test_what_lies_more_than_a_month_apart_is_not_one() -> None:
    def joined(days: int) -> list[UUID]:
        other = FRIDAY + timedelta(days=days)
        return joined_to({FRIDAY: 1.0}, {UUID(int=1): {other: 1.0}}, lambda day: day in (FRIDAY, other))

    assert (joined(31), joined(32)) == ([UUID(int=1)], [])


def test_a_day_counts_once_and_days_fall_in_their_year() -> None:
    assert days_together({FRIDAY: 0.6, MONDAY: 0.5}, {FRIDAY: 0.6}) == 1.5
    new_year = {date(2026, 12, 31): 1.0, date(2027, 1, 4): 0.5, date(2027, 1, 5): 0.25}
    assert days_by_year(new_year) == {2026: 1.0, 2027: 0.75}


# Whole days and halves


def plan_of(court: Court = COURT, day: date = FRIDAY, *, works: bool = True) -> DayPlan:
    return make_plan(SITE, day, None, court.rules.default_shift if works else None, None)


@pytest.mark.parametrize(
    ("court", "first", "second"),
    [
        (COURT, ("08:30", "13:00"), ("13:00", "17:30")),  # no break: in the middle
        (FOUR_POINTS, ("08:30", "11:30"), ("13:30", "17:00")),
        (NIGHT, ("18:00", "22:00"), ("22:00", "26:00")),
    ],
)
def test_a_day_is_halved_by_its_own_clock_points(court: Court, first: tuple[str, str], second: tuple[str, str]) -> None:
    assert halves_of(plan_of(court)) == tuple((moment(start), moment(end)) for start, end in (first, second))


def test_a_day_without_work_has_no_halves() -> None:
    assert halves_of(plan_of(works=False)) is None


def test_whole_days_last_from_midnight_to_midnight_and_take_a_night_as_a_whole() -> None:
    saturday, sunday = FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=2)
    free = [plan_of(day=day, works=False) for day in (FRIDAY - timedelta(days=1), saturday, sunday)]
    assert whole_days(free[0], plan_of(), plan_of(), free[1]) == (moment("00:00"), moment("24:00"))
    # A night from 18:00 to 26:00 is whole, and that of the day before is left alone.
    night, before = plan_of(NIGHT), plan_of(NIGHT, FRIDAY - timedelta(days=1))
    assert whole_days(before, night, night, free[1]) == (moment("02:00"), moment("26:00"))
    assert whole_days(before, free[1], free[2], plan_of(day=MONDAY)) == (moment("24:00"), moment("72:00"))


def test_leave_begins_with_the_first_work_that_it_takes_the_place_of() -> None:
    plans = [plan_of()]
    assert work_begins_at(plans, moment("00:00"), moment("24:00")) == moment("08:30")
    assert work_begins_at(plans, moment("10:00"), moment("24:00")) == moment("10:00")
    assert work_begins_at(plans, moment("18:00"), moment("24:00")) == moment("18:00"), "no work at all"


@pytest.mark.parametrize(
    ("tiers", "days", "by"),
    [
        ([(1, "head"), (3, "vice_president"), (None, "president")], 0.5, "head"),
        ([(1, "head"), (3, "vice_president"), (None, "president")], 1, "vice_president"),
        ([(1, "head"), (3, "vice_president"), (None, "president")], 2.99, "vice_president"),
        ([(1, "head"), (3, "vice_president"), (None, "president")], 3, "president"),
        ([(None, "hr")], 300, "hr"),
    ],
)
def test_who_approves_follows_from_the_length(
    tiers: list[tuple[float | None, ApproverRole]], days: float, by: ApproverRole
) -> None:
    found = RequestRules(tuple(ApprovalTier(under, role) for under, role in tiers), "none", 0, None, None)
    assert found.approver(days) == by


@pytest.mark.parametrize(
    ("role", "needed", "may"),
    [
        ("head", "head", True),
        ("vice_president", "head", True),
        ("president", "head", True),
        ("head", "vice_president", False),
        ("vice_president", "president", False),
        ("hr", "head", False),
        ("employee", "head", False),
        ("hr", "hr", True),
        ("president", "hr", False),
    ],
)
def test_a_higher_role_may_decide_too_but_hr_is_apart(role: str, needed: ApproverRole, may: bool) -> None:
    assert may_decide(role, needed) is may


@pytest.mark.parametrize(
    ("needed", "roles", "by"),
    [
        ("head", [], "head"),
        ("head", ["employee"], "head"),
        ("head", ["head"], "vice_president"),
        ("president", ["head"], "president"),
        ("head", ["vice_president"], "president"),
        ("vice_president", ["vice_president", "head"], "president"),
        ("head", ["president"], "superior"),
        ("hr", ["president"], "hr"),
    ],
)
def test_somebody_above_everybody_concerned_decides(needed: ApproverRole, roles: list[str], by: str) -> None:
    assert decider_above(needed, roles) == by


@pytest.mark.parametrize("role", ["head", "vice_president", "president", "hr", "superior"])
def test_nobody_at_the_court_decides_for_whoever_is_above_the_president(role: str) -> None:
    assert not may_decide(role, "superior")
