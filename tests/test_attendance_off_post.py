"""Off post: away for longer than allowed between an arrival and the departure that follows it."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal
from uuid import UUID

import pytest

from server.attendance.overlays import Overlays, off_post_number
from server.attendance.verdicts import Overlaid, WorkdayVerdict
from tests.attendance_days import END, FOUR_POINTS, START, Court, clocked, judged, rules_of
from tests.attendance_requests import corrected, on_leave, waived


def sixty_minutes(counts_as: Literal["off_post", "half_day", "full_day"] = "off_post") -> Court:
    return rules_of(
        replace(START, half_day_after_minutes=60),
        END,
        off_post_after_minutes=60,
        off_post_counts_as=counts_as,
        min_interval_minutes=10,
    )


COURT = sixty_minutes()
FOUR = rules_of(*FOUR_POINTS.rules.default_shift.points, off_post_after_minutes=60, min_interval_minutes=10)


def judged_at(*times: str, rules: Court = COURT, overlays: Overlays = Overlays()) -> WorkdayVerdict:  # noqa: B008
    return judged(*(clocked(text) for text in times), rules=rules, overlays=overlays)


def away(verdict: WorkdayVerdict) -> list[int]:
    """Minutes of each time off post."""
    return [one.minutes for one in verdict.off_post]


@pytest.mark.parametrize(
    ("between", "minutes"),
    [
        (["10:00", "11:01"], [61]),
        (["10:00", "11:00"], []),  # 60 minutes are not more than 60
        (["10:00:00", "11:00:59"], []),
        (["10:00:59", "11:01:00"], [61]),  # minutes are those that people saw on the screen
        (["10:00"], []),  # nobody knows whether this was going or coming
        (["10:00", "11:30", "14:00"], [90]),  # the third one has no other
        (["10:00", "11:30", "14:00", "15:30"], [90, 90]),
        (["11:00", "13:30"], [150]),  # over the boundary between two windows
        # Nearer than ten minutes is one visit: gone with its last moment, back with the first of the next.
        (["10:00", "10:05", "11:30", "11:35"], [85]),
        (["10:00", "10:09:59", "10:19:30", "11:30"], [71]),
        # What belongs to the arrival's own visit is no going out, however long the visit is.
        (["08:25", "08:34", "10:00"], []),
        (["08:25", "10:00", "11:30"], [90]),
        # Nothing counts from the moment on at which the departure is due.
        (["16:20", "17:31"], []),
        (["16:20", "17:29"], [69]),
    ],
)
def test_visits_between_arrival_and_departure_come_in_pairs(between: list[str], minutes: list[int]) -> None:
    assert away(judged_at("08:20", *between, "17:40")) == minutes


def test_off_post_is_a_status_of_its_own_with_its_figures() -> None:
    verdict = judged_at("08:20", "10:00", "11:30", "17:40")
    assert verdict.status == ("off_post",)
    assert (verdict.tally.off_post_times, verdict.tally.off_post_minutes) == (1, 90)


def test_an_early_departure_ends_the_stretch() -> None:
    # At 15:00 for good: 13:00 has no other visit before it.
    assert away(judged_at("08:20", "13:00", "15:00")) == []


def test_without_a_departure_the_stretch_ends_when_it_was_due() -> None:
    # 11:50 and 12:00:59 lie in the arrival's window; nothing meets the departure.
    assert away(judged_at("08:20", "10:00", "11:30")) == [90]


def test_without_an_arrival_nobody_is_off_post() -> None:
    assert away(judged_at("12:30", "14:00", "17:40")) == []


def test_the_lunch_between_two_stretches_is_nobodys_absence() -> None:
    assert away(judged_at("08:20", "11:30", "13:20", "17:00", rules=FOUR)) == []
    assert away(judged_at("08:20", "09:40", "10:50", "11:30", "13:20", "14:10", "15:20", "17:00", rules=FOUR)) == [
        70,
        70,
    ]


def test_leave_is_not_away() -> None:
    assert away(judged_at("08:20", "10:00", "12:00", "17:40", overlays=on_leave(("10:30", "12:00")))) == []
    assert away(judged_at("08:20", "10:00", "13:00", "17:40", overlays=on_leave(("10:30", "12:00")))) == [90]


def test_a_voided_event_is_no_visit() -> None:
    verdict = judged(clocked("08:20"), clocked("10:00"), clocked("11:30", voided=True), clocked("17:40"), rules=COURT)
    assert away(verdict) == []


def test_an_event_that_a_correction_replaced_is_no_visit() -> None:
    # The arrival was at 08:20, not at 09:00; 10:00 is then alone.
    overlays = Overlays(corrections=(corrected(0, "08:20"),))
    assert away(judged_at("09:00", "10:10", "17:40", overlays=overlays)) == []


@pytest.mark.parametrize(
    ("overlays", "status", "excused"),
    [
        (waived(None), ("excused",), True),
        (waived(off_post_number(0)), ("excused",), True),
        (waived(off_post_number(1)), ("off_post",), False),
        (waived(0), ("off_post",), False),
    ],
    ids=["the whole day", "its stretch", "another stretch", "one point"],
)
def test_a_waiver_of_the_whole_day_or_of_its_stretch_excuses_it(
    overlays: Overlays, status: tuple[str, ...], excused: bool
) -> None:
    verdict = judged_at("08:20", "10:00", "11:30", "17:40", overlays=overlays)
    assert (verdict.status, verdict.off_post[0].excused) == (status, excused)
    assert verdict.tally.excused_times == int(excused)


@pytest.mark.parametrize(
    ("counts_as", "status", "half_days"),
    [("half_day", ("absent_half_day",), 1), ("full_day", ("absent",), 2)],
)
def test_it_may_count_as_absence_and_then_takes_up_other_facts(
    counts_as: Literal["half_day", "full_day"], status: tuple[str, ...], half_days: int
) -> None:
    verdict = judged_at("08:45", "10:00", "11:30", "17:20", rules=sixty_minutes(counts_as))
    assert verdict.status == status
    tally = verdict.tally
    assert (tally.absent_half_days, tally.late_times, tally.early_times, tally.off_post_times) == (half_days, 0, 0, 0)


def test_half_a_day_takes_up_its_own_stretch_only() -> None:
    rules = rules_of(
        *FOUR_POINTS.rules.default_shift.points,
        off_post_after_minutes=60,
        off_post_counts_as="half_day",
        min_interval_minutes=10,
    )
    # 10 min late and 70 min away in the morning, 5 min late in the afternoon.
    verdict = judged_at("08:40", "09:50", "11:00", "11:30", "13:35", "17:00", rules=rules)
    assert verdict.status == ("absent_half_day", "late")
    assert verdict.tally.late_minutes == 5


def test_two_stretches_off_post_are_a_day_where_each_is_half_a_day() -> None:
    rules = rules_of(
        *FOUR_POINTS.rules.default_shift.points,
        off_post_after_minutes=60,
        off_post_counts_as="half_day",
        min_interval_minutes=10,
    )
    times = ("08:20", "09:40", "10:50", "11:30", "13:20", "14:10", "15:20", "17:00")
    assert judged_at(*times, rules=rules).status == ("absent",)


def test_an_absence_takes_it_up() -> None:
    # 70 min late is half a day; 90 min away in the same stretch are not counted again.
    verdict = judged_at("09:40", "13:00", "14:30", "17:40")
    assert away(verdict) == [90]
    assert verdict.status == ("absent_half_day",)
    assert verdict.tally.off_post_times == 0


def test_without_a_limit_nobody_is_off_post() -> None:
    assert away(judged_at("08:20", "10:00", "11:30", "17:40", rules=rules_of(START, END))) == []


def test_what_is_off_post_names_the_leave_that_lies_over_it() -> None:
    verdict = judged_at("08:20", "10:00", "13:00", "17:40", overlays=on_leave(("10:00", "11:30"), ("15:00", "16:00")))
    assert [(one.minutes, [by.request_id.int for by in one.overlaid]) for one in verdict.off_post] == [(90, [1])]
    assert verdict.away_on_leave == ()


def test_a_time_away_that_leave_makes_short_enough_is_kept_and_held_against_nobody() -> None:
    verdict = judged_at("08:20", "10:00", "11:30", "17:40", overlays=on_leave(("10:00", "11:00")))
    assert (verdict.status, verdict.off_post) == (("normal",), ())
    assert [(one.minutes, one.overlaid[0].kind) for one in verdict.away_on_leave] == [(30, "leave")]


def test_a_short_time_away_is_not_kept_whatever_leave_lies_over_it() -> None:
    verdict = judged_at("08:20", "10:00", "11:00", "17:40", overlays=on_leave(("10:00", "11:00")))
    assert (verdict.off_post, verdict.away_on_leave) == ((), ())


def test_what_excuses_off_post_is_named_with_its_reason() -> None:
    verdict = judged_at("08:20", "10:00", "11:30", "17:40", overlays=waived(None, "The gate was stuck.", outage=True))
    assert [(one.kind, one.name) for one in verdict.off_post[0].overlaid] == [("outage", "The gate was stuck.")]


def test_everything_that_excuses_off_post_is_named_in_one_order() -> None:
    waiver, outage = waived(None, "The road was flooded.", number=3), waived(None, "The gate.", outage=True, number=4)
    for waivers in ((*waiver.waivers, *outage.waivers), (*outage.waivers, *waiver.waivers)):
        verdict = judged_at("08:20", "10:00", "11:30", "17:40", overlays=Overlays(waivers=waivers))
        assert verdict.off_post[0].overlaid == (
            Overlaid("waiver", UUID(int=3), "The road was flooded."),
            Overlaid("outage", UUID(int=4), "The gate."),
        )


def test_a_waiver_of_the_morning_leaves_the_afternoon_and_every_clock_point() -> None:
    times = ("08:50", "09:20", "10:35", "11:40", "13:20", "14:30", "16:00", "17:05")
    verdict = judged_at(*times, rules=FOUR, overlays=waived(off_post_number(0)))
    assert [one.excused for one in verdict.off_post] == [True, False]
    assert verdict.status == ("late", "off_post", "excused")
