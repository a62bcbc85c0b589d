"""Amendments: proposed where a locked workday would count or read otherwise, and what HR refused stays refused."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from server.attendance.judging import judge
from server.attendance.verdicts import WorkdayVerdict
from server.services import month_close
from server.services.amendments import amended_verdict
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force, write_first_rules
from server.services.deriving import as_verdict, derive_period, derive_touched
from server.services.expectation_changes import confirm_year, edit_calendar
from server.services.ingesting import ingest
from server.services.month_close import decided_amendments, lock_month, month_sheet, open_amendments
from server.services.recomputing import recompute
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request
from server.services.touching import touch_everybody
from tests.amendments_cast import (
    COLLEAGUE,
    FIRST,
    HR,
    JOINED,
    LAST,
    OCTOBER,
    TUESDAY,
    approve_duty,
    locked_october,
    refuse,
    sign,
    status_of,
    stored,
)
from tests.attendance_days import moment
from tests.papers import SIGNED
from tests.server_cast import FakeClock, Person, batch_of, begin_a_new_release, clocked_at, employ, pair


@pytest.fixture
def li(context: ServerContext) -> Person:
    return locked_october(context)


# What HR has refused


@pytest.fixture
def refused(context: ServerContext, li: Person) -> None:
    """HR did not sign the duty of the twentieth."""
    approve_duty(context, li)
    refuse(context, li)


@pytest.mark.usefixtures("refused")
def test_what_was_refused_is_not_proposed_again_however_often_the_day_is_judged(context: ServerContext) -> None:
    touch_everybody(context, TUESDAY)
    derive_touched(context)
    derive_period(context, FIRST, LAST)
    assert open_amendments(context) == []


def test_what_was_refused_stays_refused_when_a_release_calls_the_rules_otherwise(
    context: ServerContext, refused: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def called() -> str:
        with context.unit(read_only=True) as unit:
            return rules_in_force(context, unit).history.on(TUESDAY).version

    write_first_rules(context)
    before = called()
    monkeypatch.setattr("server.attendance.rule_documents._JUDGED_AS", 99)
    begin_a_new_release(monkeypatch)
    assert called() != before
    found = recompute(context, JOINED, LAST)
    assert (found.differences, found.refused) == ((), 1)
    touch_everybody(context, TUESDAY)
    derive_touched(context)
    assert open_amendments(context) == []
    begin_a_new_release(monkeypatch)


@pytest.mark.usefixtures("refused")
def test_what_was_refused_is_no_difference_but_is_counted(context: ServerContext) -> None:
    found = recompute(context, JOINED, LAST)
    assert (found.differences, found.refused, found.awaiting_signature) == ((), 1, 0)


@pytest.mark.usefixtures("refused")
def test_another_request_for_the_refused_day_is_another_proposal(context: ServerContext, li: Person) -> None:
    waiver = file_request(context, Wish("waiver", li.person_id, "the flood", day=TUESDAY), HR)
    with context.unit(read_only=True) as unit:
        duty = next(one for one in unit.requests.of_people([li.person_id]) if one.filed.kind == "duty")
    decide(context, duty.filed.request_id, "withdrawn", HR)
    decide(context, waiver.request_id, "approved", COLLEAGUE)
    derive_touched(context)
    assert [(one.number, one.after["status"]) for _, one in open_amendments(context)] == [(2, "excused")]


def test_a_change_that_is_taken_back_needs_no_signature_any_more(context: ServerContext, li: Person) -> None:
    approve_duty(context, li)
    with context.unit(read_only=True) as unit:
        (duty,) = unit.requests.of_people([li.person_id])
    decide(context, duty.filed.request_id, "withdrawn", HR)
    derive_touched(context)
    assert open_amendments(context) == []


# What is no change


@pytest.fixture
def punctual(context: ServerContext, clock: FakeClock) -> Person:
    """Li came and went in time on the twentieth; a kiosk has one more event of that morning that it never sent."""
    door = pair(context, clock)
    with context.unit(read_only=True) as unit:
        kiosk = unit.kiosks.by_id(door.kiosk_id)
    assert kiosk is not None
    li = employ(context, "0104", "李明", "立案庭", JOINED)
    came, left = clocked_at(li, moment("08:10", TUESDAY), 1), clocked_at(li, moment("17:40", TUESDAY), 2)
    ingest(context, kiosk, batch_of(came, left))
    touch_everybody(context, FIRST, LAST)
    derive_touched(context)
    lock_month(context, OCTOBER, HR)
    ingest(context, kiosk, batch_of(clocked_at(li, moment("08:20", TUESDAY), 3)))
    derive_touched(context)
    return li


def test_a_late_event_that_is_not_used_makes_no_amendment_and_the_locked_day_stays(
    context: ServerContext, punctual: Person
) -> None:
    record = stored(context, punctual)
    assert record is not None
    with context.unit(read_only=True) as unit:
        verdict = as_verdict(record, rules_in_force(context, unit))
    assert (verdict.status, verdict.ignored) == (("normal",), ())
    assert open_amendments(context) == []


@pytest.mark.usefixtures("punctual")
def test_other_reasons_alone_are_no_difference_but_are_counted(context: ServerContext) -> None:
    found = recompute(context, JOINED, LAST)
    assert (found.differences, found.other_reasons) == ((), 1)


def test_a_calendar_edit_that_changes_no_kind_of_day_makes_no_amendment(context: ServerContext, li: Person) -> None:
    edit_calendar(context, TUESDAY, "workday", None, "checked against the notice", "zhao")
    confirm_year(context, 2026, True, "checked", "zhao")
    derive_touched(context)
    assert open_amendments(context) == []


def test_a_calendar_edit_that_makes_a_day_off_does(context: ServerContext, li: Person) -> None:
    edit_calendar(context, TUESDAY, "rest_day", None, "the court was closed", "zhao")
    derive_touched(context)
    assert [one.after["status"] for _, one in open_amendments(context)] == ["rest_day"]


def test_another_missing_clock_point_is_a_change_though_the_figures_are_the_same(
    context: ServerContext, clock: FakeClock
) -> None:
    li = employ(context, "0104", "李明", "立案庭", JOINED)
    arrival = Wish("correction", li.person_id, "forgot", day=TUESDAY, point=0, starts_at=moment("08:20", TUESDAY))
    departure = Wish("correction", li.person_id, "forgot", day=TUESDAY, point=1, starts_at=moment("17:40", TUESDAY))
    first = file_request(context, arrival, HR)
    decide(context, first.request_id, "approved", COLLEAGUE, "seen", on_paper=True, papers=SIGNED)
    touch_everybody(context, FIRST, LAST)
    derive_touched(context)
    lock_month(context, OCTOBER, HR)
    decide(context, first.request_id, "withdrawn", HR)
    second = file_request(context, departure, HR)
    decide(context, second.request_id, "approved", COLLEAGUE, "seen", on_paper=True, papers=SIGNED)
    derive_touched(context)
    ((_, amendment),) = open_amendments(context)
    assert amendment.before["status"] == amendment.after["status"] == "missing_clock"


# What was decided


def test_signed_and_refused_amendments_stay_known_with_their_reasons(context: ServerContext, li: Person) -> None:
    wednesday = date(2026, 10, 21)
    approve_duty(context, li)
    approve_duty(context, li, wednesday)
    sign(context, li)
    refuse(context, li, wednesday)
    decided = [(one.day, one.state, one.reason) for _, one in decided_amendments(context, OCTOBER)]
    assert decided == [(TUESDAY, "signed", "the form"), (wednesday, "refused", "no form")]
    assert decided_amendments(context, "2026-09") == []
    sheet = month_sheet(context, li.person_id, OCTOBER, HR)
    assert [one.state for one in sheet.amendments] == ["signed", "refused"]
    assert sheet.amended_days == {TUESDAY}


# At once


def test_nothing_is_stored_in_a_month_while_it_is_being_locked(
    context: ServerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    li = employ(context, "0104", "李明", "立案庭", JOINED)
    touch_everybody(context, FIRST, LAST)
    derive_touched(context)
    looked = month_close._open_workdays
    judging, is_locked = threading.Event(), threading.Event()
    duty = threading.Thread(target=approve_duty, args=(context, li))

    def judged_slowly(*judged: Any) -> WorkdayVerdict:
        judging.set()
        is_locked.wait(20)
        return judge(*judged)

    def a_duty_comes_after_the_look(*month: Any) -> int:
        count = looked(*month)
        duty.start()
        # It waits for the lock; without it, it would be judging by now, and not know of the lock.
        judging.wait(1)
        return count

    monkeypatch.setattr("server.services.deriving.judge", judged_slowly)
    monkeypatch.setattr("server.services.month_close._open_workdays", a_duty_comes_after_the_look)
    lock_month(context, OCTOBER, HR)
    is_locked.set()
    duty.join(30)
    assert status_of(context, li) == "absent"
    assert [one.after["status"] for _, one in open_amendments(context)] == ["on_duty"]


# Rows that somebody changed by hand


def test_a_locked_row_that_is_no_verdict_any_more_is_a_difference_and_its_repair_an_amendment(
    context: ServerContext, li: Person
) -> None:
    record = stored(context, li)
    assert record is not None
    with context.unit() as unit:
        unit.workdays.put([replace(record, verdict={"nothing": 1})], context.clock.now())
        unit.commit()
    assert [one.day for one in recompute(context, JOINED, LAST).differences] == [TUESDAY]
    derive_period(context, TUESDAY, TUESDAY)
    ((_, amendment),) = open_amendments(context)
    with context.unit(read_only=True) as unit:
        rules = rules_in_force(context, unit)
    assert amended_verdict(amendment, amendment.before, rules, "en") == "absent"
