"""The page about jobs: for HR alone; last, next, duration and what failed."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from server.jobs import running
from server.jobs.running import tick
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.touching import touch_everybody
from tests.attendance_days import FRIDAY
from tests.mailing_cast import queue, reader
from tests.server_cast import FakeClock, employ, give_account, make_app, sign_in_as


def reading(context: ServerContext, username: str) -> FlaskClient:
    client = make_app(context).test_client()
    sign_in_as(client, context, username)
    return client


def test_it_tells_last_and_next_of_each_job(context: ServerContext, clock: FakeClock) -> None:
    employ(context, joined_on=FRIDAY)
    give_account(context, "hr", "hr")
    clock.go_to("23:00")
    tick(context)
    page = reading(context, "hr").get("/jobs?lang=en").get_data(as_text=True)
    for words in ("Day report", "2026-11-20", "2026-11-21 23:00", "Week posting", "2026-W47", "Month bulletin"):
        assert words in page
    assert "failed and are tried again" not in page


def test_what_failed_stands_at_the_top_with_its_fault(
    context: ServerContext, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("by <zero>")

    monkeypatch.setattr(running, "publish_day_report", fail)
    employ(context, joined_on=FRIDAY)
    give_account(context, "hr", "hr")
    clock.go_to("23:00")
    tick(context)
    page = reading(context, "hr").get("/jobs?lang=en").get_data(as_text=True)
    assert "1 periods failed and are tried again by themselves." in page
    assert "ZeroDivisionError(&#39;by &lt;zero&gt;&#39;)" in page


def test_it_tells_how_mails_fare(context: ServerContext) -> None:
    reader(context, "hr")
    queue(context)
    page = reading(context, "hr").get("/jobs?lang=zh").get_data(as_text=True)
    assert "待发送: 1" in page


def test_it_tells_how_many_workdays_wait_to_be_judged(context: ServerContext) -> None:
    employ(context, joined_on=FRIDAY)
    give_account(context, "hr", "hr")
    hr = reading(context, "hr")
    assert "Every workday that something changed is judged." in hr.get("/jobs?lang=en").text
    touch_everybody(context, FRIDAY)
    assert "1 workdays wait to be judged, the oldest is 2026-11-20." in hr.get("/jobs?lang=en").text
    derive_touched(context)
    assert "Every workday that something changed is judged." in hr.get("/jobs?lang=en").text


@pytest.mark.parametrize("role", ["president", "vice_president", "employee"])
def test_it_is_for_hr_alone(context: ServerContext, role: str) -> None:
    give_account(context, "zhou", role)  # type: ignore[arg-type] # one of the roles
    assert reading(context, "zhou").get("/jobs").status_code == 403
