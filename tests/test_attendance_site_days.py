"""Which workday a moment belongs to, in zones whose clocks change, too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.attendance.day_plans import DayPlan
from server.attendance.site_days import SiteDays, local_moment, wall_minutes_of
from tests.attendance_days import (
    COURT,
    END,
    FOUR_POINTS,
    FRIDAY,
    NIGHT,
    SHANGHAI,
    START,
    Court,
    moment,
    planned,
    point,
    rules_of,
    workday,
)

BERLIN = ZoneInfo("Europe/Berlin")
SPRING = date(2026, 3, 29)  # 02:00 becomes 03:00 in Berlin
AUTUMN = date(2026, 10, 25)  # 03:00 becomes 02:00 in Berlin


def plan_of(court: Court, day: date = FRIDAY) -> DayPlan:
    return planned(court, day, workday(day))[0]


@pytest.mark.parametrize("bad", [time(4, 0, 30), time(4, tzinfo=UTC)])
def test_the_start_of_the_day_is_whole_local_minutes(bad: time) -> None:
    with pytest.raises(ValueError, match="whole minutes without a zone"):
        SiteDays(SHANGHAI, bad)


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("03:59:59", date(2026, 11, 19)),
        ("04:00", FRIDAY),
        ("07:59", FRIDAY),  # still the day before in UTC
        ("08:00", FRIDAY),  # midnight in UTC
        ("23:59:59", FRIDAY),
        ("24:00", FRIDAY),  # midnight on the wall
        ("27:59:59", FRIDAY),
        ("28:00", date(2026, 11, 21)),
    ],
)
def test_local_midnight_and_utc_midnight_change_no_workday(local: str, expected: date) -> None:
    assert COURT.site.day_of(moment(local)) == expected


def test_a_naive_moment_has_no_workday() -> None:
    with pytest.raises(ValueError, match="naive"):
        COURT.site.day_of(datetime(2026, 11, 20, 8, 0))  # noqa: DTZ001


def test_a_point_after_midnight_is_due_on_the_next_calendar_day() -> None:
    due_at = plan_of(NIGHT).points[1].due_at
    assert due_at == datetime(2026, 11, 20, 18, 0, tzinfo=UTC)  # Saturday 02:00 local


def test_a_day_needs_its_own_hours_when_all_windows_lie_in_it() -> None:
    plan = plan_of(FOUR_POINTS)
    assert (plan.reach_start, plan.reach_end) == (plan.begins_at, plan.ends_at) == (moment("04:00"), moment("28:00"))


def test_a_day_needs_the_hours_of_its_windows_beyond_the_next_days_start() -> None:
    plan = plan_of(NIGHT)
    assert (plan.reach_start, plan.reach_end) == (moment("04:00"), moment("30:01"))


def test_a_day_needs_the_evening_before_where_a_window_opens_then() -> None:
    plan = plan_of(rules_of(point("early duty", "in", "04:30", 480, 30)))
    assert plan.reach_start == moment("20:30", date(2026, 11, 19))


def test_a_local_time_that_the_clocks_skip_moves_forward_by_the_gap() -> None:
    assert local_moment(SPRING, 150, BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 02:30 is 03:30 summer time


def test_of_a_local_time_that_comes_twice_the_first_one_counts() -> None:
    assert local_moment(AUTUMN, 150, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_days_on_which_clocks_change_have_23_and_25_hours() -> None:
    site = SiteDays(BERLIN, time(0))
    lengths = {day: site.bounds(day)[1] - site.bounds(day)[0] for day in (SPRING, AUTUMN)}
    assert lengths == {SPRING: timedelta(hours=23), AUTUMN: timedelta(hours=25)}


def test_a_window_over_the_repeated_hour_holds_its_minutes_both_times() -> None:
    plan = plan_of(rules_of(point("night round", "in", "02:15", 15, 15), zone=BERLIN, day_starts_at=time(0)), AUTUMN)
    (night,) = plan.points
    assert night.opens_at == datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # 02:00, the first time
    assert night.closes_at == datetime(2026, 10, 25, 1, 31, tzinfo=UTC)  # 02:31, the second time
    assert plan.holds(night, datetime(2026, 10, 25, 0, 20, tzinfo=UTC))  # 02:20
    assert not plan.holds(night, datetime(2026, 10, 25, 0, 45, tzinfo=UTC))  # 02:45
    assert plan.holds(night, datetime(2026, 10, 25, 1, 20, tzinfo=UTC))  # 02:20 again


def test_a_window_that_would_open_in_the_skipped_hour_is_open_as_long_before_its_point_as_ever() -> None:
    # From 02:30, which the wall never shows that day: 90 minutes before 04:00 it showed 01:30.
    plan = plan_of(rules_of(point("early duty", "in", "04:00", 90, 15), zone=BERLIN, day_starts_at=time(0)), SPRING)
    (early,) = plan.points
    assert plan.holds(early, datetime(2026, 3, 29, 1, 10, tzinfo=UTC))  # 03:10
    assert plan.holds(early, datetime(2026, 3, 29, 0, 30, tzinfo=UTC))  # 01:30
    assert not plan.holds(early, datetime(2026, 3, 29, 0, 29, 59, tzinfo=UTC))  # 01:29:59


def test_a_day_that_starts_in_the_repeated_hour_starts_once() -> None:
    site = SiteDays(BERLIN, time(2, 30))
    first_half_past_two = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second_ten_past_two = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # the wall shows less again
    assert site.day_of(first_half_past_two - timedelta(seconds=1)) == date(2026, 10, 24)
    assert site.day_of(first_half_past_two) == AUTUMN
    assert site.day_of(second_ten_past_two) == AUTUMN


def test_a_day_that_has_begun_does_not_end_when_clocks_go_back_over_midnight() -> None:
    # In St. John's, 2010-11-07 00:01 became 2010-11-06 23:01.
    site = SiteDays(ZoneInfo("America/St_Johns"), time(0))
    midnight = datetime(2010, 11, 7, 2, 30, tzinfo=UTC)
    assert site.day_of(midnight - timedelta(seconds=1)) == date(2010, 11, 6)
    for minutes in (0, 1, 30, 61, 90):
        assert site.day_of(midnight + timedelta(minutes=minutes)) == date(2010, 11, 7)


def test_the_night_before_a_day_that_was_left_out_belongs_to_the_day_before_it() -> None:
    # In Samoa, 2011-12-29 24:00 was 2011-12-31 00:00.
    site = SiteDays(ZoneInfo("Pacific/Apia"), time(3))
    midnight = datetime(2011, 12, 30, 10, tzinfo=UTC)
    assert site.day_of(midnight) == date(2011, 12, 29)
    assert site.day_of(midnight + timedelta(hours=2, minutes=59)) == date(2011, 12, 29)
    assert site.day_of(midnight + timedelta(hours=3)) == date(2011, 12, 31)


def test_wall_minutes_are_counted_from_the_midnight_of_the_date() -> None:
    assert wall_minutes_of(moment("26:00"), FRIDAY, SHANGHAI) == 1560
    assert wall_minutes_of(moment("20:30", date(2026, 11, 19)), FRIDAY, SHANGHAI) == -210
    assert wall_minutes_of(moment("08:30:59"), FRIDAY, SHANGHAI) == 510


def test_a_site_without_clock_changes_is_told_by_moments_alone() -> None:
    assert plan_of(COURT).is_steady
    berlin = rules_of(START, END, zone=BERLIN)
    assert not plan_of(berlin, SPRING).is_steady
    assert plan_of(berlin, FRIDAY).is_steady
