"""Somebody whose October is over, judged and locked, and duties that are approved only afterwards."""

from __future__ import annotations

from datetime import date
from typing import Final

from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.month_close import decide_amendment, lock_month
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request
from server.services.touching import touch_everybody
from server.storage.records import WorkdayRecord
from tests.attendance_days import moment
from tests.papers import SIGNED
from tests.server_cast import Person, employ

OCTOBER: Final = "2026-10"
FIRST: Final = date(2026, 10, 1)
LAST: Final = date(2026, 10, 31)
JOINED: Final = date(2026, 10, 19)
TUESDAY: Final = date(2026, 10, 20)
HR: Final = Actor("zhao", "hr")
COLLEAGUE: Final = Actor("qian", "hr")


def locked_october(context: ServerContext) -> Person:
    """Li was absent on the last ten workdays of October, which HR has locked."""
    li = employ(context, "0104", "李明", "立案庭", JOINED)
    touch_everybody(context, FIRST, LAST)
    derive_touched(context)
    lock_month(context, OCTOBER, HR)
    return li


def approve_duty(context: ServerContext, person: Person, day: date = TUESDAY) -> None:
    """A day at the High Court, approved on paper and only entered now; the workday is judged again."""
    start, end = moment("08:00", day), moment("18:00", day)
    wish = Wish("duty", person.person_id, "at the High Court", name="meeting", starts_at=start, ends_at=end)
    filed = file_request(context, wish, HR)
    decide(context, filed.request_id, "approved", COLLEAGUE, "form 12", on_paper=True, papers=SIGNED)
    derive_touched(context)


def sign(context: ServerContext, person: Person, day: date = TUESDAY, actor: Actor = HR) -> None:
    decide_amendment(context, person.person_id, day, actor, "the form", sign=True)


def refuse(context: ServerContext, person: Person, day: date = TUESDAY) -> None:
    decide_amendment(context, person.person_id, day, HR, "no form", sign=False)


def stored(context: ServerContext, person: Person, day: date = TUESDAY) -> WorkdayRecord | None:
    with context.unit(read_only=True) as unit:
        return unit.workdays.one(person.person_id, day)


def status_of(context: ServerContext, person: Person, day: date = TUESDAY) -> str:
    record = stored(context, person, day)
    assert record is not None
    return record.status
