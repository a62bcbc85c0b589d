"""docs/attendance.md tells the shipped shift, every status, every reason and every job as they are."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

from models.settings import load_settings
from server.attendance.points import DAY_MINUTES, rule_book
from server.attendance.reasons import IgnoredCode
from server.attendance.verdicts import STATUSES
from server.jobs.due import JOBS
from server.jobs.running import RETRY_FAILED_AFTER
from tests.test_docs_pages import ROOT, page, section, table_rows

PAGE = page("attendance.md")


def _on_the_wall(minutes: int) -> str:
    assert 0 <= minutes < DAY_MINUTES, "the page's table has no words for another day yet"
    return f"{minutes // 60:02}:{minutes % 60:02}"


def test_the_shipped_clock_points_stand_there_with_their_windows() -> None:
    points = rule_book(load_settings(ROOT / "config.yaml")).shift.points
    expected = [
        [
            f"`{point.name_en}`",
            f"{point.direction} at {_on_the_wall(point.at_minutes)}",
            f"{_on_the_wall(point.window_start_minutes)} to {_on_the_wall(point.window_end_minutes)}",
            f"{point.grace_minutes} min",
            "yes" if point.required else "no",
        ]
        for point in points
    ]
    assert table_rows(section(PAGE, "## Clock points and windows")) == expected


def test_every_status_stands_there_in_its_order() -> None:
    assert [row[0].strip("`") for row in table_rows(section(PAGE, "## Verdicts"))] == list(STATUSES)


def test_every_reason_for_not_using_a_clock_event_is_named() -> None:
    text = section(PAGE, "## Which clock event counts")
    assert [code for code in get_args(IgnoredCode) if f"`{code}`" not in text] == []


def test_every_job_stands_there_and_how_often_it_is_tried() -> None:
    text = section(PAGE, "## When a workday is judged again")
    assert [row[0].strip("`") for row in table_rows(text)] == list(JOBS)
    assert timedelta(minutes=1) == RETRY_FAILED_AFTER
    assert "tried again after a minute, until it succeeds" in " ".join(text.split())
