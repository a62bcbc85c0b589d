"""What the facts of one workday count as together, and the figures that reports add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from server.attendance.points import CountsAs, Shift
from server.attendance.verdicts import OffPost, PointResult, Tally

_ABSENCES = ("half_day", "full_day")
_JUDGED = ("on_time", "late", "early", "missing")


def absorbed(shift: Shift, results: tuple[PointResult, ...], off_post: Sequence[OffPost]) -> tuple[PointResult, ...]:
    """The results with what each counts as, seen together.

    Who met nothing at all when every window has closed was absent. Whoever had leave or duty is absent for half a day
    at most. An absence takes up what belongs to it, so that nothing is counted twice.
    """
    bad = [result.number for result in results if result.counts_as != "nothing"]
    if not bad:
        return results
    if _met_nothing(results):
        first = next(result.number for result in results if result.outcome == "missing")
        whole: CountsAs = "half_day" if under_leave_in_part(results) else "full_day"
        return tuple(
            result
            if result.outcome != "missing"
            else replace(result, counts_as=whole if result.number == first else "nothing")
            for result in results
        )
    away_counts = _off_post_counts_as(shift, results)
    if under_leave_in_part(results):
        # A whole day nobody owed: each absence takes up its own stretch only.
        results = tuple(_at_most_half(result) for result in results)
    kinds = {result.counts_as for result in results}
    away = {away_counts for one in off_post if not one.excused}
    if not kinds & set(_ABSENCES) and not away & set(_ABSENCES):
        return results
    if "full_day" in kinds or "full_day" in away:
        kept = next((result.number for result in results if result.counts_as == "full_day"), None)
        return tuple(_only(result, result.number == kept) for result in results)
    absent_stretches: dict[int, int] = {}
    for result in results:
        if result.counts_as == "half_day":
            absent_stretches.setdefault(shift.stretch_of(result.number), result.number)
    if away_counts == "half_day":
        for one in off_post:
            if not one.excused:
                absent_stretches.setdefault(one.stretch, -1)
    is_whole_day = len(absent_stretches) > 1 and not under_leave_in_part(results)
    return tuple(
        _only(result, absent_stretches[shift.stretch_of(result.number)] == result.number)
        if shift.stretch_of(result.number) in absent_stretches
        else _only(result, not is_whole_day)
        for result in results
    )


def under_leave_in_part(results: Sequence[PointResult]) -> bool:
    """Whether leave or duty took the place of a clock point or moved one: absence is half a day then, at most."""
    return any(one.kind in ("leave", "duty") for result in results for one in result.overlaid)


def _off_post_counts_as(shift: Shift, results: Sequence[PointResult]) -> Literal["off_post", "half_day", "full_day"]:
    counts_as = shift.off_post_counts_as
    return "half_day" if counts_as == "full_day" and under_leave_in_part(results) else counts_as


def _at_most_half(result: PointResult) -> PointResult:
    return replace(result, counts_as="half_day") if result.counts_as == "full_day" else result


def _met_nothing(results: Sequence[PointResult]) -> bool:
    return any(result.outcome == "missing" for result in results) and all(
        result.outcome in ("missing", "not_expected", "covered") for result in results
    )


def _only(result: PointResult, keep: bool) -> PointResult:
    return result if keep or result.counts_as == "nothing" else replace(result, counts_as="nothing")


def _is_absence(result: PointResult) -> bool:
    """Whether a point is an absence or taken up by one: such a one is no chance of being late or early."""
    taken_up = result.outcome in ("late", "early", "missing") and result.counts_as == "nothing"
    return taken_up or result.counts_as in _ABSENCES


def tally_of(shift: Shift, results: Sequence[PointResult], off_post: Sequence[OffPost]) -> Tally:
    """The figures of the day."""
    arrivals = departures = late = serious_late = late_minutes = early = serious_early = early_minutes = 0
    missing = half_days = excused = leave = duty = 0
    for result in results:
        if result.outcome in _JUDGED and not _is_absence(result):
            if shift.points[result.number].direction == "in":
                arrivals += 1
            else:
                departures += 1
        elif result.outcome == "excused":
            excused += 1
        counts_as = result.counts_as
        if counts_as in ("late", "serious_late"):
            late += 1
            late_minutes += result.minutes
            serious_late += counts_as == "serious_late"
        elif counts_as in ("early", "serious_early"):
            early += 1
            early_minutes += result.minutes
            serious_early += counts_as == "serious_early"
        elif counts_as == "missing":
            missing += 1
        elif counts_as == "half_day":
            half_days += 1
        elif counts_as == "full_day":
            half_days += 2
        kinds = {one.kind for one in result.overlaid}
        leave += "leave" in kinds
        duty += "duty" in kinds
    away = [one for one in off_post if not one.excused]
    if away:
        absent = {shift.stretch_of(result.number) for result in results if result.counts_as == "half_day"}
        away_counts = _off_post_counts_as(shift, results)
        if away_counts == "off_post":
            # An absence takes these up, too.
            is_whole_day = half_days > 1 and not under_leave_in_part(results)
            away = [one for one in away if one.stretch not in absent and not is_whole_day]
        else:
            stretches = {one.stretch for one in away} - absent
            half_days += 2 if away_counts == "full_day" else len(stretches)
            away = []
    return Tally(
        arrivals=arrivals,
        departures=departures,
        late_times=late,
        serious_late_times=serious_late,
        late_minutes=late_minutes,
        early_times=early,
        serious_early_times=serious_early,
        early_minutes=early_minutes,
        missing_points=missing,
        absent_half_days=min(1 if under_leave_in_part(results) else 2, half_days),
        off_post_times=len(away),
        off_post_minutes=sum(one.minutes for one in away),
        excused_times=excused + sum(one.excused for one in off_post),
        leave_points=leave,
        duty_points=duty,
    )
