"""What the court posts, for all staff: published postings and bulletins, names and figures, and nothing beyond."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from server.services.context import ServerContext
from server.services.expectation_changes import put_rules
from server.services.periods import publish_month, publish_week
from server.web import paging
from tests.databases import Database
from tests.periods_cast import JOINED, OCTOBER, amend, cells, judge, people_of_two_divisions, reading, waive
from tests.persons_cast import PRESETS, looks
from tests.server_cast import FakeClock, Person, make_app, make_context

pytestmark = pytest.mark.usefixtures("quick_hashes")
WEEK, MONTH = "/postings/week/2026-W44", "/postings/month/2026-10"
PAGES = ["/postings", WEEK, MONTH]


@pytest.fixture
def li(context: ServerContext, clock: FakeClock) -> Person:
    return people_of_two_divisions(context, clock)


@pytest.fixture
def court(context: ServerContext, li: Person) -> ServerContext:
    """October and its last week are published."""
    publish_month(context, OCTOBER)
    publish_week(context, JOINED)
    return context


@pytest.mark.parametrize("username", ["li", "head", "hr", "homeless"])
@pytest.mark.parametrize("path", [WEEK, MONTH])
def test_everybody_with_an_account_reads_all_of_the_court(court: ServerContext, path: str, username: str) -> None:
    client = reading(court, username)
    assert f'href="{path}"' in client.get("/postings").text
    page = client.get(path).text
    assert (cells(page, ">王芳</th>")["Days absent"], cells(page, ">李明</th>")["Division"]) == ("5", "立案庭")
    assert cells(page, "Altogether")["People"] == "2"


@pytest.mark.parametrize("path", ["/postings/week/2026-W45", "/postings/month/2026-11", "/postings/day/2026-10-28"])
def test_what_is_not_published_is_not_posted(court: ServerContext, path: str) -> None:
    assert reading(court, "li").get(path).status_code == 404


@pytest.mark.parametrize("path", ["/postings/week/2026-W 4", "/postings/month/2026-13"])
def test_what_is_no_period_is_one_sentence(court: ServerContext, path: str) -> None:
    assert reading(court, "li").get(path).status_code == 400


def test_nobody_reads_them_without_signing_in(court: ServerContext) -> None:
    client = make_app(court).test_client()
    assert [client.get(path).status_code for path in PAGES] == [302, 302, 302]


def test_neither_leave_nor_excuses_nor_limits_nor_ways_to_other_pages_are_on_them(
    context: ServerContext, li: Person
) -> None:
    put_rules(context, (PRESETS / "court_half_day_absence.yaml").read_text("utf-8"), JOINED, "why", "hr")
    judge(context)
    waive(context, li, "ice on the roads")
    publish_month(context, OCTOBER)
    page = reading(context, "head").get(MONTH).text
    assert "People noted" in page
    assert not {"Excused", "On leave", "On duty elsewhere", "Limits", "Points lost"} & set(cells(page, ">王芳</th>"))
    for hidden in ("0205", "0104", "/reports/sheet", ".xlsx", "ice on the roads", "yearly award"):
        assert hidden not in page


def test_an_amendment_is_told_without_reason_and_verdict(court: ServerContext, clock: FakeClock, li: Person) -> None:
    amend(court, clock, li)
    publish_month(court, date(2026, 11, 1))
    page = reading(court, "li").get("/postings/month/2026-11").text
    assert "Amendments of locked months" in page
    assert "2026-10-28 李明" in page
    assert [word in page for word in ("as filed", "excused")] == [False, False]


def test_what_changed_since_is_said_beside_it(court: ServerContext, li: Person) -> None:
    waive(court, li)
    assert "Changed since it was published: 李明" in reading(court, "li").get(MONTH).text


def test_many_people_are_read_page_by_page_or_printed_at_once(
    court: ServerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PEOPLE_A_PAGE", 1)
    client = reading(court, "li")
    assert "李明" not in client.get(MONTH).text
    assert "李明" in client.get(f"{MONTH}?page=2").text
    assert all(name in client.get(f"{MONTH}?all=1").text for name in ("李明", "王芳"))


def test_every_look_is_written_down(court: ServerContext) -> None:
    client = reading(court, "li")
    for path in PAGES:
        client.get(path)
    assert {(one.username, one.what, one.scope, one.form) for one in looks(court)} == {
        ("li", "week_report", "2026-W44 posted", "page"),
        ("li", "month_report", "2026-10 posted", "page"),
    }


def test_a_court_that_does_not_want_it_shows_them_to_nobody(
    database: Database, tmp_path: Path, clock: FakeClock
) -> None:
    context = make_context(tmp_path, database, clock, attendance={"staff_read_postings": False})
    people_of_two_divisions(context, clock)
    publish_month(context, OCTOBER)
    client = reading(context, "li")
    assert [client.get(path).status_code for path in ("/postings", MONTH)] == [403, 403]
    assert "/postings" not in client.get("/my", follow_redirects=True).text
