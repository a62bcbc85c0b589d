"""One telling day for each rule, to be explained; the golden texts stand in tests/explanations."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from server.attendance.calendar import CalendarDay, chinese_calendar_day
from server.attendance.events import RawEvent
from server.attendance.overlays import Overlays
from server.attendance.points import Flexible, Shift
from server.attendance.verdicts import WorkdayVerdict
from tests.attendance_days import (
    COURT,
    END,
    FRIDAY,
    SATURDAY,
    START,
    Court,
    clocked,
    judged,
    moment,
    point,
    rule_set,
    rules_of,
    workday,
)
from tests.attendance_requests import absence, corrected, on_duty, on_leave, rostered, waived

_BERLIN: Final = ZoneInfo("Europe/Berlin")
_SPRING: Final = date(2026, 3, 29)  # 02:00 becomes 03:00 in Berlin
_AUTUMN: Final = date(2026, 10, 25)  # 03:00 becomes 02:00 in Berlin
_SPRING_FESTIVAL: Final = date(2026, 2, 17)
_MAKEUP: Final = date(2026, 2, 28)
_IN_2099: Final = date(2099, 1, 1)

_TIERS: Final[dict[str, Any]] = {
    "serious_after_minutes": 30,
    "half_day_after_minutes": 60,
    "full_day_after_minutes": 180,
}
_TIERED: Final = rules_of(replace(START, **_TIERS), replace(END, **_TIERS))
_GRACE: Final = rules_of(replace(START, grace_minutes=5), replace(END, grace_minutes=5))
_LIGHT: Final = rules_of(replace(START, missing_is="late"), replace(END, missing_is="early"))
_STRICT: Final = rules_of(replace(START, missing_is="half_day"), replace(END, missing_is="full_day"))
_ALLOWANCE: Final = rules_of(START, END, flexible=Flexible("allowance", 30, 20))
_SHIFT: Final = rules_of(START, END, flexible=Flexible("shift", 60, 30))
_FIRST_LAST: Final = rules_of(
    replace(START, window_before_minutes=150, window_after_minutes=240), END, mode="first_last", min_interval_minutes=5
)
_ALL_DAY: Final = rules_of(
    replace(START, window_before_minutes=150, window_after_minutes=480),
    replace(END, window_before_minutes=480),
    mode="first_last",
)
_OVERLAPPING: Final = rules_of(replace(START, window_after_minutes=240), replace(END, window_before_minutes=330))
_OFF_POST: Final = rules_of(START, END, off_post_after_minutes=60, min_interval_minutes=10)
_OFF_POST_HALF: Final = rules_of(
    START, END, off_post_after_minutes=60, off_post_counts_as="half_day", min_interval_minutes=10
)
_OFF_POST_FULL: Final = rules_of(
    START, END, off_post_after_minutes=60, off_post_counts_as="full_day", min_interval_minutes=10
)
_OFF_POST_TIERED: Final = rules_of(replace(START, **_TIERS), END, off_post_after_minutes=60, min_interval_minutes=10)
_OVERLAPPING_NOON: Final = rules_of(
    point("morning in", "in", "08:30", 90, 210, name_zh="上午签到"),
    point("morning out", "out", "12:00", 30, 30, name_zh="上午签退"),
    point("afternoon in", "in", "13:30", 90, 30, name_zh="下午签到"),
    point("afternoon out", "out", "17:00", 5, 60, name_zh="下午签退"),
)
_LUNCH: Final = rules_of(
    START,
    point("lunch", "out", "12:30", 20, 60, required=False, name_zh="午休"),
    replace(END, window_before_minutes=60),
)
_THREE_ARRIVALS: Final = rules_of(
    point("first in", "in", "08:30", 60, 60, name_zh="上午签到", serious_after_minutes=30),
    point("first out", "out", "11:30", 60, 60, name_zh="上午签退"),
    point("second in", "in", "13:30", 30, 30, name_zh="下午签到"),
    point("third in", "in", "16:00", 60, 60, name_zh="傍晚签到", missing_is="late"),
)
_FOUR: Final = rules_of(
    point("morning in", "in", "08:30", 90, 60, name_zh="上午签到"),
    point("morning out", "out", "11:30", 10, 60, name_zh="上午签退"),
    point("afternoon in", "in", "13:30", 55, 30, name_zh="下午签到"),
    point("afternoon out", "out", "17:00", 5, 60, name_zh="下午签退"),
    min_interval_minutes=10,
)
_FOUR_STRICT: Final = rules_of(
    point("morning in", "in", "08:30", 90, 60, name_zh="上午签到", missing_is="half_day"),
    point("morning out", "out", "11:30", 10, 60, name_zh="上午签退"),
    point("afternoon in", "in", "13:30", 55, 30, name_zh="下午签到", half_day_after_minutes=20),
    point("afternoon out", "out", "17:00", 5, 60, name_zh="下午签退", missing_is="half_day"),
    min_interval_minutes=10,
)
_NEARER: Final = rules_of(
    point("morning out", "out", "11:30", 10, 120, required=False, name_zh="上午签退"),
    point("afternoon in", "in", "13:30", 120, 30, required=False, name_zh="下午签到"),
)
_ONE_REQUIRED: Final = rules_of(
    point("morning out", "out", "11:30", 10, 120, required=False, name_zh="上午签退"),
    point("afternoon in", "in", "13:30", 120, 30, name_zh="下午签到"),
)
_LONG_MORNING: Final = rules_of(
    point("morning in", "in", "08:00", 30, 209, name_zh="上午签到", missing_is="half_day"),
    point("morning out", "out", "11:00", 0, 90, name_zh="上午签退"),
)
_NIGHT: Final = Shift(
    "night",
    (
        point("on duty", "in", "20:00", 90, 120, name_zh="值班上岗"),
        point("off duty", "out", "32:00", 120, 120, name_zh="值班下岗"),
    ),
    name_zh="夜班",
    name_en="night duty",
)
_DAY: Final = Shift("day", (START, END), name_zh="白班", name_en="day shift")
_UNTIL_EIGHT: Final = Shift(
    "night",
    (
        point("on duty", "in", "20:00", 60, 60, name_zh="值班上岗"),
        point("off duty", "out", "32:00", 120, 0, name_zh="值班下岗"),
    ),
    name_zh="夜班",
    name_en="night duty",
)
_UNTIL_EIGHT_TOO: Final = Shift(
    "day",
    (
        point("day in", "in", "08:00", 60, 0, name_zh="白班上岗"),
        point("day out", "out", "20:00", 60, 60, name_zh="白班下岗"),
    ),
    name_zh="白班",
    name_en="day shift",
)
_DUTY: Final = Court(rule_set(_DAY, _NIGHT), COURT.site)


def _at(*times: str, rules: Court = COURT, **more: Any) -> WorkdayVerdict:
    return judged(*(clocked(text) for text in times), rules=rules, **more)


def _both(one: Overlays, other: Overlays) -> Overlays:
    return Overlays(one.absences + other.absences, one.corrections + other.corrections, one.waivers + other.waivers)


def _in_berlin(hour: int, minute: int, *, day: date = _AUTUMN) -> RawEvent:
    captured_at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
    return RawEvent(UUID(int=hour * 60 + minute), captured_at, "face")


EXPLAINED: Final[dict[str, WorkdayVerdict]] = {
    # Clock points by themselves
    "on_time": _at("08:21", "17:35"),
    "on_time_by_an_imported_register": judged(
        clocked("08:21", method="register"), clocked("12:15", method="register"), clocked("17:35", method="register")
    ),
    "on_time_to_the_minute": _at("08:30:59", "17:30"),
    "late_and_early_with_events_not_used": judged(
        clocked("05:00"), clocked("08:10", voided=True), *(clocked(t) for t in ("08:43", "10:00", "12:15", "17:10"))
    ),
    "identified_later_than_seen": judged(
        clocked("08:21"), RawEvent(UUID(int=5), moment("17:29:10"), "pin", identified_at=moment("17:30:15"))
    ),
    "grace": _at("08:33", "17:26", rules=_GRACE),
    "beyond_the_grace": _at("08:36", "17:24", rules=_GRACE),
    "late_in_three_ways": _at("09:05", "11:30", "13:35", rules=_THREE_ARRIVALS),
    "serious": _at("09:05", "16:50", rules=_TIERED),
    "half_a_day_by_minutes": _at("09:31", "17:20", rules=_TIERED),
    "a_day_by_minutes": _at("08:20", "14:20", rules=_TIERED),
    "missing": _at("08:21"),
    "missing_arrival_counts_as_late": _at("17:35", rules=_LIGHT),
    "missing_departure_counts_as_early": _at("08:21", rules=_LIGHT),
    "missing_counts_as_half_a_day": _at("17:35", rules=_STRICT),
    "missing_counts_as_a_day": _at("08:21", rules=_STRICT),
    "absent": _at(),
    "not_required": _at("08:21", "17:35", rules=_LUNCH),
    "correction_that_does_not_fit": _at(
        "08:40", "17:35", overlays=Overlays(corrections=(corrected(2, "13:25", shift="four points"),))
    ),
    "pending_while_another_point_has_its_event": _at("11:45", rules=_OVERLAPPING_NOON, as_of="12:15"),
    "pending_departure_while_another_point_has_its_event": _at(
        "08:20", "11:40", "12:00", rules=_OVERLAPPING_NOON, as_of="12:40"
    ),
    "pending": _at(as_of="09:00"),
    "pending_departure": _at("08:20", "13:00", as_of="14:00"),
    # Sharing out clock events
    "windows_that_overlap": _at("12:00", "12:10", "17:40", rules=_OVERLAPPING),
    "one_visit": _at("08:20", "12:27", "12:36", "13:00", "17:01", rules=_FOUR),
    "first_last": _at("08:20", "10:00", "15:00", "17:40", rules=_FIRST_LAST),
    "event_that_meets_the_point_where_it_is_less_late": _at("11:10", rules=_LONG_MORNING),
    "event_that_meets_the_nearer_point": _at("12:00", rules=_NEARER),
    "event_that_meets_the_required_point": _at("12:00", rules=_ONE_REQUIRED),
    "event_half_way_between_first_and_last": _at("13:00", rules=_ALL_DAY),
    "event_of_one_visit_beside_a_missed_point": _at("08:20", "12:27", "12:36", "17:01", rules=_FOUR),
    "event_that_meets_another_point_while_the_window_is_open": _at("12:00", rules=_OVERLAPPING, as_of="13:00"),
    "event_that_meets_another_point_in_an_unconfirmed_year": judged(
        clocked("12:00", day=_IN_2099), day=_IN_2099, calendar_day=chinese_calendar_day(_IN_2099), rules=_OVERLAPPING
    ),
    # Flexible hours
    "flexible_allowance": _at("08:55", "17:15", rules=_ALLOWANCE),
    "flexible_allowance_exceeded": _at("09:10", "17:05", rules=_ALLOWANCE),
    "flexible_shift_later": _at("09:10", "18:05", rules=_SHIFT),
    "flexible_shift_earlier": _at("08:05", "17:05", rules=_SHIFT),
    "flexible_shift_exceeded": _at("09:40", "18:30", rules=_SHIFT),
    "flexible_shift_counts_in_part": _at("09:45", "18:35", rules=_SHIFT),
    "flexible_shift_earlier_in_part": _at("07:40", "17:05", rules=_SHIFT),
    "flexible_shift_without_departure": _at("09:10", rules=_SHIFT),
    "flexible_shift_and_correction": _at(
        "09:10", "18:05", rules=_SHIFT, overlays=Overlays(corrections=(corrected(0, "08:30"),))
    ),
    # Requests
    "leave_covers_the_day": _at(overlays=on_leave(("08:30", "17:30"))),
    "leave_of_somebody_who_came": _at("08:20", rules=_LUNCH, overlays=on_leave(("08:00", "20:00"))),
    "leave_before_the_day_is_over": _at("08:40", as_of="09:00", overlays=on_leave(("08:00", "18:00"))),
    "leave_in_an_unconfirmed_year": judged(
        clocked("13:00", day=_IN_2099),
        day=_IN_2099,
        calendar_day=chinese_calendar_day(_IN_2099),
        overlays=on_leave(("08:00", "18:00"), day=_IN_2099),
    ),
    "leave_moves_the_arrival": _at("10:05", "17:35", overlays=on_leave(("08:00", "10:00"))),
    "duty_moves_the_departure": _at("08:20", "15:02", overlays=on_duty("15:00", "18:00")),
    "leave_and_duty_side_by_side": _at(
        overlays=Overlays(
            absences=(
                absence("08:00", "12:00"),
                absence("12:00", "18:00", name="hearing", kind="duty", number=2),
            )
        )
    ),
    "absent_beside_leave": _at(rules=_FOUR, overlays=on_leave(("08:00", "12:00"))),
    "absence_beside_leave_is_half_a_day": _at("09:55", rules=_STRICT, overlays=on_leave(("08:00", "10:00"))),
    "correction": _at("17:40", overlays=Overlays(corrections=(corrected(0, "08:25"),))),
    "correction_in_place_of_an_event": _at("09:25", "17:40", overlays=Overlays(corrections=(corrected(0, "08:50"),))),
    "correction_among_events": _at("08:50", "08:55", "17:40", overlays=Overlays(corrections=(corrected(0, "09:00"),))),
    "late_after_leave_and_excused": _at("10:20", "17:40", overlays=_both(on_leave(("08:30", "10:00")), waived(0))),
    "early_before_leave_and_excused": _at("08:20", "14:30", overlays=_both(on_leave(("15:00", "17:30")), waived(1))),
    "late_by_correction_and_excused": _at(
        "17:40", overlays=_both(Overlays(corrections=(corrected(0, "09:00"),)), waived(0, "No train came."))
    ),
    "late_after_duty_and_excused_for_an_outage": _at(
        "10:20", "17:40", overlays=_both(on_duty("08:00", "10:00"), waived(0, "The kiosk was down.", outage=True))
    ),
    "late_beyond_what_is_allowed_and_excused": _at("09:10", "17:40", rules=_ALLOWANCE, overlays=waived(0)),
    "half_a_day_excused": _at("09:31", "17:40", rules=_TIERED, overlays=waived(0)),
    "missing_that_counts_as_a_day_excused": _at("08:20", rules=_STRICT, overlays=waived(1)),
    "waiver": _at("08:45", "17:40", overlays=waived(0)),
    "outage_waiver": _at("08:25", overlays=waived(1, "The kiosk at the gate was down.", outage=True)),
    # Off post
    "off_post": _at("08:20", "10:00", "11:30", "17:40", rules=_OFF_POST),
    "off_post_counts_as_half_a_day": _at("08:45", "10:00", "11:30", "17:40", rules=_OFF_POST_HALF),
    "off_post_counts_as_a_day": _at("08:20", "10:00", "11:30", "17:40", rules=_OFF_POST_FULL),
    "off_post_taken_up_by_half_a_day": _at("09:40", "13:00", "14:30", "17:40", rules=_OFF_POST_TIERED),
    "off_post_excused": _at("08:20", "10:00", "11:30", "17:40", rules=_OFF_POST, overlays=waived(None)),
    "off_post_excused_for_an_outage": _at(
        "08:20", "10:00", "11:30", "17:40", rules=_OFF_POST, overlays=waived(None, "The gate was broken.", outage=True)
    ),
    "off_post_less_leave": _at(
        "08:20", "10:00", "13:00", "17:40", rules=_OFF_POST, overlays=on_leave(("10:00", "11:30"))
    ),
    "off_post_less_leave_excused": _at(
        "08:20",
        "10:00",
        "13:00",
        "17:40",
        rules=_OFF_POST_HALF,
        overlays=_both(on_leave(("10:00", "11:30")), waived(None)),
    ),
    "away_on_leave": _at("08:20", "10:00", "11:30", "17:40", rules=_OFF_POST, overlays=on_leave(("10:00", "11:00"))),
    "late_and_off_post_excused": _at("08:45", "10:00", "11:30", "17:40", rules=_OFF_POST, overlays=waived(None)),
    # Absence
    "two_half_days": _at("11:30", "13:00", rules=_FOUR_STRICT),
    # Calendar and roster
    "rest_day": judged(clocked("10:00", day=SATURDAY), day=SATURDAY, calendar_day=chinese_calendar_day(SATURDAY)),
    "holiday": judged(day=_SPRING_FESTIVAL, calendar_day=chinese_calendar_day(_SPRING_FESTIVAL)),
    "makeup_workday": judged(
        clocked("08:20", day=_MAKEUP),
        clocked("17:40", day=_MAKEUP),
        day=_MAKEUP,
        calendar_day=chinese_calendar_day(_MAKEUP),
    ),
    "unconfirmed_year": judged(
        clocked("08:43", day=_IN_2099), day=_IN_2099, calendar_day=chinese_calendar_day(_IN_2099)
    ),
    "year_confirmed_by_hr": judged(
        day=_IN_2099, calendar_day=CalendarDay(_IN_2099, "workday", None, True, "assumed", "notice of 2098-11")
    ),
    "day_edited_by_hr": judged(
        calendar_day=CalendarDay(FRIDAY, "holiday", "Constitution Day", True, "edited", "notice 12")
    ),
    "roster_night": _at("19:55", "31:50", "32:20", rules=_DUTY, roster=rostered(["night", "day"])),
    "roster_on_a_rest_day": judged(
        clocked("08:10", day=SATURDAY),
        clocked("08:20", day=SATURDAY),
        clocked("17:40", day=SATURDAY),
        rules=_DUTY,
        day=SATURDAY,
        calendar_day=chinese_calendar_day(SATURDAY),
        roster=rostered(["night", "day"]),
    ),
    "roster_day_off": _at("10:00", rules=_DUTY, roster=rostered([None])),
    "roster_unknown_shift": _at("08:20", "17:40", rules=_DUTY, roster=rostered(["evening"])),
    "clocks_skip_a_point": judged(
        clocked("03:20", day=_SPRING, zone=_BERLIN),
        day=_SPRING,
        calendar_day=workday(_SPRING),
        rules=rules_of(point("relief", "in", "02:30", 15, 15, name_zh="交接"), zone=_BERLIN),
    ),
    "only_minutes_after_the_arrival_left_by_the_day_before": judged(
        clocked("08:03", day=SATURDAY),
        day=SATURDAY,
        rules=Court(
            rule_set(
                replace(_UNTIL_EIGHT, points=_NIGHT.points),
                replace(_UNTIL_EIGHT_TOO, points=(replace(_UNTIL_EIGHT_TOO.points[0], window_after_minutes=60),)),
            ),
            COURT.site,
        ),
        roster=rostered(["night", "day"]),
    ),
    "no_minute_left_by_the_days_around": judged(
        clocked("20:05", day=SATURDAY),
        day=SATURDAY,
        rules=Court(rule_set(_UNTIL_EIGHT, _UNTIL_EIGHT_TOO), COURT.site),
        roster=rostered(["night", "day"]),
    ),
    "clocks_go_back": judged(
        _in_berlin(1, 20),
        _in_berlin(6, 0),
        day=_AUTUMN,
        calendar_day=workday(_AUTUMN),
        rules=rules_of(
            point("start of work", "in", "02:15", 15, 15, name_zh="上班"),
            point("end of work", "out", "07:00", 60, 60, name_zh="下班"),
            zone=_BERLIN,
        ),
        as_of="30:00",
    ),
    "clocks_go_forward": judged(
        _in_berlin(5, 0, day=_SPRING),
        day=_SPRING,
        calendar_day=workday(_SPRING),
        rules=rules_of(point("start of work", "in", "01:30", 15, 360, name_zh="上班"), zone=_BERLIN),
        as_of="30:00",
    ),
}
