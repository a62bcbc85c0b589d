"""One person's month and days: who may see them, what stands on them, and that every look is written down."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.expectation_changes import add_roster_entry, put_rules
from server.services.leaving import set_last_day
from server.services.month_close import answer_sheet, lock_month, month_sheet
from server.storage.access_log import AccessEntry
from tests.attendance_days import FRIDAY, moment
from tests.pages_cast import as_user, give_own_account, somebody, words_of
from tests.persons_cast import (
    DAY,
    HR,
    JOINED,
    PRESETS,
    SHEET,
    TUESDAY,
    Reader,
    approve,
    clock_in,
    duty,
    judge_all,
    looks,
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
    pair,
)

pytestmark = pytest.mark.usefixtures("quick_hashes")
BOTH = [SHEET, DAY]


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


# Who may see whom


@pytest.mark.parametrize("path", BOTH)
def test_people_see_themselves_heads_their_division_and_the_court_everybody(
    app: Flask, context: ServerContext, path: str
) -> None:
    somebody(context, "0101", "孙丽", "立案庭", username="sun", role="head")
    give_account(context, "wu", "president")
    give_account(context, "qian", "vice_president")
    for username in ("li", "sun", "zhao", "wu", "qian"):
        answer = as_user(app, context, username).get(path)
        assert answer.status_code == 200
        assert "李明" in answer.text


@pytest.mark.parametrize("path", BOTH)
def test_nobody_else_sees_them_and_cannot_tell_them_from_nobody(app: Flask, context: ServerContext, path: str) -> None:
    somebody(context, "0205", "王芳", "刑庭", username="wang", role="head")
    somebody(context, "0206", "陈伟", "立案庭", username="chen")
    give_account(context, "nobodys", "employee")
    give_account(context, "homeless", "head")
    for username in ("wang", "chen", "nobodys", "homeless"):
        client = as_user(app, context, username)
        refused, unknown = client.get(path), client.get(path.replace("0104", "9999"))
        assert (refused.status_code, refused.text) == (unknown.status_code, unknown.text)
        assert refused.status_code == 403
        assert "李明" not in refused.text
    assert looks(context) == []


def test_hr_is_told_of_somebody_unknown_in_the_same_words(app: Flask, context: ServerContext) -> None:
    answer = as_user(app, context, "zhao").get("/reports/sheet/9999/2026-11")
    assert answer.status_code == 403
    assert "Your account may not see this." in words_of(answer)


@pytest.mark.parametrize("path", [*BOTH, f"{SHEET}.csv", "/my"])
def test_whoever_is_not_signed_in_signs_in_first(app: Flask, path: str) -> None:
    answer = app.test_client().get(path)
    assert answer.status_code == 302
    assert "/sign-in?after=" in answer.location


@pytest.mark.parametrize("form", ["page", "day"])
def test_a_look_is_written_down_before_it_is_answered(as_li: Reader, context: ServerContext, form: str) -> None:
    as_li.get(SHEET if form == "page" else DAY)
    what, scope = ("month_sheet", "2026-11 0104") if form == "page" else ("person_day", "2026-11-20 0104")
    assert looks(context) == [AccessEntry(context.clock.host_now(), "li", what, scope, "page")]  # type: ignore[arg-type]


# The way there


def test_my_month_leads_to_the_own_sheet_of_this_month(as_li: Reader) -> None:
    assert as_li.get("/my").location == SHEET


def test_an_account_of_nobody_has_no_month(app: Flask, context: ServerContext) -> None:
    assert as_user(app, context, "zhao").get("/my").status_code == 403


@pytest.mark.parametrize("month", ["2026-13", "202611", "1999-12", "2100-01", "x"])
def test_what_is_no_month_is_told(as_li: Reader, month: str) -> None:
    for end in ("", ".csv"):
        assert as_li.get(f"/reports/sheet/0104/{month}{end}").status_code == 400


@pytest.mark.parametrize("day", ["2026-11-31", "20261120", "2026-W47-5", "1999-12-31", "x"])
def test_what_is_no_date_is_told(as_li: Reader, day: str) -> None:
    assert as_li.get(f"/reports/person/0104/{day}").status_code == 400


def test_pages_lead_to_the_months_and_days_around(as_li: Reader) -> None:
    sheet, day = as_li.get(SHEET).text, as_li.get("/reports/person/0104/2026-12-01").text
    for target in ("/reports/sheet/0104/2026-10", "/reports/sheet/0104/2026-12", DAY):
        assert f'href="{target}"' in sheet
    for target in ("/reports/person/0104/2026-11-30", "/reports/person/0104/2026-12-02", "/reports/sheet/0104/2026-12"):
        assert f'href="{target}"' in day


@pytest.mark.parametrize(("first", "last"), [("2000-01", "2099-12"), ("2000-01-01", "2099-12-31")])
def test_no_link_leads_out_of_the_calendar(as_li: Reader, first: str, last: str) -> None:
    kind = "sheet" if len(first) == 7 else "person"
    for text in (first, last):
        page = as_li.get(f"/reports/{kind}/0104/{text}")
        assert page.status_code == 200
        assert "1999-12" not in page.text
        assert "2100-01" not in page.text


# The month


def test_every_date_has_its_weekday_its_kind_and_its_verdict(
    as_li: Reader, context: ServerContext, clock: FakeClock, li: Person, door: Kiosk
) -> None:
    clock.go_to("23:30")
    clock_in(context, door, clocked_at(li, "08:43", 1), clocked_at(li, "17:10", 2))
    judge_all(context)
    page = as_li.get(SHEET)
    friday, saturday = row_of(page, "2026-11-20</a>"), row_of(page, "2026-11-21</a>")
    for text in ("Fri", "workday", "08:43", "17:10", "late 13 min; left 20 min early", ">13<", ">20<"):
        assert text in friday
    assert "Sat" in saturday
    assert "rest day" in saturday
    assert page.text.count('scope="row" class="who"') == 30


def test_days_without_a_verdict_say_why(as_li: Reader, context: ServerContext, li: Person, clock: FakeClock) -> None:
    set_last_day(context, li.person_id, date(2026, 11, 27), HR)
    page = as_li.get(SHEET)
    assert "not judged yet" in row_of(page, "2026-11-20</a>")
    assert "not judged yet" not in row_of(page, "2026-11-23</a>")
    assert "does not work here on this day" in row_of(page, "2026-11-30</a>")
    assert "does not work here on this day" in row_of(as_li.get("/reports/sheet/0104/2026-10"), "2026-10-16</a>")


def test_holidays_make_up_workdays_and_rosters_are_named(as_li: Reader, context: ServerContext, li: Person) -> None:
    october = as_li.get("/reports/sheet/0104/2026-10")
    assert "public holiday (National Day)" in row_of(october, "2026-10-01</a>")
    assert "make-up workday (National Day)" in row_of(october, "2026-10-10</a>")
    add_roster_entry(
        context,
        [li.person_id],
        date(2026, 11, 27),
        None,
        "- court_day",
        follows_calendar=False,
        reason="duty",
        entered_by="zhao",
    )
    november = as_li.get(SHEET)
    assert "day off by the roster" in row_of(november, "2026-11-27</a>")
    assert "work by the roster" in row_of(november, "2026-11-28</a>")


def test_the_sums_stand_above_and_below(as_li: Reader, context: ServerContext, clock: FakeClock) -> None:
    clock.go_to("23:30")
    judge_all(context, FRIDAY)
    page = as_li.get(SHEET)
    assert "<b>2</b> Half days absent" in page.text
    assert "Minutes off post" not in page.text


def test_the_limits_of_the_rules_are_told_and_warned_of_when_few_are_left(
    as_li: Reader, context: ServerContext, clock: FakeClock, li: Person, door: Kiosk
) -> None:
    clock.go_to("23:30")
    days = [date(2026, 11, 18), date(2026, 11, 19)]
    put_rules(context, (PRESETS / "court_half_day_absence.yaml").read_text("utf-8"), days[0], "why", "zhao")
    late = [("08:10", 1), ("11:35", 2), ("13:50", 3), ("17:05", 4)]
    events = [clocked_at(li, moment(at, day), 10 * place + seq) for place, day in enumerate(days) for at, seq in late]
    clock_in(context, door, *events)
    judge_all(context, days[0], days[1])
    page = as_li.get(SHEET)
    text = words_of(page)
    assert "2026: 2 of 12, 10 left before the limit" in text
    assert "2026-11: 2 of 3, 1 left before the limit" in text
    assert '<li class="warns"><span>3 a month end the contract' in page.text
    assert '<li class="fine"><span>12 a year end the contract' in page.text
    points = month_sheet(context, li.person_id, "2026-11", HR).points
    assert points
    assert f"The month costs {points:g} points." in text


def test_a_month_to_come_does_not_borrow_the_counters_of_this_one(as_li: Reader, context: ServerContext) -> None:
    put_rules(context, (PRESETS / "court_half_day_absence.yaml").read_text("utf-8"), date(2026, 11, 2), "why", "zhao")
    assert "left before the limit" in words_of(as_li.get(SHEET))
    assert "left before the limit" not in words_of(as_li.get("/reports/sheet/0104/2026-12"))


def test_the_sheet_of_a_month_that_is_over_leads_its_owner_to_confirming(
    app: Flask, as_li: Reader, context: ServerContext
) -> None:
    over, running = "/reports/sheet/0104/2026-10", SHEET
    assert 'href="/requests/sheet/2026-10"' in as_li.get(over).text
    assert "Neither confirmed nor objected to." in words_of(as_li.get(over))
    assert "/requests/sheet/" not in as_li.get(running).text
    assert "You can answer when the month is over." in words_of(as_li.get(running))
    assert "/requests/sheet/" not in as_user(app, context, "zhao").get(over).text


def test_what_was_said_and_the_lock_are_told(as_li: Reader, context: ServerContext, li: Person) -> None:
    judge_all(context, JOINED, date(2026, 10, 31))
    own, path = Actor("li", "employee", li.person_id), "/reports/sheet/0104/2026-10"
    sha256 = month_sheet(context, li.person_id, "2026-10", own).sheet_sha256
    answer_sheet(context, "2026-10", own, sha256, confirmed=False, remark="I was <there>")
    assert "Objected to on 2026-11-20 12:00: I was <there>" in words_of(as_li.get(path))
    assert "<there>" not in as_li.get(path).text
    answer_sheet(context, "2026-10", own, sha256, confirmed=True)
    assert "Confirmed on 2026-11-20 12:00. Neither" not in words_of(as_li.get(path))
    approve(context, duty(li, TUESDAY))
    assert "Confirmed on 2026-11-20 12:00. It has changed since." in words_of(as_li.get(path))
    lock_month(context, "2026-10", HR)
    page = as_li.get(path)
    assert "Locked on 2026-11-20 12:00 by zhao." in words_of(page)
    assert "/requests/sheet/" not in page.text


def test_pages_are_in_chinese_too(as_li: Reader, context: ServerContext) -> None:
    judge_all(context)
    for path, text in ((SHEET, "周五"), (DAY, "工作日")):
        assert text in words_of(as_li.get(f"{path}?lang=zh"))
