"""Verdicts as they are stored: JSON and back, and contradictions refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from server.attendance.calendar import CalendarDay, chinese_calendar_day
from server.attendance.events import RawEvent
from server.attendance.overlays import NO_OVERLAYS, Overlays
from server.attendance.points import Flexible, Shift
from server.attendance.reasons import Reason
from server.attendance.rules import BEGINNING, RuleHistory, RuleVersion
from server.attendance.verdicts import WorkdayVerdict, rules_of_version
from tests.attendance_days import (
    COURT,
    END,
    FRIDAY,
    NIGHT,
    SATURDAY,
    START,
    Court,
    clocked,
    judged,
    moment,
    rule_set,
    rules_of,
)
from tests.attendance_requests import corrected, on_duty, on_leave, rostered, waived

LATE_AND_EARLY = judged(clocked("08:43:07"), clocked("10:00", method="pin"), clocked("17:10"))
LATE_IN_LATE_OUT = rules_of(START, END, flexible=Flexible("shift", 60, 30))
OFF_POST = rules_of(START, END, off_post_after_minutes=60)
TWO_SHIFTS = Court(rule_set(Shift("day", (START, END)), Shift("night", NIGHT.rules.default_shift.points)), COURT.site)
WAITED = RawEvent(UUID(int=5), moment("17:28:10"), "card", identified_at=moment("17:30:05"))


def away_in_leave(left: str, back: str, *, overlays: Overlays = NO_OVERLAYS) -> WorkdayVerdict:
    """Away while on leave from 10:00 to 11:00."""
    both = replace(overlays, absences=on_leave(("10:00", "11:00")).absences)
    return judged(*(clocked(text) for text in ("08:20", left, back, "17:40")), rules=OFF_POST, overlays=both)


STORED: dict[str, tuple[Court, WorkdayVerdict]] = {
    "late and early": (COURT, LATE_AND_EARLY),
    "absent": (COURT, judged()),
    "open": (COURT, judged(as_of="09:00")),
    "identified later": (COURT, judged(clocked("08:20"), WAITED)),
    "voided in a night": (NIGHT, judged(clocked("18:00"), clocked("26:00", voided=True), rules=NIGHT)),
    "rest day": (
        COURT,
        judged(clocked("10:00", day=SATURDAY), day=SATURDAY, calendar_day=chinese_calendar_day(SATURDAY)),
    ),
    "edited day": (
        COURT,
        judged(calendar_day=CalendarDay(FRIDAY, "holiday", "Court day", True, "edited", "notice 12")),
    ),
    "not confirmed": (COURT, judged(calendar_day=CalendarDay(FRIDAY, "workday", None, False, "assumed"))),
    "late in and late out": (
        LATE_IN_LATE_OUT,
        judged(clocked("08:50"), clocked("17:40"), rules=LATE_IN_LATE_OUT),
    ),
    "leave": (COURT, judged(clocked("10:05"), clocked("17:40"), overlays=on_leave(("08:00", "10:00")))),
    "duty all day": (COURT, judged(overlays=on_duty("08:00", "18:00"))),
    "corrected": (COURT, judged(clocked("09:00"), overlays=Overlays(corrections=(corrected(0, "08:20"),)))),
    "waived": (COURT, judged(clocked("09:00"), overlays=waived(None))),
    "off post": (
        OFF_POST,
        judged(clocked("08:20"), clocked("13:00"), clocked("14:30"), clocked("17:40"), rules=OFF_POST),
    ),
    "off post less leave, waived": (OFF_POST, away_in_leave("10:00", "14:30", overlays=waived(None))),
    "away on leave": (OFF_POST, away_in_leave("10:00", "11:30")),
    "roster": (TWO_SHIFTS, judged(rules=TWO_SHIFTS, roster=rostered(["night"]))),
    "unknown shift": (TWO_SHIFTS, judged(rules=TWO_SHIFTS, roster=rostered(["evening"]))),
}


def read_back(verdict: WorkdayVerdict, court: Court) -> WorkdayVerdict:
    content = json.loads(json.dumps(verdict.to_json(court.site)))
    return WorkdayVerdict.from_json(content, verdict.day, verdict.tally, verdict.status, court.rules, court.site)


@pytest.mark.parametrize(("court", "verdict"), STORED.values(), ids=STORED)
def test_a_verdict_comes_back_from_json_as_it_was(court: Court, verdict: WorkdayVerdict) -> None:
    assert read_back(verdict, court) == verdict


def test_an_ordinary_day_is_stored_in_few_words() -> None:
    verdict = judged(clocked("08:20"), clocked("17:40"))
    content = verdict.to_json(COURT.site)
    assert content == {
        "form": 2,
        "zone": "Asia/Shanghai",
        "shift": "test",
        "calendar": ["workday", None, True, "official", ""],
        "confirmed": True,
        "points": [
            ["on_time", "nothing", 0, clocked("08:20").to_json()],
            ["on_time", "nothing", 0, clocked("17:40").to_json()],
        ],
    }
    assert len(json.dumps(content)) < 400


@pytest.mark.parametrize(
    "change",
    [
        {"form": 1},
        {"form": None},
        {"points": None},
        {"shift": "no such shift"},
        {"calendar": ["workday"]},
        {"calendar": ["half_day", None, True, "official", ""]},
        {"points": [["splendid", "nothing", 0, None]]},
        {"points": [["on_time", "nothing", 0, ["not an event"]]]},
        {"ignored": [[clocked("09:00").to_json(), {"code": "mood"}]]},
    ],
)
def test_content_that_is_not_a_stored_verdict_is_refused(change: dict[str, Any]) -> None:
    content = LATE_AND_EARLY.to_json(COURT.site) | change
    with pytest.raises(ValueError, match=r"stored verdict|not a|unpack|badly formed"):
        WorkdayVerdict.from_json(content, FRIDAY, LATE_AND_EARLY.tally, LATE_AND_EARLY.status, COURT.rules, COURT.site)


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "late", "minutes": 0},
        {"outcome": "on_time", "minutes": 3},
        {"outcome": "excused", "minutes": 3},
        {"outcome": "missing", "minutes": 0},
        {"outcome": "not_judged", "minutes": 0},
        {"outcome": "late", "minutes": 5, "event": None},
        {"outcome": "late", "minutes": -1},
        {"outcome": "splendid"},
    ],
)
def test_a_point_result_cannot_contradict_itself(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"outcome|cannot have|contradicts|needs an event"):
        replace(LATE_AND_EARLY.points[0], **change)


@pytest.mark.parametrize("status", [(), ("early_leave", "late"), ("late", "late"), ("tired",)])
def test_a_status_stands_in_its_order_and_once(status: Any) -> None:
    with pytest.raises(ValueError, match="not a status in its order"):
        replace(LATE_AND_EARLY, status=status)


def test_a_verdict_and_its_calendar_day_are_of_one_date() -> None:
    with pytest.raises(ValueError, match="is not the workday"):
        replace(LATE_AND_EARLY, day=SATURDAY)


def test_a_verdict_is_final_when_nothing_is_open() -> None:
    assert LATE_AND_EARLY.is_final
    assert not judged(clocked("08:43"), as_of="09:00").is_final


def test_a_reason_gives_its_figures_by_name_and_has_a_known_code() -> None:
    reason = Reason.of("same_visit", point=1)
    assert reason["point"] == 1
    assert Reason.from_json(reason.to_json()) == reason
    with pytest.raises(KeyError):
        reason["date"]
    with pytest.raises(ValueError, match="not a reason: 'mood'"):
        Reason("mood")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "event",
    [
        clocked("08:20:07"),
        clocked("08:20", voided=True),
        WAITED,
        replace(WAITED, voided=True),
        replace(WAITED, captured_at=WAITED.captured_at + timedelta(microseconds=1)),
    ],
)
def test_an_event_comes_back_from_json_to_the_microsecond(event: RawEvent) -> None:
    assert RawEvent.from_json(json.loads(json.dumps(event.to_json()))) == event


def test_the_rules_of_a_stored_verdict_are_found_by_their_version() -> None:
    history = RuleHistory([RuleVersion(1, BEGINNING, COURT.rules)])
    assert rules_of_version(history, LATE_AND_EARLY.rule_version) is COURT.rules
    with pytest.raises(ValueError, match="no rules of the version 0123456789ab"):
        rules_of_version(history, "0123456789ab")
