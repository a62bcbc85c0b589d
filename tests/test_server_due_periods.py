"""Which periods are due: a pure question of the moment, the rules, and how far back to look."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.attendance.points import RuleBook
from server.jobs.due import DuePeriod, due_periods
from tests.attendance_days import COURT, FRIDAY, START, moment, rules_of

LONG_AGO = date(2026, 1, 1)
REPORT_AT = time(23)
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


def due(
    now: datetime,
    *,
    rules: RuleBook = COURT,
    report_at: time = REPORT_AT,
    first_day: date = LONG_AGO,
    catch_up_days: int = 0,
) -> list[str]:
    """Like ``open 20``: the job's first word and the day of the month."""
    found = due_periods(now, rules, report_at, first_day, catch_up_days)
    return [f"{one.job.removesuffix('_day').removeprefix('day_')} {one.day.day}" for one in found]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("03:59:59", ["open 19", "report 19"]),
        ("04:00", ["open 20"]),
        ("12:00", ["open 20"]),
        ("22:59:59", ["open 20"]),
        ("23:00", ["open 20", "report 20"]),
        ("27:59:59", ["open 20", "report 20"]),
        ("28:00", ["open 21"]),
    ],
)
def test_a_day_opens_is_reported_and_makes_room_for_the_next(now: str, expected: list[str]) -> None:
    assert due(moment(now)) == expected


@pytest.mark.parametrize(
    ("report_at", "now", "expected"),
    [
        # In the small hours, before the day begins: the report of the day that is ending.
        (time(2), "25:59:59", ["open 20"]),
        (time(2), "26:00", ["open 20", "report 20"]),
        (time(2), "04:00", ["open 20"]),
        # At the very start of the day nobody has come yet: the day that has just ended is meant.
        (time(4), "04:00", ["open 20"]),
        (time(4), "27:59:59", ["open 20"]),
        (time(0), "23:59:59", ["open 20"]),
        (time(0), "24:00", ["open 20", "report 20"]),
        (time(4, 1), "04:01", ["open 20", "report 20"]),
    ],
)
def test_a_report_time_at_or_before_the_days_start_means_the_next_date(
    report_at: time, now: str, expected: list[str]
) -> None:
    assert due(moment(now), report_at=report_at) == expected


def test_the_report_at_the_start_of_the_day_is_made_up_for_on_the_next() -> None:
    assert due(moment("28:00"), report_at=time(4), catch_up_days=1) == ["open 20", "report 20", "close 20", "open 21"]


def test_after_three_days_down_everything_is_made_up_for_oldest_first() -> None:
    monday_noon = moment("12:00", FRIDAY + timedelta(days=3))
    assert due(monday_noon, catch_up_days=3) == [
        *("open 20", "report 20", "close 20"),
        *("open 21", "report 21", "close 21"),
        *("open 22", "report 22", "close 22"),
        "open 23",
    ]


def test_nothing_is_made_up_for_beyond_the_days_to_catch_up() -> None:
    assert due(moment("12:00"), catch_up_days=1) == ["open 19", "report 19", "close 19", "open 20"]


@pytest.mark.parametrize(
    ("first_day", "expected"),
    [
        (date(2026, 11, 19), ["open 19", "report 19", "close 19", "open 20"]),
        (FRIDAY, ["open 20"]),
        (date(2026, 11, 21), []),
    ],
)
def test_nothing_is_due_before_there_was_anybody(first_day: date, expected: list[str]) -> None:
    assert due(moment("12:00"), first_day=first_day, catch_up_days=31) == expected


def test_a_period_is_named_by_its_local_day() -> None:
    assert DuePeriod("day_report", FRIDAY).period == "2026-11-20"


def test_the_zone_decides_when_and_not_the_machine() -> None:
    at = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    assert due(at) == ["open 20", "report 20"]
    assert due(at, rules=rules_of(START, zone=NEW_YORK)) == ["open 20"]
    assert due(datetime(2026, 11, 21, 4, 0, tzinfo=UTC), rules=rules_of(START, zone=NEW_YORK)) == [
        "open 20",
        "report 20",
    ]


# Days on which clocks change: Berlin skips 02:00 to 03:00 on 2026-03-29 and repeats it on 2026-10-25.

NIGHT_SHIFT = rules_of(START, zone=BERLIN, day_starts_at=time(1))


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        (datetime(2026, 3, 29, 1, 29, tzinfo=UTC), ["open 29"]),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), ["open 29", "report 29"]),
    ],
)
def test_a_report_time_that_the_clocks_skip_comes_when_it_would_have_come(utc: datetime, expected: list[str]) -> None:
    assert due(utc, rules=NIGHT_SHIFT, report_at=time(2, 30)) == expected


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        (datetime(2026, 10, 25, 0, 29, tzinfo=UTC), ["open 25"]),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), ["open 25", "report 25"]),
        # The wall shows 02:10 for the second time.
        (datetime(2026, 10, 25, 1, 10, tzinfo=UTC), ["open 25", "report 25"]),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), ["open 25", "report 25"]),
    ],
)
def test_of_a_report_time_that_comes_twice_the_first_one_counts(utc: datetime, expected: list[str]) -> None:
    assert due(utc, rules=NIGHT_SHIFT, report_at=time(2, 30)) == expected


ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
MOMENTS = st.datetimes(datetime(2026, 1, 3), datetime(2027, 12, 30)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
REPORT_TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=3)), ZONES, REPORT_TIMES)
def test_what_is_due_stays_due_so_a_clock_set_back_makes_nothing_new(
    now: datetime, later: timedelta, zone: str, report_at: time
) -> None:
    rules = rules_of(START, zone=ZoneInfo(zone))
    before = due_periods(now, rules, report_at, LONG_AGO, 7)
    after = due_periods(now + later, rules, report_at, LONG_AGO, 10)
    assert set(before) <= set(after)


@given(MOMENTS, ZONES, REPORT_TIMES, st.integers(0, 20))
def test_every_day_comes_once_and_in_order(now: datetime, zone: str, report_at: time, catch_up_days: int) -> None:
    found = due_periods(now, rules_of(START, zone=ZoneInfo(zone)), report_at, LONG_AGO, catch_up_days)
    days = [one.day for one in found]
    assert days == sorted(days)
    assert len(set(found)) == len(found)
    assert len(set(days)) <= catch_up_days + 1
    today = days[-1]
    closed = {one.day for one in found if one.job == "close_day"}
    assert closed == {day for day in days if day < today}
    assert {one.day for one in found if one.job == "open_day"} == set(days)
    reported = [one.day for one in found if one.job == "day_report"]
    assert set(days) - set(reported) <= {today, today - timedelta(days=1)}, "an older day is always reported"
