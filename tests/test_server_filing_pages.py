"""The form for a request: what is typed is kept, told and filed once; documents go to those who may see them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from server.services.context import ServerContext
from tests.attendance_days import FRIDAY, moment
from tests.databases import DatabaseKind
from tests.pages_cast import as_user, form_on, give_own_account, post, send, somebody, words_of
from tests.persons_cast import looks
from tests.requests_cast import LEAVE_FORM, MONDAY
from tests.server_cast import Person, make_app

pytestmark = pytest.mark.usefixtures("quick_hashes")
PDF = b"%PDF-1.7 a certificate"
NEW_LEAVE = "/requests/new?kind=leave"


@pytest.fixture
def database_kind() -> DatabaseKind:
    """What pages show does not depend on the database; the services are tested on both elsewhere."""
    return "sqlite"


@pytest.fixture
def app(context: ServerContext) -> Flask:
    return make_app(context)


@pytest.fixture
def li(context: ServerContext) -> Person:
    """An employee of the filing division, with an account of his own."""
    return somebody(context, "0104", "李明", "立案庭", username="li", role="employee")


@pytest.fixture
def sun(context: ServerContext) -> Person:
    """The head of the filing division."""
    return somebody(context, "0101", "孙丽", "立案庭", username="sun", role="head")


@pytest.fixture
def wang(context: ServerContext) -> Person:
    """The head of another division."""
    return somebody(context, "0205", "王芳", "刑庭", username="wang", role="head")


@pytest.fixture
def zhao(context: ServerContext) -> Person:
    """HR, who is also somebody at the court."""
    return somebody(context, "0009", "赵敏", "人事处", username="zhao", role="hr")


def stored(context: ServerContext) -> list[Any]:
    with context.unit(read_only=True) as unit:
        return unit.requests.of_people()


# Filing


def test_an_employee_files_leave_in_the_times_of_the_court(app: Flask, context: ServerContext, li: Person) -> None:
    client = as_user(app, context, "li")
    answer = send(client, NEW_LEAVE, **LEAVE_FORM)
    assert answer.status_code == 303, words_of(answer)
    one = stored(context)[0]
    assert (one.filed.kind, one.filed.name, one.filed.person_id) == ("leave", "annual", li.person_id)
    assert (one.filed.starts_at, one.filed.ends_at) == (moment("08:00", MONDAY), moment("12:00", MONDAY))
    page = client.get(answer.location)
    assert "The request is filed. It waits for a decision." in words_of(page)
    assert "2026-11-23 08:00 to 2026-11-23 12:00" in words_of(page)


def test_the_same_form_sent_twice_files_one_request(app: Flask, context: ServerContext, li: Person) -> None:
    client = as_user(app, context, "li")
    page = client.get(NEW_LEAVE)
    form = {**form_on(page), **LEAVE_FORM}
    first, second = post(client, NEW_LEAVE, form), post(client, NEW_LEAVE, form)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert len(stored(context)) == 1


def test_a_refusal_is_told_on_the_form_and_nothing_typed_is_lost(
    app: Flask, context: ServerContext, li: Person
) -> None:
    client = as_user(app, context, "li")
    answer = send(client, NEW_LEAVE, **{**LEAVE_FORM, "until_time": "07:00"})
    assert answer.status_code == 400
    assert "It must end after it begins" in words_of(answer)
    assert 'value="07:00"' in answer.text
    assert "a wedding in Jilin" in answer.text
    assert stored(context) == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"reason": ""}, "This is needed."),
        ({"reason": " "}, "A reason is needed."),
        ({"first_day": "tomorrow"}, "This is not a date like 2026-11-20."),
        ({"first_day": "0001-01-01"}, "This is not a date like 2026-11-20."),
        ({"last_day": "9999-12-31"}, "This is not a date like 2026-11-20."),
        ({"from_time": "at eight"}, "This is not a time like 08:30."),
        ({"from_time": "08:00+01:00"}, "This is not a time like 08:30."),
        ({"until_time": ""}, "This is needed."),
        ({"part": "a bit"}, "This is not among the choices."),
        ({"name": "holiday on the moon"}, "This is not among the choices."),
        ({"reason": "x" * 2001}, "This is too long."),
    ],
)
def test_what_cannot_be_read_is_told_beside_the_field(
    app: Flask, context: ServerContext, li: Person, typed: dict[str, str], sentence: str
) -> None:
    answer = send(as_user(app, context, "li"), NEW_LEAVE, **{**LEAVE_FORM, **typed})
    assert answer.status_code == 400
    assert sentence in words_of(answer)


def test_nobody_files_for_somebody_of_another_division(
    app: Flask, context: ServerContext, li: Person, sun: Person, wang: Person
) -> None:
    answer = send(as_user(app, context, "wang"), NEW_LEAVE, **{**LEAVE_FORM, "employee_no": "0104"})
    assert answer.status_code == 400
    assert "There is nobody with this number whom you may file for." in words_of(answer)


def test_an_employee_who_sends_the_number_of_another_files_for_nobody_but_themselves(
    app: Flask, context: ServerContext, li: Person, sun: Person
) -> None:
    send(as_user(app, context, "li"), NEW_LEAVE, **{**LEAVE_FORM, "employee_no": "0101"})
    assert [one.filed.person_id for one in stored(context)] == [li.person_id]


def test_a_head_files_for_somebody_of_the_own_division(
    app: Flask, context: ServerContext, li: Person, sun: Person
) -> None:
    answer = send(as_user(app, context, "sun"), NEW_LEAVE, **{**LEAVE_FORM, "employee_no": "0104"})
    assert answer.status_code == 303
    assert [(one.filed.person_id, one.filed.filed_by) for one in stored(context)] == [(li.person_id, "sun")]


def test_a_correction_names_a_clock_point_of_that_day(app: Flask, context: ServerContext, li: Person) -> None:
    path = "/requests/new?kind=correction"
    answer = send(
        as_user(app, context, "li"),
        path,
        day="2026-11-20",
        point="0",
        moment="2026-11-20T08:21",
        reason="forgot it",
    )
    assert answer.status_code == 303, words_of(answer)
    filed = stored(context)[0].filed
    assert (filed.kind, filed.day, filed.point, filed.starts_at) == ("correction", FRIDAY, 0, moment("08:21"))


def test_another_day_shows_its_clock_points_and_keeps_what_was_typed(
    app: Flask, context: ServerContext, li: Person
) -> None:
    answer = send(
        as_user(app, context, "li"),
        "/requests/new?kind=correction",
        day="2026-11-21",
        point="0",
        moment="2026-11-20T08:21",
        reason="forgot it",
        look="1",
    )
    assert answer.status_code == 200
    assert "forgot it" in answer.text
    assert 'value="2026-11-21"' in answer.text
    assert "<option" not in answer.text.split("points_of")[1].split("</select>")[0]
    assert stored(context) == []


def test_clock_points_of_another_day_than_was_shown_are_chosen_again(
    app: Flask, context: ServerContext, li: Person
) -> None:
    answer = send(
        as_user(app, context, "li"),
        "/requests/new?kind=correction",
        day="2026-11-19",
        point="0",
        moment="2026-11-19T08:21",
        reason="forgot it",
    )
    assert answer.status_code == 400
    assert "These are the clock points of that day. Choose again." in words_of(answer)


def test_a_waiver_may_be_for_the_whole_day(app: Flask, context: ServerContext, li: Person) -> None:
    answer = send(
        as_user(app, context, "li"), "/requests/new?kind=waiver", day="2026-11-20", point="whole", reason="the flood"
    )
    assert answer.status_code == 303, words_of(answer)
    assert [(one.filed.kind, one.filed.point) for one in stored(context)] == [("waiver", None)]


def test_a_correction_without_a_moment_and_a_day_without_work_are_told(
    app: Flask, context: ServerContext, li: Person
) -> None:
    client = as_user(app, context, "li")
    answer = send(client, "/requests/new?kind=correction", day="2026-11-20", point="0", reason="forgot it")
    assert "Say when it really was." in words_of(answer)
    answer = send(client, "/requests/new?kind=waiver", day="2026-11-21", point="whole", reason="forgot it")
    assert "No work is expected on that day: there is no clock point." in words_of(answer)


def test_somebody_whose_account_belongs_to_nobody_is_told(app: Flask, context: ServerContext) -> None:
    give_own_account(context, None, "guest", "employee")
    assert "there is nobody whom you may file for" in words_of(as_user(app, context, "guest").get(NEW_LEAVE))


# Documents


def with_document(app: Flask, context: ServerContext, content: bytes = PDF, name: str = "证明.pdf") -> TestResponse:
    return send(as_user(app, context, "li"), NEW_LEAVE, **LEAVE_FORM, documents=(content, name))


def test_a_document_is_handed_to_those_who_may_see_it_as_a_file_and_never_shown(
    app: Flask, context: ServerContext, li: Person, sun: Person
) -> None:
    page = with_document(app, context).location
    for username in ("li", "sun"):
        answer = as_user(app, context, username).get(f"{page}/attachment/1")
        assert (answer.status_code, answer.data, answer.mimetype) == (200, PDF, "application/pdf")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["Cache-Control"] == "no-store"


def test_who_took_a_document_away_is_written_down(
    app: Flask, context: ServerContext, li: Person, sun: Person, wang: Person
) -> None:
    page = with_document(app, context).location
    assert as_user(app, context, "wang").get(f"{page}/attachment/1").status_code == 404
    as_user(app, context, "sun").get(f"{page}/attachment/1")
    (entry,) = looks(context)
    assert (entry.username, entry.what, entry.form) == ("sun", "attachment", "file")
    assert entry.scope == f"0104 {page.rpartition('/')[2]}"


def test_a_document_is_hidden_from_other_divisions_and_from_strangers(
    app: Flask, context: ServerContext, li: Person, wang: Person
) -> None:
    page = with_document(app, context).location
    assert as_user(app, context, "wang").get(f"{page}/attachment/1").status_code == 404
    answer = app.test_client().get(f"{page}/attachment/1")
    assert (answer.status_code, answer.location.split("?")[0]) == (302, "/sign-in")


@pytest.mark.parametrize("number", ["0", "2", "99"])
def test_a_document_that_is_not_there_is_not_found(app: Flask, context: ServerContext, li: Person, number: str) -> None:
    page = with_document(app, context).location
    assert as_user(app, context, "li").get(f"{page}/attachment/{number}").status_code == 404


def test_a_document_nearly_as_large_as_is_allowed_goes_through(app: Flask, context: ServerContext, li: Person) -> None:
    answer = with_document(app, context, PDF + bytes(4_900_000))
    assert answer.status_code == 303, words_of(answer)


@pytest.mark.parametrize("content", [PDF + bytes(5_000_000), b"<html><script>alert(1)</script>"])
def test_a_document_too_large_or_of_another_kind_is_refused_on_the_form(
    app: Flask, context: ServerContext, li: Person, content: bytes
) -> None:
    answer = with_document(app, context, content)
    assert answer.status_code == 400
    assert "An attachment must be a PDF or a picture" in words_of(answer)
    assert "please choose the attachments again" in words_of(answer)
    assert "a wedding in Jilin" in answer.text
    assert stored(context) == []


def test_more_than_three_documents_are_refused(app: Flask, context: ServerContext, li: Person) -> None:
    many = [(PDF, f"{number}.pdf") for number in range(4)]
    answer = send(as_user(app, context, "li"), NEW_LEAVE, **LEAVE_FORM, documents=many)
    assert "Hand in three attachments at most." in words_of(answer)


def test_what_is_larger_than_three_documents_is_told_with_the_limit(
    app: Flask, context: ServerContext, li: Person
) -> None:
    client = as_user(app, context, "li")
    answer = client.post(NEW_LEAVE, data=b"", environ_overrides={"CONTENT_LENGTH": "16000001"})
    assert (answer.status_code, "larger than 16000000 bytes" in words_of(answer)) == (413, True)
    answer = client.post("/sign-in", data=b"", environ_overrides={"CONTENT_LENGTH": "16000000"})
    assert (answer.status_code, "larger than 4194304 bytes" in words_of(answer)) == (413, True)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "yesterday", "2026-11-19"])
def test_a_form_opens_for_any_day(app: Flask, context: ServerContext, li: Person, day: str) -> None:
    answer = as_user(app, context, "li").get(f"/requests/new?kind=correction&day={day}")
    assert answer.status_code == 200
    assert f'value="{day if day.startswith("20") else FRIDAY}"' in answer.text
