"""Days a year of a kind of leave: counted as work, refused beyond, and HR may go beyond on purpose."""

from __future__ import annotations

from datetime import date

import pytest

from models.errors import CourtclockError
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.expectation_changes import put_rules
from server.services.request_decisions import decide
from server.services.request_filing import Wish, consider, file_request
from server.services.request_lengths import Balance
from server.storage.requests import NewRequest
from tests.attendance_days import moment
from tests.papers import SIGNED, preset
from tests.server_cast import Person, employ

HR = Actor("zhao", "hr")
PRESIDENT = Actor("zhou", "president")
MONDAY = date(2026, 11, 23)


@pytest.fixture
def li(context: ServerContext) -> Person:
    """Of a court that gives two and a half days of personal leave a year."""
    text = preset("court_two_points").replace("name_en: personal leave", "name_en: personal leave, days_per_year: 2.5")
    put_rules(context, text, date(2026, 11, 1), "the meeting", "zhao")
    return employ(context, "0104", "李明", "立案庭")


def wish(person: Person, first: date, last: date, *, end: str = "17:30", name: str = "personal") -> Wish:
    return Wish(
        "leave",
        person.person_id,
        "moving house",
        name=name,
        starts_at=moment("08:30", first),
        ends_at=moment(end, last),
    )


def ask(context: ServerContext, person: Person, *days: date, by: Actor | None = None, **more: str) -> NewRequest:
    actor = by or Actor("li", "employee", person.person_id)
    return file_request(context, wish(person, days[0], days[-1], **more), actor, SIGNED)


def test_days_are_used_up_by_open_and_approved_leave_and_no_more_are_given(context: ServerContext, li: Person) -> None:
    decide(context, ask(context, li, MONDAY).request_id, "approved", PRESIDENT)
    ask(context, li, date(2026, 11, 24))
    with pytest.raises(CourtclockError) as refused:
        ask(context, li, date(2026, 11, 26))
    assert refused.value.code == "request.over_balance"
    assert refused.value.sentence("en") == (
        "The rules allow 2.5 days of personal leave a year. 2 are used in 2026; these are 1 more."
    )
    assert "事假" in refused.value.sentence("zh")
    assert ask(context, li, date(2026, 11, 26), end="13:00").days == 0.5


def test_other_kinds_and_other_years_have_days_of_their_own(context: ServerContext, li: Person) -> None:
    ask(context, li, date(2026, 12, 21), date(2026, 12, 22))
    assert ask(context, li, MONDAY, date(2026, 11, 27), name="annual").days == 5.0
    # Two days of this year would be too many, a half and two of the next are not.
    with pytest.raises(CourtclockError, match=r"2 are used in 2026; these are 1 more"):
        ask(context, li, date(2026, 12, 31), date(2027, 1, 5))


def test_what_was_refused_or_ended_early_gives_its_days_back(context: ServerContext, li: Person) -> None:
    first = ask(context, li, MONDAY, date(2026, 11, 24))
    decide(context, first.request_id, "approved", PRESIDENT)
    decide(context, first.request_id, "returned", HR, ends_at=moment("08:30", date(2026, 11, 24)))
    second = ask(context, li, date(2026, 11, 26))
    decide(context, second.request_id, "refused", PRESIDENT, "no")
    assert ask(context, li, date(2026, 11, 26), end="13:00").days == 0.5


def test_hr_goes_beyond_only_on_purpose_and_others_never(context: ServerContext, li: Person) -> None:
    three = wish(li, MONDAY, date(2026, 11, 25))
    with pytest.raises(CourtclockError, match=r"request\.over_balance"):
        file_request(context, three, HR, SIGNED)
    with pytest.raises(CourtclockError, match=r"request\.over_balance"):
        file_request(context, three, Actor("li", "employee", li.person_id), SIGNED, beyond_balance=True)
    assert file_request(context, three, HR, SIGNED, beyond_balance=True).reason == "moving house"


def test_what_is_left_is_told_before_anything_is_filed(context: ServerContext, li: Person) -> None:
    ask(context, li, MONDAY)
    with context.unit(read_only=True) as unit:
        rules = rules_in_force(context, unit)
        found = consider(unit, rules, wish(li, date(2026, 11, 26), date(2026, 11, 27)), HR)
    (balance,) = found.balances
    assert balance == Balance(2026, 2.5, 1.0, 2.0)
    assert (balance.left, balance.is_exceeded) == (0.0, True)
    assert (found.needs_role, found.needs_document) == ("vice_president", False)
