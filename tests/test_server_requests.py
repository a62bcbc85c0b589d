"""Requests: who may file and decide what, by length, deadline, quota and role."""

from __future__ import annotations

import threading
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from models.errors import CourtclockError
from server.services.actors import Actor, may_see
from server.services.context import ServerContext
from server.services.request_decisions import allowed_decisions, decide, requests_waiting_for
from server.services.request_documents import Upload
from server.services.request_filing import Wish, file_request
from server.storage.requests import Decision, NewRequest, RequestStep, StoredRequest
from tests.attendance_days import FRIDAY, moment
from tests.databases import Database
from tests.papers import PDF, SIGNED
from tests.requests_cast import HR, MONDAY, THURSDAY, VICE_PRESIDENT, as_li, correction, leave, waiver
from tests.server_cast import FakeClock, Person, employ, make_context

PRESIDENT = Actor("qian", "vice_president")
PRESIDENT = Actor("zhou", "president")


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, "0104", "李明", "立案庭")


@pytest.fixture
def wang(context: ServerContext) -> Person:
    return employ(context, "0205", "王芳", "刑庭")


def head_of(context: ServerContext, division: str, person: Person | None = None, username: str = "sun") -> Actor:
    with context.unit() as unit:
        division_id = unit.people.ensure_division(division)
        unit.commit()
    return Actor(username, "head", None if person is None else person.person_id, division_id)


def found(context: ServerContext, filed: NewRequest) -> StoredRequest:
    with context.unit(read_only=True) as unit:
        one = unit.requests.by_id(filed.request_id)
    assert one is not None
    return one


# Who decides, by length


@pytest.mark.parametrize(
    ("end", "last", "role"),
    [
        ("12:00", MONDAY, "head"),
        ("17:00", MONDAY, "head"),
        ("17:30", MONDAY, "vice_president"),
        ("23:59", date(2026, 11, 24), "vice_president"),
        ("17:30", date(2026, 11, 25), "president"),
    ],
)
def test_who_decides_about_leave_depends_on_its_length_in_workdays(
    context: ServerContext, li: Person, end: str, last: date, role: str
) -> None:
    filed = file_request(context, leave(li, end=end, last=last), as_li(li), [Upload("a.pdf", PDF)])
    assert filed.needs_role == role


def test_a_weekend_between_does_not_make_leave_longer(context: ServerContext, li: Person, wang: Person) -> None:
    wish = leave(li, "13:00", "17:30", first=FRIDAY, last=MONDAY)
    assert file_request(context, wish, as_li(li)).needs_role == "vice_president"
    assert file_request(context, leave(wang, "18:00", "08:30", FRIDAY, MONDAY), HR).needs_role == "head"


def test_leave_in_parts_is_approved_as_if_it_were_one(context: ServerContext, li: Person, wang: Person) -> None:
    filed = file_request(context, leave(li, "13:30", "17:00", FRIDAY), HR)
    assert filed.needs_role == "head"
    decide(context, filed.request_id, "approved", VICE_PRESIDENT)
    # Nothing but the weekend lies between: a day and a half.
    assert file_request(context, leave(li, "08:30", "17:30"), as_li(li)).needs_role == "vice_president"
    assert file_request(context, leave(wang, "08:30", "12:00"), HR).needs_role == "head", "another's is another's"


@pytest.mark.parametrize("decision", ["refused", "withdrawn"])
def test_a_part_that_is_not_taken_does_not_count(context: ServerContext, li: Person, decision: Decision) -> None:
    filed = file_request(context, leave(li, "08:30", "17:00", FRIDAY), HR)
    decide(context, filed.request_id, decision, HR if decision == "withdrawn" else PRESIDENT, "no")
    assert file_request(context, leave(li), as_li(li)).needs_role == "head"


@pytest.mark.parametrize("actor", [VICE_PRESIDENT, PRESIDENT])
def test_a_higher_role_may_decide_too(context: ServerContext, li: Person, actor: Actor) -> None:
    filed = file_request(context, leave(li), as_li(li))
    assert decide(context, filed.request_id, "approved", actor).state == "approved"


def test_the_head_of_the_division_approves(context: ServerContext, li: Person) -> None:
    filed = file_request(context, leave(li), as_li(li))
    decide(context, filed.request_id, "approved", head_of(context, "立案庭"), " go   then ")
    step = found(context, filed).step
    assert step is not None
    assert (step.decided_by, step.decided_as, step.reason) == ("sun", "head", "go then")


def test_a_lower_role_may_not(context: ServerContext, li: Person) -> None:
    filed = file_request(context, leave(li, end="17:30"), as_li(li))
    with pytest.raises(CourtclockError, match=r"request\.not_yours"):
        decide(context, filed.request_id, "approved", head_of(context, "立案庭"))
    with pytest.raises(CourtclockError, match=r"request\.not_yours"):
        decide(context, filed.request_id, "approved", HR)


def test_the_head_of_another_division_does_not_even_see_it(context: ServerContext, li: Person) -> None:
    filed = file_request(context, leave(li), as_li(li))
    with pytest.raises(CourtclockError, match=r"request\.unknown"):
        decide(context, filed.request_id, "approved", head_of(context, "刑庭"))


def test_nobody_decides_about_a_request_of_their_own(context: ServerContext, li: Person) -> None:
    head = head_of(context, "立案庭", li)
    filed = file_request(context, leave(li), head)
    with pytest.raises(CourtclockError, match=r"request\.own"):
        decide(context, filed.request_id, "approved", head)
    with pytest.raises(CourtclockError, match=r"request\.own"):
        decide(context, filed.request_id, "approved", Actor("li", "hr", li.person_id), "on paper", on_paper=True)


def test_waivers_are_decided_by_hr_alone(context: ServerContext, li: Person) -> None:
    filed = file_request(context, waiver(li), as_li(li))
    with pytest.raises(CourtclockError, match=r"request\.not_yours"):
        decide(context, filed.request_id, "approved", PRESIDENT)
    assert decide(context, filed.request_id, "approved", HR).in_force


@pytest.mark.parametrize(("last", "role"), [(date(2026, 11, 24), "vice_president"), (date(2026, 11, 26), "president")])
def test_hr_records_a_decision_from_paper_and_it_says_so(
    context: ServerContext, li: Person, last: date, role: str
) -> None:
    filed = file_request(context, leave(li, end="17:30", last=last), as_li(li), [Upload("a.pdf", PDF)])
    with pytest.raises(CourtclockError, match=r"reason\.missing"):
        decide(context, filed.request_id, "approved", HR, on_paper=True, papers=SIGNED)
    with pytest.raises(CourtclockError, match=r"request\.needs_paper"):
        decide(context, filed.request_id, "approved", HR, "form 12", on_paper=True)
    decide(context, filed.request_id, "approved", HR, "form 12", on_paper=True, papers=SIGNED)
    with context.unit(read_only=True) as unit:
        papers = [(one.file_name, one.added_by, one.step_number) for one in unit.requests.attachments(filed.request_id)]
    assert papers == [("a.pdf", "li", None), ("批件.pdf", "zhao", 1)]
    step = found(context, filed).step
    assert step is not None
    assert step.decided_as == f"{role} paper"


def test_others_cannot_claim_that_it_was_on_paper(context: ServerContext, li: Person) -> None:
    filed = file_request(context, leave(li, end="17:30"), as_li(li))
    with pytest.raises(CourtclockError, match=r"request\.not_yours"):
        decide(context, filed.request_id, "approved", head_of(context, "立案庭"), "form 12", on_paper=True)


def test_a_refusal_needs_a_reason_and_words_that_a_database_can_hold(context: ServerContext, li: Person) -> None:
    filed = file_request(context, leave(li), as_li(li))
    with pytest.raises(CourtclockError, match=r"reason\.missing"):
        decide(context, filed.request_id, "refused", PRESIDENT, "  ")
    for words in ("a\x00b", "x" * 2001):
        with pytest.raises(CourtclockError, match=r"text\.unfit"):
            decide(context, filed.request_id, "approved", PRESIDENT, words)
    assert found(context, filed).state == "open"


def test_what_was_decided_stays_decided(context: ServerContext, li: Person) -> None:
    filed = file_request(context, leave(li), as_li(li))
    decide(context, filed.request_id, "refused", PRESIDENT, "not now")
    decisions: tuple[Decision, ...] = ("approved", "refused")
    for decision in decisions:
        with pytest.raises(CourtclockError, match=r"request\.decided"):
            decide(context, filed.request_id, decision, VICE_PRESIDENT, "no")
    with pytest.raises(CourtclockError, match=r"request\.decided"):
        decide(context, filed.request_id, "withdrawn", as_li(li))


def test_of_two_who_decide_at_once_one_is_told(context: ServerContext, li: Person) -> None:
    filed = file_request(context, leave(li), as_li(li))
    step = RequestStep(1, "approved", None, "", "qian", "vice_president", context.clock.now())
    with context.unit() as unit:
        assert unit.requests.add_step(filed.request_id, step)
        assert not unit.requests.add_step(filed.request_id, step)


def test_a_request_that_is_not_there_is_unknown(context: ServerContext) -> None:
    with pytest.raises(CourtclockError, match=r"request\.unknown"):
        decide(context, uuid.uuid4(), "approved", HR)


# Who files for whom


def test_heads_file_for_their_division_and_hr_for_everybody(context: ServerContext, li: Person, wang: Person) -> None:
    head = head_of(context, "立案庭")
    assert file_request(context, leave(li), head).filed_by == "sun"
    assert file_request(context, leave(wang), HR).filed_by == "zhao"
    with pytest.raises(CourtclockError, match=r"request\.unknown"):
        file_request(context, leave(wang), head)
    with pytest.raises(CourtclockError, match=r"request\.unknown"):
        file_request(context, leave(wang), as_li(li))


def test_who_may_see_what(context: ServerContext, li: Person, wang: Person) -> None:
    with context.unit(read_only=True) as unit:
        person = unit.people.by_id(li.person_id)
    assert person is not None
    seeing = [HR, PRESIDENT, VICE_PRESIDENT, head_of(context, "立案庭"), as_li(li)]
    blind = [head_of(context, "刑庭"), as_li(wang), Actor("x", "head"), Actor("y", "employee")]
    assert [may_see(actor, person) for actor in (*seeing, *blind)] == [True] * 5 + [False] * 4


def test_what_waits_for_whom(context: ServerContext, li: Person, wang: Person) -> None:
    for_head = file_request(context, leave(li), as_li(li))
    for_vice = file_request(context, leave(wang, end="17:30"), HR)
    for_hr = file_request(context, waiver(li), as_li(li))

    def waiting(actor: Actor) -> list[uuid.UUID]:
        with context.unit(read_only=True) as unit:
            return [one.filed.request_id for one in requests_waiting_for(unit, actor)]

    assert waiting(head_of(context, "立案庭")) == [for_head.request_id]
    assert waiting(head_of(context, "立案庭", li)) == []
    assert set(waiting(VICE_PRESIDENT)) == {for_head.request_id, for_vice.request_id}
    assert waiting(HR) == [for_hr.request_id]
    assert waiting(as_li(li)) == waiting(Actor("x", "head")) == []


def test_what_somebody_may_do_about_a_request(context: ServerContext, li: Person) -> None:
    filed = file_request(context, leave(li), as_li(li))
    with context.unit(read_only=True) as unit:
        person = unit.people.by_id(li.person_id)
    assert person is not None
    one = found(context, filed)
    assert allowed_decisions(one, person, as_li(li)) == ["withdrawn"]
    assert allowed_decisions(one, person, PRESIDENT) == ["approved", "refused"]
    assert allowed_decisions(one, person, HR) == ["withdrawn"]
    assert allowed_decisions(one, person, HR, on_paper=True) == ["approved", "refused", "withdrawn"]
    decide(context, filed.request_id, "approved", PRESIDENT)
    assert allowed_decisions(found(context, filed), person, as_li(li)) == ["withdrawn", "returned"]


# Deadlines


def test_leave_may_be_filed_until_the_end_of_its_first_day(
    context: ServerContext, li: Person, clock: FakeClock
) -> None:
    clock.go_to("26:59", FRIDAY)
    file_request(context, leave(li, first=FRIDAY), as_li(li))
    clock.go_to("28:01", FRIDAY)
    with pytest.raises(CourtclockError, match=r"request\.too_late.*2026-11-21"):
        file_request(context, leave(li, "13:00", "17:30", first=FRIDAY), as_li(li))


def test_a_correction_may_be_filed_for_three_working_days(context: ServerContext, li: Person, clock: FakeClock) -> None:
    clock.go_to("12:00", date(2026, 11, 24))
    file_request(context, correction(li, day=THURSDAY), as_li(li))
    clock.go_to("12:00", date(2026, 11, 25))
    with pytest.raises(CourtclockError, match=r"request\.too_late"):
        file_request(context, correction(li, day=THURSDAY), as_li(li))


def test_hr_files_after_the_deadline_too(context: ServerContext, li: Person, clock: FakeClock) -> None:
    clock.go_to("12:00", date(2026, 12, 20))
    assert file_request(context, correction(li, day=THURSDAY), HR).needs_role == "head"


# Quotas


def test_a_fourth_correction_in_a_month_is_refused_also_to_hr(context: ServerContext, li: Person) -> None:
    for number in range(3):
        file_request(context, correction(li, f"08:2{number}"), as_li(li))
    for actor in (as_li(li), HR):
        with pytest.raises(CourtclockError, match=r"request\.over_quota: The rules accept 3"):
            file_request(context, correction(li), actor)


def test_of_more_corrections_in_one_moment_no_more_than_the_quota_are_filed(
    context: ServerContext, database: Database, tmp_path: Path, clock: FakeClock, li: Person
) -> None:
    together = threading.Barrier(6, timeout=20)
    said: list[str] = []

    def file(minute: int) -> None:
        own = make_context(tmp_path, database, clock)
        together.wait()
        try:
            said.append(file_request(own, correction(li, f"08:2{minute}"), as_li(li)).kind)
        except CourtclockError as error:
            said.append(error.code)

    threads = [threading.Thread(target=file, args=(minute,)) for minute in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(said) == ["correction"] * 3 + ["request.over_quota"] * 3


def test_refused_and_withdrawn_ones_and_those_of_others_do_not_count(
    context: ServerContext, li: Person, wang: Person
) -> None:
    for number in range(3):
        filed = file_request(context, correction(li, f"08:2{number}"), as_li(li))
        file_request(context, correction(wang, f"08:2{number}"), HR)
        if number:
            decide(context, filed.request_id, "withdrawn", as_li(li))
        else:
            decide(context, filed.request_id, "refused", PRESIDENT, "no")
    assert file_request(context, correction(li), as_li(li)).kind == "correction"


# What cannot be asked for


@pytest.mark.parametrize(
    ("code", "wish"),
    [
        ("request.times", {"start": "12:00", "end": "08:30"}),
        ("request.times", {"start": "08:30", "end": "08:30"}),
        ("request.times", {"last": date(2027, 11, 26)}),
        ("request.kind", {"name": "holiday on the moon"}),
        ("request.kind", {"name": "meeting"}),
        ("request.needs_document", {"end": "17:30", "last": date(2026, 11, 25)}),
    ],
)
def test_leave_that_the_rules_do_not_know_is_refused(
    context: ServerContext, li: Person, code: str, wish: dict[str, Any]
) -> None:
    with pytest.raises(CourtclockError) as refused:
        file_request(context, leave(li, **wish), as_li(li))
    assert refused.value.code == code


def test_leave_without_an_end_and_a_correction_without_a_day_are_refused(context: ServerContext, li: Person) -> None:
    for wish in (
        Wish("leave", li.person_id, "a wedding", name="annual", starts_at=moment("08:30", MONDAY)),
        Wish("correction", li.person_id, "forgot it", day=FRIDAY, point=0),
        Wish("waiver", li.person_id, "the flood"),
    ):
        with pytest.raises(CourtclockError, match=r"request\.times"):
            file_request(context, wish, as_li(li))


@pytest.mark.parametrize(
    ("code", "day", "point", "at"),
    [
        ("request.point", FRIDAY, 2, "08:21"),
        ("request.point", FRIDAY, -1, "08:21"),
        ("request.point", FRIDAY, None, "08:21"),
        ("request.point", date(2026, 11, 15), 0, "08:21"),
        ("request.point", THURSDAY, 0, "32:00"),
        ("request.in_future", MONDAY, 0, "08:21"),
        ("request.in_future", FRIDAY, 1, "17:35"),
    ],
)
def test_a_correction_that_no_clock_could_have_made_is_refused(
    context: ServerContext, li: Person, code: str, day: date, point: int | None, at: str
) -> None:
    with pytest.raises(CourtclockError) as refused:
        file_request(context, correction(li, at, day, point), HR)
    assert refused.value.code == code


def test_a_request_needs_a_reason(context: ServerContext, li: Person) -> None:
    for reason, code in (("", "reason.missing"), (" \n ", "reason.missing"), ("a\x00b", "text.unfit")):
        with pytest.raises(CourtclockError) as refused:
            file_request(context, Wish("waiver", li.person_id, reason, day=FRIDAY), as_li(li))
        assert refused.value.code == code


def test_a_form_that_is_sent_twice_files_one_request(context: ServerContext, li: Person) -> None:
    form_id = uuid.uuid4()
    first = file_request(context, leave(li), as_li(li), [Upload("a.pdf", PDF)], request_id=form_id)
    second = file_request(context, leave(li), as_li(li), [Upload("a.pdf", PDF)], request_id=form_id)
    assert first == second
    with context.unit(read_only=True) as unit:
        assert len(unit.requests.of_people([li.person_id])) == len(unit.requests.attachments(form_id)) == 1


def test_the_form_of_somebody_else_is_nobodys(context: ServerContext, li: Person, wang: Person) -> None:
    form_id = uuid.uuid4()
    file_request(context, leave(li), as_li(li), request_id=form_id)
    with pytest.raises(CourtclockError, match=r"request\.unknown"):
        file_request(context, leave(wang), HR, request_id=form_id)
