"""A wrong roster entry is taken back: it counts as if it had never been made, and stays readable with who said so."""

from __future__ import annotations

import re
import uuid
from datetime import date

import pytest
from flask.testing import FlaskClient

from models.errors import CourtclockError
from server.attendance.rosters import RosterEntry
from server.services.context import ServerContext
from server.services.court_rules import rosters_of
from server.services.deriving import derive_touched
from server.services.expectation_changes import add_roster_entry, take_back_roster_entry
from server.services.touching import touch_everybody
from tests.attendance_days import FRIDAY
from tests.pages_cast import as_user, give_own_account, send, words_of
from tests.server_cast import FakeClock, Person, employ, make_app

pytestmark = pytest.mark.usefixtures("quick_hashes")
WHY = "meant for somebody else"


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, "0104", "李明")


def add(context: ServerContext, person: Person, pattern: str = "-", first_day: date = FRIDAY) -> RosterEntry:
    (entry,) = add_roster_entry(
        context, [person.person_id], first_day, None, pattern, follows_calendar=True, reason="duty", entered_by="zhao"
    )
    return entry


@pytest.fixture
def zhao(context: ServerContext, li: Person) -> FlaskClient:
    give_own_account(context, None, "zhao", "hr")
    return as_user(make_app(context), context, "zhao")


def status(context: ServerContext, person: Person) -> str:
    derive_touched(context)
    with context.unit(read_only=True) as unit:
        found = unit.workdays.one(person.person_id, FRIDAY)
    assert found is not None
    return found.status


def test_the_days_that_it_changed_are_judged_as_if_it_had_never_been(
    context: ServerContext, clock: FakeClock, li: Person
) -> None:
    clock.go_to("23:50")
    touch_everybody(context, FRIDAY)
    assert status(context, li) == "absent"
    entry = add(context, li)
    assert status(context, li) == "rest_day"
    take_back_roster_entry(context, entry.entry_id, WHY, "qian")
    assert status(context, li) == "absent"


def test_what_it_hid_holds_again(context: ServerContext, li: Person) -> None:
    first = add(context, li, "court_day")
    second = add(context, li, "-")
    take_back_roster_entry(context, second.entry_id, WHY, "qian")
    with context.unit(read_only=True) as unit:
        assert rosters_of(unit, None)[li.person_id].entry_on(FRIDAY) == first


def test_an_entry_to_come_is_taken_back_and_touches_nothing(context: ServerContext, li: Person) -> None:
    entry = add(context, li, first_day=date(2026, 12, 1))
    take_back_roster_entry(context, entry.entry_id, WHY, "qian")
    with context.unit(read_only=True) as unit:
        assert unit.workdays.count_touched() == (0, None)
        assert rosters_of(unit, None) == {}


def test_the_entry_and_the_word_stay_readable(context: ServerContext, li: Person) -> None:
    entry = add(context, li)
    take_back_roster_entry(context, entry.entry_id, WHY, "qian")
    with context.unit(read_only=True) as unit:
        (taken,) = unit.court_rules.taken_back([li.person_id])
    assert (taken.entry, taken.reason, taken.entered_by, taken.entered_at) == (
        entry,
        WHY,
        "qian",
        context.clock.now(),
    )


def test_the_same_entry_can_be_made_anew(context: ServerContext, li: Person) -> None:
    entry = add(context, li)
    take_back_roster_entry(context, entry.entry_id, WHY, "qian")
    assert add(context, li).entry_id != entry.entry_id


def test_an_entry_is_taken_back_once_and_with_a_reason(context: ServerContext, li: Person) -> None:
    entry = add(context, li)
    with pytest.raises(CourtclockError) as told:
        take_back_roster_entry(context, entry.entry_id, " ", "qian")
    assert told.value.code == "reason.missing"
    take_back_roster_entry(context, entry.entry_id, WHY, "qian")
    for unknown in (entry.entry_id, uuid.uuid4()):
        with pytest.raises(CourtclockError, match="no such entry") as told:
            take_back_roster_entry(context, unknown, WHY, "qian")
        assert told.value.code == "roster.invalid"


def test_hr_takes_it_back_on_the_page(zhao: FlaskClient, context: ServerContext, li: Person) -> None:
    entry = add(context, li)
    assert re.search(f'type="radio" name="entry" value="{entry.entry_id}"', zhao.get("/rosters").text)
    answer = send(zhao, "/rosters", to="/rosters/take-back", entry=str(entry.entry_id), reason=WHY)
    assert answer.status_code == 303
    page = words_of(zhao.get(answer.location))
    assert "There are no entries." in page
    assert WHY in page


def test_the_page_asks_which_entry_and_why(zhao: FlaskClient, context: ServerContext, li: Person) -> None:
    entry = add(context, li)
    answer = send(zhao, "/rosters", to="/rosters/take-back", reason=WHY)
    assert (answer.status_code, "Choose the entry in the list." in words_of(answer)) == (400, True)
    answer = send(zhao, "/rosters", to="/rosters/take-back", entry=str(entry.entry_id), reason="")
    assert (answer.status_code, "This is needed." in words_of(answer)) == (400, True)
    with context.unit(read_only=True) as unit:
        assert unit.court_rules.taken_back() == []
