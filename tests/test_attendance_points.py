"""Clock points, shifts and rule books: what they refuse, and which moments they mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.settings import load_settings
from server.attendance.points import (
    RuleBook,
    Shift,
    day_bounds,
    due_at,
    event_span,
    local_moment,
    rule_book,
    wall_minutes_of,
    window_bounds,
    workday_of,
)
from tests.attendance_days import COURT, END, FOUR_POINTS, FRIDAY, NIGHT, SHANGHAI, START, moment, point, rules_of

BERLIN = ZoneInfo("Europe/Berlin")
SPRING = date(2026, 3, 29)  # 02:00 becomes 03:00 in Berlin
AUTUMN = date(2026, 10, 25)  # 03:00 becomes 02:00 in Berlin


@pytest.mark.parametrize(
    "change",
    [
        {"name_zh": ""},
        {"name_en": " "},
        {"direction": "through"},
        {"at_minutes": -1},
        {"at_minutes": 48 * 60},
        {"window_before_minutes": -1},
        {"window_after_minutes": 1441},
        {"grace_minutes": -1},
    ],
)
def test_a_clock_point_refuses_values_out_of_range(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"point|direction|minutes|window"):
        replace(START, **change)


def test_the_last_minute_of_the_second_day_is_a_clock_point() -> None:
    assert replace(START, at_minutes=47 * 60 + 59).at_minutes == 2879


def test_a_shift_refuses_points_out_of_order() -> None:
    with pytest.raises(ValueError, match="start of work must come after end of work"):
        Shift("s", (END, START))


def test_a_shift_refuses_overlapping_windows_and_names_both() -> None:
    wider = replace(END, window_before_minutes=330)  # from 12:00, and 12:00 still belongs to the arrival
    with pytest.raises(ValueError, match=r"start of work \(until 12:00\) and end of work \(from 12:00\) overlap"):
        Shift("s", (START, wider))


def test_windows_may_touch_minute_by_minute() -> None:
    assert Shift("s", (START, END)).points == (START, END)


def test_a_shift_refuses_a_window_that_reaches_into_the_next_days_first() -> None:
    late = point("end of duty", "out", "26:00", 60, 270)  # until 06:30
    early = point("start of duty", "in", "07:00", 30, 60)  # from 06:30
    with pytest.raises(
        ValueError, match=r"end of duty \(until 30:30\) overlaps the next day's window of start of duty"
    ):
        Shift("s", (early, late))


def test_a_shift_refuses_to_be_empty() -> None:
    with pytest.raises(ValueError, match="at least one clock point"):
        Shift("s", ())


def test_a_point_before_the_workday_starts_is_refused_with_the_way_to_write_it() -> None:
    with pytest.raises(ValueError, match=r"02:00 lies before the workday starts \(04:00\).*write 26:00"):
        rules_of(point("end of duty", "out", "02:00", 30, 30))


@pytest.mark.parametrize("bad", [time(4, 0, 30), time(4, tzinfo=UTC)])
def test_the_start_of_the_day_is_whole_local_minutes(bad: time) -> None:
    with pytest.raises(ValueError, match="whole minutes without a zone"):
        rules_of(START, day_starts_at=bad)


def test_the_configuration_that_ships_makes_a_rule_book() -> None:
    rules = rule_book(load_settings(Path(__file__).parent.parent / "config.yaml"))
    assert rules.zone.key == "Asia/Shanghai"
    assert rules.day_starts_at == time(4)
    assert [(one.name_zh, one.direction, one.at_minutes) for one in rules.shift.points] == [
        ("上班", "in", 510),
        ("下班", "out", 1050),
    ]


def test_equal_rules_have_one_version_wherever_they_are_made() -> None:
    assert rules_of(START, END).version == COURT.version
    assert len(COURT.version) == 12
    assert int(COURT.version, 16) > 0


@pytest.mark.parametrize(
    "other",
    [
        rules_of(replace(START, grace_minutes=1), END),
        rules_of(START, replace(END, required=False)),
        rules_of(START, END, day_starts_at=time(5)),
        rules_of(START, END, zone=ZoneInfo("Asia/Urumqi")),
    ],
)
def test_any_changed_rule_has_another_version(other: RuleBook) -> None:
    assert other.version != COURT.version


def test_a_point_after_midnight_is_due_on_the_next_calendar_day() -> None:
    duty_ends = NIGHT.shift.points[1]
    assert due_at(FRIDAY, duty_ends, SHANGHAI) == datetime(2026, 11, 20, 18, 0, tzinfo=UTC)  # Saturday 02:00 local


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
    assert workday_of(moment(local), COURT) == expected


def test_a_naive_moment_has_no_workday() -> None:
    with pytest.raises(ValueError, match="naive"):
        workday_of(datetime(2026, 11, 20, 8, 0), COURT)  # noqa: DTZ001


def test_the_event_span_is_the_day_when_all_windows_lie_in_it() -> None:
    assert event_span(FRIDAY, FOUR_POINTS) == day_bounds(FRIDAY, FOUR_POINTS) == (moment("04:00"), moment("28:00"))


def test_the_event_span_reaches_over_the_start_of_the_next_day_with_its_windows() -> None:
    assert event_span(FRIDAY, NIGHT) == (moment("04:00"), moment("30:01"))


def test_the_event_span_begins_with_a_window_on_the_evening_before() -> None:
    rules = rules_of(point("early duty", "in", "04:30", 480, 30))
    assert event_span(FRIDAY, rules)[0] == moment("20:30", date(2026, 11, 19))


def test_a_local_time_that_the_clocks_skip_moves_forward_by_the_gap() -> None:
    assert local_moment(SPRING, 150, BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 02:30 is 03:30 summer time


def test_of_a_local_time_that_comes_twice_the_first_one_counts() -> None:
    assert local_moment(AUTUMN, 150, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_days_on_which_clocks_change_have_23_and_25_hours() -> None:
    rules = rules_of(START, END, zone=BERLIN, day_starts_at=time(0))
    lengths = {day: day_bounds(day, rules)[1] - day_bounds(day, rules)[0] for day in (SPRING, AUTUMN)}
    assert lengths == {SPRING: timedelta(hours=23), AUTUMN: timedelta(hours=25)}


def test_a_window_over_the_repeated_hour_stays_open_until_its_second_end() -> None:
    night = point("night round", "in", "02:15", 15, 15)
    opens, closes = window_bounds(AUTUMN, night, BERLIN)
    assert opens == datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # 02:00, the first time
    assert closes == datetime(2026, 10, 25, 1, 31, tzinfo=UTC)  # 02:31, the second time
    second_time = datetime(2026, 10, 25, 1, 20, tzinfo=UTC)
    assert night.window_holds(wall_minutes_of(second_time, AUTUMN, BERLIN))


def test_a_day_that_starts_in_the_repeated_hour_starts_once() -> None:
    rules = rules_of(START, END, zone=BERLIN, day_starts_at=time(2, 30))
    first_half_past_two = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second_ten_past_two = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # the wall shows less again
    assert workday_of(first_half_past_two - timedelta(seconds=1), rules) == date(2026, 10, 24)
    assert workday_of(first_half_past_two, rules) == AUTUMN
    assert workday_of(second_ten_past_two, rules) == AUTUMN


def test_a_window_that_opens_in_the_skipped_hour_misses_no_event_after_it() -> None:
    early = point("early duty", "in", "04:00", 90, 15)  # from 02:30, which the wall never shows that day
    just_after_the_gap = datetime(2026, 3, 29, 1, 10, tzinfo=UTC)  # 03:10
    assert early.window_holds(wall_minutes_of(just_after_the_gap, SPRING, BERLIN))
    assert window_bounds(SPRING, early, BERLIN)[0] <= just_after_the_gap


def test_a_day_that_has_begun_does_not_end_when_clocks_go_back_over_midnight() -> None:
    # In St. John's, 2010-11-07 00:01 became 2010-11-06 23:01.
    rules = rules_of(START, END, zone=ZoneInfo("America/St_Johns"), day_starts_at=time(0))
    midnight = datetime(2010, 11, 7, 2, 30, tzinfo=UTC)
    assert workday_of(midnight - timedelta(seconds=1), rules) == date(2010, 11, 6)
    for minutes in (0, 1, 30, 61, 90):
        assert workday_of(midnight + timedelta(minutes=minutes), rules) == date(2010, 11, 7)
