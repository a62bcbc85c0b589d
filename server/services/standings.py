"""Where people stand with points and limits when a month is reported, kept as it is published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from server.attendance.counting import CountedDay, CounterState, counter_states, forgiven_times, personal_points
from server.attendance.rules import Counter, RuleSet
from server.storage.unit_of_work import UnitOfWork

_NOTHING: Final = (0.0, 0, ())


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one person stands.

    Attributes:
        points: that the month costs; None where the rules give none.
        forgiven: late arrivals and early leaves of the month that are not counted in points and limits.
        limits: those that are reached, and those of which few are left.
    """

    points: float | None
    forgiven: int
    limits: tuple[CounterState, ...]


@dataclass(frozen=True, slots=True)
class Standings:
    """Where everybody stands.

    Attributes:
        gives_points: whether the rules cost people points.
        counters: the limits of the rules.
        of_people: by the text of the identifier, who has any, as plain JSON values: points, forgiven ones, and of each
            limit its number in ``counters``, its period and how often. Made into a ``Standing`` only for who is shown:
            a page of a hundred need not wait for ten thousand.
    """

    gives_points: bool
    counters: tuple[Counter, ...]
    of_people: Mapping[str, Sequence[Any]]

    def of(self, person_id: UUID) -> Standing:
        """Where somebody stands."""
        points, forgiven, limits = self.of_people.get(str(person_id), _NOTHING)
        states = tuple(CounterState(self.counters[number], period, times) for number, period, times in limits)
        return Standing(points if self.gives_points else None, forgiven, states)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "gives_points": self.gives_points,
            "counters": [
                [one.name_zh, one.name_en, list(one.counts), one.per, one.limit, one.warn_before]
                for one in self.counters
            ],
            "of_people": dict(self.of_people),
        }

    @staticmethod
    def from_json(content: Mapping[str, Any]) -> Standings:
        """The inverse of ``to_json``."""
        counters = tuple(
            Counter(name_zh, name_en, tuple(counts), per, limit, warn_before)
            for name_zh, name_en, counts, per, limit, warn_before in content["counters"]
        )
        return Standings(content["gives_points"], counters, content["of_people"])


def read_standings(
    unit: UnitOfWork, rules: RuleSet, first: date, on: date, person_ids: Collection[UUID]
) -> Standings | None:
    """Where people stand on a date of a month; None where the rules have neither points nor limits, or it is to come.

    Args:
        unit: to read in.
        rules: of that date.
        first: of the month.
        on: a date of the month.
        person_ids: whose.
    """
    if on < first or (rules.scoring is None and not rules.counters):
        return None
    yearly = any(counter.per == "year" for counter in rules.counters)
    days_of: defaultdict[UUID, list[CountedDay]] = defaultdict(list)
    for person_id, day, tally in unit.workdays.noted(date(on.year, 1, 1) if yearly else first, on):
        days_of[person_id].append(CountedDay(day, tally))
    found: dict[str, Sequence[Any]] = {}
    for person_id in person_ids:
        days = days_of.get(person_id, [])
        own = [one for one in days if one.day >= first]
        points = personal_points(rules, own) or 0.0
        forgiven = sum(forgiven_times(own, rules.forgiven).values())
        limits = [
            [number, state.period, state.times]
            for number, state in enumerate(counter_states(rules, days, on) if days else ())
            if state.reached or state.warns
        ]
        if points or forgiven or limits:
            found[str(person_id)] = [points, forgiven, limits]
    return Standings(rules.scoring is not None, tuple(rules.counters), found)
