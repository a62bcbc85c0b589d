"""New rules that say one thing and make another impossible are refused; rules that were in force stay readable."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import yaml

from models.errors import CourtclockError
from server.attendance.rule_documents import load_rules, parse_rules, presets, read_rules


def document(start: dict[str, Any], end: dict[str, Any], **shift: Any) -> dict[str, Any]:
    """Rules of one shift from 08:30 to 17:30, an hour of window on both sides, with some values changed."""
    window = {"window_before_minutes": 60, "window_after_minutes": 60}
    points = [
        {"name_zh": "上班", "name_en": "start", "direction": "in", "at": "08:30", **window, **start},
        {"name_zh": "下班", "name_en": "end", "direction": "out", "at": "17:30", **window, **end},
    ]
    return {
        "name_zh": "规则",
        "name_en": "rules",
        "default_shift": "day",
        "shifts": {"day": {"name_zh": "日班", "name_en": "day", "points": points, **shift}},
    }


def with_break(way_out: dict[str, Any], **shift: Any) -> dict[str, Any]:
    """The same with a point at noon: neither the first nor the last one, so flexible hours say nothing of it."""
    found = document({}, {}, **shift)
    window = {"window_before_minutes": 60, "window_after_minutes": 60}
    noon = {"name_zh": "午间", "name_en": "noon", "direction": "out", "at": "12:00", **window, **way_out}
    found["shifts"]["day"]["points"].insert(1, noon)
    return found


FLEXIBLE = {"kind": "shift", "late_minutes": 30, "early_minutes": 30}
ALLOWANCE = {"kind": "allowance", "late_minutes": 30, "early_minutes": 30}
REFUSED = [
    # The grace ends after the window: who comes within it would be missing.
    (
        document({"grace_minutes": 30, "window_after_minutes": 20}, {}),
        "shifts.day: start: 30 min late or early are allowed, but the window ends 20 min from the clock point",
    ),
    (
        document({}, {"grace_minutes": 30, "window_before_minutes": 20}),
        "shifts.day: end: 30 min late or early are allowed, but the window ends 20 min from the clock point",
    ),
    # Flexible hours that the window does not hold.
    (
        document({"window_after_minutes": 20}, {}, flexible=ALLOWANCE),
        "shifts.day: start: 30 min late or early are allowed, but the window ends 20 min from the clock point",
    ),
    (
        document({}, {"window_before_minutes": 20}, flexible=FLEXIBLE),
        "shifts.day: end: 30 min late or early are allowed, but the window ends 20 min from the clock point",
    ),
    (
        document({"window_after_minutes": 35, "grace_minutes": 10}, {}, flexible=ALLOWANCE),
        "shifts.day: start: 40 min late or early are allowed, but the window ends 35 min from the clock point",
    ),
    # Where hours move as a whole, the end moves with the beginning and counts from there.
    (
        document({"serious_after_minutes": 30}, {}, flexible=FLEXIBLE),
        "shifts.day: start: more than 30 min can never be, because the window ends 60 min from the clock point",
    ),
    # Thresholds that nobody can pass: who would is missing before.
    (
        document({"half_day_after_minutes": 60}, {}),
        "shifts.day: start: more than 60 min can never be, because the window ends 60 min from the clock point",
    ),
    (
        document({}, {"full_day_after_minutes": 90}),
        "shifts.day: end: more than 90 min can never be, because the window ends 60 min from the clock point",
    ),
    (
        document({"serious_after_minutes": 30}, {}, flexible=ALLOWANCE),
        "shifts.day: start: more than 30 min can never be, because the window ends 60 min from the clock point",
    ),
]


@pytest.mark.parametrize(("content", "finding"), REFUSED, ids=lambda one: one if isinstance(one, str) else "")
def test_new_rules_that_contradict_themselves_are_refused(content: dict[str, Any], finding: str) -> None:
    with pytest.raises(CourtclockError) as refused:
        read_rules(yaml.safe_dump(content))
    assert refused.value.code == "rules.invalid"
    assert str(refused.value.details["findings"]) == finding
    assert "上班" in refused.value.sentence("zh") or "下班" in refused.value.sentence("zh")


@pytest.mark.parametrize("content", [content for content, _ in REFUSED])
def test_rules_that_are_stored_stay_readable(content: dict[str, Any]) -> None:
    assert parse_rules(deepcopy(content)).default_shift.name == "day"


@pytest.mark.parametrize(
    "content",
    [
        document({"grace_minutes": 60}, {"grace_minutes": 60}),
        document({"half_day_after_minutes": 59}, {"full_day_after_minutes": 59}),
        document({}, {}, flexible=FLEXIBLE),
        document({}, {"serious_after_minutes": 59}, flexible=FLEXIBLE),
        with_break({"grace_minutes": 60}, flexible=ALLOWANCE),
        with_break({"serious_after_minutes": 59}, flexible=ALLOWANCE),
        document({"serious_after_minutes": 29}, {"serious_after_minutes": 29}, flexible=ALLOWANCE),
        document({"window_after_minutes": 0}, {"window_before_minutes": 0}),
    ],
)
def test_rules_at_the_edge_of_their_windows_are_taken(content: dict[str, Any]) -> None:
    assert read_rules(yaml.safe_dump(content)).default_shift.name == "day"


def test_the_presets_do_not_contradict_themselves() -> None:
    assert [load_rules(name).default_shift.name != "" for name in presets()] == [True] * len(presets())
