"""docs/api.md has every route, every message field and every HTTP status, and none that do not exist."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

import pytest
from flask import Flask
from sqlalchemy import create_engine

import models.wire
from kiosk.screen.page import ScreenParts, create_screen
from models.clock import SystemClock
from models.errors import ERROR_KINDS, CourtclockError
from models.sealing import new_key, write_key_file
from models.settings import load_settings
from models.wire import MAX_BATCH_ITEMS, MAX_BODY_BYTES, SIGNATURE_TAG, SIGNED_COMPONENTS, Item, Message
from server.app import create_app
from server.services.context import ServerContext, first_rules, site_days
from server.statuses import http_status
from tests.test_docs_pages import ROOT, page, section, table_rows

PAGE: Final = page("api.md")
MESSAGES: Final[dict[str, type[Message]]] = {
    name: form
    for name, form in vars(models.wire).items()
    if inspect.isclass(form) and issubclass(form, Message) and form is not Message
}


@pytest.fixture(name="server_app")
def _server_app(tmp_path: Path) -> Iterator[Flask]:
    (tmp_path / "config.yaml").write_bytes((ROOT / "config.yaml").read_bytes())
    settings = load_settings(tmp_path / "config.yaml")
    write_key_file(settings.secrets.session_key_file, new_key())
    engine = create_engine("sqlite://")  # only routes are looked at: nothing is asked of it
    yield create_app(
        ServerContext(settings, engine, SystemClock(), new_key(), site_days(settings), first_rules(settings))
    )
    engine.dispose()


def _routes(app: Flask) -> dict[str, set[str]]:
    routes: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        routes.setdefault(rule.rule, set()).update((rule.methods or set()) - {"HEAD", "OPTIONS"})
    return routes


def _routes_on_the_page(heading: str) -> dict[str, set[str]]:
    return {row[0].strip("`"): set(row[1].split(", ")) for row in table_rows(section(PAGE, heading))}


def test_every_route_of_the_server_stands_there(server_app: Flask) -> None:
    assert _routes_on_the_page("## Routes of the server") == _routes(server_app)


def test_every_route_of_the_kiosks_page_stands_there() -> None:
    unused = cast(Any, None)
    settings = load_settings(ROOT / "config.yaml")
    app = create_screen(ScreenParts(settings, "", unused, unused, unused, unused, SystemClock()))
    assert _routes_on_the_page("## Routes of the kiosk's own page") == _routes(app)


def test_every_message_has_its_section_and_no_other_is_told() -> None:
    assert set(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)) == set(MESSAGES)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_has_exactly_its_fields(name: str) -> None:
    form = MESSAGES[name]
    shared = set(Item.model_fields) if form is not Item and issubclass(form, Item) else set()
    expected = [field for field in form.model_fields if field not in shared]
    assert [row[0].strip("`") for row in table_rows(section(PAGE, f"### {name}"))] == expected


def test_the_signature_is_told_as_it_is_checked() -> None:
    text = section(PAGE, "## Signature")
    assert ", ".join(f"`{name}`" for name in SIGNED_COMPONENTS) in text
    assert f"`{SIGNATURE_TAG}`" in text


def test_the_limits_are_those_of_the_code() -> None:
    assert f"at most {MAX_BODY_BYTES // 2**20} MiB" in PAGE
    assert f"| `items` | list, at most {MAX_BATCH_ITEMS} |" in PAGE


def test_every_code_has_its_http_status() -> None:
    statuses = {code: http_status(CourtclockError(code)) for code in ERROR_KINDS}
    told = {row[0].strip("`"): int(row[1]) for row in table_rows(section(PAGE, "## Errors"))}
    assert told == {code: status for code, status in statuses.items() if status != 500}
