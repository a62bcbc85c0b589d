"""HR's pages: who may see them; rules and what a draft would change, calendar, rosters."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.attendance.rule_documents import PRESET_FOLDER
from server.services.actors import Actor
from server.services.context import ServerContext
from tests.databases import DatabaseKind
from tests.pages_cast import as_user, derive, form_on, give_own_account, post, send, somebody, words_of
from tests.server_cast import Person, employ, make_app

pytestmark = pytest.mark.usefixtures("quick_hashes")
PAGES = [
    "/rules",
    "/calendar",
    "/calendar?year=2027",
    "/rosters",
    "/outages",
    "/month-close/2026-10",
    "/people",
]
TIERS = (PRESET_FOLDER / "court_tiers.yaml").read_text(encoding="utf-8")
HR = Actor("zhao", "hr")


@pytest.fixture
def database_kind() -> DatabaseKind:
    """What pages show does not depend on the database; the services are tested on both elsewhere."""
    return "sqlite"


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, "0104", "李明", "立案庭")


@pytest.fixture
def app(context: ServerContext, li: Person) -> Flask:
    somebody(context, "0101", "孙丽", "立案庭", username="sun", role="head")
    give_own_account(context, None, "zhao", "hr")
    return make_app(context)


@pytest.fixture
def zhao(app: Flask, context: ServerContext) -> FlaskClient:
    """The browser of HR."""
    return as_user(app, context, "zhao")


# Who may


@pytest.mark.parametrize("path", [*PAGES, "/month-close", "/rules/what-if", "/calendar/year"])
def test_heads_and_employees_see_none_of_it(app: Flask, context: ServerContext, path: str) -> None:
    assert as_user(app, context, "sun").get(path).status_code == 403


@pytest.mark.parametrize("path", ["/rules", "/rules/what-if", "/calendar", "/rosters", "/outages", "/people"])
def test_heads_change_none_of_it(app: Flask, context: ServerContext, path: str) -> None:
    client = as_user(app, context, "sun")
    answer = post(client, path, {"csrf_token": form_on(client.get("/requests/new"))["csrf_token"]})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_opens_in_both_languages_without_script_or_style_in_it(
    zhao: FlaskClient, path: str, language: str
) -> None:
    answer = zhao.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert answer.status_code == 200
    assert not re.search(r"<script|<style| style=| on[a-z]+=", answer.text)


@pytest.mark.parametrize(
    "path", ["/rules", "/calendar", "/rosters", "/outages", "/people", "/month-close/2026-10/lock"]
)
def test_a_form_from_elsewhere_is_refused(zhao: FlaskClient, path: str) -> None:
    assert zhao.post(path, data={"reason": "a trap"}).status_code == 400


# Rules


def put(client: FlaskClient, to: str = "/rules", **typed: Any) -> Any:
    draft = {"text": TIERS, "month": "2026-11", "effective_from": "2026-11-16", "reason": "the meeting of 12 November"}
    return send(client, "/rules", to=to, **{**draft, **typed})


def versions(context: ServerContext) -> list[tuple[date, str, str]]:
    with context.unit(read_only=True) as unit:
        return [(one.effective_from, one.reason, one.entered_by) for one in unit.court_rules.rule_versions()]


def test_a_draft_is_put_in_force_from_a_date_with_a_reason(zhao: FlaskClient, context: ServerContext) -> None:
    assert put(zhao).status_code == 303
    assert versions(context)[-1] == (date(2026, 11, 16), "the meeting of 12 November", "zhao")
    page = words_of(zhao.get("/rules"))
    assert "Severity tiers" in page
    assert "2026-11-16 in force today" in page
    assert "the beginning" in page


def test_the_same_draft_sent_twice_is_one_version(zhao: FlaskClient, context: ServerContext) -> None:
    assert [put(zhao).status_code for _ in range(2)] == [303, 303]
    assert len(versions(context)) == 2


def test_a_draft_that_cannot_be_used_is_told_with_every_finding_and_kept(
    zhao: FlaskClient, context: ServerContext
) -> None:
    answer = put(zhao, text="name_zh: 试\nshifts: {}\nnonsense: 1\n")
    assert answer.status_code == 400
    assert "These rules cannot be used" in words_of(answer)
    assert "name_en: this key is missing" in words_of(answer)
    assert "nonsense: 1" in answer.text
    assert "the meeting of 12 November" in answer.text
    assert versions(context) == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"text": ""}, "Write or hand in a draft."),
        ({"effective_from": ""}, "Say from which day on."),
        ({"effective_from": "soon"}, "This is not a date like 2026-11-20."),
        ({"reason": ""}, "A reason is needed."),
        ({"upload": (b"\xff\xfe\x00", "draft.yaml")}, "This file is not text in UTF-8"),
        ({"upload": (b"#" * 200_001, "draft.yaml")}, "This file is not text in UTF-8"),
    ],
)
def test_what_is_missing_is_told_beside_the_field(
    zhao: FlaskClient, context: ServerContext, typed: dict[str, Any], sentence: str
) -> None:
    answer = put(zhao, **typed)
    assert (answer.status_code, sentence in words_of(answer)) == (400, True)
    assert versions(context) == []


def test_a_file_takes_the_place_of_what_was_typed_and_stands_on_the_page_from_then_on(zhao: FlaskClient) -> None:
    answer = put(zhao, to="/rules/what-if", text="nonsense", upload=(TIERS.encode(), "draft.yaml"))
    assert answer.status_code == 200
    assert "分级认定" in answer.text


def test_rules_in_a_locked_month_are_refused_on_the_page(zhao: FlaskClient, context: ServerContext) -> None:
    derive(context, date(2026, 10, 1), date(2026, 10, 31))
    send(zhao, "/month-close/2026-10", to="/month-close/2026-10/lock")
    answer = put(zhao, effective_from="2026-10-05")
    assert (answer.status_code, "2026-10 is locked" in words_of(answer)) == (409, True)


def test_every_preset_and_every_version_can_be_the_beginning_of_a_draft(zhao: FlaskClient) -> None:
    put(zhao)
    for path in zhao.get("/rules").text.split('href="')[1:]:
        if path.startswith(("/rules?preset", "/rules?version")):
            page = zhao.get(path.split('"')[0].split("#")[0].replace("&amp;", "&"))
            assert "default_shift:" in page.text


def test_what_if_tells_whose_verdicts_would_change_side_by_side_and_changes_nothing(
    zhao: FlaskClient, context: ServerContext
) -> None:
    derive(context, date(2026, 11, 16), date(2026, 11, 19))
    nobody_misses_it = re.sub(r"(direction: \w+)", r"\1\n        required: false", TIERS)
    answer = put(zhao, to="/rules/what-if", text=nobody_misses_it)
    page = words_of(answer)
    assert "of 2 people, would be judged otherwise. Nothing has been changed." in page
    assert "2026-11-19 李明 0104 立案庭 absent normal" in page
    assert versions(context) == []
    with context.unit(read_only=True) as unit:
        assert {one.status for one in unit.workdays.of_day(date(2026, 11, 19))} == {"absent"}


def test_what_if_over_a_word_that_is_no_month_is_told_and_the_draft_kept(zhao: FlaskClient) -> None:
    answer = put(zhao, to="/rules/what-if", month="never")
    assert (answer.status_code, "never is not a month like" in words_of(answer)) == (400, True)
    assert "分级认定" in answer.text


# Calendar


def day(client: FlaskClient, **typed: Any) -> Any:
    values = {"day": "2026-11-27", "kind": "rest_day", "name": "院庆", "reason": "decided on 12 November"}
    return send(client, "/calendar", **{**values, **typed})


def test_the_year_lists_days_off_and_makeup_workdays(zhao: FlaskClient) -> None:
    page = words_of(zhao.get("/calendar?year=2026"))
    assert "2026-10-01 – 2026-10-07 7 days public holiday National Day official" in page
    assert "2026-10-10 make-up workday National Day official" in page


def test_a_day_that_hr_sets_is_shown_with_author_and_reason(zhao: FlaskClient) -> None:
    assert day(zhao).status_code == 303
    page = words_of(zhao.get("/calendar?year=2026"))
    assert "2026-11-27 rest day 院庆 set by HR decided on 12 November" in page
    assert "2026-11-20 12:00 · zhao" in page


def test_the_same_word_sent_twice_is_written_down_once(zhao: FlaskClient, context: ServerContext) -> None:
    assert [day(zhao).status_code for _ in range(2)] == [303, 303]
    with context.unit(read_only=True) as unit:
        assert len(unit.court_rules.calendar_edits()) == 1


def test_a_word_is_taken_back_in_the_same_moment(zhao: FlaskClient) -> None:
    day(zhao)
    assert day(zhao, kind="official", name="", reason="it was a mistake").status_code == 303
    page = words_of(zhao.get("/calendar?year=2026"))
    assert "set by HR" not in page
    assert "as in the official calendar" in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"reason": ""}, "This is needed."),
        ({"day": "2026-02-30"}, "This is not a date like 2026-11-20."),
        ({"day": "1066-10-14"}, "This is not a date like 2026-11-20."),
        ({"kind": "doomsday"}, "This is not among the choices."),
        ({"name": "x" * 101}, "This is too long."),
        ({"name": "a\x07bell"}, "must have 1 to 100 characters"),
    ],
)
def test_a_day_that_cannot_be_set_is_told(zhao: FlaskClient, typed: dict[str, str], sentence: str) -> None:
    answer = day(zhao, **typed)
    assert (answer.status_code, sentence in words_of(answer)) == (400, True)


def test_a_year_is_confirmed_and_the_confirmation_taken_back(zhao: FlaskClient) -> None:
    unknown = "/calendar?year=2040"
    to = "/calendar/year?year=2040"
    assert "is not known here yet" in words_of(zhao.get(unknown))
    assert send(zhao, unknown, to=to, confirmed="yes", reason="the notice of 2039").status_code == 303
    assert "HR has confirmed the workdays of 2040." in words_of(zhao.get(unknown))
    assert send(zhao, unknown, to=to, confirmed="no", reason="read it again").status_code == 303
    assert "is not known here yet" in words_of(zhao.get(unknown))
    assert send(zhao, unknown, to=to, confirmed="yes", reason="").status_code == 400


@pytest.mark.parametrize("year", ["soon", "0", "99999", "1999", "２０２６"])
def test_a_word_that_is_no_year_is_told(zhao: FlaskClient, year: str) -> None:
    assert zhao.get(f"/calendar?year={year}").status_code == 400


# Rosters


def roster(client: FlaskClient, **typed: Any) -> Any:
    values = {
        "employee_nos": "0104",
        "pattern": "court_day, court_day, -",
        "first_day": "2026-11-16",
        "last_day": "",
        "reason": "night duty",
    }
    return send(client, "/rosters", **{**values, **typed})


def test_a_roster_entry_is_added_and_shown(zhao: FlaskClient) -> None:
    answer = roster(zhao)
    assert answer.status_code == 303
    page = words_of(zhao.get(answer.location))
    assert "court_day, court_day, off also on rest days and holidays" in page
    assert "night duty" in page
    assert "further notice" in page


def test_several_people_get_the_same_roster_and_twice_is_once(zhao: FlaskClient, context: ServerContext) -> None:
    for _ in range(2):
        assert roster(zhao, employee_nos="0104，0101 0104", follows_calendar="y").status_code == 303
    with context.unit(read_only=True) as unit:
        assert len(unit.court_rules.roster_entries()) == 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"employee_nos": "0104 9999"}, "There is nobody with the number 9999."),
        ({"employee_nos": ""}, "This is needed."),
        ({"pattern": "siesta"}, "siesta: not a shift"),
        ({"pattern": " , "}, "it names no shift"),
        ({"pattern": "- " * 367}, "a roster pattern has 1 to 366 days"),
        ({"last_day": "2026-11-15"}, "It cannot end before it begins."),
        ({"first_day": ""}, "This is needed."),
        ({"reason": ""}, "This is needed."),
    ],
)
def test_a_roster_entry_that_cannot_be_used_is_told(
    zhao: FlaskClient, context: ServerContext, typed: dict[str, str], sentence: str
) -> None:
    answer = roster(zhao, **typed)
    assert answer.status_code in (400, 404)
    assert sentence in words_of(answer)
    assert typed.get("reason", "night duty") in answer.text
    with context.unit(read_only=True) as unit:
        assert unit.court_rules.roster_entries() == []
