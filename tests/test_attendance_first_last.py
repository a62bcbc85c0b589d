"""First and last: one arrival and one departure share one window, from 06:00 to 22:30 here."""

from __future__ import annotations

import pytest

from server.attendance.explaining import explain
from tests.attendance_days import clocked, judged, outcomes, point, rules_of
from tests.attendance_requests import on_leave

FIRST_LAST = rules_of(
    point("start of work", "in", "08:30", 150, 240),
    point("end of work", "out", "17:30", 240, 300),
    mode="first_last",
    min_interval_minutes=5,
)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        # The first is the arrival and the last the departure; what lies between decides nothing.
        (["08:20", "10:00", "12:30", "17:40"], [("on_time", 0), ("on_time", 0)]),
        (["06:00", "22:30:59"], [("on_time", 0), ("on_time", 0)]),
        # Even when both lie in the morning, or in the evening.
        (["08:20", "11:00"], [("on_time", 0), ("early", 390)]),
        (["16:50", "17:40"], [("late", 500), ("on_time", 0)]),
        # One alone meets the point at which it does less harm.
        (["08:40"], [("late", 10), ("missing", 0)]),
        (["12:59"], [("late", 269), ("missing", 0)]),
        (["13:01"], [("missing", 0), ("early", 269)]),
        (["17:20"], [("missing", 0), ("early", 10)]),
        # Equally many minutes late or early: the earlier point has it.
        (["13:00"], [("late", 270), ("missing", 0)]),
        # Four minutes apart is one visit, which meets one point; five are two.
        (["08:20", "08:24"], [("on_time", 0), ("missing", 0)]),
        (["08:20", "08:25"], [("on_time", 0), ("early", 545)]),
        # Outside of the shared window nothing counts.
        (["05:59:59", "22:31"], [("missing", 0), ("missing", 0)]),
    ],
)
def test_the_first_and_the_last_event_decide(events: list[str], expected: list[tuple[str, int]]) -> None:
    assert outcomes(judged(*(clocked(text) for text in events), rules=FIRST_LAST)) == expected


def test_what_lies_between_is_kept_and_told() -> None:
    verdict = judged(*(clocked(text) for text in ("08:20", "10:00", "15:00", "17:40")), rules=FIRST_LAST)
    assert [(one.reason.code, one.reason["point"]) for one in verdict.ignored] == [
        ("later_than_arrival", 0),
        ("earlier_than_departure", 1),
    ]
    lines = explain(verdict, "en")
    assert "start of work, clock in at 08:30: the first clock event from 06:00 to 22:30 decides." in lines
    assert "end of work, clock out at 17:30: the last clock event from 06:00 to 22:30 decides." in lines


def test_nothing_is_missing_before_the_shared_window_has_closed() -> None:
    assert outcomes(judged(rules=FIRST_LAST, as_of="22:30:59")) == [("pending", 0), ("pending", 0)]
    assert judged(rules=FIRST_LAST, as_of="22:31").status == ("absent",)


def test_leave_in_the_morning_moves_the_arrival_within_the_shared_window() -> None:
    verdict = judged(clocked("10:05"), clocked("17:40"), rules=FIRST_LAST, overlays=on_leave(("08:00", "10:00")))
    assert outcomes(verdict) == [("late", 5), ("on_time", 0)]
