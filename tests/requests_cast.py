"""The cast of the tests of requests: who asks for what, and who decides."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from server.services.actors import Actor
from server.services.request_filing import Wish
from tests.attendance_days import FRIDAY, moment
from tests.server_cast import Person

MONDAY: Final = date(2026, 11, 23)
THURSDAY: Final = date(2026, 11, 19)
HR: Final = Actor("zhao", "hr")
VICE_PRESIDENT: Final = Actor("qian", "vice_president")
LEAVE_FORM: Final = {
    "name": "annual",
    "first_day": "2026-11-23",
    "part": "hours",
    "from_time": "08:00",
    "until_time": "12:00",
    "reason": "a wedding in Jilin",
}
"""What somebody types who asks for leave on a Monday morning."""


def as_li(person: Person) -> Actor:
    """Li Ming himself."""
    return Actor("li", "employee", person.person_id)


def leave(
    person: Person,
    start: str = "08:30",
    end: str = "12:00",
    first: date = MONDAY,
    last: date | None = None,
    **more: Any,
) -> Wish:
    """Annual leave, of a Monday morning if nothing else is said."""
    values = {"name": "annual", **more}
    return Wish(
        "leave",
        person.person_id,
        "a wedding",
        starts_at=moment(start, first),
        ends_at=moment(end, last or first),
        **values,
    )


def correction(person: Person, at: str = "08:21", day: date = FRIDAY, point: int | None = 0) -> Wish:
    """A forgotten clock."""
    return Wish("correction", person.person_id, "forgot it", day=day, point=point, starts_at=moment(at, day))


def waiver(person: Person, day: date = FRIDAY, point: int | None = None) -> Wish:
    """The whole day, or one clock point of it, is to be excused."""
    return Wish("waiver", person.person_id, "the flood", day=day, point=point)
