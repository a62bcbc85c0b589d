"""What if: a draft of rules over past days, whose verdicts would change, and what would follow. Nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from models.errors import CourtclockError
from server.attendance.counting import (
    CountedDay,
    CounterState,
    added,
    counter_states,
    division_score,
    personal_points,
    times,
)
from server.attendance.rule_documents import read_rules
from server.attendance.rules import RuleSet, RuleVersion
from server.attendance.verdicts import Tally, WorkdayVerdict
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.deriving import judge_days, month_of
from server.storage.records import PersonRecord
from server.storage.unit_of_work import UnitOfWork

_PEOPLE_AT_ONCE: Final = 200
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ChangedVerdict:
    """One workday that the draft would judge otherwise."""

    person: PersonRecord
    before: WorkdayVerdict
    after: WorkdayVerdict


@dataclass(frozen=True, slots=True)
class ChangedConsequence:
    """Somebody for whom something else would follow, also where every verdict stays as it is.

    Attributes:
        reached_before, reached_after: limits that are reached on the last day.
        points_before, points_after: that the days cost; None where the rules give none.
    """

    person: PersonRecord
    reached_before: tuple[CounterState, ...]
    reached_after: tuple[CounterState, ...]
    points_before: float | None
    points_after: float | None


@dataclass(frozen=True, slots=True)
class ChangedScore:
    """A division that would have other points left; None where the rules give none."""

    division: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a draft would change.

    Attributes:
        version: of the draft.
        workdays: how many were judged with both.
        changed: those whose status or figures differ, by division, number and day.
        before, after: the sums of all.
        consequences: of people, by division and number. Limits of a year count the earlier days as they are stored.
        scores: of divisions, by name, each summed over the days that were judged.
        later_versions: that began among the days. The draft was tried on every day; put in force from the first one,
            it would hold only until the first of these begins.
    """

    version: str
    first_day: date
    last_day: date
    workdays: int
    changed: tuple[ChangedVerdict, ...]
    before: Tally
    after: Tally
    consequences: tuple[ChangedConsequence, ...] = ()
    scores: tuple[ChangedScore, ...] = ()
    later_versions: tuple[RuleVersion, ...] = ()

    @property
    def people(self) -> int:
        """How many people would see a change."""
        return len({one.person.person_id for one in self.changed})


def what_if(
    context: ServerContext,
    text: str,
    first_day: date,
    last_day: date,
    division_id: UUID | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> WhatIf:
    """Judge past days by the rules in force and by a draft, and compare.

    Args:
        context: the server's parts.
        text: the draft, a rule document.
        first_day, last_day: both included; days after today are left out.
        division_id: one division only; None is the court.
        progress: told how many people are done, of how many.

    Raises:
        CourtclockError: ``rules.invalid``, or ``month.not_kept`` where days are among them whose clock events are
            gone: nobody can tell any more what they would say.
    """
    draft = read_rules(text)
    now = context.clock.now()
    last = min(last_day, context.site.day_of(now))
    with context.unit(read_only=True) as unit:
        people = unit.people.between(first_day, last, division_id)
        deleted = unit.months.deleted()
    days = [first_day + number * _ONE_DAY for number in range((last - first_day).days + 1)]
    for day in days:
        if month_of(day) in deleted:
            raise CourtclockError("month.not_kept", month=month_of(day))
    changed: list[ChangedVerdict] = []
    consequences: list[ChangedConsequence] = []
    sums_before: list[Tally] = []
    sums_after: list[Tally] = []
    of_division: dict[str, tuple[list[Tally], list[Tally]]] = {}
    with context.unit(read_only=True) as unit:
        history = rules_in_force(context, unit).history
    rules = history.on(last)
    for start in range(0, len(people), _PEOPLE_AT_ONCE):
        part = people[start : start + _PEOPLE_AT_ONCE]
        wanted = {person.person_id: [day for day in days if person.works_on(day)] for person in part}
        with context.unit(read_only=True) as unit:
            in_force = judge_days(unit, rules_in_force(context, unit), wanted, now)
            drafted = judge_days(unit, rules_in_force(context, unit, (draft, first_day)), wanted, now)
            earlier = _earlier_days(unit, list(wanted), first_day)
        for person in part:
            pairs = list(zip(in_force.get(person.person_id, []), drafted.get(person.person_id, []), strict=True))
            changed += [
                ChangedVerdict(person, before, after)
                for before, after in pairs
                if (before.status, before.tally) != (after.status, after.tally)
            ]
            days_before = [CountedDay(before.day, before.tally) for before, _ in pairs]
            days_after = [CountedDay(after.day, after.tally) for _, after in pairs]
            known = earlier.get(person.person_id, [])
            consequence = ChangedConsequence(
                person,
                _reached(rules, [*known, *days_before], last),
                _reached(draft, [*known, *days_after], last),
                personal_points(rules, days_before),
                personal_points(draft, days_after),
            )
            if _differs(consequence):
                consequences.append(consequence)
            tallies_before = [one.tally for one in days_before]
            tallies_after = [one.tally for one in days_after]
            sums_before += tallies_before
            sums_after += tallies_after
            own_before, own_after = of_division.setdefault(person.division or "", ([], []))
            own_before += tallies_before
            own_after += tallies_after
        progress(min(start + _PEOPLE_AT_ONCE, len(people)), len(people))
    scores = (
        ChangedScore(name, _score(rules, own_before), _score(draft, own_after))
        for name, (own_before, own_after) in sorted(of_division.items())
        if name
    )
    return WhatIf(
        draft.version,
        first_day,
        last,
        len(sums_before),
        tuple(changed),
        added(sums_before),
        added(sums_after),
        tuple(consequences),
        tuple(one for one in scores if one.before != one.after),
        tuple(one for one in history.versions if first_day < one.effective_from <= last),
    )


def _earlier_days(unit: UnitOfWork, person_ids: list[UUID], first_day: date) -> dict[UUID, list[CountedDay]]:
    """The days of the same year before the first one, as they are stored."""
    found: dict[UUID, list[CountedDay]] = {}
    if first_day > date(first_day.year, 1, 1):
        for record in unit.workdays.of_people(person_ids, date(first_day.year, 1, 1), first_day - _ONE_DAY):
            found.setdefault(record.person_id, []).append(CountedDay(record.day, record.tally))
    return found


def _reached(rules: RuleSet, days: list[CountedDay], on: date) -> tuple[CounterState, ...]:
    return tuple(state for state in counter_states(rules, days, on) if state.reached)


def _differs(one: ChangedConsequence) -> bool:
    def names(states: tuple[CounterState, ...]) -> list[tuple[str, str]]:
        return [(state.counter.name_zh, state.counter.name_en) for state in states]

    return names(one.reached_before) != names(one.reached_after) or one.points_before != one.points_after


def _score(rules: RuleSet, tallies: list[Tally]) -> float | None:
    if rules.scoring is None:
        return None
    total = added(tallies)
    return division_score(rules, sum(times(total, one) for one in rules.scoring.division_counts))
