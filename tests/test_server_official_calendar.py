"""The official calendar is kept as it was taken over; a new version of the package is taken over where all can see it.

The package that knows more, or says otherwise, is a fake over the installed one.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import chinese_calendar
import pytest

from server.attendance.calendar import OfficialYear
from server.services import official_calendar
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.deriving import derive_touched
from server.services.expectation_changes import edit_calendar
from server.services.official_calendar import take_official_calendar
from server.services.touching import touch_days
from tests.attendance_days import FRIDAY
from tests.pages_cast import as_user, give_own_account, words_of
from tests.server_cast import FakeClock, Person, employ, make_app

pytestmark = pytest.mark.usefixtures("quick_hashes")
WEDNESDAY = date(2026, 11, 18)
SPRING = date(2027, 2, 8)
ONE_DAY = timedelta(days=1)


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, "0104", "李明")


class Package:
    """Another version of the package: days off beside those of the installed one, and further years that it knows."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._installed = chinese_calendar.get_holiday_detail

    def upgrade(self, version: str, days_off: dict[date, str], years: tuple[int, ...] = ()) -> None:
        def detail(day: date) -> Any:
            if day in days_off:
                return True, days_off[day]
            if day.year in years:
                return day.weekday() >= 5, None
            return self._installed(day)

        self._monkeypatch.setattr(chinese_calendar, "get_holiday_detail", detail)
        self._monkeypatch.setattr(official_calendar, "package_version", lambda: version)


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> Package:
    return Package(monkeypatch)


def judge(context: ServerContext, last: date = FRIDAY) -> None:
    with context.unit() as unit:
        touch_days(unit, date(2026, 11, 2), last)
        unit.commit()
    derive_touched(context)


def touched(context: ServerContext) -> list[date]:
    with context.unit(read_only=True) as unit:
        return [one.day for one in unit.workdays.touched(10_000)]


def verdict(context: ServerContext, person: Person, day: date) -> str:
    with context.unit(read_only=True) as unit:
        found = unit.workdays.one(person.person_id, day)
    assert found is not None
    return found.status


def versions(context: ServerContext, year: int) -> list[OfficialYear]:
    with context.unit(read_only=True) as unit:
        return [one for one in unit.court_rules.official_years() if one.year == year]


def test_the_first_start_takes_every_known_year_over_and_touches_nothing(context: ServerContext, li: Person) -> None:
    judge(context)
    taken = take_official_calendar(context)
    assert {2024, 2025, 2026} <= {one.year for one in taken}
    assert touched(context) == []
    (year,) = versions(context, 2026)
    assert (year.number, year.taken_at, year.days[date(2026, 10, 1)]) == (
        1,
        context.clock.now(),
        ("holiday", "National Day"),
    )
    assert year.days[date(2026, 2, 28)][0] == "makeup_workday"


def test_the_same_package_is_taken_over_once(context: ServerContext) -> None:
    take_official_calendar(context)
    assert take_official_calendar(context) == []


def test_a_new_package_changes_nothing_before_it_is_taken_over(
    context: ServerContext, li: Person, package: Package
) -> None:
    take_official_calendar(context)
    package.upgrade("99.0.0", {WEDNESDAY: "National Day"})
    with context.unit(read_only=True) as unit:
        assert rules_in_force(context, unit).calendar.day(WEDNESDAY).kind == "workday"


def test_a_day_that_the_new_package_has_otherwise_is_judged_again_and_no_other(
    context: ServerContext, clock: FakeClock, li: Person, package: Package
) -> None:
    take_official_calendar(context)
    clock.go_to("23:50")
    judge(context)
    assert verdict(context, li, WEDNESDAY) == "absent"
    package.upgrade("99.0.0", {WEDNESDAY: "National Day"})
    (taken,) = take_official_calendar(context)
    assert (taken.year, taken.number, taken.package_version) == (2026, 2, "99.0.0")
    # The windows of the days around end where those of Wednesday began.
    assert touched(context) == [WEDNESDAY - ONE_DAY, WEDNESDAY, WEDNESDAY + ONE_DAY]
    derive_touched(context)
    assert verdict(context, li, WEDNESDAY) == "rest_day"
    assert [one.number for one in versions(context, 2026)] == [1, 2]


def test_a_year_that_becomes_known_is_judged_by_it_from_its_first_day(
    context: ServerContext, clock: FakeClock, li: Person, package: Package
) -> None:
    take_official_calendar(context)
    clock.advance(date(2027, 2, 10) - FRIDAY)
    clock.go_to("23:50", date(2027, 2, 10))
    judge(context, date(2027, 2, 10))
    assert verdict(context, li, SPRING) == "not_judged"
    package.upgrade("99.0.0", {SPRING: "Spring Festival"}, years=(2027,))
    (taken,) = take_official_calendar(context)
    assert (taken.year, taken.number) == (2027, 1)
    assert min(touched(context)) == date(2027, 1, 1)
    derive_touched(context)
    found = [verdict(context, li, day) for day in (SPRING, SPRING + ONE_DAY)]
    assert found == ["rest_day", "absent"]


def test_what_hr_said_of_a_day_holds_against_a_new_package(
    context: ServerContext, clock: FakeClock, li: Person, package: Package
) -> None:
    take_official_calendar(context)
    edit_calendar(context, WEDNESDAY, "workday", None, "the court sits", "zhao")
    clock.go_to("23:50")
    judge(context)
    package.upgrade("99.0.0", {WEDNESDAY: "National Day"})
    take_official_calendar(context)
    assert touched(context) == []
    assert verdict(context, li, WEDNESDAY) == "absent"


def test_an_older_package_than_the_last_takes_nothing_back(context: ServerContext, package: Package) -> None:
    package.upgrade("99.10.0", {WEDNESDAY: "National Day"})
    take_official_calendar(context)
    package.upgrade("99.9.0", {})
    assert take_official_calendar(context) == []


def test_the_page_says_when_it_was_taken_over_and_from_which_version(context: ServerContext, package: Package) -> None:
    take_official_calendar(context)
    package.upgrade("99.0.0", {WEDNESDAY: "National Day"})
    take_official_calendar(context)
    give_own_account(context, None, "zhao", "hr")
    page = words_of(as_user(make_app(context), context, "zhao").get("/calendar?year=2026"))
    at = f"{context.clock.now().astimezone(context.site.zone):%Y-%m-%d %H:%M}"
    assert f"Official calendar of 2026, version 2: taken over on {at} from chinese-calendar 99.0.0." in page
    assert "Official calendar of 2026, version 1" in page
