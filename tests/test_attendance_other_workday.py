"""To which workday a clock event belongs that no window of this one is open for."""

from __future__ import annotations

from datetime import time

from server.attendance.overlays import Overlays
from server.attendance.points import Shift
from server.attendance.reasons import Reason
from server.attendance.rosters import Roster
from server.attendance.site_days import SiteDays
from server.attendance.verdicts import WorkdayVerdict
from tests.attendance_days import (
    FRIDAY,
    SATURDAY,
    SHANGHAI,
    Court,
    clocked,
    judged,
    moment,
    planned,
    point,
    rule_set,
    workday,
)
from tests.attendance_requests import absence, roster_entry

# A night until 32:00, open until 35:59, before a day that begins at 08:30: the night's window ends at 08:15.
NIGHT = Shift("night", (point("on", "in", "20:00", 60, 120), point("off", "out", "32:00", 60, 239)))
DAY = Shift(
    "day", (point("in", "in", "08:30", 90, 30), point("out", "out", "11:30", 30, 29)), off_post_after_minutes=20
)
COURT = Court(rule_set(DAY, NIGHT), SiteDays(SHANGHAI, time(4)))
NIGHT_THEN_DAY = Roster(
    [
        roster_entry(["night"], FRIDAY, last_day=FRIDAY, number=1),
        roster_entry(["day"], SATURDAY, number=2),
    ]
)
SATURDAYS = ("08:20", "09:30", "10:30", "11:40")


def saturday() -> WorkdayVerdict:
    events = [clocked(text, day=SATURDAY) for text in SATURDAYS]
    return judged(*events, rules=COURT, roster=NIGHT_THEN_DAY, day=SATURDAY)


def reasons(verdict: WorkdayVerdict) -> list[Reason]:
    return [one.reason for one in verdict.ignored]


def test_a_window_that_a_neighbouring_day_has_ended_holds_nothing_beyond() -> None:
    assert reasons(saturday()) == [Reason.of("outside_every_window")] * 2


def test_visits_after_the_window_of_the_night_before_has_ended_are_times_away() -> None:
    (away,) = saturday().off_post
    left_at, back_at = moment("09:30", SATURDAY), moment("10:30", SATURDAY)
    assert (away.left_at, away.back_at, away.minutes) == (left_at, back_at, 60)


def test_an_event_in_the_window_of_a_point_that_leave_covers_belongs_to_no_other_workday() -> None:
    # 32:10 is Saturday by the hours of the day, but Friday's window: both days would name each other.
    event = clocked("32:10")
    leave = Overlays(absences=(absence("18:00", "34:00"),))
    friday = judged(event, rules=COURT, roster=NIGHT_THEN_DAY, overlays=leave)
    on_saturday = judged(event, rules=COURT, roster=NIGHT_THEN_DAY, day=SATURDAY)
    assert [one.outcome for one in friday.points] == ["covered", "covered"]
    assert reasons(friday) == [Reason.of("outside_every_window")]
    assert reasons(on_saturday) == [Reason.of("other_workday", date="2026-11-20")]


def test_the_moment_at_which_a_workday_ends_is_the_next_ones() -> None:
    plan, _ = planned(COURT, FRIDAY, workday(), Roster([roster_entry([None], FRIDAY)]))
    assert plan.ends_at == moment("28:00")
    assert plan.day_elsewhere(moment("27:59:59")) is None
    assert plan.day_elsewhere(plan.ends_at) == SATURDAY
    assert plan.day_elsewhere(plan.begins_at) is None
