"""What follows from the matched clock events: the verdict of one workday.

The rules, in the order in which they are asked:

1. Where no work is expected, clock events are kept and nothing is judged.
2. A required clock point without an event is missing, once its window has closed; until then it is pending. It waits
   longer where an event in its window meets a later point that may still be met by another one. Of whose window the
   days around leave nothing, that point nobody misses.
3. Minutes are those that people saw on the screen. Within the grace is on time; beyond it, all minutes from the point
   count. With flexible hours they count from the end of what is allowed.
4. An arrival is final as soon as there is an event. A departure that looks early is pending until its window closes:
   a person may have left for a moment only.
5. What a fact counts as follows from the thresholds of its point. Who met no clock point at all when every window has
   closed was absent. With leave or duty on the day an absence is half a day at most. An absence takes up what belongs
   to it: half a day the other facts of its stretch of work, a day all others.
6. Where it is not certain that work was expected, nobody misses anything: it is not judged. Late and early still are,
   and count as that at most, as being away counts as off post; nobody is absent.
7. Leave and duty take the place of clock points or move them, corrections take the place of clock events, waivers
   excuse; what clock events alone would say stays beside it.
8. Pairs of clock events between an arrival and its departure are times away; longer ones are off post where the shift
   says so. A single one says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from server.attendance.counts import absorbed, tally_of
from server.attendance.day_plans import DayPlan, PlannedPoint, closing_of, windows_overlap
from server.attendance.events import IgnoredEvent, RawEvent
from server.attendance.matching import Matching, match_events, minutes_beyond
from server.attendance.off_post import TimesAway, find_off_post
from server.attendance.overlays import NO_OVERLAYS, Correction, Overlays, PointUnderLeave, under_leave
from server.attendance.points import CountsAs, Flexible
from server.attendance.reasons import Reason
from server.attendance.rosters import Expectation
from server.attendance.verdicts import (
    STATUSES,
    OffPost,
    Overlaid,
    PointOutcome,
    PointResult,
    RawFact,
    Status,
    Tally,
    WorkdayVerdict,
)

_MINUTE: Final = timedelta(minutes=1)
_NO_WORK: Final = Tally()
_EXCUSABLE: Final = ("late", "early", "missing")


def judge(
    plan: DayPlan,
    expectation: Expectation,
    events: Sequence[RawEvent],
    as_of: datetime,
    overlays: Overlays = NO_OVERLAYS,
) -> WorkdayVerdict:
    """The verdict of one person's workday.

    Args:
        plan: of the day, for what is expected.
        expectation: what is expected of this person on this day.
        events: of that person, in order (``events.in_order``); at least those in the plan's reach, none beyond it.
        as_of: aware moment of judging; it only tells which windows have closed.
        overlays: what was approved for this person; more than concerns the day does no harm.

    Raises:
        ValueError: ``as_of`` is naive.
    """
    if as_of.tzinfo is None:
        raise ValueError(f"naive time: {as_of!r}")
    away = TimesAway()
    if plan.shift is None:
        results: tuple[PointResult, ...] = ()
        ignored = tuple(
            IgnoredEvent(event, Reason("voided") if event.voided else _unexpected(plan, event)) for event in events
        )
        status: tuple[Status, ...] = ("rest_day",)
        tally = _NO_WORK
    else:
        own = overlays.of_day(plan) if overlays else NO_OVERLAYS
        if own:
            results, matching = _with_overlays(plan, expectation, events, as_of, own)
        else:
            results, matching = _by_events_alone(plan, expectation, plan.points, events, as_of, plan.windows_overlap)
        if plan.shift.off_post_after_minutes is not None:
            away = find_off_post(plan, results, matching.ignored, own)
        # Nobody is judged absent where it is not certain that work was expected.
        shift = plan.shift if expectation.confirmed else replace(plan.shift, off_post_counts_as="off_post")
        results = absorbed(shift, results, away.off_post)
        ignored = matching.ignored
        tally = tally_of(shift, results, away.off_post)
        status = _status(results, tally, away.off_post)
    return WorkdayVerdict(
        day=plan.day,
        time_zone=plan.site.zone.key,
        status=status,
        shift=plan.shift,
        points=results,
        ignored=ignored,
        off_post=away.off_post,
        rules=expectation.rules,
        calendar_day=expectation.calendar_day,
        confirmed=expectation.confirmed,
        tally=tally,
        roster_entry=None if expectation.entry is None else expectation.entry.entry_id,
        unknown_shift=expectation.unknown_shift,
        closes_next_at=_next_closing(plan, results, as_of),
        away_on_leave=away.on_leave,
    )


def _next_closing(plan: DayPlan, results: Sequence[PointResult], as_of: datetime) -> datetime | None:
    """When the next window closes, while any point is open, be it by clock events alone.

    It need not be a window of that point: an open one may wait for a later one to close.
    """
    if not any(one.outcome == "pending" or (one.raw is not None and one.raw.outcome == "pending") for one in results):
        return None
    closings = [planned.closes_at for planned in plan.points]
    # Leave moves windows.
    closings += [closing_of(plan.site, plan.day, one.end_minutes) for one in results if one.overlaid]
    return min((at for at in closings if at > as_of), default=None)


def _unexpected(plan: DayPlan, event: RawEvent) -> Reason:
    elsewhere = plan.day_elsewhere(event.captured_at)
    if elsewhere is not None:
        return Reason.of("other_workday", date=elsewhere.isoformat())
    return Reason("no_work_expected")


def _by_events_alone(
    plan: DayPlan,
    expectation: Expectation,
    points: Sequence[PlannedPoint | None],
    events: Sequence[RawEvent],
    as_of: datetime,
    overlap: bool,
) -> tuple[tuple[PointResult, ...], Matching]:
    """What clock events say about these points; a point that is None is covered.

    ``overlap`` tells whether a moment may lie in two windows of these points.
    """
    matching = match_events(plan, points, events, windows_overlap=overlap)
    flexible = None if plan.shift is None else plan.shift.flexible
    moved = 0
    results = []
    for number, (planned, event) in enumerate(zip(points, matching.used, strict=True)):
        if planned is None:
            whole = plan.points[number]
            results.append(
                PointResult(number, whole.due_at, whole.start_minutes, whole.end_minutes, "covered", "nothing", 0, None)
            )
            continue
        allowed = 0
        due_at = planned.due_at
        if flexible is not None and number in (0, len(points) - 1):
            allowed, due_at, moved = _flexible(flexible, planned, event, moved)
        is_open = as_of < matching.may_change_until.get(number, planned.closes_at)
        results.append(_judge_point(planned, event, is_open, expectation.confirmed, due_at, allowed))
    return tuple(results), matching


def _flexible(
    flexible: Flexible, planned: PlannedPoint, event: RawEvent | None, moved: int
) -> tuple[int, datetime, int]:
    """Minutes allowed at a point, when it is due, and by how much the day moves."""
    arrives = planned.point.direction == "in"
    if flexible.kind == "allowance":
        return (flexible.late_minutes if arrives else flexible.early_minutes), planned.due_at, 0
    if not arrives:
        return 0, planned.due_at + moved * _MINUTE, moved
    if event is None:
        return 0, planned.due_at, 0
    beyond = minutes_beyond(planned.due_at, event, "in")
    return flexible.late_minutes, planned.due_at, max(-flexible.early_minutes, min(flexible.late_minutes, beyond))


def _judge_point(
    planned: PlannedPoint,
    event: RawEvent | None,
    is_open: bool,
    confirmed: bool,
    due_at: datetime,
    allowed_minutes: int,
) -> PointResult:
    point = planned.point
    outcome: PointOutcome
    counts_as: CountsAs = "nothing"
    minutes = 0
    flexible_minutes = allowed_minutes or (due_at - planned.due_at) // _MINUTE
    if event is None:
        if planned.start_minutes > planned.end_minutes:
            # The days around leave no minute in which anybody could meet it.
            outcome = "not_expected"
        elif is_open:
            outcome = "pending"
        elif not point.required:
            outcome = "not_expected"
        elif confirmed:
            outcome, counts_as = "missing", point.missing_is
        else:
            outcome = "not_judged"
    else:
        beyond = minutes_beyond(due_at, event, point.direction) - allowed_minutes
        if beyond <= point.grace_minutes:
            outcome = "on_time"
        elif point.direction == "in":
            outcome, minutes, counts_as = "late", beyond, point.counts_as(beyond, may_be_absence=confirmed)
        elif is_open:
            outcome = "pending"
        else:
            outcome, minutes, counts_as = "early", beyond, point.counts_as(beyond, may_be_absence=confirmed)
    return PointResult(
        planned.number,
        due_at,
        planned.start_minutes,
        planned.end_minutes,
        outcome,
        counts_as,
        minutes,
        event,
        flexible_minutes,
    )


def _with_overlays(
    plan: DayPlan, expectation: Expectation, events: Sequence[RawEvent], as_of: datetime, overlays: Overlays
) -> tuple[tuple[PointResult, ...], Matching]:
    raw, raw_matching = _by_events_alone(plan, expectation, plan.points, events, as_of, plan.windows_overlap)
    under: list[PointUnderLeave] = under_leave(plan, overlays.absences)
    if any(one.by for one in under):
        points = [one.planned for one in under]
        results, matching = _by_events_alone(plan, expectation, points, events, as_of, windows_overlap(points))
    else:
        results, matching = raw, raw_matching
    changed = list(results)
    for number, one in enumerate(under):
        if one.by:
            by = tuple(Overlaid(absence.kind, absence.request_id, absence.name) for absence in one.by)
            changed[number] = replace(changed[number], overlaid=by)
    ignored = list(matching.ignored)
    in_turn = sorted(overlays.corrections, key=lambda one: one.turn)
    for number, correction in {one.point: one for one in in_turn if one.fits(plan)}.items():
        planned = under[number].planned
        # Where leave or duty takes the place of a point, there is nothing to correct.
        if planned is not None:
            replaced = changed[number].event
            if replaced is not None:
                ignored.append(IgnoredEvent(replaced, Reason.of("corrected", point=number)))
            changed[number] = _corrected(plan, planned, changed[number], correction, expectation.confirmed)
    for correction in in_turn:
        if not correction.fits(plan):
            number = min(correction.point, len(changed) - 1)
            unfit = Overlaid("unfit", correction.request_id, correction.at.isoformat())
            changed[number] = replace(changed[number], overlaid=(*changed[number].overlaid, unfit))
    for waiver in sorted(overlays.waivers, key=lambda one: one.turn):
        for number, result in enumerate(changed):
            if waiver.point in (None, number) and (result.outcome in _EXCUSABLE or result.outcome == "excused"):
                kind = Overlaid("outage" if waiver.outage else "waiver", waiver.request_id, waiver.note)
                changed[number] = replace(
                    result, outcome="excused", counts_as="nothing", minutes=0, overlaid=(*result.overlaid, kind)
                )
    final = tuple(
        replace(result, raw=RawFact(fact.outcome, fact.counts_as, fact.minutes, fact.event))
        if result.overlaid
        else result
        for result, fact in zip(changed, raw, strict=True)
    )
    ignored.sort(key=lambda one: (one.event.captured_at, one.event.event_id.int))
    return final, replace(matching, ignored=tuple(ignored))


def _corrected(
    plan: DayPlan,
    planned: PlannedPoint,
    result: PointResult,
    correction: Correction,
    confirmed: bool,
) -> PointResult:
    event = RawEvent(correction.request_id, correction.at, "correction")
    flexible = None if plan.shift is None else plan.shift.flexible
    allowed = 0
    if flexible is not None and planned.number == 0:
        allowed = flexible.late_minutes
    elif flexible is not None and flexible.kind == "allowance" and planned.number == len(plan.points) - 1:
        allowed = flexible.early_minutes
    judged = _judge_point(planned, event, False, confirmed, result.due_at, allowed)
    by = (*result.overlaid, Overlaid("correction", correction.request_id))
    return replace(judged, flexible_minutes=allowed or result.flexible_minutes, overlaid=by)


def _status(results: Sequence[PointResult], tally: Tally, off_post: Sequence[OffPost]) -> tuple[Status, ...]:
    found: set[Status] = set()
    if tally.absent_half_days:
        found.add("absent" if tally.absent_half_days > 1 else "absent_half_day")
    if tally.late_times:
        found.add("late")
    if tally.early_times:
        found.add("early_leave")
    if tally.missing_points:
        found.add("missing_clock")
    if tally.off_post_times:
        found.add("off_post")
    if tally.excused_times:
        found.add("excused")
    if tally.leave_points:
        found.add("on_leave")
    if tally.duty_points:
        found.add("on_duty")
    for result in results:
        if result.outcome == "not_judged":
            found.add("not_judged")
        elif result.outcome == "pending":
            found.add("pending")
    if not found:
        return ("normal",)
    if len(found) == 1:
        return tuple(found)
    return tuple(status for status in STATUSES if status in found)
