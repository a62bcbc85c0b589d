"""Every verdict explains itself, in English and in Chinese: a golden text for each rule, to the letter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from models import language
from models.language import Language, translate
from server.attendance import explaining, explaining_absence, explaining_points, explaining_unmet
from server.attendance.explaining import explain, summary
from server.attendance.verdicts import WorkdayVerdict
from server.attendance.wording import status_names
from tests.attendance_days import clocked, judged, point, rules_of
from tests.explained_days import EXPLAINED

GOLDEN = Path(__file__).parent / "explanations"
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def golden(name: str) -> dict[Language, list[str]]:
    """The lines in both languages; an empty line stands between them."""
    english, chinese = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8").rstrip("\n").split("\n\n")
    return {"en": english.split("\n"), "zh": chinese.split("\n")}


@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize("name", EXPLAINED)
def test_the_explanation_is_the_golden_text(name: str, spoken: Language) -> None:
    assert explain(EXPLAINED[name], spoken) == golden(name)[spoken]


def test_every_day_has_a_golden_text_and_there_is_no_other() -> None:
    assert sorted(path.stem for path in GOLDEN.iterdir()) == sorted(EXPLAINED)


@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize("name", EXPLAINED)
def test_the_summary_is_what_the_explanation_ends_in(name: str, spoken: Language) -> None:
    result = {"en": "Result: {}.", "zh": "结果：{}。"}[spoken]
    assert golden(name)[spoken][-2] == result.format(summary(EXPLAINED[name], spoken))


@pytest.mark.parametrize("name", EXPLAINED)
def test_an_explanation_names_day_rules_and_every_clock_event(name: str) -> None:
    verdict, lines = EXPLAINED[name], golden(name)["en"]
    assert lines[0].startswith(verdict.day.isoformat())
    assert f"version {verdict.rule_version}" in lines[-1]
    used = sum(result.event is not None for result in verdict.points)
    assert sum("is used" in line for line in lines) == used
    assert sum("is kept but not used" in line for line in lines) == len(verdict.ignored)


def own_sentences() -> list[str]:
    """Every sentence of the modules that explain."""
    found: list[str] = []
    for module in (explaining, explaining_points, explaining_unmet, explaining_absence):
        for name, value in vars(module).items():
            if name.strip("_").isupper() and not name.startswith("__"):
                found += value.values() if isinstance(value, dict) else [value]
    return [sentence for sentence in dict.fromkeys(found) if isinstance(sentence, str)]


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_every_sentence_stands_in_a_golden_text(spoken: Language) -> None:
    texts = "\n".join(line for name in EXPLAINED for line in golden(name)[spoken])
    facts = dict.fromkeys(explaining_points._FACTS.values())
    unsaid = []
    for sentence in own_sentences():
        words = translate(sentence, spoken)
        if sentence in facts:
            words = translate(explaining_points._ALONE, spoken).format(fact=words)
        if not re.search(re.sub(r"\\{\w+\\}", ".+", re.escape(words)), texts):
            unsaid.append(sentence)
    assert unsaid == []


@pytest.mark.parametrize("name", EXPLAINED)
def test_no_gap_is_left_empty_or_unfilled(name: str) -> None:
    for line in (*golden(name)["en"], *golden(name)["zh"]):
        assert "None" not in line.split()
        assert not re.search(r"[{}]|  |“”|（）|\(\)", line), line


def test_a_window_that_opens_on_the_evening_before_says_so() -> None:
    rules = rules_of(point("early duty", "in", "04:30", 480, 30))
    lines = explain(judged(clocked("22:00", day=date(2026, 11, 19)), rules=rules), "en")
    assert (
        "early duty, clock in at 04:30: from 20:30 the day before to 05:00 counts, "
        "and the earliest clock event decides." in lines
    )
    assert "22:00 the day before is 390 min before 04:30: on time." in lines


@pytest.fixture
def marked_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Chinese catalogue that puts every sentence of explaining into brackets."""
    folder = tmp_path / "zh" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    entries = ['msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n']
    entries += [f'msgid "{sentence}"\nmsgstr "【{sentence}】"\n' for sentence in own_sentences()]
    (folder / "courtclock.po").write_text("\n".join(entries), encoding="utf-8")
    monkeypatch.setattr(language, "CATALOGUE_FOLDER", tmp_path)
    language.translations.cache_clear()
    yield
    language.translations.cache_clear()


@pytest.mark.usefixtures("marked_catalogue")
@pytest.mark.parametrize("verdict", EXPLAINED.values(), ids=EXPLAINED)
def test_in_chinese_no_word_goes_past_the_catalogue(verdict: WorkdayVerdict) -> None:
    for line in (*explain(verdict, "zh"), summary(verdict, "zh")):
        assert line.startswith("【")
        assert line.endswith("】")
        for english in ("start of work", "end of work", "court day", "annual leave", "hearing elsewhere", "Test rules"):
            assert english not in line


@pytest.mark.parametrize(
    ("stored", "english", "chinese"),
    [
        ("late,early_leave", "late, left early", "迟到、早退"),
        ("normal", "normal", "正常"),
        ("pending,no_such_status", "still open, no_such_status", "待定、no_such_status"),
    ],
)
def test_stored_statuses_have_names(stored: str, english: str, chinese: str) -> None:
    assert (status_names(stored, "en"), status_names(stored, "zh")) == (english, chinese)
