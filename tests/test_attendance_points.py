"""Clock points, flexible hours and shifts: what they refuse, and what they say of minutes and windows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from server.attendance.points import ClockPoint, CountsAs, Flexible, Shift, on_paper
from tests.attendance_days import END, FOUR_POINTS, START, point


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name_zh": ""}, "needs a name in Chinese and in English"),
        ({"name_en": " "}, "needs a name in Chinese and in English"),
        ({"direction": "through"}, "direction must be in or out, got 'through'"),
        ({"at_minutes": -1, "window_before_minutes": 0}, "at_minutes must not be negative, got -1"),
        ({"window_before_minutes": -1}, "a window reaches 0 to 1440 minutes, got -1"),
        ({"window_after_minutes": 1441}, "a window reaches 0 to 1440 minutes, got 1441"),
        ({"window_before_minutes": 1231}, "the window, -1 11:59 to 12:00, must lie between -1 12:00 and 35:59"),
        ({"at_minutes": 2000}, "the window, 31:20 to 36:50, must lie between -1 12:00 and 35:59"),
        ({"grace_minutes": -1}, "grace_minutes must not be negative, got -1"),
        ({"serious_after_minutes": 60, "half_day_after_minutes": 30}, r"must rise in this order, got \[0, 60, 30\]"),
        ({"grace_minutes": 20, "full_day_after_minutes": 10}, r"must rise in this order, got \[20, 10\]"),
        ({"missing_is": "early"}, "a missing clock in cannot count as 'early'"),
        ({"direction": "out", "missing_is": "late"}, "a missing clock out cannot count as 'late'"),
        ({"missing_is": "nothing"}, "a missing clock in cannot count as 'nothing'"),
        ({"missing_is": "serious_late"}, "a missing clock in cannot count as 'serious_late'"),
    ],
)
def test_a_clock_point_refuses_what_cannot_be(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        replace(START, **change)


def test_a_window_lies_between_noon_of_the_day_before_and_noon_of_the_day_after() -> None:
    from_noon = replace(START, at_minutes=0, window_before_minutes=720, window_after_minutes=0)
    assert (from_noon.window_start_minutes, from_noon.window_end_minutes) == (-720, 0)
    until_noon = replace(START, at_minutes=35 * 60 + 59, window_before_minutes=0, window_after_minutes=0)
    assert until_noon.window_end_minutes == 2159


def test_a_window_reaches_a_day_on_each_side_at_most() -> None:
    after = replace(START, at_minutes=0, window_before_minutes=0, window_after_minutes=1440)
    before = replace(START, at_minutes=1440, window_before_minutes=1440, window_after_minutes=0)
    assert (after.window_end_minutes, before.window_start_minutes) == (1440, 0)


def test_thresholds_may_be_equal() -> None:
    equal = replace(START, grace_minutes=30, serious_after_minutes=30, half_day_after_minutes=30)
    assert [equal.counts_as(minutes) for minutes in (30, 31)] == ["late", "half_day"]


THREE_TIERS = replace(
    START, grace_minutes=5, serious_after_minutes=30, half_day_after_minutes=60, full_day_after_minutes=180
)


@pytest.mark.parametrize(
    ("minutes", "late", "early"),
    [
        (6, "late", "early"),
        (30, "late", "early"),
        (31, "serious_late", "serious_early"),
        (60, "serious_late", "serious_early"),
        (61, "half_day", "half_day"),
        (180, "half_day", "half_day"),
        (181, "full_day", "full_day"),
    ],
)
def test_more_minutes_than_a_threshold_count_as_what_it_says(minutes: int, late: CountsAs, early: CountsAs) -> None:
    assert THREE_TIERS.counts_as(minutes) == late
    assert replace(THREE_TIERS, direction="out").counts_as(minutes) == early


def test_without_thresholds_late_is_only_late() -> None:
    assert START.counts_as(210) == "late"
    assert END.counts_as(300) == "early"


@pytest.mark.parametrize(
    ("kind", "late", "early", "reason"),
    [
        ("elastic", 30, 30, "an allowance or a shift, got 'elastic'"),
        ("shift", -1, 30, "flexible minutes must be 0 to 240"),
        ("allowance", 30, 241, "flexible minutes must be 0 to 240"),
        ("allowance", 0, 0, "flexible hours of 0 minutes are not flexible"),
    ],
)
def test_flexible_hours_refuse_what_cannot_be(kind: Any, late: int, early: int, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Flexible(kind, late, early)


NINE = tuple(point(f"point {n}", "in", f"{8 + n:02}:00", 0, 0) for n in range(9))


@pytest.mark.parametrize(
    ("points", "more", "reason"),
    [
        ((), {}, "a shift needs a name and 1 to 8 clock points"),
        (NINE, {}, "a shift needs a name and 1 to 8 clock points"),
        ((START, END), {"name": ""}, "a shift needs a name and 1 to 8 clock points"),
        ((END, START), {}, "shift s: start of work must come after end of work"),
        ((START, START), {}, "shift s: start of work must come after start of work"),
        (
            (START, replace(END, window_before_minutes=661)),
            {},
            "the window of end of work must begin and end after that of start of work",
        ),
        (
            (replace(START, window_after_minutes=841), END),
            {},
            "the window of end of work must begin and end after that of start of work",
        ),
        ((START, END), {"mode": "toggle"}, "mode must be windows or first_last, got 'toggle'"),
        ((START,), {"mode": "first_last"}, "first_last needs one clock point in and then one out"),
        (FOUR_POINTS.rules.default_shift.points, {"mode": "first_last"}, "first_last needs one clock point in"),
        (
            (START, point("out", "out", "32:31", 60, 60)),
            {"mode": "first_last"},
            "ends no later than 24 hours after the start",
        ),
        ((START, END), {"min_interval_minutes": 121}, "min_interval_minutes must be 0 to 120"),
        ((START, END), {"off_post_after_minutes": 0}, "off_post_after_minutes must be 1 or more"),
        ((START,), {"flexible": Flexible("allowance", 30, 0)}, "need an arrival first and a departure last"),
        (
            (START, replace(END, window_after_minutes=59)),
            {"flexible": Flexible("shift", 60, 0)},
            "the window of end of work must reach 60 minutes beyond it, because departures move later by as much",
        ),
    ],
)
def test_a_shift_refuses_what_cannot_be(points: tuple[ClockPoint, ...], more: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Shift(**{"name": "s", "points": points} | more)


@pytest.mark.parametrize(
    "more",
    [{"min_interval_minutes": 0}, {"min_interval_minutes": 120}, {"off_post_after_minutes": 1}],
    ids=["no interval", "the longest interval", "the shortest time off post"],
)
def test_a_shift_takes_what_just_fits(more: dict[str, Any]) -> None:
    assert Shift("s", (START, END), **more).name == "s"
    eight = tuple(point(f"p{number}", "in", f"{number + 8:02}:00", 0, 0) for number in range(8))
    assert len(Shift("s", eight).points) == 8


def test_windows_may_overlap_and_touch_and_begin_together() -> None:
    for before in (329, 330, 660):  # from 12:01 on, from 12:00, from 06:30
        assert Shift("s", (START, replace(END, window_before_minutes=before))).name == "s"


def test_in_the_mode_first_last_both_points_share_one_window() -> None:
    shift = Shift("s", (START, END), mode="first_last")
    assert shift.window_minutes(0) == shift.window_minutes(1) == (390, 1350)  # 06:30 to 22:30
    assert Shift("s", (START, END)).window_minutes(1) == (721, 1350)
    assert Shift("s", (START, point("out", "out", "32:30", 60, 60)), mode="first_last").window_minutes(0) == (390, 2010)


def test_each_arrival_begins_a_stretch_of_work() -> None:
    shift = FOUR_POINTS.rules.default_shift
    assert [shift.stretch_of(number) for number in range(4)] == [0, 0, 1, 1]


def test_a_departure_before_any_arrival_is_of_the_first_stretch() -> None:
    shift = Shift("s", (point("a", "out", "08:00", 0, 0), point("b", "in", "09:00", 0, 0)))
    assert [shift.stretch_of(number) for number in range(2)] == [0, 0]


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "00:00"), (510, "08:30"), (1560, "26:00"), (-90, "-1 22:30"), (-720, "-1 12:00")]
)
def test_wall_minutes_are_written_as_in_rules(minutes: int, text: str) -> None:
    assert on_paper(minutes) == text
