"""What enrollment needs from whoever stores people. The server implements these; enrollment knows no table."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, Protocol
from uuid import UUID

from models.faces.values import Encoding, ModelId

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who is not stored yet. ``division`` is a name, None for none."""

    employee_no: str
    name: str
    division: str | None


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody who is stored."""

    person_id: UUID
    employee_no: str
    name: str
    division: str | None


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """A decision about face recognition that is to be recorded.

    Attributes:
        decision: given or refused.
        notice_version: which privacy notice the person had before them.
        decided_on: local date of the decision.
        recorded_by: who says so.
    """

    decision: Literal["given", "refused"]
    notice_version: str
    decided_on: date
    recorded_by: str

    def __post_init__(self) -> None:
        if not self.notice_version.strip() or not self.recorded_by.strip():
            raise ValueError("a consent record names the version of the notice and who recorded it")


@dataclass(frozen=True, slots=True)
class ConsentState:
    """The decision in force: the newest on record, or its withdrawal.

    Attributes:
        decision: ``withdrawn`` after a consent that was taken back.
        notice_version: of the notice that the decision was about.
        decided_on: local date of the decision, or of the withdrawal.
    """

    decision: Literal["given", "refused", "withdrawn"]
    notice_version: str
    decided_on: date


@dataclass(frozen=True, slots=True)
class StoredTemplate:
    """One template with its owner and its origin.

    Attributes:
        photo_sha256: digest of the photograph's file, lower-case hexadecimal; the photograph is not kept.
    """

    person_id: UUID
    employee_no: str
    photo_sha256: str
    encoding: Encoding

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.photo_sha256):
            raise ValueError(f"not a SHA-256 in hexadecimal: {self.photo_sha256!r}")


class EnrollmentTransaction(Protocol):
    """All that happens to one person, or nothing: what is not committed never was."""

    def find_person(self, employee_no: str) -> KnownPerson | None:
        """The person with this number."""
        ...

    def add_person(self, person: NewPerson) -> UUID:
        """Store somebody new, make the division if it is new too, and give the person's identifier."""
        ...

    def update_person(self, person_id: UUID, name: str, division: str | None) -> None:
        """Give a person another name or division; the division is made if it is new."""
        ...

    def has_pin(self, person_id: UUID, pin: str) -> bool:
        """Whether this is the person's PIN now."""
        ...

    def set_pin(self, person_id: UUID, pin: str) -> None:
        """Replace the person's PIN; only its hash is kept."""
        ...

    def consent_of(self, person_id: UUID) -> ConsentState | None:
        """The decision in force, None where there never was one."""
        ...

    def record_consent(self, person_id: UUID, record: ConsentRecord) -> None:
        """Add a decision. A refusal after a given consent is a withdrawal, and all that follows from one
        happens here: the person's templates are deleted, on the kiosks too."""
        ...

    def templates(self, model_id: ModelId) -> list[StoredTemplate]:
        """Everybody's templates of one model, the first view of each photograph."""
        ...

    def add_template(self, person_id: UUID, photo_sha256: str, encoding: Encoding, view: int = 0) -> None:
        """Store a template, sealed. Must itself refuse one without a consent in force.

        Args:
            view: number of this encoding among those of the photograph; photographs are compared by number 0.
        """
        ...

    def commit(self) -> None:
        """Make it so. Leaving the context without this undoes everything."""
        ...


class EnrollmentStore(Protocol):
    """Whoever stores people."""

    def begin(self) -> AbstractContextManager[EnrollmentTransaction]:
        """A new transaction."""
        ...
