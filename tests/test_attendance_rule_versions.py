"""What rules are called: the same from release to release, and earlier names stay known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.attendance.rule_documents import parse_rules, read_rules
from server.attendance.rules import BEGINNING, RuleHistory, RuleVersion
from tests.test_attendance_rule_documents import SMALL, small


def test_what_rules_are_called_stays_the_same_from_release_to_release() -> None:
    # Verdicts are stored under it. Another name here means that stored ones are found by the earlier name alone.
    assert read_rules(SMALL).version == "2a3fd5e36aea"


def test_the_order_of_kinds_of_leave_is_no_other_rule() -> None:
    kinds = {"sick": {"name_zh": "病假", "name_en": "sick leave"}, "own": {"name_zh": "事假", "name_en": "own affairs"}}
    versions = {
        parse_rules(small(("leave_kinds", order))).version for order in (kinds, dict(reversed(list(kinds.items()))))
    }
    assert len(versions) == 1


def test_rules_are_also_known_by_what_earlier_releases_called_them(monkeypatch: pytest.MonkeyPatch) -> None:
    before = read_rules(SMALL)
    monkeypatch.setattr("server.attendance.rule_documents._JUDGED_AS", 3)
    now = read_rules(SMALL)
    assert now.version != before.version
    assert before.version in now.earlier_versions
    assert now.version not in now.earlier_versions
    history = RuleHistory([RuleVersion(1, BEGINNING, now)])
    assert history.by_version(before.version) is history.by_version(now.version) is now


def test_what_rules_are_called_now_goes_before_what_others_were_called() -> None:
    first, second = read_rules(SMALL), parse_rules(small(("show_ranks", True)))
    confusing = replace(second, earlier_versions=(first.version,))
    for rules in ((first, confusing), (confusing, first)):
        history = RuleHistory([RuleVersion(number, BEGINNING, one) for number, one in enumerate(rules)])
        assert history.by_version(first.version) is first
