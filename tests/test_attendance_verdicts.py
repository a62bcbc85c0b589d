"""Verdicts as they are stored: JSON and back, and contradictions refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from server.attendance.calendar import chinese_calendar_day
from server.attendance.reasons import Reason
from server.attendance.verdicts import WorkdayVerdict
from tests.attendance_days import COURT, FRIDAY, NIGHT, SATURDAY, clocked, judged

LATE_AND_EARLY = judged(clocked("08:43:07"), clocked("10:00", method="pin"), clocked("17:10"))


@pytest.mark.parametrize(
    "verdict",
    [
        LATE_AND_EARLY,
        judged(),
        judged(as_of="09:00"),
        judged(clocked("18:00"), clocked("26:00", voided=True), rules=NIGHT),
        judged(clocked("10:00", day=SATURDAY), day=SATURDAY, calendar_day=chinese_calendar_day(SATURDAY)),
    ],
)
def test_a_verdict_comes_back_from_json_as_it_was(verdict: WorkdayVerdict) -> None:
    assert WorkdayVerdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict


def test_the_stored_form_shows_sums_and_status_to_whoever_reads_it() -> None:
    content = LATE_AND_EARLY.to_json()
    assert content["status"] == ["late", "early_leave"]
    assert (content["late_minutes"], content["early_minutes"], content["missing_points"]) == (13, 20, 0)
    assert content["date"] == "2026-11-20"
    assert content["rule_version"] == COURT.version
    assert content["points"][0]["event"]["captured_at"] == "2026-11-20T00:43:07+00:00"


@pytest.mark.parametrize(
    "change",
    [
        {"form": 2},
        {"points": None},
        {"status": []},
        {"status": ["early_leave", "late"]},
        {"status": ["tired"]},
        {"reasons": [{"code": "mood", "params": {}}]},
        {"calendar_day": {"date": "2026-11-20"}},
    ],
)
def test_content_that_is_not_a_stored_verdict_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"stored verdict|status|reason"):
        WorkdayVerdict.from_json(LATE_AND_EARLY.to_json() | change)


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "late", "minutes": 0},
        {"outcome": "on_time", "minutes": 3},
        {"outcome": "missing", "minutes": 0},
        {"outcome": "late", "minutes": 5, "event": None},
        {"outcome": "splendid"},
    ],
)
def test_a_point_result_cannot_contradict_itself(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"outcome|cannot have|contradicts"):
        replace(LATE_AND_EARLY.points[0], **change)


def test_a_verdict_and_its_calendar_day_are_of_one_date() -> None:
    with pytest.raises(ValueError, match="is not the workday"):
        replace(LATE_AND_EARLY, date=SATURDAY)
    assert LATE_AND_EARLY.calendar_day.date == FRIDAY


def test_a_reason_gives_its_figures_by_name() -> None:
    reason = Reason.of("late", point=0, minutes=13)
    assert (reason["point"], reason["minutes"]) == (0, 13)
    assert reason == Reason.of("late", minutes=13, point=0)
