"""What a trend says, and how carefully."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from models.language import LANGUAGES
from server.attendance.trend import PersonWeek, Trend, trend
from server.attendance.trend_words import division_in_words, group_in_figures, trend_in_words
from tests.trend_cast import MONDAY, a_court, rows


def words(values: Iterable[PersonWeek], came_on: date = MONDAY) -> list[str]:
    return trend_in_words(trend(values, came_on, "late"), "en")


def test_a_clear_fall_is_told_with_both_changes_and_their_intervals() -> None:
    told = words(a_court())
    assert told[0] == (
        "Late arrivals fell from 31.2 % to 10.6 % of arrivals: 20.6 percentage points fewer (95 % interval 16.7 to"
        " 24.5), a fall of 66 % (59 to 72 %)."
    )
    assert told[1] == "40 people (40 of them on both sides), 8 weeks before, 8 weeks after."


def test_a_clear_rise_is_told_as_one() -> None:
    assert words(a_court(rates=(0.1, 0.3)))[0].startswith("Late arrivals rose from ")


def test_what_may_be_chance_is_called_no_clear_change() -> None:
    told = words(a_court(rates=(0.2, 0.19)))[0]
    assert told.startswith("Late arrivals: no clear change, ")
    assert "may be chance (95 % interval −" in told


def test_what_is_compared_is_named_by_its_kind() -> None:
    values = a_court()
    assert "Early leaves fell" in trend_in_words(trend(values, MONDAY, "early"), "en")[0]
    assert "of clock points" in trend_in_words(trend(values, MONDAY, "both"), "en")[0]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (a_court(weeks_before=0), "from before the kiosk came, no arrivals are known"),
        (a_court(weeks_after=0), "since the kiosk came, no arrivals are known"),
        (a_court(people=7), "8 people are needed on each side, and there were 7 before and 7 after"),
        (a_court(weeks_after=2), "3 weeks are needed on each side, and there were 8 before and 2 after"),
        (
            a_court(rates=(0.3, 0.0), people=7),
            "None after among 7 people: the true rate is at most 34.8 % (95 % confidence).",
        ),
    ],
)
def test_where_there_is_no_interval_a_sentence_says_why(values: list[PersonWeek], told: str) -> None:
    assert told in " ".join(words(values))


def test_the_clearest_success_is_told_as_one() -> None:
    told = words(a_court(rates=(0.3, 0.0)))
    assert told[0] == (
        "Late arrivals fell from 31.2 % to 0.0 % of arrivals: 31.2 percentage points fewer (95 % interval 16.9 to"
        " 37.2), a fall of 100 % (66 to 100 %)."
    )
    assert told[1].startswith("On one side fewer than 5 different people were noted (40 before, 0 after)")
    assert told[2] == "None after among 40 people: the true rate is at most 7.2 % (95 % confidence)."


def test_none_noted_on_either_side_is_no_clear_change() -> None:
    told = " ".join(words(a_court(rates=(0.0, 0.0))))
    assert "no clear change, 0.0 % of arrivals before and 0.0 % after" in told
    assert "None before among 40 people" in told
    assert "None after among 40 people" in told


def test_no_figure_looks_like_zero_unless_it_is() -> None:
    few = {number: [(int(number < 5 and week == 0), 200) for week in range(4)] for number in range(40)}
    told = words(rows(few, few))[0]
    assert "0.02 % of arrivals before and 0.02 % after" in told


def test_a_rate_that_fell_before_the_kiosk_came_is_said_to_have_done_so() -> None:
    before = {number: [(40 - 4 * week + (number + week) % 2, 100) for week in range(8)] for number in range(20)}
    after = {number: [(8, 100)] * 4 for number in range(20)}
    told = " ".join(words(rows(before, after)))
    assert "The rate was already falling before the kiosk came, by 4.0 percentage points a week" in told
    assert "Had it gone on like that, 2.5 % would be expected since then, kiosk or not." in told


def test_a_rate_that_rose_before_the_kiosk_came_is_said_to_have_done_so() -> None:
    before = {number: [(4 + 4 * week + (number + week) % 2, 100) for week in range(8)] for number in range(20)}
    after = {number: [(8, 100)] * 4 for number in range(20)}
    assert "The rate was rising before the kiosk came, by 4.0 percentage" in " ".join(words(rows(before, after)))


def test_a_rate_that_went_nowhere_before_is_told_with_its_doubt() -> None:
    assert "neither fell nor rose clearly (" in " ".join(words(a_court()))


def test_too_few_weeks_to_tell_a_fall_before_are_told() -> None:
    assert "too few weeks from before the kiosk came" in " ".join(words(a_court(weeks_before=3)))


def test_the_week_left_out_is_told() -> None:
    told = " ".join(words(a_court(), came_on=MONDAY + timedelta(days=2)))
    assert "The week in which the kiosk came (2026-09-16) counts to neither side." in told
    assert "neither side" not in " ".join(words(a_court()))


def test_no_trend_is_told_without_a_word_on_causes() -> None:
    for values in (a_court(), a_court(people=3), []):
        assert words(values)[-1].startswith("Before and after is no proof of cause")


def test_among_many_divisions_the_reader_is_warned_of_chance() -> None:
    def many(count: int) -> str:
        values = [value for number in range(count) for value in a_court(people=12, division=f"D{number}", seed=number)]
        return " ".join(words(values))

    assert "Of 5 divisions, about one in twenty" in many(5)
    assert "one in twenty" not in many(4)


def test_a_division_is_told_in_one_piece_with_its_name() -> None:
    found = trend(a_court(division="Civil {law}"), MONDAY, "late")
    told = division_in_words(found.divisions[0], found, "en")
    assert told.startswith("Civil {law}: Late arrivals fell from ")
    assert told in trend_in_words(found, "en")


def test_a_heading_has_the_figures_alone() -> None:
    assert group_in_figures(trend(a_court(), MONDAY, "late").court, "en") == (
        "31.2 % → 10.6 %, −20.6 points (95 % interval −24.5 to −16.7)"
    )
    assert group_in_figures(trend(a_court(people=7), MONDAY, "late").court, "en").endswith(" points")
    assert group_in_figures(trend([], MONDAY, "late").court, "en") == ""


def test_each_language_has_as_many_sentences() -> None:
    found: Trend = trend(a_court(division="刑事审判庭"), MONDAY, "late")
    assert len({len(trend_in_words(found, language)) for language in LANGUAGES}) == 1
