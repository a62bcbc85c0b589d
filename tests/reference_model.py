"""The rules of attendance a second time, as docs/attendance.md words them: slow, plain, and apart from the engine.

Sharing out clock events tries every way there is, and each step follows one paragraph of the document. Nothing here
comes from the engine but the values that it is given and that it gives. Where several ways of sharing out events are
equally good, every one of them is a right answer: ``answers`` gives all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import cast
from uuid import UUID

from server.attendance.events import RawEvent
from server.attendance.overlays import Absence, Correction
from server.attendance.points import ClockPoint, CountsAs, Shift
from server.attendance.verdicts import STATUSES, PointOutcome, Status, Tally
from tests.reference_matching import Assignment, best_assignments, candidates, met_alone, prefers_extremes
from tests.reference_reasons import Kept, kept_events
from tests.reference_windows import (
    MINUTE,
    Open,
    World,
    counting_moment,
    expected,
    merged,
    neighbours_minutes,
    points_of_day,
    screen_minutes,
    wall_minute,
    windows_between_neighbours,
)

JUDGED = ("on_time", "late", "early", "missing")


@dataclass(frozen=True)
class Told:
    """What one clock point says."""

    outcome: PointOutcome
    counts_as: CountsAs
    minutes: int
    used: UUID | None


@dataclass(frozen=True)
class Away:
    """One time off post."""

    left_at: datetime
    back_at: datetime
    minutes: int
    stretch: int
    excused: bool


@dataclass(frozen=True)
class Answer:
    """What one workday says."""

    points: tuple[Told, ...]
    kept: tuple[Kept, ...]
    off_post: tuple[Away, ...]
    status: tuple[Status, ...]
    tally: Tally


def answers(world: World, day: date, as_of: datetime) -> list[Answer]:
    """Every right answer for one workday; one, unless several ways of sharing out events are equally good."""
    shift, confirmed = expected(world, day)
    if shift is None:
        kept = kept_events(world, day, None, (), (), (), ())
        return [Answer((), kept, (), ("rest_day",), Tally())]
    points = points_of_day(world, day, shift)
    told = [_tell(world, day, as_of, shift, confirmed, points, one) for one in best_assignments(world, day, points)]
    return [answer for number, answer in enumerate(told) if answer not in told[:number]]


# What a clock point says, and what the day says


def _tell(
    world: World,
    day: date,
    as_of: datetime,
    shift: Shift,
    confirmed: bool,
    points: Sequence[Open],
    assignment: Assignment,
) -> Answer:
    corrections = counting_corrections(world, day, shift)
    waived_points = {one.point for one in world.overlays.waivers if one.day == day}
    dues = shifted_dues(shift, points, assignment)
    met = [_met(one, event, corrections.get(one.number)) for one, event in zip(points, assignment, strict=True)]
    settled = settled_at(world, day, points, assignment)
    told = []
    for one, event in zip(points, met, strict=True):
        is_open = not one.covered and as_of < settled[one.number]
        said = _one_point(shift, confirmed, one, dues[one.number], event, is_open)
        if said.outcome in ("late", "early", "missing") and waived_points & {None, one.number}:
            said = Told("excused", "nothing", 0, said.used)
        told.append(said)
    away = times_away(world, day, shift, dues, points, met, assignment, waived_points)
    everything_closed = all(one.covered or not one.minutes or as_of >= settled[one.number] for one in points)
    if not confirmed:
        shift = replace(shift, off_post_counts_as="off_post")
    absent_half_days, counted, away_counts = _seen_together(shift, points, told, away, everything_closed)
    tally = _tally(points, counted, away, away_counts, absent_half_days)
    alone = met_alone([candidates(world, day, one) for one in points])
    extremes = [is_alone or prefers_extremes(shift, number) for number, is_alone in enumerate(alone)]
    kept = kept_events(world, day, shift, points, assignment, corrections, extremes)
    return Answer(tuple(counted), kept, tuple(away), _status(counted, tally), tally)


def counting_corrections(world: World, day: date, shift: Shift) -> dict[int, Correction]:
    """For each point the correction that was decided last, and of those the one filed last, of those that fit."""
    windows = windows_between_neighbours(world, day, shift)
    found: dict[int, Correction] = {}
    for one in world.overlays.corrections:
        if one.day != day or one.point >= len(windows):
            continue
        if one.shift != shift.name and wall_minute(world, day, one.at) not in windows[one.point]:
            continue
        rival = found.get(one.point)
        if rival is None or (one.decided_at, one.filed_at) > (rival.decided_at, rival.filed_at):
            found[one.point] = one
    return found


def _met(one: Open, event: RawEvent | None, correction: Correction | None) -> RawEvent | None:
    """What counts at a point: the moment of a correction, or the clock event that meets it."""
    if correction is None or one.covered:
        return event
    return RawEvent(correction.request_id, correction.at, "correction")


def shifted_dues(shift: Shift, points: Sequence[Open], assignment: Assignment) -> list[datetime]:
    """When each point is due; of flexible hours of the kind ``shift`` the departure moves as the arrival does."""
    dues = [one.due for one in points]
    arrived = assignment[0]
    if shift.flexible is not None and shift.flexible.kind == "shift" and arrived is not None:
        late = screen_minutes(points[0].due, arrived.captured_at)
        dues[-1] += max(-shift.flexible.early_minutes, min(shift.flexible.late_minutes, late)) * MINUTE
    return dues


def closes_at(world: World, day: date, one: Open) -> datetime:
    """The end of the last minute of a window; a minute that the wall shows twice ends with the second time."""
    wall = datetime.combine(day, time()) + max(one.minutes, default=one.point.at_minutes) * MINUTE
    ends = [wall.replace(tzinfo=world.site.zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return max(ends) + MINUTE


def settled_at(world: World, day: date, points: Sequence[Open], assignment: Assignment) -> list[datetime]:
    """From when on no later event can change what meets a point.

    That is when its window has closed, and the windows of all later points that have an event which lies in it, too, or
    in the window of a point that would get one from them.
    """
    may_meet = [set(candidates(world, day, one)) for one in points]
    hopes = [{number} for number in range(len(points))]
    while True:
        wider = [
            one.union(*(hopes[giver] for taker in one for giver in _givers(taker, may_meet, assignment)))
            for one in hopes
        ]
        if wider == hopes:
            return [max(closes_at(world, day, points[number]) for number in one) for one in hopes]
        hopes = wider


def _givers(taker: int, may_meet: Sequence[set[RawEvent]], assignment: Assignment) -> list[int]:
    return [number for number, event in enumerate(assignment) if number > taker and event in may_meet[taker]]


def _one_point(shift: Shift, confirmed: bool, one: Open, due: datetime, event: RawEvent | None, is_open: bool) -> Told:
    """What a point says by itself, before waivers."""
    if one.covered:
        return Told("covered", "nothing", 0, None)
    if event is None:
        if not one.minutes:
            return Told("not_expected", "nothing", 0, None)
        if is_open:
            return Told("pending", "nothing", 0, None)
        if not one.point.required:
            return Told("not_expected", "nothing", 0, None)
        if not confirmed:
            return Told("not_judged", "nothing", 0, None)
        return Told("missing", one.point.missing_is, 0, None)
    minutes = screen_minutes(due, counting_moment(event, one)) * (1 if one.arrival else -1)
    minutes -= allowed_minutes(shift, one)
    if minutes <= one.point.grace_minutes:
        return Told("on_time", "nothing", 0, event.event_id)
    if one.arrival:
        return Told("late", counts_as(one.point, minutes, confirmed), minutes, event.event_id)
    if is_open and event.method != "correction":
        return Told("pending", "nothing", 0, event.event_id)
    return Told("early", counts_as(one.point, minutes, confirmed), minutes, event.event_id)


def allowed_minutes(shift: Shift, one: Open) -> int:
    """By how much flexible hours allow to be late at the first arrival, or early at the last departure."""
    flexible = shift.flexible
    if flexible is None:
        return 0
    if one.number == 0:
        return flexible.late_minutes
    if one.number == len(shift.points) - 1 and flexible.kind == "allowance":
        return flexible.early_minutes
    return 0


def counts_as(point: ClockPoint, minutes: int, confirmed: bool) -> CountsAs:
    """What so many minutes late or early count as; an absence only where it is certain that work is expected."""
    if not confirmed:
        point = replace(point, half_day_after_minutes=None, full_day_after_minutes=None)
    if point.full_day_after_minutes is not None and minutes > point.full_day_after_minutes:
        return "full_day"
    if point.half_day_after_minutes is not None and minutes > point.half_day_after_minutes:
        return "half_day"
    if point.serious_after_minutes is not None and minutes > point.serious_after_minutes:
        return "serious_late" if point.direction == "in" else "serious_early"
    return "late" if point.direction == "in" else "early"


# Off post


def times_away(
    world: World,
    day: date,
    shift: Shift,
    dues: Sequence[datetime],
    points: Sequence[Open],
    met: Sequence[RawEvent | None],
    assignment: Assignment,
    waived: Collection[int | None],
) -> list[Away]:
    """Every time away between an arrival and the departure right after it that is longer than the limit."""
    if shift.off_post_after_minutes is None:
        return []
    used = {event.event_id for event in assignment if event is not None}
    elsewhere = neighbours_minutes(world, day).difference(*windows_between_neighbours(world, day, shift))
    free = [
        event.captured_at
        for event in world.events
        if not event.voided
        and event.event_id not in used
        and wall_minute(world, day, event.captured_at) not in elsewhere
    ]
    found = []
    for one, event in zip(points, met, strict=True):
        # A waiver names a stretch by -1, -2 and so on.
        excused = None in waived or -1 - one.stretch in waived
        after = one.number + 1
        if not one.arrival or event is None or after == len(points) or points[after].arrival:
            continue
        departed = met[after]
        until = dues[after] if departed is None else min(dues[after], departed.captured_at)
        between = sorted(moment for moment in free if event.captured_at < moment < until)
        visits = _visits([event.captured_at, *between], shift.min_interval_minutes * MINUTE)[1:]
        for left, back in zip(visits[::2], visits[1::2], strict=False):
            minutes = _minutes_without_leave(left[-1], back[0], world.overlays.absences)
            if minutes > shift.off_post_after_minutes:
                found.append(Away(left[-1], back[0], minutes, one.stretch, excused))
    return found


def _visits(moments: Sequence[datetime], apart: timedelta) -> list[list[datetime]]:
    visits: list[list[datetime]] = []
    for moment in moments:
        if visits and moment - visits[-1][-1] < apart:
            visits[-1].append(moment)
        else:
            visits.append([moment])
    return visits


def _minutes_without_leave(left: datetime, back: datetime, absences: Sequence[Absence]) -> int:
    minutes = screen_minutes(left, back)
    for start, end, _ in merged(absences):
        if start < back and left < end:
            minutes -= screen_minutes(max(start, left), min(end, back))
    return minutes


# The day


def _seen_together(
    shift: Shift, points: Sequence[Open], told: Sequence[Told], away: Sequence[Away], everything_closed: bool
) -> tuple[int, list[Told], list[str]]:
    """Half days of absence, and what every point and every time away counts as beside them."""
    in_part = any(one.by for one in points)
    away_counts: list[str] = ["nothing" if one.excused else shift.off_post_counts_as for one in away]
    nobody_there = all(one.used is None for one in told) and all(one.outcome != "excused" for one in told)
    if everything_closed and nobody_there and any(one.outcome == "missing" for one in told):
        first = [one.outcome for one in told].index("missing")
        absence: CountsAs = "half_day" if in_part else "full_day"
        counted = [replace(one, counts_as=absence if n == first else "nothing") for n, one in enumerate(told)]
        return 1 if in_part else 2, counted, away_counts
    facts: list[tuple[str, int]] = [(one.counts_as, points[n].stretch) for n, one in enumerate(told)]
    facts += [(counts, one.stretch) for counts, one in zip(away_counts, away, strict=True)]
    if in_part:
        facts = [("half_day" if kind == "full_day" else kind, stretch) for kind, stretch in facts]
    kinds = [kind for kind, _ in facts]
    if "full_day" in kinds:
        half_days, kept = 2, {kinds.index("full_day")}
    else:
        halves: dict[int, int] = {}
        for number, (kind, stretch) in enumerate(facts):
            if kind == "half_day":
                halves.setdefault(stretch, number)
        half_days = min(1 if in_part else 2, len(halves))
        kept = set(halves.values()) | {
            n for n, (kind, stretch) in enumerate(facts) if half_days < 2 and stretch not in halves
        }
    counts = [kind if number in kept else "nothing" for number, kind in enumerate(kinds)]
    counted = [replace(one, counts_as=cast(CountsAs, kind)) for one, kind in zip(told, counts, strict=False)]
    return half_days, counted, counts[len(told) :]


ABSENT = ("half_day", "full_day")


def _tally(
    points: Sequence[Open], told: Sequence[Told], away: Sequence[Away], away_counts: Sequence[str], half_days: int
) -> Tally:
    judged = [
        one.arrival
        for one, said in zip(points, told, strict=True)
        if said.outcome in JUDGED and (said.outcome == "on_time" or said.counts_as not in ("nothing", *ABSENT))
    ]
    late = [said for said in told if said.counts_as in ("late", "serious_late")]
    early = [said for said in told if said.counts_as in ("early", "serious_early")]
    off_post = [one for one, counts in zip(away, away_counts, strict=True) if counts == "off_post"]
    return Tally(
        arrivals=judged.count(True),
        departures=judged.count(False),
        late_times=len(late),
        serious_late_times=sum(said.counts_as == "serious_late" for said in late),
        late_minutes=sum(said.minutes for said in late),
        early_times=len(early),
        serious_early_times=sum(said.counts_as == "serious_early" for said in early),
        early_minutes=sum(said.minutes for said in early),
        missing_points=sum(said.counts_as == "missing" for said in told),
        absent_half_days=half_days,
        off_post_times=len(off_post),
        off_post_minutes=sum(one.minutes for one in off_post),
        excused_times=sum(said.outcome == "excused" for said in told) + sum(one.excused for one in away),
        leave_points=sum(any(part.kind == "leave" for part in one.by) for one in points),
        duty_points=sum(any(part.kind == "duty" for part in one.by) for one in points),
    )


def _status(told: Sequence[Told], tally: Tally) -> tuple[Status, ...]:
    outcomes = [one.outcome for one in told]
    says: dict[Status, bool] = {
        "absent": tally.absent_half_days == 2,
        "absent_half_day": tally.absent_half_days == 1,
        "late": tally.late_times > 0,
        "early_leave": tally.early_times > 0,
        "missing_clock": tally.missing_points > 0,
        "off_post": tally.off_post_times > 0,
        "not_judged": "not_judged" in outcomes,
        "pending": "pending" in outcomes,
        "on_leave": tally.leave_points > 0,
        "on_duty": tally.duty_points > 0,
        "excused": tally.excused_times > 0,
    }
    return tuple(status for status in STATUSES if says.get(status, False)) or ("normal",)
