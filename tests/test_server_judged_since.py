"""A night duty that was open when its day was reported stands in the report that follows, and in no other."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from server.jobs.running import tick
from server.services.context import ServerContext
from server.services.expectation_changes import add_roster_entry
from server.services.ingesting import ingest
from server.services.mail_reports import render_report
from server.services.reporting import day_report
from server.verbs.reporting import _as_json
from server.web.report_sheets import day_workbook
from tests.attendance_days import moment
from tests.databases import Database
from tests.server_cast import (
    FakeClock,
    Person,
    batch_of,
    clocked_at,
    employ,
    give_account,
    make_app,
    make_context,
    pair,
    sign_in_as,
)

MONDAY = date(2026, 11, 16)
WEDNESDAY = date(2026, 11, 18)
THURSDAY = date(2026, 11, 19)
FRIDAY = date(2026, 11, 20)


@pytest.fixture
def court(tmp_path: Path, database: Database, clock: FakeClock) -> ServerContext:
    clock.go_to("09:00", MONDAY)
    return make_context(tmp_path, database, clock, attendance={"first_rules": "court_police_nights"})


@pytest.fixture
def li(court: ServerContext, clock: FakeClock) -> Person:
    """Came to the night duty of Wednesday, and never clocked out; reported are the days until Friday."""
    li = employ(court, joined_on=WEDNESDAY)
    add_roster_entry(
        court, [li.person_id], WEDNESDAY, WEDNESDAY, "night_duty", follows_calendar=False, reason="x", entered_by="zhao"
    )
    with court.unit(read_only=True) as unit:
        kiosk = unit.kiosks.by_id(pair(court, clock).kiosk_id)
    assert kiosk is not None
    clock.go_to("21:00", WEDNESDAY)
    ingest(court, kiosk, batch_of(clocked_at(li, moment("19:55", WEDNESDAY)), sent_at=clock.now()))
    for day in (WEDNESDAY, THURSDAY, FRIDAY):
        clock.go_to("23:30", day)
        tick(court)
    return li


def since(court: ServerContext, day: date) -> list[tuple[date, str]]:
    return [(one.day, one.line.person.name) for one in day_report(court, day).noted_since]


def test_it_stands_in_the_report_of_the_day_on_which_it_ended(court: ServerContext, li: Person) -> None:
    assert {day: since(court, day) for day in (WEDNESDAY, THURSDAY, FRIDAY)} == {
        WEDNESDAY: [],
        THURSDAY: [(WEDNESDAY, "李明")],
        FRIDAY: [],
    }


def test_what_was_published_has_it_in_words(court: ServerContext, li: Person) -> None:
    with court.unit(read_only=True) as unit:
        first, second = (unit.jobs.report("day", day.isoformat()) for day in (WEDNESDAY, THURSDAY))
    assert first is not None
    assert second is not None
    assert first.content["open"] == [[str(li.person_id), "2026-11-18"]]
    assert [(one["day"], one["name"]) for one in second.content["noted_since"]] == [("2026-11-18", "李明")]
    assert second.content["noted_since"][0]["summary"]["zh"].startswith("缺卡")
    assert second.content["open"] == []


def test_what_stays_open_is_carried_on_to_the_report_after(
    court: ServerContext, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    li = employ(court, joined_on=WEDNESDAY)
    add_roster_entry(
        court, [li.person_id], WEDNESDAY, WEDNESDAY, "night_duty", follows_calendar=False, reason="x", entered_by="zhao"
    )
    clock.go_to("23:30", WEDNESDAY)
    tick(court)
    with monkeypatch.context() as patch:
        # Nobody judges what has closed on Thursday.
        patch.setattr("server.jobs.standing.touch_closed", lambda _: 0)
        for at in ("04:10", "23:30"):
            clock.go_to(at, THURSDAY)
            tick(court)
    assert since(court, THURSDAY) == []
    clock.go_to("23:30", FRIDAY)
    tick(court)
    assert since(court, FRIDAY) == [(WEDNESDAY, "李明")]


def test_a_head_is_told_of_the_own_division_alone(court: ServerContext, li: Person) -> None:
    with court.unit() as unit:
        own, other = unit.people.ensure_division("立案庭"), unit.people.ensure_division("刑庭")
        unit.commit()
    assert len(day_report(court, THURSDAY, own).noted_since) == 1
    assert day_report(court, THURSDAY, other).noted_since == ()


def test_page_mail_file_and_json_have_it(court: ServerContext, li: Person) -> None:
    account_id = give_account(court, "zhao", "hr")
    client = make_app(court).test_client()
    sign_in_as(client, court, "zhao")
    assert "上次日报之后判定" in client.get("/reports/day/2026-11-19?lang=zh").text
    assert "Judged since the last report" not in client.get("/reports/day/2026-11-20?lang=en").text
    with court.unit(read_only=True) as unit:
        account = unit.accounts.by_username("zhao")
    assert account is not None
    assert account.account_id == account_id
    assert "2026-11-18 李明 (0104, 立案庭)" in render_report(court, "day", "2026-11-19", account).text
    found = day_report(court, THURSDAY)
    book = day_workbook(found, "court", court.site.zone, "en", court.clock.now())
    assert [sheet.rows[0][0] for sheet in book.sheets] == [THURSDAY, WEDNESDAY]
    assert [one["day"] for one in json.loads(json.dumps(_as_json(found, "en")))["judged_since"]] == ["2026-11-18"]
