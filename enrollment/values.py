"""What comes into enrollment and what goes out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from enrollment.photos import PhotoRefusal
from enrollment.ports import ConsentRecord
from enrollment.remarks import Remark
from models.errors import CourtclockError

MIN_PIN_DIGITS: Final = 4
MAX_PIN_DIGITS: Final = 8

PhotoResult = Literal["enrolled", "already_enrolled", "refused", "not_looked_at"]
PersonResult = Literal["created", "updated", "unchanged"]


def is_pin(text: str) -> bool:
    """Whether a text has the form of a PIN: 4 to 8 digits."""
    return re.fullmatch(rf"[0-9]{{{MIN_PIN_DIGITS},{MAX_PIN_DIGITS}}}", text) is not None


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """One photograph as it came.

    Attributes:
        file_name: what HR knows it by.
        content: its bytes, or why there are none.
    """

    file_name: str
    content: bytes | PhotoRefusal


@dataclass(frozen=True, slots=True)
class EnrollmentRequest:
    """One person, and what is brought for them.

    Attributes:
        employee_no: whose; nobody has two.
        name: as it is to be stored.
        division: by name; None leaves what is stored.
        pin: 4 to 8 digits; None leaves what is stored.
        consent: the decision that is brought; None where there is no new one.
        photos: taken one after another, so a generator keeps but one of them in memory.

    Raises:
        CourtclockError: ``pin.malformed``.
        ValueError: number or name is empty.
    """

    employee_no: str
    name: str
    division: str | None = None
    pin: str | None = None
    consent: ConsentRecord | None = None
    photos: Iterable[PhotoFile] = ()

    def __post_init__(self) -> None:
        if not self.employee_no.strip() or not self.name.strip():
            raise ValueError("a person to be enrolled has an employee number and a name")
        if self.pin is not None and not is_pin(self.pin):
            raise CourtclockError("pin.malformed", minimum=MIN_PIN_DIGITS, maximum=MAX_PIN_DIGITS)


@dataclass(frozen=True, slots=True)
class PhotoOutcome:
    """What became of one photograph; every refused one says why."""

    file_name: str
    result: PhotoResult
    remarks: tuple[Remark, ...] = ()

    def __post_init__(self) -> None:
        if self.result in ("refused", "not_looked_at") and not self.remarks:
            raise ValueError("a photograph that is not enrolled says why")

    @property
    def went_in(self) -> bool:
        """Whether the person is enrolled with this photograph, now or before."""
        return self.result in ("enrolled", "already_enrolled")


@dataclass(frozen=True, slots=True)
class EnrollmentOutcome:
    """What became of one person.

    Attributes:
        result: whether anything about the person changed, templates included.
        has_face: whether the person can be recognised afterwards; a PIN is worth the same.
        remarks: about the person; those about a photograph stand with it.
        photos: in the order of the request.
    """

    employee_no: str
    name: str
    result: PersonResult
    has_face: bool
    remarks: tuple[Remark, ...]
    photos: tuple[PhotoOutcome, ...]

    @property
    def all_went_in(self) -> bool:
        """True when there is nothing that HR has to look at."""
        return not self.remarks and all(photo.went_in for photo in self.photos)
