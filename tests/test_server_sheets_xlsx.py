"""Sheets as XLSX: real dates and numbers, ready to filter and print, and nothing that runs."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.web.sheets import Cell, Column, Kind, Sheet, Workbook
from server.web.xlsx import FONT, LONGEST_CELL_UTF16, MOST_ROWS, WIDEST_COLUMN, sheet_names, shortened, xlsx_bytes
from tests.sheets_cast import CLOCKED_AT, COURT, FORMULAS, MADE_AT, book_of, month_sheet, sheet_of
from tests.xlsx_reading import ReadBook, ReadCell

EXCEL_DAY_ZERO = datetime(1899, 12, 30, tzinfo=UTC)


def read(*sheets: Sheet) -> ReadBook:
    return ReadBook(xlsx_bytes(book_of(*sheets), COURT))


def only_cell(kind: Kind, value: Cell, decimals: int = 1) -> ReadCell:
    """The cell below the heading of a sheet of one column: title, blank, heading, cell."""
    return read(sheet_of(kind, value, decimals=decimals)).cells()["A4"]


def moment_of(serial: str) -> datetime:
    """Wall time of an Excel serial number, to the second, as if it were UTC."""
    return EXCEL_DAY_ZERO + timedelta(seconds=round(float(serial) * 86_400))


def test_title_subtitle_headings_rows_and_footnotes_stand_below_each_other() -> None:
    cells = read(month_sheet(rows=2)).cells()
    assert [cells[place].value for place in ("A1", "A2", "A5", "A6", "A7", "A9")] == [
        "2026年11月考勤月报",
        "期间：2026-11-01 至 2026-11-30",
        "编号",
        "0001",
        "0002",
        "注：赵法官已签字更正。",
    ]


def test_headings_are_bold_and_stay_in_view_and_on_every_printed_page() -> None:
    book = read(month_sheet())
    assert book.cells()["C5"].bold
    assert not book.cells()["C6"].bold
    assert book.node("pane").attrib["ySplit"] == "5"
    assert book.node("pane").attrib["state"] == "frozen"
    assert book.defined_names["_xlnm.Print_Titles"].endswith("!$5:$5")


def test_the_filter_covers_headings_and_rows() -> None:
    assert read(month_sheet(rows=3)).node("autoFilter").attrib["ref"] == "A5:J8"


def test_the_filter_leaves_sums_out() -> None:
    sheet = replace(month_sheet(rows=3), total_rows=1)
    assert read(sheet).node("autoFilter").attrib["ref"] == "A5:J7"


def test_it_prints_on_a4_landscape_one_page_wide_with_page_numbers() -> None:
    book = read(month_sheet())
    assert book.node("pageSetup").attrib["paperSize"] == "9"
    assert book.node("pageSetup").attrib["orientation"] == "landscape"
    assert book.node("pageSetUpPr").attrib["fitToPage"] == "1"
    assert book.node("pageSetup").attrib["fitToHeight"] == "0"
    assert book.node("oddFooter").text == "&L&A&R&P / &N"


def test_every_cell_is_in_a_font_with_chinese() -> None:
    book = read(month_sheet())
    assert book.fonts == {FONT}
    assert "scheme" not in book.parts["xl/styles.xml"]


@pytest.mark.parametrize(
    ("kind", "value", "form", "number"),
    [
        ("whole", -3, "0", -3),
        ("minutes", 95, "0", 95),
        ("decimal", 12.345, "0.0", 12.345),
        ("percent", 0.954, "0.0%", 0.954),
        ("date", date(2026, 11, 20), "yyyy-mm-dd", 46346),
        ("time", time(12, 0), "hh:mm:ss", 0.5),
    ],
)
def test_numbers_dates_and_times_are_numbers_with_a_format(kind: Kind, value: Cell, form: str, number: float) -> None:
    cell = only_cell(kind, value)
    assert (cell.kind, cell.form, float(cell.value)) == ("n", form, number)


@pytest.mark.parametrize(("decimals", "form"), [(0, "0%"), (2, "0.00%"), (3, "0.000%")])
def test_the_format_has_the_columns_decimals(decimals: int, form: str) -> None:
    assert only_cell("percent", 0.5, decimals).form == form


def test_a_moment_is_wall_time_in_the_courts_zone_without_fractions() -> None:
    cell = only_cell("moment", CLOCKED_AT)
    assert cell.form == "yyyy-mm-dd hh:mm:ss"
    assert moment_of(cell.value) == datetime(2026, 11, 20, 8, 31, 7, tzinfo=UTC)


def test_of_a_moment_in_a_column_of_times_only_the_time_is_kept() -> None:
    assert 0 < float(only_cell("time", CLOCKED_AT).value) < 1


@given(st.datetimes(min_value=datetime(1901, 1, 1), max_value=datetime(9998, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_moments_are_exact_to_the_second(moment: datetime) -> None:
    found = moment_of(only_cell("moment", moment).value)
    assert found.replace(tzinfo=None) == moment.astimezone(COURT).replace(tzinfo=None, microsecond=0)


def test_a_date_before_the_calendar_of_spreadsheets_is_text() -> None:
    assert (only_cell("date", date(1899, 1, 2)).kind, only_cell("date", date(1899, 1, 2)).value) == ("s", "1899-01-02")


def test_an_empty_cell_holds_nothing() -> None:
    assert "A4" not in read(sheet_of("text", None)).cells()


@pytest.mark.parametrize("formula", FORMULAS)
def test_text_is_text_whatever_it_looks_like(formula: str) -> None:
    book = read(
        Sheet(formula, (Column(formula),), ((formula,),), subtitle=(formula,), footnotes=(formula,)),
    )
    assert {(cell.kind, cell.value.strip()) for cell in book.column("A")} == {("s", formula.strip())}
    assert {cell.form for cell in book.column("A")} == {"@"}, "also after somebody edits the title"
    assert book.count("f") == 0
    assert book.count("hyperlink") == 0


@pytest.mark.parametrize("text", ["http://example.com", "mailto:a@b", "internal:Sheet1!A1", "0104", "1e5", "TRUE"])
def test_text_becomes_neither_link_nor_number(text: str) -> None:
    book = read(sheet_of("text", text))
    assert (book.cells()["A4"].kind, book.cells()["A4"].value, book.cells()["A4"].form) == ("s", text, "@")
    assert book.count("hyperlink") == 0


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_text_comes_the_file_is_well_formed_and_holds_no_formula(title: str, value: str) -> None:
    book = read(Sheet(title, (Column(value),), ((value,),), subtitle=(title,), footnotes=(value,)))
    assert book.count("f") == 0
    assert all(cell.kind == "s" for cell in book.cells().values())
    assert all(1 <= len(name) <= 31 for name in book.sheet_names)


def test_characters_that_xml_cannot_hold_are_replaced() -> None:
    assert only_cell("text", "李\x00明\x1b\ud800").value == "李\ufffd明\ufffd\ufffd"


def test_text_that_looks_like_an_escape_of_the_format_stays_as_written() -> None:
    assert re.findall("_x005F_x0041_", read(sheet_of("text", "_x0041_")).parts["xl/sharedStrings.xml"])


def test_text_longer_than_a_cell_can_hold_ends_with_an_ellipsis() -> None:
    assert only_cell("text", "庭" * 40_000).value == "庭" * (LONGEST_CELL_UTF16 - 1) + "…"


@pytest.mark.parametrize(("text", "short"), [("abcd", "abcd"), ("abcde", "abc…"), ("ab𬭎", "ab𬭎"), ("ab𬭎d", "ab…")])
def test_shortened_text_has_no_half_characters(text: str, short: str) -> None:
    assert shortened(text, 4) == short


def test_chinese_characters_count_double_for_the_width_of_a_column() -> None:
    latin, chinese = (
        read(Sheet("表", (Column("x"),), ((text,),))).column_widths()[0] for text in ("a" * 10, "庭" * 10)
    )
    assert chinese - latin == 10


def test_a_column_is_never_wider_than_a_limit() -> None:
    assert read(sheet_of("text", "庭" * 500)).column_widths()[0] < WIDEST_COLUMN + 1


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["月报"], ["月报"]),
        (["月报", "月报", "月报"], ["月报", "月报 (2)", "月报 (3)"]),
        (["a", "A"], ["a", "A (2)"]),
        (["[2026]: 11/20?*\\"], ["2026   11 20"]),
        ([""], ["Sheet"]),
        (["'a'"], ["a"]),
        (["History"], ["History (2)"]),
        (["庭" * 40], ["庭" * 30 + "…"]),
        (["庭" * 40, "庭" * 40], ["庭" * 30 + "…", "庭" * 26 + "… (2)"]),
    ],
)
def test_sheet_names_are_valid_and_unlike_each_other(titles: list[str], names: list[str]) -> None:
    assert sheet_names(titles) == names


@given(st.lists(st.text(max_size=40), min_size=1, max_size=8))
def test_whatever_the_titles_are_the_names_are_accepted(titles: list[str]) -> None:
    assert len(read(*(Sheet(title, (Column("x"),), ()) for title in titles)).sheet_names) == len(titles)


def test_each_sheet_has_a_page_of_its_own() -> None:
    book = read(month_sheet(title="甲"), month_sheet(title="乙", rows=1))
    assert book.sheet_names == ["甲", "乙"]
    assert book.cells(sheet=2)["A1"].value == "乙"


def test_the_same_workbook_gives_the_same_bytes() -> None:
    assert len({xlsx_bytes(book_of(month_sheet()), COURT) for _ in range(2)}) == 1


def test_the_file_says_when_its_content_was_made() -> None:
    core = read(month_sheet()).parts["docProps/core.xml"]
    assert "2026-11-30T10:00:00Z</dcterms:created>" in core
    with zipfile.ZipFile(BytesIO(xlsx_bytes(book_of(month_sheet()), COURT))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_more_rows_than_a_worksheet_holds_are_refused() -> None:
    rows: tuple[tuple[Cell, ...], ...] = ((None,),) * MOST_ROWS
    with pytest.raises(ValueError, match="a worksheet holds 1048576"):
        xlsx_bytes(Workbook((Sheet("表", (Column("x"),), rows),), MADE_AT), COURT)
