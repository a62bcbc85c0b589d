"""The trend's page and picture: the court for its roles, the own division for a head, and every look written down."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.touching import touch_days
from tests.attendance_days import FRIDAY, moment
from tests.databases import Database
from tests.persons_cast import clock_in, looks
from tests.server_cast import (
    FakeClock,
    clocked_at,
    employ,
    give_account,
    make_app,
    make_context,
    pair,
    sign_in_as,
)

FIRST = date(2026, 9, 7)
CAME_ON = date(2026, 10, 12)


@pytest.fixture
def court(database: Database, tmp_path: Path, clock: FakeClock) -> ServerContext:
    """Two divisions; everybody comes on Wednesdays alone, and forgets to clock out."""
    clock.go_to("23:50")
    context = make_context(tmp_path, database, clock, attendance={"kiosk_came_on": CAME_ON})
    door = pair(context, clock)
    people = [
        employ(context, f"{number:04}", f"职员{number}", division, FIRST)
        for number, division in enumerate(["立案庭", "执行局"] * 2)
    ]
    for weeks in range(11):
        wednesday = FIRST + timedelta(days=2 + 7 * weeks)
        clock_in(
            context,
            door,
            *(clocked_at(one, moment("08:20", wednesday), seq=n) for n, one in enumerate(people, start=1)),
        )
    with context.unit() as unit:
        touch_days(unit, FIRST, FRIDAY)
        unit.commit()
    derive_touched(context)
    give_account(context, "hr", "hr")
    give_account(context, "head", "head", "执行局")
    give_account(context, "li", "employee")
    return context


def reading(context: ServerContext, username: str) -> FlaskClient:
    client = make_app(context).test_client()
    sign_in_as(client, context, username)
    return client


def looked(context: ServerContext) -> list[tuple[str, str]]:
    start = datetime.combine(FIRST, time(), context.site.zone)
    with context.unit(read_only=True) as unit:
        return [(one.username, one.what) for one in unit.access_log.between(start, start + timedelta(days=365))]


def test_hr_reads_the_court_and_each_division(court: ServerContext) -> None:
    page = reading(court, "hr").get("/reports/trend?lang=en").get_data(as_text=True)
    assert "Before and after the kiosk" in page
    assert "立案庭" in page
    assert "执行局" in page
    assert "no proof of cause" in page
    assert looked(court) == [("hr", "trend")]


def test_a_head_reads_the_own_division_alone(court: ServerContext) -> None:
    client = reading(court, "head")
    for path in ("/reports/trend?lang=zh", "/reports/trend.svg?lang=zh"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "立案庭" not in answer.get_data(as_text=True)
    assert looked(court) == [("head", "trend")]


def test_a_page_with_its_picture_is_one_look_and_a_picture_alone_is_one_too(
    court: ServerContext, clock: FakeClock
) -> None:
    client = reading(court, "hr")
    for path in ("/reports/trend", "/reports/trend.svg", "/reports/trend.svg?narrow=1"):
        client.get(path)
    assert looked(court) == [("hr", "trend")]
    client.get("/reports/trend.svg?kind=late")
    assert looked(court) == [("hr", "trend")] * 2
    clock.advance(timedelta(minutes=6))
    client.get("/reports/trend.svg")
    assert looked(court) == [("hr", "trend")] * 3


def test_the_weeks_are_rows_of_a_file_with_the_court_and_its_divisions_beside_each_other(court: ServerContext) -> None:
    text = reading(court, "hr").get("/reports/trend.csv?kind=late&lang=zh").data.decode("utf-8-sig")
    head, *lines = csv.reader(io.StringIO(text))
    assert head[:4] == ["第一天", "最后一天", "阶段", "示范中级人民法院：比率"]
    assert [one for one in head if one.startswith("执行局")] == ["执行局：比率", "执行局：次数", "执行局：已判定次数"]
    assert lines[0][:6] == ["2026-09-07", "2026-09-13", "之前", "0.00%", "0", "4"]
    assert lines[5][2] == "之后"
    assert len(lines) == 11


@pytest.mark.parametrize("form", ["csv", "xlsx", "pdf"])
def test_each_file_is_written_down_and_a_heads_has_the_own_division_alone(court: ServerContext, form: str) -> None:
    client = reading(court, "head")
    answer = client.get(f"/reports/trend.{form}?lang=zh")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=courtclock-trend-both.{form}"
    if form == "csv":
        text = answer.data.decode("utf-8-sig")
        assert ("执行局：比率" in text, "立案庭" in text) == (True, False)
    (entry,) = looks(court)
    assert (entry.what, entry.form, entry.scope.startswith("both ")) == ("trend", form, True)
    assert f'href="/reports/trend.{form}?kind=both"' in client.get("/reports/trend").text


def test_an_employee_takes_no_file(court: ServerContext) -> None:
    assert reading(court, "li").get("/reports/trend.xlsx").status_code == 403


def test_an_employee_reads_neither(court: ServerContext) -> None:
    client = reading(court, "li")
    assert [client.get(path).status_code for path in ("/reports/trend", "/reports/trend.svg")] == [403, 403]


@pytest.mark.parametrize("query", ["", "?kind=late", "?kind=early", "?narrow=1"])
def test_the_picture_is_one(court: ServerContext, query: str) -> None:
    answer = reading(court, "hr").get(f"/reports/trend.svg{query}")
    assert answer.mimetype == "image/svg+xml"
    assert ElementTree.fromstring(answer.data).tag.endswith("svg")  # noqa: S314 - made here


def test_another_kind_is_no_page(court: ServerContext) -> None:
    client = reading(court, "hr")
    assert [client.get(path + "?kind=absent").status_code for path in ("/reports/trend", "/reports/trend.svg")] == [
        404,
        404,
    ]


def test_without_the_kiosks_first_day_the_page_says_what_to_do(
    context: ServerContext,
) -> None:
    give_account(context, "hr", "hr")
    client = reading(context, "hr")
    assert "attendance.kiosk_came_on" in client.get("/reports/trend?lang=en").get_data(as_text=True)
    assert client.get("/reports/trend.svg").status_code == 404
