"""What an import says: a line a photograph, a sentence for each refusal, and the sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from enrollment.people_file import SkippedEntry
from enrollment.remarks import Remark
from enrollment.values import EnrollmentOutcome, PersonResult, PhotoOutcome, PhotoResult
from models.language import N_, Language, translate

_PHOTO_WORDS: Final[dict[PhotoResult, str]] = {
    "enrolled": N_("ok, enrolled"),
    "already_enrolled": N_("ok, enrolled before"),
    "refused": N_("refused"),
    "not_looked_at": N_("not looked at"),
}
_PERSON_WORDS: Final[dict[PersonResult, str]] = {
    "created": N_("created"),
    "updated": N_("updated"),
    "unchanged": N_("unchanged"),
}
_PEOPLE_SUM: Final = N_(
    "People: {created} created, {updated} updated, {unchanged} unchanged; {without_face} of them without a face."
)
_PHOTO_SUM: Final = N_(
    "Photographs: {enrolled} enrolled, {already_enrolled} enrolled before, {refused} refused,"
    " {not_looked_at} not looked at."
)
_SKIPPED_SUM: Final = N_("Rows, folders and files skipped: {count}.")
_NOTHING_CHANGED: Final = N_("Nothing has changed.")
_DRY_RUN: Final = N_("This was a dry run: nothing has been written.")


def remarks_text(remarks: Sequence[Remark], language: Language) -> str:
    """All sentences, one after another."""
    return " ".join(remark.sentence(language) for remark in remarks)


def photo_line(place: str, photo: PhotoOutcome, language: Language) -> str:
    """``place: word``, with the sentences where there are some."""
    words = translate(_PHOTO_WORDS[photo.result], language)
    return ": ".join(filter(None, (place, words, remarks_text(photo.remarks, language))))


def entry_lines(entry: EnrollmentOutcome | SkippedEntry, language: Language) -> Iterator[str]:
    """Everything about one person or one thing skipped."""
    if isinstance(entry, SkippedEntry):
        yield f"{entry.place}: {remarks_text(entry.remarks, language)}"
        return
    words = translate(_PERSON_WORDS[entry.result], language)
    yield ": ".join(filter(None, (f"{entry.employee_no} {entry.name}", words, remarks_text(entry.remarks, language))))
    for photo in entry.photos:
        yield photo_line(f"{entry.employee_no}/{photo.file_name}", photo, language)


@dataclass(slots=True)
class Tally:
    """Counts what goes by.

    Attributes:
        people, photos: by result.
        without_face: people who clock by PIN or card only, which is worth the same.
        skipped: rows, folders and files that were not used.
        all_went_in: False as soon as there is anything that HR has to look at.
    """

    people: Counter[PersonResult] = field(default_factory=Counter)
    photos: Counter[PhotoResult] = field(default_factory=Counter)
    without_face: int = 0
    skipped: int = 0
    all_went_in: bool = True

    def add(self, entry: EnrollmentOutcome | SkippedEntry) -> None:
        """Count one entry."""
        if isinstance(entry, SkippedEntry):
            self.skipped += 1
            self.all_went_in = False
            return
        self.people[entry.result] += 1
        self.photos.update(photo.result for photo in entry.photos)
        self.without_face += not entry.has_face
        self.all_went_in &= entry.all_went_in

    def lines(self, language: Language, *, dry_run: bool) -> Iterator[str]:
        """The sums."""
        people = {word: self.people[word] for word in _PERSON_WORDS}
        photos = {word: self.photos[word] for word in _PHOTO_WORDS}
        yield translate(_PEOPLE_SUM, language).format(**people, without_face=self.without_face)
        yield translate(_PHOTO_SUM, language).format(**photos)
        if self.skipped:
            yield translate(_SKIPPED_SUM, language).format(count=self.skipped)
        if not self.people["created"] and not self.people["updated"]:
            yield translate(_NOTHING_CHANGED, language)
        if dry_run:
            yield translate(_DRY_RUN, language)
