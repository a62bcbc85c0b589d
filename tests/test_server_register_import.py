"""Months of an older machine are brought over: its lines are clock events, once each, and its days are judged."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from models.errors import CourtclockError
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.storage.months import MonthLock
from server.storage.registers import RegisterImport
from server.storage.unit_of_work import UnitOfWork
from tests.attendance_days import FRIDAY, moment
from tests.databases import Database
from tests.register_cast import (
    MONDAY,
    WEEK,
    WHY,
    bring_over,
    differences,
    line_of,
    punctual,
    refused_of,
    statuses,
    write_register,
)
from tests.server_cast import FakeClock, Person, employ, make_context

TUESDAY, WEDNESDAY, THURSDAY = WEEK[1:4]
JOINED = date(2026, 11, 2)


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, "0104", "李明", joined_on=JOINED)


@pytest.fixture
def wang(context: ServerContext) -> Person:
    return employ(context, "0205", "王芳", "刑庭", joined_on=JOINED)


def imports(context: ServerContext) -> list[RegisterImport]:
    with context.unit(read_only=True) as unit:
        return unit.registers.imports()


def spans(context: ServerContext, person: Person) -> tuple[tuple[date, date], ...]:
    with context.unit(read_only=True) as unit:
        found = unit.people.by_id(person.person_id)
    assert found is not None
    return found.register_spans


def test_lines_are_clock_events_and_their_days_are_judged(context: ServerContext, li: Person, tmp_path: Path) -> None:
    lines = [
        line_of(li, MONDAY, "08:20", "17:40"),
        line_of(li, TUESDAY, "08:45", "17:40"),
        line_of(li, WEEK[4], "08:20"),
    ]
    found = bring_over(context, write_register(tmp_path, *lines))
    assert (found.number, found.people, found.taken, found.already_had, found.refused) == (1, 1, 5, 0, 0)
    assert (found.first_day, found.last_day) == (MONDAY, WEEK[4])
    assert statuses(context, li) == {
        MONDAY: "normal",
        TUESDAY: "late",
        WEDNESDAY: "absent",
        THURSDAY: "absent",
        WEEK[4]: "missing_clock",
    }
    assert differences(context) == 0


def test_who_did_it_and_why_is_kept(context: ServerContext, li: Person, tmp_path: Path) -> None:
    bring_over(context, write_register(tmp_path, *punctual(li), "0999,2026-10-12,08:00"))
    (one,) = imports(context)
    assert (one.number, one.source, one.file_name, one.reason, one.entered_by) == (
        1,
        "old machine",
        "old.csv",
        WHY,
        "zhao",
    )
    assert (one.first_day, one.last_day, one.people, one.taken, one.already_had, one.refused) == (
        MONDAY,
        WEEK[4],
        1,
        10,
        0,
        1,
    )
    assert (one.entered_at, one.finished_at, one.taken_back) == (context.clock.now(), context.clock.now(), None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"actor": Actor("chen", "head")}, "page.forbidden"),
        ({"reason": " "}, "reason.missing"),
        ({"source": " "}, "text.unfit"),
        ({"source": "x" * 65}, "text.unfit"),
    ],
)
def test_it_takes_hr_a_reason_and_a_name(
    context: ServerContext, li: Person, tmp_path: Path, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(CourtclockError) as told:
        bring_over(context, write_register(tmp_path, *punctual(li)), **changes)
    assert told.value.code == code
    assert imports(context) == []


def test_nothing_of_a_faulty_file_is_stored(context: ServerContext, li: Person, tmp_path: Path) -> None:
    with pytest.raises(CourtclockError, match="line 7 is not of a table"):
        bring_over(context, write_register(tmp_path, *punctual(li), '0104,2026-10-19,"08:00" x'))
    assert imports(context) == []
    assert statuses(context, li) == {}


# Whose days are judged


def test_everybody_is_judged_from_the_own_first_line_until_the_last_day_of_the_file(
    context: ServerContext, li: Person, wang: Person, tmp_path: Path
) -> None:
    bring_over(context, write_register(tmp_path, *punctual(li), *punctual(wang, [WEDNESDAY])))
    assert spans(context, wang) == ((WEDNESDAY, WEEK[4]),)
    assert statuses(context, wang) == {WEDNESDAY: "normal", THURSDAY: "absent", WEEK[4]: "absent"}


def test_nobody_is_judged_between_the_register_and_the_first_kiosk(
    context: ServerContext, li: Person, tmp_path: Path
) -> None:
    bring_over(context, write_register(tmp_path, *punctual(li)))
    found = statuses(context, li, MONDAY, JOINED - timedelta(days=1))
    assert list(found) == list(WEEK)


def test_nobody_is_judged_where_the_machine_was_not_in_use(
    context: ServerContext, li: Person, wang: Person, tmp_path: Path
) -> None:
    may, june = date(2026, 5, 11), date(2026, 6, 8)
    lines = [line_of(li, day, "08:20", "17:40") for day in (may, june, june + timedelta(days=1))]
    bring_over(context, write_register(tmp_path, *lines, line_of(wang, may, "08:20")))
    assert spans(context, li) == ((may, may), (june, june + timedelta(days=1)))
    assert spans(context, wang) == ((may, may),)
    assert list(statuses(context, li, may, date(2026, 6, 30))) == [may, june, june + timedelta(days=1)]


def test_two_files_judge_the_days_of_both(context: ServerContext, li: Person, tmp_path: Path) -> None:
    bring_over(context, write_register(tmp_path, *punctual(li, WEEK[:3]), name="one.csv"))
    found = bring_over(context, write_register(tmp_path, *punctual(li, WEEK[2:]), name="two.csv"))
    assert (found.taken, found.already_had) == (4, 2)
    assert spans(context, li) == ((MONDAY, WEEK[4]),)
    assert set(statuses(context, li).values()) == {"normal"}
    assert [one.rests_on for one in imports(context)] == [(), (1,)]


def test_who_has_left_is_judged_until_the_last_day(context: ServerContext, li: Person, tmp_path: Path) -> None:
    with context.unit() as unit:
        unit.people.set_last_day(li.person_id, TUESDAY)
        unit.commit()
    bring_over(context, write_register(tmp_path, *punctual(li)))
    assert list(statuses(context, li)) == [MONDAY, TUESDAY]


def test_all_that_asks_who_was_here_knows_the_days(context: ServerContext, li: Person, tmp_path: Path) -> None:
    bring_over(context, write_register(tmp_path, *punctual(li)))

    def who(unit: UnitOfWork, first: date, last: date) -> list[str]:
        return [one.employee_no for one in unit.people.between(first, last)]

    with context.unit(read_only=True) as unit:
        assert [one.employee_no for one in unit.people.of_day(MONDAY, unit.people.division_id("立案庭"))] == ["0104"]
        assert unit.people.of_day(MONDAY - timedelta(days=1)) == []
        assert who(unit, date(2026, 10, 1), date(2026, 10, 12)) == ["0104"]
        assert who(unit, date(2026, 10, 17), date(2026, 11, 1)) == []
        assert who(unit, date(2026, 10, 17), JOINED) == ["0104"]


# Once each


def test_a_second_run_stores_nothing_and_changes_no_verdict(context: ServerContext, li: Person, tmp_path: Path) -> None:
    path = write_register(tmp_path, *punctual(li))
    bring_over(context, path)
    before = statuses(context, li)
    found = bring_over(context, path)
    assert (found.number, found.taken, found.already_had) == (2, 0, 10)
    assert statuses(context, li) == before
    assert differences(context) == 0


def test_a_second_run_takes_what_was_refused_and_may_be_taken_now(
    context: ServerContext, li: Person, tmp_path: Path
) -> None:
    path = write_register(tmp_path, *punctual(li), "0205,2026-10-12,08:20 17:40")
    assert bring_over(context, path).refused == 1
    wang = employ(context, "0205", "王芳", "刑庭", joined_on=FRIDAY)
    found = bring_over(context, path)
    assert (found.taken, found.already_had, found.refused) == (2, 10, 0)
    assert statuses(context, wang)[MONDAY] == "normal"


def test_a_line_that_stands_twice_is_one_clock_event(context: ServerContext, li: Person, tmp_path: Path) -> None:
    doubled = line_of(li, MONDAY, "08:20", "17:40", "08:20")
    found = bring_over(context, write_register(tmp_path, doubled, doubled, f"0104,{MONDAY},08:20:00"))
    assert (found.taken, found.already_had) == (2, 5)
    with context.unit(read_only=True) as unit:
        events = unit.items.events_of(li.person_id, moment("00:00", MONDAY), moment("24:00", MONDAY))
    assert [(one.captured_at, one.method, one.evidence) for one in events] == [
        (moment("08:20", MONDAY), "register", {}),
        (moment("17:40", MONDAY), "register", {}),
    ]


def test_lines_of_two_machines_are_clock_events_of_two(context: ServerContext, li: Person, tmp_path: Path) -> None:
    path = write_register(tmp_path, line_of(li, MONDAY, "08:20"))
    assert bring_over(context, path, source="east").taken == 1
    assert bring_over(context, path, source="west").taken == 1
    assert {one.source: one.rests_on for one in imports(context)} == {"east": (), "west": ()}


def test_several_thousand_lines_are_stored_in_parts(
    context: ServerContext, li: Person, wang: Person, tmp_path: Path
) -> None:
    days = [date(2026, 3, 2) + timedelta(days=number) for number in range(200)]
    lines = [
        line_of(person, day, "08:20", "12:00", "12:01", "13:30", "15:00", "17:40")
        for day in days
        for person in (li, wang)
    ]
    told: list[tuple[int, int]] = []
    found = bring_over(context, write_register(tmp_path, *lines), progress=lambda done, of: told.append((done, of)))
    assert (found.taken, found.people, found.last_day) == (2400, 2, days[-1])
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] == 2 * (len(lines) + 1)


# What is refused


def test_a_refused_line_is_told_with_its_reason_and_the_others_go_on(
    context: ServerContext, li: Person, tmp_path: Path
) -> None:
    lines = [
        line_of(li, MONDAY, "08:20"),
        "0999,2026-10-12,08:20",
        "0104,2026-10-12,late",
        "0104,2026-11-20,12:01",
        "104,2026-10-12,08:20",
    ]
    assert refused_of(context, write_register(tmp_path, *lines)) == [
        (3, "nobody has the number 0999"),
        (4, "“2026-10-12 late” is not read as a date and a time"),
        (5, "2026-11-20 12:01 is still to come"),
        (6, "nobody has the number 104"),
    ]
    assert imports(context)[0].taken == 1


def test_a_file_of_refused_lines_alone_leaves_nothing_behind(
    context: ServerContext, li: Person, tmp_path: Path
) -> None:
    found = bring_over(context, write_register(tmp_path, "0999,2026-10-12,08:20", f"0104,{MONDAY},"))
    assert (found.number, found.refused, found.without_time, found.first_day) == (None, 1, 1, None)
    assert imports(context) == []


def test_what_retention_would_not_keep_is_not_taken(tmp_path: Path, database: Database, clock: FakeClock) -> None:
    context = make_context(tmp_path, database, clock, retention={"clock_events_days": 30})
    li = employ(context)
    kept = FRIDAY - timedelta(days=30)
    path = write_register(tmp_path, line_of(li, kept - timedelta(days=1), "08:20"), line_of(li, kept, "08:20"))
    assert refused_of(context, path) == [(2, "clock events of 2026-10-20 are not kept any more")]


def test_a_month_that_is_not_kept_any_more_stays_as_it_is(context: ServerContext, li: Person, tmp_path: Path) -> None:
    with context.unit() as unit:
        unit.months.lock(MonthLock("2026-10", "zhao", context.clock.now()))
        unit.months.let_go("2026-10", context.clock.now())
        unit.commit()
    assert refused_of(context, write_register(tmp_path, line_of(li, MONDAY, "08:20"))) == [
        (2, "clock events of 2026-10-12 are not kept any more")
    ]


# Only tried


def test_a_dry_run_tells_the_same_and_stores_nothing(context: ServerContext, li: Person, tmp_path: Path) -> None:
    path = write_register(tmp_path, *punctual(li), "0999,2026-10-12,08:20")
    found = bring_over(context, path, dry_run=True)
    assert (found.number, found.taken, found.already_had, found.refused, found.people) == (None, 10, 0, 1, 1)
    assert imports(context) == []
    bring_over(context, write_register(tmp_path, *punctual(li, WEEK[:2]), name="two.csv"))
    found = bring_over(context, path, dry_run=True)
    assert (found.number, found.taken, found.already_had) == (None, 6, 4)
    assert derive_touched(context) > 0
    assert len(imports(context)) == 1


# Beside kiosks


def test_lines_of_days_that_kiosks_judge_are_taken_and_counted_apart(
    context: ServerContext, li: Person, tmp_path: Path
) -> None:
    found = bring_over(context, write_register(tmp_path, line_of(li, FRIDAY, "08:20"), line_of(li, MONDAY, "08:20")))
    assert (found.taken, found.beside_kiosks) == (2, 1)
    assert statuses(context, li, FRIDAY)[FRIDAY] == "pending"


def test_a_locked_month_gets_proposals(context: ServerContext, clock: FakeClock, li: Person, tmp_path: Path) -> None:
    with context.unit() as unit:
        unit.months.lock(MonthLock("2026-10", "zhao", clock.now()))
        unit.commit()
    bring_over(context, write_register(tmp_path, line_of(li, MONDAY, "08:20", "17:40"), line_of(li, TUESDAY, "09:20")))
    assert statuses(context, li) == {}
    with context.unit(read_only=True) as unit:
        proposed = unit.months.amendments(["proposed"], MONDAY, WEEK[4])
    assert [(one.day, one.before, one.after["status"]) for one in proposed] == [
        (MONDAY, {}, "normal"),
        (TUESDAY, {}, "late,missing_clock"),
    ]
    assert differences(context) == 0


# Cut off, or two at once


def test_another_file_waits_until_an_import_has_come_to_its_end(
    context: ServerContext, li: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write_register(tmp_path, *punctual(li), name="one.csv")
    second = write_register(tmp_path, *punctual(li, WEEK[:1]), name="two.csv")
    with monkeypatch.context() as patch:
        patch.setattr("server.services.register_importing.tell_people", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            bring_over(context, first)
    assert imports(context)[0].finished_at is None
    with pytest.raises(CourtclockError, match=r"Import its file one\.csv again") as told:
        bring_over(context, second)
    assert told.value.code == "register.unfinished"
    assert bring_over(context, second, source="another machine").taken == 2
    found = bring_over(context, first)
    assert (found.number, found.taken, found.already_had) == (1, 10, 0)
    assert bring_over(context, second).already_had == 2
    assert set(statuses(context, li).values()) == {"normal"}


def test_a_file_that_is_changed_while_it_is_read_is_not_brought_to_its_end(
    context: ServerContext, li: Person, tmp_path: Path
) -> None:
    path = write_register(tmp_path, *punctual(li))

    def change(done: int, of: int) -> None:
        if done > of // 2:
            write_register(tmp_path, *punctual(li, WEEK[:2]))

    with pytest.raises(CourtclockError, match="it was changed while it was read"):
        bring_over(context, path, progress=change)
    assert spans(context, li) == ()
    assert imports(context)[0].finished_at is None
