"""A clock event belongs to one workday: where windows of neighbouring days overlap, the nearer clock point has it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from server.attendance.day_plans import DayPlan, make_plan
from server.attendance.explaining import explain
from server.attendance.points import ClockPoint, Shift
from tests.attendance_days import COURT, END, FRIDAY, SATURDAY, START, Court, clocked, judged, outcomes, point, rule_set
from tests.attendance_requests import rostered

THURSDAY = date(2026, 11, 19)
NIGHT_DUTY = Shift("night", (point("on", "in", "20:00", 90, 120), point("off", "out", "32:00", 120, 120)))
COURT_DAY = Shift("day", (START, END))


def shift(*points: ClockPoint) -> Shift:
    return Shift("s", points)


def windows(before: Shift | None, on: Shift | None, after: Shift | None, day: date = FRIDAY) -> list[tuple[int, int]]:
    plan = make_plan(COURT.site, day, before, on, after)
    return [(planned.start_minutes, planned.end_minutes) for planned in plan.points]


def test_the_boundary_is_half_way_between_the_due_times_and_the_earlier_point_keeps_that_minute() -> None:
    # The night ends at 32:00 (open 30:00 to 34:00), the next day begins at 08:30 (open from 06:30): 32:15 and 08:16.
    assert windows(None, NIGHT_DUTY, COURT_DAY)[1] == (30 * 60, 32 * 60 + 15)
    assert windows(NIGHT_DUTY, COURT_DAY, None, SATURDAY)[0] == (8 * 60 + 16, 12 * 60)


def test_half_a_minute_is_rounded_down() -> None:
    late, early = point("late", "out", "23:00", 60, 600), point("early", "in", "08:31", 700, 60)
    # 23:00 and 32:31: half way is 27:45:30.
    assert windows(None, shift(late), shift(early))[0][1] == 27 * 60 + 45
    assert windows(shift(late), shift(early), None, SATURDAY)[0][0] == 3 * 60 + 46


def test_the_boundary_is_never_outside_of_the_overlap() -> None:
    end = point("end of work", "out", "17:30", 60, 300)  # until 22:30
    early = point("early duty", "in", "04:30", 390, 30)  # from 22:00 of the evening before; half way is 23:00
    assert windows(None, shift(end), shift(early))[0] == (16 * 60 + 30, 22 * 60 + 30)
    assert windows(shift(end), shift(early), None, SATURDAY)[0][0] == -(24 * 60 - 22 * 60 - 31)
    on_duty = point("on duty", "in", "20:00", 60, 420)  # until 27:00
    soon = point("soon", "in", "01:00", 120, 60)  # from 23:00; half way is 22:30
    assert windows(None, shift(on_duty), shift(soon))[0] == (19 * 60, 22 * 60 + 59)
    assert windows(shift(on_duty), shift(soon), None, SATURDAY)[0] == (-60, 120)


def test_windows_that_only_touch_are_not_cut() -> None:
    end = point("end of duty", "out", "26:00", 60, 269)  # until 30:29
    start = point("start of duty", "in", "07:00", 30, 60)  # from 06:30
    assert windows(None, shift(end), shift(start))[0] == (25 * 60, 30 * 60 + 29)
    assert windows(shift(end), shift(start), None, SATURDAY)[0] == (6 * 60 + 30, 8 * 60)


def test_a_day_between_days_off_keeps_its_windows() -> None:
    assert windows(None, NIGHT_DUTY, None) == [(18 * 60 + 30, 22 * 60), (30 * 60, 34 * 60)]


def plan(before: Shift | None, on: Shift | None, after: Shift | None, day: date) -> DayPlan:
    return make_plan(COURT.site, day, before, on, after)


def test_no_minute_is_in_the_windows_of_two_days_and_none_of_an_overlap_is_lost() -> None:
    friday, saturday = plan(None, NIGHT_DUTY, COURT_DAY, FRIDAY), plan(NIGHT_DUTY, COURT_DAY, None, SATURDAY)
    night_off, day_on = friday.points[1], saturday.points[0]
    for minutes in range(-10, 30):
        moment = clocked("32:15:59").captured_at + timedelta(minutes=minutes)
        assert friday.holds(night_off, moment) != saturday.holds(day_on, moment), minutes


DUTY_THEN_DAY = Court(rule_set(COURT_DAY, NIGHT_DUTY), COURT.site)
ROSTER = rostered(["night", "day", None], FRIDAY)


@pytest.mark.parametrize(
    ("event", "friday", "saturday"),
    [
        ("32:15:59", ("on_time", 0), ("missing", 0)),
        ("32:16", ("missing", 0), ("on_time", 0)),
    ],
)
def test_who_comes_from_a_night_and_stays_for_the_day_meets_one_point_with_one_event(
    event: str, friday: tuple[str, int], saturday: tuple[str, int]
) -> None:
    events = clocked("19:55"), clocked(event), clocked("17:31", day=SATURDAY)
    night = judged(*events, rules=DUTY_THEN_DAY, roster=ROSTER)
    day = judged(*events, rules=DUTY_THEN_DAY, roster=ROSTER, day=SATURDAY)
    assert (outcomes(night)[1], outcomes(day)[0]) == (friday, saturday)


def test_an_event_of_the_neighbour_is_kept_with_that_days_date_on_both_sides() -> None:
    events = clocked("19:55"), clocked("32:10"), clocked("32:20"), clocked("17:31", day=SATURDAY)
    night = judged(*events, rules=DUTY_THEN_DAY, roster=ROSTER)
    day = judged(*events, rules=DUTY_THEN_DAY, roster=ROSTER, day=SATURDAY)
    assert night.points[1].event == events[1]
    assert day.points[0].event == events[2]
    assert [(one.event, one.reason.to_json()) for one in day.ignored] == [
        (events[1], {"code": "other_workday", "date": "2026-11-20"})
    ]


def test_a_window_that_was_cut_says_so() -> None:
    lines = explain(judged(clocked("19:55"), rules=DUTY_THEN_DAY, roster=ROSTER), "en")
    cut = "Beyond this window, clock events belong to the workday next to this one, whose clock point is nearer."
    assert lines.count(cut) == 1
    assert lines[lines.index(cut) - 1].startswith(
        "off, clock out at 08:00 the next day: from 06:00 the next day to 08:15 the next day counts"
    )
