"""Ingest: whatever a kiosk sends, and however often, each item is stored once, answered by itself, and never lost."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from models.identifiers import uuid7_at
from models.wire import BatchAnswer
from server.services.context import ServerContext
from server.services.ingesting import ingest
from server.services.numbering import Gap, find_gaps
from server.storage.records import KioskRecord, StoredEvent
from server.storage.tables import attempt, clock_event, refused_item, void
from tests.attendance_days import FRIDAY, moment
from tests.databases import Database
from tests.server_cast import (
    FakeClock,
    Kiosk,
    Person,
    attempted_at,
    batch_of,
    clocked_at,
    employ,
    make_context,
    not_me,
    pair,
)

Items = list[dict[str, Any]]


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context)


@pytest.fixture
def east(context: ServerContext, clock: FakeClock) -> Kiosk:
    return pair(context, clock)


def record_of(context: ServerContext, kiosk: Kiosk) -> KioskRecord:
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(kiosk.kiosk_id)
    assert record is not None
    return record


def send(context: ServerContext, kiosk: Kiosk, *items: dict[str, Any]) -> BatchAnswer:
    return ingest(context, record_of(context, kiosk), batch_of(*items), language="en")


def results(answer: BatchAnswer) -> list[str]:
    """``stored``, ``already_had``, or the code of the refusal."""
    return [one.code or one.result for one in answer.answers]


def rows(context: ServerContext) -> dict[str, int]:
    with context.engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (clock_event, attempt, void, refused_item)
        }


def events(context: ServerContext, day: date = FRIDAY) -> list[StoredEvent]:
    with context.unit(read_only=True) as unit:
        return unit.items.events_between(*context.site.bounds(day))


def touched(context: ServerContext) -> set[tuple[UUID, date]]:
    with context.unit(read_only=True) as unit:
        return {(one.person_id, one.day) for one in unit.workdays.touched(1000)}


def settle_all(context: ServerContext) -> None:
    with context.unit() as unit:
        for one in unit.workdays.touched(1000):
            unit.workdays.settle([one])
        unit.commit()


def refused(context: ServerContext) -> list[tuple[str, str, Any]]:
    with context.engine.connect() as connection:
        found = connection.execute(select(refused_item).order_by(refused_item.c.item_id))
        return [(row.item_id, row.code, row.body) for row in found]


# Once


def test_an_event_that_comes_three_times_is_one_row_also_across_a_restart(
    context: ServerContext, database: Database, tmp_path: Path, clock: FakeClock, li: Person, east: Kiosk
) -> None:
    event = clocked_at(li, "08:29")
    assert results(send(context, east, event, event)) == ["stored", "already_had"]
    restarted = make_context(tmp_path, database, clock)
    clock.advance(timedelta(hours=1))
    assert results(send(restarted, east, event)) == ["already_had"]
    assert rows(context) == {"clock_event": 1, "attempt": 0, "void": 0, "refused_item": 0}
    (stored,) = events(context)
    assert (str(stored.event_id), stored.person_id, stored.captured_at) == (
        event["item_id"],
        li.person_id,
        moment("08:29"),
    )
    assert stored.received_at == moment("12:00"), "the first arrival counts"


def test_attempts_and_voids_are_stored_once_too(context: ServerContext, li: Person, east: Kiosk) -> None:
    event = clocked_at(li, "08:29", 1)
    others = [attempted_at("08:20", 2), not_me(event, 3)]
    assert results(send(context, east, event, *others)) == ["stored"] * 3
    assert results(send(context, east, *others, event)) == ["already_had"] * 3
    assert rows(context) == {"clock_event": 1, "attempt": 1, "void": 1, "refused_item": 0}


def test_answers_stand_in_the_order_sent_and_name_their_items(context: ServerContext, li: Person, east: Kiosk) -> None:
    items = [clocked_at(li, "17:31", 2), clocked_at(li, "08:29", 1)]
    answer = send(context, east, *items)
    assert [one.item_id for one in answer.answers] == [item["item_id"] for item in items]
    assert answer.server_time == moment("12:00")


def test_the_offset_of_the_kiosks_clock_is_stored_with_the_event(
    context: ServerContext, li: Person, east: Kiosk
) -> None:
    late = batch_of(clocked_at(li, "08:29"), sent_at=moment("12:00") + timedelta(seconds=90))
    ingest(context, record_of(context, east), late)
    with context.engine.connect() as connection:
        assert connection.execute(select(clock_event.c.clock_offset_seconds)).scalar() == 90


def test_the_same_event_again_touches_nobody(context: ServerContext, li: Person, east: Kiosk) -> None:
    event = clocked_at(li, "08:29")
    send(context, east, event)
    settle_all(context)
    send(context, east, event)
    assert touched(context) == set()


def test_an_empty_batch_is_answered_with_nothing(context: ServerContext, east: Kiosk) -> None:
    assert results(send(context, east)) == []


# Refusing one item, never its neighbours


def changed(item: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {**item, **values}


LATE = datetime(9999, 12, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "spoil", "code"),
    [
        ("no kind", lambda good: changed(good, kind="selfie"), "wire.invalid"),
        ("an unknown field", lambda good: changed(good, image="…"), "wire.invalid"),
        ("a missing field", lambda good: {k: v for k, v in good.items() if k != "person_id"}, "wire.invalid"),
        ("a naive time", lambda good: changed(good, captured_at="2026-11-20T08:29:00"), "wire.invalid"),
        ("a number of zero", lambda good: changed(good, device_seq=0), "wire.invalid"),
        ("a number beyond 64 bits", lambda good: changed(good, device_seq=2**63), "wire.invalid"),
        ("a distance that is no number", lambda good: changed(good, monotonic_seconds=float("nan")), "wire.invalid"),
        ("a NUL in its identifier", lambda good: changed(good, item_id="a\x00b"), "wire.invalid"),
        ("nothing at all", lambda good: {}, "wire.invalid"),
        (
            "an identifier of another kind",
            lambda good: changed(good, item_id=str(UUID(int=5))),
            "item.id_time_mismatch",
        ),
        (
            "an identifier of another time",
            lambda good: changed(good, item_id=str(uuid7_at(moment("08:28")))),
            "item.id_time_mismatch",
        ),
        (
            "an identifier of a time that no calendar has",
            lambda good: changed(good, item_id="ffffffff-ffff-7fff-bfff-ffffffffffff"),
            "item.id_time_mismatch",
        ),
        (
            "the last day of all calendars",
            lambda good: changed(
                good, item_id=str(uuid7_at(LATE)), captured_at=LATE.isoformat(), recorded_at=LATE.isoformat()
            ),
            "wire.invalid",
        ),
        (
            "written down before the calendar began",
            lambda good: changed(good, recorded_at="0001-01-01T00:00:00+14:00"),
            "wire.invalid",
        ),
        (
            "written down after the calendar's end",
            lambda good: changed(good, recorded_at="9999-12-31T23:59:59-14:00"),
            "wire.invalid",
        ),
        ("nobody's identifier", lambda good: changed(good, person_id=str(UUID(int=404))), "item.person_unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_spoilt_item_is_refused_and_kept_while_its_neighbours_are_stored(
    context: ServerContext, li: Person, east: Kiosk, name: str, spoil: Any, code: str
) -> None:
    before, good, after = clocked_at(li, "08:28", 1), clocked_at(li, "08:29", 2), clocked_at(li, "17:31", 3)
    spoilt = spoil(good)
    answer = send(context, east, before, spoilt, after)
    assert results(answer) == ["stored", code, "stored"], name
    assert answer.answers[1].result == "refused"
    assert answer.answers[1].sentence
    assert rows(context) == {"clock_event": 2, "attempt": 0, "void": 0, "refused_item": 1}
    ((_, kept_code, kept_body),) = refused(context)
    assert kept_code == code
    if "nan" not in str(spoilt):
        assert kept_body == spoilt


def test_items_that_have_no_identifier_are_all_kept(context: ServerContext, east: Kiosk) -> None:
    send(context, east, {"note": "one"}, {"note": "two"})
    send(context, east, {"note": "two"}, {"note": "three"})
    assert sorted(body["note"] for _, _, body in refused(context)) == ["one", "three", "two"]


def test_an_identifier_and_its_time_may_differ_by_the_millisecond_it_is_cut_to(
    context: ServerContext, li: Person, east: Kiosk
) -> None:
    at = moment("08:29") + timedelta(microseconds=123_999)
    assert results(send(context, east, clocked_at(li, at))) == ["stored"]
    assert results(send(context, east, clocked_at(li, at, 2, item_id=uuid7_at(at + timedelta(milliseconds=2))))) == [
        "item.id_time_mismatch"
    ]


def test_the_same_identifier_with_another_content_is_refused_and_changes_nothing(
    context: ServerContext, li: Person, east: Kiosk
) -> None:
    event = clocked_at(li, "08:29")
    send(context, east, event)
    settle_all(context)
    assert results(send(context, east, changed(event, method="pin"))) == ["item.conflicting"]
    assert [one.method for one in events(context)] == ["face"]
    assert [code for _, code, _ in refused(context)] == ["item.conflicting"]
    assert touched(context) == set()
    assert results(send(context, east, event)) == ["already_had"]


def test_a_refused_item_that_comes_again_is_kept_once_and_may_be_stored_when_the_cause_is_gone(
    context: ServerContext, east: Kiosk
) -> None:
    stranger = Person(UUID(int=404), "0999", "陌生人")
    event = clocked_at(stranger, "08:29")
    assert results(send(context, east, event)) == results(send(context, east, event)) == ["item.person_unknown"]
    assert rows(context)["refused_item"] == 1


# Touching


def test_an_event_touches_its_own_person_and_day_and_nothing_else(
    context: ServerContext, li: Person, east: Kiosk
) -> None:
    employ(context, "0205", "王芳")
    send(context, east, clocked_at(li, "08:29"))
    assert touched(context) == {(li.person_id, FRIDAY)}


def test_an_attempt_is_kept_and_touches_nobody(context: ServerContext, li: Person, east: Kiosk) -> None:
    assert results(send(context, east, attempted_at("08:20"))) == ["stored"]
    assert touched(context) == set()
    with context.unit(read_only=True) as unit:
        assert unit.items.attempts_between(*context.site.bounds(FRIDAY)) == [(moment("08:20"), "unknown")]


@pytest.mark.parametrize(
    ("at", "day"),
    [("03:59:59", date(2026, 11, 19)), ("04:00", FRIDAY), ("23:59", FRIDAY), ("27:59:59", FRIDAY)],
)
def test_a_night_belongs_to_the_day_before_until_day_starts_at(
    context: ServerContext, li: Person, east: Kiosk, at: str, day: date
) -> None:
    send(context, east, clocked_at(li, at))
    assert touched(context) == {(li.person_id, day)}


# "Not me"


def test_a_void_of_ones_own_event_excludes_it_and_touches_its_day(
    context: ServerContext, li: Person, east: Kiosk
) -> None:
    event = clocked_at(li, "08:29")
    send(context, east, event)
    settle_all(context)
    assert results(send(context, east, not_me(event))) == ["stored"]
    assert [one.voided for one in events(context)] == [True], "nothing is deleted"
    assert touched(context) == {(li.person_id, FRIDAY)}


def test_a_void_after_the_days_end_touches_the_day_of_the_event(
    context: ServerContext, li: Person, east: Kiosk
) -> None:
    event = clocked_at(li, "27:59:58")
    send(context, east, event)
    settle_all(context)
    send(context, east, not_me(event))
    assert touched(context) == {(li.person_id, FRIDAY)}


def test_a_void_of_another_kiosks_event_is_refused(
    context: ServerContext, clock: FakeClock, li: Person, east: Kiosk
) -> None:
    west = pair(context, clock, "west door")
    event = clocked_at(li, "08:29")
    send(context, east, event)
    assert results(send(context, west, not_me(event, 1))) == ["item.void_without_event"]
    assert [one.voided for one in events(context)] == [False]


@pytest.mark.parametrize(
    "named",
    [
        "019a9e8a-1e20-7000-8000-000000000001",
        "00000000-0000-0000-0000-000000000005",
        "ffffffff-ffff-7fff-bfff-ffffffffffff",
    ],
)
def test_a_void_of_an_event_that_never_came_is_refused(
    context: ServerContext, li: Person, east: Kiosk, named: str
) -> None:
    other = changed(not_me(clocked_at(li, "08:29"), 1), voided_event_id=named)
    assert results(send(context, east, other, clocked_at(li, "17:31", 2))) == ["item.void_without_event", "stored"]


# Numbers


def test_what_never_arrived_is_told_by_its_number(
    context: ServerContext, clock: FakeClock, li: Person, east: Kiosk
) -> None:
    west = pair(context, clock, "west door")
    event = clocked_at(li, "08:29", 2)
    send(context, east, event, attempted_at("08:30", 4), not_me(event, 7))
    send(context, west, clocked_at(li, "17:31", 1))
    assert find_gaps(context) == [Gap("east door", (1, 3, 5, 6))]
    send(context, east, clocked_at(li, "08:01", 1), clocked_at(li, "08:03", 3), clocked_at(li, "08:05", 5))
    assert find_gaps(context) == [Gap("east door", (6,))]


def test_a_refused_item_has_arrived_and_is_no_gap(context: ServerContext, li: Person, east: Kiosk) -> None:
    stranger = Person(UUID(int=404), "0999", "陌生人")
    send(context, east, clocked_at(stranger, "08:29", 1), clocked_at(li, "08:30", 2))
    assert find_gaps(context) == []


def test_a_number_that_no_kiosk_can_have_given_makes_no_gaps(context: ServerContext, li: Person, east: Kiosk) -> None:
    send(context, east, changed(clocked_at(li, "08:29"), device_seq=2**70), changed({}, device_seq=True))
    send(context, east, clocked_at(li, "08:30", 1))
    assert find_gaps(context) == []


# Together


def test_two_kiosks_may_send_one_persons_events_at_the_same_moment(
    context: ServerContext, database: Database, tmp_path: Path, clock: FakeClock, li: Person, east: Kiosk
) -> None:
    kiosks = [east, *(pair(context, clock, f"door {number}") for number in range(3))]
    together = threading.Barrier(len(kiosks), timeout=20)
    told: list[list[str]] = []

    def one(number: int, kiosk: Kiosk) -> None:
        own = make_context(tmp_path, database, clock)
        record = record_of(own, kiosk)
        together.wait()
        for turn in range(5):
            item = clocked_at(li, moment("08:00", FRIDAY + timedelta(days=turn)) + timedelta(seconds=number), turn + 1)
            told.append(results(ingest(own, record, batch_of(item))))

    threads = [threading.Thread(target=one, args=(number, kiosk)) for number, kiosk in enumerate(kiosks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert told == [["stored"]] * 20
    assert touched(context) == {(li.person_id, FRIDAY + timedelta(days=turn)) for turn in range(5)}
