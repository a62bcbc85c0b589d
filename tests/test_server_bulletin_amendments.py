"""Every signed amendment stands on exactly one bulletin, whatever the clock says and whoever publishes when."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest

from server.services import periods
from server.services.accounts import add_account
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.month_close import open_amendments
from server.services.period_reports import PeriodReport
from server.services.periods import period_report, publish_month
from server.services.touching import touch_everybody
from tests.amendments_cast import OCTOBER, TUESDAY, approve_duty, locked_october, sign
from tests.server_cast import PASSWORD, FakeClock, Person, employ

pytestmark = pytest.mark.usefixtures("quick_hashes")
SEPTEMBER, NOVEMBER, DECEMBER = date(2026, 9, 1), date(2026, 11, 1), date(2026, 12, 1)
WEDNESDAY = date(2026, 10, 21)


@pytest.fixture
def li(context: ServerContext) -> Person:
    """His duty of the twentieth waits for a signature."""
    li = locked_october(context)
    approve_duty(context, li)
    return li


def publish(context: ServerContext, clock: FakeClock, month: date) -> None:
    """A bulletin; November is judged before its own."""
    if month == NOVEMBER:
        clock.go_to("12:00", DECEMBER)
        touch_everybody(context, NOVEMBER, DECEMBER - timedelta(days=1))
        derive_touched(context)
    assert publish_month(context, month)


def listed(context: ServerContext, *months: str) -> list[int]:
    """How many amendments stand on each bulletin."""
    return [len(period_report(context, "month", month).amendments) for month in months]


def test_what_was_signed_before_a_bulletin_stands_on_it_and_on_no_later_one(
    context: ServerContext, clock: FakeClock, li: Person
) -> None:
    sign(context, li)
    publish(context, clock, date(2026, 10, 1))
    publish(context, clock, NOVEMBER)
    assert listed(context, OCTOBER, "2026-11") == [1, 0]


def test_what_was_signed_after_the_clock_went_back_stands_on_the_next_bulletin(
    context: ServerContext, clock: FakeClock, li: Person
) -> None:
    publish(context, clock, date(2026, 10, 1))
    clock.advance(timedelta(minutes=-5))
    sign(context, li)
    publish(context, clock, NOVEMBER)
    assert listed(context, OCTOBER, "2026-11") == [0, 1]


def test_what_was_signed_at_the_very_moment_of_a_bulletin_stands_on_one(
    context: ServerContext, clock: FakeClock, li: Person
) -> None:
    publish(context, clock, date(2026, 10, 1))
    sign(context, li)
    publish(context, clock, NOVEMBER)
    assert listed(context, OCTOBER, "2026-11") == [0, 1]


def test_a_bulletin_of_an_earlier_month_that_comes_later_lists_nothing_twice(
    context: ServerContext, clock: FakeClock, li: Person
) -> None:
    sign(context, li)
    publish(context, clock, date(2026, 10, 1))
    publish(context, clock, SEPTEMBER)
    assert listed(context, "2026-09", OCTOBER) == [0, 1]


def test_what_is_signed_while_a_bulletin_is_made_stands_on_the_next(
    context: ServerContext, clock: FakeClock, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_it_stands = periods._as_it_stands
    signing = threading.Thread(target=sign, args=(context, li))

    def signed_meanwhile(*given: Any) -> PeriodReport:
        report = as_it_stands(*given)
        signing.start()
        # On SQLite it waits until the bulletin is out; on PostgreSQL it is done before.
        signing.join(0.5)
        clock.advance(timedelta(seconds=1))
        return report

    monkeypatch.setattr("server.services.periods._as_it_stands", signed_meanwhile)
    assert publish_month(context, date(2026, 10, 1))
    signing.join(20)
    monkeypatch.undo()
    publish(context, clock, NOVEMBER)
    assert listed(context, OCTOBER, "2026-11") == [0, 1]


def test_a_bulletin_that_was_published_before_takes_nothing_from_the_next(
    context: ServerContext, clock: FakeClock, li: Person
) -> None:
    publish(context, clock, date(2026, 10, 1))
    sign(context, li)
    assert not publish_month(context, date(2026, 10, 1))
    publish(context, clock, NOVEMBER)
    assert listed(context, OCTOBER, "2026-11") == [0, 1]


def test_before_they_are_published_only_the_next_bulletin_shows_what_it_will_list(
    context: ServerContext, clock: FakeClock, li: Person
) -> None:
    sign(context, li)
    assert listed(context, "2026-08", "2026-09", OCTOBER, "2026-11", "2026-12") == [0, 0, 1, 0, 0]
    publish(context, clock, date(2026, 10, 1))
    approve_duty(context, li, WEDNESDAY)
    sign(context, li, WEDNESDAY)
    assert listed(context, "2026-08", "2026-09", OCTOBER, "2026-11", "2026-12") == [0, 0, 1, 1, 0]


def test_a_line_says_the_verdicts_in_words_of_both_languages_and_who_signed_by_name(
    context: ServerContext, clock: FakeClock, li: Person
) -> None:
    employ(context, "0001", "赵敏")
    add_account(context, "zhaomin", PASSWORD, "hr", employee_no="0001")
    sign(context, li, actor=Actor("zhaomin", "hr"))
    publish(context, clock, date(2026, 10, 1))
    (line,) = period_report(context, "month", OCTOBER).amendments
    assert (line.before, line.after) == (
        {"zh": "旷工", "en": "absent"},
        {"zh": "公出", "en": "on duty elsewhere"},
    )
    assert (line.day, line.signed_by, line.reason) == (TUESDAY, "赵敏", "the form")
    assert open_amendments(context) == []


def test_a_bulletin_of_the_first_form_is_read_as_it_was_published(
    context: ServerContext, clock: FakeClock, li: Person
) -> None:
    line = ["0104", "李明", None, "立案庭", "2026-10-20", "late,early_leave", "on_duty", "the form", "zhao"]
    content = {
        "form": 1,
        "figures": ["late_times", "late_minutes"],
        "ranked": False,
        "divisions": [],
        "people": [],
        "amendments": [line],
    }
    with context.unit() as unit:
        unit.jobs.add_report("month", "2026-09", clock.now(), content)
        unit.commit()
    (read,) = period_report(context, "month", "2026-09").amendments
    assert read.after == {"zh": "公出", "en": "on duty elsewhere"}
