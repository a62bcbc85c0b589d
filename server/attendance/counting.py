"""Counters, scores and sums over many workdays. Verdicts stay as they are; what is forgiven is only not counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from server.attendance.rules import Counted, Counter, Forgiven, RuleSet
from server.attendance.verdicts import Tally

_FIGURES: Final = tuple(field.name for field in fields(Tally))


@dataclass(frozen=True, slots=True)
class CountedDay:
    """What counting needs of one workday."""

    day: date
    tally: Tally


def added(tallies: Iterable[Tally]) -> Tally:
    """The sum of all figures."""
    sums = dict.fromkeys(_FIGURES, 0)
    for tally in tallies:
        for name in _FIGURES:
            sums[name] += getattr(tally, name)
    return Tally(**sums)


def times(tally: Tally, counted: Counted) -> int:
    """How often something happened."""
    if counted == "late":
        return tally.late_times
    if counted == "serious_late":
        return tally.serious_late_times
    if counted == "early":
        return tally.early_times
    if counted == "serious_early":
        return tally.serious_early_times
    if counted == "missing":
        return tally.missing_points
    if counted == "half_day":
        return tally.absent_half_days
    return tally.off_post_times


def forgiven_times(days: Iterable[CountedDay], forgiven: Forgiven | None) -> dict[date, int]:
    """How many late arrivals and early leaves of each day are not counted.

    The first ones of a month, in the order of days, whose minutes are few enough; a day whose late and early minutes
    together are more forgives none, because which of its facts were short is not kept in its sums.
    """
    if forgiven is None:
        return {}
    left: dict[tuple[int, int], int] = {}
    found: dict[date, int] = {}
    for one in sorted(days, key=lambda day: day.day):
        happened = one.tally.late_times + one.tally.early_times
        minutes = one.tally.late_minutes + one.tally.early_minutes
        if not happened or not 0 < minutes <= forgiven.up_to_minutes:
            continue
        month = one.day.year, one.day.month
        spared = min(happened, left.get(month, forgiven.per_month))
        left[month] = left.get(month, forgiven.per_month) - spared
        if spared:
            found[one.day] = spared
    return found


@dataclass(frozen=True, slots=True)
class CounterState:
    """Where somebody stands with one limit.

    Attributes:
        period: the month or the year, such as 2026-11 or 2026.
        times: counted so far, without what is forgiven.
    """

    counter: Counter
    period: str
    times: int

    @property
    def left(self) -> int:
        """How many are left before the limit; 0 when it is reached."""
        return max(0, self.counter.limit - self.times)

    @property
    def reached(self) -> bool:
        """Whether the consequence follows."""
        return self.times >= self.counter.limit

    @property
    def warns(self) -> bool:
        """Whether the person should be told how few are left."""
        return not self.reached and self.times > 0 and self.left <= self.counter.warn_before


def counter_states(rules: RuleSet, days: Sequence[CountedDay], on: date) -> list[CounterState]:
    """Where somebody stands on a date with every limit of the rules.

    Args:
        rules: of that date.
        days: of that person; at least those of the year up to the date.
        on: the date; later days are left out.
    """
    past = [one for one in days if one.day <= on and one.day.year == on.year]
    spared = forgiven_times(past, rules.forgiven)
    states = []
    for counter in rules.counters:
        own = past if counter.per == "year" else [one for one in past if one.day.month == on.month]
        count = 0
        for one in own:
            happened = sum(times(one.tally, counted) for counted in counter.counts)
            forgivable = sum(times(one.tally, counted) for counted in counter.counts if counted in ("late", "early"))
            count += happened - min(forgivable, spared.get(one.day, 0))
        period = f"{on:%Y}" if counter.per == "year" else f"{on:%Y-%m}"
        states.append(CounterState(counter, period, count))
    return states


def personal_points(rules: RuleSet, days: Sequence[CountedDay]) -> float | None:
    """Points that some days cost somebody; None where the rules give none. Serious ones may cost more on top."""
    scoring = rules.scoring
    if scoring is None:
        return None
    spared = forgiven_times(days, rules.forgiven)
    points = 0.0
    for one in days:
        left = spared.get(one.day, 0)
        for counted, cost in scoring.points.items():
            count = times(one.tally, counted)
            if counted in ("late", "early"):
                used = min(left, count)
                left -= used
                count -= used
            points += cost * count
    return round(points, 4)


def division_score(rules: RuleSet, counted: int) -> float | None:
    """Points that a division has left after so many counted facts; None where the rules give none; never below 0."""
    scoring = rules.scoring
    if scoring is None or not scoring.division_counts:
        return None
    return max(0.0, round(scoring.division_start - scoring.division_points * (counted // scoring.division_each), 4))
