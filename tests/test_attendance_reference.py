"""The engine agrees with a second, slow telling of the same rules, on days that nobody thought of."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, note, settings

from server.attendance.calendar import Calendar
from server.attendance.day_plans import Planner
from server.attendance.events import in_order
from server.attendance.judging import judge
from server.attendance.overlays import NO_OVERLAYS
from server.attendance.points import ShiftMode
from server.attendance.rosters import Roster
from server.attendance.rules import BEGINNING, RuleHistory, RuleVersion
from server.attendance.site_days import SiteDays
from server.attendance.verdicts import STATUSES, PointOutcome, WorkdayVerdict
from tests.attendance_days import END, FRIDAY, START, clocked, moment, rules_of
from tests.attendance_strategies import ABOUT, Case, worlds, worlds_about
from tests.reference_model import Answer, answers
from tests.reference_windows import ONE_DAY, World


def judged_in(world: World, day: date, as_of: datetime) -> WorkdayVerdict:
    """The engine's verdict."""
    history, calendar = RuleHistory(list(world.versions)), Calendar(world.edits, world.year_words)
    roster = Roster(list(world.roster))
    before, on, after = (roster.expected_on(day + days * ONE_DAY, history, calendar) for days in (-1, 0, 1))
    plan = Planner(world.site).plan(day, before, on, after)
    events = [event for event in in_order(world.events) if plan.reach_start <= event.captured_at < plan.reach_end]
    return judge(plan, on, events, as_of, world.overlays)


def of_engine(verdict: WorkdayVerdict) -> dict[str, Any]:
    return {
        "status": verdict.status if verdict.shift is not None else ("rest_day",),
        "tally": verdict.tally,
        "points": [
            (one.outcome, one.counts_as, one.minutes, None if one.event is None else one.event.event_id)
            for one in verdict.points
        ],
        "off_post": [(one.left_at, one.back_at, one.minutes, one.stretch, one.excused) for one in verdict.off_post],
    }


def of_model(answer: Answer) -> dict[str, Any]:
    return {
        "status": answer.status,
        "tally": answer.tally,
        "points": [(one.outcome, one.counts_as, one.minutes, one.used) for one in answer.points],
        "off_post": [(one.left_at, one.back_at, one.minutes, one.stretch, one.excused) for one in answer.off_post],
    }


SEARCHED = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


SEARCHED_EACH = settings(SEARCHED, max_examples=max(30, SEARCHED.max_examples // len(ABOUT)))
SEEN_AT_LEAST = 3
"""Worlds with each status, outcome and mode, of those that the normal profile compares."""


def test_the_engine_gives_a_right_answer_of_the_reference_model() -> None:
    seen: Counter[str] = Counter()

    def compare(case: Case) -> None:
        assert disagreement(*case) == ""
        verdict = judged_in(*case)
        seen.update({*verdict.status, *(one.outcome for one in verdict.points)})
        seen.update([] if verdict.shift is None else [verdict.shift.mode])

    for about in ABOUT:
        SEARCHED_EACH(given(worlds_about(about))(compare))()
    # An agreement about rules that are hardly met would say little.
    wanted = {*STATUSES, *get_args(PointOutcome), *get_args(ShiftMode)}
    assert {one: seen[one] for one in wanted if seen[one] < SEEN_AT_LEAST} == {}


def test_the_model_itself_knows_when_a_workday_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    court = rules_of(START, END, day_starts_at=time(4))
    world = World(court.site, (RuleVersion(1, BEGINNING, court.rules),), events=(clocked("04:30"),))
    assert disagreement(world, FRIDAY, moment("52:00")) == ""
    # An engine whose workdays begin two hours too late is found out.
    monkeypatch.setattr(SiteDays, "starts_minutes", 6 * 60)
    assert disagreement(world, FRIDAY, moment("52:00")) != ""


def disagreement(world: World, day: date, as_of: datetime) -> str:
    """How the engine's verdict, or what it keeps, differs from every right answer; empty where it does not."""
    verdict, right = judged_in(world, day, as_of), answers(world, day, as_of)
    mine, models = of_engine(verdict), [of_model(answer) for answer in right]
    if mine not in models:
        return f"engine {mine}\nmodel  {models}"
    same = [answer for answer, told in zip(right, models, strict=True) if told == mine]
    if not any(keeps_with_a_right_reason(verdict, answer) for answer in same):
        return f"engine keeps {verdict.ignored}\nmodel keeps  {[answer.kept for answer in same]}"
    return ""


def keeps_with_a_right_reason(verdict: WorkdayVerdict, answer: Answer) -> bool:
    """Whether the same clock events decided nothing, and what is said about each is true."""
    said = {one.event.event_id: one.reason for one in verdict.ignored}
    assert len(said) == len(verdict.ignored)
    right = {one.event_id: one.reasons for one in answer.kept}
    return {one.event_id for one in answer.kept if one.must_be_listed} <= said.keys() and all(
        event_id in right and reason in right[event_id] for event_id, reason in said.items()
    )


@SEARCHED
@given(worlds())
def test_the_fact_by_clock_events_alone_is_that_of_a_world_without_requests(case: Case) -> None:
    world, day, as_of = case
    alone = answers(replace(world, overlays=NO_OVERLAYS), day, as_of)
    for one in judged_in(world, day, as_of).points:
        if one.raw is None:
            # No request lies over this point; one at another point may have moved clock events to it.
            assert not one.overlaid
            continue
        said = one.raw.outcome, one.raw.minutes, None if one.raw.event is None else one.raw.event.event_id
        right = [(told.outcome, told.minutes, told.used) for told in (answer.points[one.number] for answer in alone)]
        note(f"point {one.number}: engine {said}, model {right}")
        assert said in right
