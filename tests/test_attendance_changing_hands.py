"""Where windows overlap, a clock event may still change hands: nothing is announced that a later one would heal."""

from __future__ import annotations

import pytest

from server.attendance.rule_documents import load_rules
from tests.attendance_days import COURT, Court, clocked, judged, outcomes, point, rules_of

HALF_DAY = Court(load_rules("court_half_day_absence"), COURT.site)
NOON = rules_of(
    point("morning in", "in", "08:30", 90, 60),
    point("morning out", "out", "12:00", 30, 10),
    point("afternoon in", "in", "13:30", 100, 30),
)


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("11:20", ("pending",)),  # both windows are open
        ("11:45", ("pending",)),  # the sign-in closed at 11:30, but a departure until 12:30 would give 11:10 back
        ("12:31", ("early_leave", "late")),
    ],
)
def test_half_a_day_of_absence_waits_while_its_event_may_come_back(as_of: str, expected: tuple[str, ...]) -> None:
    once = judged(clocked("11:10"), rules=HALF_DAY, as_of=as_of)
    assert once.tally.absent_half_days == (as_of == "12:31")
    if as_of != "12:31":
        assert once.status == expected


def test_the_event_comes_back_when_the_real_departure_follows() -> None:
    verdict = judged(clocked("11:10"), clocked("12:20"), rules=HALF_DAY, as_of="12:31")
    assert outcomes(verdict)[:2] == [("late", 190), ("on_time", 0)]


def test_without_an_event_in_its_window_a_point_is_missing_when_the_window_closes() -> None:
    verdict = judged(clocked("11:45"), rules=HALF_DAY, as_of="11:46")
    assert outcomes(verdict)[0] == ("missing", 0)
    assert verdict.tally.absent_half_days == 1


def test_an_early_departure_waits_while_a_later_one_in_its_window_may_come_back() -> None:
    # 12:05 is taken for the return until somebody returns; then it is the departure, and nobody left early.
    events = [clocked("08:20"), clocked("11:50"), clocked("12:05")]
    assert outcomes(judged(*events, rules=NOON, as_of="12:30"))[1] == ("pending", 0)
    assert outcomes(judged(*events, clocked("13:20"), rules=NOON, as_of="13:21"))[1] == ("on_time", 0)
    assert outcomes(judged(*events, rules=NOON, as_of="14:01"))[1] == ("early", 10)


def test_an_early_departure_that_nothing_can_heal_is_told_when_its_window_closes() -> None:
    verdict = judged(clocked("08:20"), clocked("11:45"), rules=NOON, as_of="12:11")
    assert outcomes(verdict)[1:] == [("early", 15), ("pending", 0)]


def test_what_waits_for_a_point_that_waits_for_a_third_one_waits_as_long() -> None:
    rules = rules_of(
        point("a", "in", "08:00", 0, 70),
        point("b", "out", "09:00", 0, 80),
        point("c", "in", "10:00", 0, 90),
        point("d", "out", "11:00", 0, 60),
    )
    # Each point but the first has the event that the one before it could have, too.
    events = [clocked("09:05"), clocked("10:15"), clocked("11:20")]
    assert outcomes(judged(*events, rules=rules, as_of="11:50"))[0] == ("pending", 0)
    assert outcomes(judged(*events, rules=rules, as_of="12:01"))[0] == ("missing", 0)
    healed = judged(*events, clocked("11:55"), rules=rules, as_of="11:56")
    assert outcomes(healed) == [("late", 65), ("on_time", 0), ("late", 80), ("on_time", 0)]
