"""Faults are kept as code and details, and told to each reader in the own language."""

from __future__ import annotations

import pytest

from models.errors import CourtclockError
from models.language import Language
from models.stored_errors import as_stored, in_words


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "2026-11 is not over, or not everything in it is judged yet."),
        ("zh", CourtclockError("month.not_over", month="2026-11").sentence("zh")),
    ],
)
def test_a_fault_is_told_in_the_language_of_whoever_reads(language: Language, sentence: str) -> None:
    assert in_words(as_stored(CourtclockError("month.not_over", month="2026-11")), language) == sentence


def test_a_fault_that_nobody_foresaw_says_so_and_what_it_was() -> None:
    stored = as_stored(ZeroDivisionError("by zero"))
    assert in_words(stored, "en") == "A fault that nobody foresaw; the log says more: ZeroDivisionError('by zero')"


def test_it_is_one_line_and_not_too_long_whatever_was_said() -> None:
    stored = as_stored(CourtclockError("page.bad_date", text="first\nsecond\x00" + "x" * 1000))
    assert stored.isprintable()
    assert len(stored) < 400
    assert in_words(stored, "en").startswith("first second")


def test_a_number_stays_a_number() -> None:
    stored = as_stored(CourtclockError("pin.locked", seconds=12.6))
    assert "13 seconds" in in_words(stored, "en")


@pytest.mark.parametrize("stored", ["month.not_over: 2026-11 is not over", "ZeroDivisionError('x')", "internal [1]"])
def test_what_an_earlier_version_kept_is_shown_as_it_is(stored: str) -> None:
    assert in_words(stored, "zh") == stored
