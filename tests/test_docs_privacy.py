"""docs/privacy.md tells what evidence is stored, how long things are kept, and whether a report names the method."""

from __future__ import annotations

from typing import get_args

from enrollment.values import MAX_PIN_DIGITS, MIN_PIN_DIGITS
from models.settings import RetentionSettings, load_settings
from models.wire import Evidence
from server.attendance.events import Method
from server.attendance.explaining import explain
from tests.attendance_days import clocked, judged
from tests.test_docs_pages import ROOT, page, section, table_rows

PAGE = page("privacy.md")


def test_every_field_of_the_evidence_stands_there() -> None:
    rows = table_rows(section(PAGE, "## What is stored of a clock event"))
    assert [row[0].strip("`") for row in rows] == list(Evidence.model_fields)


def test_as_the_page_says_no_reason_tells_face_from_pin() -> None:
    told = set()
    # A correction is no clock event, and a register's line was seen by no kiosk: both are told.
    methods: tuple[Method, ...] = tuple(
        method for method in get_args(Method) if method not in ("correction", "register")
    )
    for method in methods:
        verdict = judged(clocked("08:40", method=method), clocked("17:30", method=method))
        told.add(tuple(explain(verdict, "en") + explain(verdict, "zh")))
    assert len(told) == 1
    assert "no report, reason or export names it" in " ".join(PAGE.split())


def test_the_length_of_a_pin_and_the_pause_between_heartbeats_are_those_in_force() -> None:
    assert f"{MIN_PIN_DIGITS} to {MAX_PIN_DIGITS} digits" in PAGE
    seconds = load_settings(ROOT / "config.yaml").kiosk.sync.gallery_seconds
    assert f"`kiosk.sync.gallery_seconds` ({seconds:g} as shipped)" in PAGE


def test_every_retention_stands_there_with_what_is_shipped() -> None:
    lines = [line for line in section(PAGE, "## How long").splitlines() if line.startswith("| ")]
    rows = {set_by: how_long for _, how_long, set_by in (_cells(line) for line in lines)}
    shipped = load_settings(ROOT / "config.yaml").retention
    for name in RetentionSettings.model_fields:
        days = getattr(shipped, name)
        told = rows[f"`retention.{name}`"]
        assert told.startswith("as shipped until you delete them" if days is None else f"{days} days")


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")[1:-1]]
