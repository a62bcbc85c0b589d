"""Whose clock points a fault of the system may have cost: people decide whether it did."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.attendance.events import RawEvent
from server.attendance.outages import WrongTime, touched_by_wrong_times, touched_points
from server.attendance.verdicts import WorkdayVerdict
from tests.attendance_days import FOUR_POINTS, FRIDAY, clocked, judged, moment, rules_of
from tests.attendance_requests import waived

HOUR = timedelta(hours=1)


def touched(began: str, ended: str, *times: str, as_of: str = "52:00") -> list[int]:
    """Numbers of the points that an outage touched."""
    verdict = judged(*(clocked(text) for text in times), as_of=as_of)
    return touched_points(verdict, moment(began), moment(ended))


@pytest.mark.parametrize(
    ("began", "ended", "numbers"),
    [
        # A missing arrival, open from 06:30 to 12:00: the outage lay in the window.
        ("06:00", "06:30", []),
        ("06:00", "06:31", [0]),
        ("12:00", "13:00", [0]),
        ("12:01", "13:00", []),
    ],
)
def test_a_missing_clock_was_touched_by_an_outage_in_its_window(began: str, ended: str, numbers: list[int]) -> None:
    assert touched(began, ended, "17:40") == numbers


@pytest.mark.parametrize(
    ("began", "ended", "numbers"),
    [
        # Late at 08:43: who waited before a failed kiosk did so from 08:00 on at most.
        ("07:00", "08:00", []),
        ("07:00", "08:01", [0]),
        ("08:40", "08:42", [0]),
        ("08:42", "09:00", [0]),
        ("08:43", "09:00", []),
    ],
)
def test_a_late_arrival_was_touched_between_half_an_hour_before_and_the_event(
    began: str, ended: str, numbers: list[int]
) -> None:
    assert touched(began, ended, "08:43", "17:40") == numbers


@pytest.mark.parametrize(
    ("began", "ended", "numbers"),
    [
        # Left at 17:10: a later clock event would have counted, until 22:30.
        ("16:00", "17:10", []),
        ("16:00", "17:11", [1]),
        ("22:30", "23:00", [1]),
        ("22:31", "23:00", []),
    ],
)
def test_an_early_departure_was_touched_from_the_event_until_its_window_closed(
    began: str, ended: str, numbers: list[int]
) -> None:
    assert touched(began, ended, "08:20", "17:10") == numbers


def test_one_outage_may_touch_several_points_and_those_on_time_never() -> None:
    assert touched("06:00", "23:00") == [0, 1]
    assert touched("06:00", "23:00", "08:20", "17:40") == []


def test_what_is_still_open_was_not_touched_yet() -> None:
    assert touched("08:00", "09:00", as_of="09:00") == []


# Off post

OFF_POST = rules_of(
    *FOUR_POINTS.rules.default_shift.points,
    off_post_after_minutes=60,
    off_post_counts_as="half_day",
    min_interval_minutes=10,
)
MORNING, AFTERNOON = -1, -2


def away(*times: str) -> WorkdayVerdict:
    return judged(*(clocked(text) for text in times), rules=OFF_POST)


@pytest.mark.parametrize(
    ("began", "ended", "numbers"),
    [
        # Out at 09:00, back at 10:15; what was really the way back may have been lost.
        ("09:10", "09:40", [MORNING]),
        # A visit lost before 09:00 turns going out and coming back round.
        ("08:25", "08:40", [MORNING]),
        ("08:00", "08:20", []),
        ("10:14", "11:00", [MORNING]),
        ("10:15", "11:00", []),
    ],
)
def test_time_off_post_was_touched_from_the_arrival_until_coming_back(
    began: str, ended: str, numbers: list[int]
) -> None:
    verdict = away("08:20", "09:00", "10:15", "11:40", "13:20", "17:05")
    assert verdict.status == ("absent_half_day",)
    assert touched_points(verdict, moment(began), moment(ended)) == numbers


def test_an_outage_in_the_morning_did_not_touch_the_afternoon() -> None:
    verdict = away("08:20", "09:00", "10:15", "11:40", "13:20", "14:30", "16:00", "17:05")
    assert touched_points(verdict, moment("09:10"), moment("09:40")) == [MORNING]
    assert touched_points(verdict, moment("15:00"), moment("15:10")) == [AFTERNOON]


def test_points_come_before_times_off_post() -> None:
    verdict = away("08:50", "09:20", "10:35", "11:40", "13:20", "14:30", "16:00")
    assert touched_points(verdict, moment("06:00"), moment("22:00")) == [0, 3, MORNING, AFTERNOON]


# A wrong clock


def an_hour_ahead(verdict: WorkdayVerdict, *events: RawEvent, ended: str = "10:00") -> list[int]:
    """What a kiosk may have cost whose clock was an hour ahead since the evening before; these were its events."""
    wrong = [WrongTime(one.event_id, one.captured_at, one.captured_at - HOUR) for one in events]
    return touched_by_wrong_times(verdict, moment("-1:00"), moment(ended), wrong)


def test_who_was_stored_as_late_by_a_wrong_clock_was_touched() -> None:
    really_at_0820 = clocked("09:20")
    assert an_hour_ahead(judged(really_at_0820, clocked("17:40")), really_at_0820) == [0]


def test_who_was_late_by_a_right_clock_was_touched_only_if_the_wrong_one_had_seen_them_before() -> None:
    by_the_west_door = judged(clocked("09:20"), clocked("12:30"), clocked("17:40"))
    assert an_hour_ahead(by_the_west_door) == []
    really_at_1130 = clocked("12:30")
    assert an_hour_ahead(by_the_west_door, really_at_1130) == []
    really_at_0700 = clocked("08:00", number=1)
    assert an_hour_ahead(by_the_west_door, really_at_0700) == [0]


def test_an_early_departure_by_a_slow_clock_was_touched() -> None:
    really_at_1740 = clocked("16:40")
    wrong = WrongTime(really_at_1740.event_id, really_at_1740.captured_at, really_at_1740.captured_at + HOUR)
    verdict = judged(clocked("08:20"), really_at_1740)
    assert touched_by_wrong_times(verdict, moment("16:00"), moment("18:00"), [wrong]) == [1]


def test_who_missed_a_clock_while_the_clock_was_wrong_was_touched_and_later_ones_were_not() -> None:
    missed = judged(clocked("17:40"))
    assert an_hour_ahead(missed) == [0]
    assert an_hour_ahead(missed, ended="06:30") == []
    # By a clock that was days off the event lies under another date; really it lay in the window.
    days_off = clocked("08:20", day=FRIDAY - timedelta(days=400))
    wrong = WrongTime(days_off.event_id, days_off.captured_at, moment("08:20"))
    assert touched_by_wrong_times(missed, moment("00:00"), moment("01:00"), [wrong]) == [0]


def test_time_off_post_was_touched_by_a_wrong_time_in_it() -> None:
    verdict = away("08:20", "09:00", "10:15", "11:40", "13:20", "17:05")
    assert an_hour_ahead(verdict, clocked("10:15")) == [MORNING]
    assert an_hour_ahead(verdict, clocked("11:10", number=1)) == [MORNING]  # really at 10:10
    assert an_hour_ahead(verdict, clocked("17:05")) == []
    assert an_hour_ahead(verdict) == []


def test_what_is_waived_already_was_not_touched() -> None:
    verdict = judged(
        *(clocked(text) for text in ("08:20", "09:00", "10:15", "11:40", "13:20", "17:05")),
        rules=OFF_POST,
        overlays=waived(MORNING),
    )
    assert touched_points(verdict, moment("06:00"), moment("22:00")) == []
    assert an_hour_ahead(verdict, clocked("10:15")) == []
