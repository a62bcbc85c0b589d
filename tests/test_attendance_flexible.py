"""Flexible hours: minutes allowed in the morning and in the evening, or a day that moves with the arrival."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from server.attendance.overlays import Overlays
from server.attendance.points import Flexible
from server.attendance.reasons import Reason
from server.attendance.rule_documents import load_rules
from tests.attendance_days import COURT, END, START, Court, clocked, judged, outcomes, point, rules_of
from tests.attendance_requests import corrected, on_leave

ALLOWANCE = rules_of(START, END, flexible=Flexible("allowance", 30, 20))
WITH_GRACE = rules_of(
    replace(START, grace_minutes=5), replace(END, grace_minutes=5), flexible=Flexible("allowance", 30, 20)
)
SHIFT = rules_of(START, END, flexible=Flexible("shift", 60, 30))


@pytest.mark.parametrize(
    ("arrival", "expected"),
    [
        ("08:30", ("on_time", 0)),
        ("09:00:59", ("on_time", 0)),
        ("09:01", ("late", 1)),  # minutes count from the end of what is allowed
        ("09:40", ("late", 40)),
    ],
)
def test_an_allowance_in_the_morning(arrival: str, expected: tuple[str, int]) -> None:
    assert outcomes(judged(clocked(arrival), clocked("17:30"), rules=ALLOWANCE))[0] == expected


@pytest.mark.parametrize(
    ("departure", "expected"), [("17:10", ("on_time", 0)), ("17:09:59", ("early", 1)), ("16:30", ("early", 40))]
)
def test_an_allowance_in_the_evening(departure: str, expected: tuple[str, int]) -> None:
    assert outcomes(judged(clocked("08:30"), clocked(departure), rules=ALLOWANCE))[1] == expected


def test_the_two_allowances_stand_each_by_itself() -> None:
    assert judged(clocked("09:00"), clocked("17:10"), rules=ALLOWANCE).status == ("normal",)


@pytest.mark.parametrize(
    ("arrival", "departure", "expected"),
    [
        ("09:05", "17:05", [("on_time", 0), ("on_time", 0)]),  # 30 and 5, 20 and 5
        ("09:06", "17:04", [("late", 6), ("early", 6)]),  # beyond the grace, all minutes from 09:00 and 17:10 count
    ],
)
def test_the_grace_lies_beyond_the_allowance(arrival: str, departure: str, expected: list[tuple[str, int]]) -> None:
    assert outcomes(judged(clocked(arrival), clocked(departure), rules=WITH_GRACE)) == expected


@pytest.mark.parametrize(
    ("arrival", "departure", "expected"),
    [
        # On time: the day stays where it is.
        ("08:30", "17:30", [("on_time", 0), ("on_time", 0)]),
        ("08:30", "17:29", [("on_time", 0), ("early", 1)]),
        # 40 min later: due at 18:10.
        ("09:10", "18:10", [("on_time", 0), ("on_time", 0)]),
        ("09:10:59", "18:09", [("on_time", 0), ("early", 1)]),
        # 61 min later: 1 min late, and due 60 min later, not 61.
        ("09:30", "18:30", [("on_time", 0), ("on_time", 0)]),
        ("09:31", "18:30", [("late", 1), ("on_time", 0)]),
        ("09:31", "18:29", [("late", 1), ("early", 1)]),
        # 25 min earlier: due at 17:05.
        ("08:05", "17:05", [("on_time", 0), ("on_time", 0)]),
        ("08:05", "17:04", [("on_time", 0), ("early", 1)]),
        # 08:05:30 was 08:05 on the screen: still 25 min earlier.
        ("08:05:30", "17:05", [("on_time", 0), ("on_time", 0)]),
        # Two hours earlier: 30 min count.
        ("06:30", "17:00", [("on_time", 0), ("on_time", 0)]),
        ("06:30", "16:59", [("on_time", 0), ("early", 1)]),
    ],
)
def test_the_departure_moves_with_the_arrival(arrival: str, departure: str, expected: list[tuple[str, int]]) -> None:
    assert outcomes(judged(clocked(arrival), clocked(departure), rules=SHIFT)) == expected


def test_without_an_arrival_nothing_moves() -> None:
    assert outcomes(judged(clocked("17:29"), rules=SHIFT)) == [("missing", 0), ("early", 1)]


def test_a_departure_that_moved_later_is_open_until_its_window_closes() -> None:
    verdict = judged(clocked("09:10"), clocked("17:40"), rules=SHIFT, as_of="17:41")
    assert outcomes(verdict) == [("on_time", 0), ("pending", 0)]


def test_in_the_middle_of_the_day_nothing_is_flexible() -> None:
    court = rules_of(
        point("in", "in", "08:30", 90, 60),
        point("out", "out", "11:30", 10, 60),
        point("back", "in", "13:30", 55, 30),
        point("home", "out", "17:00", 30, 120),
        flexible=Flexible("shift", 30, 30),
    )
    verdict = judged(clocked("09:00"), clocked("11:25"), clocked("13:31"), clocked("17:30"), rules=court)
    assert outcomes(verdict) == [("on_time", 0), ("early", 5), ("late", 1), ("on_time", 0)]


def test_a_correction_is_allowed_what_flexible_hours_allow_at_its_point() -> None:
    overlays = Overlays(corrections=(corrected(0, "09:00"), corrected(1, "17:10", number=3)))
    assert outcomes(judged(rules=ALLOWANCE, overlays=overlays)) == [("on_time", 0), ("on_time", 0)]


def test_a_correction_says_how_many_minutes_were_flexible_at_its_point() -> None:
    both = Overlays(corrections=(corrected(0, "09:00"), corrected(1, "17:10", number=3)))
    assert [one.flexible_minutes for one in judged(rules=ALLOWANCE, overlays=both).points] == [30, 20]
    # What the clocked arrival moved at the departure stays told where the departure alone is corrected.
    departure = Overlays(corrections=(corrected(1, "18:10"),))
    found = judged(clocked("09:10"), rules=SHIFT, overlays=departure).points
    assert [one.flexible_minutes for one in found] == [60, 40]


def test_a_corrected_time_is_known_by_its_request() -> None:
    found = judged(rules=ALLOWANCE, overlays=Overlays(corrections=(corrected(0, "09:00", number=9),))).points[0]
    assert found.event is not None
    assert found.event.event_id == UUID(int=9)
    assert found.overlaid[-1].request_id == UUID(int=9)


@pytest.mark.parametrize(
    ("events", "at", "expected"),
    [
        # The arrival by clock event, 40 min late, moved the departure; a correction of it does not move it back.
        (["09:10", "18:10"], "08:30", [("on_time", 0), ("on_time", 0)]),
        (["09:10", "17:30"], "08:30", [("on_time", 0), ("early", 40)]),
        # Without an arrival by clock event nothing moved.
        (["17:30"], "09:10", [("on_time", 0), ("on_time", 0)]),
    ],
)
def test_a_corrected_arrival_leaves_the_departure_due_when_the_clock_event_made_it(
    events: list[str], at: str, expected: list[tuple[str, int]]
) -> None:
    overlays = Overlays(corrections=(corrected(0, at),))
    assert outcomes(judged(*(clocked(text) for text in events), rules=SHIFT, overlays=overlays)) == expected


def test_after_leave_in_the_morning_the_arrival_is_flexible_around_its_end() -> None:
    overlays = on_leave(("08:30", "10:00"))
    verdict = judged(clocked("10:20"), clocked("17:50"), rules=SHIFT, overlays=overlays)
    assert outcomes(verdict) == [("on_time", 0), ("on_time", 0)]
    assert outcomes(judged(clocked("10:20"), clocked("17:49"), rules=SHIFT, overlays=overlays))[1] == ("early", 1)


LATE_IN_LATE_OUT = Court(load_rules("flexible_late_in_late_out"), COURT.site)
OVERLAPPING = rules_of(
    point("start", "in", "08:30", 120, 270),
    point("end", "out", "17:30", 330, 300),
    flexible=Flexible("shift", 60, 30),
)


def test_who_comes_late_from_leave_and_stays_as_much_longer_does_not_leave_early() -> None:
    # Leave opens the window of the arrival until 12:10, beyond the beginning of the departure's at 12:01.
    verdict = judged(
        clocked("12:05"),
        clocked("17:35"),
        clocked("18:29"),
        rules=LATE_IN_LATE_OUT,
        overlays=on_leave(("08:30", "11:10")),
    )
    assert outcomes(verdict) == [("on_time", 0), ("on_time", 0)]
    assert verdict.points[1].event == clocked("18:29")
    assert [(one.event, one.reason) for one in verdict.ignored] == [
        (clocked("17:35"), Reason.of("earlier_than_departure", point=1))
    ]


def test_where_windows_overlap_the_latest_departure_of_a_day_that_moves_counts() -> None:
    verdict = judged(*(clocked(at) for at in ("09:20", "12:30", "17:30", "18:25")), rules=OVERLAPPING)
    assert outcomes(verdict) == [("on_time", 0), ("on_time", 0)]
    assert verdict.points[1].event == clocked("18:25")


def test_where_windows_overlap_the_earliest_arrival_of_a_day_that_moves_counts() -> None:
    # The one at 08:05 moves the day forward, though 08:28 is nearer to 08:30.
    verdict = judged(*(clocked(at) for at in ("08:05", "08:28", "12:30", "17:06")), rules=OVERLAPPING)
    assert outcomes(verdict) == [("on_time", 0), ("on_time", 0)]
    assert verdict.points[0].event == clocked("08:05")
