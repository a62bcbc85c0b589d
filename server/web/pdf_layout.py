"""Where text stands on paper: lines wrapped into columns, columns onto pages. All lengths are in points, 1/72 inch."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from server.web.sheets import NUMBER_KINDS, Kind

# A4 landscape, ISO 216: 297 mm by 210 mm.
PAGE_WIDTH: Final = 841.89
PAGE_HEIGHT: Final = 595.28
MARGIN: Final = 34.0
FOOTER_HEIGHT: Final = 20.0
BODY_WIDTH: Final = PAGE_WIDTH - 2 * MARGIN
TOP: Final = PAGE_HEIGHT - MARGIN
BOTTOM: Final = MARGIN + FOOTER_HEIGHT

TITLE_SIZE: Final = 14.0
TEXT_SIZES: Final = (9.0, 8.0, 7.0, 6.0, 5.0)
LINE_SPACING: Final = 1.35
PADDING: Final = 3.0
# A heading that takes more than this share of a page is not repeated, or no room for rows would be left.
_TALLEST_HEADING: Final = 0.4
# A column of text is not made narrower than this many characters while others can give way.
_NARROWEST_TEXT: Final = 5

# A line of Chinese begins and ends with neither of these. Source: GB/T 15834-2011, 5.1.
_NOT_FIRST: Final = frozenset("，。、；：？！）〕］｝》〉」』】…—～·％%,.;:?!)]}”’")
_NOT_LAST: Final = frozenset("（〔［｛《〈「『【([{“‘")

CharacterWidth = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of one line; ``x`` and ``y`` are the left end of its base line, from the page's lower left corner."""

    x: float
    y: float
    text: str
    size: float


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle; ``x`` and ``y`` are its lower left corner."""

    x: float
    y: float
    width: float
    height: float
    grey: float


@dataclass(slots=True)
class Page:
    """What is drawn on one page, boxes first."""

    boxes: list[Box] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose cells are text already."""

    title: str
    subtitle: tuple[str, ...]
    headings: tuple[str, ...]
    kinds: tuple[Kind, ...]
    rows: Sequence[tuple[str, ...]]
    footnotes: tuple[str, ...]


def lay_out(table: Table, width_of: CharacterWidth) -> list[Page]:
    """The pages of one table; nothing is cut, and a row that is taller than a page goes on on the next.

    Args:
        table: what to show.
        width_of: advance of one character as a share of the font's size.
    """
    size, widths = column_widths(table, width_of)
    paper = _Paper(width_of, size, widths, table.kinds)
    paper.paragraph(table.title, TITLE_SIZE)
    for line in table.subtitle:
        paper.paragraph(line, TEXT_SIZES[0])
    paper.gap()
    paper.heading(table.headings)
    for row in table.rows:
        paper.row(row)
    paper.end_table()
    for line in table.footnotes:
        paper.paragraph(line, TEXT_SIZES[0])
    return paper.pages


class _Paper:
    """Fills pages from the top; ``_y`` is how far down the last one is full."""

    def __init__(self, width_of: CharacterWidth, size: float, widths: Sequence[float], kinds: Sequence[Kind]) -> None:
        self.pages = [Page()]
        self._y = TOP
        self._width_of = width_of
        self._size = size
        self._leading = size * LINE_SPACING
        self._widths = widths
        self._kinds = kinds
        self._heading: list[list[str]] | None = None

    def paragraph(self, text: str, size: float) -> None:
        leading = size * LINE_SPACING
        for line in wrap(text, self._width_of, BODY_WIDTH / size):
            if self._y - leading < BOTTOM:
                self._turn_page()
            self._y -= leading
            self._say(MARGIN, self._y + 0.3 * size, line, size)

    def gap(self) -> None:
        self._y -= self._leading / 2

    def heading(self, cells: Sequence[str]) -> None:
        lines = self._wrapped(cells)
        if self._height(lines) > _TALLEST_HEADING * (TOP - BOTTOM):
            self._place_in_parts(lines, shaded=True)
            return
        if self._y - self._height(lines) - self._leading < BOTTOM:
            self._turn_page()
        self._place(lines, shaded=True)
        self._heading = lines

    def row(self, cells: Sequence[str]) -> None:
        lines = self._wrapped(cells)
        height = self._height(lines)
        if self._y - height >= BOTTOM:
            self._place(lines)
            return
        if height <= TOP - BOTTOM - (self._height(self._heading) if self._heading else 0):
            self._turn_page()
            self._place(lines)
            return
        self._place_in_parts(lines)

    def end_table(self) -> None:
        """What follows has no columns, so further pages need no headings."""
        self._heading = None
        self.gap()

    def _wrapped(self, cells: Sequence[str]) -> list[list[str]]:
        return [
            wrap(cell, self._width_of, (width - 2 * PADDING) / self._size)
            for cell, width in zip(cells, self._widths, strict=True)
        ]

    def _height(self, lines: Sequence[Sequence[str]]) -> float:
        return max(map(len, lines)) * self._leading + 2 * PADDING

    def _place_in_parts(self, lines: Sequence[Sequence[str]], *, shaded: bool = False) -> None:
        rest = [list(cell) for cell in lines]
        while any(rest):
            room = int((self._y - BOTTOM - 2 * PADDING) / self._leading)
            if room < 1:
                self._turn_page()
                continue
            self._place([cell[:room] for cell in rest], shaded=shaded)
            rest = [cell[room:] for cell in rest]

    def _place(self, lines: Sequence[Sequence[str]], *, shaded: bool = False) -> None:
        height = self._height(lines)
        page = self.pages[-1]
        if shaded:
            page.boxes.append(Box(MARGIN, self._y - height, sum(self._widths), height, 0.9))
        x = MARGIN
        for cell, width, kind in zip(lines, self._widths, self._kinds, strict=True):
            for number, line in enumerate(cell, start=1):
                base = self._y - PADDING - number * self._leading + 0.3 * self._size
                left = x + PADDING
                if kind in NUMBER_KINDS:
                    left = x + width - PADDING - self._size * sum(map(self._width_of, line))
                self._say(left, base, line, self._size)
            x += width
        self._y -= height
        page.boxes.append(Box(MARGIN, self._y, sum(self._widths), 0.4, 0.6))

    def _say(self, x: float, y: float, text: str, size: float) -> None:
        if text:
            self.pages[-1].words.append(Words(x, y, text, size))

    def _turn_page(self) -> None:
        self.pages.append(Page())
        self._y = TOP
        if self._heading:
            self._place(self._heading, shaded=True)


def column_widths(table: Table, width_of: CharacterWidth) -> tuple[float, list[float]]:
    """Size of the text and widths of the columns, at most as wide as the page together.

    Columns are as wide as their content wants while there is room. Then columns of text give way before numbers
    and dates do, the widest first, then the text becomes smaller, and at last every column gives way.
    """
    wanted: list[float] = []
    least: list[float] = []
    for index, (heading, kind) in enumerate(zip(table.headings, table.kinds, strict=True)):
        widest_cell = max((_widest_line(row[index], width_of) for row in table.rows), default=0.0)
        widest = max(widest_cell, _widest_line(heading, width_of))
        wanted.append(widest)
        least.append(min(widest, max(widest_cell if kind != "text" else 0.0, _NARROWEST_TEXT)))
    padding = 2 * PADDING * len(wanted)
    for size in TEXT_SIZES:
        # A hair wider than wanted, or rounding would wrap what just fits.
        room = (BODY_WIDTH - padding) / size - 0.001 * len(wanted)
        if sum(least) <= room:
            given = _share(wanted, least, room)
            return size, [(width + 0.001) * size + 2 * PADDING for width in given]
    size = TEXT_SIZES[-1]
    return size, [BODY_WIDTH * width / sum(least) for width in least]


def _share(wanted: Sequence[float], least: Sequence[float], room: float) -> list[float]:
    """What each column gets: at least its least, at most what it wants, the rest in equal parts."""
    given = list(least)
    rest = room - sum(least)
    hungry = sorted(range(len(wanted)), key=lambda index: wanted[index] - least[index])
    for place, index in enumerate(hungry):
        more = min(wanted[index] - least[index], rest / (len(hungry) - place))
        given[index] += more
        rest -= more
    return given


def _widest_line(text: str, width_of: CharacterWidth) -> float:
    return max(sum(map(width_of, line)) for line in text.split("\n"))


def wrap(text: str, width_of: CharacterWidth, room: float) -> list[str]:
    """Lines that are at most ``room`` wide, unless a single character is wider.

    A line ends after a blank or between Chinese characters; only a word that is wider than a line is broken.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        if sum(map(width_of, paragraph)) <= room:
            lines.append(paragraph)
        else:
            lines.extend(_broken(paragraph, width_of, room))
    return lines


def _broken(text: str, width_of: CharacterWidth, room: float) -> list[str]:
    lines: list[str] = []
    start = end = 0
    width = 0.0
    for index, character in enumerate(text):
        if index > start and _may_break(text[index - 1], character):
            end = index
        width += width_of(character)
        # Blanks at the end of a line need no room.
        while width > room and index > start and character != " ":
            cut = end if end > start else index
            lines.append(text[start:cut].rstrip(" "))
            start = cut
            width = sum(map(width_of, text[start : index + 1]))
    lines.append(text[start:].rstrip(" "))
    return lines


def _may_break(before: str, after: str) -> bool:
    if after in _NOT_FIRST or before in _NOT_LAST or after == " " or unicodedata.category(after).startswith("M"):
        return False
    return before == " " or _is_chinese(before) or _is_chinese(after)


def _is_chinese(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"
