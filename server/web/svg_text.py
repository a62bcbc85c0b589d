"""How wide text will be in a picture whose fonts only the reader's machine knows, and where to break it."""

from __future__ import annotations

import unicodedata
from typing import Final

# Shares of the font's size, somewhat above what Noto Sans, PingFang and YaHei take on average.
_SQUARE: Final = 1.0
_CAPITAL: Final = 0.68
_SMALL: Final = 0.57
_THIN: Final = 0.32
_THIN_CHARACTERS: Final = frozenset(" .,:;!|'()[]-fijlrt")
_BOLD: Final = 1.06


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """About how many pixels the text takes; Chinese characters take a full square each."""
    return sum(map(_units, text)) * size * (_BOLD if bold else 1.0)


def _units(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WFA":
        return _SQUARE
    if character in _THIN_CHARACTERS:
        return _THIN
    return _CAPITAL if character.isupper() else _SMALL


def shortened(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """The text, or as much of it as fits before an ellipsis."""
    if text_width(text, size, bold=bold) <= width:
        return text
    kept = text
    while kept and text_width(kept + "…", size, bold=bold) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def wrapped(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """The text in lines that fit, broken at blanks and between Chinese characters; what cannot be broken sticks out."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and text_width((lines[-1] + piece).rstrip(), size, bold=bold) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def _pieces(text: str) -> list[str]:
    """The text cut wherever a line may end: never before what closes, never after what opens."""
    pieces = [""]
    for before, character in zip(" " + text, text, strict=False):
        between_wide = _is_wide(before) or _is_wide(character)
        opens, closes = (
            unicodedata.category(before) in ("Ps", "Pi"),
            unicodedata.category(character) in ("Po", "Pe", "Pf"),
        )
        if character != " " and (before == " " or (between_wide and not opens and not closes)):
            pieces.append("")
        pieces[-1] += character
    return pieces


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"
