"""A workbook as XLSX, for Excel and WPS."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

import xlsxwriter

from server.web.sheets import NUMBER_KINDS, Cell, Column, Sheet, Workbook, cell_text, local, readable

# Windows has it since 7, and WPS shows it or its own Chinese font; the library's default, Calibri, has no Chinese.
FONT: Final = "Microsoft YaHei"
FONT_SIZE_PT: Final = 10
TITLE_SIZE_PT: Final = 14
A4: Final = 9

# Limits of the format. Source: Microsoft, Excel specifications and limits.
LONGEST_CELL_UTF16: Final = 32_767
LONGEST_SHEET_NAME_UTF16: Final = 31
MOST_ROWS: Final = 1_048_576
_NOT_IN_SHEET_NAMES: Final = re.compile(r"[\[\]:*?/\\\n\t]")
_RESERVED_SHEET_NAMES: Final = ("history",)

# Day numbers before this differ between programs, because the first ones took 1900 for a leap year.
_FIRST_SAFE_DATE: Final = date(1900, 3, 1)

# Keeps a cell text also after somebody edits it.
_TEXT: Final = "@"

# A width of one is about one Latin character; with more than this a text is wrapped.
NARROWEST_COLUMN: Final = 6
WIDEST_COLUMN: Final = 60
_ROOM_FOR_FILTER_BUTTON: Final = 3


def xlsx_bytes(workbook: Workbook, zone: ZoneInfo) -> bytes:
    """One worksheet for each sheet; the same workbook gives the same bytes.

    Text is always written as text, so nothing in it can run as a formula or become a link.

    Args:
        workbook: what to write.
        zone: where the reader's clock stands; spreadsheets have no time zones.

    Raises:
        ValueError: a sheet has more rows than a worksheet can hold.
    """
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            # Without a scheme, or the theme's font, which has no Chinese, would be shown instead of the named one.
            "default_format_properties": {"font_name": FONT, "font_size": FONT_SIZE_PT, "font_scheme": False},
        },
    )
    made_at = workbook.made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": readable(workbook.sheets[0].title), "author": "Courtclock", "created": made_at})
    formats = _Formats(book)
    names = sheet_names(sheet.title for sheet in workbook.sheets)
    for name, sheet in zip(names, workbook.sheets, strict=True):
        _write_sheet(book.add_worksheet(name), sheet, zone, formats)
    book.close()
    return target.getvalue()


class _Formats:
    """The looks that cells share, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._of_columns: dict[tuple[str, str], Any] = {}
        # Text everywhere: somebody who edits a title that begins with = must not make a formula of it.
        text = {"num_format": _TEXT}
        self.title = book.add_format({**text, "bold": True, "font_size": TITLE_SIZE_PT})
        self.line = book.add_format(text)
        self.heading = book.add_format(
            {**text, "bold": True, "bg_color": "#E7ECF2", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
        )

    def of(self, column: Column) -> Any:
        """How the cells of a column look."""
        form = _number_format(column)
        align = "right" if column.kind in NUMBER_KINDS else "left"
        if (form, align) not in self._of_columns:
            look = {"num_format": form, "align": align, "valign": "top", "text_wrap": column.kind == "text"}
            self._of_columns[form, align] = self._book.add_format(look)
        return self._of_columns[form, align]


def _number_format(column: Column) -> str:
    places = "." + "0" * column.decimals if column.decimals else ""
    return {
        "text": _TEXT,
        "whole": "0",
        "minutes": "0",
        "decimal": f"0{places}",
        "percent": f"0{places}%",
        "date": "yyyy-mm-dd",
        "time": "hh:mm:ss",
        "moment": "yyyy-mm-dd hh:mm:ss",
    }[column.kind]


def _write_sheet(page: Any, sheet: Sheet, zone: ZoneInfo, formats: _Formats) -> None:
    heading_row = 1 + len(sheet.subtitle) + 1
    last_row = heading_row + len(sheet.rows)
    if last_row + 1 + len(sheet.footnotes) >= MOST_ROWS:
        raise ValueError(f"sheet {sheet.title!r} has {len(sheet.rows)} rows; a worksheet holds {MOST_ROWS}")
    _write_text(page, 0, 0, sheet.title, formats.title)
    for index, line in enumerate(sheet.subtitle, start=1):
        _write_text(page, index, 0, line, formats.line)
    for index, column in enumerate(sheet.columns):
        page.set_column(index, index, _column_width(column, [row[index] for row in sheet.rows], zone))
        _write_text(page, heading_row, index, column.heading, formats.heading)
        look = formats.of(column)
        for row_index, row in enumerate(sheet.rows, start=heading_row + 1):
            _write_cell(page, row_index, index, column, row[index], zone, look)
    for index, line in enumerate(sheet.footnotes, start=last_row + 2):
        _write_text(page, index, 0, line, formats.line)
    page.freeze_panes(heading_row + 1, 0)
    page.autofilter(heading_row, 0, last_row - sheet.total_rows, len(sheet.columns) - 1)
    page.set_landscape()
    page.set_paper(A4)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.fit_to_pages(1, 0)
    page.repeat_rows(heading_row)
    page.set_footer("&L&A&R&P / &N")


def _write_cell(page: Any, row: int, index: int, column: Column, value: Cell, zone: ZoneInfo, look: Any) -> None:
    if value is None:
        page.write_blank(row, index, None, look)
    elif isinstance(value, str):
        _write_text(page, row, index, value, look)
    elif isinstance(value, int | float):
        page.write_number(row, index, value, look)
    else:
        wall = local(value, zone)
        if isinstance(wall, datetime) and column.kind == "time":
            wall = wall.time()
        if not isinstance(wall, time) and _day(wall) < _FIRST_SAFE_DATE:
            _write_text(page, row, index, cell_text(column, value, zone), look)
        else:
            page.write_datetime(row, index, wall, look)


def _day(wall: datetime | date) -> date:
    return wall.date() if isinstance(wall, datetime) else wall


def _write_text(page: Any, row: int, index: int, text: str, look: Any) -> None:
    page.write_string(row, index, shortened(readable(text), LONGEST_CELL_UTF16), look)


def _column_width(column: Column, values: Iterable[Cell], zone: ZoneInfo) -> float:
    longest = max((_text_width(cell_text(column, value, zone)) for value in values), default=0)
    widest = max(longest + 2, _text_width(readable(column.heading)) + _ROOM_FOR_FILTER_BUTTON)
    return max(NARROWEST_COLUMN, min(widest, WIDEST_COLUMN))


def _text_width(text: str) -> int:
    """Width of the longest line in Latin characters; Chinese ones count two. Source: Unicode UAX #11."""
    lines = text.split("\n")
    return max(
        sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in line) for line in lines
    )


def shortened(text: str, longest_utf16: int) -> str:
    """The text, or as much of it as has room before an ellipsis; lengths are in UTF-16 units, as Excel counts."""
    encoded = text.encode("utf-16-le")
    if len(encoded) <= 2 * longest_utf16:
        return text
    # A character that is cut in its middle is left out.
    return encoded[: 2 * (longest_utf16 - 1)].decode("utf-16-le", errors="ignore") + "…"


def sheet_names(titles: Iterable[str]) -> list[str]:
    """Names that Excel accepts for worksheets, one for each title: short, plain, and different also in lower case."""
    names: list[str] = []
    taken = set(_RESERVED_SHEET_NAMES)
    for title in titles:
        plain = _NOT_IN_SHEET_NAMES.sub(" ", readable(title)).strip(" '") or "Sheet"
        name, number = shortened(plain, LONGEST_SHEET_NAME_UTF16), 1
        while name.casefold() in taken:
            number += 1
            end = f" ({number})"
            name = shortened(plain, LONGEST_SHEET_NAME_UTF16 - len(end)) + end
        taken.add(name.casefold())
        names.append(name)
    return names
