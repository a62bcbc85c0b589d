"""Lines, columns and pages on paper, with a ruler on which every Latin character is half as wide as a Chinese one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.web.pdf_layout import (
    BODY_WIDTH,
    BOTTOM,
    MARGIN,
    PAGE_WIDTH,
    TEXT_SIZES,
    TOP,
    Page,
    Table,
    column_widths,
    lay_out,
    wrap,
)
from server.web.sheets import Kind


def ruler(character: str) -> float:
    return 1.0 if unicodedata.east_asian_width(character) in "WF" else 0.5


def table(
    *rows: tuple[str, ...],
    headings: tuple[str, ...] = ("甲",),
    kinds: tuple[Kind, ...] | None = None,
    footnotes: tuple[str, ...] = (),
) -> Table:
    text: Kind = "text"
    return Table("表", (), headings, kinds or (text,) * len(headings), rows, footnotes)


def said(page: Page) -> list[str]:
    return [words.text for words in page.words]


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("", 5, [""]),
        ("窗口内没有打卡", 7, ["窗口内没有打卡"]),
        ("窗口内没有打卡", 4, ["窗口内没", "有打卡"]),
        ("late by ten minutes", 4, ["late by", "ten", "minutes"]),
        ("一个late词", 3, ["一个", "late词"]),
        ("a\nb", 9, ["a", "b"]),
        ("a\n\nb", 9, ["a", "", "b"]),
        ("abcdefgh", 2, ["abcd", "efgh"]),
        ("庭", 0.1, ["庭"]),
        ("ab  cd", 1.5, ["ab", "cd"]),
    ],
)
def test_lines_end_after_blanks_and_between_chinese_characters(text: str, room: float, lines: list[str]) -> None:
    assert wrap(text, ruler, room) == lines


def test_no_line_begins_with_a_comma_or_ends_with_an_opening_bracket() -> None:
    assert wrap("没有打卡，迟到（宽限）", ruler, 4) == ["没有打", "卡，迟到", "（宽限）"]
    assert wrap("一二三（四五）", ruler, 4) == ["一二三", "（四五）"]


@given(st.text("ab 庭，（）\n"), st.floats(1, 20))
def test_wrapping_loses_nothing_but_blanks_and_keeps_to_the_room(text: str, room: float) -> None:
    lines = wrap(text, ruler, room)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")
    assert all(sum(map(ruler, line.rstrip(" "))) <= room for line in lines)


def test_columns_are_as_wide_as_their_content_while_there_is_room() -> None:
    size, (first, second) = column_widths(table(("一二", "一二三四"), headings=("甲", "乙")), ruler)
    assert size == TEXT_SIZES[0]
    assert second - first == pytest.approx(2 * size)


def test_a_column_of_text_gives_way_before_a_date_does() -> None:
    rows = (("2026-11-20 08:31:07", "因" * 300),)
    size, (date_width, text_width) = column_widths(
        table(*rows, headings=("时刻", "原因"), kinds=("moment", "text")), ruler
    )
    assert size == TEXT_SIZES[0]
    assert date_width >= 19 * 0.5 * size
    assert date_width + text_width == pytest.approx(BODY_WIDTH)


def test_with_many_columns_the_text_becomes_smaller() -> None:
    headings = tuple(f"{number:02}日" for number in range(40))
    kinds: tuple[Kind, ...] = ("whole",) * 40
    size, widths = column_widths(table(("1234",) * 40, headings=headings, kinds=kinds), ruler)
    assert size < TEXT_SIZES[0]
    assert sum(widths) <= BODY_WIDTH + 0.01


@given(st.lists(st.text("a庭", max_size=60), min_size=1, max_size=80))
def test_a_table_is_never_wider_than_the_page(cells: list[str]) -> None:
    _, widths = column_widths(table(tuple(cells), headings=("甲",) * len(cells)), ruler)
    assert sum(widths) <= BODY_WIDTH + 0.01
    assert all(width > 0 for width in widths)


def test_numbers_stand_at_the_right_edge_and_text_at_the_left() -> None:
    rows = (("1", "a"), ("1000", "abcd"))
    (page,) = lay_out(table(*rows, headings=("数数", "文文"), kinds=("whole", "text")), ruler)
    by_text = {words.text: words for words in page.words}
    assert by_text["1"].x > by_text["1000"].x
    assert by_text["a"].x == by_text["abcd"].x


@given(st.lists(st.integers(1, 90), max_size=12), st.integers(0, 30))
def test_every_line_is_on_the_paper_once_and_in_order(heights: list[int], notes: int) -> None:
    rows = [("\n".join(f"{row}.{line}" for line in range(height)),) for row, height in enumerate(heights)]
    footnotes = tuple(f"注{number}" for number in range(notes))
    pages = lay_out(table(*rows, footnotes=footnotes), ruler)
    wanted = [line for (cell,) in rows for line in cell.split("\n")] + list(footnotes)
    assert [text for page in pages for text in said(page) if text not in ("表", "甲")] == wanted
    for page in pages:
        assert all(BOTTOM <= words.y < TOP and MARGIN <= words.x < PAGE_WIDTH - MARGIN for words in page.words)


def test_a_row_that_fits_on_one_page_is_not_torn() -> None:
    rows = [("\n".join(f"{row}.{line}" for line in range(9)),) for row in range(12)]
    for page in lay_out(table(*rows), ruler):
        begun = {text.split(".")[0] for text in said(page) if "." in text}
        assert all(f"{row}.8" in said(page) for row in begun)


def test_headings_are_repeated_above_rows_but_not_above_footnotes_alone() -> None:
    pages = lay_out(table(*[("行",)] * 5, footnotes=("注",) * 80), ruler)
    assert [said(page).count("甲") for page in pages] == [1, 0, 0]


def test_a_heading_as_tall_as_a_page_is_not_repeated() -> None:
    tall = "\n".join("甲" for _ in range(40))
    pages = lay_out(table(*[("行",)] * 40, headings=(tall,)), ruler)
    assert sum(said(page).count("甲") for page in pages) == 40


def test_a_sheet_without_rows_still_has_its_headings() -> None:
    (page,) = lay_out(table(), ruler)
    assert said(page) == ["表", "甲"]
