"""Leave in parts is one in length: by kind, by half an hour of work, by successive days. And nobody takes it twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from models.errors import CourtclockError
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.expectation_changes import put_rules
from server.services.request_decisions import decide
from server.services.request_documents import Upload
from server.services.request_filing import Wish, file_request
from server.storage.requests import NewRequest
from tests.attendance_days import FRIDAY, moment
from tests.papers import PDF, preset
from tests.server_cast import FakeClock, Person, employ

MONDAY = date(2026, 11, 23)
WEEK = [MONDAY + timedelta(days=number) for number in range(5)]
HR = Actor("zhao", "hr")
PRESIDENT = Actor("zhou", "president")
PAPER = [Upload("a.pdf", PDF)]


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, "0104", "李明", "立案庭")


def ask(
    context: ServerContext,
    person: Person,
    day: date,
    start: str = "08:30",
    end: str = "17:30",
    *,
    name: str = "annual",
    kind: str = "leave",
    last: date | None = None,
    documents: list[Upload] = PAPER,
) -> NewRequest:
    wish = Wish(
        "leave" if kind == "leave" else "duty",
        person.person_id,
        "a wedding",
        name=name,
        starts_at=moment(start, day),
        ends_at=moment(end, last or day),
    )
    return file_request(context, wish, Actor("li", "employee", person.person_id), documents)


def test_a_week_in_five_days_that_each_leave_half_an_hour_of_work_goes_up_as_a_week_does(
    context: ServerContext, li: Person
) -> None:
    filed = [ask(context, li, day, end="17:00") for day in WEEK]
    assert [one.needs_role for one in filed] == ["head", "vice_president", "vice_president", "president", "president"]
    assert [one.days for one in filed] == [0.94] * 5
    assert [one.days_together for one in filed] == [0.94, 1.89, 2.83, 3.78, 4.72]


def test_a_week_under_five_kinds_of_leave_goes_up_as_a_week_does(context: ServerContext, li: Person) -> None:
    kinds = ("annual", "sick", "personal", "marriage", "compensatory")
    filed = [ask(context, li, day, name=name) for day, name in zip(WEEK, kinds, strict=True)]
    assert [one.needs_role for one in filed] == ["vice_president", "vice_president", *["president"] * 3]
    assert filed[2].joined == (filed[0].request_id, filed[1].request_id)


def test_the_part_that_makes_it_long_needs_the_document_of_a_long_one(context: ServerContext, li: Person) -> None:
    for day in WEEK[:2]:
        ask(context, li, day, documents=[])
    with pytest.raises(CourtclockError, match=r"request\.needs_document"):
        ask(context, li, WEEK[2], name="personal", documents=[])


def test_what_is_asked_for_already_counts_wherever_the_new_part_lies(context: ServerContext, li: Person) -> None:
    ask(context, li, WEEK[3], last=WEEK[4])
    ask(context, li, FRIDAY, "13:00")
    assert ask(context, li, MONDAY, last=WEEK[2]).days_together == 5.5


def test_leave_and_duty_are_not_joined_and_a_workday_between_parts_them(context: ServerContext, li: Person) -> None:
    ask(context, li, MONDAY)
    duty = ask(context, li, WEEK[1], name="meeting", kind="duty")
    assert (duty.days_together, duty.joined, duty.needs_role) == (1.0, (), "head")
    assert ask(context, li, WEEK[2]).days_together == 1.0


def test_all_of_duty_is_joined_too(context: ServerContext, li: Person) -> None:
    for day, name in zip(WEEK[:2], ("meeting", "travel"), strict=True):
        ask(context, li, day, name=name, kind="duty")
    assert ask(context, li, WEEK[2], name="training", kind="duty").needs_role == "vice_president"


# The same time twice


@pytest.mark.parametrize(
    ("kind", "name", "start", "end"),
    [
        ("leave", "annual", "08:30", "12:00"),
        ("leave", "sick", "08:30", "12:00"),
        ("duty", "meeting", "08:30", "12:00"),
        ("leave", "annual", "00:00", "24:00"),
        ("leave", "annual", "11:59", "17:30"),
        ("leave", "annual", "09:00", "09:01"),
    ],
)
def test_nobody_is_away_twice_at_one_time(
    context: ServerContext, li: Person, kind: str, name: str, start: str, end: str
) -> None:
    ask(context, li, MONDAY, end="12:00")
    with pytest.raises(CourtclockError) as refused:
        ask(context, li, MONDAY, start, end, kind=kind, name=name)
    assert refused.value.code == "request.overlaps"
    told = "annual leave, 2026-11-23 08:30 to 2026-11-23 12:00, filed by li"
    assert told in refused.value.sentence("en")
    assert "年休假" in refused.value.sentence("zh")


def test_times_that_only_touch_are_two(context: ServerContext, li: Person) -> None:
    ask(context, li, MONDAY, end="12:00")
    assert ask(context, li, MONDAY, "12:00").days_together == 1.0


def test_hr_cannot_file_it_twice_either_and_another_person_can(context: ServerContext, li: Person) -> None:
    ask(context, li, MONDAY)
    wang = employ(context, "0205", "王芳", "刑庭")
    times = {"name": "annual", "starts_at": moment("08:30", MONDAY), "ends_at": moment("17:30", MONDAY)}
    with pytest.raises(CourtclockError, match=r"request\.overlaps"):
        file_request(context, Wish("leave", li.person_id, "again", **times), HR)  # type: ignore[arg-type]
    assert file_request(context, Wish("leave", wang.person_id, "too", **times), HR)  # type: ignore[arg-type]


def test_what_was_refused_withdrawn_or_ended_early_is_free_again(context: ServerContext, li: Person) -> None:
    decide(context, ask(context, li, MONDAY).request_id, "refused", PRESIDENT, "no")
    first = ask(context, li, MONDAY)
    decide(context, first.request_id, "withdrawn", Actor("li", "employee", li.person_id))
    second = ask(context, li, MONDAY)
    decide(context, second.request_id, "approved", PRESIDENT)
    decide(context, second.request_id, "returned", HR, ends_at=moment("12:00", MONDAY))
    assert ask(context, li, MONDAY, "12:00").days_together == 1.0


# Leave begins with the work that it takes


def test_a_whole_day_may_be_asked_for_until_its_work_begins(
    context: ServerContext, li: Person, clock: FakeClock
) -> None:
    put_rules(context, preset("court_four_windows"), date(2026, 11, 1), "the meeting", "zhao")
    clock.go_to("08:04", MONDAY)
    assert ask(context, li, MONDAY, "00:00", "24:00").days == 1.0
    clock.go_to("08:05", WEEK[1])
    with pytest.raises(CourtclockError, match=r"request\.too_late.*2026-11-24 08:05"):
        ask(context, li, WEEK[1], "00:00", "24:00")
    assert ask(context, li, WEEK[1], "00:00", "24:00", name="sick").needs_role == "vice_president"
