"""Every look at other people's data is written down, and HR reads who looked at what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from server.services.access_reading import WHAT
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.request_filing import Wish, file_request
from server.storage.access_log import AccessEntry, AccessLogRepository
from server.web.access_noting import NOTED_PAGES
from tests.attendance_days import FRIDAY
from tests.pages_cast import as_user, give_own_account, somebody
from tests.persons_cast import looks
from tests.server_cast import Person, make_app


@pytest.fixture
def li(context: ServerContext) -> Person:
    return somebody(context, "0104", "李明", "立案庭", username="li")


@pytest.fixture
def app(context: ServerContext, li: Person) -> Flask:
    give_own_account(context, None, "zhao", "hr")
    somebody(context, "0100", "孙丽", "立案庭", username="sun", role="head")
    return make_app(context)


def scopes(context: ServerContext) -> list[tuple[str, str, str]]:
    return [(one.username, one.what, one.scope) for one in looks(context)]


@pytest.mark.parametrize(
    ("path", "what", "scope"),
    [
        ("/board", "board", "court"),
        ("/people", "people", "court"),
        ("/rosters", "rosters", "court"),
        ("/rosters?person=0104", "rosters", "0104"),
        ("/requests", "requests", "court"),
        ("/month-close/2026-10", "month_close", "2026-10 court"),
        ("/operating-point", "operating_point", "court"),
        ("/access-log", "access_log", "court"),
    ],
)
def test_a_page_that_names_people_is_written_down(
    app: Flask, context: ServerContext, path: str, what: str, scope: str
) -> None:
    assert as_user(app, context, "zhao").get(path).status_code == 200
    assert scopes(context) == [("zhao", what, scope)]


def test_a_heads_look_is_at_the_own_division(app: Flask, context: ServerContext) -> None:
    assert as_user(app, context, "sun").get("/board").status_code == 200
    with context.unit(read_only=True) as unit:
        filing = unit.people.division_id("立案庭")
    assert scopes(context) == [("sun", "board", str(filing))]
    assert "立案庭" in as_user(app, context, "zhao").get("/access-log").text


def test_a_board_that_loads_itself_anew_is_one_look(app: Flask, context: ServerContext) -> None:
    client = as_user(app, context, "zhao")
    client.get("/board")
    client.get("/board?refreshed")
    assert len(scopes(context)) == 1


def test_nobody_looks_unnoticed_by_an_address_that_says_it_was_loaded_anew(app: Flask, context: ServerContext) -> None:
    as_user(app, context, "zhao").get("/board?refreshed")
    assert len(scopes(context)) == 1


def test_somebody_elses_request_is_written_down_and_the_own_one_is_not(
    app: Flask, context: ServerContext, li: Person
) -> None:
    wish = Wish("waiver", li.person_id, "the flood", day=FRIDAY)
    filed = file_request(context, wish, Actor("li", "employee", li.person_id))
    assert as_user(app, context, "li").get(f"/requests/{filed.request_id}").status_code == 200
    assert as_user(app, context, "li").get("/requests").status_code == 200
    assert scopes(context) == []
    assert as_user(app, context, "zhao").get(f"/requests/{filed.request_id}").status_code == 200
    assert scopes(context) == [("zhao", "request", f"0104 {filed.request_id}")]


def test_nothing_is_shown_that_cannot_be_written_down(
    app: Flask, context: ServerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_repository: AccessLogRepository, _entry: AccessEntry) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(AccessLogRepository, "add", refuse)
    app.testing = False
    answer = as_user(app, context, "zhao").get("/board")
    assert (answer.status_code, "李明" in answer.text) == (500, False)


# Reading it


@pytest.mark.parametrize("username", ["li", "sun"])
def test_hr_alone_reads_it(app: Flask, context: ServerContext, username: str) -> None:
    assert as_user(app, context, username).get("/access-log").status_code == 403


def test_it_is_read_newest_first_by_days_account_and_person(app: Flask, context: ServerContext) -> None:
    now = context.clock.host_now()
    with context.unit() as unit:
        for days, username, scope in (
            (9, "sun", "2026-10 0104"),
            (2, "sun", "2026-10 0104"),
            (1, "zhao", "2026-10 0205"),
        ):
            unit.access_log.add(AccessEntry(now - timedelta(days=days), username, "month_sheet", scope, "xlsx"))
        unit.commit()
    client = as_user(app, context, "zhao")
    week = client.get("/access-log").text
    assert 0 < week.index("2026-10 0205") < week.index("2026-10 0104")
    assert week.count("2026-10 0104") == 1
    assert "2026-10 0205" not in client.get("/access-log?username=sun").text
    assert "2026-10 0205" not in client.get("/access-log?employee_no=0104").text
    assert client.get("/access-log?first_day=2026-11-01&last_day=2026-11-20").text.count("2026-10 0104") == 2
    assert client.get("/access-log?first_day=yesterday").status_code == 400


def test_every_kind_of_look_has_its_word() -> None:
    assert set(NOTED_PAGES.values()) <= set(WHAT)


def test_every_noted_page_is_a_page(app: Flask) -> None:
    assert set(NOTED_PAGES) <= {rule.endpoint for rule in app.url_map.iter_rules()}
