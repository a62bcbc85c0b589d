"""Whom a kiosk with a wrong clock touched: who clocked there meanwhile, by its time and really, and who missed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from models.wire import KioskHealth
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.devices import note_health
from server.services.ingesting import ingest
from server.services.outages import excuse_people, people_touched
from server.services.touching import touch_everybody
from server.storage.outages import OutageRecord
from server.storage.records import KioskRecord
from tests.attendance_days import FRIDAY, moment
from tests.server_cast import FakeClock, Kiosk, Person, batch_of, clocked_at, employ, health_body, pair

THURSDAY = date(2026, 11, 19)
MINUTE = timedelta(minutes=1)
HR = Actor("zhao", "hr")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(moment("22:30", THURSDAY))


@pytest.fixture
def east(context: ServerContext, clock: FakeClock) -> Kiosk:
    return pair(context, clock)


def stored(context: ServerContext, kiosk: Kiosk) -> KioskRecord:
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(kiosk.kiosk_id)
    assert record is not None
    return record


def wrong_clock(
    context: ServerContext, kiosk: Kiosk, clock: FakeClock, ahead: timedelta, since: datetime, until: datetime
) -> OutageRecord:
    """Heartbeats every minute, with the clock so far ahead from ``since`` until before ``until``; right ones around."""
    record = stored(context, kiosk)
    clock.advance(since - MINUTE - clock.now())
    while clock.now() <= until:
        off = ahead if since <= clock.now() < until else timedelta(0)
        note_health(context, record, KioskHealth.model_validate_json(health_body(clock.now() + off)))
        clock.advance(MINUTE)
    with context.unit(read_only=True) as unit:
        (outage,) = unit.outages.newest(10)
    return outage


def send(context: ServerContext, kiosk: Kiosk, *items: dict[str, Any]) -> None:
    ingest(context, stored(context, kiosk), batch_of(*items, sent_at=context.clock.now()))


def judge(context: ServerContext, clock: FakeClock) -> None:
    clock.go_to("23:30")
    touch_everybody(context, THURSDAY, FRIDAY)
    derive_touched(context)


def touched(context: ServerContext, outage: OutageRecord) -> list[tuple[str, date, tuple[int, ...], bool]]:
    _, found = people_touched(context, outage.outage_id)
    return [(one.person.name, one.day, one.points, one.clocked_there) for one in found]


@pytest.fixture
def cast(context: ServerContext) -> dict[str, Person]:
    return {name: employ(context, f"010{number}", name) for number, name in enumerate(("punctual", "late", "absent"))}


def test_whom_a_clock_that_was_an_hour_ahead_made_late_is_found_and_excused(
    context: ServerContext, clock: FakeClock, east: Kiosk, cast: dict[str, Person]
) -> None:
    west = pair(context, clock, "west door")
    outage = wrong_clock(
        context, east, clock, timedelta(hours=1), since=moment("23:00", THURSDAY), until=moment("10:00")
    )
    assert (outage.kind, outage.began_at, outage.ended_at) == ("clock", moment("22:59", THURSDAY), moment("10:00"))
    # Really at 08:20; the other one really was late, at a kiosk whose clock was right.
    send(context, east, clocked_at(cast["punctual"], "09:20", 1), clocked_at(cast["punctual"], "17:40", 2))
    send(context, west, clocked_at(cast["late"], "09:20", 1), clocked_at(cast["late"], "17:40", 2))
    judge(context, clock)
    on_friday = [one for one in touched(context, outage) if one[1] == FRIDAY]
    assert on_friday == [("punctual", FRIDAY, (0,), True), ("absent", FRIDAY, (0,), False)]
    chosen = {(cast["punctual"].person_id, FRIDAY)}
    excuse_people(context, outage.outage_id, chosen, "the clock of the east door", HR)
    derive_touched(context)
    with context.unit(read_only=True) as unit:
        workday = unit.workdays.one(cast["punctual"].person_id, FRIDAY)
    assert workday is not None
    assert workday.status == "excused"


def test_whose_clock_event_lies_under_another_date_is_found_by_when_it_really_was(
    context: ServerContext, clock: FakeClock, east: Kiosk, cast: dict[str, Person]
) -> None:
    a_day = timedelta(days=1)
    outage = wrong_clock(context, east, clock, -a_day, since=moment("06:00"), until=moment("10:00"))
    send(context, east, clocked_at(cast["punctual"], moment("08:20") - a_day, 1))
    send(context, east, clocked_at(cast["punctual"], "17:40", 2))
    judge(context, clock)
    assert ("punctual", FRIDAY, (0,), True) in touched(context, outage)


@pytest.mark.parametrize("minutes", [61, -61])
def test_who_was_touched_does_not_depend_on_which_way_the_clock_was_wrong(
    context: ServerContext, clock: FakeClock, east: Kiosk, cast: dict[str, Person], minutes: int
) -> None:
    ahead = timedelta(minutes=minutes)
    outage = wrong_clock(context, east, clock, ahead, since=moment("06:00"), until=moment("18:00"))
    really_in, really_out = moment("08:20"), moment("17:40")
    send(
        context,
        east,
        clocked_at(cast["punctual"], really_in + ahead, 1),
        clocked_at(cast["punctual"], really_out + ahead, 2),
    )
    judge(context, clock)
    (found,) = [one for one in touched(context, outage) if one[:2] == ("punctual", FRIDAY)]
    # A fast clock makes late, a slow one early.
    assert found[2:] == ((0,) if minutes > 0 else (1,), True)


def test_who_clocked_there_when_the_clock_was_right_was_not_touched(
    context: ServerContext, clock: FakeClock, east: Kiosk, cast: dict[str, Person]
) -> None:
    outage = wrong_clock(context, east, clock, timedelta(hours=1), since=moment("02:00"), until=moment("05:00"))
    send(context, east, clocked_at(cast["late"], "09:20", 1), clocked_at(cast["late"], "17:40", 2))
    judge(context, clock)
    assert "late" not in {name for name, day, *_ in touched(context, outage) if day == FRIDAY}
