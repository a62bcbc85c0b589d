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
from server.attendance.matching import Method, RawEvent
from server.attendance.points import rule_book
from tests.test_docs_pages import ROOT, page, section, table_rows

PAGE = page("privacy.md")


def test_every_field_of_the_evidence_stands_there() -> None:
    rows = table_rows(section(PAGE, "## What is stored of a clock event"))
    assert [row[0].strip("`") for row in rows] == list(Evidence.model_fields)


def test_as_the_page_says_no_reason_tells_face_from_pin() -> None:
    day = date(2026, 11, 20)
    rules = rule_book(load_settings(ROOT / "config.yaml"))
    told = set()
    methods: tuple[Method, ...] = ("face", "pin", "card")
    for method in methods:
        event = RawEvent(UUID(int=1), datetime(2026, 11, 20, 0, 10, tzinfo=UTC), method)
        verdict = judge(day, chinese_calendar_day(day), rules, [event], datetime(2026, 11, 21, tzinfo=UTC))
        told.add(tuple(explain(verdict, "en") + explain(verdict, "zh")))
    assert len(told) == 1
    assert "no report, reason or export names it" in " ".join(PAGE.split())


def test_the_length_of_a_pin_and_the_pause_between_heartbeats_are_those_in_force() -> None:
    assert f"{MIN_PIN_DIGITS} to {MAX_PIN_DIGITS} digits" in PAGE
    seconds = load_settings(ROOT / "config.yaml").kiosk.sync.gallery_seconds
    assert f"`kiosk.sync.gallery_seconds` ({seconds:g} as shipped)" in PAGE
