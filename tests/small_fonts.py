"""Fonts made for a test: every character is a box, so that nothing has to be installed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection


def write_font(
    path: Path, characters: str, *, cubic: bool = False, family: str = "Small", may_embed: bool = True
) -> Path:
    """A TrueType font with these characters, or one with cubic outlines (CFF), as Noto Sans CJK has them."""
    _font(characters, cubic=cubic, family=family, may_embed=may_embed).save(path)
    return path


def write_collection(path: Path, fonts: Iterable[tuple[str, str]]) -> Path:
    """A collection of fonts, each a family and its characters."""
    collection = TTCollection()
    collection.fonts = [_font(characters, cubic=False, family=family, may_embed=True) for family, characters in fonts]
    collection.save(path)
    return path


def _font(characters: str, *, cubic: bool, family: str, may_embed: bool) -> Any:
    codes = sorted({ord(character) for character in characters} | {0x20})
    names = {code: f"u{code:05X}" for code in codes}
    order = [".notdef", *names.values()]
    builder = FontBuilder(1000, isTTF=not cubic)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(names)
    if cubic:
        builder.setupCFF(f"{family}-Regular", {}, {name: _cubic_box() for name in order}, {})
    else:
        builder.setupGlyf({name: _box() for name in order})
    builder.setupHorizontalMetrics(dict.fromkeys(order, (1000, 100)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": f"{family}-Regular"})
    builder.setupOS2(fsType=0 if may_embed else 2)
    builder.setupPost()
    return builder.font


def _draw_box(pen: Any) -> None:
    pen.moveTo((100, 0))
    pen.lineTo((100, 700))
    pen.curveTo((300, 800), (700, 800), (900, 700)) if isinstance(pen, T2CharStringPen) else pen.lineTo((900, 700))
    pen.lineTo((900, 0))
    pen.closePath()


def _box() -> Any:
    pen = TTGlyphPen(None)
    _draw_box(pen)
    return pen.glyph()


def _cubic_box() -> Any:
    pen = T2CharStringPen(1000, None)
    _draw_box(pen)
    return pen.getCharString()
