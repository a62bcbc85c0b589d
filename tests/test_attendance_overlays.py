"""Leave, duty elsewhere, corrections and waivers lie over the facts, which stay visible beneath them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from server.attendance.explaining import explain
from server.attendance.overlays import Absence, Overlays
from server.attendance.points import Shift
from server.attendance.verdicts import WorkdayVerdict
from tests.attendance_days import (
    COURT,
    END,
    FOUR_POINTS,
    NIGHT,
    START,
    Court,
    clocked,
    judged,
    moment,
    outcomes,
    point,
    rule_set,
    rules_of,
)
from tests.attendance_requests import absence, corrected, on_duty, on_leave, rostered, waived

COVERED = ("covered", 0)
ON_TIME = ("on_time", 0)


def judged_at(*times: str, overlays: Overlays, rules: Court = COURT, as_of: str = "52:00") -> WorkdayVerdict:
    return judged(*(clocked(text) for text in times), rules=rules, overlays=overlays, as_of=as_of)


def windows(verdict: WorkdayVerdict) -> list[tuple[int, int]]:
    return [(result.start_minutes, result.end_minutes) for result in verdict.points]


# Leave and duty


@pytest.mark.parametrize(
    ("start", "end", "times", "expected"),
    [
        # In the morning: expected when it ends.
        ("08:00", "10:00", ["10:00", "17:30"], [ON_TIME, ON_TIME]),
        ("08:00", "10:00", ["10:07", "17:30"], [("late", 7), ON_TIME]),
        ("08:30", "10:00", ["10:07", "17:30"], [("late", 7), ON_TIME]),  # from its beginning on
        ("08:31", "10:00", ["08:45", "17:30"], [("late", 15), ON_TIME]),  # it begins after the arrival was due
        ("07:00", "08:30", ["08:31", "17:30"], [("late", 1), ON_TIME]),  # until before its end
        # In the evening: expected when it begins.
        ("15:00", "18:00", ["08:30", "15:00"], [ON_TIME, ON_TIME]),
        ("15:00", "18:00", ["08:30", "14:50"], [ON_TIME, ("early", 10)]),
        ("15:00", "17:30", ["08:30", "15:00"], [ON_TIME, ON_TIME]),  # until its end
        ("15:00", "17:29", ["08:30", "17:20"], [ON_TIME, ("early", 10)]),
        ("17:30", "19:00", ["08:30", "17:20"], [ON_TIME, ("early", 10)]),  # after its beginning
        # In the middle: nothing moves.
        ("10:00", "15:00", ["08:30", "17:30"], [ON_TIME, ON_TIME]),
        # All of it, whatever the clock shows.
        ("08:30", "17:30", [], [COVERED, COVERED]),
        ("00:00", "24:00", ["10:00"], [COVERED, COVERED]),
    ],
)
def test_leave_moves_clock_points_or_takes_their_place(
    start: str, end: str, times: list[str], expected: list[tuple[str, int]]
) -> None:
    assert outcomes(judged_at(*times, overlays=on_leave((start, end)))) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("08:30", "11:30", [COVERED, COVERED, ON_TIME, ON_TIME]),
        ("08:00", "13:30", [COVERED, COVERED, ON_TIME, ON_TIME]),
        ("13:30", "17:00", [ON_TIME, ON_TIME, COVERED, COVERED]),
        ("11:00", "17:00", [ON_TIME, ON_TIME, COVERED, COVERED]),
        ("11:45", "13:15", [ON_TIME, ON_TIME, ON_TIME, ON_TIME]),
    ],
)
def test_half_a_day_of_leave_takes_the_place_of_its_half(start: str, end: str, expected: list[tuple[str, int]]) -> None:
    times = ["08:25", "11:30", "13:20", "17:01"]
    kept = [text for text, (outcome, _) in zip(times, expected, strict=True) if outcome != "covered"]
    assert outcomes(judged_at(*kept, rules=FOUR_POINTS, overlays=on_leave((start, end)))) == expected


def test_leave_that_touches_leave_is_one() -> None:
    assert outcomes(judged_at(overlays=on_leave(("08:30", "12:00"), ("12:00", "17:30")))) == [COVERED, COVERED]
    assert outcomes(judged_at(overlays=on_leave(("11:00", "17:30"), ("08:30", "12:00")))) == [COVERED, COVERED]


def test_leave_that_leaves_a_minute_between_is_two() -> None:
    verdict = judged_at("12:00", "12:01", overlays=on_leave(("08:30", "12:00"), ("12:01", "17:30")))
    assert outcomes(verdict) == [ON_TIME, ON_TIME]
    assert [result.due_at for result in verdict.points] == [moment("12:00"), moment("12:01")]


@pytest.mark.parametrize(
    ("name", "court"),
    [
        ("an arrival", rules_of(START)),
        ("a departure", rules_of(replace(END, window_before_minutes=60))),
    ],
)
def test_a_point_without_the_other_half_of_its_stretch_is_covered(name: str, court: Court) -> None:
    leave = on_leave(("08:00", "09:00"), ("17:00", "18:00"))
    assert outcomes(judged_at(rules=court, overlays=leave)) == [COVERED], name


@pytest.mark.parametrize(
    ("leave", "expected"),
    [
        # An arrival moved to 11:30 is open until 12:30; one moved to 10:00 keeps its end.
        (("08:00", "11:30"), [(390, 750), (721, 1350)]),
        (("08:00", "10:00"), [(390, 720), (721, 1350)]),
        # A departure moved to 12:30 is open from 11:30; one moved to 15:00 keeps its beginning.
        (("12:30", "18:00"), [(390, 720), (690, 1350)]),
        (("15:00", "18:00"), [(390, 720), (721, 1350)]),
    ],
)
def test_a_point_that_moved_is_open_for_an_hour_beyond_at_least(
    leave: tuple[str, str], expected: list[tuple[int, int]]
) -> None:
    assert windows(judged_at(overlays=on_leave(leave))) == expected


def test_a_point_that_moved_stays_within_the_order_of_the_windows() -> None:
    # Leave until 12:00 would have the morning arrival open until 13:00; the window after it ends at 12:30.
    court = rules_of(
        point("in", "in", "08:30", 60, 60), point("out", "out", "12:15", 15, 15), point("in", "in", "14:00", 60, 60)
    )
    assert windows(judged_at(rules=court, overlays=on_leave(("08:00", "12:00"))))[0] == (450, 750)
    # Leave from 13:31 on would have the departure open from 12:31; the window before it begins at 12:35.
    assert windows(judged_at(rules=FOUR_POINTS, overlays=on_leave(("13:31", "18:00"))))[3] == (755, 1080)


def test_a_point_that_moved_takes_nothing_of_a_neighbouring_day() -> None:
    # Leave until 31:50 would have the arrival open until 32:50; from 32:16 on, clock events are the next day's.
    night = Shift("night", (point("on", "in", "20:00", 90, 120), point("off", "out", "32:00", 120, 120)))
    court = Court(rule_set(Shift("day", (START, END)), night), COURT.site)
    verdict = judged(rules=court, roster=rostered(["night", "day"]), overlays=on_leave(("19:00", "31:50")))
    assert windows(verdict) == [(18 * 60 + 30, 32 * 60 + 15), (30 * 60, 32 * 60 + 15)]


def test_leave_over_midnight_moves_a_nights_departure() -> None:
    verdict = judged(clocked("17:55"), clocked("24:58"), rules=NIGHT, overlays=on_leave(("25:00", "30:00")))
    assert outcomes(verdict) == [ON_TIME, ("early", 2)]


def test_seconds_of_a_moved_moment_are_dropped() -> None:
    leave = Absence(UUID(int=1), "leave", "sick", moment("08:00"), moment("10:00") + timedelta(seconds=40))
    verdict = judged_at("10:00:10", "17:30", overlays=Overlays(absences=(leave,)))
    assert verdict.points[0].due_at == moment("10:00")
    assert outcomes(verdict) == [ON_TIME, ON_TIME]


def test_who_came_although_on_leave_is_on_time() -> None:
    verdict = judged_at("08:20", "17:31", overlays=on_leave(("08:00", "10:00")))
    assert (outcomes(verdict), verdict.status) == ([ON_TIME, ON_TIME], ("on_leave",))


def test_a_workday_says_leave_and_duty_and_reports_count_their_points() -> None:
    leave, duty = judged_at(overlays=on_leave(("08:00", "18:00"))), judged_at(overlays=on_duty("08:00", "18:00"))
    assert (leave.status, leave.tally.leave_points, leave.tally.duty_points) == (("on_leave",), 2, 0)
    assert (duty.status, duty.tally.leave_points, duty.tally.duty_points) == (("on_duty",), 0, 2)


def test_covered_points_count_to_no_rate() -> None:
    tally = judged_at("13:20", "17:01", rules=FOUR_POINTS, overlays=on_leave(("08:00", "12:00"))).tally
    assert (tally.arrivals, tally.departures, tally.missing_points) == (1, 1, 0)


def test_what_clock_events_alone_say_stays_beside_it() -> None:
    verdict = judged_at("10:05", "17:30", overlays=on_leave(("08:00", "10:00")))
    raw = verdict.points[0].raw
    assert raw is not None
    assert (raw.outcome, raw.minutes, raw.event) == ("late", 95, clocked("10:05"))
    assert verdict.points[1].raw is None


def test_leave_of_another_day_changes_nothing() -> None:
    other = on_leave(("08:00", "18:00"), day=date(2026, 11, 19))
    assert judged_at("08:45", "17:30", overlays=other) == judged_at("08:45", "17:30", overlays=Overlays())


@pytest.mark.parametrize("end", ["10:00", "09:59"])
def test_leave_ends_after_it_begins(end: str) -> None:
    with pytest.raises(ValueError, match="cannot end at"):
        absence("10:00", end)


def test_leave_has_no_naive_moments() -> None:
    with pytest.raises(ValueError, match="naive time in an absence"):
        Absence(UUID(int=1), "leave", "sick", datetime(2026, 11, 20, 8), moment("10:00"))  # noqa: DTZ001


# Corrections


@pytest.mark.parametrize(
    ("times", "point_number", "at", "expected"),
    [
        (["17:40"], 0, "08:25", [ON_TIME, ON_TIME]),
        (["17:40"], 0, "08:50", [("late", 20), ON_TIME]),
        (["08:25"], 1, "17:35", [ON_TIME, ON_TIME]),
        (["08:25"], 1, "17:00", [ON_TIME, ("early", 30)]),
        (["09:25", "17:40"], 0, "08:25", [ON_TIME, ON_TIME]),  # in place of an event
        (["17:40"], 0, "05:00", [ON_TIME, ON_TIME]),  # windows are for clock events
    ],
)
def test_a_correction_is_judged_like_an_event_at_its_time(
    times: list[str], point_number: int, at: str, expected: list[tuple[str, int]]
) -> None:
    overlays = Overlays(corrections=(corrected(point_number, at),))
    assert outcomes(judged_at(*times, overlays=overlays)) == expected


def test_an_event_that_a_correction_replaces_is_kept_with_the_reason() -> None:
    verdict = judged_at("09:25", "17:40", overlays=Overlays(corrections=(corrected(0, "08:25"),)))
    assert [(one.event, one.reason.to_json()) for one in verdict.ignored] == [
        (clocked("09:25"), {"code": "corrected", "point": 0})
    ]
    raw = verdict.points[0].raw
    assert raw is not None
    assert (raw.outcome, raw.minutes) == ("late", 55)


def test_where_leave_takes_the_place_of_a_point_there_is_nothing_to_correct() -> None:
    both = Overlays(absences=on_leave(("08:00", "18:00")).absences, corrections=(corrected(0, "11:00"),))
    verdict = judged_at(overlays=both)
    assert (outcomes(verdict), verdict.status) == ([COVERED, COVERED], ("on_leave",))


def test_an_arrival_that_leave_moved_can_be_corrected() -> None:
    both = Overlays(absences=on_leave(("08:00", "10:00")).absences, corrections=(corrected(0, "10:05"),))
    assert outcomes(judged_at("17:40", overlays=both)) == [("late", 5), ON_TIME]


def test_an_early_departure_that_was_corrected_waits_for_no_later_event() -> None:
    overlays = Overlays(corrections=(corrected(1, "17:00"),))
    assert outcomes(judged_at("08:25", overlays=overlays, as_of="18:00")) == [ON_TIME, ("early", 30)]


@pytest.mark.parametrize(("filed", "decided"), [(0, 1), (1, 0)], ids=["decided later", "filed later"])
def test_of_two_corrections_of_a_point_the_one_decided_last_counts(filed: int, decided: int) -> None:
    # Its identifier says nothing about when it was filed or decided.
    wrong, mended = corrected(0, "08:50", number=2), corrected(0, "08:10", number=1, filed=filed, decided=decided)
    for both in ((wrong, mended), (mended, wrong)):
        verdict = judged_at("17:40", overlays=Overlays(corrections=both))
        assert outcomes(verdict) == [ON_TIME, ON_TIME]
        assert [one.request_id for one in verdict.points[0].overlaid] == [mended.request_id]


NIGHT_DUTY = Shift(
    "night_duty", (point("on duty", "in", "20:00", 120, 120), point("off duty", "out", "32:00", 120, 120))
)
DAY_OR_NIGHT = Court(rule_set(Shift("court_day", (START, END)), NIGHT_DUTY), COURT.site)
CAME_TO_COURT = corrected(0, "08:21", shift="court_day")


def test_a_correction_for_the_morning_says_nothing_about_the_night_that_somebody_was_rostered_for() -> None:
    verdict = judged(
        clocked("32:05"),
        rules=DAY_OR_NIGHT,
        roster=rostered(["night_duty", None]),
        overlays=Overlays(corrections=(CAME_TO_COURT,)),
    )
    assert outcomes(verdict) == [("missing", 0), ON_TIME]
    assert "An approved correction to 08:21 does not fit the shift of this day, and changes nothing." in explain(
        verdict, "en"
    )


def test_a_correction_counts_on_another_shift_where_its_moment_lies_in_the_window_of_the_point() -> None:
    overlays = Overlays(corrections=(corrected(0, "08:21", shift="court_day_in_summer"),))
    assert outcomes(judged_at("17:40", overlays=overlays)) == [ON_TIME, ON_TIME]


def test_a_correction_far_from_the_window_counts_on_the_shift_that_it_was_filed_for() -> None:
    overlays = Overlays(corrections=(corrected(0, "13:00"),))
    assert outcomes(judged_at("17:40", overlays=overlays)) == [("late", 270), ON_TIME]


def test_a_correction_that_does_not_fit_leaves_the_one_that_fits_in_force() -> None:
    overlays = Overlays(corrections=(corrected(0, "08:21", number=1), corrected(0, "03:00", shift="x", decided=1)))
    assert outcomes(judged_at("17:40", overlays=overlays)) == [ON_TIME, ON_TIME]


def test_a_correction_of_a_point_that_the_shift_does_not_have_is_told() -> None:
    overlays = Overlays(corrections=(corrected(2, "13:25", shift="four points"),))
    verdict = judged_at("08:50", "17:40", overlays=overlays)
    assert outcomes(verdict) == [("late", 20), ON_TIME]
    assert "An approved correction to 13:25 does not fit the shift of this day, and changes nothing." in explain(
        verdict, "en"
    )


@pytest.mark.parametrize(
    "correction", [corrected(0, "08:25", day=date(2026, 11, 19)), corrected(2, "08:25")], ids=["day", "point"]
)
def test_a_correction_of_another_day_or_of_no_point_changes_nothing(correction: object) -> None:
    overlays = Overlays(corrections=(correction,))  # type: ignore[arg-type]
    assert outcomes(judged_at("08:50", "17:40", overlays=overlays)) == [("late", 20), ON_TIME]


# Waivers


@pytest.mark.parametrize(
    ("point_number", "expected", "status"),
    [
        (0, [("excused", 0), ("early", 10)], ("early_leave", "excused")),
        (1, [("late", 15), ("excused", 0)], ("late", "excused")),
        (None, [("excused", 0), ("excused", 0)], ("excused",)),
    ],
)
def test_a_waiver_excuses_one_point_or_all(
    point_number: int | None, expected: list[tuple[str, int]], status: tuple[str, ...]
) -> None:
    verdict = judged_at("08:45", "17:20", overlays=waived(point_number))
    assert (outcomes(verdict), verdict.status) == (expected, status)
    assert verdict.tally.excused_times == sum(outcome == "excused" for outcome, _ in expected)


def test_a_waiver_excuses_a_missing_clock() -> None:
    assert outcomes(judged_at("08:25", overlays=waived(1))) == [ON_TIME, ("excused", 0)]


def test_where_nothing_is_wrong_there_is_nothing_to_excuse() -> None:
    assert judged_at("08:25", "17:35", overlays=waived(None)) == judged_at("08:25", "17:35", overlays=Overlays())


def test_what_is_still_open_is_not_excused() -> None:
    assert outcomes(judged_at(overlays=waived(None), as_of="13:00")) == [("excused", 0), ("pending", 0)]


def test_waivers_come_after_corrections() -> None:
    both = Overlays(corrections=(corrected(0, "08:50"),), waivers=waived(0).waivers)
    verdict = judged_at("17:40", overlays=both)
    assert outcomes(verdict) == [("excused", 0), ON_TIME]
    assert [one.kind for one in verdict.points[0].overlaid] == ["correction", "waiver"]


def test_the_fault_of_the_system_is_told_from_an_ordinary_waiver() -> None:
    verdict = judged_at("08:45", "17:40", overlays=waived(0, "The kiosk was down.", outage=True))
    assert [(one.kind, one.name) for one in verdict.points[0].overlaid] == [("outage", "The kiosk was down.")]
