"""Judges days of which some may be impossible to judge: those are told apart, and the others are judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from server.attendance.verdicts import WorkdayVerdict
from server.services.court_rules import CourtRules
from server.services.deriving import judge_days
from server.services.retrying import fault_in_words
from server.storage.engine import is_of_the_database
from server.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A workday that cannot be judged, and why."""

    person_id: UUID
    day: date
    fault: str


def judge_days_apart(
    unit: UnitOfWork, rules: CourtRules, wanted: Mapping[UUID, Sequence[date]], as_of: datetime
) -> tuple[dict[UUID, list[WorkdayVerdict]], list[Unjudged]]:
    """As ``judge_days``; what cannot be judged is given beside the verdicts, by halves until it is alone."""
    try:
        return judge_days(unit, rules, wanted, as_of), []
    except Exception as fault:
        if is_of_the_database(fault):
            raise
        alone = [(person_id, day) for person_id, days in wanted.items() for day in days]
        if len(alone) == 1:
            return {}, [Unjudged(*alone[0], fault_in_words(fault))]
    verdicts: dict[UUID, list[WorkdayVerdict]] = {}
    unjudged: list[Unjudged] = []
    for half in _halves(wanted):
        more, faults = judge_days_apart(unit, rules, half, as_of)
        for person_id, own in more.items():
            verdicts.setdefault(person_id, []).extend(own)
        unjudged += faults
    return verdicts, unjudged


def _halves(wanted: Mapping[UUID, Sequence[date]]) -> list[dict[UUID, Sequence[date]]]:
    """Some of the people each, or of the days of the only one."""
    people = [person_id for person_id, days in wanted.items() if days]
    if len(people) > 1:
        half = len(people) // 2
        return [{person_id: wanted[person_id] for person_id in part} for part in (people[:half], people[half:])]
    days = wanted[people[0]]
    half = len(days) // 2
    return [{people[0]: days[:half]}, {people[0]: days[half:]}]
