"""Which days are workdays in China, and what is said of a year nobody knows yet."""

from __future__ import annotations

from datetime import date

import chinese_calendar
import pytest

from server.attendance.calendar import HOLIDAY_NAMES, CalendarDay, DayKind, chinese_calendar_day


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2026, 11, 20), "workday", None),
        (date(2026, 11, 21), "rest_day", None),
        (date(2026, 10, 1), "holiday", "National Day"),
        (date(2026, 2, 21), "holiday", "Spring Festival"),  # a Saturday inside the holiday
        (date(2026, 2, 28), "makeup_workday", "Spring Festival"),  # a Saturday that is worked
        (date(2026, 9, 20), "makeup_workday", "National Day"),  # a Sunday that is worked
    ],
)
def test_the_official_calendar_of_2026(day: date, kind: DayKind, name: str | None) -> None:
    assert chinese_calendar_day(day) == CalendarDay(day, kind, name, confirmed=True)


@pytest.mark.parametrize(
    ("day", "kind"),
    [(date(2099, 1, 1), "workday"), (date(2099, 1, 3), "rest_day"), (date(2003, 12, 31), "workday")],
)
def test_a_year_that_is_not_known_has_weekdays_and_says_that_they_are_not_confirmed(day: date, kind: DayKind) -> None:
    assert chinese_calendar_day(day) == CalendarDay(day, kind, None, confirmed=False)


def test_work_is_expected_on_workdays_and_makeup_workdays_only() -> None:
    kinds: tuple[DayKind, ...] = ("workday", "rest_day", "holiday", "makeup_workday")
    expecting = [kind for kind in kinds if CalendarDay(date(2026, 1, 1), kind, None, confirmed=True).expects_work]
    assert expecting == ["workday", "makeup_workday"]


def test_every_holiday_of_the_package_has_a_name_that_can_be_translated() -> None:
    assert {holiday.value for holiday in chinese_calendar.Holiday} == set(HOLIDAY_NAMES)


def test_a_kind_of_day_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="not a kind of day"):
        CalendarDay(date(2026, 1, 1), "half_day", None, confirmed=True)  # type: ignore[arg-type]
