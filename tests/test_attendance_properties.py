"""What holds of every workday, whatever the rules, the clock events and the requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.language import LANGUAGES
from server.attendance.explaining import explain, summary
from server.attendance.overlays import NO_OVERLAYS, Overlays, Waiver
from server.attendance.rules import RuleHistory
from server.attendance.verdicts import WorkdayVerdict, rules_of_version
from tests.attendance_strategies import worlds
from tests.reference_windows import ONE_DAY, World
from tests.test_attendance_reference import judged_in

SEARCHED = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], max_examples=100)
Case = tuple[World, date, datetime]


@SEARCHED
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(case: Case, random: Random) -> None:
    world, day, as_of = case
    events = list(world.events)
    random.shuffle(events)
    assert judged_in(replace(world, events=tuple(events)), day, as_of) == judged_in(world, day, as_of)


@SEARCHED
@given(worlds())
def test_every_clock_event_of_the_day_is_used_once_or_kept_with_a_reason(case: Case) -> None:
    world, day, as_of = case
    verdict = judged_in(world, day, as_of)
    met = [one.event for one in verdict.points] + [None if one.raw is None else one.raw.event for one in verdict.points]
    used = {event.event_id for event in met if event is not None and event.method != "correction"}
    ignored = [one.event.event_id for one in verdict.ignored]
    assert len(set(ignored)) == len(ignored)
    known = {event.event_id for event in world.events}
    assert used | set(ignored) <= known
    twice = [one.event.event_id for one in verdict.points if one.event is not None]
    assert len(set(twice)) == len(twice)


@SEARCHED
@given(worlds())
def test_no_clock_event_meets_points_of_two_workdays(case: Case) -> None:
    world, day, as_of = case
    world = replace(world, overlays=NO_OVERLAYS)
    meets: dict[UUID, date] = {}
    for days in (-1, 0, 1):
        on = day + days * ONE_DAY
        for one in judged_in(world, on, as_of + timedelta(days=3)).points:
            if one.event is not None:
                assert meets.setdefault(one.event.event_id, on) == on


@SEARCHED
@given(worlds())
def test_a_verdict_comes_back_as_it_was_stored(case: Case) -> None:
    world, day, as_of = case
    verdict = judged_in(world, day, as_of)
    rules = rules_of_version(RuleHistory(list(world.versions)), verdict.rules.version)
    stored = verdict.to_json(world.site)
    assert WorkdayVerdict.from_json(stored, day, verdict.tally, verdict.status, rules, world.site) == verdict


@SEARCHED
@given(worlds())
def test_time_alone_makes_a_final_verdict_no_other(case: Case) -> None:
    world, day, as_of = case
    verdict = judged_in(world, day, as_of)
    # Under leave the fact alone may still be open: it is shown beside, and held against nobody.
    if verdict.is_final and not any(one.raw is not None and one.raw.outcome == "pending" for one in verdict.points):
        assert judged_in(world, day, as_of + timedelta(days=30)) == verdict


@SEARCHED
@given(worlds())
def test_a_waiver_of_the_day_leaves_nothing_to_hold_against_anybody(case: Case) -> None:
    world, day, as_of = case
    waived = Overlays(
        world.overlays.absences, world.overlays.corrections, (Waiver(UUID(int=99), day, None, False, "searched"),)
    )
    tally = judged_in(replace(world, overlays=waived), day, as_of).tally
    assert (tally.late_times, tally.early_times, tally.missing_points) == (0, 0, 0)
    assert (tally.absent_half_days, tally.off_post_times) == (0, 0)


@SEARCHED
@given(worlds())
def test_every_verdict_explains_itself_in_both_languages(case: Case) -> None:
    world, day, as_of = case
    verdict = judged_in(world, day, as_of)
    for language in LANGUAGES:
        assert summary(verdict, language)
        lines = explain(verdict, language)
        assert verdict.rules.version in lines[-1]
        assert not any("{" in line or "}" in line for line in lines)
