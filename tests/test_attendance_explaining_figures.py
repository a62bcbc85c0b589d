"""The figures of an explanation are those of the verdict and add up, whatever was leave, corrected or waived."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from server.attendance.events import IgnoredEvent
from server.attendance.explaining import Explanation, explanation
from server.attendance.explaining_points import before_waivers
from server.attendance.site_days import wall_minutes_of
from server.attendance.verdicts import OffPost, PointResult, WorkdayVerdict
from server.attendance.wording import local_time
from tests.attendance_strategies import worlds
from tests.explained_days import EXPLAINED
from tests.explained_figures import arithmetic_of, came_minutes, says_nothing_is_here, times_away, told_order
from tests.reference_windows import World
from tests.test_attendance_reference import judged_in

SEARCHED = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
Case = tuple[World, date, datetime]
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("verdict", EXPLAINED.values(), ids=EXPLAINED)
def test_the_figures_of_each_told_day_add_up(verdict: WorkdayVerdict) -> None:
    assert_figures_add_up(verdict)


@SEARCHED
@given(worlds())
def test_the_figures_of_every_day_add_up(case: Case) -> None:
    assert_figures_add_up(judged_in(*case))


@SEARCHED
@given(worlds())
def test_what_was_waived_is_told_as_it_stood_before(case: Case) -> None:
    world, day, as_of = case
    verdict = judged_in(world, day, as_of)
    unwaived = judged_in(replace(world, overlays=replace(world.overlays, waivers=())), day, as_of)
    assert verdict.shift is not None or not verdict.points
    for result, before in zip(verdict.points, unwaived.points, strict=True):
        if result.outcome == "excused" and verdict.shift is not None:
            fact = before_waivers(result, verdict, verdict.shift)
            assert (fact.outcome, fact.minutes, fact.event) == (before.outcome, before.minutes, before.event)


@SEARCHED
@given(worlds())
def test_a_window_that_is_said_to_be_empty_is_empty(case: Case) -> None:
    world, day, as_of = case
    verdict = judged_in(world, day, as_of)
    told = explanation(verdict, "en")
    for result, lines in zip(verdict.points, told.points, strict=True):
        inside = [
            event
            for event in world.events
            if not event.voided
            and result.start_minutes <= wall_minutes_of(event.captured_at, day, world.site.zone) <= result.end_minutes
        ]
        assert not (says_nothing_is_here(lines) and inside), (lines, inside)


def assert_figures_add_up(verdict: WorkdayVerdict) -> None:
    told = explanation(verdict, "en")
    for result, lines in zip(verdict.points, told.points, strict=True):
        assert_point(result, lines, verdict)
    assert_came(told, verdict)
    assert_away(told, verdict)
    for one, line in zip(verdict.ignored, told.ignored, strict=True):
        assert line.startswith(local_time(one.event.captured_at, verdict, "en"))
        assert_order(one, line, verdict)


def assert_point(result: PointResult, lines: tuple[str, ...], verdict: WorkdayVerdict) -> None:
    said = arithmetic_of(lines)
    if result.event is None or result.outcome == "covered" or verdict.shift is None:
        assert said is None, lines
        return
    assert said is not None, lines
    point = verdict.shift.points[result.number]
    moment = result.event.counts_at(point.direction)
    assert (said.time, said.due) == (local_time(moment, verdict, "en"), local_time(result.due_at, verdict, "en")), lines
    assert said.beyond == (moment - result.due_at) // MINUTE, lines
    harm = (said.beyond if point.direction == "in" else -said.beyond) - said.allowed
    if result.outcome == "pending":
        assert said.held is None, lines
    elif result.outcome == "on_time":
        assert said.held == 0, lines
        assert harm <= point.grace_minutes, lines
    else:
        assert said.held == harm > point.grace_minutes == said.grace, lines
        assert result.outcome == "excused" or said.held == result.minutes, lines


def assert_came(told: Explanation, verdict: WorkdayVerdict) -> None:
    for lines in told.points:
        came = came_minutes(lines)
        if came is not None:
            first = verdict.points[0]
            corrected = [one.event for one in verdict.ignored if one.reason.code == "corrected"]
            moments = [event.captured_at for event in (first.event, *corrected) if event is not None]
            assert came in [(moment - first.due_at) // MINUTE for moment in moments], lines


def assert_away(told: Explanation, verdict: WorkdayVerdict) -> None:
    said = times_away(told.absence)
    away = sorted((*verdict.off_post, *verdict.away_on_leave), key=lambda one: one.left_at)
    assert len(said) == len(away), told.absence
    for one, own in zip(said, away, strict=True):
        assert (one.left, one.back) == tuple(local_time(at, verdict, "en") for at in (own.left_at, own.back_at))
        assert one.span == screen_minutes(own)
        assert one.rest == one.span - one.covered == own.minutes
        assert one.is_off_post == (own in verdict.off_post) == (one.rest > one.limit)


def screen_minutes(away: OffPost) -> int:
    seen_left, seen_back = (at.replace(second=0, microsecond=0) for at in (away.left_at, away.back_at))
    return (seen_back - seen_left) // MINUTE


def assert_order(one: IgnoredEvent, line: str, verdict: WorkdayVerdict) -> None:
    """Whatever is said to have been earlier or later was so, and is a clock event, not a correction."""
    order = told_order(line)
    if order is None:
        return
    _, used, side = order
    corrected = [other.event for other in verdict.ignored if other.reason.code == "corrected"]
    met = [result.event for result in verdict.points if result.event is not None]
    moments = [
        event.counts_at("in" if side == "earlier" else "out")
        for event in (*met, *corrected)
        if event.method != "correction"
    ]
    named = [moment for moment in moments if local_time(moment, verdict, "en") == used]
    at = one.event.captured_at
    assert any(moment <= at if side == "earlier" else moment >= at for moment in named), line
