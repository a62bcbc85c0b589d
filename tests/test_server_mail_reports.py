"""What goes out by mail when a report is published: to those who may see it, once, and no more than they may see."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.errors import CourtclockError
from server.jobs.running import tick
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.mail_reports import render_report
from server.services.mailing import set_mail_address
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request
from server.storage.records import AccountRecord
from tests.attendance_days import FRIDAY
from tests.databases import Database
from tests.mailing_cast import change, reader
from tests.server_cast import FakeClock, employ, make_context
from tests.smtp_server import MailServer, mail_settings, running_mail_server

MONDAY = FRIDAY + timedelta(days=3)
HR = Actor("hr", "hr")
URL = "https://attendance.court.example"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture
def court(database: Database, tmp_path: Path, clock: FakeClock, mail_server: MailServer) -> ServerContext:
    """Two divisions with one absent employee each, HR, the head of one of them, and an employee with an account."""
    return made(database, tmp_path, clock, mail_server)


def made(database: Database, folder: Path, clock: FakeClock, mail_server: MailServer) -> ServerContext:
    settings = mail_settings(mail_server.port, public_url=URL).model_dump()
    context = make_context(folder, database, clock, mail=settings)
    with context.unit(read_only=True) as unit:
        if unit.people.everybody():
            return context
    employ(context, "0104", "李明", "立案庭", FRIDAY)
    employ(context, "0205", "王芳", "执行局", FRIDAY)
    reader(context, "hr")
    reader(context, "head", "head", "执行局")
    reader(context, "li", "employee")
    set_mail_address(context, "head", "head@court.example", "en")
    return context


def text_to(mail_server: MailServer, address: str) -> list[tuple[str, str]]:
    found = []
    for delivery in mail_server.taken_for(address):
        body = delivery.message.get_body(("plain",))
        assert body is not None
        found.append((str(delivery.message["Subject"]).strip(), body.get_content()))
    return found


def test_the_days_report_goes_to_hr_and_a_heads_own_division_to_the_head(
    court: ServerContext, clock: FakeClock, mail_server: MailServer
) -> None:
    clock.go_to("23:00")
    tick(court)
    ((subject, text),) = text_to(mail_server, "hr@court.example")
    assert subject == "示范中级人民法院：2026-11-20 迟到早退情况"
    assert "李明 (0104, 立案庭): 旷工" in text
    assert "王芳 (0205, 执行局): 旷工" in text
    assert f"{URL}/reports/day/2026-11-20" in text
    ((subject, text),) = text_to(mail_server, "head@court.example")
    assert subject == "Demonstration Intermediate People's Court: late arrivals and early leaves of 2026-11-20"
    assert "王芳 (0205, 执行局): absent" in text
    assert "李明" not in text
    assert text_to(mail_server, "li@court.example") == []


def test_nobody_gets_it_twice(court: ServerContext, clock: FakeClock, mail_server: MailServer) -> None:
    clock.go_to("23:00")
    for _ in range(3):
        tick(court)
        clock.advance(timedelta(minutes=20))
    assert len(mail_server.taken) == 2


def test_servers_that_tick_at_once_send_it_once(
    court: ServerContext, database: Database, tmp_path: Path, clock: FakeClock, mail_server: MailServer
) -> None:
    clock.go_to("23:00")
    together = threading.Barrier(3, timeout=20)

    def serve() -> None:
        own = made(database, tmp_path, clock, mail_server)
        together.wait()
        tick(own)

    threads = [threading.Thread(target=serve) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    tick(court)
    assert sorted(delivery.recipient for delivery in mail_server.taken) == ["head@court.example", "hr@court.example"]


def test_a_mail_server_that_refuses_for_now_gets_it_later_and_the_report_stands_meanwhile(
    court: ServerContext, clock: FakeClock, mail_server: MailServer
) -> None:
    mail_server.sender_answer = "451 try again later"
    clock.go_to("23:00")
    tick(court)
    assert mail_server.taken == []
    with court.unit(read_only=True) as unit:
        assert unit.jobs.report("day", "2026-11-20") is not None
        assert len(unit.mails.in_trouble(10)) == 2
    mail_server.sender_answer = None
    clock.advance(timedelta(minutes=6))
    tick(court)
    assert len(mail_server.taken) == 2


def test_the_week_and_the_month_follow_with_their_figures(
    court: ServerContext, clock: FakeClock, mail_server: MailServer
) -> None:
    clock.go_to("10:00", date(2026, 12, 1))
    tick(court)
    told = dict(text_to(mail_server, "head@court.example"))
    week = told["Demonstration Intermediate People's Court: attendance in the week 2026-W47"]
    assert "王芳 (0205): late 0 (0 min), early 0 (0 min), missing 0, absent 1 days, excused 0" in week
    assert f"{URL}/reports/week/2026-W47" in week
    month = told["Demonstration Intermediate People's Court: attendance in 2026-11"]
    assert "Altogether: 1 people, late 0" in month
    assert "absent 7 days" in month
    assert "李明" not in week + month


def account_of(context: ServerContext, employee_no: str) -> AccountRecord:
    """Li's account, which belongs to this person from now on."""
    with context.unit(read_only=True) as unit:
        person = unit.people.by_employee_no(employee_no)
        account = unit.accounts.by_username("li")
    assert person is not None
    assert account is not None
    change(context, account.account_id, person_id=person.person_id)
    return replace(account, person_id=person.person_id)


def test_people_get_their_own_month_with_the_bulletin_and_where_to_confirm_it(
    court: ServerContext, clock: FakeClock, mail_server: MailServer
) -> None:
    account = account_of(court, "0104")
    assert account.person_id is not None
    clock.go_to("23:00")
    filed = file_request(court, Wish("waiver", account.person_id, "snow", day=FRIDAY), HR)
    decide(court, filed.request_id, "approved", Actor("qian", "hr"))
    clock.go_to("10:00", date(2026, 12, 1))
    tick(court)
    ((subject, text),) = text_to(mail_server, "li@court.example")
    assert subject == "示范中级人民法院：您 2026-11 的考勤"
    assert "2026-11-20: 豁免" in text
    assert "2026-11-23: 旷工" in text
    assert "2026-11-21" not in text, "a rest day says nothing"
    assert f"请在人事锁定该月之前确认，或指出不符之处：{URL}/requests/sheet/2026-11" in text
    assert "王芳" not in text


def test_whose_month_is_as_it_should_be_reads_that(court: ServerContext) -> None:
    assert "没有异常。" in render_report(court, "month_sheet", "2026-10", account_of(court, "0104")).text


def test_where_no_mail_is_sent_none_waits(context: ServerContext, clock: FakeClock) -> None:
    employ(context, joined_on=FRIDAY)
    reader(context, "hr")
    clock.go_to("23:00")
    tick(context)
    with context.unit(read_only=True) as unit:
        assert unit.mails.counts() == {}


def test_a_kind_that_is_no_report_is_a_mistake(court: ServerContext) -> None:
    with court.unit(read_only=True) as unit:
        account = unit.accounts.by_username("hr")
    assert account is not None
    with pytest.raises(ValueError, match="no report of the kind 'year'"):
        render_report(court, "year", "2026", account)


def as_account(court: ServerContext, username: str) -> AccountRecord:
    with court.unit(read_only=True) as unit:
        account = unit.accounts.by_username(username)
    assert account is not None
    return account


def test_a_mail_sent_late_says_what_was_published_and_what_has_changed_since(
    court: ServerContext, clock: FakeClock
) -> None:
    clock.go_to("23:00")
    tick(court)
    at_once = render_report(court, "day", "2026-11-20", as_account(court, "hr")).text
    with court.unit(read_only=True) as unit:
        li = unit.people.by_employee_no("0104")
    assert li is not None
    filed = file_request(court, Wish("waiver", li.person_id, "snow", day=FRIDAY), HR)
    decide(court, filed.request_id, "approved", Actor("qian", "hr"))
    tick(court)
    late = render_report(court, "day", "2026-11-20", as_account(court, "hr")).text
    assert "李明 (0104, 立案庭): 旷工\n  公布后有变动：豁免" in late
    assert [line for line in late.splitlines() if "公布后有变动" not in line] == at_once.splitlines()


def test_a_head_reads_what_was_published_of_the_own_division(court: ServerContext, clock: FakeClock) -> None:
    clock.go_to("23:00")
    tick(court)
    clock.advance(timedelta(days=2))
    text = render_report(court, "day", "2026-11-20", as_account(court, "head")).text
    assert "王芳" in text
    assert "李明" not in text


@pytest.mark.parametrize(
    "values", [{"role": "employee", "division_id": None}, {"role": "head", "division_id": None}, {"role": "employee"}]
)
@pytest.mark.parametrize("kind", ["day", "week", "month"])
def test_nobody_whose_division_is_missing_is_taken_for_the_court(
    court: ServerContext, kind: str, values: dict[str, Any]
) -> None:
    period = {"day": "2026-11-20", "week": "2026-W47", "month": "2026-11"}[kind]
    with pytest.raises(CourtclockError, match=r"page\.forbidden"):
        render_report(court, kind, period, replace(as_account(court, "head"), **values))
