"""What went wrong at other attendance systems, each as a day that must come out right here."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from uuid import UUID

import pytest

from server.attendance.calendar import Calendar, CalendarDay
from server.attendance.day_plans import Planner
from server.attendance.events import RawEvent, in_order
from server.attendance.judging import judge
from server.attendance.overlays import Overlays
from server.attendance.points import Shift
from server.attendance.rosters import Roster
from server.attendance.rules import BEGINNING, RuleHistory, RuleVersion
from tests.attendance_days import (
    COURT,
    END,
    FOUR_POINTS,
    FRIDAY,
    NIGHT,
    SATURDAY,
    START,
    Court,
    clocked,
    judged,
    moment,
    outcomes,
    point,
    reaching,
    rule_set,
    rules_of,
)
from tests.attendance_requests import corrected, on_leave, roster_entry, waived


def test_a_forgotten_departure_does_not_swallow_the_next_day() -> None:
    # Odoo: "forgot check-out so next morning's punch closes yesterday".
    friday_in = clocked("08:20")
    saturday_in, saturday_out = clocked("08:25", day=SATURDAY), clocked("17:31", day=SATURDAY)
    events = (friday_in, saturday_in, saturday_out)
    assert outcomes(judged(*events)) == [("on_time", 0), ("missing", 0)]
    assert judged(*events, day=SATURDAY).status == ("normal",)


def test_a_forgotten_arrival_does_not_make_the_departure_an_arrival() -> None:
    assert outcomes(judged(clocked("17:35"))) == [("missing", 0), ("on_time", 0)]


def test_a_second_event_does_not_close_the_day() -> None:
    # Toggling systems take the second event for the departure, and later ones are not looked at.
    verdict = judged(clocked("08:20"), clocked("08:21"), clocked("17:45"))
    assert verdict.status == ("normal",)
    assert verdict.points[1].event == clocked("17:45")


def test_later_departures_are_not_ignored() -> None:
    # Horilla: "later check-outs ignored".
    verdict = judged(clocked("08:20"), clocked("12:05"), clocked("17:05"), clocked("17:31"))
    assert verdict.status == ("normal",)


@pytest.mark.parametrize(
    ("day", "expected"),
    [(FRIDAY, [("on_time", 0), ("early", 10)]), (SATURDAY, [("late", 10), ("missing", 0)])],
)
def test_an_overnight_departure_is_judged_with_the_evening_it_began(day: date, expected: list[tuple[str, int]]) -> None:
    # Frappe: "checkout mapped to next day's shift"; Horilla: "night shift splits in two".
    events = clocked("17:55"), clocked("25:50"), clocked("18:10", day=SATURDAY)
    assert outcomes(judged(*events, rules=NIGHT, day=day)) == expected


def test_events_that_arrive_late_give_the_verdict_they_would_have_given_in_time() -> None:
    # Frappe: an attendance that exists makes later logs "skipped". test_server_complaints.py has the stored workday.
    offline, online = clocked("08:12"), clocked("09:40")
    assert outcomes(judged(online, clocked("17:40"))) == [("late", 70), ("on_time", 0)]
    assert judged(online, clocked("17:40"), offline).status == ("normal",)


def test_the_order_in_which_events_arrive_changes_nothing() -> None:
    events = clocked("08:43"), clocked("11:40"), clocked("11:40", number=1), clocked("13:37"), clocked("16:56")
    expected = judged(*events, rules=FOUR_POINTS)
    for shuffled in itertools.permutations(events):
        assert judged(*shuffled, rules=FOUR_POINTS) == expected


def test_an_arrival_before_midnight_in_utc_is_of_the_local_day() -> None:
    # Odoo: overtime and duplicates around midnight in UTC; 07:55 in Changchun is 23:55 of Thursday in UTC.
    assert judged(clocked("07:55"), clocked("17:30")).status == ("normal",)
    assert judged(clocked("07:55"), clocked("17:30"), day=date(2026, 11, 19)).status == ("absent",)


def test_a_departure_after_local_midnight_is_not_another_day() -> None:
    late_end = rules_of(START, point("end of work", "out", "23:00", 60, 240))
    assert judged(clocked("08:20"), clocked("24:05"), rules=late_end).status == ("normal",)
    assert judged(clocked("24:05"), rules=late_end, day=SATURDAY).status == ("absent",)


def test_december_does_not_stop_a_rotation() -> None:
    # Horilla: today.replace(month=today.month + 1) fails in December; a missed run leaves the old shift for ever.
    duty = roster_entry(["day", "night", None, None], date(2026, 12, 28))
    names = [duty.shift_name_on(date(2026, 12, 28) + timedelta(days=n)) for n in range(8)]
    assert names == ["day", "night", None, None, "day", "night", None, None]  # until Monday 2027-01-04


def test_a_year_of_53_weeks_does_not_shift_weekly_turns() -> None:
    # 2026 has an ISO week 53: who alternates by odd and even weeks of the year works 53 and then 1, both odd.
    weekly = roster_entry(["early"] * 7 + ["late"] * 7, date(2026, 12, 21))  # Monday of week 52
    assert date(2026, 12, 28).isocalendar().week == 53
    assert [weekly.shift_name_on(date(2026, 12, 21) + timedelta(weeks=n)) for n in range(4)] == [
        "early",  # week 52
        "late",  # week 53
        "early",  # week 1 of 2027
        "late",
    ]


def test_a_leap_day_does_not_shift_a_rotation() -> None:
    duty = roster_entry(["day", "night", None], date(2028, 2, 28))
    assert [duty.shift_name_on(date(2028, 2, 28) + timedelta(days=n)) for n in range(3)] == ["day", "night", None]
    assert duty.shift_name_on(date(2028, 3, 2)) == "day"  # the 29th of February was the second day


def test_a_changed_roster_leaves_the_past_as_it_was() -> None:
    # Horilla overwrites the current shift: no history.
    before = roster_entry(["early"], date(2026, 11, 1), number=1)
    after = roster_entry(["late"], date(2026, 11, 16), number=2)
    roster = Roster([after, before])
    names = {day: roster.entry_on(day) for day in (date(2026, 11, 15), date(2026, 11, 16))}
    assert names == {date(2026, 11, 15): before, date(2026, 11, 16): after}


def test_a_duplicate_record_changes_no_verdict() -> None:
    # The sync tool of Frappe stops at a duplicate; here the same moment twice is one event used and one kept.
    once = judged(clocked("08:20"), clocked("17:40"))
    twice = judged(clocked("08:20"), clocked("08:20", number=1), clocked("17:40"), clocked("17:40", number=1))
    assert (twice.status, twice.tally) == (once.status, once.tally)
    assert [one.reason.code for one in twice.ignored] == ["later_than_arrival", "earlier_than_departure"]


def test_the_same_record_twice_is_refused_before_anything_is_judged() -> None:
    once = clocked("08:20")
    with pytest.raises(ValueError, match="same identifier"):
        in_order([once, once])


def test_a_single_event_is_a_missing_clock_and_not_a_day_of_no_hours() -> None:
    # Frappe: a single punch gives out_time None and 0 hours.
    assert judged(clocked("08:20")).status == ("missing_clock",)


def test_a_day_off_is_nobodys_absence() -> None:
    # Frappe: "off day marked absent".
    day_off = CalendarDay(SATURDAY, "rest_day", None, confirmed=True)
    assert judged(day=SATURDAY, calendar_day=day_off).status == ("rest_day",)


def test_a_make_up_saturday_needs_no_hand() -> None:
    assert Calendar().day(date(2026, 2, 28)).kind == "makeup_workday"


def test_absence_shows_on_the_same_day_once_the_last_window_has_closed() -> None:
    # Frappe marks one day late.
    assert judged(as_of="22:30:59").status == ("missing_clock", "pending")
    assert judged(as_of="22:31").status == ("absent",)


def test_a_break_needs_no_second_shift() -> None:
    # Frappe: "not comfortable creating two separate shifts for morning and afternoon".
    events = (clocked(text) for text in ("08:21", "11:32", "13:20", "17:02"))
    verdict = judged(*events, rules=FOUR_POINTS)
    assert (verdict.status, len(verdict.points)) == (("normal",), 4)


def test_a_waiver_excuses_lateness_and_keeps_the_fact() -> None:
    # Frappe: "waive lateness with a document", "head permits the late".
    verdict = judged(clocked("08:43"), clocked("17:40"), overlays=waived(0))
    assert verdict.status == ("excused",)
    raw = verdict.points[0].raw
    assert raw is not None
    assert (raw.outcome, raw.minutes) == ("late", 13)


def test_leave_of_an_hour_is_possible() -> None:
    # Frappe: "hourly leave refused".
    verdict = judged(clocked("09:28"), clocked("17:40"), overlays=on_leave(("08:30", "09:30")))
    assert verdict.status == ("on_leave",)
    assert outcomes(verdict) == [("on_time", 0), ("on_time", 0)]


def test_a_record_entered_afterwards_is_late_when_it_is_late() -> None:
    # Horilla: "back-entered records get no late mark".
    verdict = judged(clocked("17:40"), overlays=Overlays(corrections=(corrected(0, "08:45"),)))
    assert outcomes(verdict) == [("late", 15), ("on_time", 0)]


def test_no_day_has_more_minutes_than_its_windows() -> None:
    # Horilla: "156 h in a day", "minus hours".
    verdict = judged(clocked("12:00"), clocked("12:01"))
    assert outcomes(verdict) == [("late", 210), ("early", 329)]


def test_130_people_are_judged_for_a_month_with_few_plans() -> None:
    # Odoo's community: two minutes for a report about 130 employees. What takes time, planning a day, is done once for
    # everybody of the same shifts, and not once a person. test_server_complaints.py has the report itself.
    history = RuleHistory([RuleVersion(1, BEGINNING, COURT.rules)])
    calendar, nobodys = Calendar(), Roster()
    planner = Planner(COURT.site)
    days = [date(2026, 11, 1) + timedelta(days=n) for n in range(30)]
    plans: set[int] = set()
    judged_days = 0
    late = 0
    for person in range(130):
        for day in days:
            around = [nobodys.expected_on(day + timedelta(days=n), history, calendar) for n in (-1, 0, 1)]
            plan = planner.plan(day, *around)
            plans.add(id(plan))
            verdict = judge(plan, around[1], reaching(plan, _events_of(person, day)), moment("52:00", day))
            judged_days += 1
            late += verdict.tally.late_times
    assert len(plans) == len(days)
    assert judged_days == 130 * 30
    # 13 of them are late on each of the 21 workdays of November.
    assert late == 13 * 21


def _events_of(person: int, day: date) -> list[RawEvent]:
    arrival = "08:43" if person % 10 == 0 else "08:20"
    return [
        RawEvent(UUID(int=person << 32 | day.toordinal() << 1 | n), moment(text, day), "face")
        for n, text in enumerate((arrival, "17:40"))
    ]


def test_one_person_with_two_shifts_is_judged_by_one_of_them_only() -> None:
    # Frappe: "default shift vs assignment: IN and OUT land on different shifts -> Absent".
    early = Shift("early", (START, END))
    late = Shift("late", (point("start", "in", "10:00", 60, 60), point("end", "out", "19:00", 60, 60)))
    court = Court(rule_set(early, late), COURT.site)
    roster = Roster([roster_entry(["late"], FRIDAY)])
    verdict = judged(clocked("09:55"), clocked("19:02"), rules=court, roster=roster)
    assert verdict.status == ("normal",)
    assert verdict.shift is late
