"""The rules of a court as values, in versions, each in force from a date. ``rule_documents`` reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from server.attendance.points import Shift

RequestKind = Literal["leave", "duty", "correction", "waiver"]
REQUEST_KINDS: Final[tuple[RequestKind, ...]] = ("leave", "duty", "correction", "waiver")
ApproverRole = Literal["head", "vice_president", "president", "hr"]
Deadline = Literal["before_start", "same_day", "natural_days", "working_days", "none"]
Counted = Literal["late", "serious_late", "early", "serious_early", "missing", "half_day", "off_post"]
"""What can be counted and scored; ``late`` holds the serious ones too, ``half_day`` is half a day of absence."""
CountPeriod = Literal["month", "year"]
BEGINNING: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class AbsenceKind:
    """A kind of leave, or of duty elsewhere.

    Attributes:
        rules: what holds for requests of this kind: its own rules over those of all leave or all duty.
        days_per_year: so many workdays a person and calendar year at most; None is no limit.
    """

    name: str
    name_zh: str
    name_en: str
    rules: RequestRules
    days_per_year: float | None = None


@dataclass(frozen=True, slots=True)
class ApprovalTier:
    """Who approves a request that is shorter than so many days; None is any length."""

    under_days: float | None
    by: ApproverRole


@dataclass(frozen=True, slots=True)
class RequestRules:
    """What holds for one kind of request.

    Attributes:
        approvals: by rising length; the last one has no limit.
        deadline: until when it may be filed; ``deadline_days`` belong to natural and working days.
        per_month: so many a person and month at most, refused ones not counted; None is no limit.
        document_from_days: a request of so many days or more needs an attachment; None never asks for one.
    """

    approvals: tuple[ApprovalTier, ...]
    deadline: Deadline
    deadline_days: int
    per_month: int | None
    document_from_days: float | None

    def approver(self, days: float) -> ApproverRole:
        """Who approves a request of so many days."""
        return next(tier.by for tier in self.approvals if tier.under_days is None or days < tier.under_days)


@dataclass(frozen=True, slots=True)
class Counter:
    """A limit on how often something may happen in a month or a year, and what follows.

    Attributes:
        counts: what is counted, together.
        limit: reaching it has the consequence.
        warn_before: with so many left or fewer the person is told.
    """

    name_zh: str
    name_en: str
    counts: tuple[Counted, ...]
    per: CountPeriod
    limit: int
    warn_before: int


@dataclass(frozen=True, slots=True)
class Forgiven:
    """Lateness of a few minutes that counters and scores forgive, so many times a month. Verdicts stay as they are."""

    up_to_minutes: int
    per_month: int


@dataclass(frozen=True, slots=True)
class Scoring:
    """Points taken off people, and off divisions.

    Attributes:
        points: what one of each costs a person.
        division_start: points a division begins the month with.
        division_each, division_points: so many counted ones cost the division so many points.
    """

    points: Mapping[Counted, float]
    division_start: float
    division_counts: tuple[Counted, ...]
    division_each: int
    division_points: float


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One version of a court's rules.

    Attributes:
        version: 12 hexadecimal digits, the same wherever the same rules are written.
        document: as it was written, in plain JSON values.
        show_ranks: whether reports rank divisions and people.
        earlier_versions: what an earlier release called the same rules; verdicts may be stored under it.
    """

    version: str
    name_zh: str
    name_en: str
    default_shift: Shift
    shifts: Mapping[str, Shift]
    leave_kinds: Mapping[str, AbsenceKind]
    duty_kinds: Mapping[str, AbsenceKind]
    requests: Mapping[RequestKind, RequestRules]
    counters: tuple[Counter, ...]
    forgiven: Forgiven | None
    scoring: Scoring | None
    show_ranks: bool
    document: Mapping[str, Any]
    earlier_versions: tuple[str, ...] = field(default=(), compare=False)

    def absence_kind(self, kind: RequestKind, name: str) -> AbsenceKind | None:
        """A kind of leave or of duty by its name; None where these rules have none of this name."""
        known = {"leave": self.leave_kinds, "duty": self.duty_kinds}.get(kind, {})
        return known.get(name)

    def request_rules(self, kind: RequestKind, name: str = "") -> RequestRules:
        """What holds for a request, with what its kind of leave or duty has of its own."""
        found = self.absence_kind(kind, name)
        return self.requests[kind] if found is None else found.rules


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A rule set and the date from which it is in force; of two with the same date the higher number counts."""

    number: int
    effective_from: date
    rules: RuleSet


class RuleHistory:
    """Every version of a court's rules.

    Args:
        versions: in any order; the one that is in force from ``BEGINNING`` on must be among them.

    Raises:
        ValueError: no version holds from the beginning.
    """

    def __init__(self, versions: Sequence[RuleVersion]) -> None:
        self.versions: Final = tuple(sorted(versions, key=lambda one: (one.effective_from, one.number)))
        if not self.versions or self.versions[0].effective_from > BEGINNING:
            raise ValueError(f"no rules are in force from {BEGINNING} on")
        self._by_version = {name: one.rules for one in self.versions for name in one.rules.earlier_versions}
        self._by_version |= {one.rules.version: one.rules for one in self.versions}

    def on(self, day: date) -> RuleSet:
        """The rules in force on a date."""
        newest = len(self.versions) - 1
        while newest > 0 and self.versions[newest].effective_from > day:
            newest -= 1
        return self.versions[newest].rules

    def by_version(self, version: str) -> RuleSet:
        """The rules of a version that was in force at some time, also by what an earlier release called it.

        Raises:
            KeyError: there never was such a version.
        """
        return self._by_version[version]

    def with_draft(self, draft: RuleSet, effective_from: date) -> RuleHistory:
        """The history as it would be with another version, which is not put in force by this."""
        number = 1 + max(one.number for one in self.versions)
        return RuleHistory([*self.versions, RuleVersion(number, effective_from, draft)])
