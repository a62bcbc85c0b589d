"""Sheets as PDF: what is printed can be read, searched and put back in order."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from models.language import translate
from server.web.pdf import pdf_bytes
from server.web.sheets import Column, Sheet
from tests.sheets_cast import COURT, FORMULAS, book_of, month_sheet, sheet_of
from tests.small_fonts import write_font

NO_FOLDERS: tuple[Path, ...] = ()


def made(*sheets: Sheet, font_path: Path | None = None) -> PdfReader:
    """A document of a machine without fonts of its own, but for the one that is given."""
    content = pdf_bytes(book_of(*sheets), COURT, "en", font_path=font_path, font_folders=NO_FOLDERS)
    return PdfReader(io.BytesIO(content), strict=True)


def texts(reader: PdfReader) -> list[str]:
    """The text of each page without line ends, which wrapping has put in."""
    return [page.extract_text().replace("\n", "") for page in reader.pages]


def test_all_that_the_sheet_says_is_on_the_page() -> None:
    (text,) = texts(made(month_sheet(rows=1)))
    for part in (
        "2026年11月考勤月报",
        "期间：2026-11-01 至 2026-11-30",
        "法院：某某市中级人民法院",
        "迟到分钟",
        "0001",
        "李明",
        "2026-11-20 08:31:07",
        "-2",
        "95.4%",
        "12.35",
        "宽限五分钟。",
        "注：赵法官已签字更正。",
    ):
        assert part in text


def test_pages_are_a4_landscape() -> None:
    page = made(month_sheet()).pages[0]
    assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == (842, 595)


def test_a_long_table_goes_on_with_its_headings_on_every_page() -> None:
    pages = texts(made(month_sheet(rows=120)))
    assert len(pages) > 2
    assert all("迟到分钟" in page for page in pages)
    assert [number for page in pages for number in re.findall(r"(\d{4})\s*李明", page)] == [
        f"{number:04}" for number in range(1, 121)
    ]


def test_every_page_says_which_of_how_many_it_is_through_all_sheets() -> None:
    pages = texts(made(month_sheet(rows=60, title="甲"), month_sheet(rows=1, title="乙")))
    assert [re.findall(r"Page (\d+) of (\d+)", page) for page in pages] == [
        [(str(number), str(len(pages)))] for number in range(1, len(pages) + 1)
    ]


def test_page_numbers_are_in_the_readers_language() -> None:
    content = pdf_bytes(book_of(month_sheet()), COURT, "zh", font_folders=NO_FOLDERS)
    wanted = translate("Page {page} of {pages}", "zh").format(page=1, pages=1)
    assert wanted in texts(PdfReader(io.BytesIO(content)))[0]


def test_each_sheet_begins_on_a_page_of_its_own_and_names_itself_on_all() -> None:
    pages = texts(made(month_sheet(rows=60, title="立案庭月报"), month_sheet(rows=1, title="执行局月报")))
    assert [("立案庭月报" in page, "执行局月报" in page) for page in pages] == [
        *[(True, False)] * (len(pages) - 1),
        (False, True),
    ]


@pytest.mark.parametrize("name", ["<b>李明</b>", "&amp;", "<font color=red>", "</para>", "<", "&", "%s {0} \\n (x)"])
def test_markup_is_text(name: str) -> None:
    sheet = Sheet(name, (Column(name),), ((name,),), subtitle=(name,), footnotes=(name,))
    # Title, subtitle, heading, cell, footnote, and the title once more beside the page number.
    assert texts(made(sheet))[0].count(name) == 6


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_other_programs_would_run_is_only_shown(formula: str) -> None:
    reader = made(sheet_of("text", formula))
    assert formula.strip().strip("\ufeff\u200b\u3000 ") in texts(reader)[0]
    assert "/OpenAction" not in reader.root_object
    assert "/AA" not in reader.root_object
    assert "/Annots" not in reader.pages[0]


def test_long_text_is_wrapped_and_loses_nothing() -> None:
    reason = "".join(f"第{number}次打卡不在窗口内，" for number in range(400))
    columns = (Column("编号"), Column("原因"), Column("备注"))
    (text, *more) = texts(made(Sheet("表", columns, (("0001", reason, "完"),))))
    shown = text + "".join(more)
    for number in range(400):
        assert f"第{number}次" in shown


def test_a_row_taller_than_a_page_goes_on_on_the_next() -> None:
    lines = "\n".join(f"<{number}>" for number in range(100))
    pages = texts(made(sheet_of("text", lines, "完")))
    assert len(pages) == 3
    assert [int(found) for page in pages for found in re.findall(r"<(\d+)>", page)] == list(range(100))


def test_forty_columns_fit_beside_each_other() -> None:
    columns = tuple(Column(f"{number}日") for number in range(1, 41))
    pages = texts(made(Sheet("月", columns, (tuple(f"<{number}>" for number in range(40)),))))
    assert len(pages) == 1
    for number in range(40):
        assert f"<{number}>" in pages[0]


def test_a_given_font_is_inside_the_file(tmp_path: Path) -> None:
    font = write_font(tmp_path / "court.ttf", "".join(chr(code) for code in range(32, 127)) + "值表李明𬭎")
    reader = made(sheet_of("text", "李明", "𬭎"), font_path=font)
    text = texts(reader)[0]
    assert "李明" in text
    assert "𬭎" in text
    fonts = reader.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    assert all("/FontFile2" in fonts[name]["/FontDescriptor"] for name in fonts)


def test_a_character_that_the_font_lacks_is_left_to_the_readers_font(tmp_path: Path) -> None:
    font = write_font(tmp_path / "court.ttf", "".join(chr(code) for code in range(32, 127)) + "值表李")
    assert "李明" in texts(made(sheet_of("text", "李明"), font_path=font))[0]


def test_a_rare_character_that_no_font_at_hand_has_is_marked_as_missing() -> None:
    assert "李〓" in texts(made(sheet_of("text", "李𬭎")))[0]


def test_the_same_workbook_gives_the_same_bytes() -> None:
    assert len({pdf_bytes(book_of(month_sheet()), COURT, "zh", font_folders=NO_FOLDERS) for _ in range(2)}) == 1


def test_the_next_document_has_its_own_characters(tmp_path: Path) -> None:
    font = write_font(tmp_path / "court.ttf", "".join(chr(code) for code in range(32, 127)) + "值表李明")
    assert ["李" in texts(made(sheet_of("text", name), font_path=font))[0] for name in "李明李"] == [True, False, True]


def test_documents_made_at_the_same_time_do_not_meet(tmp_path: Path) -> None:
    ascii_ = "".join(chr(code) for code in range(32, 127))
    fonts = [write_font(tmp_path / f"{name}.ttf", ascii_ + "值表" + name) for name in "甲乙丙丁"]
    with ThreadPoolExecutor(4) as pool:
        readers = list(pool.map(lambda font: made(sheet_of("text", *font.stem * 50), font_path=font), fonts))
    assert [{name: "".join(texts(reader)).count(name) for name in "甲乙丙丁"} for reader in readers] == [
        {name: 50 if name == font.stem else 0 for name in "甲乙丙丁"} for font in fonts
    ]


def test_the_file_says_what_it_is_and_when_its_content_was_made() -> None:
    found = made(month_sheet()).metadata
    assert found is not None
    assert (found.title, found.author) == ("2026年11月考勤月报", "Courtclock")
    assert found.get("/CreationDate") == "D:20261130180000+08'00'"


def test_a_font_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    path = tmp_path / "court.ttf"
    path.write_bytes(b"no font")
    with pytest.raises(ValueError, match=r"court\.ttf"):
        made(month_sheet(), font_path=path)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.lists(st.text(max_size=200), min_size=1, max_size=6))
def test_whatever_text_comes_a_document_comes_out(title: str, cells: list[str]) -> None:
    sheet = Sheet(title, tuple(Column(cell) for cell in cells), (tuple(cells),), subtitle=(title,), footnotes=(title,))
    assert len(made(sheet).pages) >= 1
