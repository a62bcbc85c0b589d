"""Faults as they are kept with what failed: code and details, so that each reader is told in the own language."""

from __future__ import annotations

import json
import unicodedata
from typing import Any, Final

from models.errors import ERROR_KINDS, CourtclockError
from models.language import Language

_MOST_CHARACTERS: Final = 300
_NOT_IN_A_LINE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


def as_stored(fault: Exception) -> str:
    """One line of text that ``in_words`` reads: the code, a space, the details as a JSON object.

    What nobody foresaw is ``job.unforeseen``, with the fault as Python writes it.
    """
    if not isinstance(fault, CourtclockError):
        fault = CourtclockError("job.unforeseen", fault=repr(fault))
    details = {name: _plain(value) for name, value in fault.details.items()}
    return f"{fault.code} {json.dumps(details, ensure_ascii=False, sort_keys=True)}"


def in_words(stored: str, language: Language) -> str:
    """The sentence of a stored fault; what an earlier version stored is a sentence already."""
    code, _, text = stored.partition(" ")
    if code not in ERROR_KINDS:
        return stored
    try:
        details = json.loads(text)
    except ValueError:
        return stored
    return CourtclockError(code, **details).sentence(language) if isinstance(details, dict) else stored


def _plain(value: object) -> Any:
    if isinstance(value, (bool, int, float)) or value is None:
        return value
    letters = (" " if unicodedata.category(letter) in _NOT_IN_A_LINE else letter for letter in str(value))
    return "".join(letters)[:_MOST_CHARACTERS]
