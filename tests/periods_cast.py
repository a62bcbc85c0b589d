"""A court of two divisions whose people never clocked, for the pages and files of reports of periods."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from flask.testing import FlaskClient

from server.services.accounts import add_account
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.month_close import decide_amendment, lock_month, open_amendments
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request
from server.services.touching import touch_days
from tests.attendance_days import FRIDAY
from tests.pages_cast import as_user
from tests.server_cast import PASSWORD, FakeClock, Person, employ, give_account, make_app

OCTOBER: Final = date(2026, 10, 1)
JOINED: Final = date(2026, 10, 26)
HR: Final = Actor("hr", "hr")


def people_of_two_divisions(context: ServerContext, clock: FakeClock) -> Person:
    """Li of the case filing division and Wang of enforcement never clock from the last week of October on; gives Li."""
    li = employ(context, "0104", "李明", "立案庭", JOINED)
    employ(context, "0205", "王芳", "执行局", JOINED)
    clock.go_to("23:50")
    judge(context)
    give_account(context, "hr", "hr")
    give_account(context, "zhou", "president")
    give_account(context, "qian", "vice_president")
    give_account(context, "head", "head", "执行局")
    give_account(context, "homeless", "head")
    add_account(context, "li", PASSWORD, "employee", employee_no="0104")
    return li


def judge(context: ServerContext) -> None:
    """Everybody's workdays up to the day of the tests."""
    with context.unit() as unit:
        touch_days(unit, JOINED, FRIDAY)
        unit.commit()
    derive_touched(context)


def waive(context: ServerContext, person: Person, reason: str = "ice on the roads") -> None:
    """The 28th of October is excused."""
    filed = file_request(context, Wish("waiver", person.person_id, reason, day=date(2026, 10, 28)), HR)
    decide(context, filed.request_id, "approved", Actor("qian", "hr"))
    derive_touched(context)


def amend(context: ServerContext, clock: FakeClock, person: Person) -> None:
    """October is locked, and changed after that; signed with the reason "as filed"."""
    lock_month(context, "2026-10", HR)
    clock.advance(timedelta(minutes=1))
    waive(context, person)
    ((_, amendment),) = open_amendments(context)
    decide_amendment(context, person.person_id, amendment.day, HR, "as filed", sign=True, number=amendment.number)
    clock.advance(timedelta(minutes=1))


def reading(context: ServerContext, username: str) -> FlaskClient:
    """A browser in which somebody is signed in and reads English."""
    return as_user(make_app(context), context, username)


def numbers(page: str, name: str) -> list[str]:
    """The cells of somebody's, or a division's, row."""
    (row,) = [row for row in re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.DOTALL) if name in row]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


def cells(page: str, name: str) -> dict[str, str]:
    """The cells of somebody's, or a division's, row by their headings; of one heading the first."""
    (table,) = [table for table in re.findall(r"<table.*?</table>", page, re.DOTALL) if name in table]
    headings = [re.sub(r"<[^>]+>", "", one) for one in re.findall(r'<th scope="col"[^>]*>(.*?)</th>', table)]
    found: dict[str, str] = {}
    for heading, cell in zip(headings[1:], numbers(table, name), strict=True):
        found.setdefault(heading, cell)
    return found
