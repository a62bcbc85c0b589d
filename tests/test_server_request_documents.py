"""Documents of requests: their names cannot do harm, who opens them, and adding to them."""

from __future__ import annotations

from datetime import date

import pytest

from models.errors import CourtclockError
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.request_decisions import decide, may_open_documents
from server.services.request_documents import MAX_DOCUMENTS, Upload, add_documents
from server.services.request_filing import Wish, file_request
from server.storage.requests import NewRequest
from tests.attendance_days import moment
from tests.papers import PDF, SIGNED
from tests.server_cast import FakeClock, Person, employ

MONDAY = date(2026, 11, 23)
HR = Actor("zhao", "hr")
VICE_PRESIDENT = Actor("qian", "vice_president")
OTHER_VICE_PRESIDENT = Actor("feng", "vice_president")
PRESIDENT = Actor("zhou", "president")
JPEG, PNG = b"\xff\xd8\xff photo", b"\x89PNG\r\n\x1a\n picture"


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, "0104", "李明", "立案庭")


def as_li(person: Person) -> Actor:
    return Actor("li", "employee", person.person_id)


def head_of(context: ServerContext, division: str) -> Actor:
    with context.unit() as unit:
        division_id = unit.people.ensure_division(division)
        unit.commit()
    return Actor("sun", "head", None, division_id)


def sick_leave(context: ServerContext, person: Person, *uploads: Upload, last: date = MONDAY) -> NewRequest:
    wish = Wish(
        "leave",
        person.person_id,
        "an operation",
        name="sick",
        starts_at=moment("08:30", MONDAY),
        ends_at=moment("12:00", last),
    )
    return file_request(context, wish, as_li(person), uploads)


def names(context: ServerContext, filed: NewRequest) -> list[str]:
    with context.unit(read_only=True) as unit:
        return [one.file_name for one in unit.requests.attachments(filed.request_id)]


# Names


@pytest.mark.parametrize(
    ("handed_in", "content", "kept"),
    [
        ("诊断证明.pdf", PDF, "诊断证明.pdf"),
        ("诊断证明.PDF", PDF, "诊断证明.pdf"),
        ("诊断证明.bat", PDF, "诊断证明.pdf"),
        ("诊断证明", PDF, "诊断证明.pdf"),
        ("2026.11.20 诊断", PDF, "2026.11.20 诊断.pdf"),
        ("photo.jpeg", JPEG, "photo.jpeg"),
        ("photo.png", JPEG, "photo.jpg"),
        ("scan.pdf.exe", PNG, "scan.pdf.png"),
        ("C:\\scans\\二.png", PNG, "二.png"),
        ("../../etc/passwd.pdf", PDF, "passwd.pdf"),
        ('a<b>:"|?*.pdf', PDF, "ab.pdf"),
        ("a\u202efdp.exe", PDF, "afdp.pdf"),
        (" .hidden.pdf. ", PDF, "hidden.pdf"),
        ("x" * 300 + ".pdf", PDF, "x" * 190 + ".pdf"),
    ],
)
def test_a_document_is_called_by_what_it_is(
    context: ServerContext, li: Person, handed_in: str, content: bytes, kept: str
) -> None:
    assert names(context, sick_leave(context, li, Upload(handed_in, content))) == [kept]


@pytest.mark.parametrize("handed_in", ["..", ".", "folder/..", "???", " "])
def test_a_name_of_which_nothing_is_left_is_refused(context: ServerContext, li: Person, handed_in: str) -> None:
    with pytest.raises(CourtclockError, match=r"request\.attachment"):
        sick_leave(context, li, Upload(handed_in, PDF))


# Who opens them


def openers(context: ServerContext, filed: NewRequest, person: Person, *actors: Actor) -> list[str]:
    with context.unit(read_only=True) as unit:
        found, record = unit.requests.by_id(filed.request_id), unit.people.by_id(person.person_id)
        assert found is not None
        assert record is not None
        steps = unit.requests.steps(filed.request_id)
        return [one.username for one in actors if may_open_documents(found, steps, record, one)]


def test_a_paper_is_open_to_those_concerned_and_to_those_who_may_decide(context: ServerContext, li: Person) -> None:
    everybody = (as_li(li), head_of(context, "立案庭"), VICE_PRESIDENT, PRESIDENT, HR)
    short = sick_leave(context, li, *SIGNED)
    assert openers(context, short, li, *everybody) == ["li", "sun", "qian", "zhou", "zhao"]
    decide(context, short.request_id, "withdrawn", as_li(li))
    long = sick_leave(context, li, *SIGNED, last=date(2026, 11, 27))
    assert openers(context, long, li, *everybody) == ["li", "zhou", "zhao"]


def test_when_it_is_decided_it_stays_open_to_who_decided_and_to_no_other_approver(
    context: ServerContext, li: Person
) -> None:
    filed = sick_leave(context, li, *SIGNED)
    decide(context, filed.request_id, "approved", VICE_PRESIDENT)
    approvers = (head_of(context, "立案庭"), VICE_PRESIDENT, OTHER_VICE_PRESIDENT, PRESIDENT)
    assert openers(context, filed, li, *approvers) == ["qian"]


# Adding to them


def test_who_filed_and_hr_add_documents_and_nothing_is_replaced(
    context: ServerContext, li: Person, clock: FakeClock
) -> None:
    filed = sick_leave(context, li, Upload("one.pdf", PDF))
    clock.go_to("13:00")
    add_documents(context, filed.request_id, [Upload("one.pdf", PDF + b" other")], as_li(li))
    decide(context, filed.request_id, "approved", PRESIDENT)
    clock.go_to("14:00")
    add_documents(context, filed.request_id, [Upload("three.png", PNG)], HR)
    with context.unit(read_only=True) as unit:
        found = [(one.file_name, one.added_by, one.added_at) for one in unit.requests.attachments(filed.request_id)]
    assert found == [
        ("one.pdf", "li", moment("12:00")),
        ("one.pdf", "li", moment("13:00")),
        ("three.png", "zhao", moment("14:00")),
    ]


def test_the_same_document_sent_twice_is_there_once(context: ServerContext, li: Person) -> None:
    filed = sick_leave(context, li, *SIGNED)
    add_documents(context, filed.request_id, SIGNED, as_li(li))
    assert len(names(context, filed)) == 1


def test_others_add_nothing(context: ServerContext, li: Person) -> None:
    filed = sick_leave(context, li)
    for actor in (PRESIDENT, head_of(context, "立案庭")):
        with pytest.raises(CourtclockError, match=r"request\.not_yours"):
            add_documents(context, filed.request_id, SIGNED, actor)
    with pytest.raises(CourtclockError, match=r"request\.unknown"):
        add_documents(context, filed.request_id, SIGNED, head_of(context, "刑庭"))


def test_to_what_came_to_nothing_no_document_is_added(context: ServerContext, li: Person) -> None:
    filed = sick_leave(context, li)
    decide(context, filed.request_id, "refused", PRESIDENT, "no")
    with pytest.raises(CourtclockError, match=r"request\.closed"):
        add_documents(context, filed.request_id, SIGNED, as_li(li))


def test_a_request_holds_so_many_documents(context: ServerContext, li: Person) -> None:
    filed = sick_leave(context, li)
    many = [Upload(f"{number}.pdf", PDF + bytes([number])) for number in range(MAX_DOCUMENTS)]
    add_documents(context, filed.request_id, many, HR)
    with pytest.raises(CourtclockError, match=r"request\.many_documents"):
        add_documents(context, filed.request_id, [Upload("more.pdf", PDF)], HR)
