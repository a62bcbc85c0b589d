"""A wrong import is taken back: its clock events stay and count no more, and the same file can be imported anew."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.errors import CourtclockError
from server.services import register_taking_back
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.month_close import lock_month
from server.services.register_taking_back import take_back_register
from server.services.touching import touched_workdays
from server.storage.months import MonthLock
from server.storage.registers import RegisterImport
from tests.attendance_days import FRIDAY, moment
from tests.register_cast import (
    MONDAY,
    WEEK,
    bring_over,
    differences,
    line_of,
    punctual,
    statuses,
    take_back,
    write_register,
)
from tests.server_cast import FakeClock, Person, employ

JOINED = date(2026, 11, 2)


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, "0104", "李明", joined_on=JOINED)


@pytest.fixture
def path(context: ServerContext, li: Person, tmp_path: Path) -> Path:
    """A week of the old machine, imported and judged."""
    path = write_register(tmp_path, *punctual(li))
    bring_over(context, path)
    assert set(statuses(context, li).values()) == {"normal"}
    return path


def one(context: ServerContext, number: int = 1) -> RegisterImport:
    with context.unit(read_only=True) as unit:
        found = unit.registers.one(number)
    assert found is not None
    return found


def test_its_days_are_judged_by_it_no_more(context: ServerContext, li: Person, path: Path) -> None:
    assert take_back(context) == 10
    assert statuses(context, li) == {}
    assert differences(context) == 0


def test_its_clock_events_stay_and_are_voided(context: ServerContext, li: Person, path: Path) -> None:
    take_back(context)
    with context.unit(read_only=True) as unit:
        events = unit.items.events_of(li.person_id, moment("00:00", MONDAY), moment("24:00", WEEK[4]))
    assert [one.voided for one in events] == [True] * 10


def test_who_took_it_back_and_why_is_kept(context: ServerContext, path: Path) -> None:
    take_back(context, reason="the file was of another court")
    word = one(context).taken_back
    assert word is not None
    now = context.clock.now()
    assert (word.reason, word.entered_by, word.entered_at, word.finished_at) == (
        "the file was of another court",
        "zhao",
        now,
        now,
    )


def test_the_same_file_can_be_imported_anew_as_often_as_it_was_taken_back(
    context: ServerContext, li: Person, path: Path
) -> None:
    for number in (1, 2, 3):
        take_back(context, number)
        found = bring_over(context, path)
        assert (found.number, found.taken, found.already_had) == (number + 1, 10, 0)
        assert set(statuses(context, li).values()) == {"normal"}
    assert differences(context) == 0


def test_what_was_not_taken_back_is_not_taken_again(
    context: ServerContext, li: Person, path: Path, tmp_path: Path
) -> None:
    next_week = MONDAY + timedelta(days=7)
    later = write_register(tmp_path, line_of(li, next_week, "08:20"), name="later.csv")
    bring_over(context, later)
    take_back(context, 2)
    found = bring_over(
        context, write_register(tmp_path, *punctual(li), line_of(li, next_week, "08:20"), name="all.csv")
    )
    assert (found.taken, found.already_had) == (1, 10)


def test_days_that_another_import_judges_stay(context: ServerContext, li: Person, path: Path, tmp_path: Path) -> None:
    bring_over(context, write_register(tmp_path, *punctual(li, WEEK[:2])), source="another machine")
    take_back(context)
    assert statuses(context, li) == {WEEK[0]: "normal", WEEK[1]: "normal"}


def test_days_that_kiosks_judge_stay_without_its_lines(
    context: ServerContext, clock: FakeClock, li: Person, tmp_path: Path
) -> None:
    clock.go_to("23:50")
    bring_over(context, write_register(tmp_path, line_of(li, FRIDAY, "08:20", "17:40")))
    assert statuses(context, li, FRIDAY) == {FRIDAY: "normal"}
    take_back(context)
    assert statuses(context, li, FRIDAY) == {FRIDAY: "absent"}


def test_what_another_import_rests_on_is_taken_back_after_it(
    context: ServerContext, li: Person, path: Path, tmp_path: Path
) -> None:
    both = write_register(tmp_path, *punctual(li), line_of(li, MONDAY + timedelta(days=7), "08:20"), name="both.csv")
    bring_over(context, both)
    with pytest.raises(CourtclockError, match="Import 2 rests on import 1") as told:
        take_back(context, 1)
    assert told.value.code == "register.needed"
    assert one(context, 1).taken_back is None
    take_back(context, 2)
    take_back(context, 1)
    assert statuses(context, li, MONDAY, MONDAY + timedelta(days=13)) == {}
    assert bring_over(context, both).taken == 11


def test_it_takes_hr_a_reason_and_an_import_that_holds(context: ServerContext, path: Path) -> None:
    for number, reason, role, code in (
        (1, "x", "head", "page.forbidden"),
        (1, " ", "hr", "reason.missing"),
        (2, "x", "hr", "register.unknown"),
    ):
        with pytest.raises(CourtclockError) as told:
            take_back_register(context, number, reason, Actor("zhao", role))
        assert told.value.code == code
    take_back(context)
    with pytest.raises(CourtclockError) as told:
        take_back(context)
    assert told.value.code == "register.taken_back"


def test_workdays_of_a_locked_month_do_not_go(context: ServerContext, li: Person, path: Path) -> None:
    lock_month(context, "2026-10", Actor("zhao", "hr"))
    with pytest.raises(CourtclockError) as told:
        take_back(context)
    assert told.value.code == "month.locked"
    assert one(context).taken_back is None
    assert set(statuses(context, li).values()) == {"normal"}


def test_what_was_only_proposed_in_a_locked_month_is_proposed_no_more(
    context: ServerContext, li: Person, tmp_path: Path
) -> None:
    with context.unit() as unit:
        unit.months.lock(MonthLock("2026-10", "zhao", context.clock.now()))
        unit.commit()
    bring_over(context, write_register(tmp_path, *punctual(li)))
    derive_touched(context)
    take_back(context)
    derive_touched(context)
    with context.unit(read_only=True) as unit:
        assert unit.months.amendments(["proposed"]) == []
    assert differences(context) == 0


def test_cut_off_in_the_middle_it_is_done_again(
    context: ServerContext, li: Person, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_taking_back, "AT_ONCE", 4)
    with monkeypatch.context() as patch:
        touched = touched_workdays
        calls: list[int] = []

        def fail_at_the_third(*given: Any) -> Any:
            calls.append(1)
            return 1 / 0 if len(calls) == 3 else touched(*given)

        patch.setattr(register_taking_back, "touched_workdays", fail_at_the_third)
        with pytest.raises(ZeroDivisionError):
            take_back(context)
    for attempt in (
        lambda: bring_over(context, path),
        # Days that are judged no more are marked at the end only.
        lambda: lock_month(context, "2026-10", Actor("zhao", "hr")),
    ):
        with pytest.raises(CourtclockError) as told:
            attempt()
        assert told.value.code == "register.unfinished"
    voided: list[tuple[int, int]] = []
    take_back_register(context, 1, "x", Actor("zhao", "hr"), progress=lambda done, of: voided.append((done, of)))
    assert voided == [(2, 10)]
    assert bring_over(context, path).taken == 10
    assert differences(context) == 0


def test_an_import_that_was_cut_off_can_be_taken_back(
    context: ServerContext, li: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_register(tmp_path, *punctual(li))
    with monkeypatch.context() as patch:
        patch.setattr("server.services.register_importing.tell_people", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            bring_over(context, path)
    assert take_back(context) == 10
    assert (bring_over(context, path).number, statuses(context, li)[MONDAY]) == (2, "normal")


def test_an_import_that_is_taken_back_while_it_runs_ends(
    context: ServerContext, li: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [date(2026, 3, 2) + timedelta(days=number) for number in range(200)]
    times = [f"{hour:02}:{minute:02}" for hour in range(8, 12) for minute in (0, 20, 40)]
    path = write_register(tmp_path, *(line_of(li, day, *times) for day in days))

    def told(done: int, of: int) -> None:
        if done > of // 2 and one(context).taken_back is None:
            take_back(context)

    with pytest.raises(CourtclockError) as ended:
        bring_over(context, path, progress=told)
    assert ended.value.code == "register.taken_back"
    assert statuses(context, li, days[0], days[-1]) == {}
    assert bring_over(context, path).taken == 2400


def test_while_another_one_of_its_source_is_imported_it_is_not_taken_back(
    context: ServerContext, li: Person, path: Path, tmp_path: Path
) -> None:
    days = [date(2026, 3, 2) + timedelta(days=number) for number in range(200)]
    longer = write_register(tmp_path, *(line_of(li, day, "08:00", "17:40") for day in days), *punctual(li))
    refused: list[str] = []

    def told(done: int, of: int) -> None:
        if not refused:
            with pytest.raises(CourtclockError) as error:
                take_back(context, 1)
            refused.append(error.value.code)

    assert bring_over(context, longer, progress=told).already_had == 10
    assert refused == ["register.unfinished"]
    assert set(statuses(context, li).values()) >= {"normal"}
