"""Which language is spoken, and what happens to a sentence without a translation."""

from __future__ import annotations

import json

import pytest

from models.language import Language, Said, SaidName, choose_language, translate


@pytest.mark.parametrize(
    ("wanted", "default", "chosen"),
    [
        ("zh", "en", "zh"),
        ("en", "zh", "en"),
        ("zh-CN", "en", "zh"),
        ("zh_CN.UTF-8", "en", "zh"),
        ("en-GB", "zh", "en"),
        ("EN_US.UTF-8", "zh", "en"),
        ("C.UTF-8", "en", "en"),
        ("POSIX", "zh", "zh"),
        ("ja", "zh", "zh"),
        ("fr-FR", "en", "en"),
        ("", "zh", "zh"),
        ("", "en", "en"),
        (None, "zh", "zh"),
        (None, "en", "en"),
    ],
)
def test_the_wanted_language_is_spoken_where_it_is_known(
    wanted: str | None, default: Language, chosen: Language
) -> None:
    assert choose_language(wanted, default) == chosen


def test_chinese_comes_first_where_nobody_says_anything() -> None:
    assert choose_language(None) == "zh"


def test_english_sentences_are_their_own_translation() -> None:
    assert translate("This kiosk is not known.", "en") == "This kiosk is not known."


def test_a_sentence_that_is_not_in_the_catalogue_stays_english() -> None:
    assert translate("Nobody ever wrote this.", "zh") == "Nobody ever wrote this."


def test_a_known_sentence_is_chinese() -> None:
    assert translate("Account", "zh") == "账号"


def test_a_phrase_is_its_english_words_and_can_be_said_in_chinese() -> None:
    phrase = Said("{place}: {finding}", place="shifts.day", finding=Said("this key is not known"))
    assert phrase == phrase.said_in("en") == "shifts.day: this key is not known"
    assert json.loads(json.dumps(phrase)) == "shifts.day: this key is not known"
    assert phrase.said_in("zh") == "shifts.day：没有这个键"


def test_a_name_in_a_phrase_is_that_of_the_language() -> None:
    phrase = Said("{place}: {finding}", place=SaidName("上班", "start of work"), finding=5)
    assert (phrase.said_in("en"), phrase.said_in("zh")) == ("start of work: 5", "上班：5")
