"""Which clock event meets which clock point."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from server.attendance.events import RawEvent, in_order
from server.attendance.matching import Matching, match_events
from server.attendance.reasons import Reason
from tests.attendance_days import (
    COURT,
    FOUR_POINTS,
    FRIDAY,
    NIGHT,
    SATURDAY,
    Court,
    clocked,
    moment,
    planned,
    point,
    rules_of,
    workday,
)

THURSDAY = date(2026, 11, 19)


def matched(*events: RawEvent, court: Court = COURT, day: date = FRIDAY) -> Matching:
    plan, _ = planned(court, day, workday(day))
    return match_events(plan, plan.points, in_order(events), windows_overlap=plan.windows_overlap)


def times(matching: Matching) -> list[str]:
    """Local times of the events that meet the points, - where there is none."""
    beijing = timezone(timedelta(hours=8))
    return ["-" if one is None else f"{one.captured_at.astimezone(beijing):%H:%M}" for one in matching.used]


def ignored(matching: Matching) -> list[tuple[str, int | str]]:
    return [(one.reason.code, dict(one.reason.params).get("point", "")) for one in matching.ignored]


def test_arriving_is_the_earliest_and_leaving_the_latest_event_of_its_window() -> None:
    in_1, in_2, out_1, out_2 = (clocked(text) for text in ("08:20", "08:40", "17:10", "17:40"))
    matching = matched(in_2, out_1, out_2, in_1)
    assert matching.used == (in_1, out_2)
    assert [(one.event, one.reason) for one in matching.ignored] == [
        (in_2, Reason.of("later_than_arrival", point=0)),
        (out_1, Reason.of("earlier_than_departure", point=1)),
    ]


def test_walking_past_before_noon_clocks_nobody_out() -> None:
    matching = matched(clocked("08:20"), clocked("10:15"))
    assert times(matching) == ["08:20", "-"]
    assert ignored(matching) == [("later_than_arrival", 0)]


def test_a_lone_event_in_the_evening_is_a_departure_never_a_toggled_arrival() -> None:
    assert times(matched(clocked("17:35"))) == ["-", "17:35"]


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("06:29:59", ["-", "-"]),
        ("06:30:00", ["06:30", "-"]),
        ("12:00:59", ["12:00", "-"]),
        ("12:01:00", ["-", "12:01"]),
        ("22:30:59", ["-", "22:30"]),
        ("22:31:00", ["-", "-"]),
    ],
)
def test_both_ends_of_a_window_count_as_whole_minutes(time: str, expected: list[str]) -> None:
    matching = matched(clocked(time))
    assert times(matching) == expected
    assert ignored(matching) == ([] if expected != ["-", "-"] else [("outside_every_window", "")])


def test_a_court_day_of_four_points_takes_one_event_each() -> None:
    events = [clocked(text) for text in ("08:21", "11:32", "13:20", "17:02")]
    assert matched(*events, court=FOUR_POINTS).used == tuple(events)


def test_an_event_between_the_windows_is_kept_as_outside() -> None:
    matching = matched(clocked("10:00"), court=FOUR_POINTS)
    assert times(matching) == ["-", "-", "-", "-"]
    assert ignored(matching) == [("outside_every_window", "")]


def test_a_voided_event_decides_nothing_and_the_next_one_takes_its_place() -> None:
    not_me, me = clocked("08:10", voided=True), clocked("08:29")
    matching = matched(not_me, me)
    assert matching.used == (me, None)
    assert ignored(matching) == [("voided", "")]


# Windows that overlap: arrivals 06:30 to 12:30, departures 12:00 to 22:30.
OVERLAPPING = rules_of(
    point("start of work", "in", "08:30", 120, 240),
    point("end of work", "out", "17:30", 330, 300),
)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        # One event for two required points: 220 min late beat 320 min early.
        (["12:10"], ["12:10", "-"]),
        # Two of them leave no point without an event, whatever the minutes.
        (["12:05", "12:10"], ["12:05", "12:10"]),
        # The arrival outside of the overlap stays the earliest one; the later one of the overlap is a departure.
        (["08:20", "12:10"], ["08:20", "12:10"]),
        # Of three, the departure on time is used and the one at noon is nobody's.
        (["08:20", "12:10", "17:40"], ["08:20", "17:40"]),
        (["12:00", "12:10", "17:40"], ["12:00", "17:40"]),
        # 30 seconds apart is one visit, which meets one point.
        (["12:05:00", "12:05:30"], ["12:05", "-"]),
        (["17:40"], ["-", "17:40"]),
    ],
)
def test_where_windows_overlap_events_are_shared_out(events: list[str], expected: list[str]) -> None:
    assert times(matched(*(clocked(text) for text in events), court=OVERLAPPING)) == expected


def test_where_windows_overlap_an_event_gives_way_to_one_that_suits_the_point_better() -> None:
    matching = matched(clocked("12:00"), clocked("12:10"), clocked("17:40"), court=OVERLAPPING)
    assert ignored(matching) == [("farther_than_used", 0)]


def test_required_points_come_before_points_that_are_not() -> None:
    lunch_out = point("lunch out", "out", "12:00", 30, 60, required=False)
    lunch_in = point("lunch in", "in", "12:50", 30, 60)
    court = rules_of(lunch_out, lunch_in)
    # 12:25 is 25 min after the one and 25 min before the other: only the required one would be missed.
    assert times(matched(clocked("12:25"), court=court)) == ["-", "12:25"]


def test_of_two_points_that_nobody_must_meet_as_many_as_possible_are_met() -> None:
    out = point("lunch out", "out", "12:00", 30, 60, required=False)
    back = point("lunch in", "in", "12:50", 30, 60, required=False)
    assert times(matched(clocked("12:25"), clocked("12:40"), court=rules_of(out, back))) == ["12:25", "12:40"]


def test_fewer_minutes_late_come_before_nearness() -> None:
    # Out at 12:00 and in at 12:20, both windows 11:30 to 13:00. As an arrival 12:22 would be 2 min late, although it is
    # nearer to 12:20 than 12:15; so 12:15 is used.
    out, back = point("out", "out", "12:00", 30, 60), point("in", "in", "12:20", 50, 40)
    assert times(matched(clocked("12:08"), clocked("12:15"), clocked("12:22"), court=rules_of(out, back))) == [
        "12:08",
        "12:15",
    ]


def test_with_equal_minutes_every_event_is_as_near_as_possible_to_its_point() -> None:
    out, back = point("out", "out", "12:00", 30, 60), point("in", "in", "12:50", 80, 10)
    # All windows hold all events, none is late or early: 12:02 is nearest to 12:00, 12:47 to 12:50.
    events = [clocked(text) for text in ("12:02", "12:10", "12:40", "12:47")]
    matching = matched(*events, court=rules_of(out, back))
    assert times(matching) == ["12:02", "12:47"]
    assert ignored(matching) == [("farther_than_used", 0), ("farther_than_used", 1)]


# A minimum interval of 10 minutes: departures from 11:20 to 12:30, arrivals from 12:35.
TEN_MINUTES = rules_of(
    point("morning out", "out", "11:30", 10, 60), point("afternoon in", "in", "13:30", 55, 30), min_interval_minutes=10
)


@pytest.mark.parametrize(
    ("out", "back", "expected"),
    [
        ("12:26", "12:36", ["12:26", "12:36"]),  # ten minutes apart are two visits
        ("12:27", "12:36", ["-", "12:36"]),  # nine are one, and it is nearer to the end of its window
    ],
)
def test_one_visit_meets_one_point(out: str, back: str, expected: list[str]) -> None:
    assert times(matched(clocked(out), clocked(back), court=TEN_MINUTES)) == expected


def test_an_event_of_the_same_visit_is_kept_with_the_point_that_the_visit_met() -> None:
    assert ignored(matched(clocked("12:27"), clocked("12:36"), court=TEN_MINUTES)) == [("same_visit", 1)]


def test_an_earlier_arrival_of_the_same_visit_as_a_departure_is_not_called_later() -> None:
    matching = matched(clocked("12:27"), clocked("12:36"), clocked("13:00"), court=TEN_MINUTES)
    assert times(matching) == ["12:27", "13:00"]
    assert ignored(matching) == [("same_visit", 0)]


def test_a_later_departure_of_the_same_visit_as_an_arrival_is_not_called_earlier() -> None:
    matching = matched(clocked("11:40"), clocked("12:30"), clocked("12:36"), court=TEN_MINUTES)
    assert times(matching) == ["11:40", "12:36"]
    assert ignored(matching) == [("same_visit", 1)]


def test_two_events_of_one_moment_are_taken_in_the_order_of_their_identifiers() -> None:
    first, second = clocked("08:20", number=1), clocked("08:20", number=2)
    assert matched(second, first).used[0] == first


def test_the_same_identifier_twice_is_refused() -> None:
    once, again = clocked("08:20"), RawEvent(clocked("08:20").event_id, clocked("08:25").captured_at, "pin")
    with pytest.raises(ValueError, match=str(once.event_id)):
        in_order([once, again])


def test_an_event_of_another_day_is_named_with_its_day() -> None:
    monday = clocked("03:00", day=date(2026, 11, 24))  # before 04:00, so still Monday's
    assert matched(monday).ignored[0].reason == Reason.of("other_workday", date="2026-11-23")


def test_an_event_in_a_window_of_the_next_day_is_the_next_days_although_this_day_is_not_over() -> None:
    court = rules_of(point("early duty", "in", "04:30", 480, 30))  # from 20:30 of the evening before
    evening = clocked("21:00", day=THURSDAY)
    assert matched(evening, court=court).used == (evening,)
    assert matched(evening, court=court, day=THURSDAY).ignored[0].reason == Reason.of(
        "other_workday", date="2026-11-20"
    )


def test_an_event_in_a_night_that_reaches_over_the_start_of_the_next_day_stays_with_the_night() -> None:
    departure = clocked("29:30")  # Saturday 05:30, after the workday of Saturday has begun at 04:00
    assert matched(departure, court=NIGHT).used == (None, departure)
    assert matched(departure, court=NIGHT, day=SATURDAY).ignored[0].reason == Reason.of(
        "other_workday", date="2026-11-20"
    )


def test_an_event_is_kept_in_utc_and_never_naive() -> None:
    beijing = timezone(timedelta(hours=8))
    event = RawEvent(UUID(int=1), datetime(2026, 11, 20, 8, 30, tzinfo=beijing), "card")
    assert event.captured_at.tzinfo is UTC
    with pytest.raises(ValueError, match="naive"):
        RawEvent(UUID(int=1), datetime(2026, 11, 20, 8, 30), "card")  # noqa: DTZ001
    with pytest.raises(ValueError, match="not a method"):
        RawEvent(UUID(int=1), datetime(2026, 11, 20, tzinfo=UTC), "voice")  # type: ignore[arg-type]


def test_an_event_that_would_suit_its_point_better_says_where_it_is_worse() -> None:
    # Used for "back" at 08:35, the third event would leave nothing for "home": what is nearer there is the second one,
    # which counts from its identification at 08:42:20 on.
    court = rules_of(
        point("back", "in", "08:35", 34, 0),
        point("home", "out", "08:44", 42, 0),
        point("again", "in", "08:45", 9, 0),
    )
    second = replace(clocked("08:34"), identified_at=moment("08:42") + timedelta(seconds=20))
    matching = matched(clocked("08:32"), second, clocked("08:35"), clocked("08:44"), court=court)
    assert times(matching) == ["08:32", "08:34", "08:44"]
    assert ignored(matching) == [("farther_than_used", 1)]
