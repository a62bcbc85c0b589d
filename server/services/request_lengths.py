"""How long leave and duty are, what counts as one with them, what they overlap with, and what is left of a year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from server.attendance.day_plans import DayPlan
from server.attendance.filing import (
    WorkTaken,
    days_by_year,
    days_together,
    halves_of,
    joined_to,
    stretches_of_work,
    whole_days,
    work_begins_at,
    work_taken,
)
from server.attendance.rosters import NOBODYS, Roster
from server.attendance.rules import AbsenceKind, RequestKind
from server.services.court_rules import CourtRules, rosters_of
from server.services.touching import days_reaching
from server.storage.requests import StoredRequest
from server.storage.unit_of_work import UnitOfWork

DayPart = Literal["whole", "morning", "afternoon"]


@dataclass(frozen=True, slots=True)
class Measured:
    """Leave or duty, measured.

    Attributes:
        taken: the work that it takes the place of.
        days: its own length in workdays.
        days_together: with all that counts as one with it.
        joined: what that is, in the order of its beginnings.
        work_begins_at: when the first work begins that it takes the place of.
    """

    taken: WorkTaken
    days: float
    days_together: float
    joined: tuple[StoredRequest, ...]
    work_begins_at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """What somebody has used of a kind of leave or duty in a calendar year, in workdays.

    Attributes:
        used: by others than the request in question, open ones too.
        asked: by the request in question; 0 without one.
    """

    year: int
    limit: float
    used: float
    asked: float

    @property
    def left(self) -> float:
        """After all of them; never less than nothing."""
        return max(0.0, round(self.limit - self.used - self.asked, 2))

    @property
    def is_exceeded(self) -> bool:
        """Whether more is taken than the rules allow."""
        return round(self.used + self.asked, 2) > self.limit


class PersonAbsences:
    """A person's leave and duty that are open or approved.

    Args:
        rules: in force.
        roster: of the person.
        requests: of the person, oldest first.
    """

    def __init__(self, rules: CourtRules, roster: Roster, requests: Iterable[StoredRequest]) -> None:
        self._rules = rules
        self._roster = roster
        self._standing = {
            one.filed.request_id: one
            for one in requests
            if one.filed.kind in ("leave", "duty") and (one.state == "open" or one.in_force)
        }

    @staticmethod
    def of(unit: UnitOfWork, rules: CourtRules, person_id: UUID) -> PersonAbsences:
        """Those in the database."""
        roster = rosters_of(unit, [person_id]).get(person_id, NOBODYS)
        return PersonAbsences(rules, roster, unit.requests.of_people([person_id]))

    def plan(self, day: date) -> DayPlan:
        """The person's clock points of a day."""
        return self._rules.plan(self._roster, day)[0]

    def times_of(self, part: DayPart, first: date, last: date) -> tuple[datetime, datetime] | None:
        """From when until when whole days last, or a half of one by its own clock points; None where it has none."""
        if part == "whole":
            around = first - timedelta(days=1), first, last, last + timedelta(days=1)
            before, on_first, on_last, after = (self.plan(day) for day in around)
            return whole_days(before, on_first, on_last, after)
        halves = halves_of(self.plan(first))
        if halves is None or first != last:
            return None
        return halves[0] if part == "morning" else halves[1]

    def measure(self, kind: RequestKind, starts_at: datetime, ends_at: datetime, but: UUID | None = None) -> Measured:
        """How long leave or duty is, by itself and with what counts as one with it, but for a request itself."""
        days = days_reaching(self._rules, self._roster, starts_at, ends_at)
        plans = [self.plan(day) for day in days]
        taken = work_taken(plans, starts_at, ends_at)
        others = self._taken_by(kind, None, but)
        joined = joined_to(taken, others, lambda day: bool(stretches_of_work(self.plan(day))))
        found = [one for request_id, one in self._standing.items() if request_id in joined]
        return Measured(
            taken,
            days_together(taken),
            days_together(taken, *(others[request_id] for request_id in joined)),
            tuple(sorted(found, key=lambda one: (one.filed.starts_at or starts_at, one.filed.request_id))),
            work_begins_at(plans, starts_at, ends_at),
        )

    def overlapping(self, starts_at: datetime, ends_at: datetime) -> StoredRequest | None:
        """The first leave or duty, of whatever kind, that shares a moment with this time."""
        for one in self._standing.values():
            start, end = one.filed.starts_at, one.ends_at
            if start is not None and end is not None and start < ends_at and starts_at < end and start < end:
                return one
        return None

    def balances(
        self,
        kind: RequestKind,
        own: AbsenceKind,
        taken: WorkTaken,
        but: UUID | None = None,
        years: Iterable[int] = (),
    ) -> list[Balance]:
        """What is used of a kind that is limited, in each year that a request lies in.

        Args:
            kind: leave or duty.
            own: the kind of it; without a limit a year there is nothing to tell.
            taken: by the request in question.
            but: that request itself, where it is stored already.
            years: which to tell about in any case.
        """
        if own.days_per_year is None:
            return []
        asked = days_by_year(taken)
        used: dict[int, float] = {}
        for other in self._taken_by(kind, own.name, but).values():
            for year, days in days_by_year(other).items():
                used[year] = used.get(year, 0.0) + days
        return [
            Balance(year, own.days_per_year, round(used.get(year, 0.0), 2), round(asked.get(year, 0.0), 2))
            for year in sorted({*asked, *years})
        ]

    def _taken_by(self, kind: RequestKind, name: str | None, but: UUID | None) -> Mapping[UUID, WorkTaken]:
        found = {}
        for request_id, one in self._standing.items():
            start, end = one.filed.starts_at, one.ends_at
            if one.filed.kind != kind or request_id == but or start is None or end is None:
                continue
            if name is None or one.filed.name == name:
                days = days_reaching(self._rules, self._roster, start, end)
                found[request_id] = work_taken((self.plan(day) for day in days), start, end)
        return found
