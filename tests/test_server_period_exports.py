"""Reports as files: what stands on the page and more, in three forms; a spreadsheet shows it, and never runs it."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from server.services.context import ServerContext
from server.services.periods import publish_month
from server.services.reporting import publish_day_report
from tests.databases import DatabaseKind
from tests.periods_cast import OCTOBER, amend, judge, people_of_two_divisions, reading, waive
from tests.server_cast import FakeClock, Person, employ
from tests.xlsx_reading import ReadBook

pytestmark = pytest.mark.usefixtures("quick_hashes")
DAY, WEEK, MONTH = "/reports/day/2026-11-20", "/reports/week/2026-W44", "/reports/month/2026-10"
REPORTS = [DAY, WEEK, MONTH]


@pytest.fixture
def database_kind() -> DatabaseKind:
    """A file is a file."""
    return "sqlite"


@pytest.fixture
def li(context: ServerContext, clock: FakeClock) -> Person:
    return people_of_two_divisions(context, clock)


@pytest.fixture
def client(context: ServerContext, li: Person) -> FlaskClient:
    return reading(context, "hr")


def rows(client: FlaskClient, path: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(path).data.decode("utf-8-sig"))))


def strings(client: FlaskClient, path: str) -> str:
    return ReadBook(client.get(f"{path}.xlsx").data).parts["xl/sharedStrings.xml"]


def printed(client: FlaskClient, path: str) -> str:
    reader = PdfReader(io.BytesIO(client.get(f"{path}.pdf").data))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


# Names and forms


@pytest.mark.parametrize("path", REPORTS)
@pytest.mark.parametrize(
    ("form", "kind", "begins"),
    [
        ("csv", "text/csv", b"\xef\xbb\xbf"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
        ("pdf", "application/pdf", b"%PDF-"),
    ],
)
def test_files_name_the_period_and_their_kind(
    client: FlaskClient, path: str, form: str, kind: str, begins: bytes
) -> None:
    answer = client.get(f"{path}.{form}")
    assert answer.mimetype == kind
    name = "-".join(path.split("/")[2:])
    assert answer.headers["Content-Disposition"] == f"attachment; filename=courtclock-{name}.{form}"
    assert answer.data.startswith(begins)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", REPORTS)
def test_the_byte_order_mark_can_be_left_out(client: FlaskClient, path: str) -> None:
    assert client.get(f"{path}.csv").data == b"\xef\xbb\xbf" + client.get(f"{path}.csv?bom=0").data


@pytest.mark.parametrize("path", [f"{MONTH}.ods", f"{MONTH}.", f"{DAY}.txt"])
def test_there_are_no_other_forms(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code in (400, 404)


@pytest.mark.parametrize(("language", "heading"), [("en", "Employee number"), ("zh", "工号")])
def test_files_are_in_the_readers_language(client: FlaskClient, language: str, heading: str) -> None:
    assert heading in rows(client, f"{MONTH}.csv?lang={language}")[0]


# A day


@pytest.mark.parametrize(("language", "first", "verdict"), [("en", "Date", "absent"), ("zh", "日期", "旷工")])
def test_every_person_of_a_day_is_a_line_with_verdict_minutes_and_reasons(
    client: FlaskClient, context: ServerContext, language: str, first: str, verdict: str
) -> None:
    employ(context, "0306", "孙丽", None)
    head, *lines = rows(client, f"{DAY}.csv?lang={language}")
    assert (head[0], len(head)) == (first, 9)
    by_number = {line[1]: line for line in lines}
    assert by_number["0104"][:4] == ["2026-11-20", "0104", "李明", "立案庭"]
    assert verdict in by_number["0104"][4]
    assert by_number["0104"][5:8] == ["0", "0", "0"], "an absence takes up what was missed"
    assert by_number["0104"][8]
    assert by_number["0306"][3:] == ["", "", "", "", "", ""], "who is not judged yet has empty cells"


def test_a_days_paper_has_reasons_for_who_is_noted_and_a_line_for_everybody_else(
    client: FlaskClient, context: ServerContext
) -> None:
    for number in range(120):
        employ(context, f"1{number:03}", f"新{number:03}", "立案庭")
    text = printed(client, DAY)
    noted, others = text.split("Everybody else on 2026-11-20", 1)
    assert ("李明" in noted, "李明" in others) == (True, False)
    assert ("新119" in noted, "新119" in others) == (False, True)
    assert "not judged yet" in others
    pages = PdfReader(io.BytesIO(client.get(f"{DAY}.pdf").data)).pages
    assert len(pages) <= 6


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_plain_text(
    client: FlaskClient, context: ServerContext, start: str
) -> None:
    evil = f'{start}HYPERLINK("http://evil.example";"x")'
    employ(context, f"{start}7", evil, evil)
    for path, first in ((f"{DAY}.csv", 1), ("/reports/month/2026-11.csv", 0)):
        (line,) = [row for row in rows(client, path) if row[first].endswith(f"{start}7")]
        assert line[first : first + 3] == [f"'{start}7", f"'{evil}", f"'{evil}"]


def test_commas_quotes_and_lines_in_names_stay_in_their_cell(client: FlaskClient, context: ServerContext) -> None:
    employ(context, "0999", '李"明", 立\n案', "庭;,")
    assert [row[1:4] for row in rows(client, f"{DAY}.csv") if row[1] == "0999"] == [["0999", '李"明", 立\n案', "庭;,"]]


# A week and a month


def test_the_csv_holds_everybody_with_every_figure(client: FlaskClient) -> None:
    head, *lines = rows(client, f"{MONTH}.csv")
    assert head[:6] == ["Employee number", "Name", "Division", "Workdays expected", "Still open", "Arrivals judged"]
    assert len(lines) == 2
    assert [
        "0104",
        "李明",
        "立案庭",
        "5",
        "0",
        "0",
        "0",
        "0",
        "0",
        "0",
        "0",
        "0",
        "0",
        "0",
        "5.0",
        "0",
        "0",
        "0",
        "0",
        "0",
        "",
        "",
    ] in lines


@pytest.mark.parametrize("path", [WEEK, MONTH])
def test_the_workbook_has_people_and_divisions_and_their_sum(client: FlaskClient, path: str) -> None:
    book = ReadBook(client.get(f"{path}.xlsx").data)
    assert len(book.sheet_names) == 2
    texts = book.parts["xl/sharedStrings.xml"]
    assert all(one in texts for one in ("李明", "王芳", "立案庭", "执行局", "Altogether", "Rate of late arrivals"))


def test_the_pdf_says_what_the_workbook_says(client: FlaskClient) -> None:
    text = printed(client, MONTH)
    assert all(one in text for one in ("李明", "王芳", "立案庭", "执行局", "Altogether", "2026-10-01 – 2026-10-31"))


def test_amendments_are_a_table_of_their_own(
    client: FlaskClient, context: ServerContext, clock: FakeClock, li: Person
) -> None:
    publish_month(context, OCTOBER)
    amend(context, clock, li)
    client = reading(context, "hr")
    assert len(ReadBook(client.get("/reports/month/2026-11.xlsx").data).sheet_names) == 3
    assert "as filed" in strings(client, "/reports/month/2026-11")
    assert "as filed" in printed(client, "/reports/month/2026-11")


def test_published_figures_stay_in_files_and_what_changed_is_said(
    client: FlaskClient, context: ServerContext, li: Person
) -> None:
    assert "Not published yet" in strings(client, MONTH)
    before = client.get(f"{MONTH}.csv").data
    publish_month(context, OCTOBER)
    waive(context, li)
    assert client.get(f"{MONTH}.csv").data == before
    texts = strings(client, MONTH)
    assert "Changed since it was published: 李明" in texts
    assert "Published on 2026-11-20 23:50" in texts, "in the court's own time"


def test_a_days_file_says_who_changed_after_publication(
    client: FlaskClient, context: ServerContext, li: Person
) -> None:
    publish_day_report(context, date(2026, 10, 28))
    assert "Changed since" not in strings(client, "/reports/day/2026-10-28")
    waive(context, li)
    assert "Changed since it was published: 李明" in strings(client, "/reports/day/2026-10-28")


def test_of_many_who_changed_files_name_the_first(client: FlaskClient, context: ServerContext) -> None:
    publish_month(context, OCTOBER)
    for number in range(22):
        employ(context, f"1{number:03}", f"新{number:02}", "立案庭", date(2026, 10, 29))
    judge(context)
    texts = strings(client, MONTH)
    assert "新19 and 2 more" in texts
    assert "新20" not in texts


def test_a_period_without_anybody_has_files_too(client: FlaskClient) -> None:
    for form in ("csv", "xlsx", "pdf"):
        assert client.get(f"/reports/month/2020-02.{form}").status_code == 200
