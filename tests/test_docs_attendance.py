"""docs/attendance.md tells every status, every outcome and every reason as they are."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from server.attendance.reasons import ReasonCode
from server.attendance.rule_documents import presets
from server.attendance.verdicts import STATUSES, PointOutcome
from tests.rule_language import PARTS, rows_of
from tests.test_docs_pages import page, section, table_rows

PAGE = page("attendance.md")


def _named(text: str) -> list[str]:
    """What stands in backticks, in order."""
    return re.findall(r"`([^`]+)`", text)


def test_every_status_of_a_workday_stands_there_in_its_order() -> None:
    assert _named(section(PAGE, "## What a workday says")) == list(STATUSES)


def test_every_outcome_of_a_clock_point_has_a_row_and_no_other_stands_there() -> None:
    rows = table_rows(section(PAGE, "## What a clock point says"))
    # Some outcomes share a row; their first cell names them all.
    found = [name for row in rows for name in _named(row[0])]
    assert sorted(found) == sorted(get_args(PointOutcome))


def test_every_reason_for_not_using_a_clock_event_is_named() -> None:
    text = section(PAGE, "## Which clock event meets which clock point")
    assert [code for code in get_args(ReasonCode) if f"`{code}`" not in text] == []


@pytest.mark.parametrize("heading", PARTS)
def test_every_key_of_the_rule_language_has_its_row(heading: str) -> None:
    text = section(PAGE, f"### {heading}")
    assert [line for line in text.splitlines() if line.startswith("| `")] == rows_of(PARTS[heading])


def test_every_preset_is_described_and_nothing_else() -> None:
    rows = table_rows(section(PAGE, "## Presets"))
    assert sorted(name for row in rows for name in _named(row[0])) == presets()
