"""What if: a draft of rules over past days, and whose verdicts would change. Nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from server.attendance.counting import added
from server.attendance.rule_documents import read_rules
from server.attendance.verdicts import Tally, WorkdayVerdict
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.deriving import judge_days
from server.storage.records import PersonRecord

_PEOPLE_AT_ONCE: Final = 200
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ChangedVerdict:
    """One workday that the draft would judge otherwise."""

    person: PersonRecord
    before: WorkdayVerdict
    after: WorkdayVerdict


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a draft would change.

    Attributes:
        version: of the draft.
        workdays: how many were judged with both.
        changed: those whose status or figures differ, by division, number and day.
        before, after: the sums of all.
    """

    version: str
    first_day: date
    last_day: date
    workdays: int
    changed: tuple[ChangedVerdict, ...]
    before: Tally
    after: Tally

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
        CourtclockError: ``rules.invalid``.
    """
    draft = read_rules(text)
    now = context.clock.now()
    last = min(last_day, context.site.day_of(now))
    with context.unit(read_only=True) as unit:
        people = unit.people.between(first_day, last, division_id)
    days = [first_day + number * _ONE_DAY for number in range((last - first_day).days + 1)]
    changed: list[ChangedVerdict] = []
    sums_before: list[Tally] = []
    sums_after: list[Tally] = []
    for start in range(0, len(people), _PEOPLE_AT_ONCE):
        part = people[start : start + _PEOPLE_AT_ONCE]
        wanted = {person.person_id: [day for day in days if person.works_on(day)] for person in part}
        with context.unit(read_only=True) as unit:
            in_force = judge_days(unit, rules_in_force(context, unit), wanted, now)
            drafted = judge_days(unit, rules_in_force(context, unit, (draft, first_day)), wanted, now)
        for person in part:
            for before, after in zip(
                in_force.get(person.person_id, []), drafted.get(person.person_id, []), strict=True
            ):
                sums_before.append(before.tally)
                sums_after.append(after.tally)
                if (before.status, before.tally) != (after.status, after.tally):
                    changed.append(ChangedVerdict(person, before, after))
        progress(min(start + _PEOPLE_AT_ONCE, len(people)), len(people))
    return WhatIf(
        draft.version, first_day, last, len(sums_before), tuple(changed), added(sums_before), added(sums_after)
    )
