"""Sheets as CSV: other programs read them, and no spreadsheet program runs them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.web.csv_files import csv_bytes, plain_text
from server.web.sheets import Column, Sheet
from tests.sheets_cast import COURT, FORMULAS, month_sheet, sheet_of


def read(sheet: Sheet) -> list[list[str]]:
    text = csv_bytes(sheet, COURT, byte_order_mark=False).decode("utf-8")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_headings_and_rows_are_there_and_nothing_else() -> None:
    assert read(month_sheet(rows=1)) == [
        ["编号", "姓名", "日期", "上班", "迟到分钟", "次数", "出勤率", "平均", "打卡时刻", "原因"],
        [
            "0001",
            "李明",
            "2026-11-20",
            "08:31:07",
            "31",
            "-2",
            "95.4%",
            "12.35",
            "2026-11-20 08:31:07",
            "窗口内没有打卡，规则为八点三十分之前到达；宽限五分钟。",
        ],
    ]


@pytest.mark.parametrize("mark", [True, False])
def test_a_byte_order_mark_stands_at_the_beginning_when_wanted_and_nowhere_else(mark: bool) -> None:
    content = csv_bytes(month_sheet(), COURT, byte_order_mark=mark)
    assert content.startswith(b"\xef\xbb\xbf") is mark
    assert content.count(b"\xef\xbb\xbf") == mark


def test_lines_end_as_rfc_4180_has_it() -> None:
    assert csv_bytes(sheet_of("text", "a", "b"), COURT, byte_order_mark=False) == "值\r\na\r\nb\r\n".encode()


def test_separators_quotes_and_line_ends_stay_inside_their_cell() -> None:
    assert read(sheet_of("text", 'a,"b"\r\nc', None)) == [["值"], ['a,"b"\nc'], [""]]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_text_that_a_spreadsheet_would_run_has_an_apostrophe_before_it(formula: str) -> None:
    ((cell,),) = read(sheet_of("text", formula))[1:]
    assert cell.startswith("'")
    assert cell.endswith("1+1") or formula.strip()[1:] in cell


@pytest.mark.parametrize("formula", FORMULAS)
def test_headings_are_no_formulas_either(formula: str) -> None:
    assert read(sheet_of("text", heading=formula))[0][0].startswith("'")


@pytest.mark.parametrize("text", ["", " ", "0104", "李明", "a=b", "1-1", "'=1", "（-）", "1e5"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert plain_text(text) == text


def test_numbers_stay_numbers_also_negative_ones() -> None:
    sheet = Sheet("表", (Column("a", "whole"), Column("b", "decimal"), Column("c", "percent")), ((-5, -1.5, -0.25),))
    assert read(sheet)[1] == ["-5", "-1.5", "-25.0%"]


@given(st.text(), st.text())
def test_whatever_text_comes_no_cell_begins_like_a_formula(heading: str, value: str) -> None:
    for (cell,) in read(sheet_of("text", value, heading=heading)):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"])), st.text("ab,\"' \n;"))))
def test_what_goes_in_comes_out_but_for_the_apostrophe(rows: list[tuple[str, str]]) -> None:
    found = read(Sheet("表", (Column("甲"), Column("乙")), tuple(rows)))[1:]
    assert len(found) == len(rows)
    for (first, second), (shown_first, shown_second) in zip(rows, found, strict=True):
        assert shown_first in (first, f"'{first}")
        assert shown_second in (second, f"'{second}")


def test_the_same_sheet_gives_the_same_bytes() -> None:
    assert len({csv_bytes(month_sheet(), COURT, byte_order_mark=True) for _ in range(2)}) == 1
