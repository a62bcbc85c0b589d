"""What follows from the clock events of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from server.attendance.calendar import CalendarDay, DayKind
from server.attendance.explaining import explain
from server.attendance.judging import judge
from server.attendance.verdicts import Tally
from tests.attendance_days import (
    COURT,
    END,
    FOUR_POINTS,
    FRIDAY,
    SATURDAY,
    START,
    clocked,
    judged,
    outcomes,
    planned,
    point,
    rules_of,
    workday,
)

UNCONFIRMED = CalendarDay(FRIDAY, "workday", None, confirmed=False)


@pytest.mark.parametrize(
    ("arrival", "grace", "expected"),
    [
        ("06:30:00", 0, ("on_time", 0)),
        ("08:30:00", 0, ("on_time", 0)),
        ("08:30:59", 0, ("on_time", 0)),  # the screen showed 08:30
        ("08:31:00", 0, ("late", 1)),
        ("08:43:20", 0, ("late", 13)),
        ("08:35:59", 5, ("on_time", 0)),
        ("08:36:00", 5, ("late", 6)),  # beyond the grace, all minutes from 08:30 count
        ("12:00:59", 0, ("late", 210)),
    ],
)
def test_lateness_is_in_minutes_as_people_saw_them(arrival: str, grace: int, expected: tuple[str, int]) -> None:
    rules = rules_of(replace(START, grace_minutes=grace), END)
    assert outcomes(judged(clocked(arrival), clocked("17:30"), rules=rules))[0] == expected


@pytest.mark.parametrize(
    ("departure", "grace", "expected"),
    [
        ("17:30:00", 0, ("on_time", 0)),
        ("22:30:59", 0, ("on_time", 0)),
        ("17:29:59", 0, ("early", 1)),  # the screen showed 17:29
        ("17:10:30", 0, ("early", 20)),
        ("17:25:00", 5, ("on_time", 0)),
        ("17:24:59", 5, ("early", 6)),
        ("12:01:00", 0, ("early", 329)),
    ],
)
def test_leaving_early_is_in_minutes_as_people_saw_them(departure: str, grace: int, expected: tuple[str, int]) -> None:
    rules = rules_of(START, replace(END, grace_minutes=grace))
    assert outcomes(judged(clocked("08:30"), clocked(departure), rules=rules))[1] == expected


def test_a_day_on_time_is_normal() -> None:
    verdict = judged(clocked("08:21"), clocked("17:35"))
    assert verdict.status == ("normal",)
    assert (verdict.tally.late_minutes, verdict.tally.early_minutes, verdict.tally.missing_points) == (0, 0, 0)
    assert verdict.rule_version == COURT.version


def test_late_and_early_stand_side_by_side_with_their_minutes() -> None:
    verdict = judged(clocked("08:43"), clocked("17:10"))
    assert verdict.status == ("late", "early_leave")
    assert (verdict.tally.late_minutes, verdict.tally.early_minutes) == (13, 20)


def test_the_minutes_of_all_points_of_a_day_add_up() -> None:
    verdict = judged(clocked("08:35"), clocked("11:28"), clocked("13:37"), clocked("16:56"), rules=FOUR_POINTS)
    assert (verdict.tally.late_minutes, verdict.tally.early_minutes) == (5 + 7, 2 + 4)
    assert verdict.status == ("late", "early_leave")


def test_a_missing_clock_is_its_own_result_not_an_early_leave() -> None:
    verdict = judged(clocked("08:21"))
    assert verdict.status == ("missing_clock",)
    assert outcomes(verdict) == [("on_time", 0), ("missing", 0)]
    assert verdict.tally.missing_points == 1


def test_absent_is_who_met_no_point_at_all_and_then_nothing_is_called_missing_beside_it() -> None:
    verdict = judged()
    assert verdict.status == ("absent",)
    assert outcomes(verdict) == [("missing", 0), ("missing", 0)]
    assert (verdict.tally.missing_points, verdict.tally.absent_half_days) == (0, 2)


def test_nobody_is_absent_while_a_window_is_open() -> None:
    at_noon = judged(as_of="12:30")
    assert outcomes(at_noon) == [("missing", 0), ("pending", 0)]
    assert at_noon.status == ("missing_clock", "pending")
    assert not at_noon.is_final


@pytest.mark.parametrize(("as_of", "outcome"), [("12:00:59", "pending"), ("12:01:00", "missing")])
def test_a_point_is_missing_from_the_moment_its_window_has_closed(as_of: str, outcome: str) -> None:
    assert judged(as_of=as_of).points[0].outcome == outcome


def test_before_the_day_begins_everything_is_open() -> None:
    assert judged(as_of="05:00").status == ("pending",)


def test_a_late_arrival_is_known_at_once() -> None:
    assert judged(clocked("08:43"), as_of="08:44").status == ("late", "pending")


def test_a_departure_that_looks_early_is_open_until_its_window_closes() -> None:
    left_for_lunch = clocked("12:10")
    in_the_afternoon = judged(clocked("08:20"), left_for_lunch, as_of="15:00")
    assert outcomes(in_the_afternoon) == [("on_time", 0), ("pending", 0)]
    assert in_the_afternoon.points[1].event == left_for_lunch
    assert judged(clocked("08:20"), left_for_lunch).tally.early_minutes == 320


def test_a_departure_on_time_is_known_at_once() -> None:
    assert judged(clocked("08:20"), clocked("17:31"), as_of="17:32").status == ("normal",)


@pytest.mark.parametrize("kind", ["rest_day", "holiday"])
def test_on_a_day_off_events_are_kept_and_nothing_is_judged(kind: DayKind) -> None:
    day_off = CalendarDay(SATURDAY, kind, None, confirmed=True)
    events = clocked("09:50", day=SATURDAY), clocked("11:00", day=SATURDAY, voided=True)
    verdict = judged(*events, day=SATURDAY, calendar_day=day_off)
    assert verdict.status == ("rest_day",)
    assert (verdict.shift, verdict.points) == (None, ())
    assert [(one.event, one.reason.code) for one in verdict.ignored] == [
        (events[0], "no_work_expected"),
        (events[1], "voided"),
    ]
    assert judged(day=SATURDAY, calendar_day=day_off).status == ("rest_day",)


def test_a_makeup_saturday_is_judged_like_any_workday() -> None:
    makeup = CalendarDay(date(2026, 2, 28), "makeup_workday", "Spring Festival", confirmed=True)
    assert judged(day=makeup.date, calendar_day=makeup).status == ("absent",)


def test_in_a_year_that_is_not_confirmed_nobody_is_absent() -> None:
    verdict = judged(calendar_day=UNCONFIRMED)
    assert verdict.status == ("not_judged",)
    assert outcomes(verdict) == [("not_judged", 0), ("not_judged", 0)]
    assert verdict.tally.missing_points == 0
    assert not verdict.confirmed


def test_in_a_year_that_is_not_confirmed_late_is_still_late_and_a_forgotten_clock_is_not_judged() -> None:
    assert judged(clocked("08:43"), calendar_day=UNCONFIRMED).status == ("late", "not_judged")


def test_in_a_year_that_is_not_confirmed_hours_late_or_away_are_no_absence() -> None:
    rules = rules_of(
        replace(START, serious_after_minutes=30, half_day_after_minutes=60, full_day_after_minutes=120),
        replace(END, half_day_after_minutes=60),
        off_post_after_minutes=60,
        off_post_counts_as="half_day",
        min_interval_minutes=5,
    )
    events = [clocked(text) for text in ("11:00", "12:30", "14:00", "16:00")]
    assert judged(*events, rules=rules).status == ("absent",)
    verdict = judged(*events, rules=rules, calendar_day=UNCONFIRMED)
    assert verdict.status == ("late", "early_leave", "off_post")
    assert [one.counts_as for one in verdict.points] == ["serious_late", "early"]
    assert (verdict.tally.absent_half_days, verdict.tally.off_post_times) == (0, 1)
    assert not any("absen" in line for line in explain(verdict, "en") if "not judged" not in line)


def test_in_a_year_that_is_not_confirmed_an_open_window_is_open() -> None:
    assert judged(calendar_day=UNCONFIRMED, as_of="05:00").status == ("pending",)


LUNCH = point("lunch", "out", "12:30", 20, 60, required=False)
WITH_LUNCH = rules_of(START, LUNCH, point("end of work", "out", "17:30", 60, 300))


def test_a_point_that_is_not_required_is_never_missed() -> None:
    verdict = judged(clocked("08:20"), clocked("17:40"), rules=WITH_LUNCH)
    assert verdict.status == ("normal",)
    assert outcomes(verdict) == [("on_time", 0), ("not_expected", 0), ("on_time", 0)]


def test_a_point_that_is_not_required_is_judged_when_it_is_met() -> None:
    assert judged(clocked("08:20"), clocked("12:25"), clocked("17:40"), rules=WITH_LUNCH).tally.early_minutes == 5


def test_who_clocked_at_a_point_that_is_not_required_was_there_and_is_not_absent() -> None:
    assert judged(clocked("12:31"), rules=WITH_LUNCH).status == ("missing_clock",)
    assert judged(rules=WITH_LUNCH).status == ("absent",)


def test_a_shift_of_points_that_nobody_must_meet_makes_nobody_absent() -> None:
    assert judged(rules=rules_of(LUNCH)).status == ("normal",)


def test_a_voided_event_saves_nobody_and_costs_nobody() -> None:
    assert judged(clocked("08:20", voided=True), clocked("17:40")).status == ("missing_clock",)
    assert judged(clocked("08:20"), clocked("17:40"), clocked("17:10", voided=True)).status == ("normal",)


def test_judging_again_later_changes_nothing_once_all_windows_have_closed() -> None:
    events = clocked("08:43"), clocked("17:10")
    assert judged(*events, as_of="23:00") == judged(*events, as_of="500:00")


def test_a_naive_moment_of_judging_is_refused() -> None:
    plan, expectation = planned(COURT, FRIDAY, workday())
    with pytest.raises(ValueError, match="naive"):
        judge(plan, expectation, [], datetime(2026, 11, 20, 23, 0))  # noqa: DTZ001


def test_the_tally_counts_the_judged_arrivals_and_departures() -> None:
    verdict = judged(clocked("08:35"), clocked("11:28"), clocked("13:37"), rules=FOUR_POINTS)
    assert verdict.tally == Tally(
        arrivals=2, departures=2, late_times=2, late_minutes=12, early_times=1, early_minutes=2, missing_points=1
    )


def test_open_points_and_points_that_nobody_must_meet_count_to_no_rate() -> None:
    at_noon = judged(clocked("08:20"), as_of="13:00", rules=WITH_LUNCH)
    assert (at_noon.tally.arrivals, at_noon.tally.departures) == (1, 0)
