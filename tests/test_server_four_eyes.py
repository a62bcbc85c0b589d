"""Nobody decides alone: not about the own request, not about one they filed, and a head's and a president's go up."""

from __future__ import annotations

from datetime import date

import pytest

from models.errors import CourtclockError
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.request_decisions import allowed_decisions, decide, requests_waiting_for
from server.services.request_filing import Wish, file_request
from server.storage.records import Role
from server.storage.requests import NewRequest
from tests.attendance_days import FRIDAY, moment
from tests.pages_cast import somebody
from tests.papers import SIGNED
from tests.server_cast import Person, employ

pytestmark = pytest.mark.usefixtures("quick_hashes")
MONDAY = date(2026, 11, 23)
HR = Actor("zhao", "hr")
OTHER_HR = Actor("wei", "hr")
VICE_PRESIDENT = Actor("qian", "vice_president")
PRESIDENT = Actor("zhou", "president")


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, "0104", "李明", "立案庭")


def sun(context: ServerContext) -> Actor:
    """The head of Li's division."""
    with context.unit() as unit:
        division_id = unit.people.ensure_division("立案庭")
        unit.commit()
    return Actor("sun", "head", None, division_id)


def half_day(context: ServerContext, person: Person, by: Actor) -> NewRequest:
    wish = Wish(
        "leave",
        person.person_id,
        "a wedding",
        name="annual",
        starts_at=moment("08:30", MONDAY),
        ends_at=moment("12:00", MONDAY),
    )
    return file_request(context, wish, by)


def test_a_head_who_files_for_a_colleague_does_not_decide_and_somebody_above_does(
    context: ServerContext, li: Person
) -> None:
    head = sun(context)
    filed = half_day(context, li, head)
    assert filed.needs_role == "vice_president"
    with pytest.raises(CourtclockError, match=r"request\.filed_by_you"):
        decide(context, filed.request_id, "approved", head)
    assert decide(context, filed.request_id, "approved", VICE_PRESIDENT).state == "approved"


def test_what_an_employee_filed_the_head_decides(context: ServerContext, li: Person) -> None:
    filed = half_day(context, li, Actor("li", "employee", li.person_id))
    assert filed.needs_role == "head"
    assert decide(context, filed.request_id, "approved", sun(context)).state == "approved"


def test_hr_does_not_decide_about_a_waiver_it_filed_but_a_second_one_at_hr_does(
    context: ServerContext, li: Person
) -> None:
    filed = file_request(context, Wish("waiver", li.person_id, "the flood", day=FRIDAY), HR)
    with context.unit(read_only=True) as unit:
        person, found = unit.people.by_id(li.person_id), unit.requests.by_id(filed.request_id)
        assert [one.filed for one in requests_waiting_for(unit, OTHER_HR)] == [filed]
        assert requests_waiting_for(unit, HR) == []
    assert person is not None
    assert found is not None
    assert allowed_decisions(found, person, HR) == ["withdrawn"]
    with pytest.raises(CourtclockError, match=r"request\.filed_by_you"):
        decide(context, filed.request_id, "refused", HR, "no")
    assert decide(context, filed.request_id, "approved", OTHER_HR).in_force


@pytest.mark.parametrize("kind", ["leave", "waiver"])
def test_hr_records_what_it_filed_only_with_the_paper_and_it_is_marked(
    context: ServerContext, li: Person, kind: str
) -> None:
    waiver = Wish("waiver", li.person_id, "the flood", day=FRIDAY)
    filed = half_day(context, li, HR) if kind == "leave" else file_request(context, waiver, HR)
    with pytest.raises(CourtclockError, match=r"request\.needs_paper"):
        decide(context, filed.request_id, "approved", HR, "form 12", on_paper=True)
    decided = decide(context, filed.request_id, "approved", HR, "form 12", on_paper=True, papers=SIGNED)
    assert decided.step is not None
    assert decided.step.decided_as == ("head paper" if kind == "leave" else "hr paper")


@pytest.mark.parametrize(
    ("role", "needs"),
    [
        ("employee", "head"),
        ("head", "vice_president"),
        ("vice_president", "president"),
        ("president", "superior"),
    ],
)
def test_leave_goes_above_whoever_takes_it_whoever_files_it(context: ServerContext, role: Role, needs: str) -> None:
    person = somebody(context, "0002", "钱进", "立案庭", username="own", role=role)
    own = half_day(context, person, Actor("own", role, person.person_id))
    assert own.needs_role == needs
    decide(context, own.request_id, "withdrawn", HR)
    assert half_day(context, person, HR).needs_role == needs


def test_a_vice_presidents_leave_is_not_for_another_vice_president(context: ServerContext) -> None:
    person = somebody(context, "0002", "钱进", "院领导", username="own", role="vice_president")
    filed = half_day(context, person, Actor("own", "vice_president", person.person_id))
    with pytest.raises(CourtclockError, match=r"request\.not_yours"):
        decide(context, filed.request_id, "approved", VICE_PRESIDENT)
    assert decide(context, filed.request_id, "approved", PRESIDENT).state == "approved"


def test_the_presidents_leave_is_recorded_by_hr_from_paper_alone(context: ServerContext) -> None:
    person = somebody(context, "0001", "周正", "院领导", username="own", role="president")
    filed = half_day(context, person, Actor("own", "president", person.person_id))
    for actor in (VICE_PRESIDENT, PRESIDENT, HR):
        with pytest.raises(CourtclockError, match=r"request\.not_yours"):
            decide(context, filed.request_id, "approved", actor)
    decided = decide(context, filed.request_id, "approved", HR, "of the high court", on_paper=True, papers=SIGNED)
    assert decided.step is not None
    assert decided.step.decided_as == "superior paper"


def test_a_waiver_of_a_head_stays_with_hr(context: ServerContext) -> None:
    person = somebody(context, "0101", "孙丽", "立案庭", username="own", role="head")
    wish = Wish("waiver", person.person_id, "the flood", day=FRIDAY)
    assert file_request(context, wish, Actor("own", "head", person.person_id)).needs_role == "hr"


@pytest.mark.parametrize("actor", [VICE_PRESIDENT, PRESIDENT])
def test_who_sees_everybody_files_for_nobody_but_themselves(context: ServerContext, li: Person, actor: Actor) -> None:
    with pytest.raises(CourtclockError, match=r"request\.unknown"):
        half_day(context, li, actor)
