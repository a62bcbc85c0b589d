"""Which days are workdays in China, and what is said of a year nobody knows yet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib import metadata
from uuid import UUID

import chinese_calendar
import pytest

from server.attendance.calendar import (
    HOLIDAY_NAMES,
    Calendar,
    CalendarDay,
    CalendarEdit,
    DayKind,
    OfficialYear,
    YearWord,
    chinese_calendar_day,
    package_version,
    special_days_of,
    year_is_official,
)


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
    assert chinese_calendar_day(day) == CalendarDay(day, kind, None, confirmed=False, source="assumed")


def test_work_is_expected_on_workdays_and_makeup_workdays_only() -> None:
    kinds: tuple[DayKind, ...] = ("workday", "rest_day", "holiday", "makeup_workday")
    expecting = [kind for kind in kinds if CalendarDay(date(2026, 1, 1), kind, None, confirmed=True).expects_work]
    assert expecting == ["workday", "makeup_workday"]


def test_every_holiday_of_the_package_has_a_name_that_can_be_translated() -> None:
    assert {holiday.value for holiday in chinese_calendar.Holiday} == set(HOLIDAY_NAMES)


def test_a_kind_of_day_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="not a kind of day"):
        CalendarDay(date(2026, 1, 1), "half_day", None, confirmed=True)  # type: ignore[arg-type]


def test_a_source_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="not a source of a calendar day: 'heard'"):
        CalendarDay(date(2026, 1, 1), "workday", None, confirmed=True, source="heard")  # type: ignore[arg-type]


SATURDAY = date(2026, 11, 21)
IN_2099 = date(2099, 1, 1)  # a Thursday of a year that no package knows


def edit(kind: DayKind | None, hour: int, *, day: date = SATURDAY, number: int = 1) -> CalendarEdit:
    entered_at = datetime(2026, 11, 2, hour, tzinfo=UTC)
    return CalendarEdit(UUID(int=number), day, kind, "Open day", "notice 12", "hr", entered_at)


def word(confirmed: bool, hour: int, year: int = 2099) -> YearWord:
    entered_at = datetime(2026, 11, 2, hour, tzinfo=UTC)
    return YearWord(UUID(int=hour), year, confirmed, "the State Council's notice", "hr", entered_at)


def test_hrs_word_stands_over_the_official_calendar_with_its_reason() -> None:
    calendar = Calendar([edit("workday", 9)])
    assert calendar.day(SATURDAY) == CalendarDay(SATURDAY, "workday", "Open day", True, "edited", "notice 12")
    assert calendar.day(date(2026, 11, 22)) == chinese_calendar_day(date(2026, 11, 22))


def test_of_several_edits_the_one_entered_last_counts_in_whatever_order_they_are_read() -> None:
    first, last = edit("workday", 9), edit("holiday", 10, number=2)
    for order in ([first, last], [last, first]):
        assert Calendar(order).day(SATURDAY).kind == "holiday"


def test_an_edit_taken_back_leaves_the_official_day_and_is_still_listed() -> None:
    calendar = Calendar([edit("workday", 9), edit(None, 10, number=2)])
    assert calendar.day(SATURDAY) == chinese_calendar_day(SATURDAY)
    assert calendar.edits[SATURDAY].kind is None


def test_an_edited_date_of_an_unconfirmed_year_is_confirmed() -> None:
    calendar = Calendar([edit("workday", 9, day=IN_2099)])
    assert calendar.day(IN_2099).confirmed
    assert not calendar.day(date(2099, 1, 2)).confirmed


def test_a_year_that_hr_confirmed_is_judged_as_assumed_with_hrs_reason() -> None:
    calendar = Calendar(year_words=[word(True, 9)])
    assert calendar.day(IN_2099) == CalendarDay(IN_2099, "workday", None, True, "assumed", "the State Council's notice")
    assert calendar.year_is_confirmed(2099)
    assert not calendar.year_is_confirmed(2098)


def test_a_confirmation_can_be_taken_back() -> None:
    calendar = Calendar(year_words=[word(False, 10), word(True, 9)])
    assert not calendar.year_is_confirmed(2099)
    assert not calendar.day(IN_2099).confirmed


def test_what_is_special_about_a_year_is_all_that_is_no_ordinary_weekday_or_weekend() -> None:
    special = special_days_of(2026)
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    ordinary = {day: "rest_day" if day.weekday() >= 5 else "workday" for day in days}
    told = {day: (one.kind, one.name) for day in days if (one := chinese_calendar_day(day))}
    assert special == {day: kind for day, kind in told.items() if kind != (ordinary[day], None)}
    assert special[date(2026, 10, 1)] == ("holiday", "National Day")
    assert special[date(2026, 2, 28)] == ("makeup_workday", "Spring Festival")
    assert {date(2026, 1, 1), date(2026, 11, 20)} & special.keys() == {date(2026, 1, 1)}


def test_a_year_that_was_taken_over_says_of_each_day_what_the_package_says() -> None:
    taken = OfficialYear(2026, 1, special_days_of(2026), package_version(), datetime(2026, 1, 1, tzinfo=UTC))
    for number in range(365):
        day = date(2026, 1, 1) + timedelta(days=number)
        assert taken.day(day) == chinese_calendar_day(day)


def test_the_version_of_the_package_is_that_which_is_installed() -> None:
    assert package_version() == metadata.version("chinese-calendar")


def test_an_official_year_needs_no_confirmation_and_none_takes_it_away() -> None:
    assert year_is_official(2026)
    assert not year_is_official(2099)
    calendar = Calendar(year_words=[word(False, 9, year=2026)])
    assert calendar.year_is_confirmed(2026)
    assert calendar.day(SATURDAY).source == "official"
