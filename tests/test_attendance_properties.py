"""What holds of every workday, whatever the rules, the clock events and the requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.language import LANGUAGES
from server.attendance.explaining import explain, summary
from server.attendance.overlays import NO_OVERLAYS, Overlays, Waiver
from server.attendance.rules import RuleHistory
from server.attendance.verdicts import WorkdayVerdict, rules_of_version
from tests.attendance_requests import ENTERED
from tests.attendance_strategies import Case, worlds
from tests.reference_windows import ONE_DAY, reach
from tests.test_attendance_reference import judged_in

SEARCHED = settings(
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    max_examples=settings().max_examples * 2 // 3,
)


@SEARCHED
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(case: Case, random: Random) -> None:
    world, day, as_of = case
    events = list(world.events)
    random.shuffle(events)
    assert judged_in(replace(world, events=tuple(events)), day, as_of) == judged_in(world, day, as_of)


@SEARCHED
@given(worlds())
def test_judging_twice_says_the_same(case: Case) -> None:
    assert judged_in(*case) == judged_in(*case)


@SEARCHED
@given(worlds())
def test_every_clock_event_of_the_day_is_used_or_kept_with_a_reason_and_exactly_once(case: Case) -> None:
    world, day, as_of = case
    verdict = judged_in(world, day, as_of)
    used = [one.event.event_id for one in verdict.points if one.event is not None and one.event.method != "correction"]
    kept = [one.event.event_id for one in verdict.ignored]
    begins, ends = reach(world, day, verdict.shift)
    of_the_day = {event.event_id for event in world.events if begins <= event.captured_at < ends}
    assert len({*used, *kept}) == len(used) + len(kept)
    assert of_the_day <= {*used, *kept} <= {event.event_id for event in world.events}


@SEARCHED
@given(worlds())
def test_a_voided_clock_event_changes_nothing_but_what_is_kept(case: Case) -> None:
    world, day, as_of = case
    verdict = judged_in(world, day, as_of)
    without = replace(world, events=tuple(event for event in world.events if not event.voided))
    kept = tuple(one for one in verdict.ignored if one.reason.code != "voided")
    assert judged_in(without, day, as_of) == replace(verdict, ignored=kept)


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
        world.overlays.absences,
        world.overlays.corrections,
        (Waiver(UUID(int=99), day, None, False, "searched", ENTERED, ENTERED),),
    )
    tally = judged_in(replace(world, overlays=waived), day, as_of).tally
    assert (tally.late_times, tally.early_times, tally.missing_points) == (0, 0, 0)
    assert (tally.absent_half_days, tally.off_post_times) == (0, 0)


@SEARCHED
@given(worlds(), st.none() | st.integers(0, 7))
def test_a_waiver_never_adds_a_fact(case: Case, point: int | None) -> None:
    world, day, as_of = case
    waiver = Waiver(UUID(int=99), day, point, False, "searched", ENTERED, ENTERED)
    overlays = replace(world.overlays, waivers=(*world.overlays.waivers, waiver))
    before, after = judged_in(world, day, as_of), judged_in(replace(world, overlays=overlays), day, as_of)
    # What an absence took up may stand by itself again, but nothing is a fact that was none, nor of more minutes.
    assert facts(after) <= facts(before)
    assert after.tally.absent_half_days <= before.tally.absent_half_days
    assert (after.ignored, len(after.off_post)) == (before.ignored, len(before.off_post))


def facts(verdict: WorkdayVerdict) -> set[tuple[int, str, int]]:
    """What is held against somebody: clock point, outcome, minutes."""
    held = ("late", "early", "missing")
    return {(one.number, one.outcome, one.minutes) for one in verdict.points if one.outcome in held}


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


@SEARCHED
@given(worlds())
def test_whoever_judges_at_each_closing_that_a_verdict_names_has_missed_nothing(case: Case) -> None:
    world, day, as_of = case
    verdict = judged_in(world, day, as_of)
    while verdict.closes_next_at is not None:
        assert verdict.closes_next_at > as_of
        as_of = verdict.closes_next_at
        assert judged_in(world, day, as_of - timedelta(microseconds=1)) == verdict
        verdict = judged_in(world, day, as_of)
    assert judged_in(world, day, as_of + timedelta(days=9)) == verdict
