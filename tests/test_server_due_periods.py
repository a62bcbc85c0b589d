"""Which periods are due: a pure question of the moment, the site's days, and the settings."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.settings import WEEKDAYS, JobsSettings
from server.attendance.site_days import SiteDays
from server.services.job_periods import (
    JOBS,
    JobName,
    JobPeriod,
    due_at,
    due_periods,
    next_due,
    period_with,
    read_period,
)
from tests.attendance_days import FRIDAY, SHANGHAI, moment

LONG_AGO = date(2026, 1, 1)
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
COURT = SiteDays(SHANGHAI, time(4))
DAY = timedelta(days=1)
SHORT = {
    "open_day": "open",
    "day_report": "report",
    "close_day": "close",
    "retention": "retention",
    "week_posting": "week",
    "month_bulletin": "month",
}


def schedule(**values: Any) -> JobsSettings:
    shipped = {
        "tick_seconds": 5,
        "day_report_at": time(23),
        "week_posting_on": "monday",
        "week_posting_at": time(9),
        "month_bulletin_on": 1,
        "month_bulletin_at": time(9, 30),
        "catch_up_days": 0,
    }
    return JobsSettings.model_validate({name: _as_written(value) for name, value in (shipped | values).items()})


def _as_written(value: Any) -> Any:
    return f"{value:%H:%M}" if isinstance(value, time) else value


def due(now: datetime, *, site: SiteDays = COURT, first_day: date = LONG_AGO, **values: Any) -> list[JobPeriod]:
    return due_periods(now, site, schedule(**values), first_day)


def days(now: datetime, **values: Any) -> list[str]:
    """What is due of the jobs of every day, like ``open 20``; retention goes with the day's end."""
    return [
        f"{SHORT[one.job]} {one.day.day}"
        for one in due(now, **values)
        if one.job in ("open_day", "day_report", "close_day")
    ]


def periods(job: JobName, now: datetime, **values: Any) -> list[str]:
    return [one.period for one in due(now, **values) if one.job == job]


# Days


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
    assert days(moment(now)) == expected


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
    assert days(moment(now), day_report_at=report_at) == expected


def test_the_report_at_the_start_of_the_day_is_made_up_for_on_the_next() -> None:
    expected = ["open 20", "report 20", "close 20", "open 21"]
    # The report of the 19th has its moment in common with the opening of the 20th.
    assert days(moment("28:00"), day_report_at=time(4), catch_up_days=1) == expected


def test_after_three_days_down_everything_is_made_up_for_oldest_first() -> None:
    monday_noon = moment("12:00", FRIDAY + 3 * DAY)
    assert [f"{SHORT[one.job]} {one.period[5:]}" for one in due(monday_noon, catch_up_days=3, first_day=FRIDAY)] == [
        *("open 11-20", "report 11-20", "close 11-20", "retention 11-20"),
        *("open 11-21", "report 11-21", "close 11-21", "retention 11-21"),
        *("open 11-22", "report 11-22", "close 11-22", "retention 11-22"),
        *("open 11-23", "week W47"),
    ]


def test_nothing_is_made_up_for_beyond_the_days_to_catch_up() -> None:
    assert days(moment("12:00"), catch_up_days=1) == ["open 19", "report 19", "close 19", "open 20"]


@pytest.mark.parametrize(
    ("first_day", "expected"),
    [
        (date(2026, 11, 19), ["open 19", "report 19", "close 19", "open 20"]),
        (FRIDAY, ["open 20"]),
        (date(2026, 11, 21), []),
    ],
)
def test_nothing_is_due_before_there_was_anybody(first_day: date, expected: list[str]) -> None:
    assert days(moment("12:00"), first_day=first_day, catch_up_days=31) == expected


def test_what_is_old_is_deleted_once_a_day_after_the_day_is_closed() -> None:
    found = due(moment("28:00"), catch_up_days=1, first_day=FRIDAY)
    assert [one.job for one in found if one.day == FRIDAY] == ["open_day", "day_report", "close_day", "retention"]


def test_the_zone_decides_when_and_not_the_machine() -> None:
    at = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    new_york = SiteDays(NEW_YORK, time(4))
    assert days(at) == ["open 20", "report 20"]
    assert days(at, site=new_york) == ["open 20"]
    assert days(datetime(2026, 11, 21, 4, 0, tzinfo=UTC), site=new_york) == ["open 20", "report 20"]


# Weeks


MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (moment("08:59:59", MONDAY), "2026-W46"),
        (moment("09:00", MONDAY), "2026-W47"),
        (moment("09:00", MONDAY + 6 * DAY), "2026-W47"),
    ],
)
def test_a_week_is_posted_on_the_day_of_the_following_week_that_the_settings_name(now: datetime, expected: str) -> None:
    assert periods("week_posting", now) == [expected]


def test_a_week_lasts_from_monday_to_sunday() -> None:
    week = period_with("week_posting", FRIDAY)
    assert (week.day, week.last_day) == (date(2026, 11, 16), date(2026, 11, 22))


@pytest.mark.parametrize(
    ("weekday", "now", "expected"),
    [
        ("sunday", moment("08:59", MONDAY + 6 * DAY), "2026-W46"),
        ("sunday", moment("09:00", MONDAY + 6 * DAY), "2026-W47"),
        ("wednesday", moment("08:59", MONDAY + 2 * DAY), "2026-W46"),
        ("wednesday", moment("09:00", MONDAY + 2 * DAY), "2026-W47"),
    ],
)
def test_a_week_may_be_posted_on_any_day(weekday: str, now: datetime, expected: str) -> None:
    assert periods("week_posting", now, week_posting_on=weekday) == [expected]


@pytest.mark.parametrize("at", [time(0), time(3, 59), time(4)])
def test_a_week_is_not_posted_before_its_sunday_is_over_and_closed(at: time) -> None:
    before, then = moment("03:59:59", MONDAY), moment("04:00", MONDAY)
    assert periods("week_posting", before, week_posting_at=at) == ["2026-W46"]
    jobs = [one.job for one in due(then, week_posting_at=at, catch_up_days=1, first_day=MONDAY - DAY)]
    assert jobs[-4:] == ["close_day", "retention", "week_posting", "open_day"]


@pytest.mark.parametrize(
    ("day", "period"),
    [
        (date(2026, 12, 28), "2026-W53"),
        (date(2027, 1, 3), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
        (date(2024, 12, 30), "2025-W01"),
        (date(2025, 12, 29), "2026-W01"),
    ],
)
def test_a_week_has_the_number_and_the_year_of_iso_8601(day: date, period: str) -> None:
    assert period_with("week_posting", day).period == period


def test_the_week_over_new_year_is_posted_once_in_the_new_year() -> None:
    assert periods("week_posting", moment("09:00", date(2027, 1, 4)), catch_up_days=31) == [
        *("2026-W49", "2026-W50", "2026-W51", "2026-W52", "2026-W53")
    ]


# Months


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (moment("09:29:59", date(2026, 12, 1)), "2026-10"),
        (moment("09:30", date(2026, 12, 1)), "2026-11"),
        (moment("09:29", date(2027, 1, 1)), "2026-11"),
        (moment("09:30", date(2027, 1, 1)), "2026-12"),
    ],
)
def test_a_month_has_its_bulletin_in_the_next_one_also_over_new_year(now: datetime, expected: str) -> None:
    assert periods("month_bulletin", now) == [expected]


def test_a_bulletin_may_appear_on_any_day_that_every_month_has() -> None:
    values: dict[str, Any] = {"month_bulletin_on": 28, "month_bulletin_at": time(0)}
    assert periods("month_bulletin", moment("23:59", date(2027, 2, 27)), **values) == ["2026-12"]
    assert periods("month_bulletin", moment("00:00", date(2027, 2, 28)), **values) == ["2027-01"]


def test_a_bulletin_comes_after_the_last_day_of_its_month_and_after_the_week_that_ends_with_it() -> None:
    # Sunday, 2027-01-31, ends a week and a month; both are due when it is closed.
    found = due(moment("04:00", date(2027, 2, 1)), week_posting_at=time(0), month_bulletin_at=time(0), catch_up_days=1)
    assert [SHORT[one.job] for one in found[-5:]] == ["close", "retention", "week", "month", "open"]


# Catching up weeks and months


def test_the_last_week_and_the_last_month_are_made_up_for_however_long_ago() -> None:
    now = moment("12:00", date(2026, 12, 30))
    assert periods("week_posting", now, catch_up_days=0) == ["2026-W52"]
    assert periods("month_bulletin", now, catch_up_days=0) == ["2026-11"]


def test_older_ones_are_made_up_for_when_they_were_due_within_the_days_to_catch_up() -> None:
    now = moment("12:00", date(2026, 11, 30))
    assert periods("week_posting", now, catch_up_days=13) == ["2026-W47", "2026-W48"]
    assert periods("week_posting", now, catch_up_days=14) == ["2026-W46", "2026-W47", "2026-W48"]
    # The bulletins of September and October were due on October 1 and on November 1.
    assert periods("month_bulletin", now, catch_up_days=59) == ["2026-10"]
    assert periods("month_bulletin", now, catch_up_days=60) == ["2026-09", "2026-10"]


def test_a_week_or_a_month_in_which_nobody_worked_here_is_not_reported() -> None:
    now = moment("12:00", date(2026, 12, 7))
    assert periods("week_posting", now, catch_up_days=31, first_day=date(2026, 11, 29)) == ["2026-W48", "2026-W49"]
    assert periods("week_posting", now, catch_up_days=31, first_day=date(2026, 11, 30)) == ["2026-W49"]
    assert periods("week_posting", now, catch_up_days=31, first_day=date(2026, 12, 7)) == []
    assert periods("month_bulletin", now, catch_up_days=366, first_day=date(2026, 11, 30)) == ["2026-11"]
    assert periods("month_bulletin", now, catch_up_days=366, first_day=date(2026, 12, 1)) == []


# Names


@pytest.mark.parametrize(
    ("job", "day", "period"),
    [
        ("day_report", FRIDAY, "2026-11-20"),
        ("retention", FRIDAY, "2026-11-20"),
        ("week_posting", FRIDAY, "2026-W47"),
        ("month_bulletin", FRIDAY, "2026-11"),
    ],
)
def test_a_period_is_named_by_its_local_date_week_or_month(job: JobName, day: date, period: str) -> None:
    assert period_with(job, day).period == period


@pytest.mark.parametrize(
    ("job", "period"),
    [("operating_point", "3-0a1b2c3d"), ("week_posting", "2026-11-20"), ("month_bulletin", "x"), ("open_day", "")],
)
def test_what_is_no_period_of_a_job_is_not_read_as_one(job: str, period: str) -> None:
    assert read_period(job, period) is None


# Days on which clocks change: Berlin skips 02:00 to 03:00 on 2026-03-29 and repeats it on 2026-10-25.

NIGHT_SHIFT = SiteDays(BERLIN, time(1))


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        (datetime(2026, 3, 29, 1, 29, tzinfo=UTC), ["open 29"]),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), ["open 29", "report 29"]),
    ],
)
def test_a_report_time_that_the_clocks_skip_comes_when_it_would_have_come(utc: datetime, expected: list[str]) -> None:
    assert days(utc, site=NIGHT_SHIFT, day_report_at=time(2, 30)) == expected


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
    assert days(utc, site=NIGHT_SHIFT, day_report_at=time(2, 30)) == expected


@pytest.mark.parametrize(
    ("sunday", "posted_at"),
    [
        # The Sunday has 23 hours: 02:30 of Monday comes an hour earlier than a week before.
        (date(2026, 3, 29), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_week_in_which_clocks_change_is_posted_at_its_time_on_the_wall(sunday: date, posted_at: datetime) -> None:
    week = period_with("week_posting", sunday)
    assert due_at(week, NIGHT_SHIFT, schedule(week_posting_at=time(2, 30))) == posted_at


def test_a_report_keeps_within_its_day_where_clocks_change_at_the_days_start() -> None:
    # The day would begin at 02:30, which the clocks skip; 03:15 on the wall is a quarter of an hour before that.
    site = SiteDays(BERLIN, time(2, 30))
    spring = date(2026, 3, 29)
    for job_day, at in ((spring, time(3, 15)), (spring - DAY, time(2, 15))):
        reported_at = due_at(JobPeriod("day_report", job_day), site, schedule(day_report_at=at))
        assert site.bounds(job_day)[0] <= reported_at <= site.bounds(job_day)[1]


# For any zone, any day, any settings

ZONES = st.sampled_from(
    [
        *("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"),
        *("Pacific/Apia", "Pacific/Kiritimati", "America/Sao_Paulo"),
    ]
)
MINUTES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
SITES = st.builds(lambda zone, start: SiteDays(ZoneInfo(zone), start), ZONES, MINUTES)
MOMENTS = st.datetimes(datetime(2011, 1, 3), datetime(2033, 12, 30)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=UTC)
)
SCHEDULES = st.builds(
    schedule,
    day_report_at=MINUTES,
    week_posting_on=st.sampled_from(WEEKDAYS),
    week_posting_at=MINUTES,
    month_bulletin_on=st.integers(1, 28),
    month_bulletin_at=MINUTES,
    catch_up_days=st.integers(0, 20),
)
EARLY = date(2009, 1, 1)


def with_catch_up(values: JobsSettings, days: int) -> JobsSettings:
    return values.model_copy(update={"catch_up_days": days})


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=40)), SITES, SCHEDULES)
def test_what_is_due_stays_due_so_a_clock_set_back_makes_nothing_new(
    now: datetime, later: timedelta, site: SiteDays, values: JobsSettings
) -> None:
    before = due_periods(now, site, values, EARLY)
    # The last month that was due may have been due 31 days ago, and a month has 31 days.
    after = due_periods(now + later, site, with_catch_up(values, values.catch_up_days + later.days + 64), EARLY)
    assert set(before) <= set(after)


@given(MOMENTS, SITES, SCHEDULES)
def test_every_period_comes_once_not_before_its_moment_and_in_the_order_of_the_moments(
    now: datetime, site: SiteDays, values: JobsSettings
) -> None:
    found = due_periods(now, site, values, EARLY)
    moments = [due_at(one, site, values) for one in found]
    assert moments == sorted(moments)
    assert moments[-1] <= now
    assert len(set(found)) == len(found)
    for job in JOBS:
        names = [one.period for one in found if one.job == job]
        assert names == sorted(names), "periods of one job sort by time, as text too"


@given(MOMENTS, SITES, SCHEDULES)
def test_of_the_days_to_catch_up_none_is_left_out(now: datetime, site: SiteDays, values: JobsSettings) -> None:
    found = due_periods(now, site, values, EARLY)
    today = site.day_of(now)
    all_days = {today - number * DAY for number in range(values.catch_up_days + 1)}
    of_job = {job: {one.day for one in found if one.job == job} for job in JOBS}
    assert of_job["open_day"] == all_days
    assert of_job["close_day"] == of_job["retention"] == all_days - {today}
    assert all_days - of_job["day_report"] <= {today}, "a day that is over is reported"


@given(MOMENTS, SITES, SCHEDULES)
def test_a_sum_comes_after_every_day_in_it_is_closed(now: datetime, site: SiteDays, values: JobsSettings) -> None:
    found = due_periods(now, site, with_catch_up(values, 70), EARLY)
    for place, one in enumerate(found):
        if one.job in ("week_posting", "month_bulletin"):
            closed = {other.day for other in found[:place] if other.job == "close_day"}
            wanted = {one.day + number * DAY for number in range((one.last_day - one.day).days + 1)}
            assert {day for day in wanted if day >= site.day_of(now) - 70 * DAY} <= closed


@given(MOMENTS, SITES, SCHEDULES)
def test_weeks_and_months_come_without_a_gap_up_to_the_last_that_is_due(
    now: datetime, site: SiteDays, values: JobsSettings
) -> None:
    found = due_periods(now, site, values, EARLY)
    for job in ("week_posting", "month_bulletin"):
        own = [one for one in found if one.job == job]
        assert own, "the last one that is due is always made up for"
        assert [one.following for one in own[:-1]] == own[1:]
        assert due_at(own[-1].following, site, values) > now
        horizon = site.day_of(now) - values.catch_up_days * DAY
        assert all(site.day_of(due_at(one, site, values)) >= horizon for one in own[:-1])
        assert site.day_of(due_at(own[0].preceding, site, values)) < horizon


@given(st.sampled_from(JOBS), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_a_period_is_read_back_from_its_name(job: JobName, day: date) -> None:
    one = period_with(job, day)
    assert read_period(job, one.period) == one
    assert one.day <= day <= one.last_day
    assert one.following.preceding == one


@given(st.sampled_from(JOBS), MOMENTS, SITES, SCHEDULES)
def test_the_next_one_is_the_first_that_is_not_due(
    job: JobName, now: datetime, site: SiteDays, values: JobsSettings
) -> None:
    one, at = next_due(job, now, site, values)
    assert now < at == due_at(one, site, values)
    assert due_at(one.preceding, site, values) <= now
