"""One workday of one person: every sentence of its explanation, facts beside what requests made of them."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from models.identifiers import uuid7_at
from server.attendance.explaining import explain, explanation
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.deriving import as_verdict
from server.services.month_close import decide_amendment, lock_month
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request
from tests.attendance_days import FRIDAY, moment
from tests.pages_cast import as_user, give_own_account, words_of
from tests.persons_cast import (
    DAY,
    HR,
    JOINED,
    SHEET,
    TUESDAY,
    Reader,
    approve,
    clock_in,
    correction,
    duty,
    judge_all,
    row_of,
)
from tests.server_cast import (
    FakeClock,
    Kiosk,
    Person,
    clocked_at,
    employ,
    give_account,
    make_app,
    not_me,
    pair,
)

pytestmark = pytest.mark.usefixtures("quick_hashes")
PRESIDENT = Actor("wu", "president")


@pytest.fixture
def li(context: ServerContext) -> Person:
    person = employ(context, "0104", "李明", "立案庭", JOINED)
    give_own_account(context, person, "li", "employee")
    return person


@pytest.fixture
def door(context: ServerContext, clock: FakeClock) -> Kiosk:
    return pair(context, clock, "east door")


@pytest.fixture
def app(context: ServerContext, li: Person) -> Flask:
    give_account(context, "zhao", "hr")
    return make_app(context)


@pytest.fixture
def as_li(app: Flask, context: ServerContext) -> Reader:
    return Reader(app, context, "li")


def test_every_sentence_of_the_explanation_stands_on_the_page(
    as_li: Reader, context: ServerContext, clock: FakeClock, li: Person, door: Kiosk
) -> None:
    clock.go_to("23:30")
    clock_in(context, door, clocked_at(li, "08:43", 1), clocked_at(li, "08:50", 2), clocked_at(li, "17:10", 3))
    judge_all(context, FRIDAY)
    with context.unit(read_only=True) as unit:
        record = unit.workdays.one(li.person_id, FRIDAY)
        assert record is not None
        verdict = as_verdict(record, rules_in_force(context, unit))
    text = words_of(as_li.get(DAY))
    lines = explain(verdict, "en")
    assert [line for line in lines if line not in text] == []
    groups = explanation(verdict, "en")
    points = [line for own in groups.points for line in own]
    assert [*groups.day, *points, *groups.ignored, *groups.absence, *groups.result] == lines
    assert (len(groups.ignored), len(groups.result)) == (1, 2)
    assert verdict.rule_version in text


def test_events_tell_when_how_and_where_and_what_became_of_them(
    as_li: Reader, context: ServerContext, clock: FakeClock, li: Person, door: Kiosk
) -> None:
    clock.go_to("23:30")
    wrong = clocked_at(li, "07:50", 1)
    clock_in(
        context, door, wrong, not_me(wrong, 2), clocked_at(li, "08:20:31", 3), clocked_at(li, "17:40", 4, method="pin")
    )
    judge_all(context, FRIDAY)
    page = as_li.get(DAY)
    assert "not used" in row_of(page, "<b>07:50:00</b>")
    assert "“Not me” was pressed for it." in row_of(page, "<b>07:50:00</b>")
    arrival, departure = row_of(page, "<b>08:20:31</b>"), row_of(page, "<b>17:40:00</b>")
    assert "by face · east door" in arrival
    assert "It meets start of work." in arrival
    assert "by PIN · east door" in departure
    assert "not used" not in arrival + departure


def test_a_fact_stands_beside_what_requests_made_of_it(
    as_li: Reader, context: ServerContext, clock: FakeClock, li: Person, door: Kiosk
) -> None:
    clock.go_to("23:30")
    clock_in(context, door, clocked_at(li, "08:43", 1), clocked_at(li, "17:40", 2))
    approve(context, correction(li))
    judge_all(context, FRIDAY)
    page = as_li.get(DAY)
    point = row_of(page, "08:30</td>")
    assert "08:43:00, late 13 min" in point
    assert "08:21:00, on time" in point
    assert "changed by a request" in point
    assert "06:30 – 12:00" in point
    assert "changed by a request" not in row_of(page, "17:30</td>")
    assert "by correction" in row_of(page, "<b>08:21:00</b>")
    assert "changes this day" in row_of(page, "Correction of a clock</a>")


def test_what_was_excused_still_shows_when_it_was_clocked(
    as_li: Reader, context: ServerContext, clock: FakeClock, li: Person, door: Kiosk
) -> None:
    clock.go_to("23:30")
    clock_in(context, door, clocked_at(li, "08:43", 1), clocked_at(li, "17:40", 2))
    approve(context, Wish("waiver", li.person_id, "the flood", day=FRIDAY, point=0))
    judge_all(context, FRIDAY)
    sheet, day = as_li.get(SHEET), as_li.get(DAY)
    assert "08:43" in row_of(sheet, "2026-11-20</a>")
    assert "excused" in row_of(sheet, "2026-11-20</a>")
    assert "08:43:00, late 13 min" in row_of(day, "08:30</td>")
    assert "It meets start of work." in row_of(day, "<b>08:43:00</b>")


def test_requests_over_the_day_are_listed_whatever_became_of_them(
    as_li: Reader, context: ServerContext, li: Person
) -> None:
    refused = file_request(context, duty(li, FRIDAY), HR)
    decide(context, refused.request_id, "refused", PRESIDENT, "not needed")
    file_request(context, duty(li, date(2026, 11, 23)), HR)
    file_request(context, Wish("waiver", li.person_id, "the flood", day=FRIDAY), HR)
    page = as_li.get(DAY)
    assert f'href="/requests/{refused.request_id}"' in page.text
    assert page.text.count("changes nothing here") == 2
    assert "not approved" in row_of(page, "hearing")
    assert "waiting for a decision" in row_of(page, "Waiver</a>")


def test_leave_takes_the_place_of_a_clock_point(as_li: Reader, context: ServerContext, li: Person) -> None:
    approve(context, duty(li, FRIDAY))
    judge_all(context, FRIDAY)
    assert as_li.get(SHEET).text.count("on duty elsewhere") >= 2
    assert "changes this day" in words_of(as_li.get(DAY))


def test_a_day_that_nobody_has_judged_is_judged_for_the_page_alone(
    as_li: Reader, context: ServerContext, li: Person
) -> None:
    text = words_of(as_li.get(DAY))
    assert "This is what judging at this moment would give." in text
    assert "Result: still open: start of work, end of work." in text
    with context.unit(read_only=True) as unit:
        assert unit.workdays.one(li.person_id, FRIDAY) is None


def test_a_day_on_which_the_person_is_not_here_says_so(as_li: Reader) -> None:
    page = as_li.get("/reports/person/0104/2026-10-16")
    assert "李明 does not work here on this day." in words_of(page)
    assert "/requests/new" not in page.text


def test_a_stored_day_that_is_what_judging_gives_has_no_notice(as_li: Reader, context: ServerContext) -> None:
    judge_all(context)
    for day in ("2026-11-18", "2026-11-20", "2026-11-21"):
        assert "Judged at this moment" not in words_of(as_li.get(f"/reports/person/0104/{day}"))


def test_a_touched_day_tells_what_it_is_about_to_become(as_li: Reader, context: ServerContext, li: Person) -> None:
    judge_all(context)
    approve(context, duty(li, date(2026, 11, 19)), derive=False)
    text = words_of(as_li.get("/reports/person/0104/2026-11-19"))
    assert "Judged at this moment, the day would say: on duty elsewhere" in text
    assert "The day is about to be judged again." in text


def test_time_alone_makes_a_day_about_to_be_judged_again(
    as_li: Reader, context: ServerContext, clock: FakeClock
) -> None:
    judge_all(context)
    clock.go_to("23:30")
    text = words_of(as_li.get(DAY))
    assert "Judged at this moment, the day would say: absent" in text
    assert "The day is about to be judged again." in text


def test_a_locked_day_tells_of_the_amendment_that_waits_and_of_one_that_was_refused(
    as_li: Reader, context: ServerContext, li: Person
) -> None:
    judge_all(context, JOINED, date(2026, 10, 31))
    lock_month(context, "2026-10", HR)
    approve(context, duty(li, TUESDAY))
    path = f"/reports/person/0104/{TUESDAY}"
    text = words_of(as_li.get(path))
    assert "Judged at this moment, the day would say: on duty elsewhere" in text
    assert "The change waits as an amendment for the signature of HR." in text
    assert "Result: absent." in text
    decide_amendment(context, li.person_id, TUESDAY, HR, "too late", sign=False)
    refused = words_of(as_li.get(path))
    assert "HR has refused this change: what was locked stays in force." in refused
    assert "An amendment was refused by zhao on 2026-11-20 12:00: absent stays, not on duty elsewhere." in refused
    assert "Reason: too late" in refused


def test_a_locked_day_that_was_deleted_is_not_judged_from_nothing(as_li: Reader, context: ServerContext) -> None:
    judge_all(context, JOINED, date(2026, 10, 31))
    lock_month(context, "2026-10", HR)
    with context.unit() as unit:
        person = unit.people.by_employee_no("0104")
        assert person is not None
        unit.months.let_go("2026-10", context.clock.now())
        unit.commit()
    text = words_of(as_li.get(f"/reports/person/0104/{TUESDAY}"))
    assert "The workdays of this month are no longer kept." in text
    assert "absent" not in text
    assert "no longer kept" in row_of(as_li.get("/reports/sheet/0104/2026-10"), f"{TUESDAY}</a>")


# Filing from the page


def test_the_page_leads_to_filing_for_this_person_and_day(app: Flask, as_li: Reader, context: ServerContext) -> None:
    links = [
        f"/requests/new?kind={kind}&amp;person=0104&amp;day=2026-11-20" for kind in ("correction", "waiver", "leave")
    ]
    for client in (as_li, Reader(app, context, "zhao")):
        text = client.get(DAY).text
        assert [link for link in links if link not in text] == []


def test_whoever_may_only_look_is_not_led_to_filing(app: Flask, context: ServerContext) -> None:
    give_account(context, "wu", "president")
    assert "/requests/new" not in as_user(app, context, "wu").get(DAY).text


@pytest.mark.parametrize("day", ["2026-11-21", "2026-11-23"])
def test_a_day_to_come_or_off_can_only_be_taken_off(as_li: Reader, day: str) -> None:
    text = as_li.get(f"/reports/person/0104/{day}").text
    assert "kind=leave" in text
    assert "kind=correction" not in text


def test_two_events_of_one_moment_are_both_shown_with_their_kiosk(
    as_li: Reader, context: ServerContext, clock: FakeClock, li: Person, door: Kiosk
) -> None:
    clock.go_to("23:30")
    at = moment("17:40")
    events = [clocked_at(li, at, seq, item_id=uuid7_at(at)) for seq in (1, 2)]
    clock_in(context, door, *events)
    judge_all(context, FRIDAY)
    assert as_li.get(DAY).text.count("by face · east door") == 2
