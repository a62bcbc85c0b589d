"""Which font a document is printed in."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont as FontFile

from server.web.pdf_fonts import EMBEDDED, NOT_EMBEDDED, Typeface, cut_down, known_fonts, read_font, register_typeface
from tests.small_fonts import write_collection, write_font

NAME = frozenset("李明")


def taken(*folders: Path, font_path: Path | None = None) -> Typeface:
    return register_typeface(NAME, font_path, folders)


def test_without_any_font_the_readers_own_is_asked_for(tmp_path: Path) -> None:
    typeface = taken(tmp_path, tmp_path / "missing")
    assert not typeface.embedded
    assert typeface.runs("李明") == [(NOT_EMBEDDED, "李明")]


def test_fonts_are_found_by_name_below_the_folders_the_best_for_reading_first(tmp_path: Path) -> None:
    (tmp_path / "truetype").mkdir()
    for name in ("wqy-zenhei.ttc", "MSYH.TTC", "other.ttf"):
        (tmp_path / "truetype" / name).touch()
    assert [path.name for path in known_fonts([tmp_path])] == ["MSYH.TTC", "wqy-zenhei.ttc"]


def test_a_font_with_all_characters_is_taken_before_a_better_one_that_lacks_some(tmp_path: Path) -> None:
    write_collection(tmp_path / "msyh.ttc", [("Small", "李")])
    write_font(tmp_path / "simhei.ttf", "李明")
    assert taken(tmp_path).covered == NAME


def test_a_broken_file_among_those_found_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "msyh.ttc").write_bytes(b"ttcf broken")
    (tmp_path / "Deng.ttf").write_bytes(b"\x00\x01\x00\x00\x00\x05broken")
    write_font(tmp_path / "simhei.ttf", "李明")
    assert taken(tmp_path).embedded


def test_of_a_collection_the_font_for_china_is_taken(tmp_path: Path) -> None:
    path = write_collection(tmp_path / "all.ttc", [("NotoSansCJKjp", "李"), ("NotoSansCJKsc", "李明")])
    assert taken(font_path=path).covered == NAME


def test_of_a_collection_that_names_no_country_the_first_font_is_taken(tmp_path: Path) -> None:
    path = write_collection(tmp_path / "msyh.ttc", [("MicrosoftYaHei", "李明"), ("MicrosoftYaHeiUI", "李")])
    assert taken(font_path=path).covered == NAME


def test_cubic_outlines_are_made_quadratic_and_embedded(tmp_path: Path) -> None:
    path = write_font(tmp_path / "cubic.otf", "李明", cubic=True)
    assert "CFF " in read_font(path.read_bytes())
    typeface = taken(font_path=path)
    assert typeface.embedded
    assert typeface.covered == NAME
    assert typeface.width("李") == 1.0


def test_a_font_whose_maker_forbids_embedding_is_not_embedded(tmp_path: Path) -> None:
    path = write_font(tmp_path / "simhei.ttf", "李明", may_embed=False)
    assert not taken(tmp_path).embedded
    with pytest.raises(ValueError, match=r"simhei\.ttf: its maker forbids embedding"):
        taken(font_path=path)


@pytest.mark.parametrize("content", [b"", b"no font", b"ttcf", b"\x00\x01\x00\x00\x00\x01", b"OTTO\x00\x01"])
def test_a_named_file_that_is_no_font_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    for name in ("court.ttf", "court.ttc"):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(ValueError, match=name):
            taken(font_path=path)


def test_a_named_file_that_is_not_there_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"missing\.ttf"):
        taken(font_path=tmp_path / "missing.ttf")


def test_a_font_that_is_cut_off_in_the_middle_is_refused(tmp_path: Path) -> None:
    path = write_font(tmp_path / "court.ttf", "李明")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ValueError, match=r"court\.ttf"):
        taken(font_path=path)


def test_text_is_parted_where_the_embedded_font_lacks_characters(tmp_path: Path) -> None:
    typeface = taken(font_path=write_font(tmp_path / "court.ttf", "李"))
    assert typeface.runs("李明明李") == [(EMBEDDED, "李"), (NOT_EMBEDDED, "明明"), (EMBEDDED, "李")]


def test_a_character_that_nobody_has_becomes_a_mark_of_print(tmp_path: Path) -> None:
    assert taken(tmp_path).runs("李𬭎") == [(NOT_EMBEDDED, "李〓")]


def test_latin_characters_are_narrower_than_chinese_ones_also_without_a_font(tmp_path: Path) -> None:
    typeface = taken(tmp_path)
    assert typeface.width("1") < typeface.width("李") == 1.0


def test_the_file_holds_only_the_characters_that_are_used(tmp_path: Path) -> None:
    path = write_font(tmp_path / "court.ttf", "李明王芳赵")
    cut = FontFile(cut_down(read_font(path.read_bytes()), NAME))
    assert set(cut.getBestCmap()) == {ord("李"), ord("明"), 0x20}
