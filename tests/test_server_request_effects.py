"""Requests: their documents, what an approved one does to the facts, and being back early."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

import pytest

from models.errors import CourtclockError
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.request_decisions import decide
from server.services.request_documents import MAX_ATTACHMENT_BYTES, Upload, open_attachment
from server.services.request_filing import file_request
from server.services.touching import touch_everybody
from server.storage.requests import NewRequest, StoredRequest
from tests.attendance_days import FRIDAY, SATURDAY, moment
from tests.papers import SIGNED
from tests.requests_cast import HR, MONDAY, THURSDAY, VICE_PRESIDENT, as_li, correction, leave, waiver
from tests.server_cast import FakeClock, Person, employ

PDF = b"%PDF-1.7 a certificate"


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, "0104", "李明", "立案庭")


@pytest.fixture
def wang(context: ServerContext) -> Person:
    return employ(context, "0205", "王芳", "刑庭")


def touched(context: ServerContext) -> set[date]:
    with context.unit(read_only=True) as unit:
        return {one.day for one in unit.workdays.touched(1000)}


def status_of(context: ServerContext, person: Person, day: date) -> str:
    derive_touched(context)
    with context.unit(read_only=True) as unit:
        record = unit.workdays.one(person.person_id, day)
    assert record is not None
    return record.status


# Corrections


def test_an_approved_correction_mends_the_one_approved_before_it(
    context: ServerContext, li: Person, clock: FakeClock
) -> None:
    # The first one has the higher identifier, which says nothing.
    ids = [uuid.UUID("ffffffff-0000-4000-8000-000000000000"), uuid.UUID("00000000-0000-4000-8000-000000000000")]
    for at, request_id in zip(("08:50", "08:10"), ids, strict=True):
        file_request(context, correction(li, at), as_li(li), request_id=request_id)
        clock.advance(timedelta(minutes=1))
        decide(context, request_id, "approved", HR, "on paper", on_paper=True, papers=SIGNED)
    clock.advance(timedelta(days=2))
    assert status_of(context, li, FRIDAY) == "missing_clock"  # in the evening; in the morning nobody was late


def test_a_correction_is_kept_with_the_shift_that_it_was_filed_for(context: ServerContext, li: Person) -> None:
    assert file_request(context, correction(li), as_li(li)).name == "court_day"


# Documents


@pytest.mark.parametrize(
    "upload",
    [
        Upload("a.pdf", b""),
        Upload("a.pdf", b"PK\x03\x04 a zip"),
        Upload("page.pdf", b"<html>"),
        Upload("", PDF),
        Upload("folder/", PDF),
        Upload("a\nb.pdf", PDF),
        Upload("large.pdf", PDF + bytes(MAX_ATTACHMENT_BYTES)),
    ],
)
def test_only_small_pictures_and_pdfs_with_a_name_are_taken(context: ServerContext, li: Person, upload: Upload) -> None:
    with pytest.raises(CourtclockError, match=r"request\.attachment"):
        file_request(context, leave(li), as_li(li), [upload])


def test_a_document_is_sealed_in_the_database_and_opens_unchanged(context: ServerContext, li: Person) -> None:
    uploads = [Upload("C:\\scans\\二.png", b"\x89PNG\r\n\x1a\n picture"), Upload("一.jpg", b"\xff\xd8\xff photo")]
    filed = file_request(context, leave(li), as_li(li), uploads)
    with context.unit(read_only=True) as unit:
        documents = unit.requests.attachments(filed.request_id)
        assert [(one.file_name, one.media_type) for one in documents] == [
            ("一.jpg", "image/jpeg"),
            ("二.png", "image/png"),
        ]
        for document, upload in zip(documents, uploads[::-1], strict=True):
            sealed = unit.requests.sealed_content(document.attachment_id)
            assert sealed is not None
            assert upload.content not in sealed
            assert open_attachment(context, unit, document.attachment_id) == upload.content
        assert open_attachment(context, unit, uuid.uuid4()) is None


# What an approved request does


def test_an_approved_waiver_excuses_the_day_and_withdrawing_it_does_not_any_more(
    context: ServerContext, li: Person, clock: FakeClock
) -> None:
    clock.go_to("23:59")
    touch_everybody(context, FRIDAY)
    assert status_of(context, li, FRIDAY) == "absent"
    filed = file_request(context, waiver(li), as_li(li))
    assert touched(context) == set()
    decide(context, filed.request_id, "approved", HR)
    assert touched(context) == {FRIDAY}
    assert status_of(context, li, FRIDAY) == "excused"
    decide(context, filed.request_id, "withdrawn", as_li(li))
    assert status_of(context, li, FRIDAY) == "absent"


def test_a_refused_one_and_one_withdrawn_before_it_was_decided_touch_nothing(
    context: ServerContext, li: Person
) -> None:
    refused = file_request(context, waiver(li), as_li(li))
    decide(context, refused.request_id, "refused", HR, "no")
    withdrawn = file_request(context, waiver(li), as_li(li))
    decide(context, withdrawn.request_id, "withdrawn", as_li(li))
    assert touched(context) == set()


def test_leave_touches_the_workdays_up_to_today_that_it_reaches(context: ServerContext, li: Person) -> None:
    filed = file_request(context, leave(li, "08:30", "12:00", THURSDAY, MONDAY), HR)
    decide(context, filed.request_id, "approved", VICE_PRESIDENT)
    assert touched(context) == {THURSDAY, FRIDAY}


# Back early


def approved_leave(context: ServerContext, person: Person) -> NewRequest:
    """The whole of Thursday and Friday."""
    filed = file_request(context, leave(person, "08:30", "17:30", THURSDAY, FRIDAY), HR)
    decide(context, filed.request_id, "approved", VICE_PRESIDENT)
    return filed


def back(context: ServerContext, filed: NewRequest, actor: Actor, at: datetime | None) -> StoredRequest:
    return decide(context, filed.request_id, "returned", actor, ends_at=at)


def test_who_is_back_early_is_expected_again_from_then_on(context: ServerContext, li: Person, clock: FakeClock) -> None:
    filed = approved_leave(context, li)
    clock.go_to("23:59")
    assert (status_of(context, li, THURSDAY), status_of(context, li, FRIDAY)) == ("on_leave", "on_leave")
    assert back(context, filed, as_li(li), moment("00:00")).ends_at == moment("00:00")
    assert (status_of(context, li, THURSDAY), status_of(context, li, FRIDAY)) == ("on_leave", "absent")


def test_leave_can_be_shortened_again_but_never_made_longer(context: ServerContext, li: Person) -> None:
    filed = approved_leave(context, li)
    back(context, filed, as_li(li), moment("12:00"))
    assert back(context, filed, HR, moment("08:30")).in_force
    for at in (moment("08:30"), moment("17:30"), moment("08:29", THURSDAY), None):
        with pytest.raises(CourtclockError, match=r"request\.times"):
            back(context, filed, as_li(li), at)


def test_who_never_left_was_never_away(context: ServerContext, li: Person, clock: FakeClock) -> None:
    filed = approved_leave(context, li)
    back(context, filed, as_li(li), filed.starts_at)
    clock.go_to("23:59")
    touch_everybody(context, THURSDAY)
    assert status_of(context, li, THURSDAY) == "absent"


def test_others_cannot_report_somebody_back_and_leave_that_is_not_approved_has_no_early_end(
    context: ServerContext, li: Person, wang: Person
) -> None:
    filed = approved_leave(context, li)
    with pytest.raises(CourtclockError, match=r"request\.not_yours"):
        back(context, filed, VICE_PRESIDENT, moment("12:00"))
    with pytest.raises(CourtclockError, match=r"request\.unknown"):
        back(context, filed, as_li(wang), moment("12:00"))
    waiting = file_request(context, leave(li), as_li(li))
    with pytest.raises(CourtclockError, match=r"request\.decided"):
        back(context, waiting, as_li(li), moment("09:00", MONDAY))


def test_a_waiver_has_no_early_end(context: ServerContext, li: Person) -> None:
    filed = file_request(context, waiver(li), as_li(li))
    decide(context, filed.request_id, "approved", HR)
    with pytest.raises(CourtclockError, match=r"request\.times"):
        back(context, filed, as_li(li), moment("12:00"))


def test_the_history_keeps_every_step(context: ServerContext, li: Person, clock: FakeClock) -> None:
    filed = approved_leave(context, li)
    clock.advance(timedelta(minutes=1))
    back(context, filed, as_li(li), moment("12:00"))
    with context.unit(read_only=True) as unit:
        steps = unit.requests.steps(filed.request_id)
    assert [(one.number, one.decision, one.decided_by) for one in steps] == [
        (1, "approved", "qian"),
        (2, "returned", "li"),
    ]
    assert SATURDAY not in touched(context)
