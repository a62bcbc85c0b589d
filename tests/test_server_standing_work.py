"""Judging and mailing have no periods: how they went last is one row each, on the page and in the verb."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from models.stored_errors import in_words
from server.jobs import standing
from server.jobs.running import start_ticking, tick
from server.jobs.standing import judge_touched, send_mail
from server.services.context import ServerContext
from server.services.job_overview import StandingLine, job_overview
from server.services.touching import touch_everybody
from tests.attendance_days import FRIDAY
from tests.databases import Database
from tests.mailing_cast import queue, reader
from tests.periods_cast import reading
from tests.processes import free_port
from tests.server_cast import FakeClock, employ, give_account, make_context
from tests.smtp_server import mail_settings, running_mail_server


def line(context: ServerContext, name: str) -> StandingLine:
    (found,) = [one for one in job_overview(context).standing if one.name == name]
    return found


def test_judging_says_how_much_was_judged_and_when_it_looks_again(context: ServerContext, clock: FakeClock) -> None:
    assert line(context, "derive").began_at is None
    employ(context, joined_on=FRIDAY)
    touch_everybody(context, FRIDAY)
    judge_touched(context)
    found = line(context, "derive")
    assert (found.began_at, found.handled, found.error) == (clock.host_now(), 1, None)
    assert found.next_at == clock.host_now() + timedelta(seconds=context.settings.jobs.tick_seconds)


def test_a_tick_without_work_writes_its_row_now_and_then_alone(context: ServerContext, clock: FakeClock) -> None:
    judge_touched(context)
    clock.advance(timedelta(seconds=29))
    judge_touched(context)
    assert line(context, "derive").began_at == clock.host_now() - timedelta(seconds=29)
    clock.advance(timedelta(seconds=1))
    judge_touched(context)
    assert line(context, "derive").began_at == clock.host_now()


def test_a_fault_of_judging_stands_there_in_words(context: ServerContext, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(of: ServerContext) -> int:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(standing, "derive_touched", fail)
    with pytest.raises(ZeroDivisionError):
        judge_touched(context)
    error = line(context, "derive").error
    assert error is not None
    assert "by zero" in in_words(error, "en")
    monkeypatch.undo()
    judge_touched(context)
    assert line(context, "derive").error is None


def test_workdays_that_cannot_be_judged_stand_there(context: ServerContext, monkeypatch: pytest.MonkeyPatch) -> None:
    employ(context, joined_on=FRIDAY)
    touch_everybody(context, FRIDAY)

    def fail(*of: object) -> None:
        raise ValueError("a verdict that nobody understands")

    monkeypatch.setattr("server.services.deriving.judge", fail)
    judge_touched(context)
    assert in_words(str(line(context, "derive").error), "en").startswith("1 workdays could not be judged")


def test_a_mail_server_that_does_not_answer_stands_there_until_it_does(
    database: Database, tmp_path: Path, clock: FakeClock
) -> None:
    def court(port: int) -> ServerContext:
        return make_context(tmp_path, database, clock, mail=mail_settings(port).model_dump())

    context = court(free_port())
    reader(context, "hr")
    queue(context)
    send_mail(context)
    found = line(context, "mail")
    assert in_words(str(found.error), "en").startswith("The mail server 127.0.0.1:")
    assert found.next_at == clock.host_now() + timedelta(minutes=5)
    clock.advance(timedelta(minutes=5))
    with running_mail_server() as server:
        send_mail(court(server.port))
    found = line(context, "mail")
    assert (found.handled, found.error, found.next_at) == (1, None, None)


def test_the_page_shows_both_in_chinese(database: Database, tmp_path: Path, clock: FakeClock) -> None:
    context = make_context(tmp_path, database, clock, mail=mail_settings(free_port()).model_dump())
    employ(context, joined_on=FRIDAY)
    reader(context, "hr")
    queue(context)
    tick(context)
    page = reading(context, "hr").get("/jobs?lang=zh").text
    assert "变动后的重新判定" in page
    assert "发送邮件" in page
    assert "没有应答" in page
    assert "日报" in page
    for raw in ("mail.unreachable", "does not answer", "day 2026"):
        assert raw not in page


def test_the_page_shows_the_faults_of_jobs_in_chinese(context: ServerContext, clock: FakeClock) -> None:
    give_account(context, "hr", "hr")
    now = clock.host_now()
    with context.unit() as unit:
        unit.jobs.claim("week_posting", "2026-W47", now, now, now)
        unit.jobs.finish("week_posting", "2026-W47", now, 'month.not_over {"month": "2026-W47"}')
        unit.commit()
    page = reading(context, "hr").get("/jobs?lang=zh").text
    assert "month.not_over" not in page
    assert "2026-W47 尚未" in page


def test_while_a_mail_server_says_nothing_jobs_go_on_and_the_server_ends_soon(
    database: Database, tmp_path: Path, clock: FakeClock
) -> None:
    with running_mail_server() as server:
        server.slow_seconds = 60
        settings = mail_settings(server.port, timeout_seconds=60).model_dump()
        context = make_context(tmp_path, database, clock, jobs={"tick_seconds": 0.05}, mail=settings)
        employ(context, joined_on=FRIDAY)
        reader(context, "hr")
        queue(context)
        ticking = start_ticking(context)
        deadline = time.monotonic() + 60
        while "DATA" not in server.commands:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        touch_everybody(context, FRIDAY)
        while job_overview(context).waiting_workdays:
            assert time.monotonic() < deadline, "nothing is judged while a mail is under way"
            time.sleep(0.05)
        began = time.monotonic()
        ticking.shutdown(wait=True)
        assert time.monotonic() - began < 15
        left = [one for one in threading.enumerate() if one.name == "mail"]
        assert all(one.daemon for one in left), "the program ends without them"
    # The mail server is gone, so the mail under way comes to its end: not after the test's database has.
    for thread in left:
        thread.join(30)
        assert not thread.is_alive()
