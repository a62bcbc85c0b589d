"""The form for leave and duty: whole days, halves by the clock points, hours; and what it says beforehand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from server.services.context import ServerContext
from server.services.expectation_changes import put_rules
from tests.attendance_days import moment
from tests.databases import DatabaseKind
from tests.pages_cast import as_user, post, send, somebody, words_of
from tests.papers import PDF, preset
from tests.server_cast import Person, make_app

pytestmark = pytest.mark.usefixtures("quick_hashes")
NEW_LEAVE = "/requests/new?kind=leave"
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
WHOLE = {"name": "annual", "first_day": "2026-11-23", "part": "whole", "reason": "a wedding"}


@pytest.fixture
def database_kind() -> DatabaseKind:
    """What pages show does not depend on the database; the services are tested on both elsewhere."""
    return "sqlite"


@pytest.fixture
def app(context: ServerContext) -> Flask:
    return make_app(context)


@pytest.fixture
def li(context: ServerContext) -> Person:
    return somebody(context, "0104", "李明", "立案庭", username="li")


@pytest.fixture
def four_windows(context: ServerContext) -> None:
    put_rules(context, preset("court_four_windows"), date(2026, 11, 1), "the meeting", "zhao")


def stored(context: ServerContext) -> list[Any]:
    with context.unit(read_only=True) as unit:
        return [one.filed for one in unit.requests.of_people()]


def test_whole_days_are_told_as_days(app: Flask, context: ServerContext, li: Person) -> None:
    client = as_user(app, context, "li")
    answer = send(client, NEW_LEAVE, **{**WHOLE, "last_day": "2026-11-24"})
    assert answer.status_code == 303, words_of(answer)
    (filed,) = stored(context)
    assert (filed.starts_at, filed.ends_at) == (moment("00:00", MONDAY), moment("24:00", TUESDAY))
    assert "2026-11-23 to 2026-11-24, whole days" in words_of(client.get(answer.location))
    assert "2 workdays Decides by the rules: a vice president" in words_of(client.get(answer.location))


def test_a_last_day_that_is_left_empty_is_the_first(app: Flask, context: ServerContext, li: Person) -> None:
    client = as_user(app, context, "li")
    answer = send(client, NEW_LEAVE, **WHOLE)
    assert "2026-11-23, the whole day" in words_of(client.get(answer.location))


@pytest.mark.usefixtures("four_windows")
@pytest.mark.parametrize(("part", "start", "end"), [("morning", "08:05", "11:20"), ("afternoon", "13:35", "16:55")])
def test_halves_are_those_of_the_shift_and_the_form_says_which(
    app: Flask, context: ServerContext, li: Person, part: str, start: str, end: str
) -> None:
    client = as_user(app, context, "li")
    page = client.get(f"{NEW_LEAVE}&day=2026-11-23")
    assert f"(2026-11-23: {start} to {end})" in words_of(page)
    assert send(client, NEW_LEAVE, **{**WHOLE, "part": part}).status_code == 303
    (filed,) = stored(context)
    assert (filed.starts_at, filed.ends_at) == (moment(start, MONDAY), moment(end, MONDAY))


def test_half_a_day_is_of_one_day_on_which_somebody_works(app: Flask, context: ServerContext, li: Person) -> None:
    client = as_user(app, context, "li")
    answer = send(client, NEW_LEAVE, **{**WHOLE, "part": "morning", "last_day": "2026-11-24"})
    assert (answer.status_code, "Half a day is of one day" in words_of(answer)) == (400, True)
    answer = send(client, NEW_LEAVE, **{**WHOLE, "part": "morning", "first_day": "2026-11-22"})
    assert (answer.status_code, "so it has no halves" in words_of(answer)) == (400, True)
    assert stored(context) == []


def test_it_says_how_long_it_is_and_who_decides_before_anything_is_filed(
    app: Flask, context: ServerContext, li: Person
) -> None:
    client = as_user(app, context, "li")
    send(client, NEW_LEAVE, **{**WHOLE, "name": "sick", "last_day": "2026-11-24"})
    answer = send(client, NEW_LEAVE, **{**WHOLE, "first_day": "2026-11-25", "look": "1", "reason": ""})
    text = words_of(answer)
    assert answer.status_code == 200
    assert "2026-11-25, the whole day: 1 workdays, 3 with what counts as one with it" in text
    assert "Decides: the president" in text
    assert "Counts as one with: sick leave, 2026-11-23 to 2026-11-24, whole days waiting for a decision" in text
    assert "An attachment is needed." in text
    assert len(stored(context)) == 1


def test_it_says_what_is_in_the_way(app: Flask, context: ServerContext, li: Person) -> None:
    client = as_user(app, context, "li")
    send(client, NEW_LEAVE, **WHOLE)
    answer = send(client, NEW_LEAVE, **{**WHOLE, "look": "1"})
    assert "For this time there is a request already: annual leave, 2026-11-23 00:00" in words_of(answer)


def test_what_counts_as_one_with_it_stands_on_the_request(app: Flask, context: ServerContext, li: Person) -> None:
    client = as_user(app, context, "li")
    send(client, NEW_LEAVE, **WHOLE)
    somebody(context, "0101", "孙丽", "立案庭", username="sun", role="head")
    answer = send(client, NEW_LEAVE, **{**WHOLE, "name": "personal", "first_day": "2026-11-24"})
    text = words_of(as_user(app, context, "sun").get(answer.location))
    assert "1 workdays, 2 with what counts as one with it" in text
    assert "Counts as one with annual leave, 2026-11-23, the whole day waiting for a decision" in text


@pytest.mark.usefixtures("four_windows")
def test_days_of_the_year_stand_on_the_form_and_on_the_request(app: Flask, context: ServerContext, li: Person) -> None:
    client = as_user(app, context, "li")
    answer = send(client, NEW_LEAVE, **{**WHOLE, "name": "sick"})
    told = "sick leave, 2026: 1 of 30 workdays used, 29 left"
    assert told in words_of(client.get(answer.location))
    assert told in words_of(client.get(NEW_LEAVE))
    assert "personal leave, 2026: 0 of 20 workdays used, 20 left" in words_of(client.get(NEW_LEAVE))
    assert "Go beyond the days of a year" not in words_of(client.get(NEW_LEAVE))
    somebody(context, "0009", "赵敏", "人事处", username="zhao", role="hr")
    assert "Go beyond the days of a year" in words_of(as_user(app, context, "zhao").get(NEW_LEAVE))


# Documents on the page of a request


def test_who_may_not_open_the_documents_is_told_how_many_there_are_and_no_name(
    app: Flask, context: ServerContext, li: Person
) -> None:
    somebody(context, "0101", "孙丽", "立案庭", username="sun", role="head")
    answer = send(
        as_user(app, context, "li"), NEW_LEAVE, **{**WHOLE, "last_day": "2026-11-27"}, documents=(PDF, "诊断.bat")
    )
    assert answer.status_code == 303, words_of(answer)
    assert "诊断.pdf" in as_user(app, context, "li").get(answer.location).text
    head = as_user(app, context, "sun")
    page = head.get(answer.location)
    assert "诊断" not in page.text
    assert "1, which only those can open whom it concerns" in words_of(page)
    assert head.get(f"{answer.location}/attachment/1").status_code == 403


def test_documents_are_added_on_the_page_and_shown_with_who_added_them(
    app: Flask, context: ServerContext, li: Person
) -> None:
    client = as_user(app, context, "li")
    path = send(client, NEW_LEAVE, **WHOLE).location
    assert send(client, path, to=f"{path}/documents", documents=(PDF, "later.pdf")).status_code == 303
    text = words_of(client.get(path))
    assert "The documents are added." in text
    assert "later.pdf 1 kB · 2026-11-20 12:00 · li" in text
    for documents, told in (
        ((b"<html>", "page.pdf"), "An attachment must be a PDF or a picture"),
        ([(PDF, f"{n}.pdf") for n in range(4)], "Hand in three attachments at most."),
    ):
        send(client, path, to=f"{path}/documents", documents=documents)
        assert told in words_of(client.get(path))
    send(client, path, to=f"{path}/documents")
    assert "Choose a file." in words_of(client.get(path))
    assert post(client, f"{path}/documents", {"documents": (PDF, "x.pdf")}).status_code == 400, "a form from elsewhere"
