"""Short texts that people type and that go into records: names, versions, user names."""

from __future__ import annotations

import unicodedata

from models.errors import CourtclockError

# Control characters, among them NUL, which PostgreSQL does not store; and halves of letters, which are no text.
_NO_LETTERS = frozenset({"Cc", "Cs"})


def is_plain_text(text: str) -> bool:
    """Whether a text is free of control characters and can be stored by every database."""
    return not any(unicodedata.category(letter) in _NO_LETTERS for letter in text)


def require_short_text(option: str, text: str, most_characters: int) -> str:
    """The text as it is.

    Args:
        option: what the text was given as, such as ``--recorded-by``.

    Raises:
        CourtclockError: ``text.unfit`` when it is blank, too long, or holds a control character.
    """
    if not text.strip() or len(text) > most_characters or not is_plain_text(text):
        raise CourtclockError("text.unfit", option=option, limit=most_characters)
    return text
