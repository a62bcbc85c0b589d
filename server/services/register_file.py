"""The file of an older machine's register: a table of who clocked when. Read as a stream, nothing else is known of it.

A faulty file is an error; a faulty line is told, and the others go on.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final, Literal
from zoneinfo import ZoneInfo

from enrollment.people_file import parse_date
from models.errors import CourtclockError
from models.language import N_, Said
from server.attendance.site_days import FIRST_YEAR, LAST_YEAR

Encoding = Literal["utf-8", "gb18030"]
Column = Literal["employee_no", "date", "time", "moment"]

COLUMNS: Final[Mapping[Column, tuple[str, ...]]] = {
    "employee_no": ("employee_no", "工号", "人员编号", "考勤号码"),
    "date": ("date", "日期"),
    "time": ("time", "时间"),
    "moment": ("moment", "日期时间", "打卡时间"),
}
"""What a column may be called."""
_COLUMN_OF_NAME: Final = {name: column for column, names in COLUMNS.items() for name in names}
_DELIMITERS: Final = (",", ";", "\t")
_CHUNK_BYTES: Final = 1 << 20
_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_BETWEEN: Final = re.compile(r"[\s;,]+|(?<=\d)T(?=\d)")
# How spreadsheets keep the zeros of a number: ="0104" or '0104.
_KEPT_AS_TEXT: Final = re.compile(r"=\"(.*)\"|'(.*)")
_MOST_SHOWN: Final = 40

_NO_FILE: Final = N_("there is no such file")
_CLOSED: Final = N_("it cannot be opened")
_NO_TEXT: Final = N_("it is neither in UTF-8 nor in GB18030")
_NO_TABLE: Final = N_("line {line} is not of a table of values with commas, semicolons or tabs")
_CHANGED: Final = N_("it was changed while it was read")
_EMPTY: Final = N_("nothing is in it")
_LACKING: Final = N_(
    "its first line must name the employee number and either date and time or one moment; it has: {found}"
)
_DOUBLED: Final = N_("columns say the same: {found}; leave one of them")
_NO_NUMBER: Final = N_("it has no employee number")
_UNREADABLE: Final = N_("“{text}” is not read as a date and a time")
_SKIPPED: Final = N_("the clocks skipped {moment}")
_TWICE: Final = N_("{moment} was twice, because the clocks went back")


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """A file that can be read.

    Attributes:
        sha256: of its bytes.
        encoding: UTF-8 (with or without byte order mark), or what Chinese machines write.
        places: which column of the table is which.
        ignored: names of the columns that say nothing that is needed.
        lines: how many, for telling how far reading has come.
    """

    path: Path
    sha256: str
    encoding: Encoding
    delimiter: str
    places: Mapping[Column, int]
    ignored: tuple[str, ...]
    lines: int


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A line that was read.

    Attributes:
        moments: at which somebody clocked, in UTC; none where the cell is empty.
    """

    line: int
    employee_no: str
    moments: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line of which nothing is taken, and why."""

    line: int
    employee_no: str
    reason: Said


def open_register(path: Path) -> RegisterFile:
    """Look at a file: its encoding, and which columns it has.

    Raises:
        CourtclockError: ``register.unreadable`` with the reason.
    """
    try:
        sha256, encoding, lines = _look_through(path)
        with path.open(encoding=_codec(encoding), newline="") as text:
            first = next((line for line in text if line.strip()), "")
    except FileNotFoundError as error:
        raise _unreadable(path, Said(_NO_FILE)) from error
    except OSError as error:
        raise _unreadable(path, Said(_CLOSED)) from error
    if not first:
        raise _unreadable(path, Said(_EMPTY))
    tried = [_places(first, delimiter) for delimiter in _DELIMITERS]
    # Where none has what is needed, the one that finds most says best what is missing.
    delimiter, (places, names) = max(
        zip(_DELIMITERS, tried, strict=True), key=lambda one: (_suffices(one[1][0]), len(one[1][1]))
    )
    doubled = [name for name in names if _COLUMN_OF_NAME.get(name.lower()) in _said_twice(names)]
    if doubled:
        raise _unreadable(path, Said(_DOUBLED, found=", ".join(doubled)))
    if not _suffices(places):
        raise _unreadable(path, Said(_LACKING, found=_short(", ".join(names))))
    used = set(_used(places).values())
    ignored = tuple(name for place, name in enumerate(names) if place not in used and name)
    return RegisterFile(path, sha256, encoding, delimiter, _used(places), ignored, lines)


def require_unchanged(file: RegisterFile) -> None:
    """See that a file that was read more than once was the same each time.

    Raises:
        CourtclockError: ``register.unreadable``.
    """
    try:
        is_same = _look_through(file.path)[0] == file.sha256
    except OSError as error:
        raise _unreadable(file.path, Said(_CLOSED)) from error
    if not is_same:
        raise _unreadable(file.path, Said(_CHANGED))


def read_lines(file: RegisterFile, zone: ZoneInfo) -> Iterator[RegisterLine | RefusedLine]:
    """The lines below the first one, in their order; empty ones are left out.

    Args:
        file: as it was looked at.
        zone: in which its times are.

    Raises:
        CourtclockError: ``register.unreadable`` where it is no table any more.
    """
    try:
        with file.path.open(encoding=_codec(file.encoding), newline="") as text:
            table = csv.reader(text, delimiter=file.delimiter, strict=True)
            is_heading = True
            try:
                for cells in table:
                    if not any(map(str.strip, cells)):
                        continue
                    if not is_heading:
                        yield _read_line(table.line_num, cells, file.places, zone)
                    is_heading = False
            except csv.Error as error:
                raise _unreadable(file.path, Said(_NO_TABLE, line=table.line_num)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(file.path, Said(_CLOSED)) from error


def _look_through(path: Path) -> tuple[str, Encoding, int]:
    """Digest, encoding and number of lines, a piece at a time."""
    digest, lines = hashlib.sha256(), 0
    decoders = {name: codecs.getincrementaldecoder(_codec(name))() for name in ("utf-8", "gb18030")}
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK_BYTES)
            digest.update(chunk)
            lines += chunk.count(b"\n")
            for name, decoder in list(decoders.items()):
                try:
                    decoder.decode(chunk, final=not chunk)
                except UnicodeDecodeError:
                    del decoders[name]
            if not chunk:
                break
    if "utf-8" in decoders:
        return digest.hexdigest(), "utf-8", lines
    if "gb18030" in decoders:
        return digest.hexdigest(), "gb18030", lines
    raise _unreadable(path, Said(_NO_TEXT))


def _codec(encoding: str) -> str:
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _places(heading: str, delimiter: str) -> tuple[dict[Column, int], list[str]]:
    """Which column is where, and what all of them are called."""
    try:
        cells = next(csv.reader([heading], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return {}, []
    names = [cell.strip() for cell in cells]
    places: dict[Column, int] = {}
    for place, name in enumerate(names):
        column = _COLUMN_OF_NAME.get(name.lower())
        if column is not None:
            places.setdefault(column, place)
    return places, names


def _said_twice(names: Sequence[str]) -> set[Column]:
    known = [column for name in names if (column := _COLUMN_OF_NAME.get(name.lower())) is not None]
    return {column for column in known if known.count(column) > 1}


def _suffices(places: Mapping[Column, int]) -> bool:
    return "employee_no" in places and ("moment" in places or {"date", "time"} <= places.keys())


def _used(places: Mapping[Column, int]) -> dict[Column, int]:
    """Without the time where there is a moment: many machines call a mere time so, beside the date."""
    return {column: place for column, place in places.items() if column != "time" or "moment" not in places}


def _read_line(
    line: int, cells: Sequence[str], places: Mapping[Column, int], zone: ZoneInfo
) -> RegisterLine | RefusedLine:
    def cell(column: Column) -> str:
        place = places.get(column)
        return "" if place is None or place >= len(cells) else cells[place].strip()

    employee_no = _as_text(cell("employee_no"))
    if not employee_no:
        return RefusedLine(line, "", Said(_NO_NUMBER))
    times = cell("moment" if "moment" in places else "time")
    if not times:
        return RegisterLine(line, employee_no, ())
    found = _wall_times(cell("date"), times)
    if found is None:
        return RefusedLine(line, employee_no, Said(_UNREADABLE, text=_short(f"{cell('date')} {times}".strip())))
    moments = []
    for wall in found:
        local = wall.replace(tzinfo=zone)
        moment = local.astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) != wall:
            return RefusedLine(line, employee_no, Said(_SKIPPED, moment=f"{wall:%Y-%m-%d %H:%M}"))
        if local.utcoffset() != local.replace(fold=1).utcoffset():
            return RefusedLine(line, employee_no, Said(_TWICE, moment=f"{wall:%Y-%m-%d %H:%M}"))
        moments.append(moment)
    return RegisterLine(line, employee_no, tuple(moments))


def _as_text(cell: str) -> str:
    kept = _KEPT_AS_TEXT.fullmatch(cell)
    return cell if kept is None else (kept[1] or kept[2] or "").strip()


def _wall_times(day_cell: str, times_cell: str) -> list[datetime] | None:
    """Each time with the date that stands before it, or in the cell of the date; None where that cannot be read."""
    day = None
    if day_cell:
        day = _date(_plain(day_cell))
        if day is None:
            return None
    found: list[datetime] = []
    has_time = True
    for word in filter(None, _BETWEEN.split(_plain(times_cell))):
        named = _date(word)
        at = None if named is not None else _time(word)
        if named is not None and has_time:
            day, has_time = named, False
        elif at is not None and day is not None:
            found.append(datetime.combine(day, at))
            has_time = True
        else:
            return None
    return found if has_time else None


def _plain(text: str) -> str:
    """Full-width digits and colons as plain ones."""
    return unicodedata.normalize("NFKC", _as_text(text)).strip()


def _date(word: str) -> date | None:
    found = parse_date(word)
    return found if found is not None and FIRST_YEAR <= found.year <= LAST_YEAR else None


def _time(word: str) -> time | None:
    found = _TIME.fullmatch(word)
    if found is None:
        return None
    try:
        return time(int(found[1]), int(found[2]), int(found[3] or 0))
    except ValueError:
        return None


def _short(text: str) -> str:
    """As much of what was found as a sentence holds, without what no screen shows."""
    shown = "".join("�" if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in text)
    return shown if len(shown) <= _MOST_SHOWN else shown[: _MOST_SHOWN - 1] + "…"


def _unreadable(path: Path, reason: Said) -> CourtclockError:
    return CourtclockError("register.unreadable", path=str(path), reason=reason)
