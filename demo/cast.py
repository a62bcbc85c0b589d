"""Who plays in the demonstration: the staff of a court, played by portraits of public figures."""

from __future__ import annotations

import csv
import secrets
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

NOTICE_VERSION: Final = "demo-1"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of staff.

    Attributes:
        photos: enrolled; the camera shows others, or strongly altered ones where there is one only.
        consents: False enrols no face: this one clocks by PIN.
    """

    employee_no: str
    name: str
    division: str
    photos: tuple[str, ...]
    consents: bool = True


STAFF: Final = (
    Member("1001", "Barack Obama", "立案庭", ("obama_2012.jpg", "obama_2010.jpg")),
    Member("1002", "Jacinda Ardern", "立案庭", ("ardern_2022.jpg",)),
    Member("1003", "Emmanuel Macron", "民事审判庭", ("macron_2025.jpg",)),
    Member("1004", "Grace Hopper", "民事审判庭", ("hopper.jpg",)),
    Member("1005", "Eileen Collins", "执行局", ("collins.png",)),
    Member("1006", "Joe Biden", "执行局", ("biden.jpg",), consents=False),
)


def new_pins() -> dict[str, str]:
    """A fresh PIN for everybody, by employee number."""
    return {member.employee_no: f"{secrets.randbelow(10**6):06d}" for member in STAFF}


def write_enrollment_folder(folder: Path, photos: dict[str, Path], pins: dict[str, str], consent_date: date) -> None:
    """Lay the staff out as HR would for the folder import."""
    folder.mkdir(parents=True)
    with (folder / "people.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["employee_no", "name", "division", "pin", "consent", "notice_version", "consent_date"])
        for member in STAFF:
            decision = "given" if member.consents else "refused"
            writer.writerow(
                [
                    member.employee_no,
                    member.name,
                    member.division,
                    pins[member.employee_no],
                    decision,
                    NOTICE_VERSION,
                    consent_date.isoformat(),
                ]
            )
            if member.consents:
                own = folder / member.employee_no
                own.mkdir()
                for name in member.photos:
                    shutil.copyfile(photos[name], own / name)
