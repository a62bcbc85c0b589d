"""What the facts of a day count as together: thresholds, missing clocks, absence, and what an absence takes up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from server.attendance.overlays import Overlays
from server.attendance.points import CountsAs
from server.attendance.verdicts import WorkdayVerdict
from tests.attendance_days import END, START, Court, clocked, judged, point, rules_of
from tests.attendance_requests import corrected, on_leave, waived

TIERS: dict[str, Any] = {"serious_after_minutes": 30, "half_day_after_minutes": 60, "full_day_after_minutes": 180}
TIERED = rules_of(replace(START, **TIERS), replace(END, **TIERS))


def four_points(**second_arrival: Any) -> Court:
    """In 08:30, out 11:30, in 13:30, out 17:00, all thresholds at 60 and 120 min."""
    half: dict[str, Any] = {"half_day_after_minutes": 60, "full_day_after_minutes": 120}
    return rules_of(
        point("morning in", "in", "08:30", 90, 150, **half),
        point("morning out", "out", "11:30", 20, 60, **half),
        point("afternoon in", "in", "13:30", 55, 130, **(half | second_arrival)),
        point("afternoon out", "out", "17:00", 70, 60, **half),
    )


FOUR = four_points()


def judged_at(*times: str, rules: Court = FOUR, **more: Any) -> WorkdayVerdict:
    return judged(*(clocked(text) for text in times), rules=rules, **more)


def counted(verdict: WorkdayVerdict) -> list[CountsAs]:
    return [result.counts_as for result in verdict.points]


@pytest.mark.parametrize(
    ("arrival", "counts_as", "status", "half_days"),
    [
        ("09:00", "late", ("late",), 0),
        ("09:01", "serious_late", ("late",), 0),
        ("09:30", "serious_late", ("late",), 0),
        ("09:31", "half_day", ("absent_half_day",), 1),
        ("11:30", "half_day", ("absent_half_day",), 1),
        ("11:31", "full_day", ("absent",), 2),
    ],
)
def test_an_arrival_counts_by_its_minutes(
    arrival: str, counts_as: CountsAs, status: tuple[str, ...], half_days: int
) -> None:
    verdict = judged_at(arrival, "17:30", rules=TIERED)
    assert counted(verdict) == [counts_as, "nothing"]
    assert (verdict.status, verdict.tally.absent_half_days) == (status, half_days)


@pytest.mark.parametrize(
    ("departure", "counts_as", "status"),
    [
        ("17:00", "early", ("early_leave",)),
        ("16:59", "serious_early", ("early_leave",)),
        ("16:29", "half_day", ("absent_half_day",)),
        ("14:29", "full_day", ("absent",)),
    ],
)
def test_a_departure_counts_by_its_minutes(departure: str, counts_as: CountsAs, status: tuple[str, ...]) -> None:
    verdict = judged_at("08:30", departure, rules=TIERED)
    assert counted(verdict) == ["nothing", counts_as]
    assert verdict.status == status


def test_serious_ones_are_counted_among_all_and_by_themselves() -> None:
    tally = judged_at("09:05", "16:50", rules=TIERED).tally
    assert (tally.late_times, tally.serious_late_times, tally.late_minutes) == (1, 1, 35)
    assert (tally.early_times, tally.serious_early_times, tally.early_minutes) == (1, 1, 40)


@pytest.mark.parametrize(
    ("missing_is", "status", "figures"),
    [
        ("missing", ("missing_clock",), {"missing_points": 1}),
        ("late", ("late",), {"late_times": 1, "late_minutes": 0}),
        ("half_day", ("absent_half_day",), {"absent_half_days": 1}),
        ("full_day", ("absent",), {"absent_half_days": 2}),
    ],
)
def test_a_missing_arrival_counts_as_the_rules_say(
    missing_is: CountsAs, status: tuple[str, ...], figures: dict[str, int]
) -> None:
    verdict = judged_at("17:30", rules=rules_of(replace(START, missing_is=missing_is), END))
    assert verdict.status == status
    assert {name: getattr(verdict.tally, name) for name in figures} == figures


def test_a_missing_departure_counts_as_the_rules_say() -> None:
    verdict = judged_at("08:30", rules=rules_of(START, replace(END, missing_is="early")))
    assert verdict.status == ("early_leave",)
    assert (verdict.tally.early_times, verdict.tally.early_minutes, verdict.tally.missing_points) == (1, 0, 0)


def test_who_met_nothing_was_absent_a_day_whatever_a_missing_clock_counts_as() -> None:
    light = rules_of(replace(START, missing_is="late"), replace(END, missing_is="early"))
    verdict = judged_at(rules=light)
    assert verdict.status == ("absent",)
    assert (verdict.tally.late_times, verdict.tally.early_times, verdict.tally.absent_half_days) == (0, 0, 2)


def test_who_met_nothing_beside_leave_was_absent_half_a_day() -> None:
    verdict = judged_at(overlays=on_leave(("08:00", "12:00")))
    assert verdict.status == ("absent_half_day", "on_leave")
    assert counted(verdict) == ["nothing", "nothing", "half_day", "nothing"]


def test_who_met_nothing_of_a_day_that_leave_shortened_was_absent_half_a_day() -> None:
    verdict = judged(overlays=on_leave(("08:00", "10:00")))
    assert verdict.status == ("absent_half_day", "on_leave")


@pytest.mark.parametrize("times", [("13:20",), ("13:25", "17:30"), ()], ids=["no sign-out", "worked", "never came"])
def test_coming_after_the_leave_is_never_worse_than_not_coming(times: tuple[str, ...]) -> None:
    signs_out = point("afternoon out", "out", "17:00", 70, 60, missing_is="full_day")
    rules = rules_of(
        point("morning in", "in", "08:30", 90, 150),
        point("morning out", "out", "11:30", 20, 60),
        point("afternoon in", "in", "13:30", 55, 130),
        signs_out,
    )
    with_leave = judged_at(*times, rules=rules, overlays=on_leave(("08:00", "12:00")))
    assert with_leave.tally.absent_half_days == (0 if "17:30" in times else 1)
    assert judged_at("08:20", "11:40", *times, rules=rules).tally.absent_half_days == (0 if "17:30" in times else 2)


def test_hours_late_after_leave_are_half_a_day() -> None:
    # 15:40 is 130 min after the afternoon began: a day, by the rules.
    assert judged_at("08:20", "11:40", "15:40", "17:30").tally.absent_half_days == 2
    verdict = judged_at("15:40", "17:30", overlays=on_leave(("08:00", "12:00")))
    assert (verdict.status, counted(verdict)[2]) == (("absent_half_day", "on_leave"), "half_day")


def test_half_a_day_in_each_of_two_stretches_is_half_a_day_beside_leave() -> None:
    times = ("10:45", "11:40", "14:40", "17:30")
    assert judged_at(*times).tally.absent_half_days == 2
    # The morning begins at 09:30 then, and 10:45 is still 75 min late.
    verdict = judged_at(*times, overlays=on_leave(("08:00", "09:30")))
    assert (verdict.status, verdict.tally.absent_half_days) == (("absent_half_day", "on_leave"), 1)


def test_off_post_that_counts_as_a_day_is_half_a_day_beside_leave() -> None:
    rules = rules_of(
        point("morning in", "in", "08:00", 60, 120),
        point("morning out", "out", "11:00", 30, 30),
        point("afternoon in", "in", "13:00", 60, 120),
        point("afternoon out", "out", "17:00", 60, 60),
        off_post_after_minutes=30,
        off_post_counts_as="full_day",
        min_interval_minutes=5,
    )
    times = ("08:05", "09:00", "10:00", "11:05", "13:05", "16:05")
    alone = judged_at(*times, rules=rules)
    assert (alone.status, set(counted(alone))) == (("absent",), {"nothing"})
    # Its own stretch alone is taken up; five minutes late in the afternoon count.
    verdict = judged_at(*times, rules=rules, overlays=on_leave(("16:00", "18:00")))
    assert (verdict.status, verdict.tally.absent_half_days) == (("absent_half_day", "late", "on_leave"), 1)
    assert counted(verdict) == ["nothing", "nothing", "late", "nothing"]


def test_a_waived_point_beside_leave_makes_no_absence_longer() -> None:
    rules = rules_of(replace(START, missing_is="half_day"), replace(END, missing_is="full_day"))
    leave = on_leave(("08:00", "10:00"))
    before = judged_at(rules=rules, overlays=leave)
    after = judged_at(rules=rules, overlays=replace(leave, waivers=waived(0).waivers))
    assert (before.tally.absent_half_days, after.tally.absent_half_days) == (1, 1)


@pytest.mark.parametrize(
    "overlays",
    [waived(0), Overlays(corrections=(corrected(0, "08:30"),))],
    ids=["an excused point", "a corrected point"],
)
def test_who_had_a_point_excused_or_corrected_was_not_absent(overlays: Overlays) -> None:
    verdict = judged_at(overlays=overlays)
    assert verdict.tally.absent_half_days == 0
    assert verdict.tally.missing_points == 3


def test_half_a_day_takes_up_the_other_facts_of_its_stretch_only() -> None:
    # 70 min late and 5 min early in the morning, 5 min late in the afternoon, and no clock in the evening.
    verdict = judged_at("09:40", "11:25", "13:35")
    assert counted(verdict) == ["half_day", "nothing", "late", "missing"]
    assert verdict.status == ("absent_half_day", "late", "missing_clock")
    assert (verdict.tally.late_minutes, verdict.tally.early_minutes) == (5, 0)


def test_two_facts_of_a_stretch_that_are_half_a_day_each_are_one() -> None:
    # 70 min late at 13:30, 65 min early at 17:00.
    verdict = judged_at("08:30", "11:30", "14:40", "15:55")
    assert counted(verdict) == ["nothing", "nothing", "half_day", "nothing"]
    assert verdict.tally.absent_half_days == 1


def test_two_stretches_with_half_a_day_each_are_a_day() -> None:
    verdict = judged_at("09:40", "11:30", "14:40", "17:00")
    assert counted(verdict) == ["half_day", "nothing", "half_day", "nothing"]
    assert (verdict.status, verdict.tally.absent_half_days) == (("absent",), 2)


THREE = rules_of(
    point("morning in", "in", "08:00", 60, 120, half_day_after_minutes=60),
    point("morning out", "out", "11:00", 30, 30),
    point("noon in", "in", "12:00", 20, 90, half_day_after_minutes=60),
    point("noon out", "out", "14:00", 20, 20),
    point("evening in", "in", "15:00", 30, 90, serious_after_minutes=20),
    point("evening out", "out", "18:00", 60, 60),
    off_post_after_minutes=30,
    min_interval_minutes=5,
)
TWO_STRETCHES_LATE = ("09:30", "11:05", "13:20", "14:05")


def test_half_a_day_in_two_of_three_stretches_takes_up_the_third() -> None:
    verdict = judged_at(*TWO_STRETCHES_LATE, "15:10", "16:00", "17:00", "18:10", rules=THREE)
    assert verdict.status == ("absent",)
    assert counted(verdict) == ["half_day", "nothing", "half_day", "nothing", "nothing", "nothing"]
    assert (verdict.tally.off_post_times, len(verdict.off_post)) == (0, 1)


def test_beside_leave_the_third_stretch_stands_by_itself() -> None:
    # The evening ends at 17:30 then.
    verdict = judged_at(
        *TWO_STRETCHES_LATE, "15:10", "16:00", "17:00", "17:35", rules=THREE, overlays=on_leave(("17:30", "19:00"))
    )
    assert verdict.status == ("absent_half_day", "late", "off_post", "on_leave")
    assert counted(verdict) == ["half_day", "nothing", "half_day", "nothing", "late", "nothing"]
    assert verdict.tally.absent_half_days == 1


def test_half_a_day_in_one_of_three_stretches_leaves_the_others() -> None:
    verdict = judged_at("09:30", "11:05", "11:50", "14:05", "15:10", "16:00", "17:00", "18:10", rules=THREE)
    assert verdict.status == ("absent_half_day", "late", "off_post")


def test_every_serious_one_counts() -> None:
    rules = rules_of(
        point("in", "in", "08:00", 60, 60, serious_after_minutes=5),
        point("out", "out", "11:00", 60, 30, serious_after_minutes=5),
        point("in again", "in", "12:00", 20, 60, serious_after_minutes=5),
        point("out again", "out", "18:00", 60, 30, serious_after_minutes=5),
    )
    tally = judged_at("08:10", "10:50", "12:10", "17:50", rules=rules).tally
    assert (tally.late_times, tally.serious_late_times, tally.early_times, tally.serious_early_times) == (2, 2, 2, 2)


def test_a_day_of_absence_takes_up_every_other_fact() -> None:
    # 125 min late in the afternoon beside 70 and 5 min in the morning.
    verdict = judged_at("09:40", "11:25", "15:35", "17:00")
    assert counted(verdict) == ["nothing", "nothing", "full_day", "nothing"]
    assert verdict.status == ("absent",)
    assert (verdict.tally.late_times, verdict.tally.early_times, verdict.tally.absent_half_days) == (0, 0, 2)


def test_a_day_never_has_more_than_two_half_days() -> None:
    whole = rules_of(replace(START, missing_is="full_day"), replace(END, **TIERS))
    verdict = judged_at("14:00", rules=whole)  # no arrival: a day; 210 min early: another one
    assert verdict.tally.absent_half_days == 2


@pytest.mark.parametrize(
    ("times", "arrivals", "departures"),
    [
        (("08:20", "11:40", "13:20", "17:10"), 2, 2),
        (("08:40", "11:40", "13:20", "16:50"), 2, 2),
        (("09:40", "11:20", "13:20", "17:10"), 1, 1),  # half a day: the morning's two are no chance of being late
        (("09:40", "11:40", "13:20", "17:10"), 1, 2),
        (("15:35", "17:10"), 0, 1),
        ((), 0, 0),
    ],
)
def test_what_an_absence_is_or_takes_up_is_no_chance_of_being_late_or_early(
    times: tuple[str, ...], arrivals: int, departures: int
) -> None:
    tally = judged_at(*times).tally
    assert (tally.arrivals, tally.departures) == (arrivals, departures)


def test_minutes_that_an_absence_takes_up_stay_beside_the_fact() -> None:
    verdict = judged_at("09:40", "11:25", "13:30", "17:00")
    assert [(result.outcome, result.minutes) for result in verdict.points[:2]] == [("late", 70), ("early", 5)]


def test_a_missing_clock_that_counts_as_half_a_day_takes_up_its_stretch() -> None:
    verdict = judged_at("08:30", "11:30", "16:55", rules=four_points(missing_is="half_day"))
    assert counted(verdict) == ["nothing", "nothing", "half_day", "nothing"]
    assert verdict.status == ("absent_half_day",)
