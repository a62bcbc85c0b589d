"""Where the days around leave nothing of a window, or nothing in time, nobody is held to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.attendance.explaining import explain
from server.attendance.overlays import Overlays
from server.attendance.points import Shift
from server.attendance.verdicts import WorkdayVerdict
from tests.attendance_days import COURT, FRIDAY, SATURDAY, Court, clocked, judged, moment, outcomes, point, rule_set
from tests.attendance_requests import corrected, on_leave, rostered

# The night ends at 08:00 with a window until then; the day that follows begins at 08:00 with a window until then, too.
NIGHT = Shift(
    "night",
    (point("night in", "in", "20:00", 60, 60), point("night out", "out", "32:00", 120, 0)),
    name_zh="夜班",
    name_en="night",
)
DAY = Shift(
    "day",
    (point("day in", "in", "08:00", 60, 0, name_zh="白班上岗"), point("day out", "out", "20:00", 60, 60)),
    name_zh="白班",
    name_en="day",
)
DUTY = Court(rule_set(NIGHT, DAY), COURT.site)
NIGHT_THEN_DAY = rostered(["night", "day"])


def on_saturday(*times: str, overlays: Overlays = Overlays(), as_of: str = "52:00") -> WorkdayVerdict:  # noqa: B008
    events = [clocked(text, day=SATURDAY) for text in times]
    return judged(*events, day=SATURDAY, rules=DUTY, roster=NIGHT_THEN_DAY, overlays=overlays, as_of=as_of)


def test_who_stays_from_the_night_for_the_day_misses_no_arrival() -> None:
    verdict = on_saturday("07:50", "07:58", "20:00")
    assert outcomes(verdict) == [("not_expected", 0), ("on_time", 0)]
    assert verdict.status == ("normal",)


def test_the_night_keeps_the_minute_in_which_it_ends() -> None:
    events = [clocked("20:00"), clocked("32:00")]
    verdict = judged(*events, day=FRIDAY, rules=DUTY, roster=NIGHT_THEN_DAY)
    assert outcomes(verdict) == [("on_time", 0), ("on_time", 0)]


def test_such_a_point_is_never_open() -> None:
    assert outcomes(on_saturday(as_of="06:00"))[0] == ("not_expected", 0)


def test_the_explanation_says_that_nobody_is_expected_to_clock() -> None:
    lines = explain(on_saturday("20:00"), "en")
    assert (
        "day in, at 08:00: the workdays next to this one leave no minute of its window, so nobody is expected to clock."
        in lines
    )
    assert not any("08:01 to 08:00" in line for line in lines)


def test_leave_that_moves_such_an_arrival_opens_it() -> None:
    overlays = on_leave(("08:00", "10:00"), day=SATURDAY)
    assert outcomes(on_saturday("10:05", "20:00", overlays=overlays)) == [("late", 5), ("on_time", 0)]


def test_a_correction_of_such_a_point_is_judged_as_ever() -> None:
    overlays = Overlays(corrections=(corrected(0, "08:10", day=SATURDAY, shift="day"),))
    assert outcomes(on_saturday("20:00", overlays=overlays)) == [("late", 10), ("on_time", 0)]


# Both windows reach beyond eight o'clock: the night keeps the minute, the day begins after it.
WIDE = Court(
    rule_set(
        replace(NIGHT, points=(NIGHT.points[0], replace(NIGHT.points[1], window_after_minutes=120))),
        replace(DAY, points=(replace(DAY.points[0], window_after_minutes=60), DAY.points[1])),
    ),
    COURT.site,
)


@pytest.mark.parametrize(
    ("at", "expected"), [("08:01", ("on_time", 0)), ("08:02", ("late", 1)), ("08:00", ("missing", 0))]
)
def test_who_clocks_out_of_the_night_and_into_the_day_that_begins_then_is_on_time(
    at: str, expected: tuple[str, int]
) -> None:
    events = [clocked("20:00"), clocked("32:00", number=1), clocked(at, day=SATURDAY), clocked("20:00", day=SATURDAY)]
    night = judged(*events, rules=WIDE, roster=NIGHT_THEN_DAY)
    day = judged(*events, day=SATURDAY, rules=WIDE, roster=NIGHT_THEN_DAY)
    assert night.status == ("normal",)
    assert outcomes(day) == [expected, ("on_time", 0)]


def test_when_such_an_arrival_is_due_is_stored_with_the_verdict() -> None:
    day = judged(clocked("08:05", day=SATURDAY), day=SATURDAY, rules=WIDE, roster=NIGHT_THEN_DAY)
    content = day.to_json(WIDE.site)
    again = WorkdayVerdict.from_json(content, SATURDAY, day.tally, day.status, WIDE.rules, WIDE.site)
    assert again == day
    assert again.points[0].due_at == moment("08:01", SATURDAY)
