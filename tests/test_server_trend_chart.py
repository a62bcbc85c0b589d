"""The picture of a trend: what stands in it, that nothing of it runs, and that it can be read."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID
from xml.etree import ElementTree

import pytest

from models.language import LANGUAGES, Language
from server.attendance.trend import PersonWeek, Trend, trend
from server.attendance.trend_words import trend_in_words
from server.web.svg_text import shortened, text_width, wrapped
from server.web.trend_chart import NARROW, WIDE, trend_svg

SVG: Final = "{http://www.w3.org/2000/svg}"
CAME_ON: Final = date(2026, 9, 16)
FIRST: Final = date(2026, 8, 10)
NASTY: Final = "</text><script>alert(1)</script> & \"刑事\" 'x' ]]>\x00"


def a_trend(*divisions: str | None, weeks: int = 11, free_week: int | None = 8, came_on: date = CAME_ON) -> Trend:
    """Twelve people a division, fewer of them late since the kiosk came; nothing is expected in the free week."""
    values = [
        PersonWeek(
            UUID(int=100 * place + number),
            division,
            FIRST + week * timedelta(days=7),
            5,
            (number + week) % 3 if FIRST + week * timedelta(days=7) < came_on else (number + week) % 2,
        )
        for place, division in enumerate(divisions)
        for number in range(12)
        for week in range(weeks)
        if week != free_week
    ]
    return trend(values, came_on, "late")


def drawn(found: Trend, language: Language = "en", width: int = WIDE) -> ElementTree.Element:
    return ElementTree.fromstring(trend_svg(found, language, width=width))  # noqa: S314 - our own


def words(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def points(root: ElementTree.Element) -> list[ElementTree.Element]:
    """The marks of weeks: they alone say what they stand for."""
    return [element for tag in ("rect", "circle") for element in root.iter(SVG + tag) if len(element)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_the_picture_is_well_formed_and_as_large_as_it_says(language: Language, width: int) -> None:
    root = drawn(a_trend("Civil", "Criminal", "Enforcement"), language, width)
    assert root.tag == f"{SVG}svg"
    assert root.get("width") == str(width)
    assert root.get("viewBox") == f"0 0 {width} {root.get('height')}"


def test_the_same_trend_gives_the_same_bytes() -> None:
    found = a_trend("Civil", "Criminal")
    assert trend_svg(found, "zh") == trend_svg(found, "zh")
    assert trend_svg(found, "zh").startswith('<?xml version="1.0" encoding="UTF-8"?>\n<svg ')


def test_who_cannot_see_it_is_told_the_same_in_words() -> None:
    found = a_trend("Civil")
    root = drawn(found)
    assert root.get("role") == "img"
    told = {element.get("id"): element.text for tag in ("title", "desc") for element in root.findall(SVG + tag)}
    assert root.get("aria-labelledby") == "title"
    assert told["title"] == "Late arrivals, share of arrivals by week"
    assert root.get("aria-describedby") == "description"
    assert told["description"] == "\n".join(trend_in_words(found, "en"))


def test_each_week_with_a_rate_has_a_point_in_each_panel() -> None:
    found = a_trend("Civil", "Criminal")
    assert len(points(drawn(found))) == 3 * 10


def test_a_point_says_its_week_and_its_figures() -> None:
    titles = [point.findtext(f"{SVG}title") for point in points(drawn(a_trend("Civil")))]
    assert "Week 33 of 2026, from 2026-08-10: 20.0 % (12 of 60)" in titles


def test_before_between_and_after_differ_in_form() -> None:
    root = drawn(a_trend(None))
    kinds = [(point.tag, point.get("class")) for point in points(root)]
    assert kinds.count((f"{SVG}rect", "f-before")) == 5
    assert kinds.count((f"{SVG}circle", "f-panel s-soft")) == 1
    assert kinds.count((f"{SVG}circle", "f-after")) == 4


def test_the_curve_is_broken_where_a_week_has_no_rate() -> None:
    curves = [len((curve.get("points") or "").split()) for curve in drawn(a_trend(None)).iter(f"{SVG}polyline")]
    assert curves == [8, 2]
    whole = drawn(a_trend(None, free_week=None)).iter(f"{SVG}polyline")
    assert [len((curve.get("points") or "").split()) for curve in whole] == [11]


def test_the_rates_begin_at_zero_and_end_above_the_highest() -> None:
    labels = [float(text.removesuffix(" %")) for text in words(drawn(a_trend(None))) if re.fullmatch(r"[\d.]+ %", text)]
    assert labels[0] == 0
    assert labels == sorted(labels)
    assert labels[-1] >= 20


def test_all_divisions_share_one_scale() -> None:
    values = [
        PersonWeek(UUID(int=100 * noted + number), name, FIRST + week * timedelta(days=7), 5, noted)
        for name, noted in (("Calm", 0), ("Wild", 4))
        for number in range(9)
        for week in range(9)
    ]
    texts = words(drawn(trend(values, CAME_ON, "late")))
    starts = [texts.index(name) for name in ("Whole court", "Calm", "Wild")]
    scales = [
        [text for text in texts[start:end] if re.fullmatch(r"\d+ %", text)]
        for start, end in zip(starts, [*starts[1:], None], strict=True)
    ]
    assert scales[1] == scales[2] == ["0 %", "20 %", "40 %", "60 %", "80 %"]
    assert "The divisions share one scale; the court has its own." in texts


def test_the_kiosk_is_a_line_on_its_day() -> None:
    root = drawn(a_trend(None))
    (kiosk,) = [line for line in root.iter(f"{SVG}line") if _is_kiosk(line)]
    assert kiosk.get("x1") == kiosk.get("x2")
    # Two of seven days into the week whose mark is the hollow one in the middle.
    (between,) = [point for point in points(root) if point.get("class") == "f-panel s-soft"]
    slot = (WIDE - 2 * 16 - 44 - 10) / 11
    assert float(kiosk.get("x1") or 0) == pytest.approx(
        float(between.get("cx") or 0) - slot * (1 / 2 - 2 / 7), abs=0.02
    )
    assert "kiosk since 2026-09-16" in words(root)


def test_a_kiosk_that_came_outside_the_weeks_is_no_line() -> None:
    root = drawn(a_trend(None, came_on=date(2027, 5, 3)))
    assert not [line for line in root.iter(f"{SVG}line") if _is_kiosk(line)]


def test_means_have_bands_where_their_interval_is_known() -> None:
    def bands(found: Trend) -> int:
        return sum(element.get("fill-opacity") is not None for element in drawn(found).iter(f"{SVG}rect"))

    in_legend = 1
    assert bands(a_trend(None)) == in_legend + 2
    assert bands(a_trend(None, weeks=7)) == in_legend + 1


def test_the_legend_tells_of_a_week_that_is_not_counted_only_where_there_is_one() -> None:
    assert "week in which it came, not counted" in words(drawn(a_trend(None)))
    assert "week in which it came, not counted" not in words(drawn(a_trend(None, came_on=date(2026, 9, 14))))


def test_weeks_are_labelled_and_the_year_where_it_changes() -> None:
    texts = words(drawn(a_trend(None, weeks=40)))
    labels = [text for text in texts if re.fullmatch(r"W\d+", text)]
    assert labels[:3] == ["W33", "W37", "W41"]
    assert [text for text in texts if text in ("2026", "2027")] == ["2026", "2027"]


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("weeks", [3, 11, 40, 104, 160])
def test_labels_of_weeks_do_not_touch(weeks: int, width: int) -> None:
    root = drawn(a_trend(None, weeks=weeks), width=width)
    labels = [element for element in root.iter(f"{SVG}text") if re.fullmatch(r"W\d+", element.text or "")]
    places = [float(label.get("x") or 0) for label in labels]
    assert all(right - left >= 40 for left, right in pairwise(places))


@pytest.mark.parametrize("width", [320, NARROW, 600, WIDE])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_stands_outside_the_picture(language: Language, width: int) -> None:
    root = drawn(
        a_trend("民事审判第一庭（含家事少年审判合议庭）", "A division with a rather long name", None), language, width
    )
    height = float(root.get("height") or 0)
    for element in root.iter(f"{SVG}text"):
        x, y, size = (float(element.get(name) or 0) for name in ("x", "y", "font-size"))
        share = {"middle": 0.5, "end": 1.0}.get(element.get("text-anchor") or "", 0.0)
        taken = text_width(element.text or "", size, bold=element.get("font-weight") is not None)
        assert x - share * taken >= 0, element.text
        assert x + (1 - share) * taken <= width, element.text
        assert size <= y <= height, element.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_comes_from_data_is_text_and_nothing_else(language: Language) -> None:
    written = trend_svg(a_trend(NASTY), language)
    assert "<script" not in written
    root = ElementTree.fromstring(written)  # noqa: S314 - our own
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        "svg", "title", "desc", "style", "rect", "circle", "line", "polyline", "text",
    }  # fmt: skip
    assert "</text><script>alert(1)</script> & \"刑事\" 'x' ]]>\ufffd" in "".join(words(root))


def test_the_picture_fetches_nothing_and_runs_nothing() -> None:
    written = trend_svg(a_trend("Civil"), "zh").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|href|url\(|@import|\son\w+=|style=", written)


def test_without_its_style_every_mark_has_a_colour_and_with_it_a_dark_one() -> None:
    root = drawn(a_trend("Civil"))
    style = root.findtext(f"{SVG}style") or ""
    assert style.startswith("@media (prefers-color-scheme: dark)")
    for element in root.iter():
        classes = (element.get("class") or "").split()
        if element.tag.removeprefix(SVG) in ("rect", "circle", "line", "polyline", "text"):
            assert classes
            assert "#" in (element.get("fill") or "") + (element.get("stroke") or "")
        assert all(f".{name} " in style for name in classes)


def test_chinese_is_shown_in_chinese_fonts() -> None:
    root = drawn(a_trend("刑事审判庭"), "zh")
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "zh-CN"
    assert "刑事审判庭" in words(root)
    assert all("Noto Sans SC" in (text.get("font-family") or "") for text in root.iter(f"{SVG}text"))


def test_a_wide_picture_puts_divisions_beside_each_other_and_a_narrow_one_below() -> None:
    found = a_trend("Civil", "Criminal")

    def height(width: int) -> int:
        return int(drawn(found, width=width).get("height") or 0)

    assert height(NARROW) > height(WIDE) + 100


def test_nothing_to_show_is_said() -> None:
    assert "There is nothing to show yet." in words(drawn(trend([], CAME_ON, "late")))


def test_a_picture_too_small_to_read_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        trend_svg(a_trend(None), "en", width=319)


def test_text_is_cut_where_it_no_longer_fits() -> None:
    assert shortened("刑事审判庭", 100, 15) == "刑事审判庭"
    assert shortened("民事审判第一庭", 60, 15) == "民事审…"


def test_lines_break_at_blanks_and_between_chinese_characters_but_not_before_what_closes() -> None:
    assert wrapped("one two three", 45, 12) == ["one two", "three"]
    assert wrapped("民事审判（第一庭）。", 80, 10) == ["民事审判（第一", "庭）。"]
    assert wrapped("民事审判（第一庭）。", 50, 10) == ["民事审判", "（第一", "庭）。"]
    assert wrapped("", 40, 12) == [""]


def _is_kiosk(line: ElementTree.Element) -> bool:
    return line.get("class") == "s-ink"
