"""What follows from limits and points, in the words of both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from models.language import Language
from server.attendance.consequence_words import (
    consequences_in_words,
    forgiven_in_words,
    limit_in_words,
    month_costs_in_words,
    versions_in_words,
)
from server.attendance.counting import CounterState
from server.attendance.explaining import reads_alike
from server.attendance.rules import Counter, RuleVersion
from tests.attendance_days import COURT, clocked, judged

AWARD = Counter("取消评优", "costs the award", ("late",), "year", 12, 2)
TALK = Counter("谈话提醒", "a talk", ("late",), "month", 3, 1)
REACHED = CounterState(AWARD, "2026", 12)
NEAR = CounterState(TALK, "2026-11", 2)


@pytest.mark.parametrize(
    ("reached", "points", "language", "told"),
    [
        ([], None, "en", "nothing"),
        ([], 0.0, "zh", "无"),
        ([], 0.6, "en", "0.6 points"),
        ([REACHED], None, "en", "costs the award"),
        ([REACHED], None, "zh", "取消评优"),
        ([REACHED, NEAR], 1.0, "en", "costs the award; a talk; 1 points"),
        ([REACHED], 0.4, "zh", "取消评优；扣 0.4 分"),
    ],
)
def test_limits_and_points_are_told_together(
    reached: list[CounterState], points: float | None, language: Language, told: str
) -> None:
    assert consequences_in_words(reached, points, language) == told


@pytest.mark.parametrize(
    ("state", "language", "told"),
    [
        (NEAR, "en", "a talk — 2026-11: 2 of 3, 1 left before the limit"),
        (REACHED, "en", "costs the award — 2026: 12 of 12, the limit is reached"),
        (NEAR, "zh", "谈话提醒"),
    ],
)
def test_a_limit_is_told_with_where_somebody_stands(state: CounterState, language: Language, told: str) -> None:
    assert limit_in_words(state, language).startswith(told)


def test_what_a_month_costs_and_what_is_forgiven_are_told_where_there_is_any() -> None:
    assert month_costs_in_words(None, "en") == ""
    assert month_costs_in_words(1.80, "en") == "The month costs 1.8 points."
    assert forgiven_in_words(0, "en") == ""
    assert forgiven_in_words(3, "en").startswith("3 of the month's late arrivals and early leaves")


def test_rules_are_told_with_their_first_day() -> None:
    rules = replace(COURT.rules, name_zh="规则", name_en="Rules")
    versions = [RuleVersion(1, date(2026, 11, 9), rules), RuleVersion(2, date(2026, 11, 16), rules)]
    assert versions_in_words(versions, "en") == "“Rules” from 2026-11-09 on, “Rules” from 2026-11-16 on"
    assert versions_in_words(versions[:1], "zh") == "“规则”（自 2026-11-09 起）"
    assert versions_in_words([], "en") == ""


# Whether two verdicts read the same


def test_a_clock_event_that_is_not_used_makes_no_other_verdict() -> None:
    assert reads_alike(
        judged(clocked("08:20"), clocked("17:40")), judged(clocked("08:20"), clocked("12:30"), clocked("17:40"))
    )


def test_other_figures_and_other_words_make_another_verdict() -> None:
    late = judged(clocked("08:43"), clocked("17:40"))
    assert not reads_alike(late, judged(clocked("08:44"), clocked("17:40")))
    assert not reads_alike(late, judged(clocked("08:20"), clocked("17:40")))
    # One clock is missing in both, and not the same one.
    assert not reads_alike(judged(clocked("08:20")), judged(clocked("17:40")))
