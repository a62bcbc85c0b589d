"""Words that every report and explanation shares."""

from __future__ import annotations

import pytest

from models.language import Language
from server.attendance.wording import listed, percent, status_names, wall_time


@pytest.mark.parametrize(
    ("share", "places", "language", "said"),
    [
        (0.048, 1, "en", "4.8 %"),
        (0.048, 1, "zh", "4.8%"),
        (0.04821, 2, "en", "4.82 %"),
        (0.5, 0, "zh", "50%"),
        (0.0, 1, "en", "0.0 %"),
        (None, 1, "en", ""),
    ],
)
def test_a_share_is_written_as_the_language_writes_it(
    share: float | None, places: int, language: Language, said: str
) -> None:
    assert percent(share, language, places=places) == said


def test_a_share_has_one_decimal_where_nothing_else_is_asked_for() -> None:
    assert percent(0.04821, "en") == "4.8 %"


@pytest.mark.parametrize(
    ("statuses", "language", "said"),
    [
        ("late", "en", "late"),
        ("late,early_leave", "en", "late, left early"),
        ("late,early_leave", "zh", "迟到、早退"),
        ("late,something_else", "en", "late, something_else"),
    ],
)
def test_statuses_are_named_and_what_is_none_stays_as_it_is(statuses: str, language: Language, said: str) -> None:
    assert status_names(statuses, language) == said


@pytest.mark.parametrize(("language", "said"), [("en", "刑庭, 民庭, 执行局"), ("zh", "刑庭、民庭、执行局")])
def test_names_are_listed_as_the_language_lists_them(language: Language, said: str) -> None:
    assert listed(["刑庭", "民庭", "执行局"], language) == said
    assert listed(["刑庭"], language) == "刑庭"
    assert listed([], language) == ""


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "00:00"),
        (510, "08:30"),
        (1439, "23:59"),
        (1440, "00:00 the next day"),
        (1560, "02:00 the next day"),
        (-30, "23:30 the day before"),
    ],
)
def test_wall_minutes_are_a_time_with_the_day_where_it_is_another_one(minutes: int, said: str) -> None:
    assert wall_time(minutes, "en") == said
