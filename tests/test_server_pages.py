"""The pages: a stranger sees the sign-in and nothing else; who is signed in reads the day in their own language."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.errors import CourtclockError
from server.attendance.explaining import explain
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.deriving import as_verdict, derive_touched
from server.services.ingesting import ingest
from server.services.reporting import day_report, publish_day_report
from server.services.touching import touch_everybody
from server.web import pages as pages_module
from tests.attendance_days import FRIDAY
from tests.databases import DatabaseKind
from tests.server_cast import (
    PASSWORD,
    FakeClock,
    Kiosk,
    attempted_at,
    batch_of,
    clocked_at,
    employ,
    give_account,
    make_app,
    pair,
    sign_in_as,
)

pytestmark = pytest.mark.usefixtures("quick_hashes")
REPORT = "/reports/day/2026-11-20"
CSV = f"{REPORT}.csv"
PUBLIC = {"/static/<path:filename>", "/healthz", "/sign-in"}
PLACES = {"<day_text>": "2026-11-20", "<path:filename>": "pages.css"}


@pytest.fixture
def database_kind() -> DatabaseKind:
    """What pages show does not depend on the database; who may see what is tested on both elsewhere."""
    return "sqlite"


@pytest.fixture
def app(context: ServerContext) -> Flask:
    return make_app(context)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def zhao(client: FlaskClient, context: ServerContext) -> str:
    """HR is signed in."""
    give_account(context, "zhao", "hr")
    return sign_in_as(client, context, "zhao")


def send(context: ServerContext, kiosk: Kiosk, *items: dict[str, Any]) -> None:
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(kiosk.kiosk_id)
    assert record is not None
    ingest(context, record, batch_of(*items))


@pytest.fixture
def east(context: ServerContext, clock: FakeClock) -> Kiosk:
    return pair(context, clock)


@pytest.fixture
def friday(context: ServerContext, clock: FakeClock, east: Kiosk) -> Kiosk:
    """A whole day: Li was 12 minutes late, Wang was on time, Sun was not there."""
    li, wang = employ(context, "0104", "李明", "立案庭"), employ(context, "0205", "王芳", "刑庭")
    employ(context, "0306", "孙丽", "刑庭")
    send(context, east, clocked_at(li, "08:42", 1), clocked_at(wang, "08:30:59", 2), attempted_at("08:44", 3))
    send(context, east, clocked_at(li, "17:31", 4), clocked_at(wang, "17:30", 5))
    clock.go_to("23:00")
    touch_everybody(context, FRIDAY)
    derive_touched(context)
    return east


def words_of(answer: TestResponse) -> str:
    """What people read on a page, without its tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def csrf_token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert found is not None
    return found.group(1)


def sign_in_by_form(client: FlaskClient, password: str = PASSWORD, **more: str) -> TestResponse:
    form = {"csrf_token": csrf_token(client), "username": "zhao", "password": password, **more}
    return client.post("/sign-in", data=form)


# Strangers


def test_a_stranger_is_led_to_the_sign_in_from_everywhere(app: Flask) -> None:
    closed = []
    for rule in app.url_map.iter_rules():
        if rule.rule in PUBLIC or rule.rule.startswith("/api/"):
            continue
        path = rule.rule
        for place, value in PLACES.items():
            path = path.replace(place, value)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = app.test_client().open(path, method=method, follow_redirects=True)
            at_the_door = answer.status_code == 200 and answer.request.path == "/sign-in"
            assert at_the_door or 400 <= answer.status_code < 500, f"{method} {path}"
            closed.append(rule.endpoint)
    assert {"pages.board", "periods.day", "periods.day_file", "periods.home", "pages.home"} <= set(closed)


def test_a_stranger_comes_to_where_he_wanted_after_signing_in(client: FlaskClient, context: ServerContext) -> None:
    give_account(context, "zhao", "hr")
    door = client.get(f"{REPORT}?lang=en", follow_redirects=True)
    assert door.request.path == "/sign-in"
    after = unescape(re.findall(r'name="after" value="([^"]*)"', door.text)[0])
    answer = sign_in_by_form(client, after=after)
    assert (answer.status_code, answer.location) == (303, f"{REPORT}?lang=en")


def test_the_health_of_the_server_is_told_to_everybody_and_nothing_else(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "ok\n", "text/plain")


# Signing in and out


def test_signing_in_with_the_form_opens_the_pages_and_signing_out_closes_them(
    client: FlaskClient, context: ServerContext
) -> None:
    give_account(context, "zhao", "hr")
    answer = sign_in_by_form(client)
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/").location == "/board"
    board = client.get("/board")
    assert board.status_code == 200
    stolen = client.get_cookie("courtclock")
    assert stolen is not None
    token = re.findall(r'name="csrf_token" value="([^"]+)"', board.text)[0]
    left = client.post("/sign-out", data={"csrf_token": token})
    assert (left.status_code, left.location) == (303, "/sign-in")
    assert client.get_cookie("courtclock") is None
    client.set_cookie("courtclock", stolen.value)
    assert client.get("/board").location.startswith("/sign-in"), "it ended at the server, not in the browser alone"


@pytest.mark.parametrize(("language", "words"), [("zh", "账号或密码不正确"), ("en", "Name or password is not right.")])
def test_a_wrong_password_is_told_on_the_form_which_keeps_the_name(
    client: FlaskClient, context: ServerContext, language: str, words: str
) -> None:
    give_account(context, "zhao", "hr")
    client.set_cookie("language", language)
    answer = sign_in_by_form(client, password="not the right one", after=REPORT)
    assert answer.status_code == 403
    assert words in answer.text
    assert 'value="zhao"' in answer.text
    assert f'name="after" value="{REPORT}"' in answer.text
    assert "not the right one" not in answer.text
    assert client.get_cookie("courtclock") is None


def test_a_lock_is_told_with_its_minutes(client: FlaskClient, context: ServerContext) -> None:
    give_account(context, "zhao", "hr")
    for _ in range(5):
        sign_in_by_form(client, password="wrong")
    answer = sign_in_by_form(client, lang="en")
    assert answer.status_code == 429
    assert "15" in answer.text


def test_an_idle_sign_in_ends_and_the_page_leads_back_to_the_form(
    client: FlaskClient, clock: FakeClock, zhao: str
) -> None:
    assert client.get("/board").status_code == 200
    clock.advance(timedelta(minutes=31))
    assert client.get("/board").location == "/sign-in?after=/board"


OWN = ["/board", REPORT, f"{REPORT}?lang=en", "/reports/day?day=2026-11-19"]
FOREIGN = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "\t//evil.example/",
    "javascript:alert(1)",
    "evil.example",
    "",
]


@pytest.mark.parametrize("after", OWN)
def test_after_signing_in_one_comes_to_a_page_of_this_site(
    client: FlaskClient, context: ServerContext, after: str
) -> None:
    give_account(context, "zhao", "hr")
    assert sign_in_by_form(client, after=after).location == after


@pytest.mark.parametrize("after", FOREIGN)
def test_after_signing_in_nobody_is_led_away_from_this_site(
    client: FlaskClient, context: ServerContext, after: str
) -> None:
    give_account(context, "zhao", "hr")
    assert sign_in_by_form(client, after=after).location == "/"
    assert 'name="after" value="/"' in client.get("/sign-in", query_string={"after": after}).text


def test_a_line_break_in_the_way_back_adds_no_header(client: FlaskClient, context: ServerContext) -> None:
    give_account(context, "zhao", "hr")
    answer = sign_in_by_form(client, after="/board\r\nX-Planted: 1")
    assert "X-Planted" not in answer.headers
    assert "\n" not in answer.location


# The board


def test_the_board_shows_who_has_clocked_and_who_has_not(
    client: FlaskClient, context: ServerContext, clock: FakeClock, zhao: str, east: Kiosk
) -> None:
    li = employ(context, "0104", "李明")
    employ(context, "0205", "王芳")
    send(context, east, clocked_at(li, "08:29:30", 1), clocked_at(li, "11:59:01", 2), attempted_at("08:44", 3))
    words = words_of(client.get("/board?lang=en"))
    assert "1 have clocked 1 not yet 1 attempts" in words
    assert "李明 08:29:30 11:59:01" in words
    assert re.search("王芳 +not yet", words)
    assert "2026-11-20" in words


def test_the_board_of_an_empty_court_says_so(client: FlaskClient, zhao: str) -> None:
    words = words_of(client.get("/board?lang=en"))
    assert "Nobody is enrolled yet." in words
    assert "No kiosk is paired yet." in words


# The report


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("en", ["Late arrivals and early leaves", "late 12 min", "absent", "start of work", "08:42:00"]),
        ("zh", ["迟到早退", "迟到 12 分钟", "旷工", "上班", "08:42:00"]),
    ],
)
def test_the_report_gives_minutes_and_every_reason_in_both_languages(
    client: FlaskClient, context: ServerContext, friday: Kiosk, zhao: str, language: Any, parts: list[str]
) -> None:
    answer = client.get(f"{REPORT}?lang={language}")
    words = words_of(answer)
    for part in parts:
        assert part in words
    with context.unit(read_only=True) as unit:
        rules = rules_in_force(context, unit)
        verdicts = [as_verdict(record, rules) for record in unit.workdays.of_day(FRIDAY)]
    assert len(verdicts) == 3
    for verdict in verdicts:
        reasons = explain(verdict, language)
        assert reasons
        for reason in reasons:
            assert reason in unescape(answer.text)


def test_the_report_names_those_who_were_late_or_absent_before_everybody_else(
    client: FlaskClient, friday: Kiosk, zhao: str
) -> None:
    noted, others = client.get(f"{REPORT}?lang=en").text.split("<h2>Everybody else</h2>")
    assert [name in noted for name in ("李明", "王芳", "孙丽")] == [True, False, True]
    assert [name in others for name in ("李明", "王芳", "孙丽")] == [False, True, False], "on paper nobody stands twice"


NOBODY_NOTED = "Nobody was late, left early, or missed a clock."
NOT_YET_JUDGED = "Not everybody has been judged yet."
NOBODY_ENROLLED = "Nobody is enrolled for this day."


def sentences_of(client: FlaskClient) -> list[str]:
    words = words_of(client.get(f"{REPORT}?lang=en"))
    return [sentence for sentence in (NOBODY_NOTED, NOT_YET_JUDGED, NOBODY_ENROLLED) if sentence in words]


def test_a_day_on_which_nobody_was_noted_says_so_once_everybody_is_judged(
    client: FlaskClient, context: ServerContext, clock: FakeClock, zhao: str, east: Kiosk
) -> None:
    assert sentences_of(client) == [NOBODY_ENROLLED]
    wang = employ(context, "0205", "王芳")
    assert sentences_of(client) == [NOT_YET_JUDGED]
    send(context, east, clocked_at(wang, "08:30", 1))
    derive_touched(context)
    assert sentences_of(client) == [NOT_YET_JUDGED], "the afternoon is still open"
    send(context, east, clocked_at(wang, "17:31", 2))
    clock.go_to("23:00")
    touch_everybody(context, FRIDAY)
    derive_touched(context)
    give_account(context, "qian", "hr")
    sign_in_as(client, context, "qian")  # the sign-in of the morning is over
    assert sentences_of(client) == [NOBODY_NOTED]
    employ(context, "0306", "孙丽")
    assert sentences_of(client) == [NOT_YET_JUDGED], "one who was not judged is enough"
    assert "尚未对所有人员作出判定。" in client.get(f"{REPORT}?lang=zh").text


def test_before_publication_the_page_says_that_it_is_the_state_so_far(
    client: FlaskClient, context: ServerContext, friday: Kiosk, zhao: str
) -> None:
    before = client.get(f"{REPORT}?lang=en").text
    assert "Not published yet" in before
    assert "changed after publication" not in before
    publish_day_report(context, FRIDAY)
    words = words_of(client.get(f"{REPORT}?lang=en"))
    assert "Published at 2026-11-20 23:00." in words
    assert "changed after publication" not in words


def test_a_change_after_publication_is_marked_at_the_person_and_nowhere_else(
    client: FlaskClient, context: ServerContext, friday: Kiosk, zhao: str
) -> None:
    publish_day_report(context, FRIDAY)
    with context.unit(read_only=True) as unit:
        wang = unit.people.by_employee_no("0205")
        published = unit.jobs.report("day", "2026-11-20")
    assert wang is not None
    send(context, friday, clocked_at(wang, "17:45", 9))  # type: ignore[arg-type] # a record has the fields used
    derive_touched(context)
    report = day_report(context, FRIDAY)
    assert [line.person.name for line in report.lines if line.changed_since_published] == ["王芳"]
    assert words_of(client.get(f"{REPORT}?lang=en")).count("changed after publication") == 1
    with context.unit(read_only=True) as unit:
        assert unit.jobs.report("day", "2026-11-20") == published


def test_somebody_who_joined_later_is_not_in_the_reports_of_before(
    client: FlaskClient, context: ServerContext, friday: Kiosk, zhao: str
) -> None:
    employ(context, "0999", "新同事", joined_on=FRIDAY + timedelta(days=3))
    assert "新同事" not in client.get(REPORT).text
    assert "新同事" in client.get("/reports/day/2026-11-23").text


def test_todays_report_is_the_one_of_the_courts_day(client: FlaskClient, clock: FakeClock, zhao: str) -> None:
    clock.go_to("27:00")
    assert client.get("/reports/day").location == REPORT
    clock.go_to("28:00")
    sign_in_again = client.get("/reports/day")
    assert sign_in_again.location == "/reports/day/2026-11-21"


@pytest.mark.parametrize("path", ["/reports/day/{}", "/reports/day/{}.csv", "/reports/day?day={}"])
@pytest.mark.parametrize("day", ["2026-13-40", "yesterday", "2026-02-30", "0000-01-01", "2026-11-20T08:00", "<b>"])
def test_what_is_no_date_is_told_in_one_sentence(client: FlaskClient, zhao: str, path: str, day: str) -> None:
    answer = client.get(path.format(day), headers={"Accept-Language": "en"})
    assert answer.status_code == 400
    assert f"{day} is not a date like 2026-11-20." in words_of(answer) or day == "<b>"
    assert "<b>" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("day", ["0001-01-01", "1970-01-01", "9999-12-31"])
def test_a_day_far_away_is_an_empty_report(client: FlaskClient, friday: Kiosk, zhao: str, day: str) -> None:
    assert client.get(f"/reports/day/{day}").status_code == 200


# Languages


@pytest.mark.parametrize(
    ("asked", "accepted", "remembered", "shown"),
    [
        ("", "", "", "zh-CN"),
        ("", "en-GB,en;q=0.8", "", "en"),
        ("", "fr", "", "zh-CN"),
        ("?lang=en", "zh", "zh", "en"),
        ("", "zh", "en", "en"),
        ("?lang=xx", "en", "en", "zh-CN"),
    ],
)
def test_the_language_is_the_one_chosen_then_remembered_then_the_browsers_then_the_courts(
    client: FlaskClient, asked: str, accepted: str, remembered: str, shown: str
) -> None:
    if remembered:
        client.set_cookie("language", remembered)
    answer = client.get(f"/sign-in{asked}", headers={"Accept-Language": accepted} if accepted else {})
    assert f'<html lang="{shown}">' in answer.text


def test_a_chosen_language_is_remembered(client: FlaskClient) -> None:
    client.get("/sign-in?lang=en")
    assert '<html lang="en">' in client.get("/sign-in").text


# Errors


@pytest.mark.parametrize("path", ["/nothing", "/board/x", "/report", "/static/nothing.css", "/static/../app.py"])
def test_an_address_that_is_not_there_is_a_page_that_says_so(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.text


def test_a_fault_that_nobody_foresaw_is_a_page_with_a_reference_and_nothing_else(
    app: Flask, client: FlaskClient, zhao: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr(pages_module, "todays_board", fail)
    app.testing = False
    answer = client.get("/board?lang=en")
    assert answer.status_code == 500
    found = re.search(r"noted under ([0-9a-f]{8})", answer.text)
    assert found is not None
    assert "secret" not in answer.text
    assert f"fault {found.group(1)}" in caplog.text
    assert "a secret detail" in caplog.text


def test_a_database_that_is_away_is_a_page_that_asks_to_try_again(
    client: FlaskClient, zhao: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise CourtclockError("database.unreachable", reason="the cable is out")

    monkeypatch.setattr(pages_module, "todays_board", fail)
    answer = client.get("/board?lang=en")
    assert (answer.status_code, "the cable is out" in answer.text) == (503, True)
