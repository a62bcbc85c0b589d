"""Which clock event meets which clock point."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from server.attendance.matching import Matching, RawEvent, match_events
from server.attendance.reasons import Reason
from tests.attendance_days import COURT, FOUR_POINTS, FRIDAY, NIGHT, SATURDAY, clocked, point, rules_of


def ignored_codes(matching: Matching) -> list[str]:
    return [one.reason.code for one in matching.ignored]


def test_arriving_is_the_earliest_and_leaving_the_latest_event_of_its_window() -> None:
    in_1, in_2, out_1, out_2 = (clocked(text) for text in ("08:20", "08:40", "17:10", "17:40"))
    matching = match_events(FRIDAY, COURT, [in_2, out_1, out_2, in_1])
    assert matching.used == (in_1, out_2)
    assert [(one.event, one.reason) for one in matching.ignored] == [
        (in_2, Reason.of("later_than_arrival", point=0)),
        (out_1, Reason.of("earlier_than_departure", point=1)),
    ]


def test_walking_past_before_noon_clocks_nobody_out() -> None:
    arrival, coffee = clocked("08:20"), clocked("10:15")
    matching = match_events(FRIDAY, COURT, [arrival, coffee])
    assert matching.used == (arrival, None)
    assert ignored_codes(matching) == ["later_than_arrival"]


def test_a_lone_event_in_the_evening_is_a_departure_never_a_toggled_arrival() -> None:
    only = clocked("17:35")
    assert match_events(FRIDAY, COURT, [only]).used == (None, only)


def test_both_ends_of_a_window_count_as_whole_minutes() -> None:
    first, last = clocked("06:30:00"), clocked("12:00:59")
    assert match_events(FRIDAY, COURT, [first]).used == (first, None)
    assert match_events(FRIDAY, COURT, [last]).used == (last, None)
    assert ignored_codes(match_events(FRIDAY, COURT, [clocked("06:29:59")])) == ["outside_every_window"]
    next_window = clocked("12:01:00")
    assert match_events(FRIDAY, COURT, [next_window]).used == (None, next_window)


def test_a_court_day_of_four_points_takes_one_event_each() -> None:
    events = [clocked(text) for text in ("08:21", "11:32", "13:20", "17:02")]
    assert match_events(FRIDAY, FOUR_POINTS, events).used == tuple(events)


def test_an_event_between_the_windows_is_kept_as_outside() -> None:
    between = clocked("10:00")
    matching = match_events(FRIDAY, FOUR_POINTS, [between])
    assert matching.used == (None, None, None, None)
    assert [(one.event, one.reason.code) for one in matching.ignored] == [(between, "outside_every_window")]


def test_a_voided_event_decides_nothing_and_the_next_one_takes_its_place() -> None:
    not_me, me = clocked("08:10", voided=True), clocked("08:29")
    matching = match_events(FRIDAY, COURT, [not_me, me])
    assert matching.used == (me, None)
    assert ignored_codes(matching) == ["voided"]


def test_two_events_of_one_moment_are_taken_in_the_order_of_their_identifiers() -> None:
    first, second = clocked("08:20", number=1), clocked("08:20", number=2)
    assert match_events(FRIDAY, COURT, [second, first]).used[0] == first


def test_the_same_identifier_twice_is_refused() -> None:
    once, again = clocked("08:20"), RawEvent(clocked("08:20").event_id, clocked("08:25").captured_at, "pin")
    with pytest.raises(ValueError, match=str(once.event_id)):
        match_events(FRIDAY, COURT, [once, again])


def test_an_overnight_departure_lands_on_the_day_it_belongs_to() -> None:
    arrival, departure = clocked("17:50"), clocked("26:05")
    friday = match_events(FRIDAY, NIGHT, [arrival, departure])
    saturday = match_events(SATURDAY, NIGHT, [arrival, departure])
    assert friday.used == (arrival, departure)
    assert saturday.used == (None, None)
    assert [one.reason for one in saturday.ignored] == [Reason.of("other_workday", date="2026-11-20")] * 2


def test_a_window_beyond_the_start_of_the_next_day_keeps_its_events_from_that_day() -> None:
    departure = clocked("29:30")  # Saturday 05:30, after the workday of Saturday has begun at 04:00
    assert match_events(FRIDAY, NIGHT, [departure]).used == (None, departure)
    assert match_events(SATURDAY, NIGHT, [departure]).ignored[0].reason == Reason.of("other_workday", date="2026-11-20")


def test_an_event_of_another_day_is_named_with_its_day() -> None:
    monday = clocked("03:00", day=date(2026, 11, 24))  # before 04:00, so still Monday's
    assert match_events(FRIDAY, COURT, [monday]).ignored[0].reason == Reason.of("other_workday", date="2026-11-23")


def test_an_event_is_kept_in_utc_and_never_naive() -> None:
    beijing = timezone(timedelta(hours=8))
    event = RawEvent(UUID(int=1), datetime(2026, 11, 20, 8, 30, tzinfo=beijing), "card")
    assert event.captured_at.tzinfo is UTC
    with pytest.raises(ValueError, match="naive"):
        RawEvent(UUID(int=1), datetime(2026, 11, 20, 8, 30), "card")  # noqa: DTZ001
    with pytest.raises(ValueError, match="not a method"):
        RawEvent(UUID(int=1), datetime(2026, 11, 20, tzinfo=UTC), "voice")  # type: ignore[arg-type]


def test_an_event_of_this_evening_in_the_next_days_window_is_the_next_days() -> None:
    rules = rules_of(point("early duty", "in", "04:30", 480, 30))  # from 20:30 of the evening before
    evening = clocked("21:00")
    assert match_events(SATURDAY, rules, [evening]).used == (evening,)
    assert match_events(FRIDAY, rules, [evening]).ignored[0].reason == Reason.of("other_workday", date="2026-11-21")
