"""Fonts for Chinese on paper: one that the machine has, embedded; else one that the reader's program brings."""

from __future__ import annotations

import io
import itertools
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, newTable
from fontTools.ttLib import TTFont as FontFile
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfdoc import PDFDocument, PDFStream
from reportlab.pdfbase.ttfonts import TTFont

EMBEDDED: Final = "Courtclock"
# Every reader with support for Chinese knows this name and shows it in a font of its own.
NOT_EMBEDDED: Final = "STSong-Light"
# Stands for what no font at hand can show, as in print; STSong-Light has rare characters of names in no form.
MISSING: Final = "〓"
_BEYOND_FIRST_PLANE: Final = re.compile("[\U00010000-\U0010ffff]")

# What Windows, Debian and the Linux desktops made in China bring, best for reading first.
KNOWN_FILES: Final = (
    "msyh.ttc",
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "NotoSansSC-Regular.ttf",
    "SourceHanSansSC-Regular.otf",
    "SourceHanSansCN-Regular.otf",
    "Deng.ttf",
    "simhei.ttf",
    "simsun.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
)

_KEPT_TABLES: Final = frozenset(
    {"head", "hhea", "maxp", "hmtx", "cmap", "name", "OS/2", "post", "glyf", "loca", "CFF ", "cvt ", "fpgm", "prep"}
)
_CHINA: Final = re.compile(r"(SC|sc|CN|cn)\b")
_FORBIDS_EMBEDDING: Final = 0x0002
_LARGEST_ERROR_UNITS: Final = 1.0
_WIDE_CODE: Final = re.compile(r"(<[0-9A-F]{2}>) <([0-9A-F]{5,6})>")


def usual_font_folders() -> tuple[Path, ...]:
    """Where this machine keeps its fonts."""
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/usr/share/wps-office/fonts")]
    if windows := os.environ.get("WINDIR"):
        folders.insert(0, Path(windows) / "Fonts")
    return tuple(folders)


def known_fonts(folders: Iterable[Path]) -> list[Path]:
    """Files of ``KNOWN_FILES`` in the folders and below them, in that order."""
    wanted = {name.lower(): rank for rank, name in enumerate(KNOWN_FILES)}
    found = [path for folder in folders for path in folder.rglob("*.[tToO][tT][cCfF]") if path.name.lower() in wanted]
    return sorted(found, key=lambda path: (wanted[path.name.lower()], str(path)))


@dataclass(frozen=True, slots=True)
class Typeface:
    """What text is measured and drawn with.

    Attributes:
        embedded: True when the file carries the characters' shapes.
        covered: characters that the embedded font has.
    """

    embedded: bool
    covered: frozenset[str]
    _widths: dict[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The font that most text is in, by its name in the registry."""
        return EMBEDDED if self.embedded else NOT_EMBEDDED

    def width(self, character: str) -> float:
        """How far a character advances, as a share of the font's size."""
        if character not in self._widths:
            self._widths[character] = pdfmetrics.stringWidth(character, self._font_of(character), 1)
        return self._widths[character]

    def runs(self, text: str) -> list[tuple[str, str]]:
        """The text as pairs of font and part; a character that the embedded font lacks is left to the reader's."""
        if self.embedded and self.covered.issuperset(text):
            return [(EMBEDDED, text)]
        return [
            (font, "".join(part) if font == EMBEDDED else _BEYOND_FIRST_PLANE.sub(MISSING, "".join(part)))
            for font, part in itertools.groupby(text, self._font_of)
        ]

    def _font_of(self, character: str) -> str:
        return EMBEDDED if self.embedded and character in self.covered else NOT_EMBEDDED


def register_typeface(characters: frozenset[str], font_path: Path | None, folders: Sequence[Path]) -> Typeface:
    """Put fonts for these characters into reportlab's registry, which is one for the whole process.

    Args:
        characters: all that will be drawn.
        font_path: a TrueType or OpenType file or collection; None looks for one.
        folders: where to look. The first that has every character is taken, else the one that has most.

    Raises:
        ValueError: ``font_path`` cannot be used; the sentence says why.
    """
    pdfmetrics.registerFont(UnicodeCIDFont(NOT_EMBEDDED))
    found = _open_font(font_path) if font_path is not None else _best_font(characters, known_fonts(folders))
    if found is None:
        return Typeface(embedded=False, covered=frozenset())
    try:
        font = _EmbeddedFont(EMBEDDED, cut_down(found.font, characters))
    # A broken file breaks the libraries in many ways: struct.error, AssertionError, errors of their own.
    except Exception as error:
        raise ValueError(f"font {found.path}: {error or type(error).__name__}") from error
    # registerFont would keep the first font of a name, and of a face, for ever: the next document, whose font holds
    # other characters, would lack them.
    pdfmetrics._fonts[EMBEDDED] = font  # type: ignore[attr-defined]
    return Typeface(embedded=True, covered=characters & found.covered)


@dataclass(frozen=True, slots=True)
class _Found:
    path: Path
    font: Any
    covered: frozenset[str]


def _best_font(characters: frozenset[str], paths: Iterable[Path]) -> _Found | None:
    best, most = None, 0
    for path in paths:
        try:
            found = _open_font(path)
        except ValueError:
            continue
        count = len(characters & found.covered)
        if count > most:
            best, most = found, count
        if count == len(characters):
            break
    return best


def _open_font(path: Path) -> _Found:
    """The file's font, of a collection the one for China.

    Raises:
        ValueError: it is not a font that can be embedded.
    """
    try:
        font = read_font(path.read_bytes())
        unusable = _why_unusable(font)
        covered = frozenset() if unusable else frozenset(map(chr, font.getBestCmap()))
    except Exception as error:
        raise ValueError(f"font {path}: {error or type(error).__name__}") from error
    if unusable:
        raise ValueError(f"font {path}: {unusable}")
    return _Found(path, font, covered)


def read_font(content: bytes) -> Any:
    """The font of a file, of a collection the one for China, else the first."""
    if not content.startswith(b"ttcf"):
        return FontFile(io.BytesIO(content), lazy=True, recalcTimestamp=False)
    fonts = TTCollection(io.BytesIO(content), lazy=True).fonts
    names = [str(font["name"].getDebugName(6)) for font in fonts]
    number = next((number for number, name in enumerate(names) if _CHINA.search(name)), 0)
    return FontFile(io.BytesIO(content), fontNumber=number, lazy=True, recalcTimestamp=False)


def _why_unusable(font: Any) -> str | None:
    if "glyf" not in font and "CFF " not in font:
        return "it has neither TrueType nor CFF outlines"
    if font.getBestCmap() is None:
        return "it has no table of Unicode characters"
    if "OS/2" in font and font["OS/2"].fsType & 0x000F == _FORBIDS_EMBEDDING:
        return "its maker forbids embedding"
    return None


def cut_down(font: Any, characters: frozenset[str]) -> io.BytesIO:
    """A TrueType file with the glyphs of these characters alone."""
    for tag in set(font.keys()) - _KEPT_TABLES - {"GlyphOrder"}:
        del font[tag]
    options = Options()
    options.hinting = False
    options.notdef_outline = True
    options.recalc_timestamp = False
    subsetter = Subsetter(options)
    # A blank is needed where the writer fills up its tables.
    subsetter.populate(unicodes=sorted(map(ord, characters | {" "})))
    subsetter.subset(font)
    if "CFF " in font:
        _to_truetype(font)
    target = io.BytesIO()
    font.save(target)
    target.seek(0)
    return target


def _to_truetype(font: Any) -> None:
    """Cubic outlines, which reportlab cannot embed, as quadratic ones, at most a thousandth of the size off.

    Source: OpenType specification, tables glyf and maxp; Noto Sans CJK, which Linux systems bring, has cubic ones.
    """
    order = font.getGlyphOrder()
    outlines = font.getGlyphSet()
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(None)
        # The two kinds of outlines go round in opposite directions.
        outlines[name].draw(Cu2QuPen(pen, _LARGEST_ERROR_UNITS, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = table = newTable("glyf")
    table.glyphOrder = order
    table.glyphs = glyphs
    del font["CFF "]
    limits = font["maxp"]
    limits.tableVersion = 0x00010000
    limits.maxZones = 1
    for name in ("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements"):
        setattr(limits, name, 0)
    limits.maxSizeOfInstructions = 0
    limits.maxComponentElements = 0
    font["post"].formatType = 3.0
    font["head"].glyphDataFormat = 0
    font.sfntVersion = "\x00\x01\x00\x00"


class _EmbeddedFont(TTFont):
    """reportlab's font, with characters beyond the first plane that can be searched and copied.

    The library writes their code point where the format wants UTF-16. Source: Adobe Technical Note 5411.
    """

    def addObjects(self, doc: PDFDocument) -> None:
        super().addObjects(doc)
        for name, stream in doc.idToObject.items():
            if name.startswith("toUnicodeCMap:") and isinstance(stream, PDFStream):
                stream.content = _WIDE_CODE.sub(_as_utf16, stream.content)


def _as_utf16(match: re.Match[str]) -> str:
    return f"{match[1]} <{chr(int(match[2], 16)).encode('utf-16-be').hex().upper()}>"
