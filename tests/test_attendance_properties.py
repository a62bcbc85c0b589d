"""What holds of every day, whatever the clock events: searched for counter-examples."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from server.attendance.calendar import CalendarDay, DayKind
from server.attendance.explaining import explain
from server.attendance.judging import judge
from server.attendance.matching import Method, RawEvent, match_events
from server.attendance.points import (
    ClockPoint,
    Direction,
    RuleBook,
    Shift,
    day_bounds,
    event_span,
    wall_minutes_of,
    workday_of,
)
from server.attendance.verdicts import WorkdayVerdict, minutes_after
from tests.attendance_days import COURT, judged, moment

ZONES = tuple(ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"))
# Ordinary days, and the days before, of and after changes of the clocks in those zones.
DAYS = st.sampled_from(
    [
        *(date(2026, 11, 20) + timedelta(days=days) for days in range(3)),
        *(date(2026, 3, 28) + timedelta(days=days) for days in range(3)),  # Berlin forward
        *(date(2026, 10, 24) + timedelta(days=days) for days in range(3)),  # Berlin back
        *(date(2026, 3, 7) + timedelta(days=days) for days in range(3)),  # New York forward
        *(date(2026, 10, 31) + timedelta(days=days) for days in range(3)),  # New York back
        *(date(2026, 4, 4) + timedelta(days=days) for days in range(3)),  # Lord Howe back, by half an hour
    ]
)
DIRECTIONS: st.SearchStrategy[Direction] = st.sampled_from(["in", "out"])
METHODS: st.SearchStrategy[Method] = st.sampled_from(["face", "pin", "card"])
KINDS: st.SearchStrategy[DayKind] = st.sampled_from(["workday", "makeup_workday", "rest_day", "holiday"])


@st.composite
def rule_books(draw: st.DrawFn) -> RuleBook:
    """One to four points whose windows neither overlap each other nor the next day's."""
    day_starts = draw(st.integers(0, 6 * 60))
    first_opens = draw(st.integers(day_starts, 12 * 60))
    count = draw(st.integers(1, 4))
    room = draw(st.integers(count, 24 * 60))
    length = room // count
    points = []
    for number in range(count):
        opens = first_opens + number * length
        before = draw(st.integers(0, length - 1))
        points.append(
            ClockPoint(
                name_zh=f"打卡点{number}",
                name_en=f"point {number}",
                direction=draw(DIRECTIONS),
                at_minutes=opens + before,
                window_before_minutes=before,
                window_after_minutes=length - 1 - before,
                grace_minutes=draw(st.integers(0, 15)),
                required=draw(st.booleans()),
            )
        )
    zone = draw(st.sampled_from(ZONES))
    return RuleBook(zone, time(day_starts // 60, day_starts % 60), Shift("searched", tuple(points)))


@st.composite
def events_around(draw: st.DrawFn, day: date) -> list[RawEvent]:
    seconds = draw(st.lists(st.integers(-30 * 3600, 60 * 3600), max_size=8))
    midnight = datetime.combine(day, time(), UTC)
    events = []
    for number, after in enumerate(seconds):
        event_id = UUID(int=draw(st.integers(0, 2**64)) << 8 | number)
        events.append(RawEvent(event_id, midnight + timedelta(seconds=after), draw(METHODS), draw(st.booleans())))
    return events


@st.composite
def cases(draw: st.DrawFn) -> tuple[date, CalendarDay, RuleBook, list[RawEvent], datetime]:
    day = draw(DAYS)
    as_of = datetime.combine(day, time(), UTC) + timedelta(minutes=draw(st.integers(-600, 4000)))
    calendar_day = CalendarDay(day, draw(KINDS), None, confirmed=draw(st.booleans()))
    return day, calendar_day, draw(rule_books()), draw(events_around(day)), as_of


@given(cases(), st.randoms())
def test_the_order_in_which_events_arrive_changes_nothing(
    case: tuple[date, CalendarDay, RuleBook, list[RawEvent], datetime], random: Random
) -> None:
    day, calendar_day, rules, events, as_of = case
    shuffled = list(events)
    random.shuffle(shuffled)
    assert judge(day, calendar_day, rules, shuffled, as_of) == judge(day, calendar_day, rules, events, as_of)


@given(cases())
def test_every_event_is_used_once_or_kept_with_a_reason(
    case: tuple[date, CalendarDay, RuleBook, list[RawEvent], datetime],
) -> None:
    day, calendar_day, rules, events, as_of = case
    verdict = judge(day, calendar_day, rules, events, as_of)
    used = [result.event for result in verdict.points if result.event is not None]
    kept = [one.event for one in verdict.ignored]
    assert sorted(str(event.event_id) for event in used + kept) == sorted(str(event.event_id) for event in events)


@given(DAYS, rule_books(), st.data())
def test_no_event_is_used_on_two_days(day: date, rules: RuleBook, data: st.DataObject) -> None:
    events = data.draw(events_around(day))
    used = [
        event.event_id
        for days in (-2, -1, 0, 1, 2)
        for event in match_events(day + timedelta(days=days), rules, events).used
        if event is not None
    ]
    assert len(used) == len(set(used))


@given(DAYS, rule_books(), st.data())
def test_the_event_span_holds_every_event_that_the_day_can_use(day: date, rules: RuleBook, data: st.DataObject) -> None:
    start, end = event_span(day, rules)
    for event in match_events(day, rules, data.draw(events_around(day))).used:
        assert event is None or start <= event.captured_at < end


@given(cases())
def test_an_event_outside_every_window_changes_no_result(
    case: tuple[date, CalendarDay, RuleBook, list[RawEvent], datetime],
) -> None:
    day, calendar_day, rules, events, as_of = case
    before = judge(day, calendar_day, rules, events, as_of)
    inside = [
        event
        for event in events
        if any(one.window_holds(wall_minutes_of(event.captured_at, day, rules.zone)) for one in rules.shift.points)
    ]
    after = judge(day, calendar_day, rules, inside, as_of)
    assert after.points == before.points
    assert after.status == before.status


@given(st.integers(0, 330 * 60), st.integers(0, 330 * 60))
def test_an_earlier_event_never_makes_an_arrival_later(first: int, second: int) -> None:
    assume(first != second)
    opens = moment("06:30")
    early, late = sorted((first, second))
    one = RawEvent(UUID(int=1), opens + timedelta(seconds=late), "face")
    another = RawEvent(UUID(int=2), opens + timedelta(seconds=early), "face")
    assert judged(one, another).late_minutes <= judged(one).late_minutes


@given(st.lists(st.integers(0, 24 * 3600 - 1), max_size=6, unique=True), st.integers(0, 30))
def test_late_is_exactly_who_first_clocked_in_the_window_after_the_grace(seconds: list[int], grace: int) -> None:
    start, end = COURT.shift.points
    rules = replace(COURT, shift=Shift("grace", (replace(start, grace_minutes=grace), end)))
    midnight = moment("00:00")
    events = [RawEvent(UUID(int=second), midnight + timedelta(seconds=second), "face") for second in seconds]
    arrivals = sorted(second // 60 for second in seconds if 390 <= second // 60 <= 720)
    verdict = judged(*events, rules=rules)
    assert ("late" in verdict.status) == bool(arrivals and arrivals[0] > 510 + grace)
    if "late" in verdict.status:
        assert verdict.late_minutes == arrivals[0] - 510


@given(cases())
def test_a_verdict_comes_back_from_json_and_explains_itself(
    case: tuple[date, CalendarDay, RuleBook, list[RawEvent], datetime],
) -> None:
    verdict = judge(*case)
    again = WorkdayVerdict.from_json(json.loads(json.dumps(verdict.to_json())))
    assert again == verdict
    assert explain(again, "en") == explain(verdict, "en")


@given(cases())
def test_time_alone_never_turns_a_final_verdict(
    case: tuple[date, CalendarDay, RuleBook, list[RawEvent], datetime],
) -> None:
    day, calendar_day, rules, events, as_of = case
    verdict = judge(day, calendar_day, rules, events, as_of)
    much_later = judge(day, calendar_day, rules, events, as_of + timedelta(days=9))
    assert much_later.is_final
    if verdict.is_final:
        assert much_later == verdict


@given(cases())
def test_nothing_is_held_against_anybody_where_the_calendar_expects_no_work_or_is_not_confirmed(
    case: tuple[date, CalendarDay, RuleBook, list[RawEvent], datetime],
) -> None:
    verdict = judge(*case)
    if not verdict.calendar_day.confirmed or not verdict.calendar_day.expects_work:
        assert not {"absent", "missing_clock"} & set(verdict.status)
    if not verdict.calendar_day.expects_work:
        assert verdict.status == ("rest_day",)


@given(DAYS, rule_books())
def test_days_follow_each_other_without_gap_or_overlap(day: date, rules: RuleBook) -> None:
    start, end = day_bounds(day, rules)
    assert start < end == day_bounds(day + timedelta(days=1), rules)[0]


@given(DAYS, rule_books(), st.integers(-3 * 86400, 3 * 86400))
@settings(max_examples=200)
def test_every_moment_belongs_to_the_one_day_whose_bounds_hold_it(day: date, rules: RuleBook, seconds: int) -> None:
    somewhen = datetime.combine(day, time(), UTC) + timedelta(seconds=seconds)
    found = workday_of(somewhen, rules)
    holding = [
        other
        for other in (found + timedelta(days=days) for days in range(-2, 3))
        if day_bounds(other, rules)[0] <= somewhen < day_bounds(other, rules)[1]
    ]
    assert holding == [found]


@given(st.integers(0, 86399), st.integers(0, 86399))
def test_minutes_are_the_difference_of_what_the_screen_showed(due: int, captured: int) -> None:
    midnight = moment("00:00")
    due_minute = midnight + timedelta(minutes=due // 60)
    assert minutes_after(due_minute, midnight + timedelta(seconds=captured)) == captured // 60 - due // 60
