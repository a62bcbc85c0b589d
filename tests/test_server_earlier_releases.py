"""What an earlier release judged and stored stays readable, whatever that release called the same rules."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from server.attendance.explaining import explain
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force, write_first_rules
from server.services.deriving import as_verdict, derive_touched
from server.services.recomputing import recompute
from server.services.touching import touch_everybody
from server.storage.tables import rule_version, workday
from tests.attendance_days import FRIDAY
from tests.server_cast import FakeClock, Person, begin_a_new_release, employ


@pytest.fixture
def li(context: ServerContext, clock: FakeClock) -> Person:
    """Absent on Friday, as the release of that time has judged."""
    li = employ(context, "0104", "李明")
    write_first_rules(context)
    clock.go_to("23:50")
    touch_everybody(context, FRIDAY)
    derive_touched(context)
    return li


def explained(context: ServerContext, person: Person) -> list[str]:
    with context.unit(read_only=True) as unit:
        rules = rules_in_force(context, unit)
        record = unit.workdays.one(person.person_id, FRIDAY)
    assert record is not None
    return explain(as_verdict(record, rules), "en")


def test_rules_that_are_judged_in_another_way_since_are_known_by_their_earlier_version(
    context: ServerContext, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = explained(context, li)
    monkeypatch.setattr("server.attendance.rule_documents._JUDGED_AS", 3)
    begin_a_new_release(monkeypatch)
    after = explained(context, li)
    assert after[:-1] == before[:-1]
    assert after[-1] != before[-1], "the last sentence names the version"
    begin_a_new_release(monkeypatch)


def test_rules_are_known_by_the_version_under_which_they_were_put_in_force(
    context: ServerContext, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with context.engine.begin() as connection:
        connection.execute(update(rule_version).values(version="0ld0ld0ld0ld"))
        connection.execute(update(workday).values(rule_version="0ld0ld0ld0ld"))
    begin_a_new_release(monkeypatch)
    assert explained(context, li)
    # Another name for the same rules is no difference.
    assert recompute(context, FRIDAY, FRIDAY).differences == ()
    begin_a_new_release(monkeypatch)
