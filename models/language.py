"""Chinese and English: translation of the product's own sentences.

Sentences are written in English in the code; their Chinese stands in
``locale/zh/LC_MESSAGES/courtclock.po``, the standard gettext form that translators' tools read.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Mapping
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


class Said(str):
    """A phrase in Chinese and English; as a plain string it is the English one.

    Args:
        sentence: the English sentence with ``{named}`` gaps; its translation stands in the catalogue.
        gaps: values for them; other phrases among them are said in the same language.
    """

    _sentence: str
    _gaps: dict[str, object]

    def __new__(cls, sentence: str, **gaps: object) -> Said:
        said = super().__new__(cls, sentence.format_map(gaps))
        said._sentence = sentence
        said._gaps = gaps
        return said

    def said_in(self, language: Language) -> str:
        """The phrase in a language."""
        return translate(self._sentence, language).format_map(gaps_in(self._gaps, language))


class SaidName(Said):
    """A name that people gave in both languages."""

    _chinese: str

    def __new__(cls, chinese: str, english: str) -> SaidName:
        said = str.__new__(cls, english)
        said._chinese = chinese
        return said

    def said_in(self, language: Language) -> str:
        """The name in a language."""
        return self._chinese if language == "zh" else str(self)


def gaps_in(gaps: Mapping[str, object], language: Language) -> dict[str, object]:
    """Values for the gaps of a sentence, phrases among them in its language."""
    return {name: value.said_in(language) if isinstance(value, Said) else value for name, value in gaps.items()}


def choose_language(wanted: str | None, default: Language = "zh") -> Language:
    """The first supported language of a tag such as ``en-GB`` or ``zh_CN``; else the default."""
    prefix = (wanted or "").lower()[:2]
    return prefix if prefix in LANGUAGES else default
