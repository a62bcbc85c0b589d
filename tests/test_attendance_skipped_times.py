"""Times that the clocks skip: what is due then can be met on time, and nobody is held to a time that no wall shows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.attendance.day_plans import make_plan
from server.attendance.explaining import explain
from server.attendance.points import ClockPoint
from server.attendance.verdicts import WorkdayVerdict
from tests.attendance_days import (
    Court,
    clocked,
    judged,
    moment,
    outcomes,
    planned,
    point,
    rules_of,
    workday,
)

BERLIN = ZoneInfo("Europe/Berlin")
SPRING = date(2026, 3, 29)  # 02:00 is 03:00
EARLIER_MIDNIGHTS = [
    # The day before the one whose midnight is 01:00.
    ("Africa/Cairo", date(2026, 4, 23)),
    ("America/Santiago", date(2026, 9, 5)),
    ("Asia/Beirut", date(2026, 3, 28)),
    ("America/Havana", date(2026, 3, 7)),
]


def relief(before: int = 15, after: int = 15, **more: Any) -> Court:
    return rules_of(point("relief", "in", "02:30", before, after, **more), zone=BERLIN)


def in_spring(*times: str, rules: Court) -> WorkdayVerdict:
    events = [clocked(text, day=SPRING, zone=BERLIN) for text in times]
    return judged(*events, day=SPRING, rules=rules, calendar_day=workday(SPRING))


def windows(court: Court, day: date) -> list[tuple[int, int]]:
    plan, _ = planned(court, day, workday(day))
    return [(one.start_minutes, one.end_minutes) for one in plan.points]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("01:59", ("missing", 0)),
        ("03:14", ("missing", 0)),
        ("03:15", ("on_time", 0)),
        ("03:30:59", ("on_time", 0)),
        ("03:40", ("late", 10)),
        ("03:45:59", ("late", 15)),
        ("03:46", ("missing", 0)),
    ],
)
def test_a_skipped_relief_at_half_past_two_is_at_half_past_three_with_its_window(
    at: str, expected: tuple[str, int]
) -> None:
    assert outcomes(in_spring(at, rules=relief())) == [expected]


def test_the_explanation_says_where_a_skipped_point_went() -> None:
    lines = explain(in_spring("03:20", rules=relief()), "en")
    assert "relief: the clocks skip 02:30 on this day, so it is 03:30, and its window moves along." in lines
    assert "relief, clock in at 03:30: from 03:15 to 03:45 counts, and the earliest clock event decides." in lines
    assert not any("belong to the workday next to this one" in line for line in lines)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (45, 15, (105, 225)),  # from 01:45, which the wall shows, until 03:45
        (120, 120, (30, 330)),  # from 00:30 until 05:30: two hours before and after 03:30 summer time
    ],
)
def test_a_window_reaches_as_long_before_and_after_a_skipped_point_as_ever(
    before: int, after: int, expected: tuple[int, int]
) -> None:
    assert windows(relief(before, after), SPRING) == [expected]


@pytest.mark.parametrize(("zone_name", "day"), EARLIER_MIDNIGHTS)
def test_a_duty_until_a_midnight_that_is_skipped_can_be_left_on_time(zone_name: str, day: date) -> None:
    zone = ZoneInfo(zone_name)
    rules = rules_of(point("on", "in", "16:00", 60, 60), point("off", "out", "24:00", 30, 30), zone=zone)

    def left(at: datetime) -> WorkdayVerdict:
        on, off = clocked("16:00", day=day, zone=zone), clocked("16:00", day=day, zone=zone, number=2)
        off = type(off)(off.event_id, at, "face")
        return judged(on, off, day=day, rules=rules, calendar_day=workday(day))

    midnight = moment("24:00", day, zone)
    assert midnight.astimezone(zone).hour == 1
    assert left(midnight).status == left(midnight + timedelta(minutes=30)).status == ("normal",)
    assert left(midnight - timedelta(minutes=1)).tally.early_minutes == 1
    assert left(midnight + timedelta(minutes=31)).status == ("missing_clock",)


@pytest.mark.parametrize(("zone_name", "day"), EARLIER_MIDNIGHTS)
def test_who_comes_just_before_a_duty_that_begins_when_clocks_have_gone_forward_is_on_time(
    zone_name: str, day: date
) -> None:
    # Due at 25:00: half an hour before it, in time that passes, the wall showed 23:30.
    zone = ZoneInfo(zone_name)
    rules = rules_of(point("on", "in", "25:00", 30, 30), point("off", "out", "32:00", 30, 30), zone=zone)
    for text, expected in (("23:29", ("missing", 0)), ("23:30", ("on_time", 0)), ("25:01", ("late", 1))):
        events = [clocked(text, day=day, zone=zone), clocked("32:00", day=day, zone=zone)]
        assert outcomes(judged(*events, day=day, rules=rules, calendar_day=workday(day)))[0] == expected


def test_who_leaves_when_clocks_go_forward_has_as_long_as_ever() -> None:
    rules = rules_of(point("on", "in", "00:10", 10, 10), point("off", "out", "01:59", 30, 30), zone=BERLIN)
    assert outcomes(in_spring("00:10", "03:29", rules=rules)) == [("on_time", 0), ("on_time", 0)]
    assert outcomes(in_spring("00:10", "03:30", rules=rules))[1] == ("missing", 0)


def test_windows_that_clocks_move_stay_in_the_order_of_their_points() -> None:
    def at(text: str, name: str) -> ClockPoint:
        return point(name, "in" if name == "a" else "out", text, 10, 15)

    # a would be 03:20 to 03:45, b stays 02:55 (skipped, so 01:55) to 03:20.
    assert windows(rules_of(at("02:30", "a"), at("03:05", "b"), zone=BERLIN), SPRING) == [(115, 225), (115, 225)]


def test_the_days_around_a_skipped_time_share_what_moved() -> None:
    # The evening's departure moves to 01:00; the next day's first arrival is due at 01:20.
    cairo = ZoneInfo("Africa/Cairo")
    day = date(2026, 4, 23)
    court = rules_of(point("on", "in", "01:20", 15, 30), point("off", "out", "24:00", 30, 30), zone=cairo)
    shift = court.rules.default_shift
    evening = make_plan(court.site, day, shift, shift, shift).points[1]
    morning = make_plan(court.site, day + timedelta(days=1), shift, shift, shift).points[0]
    assert (evening.start_minutes, evening.end_minutes) == (23 * 60 + 30, 25 * 60 + 10)
    assert (morning.start_minutes, morning.end_minutes) == (71, 110)


def test_on_other_days_the_wall_alone_decides() -> None:
    assert windows(relief(), date(2026, 3, 30)) == [(135, 165)]
