"""The month of one person as CSV, XLSX and PDF: the same rows as the page, for the same people, written down first."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.expectation_changes import add_roster_entry, put_rules
from server.services.ingesting import ingest
from server.services.touching import touch_everybody
from server.storage.access_log import AccessEntry, AccessLogRepository
from tests.attendance_days import FRIDAY, SATURDAY, moment
from tests.databases import DatabaseKind
from tests.pages_cast import as_user, give_own_account, somebody
from tests.persons_cast import PRESETS, looks
from tests.server_cast import FakeClock, Person, batch_of, clocked_at, employ, give_account, make_app, pair
from tests.xlsx_reading import ReadBook

pytestmark = pytest.mark.usefixtures("quick_hashes")
SHEET = "/reports/sheet/0104/2026-11"
FORMS = ["csv", "xlsx", "pdf"]


@pytest.fixture
def database_kind() -> DatabaseKind:
    """A file is a file."""
    return "sqlite"


@pytest.fixture
def li(context: ServerContext) -> Person:
    person = employ(context, "0104", "李明", "立案庭")
    give_own_account(context, person, "li", "employee")
    return person


@pytest.fixture
def app(context: ServerContext, clock: FakeClock, li: Person) -> Flask:
    """On Friday he was 13 min late, and left in time."""
    clock.go_to("23:30")
    clock_in(context, clock, clocked_at(li, "08:43:12", 1), clocked_at(li, "17:40", 2))
    touch_everybody(context, FRIDAY)
    derive_touched(context)
    return make_app(context)


@pytest.fixture
def client(app: Flask, context: ServerContext) -> FlaskClient:
    return as_user(app, context, "li")


def clock_in(context: ServerContext, clock: FakeClock, *items: dict[str, object]) -> None:
    kiosk = pair(context, clock)
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(kiosk.kiosk_id)
    assert record is not None
    ingest(context, record, batch_of(*items, sent_at=clock.now()))


def rows(client: FlaskClient, path: str = f"{SHEET}.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(path).data.decode("utf-8-sig"))))


def texts(client: FlaskClient, path: str = f"{SHEET}.xlsx") -> list[str]:
    """What stands in the first column of the workbook."""
    return [cell.value for cell in ReadBook(client.get(path).data).column("A")]


def test_csv_has_a_line_for_every_date_of_the_month(client: FlaskClient) -> None:
    found = rows(client)
    assert [row["Date"] for row in found] == [f"2026-11-{day:02}" for day in range(1, 31)]
    assert found[19] == {
        "Date": "2026-11-20",
        "Weekday": "Fri",
        "Kind of day": "workday",
        "start of work": "08:43:12",
        "end of work": "17:40:00",
        "Late minutes": "13",
        "Early minutes": "0",
        "Missing clocks": "0",
        "Half days absent": "0",
        "Verdict": "late 13 min",
    }
    assert found[22]["Verdict"] == found[22]["Late minutes"] == ""


def test_csv_begins_with_a_byte_order_mark_unless_it_is_not_wanted(client: FlaskClient) -> None:
    mark = b"\xef\xbb\xbf"
    assert client.get(f"{SHEET}.csv").data.startswith(mark)
    assert client.get(f"{SHEET}.csv?bom=1").data.startswith(mark)
    assert client.get(f"{SHEET}.csv?bom=0").data == client.get(f"{SHEET}.csv").data.removeprefix(mark)


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("csv", "text/csv"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("pdf", "application/pdf"),
    ],
)
def test_a_file_has_a_name_and_a_kind_of_its_own(client: FlaskClient, form: str, media_type: str) -> None:
    answer = client.get(f"{SHEET}.{form}")
    assert answer.mimetype == media_type
    assert answer.headers["Content-Disposition"] == f"attachment; filename=courtclock-sheet-0104-2026-11.{form}"
    assert answer.headers["Cache-Control"] == "no-store"


def test_xlsx_holds_dates_times_and_numbers_and_not_their_text(client: FlaskClient) -> None:
    cells = ReadBook(client.get(f"{SHEET}.xlsx").data).cells()
    # Below the title, three lines, a blank one and the headings the month begins.
    row = 6 + FRIDAY.day
    day_number = (FRIDAY - date(1899, 12, 30)).days
    assert (cells[f"A{row}"].kind, float(cells[f"A{row}"].value)) == ("n", day_number)
    assert float(cells[f"D{row}"].value) * 86_400 == pytest.approx((8 * 60 + 43) * 60 + 12)
    assert (cells[f"F{row}"].kind, float(cells[f"F{row}"].value)) == ("n", 13)
    assert cells["A1"].value == "Attendance of 李明, 2026-11"
    assert "Late minutes: 13" in texts(client)


def test_what_is_said_around_the_table_is_in_the_readers_language(client: FlaskClient, context: ServerContext) -> None:
    put_rules(context, (PRESETS / "court_half_day_absence.yaml").read_text("utf-8"), date(2026, 11, 2), "why", "zhao")
    lines = texts(client)
    assert "Neither confirmed nor objected to." in lines
    assert "As of 2026-11-20 23:30; times are local times of Asia/Shanghai." in lines
    assert "The month costs 0.2 points." in lines
    assert any("2026-11: 1 of 3, 2 left before the limit" in line for line in lines)
    assert rows(client, f"{SHEET}.csv?lang=zh")[19]["上班"] == "08:43:12"


def test_pdf_says_whose_month_it_is_and_has_every_date(client: FlaskClient) -> None:
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(client.get(f"{SHEET}.pdf").data)).pages)
    assert "2026-11" in text
    assert [day for day in range(1, 31) if f"2026-11-{day:02}" not in text] == []


def test_a_night_that_ends_on_the_next_date_shows_that_date(
    client: FlaskClient, context: ServerContext, clock: FakeClock, li: Person
) -> None:
    put_rules(context, (PRESETS / "court_police_nights.yaml").read_text("utf-8"), date(2026, 11, 2), "why", "zhao")
    with context.unit(read_only=True) as unit:
        shifts = unit.court_rules.rule_versions()[-1].document["shifts"]
    night = next(name for name, shift in shifts.items() if any(int(one["at"][:2]) >= 24 for one in shift["points"]))
    last = max(shifts[night]["points"], key=lambda one: str(one["at"]))
    add_roster_entry(
        context, [li.person_id], FRIDAY, FRIDAY, night, follows_calendar=False, reason="duty", entered_by="zhao"
    )
    left_at = moment(last["at"], FRIDAY) + timedelta(minutes=1)
    clock.advance(timedelta(days=2))
    clock_in(context, clock, clocked_at(li, left_at, 9))
    touch_everybody(context, FRIDAY)
    derive_touched(context)
    reader = as_user(make_app(context), context, "li")
    assert rows(reader)[19][last["name_en"]].startswith(f"{SATURDAY} ")


def test_names_that_look_like_formulas_stay_text(app: Flask, context: ServerContext) -> None:
    somebody(context, "0205", "=1+1", "=2+2", username="sly")
    book = ReadBook(as_user(app, context, "sly").get("/reports/sheet/0205/2026-11.xlsx").data)
    assert book.cells()["A1"].value == "Attendance of =1+1, 2026-11"
    assert book.count("f") == 0


# Who may take them


@pytest.mark.parametrize("form", FORMS)
def test_files_have_the_scope_of_the_page(app: Flask, context: ServerContext, form: str) -> None:
    somebody(context, "0205", "王芳", "刑庭", username="wang", role="head")
    somebody(context, "0101", "孙丽", "立案庭", username="sun", role="head")
    somebody(context, "0206", "陈伟", "立案庭", username="chen")
    give_account(context, "wu", "president")
    for username, status in (("li", 200), ("sun", 200), ("wu", 200), ("wang", 403), ("chen", 403)):
        client = as_user(app, context, username)
        assert client.get(f"{SHEET}.{form}").status_code == status
        assert client.get(f"/reports/sheet/9999/2026-11.{form}").status_code == 403


@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_written_down(client: FlaskClient, context: ServerContext, form: str) -> None:
    client.get(f"{SHEET}.{form}")
    entry = AccessEntry(context.clock.host_now(), "li", "month_sheet", "2026-11 0104", form)  # type: ignore[arg-type]
    assert looks(context) == [entry]
    assert entry.at.tzinfo is UTC


@pytest.mark.parametrize("path", [SHEET, *(f"{SHEET}.{form}" for form in FORMS), "/reports/person/0104/2026-11-20"])
def test_nothing_is_handed_out_when_it_cannot_be_written_down(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def refuse(_repository: AccessLogRepository, _entry: AccessEntry) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(AccessLogRepository, "add", refuse)
    client.application.testing = False
    answer = client.get(path)
    assert answer.status_code == 500
    assert "李明".encode() not in answer.data


def test_there_is_no_other_form(client: FlaskClient) -> None:
    assert client.get(f"{SHEET}.html").status_code == 400
