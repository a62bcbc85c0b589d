"""The figures in the sentences of a trend: each in its place, and none of them looks like 0 without being 0."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from models.language import Language
from server.attendance.trend import Change, GroupTrend, Side, Trend, WeekRate, WhyNoInterval
from server.attendance.trend_intervals import Interval, Slope
from server.attendance.trend_words import caveats_in_words, division_in_words, group_in_figures, group_in_words
from tests.trend_cast import MONDAY

EXPECTED: Final = 10_000_000


def side(rate: float | None, people: int = 40, at_most: float | None = None) -> Side:
    """Eight weeks in which so many of ten million clock points were noted."""
    expected, noted = (0, 0) if rate is None else (EXPECTED, round(rate * EXPECTED))
    return Side(8, people, people, expected, noted, None, at_most)


def group(
    before: float | None,
    after: float | None,
    change: Change | None = None,
    why: WhyNoInterval | None = None,
    slope: Slope | None = None,
    expected: float | None = None,
) -> GroupTrend:
    if change is None and before is not None and after is not None:
        change = Change(after - before, None, None, None)
    return GroupTrend(None, (), side(before), side(after), 40, 38, change, why, slope, expected)


def of_court(court: GroupTrend) -> Trend:
    return Trend("late", MONDAY, court, ())


def told(court: GroupTrend, language: Language = "en") -> str:
    return group_in_words(court, of_court(court), language)[0]


def differing(lower: float, upper: float, difference: float, relative: Interval | None = None) -> Change:
    return Change(difference, Interval(lower, upper), None if relative is None else difference, relative)


# how many decimals


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (0.2, 0.1, "20.0 % → 10.0 %, −10.0 points"),
        (0.001, 0.2, "0.1 % → 20.0 %, +19.9 points"),
        (0.0005, 0.2, "0.1 % → 20.0 %, +20.0 points"),  # half of the last decimal is enough
        (0.000497, 0.2, "0.05 % → 20.00 %, +19.95 points"),
        (0.00047, 0.2, "0.05 % → 20.00 %, +19.95 points"),
        (0.2, 0.0002, "20.00 % → 0.02 %, −19.98 points"),
        (0.2, 0.2002, "20.00 % → 20.02 %, +0.02 points"),
        (0.2, 0.2, "20.0 % → 20.0 %, 0.0 points"),
        (0.000001, 0.2, "0.000 % → 20.000 %, +20.000 points"),  # three decimals are the most
        (0.0, 0.2, "0.0 % → 20.0 %, +20.0 points"),  # 0 itself may look like it
    ],
)
def test_there_are_as_many_decimals_as_the_smallest_figure_needs(before: float, after: float, line: str) -> None:
    court = group(before, after)
    assert group_in_figures(court, "en") == line
    start, end, points = line.replace(" points", "").replace(" % →", "").replace(" %,", "").split()
    assert told(court) == (
        f"Late arrivals: {start} % of arrivals before and {end} % after, a difference of {points} percentage points."
    )


@pytest.mark.parametrize(
    ("lower", "upper", "limits"),
    [
        (-0.02, 0.03, "−2.0 to +3.0"),
        (-0.0002, 0.03, "−0.02 to +3.00"),
        (-0.02, 0.0003, "−2.00 to +0.03"),
        (0.0, 0.03, "0.0 to +3.0"),
    ],
)
def test_the_ends_of_the_interval_count_among_the_figures(lower: float, upper: float, limits: str) -> None:
    court = group(0.2, 0.21, differing(lower, upper, 0.01))
    assert group_in_figures(court, "en").endswith(f" points (95 % interval {limits})")
    places = len(limits.split()[0].rsplit(".", 1)[1])
    assert told(court) == (
        f"Late arrivals: no clear change, {20:.{places}f} % of arrivals before and {21:.{places}f} % after. The"
        f" difference of +{1:.{places}f} percentage points may be chance (95 % interval {limits})."
    )


@pytest.mark.parametrize(("before", "after"), [(0.0002, 0.2), (0.2, 0.0002)])
def test_small_rates_count_also_beside_an_interval(before: float, after: float) -> None:
    unclear = group(before, after, differing(-0.1, 0.1, 0.05))
    assert f"{100 * before:.2f} % of arrivals before and {100 * after:.2f} % after" in told(unclear)
    assert group_in_figures(unclear, "en").startswith(f"{100 * before:.2f} % → {100 * after:.2f} %, +5.00 points")
    clear = group(before, after, differing(0.04, 0.06, 0.05, Interval(0.1, 0.9)))
    assert f"from {100 * before:.2f} % to {100 * after:.2f} % of arrivals: 5.00 percentage points more" in told(clear)


@pytest.mark.parametrize(
    ("difference", "lower", "upper", "said"),
    [
        (-0.05, -0.06, -0.04, "5.0 percentage points fewer (95 % interval 4.0 to 6.0)"),
        (-0.0002, -0.06, -0.04, "0.02 percentage points fewer (95 % interval 4.00 to 6.00)"),
        (-0.05, -0.0602, -0.0002, "5.00 percentage points fewer (95 % interval 0.02 to 6.02)"),
        (-0.05, -0.0002, -0.0001, "5.00 percentage points fewer (95 % interval 0.01 to 0.02)"),
        (0.05, 0.04, 0.06, "5.0 percentage points more (95 % interval 4.0 to 6.0)"),
        (0.05, 0.0001, 0.06, "5.00 percentage points more (95 % interval 0.01 to 6.00)"),
    ],
)
def test_a_clear_change_is_told_by_its_size(difference: float, lower: float, upper: float, said: str) -> None:
    sign = 1 if difference > 0 else -1
    relative = Interval(0.4, 0.6) if sign > 0 else Interval(-0.6, -0.4)
    change = Change(difference, Interval(lower, upper), sign * 0.5, relative)
    assert said in told(group(0.2, 0.1, change))


@pytest.mark.parametrize(
    ("relative", "lower", "upper", "said"),
    [
        (-0.5, -0.6, -0.4, "a fall of 50 % (40 to 60 %)"),
        (-0.003, -0.6, -0.4, "a fall of 0.3 % (40.0 to 60.0 %)"),
        (-0.5, -0.6, -0.003, "a fall of 50.0 % (0.3 to 60.0 %)"),
        (-0.5, -0.003, -0.002, "a fall of 50.0 % (0.2 to 0.3 %)"),
        (0.5, 0.4, 0.6, "a rise of 50 % (40 to 60 %)"),
        (0.5, 0.003, 0.6, "a rise of 50.0 % (0.3 to 60.0 %)"),
    ],
)
def test_the_relative_change_has_decimals_where_it_needs_them(
    relative: float, lower: float, upper: float, said: str
) -> None:
    sign = 1 if relative > 0 else -1
    own = Interval(0.04, 0.06) if sign > 0 else Interval(-0.06, -0.04)
    assert said in told(group(0.2, 0.1, Change(sign * 0.05, own, relative, Interval(lower, upper))))


# what is not there


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, 0.1, "from before the kiosk came, no arrivals are known"),
        (0.1, None, "since the kiosk came, no arrivals are known"),
        (None, None, "from before the kiosk came, no arrivals are known"),
    ],
)
def test_a_side_without_a_rate_is_told_and_has_no_figures(before: float | None, after: float | None, said: str) -> None:
    for change in (None, Change(0.1, None, None, None)):
        court = group(before, after, change)
        assert said in told(court)
        assert group_in_figures(court, "en") == ""


def test_without_people_nothing_is_said_about_what_it_rests_on() -> None:
    empty = replace(group(None, None), people=0, people_on_both=0)
    assert len(group_in_words(empty, of_court(empty), "en")) == 1
    assert len(group_in_words(group(None, None), of_court(group(None, None)), "en")) == 2


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "None before among 40 people: the true rate was at most 7.2 % (95 % confidence)."),
        ("zh", "此前 40 人均无此情形：真实比例至多为 7.2%（置信度 95%）。"),
    ],
)
def test_where_none_was_noted_before_the_bound_is_told_in_the_readers_language(language: Language, said: str) -> None:
    court = replace(group(0.0, 0.1, why="few_weeks"), before=side(0.0, at_most=0.072))
    assert any(sentence.startswith(said) for sentence in group_in_words(court, of_court(court), language))


def test_a_small_bound_does_not_look_like_zero() -> None:
    court = replace(group(0.0, 0.1, why="few_weeks"), before=side(0.0, at_most=0.0003))
    assert "at most 0.03 %" in " ".join(group_in_words(court, of_court(court), "en"))


# divisions


@pytest.mark.parametrize(("language", "between"), [("en", ". 40 people (38 of them"), ("zh", "。共 40 人（其中 38 人")])
def test_a_divisions_sentences_are_joined_as_the_language_joins_them(language: Language, between: str) -> None:
    division = replace(group(0.2, 0.1, differing(-0.2, 0.1, -0.1)), division="刑庭")
    assert between in division_in_words(division, of_court(division), language)


# before the kiosk


def before_it(slope: Slope | None, expected: float | None = 0.1) -> str:
    return caveats_in_words(of_court(group(0.2, 0.1, slope=slope, expected=expected)), "en")[0]


@pytest.mark.parametrize(
    ("per_week", "lower", "upper", "said"),
    [
        (0.001, -0.02, 0.03, "(+0.1 percentage points a week, 95 % interval −2.0 to +3.0)"),
        (-0.001, -0.0002, 0.03, "(−0.10 percentage points a week, 95 % interval −0.02 to +3.00)"),
        (0.001, -0.02, 0.0003, "(+0.10 percentage points a week, 95 % interval −2.00 to +0.03)"),
        (
            0.01,
            0.005,
            0.02,
            "was rising before the kiosk came, by 1.0 percentage points a week (95 % interval 0.5 to 2.0)",
        ),
        (
            -0.01,
            -0.02,
            -0.005,
            "already falling before the kiosk came, by 1.0 percentage points a week (95 % interval 0.5 to 2.0)",
        ),
    ],
)
def test_how_the_rate_went_before_is_told_with_its_interval(
    per_week: float, lower: float, upper: float, said: str
) -> None:
    assert said in before_it(Slope(per_week, Interval(lower, upper), 0.2, 3.5))


@pytest.mark.parametrize(
    ("expected", "said"), [(0.025, "2.5 % would be"), (0.0003, "0.03 % would be"), (0.0, "0.0 % would be")]
)
def test_what_would_be_expected_had_it_gone_on_does_not_look_like_zero(expected: float, said: str) -> None:
    assert said in before_it(Slope(-0.01, Interval(-0.02, -0.005), 0.2, 3.5), expected)


@pytest.mark.parametrize(("slope", "expected"), [(None, 0.1), (Slope(-0.01, Interval(-0.02, -0.005), 0.2, 3.5), None)])
def test_a_slope_that_is_not_known_is_called_so(slope: Slope | None, expected: float | None) -> None:
    assert "too few weeks from before the kiosk came" in before_it(slope, expected)


def test_how_it_went_before_is_told_only_where_there_is_a_change_from_something() -> None:
    nothing_after = of_court(group(0.2, None))
    nobody_noted = of_court(group(0.0, 0.1))
    for trend in (nothing_after, nobody_noted):
        assert not any("before the kiosk came" in sentence for sentence in caveats_in_words(trend, "en"))


def test_how_intervals_are_meant_is_told_where_there_is_one() -> None:
    def says_how(court: GroupTrend) -> bool:
        return any(
            sentence.startswith("The intervals allow for") for sentence in caveats_in_words(of_court(court), "en")
        )

    assert says_how(group(0.2, 0.1, differing(-0.2, 0.1, -0.1)))
    assert not says_how(group(0.2, 0.1, why="few_people"))


def test_a_week_on_neither_side_is_told() -> None:
    court = replace(group(0.2, 0.1), weeks=(WeekRate(MONDAY, None, 10, 1),))
    assert any("counts to neither side" in sentence for sentence in caveats_in_words(of_court(court), "en"))


# the borders of an interval


@pytest.mark.parametrize(("value", "holds"), [(-0.1, True), (0.0, True), (0.2, True), (-0.11, False), (0.21, False)])
def test_an_interval_holds_its_ends(value: float, holds: bool) -> None:
    assert Interval(-0.1, 0.2).holds(value) is holds
