"""The Chinese catalogue holds every sentence of the product, and nothing else."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from models.language import CATALOGUE_FOLDER

ROOT = Path(__file__).parent.parent
CATALOGUE = CATALOGUE_FOLDER / "zh" / "LC_MESSAGES" / "courtclock.po"
# What marks a sentence: N_ where it is written, _ in templates, translate where it is shown at once.
KEYWORDS = {"N_": None, "_": None, "translate": None}


@cache
def written() -> dict[str, str]:
    """Every sentence in code and templates, with a file in which it stands."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    sentences: dict[str, str] = {}
    for name, _, sentence, _, _ in extract_from_dir(ROOT, methods, options, keywords=KEYWORDS):
        assert isinstance(sentence, str), f"{name}: plural forms are not used here: {sentence}"
        sentences.setdefault(sentence, name)
    return sentences


@cache
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh")


def translated() -> dict[str, str]:
    return {str(message.id): str(message.string) for message in catalogue() if message.id}


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_every_room_with_words_for_people_is_searched() -> None:
    rooms = {Path(name).parts[0] for name in written().values()}
    assert rooms == {"models", "enrollment", "kiosk", "server", "demo"}
    assert any(name.endswith(".html") for name in written().values())


def test_every_sentence_has_a_chinese_translation() -> None:
    known = translated()
    assert {sentence: name for sentence, name in written().items() if not known.get(sentence)} == {}


def test_no_translation_is_left_of_a_sentence_that_nobody_says() -> None:
    assert sorted(set(translated()) - set(written())) == []
    assert list(catalogue().obsolete) == []


def test_no_translation_is_a_guess() -> None:
    assert [message.id for message in catalogue() if message.id and message.fuzzy] == []


def test_a_translation_has_the_same_gaps_as_its_sentence() -> None:
    different = {sentence: chinese for sentence, chinese in translated().items() if gaps(sentence) != gaps(chinese)}
    assert different == {}


def test_translations_are_written_in_chinese() -> None:
    # Names of methods that are the same word in both languages.
    same_in_both = {"PIN"}
    english = {
        sentence: chinese
        for sentence, chinese in translated().items()
        if not re.search(r"[\u4e00-\u9fff]", chinese) and chinese not in same_in_both
    }
    assert {sentence for sentence in english if re.search("[A-Za-z]{2}", re.sub(r"\{.*?\}", "", sentence))} == set()


@pytest.mark.parametrize(
    "placeholder",
    ["FULL NAME", "EMAIL@ADDRESS", "YEAR-MO-DA", "HO:MI", "LL@li.org", "VERSION", "FIRST AUTHOR", "ORGANIZATION"],
)
def test_the_header_holds_no_placeholder(placeholder: str) -> None:
    header = CATALOGUE.read_text(encoding="utf-8").split("\n\n", 1)[0]
    assert placeholder not in header


def test_the_header_says_how_to_read_the_file() -> None:
    header = dict(catalogue().mime_headers)
    assert header["Language"] == "zh"
    assert header["Content-Type"] == "text/plain; charset=utf-8"
    assert header["Plural-Forms"] == "nplurals=1; plural=0;"
