"""One person's pages: looking at them, and what makes them say something."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.ingesting import ingest
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request
from server.services.touching import touch_everybody
from server.storage.access_log import AccessEntry
from tests.attendance_days import FRIDAY, moment
from tests.pages_cast import as_user
from tests.papers import SIGNED
from tests.server_cast import (
    Kiosk,
    Person,
    batch_of,
)

HR = Actor("zhao", "hr")
PRESETS = Path(__file__).parent.parent / "server" / "attendance" / "presets"
SHEET, DAY = "/reports/sheet/0104/2026-11", "/reports/person/0104/2026-11-20"
JOINED = date(2026, 10, 19)
TUESDAY = date(2026, 10, 20)


class Reader:
    """Somebody who signs in anew for each look, however late it has become."""

    def __init__(self, app: Flask, context: ServerContext, username: str) -> None:
        self._app, self._context, self._username = app, context, username

    def get(self, path: str) -> TestResponse:
        return as_user(self._app, self._context, self._username).get(path)


def clock_in(context: ServerContext, door: Kiosk, *items: dict[str, Any]) -> None:
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(door.kiosk_id)
    assert record is not None
    ingest(context, record, batch_of(*items, sent_at=context.clock.now()))


def judge_all(context: ServerContext, first: date = JOINED, last: date = FRIDAY) -> None:
    touch_everybody(context, first, last)
    derive_touched(context)


def approve(context: ServerContext, wish: Wish, *, derive: bool = True) -> None:
    filed = file_request(context, wish, HR)
    decide(context, filed.request_id, "approved", Actor("qian", "hr"), "seen", on_paper=True, papers=SIGNED)
    if derive:
        derive_touched(context)


def correction(person: Person, at: str = "08:21", day: date = FRIDAY) -> Wish:
    return Wish("correction", person.person_id, "forgot it", day=day, point=0, starts_at=moment(at, day))


def duty(person: Person, day: date) -> Wish:
    start, end = moment("07:00", day), moment("19:00", day)
    return Wish("duty", person.person_id, "a hearing", name="hearing", starts_at=start, ends_at=end)


def row_of(page: TestResponse, text: str) -> str:
    """The table row in which something stands."""
    rows = [row for row in page.text.split("<tr")[1:] if text in row]
    assert rows, f"{text} is in no row"
    return rows[0].split("</tr>")[0]


def looks(context: ServerContext) -> list[AccessEntry]:
    now = context.clock.host_now()
    with context.unit(read_only=True) as unit:
        return unit.access_log.between(now - timedelta(days=1), now + timedelta(days=1))
