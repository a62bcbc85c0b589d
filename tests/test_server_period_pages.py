"""The pages of reports: which are published, the week's posting, the month's bulletin, and who may see how much."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from server.services.context import ServerContext
from server.services.deriving import derive_touched, touch_days
from server.services.month_close import decide_amendment, lock_month, open_amendments
from server.services.periods import publish_month, publish_week
from server.services.requests import Actor, Wish, decide, file_request
from server.services.signing_in import add_account
from server.web import period_pages
from tests.attendance_days import FRIDAY
from tests.server_cast import PASSWORD, FakeClock, Person, employ, give_account, make_app, sign_in_as

pytestmark = pytest.mark.usefixtures("quick_hashes")
OCTOBER = date(2026, 10, 1)
HR = Actor("hr", "hr")
Read = Callable[[str, str], str]


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, "0104", "李明", "立案庭", date(2026, 10, 26))


@pytest.fixture
def court(context: ServerContext, clock: FakeClock, li: Person) -> ServerContext:
    """Li of the case filing division and Wang of enforcement never clock from the last week of October on."""
    employ(context, "0205", "王芳", "执行局", date(2026, 10, 26))
    clock.go_to("23:50")
    with context.unit() as unit:
        touch_days(unit, date(2026, 10, 26), FRIDAY)
        unit.commit()
    derive_touched(context)
    give_account(context, "hr", "hr")
    give_account(context, "zhou", "president")
    give_account(context, "head", "head", "执行局")
    add_account(context, "li", PASSWORD, "employee", employee_no="0104")
    return context


@pytest.fixture
def read(court: ServerContext) -> Read:
    """A page as an account sees it in English."""
    clients: dict[str, FlaskClient] = {}

    def page(username: str, path: str) -> str:
        if username not in clients:
            clients[username] = reading(court, username)
        answer = clients[username].get(path + ("&" if "?" in path else "?") + "lang=en")
        assert answer.status_code == 200, path
        return answer.get_data(as_text=True)

    return page


def reading(context: ServerContext, username: str) -> FlaskClient:
    client = make_app(context).test_client()
    sign_in_as(client, context, username)
    return client


def numbers(page: str, name: str) -> list[str]:
    """The cells of somebody's, or a division's, row."""
    (row,) = [row for row in re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.DOTALL) if name in row]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


# What stands on them


def test_the_list_names_what_is_published_and_leads_to_what_is_not_yet(court: ServerContext, read: Read) -> None:
    publish_month(court, OCTOBER)
    publish_week(court, date(2026, 11, 9))
    page = read("hr", "/reports")
    for path in (
        "/reports/month/2026-10",
        "/reports/week/2026-W46",
        "/reports/month/2026-11",
        "/reports/week/2026-W47",
    ):
        assert f'href="{path}"' in page
    assert 'href="/reports/week/2026-W45"' not in page
    assert 'href="/reports/day/2026-11-20"' in page


def test_the_month_adds_up_per_person_division_and_court(read: Read) -> None:
    page = read("hr", "/reports/month/2026-10")
    assert "Not published yet" in page
    # Five workdays without a clock: five days absent for each of two people.
    assert numbers(page, "李明")[:6] == ["立案庭", "0", "0", "0", "0", "0"]
    assert numbers(page, "李明")[6] == "5"
    assert numbers(page, "执行局</th>")[:2] == ["1", "0.0 %"]
    assert numbers(page, "Altogether")[0] == "2"
    assert numbers(page, "Altogether")[7] == "10"


def test_a_week_leads_to_its_neighbours_over_the_end_of_the_year(read: Read) -> None:
    page = read("hr", "/reports/week/2026-W53")
    assert 'href="/reports/week/2026-W52"' in page
    assert 'href="/reports/week/2027-W01"' in page


def test_what_changed_since_publication_is_said_beside_it(court: ServerContext, li: Person, read: Read) -> None:
    publish_month(court, OCTOBER)
    filed = file_request(court, Wish("waiver", li.person_id, "ice on the roads", day=date(2026, 10, 28)), HR)
    decide(court, filed.request_id, "approved", HR)
    derive_touched(court)
    page = read("zhou", "/reports/month/2026-10")
    assert "Changed since it was published: 李明" in page
    assert numbers(page, ">李明</a>")[6] == "5", "what was published stays"


def test_an_amendment_of_a_locked_month_stands_on_the_next_bulletin(
    court: ServerContext, clock: FakeClock, li: Person, read: Read
) -> None:
    publish_month(court, OCTOBER)
    lock_month(court, "2026-10", HR)
    clock.advance(timedelta(minutes=1))
    filed = file_request(court, Wish("waiver", li.person_id, "ice on the roads", day=date(2026, 10, 28)), HR)
    decide(court, filed.request_id, "approved", HR)
    derive_touched(court)
    ((_, amendment),) = open_amendments(court)
    decide_amendment(court, li.person_id, amendment.day, HR, "as filed", sign=True, number=amendment.number)
    clock.advance(timedelta(minutes=1))
    page = read("hr", "/reports/month/2026-11")
    assert "Amendments of locked months" in page
    assert numbers(page, "as filed") == ["2026-10-28", "absent", "excused", "as filed", "hr"]
    assert "as filed" not in read("head", "/reports/month/2026-11")


def test_many_people_are_read_page_by_page(court: ServerContext, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(period_pages, "PEOPLE_A_PAGE", 1)
    first, second = read("hr", "/reports/month/2026-10"), read("hr", "/reports/month/2026-10?page=2")
    assert ("李明" in first, "王芳" in first) != ("李明" in second, "王芳" in second)
    assert "Page 1 of 2" in first
    client = reading(court, "zhou")
    assert [client.get(f"/reports/month/2026-10?page={page}").status_code for page in ("0", "3", "x", "-1", "²")] == [
        404
    ] * 5


@pytest.mark.parametrize(
    "path",
    ["/reports/month/2026-13", "/reports/month/10-2026", "/reports/week/2026-W54", "/reports/week/2026-47",
     "/reports/day/2026-02-30", "/reports/day/20261120", "/reports/month/2026-13.pdf"],
)  # fmt: skip
def test_what_is_no_period_is_one_sentence(court: ServerContext, path: str) -> None:
    assert reading(court, "hr").get(path).status_code == 400


@pytest.mark.parametrize("path", ["/reports/day/0001-01-01", "/reports/day/9999-12-31", "/reports/month/9999-12"])
def test_the_ends_of_the_calendar_have_pages_too(court: ServerContext, path: str) -> None:
    assert reading(court, "hr").get(path).status_code in (200, 400)


# Who sees how much

PATHS = [
    "/reports",
    "/reports/day/2026-11-20",
    "/reports/day/2026-11-20.csv",
    "/reports/day/2026-11-20.xlsx",
    "/reports/week/2026-W44",
    "/reports/week/2026-W44.csv",
    "/reports/month/2026-10",
    "/reports/month/2026-10.csv",
    "/reports/month/2026-10.xlsx",
    "/reports/month/2026-10.pdf",
]


@pytest.mark.parametrize("path", PATHS)
def test_an_employee_sees_none_of_it(court: ServerContext, path: str) -> None:
    assert reading(court, "li").get(path).status_code == 403


@pytest.mark.parametrize(
    "path", [path for path in PATHS if path != "/reports" and not path.endswith((".xlsx", ".pdf"))]
)
def test_a_head_sees_the_own_division_alone(court: ServerContext, path: str) -> None:
    for username, names in (("head", (False, True)), ("hr", (True, True)), ("zhou", (True, True))):
        text = reading(court, username).get(path).get_data(as_text=True)
        assert ("李明" in text, "王芳" in text) == names, username


def test_a_heads_published_bulletin_is_of_the_own_division(court: ServerContext, read: Read) -> None:
    publish_month(court, OCTOBER)
    page = read("head", "/reports/month/2026-10")
    assert "立案庭" not in page
    assert numbers(page, "Altogether")[0] == "1"


def test_a_heads_workbook_holds_the_own_division_alone(court: ServerContext) -> None:
    content = reading(court, "head").get("/reports/month/2026-10.xlsx").data
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        texts = book.read("xl/sharedStrings.xml").decode()
    assert ("李明" in texts, "王芳" in texts) == (False, True)


@pytest.mark.parametrize(
    ("path", "what", "form"),
    [
        ("/reports/day/2026-11-20", "day_report", "page"),
        ("/reports/day/2026-11-20.csv", "day_report", "csv"),
        ("/reports/week/2026-W44", "week_report", "page"),
        ("/reports/month/2026-10.pdf", "month_report", "pdf"),
    ],
)
def test_every_look_and_every_file_is_written_down(court: ServerContext, path: str, what: str, form: str) -> None:
    assert reading(court, "hr").get(path).status_code == 200
    with court.unit(read_only=True) as unit:
        (entry,) = unit.access_log.between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert (entry.username, entry.what, entry.form) == ("hr", what, form)
    assert entry.scope.endswith(" court")


# Files


@pytest.mark.parametrize(("query", "begins"), [("", b"\xef\xbb\xbf"), ("?bom=0", b"Employee number")])
def test_the_byte_order_mark_is_a_choice(court: ServerContext, query: str, begins: bytes) -> None:
    client = reading(court, "hr")
    client.set_cookie("language", "en")
    assert client.get(f"/reports/month/2026-10.csv{query}").data.startswith(begins)


def test_files_name_the_period_and_their_kind(court: ServerContext) -> None:
    client = reading(court, "hr")
    for path, kind, name in (
        ("/reports/week/2026-W44.pdf", "application/pdf", "courtclock-week-2026-W44.pdf"),
        (
            "/reports/month/2026-10.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "courtclock-month-2026-10.xlsx",
        ),
    ):
        answer = client.get(path)
        assert answer.mimetype == kind
        assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"


def test_the_csv_holds_everybody_with_every_figure(court: ServerContext) -> None:
    client = reading(court, "hr")
    lines = client.get("/reports/month/2026-10.csv?bom=0&lang=en").get_data(as_text=True).splitlines()
    assert lines[0].startswith("Employee number,Name,Division,Workdays judged,Still open,Arrivals judged,Late arrivals")
    assert len(lines) == 3
    assert "0104,李明,立案庭,6,0,5,0,0,0,5,0,0,0,0,5.0,0,0,0,0,0" in lines
