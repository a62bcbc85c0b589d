"""A kind of leave or duty has rules of its own, and what it leaves out holds as for all leave or all duty."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from models.errors import CourtclockError
from server.attendance.rule_documents import load_rules, parse_rules
from server.attendance.rules import ApprovalTier, RuleSet

GENERAL = {
    "approvals": [{"under_days": 1, "by": "head"}, {"by": "president"}],
    "deadline": "working_days",
    "deadline_days": 2,
    "document_from_days": 3,
    "per_month": 4,
}
DOCUMENT = """
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


def document(**own: Any) -> Any:
    kind = {"name_zh": "病假", "name_en": "sick leave", **own}
    return {**yaml.safe_load(DOCUMENT), "leave_kinds": {"sick": kind}, "requests": {"leave": GENERAL}}


def rules(**own: Any) -> RuleSet:
    return parse_rules(document(**own))


def test_what_a_kind_leaves_out_is_as_for_all_leave() -> None:
    found = rules()
    assert found.request_rules("leave", "sick") == found.requests["leave"]
    assert found.leave_kinds["sick"].days_per_year is None


def test_what_it_says_comes_before_that() -> None:
    found = rules(approvals=[{"by": "hr"}], deadline="same_day", document_from_days=0.5, days_per_year=30.0)
    own = found.request_rules("leave", "sick")
    assert own.approvals == (ApprovalTier(None, "hr"),)
    # The days belonged to the deadline of all leave.
    assert (own.deadline, own.deadline_days) == ("same_day", 0)
    assert (own.document_from_days, own.per_month) == (0.5, 4)
    assert found.leave_kinds["sick"].days_per_year == 30
    assert found.requests["leave"].deadline == "working_days"


def test_a_deadline_of_its_own_has_days_of_its_own() -> None:
    own = rules(deadline="natural_days", deadline_days=5).request_rules("leave", "sick")
    assert (own.deadline, own.deadline_days) == ("natural_days", 5)


def test_no_document_ever_is_not_the_same_as_saying_nothing() -> None:
    never = rules(document_from_days=None)
    assert never.request_rules("leave", "sick").document_from_days is None
    assert never.version != rules().version
    # It stays so when it is read back from the database.
    assert parse_rules(never.document).request_rules("leave", "sick").document_from_days is None
    assert parse_rules(never.document).version == never.version


def test_kinds_without_rules_of_their_own_are_written_down_as_ever() -> None:
    # So that rules that were in force before kinds could have rules keep their version.
    assert rules().document["leave_kinds"] == {"sick": {"name_zh": "病假", "name_en": "sick leave"}}


def test_a_kind_that_the_rules_do_not_have_is_as_all_leave_and_corrections_have_no_kinds() -> None:
    found = rules(deadline="same_day")
    assert found.absence_kind("leave", "moon") is found.absence_kind("correction", "sick") is None
    assert found.request_rules("leave", "moon") == found.requests["leave"]
    assert found.request_rules("waiver") == found.requests["waiver"]


@pytest.mark.parametrize(
    ("own", "finding"),
    [
        ({"deadline_days": 3}, "leave_kinds.sick: deadline_days belongs to a deadline, which is missing"),
        (
            {"approvals": [{"under_days": 1, "by": "head"}]},
            "leave_kinds.sick.approvals: the last one, and only the last",
        ),
        (
            {"approvals": [{"under_days": 3, "by": "head"}, {"under_days": 1, "by": "hr"}, {"by": "hr"}]},
            "leave_kinds.sick.approvals: under_days must rise",
        ),
        ({"approvals": []}, "leave_kinds.sick.approvals: at least 1 are needed"),
        ({"days_per_year": 0}, "leave_kinds.sick.days_per_year: Input should be greater than 0"),
        ({"per_month": 3}, "leave_kinds.sick.per_month: this key is not known"),
    ],
)
def test_what_a_kind_cannot_say_is_refused_with_its_place(own: dict[str, Any], finding: str) -> None:
    with pytest.raises(CourtclockError) as refused:
        rules(**own)
    assert finding in refused.value.sentence("en")


def test_the_court_with_four_windows_takes_sick_leave_on_its_first_day_and_has_days_of_a_year() -> None:
    court = load_rules("court_four_windows")
    assert court.request_rules("leave", "annual").deadline == "before_start"
    assert court.request_rules("leave", "sick").deadline == "same_day"
    assert [court.leave_kinds[name].days_per_year for name in ("personal", "sick", "annual")] == [20, 30, None]
