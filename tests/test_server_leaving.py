"""Who has left: kiosks forget them when their last day is over, and their accounts are closed; the past stays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from models.errors import CourtclockError
from server.services.accounts import add_account
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.leaving import retire_leavers, set_last_day
from server.services.signing_in import sign_in, signed_in
from tests.attendance_days import FRIDAY, SATURDAY
from tests.server_cast import PASSWORD, Person, employ

pytestmark = pytest.mark.usefixtures("quick_hashes")
HR = Actor("hr", "hr")
THURSDAY = FRIDAY - timedelta(days=1)


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context)


def known_to_kiosks(context: ServerContext) -> list[str]:
    with context.unit(read_only=True) as unit:
        return [person.employee_no for person in unit.people.active()]


def gallery_version(context: ServerContext) -> int:
    with context.unit(read_only=True) as unit:
        return unit.people.gallery_version()


def test_on_the_last_day_itself_the_kiosks_still_know_the_person(context: ServerContext, li: Person) -> None:
    set_last_day(context, li.person_id, FRIDAY, HR)
    assert retire_leavers(context, FRIDAY) == 0
    assert known_to_kiosks(context) == ["0104"]


def test_when_it_is_over_the_kiosks_are_given_a_gallery_without_the_person(context: ServerContext, li: Person) -> None:
    set_last_day(context, li.person_id, FRIDAY, HR)
    before = gallery_version(context)
    assert [retire_leavers(context, SATURDAY), retire_leavers(context, SATURDAY)] == [1, 0]
    assert known_to_kiosks(context) == []
    assert gallery_version(context) > before


def test_a_last_day_in_the_past_holds_at_once(context: ServerContext, li: Person) -> None:
    set_last_day(context, li.person_id, THURSDAY, HR)
    assert known_to_kiosks(context) == []


def test_who_stays_after_all_is_known_again(context: ServerContext, li: Person) -> None:
    set_last_day(context, li.person_id, THURSDAY, HR)
    before = gallery_version(context)
    set_last_day(context, li.person_id, None, HR)
    assert known_to_kiosks(context) == ["0104"]
    assert gallery_version(context) > before


def test_the_account_of_who_has_left_signs_in_no_more(context: ServerContext, li: Person) -> None:
    add_account(context, "li", PASSWORD, "employee", employee_no=li.employee_no)
    token = sign_in(context, "li", PASSWORD)
    set_last_day(context, li.person_id, FRIDAY, HR)
    assert signed_in(context, token) is not None
    retire_leavers(context, SATURDAY)
    assert signed_in(context, token) is None
    with pytest.raises(CourtclockError, match=r"^signin\.refused"):
        sign_in(context, "li", PASSWORD)


def test_the_days_before_still_name_the_person(context: ServerContext, li: Person) -> None:
    set_last_day(context, li.person_id, THURSDAY, HR)
    with context.unit(read_only=True) as unit:
        assert [person.employee_no for person in unit.people.of_day(THURSDAY)] == ["0104"]
        assert unit.people.of_day(FRIDAY) == []
        assert [one.employee_no for one in unit.people.between(date(2026, 11, 1), SATURDAY)] == ["0104"]
