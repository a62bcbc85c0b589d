"""docs/privacy.md tells all evidence that is stored, and whether a report names the method."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from enrollment.values import MAX_PIN_DIGITS, MIN_PIN_DIGITS
from models.settings import load_settings
from models.wire import Evidence
from server.attendance.calendar import chinese_calendar_day
from server.attendance.explaining import explain
from server.attendance.judging import judge
from server.attendance.matching import RawEvent
from server.attendance.points import rule_book
from tests.test_docs_pages import ROOT, page, section, table_rows

PAGE = page("privacy.md")


def test_every_field_of_the_evidence_stands_there() -> None:
    rows = table_rows(section(PAGE, "## What is stored of a clock event"))
    assert [row[0].strip("`") for row in rows] == list(Evidence.model_fields)


def test_the_page_says_whether_the_reasons_of_a_verdict_name_the_method() -> None:
    day = date(2026, 11, 20)
    event = RawEvent(UUID(int=1), datetime(2026, 11, 20, 0, 10, tzinfo=UTC), "pin")
    rules = rule_book(load_settings(ROOT / "config.yaml"))
    verdict = judge(day, chinese_calendar_day(day), rules, [event], datetime(2026, 11, 21, tzinfo=UTC))
    named = "by PIN" in " ".join(explain(verdict, "en"))
    assert ("do name the method" in " ".join(PAGE.split())) == named


def test_the_length_of_a_pin_and_the_pause_between_heartbeats_are_those_in_force() -> None:
    assert f"{MIN_PIN_DIGITS} to {MAX_PIN_DIGITS} digits" in PAGE
    seconds = load_settings(ROOT / "config.yaml").kiosk.sync.gallery_seconds
    assert f"`kiosk.sync.gallery_seconds` ({seconds:g} as shipped)" in PAGE
