"""What the repositories give: plain values, no rows and no columns."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from server.attendance.verdicts import Tally

Role = Literal["hr", "head", "vice_president", "president", "employee"]


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One person of the court.

    Attributes:
        joined_on: the first day that clock events of kiosks judge.
        register_spans: first and last days, in order, that an imported register judges besides.
    """

    person_id: UUID
    employee_no: str
    name: str
    division_id: UUID | None
    division: str | None
    pin_hash: str | None
    active: bool
    joined_on: date
    left_on: date | None = None
    register_spans: tuple[tuple[date, date], ...] = ()

    @property
    def first_day(self) -> date:
        """The first day of all on which the person is judged."""
        return min((self.joined_on, *(first for first, _ in self.register_spans)))

    def works_on(self, day: date) -> bool:
        """Whether the person belongs to the court on this day, and it is known how the day was."""
        return self.works_between(day, day)

    def works_between(self, first_day: date, last_day: date) -> bool:
        """Whether that is so on any day from one to another, both included."""
        last = last_day if self.left_on is None else min(last_day, self.left_on)
        if last < first_day or self.joined_on <= last:
            return first_day <= last
        return any(first <= last and first_day <= until for first, until in self.register_spans)


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """One line of the consent ledger; the last one of a person counts."""

    decision: Literal["given", "refused", "withdrawn"]
    notice_version: str
    decided_on: date
    recorded_by: str


@dataclass(frozen=True, slots=True)
class TemplateRecord:
    """One sealed template; ``view`` numbers the encodings of one photograph, 0 is the one to compare by."""

    template_id: UUID
    person_id: UUID
    model_id: str
    photo_sha256: str
    sealed_vector: bytes
    view: int = 0


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """Somebody who may sign in."""

    account_id: UUID
    username: str
    password_hash: str
    role: Role
    division_id: UUID | None
    person_id: UUID | None
    active: bool
    failed_tries: int
    last_failed_at: datetime | None
    email: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A sign-in that has not ended."""

    account: AccountRecord
    started_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class KioskRecord:
    """A paired kiosk."""

    kiosk_id: UUID
    name: str
    public_key: bytes
    sealed_gallery_key: bytes
    paired_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class KioskSight:
    """When a kiosk was last heard, and how it fared."""

    kiosk_id: UUID
    name: str
    revoked_at: datetime | None
    seen_at: datetime | None
    clock_offset_seconds: float | None
    health: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One raw clock event, with whether it was voided."""

    event_id: UUID
    person_id: UUID
    kiosk_id: UUID
    method: Literal["face", "pin", "card", "register"]
    captured_at: datetime
    recorded_at: datetime
    received_at: datetime
    evidence: dict[str, Any]
    voided: bool


@dataclass(frozen=True, slots=True)
class WorkdayRecord:
    """A derived workday.

    Attributes:
        status: words of ``server.attendance.verdicts.Status``, with commas.
        tally: the figures that reports add up.
        verdict: ``WorkdayVerdict.to_json``.
        judge_again_at: when the next window closes that may change it; None where none does, or it is touched for that.
    """

    person_id: UUID
    day: date
    status: str
    tally: Tally
    verdict: dict[str, Any]
    rule_version: str
    judge_again_at: datetime | None = field(default=None, compare=False)

    @property
    def is_final(self) -> bool:
        """False while time alone may still change it, be it the fact alone that a request has covered."""
        return "pending" not in self.status.split(",") and '"pending"' not in json.dumps(self.verdict)


@dataclass(frozen=True, slots=True)
class TouchedWorkday:
    """A workday that must be judged again; ``mark`` tells this touch from a later one."""

    person_id: UUID
    day: date
    mark: UUID


@dataclass(frozen=True, slots=True)
class JobRunRecord:
    """One period of one job."""

    job: str
    period: str
    state: Literal["claimed", "done", "failed"]
    tries: int
    claimed_at: datetime
    finished_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """One published report."""

    kind: str
    period: str
    made_at: datetime
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OperatingPointRecord:
    """One computed operating point.

    Attributes:
        gallery_version: of the gallery that it was sent with first.
        inputs_digest: SHA-256 of all that it was computed from.
        content: a ``Calibration`` as JSON, with a digest of the gallery; of one no longer in force without names.
    """

    version: int
    computed_at: datetime
    gallery_version: int
    model_id: str
    inputs_digest: str
    content: dict[str, Any]
