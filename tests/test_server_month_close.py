"""Closing a month: people answer about their sheet, HR locks, and what changes later is an amendment to sign."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest

from models.errors import CourtclockError
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_period, derive_touched
from server.services.leaving import set_last_day
from server.services.month_close import (
    MonthSheet,
    answer_sheet,
    close_state,
    decide_amendment,
    lock_month,
    month_sheet,
    open_amendments,
)
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request
from server.services.touching import touch_everybody
from server.storage.months import AmendmentRecord
from tests.attendance_days import moment
from tests.papers import SIGNED
from tests.server_cast import FakeClock, Person, employ

OCTOBER = "2026-10"
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
HR = Actor("zhao", "hr")
TUESDAY = date(2026, 10, 20)


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, "0104", "李明", "立案庭", date(2026, 10, 19))


@pytest.fixture
def judged(context: ServerContext, li: Person) -> Person:
    """October is over and judged: he was absent on its last ten workdays."""
    touch_everybody(context, FIRST, LAST)
    derive_touched(context)
    return li


def as_li(person: Person) -> Actor:
    return Actor("li", "employee", person.person_id)


def sheet_of(context: ServerContext, person: Person, month: str = OCTOBER) -> MonthSheet:
    return month_sheet(context, person.person_id, month, as_li(person))


def answer(context: ServerContext, person: Person, confirmed: bool, remark: str = "") -> None:
    sha256 = sheet_of(context, person).sheet_sha256
    answer_sheet(context, OCTOBER, as_li(person), sha256, confirmed=confirmed, remark=remark)


def code_of(refused: pytest.ExceptionInfo[CourtclockError]) -> str:
    return refused.value.code


# The sheet


def test_the_sheet_has_every_judged_day_of_the_month_and_its_sum(context: ServerContext, judged: Person) -> None:
    sheet = sheet_of(context, judged)
    assert [one.day.day for one in sheet.verdicts] == list(range(19, 32))
    assert sheet.total.absent_half_days == 20
    assert (sheet.person.person_id, sheet.month, sheet.lock, sheet.answer) == (judged.person_id, OCTOBER, None, None)


def test_only_the_person_the_head_of_the_division_and_the_court_see_it(context: ServerContext, judged: Person) -> None:
    with context.unit() as unit:
        filing, criminal = unit.people.ensure_division("立案庭"), unit.people.ensure_division("刑庭")
        unit.commit()
    for actor in (HR, Actor("zhou", "president"), Actor("sun", "head", None, filing)):
        assert month_sheet(context, judged.person_id, OCTOBER, actor).verdicts
    for actor in (Actor("wang", "head", None, criminal), Actor("x", "employee"), Actor("y", "employee", uuid.uuid4())):
        with pytest.raises(CourtclockError, match=r"page\.forbidden"):
            month_sheet(context, judged.person_id, OCTOBER, actor)
    with pytest.raises(CourtclockError, match=r"page\.forbidden"):
        month_sheet(context, uuid.uuid4(), OCTOBER, HR)


@pytest.mark.parametrize("month", ["2026-13", "202610", "2026-1", "october"])
def test_a_word_that_is_no_month_is_told(context: ServerContext, li: Person, month: str) -> None:
    for ask in (lambda: sheet_of(context, li, month), lambda: close_state(context, month)):
        with pytest.raises(CourtclockError, match=r"page\.bad_month"):
            ask()


# Answers


def test_a_confirmation_is_kept_with_what_was_confirmed(context: ServerContext, judged: Person) -> None:
    answer(context, judged, True)
    sheet = sheet_of(context, judged)
    assert sheet.answer is not None
    assert (sheet.answer.confirmed, sheet.answer.given_by, sheet.answer_is_current) == (True, "li", True)


def test_a_change_after_the_confirmation_makes_it_old(context: ServerContext, judged: Person) -> None:
    answer(context, judged, True)
    _on_duty(context, judged)
    assert not sheet_of(context, judged).answer_is_current


def test_the_last_answer_counts_also_of_several_in_one_moment(context: ServerContext, judged: Person) -> None:
    for number in range(6):
        answer(context, judged, number % 2 == 1, f"remark {number}")
        found = sheet_of(context, judged).answer
        assert found is not None
        assert (found.confirmed, found.remark) == (number % 2 == 1, f"remark {number}")


def test_an_answer_after_the_clock_went_back_counts(context: ServerContext, judged: Person, clock: FakeClock) -> None:
    answer(context, judged, True)
    clock.go_to("11:00")
    answer(context, judged, False, "I was there")
    assert [one.remark for one in close_state(context, OCTOBER).objected] == ["I was there"]


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("reason.missing", {"confirmed": False, "remark": " "}),
        ("text.unfit", {"confirmed": True, "remark": "a\x00b"}),
        ("text.unfit", {"confirmed": False, "remark": "x" * 2001}),
        ("month.changed", {"sheet_sha256": "0" * 64}),
        ("month.not_over", {"month": "2026-11"}),
        ("page.bad_month", {"month": "never"}),
        ("page.forbidden", {"actor": HR}),
    ],
)
def test_an_answer_that_cannot_be_is_refused(
    context: ServerContext, judged: Person, code: str, given: dict[str, Any]
) -> None:
    sha256 = sheet_of(context, judged).sheet_sha256
    values = {
        "month": OCTOBER,
        "actor": as_li(judged),
        "sheet_sha256": sha256,
        "confirmed": True,
        "remark": "",
        **given,
    }
    with pytest.raises(CourtclockError) as refused:
        answer_sheet(
            context,
            values["month"],
            values["actor"],
            values["sheet_sha256"],
            confirmed=values["confirmed"],
            remark=values["remark"],
        )
    assert code_of(refused) == code
    assert sheet_of(context, judged).answer is None


def test_a_locked_month_takes_no_answers(context: ServerContext, judged: Person) -> None:
    lock_month(context, OCTOBER, HR)
    with pytest.raises(CourtclockError, match=r"month\.locked"):
        answer(context, judged, True)


# How far it is


def test_who_confirmed_who_objected_and_who_said_nothing(context: ServerContext, judged: Person) -> None:
    wang = employ(context, "0205", "王芳", joined_on=LAST)
    sun = employ(context, "0306", "孙丽", joined_on=LAST)
    employ(context, "0407", "后来")
    touch_everybody(context, LAST)
    derive_touched(context)
    answer(context, judged, True)
    answer(context, wang, False, "I was there")
    state = close_state(context, OCTOBER)
    assert [one.person_id for one in state.confirmed] == [judged.person_id]
    assert [(one.person.person_id, one.remark) for one in state.objected] == [(wang.person_id, "I was there")]
    assert [one.person_id for one in state.silent] == [sun.person_id]
    assert (state.is_over, state.lock, state.open_workdays) == (True, None, 0)


def test_who_answered_about_a_sheet_that_has_changed_since_is_told_apart(
    context: ServerContext, judged: Person
) -> None:
    wang = employ(context, "0205", "王芳", joined_on=date(2026, 10, 30))
    touch_everybody(context, date(2026, 10, 30), LAST)
    derive_touched(context)
    answer(context, judged, True)
    answer(context, wang, False, "I was there")
    _on_duty(context, judged)
    state = close_state(context, OCTOBER)
    assert (state.confirmed, [one.name for one in state.confirmed_before_change]) == ((), ["李明"])
    assert [one.is_current for one in state.objected] == [True]
    _on_duty(context, wang, date(2026, 10, 30))
    assert [one.is_current for one in close_state(context, OCTOBER).objected] == [False]
    answer(context, judged, True)
    state = close_state(context, OCTOBER)
    assert ([one.name for one in state.confirmed], state.confirmed_before_change) == (["李明"], ())


def test_workdays_not_judged_touched_or_pending_are_open(context: ServerContext, judged: Person) -> None:
    assert close_state(context, OCTOBER).open_workdays == 0
    touch_everybody(context, TUESDAY)
    assert close_state(context, OCTOBER).open_workdays == 1
    employ(context, "0205", "王芳", joined_on=date(2026, 10, 30))
    assert close_state(context, OCTOBER).open_workdays == 3
    november = close_state(context, "2026-11")
    assert (november.is_over, november.open_workdays) == (False, 60)


# The lock


def test_hr_locks_a_month_that_is_over_and_judged(context: ServerContext, judged: Person) -> None:
    lock = lock_month(context, OCTOBER, HR)
    assert (lock.month, lock.locked_by, lock.locked_at) == (OCTOBER, "zhao", context.clock.now())
    assert close_state(context, OCTOBER).lock == lock
    with pytest.raises(CourtclockError, match=r"month\.locked"):
        lock_month(context, OCTOBER, HR)


def test_objections_and_silence_do_not_keep_a_month_open(context: ServerContext, judged: Person) -> None:
    answer(context, judged, False, "I was there")
    assert lock_month(context, OCTOBER, HR).month == OCTOBER


@pytest.mark.parametrize(
    ("code", "month", "actor"),
    [
        ("page.forbidden", OCTOBER, Actor("zhou", "president")),
        ("page.bad_month", "never", HR),
        ("month.not_over", "2026-11", HR),
    ],
)
def test_others_and_other_months_are_refused(
    context: ServerContext, judged: Person, code: str, month: str, actor: Actor
) -> None:
    with pytest.raises(CourtclockError) as refused:
        lock_month(context, month, actor)
    assert code_of(refused) == code


def test_a_month_with_a_workday_that_nobody_judged_cannot_be_locked(context: ServerContext, li: Person) -> None:
    with pytest.raises(CourtclockError, match=r"month\.not_over"):
        lock_month(context, OCTOBER, HR)
    derive_period(context, FIRST, LAST)
    assert lock_month(context, OCTOBER, HR).month == OCTOBER


# Amendments


def _on_duty(context: ServerContext, person: Person, day: date = TUESDAY) -> uuid.UUID:
    wish = Wish(
        "duty",
        person.person_id,
        "at the High Court",
        name="meeting",
        starts_at=moment("08:00", day),
        ends_at=moment("18:00", day),
    )
    filed = file_request(context, wish, HR)
    decide(context, filed.request_id, "approved", HR, "form 12", on_paper=True, papers=SIGNED)
    derive_touched(context)
    return filed.request_id


@pytest.fixture
def amended(context: ServerContext, judged: Person) -> AmendmentRecord:
    """October was locked, and then a duty of its twentieth day was approved."""
    lock_month(context, OCTOBER, HR)
    _on_duty(context, judged)
    ((_, record),) = open_amendments(context)
    return record


def status_of(context: ServerContext, person: Person) -> str:
    with context.unit(read_only=True) as unit:
        record = unit.workdays.one(person.person_id, TUESDAY)
    assert record is not None
    return record.status


def test_what_changes_after_the_lock_waits_as_an_amendment(
    context: ServerContext, judged: Person, amended: AmendmentRecord
) -> None:
    assert (amended.person_id, amended.day, amended.number, amended.state) == (judged.person_id, TUESDAY, 1, "proposed")
    assert (amended.before["status"], amended.after["status"]) == ("absent", "on_duty")
    assert status_of(context, judged) == "absent"


def test_a_signed_amendment_is_in_force(context: ServerContext, judged: Person, amended: AmendmentRecord) -> None:
    decide_amendment(context, judged.person_id, TUESDAY, HR, "the form", sign=True, number=1)
    assert status_of(context, judged) == "on_duty"
    assert open_amendments(context) == []
    with context.unit(read_only=True) as unit:
        (signed,) = unit.months.amendments(["signed"])
    assert (signed.reason, signed.decided_by, signed.decided_at) == ("the form", "zhao", context.clock.now())


def test_a_refused_amendment_keeps_what_was_locked(
    context: ServerContext, judged: Person, amended: AmendmentRecord
) -> None:
    decide_amendment(context, judged.person_id, TUESDAY, HR, "too late", sign=False)
    assert status_of(context, judged) == "absent"
    assert open_amendments(context) == []


def test_nobody_signs_an_amendment_that_came_after_the_one_they_saw(
    context: ServerContext, judged: Person, amended: AmendmentRecord
) -> None:
    waiver = file_request(context, Wish("waiver", judged.person_id, "the flood", day=TUESDAY), HR)
    decide(context, waiver.request_id, "approved", Actor("qian", "hr"))
    with context.unit(read_only=True) as unit:
        duty = next(one for one in unit.requests.of_people([judged.person_id]) if one.filed.kind == "duty")
    decide(context, duty.filed.request_id, "withdrawn", HR)
    derive_touched(context)
    ((_, newer),) = open_amendments(context)
    assert (newer.number, newer.after["status"]) == (2, "excused")
    with pytest.raises(CourtclockError, match=r"amendment\.unknown"):
        decide_amendment(context, judged.person_id, TUESDAY, HR, "the form", sign=True, number=amended.number)
    assert status_of(context, judged) == "absent"


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("page.forbidden", {"actor": Actor("zhou", "president")}),
        ("reason.missing", {"reason": " "}),
        ("amendment.unknown", {"day": LAST}),
        ("amendment.unknown", {"person_id": uuid.UUID(int=1)}),
        ("amendment.unknown", {"number": 2}),
    ],
)
def test_an_amendment_that_cannot_be_decided_is_refused(
    context: ServerContext, judged: Person, amended: AmendmentRecord, code: str, given: dict[str, Any]
) -> None:
    values = {"person_id": judged.person_id, "day": TUESDAY, "actor": HR, "reason": "the form", "number": 1, **given}
    with pytest.raises(CourtclockError) as refused:
        decide_amendment(
            context,
            values["person_id"],
            values["day"],
            values["actor"],
            values["reason"],
            sign=True,
            number=values["number"],
        )
    assert code_of(refused) == code
    assert status_of(context, judged) == "absent"


def test_an_amendment_is_decided_once(context: ServerContext, judged: Person, amended: AmendmentRecord) -> None:
    decide_amendment(context, judged.person_id, TUESDAY, HR, "the form", sign=True)
    with pytest.raises(CourtclockError, match=r"amendment\.unknown"):
        decide_amendment(context, judged.person_id, TUESDAY, HR, "no", sign=False)


# The last day of somebody


def days_of(context: ServerContext, person: Person) -> list[int]:
    derive_touched(context)
    with context.unit(read_only=True) as unit:
        return [one.day.day for one in unit.workdays.of_people([person.person_id], FIRST, LAST)]


def test_workdays_after_the_last_day_go_and_come_back(context: ServerContext, judged: Person) -> None:
    assert set_last_day(context, judged.person_id, TUESDAY, HR).left_on == TUESDAY
    assert days_of(context, judged) == [19, 20]
    set_last_day(context, judged.person_id, date(2026, 10, 22), HR)
    assert days_of(context, judged) == [19, 20, 21, 22]
    set_last_day(context, judged.person_id, None, HR)
    assert days_of(context, judged) == list(range(19, 32))


def test_a_last_day_to_come_and_the_same_one_again_touch_nothing(context: ServerContext, judged: Person) -> None:
    for _ in range(2):
        set_last_day(context, judged.person_id, date(2026, 12, 31), HR)
    with context.unit(read_only=True) as unit:
        assert unit.workdays.touched(10) == []


def test_nobody_leaves_out_of_a_locked_month_and_hr_alone_says_who_leaves(
    context: ServerContext, judged: Person
) -> None:
    lock_month(context, OCTOBER, HR)
    with pytest.raises(CourtclockError, match=r"month\.locked: 2026-10"):
        set_last_day(context, judged.person_id, TUESDAY, HR)
    with pytest.raises(CourtclockError, match=r"page\.forbidden"):
        set_last_day(context, judged.person_id, None, Actor("zhou", "president"))
    with pytest.raises(CourtclockError, match=r"person\.unknown"):
        set_last_day(context, uuid.uuid4(), None, HR)
    assert set_last_day(context, judged.person_id, LAST, HR).left_on == LAST
