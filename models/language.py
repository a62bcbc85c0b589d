"""Chinese and English: translation of the product's own sentences.

Sentences are written in English in the code; their Chinese stands in
``locale/zh/LC_MESSAGES/courtclock.po``, the standard gettext form that translators' tools read.
"""

from __future__ import annotations

import gettext
import io
from functools import cache
from pathlib import Path
from typing import Final, Literal

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
CATALOGUE_FOLDER: Final = Path(__file__).parent / "locale"


def N_(sentence: str) -> str:
    """Mark a sentence for the catalogue where it is written but not yet shown."""
    return sentence


@cache
def translations(language: Language) -> gettext.NullTranslations:
    """The catalogue of one language; English needs none. Read once per process."""
    if language == "en":
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    path = CATALOGUE_FOLDER / language / "LC_MESSAGES" / "courtclock.po"
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translate(sentence: str, language: Language) -> str:
    """The sentence in the wanted language; the English one where none is known."""
    return translations(language).gettext(sentence)


def choose_language(wanted: str | None, default: Language = "zh") -> Language:
    """The first supported language of a tag such as ``en-GB`` or ``zh_CN``; else the default."""
    prefix = (wanted or "").lower()[:2]
    return prefix if prefix in LANGUAGES else default
