"""The day's CSV: what a spreadsheet shows as the page does, and never runs."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient

from server.services.context import ServerContext
from server.services.deriving import derive_touched, touch_everybody
from tests.attendance_days import FRIDAY
from tests.databases import DatabaseKind
from tests.server_cast import FakeClock, employ, give_account, make_app, sign_in_as

CSV = "/reports/day/2026-11-20.csv"


@pytest.fixture
def database_kind() -> DatabaseKind:
    """A file is a file."""
    return "sqlite"


@pytest.fixture
def client(context: ServerContext, clock: FakeClock) -> FlaskClient:
    clock.go_to("23:30")
    give_account(context, "zhao", "hr")
    client = make_app(context).test_client()
    sign_in_as(client, context, "zhao")
    return client


@pytest.fixture(autouse=True)
def quick(quick_hashes: None) -> None:
    """No test here is about hashes."""


def rows(client: FlaskClient, language: str = "en") -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(f"{CSV}?lang={language}").data.decode("utf-8-sig"))))


def test_it_begins_with_a_byte_order_mark_and_has_a_name_of_its_own(client: FlaskClient) -> None:
    answer = client.get(CSV)
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == "attachment; filename=courtclock-day-2026-11-20.csv"


@pytest.mark.parametrize(("language", "first", "verdict"), [("en", "Date", "absent"), ("zh", "日期", "旷工")])
def test_every_person_is_a_line_with_verdict_minutes_and_reasons(
    client: FlaskClient, context: ServerContext, language: str, first: str, verdict: str
) -> None:
    employ(context, "0104", "李明", "立案庭")
    employ(context, "0205", "王芳", None)
    touch_everybody(context, FRIDAY)
    derive_touched(context)
    head, *lines = rows(client, language)
    assert (head[0], len(head)) == (first, 9)
    by_number = {line[1]: line for line in lines}
    assert by_number["0104"][:4] == ["2026-11-20", "0104", "李明", "立案庭"]
    assert verdict in by_number["0104"][4]
    assert by_number["0104"][5:8] == ["0", "0", "0"], "an absence takes up what was missed"
    assert by_number["0104"][8]
    assert by_number["0205"][3] == ""


def test_who_is_not_judged_yet_has_empty_cells(client: FlaskClient, context: ServerContext) -> None:
    employ(context)
    assert rows(client)[1][4:] == [""] * 5


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_plain_text(
    client: FlaskClient, context: ServerContext, start: str
) -> None:
    evil = f'{start}HYPERLINK("http://evil.example";"x")'
    employ(context, f"{start}7", evil, evil)
    line = rows(client)[1]
    assert line[1:4] == [f"'{start}7", f"'{evil}", f"'{evil}"]


def test_commas_quotes_and_lines_in_names_stay_in_their_cell(client: FlaskClient, context: ServerContext) -> None:
    employ(context, "0104", '李"明", 立\n案', "庭;,")
    assert rows(client)[1][1:4] == ["0104", '李"明", 立\n案', "庭;,"]
