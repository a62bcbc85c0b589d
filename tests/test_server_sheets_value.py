"""Sheets as values: what can be said in them, and how a cell reads where there are no types."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from server.web.sheets import Cell, Column, Kind, Sheet, Workbook, cell_text, local, readable
from tests.sheets_cast import CLOCKED_AT, COURT, MADE_AT, sheet_of

NAIVE = datetime(2026, 11, 20, 8, 30)  # noqa: DTZ001 (the point of the tests that use it)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", ""),
        ("text", "李明"),
        ("whole", -3),
        ("whole", 999_999_999_999_999),
        ("minutes", 0),
        ("decimal", 1),
        ("decimal", -1.5),
        ("percent", 0.954),
        ("date", date(2026, 11, 20)),
        ("time", time(8, 30)),
        ("time", CLOCKED_AT),
        ("moment", CLOCKED_AT),
    ],
)
def test_a_cell_holds_a_value_of_its_columns_kind_or_none(kind: Kind, value: Cell) -> None:
    assert sheet_of(kind, value, None).rows == ((value,), (None,))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", 1),
        ("text", date(2026, 11, 20)),
        ("whole", 1.0),
        ("whole", "1"),
        ("whole", True),
        ("minutes", 1.5),
        ("decimal", "1.5"),
        ("decimal", False),
        ("percent", "95%"),
        ("date", "2026-11-20"),
        ("date", CLOCKED_AT),
        ("time", "08:30"),
        ("time", date(2026, 11, 20)),
        ("moment", date(2026, 11, 20)),
        ("moment", time(8, 30)),
    ],
)
def test_a_value_of_another_kind_is_refused_with_its_place(kind: Kind, value: Cell) -> None:
    with pytest.raises(ValueError, match=f"sheet '表', row 1, column '值': .* is not of the kind {kind}"):
        sheet_of(kind, value)


@pytest.mark.parametrize("kind", ["time", "moment"])
def test_a_naive_datetime_is_refused(kind: Kind) -> None:
    with pytest.raises(ValueError, match="naive time"):
        sheet_of(kind, NAIVE)


def test_a_time_of_day_with_a_zone_of_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone of its own"):
        sheet_of("time", time(8, 30, tzinfo=UTC))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        sheet_of("decimal", value)


@pytest.mark.parametrize("kind", ["whole", "decimal"])
def test_a_whole_number_that_a_spreadsheet_would_round_is_refused(kind: Kind) -> None:
    with pytest.raises(ValueError, match="more than 15 digits"):
        sheet_of(kind, 10**15)


@pytest.mark.parametrize("row", [(), ("a",), ("a", "b", "c")])
def test_a_row_must_be_as_wide_as_the_columns(row: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=f"row 2: {len(row)} cells for 2 columns"):
        Sheet("表", (Column("甲"), Column("乙")), (("a", "b"), row))


def test_a_sheet_needs_a_column() -> None:
    with pytest.raises(ValueError, match="no column"):
        Sheet("表", (), ())


def test_a_workbook_needs_a_sheet() -> None:
    with pytest.raises(ValueError, match="needs a sheet"):
        Workbook((), MADE_AT)


def test_a_workbook_is_made_at_an_aware_moment() -> None:
    with pytest.raises(ValueError, match="naive time"):
        Workbook((sheet_of("text"),), NAIVE)


@pytest.mark.parametrize("decimals", [-1, 11])
def test_decimals_are_zero_to_ten(decimals: int) -> None:
    with pytest.raises(ValueError, match="decimals"):
        Column("值", "decimal", decimals)


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        (Column(""), None, ""),
        (Column(""), " 李明 ", " 李明 "),
        (Column("", "whole"), -3, "-3"),
        (Column("", "minutes"), 95, "95"),
        (Column("", "decimal", decimals=2), 12.345, "12.35"),
        (Column("", "decimal", decimals=0), 3, "3"),
        (Column("", "percent"), 0.9544, "95.4%"),
        (Column("", "percent", decimals=0), 1, "100%"),
        (Column("", "date"), date(2026, 11, 20), "2026-11-20"),
        (Column("", "time"), time(8, 5), "08:05:00"),
        (Column("", "time"), CLOCKED_AT, "08:31:07"),
        (Column("", "moment"), CLOCKED_AT, "2026-11-20 08:31:07"),
    ],
)
def test_what_a_cell_says_without_types(column: Column, value: Cell, text: str) -> None:
    assert cell_text(column, value, COURT) == text


def test_fractions_of_a_second_are_dropped_and_never_make_somebody_later() -> None:
    assert cell_text(Column("", "time"), time(8, 29, 59, 999_999), COURT) == "08:29:59"


def test_a_moment_is_shown_in_the_readers_zone_also_when_that_is_another_day() -> None:
    evening = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    assert local(evening, COURT).isoformat() == "2026-11-21T01:00:00"
    assert local(evening, ZoneInfo("UTC")).isoformat() == "2026-11-20T17:00:00"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("李明\t立案庭", "李明\t立案庭"),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\u2028b\u2029c\x85d", "a\nb\nc\nd"),
        ("a\x00b\x1bc\x7f", "a\ufffdb\ufffdc\ufffd"),
        ("\ud800", "\ufffd"),
        ("\ufffe\uffff", "\ufffd\ufffd"),
        ("𬭎", "𬭎"),
    ],
)
def test_what_a_file_cannot_hold_is_replaced_by_a_mark(text: str, shown: str) -> None:
    assert readable(text) == shown
