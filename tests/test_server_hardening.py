"""Hardening: headers on every answer, no script anywhere, forms of our own alone, cookies that do not leak."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from models.errors import CourtclockError
from server.app import create_app
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.touching import touch_everybody
from tests.attendance_days import FRIDAY
from tests.databases import Database, DatabaseKind
from tests.server_cast import (
    PASSWORD,
    FakeClock,
    employ,
    give_account,
    make_app,
    make_context,
    pair,
    sign_in_as,
)

pytestmark = pytest.mark.usefixtures("quick_hashes")
REPORT = "/reports/day/2026-11-20"
ANSWERS = ["/", "/sign-in", "/board", REPORT, f"{REPORT}.csv", "/reports/day/x", "/nothing", "/healthz", "/api/nothing"]
PAGES = ["/sign-in", "/board", REPORT, "/nothing", "/reports/day/x"]


@pytest.fixture
def database_kind() -> DatabaseKind:
    """None of this depends on the database."""
    return "sqlite"


@pytest.fixture
def app(context: ServerContext) -> Flask:
    give_account(context, "zhao", "hr")
    return make_app(context)


@pytest.fixture
def client(app: Flask, context: ServerContext) -> FlaskClient:
    client = app.test_client()
    sign_in_as(client, context, "zhao")
    return client


def headers_of(client: FlaskClient, path: str) -> Headers:
    # Closed at once: a file that is served stays open until then.
    with client.get(path) as answer:
        return answer.headers


def test_no_page_can_be_framed_scripted_or_sniffed(client: FlaskClient) -> None:
    for path in [*ANSWERS, "/static/pages.css"]:
        headers = headers_of(client, path)
        rules = dict(one.strip().partition(" ")[::2] for one in headers["Content-Security-Policy"].split(";"))
        assert rules["default-src"] == "'self'", path
        assert rules["script-src"] == "'none'"
        assert rules["frame-ancestors"] == "'none'"
        assert rules["base-uri"] == rules["object-src"] == "'none'"
        assert rules["form-action"] == "'self'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_nothing_about_people_stays_in_a_cache(client: FlaskClient) -> None:
    for path in ANSWERS:
        assert headers_of(client, path)["Cache-Control"] == "no-store", path
    assert headers_of(client, "/static/pages.css")["Cache-Control"] != "no-store"


def test_pages_hold_no_script_and_no_style_of_their_own(client: FlaskClient, context: ServerContext) -> None:
    employ(context)
    touch_everybody(context, FRIDAY)
    derive_touched(context)
    for path in PAGES:
        page = client.get(path).text
        assert "<main" in page, path
        for wrong in (r"<script", r"<style", r"\sstyle\s*=", r"\son\w+\s*=", r"javascript:", r"=\s*[\"']https?:"):
            assert not re.search(wrong, page, re.IGNORECASE), f"{path}: {wrong}"


def test_what_people_are_called_is_shown_and_never_run(
    client: FlaskClient, context: ServerContext, clock: FakeClock
) -> None:
    evil = "<script>alert(1)</script>"
    employ(context, "<i>7</i>", evil, f'"><img src=x>{evil}')
    pair(context, clock, evil)
    touch_everybody(context, FRIDAY)
    derive_touched(context)
    for path in ("/board", REPORT):
        page = client.get(path).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "&lt;i&gt;7" in page
        for run in ("<script", "<img", "<i>"):
            assert run not in page
    shown = client.get("/sign-in", query_string={"after": '/"><script>alert(1)</script>'}).text
    assert "<script" not in shown


# Forms


def test_a_form_without_its_token_is_refused_with_a_page_that_says_what_to_do(app: Flask) -> None:
    answer = app.test_client().post(
        "/sign-in", data={"username": "zhao", "password": PASSWORD}, headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 400
    assert "Open the page again." in answer.text
    assert "Set-Cookie" not in answer.headers or "courtclock=" not in answer.headers["Set-Cookie"]


def test_a_form_with_the_token_of_another_browser_is_refused(app: Flask) -> None:
    mine, other = app.test_client(), app.test_client()
    mine.get("/sign-in")
    stolen = re.findall(r'name="csrf_token" value="([^"]+)"', other.get("/sign-in").text)[0]
    answer = mine.post("/sign-in", data={"csrf_token": stolen, "username": "zhao", "password": PASSWORD})
    assert answer.status_code == 400


def test_nobody_is_signed_out_from_elsewhere(client: FlaskClient) -> None:
    assert client.post("/sign-out").status_code == 400
    assert client.get("/sign-out").status_code == 404
    assert client.get("/board").status_code == 200


def test_a_form_of_another_size_than_forms_have_is_refused(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"username": "x" * (4 * 1024 * 1024 + 1)})
    assert answer.status_code == 413
    assert answer.mimetype == "text/html"


# Cookies


def cookies_after_signing_in_and_out(app: Flask, name: str, scheme: str) -> tuple[str, str]:
    """The ``Set-Cookie`` lines with which a sign-in begins and ends."""
    client = app.test_client()
    base = f"{scheme}://localhost"

    def token() -> str:
        found = re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in", base_url=base).text)
        return str(found[0])

    more = {"base_url": base, "headers": {"Referer": f"{base}/sign-in"}}
    began = client.post("/sign-in", data={"csrf_token": token(), "username": "zhao", "password": PASSWORD}, **more)
    assert began.status_code == 303
    ended = client.post("/sign-out", data={"csrf_token": token()}, **more)
    assert ended.status_code == 303
    first, last = (
        next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(f"{name}="))
        for answer in (began, ended)
    )
    return first, last


def parts(cookie: str) -> set[str]:
    return {part.strip() for part in cookie.split(";")[1:]}


def test_the_sign_in_cookie_is_for_this_site_alone_and_out_of_reach_of_scripts(app: Flask) -> None:
    began, ended = cookies_after_signing_in_and_out(app, "courtclock", "http")
    assert parts(began) == {"HttpOnly", "SameSite=Strict", "Path=/"}
    assert "Max-Age=0" in parts(ended)


def test_behind_https_the_cookie_never_travels_in_clear_and_is_bound_to_the_host(
    tmp_path: Path, database: Database, clock: FakeClock
) -> None:
    context = make_context(tmp_path, database, clock, server={"secure_cookies": True})
    give_account(context, "zhao", "hr")
    app = make_app(context)
    began, ended = cookies_after_signing_in_and_out(app, "__Host-courtclock", "https")
    assert parts(began) == {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"}
    # A browser does not even look at a line for a __Host- cookie that is not Secure.
    assert {"Secure", "Path=/", "Max-Age=0"} <= parts(ended)
    form = app.test_client().get("/sign-in", base_url="https://localhost").headers.getlist("Set-Cookie")
    assert len(form) == 2
    for line in form:
        assert {"Secure", "SameSite=Strict", "HttpOnly"} <= parts(line)
    answer = app.test_client().get("/sign-in", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_without_https_nobody_is_told_to_use_it(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/sign-in").headers


@pytest.mark.parametrize(("content", "code"), [(None, "secret.missing"), ("c2hvcnQ=", "secret.malformed")])
def test_without_its_session_key_the_server_does_not_start(
    context: ServerContext, content: str | None, code: str
) -> None:
    path = context.settings.secrets.session_key_file
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(CourtclockError) as told:
        create_app(context)
    assert told.value.code == code
