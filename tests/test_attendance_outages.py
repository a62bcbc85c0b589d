"""Whose clock points a fault of the system may have cost: people decide whether it did."""

from __future__ import annotations

import pytest

from server.attendance.outages import touched_points
from tests.attendance_days import clocked, judged, moment


def touched(began: str, ended: str, *times: str, as_of: str = "52:00") -> list[int]:
    """Numbers of the points that an outage touched."""
    verdict = judged(*(clocked(text) for text in times), as_of=as_of)
    return [one.number for one in touched_points(verdict, moment(began), moment(ended))]


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
