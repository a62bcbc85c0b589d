"""Who moves to another division leaves what was behind: in reports, in the trend, and in what heads may see.

Li works in the case filing division until Sunday, 1 November, and in enforcement from Monday on; neither Li nor Wang of
enforcement ever clocks. Lin is the head of case filing, the other head that of enforcement.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import insert, select

from enrollment.ports import NewPerson
from models.errors import CourtclockError
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.enrolling import StoredEnrollment
from server.services.periods import period_report, publish_month
from server.services.reporting import day_report
from server.services.request_filing import Wish, file_request
from server.services.trends import read_trend
from server.storage import schema
from server.storage.tables import division, division_membership, person
from tests.attendance_days import FRIDAY, moment
from tests.databases import Database
from tests.periods_cast import OCTOBER, amend, judge, people_of_two_divisions, reading
from tests.persons_cast import clock_in
from tests.server_cast import FakeClock, Person, clocked_at, employ, give_account, make_context, pair

pytestmark = pytest.mark.usefixtures("quick_hashes")
MOVED = date(2026, 11, 2)
FILING, ENFORCEMENT = "立案庭", "执行局"


def move(context: ServerContext, who: Person, name: str | None, from_day: date) -> None:
    with context.unit() as unit:
        unit.people.rename(
            who.person_id, who.name, None if name is None else unit.people.ensure_division(name), from_day
        )
        unit.commit()


def division_on(context: ServerContext, person_id: UUID, day: date | None = None) -> str | None:
    with context.unit(read_only=True) as unit:
        found = unit.people.by_id(person_id, day)
    assert found is not None
    return found.division


@pytest.fixture
def li(context: ServerContext, clock: FakeClock) -> Person:
    found = people_of_two_divisions(context, clock)
    give_account(context, "lin", "head", FILING)
    move(context, found, ENFORCEMENT, MOVED)
    return found


def status(context: ServerContext, username: str, path: str) -> int:
    return reading(context, username).get(path).status_code


# Where somebody was


def test_what_was_before_the_day_of_the_move_stays_with_the_old_division(context: ServerContext, li: Person) -> None:
    days = [date(2026, 1, 1), MOVED - timedelta(days=1), MOVED, FRIDAY, None]
    assert [division_on(context, li.person_id, day) for day in days] == [FILING, FILING, *[ENFORCEMENT] * 3]


def test_who_moves_twice_was_in_each_place_for_its_days(context: ServerContext, li: Person) -> None:
    move(context, li, None, date(2026, 11, 9))
    move(context, li, FILING, date(2026, 11, 16))
    days = [date(2026, 11, day) for day in (1, 2, 8, 9, 15, 16)]
    assert [division_on(context, li.person_id, day) for day in days] == [
        FILING,
        ENFORCEMENT,
        ENFORCEMENT,
        None,
        None,
        FILING,
    ]


def test_of_two_moves_on_one_day_the_last_counts(context: ServerContext, li: Person) -> None:
    move(context, li, "刑庭", MOVED)
    assert [division_on(context, li.person_id, day) for day in (MOVED - timedelta(days=1), MOVED)] == [FILING, "刑庭"]


def test_a_move_after_the_clock_was_set_back_counts_all_the_same(context: ServerContext, li: Person) -> None:
    move(context, li, "刑庭", date(2026, 10, 30))
    assert [division_on(context, li.person_id, day) for day in (MOVED - timedelta(days=1), MOVED)] == [FILING, "刑庭"]


def test_an_import_moves_from_its_own_day_on_and_one_that_changes_nothing_adds_nothing(
    context: ServerContext, clock: FakeClock
) -> None:
    store = StoredEnrollment(context)
    with store.begin() as transaction:
        person_id = transaction.add_person(NewPerson("0104", "李明", FILING))
        transaction.commit()
    clock.advance(timedelta(days=3))
    for name in (FILING, ENFORCEMENT, ENFORCEMENT):
        with store.begin() as transaction:
            transaction.update_person(person_id, "李明", name)
            transaction.commit()
    moved = FRIDAY + timedelta(days=3)
    assert [division_on(context, person_id, day) for day in (moved - timedelta(days=1), moved)] == [FILING, ENFORCEMENT]
    with context.engine.connect() as connection:
        assert len(connection.execute(select(division_membership)).all()) == 2


# Reports


def test_a_bulletin_that_is_not_published_yet_leaves_the_past_with_the_old_division(
    context: ServerContext, li: Person
) -> None:
    report = period_report(context, "month", "2026-10")
    assert {one.name: one.division for one in report.people} == {"李明": FILING, "王芳": ENFORCEMENT}
    absent = {one.name: one.tally.absent_half_days for one in report.divisions}
    assert absent == {FILING: 10, ENFORCEMENT: 10}
    assert {one.division for one in period_report(context, "month", "2026-11").people} == {ENFORCEMENT}


def test_who_moves_within_a_period_stands_where_its_last_day_was(context: ServerContext, li: Person) -> None:
    move(context, li, "刑庭", date(2026, 11, 12))
    assert [one.division for one in period_report(context, "week", "2026-W45").people] == [ENFORCEMENT] * 2
    assert {one.name: one.division for one in period_report(context, "week", "2026-W46").people}["李明"] == "刑庭"


def test_a_day_report_has_everybody_where_they_were_on_that_day(context: ServerContext, li: Person) -> None:
    def places(day: date) -> set[str | None]:
        return {line.person.division for line in day_report(context, day).lines}

    assert places(date(2026, 10, 30)) == {FILING, ENFORCEMENT}
    assert places(MOVED) == {ENFORCEMENT}
    with context.unit(read_only=True) as unit:
        filing = unit.people.division_id(FILING)
    assert [line.person.name for line in day_report(context, date(2026, 10, 30), filing).lines] == ["李明"]
    assert day_report(context, MOVED, filing).lines == ()


def test_an_amendment_stands_in_the_division_of_the_amended_day(
    context: ServerContext, clock: FakeClock, li: Person
) -> None:
    publish_month(context, OCTOBER)
    amend(context, clock, li)
    (line,) = period_report(context, "month", "2026-11").amendments
    assert (line.name, line.division) == ("李明", FILING)


# What heads may see


@pytest.mark.parametrize("is_published", [False, True])
def test_the_head_of_that_time_sees_the_past_and_the_new_one_does_not(
    context: ServerContext, li: Person, is_published: bool
) -> None:
    if is_published:
        publish_month(context, OCTOBER)
    seen = {name: "李明" in reading(context, name).get("/reports/month/2026-10").text for name in ("lin", "head")}
    assert seen == {"lin": True, "head": False}


@pytest.mark.parametrize(
    ("path", "old_head", "new_head"),
    [
        ("/reports/sheet/0104/2026-10", 200, 403),
        ("/reports/sheet/0104/2026-10.csv", 200, 403),
        ("/reports/sheet/0104/2026-11", 403, 200),
        ("/reports/person/0104/2026-10-30", 200, 403),
        ("/reports/person/0104/2026-11-02", 403, 200),
        ("/reports/person/0104/2026-11-20", 403, 200),
    ],
)
def test_days_and_sheets_are_open_to_the_head_of_their_time(
    context: ServerContext, li: Person, path: str, old_head: int, new_head: int
) -> None:
    assert (status(context, "lin", path), status(context, "head", path)) == (old_head, new_head)


def test_who_moved_still_sees_the_own_past(context: ServerContext, li: Person) -> None:
    assert status(context, "li", "/reports/sheet/0104/2026-10") == 200


def test_a_request_is_filed_by_the_head_of_now(context: ServerContext, li: Person) -> None:
    wish = Wish("waiver", li.person_id, "ice on the roads", day=date(2026, 10, 28))
    with context.unit(read_only=True) as unit:
        ids = [unit.people.division_id(name) for name in (FILING, ENFORCEMENT)]
    with pytest.raises(CourtclockError) as told:
        file_request(context, wish, Actor("lin", "head", None, ids[0]))
    assert told.value.code == "request.unknown"
    assert file_request(context, wish, Actor("head", "head", None, ids[1]))


# The trend


def test_each_day_of_the_trend_counts_where_the_person_was_on_it(
    database: Database, tmp_path: Path, clock: FakeClock
) -> None:
    clock.go_to("23:50")
    context = make_context(tmp_path, database, clock, attendance={"kiosk_came_on": date(2026, 11, 9)})
    door = pair(context, clock)
    people = [employ(context, "0104", "李明", FILING), employ(context, "0205", "王芳", ENFORCEMENT)]
    days = [date(2026, 11, day) for day in (2, 3, 4, 16)]
    for day in days:
        events = (clocked_at(one, moment("08:20", day), seq=seq) for seq, one in enumerate(people, start=1))
        clock_in(context, door, *events)
    judge(context)
    move(context, people[0], ENFORCEMENT, date(2026, 11, 4))
    move(context, people[0], FILING, date(2026, 11, 10))
    found = read_trend(context, "late")
    assert found is not None
    assert (found.court.before.expected, found.court.after.expected) == (6, 2)
    expected = {one.division: (one.before.expected, one.after.expected) for one in found.divisions}
    assert expected == {FILING: (2, 1), ENFORCEMENT: (4, 1)}
    with context.unit(read_only=True) as unit:
        filing = unit.people.division_id(FILING)
    own = read_trend(context, "late", filing)
    assert own is not None
    assert (own.court.before.expected, own.court.after.expected) == (2, 1)


# From a state that did not know


def test_the_migration_takes_everybody_where_they_are_from_the_beginning(database: Database) -> None:
    engine = database.engine()
    config = schema._config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0009")
        connection.execute(insert(division).values(division_id=UUID(int=7), name=FILING))
        for number, place in ((1, UUID(int=7)), (2, None)):
            connection.execute(
                insert(person).values(
                    person_id=UUID(int=number),
                    employee_no=f"{number}",
                    name="李明",
                    division_id=place,
                    active=True,
                    joined_on=date(2026, 9, 1),
                )
            )
        command.upgrade(config, "head")
        rows = connection.execute(select(division_membership).order_by(division_membership.c.person_id)).all()
    assert [tuple(row) for row in rows] == [
        (UUID(int=1), date(1970, 1, 1), 1, UUID(int=7)),
        (UUID(int=2), date(1970, 1, 1), 1, None),
    ]
