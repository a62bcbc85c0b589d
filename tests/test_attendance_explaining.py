"""Every verdict explains itself, in English and in Chinese."""

from __future__ import annotations

import string
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from models import language
from server.attendance import calendar, explaining
from server.attendance.calendar import CalendarDay, chinese_calendar_day
from server.attendance.explaining import explain, summary
from server.attendance.verdicts import WorkdayVerdict
from tests.attendance_days import (
    COURT,
    END,
    FRIDAY,
    NIGHT,
    SATURDAY,
    START,
    clocked,
    judged,
    point,
    rules_of,
)

SPRING_FESTIVAL = date(2026, 2, 17)
MAKEUP_SATURDAY = date(2026, 2, 28)
UNCONFIRMED = CalendarDay(FRIDAY, "workday", None, confirmed=False)
WITH_GRACE = rules_of(
    point("start of work", "in", "08:30", 120, 210, grace=5),
    point("lunch", "out", "12:30", 20, 60, required=False),
    point("end of work", "out", "17:30", 60, 300, grace=5),
)

EVERY_KIND: dict[str, WorkdayVerdict] = {
    "normal": judged(clocked("08:21"), clocked("17:35", method="pin")),
    "to the minute": judged(clocked("08:30"), clocked("17:30")),
    "late and early": judged(clocked("08:43"), clocked("10:00"), clocked("12:15"), clocked("17:10", method="card")),
    "within the grace": judged(clocked("08:33"), clocked("17:26"), rules=WITH_GRACE),
    "missing": judged(clocked("08:21")),
    "absent": judged(clocked("05:00"), clocked("08:20", voided=True)),
    "open": judged(as_of="09:00"),
    "left early so far": judged(clocked("08:20"), clocked("13:00"), as_of="14:00"),
    "rest day": judged(clocked("10:00", day=SATURDAY), day=SATURDAY, calendar_day=chinese_calendar_day(SATURDAY)),
    "holiday": judged(day=SPRING_FESTIVAL, calendar_day=chinese_calendar_day(SPRING_FESTIVAL)),
    "make-up workday": judged(day=MAKEUP_SATURDAY, calendar_day=chinese_calendar_day(MAKEUP_SATURDAY)),
    "not confirmed": judged(calendar_day=UNCONFIRMED),
    "overnight": judged(clocked("17:55"), clocked("25:50"), clocked("33:00"), rules=NIGHT),
}


def test_the_whole_explanation_of_a_late_and_early_day() -> None:
    assert explain(EVERY_KIND["late and early"], "en") == [
        "2026-11-20 is a workday.",
        "start of work, clock in at 08:30: from 06:30 to 12:00 counts, and the earliest clock event decides.",
        "start of work: 08:43 is used.",
        "08:43 is 13 min after 08:30; grace 0 min: late 13 min.",
        "end of work, clock out at 17:30: from 12:01 to 22:30 counts, and the latest clock event decides.",
        "end of work: 17:10 is used.",
        "17:10 is 20 min before 17:30; grace 0 min: left 20 min early.",
        "10:00 is kept but not used: 08:43 was earlier, and the earliest one decides at start of work.",
        "12:15 is kept but not used: 17:10 was later, and the latest one decides at end of work.",
        "Result: late 13 min; left 20 min early.",
        f"Judged by the rules of version {COURT.version}; times are local times of Asia/Shanghai.",
    ]


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("normal", "08:21 is 9 min before 08:30: on time."),
        ("normal", "end of work: 17:35 is used."),
        ("normal", "17:35 is 5 min after 17:30: on time."),
        ("to the minute", "08:30 is the minute of 08:30: on time."),
        ("to the minute", "17:30 is the minute of 17:30: on time."),
        ("within the grace", "08:33 is 3 min after 08:30; grace 5 min: on time."),
        ("within the grace", "17:26 is 4 min before 17:30; grace 5 min: on time."),
        ("within the grace", "lunch: no clock event, and none is required."),
        ("missing", "end of work: no clock event from 12:01 to 22:30, and one is required: missing."),
        ("absent", "No clock point was met and every window has closed: absent."),
        ("absent", "05:00 is kept but not used: it lies outside every window."),
        ("absent", "08:20 is kept but not used: “Not me” was pressed for it."),
        (
            "open",
            "end of work: no clock event yet; the window is open until 22:30. Nothing is held against anybody yet.",
        ),
        (
            "left early so far",
            "13:00 is 270 min before 17:30, but the window is open until 22:30: a later clock event would count"
            " instead. Nothing is held against anybody yet.",
        ),
        ("rest day", "2026-11-21 is a rest day: no work is expected, nothing is judged."),
        ("rest day", "10:00 is kept but not used: no work is expected on this day."),
        ("holiday", "2026-02-17 is a public holiday (Spring Festival): no work is expected, nothing is judged."),
        ("make-up workday", "2026-02-28 is a make-up workday (Spring Festival)."),
        (
            "not confirmed",
            "The official calendar of 2026 is not known here yet: Monday to Friday are taken for workdays, "
            "and a missing clock or an absence is not judged.",
        ),
        (
            "not confirmed",
            "start of work: no clock event from 06:30 to 12:00; not judged, because the calendar is not confirmed.",
        ),
        (
            "overnight",
            "end of duty, clock out at 02:00 +1: from 01:00 +1 to 06:00 +1 counts, and the latest clock event decides.",
        ),
        ("overnight", "01:50 +1 is 10 min before 02:00 +1; grace 0 min: left 10 min early."),
        ("overnight", "09:00 +1 is kept but not used: it belongs to the workday of 2026-11-21."),
    ],
)
def test_the_sentences_of_each_kind_of_day(kind: str, line: str) -> None:
    assert line in explain(EVERY_KIND[kind], "en")


def test_a_window_that_opens_on_the_evening_before_says_so() -> None:
    rules = rules_of(point("early duty", "in", "04:30", 480, 30))
    verdict = judged(clocked("22:00", day=date(2026, 11, 19)), rules=rules)
    assert any("from 20:30 -1 to 05:00 counts" in line for line in explain(verdict, "en"))
    assert "22:00 -1 is 390 min before 04:30: on time." in explain(verdict, "en")


def test_an_event_of_a_day_far_away_is_named_by_its_date() -> None:
    verdict = judged(clocked("08:20", day=date(2026, 11, 25)))
    assert any(line.startswith("08:20 2026-11-25") for line in explain(verdict, "en"))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("normal", "normal"),
        ("late and early", "late 13 min; left 20 min early"),
        ("missing", "missing clock: end of work"),
        ("absent", "absent"),
        ("open", "still open: start of work, end of work"),
        ("rest day", "rest day"),
        ("holiday", "public holiday (Spring Festival)"),
        ("not confirmed", "not judged: start of work, end of work"),
    ],
)
def test_the_summary_is_one_short_line(kind: str, expected: str) -> None:
    assert summary(EVERY_KIND[kind], "en") == expected


@pytest.mark.parametrize("verdict", EVERY_KIND.values(), ids=EVERY_KIND)
def test_every_explanation_names_calendar_rules_and_each_event(verdict: WorkdayVerdict) -> None:
    lines = explain(verdict, "en")
    assert lines[0].startswith(verdict.date.isoformat())
    assert verdict.rule_version in lines[-1]
    used = sum(result.event is not None for result in verdict.points)
    assert sum(line.endswith("is used.") for line in lines) == used
    assert sum("is kept but not used" in line for line in lines) == len(verdict.ignored)


def _own_sentences() -> list[str]:
    found = list(calendar.HOLIDAY_NAMES)
    for name, value in vars(explaining).items():
        if name.startswith("_") and name.isupper():
            found += value.values() if isinstance(value, dict) else [value]
    return found


@pytest.fixture
def marked_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Chinese catalogue that puts every sentence of explaining into brackets."""
    folder = tmp_path / "zh" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    entries = ['msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n']
    entries += [f'msgid "{sentence}"\nmsgstr "【{sentence}】"\n' for sentence in dict.fromkeys(_own_sentences())]
    (folder / "courtclock.po").write_text("\n".join(entries), encoding="utf-8")
    monkeypatch.setattr(language, "CATALOGUE_FOLDER", tmp_path)
    language.translations.cache_clear()
    yield
    language.translations.cache_clear()


@pytest.mark.usefixtures("marked_catalogue")
@pytest.mark.parametrize("verdict", EVERY_KIND.values(), ids=EVERY_KIND)
def test_in_chinese_no_word_goes_past_the_catalogue(verdict: WorkdayVerdict) -> None:
    for line in (*explain(verdict, "zh"), summary(verdict, "zh")):
        assert line.startswith("【")
        assert line.endswith("】")
        for english in ("start of work", "end of work", "lunch"):
            assert english not in line


@pytest.mark.usefixtures("marked_catalogue")
def test_in_chinese_the_clock_points_have_their_chinese_names() -> None:
    assert any("上班" in line for line in explain(EVERY_KIND["late and early"], "zh"))
    assert START.name_zh == "上班"
    assert "下班" in summary(EVERY_KIND["missing"], "zh")
    assert END.name_zh == "下班"


def test_every_sentence_can_be_filled_with_the_gaps_it_names() -> None:
    known = {
        *("date", "name", "year", "version", "zone", "summary", "point", "due", "start", "end", "time"),
        *("minutes", "grace", "reason", "used", "points", "first", "second"),
    }
    gaps = {gap for sentence in _own_sentences() for _, gap, _, _ in string.Formatter().parse(sentence) if gap}
    assert gaps == known
