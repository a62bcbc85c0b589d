"""The pages of requests: decide, withdraw, report back, the lists, and the answer about the own sheet."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from models.errors import CourtclockError
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.request_documents import Upload
from server.services.request_filing import Wish, file_request
from server.services.touching import touch_everybody
from server.storage.requests import NewRequest
from tests.attendance_days import FRIDAY, moment
from tests.databases import DatabaseKind
from tests.pages_cast import as_user, give_own_account, hidden, send, somebody, words_of
from tests.requests_cast import LEAVE_FORM, MONDAY
from tests.server_cast import FakeClock, Person, make_app

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


def leave_of(context: ServerContext, person: Person, by: str = "li", role: str = "employee") -> NewRequest:
    wish = Wish(
        "leave",
        person.person_id,
        "a wedding",
        name="annual",
        starts_at=moment("08:00", MONDAY),
        ends_at=moment("18:00", MONDAY),
    )
    return file_request(context, wish, Actor(by, role, person.person_id))


def stored(context: ServerContext) -> list[Any]:
    with context.unit(read_only=True) as unit:
        return unit.requests.of_people()


# One request


def test_the_head_approves_and_the_history_says_so(app: Flask, context: ServerContext, li: Person, sun: Person) -> None:
    path = f"/requests/{half_day(context, li).request_id}"
    client = as_user(app, context, "sun")
    answer = send(client, path, decision="approved", reason="")
    assert answer.status_code == 303
    assert "approved 2026-11-20 12:00 · sun (the head of the division)" in words_of(client.get(path))


def half_day(context: ServerContext, person: Person) -> NewRequest:
    wish = Wish(
        "leave",
        person.person_id,
        "a wedding",
        name="annual",
        starts_at=moment("08:00", MONDAY),
        ends_at=moment("12:00", MONDAY),
    )
    return file_request(context, wish, Actor("li", "employee", person.person_id))


def test_a_decision_sent_twice_is_one_decision(app: Flask, context: ServerContext, li: Person, sun: Person) -> None:
    path = f"/requests/{half_day(context, li).request_id}"
    client = as_user(app, context, "sun")
    form = {"csrf_token": hidden(client.get(path), "csrf_token"), "decision": "approved", "reason": ""}
    assert [client.post(path, data=form).status_code for _ in range(2)] == [303, 303]
    with context.unit(read_only=True) as unit:
        assert len(unit.requests.steps(stored(context)[0].filed.request_id)) == 1


def test_a_refusal_without_a_reason_is_told(app: Flask, context: ServerContext, li: Person, sun: Person) -> None:
    path = f"/requests/{half_day(context, li).request_id}"
    answer = send(as_user(app, context, "sun"), path, decision="refused", reason="")
    assert answer.status_code == 400
    assert "A reason is needed." in words_of(answer)


def test_a_second_opinion_comes_too_late_and_is_told(
    app: Flask, context: ServerContext, li: Person, sun: Person
) -> None:
    path = f"/requests/{half_day(context, li).request_id}"
    client = as_user(app, context, "sun")
    form = {"csrf_token": hidden(client.get(path), "csrf_token"), "reason": "no"}
    client.post(path, data={**form, "decision": "approved"})
    answer = client.post(path, data={**form, "decision": "refused"})
    assert answer.status_code == 409
    assert "This request was decided before." in words_of(answer)


def test_nobody_is_offered_to_decide_about_the_own_request_and_sending_it_all_the_same_is_refused(
    app: Flask, context: ServerContext, sun: Person
) -> None:
    filed = file_request(
        context,
        Wish(
            "leave",
            sun.person_id,
            "a wedding",
            name="annual",
            starts_at=moment("08:00", MONDAY),
            ends_at=moment("12:00", MONDAY),
        ),
        Actor("sun", "head", sun.person_id),
    )
    client = as_user(app, context, "sun")
    page = client.get(f"/requests/{filed.request_id}")
    assert 'value="approved"' not in page.text
    answer = send(client, f"/requests/{filed.request_id}", decision="approved", reason="")
    assert answer.status_code == 403
    assert "Nobody decides about a request of their own." in words_of(answer)
    assert stored(context)[0].state == "open"


def test_whose_decision_it_is_is_told_in_words(app: Flask, context: ServerContext, li: Person, sun: Person) -> None:
    path = f"/requests/{leave_of(context, li).request_id}"
    answer = send(as_user(app, context, "sun"), NEW_LEAVE, to=path, decision="approved", reason="")
    assert answer.status_code == 403
    assert "The rules leave this decision to others: a vice president." in words_of(answer)


def test_hr_records_what_was_decided_on_paper(app: Flask, context: ServerContext, li: Person, zhao: Person) -> None:
    path = f"/requests/{leave_of(context, li).request_id}"
    client = as_user(app, context, "zhao")
    assert "HR only records what was decided on paper." in words_of(client.get(path))
    answer = send(client, path, decision="approved", reason="form 12, signed", on_paper="y")
    assert (answer.status_code, "needs that paper attached" in words_of(answer)) == (400, True)
    signed = (PDF, "批件.pdf")
    answer = send(client, path, decision="approved", reason="form 12, signed", on_paper="y", papers=signed)
    assert answer.status_code == 303, words_of(answer)
    assert "a vice president, on paper" in words_of(client.get(path))
    assert "批件.pdf 1 kB · 2026-11-20 12:00 · zhao · paper of the decision" in words_of(client.get(path))


def test_who_filed_a_request_withdraws_it(app: Flask, context: ServerContext, li: Person) -> None:
    path = f"/requests/{half_day(context, li).request_id}"
    client = as_user(app, context, "li")
    assert send(client, path, decision="withdrawn", reason="").status_code == 303
    assert "The request is withdrawn." in words_of(client.get(path))
    assert stored(context)[0].state == "withdrawn"


def test_somebody_reports_back_early_from_leave(app: Flask, context: ServerContext, li: Person, sun: Person) -> None:
    path = f"/requests/{half_day(context, li).request_id}"
    send(as_user(app, context, "sun"), path, decision="approved", reason="")
    client = as_user(app, context, "li")
    answer = send(client, path, decision="returned", reason="")
    assert "Say from when on the work was taken up again." in words_of(answer)
    answer = send(client, path, decision="returned", reason="", ends_at="2026-11-23T10:00")
    assert answer.status_code == 303
    assert stored(context)[0].ends_at == moment("10:00", MONDAY)
    assert "2026-11-23 08:00 to 2026-11-23 10:00" in words_of(client.get(path))


@pytest.mark.parametrize("path", ["/requests/6ba7b810-9dad-11d1-80b4-00c04fd430c8", "/requests/no-uuid"])
def test_a_request_that_is_not_there_is_not_found(app: Flask, context: ServerContext, li: Person, path: str) -> None:
    assert as_user(app, context, "li").get(path).status_code == 404


def test_a_word_that_is_no_decision_is_refused(app: Flask, context: ServerContext, li: Person) -> None:
    path = f"/requests/{half_day(context, li).request_id}"
    assert send(as_user(app, context, "li"), path, decision="perhaps", reason="").status_code == 400


# Lists


def test_a_list_that_leaves_older_ones_out_says_so(
    app: Flask, context: ServerContext, clock: FakeClock, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hour in (8, 10, 12):
        wish = Wish(
            "leave",
            li.person_id,
            "the doctor",
            name="annual",
            starts_at=moment(f"{hour:02}:00", MONDAY),
            ends_at=moment(f"{hour + 1:02}:00", MONDAY),
        )
        clock.advance(timedelta(minutes=1))
        file_request(context, wish, Actor("li", "employee", li.person_id))
    client = as_user(app, context, "li")
    assert "The newest" not in words_of(client.get("/requests"))
    monkeypatch.setattr("server.web.request_pages._MOST_LISTED", 2)
    told = words_of(client.get("/requests"))
    assert "The newest 2 of 3." in told
    assert "12:00" in told
    assert "08:00" not in told


def names_under(answer: TestResponse, heading: str) -> str:
    text = words_of(answer)
    return text.split(heading, 1)[1] if heading in text else ""


def test_heads_see_what_waits_in_their_division_and_no_other(
    app: Flask, context: ServerContext, li: Person, sun: Person, wang: Person
) -> None:
    half_day(context, li)
    assert "李明" in names_under(as_user(app, context, "sun").get("/requests"), "Waiting for my decision")
    assert "李明" not in as_user(app, context, "wang").get("/requests").text


def test_an_employee_sees_the_own_requests_and_those_of_nobody_else(
    app: Flask, context: ServerContext, li: Person, sun: Person
) -> None:
    half_day(context, li)
    client = as_user(app, context, "li")
    assert "annual leave" in client.get("/requests").text
    filed = file_request(
        context,
        Wish("waiver", sun.person_id, "a flood", day=FRIDAY),
        Actor("sun", "head", sun.person_id),
    )
    assert str(filed.request_id) not in client.get("/requests").text
    assert client.get(f"/requests/{filed.request_id}").status_code == 404


def test_hr_sees_what_waits_for_others_apart(app: Flask, context: ServerContext, li: Person, zhao: Person) -> None:
    half_day(context, li)
    text = words_of(as_user(app, context, "zhao").get("/requests"))
    assert "Nothing waits for you." in text
    assert "HR can record what was decided on paper (1)" in text


# The own sheet


@pytest.fixture
def october(context: ServerContext) -> str:
    touch_everybody(context, date(2026, 11, 16), FRIDAY)
    derive_touched(context)
    return "2026-10"


def test_an_employee_confirms_the_own_sheet(app: Flask, context: ServerContext, li: Person, october: str) -> None:
    client = as_user(app, context, "li")
    assert send(client, "/requests/sheet/2026-10", answer="confirm", remark="").status_code == 303
    assert "You confirmed this sheet on 2026-11-20 12:00." in words_of(client.get("/requests/sheet/2026-10"))


def test_an_objection_needs_a_remark_and_keeps_it(app: Flask, context: ServerContext, li: Person) -> None:
    client = as_user(app, context, "li")
    answer = send(client, "/requests/sheet/2026-10", answer="object", remark="")
    assert (answer.status_code, "A reason is needed." in words_of(answer)) == (400, True)
    assert send(client, "/requests/sheet/2026-10", answer="object", remark="I was there").status_code == 303
    assert "I was there" in words_of(client.get("/requests/sheet/2026-10"))


def test_a_month_that_is_not_over_is_shown_and_not_asked_about(
    app: Flask, context: ServerContext, li: Person, october: str
) -> None:
    client = as_user(app, context, "li")
    page = client.get("/requests/sheet/2026-11")
    assert "You can answer when the month is over." in words_of(page)
    assert "2026-11-18" in page.text
    answer = send(client, NEW_LEAVE, to="/requests/sheet/2026-11", answer="confirm")
    assert answer.status_code == 409
    assert "2026-11 is not over" in words_of(answer)


def test_a_sheet_that_has_changed_since_it_was_shown_is_shown_anew(
    app: Flask, context: ServerContext, li: Person
) -> None:
    client = as_user(app, context, "li")
    answer = send(client, "/requests/sheet/2026-10", answer="confirm", remark="fine", sheet_sha256="0" * 64)
    assert answer.status_code == 409
    assert "has changed since it was shown" in words_of(answer)
    assert "fine" in answer.text
    assert hidden(answer, "sheet_sha256") != "0" * 64


@pytest.mark.parametrize("month", ["2026-13", "october", "0001-01", "9999-12"])
def test_a_word_that_is_no_month_is_told(app: Flask, context: ServerContext, li: Person, month: str) -> None:
    answer = as_user(app, context, "li").get(f"/requests/sheet/{month}")
    assert (answer.status_code, "is not a month like" in words_of(answer)) == (400, True)


def test_an_account_that_belongs_to_nobody_has_no_sheet(app: Flask, context: ServerContext) -> None:
    give_own_account(context, None, "guest", "hr")
    assert as_user(app, context, "guest").get("/requests/sheet/2026-10").status_code == 403


# All pages


@pytest.mark.parametrize("path", ["/requests", NEW_LEAVE, "/requests/new?kind=duty", "/requests/sheet/2026-10"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_opens_in_both_languages_without_script_or_style_in_it(
    app: Flask, context: ServerContext, li: Person, path: str, language: str
) -> None:
    joint = "&" if "?" in path else "?"
    answer = as_user(app, context, "li").get(f"{path}{joint}lang={language}")
    assert answer.status_code == 200
    assert not re.search(r"<script|<style| style=| on[a-z]+=", answer.text)


def test_a_form_from_elsewhere_is_refused(app: Flask, context: ServerContext, li: Person) -> None:
    filed = half_day(context, li)
    client = as_user(app, context, "li")
    for path in (NEW_LEAVE, f"/requests/{filed.request_id}", "/requests/sheet/2026-10"):
        assert client.post(path, data={**LEAVE_FORM, "decision": "withdrawn"}).status_code == 400
    assert stored(context)[0].state == "open"


def test_an_upload_without_a_name_of_its_own_is_refused(context: ServerContext, li: Person) -> None:
    with pytest.raises(CourtclockError, match=r"request\.attachment"):
        file_request(
            context,
            Wish("waiver", li.person_id, "a flood", day=FRIDAY),
            Actor("li", "employee", li.person_id),
            [Upload("folder/", PDF)],
        )
