"""A table for people as a value: what a report says, before it becomes a file."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, Literal, assert_never
from zoneinfo import ZoneInfo

Kind = Literal["text", "whole", "decimal", "percent", "minutes", "date", "time", "moment"]
NUMBER_KINDS: Final[frozenset[Kind]] = frozenset({"whole", "decimal", "percent", "minutes"})
Cell = str | int | float | date | time | datetime | None

# A spreadsheet keeps 15 digits of a number; further ones would become zeros in silence.
LARGEST_WHOLE: Final = 10**15 - 1

# What XML 1.0 cannot hold (section 2.2), and lone surrogates, which UTF-8 cannot.
_UNHOLDABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS: Final = re.compile("\r\n?|[\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet.

    Attributes:
        heading: already in the reader's language.
        kind: what its cells hold; every cell may also be None, which is shown empty.

            - ``text``: str.
            - ``whole``: int.
            - ``decimal``: int or float, shown with ``decimals`` places.
            - ``percent``: a fraction, int or float; 0.25 is shown as 25 %, with ``decimals`` places.
            - ``minutes``: int, a length of time in whole minutes.
            - ``date``: date.
            - ``time``: a time of day of the reader's zone, or an aware datetime of which its time is shown.
            - ``moment``: an aware datetime.
        decimals: places after the point, 0 to 10.

    Raises:
        ValueError: ``decimals`` is out of range.
    """

    heading: str
    kind: Kind = "text"
    decimals: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.decimals <= 10:
            raise ValueError(f"column {self.heading!r}: decimals must be 0 to 10, not {self.decimals}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table with what is printed above and below it.

    Attributes:
        title: what it is.
        columns: at least one, left to right.
        rows: top to bottom, each as wide as ``columns``.
        subtitle: lines under the title: period, court, scope, when it was made.
        footnotes: lines under the table.
        total_rows: so many of the last rows are sums of the others; a spreadsheet's filter leaves them out.

    Raises:
        ValueError: there is no column, a row is too short or too long, a cell does not fit its column's kind, a
            number is not finite or has more than 15 digits, a datetime is naive.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    subtitle: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()
    total_rows: int = 0

    def __post_init__(self) -> None:
        if not self.columns:
            raise ValueError(f"sheet {self.title!r} has no column")
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.columns):
                raise ValueError(
                    f"sheet {self.title!r}, row {number}: {len(row)} cells for {len(self.columns)} columns"
                )
            for column, value in zip(self.columns, row, strict=True):
                if value is not None and (misfit := _misfit(column.kind, value)):
                    raise ValueError(f"sheet {self.title!r}, row {number}, column {column.heading!r}: {misfit}")


@dataclass(frozen=True, slots=True)
class Workbook:
    """Sheets that belong into one file.

    Attributes:
        sheets: at least one.
        made_at: aware moment at which the content was read; files of the same workbook are the same bytes.

    Raises:
        ValueError: there is no sheet, or ``made_at`` is naive.
    """

    sheets: tuple[Sheet, ...]
    made_at: datetime

    def __post_init__(self) -> None:
        if not self.sheets:
            raise ValueError("a workbook needs a sheet")
        if self.made_at.utcoffset() is None:
            raise ValueError(f"naive time: {self.made_at!r}")


def _misfit(kind: Kind, value: Cell) -> str | None:
    """Why a value that is not None cannot stand in a column of this kind; None when it can."""
    match kind:
        case "text":
            fits = isinstance(value, str)
        case "whole" | "minutes":
            fits = isinstance(value, int) and not isinstance(value, bool)
        case "decimal" | "percent":
            fits = isinstance(value, int | float) and not isinstance(value, bool)
        case "date":
            fits = isinstance(value, date) and not isinstance(value, datetime)
        case "time":
            fits = isinstance(value, time | datetime)
        case "moment":
            fits = isinstance(value, datetime)
        case _:
            assert_never(kind)
    if not fits:
        return f"{value!r} is not of the kind {kind}"
    if isinstance(value, datetime) and value.utcoffset() is None:
        return f"naive time: {value!r}"
    if isinstance(value, time) and value.tzinfo is not None:
        return f"a time of day has no zone of its own: {value!r}"
    if isinstance(value, int | float) and not math.isfinite(value):
        return f"not a finite number: {value!r}"
    if isinstance(value, int) and abs(value) > LARGEST_WHOLE:
        return f"more than 15 digits: {value!r}"
    return None


def local(value: datetime | time | date, zone: ZoneInfo) -> datetime | time | date:
    """An aware datetime as wall time of the zone; what has no zone stays.

    Fractions of a second are dropped, never rounded up: half a second before a limit is not after it.
    """
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None, microsecond=0)
    return value.replace(microsecond=0) if isinstance(value, time) else value


def cell_text(column: Column, value: Cell, zone: ZoneInfo) -> str:
    """What a cell says where there are no types: in CSV and on paper.

    Dates and times are ISO 8601 with a blank between them, numbers have a point and no grouping.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, int | float):
        return _number_text(column, value)
    wall = local(value, zone)
    if isinstance(wall, datetime):
        return wall.strftime("%H:%M:%S") if column.kind == "time" else wall.isoformat(sep=" ")
    return wall.isoformat()


def _number_text(column: Column, value: int | float) -> str:
    if column.kind == "decimal":
        return f"{value:.{column.decimals}f}"
    return f"{value:.{column.decimals}%}" if column.kind == "percent" else str(value)


def readable(text: str) -> str:
    """The text with one kind of line end, and a replacement character for each one that a file cannot hold."""
    return _UNHOLDABLE.sub("\ufffd", _LINE_ENDS.sub("\n", text))
