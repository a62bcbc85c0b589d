"""Requests by the rules: how long they are, until when they may be filed, who decides."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from server.attendance.calendar import Calendar
from server.attendance.day_plans import make_plan
from server.attendance.filing import adjoining, filing_deadline, length_in_workdays, may_decide
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
    return length_in_workdays(plans, moment(start), moment(end))


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


@pytest.mark.parametrize(
    ("others", "start", "end"),
    [
        ([], "10:00", "12:00"),
        ([("08:00", "09:00")], "08:00", "12:00"),  # an hour without work lies between
        ([("06:00", "07:59")], "10:00", "12:00"),
        ([("13:00", "14:00")], "10:00", "14:00"),
        ([("13:01", "14:00")], "10:00", "12:00"),
        ([("11:00", "11:30")], "10:00", "12:00"),
        ([("09:00", "13:00")], "09:00", "13:00"),
        ([("12:00", "12:30")], "10:00", "12:30"),
        # One leads to the other, in whatever order they are known.
        ([("14:00", "15:00"), ("12:30", "13:00"), ("15:30", "16:00"), ("17:01", "18:00")], "10:00", "16:00"),
    ],
)
def test_absences_with_no_work_between_are_one(others: list[tuple[str, str]], start: str, end: str) -> None:
    known = [(moment(since), moment(until)) for since, until in others]
    found = adjoining(moment("10:00"), moment("12:00"), known, lambda since, until: until - since <= timedelta(hours=1))
    assert found == (moment(start), moment(end))


def test_what_lies_more_than_a_month_apart_is_not_one() -> None:
    soon, late = date(2026, 12, 21), date(2026, 12, 22)
    for first, joined in ((soon, True), (late, False)):
        other = (moment("12:00", first), moment("13:00", first))
        found = adjoining(moment("10:00"), moment("12:00"), [other], lambda *_: True)
        assert found[1] == (other[1] if joined else moment("12:00"))


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
