"""What enrollment has to say about a photograph, a person or a row: a stable code and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from models.language import N_, Language, translate

RemarkCode = Literal[
    # about a photograph
    "no_consent",
    "disagrees",
    "disagrees_with_stored",
    "looks_like_other",
    "beside_look_alike",
    "same_file",
    # about a person
    "consent_not_newer_than_withdrawal",
    "consent_not_newer_than_refusal",
    "decision_in_future",
    "refusal_withdraws_consent",
    "refusal_older_than_consent",
    # about a row of people.csv
    "bad_cells",
    "bad_employee_no",
    "doubled_employee_no",
    "empty_name",
    "bad_pin",
    "bad_consent",
    "consent_incomplete",
    "bad_date",
    "too_long",
    "bad_characters",
    # about what else lies in the folder
    "folder_without_row",
    "stray_photo",
]


class Remark(Protocol):
    """Anything that is said to HR; ``models.faces.quality.QualityFault`` is one too."""

    @property
    def code(self) -> str:
        """Stable machine word."""
        ...

    def sentence(self, language: Language) -> str:
        """One or two sentences that say what is wrong and what to do."""
        ...


@dataclass(frozen=True, slots=True)
class EnrollmentRemark:
    """A remark that is not about the picture itself but about whose it is and what may be done with it.

    Attributes:
        code: a key of the table below.
        values: for the gaps of the sentence.
    """

    code: RemarkCode
    values: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: Language) -> str:
        """The sentence in one language."""
        return translate(_SENTENCES[self.code], language).format(**self.values)


_SENTENCES: Final[dict[RemarkCode, str]] = {
    "no_consent": N_("There is no consent to face recognition on record for this person."),
    "disagrees": N_(
        "This does not look like the person in {other_file} (distance {found:.2f}, at most {limit:.2f})."
        " Check whose photograph it is."
    ),
    "disagrees_with_stored": N_(
        "This does not look like the photographs that this person is enrolled with (distance {found:.2f},"
        " at most {limit:.2f}). Check whose photograph it is."
    ),
    "looks_like_other": N_(
        "This looks like employee {employee_no} (distance {found:.2f}, less than {limit:.2f}). If this is the same"
        " person under another number, keep one number. If they are two people who look alike, use a PIN for this one."
    ),
    "beside_look_alike": N_(
        "Not enrolled, because another photograph of this person ({other_file}) looks like employee {employee_no}."
    ),
    "same_file": N_("The same file as {other_file}."),
    "consent_not_newer_than_withdrawal": N_(
        "Consent was withdrawn on {stored_on}. A consent of {given_on} does not bring it back;"
        " a new consent with a later date does."
    ),
    "consent_not_newer_than_refusal": N_(
        "Consent was refused on {stored_on}. A consent of {given_on} does not change that;"
        " a new consent with a later date does."
    ),
    "decision_in_future": N_(
        "The decision about consent is dated {given_on}, which has not come yet. It is not recorded."
    ),
    "refusal_withdraws_consent": N_(
        "The consent of {stored_on} is withdrawn by this refusal. The templates of this person are deleted."
    ),
    "refusal_older_than_consent": N_(
        "The refusal of {given_on} is older than the consent of {stored_on}, which stays. Bring the list up to date."
    ),
    "bad_cells": N_("This row has {found} cells, {expected} are needed. The row is skipped."),
    "bad_employee_no": N_(
        "“{found}” is not an employee number: 1 to 32 letters, digits, - or _ are. The row is skipped."
    ),
    "doubled_employee_no": N_("The employee number {employee_no} stands in lines {lines}. These rows are skipped."),
    "empty_name": N_("The name is empty. The row is skipped."),
    "bad_pin": N_("The PIN is not {minimum} to {maximum} digits. The row is skipped."),
    "bad_consent": N_(
        "“{found}” is no decision about consent: given, refused, 同意, 拒绝 or nothing is. The row is skipped."
    ),
    "consent_incomplete": N_(
        "A decision about consent needs the version of the notice and the date. The row is skipped."
    ),
    "bad_date": N_("“{found}” is not a date like 2026-11-20. The row is skipped."),
    "too_long": N_("The column {column} holds {found} characters, at most {limit} are possible. The row is skipped."),
    "bad_characters": N_("The column {column} holds a line break or another control character. The row is skipped."),
    "folder_without_row": N_(
        "There is no usable row in people.csv for this folder. Its photographs are not looked at."
    ),
    "stray_photo": N_("Photographs belong into a folder named after the employee number. This one is not looked at."),
}
