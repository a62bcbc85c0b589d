"""people.csv: one row a person. A faulty file is an error; a faulty row is a sentence, and the others go on."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

from enrollment.ports import ConsentRecord
from enrollment.remarks import EnrollmentRemark
from enrollment.values import MAX_PIN_DIGITS, MIN_PIN_DIGITS, is_pin
from models.errors import CourtclockError
from models.language import N_, Language, translate
from models.texts import is_plain_text

PEOPLE_FILE: Final = "people.csv"
COLUMNS: Final = ("employee_no", "name", "division", "pin", "consent", "notice_version", "consent_date")
OPTIONAL_COLUMNS: Final = ("division", "pin")
# The number is also the name of a folder, on every system.
_EMPLOYEE_NO: Final = re.compile(r"\w[\w-]{0,31}")
# As many as the records hold.
_MOST_CHARACTERS: Final = {"name": 100, "division": 100, "notice_version": 50}
# A spreadsheet turns 2026-11-20 into 2026/11/20 by itself.
_DATE: Final = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})", re.ASCII)
_DECISIONS: Final[dict[str, Literal["given", "refused"]]] = {
    "given": "given",
    "同意": "given",
    "refused": "refused",
    "拒绝": "refused",
}
_REASONS: Final = {
    "missing": N_("there is no people.csv in it"),
    "unreadable": N_("people.csv cannot be opened"),
    "not_utf8": N_("people.csv is not in UTF-8; save it as “CSV UTF-8”"),
    "not_csv": N_("people.csv is not a table of comma-separated values"),
    "unknown_column": N_("people.csv has a column that is not known: {columns}"),
    "missing_column": N_("people.csv lacks a column: {columns}"),
    "doubled_column": N_("people.csv has a column twice: {columns}"),
}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A usable row. What is None was left empty."""

    employee_no: str
    name: str
    division: str | None
    pin: str | None
    consent: ConsentRecord | None


@dataclass(frozen=True, slots=True)
class SkippedEntry:
    """Something in the folder that was not used.

    Attributes:
        place: where, such as ``people.csv:7`` or ``0104/``.
        remarks: why, at least one.
    """

    place: str
    remarks: tuple[EnrollmentRemark, ...]

    def __post_init__(self) -> None:
        if not self.remarks:
            raise ValueError("what is skipped says why")


@dataclass(frozen=True, slots=True)
class PeopleList:
    """The usable rows in their order, and the others with what is wrong with them."""

    rows: tuple[PersonRow, ...]
    skipped: tuple[SkippedEntry, ...]


def read_people(folder: Path, recorded_by: str, language: Language) -> PeopleList:
    """Read a folder's people.csv (UTF-8, with or without byte order mark).

    Args:
        folder: the folder it lies in.
        recorded_by: who vouches for the decisions about consent in it.
        language: of the reason in the error.

    Raises:
        CourtclockError: ``import.folder_unreadable`` with the reason.
    """
    table = csv.DictReader(io.StringIO(_text(folder, language), newline=""), strict=True)
    try:
        columns = [name.strip() for name in table.fieldnames or ()]
        _require_columns(columns, folder, language)
        table.fieldnames = columns
        lines = [(table.line_num, cells) for cells in table if _holds_anything(cells)]
    except csv.Error as error:
        raise _unreadable(folder, "not_csv", language) from error
    lines_of: dict[str, list[int]] = {}
    for line, cells in lines:
        lines_of.setdefault(_cell(cells, "employee_no"), []).append(line)
    rows, skipped = [], []
    for line, cells in lines:
        read = _read_row(cells, len(columns), recorded_by)
        same_number = lines_of[_cell(cells, "employee_no")]
        if len(same_number) > 1 and _cell(cells, "employee_no"):
            values = {"employee_no": _cell(cells, "employee_no"), "lines": ", ".join(map(str, same_number))}
            read = EnrollmentRemark("doubled_employee_no", values)
        if isinstance(read, PersonRow):
            rows.append(read)
        else:
            skipped.append(SkippedEntry(f"{PEOPLE_FILE}:{line}", (read,)))
    return PeopleList(tuple(rows), tuple(skipped))


def parse_date(text: str) -> date | None:
    """A date like 2026-11-20 or 2026/11/20; None where there is none."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        return None


def _text(folder: Path, language: Language) -> str:
    try:
        return (folder / PEOPLE_FILE).read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise _unreadable(folder, "missing", language) from error
    except OSError as error:
        raise _unreadable(folder, "unreadable", language) from error
    except UnicodeDecodeError as error:
        raise _unreadable(folder, "not_utf8", language) from error


def _unreadable(folder: Path, reason: str, language: Language, columns: str = "") -> CourtclockError:
    sentence = translate(_REASONS[reason], language).format(columns=columns)
    return CourtclockError("import.folder_unreadable", path=str(folder), reason=sentence)


def _require_columns(columns: list[str], folder: Path, language: Language) -> None:
    unknown = [name for name in columns if name not in COLUMNS]
    missing = [name for name in COLUMNS if name not in columns and name not in OPTIONAL_COLUMNS]
    doubled = [name for name, count in Counter(columns).items() if count > 1]
    for reason, names in (("unknown_column", unknown), ("missing_column", missing), ("doubled_column", doubled)):
        if names:
            raise _unreadable(folder, reason, language, ", ".join(repr(name) for name in names))


def _holds_anything(cells: dict[str | None, str | list[str] | None]) -> bool:
    """False for the rows of mere commas that spreadsheets leave at the end."""
    return any(value if isinstance(value, list) else (value or "").strip() for value in cells.values())


def _cell(cells: dict[str | None, str | list[str] | None], column: str) -> str:
    value = cells.get(column)
    return value.strip() if isinstance(value, str) else ""


def _read_row(
    cells: dict[str | None, str | list[str] | None], column_count: int, recorded_by: str
) -> PersonRow | EnrollmentRemark:
    surplus = cells.get(None)
    present = sum(1 for column, value in cells.items() if column is not None and value is not None)
    if surplus or present != column_count:
        found = present + (len(surplus) if isinstance(surplus, list) else 0)
        return EnrollmentRemark("bad_cells", {"found": found, "expected": column_count})
    employee_no, name, pin = (_cell(cells, column) for column in ("employee_no", "name", "pin"))
    if not _EMPLOYEE_NO.fullmatch(employee_no):
        return EnrollmentRemark("bad_employee_no", {"found": employee_no})
    if not name:
        return EnrollmentRemark("empty_name")
    for column, limit in _MOST_CHARACTERS.items():
        cell = _cell(cells, column)
        if len(cell) > limit:
            return EnrollmentRemark("too_long", {"column": column, "found": len(cell), "limit": limit})
        if not is_plain_text(cell):
            return EnrollmentRemark("bad_characters", {"column": column})
    if pin and not is_pin(pin):
        return EnrollmentRemark("bad_pin", {"minimum": MIN_PIN_DIGITS, "maximum": MAX_PIN_DIGITS})
    consent = _read_consent(cells, recorded_by)
    if isinstance(consent, EnrollmentRemark):
        return consent
    return PersonRow(employee_no, name, _cell(cells, "division") or None, pin or None, consent)


def _read_consent(
    cells: dict[str | None, str | list[str] | None], recorded_by: str
) -> ConsentRecord | EnrollmentRemark | None:
    word, notice_version, day = (_cell(cells, column) for column in ("consent", "notice_version", "consent_date"))
    if not word:
        return None
    decision = _DECISIONS.get(word.lower())
    if decision is None:
        return EnrollmentRemark("bad_consent", {"found": word})
    if not notice_version or not day:
        return EnrollmentRemark("consent_incomplete")
    decided_on = parse_date(day)
    if decided_on is None:
        return EnrollmentRemark("bad_date", {"found": day})
    return ConsentRecord(decision, notice_version, decided_on, recorded_by)
