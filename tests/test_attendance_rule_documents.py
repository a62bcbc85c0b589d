"""The rule language: what a document says, and every way of refusing one, with its place and its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from models.errors import CourtclockError
from server.attendance.points import Flexible
from server.attendance.rule_documents import MAX_DOCUMENT_BYTES, load_rules, parse_rules, presets, read_rules
from server.attendance.rules import ApprovalTier, Counter, Forgiven, Scoring

SMALL = """
name_zh: 小规则
name_en: Small rules
default_shift: day
shifts:
  day:
    name_zh: 日班
    name_en: day shift
    points:
      - {name_zh: 上班, name_en: start, direction: in, at: "08:30", window_before_minutes: 60, window_after_minutes: 60}
      - {name_zh: 下班, name_en: end, direction: out, at: "17:30", window_before_minutes: 60, window_after_minutes: 60}
"""


def small(*changes: tuple[str, Any]) -> Any:
    """The small document with values at dotted places; a place that is not there yet is made."""
    content = yaml.safe_load(SMALL)
    for place, value in changes:
        *path, last = [int(part) if part.isdecimal() else part for part in place.split(".")]
        part = content
        for step in path:
            part = part.setdefault(step, {}) if isinstance(part, dict) else part[step]
        part[last] = value
    return content


def findings(content: Any) -> str:
    with pytest.raises(CourtclockError) as refused:
        parse_rules(content)
    assert refused.value.code == "rules.invalid"
    return str(refused.value.details["findings"])


POINT = "shifts.day.points.0"
TIME = 'a time of day is written in quotation marks, like "08:30" or "26:00", up to "35:59"'
A_POINT = yaml.safe_load(SMALL)["shifts"]["day"]["points"][0]
TIERS = "requests.leave.approvals"
COUNTER = {"name_zh": "通报", "name_en": "bulletin", "counts": ["late"], "per": "month", "limit": 3}


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        ("sifts", {}, "sifts: this key is not known"),
        ("name_zh", "", "name_zh: at least 1 characters are needed"),
        ("name_en", "x" * 61, "name_en: at most 60 characters are possible"),
        ("name_en", 5, "name_en: Input should be a valid string"),
        ("default_shift", "night", "default_shift 'night' is not one of shifts"),
        ("shifts", {}, "shifts: at least 1 are needed, not 0"),
        ("show_ranks", "yes", "show_ranks: Input should be a valid boolean"),
        # A shift.
        ("shifts.day.mode", "toggle", "shifts.day.mode: Input should be 'windows' or 'first_last'"),
        ("shifts.day.points", [], "shifts.day.points: at least 1 are needed, not 0"),
        (
            "shifts.day.points",
            [A_POINT] * 9,
            "shifts.day.points: at most 8 are possible, not 9",
        ),
        (
            "shifts.day.points",
            [A_POINT] * 2,
            "shifts.day: shift day: start must come after start",
        ),
        (
            "shifts.day.min_interval_minutes",
            121,
            "shifts.day.min_interval_minutes: Input should be less than or equal to 120",
        ),
        (
            "shifts.day.off_post_after_minutes",
            0,
            "shifts.day.off_post_after_minutes: Input should be greater than or equal to 1",
        ),
        (
            "shifts.day.off_post_counts_as",
            "late",
            "shifts.day.off_post_counts_as: Input should be 'off_post', 'half_day' or 'full_day'",
        ),
        # A clock point.
        (f"{POINT}.grace", 5, f"{POINT}.grace: this key is not known"),
        (f"{POINT}.at", "8:30", f"{POINT}.at: {TIME}"),
        (f"{POINT}.at", "36:00", f"{POINT}.at: {TIME}"),
        (f"{POINT}.at", "08:60", f"{POINT}.at: {TIME}"),
        (f"{POINT}.at", 1050, f"{POINT}.at: {TIME}"),  # what YAML makes of 17:30 without quotation marks
        (f"{POINT}.direction", "through", f"{POINT}.direction: Input should be 'in' or 'out'"),
        (f"{POINT}.required", 1, f"{POINT}.required: Input should be a valid boolean"),
        (f"{POINT}.grace_minutes", -1, f"{POINT}.grace_minutes: Input should be greater than or equal to 0"),
        (f"{POINT}.grace_minutes", 241, f"{POINT}.grace_minutes: Input should be less than or equal to 240"),
        (f"{POINT}.grace_minutes", "5", f"{POINT}.grace_minutes: Input should be a valid integer"),
        (f"{POINT}.grace_minutes", 1.5, f"{POINT}.grace_minutes: Input should be a valid integer"),
        (
            f"{POINT}.window_before_minutes",
            1441,
            f"{POINT}.window_before_minutes: Input should be less than or equal to 1440",
        ),
        (
            f"{POINT}.window_before_minutes",
            1300,
            "shifts.day: start: the window, -1 10:50 to 09:30, must lie between -1 12:00 and 35:59",
        ),
        (
            f"{POINT}.missing_is",
            "never",
            f"{POINT}.missing_is: Input should be 'nothing', 'late', 'serious_late', 'early', 'serious_early', "
            "'missing', 'half_day' or 'full_day'",
        ),
        (f"{POINT}.missing_is", "early", "shifts.day: start: a missing clock in cannot count as 'early'"),
        (
            f"{POINT}.serious_after_minutes",
            -1,
            f"{POINT}.serious_after_minutes: Input should be greater than or equal to 0",
        ),
        # Flexible hours.
        ("shifts.day.flexible", {}, "shifts.day.flexible.kind: this key is missing"),
        (
            "shifts.day.flexible",
            {"kind": "both"},
            "shifts.day.flexible.kind: Input should be 'allowance' or 'shift'",
        ),
        ("shifts.day.flexible", {"kind": "shift"}, "shifts.day: flexible hours of 0 minutes are not flexible"),
        (
            "shifts.day.flexible",
            {"kind": "shift", "late_minutes": 61},
            "shifts.day: shift day: the window of end must reach 61 minutes beyond it, because departures move later "
            "by as much",
        ),
        # Kinds.
        ("leave_kinds.sick", {"name_zh": "病假"}, "leave_kinds.sick.name_en: this key is missing"),
        ("duty_kinds", ["hearing"], "duty_kinds: Input should be a valid dictionary"),
        # Requests.
        ("requests.holiday", {}, "requests.holiday: this key is not known"),
        (TIERS, [], f"{TIERS}: at least 1 are needed, not 0"),
        (TIERS, [{"by": "boss"}], f"{TIERS}.0.by: Input should be 'head', 'vice_president', 'president' or 'hr'"),
        (
            TIERS,
            [{"under_days": 0, "by": "head"}, {"by": "hr"}],
            f"{TIERS}.0.under_days: Input should be greater than 0",
        ),
        (
            TIERS,
            [{"under_days": 3, "by": "head"}],
            f"{TIERS}: the last one, and only the last, holds for any length",
        ),
        (
            TIERS,
            [{"by": "head"}, {"by": "hr"}],
            f"{TIERS}: the last one, and only the last, holds for any length",
        ),
        (
            TIERS,
            [{"under_days": 3, "by": "head"}, {"under_days": 3, "by": "hr"}, {"by": "hr"}],
            f"{TIERS}: under_days must rise",
        ),
        # Counters, what is forgiven, points.
        ("counters", [COUNTER | {"limit": 0}], "counters.0.limit: Input should be greater than or equal to 1"),
        ("counters", [COUNTER | {"per": "week"}], "counters.0.per: Input should be 'month' or 'year'"),
        (
            "counters",
            [COUNTER | {"counts": []}],
            "counters.0.counts: at least 1 are needed, not 0",
        ),
        (
            "counters",
            [COUNTER | {"counts": ["tired"]}],
            "counters.0.counts.0: Input should be 'late', 'serious_late', 'early', 'serious_early', 'missing', "
            "'half_day' or 'off_post'",
        ),
        ("counters", [COUNTER] * 21, "counters: at most 20 are possible, not 21"),
        ("forgiven", {"up_to_minutes": 15}, "forgiven.per_month: this key is missing"),
        (
            "forgiven",
            {"up_to_minutes": 0, "per_month": 3},
            "forgiven.up_to_minutes: Input should be greater than or equal to 1",
        ),
        ("scoring", {"points": {"late": float("nan")}}, "scoring.points.late: Input should be a finite number"),
        (
            "scoring",
            {"points": {}, "division_each": 0},
            "scoring.division_each: Input should be greater than or equal to 1",
        ),
    ],
)
def test_a_document_is_refused_with_the_place_and_the_reason(place: str, value: Any, expected: str) -> None:
    assert findings(small((place, value))) == expected


@pytest.mark.parametrize("key", ["name_zh", "name_en", "default_shift", "shifts"])
def test_a_needed_key_that_is_left_out_is_named(key: str) -> None:
    content = small()
    del content[key]
    assert findings(content) == f"{key}: this key is missing"


@pytest.mark.parametrize("key", [key for key in A_POINT if key not in ("grace_minutes", "required")])
def test_a_needed_key_of_a_clock_point_is_named(key: str) -> None:
    content = small()
    del content["shifts"]["day"]["points"][0][key]
    assert findings(content) == f"{POINT}.{key}: this key is missing"


def test_a_reason_for_thresholds_that_do_not_rise_names_them_all() -> None:
    change = ((f"{POINT}.serious_after_minutes", 60), (f"{POINT}.half_day_after_minutes", 30))
    assert findings(small(*change)) == (
        "shifts.day: start: grace, serious, half a day and a day must rise in this order, got [0, 60, 30]"
    )


def test_every_finding_is_told_at_once() -> None:
    assert findings(small(("name_zh", ""), (f"{POINT}.at", "25"), ("more", 1))) == (
        f"name_zh: at least 1 characters are needed; {POINT}.at: {TIME}; more: this key is not known"
    )
    second = {"name_zh": "夜", "name_en": "night", "points": [A_POINT, A_POINT]}
    faults = findings(small(("shifts.night", second), (f"{POINT}.missing_is", "early"), (TIERS, [{"by": "hr"}] * 2)))
    assert [fault.split(":")[0] for fault in faults.split("; ")] == ["shifts.day", "shifts.night", TIERS]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "a rule document is keys with values"),
        ("- 1", "a rule document is keys with values"),
        ("08:30", "a rule document is keys with values"),
        ("a: b: c", "this is not YAML: look at line 1, column 5"),
        ("[1,", "this is not YAML: look at line 1, column 4"),
        ("!!python/object:os.system {}", "this is not YAML: look at line 1, column 1"),
        ("day: 2026-13-01", "this is not YAML"),
        ("[" * 5000, "this is not YAML"),
        ("name_zh: 规则\nname_zh: 别的", "line 2: the key name_zh stands twice"),
        ("shifts:\n  day: {}\n  day: {}", "line 3: the key day stands twice"),
        ("x" * (MAX_DOCUMENT_BYTES + 1), "more than 200000 bytes"),
        ("法" * (MAX_DOCUMENT_BYTES // 3 + 1), "more than 200000 bytes"),
    ],
)
def test_text_that_is_no_rule_document_is_refused(text: str, expected: str) -> None:
    with pytest.raises(CourtclockError) as refused:
        read_rules(text)
    assert refused.value.code == "rules.invalid"
    assert str(refused.value.details["findings"]).startswith(expected)


def test_a_refusal_is_a_sentence_in_both_languages() -> None:
    with pytest.raises(CourtclockError) as refused:
        parse_rules(small(("default_shift", "night")))
    assert refused.value.sentence("en") == "These rules cannot be used: default_shift 'night' is not one of shifts"
    assert refused.value.sentence("zh") == "该考勤规则不可用：default_shift 'night' 不在 shifts 之中"


@pytest.mark.parametrize("name", ["no_such_preset", "/"])
def test_rules_that_cannot_be_read_are_refused_with_the_presets(name: str) -> None:
    with pytest.raises(CourtclockError, match=r"cannot be read.*Presets are: court_four_windows, ") as refused:
        load_rules(name)
    assert refused.value.code == "rules.unreadable"


def test_why_a_file_cannot_be_read_is_told(tmp_path: Path) -> None:
    missing = tmp_path / "missing.yaml"
    with pytest.raises(CourtclockError) as refused:
        load_rules(missing)
    assert refused.value.details["path"] == str(missing)
    assert "No such file" in str(refused.value.details["reason"])


def test_a_file_that_is_just_not_too_large_is_read(tmp_path: Path) -> None:
    text = SMALL + "#" * (MAX_DOCUMENT_BYTES - len(SMALL.encode()))
    (tmp_path / "full.yaml").write_text(text, encoding="utf-8")
    assert load_rules(tmp_path / "full.yaml") == read_rules(text) == read_rules(SMALL)


def test_kinds_know_their_names_and_have_what_is_asked_of_all_of_them() -> None:
    kind = {"name_zh": "某种", "name_en": "some kind"}
    tiers = [{"by": "president"}]
    rules = parse_rules(
        small(
            ("leave_kinds", {"sick": kind}),
            ("duty_kinds", {"hearing": kind}),
            ("requests.leave", {"approvals": [{"by": "hr"}]}),
            ("requests.duty", {"approvals": tiers, "deadline": "natural_days", "deadline_days": 7}),
        )
    )
    assert (rules.leave_kinds["sick"].name, rules.duty_kinds["hearing"].name) == ("sick", "hearing")
    assert rules.absence_kind("leave", "sick") is rules.leave_kinds["sick"]
    assert rules.absence_kind("duty", "hearing") is rules.duty_kinds["hearing"]
    assert rules.absence_kind("correction", "sick") is None
    assert rules.request_rules("duty", "hearing") == rules.requests["duty"] == rules.request_rules("duty")
    assert rules.requests["duty"].deadline_days == 7
    assert rules.requests["leave"] != rules.requests["duty"]


def test_a_file_that_is_not_text_or_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"name_zh: \xff")
    with pytest.raises(CourtclockError, match=r"rules.unreadable"):
        load_rules(tmp_path / "latin.yaml")
    (tmp_path / "large.yaml").write_text("#" * (MAX_DOCUMENT_BYTES + 1), encoding="utf-8")
    with pytest.raises(CourtclockError, match="more than 200000 bytes"):
        load_rules(tmp_path / "large.yaml")


def test_rules_are_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(SMALL, encoding="utf-8")
    assert load_rules(tmp_path / "own.yaml") == read_rules(SMALL)


# What a document says


def test_what_is_left_out_has_its_default() -> None:
    rules = read_rules(SMALL)
    shift = rules.default_shift
    assert (shift.name, shift.mode, shift.min_interval_minutes, shift.flexible) == ("day", "windows", 1, None)
    assert (shift.off_post_after_minutes, shift.off_post_counts_as) == (None, "off_post")
    start = shift.points[0]
    assert (start.at_minutes, start.grace_minutes, start.required, start.missing_is) == (510, 0, True, "missing")
    assert (start.serious_after_minutes, start.half_day_after_minutes, start.full_day_after_minutes) == (None,) * 3
    assert [rules.requests[kind].approver(400) for kind in ("leave", "duty", "correction", "waiver")] == [
        "head",
        "head",
        "head",
        "hr",
    ]
    assert {one.deadline for one in rules.requests.values()} == {"none"}
    assert (rules.counters, rules.forgiven, rules.scoring, rules.show_ranks) == ((), None, None, False)


def test_a_document_says_what_stands_in_it() -> None:
    rules = parse_rules(
        small(
            ("shifts.day.flexible", {"kind": "shift", "late_minutes": 60}),
            ("shifts.day.off_post_after_minutes", 60),
            ("shifts.day.off_post_counts_as", "half_day"),
            ("shifts.day.points.1.at", "26:00"),
            ("leave_kinds.sick", {"name_zh": "病假", "name_en": "sick leave"}),
            ("requests.leave", {"approvals": [{"under_days": 0.5, "by": "head"}, {"by": "president"}], "per_month": 2}),
            ("counters", [COUNTER]),
            ("forgiven", {"up_to_minutes": 15, "per_month": 3}),
            ("scoring", {"points": {"late": 0.2}, "division_counts": ["late"], "division_points": 2.0}),
            ("show_ranks", True),
        )
    )
    shift = rules.default_shift
    assert (shift.flexible, shift.off_post_counts_as) == (Flexible("shift", 60, 0), "half_day")
    assert shift.points[1].at_minutes == 1560
    assert rules.leave_kinds["sick"].name_zh == "病假"
    assert rules.requests["leave"].approvals == (ApprovalTier(0.5, "head"), ApprovalTier(None, "president"))
    assert rules.counters == (Counter("通报", "bulletin", ("late",), "month", 3, 0),)
    assert rules.forgiven == Forgiven(15, 3)
    assert rules.scoring == Scoring({"late": 0.2}, 100, ("late",), 12, 2.0)
    assert rules.show_ranks


def test_the_same_rules_have_one_version_however_they_are_written() -> None:
    rules = read_rules(SMALL)
    reordered = dict(reversed(small().items()))
    spelled_out = small((f"{POINT}.grace_minutes", 0), ("counters", []), ("shifts.day.mode", "windows"))
    assert parse_rules(reordered).version == parse_rules(spelled_out).version == rules.version
    assert read_rules("# a remark\n" + SMALL).version == rules.version
    assert len(rules.version) == 12
    assert int(rules.version, 16) > 0


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (f"{POINT}.grace_minutes", 1),
        (f"{POINT}.name_zh", "签到"),
        ("shifts.day.min_interval_minutes", 2),
        ("requests.leave", {"approvals": [{"by": "hr"}]}),
        ("show_ranks", True),
    ],
)
def test_any_changed_rule_has_another_version(place: str, value: Any) -> None:
    assert parse_rules(small((place, value))).version != read_rules(SMALL).version


@pytest.mark.parametrize("name", presets())
def test_a_stored_document_gives_the_rules_again(name: str) -> None:
    rules = load_rules(name)
    assert parse_rules(dict(rules.document)) == rules


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        ("sifts", {}, "sifts：没有这个键"),
        ("default_shift", "night", "default_shift 'night' 不在 shifts 之中"),
        (f"{POINT}.at", 1050, f'{POINT}.at：时间须加引号，如 "08:30"、"26:00"，最晚为 "35:59"'),
        (f"{POINT}.direction", "through", f"{POINT}.direction：应为 'in' 或 'out'"),
        ("name_zh", "  ", "name_zh：名称不能只有空格"),
        (f"{POINT}.name_zh", " ", f"{POINT}.name_zh：名称不能只有空格"),
        (f"{POINT}.grace_minutes", 241, f"{POINT}.grace_minutes：应不大于 240"),
        ("shifts.day.points", [A_POINT] * 2, "shifts.day：班次 day：“上班”须晚于“上班”"),
        (TIERS, [], f"{TIERS}：至少 1 项，现为 0 项"),
    ],
)
def test_findings_are_said_in_chinese(place: str, value: Any, expected: str) -> None:
    with pytest.raises(CourtclockError) as refused:
        parse_rules(small((place, value)))
    assert expected in refused.value.sentence("zh")


def test_every_finding_is_named_one_after_the_other_in_either_language() -> None:
    content = small(("sifts", {}))
    content["show_ranks"] = "yes"
    with pytest.raises(CourtclockError) as refused:
        parse_rules(content)
    assert "show_ranks: Input should be a valid boolean; sifts: this key is not known" in refused.value.sentence("en")
    assert "show_ranks：应为 true 或 false；sifts：没有这个键" in refused.value.sentence("zh")
