"""A folder of people: people.csv, and a folder of photographs for each employee number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from enrollment.people_file import PeopleList, PersonRow, SkippedEntry, read_people
from enrollment.photos import PhotoRefusal
from enrollment.remarks import EnrollmentRemark
from enrollment.service import EnrollmentService
from enrollment.values import EnrollmentOutcome, EnrollmentRequest, PhotoFile
from models.errors import CourtclockError
from models.language import Language

_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
_PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".heic", ".bmp", ".tif", ".tiff", ".webp"})


@dataclass(frozen=True, slots=True)
class ImportFolder:
    """A folder whose people.csv has been read; photographs are read one by one, when their turn comes."""

    path: Path
    people: PeopleList
    skipped: tuple[SkippedEntry, ...]

    @property
    def entry_count(self) -> int:
        """How many entries ``import_folder`` will yield."""
        return len(self.people.rows) + len(self.people.skipped) + len(self.skipped)


def open_folder(path: Path, recorded_by: str, language: Language) -> ImportFolder:
    """Read people.csv and see which folders belong to whom.

    Args:
        path: the folder.
        recorded_by: who vouches for the decisions about consent.
        language: of the reason in the error.

    Raises:
        CourtclockError: ``import.folder_unreadable``.
    """
    people = read_people(path, recorded_by, language)
    employee_nos = {row.employee_no for row in people.rows}
    skipped = []
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        raise CourtclockError("import.folder_unreadable", path=str(path), reason=str(error)) from error
    for entry in entries:
        if _is_system_file(entry):
            continue
        if entry.is_dir() and entry.name not in employee_nos:
            skipped.append(SkippedEntry(f"{entry.name}/", (EnrollmentRemark("folder_without_row"),)))
        elif not entry.is_dir() and entry.suffix.lower() in _PHOTO_SUFFIXES:
            skipped.append(SkippedEntry(entry.name, (EnrollmentRemark("stray_photo"),)))
    return ImportFolder(path, people, tuple(skipped))


def import_folder(
    folder: ImportFolder, service: EnrollmentService, max_file_bytes: int
) -> Iterator[EnrollmentOutcome | SkippedEntry]:
    """Enroll everybody in a folder, yielding what became of each as soon as it is known.

    Stopped in the middle, those before are enrolled; started again, nothing changes for them.

    Args:
        folder: from ``open_folder``.
        service: enrolls, or rehearses.
        max_file_bytes: no more than this and one byte is read of a file.

    Raises:
        CourtclockError: from the store.
    """
    yield from folder.people.skipped
    yield from folder.skipped
    for row in folder.people.rows:
        yield service.enroll(_request(row, folder.path, max_file_bytes))


def read_photo_file(path: Path, file_name: str, max_file_bytes: int) -> PhotoFile:
    """A file as it is, one byte more than the limit at most, or why it cannot be read."""
    if not path.is_file():
        return PhotoFile(file_name, PhotoRefusal("unreadable_file"))
    try:
        with path.open("rb") as file:
            return PhotoFile(file_name, file.read(max_file_bytes + 1))
    except OSError:
        return PhotoFile(file_name, PhotoRefusal("unreadable_file"))


def _request(row: PersonRow, folder: Path, max_file_bytes: int) -> EnrollmentRequest:
    return EnrollmentRequest(
        employee_no=row.employee_no,
        name=row.name,
        division=row.division,
        pin=row.pin,
        consent=row.consent,
        photos=_photos_in(folder / row.employee_no, max_file_bytes),
    )


def _photos_in(folder: Path, max_file_bytes: int) -> Iterator[PhotoFile]:
    if not folder.is_dir():
        return
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        yield PhotoFile("*", PhotoRefusal("unreadable_file"))
        return
    for entry in entries:
        if not _is_system_file(entry):
            yield read_photo_file(entry, entry.name, max_file_bytes)


def _is_system_file(path: Path) -> bool:
    return path.name.startswith((".", "~$")) or path.name.lower() in _SYSTEM_FILES
