"""A sheet as CSV (RFC 4180), for other programs."""

from __future__ import annotations

import csv
import io
import unicodedata
from typing import Final
from zoneinfo import ZoneInfo

from server.web.sheets import Sheet, cell_text, readable

_FORMULA_STARTS: Final = frozenset("=+-@\u2212")
# Some programs drop a leading tab or line end, and take what follows for the cell.
_BLANK_STARTS: Final = ("\t", "\n")


def csv_bytes(sheet: Sheet, zone: ZoneInfo, *, byte_order_mark: bool) -> bytes:
    """Headings and rows in UTF-8; title, subtitle and footnotes are for people and are left out.

    Args:
        sheet: what to write.
        zone: where the reader's clock stands.
        byte_order_mark: True for spreadsheet programs, which take UTF-8 for the machine's old code page without it.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([plain_text(column.heading) for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow(
            [
                plain_text(value) if isinstance(value, str) else cell_text(column, value, zone)
                for column, value in zip(sheet.columns, row, strict=True)
            ]
        )
    return text.getvalue().encode("utf-8-sig" if byte_order_mark else "utf-8")


def plain_text(text: str) -> str:
    """The text in a form that no spreadsheet program runs as a formula: with an apostrophe before it where needed.

    Blanks and invisible characters before the sign do not hide it, nor does a full-width or small form of it.
    Source: OWASP, CSV Injection.
    """
    clean = readable(text)
    return f"'{clean}" if clean.startswith(_BLANK_STARTS) or _first_sign(clean) in _FORMULA_STARTS else clean


def _first_sign(text: str) -> str:
    """The first character that can be seen, in its plain form; empty when there is none."""
    for character in text:
        if not (character.isspace() or unicodedata.category(character) in ("Cc", "Cf")):
            return unicodedata.normalize("NFKC", character)[0]
    return ""
