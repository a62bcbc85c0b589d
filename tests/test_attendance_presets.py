"""The rules that ship with the product, each judged on telling days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from server.attendance.counting import CountedDay, counter_states, division_score, forgiven_times, personal_points
from server.attendance.points import on_paper
from server.attendance.rosters import NOBODYS, Roster
from server.attendance.rule_documents import load_rules, presets
from server.attendance.verdicts import Status, Tally, WorkdayVerdict
from tests.attendance_days import COURT, FRIDAY, SATURDAY, Court, clocked, judged, outcomes
from tests.attendance_requests import rostered

NIGHT = rostered(["night_duty", None])
TURNS = rostered(["day_duty", "night_duty", None, None])


@dataclass(frozen=True)
class Day:
    """Clock events of a Friday by one preset, and what they must say."""

    preset: str
    times: str
    status: tuple[Status, ...]
    points: str
    figures: dict[str, int]
    roster: Roster = NOBODYS


def court(preset: str) -> Court:
    return Court(load_rules(preset), COURT.site)


def told(verdict: WorkdayVerdict) -> str:
    """Outcomes with their minutes, and what they count as where that is something else."""
    words = []
    for (outcome, minutes), result in zip(outcomes(verdict), verdict.points, strict=True):
        word = f"{outcome} {minutes}" if minutes else outcome
        plain = outcome == result.counts_as or (result.counts_as == "nothing" and outcome == "on_time")
        words.append(word if plain else f"{word} = {result.counts_as}")
    return ", ".join(words)


DAYS = [
    # In by 08:30, out from 17:30, no grace.
    Day("court_two_points", "08:30 17:30", ("normal",), "on_time, on_time", {}),
    Day("court_two_points", "08:31 17:29", ("late", "early_leave"), "late 1, early 1", {"late_times": 1}),
    Day("court_two_points", "17:40", ("missing_clock",), "missing, on_time", {"missing_points": 1}),
    # In by 08:05, out from 11:20, in by 13:35, out from 16:55. A missing sign-in is one late arrival.
    Day("court_four_windows", "08:05 11:20 13:35 16:55", ("normal",), "on_time, on_time, on_time, on_time", {}),
    Day(
        "court_four_windows",
        "08:06 11:19 13:36 16:54",
        ("late", "early_leave"),
        "late 1, early 1, late 1, early 1",
        {"late_times": 2, "late_minutes": 2, "early_times": 2, "early_minutes": 2},
    ),
    Day(
        "court_four_windows",
        "11:25 13:30",
        ("late", "early_leave"),
        "missing = late, on_time, on_time, missing = early",
        {"late_times": 1, "late_minutes": 0, "early_times": 1, "early_minutes": 0, "missing_points": 0},
    ),
    Day(
        "court_four_windows",
        "08:00 09:00 10:01 11:20 13:30 16:55",
        ("off_post",),
        "on_time, on_time, on_time, on_time",
        {"absent_half_days": 0, "off_post_times": 1, "off_post_minutes": 61},
    ),
    Day(
        "court_four_windows",
        "08:00 09:00 10:00 11:20 13:30 16:55",
        ("normal",),
        "on_time, on_time, on_time, on_time",
        {"off_post_times": 0},
    ),
    Day(
        "court_four_windows",
        "",
        ("absent",),
        "missing = full_day, missing = nothing, missing = nothing, missing = nothing",
        {"absent_half_days": 2, "late_times": 0, "early_times": 0},
    ),
    # In 07:30 to 08:00, out 11:00 to 11:30, in 13:30 to 14:00, out 16:30 to 17:00, as it was published; no sign-in
    # before 11:30 is half a day's absence, no evening sign-out a day's.
    Day(
        "court_half_day_absence",
        "07:50 11:05 13:45 16:40",
        ("normal",),
        "on_time, on_time, on_time, on_time",
        {},
    ),
    Day(
        "court_half_day_absence",
        "07:50 13:45 16:40",
        ("early_leave",),
        "on_time, missing = early, on_time, on_time",
        {"early_times": 1, "missing_points": 0},
    ),
    Day(
        "court_half_day_absence",
        "11:10 13:45 16:40",
        ("absent_half_day",),
        "missing = half_day, on_time, on_time, on_time",
        {"absent_half_days": 1},
    ),
    Day(
        "court_half_day_absence",
        "07:30 11:30 14:00 17:00",
        ("normal",),
        "on_time, on_time, on_time, on_time",
        {},
    ),
    Day(
        "court_half_day_absence",
        "11:29 11:35 14:10 17:05",
        ("late",),
        "late 209, on_time, late 10, on_time",
        {"late_times": 2, "late_minutes": 219},
    ),
    Day(
        "court_half_day_absence",
        "08:10 10:50 13:50 16:10",
        ("late", "early_leave"),
        "late 10, missing = early, on_time, early 20",
        {"absent_half_days": 0, "early_times": 2, "early_minutes": 20},
    ),
    Day(
        "court_half_day_absence",
        "08:10 11:30 14:00",
        ("absent",),
        "late 10 = nothing, on_time, on_time, missing = full_day",
        {"absent_half_days": 2, "late_times": 0},
    ),
    # Two clock events within five minutes are one visit, so nobody undoes an absence by clocking twice.
    Day(
        "court_half_day_absence",
        "11:10 11:14 13:45 16:40",
        ("absent_half_day",),
        "missing = half_day, on_time, on_time, on_time",
        {"absent_half_days": 1},
    ),
    Day(
        "court_half_day_absence",
        "07:50 11:05 16:40",
        ("late",),
        "on_time, on_time, missing = late, on_time",
        {"late_times": 1, "late_minutes": 0, "missing_points": 0},
    ),
    # Being away is counted with late arrivals, and is no absence.
    Day(
        "court_half_day_absence",
        "07:50 08:30 10:00 11:05 13:45 16:40",
        ("off_post",),
        "on_time, on_time, on_time, on_time",
        {"off_post_times": 1, "off_post_minutes": 90},
    ),
    # Up to 15 minutes are forgiven three times a month, over 30 serious, over 60 half a day's absence.
    Day("court_tiers", "08:45 17:30", ("late",), "late 15, on_time", {"late_times": 1, "serious_late_times": 0}),
    Day("court_tiers", "09:01 17:30", ("late",), "late 31 = serious_late, on_time", {"serious_late_times": 1}),
    Day("court_tiers", "09:31 17:30", ("absent_half_day",), "late 61 = half_day, on_time", {"late_times": 0}),
    Day("court_tiers", "08:30 16:29", ("absent_half_day",), "on_time, early 61 = half_day", {"early_times": 0}),
    Day("court_tiers", "17:30", ("absent_half_day",), "missing = half_day, on_time", {"missing_points": 0}),
    # In by nine, out from five.
    Day("nine_to_five", "09:00 17:00", ("normal",), "on_time, on_time", {}),
    Day("nine_to_five", "09:01 16:58", ("late", "early_leave"), "late 1, early 2", {}),
    # Half an hour late and half an hour early are allowed, each by itself.
    Day("flexible_allowance", "09:00 17:00", ("normal",), "on_time, on_time", {}),
    Day("flexible_allowance", "09:01 16:59", ("late", "early_leave"), "late 1, early 1", {}),
    # Up to an hour later in, as much later out; up to half an hour earlier in, as much earlier out.
    Day("flexible_late_in_late_out", "09:30 18:30", ("normal",), "on_time, on_time", {}),
    Day("flexible_late_in_late_out", "09:30 18:29", ("early_leave",), "on_time, early 1", {}),
    Day("flexible_late_in_late_out", "09:31 18:30", ("late",), "late 1, on_time", {}),
    Day("flexible_late_in_late_out", "08:00 17:00", ("normal",), "on_time, on_time", {}),
    Day("flexible_late_in_late_out", "07:00 16:59", ("early_leave",), "on_time, early 1", {}),
    # A court day for most, and by roster duty from 20:00 until 08:00 of the next morning.
    Day("court_police_nights", "08:31 17:30", ("late",), "late 1, on_time", {}),
    Day("court_police_nights", "20:05 31:55", ("normal",), "on_time, on_time", {}, NIGHT),
    Day("court_police_nights", "20:06 31:54", ("late", "early_leave"), "late 6, early 6", {"late_minutes": 6}, NIGHT),
    Day("court_police_nights", "20:00", ("missing_clock",), "on_time, missing", {}, NIGHT),
    # Day duty, night duty, two days off.
    Day("rotating_duty", "08:05 19:55", ("normal",), "on_time, on_time", {}, TURNS),
    Day("rotating_duty", "08:06 19:54", ("late", "early_leave"), "late 6, early 6", {}, TURNS),
    Day("rotating_duty", "08:31 17:30", ("late",), "late 1, on_time", {}),
    # Only the first and the last clock event of the day count.
    Day("first_and_last", "08:30 10:00 15:00 17:30", ("normal",), "on_time, on_time", {}),
    Day("first_and_last", "06:00 12:00", ("early_leave",), "on_time, early 330", {}),
    Day("first_and_last", "08:40", ("late", "missing_clock"), "late 10, missing", {}),
]


@pytest.mark.parametrize("day", DAYS, ids=lambda day: f"{day.preset} {day.times}")
def test_a_telling_day(day: Day) -> None:
    events = [clocked(text) for text in day.times.split()]
    verdict = judged(*events, rules=court(day.preset), roster=day.roster)
    assert told(verdict) == day.points
    assert verdict.status == day.status
    assert {name: getattr(verdict.tally, name) for name in day.figures} == day.figures


def test_every_preset_is_judged_here() -> None:
    assert sorted({day.preset for day in DAYS}) == presets()


def test_a_rotation_of_four_days_is_day_night_and_two_days_off() -> None:
    rules = court("rotating_duty")
    statuses = []
    for n in range(4):
        day = FRIDAY + timedelta(days=n)
        statuses.append(judged(day=day, rules=rules, roster=TURNS).status)
    assert statuses == [("absent",), ("absent",), ("rest_day",), ("rest_day",)]


def test_the_night_before_a_day_of_duty_ends_half_way() -> None:
    # Off at 08:00 after the night, on at 08:00 for the day: 08:00 is the night's, 08:01 the day's, within its grace.
    both = rostered(["night_duty", "day_duty"])
    rules = court("rotating_duty")
    events = clocked("20:00"), clocked("32:00"), clocked("32:01"), clocked("20:00", day=SATURDAY)
    assert told(judged(*events, rules=rules, roster=both)) == "on_time, on_time"
    assert told(judged(*events, rules=rules, roster=both, day=SATURDAY)) == "on_time, on_time"


# What follows over months


def late_days(count: int, minutes: int, month: str = "2026-11") -> list[CountedDay]:
    return [
        CountedDay(date.fromisoformat(f"{month}-{n:02}"), Tally(late_times=1, late_minutes=minutes))
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize(
    ("preset", "count", "expected"),
    [
        ("court_four_windows", 19, [("2026", 32, False), ("2026", 7, False)]),
        (
            "court_half_day_absence",
            2,
            [("2026", 11, False), ("2026", 5, False), ("2026-11", 1, True), ("2026", 10, False)],
        ),
        (
            "court_half_day_absence",
            3,
            [("2026", 10, False), ("2026", 5, False), ("2026-11", 0, False), ("2026", 9, False)],
        ),
        ("court_tiers", 2, [("2026-11", 2, False)]),
        ("court_tiers", 3, [("2026-11", 1, True)]),
    ],
)
def test_the_counters_say_how_many_are_left_and_when_to_warn(
    preset: str, count: int, expected: list[tuple[str, int, bool]]
) -> None:
    states = counter_states(load_rules(preset), late_days(count, 40), date(2026, 11, 30))
    assert [(state.period, state.left, state.warns) for state in states] == expected


def test_a_courts_points_and_its_divisions_score() -> None:
    rules = load_rules("court_half_day_absence")
    days = [*late_days(3, 5), CountedDay(date(2026, 11, 9), Tally(early_times=1, absent_half_days=1))]
    assert personal_points(rules, days) == 1.8
    assert division_score(rules, 25) == 96
    assert rules.show_ranks


def test_up_to_15_minutes_are_forgiven_three_times_a_month() -> None:
    rules = load_rules("court_tiers")
    assert len(forgiven_times(late_days(5, 15), rules.forgiven)) == 3
    assert forgiven_times(late_days(5, 16), rules.forgiven) == {}
    (state,) = counter_states(rules, late_days(5, 15), date(2026, 11, 30))
    assert state.times == 2


def costs(preset: str, tally: Tally) -> list[float]:
    """What the figures of one day cost somebody: absence, points, and each limit of the rules."""
    rules = load_rules(preset)
    days = [CountedDay(FRIDAY, tally)]
    limits = [float(state.times) for state in counter_states(rules, days, FRIDAY)]
    return [float(tally.absent_half_days), personal_points(rules, days) or 0.0, *limits]


@pytest.mark.parametrize("preset", presets())
def test_not_clocking_is_never_cheaper_than_clocking_late_or_early(preset: str) -> None:
    rules = court(preset)
    points = rules.rules.default_shift.points
    dues = [point.at_minutes for point in points]
    for number, point in enumerate(points):
        others = [dues[other] for other in range(len(points)) if other != number]
        grace = point.grace_minutes + 61
        wrong = point.at_minutes + (grace if point.direction == "in" else -grace)
        if not point.window_start_minutes <= wrong <= point.window_end_minutes:
            continue
        came = judged(*(clocked(on_paper(minutes)) for minutes in sorted([*others, wrong])), rules=rules)
        missed = judged(*(clocked(on_paper(minutes)) for minutes in others), rules=rules)
        # Absence weighs more than any lateness; where there is as much of it, nothing else is less.
        pairs = list(zip(costs(preset, missed.tally), costs(preset, came.tally), strict=True))
        is_more_absent = pairs[0][0] > pairs[0][1]
        assert is_more_absent or all(not_clocking >= clocking for not_clocking, clocking in pairs), point.name_en


# What every preset has


@pytest.mark.parametrize("name", presets())
def test_every_preset_has_names_in_both_languages_and_the_kinds_of_a_court(name: str) -> None:
    rules = load_rules(name)
    leave = {"annual", "sick", "personal", "marriage", "maternity", "paternity", "bereavement", "compensatory"}
    assert set(rules.leave_kinds) == leave
    assert set(rules.duty_kinds) == {"case", "hearing", "meeting", "training", "travel"}
    named: list[Any] = [
        rules,
        *rules.shifts.values(),
        *(point for shift in rules.shifts.values() for point in shift.points),
        *rules.leave_kinds.values(),
        *rules.duty_kinds.values(),
        *rules.counters,
    ]
    for one in named:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in one.name_zh), one
        assert one.name_en.isascii(), one


@pytest.mark.parametrize("name", presets())
def test_every_preset_says_who_approves_what(name: str) -> None:
    requests = load_rules(name).requests
    assert [requests["leave"].approver(days) for days in (0.5, 1, 3)] == ["head", "vice_president", "president"]
    assert [requests["duty"].approver(days) for days in (2.99, 3)] == ["head", "vice_president"]
    assert (requests["correction"].approver(1), requests["correction"].per_month) == ("head", 3)
    assert requests["waiver"].approver(1) == "hr"
    assert requests["leave"].document_from_days == 3


@pytest.mark.parametrize("name", presets())
def test_no_two_presets_have_one_version(name: str) -> None:
    assert [other for other in presets() if load_rules(other).version == load_rules(name).version] == [name]
