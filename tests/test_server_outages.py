"""Outage amnesty: what heartbeats tell of faults, whom a fault touched, and excusing them with one reason."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.errors import CourtclockError
from models.wire import KioskHealth
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched, touch_everybody
from server.services.ingesting import ingest
from server.services.outages import declare_outage, excuse_people, note_heartbeat, people_touched
from server.services.request_decisions import decide
from server.storage.kiosks import LastSeen
from server.storage.outages import OutageRecord
from tests.attendance_days import FRIDAY, moment
from tests.server_cast import FakeClock, Kiosk, Person, batch_of, clocked_at, employ, health_body, pair

HR = Actor("zhao", "hr")
EIGHT, NINE = moment("08:00"), moment("09:00")


@pytest.fixture
def east(context: ServerContext, clock: FakeClock) -> Kiosk:
    return pair(context, clock)


def beat(
    context: ServerContext,
    kiosk: Kiosk,
    at: datetime,
    before: datetime | None,
    *,
    offset: float = 0.0,
    offset_before: float = 0.0,
    fault: str | None = None,
    waiting: int = 0,
) -> Sequence[OutageRecord]:
    """A heartbeat after another one; gives the outages known then, newest first."""
    health = KioskHealth.model_validate_json(health_body()).model_copy(
        update={"camera_fault": fault, "queue_length": waiting}
    )
    last = None if before is None else LastSeen(before, offset_before)
    with context.unit() as unit:
        note_heartbeat(context, unit, kiosk.kiosk_id, last, at, offset, health)
        unit.commit()
    with context.unit(read_only=True) as unit:
        return unit.outages.newest(10)


# What heartbeats tell


def test_a_heartbeat_in_time_tells_of_no_outage(context: ServerContext, east: Kiosk) -> None:
    assert beat(context, east, EIGHT, None) == []
    silent = timedelta(seconds=context.settings.attendance.silent_kiosk_seconds)
    assert beat(context, east, EIGHT + silent, EIGHT) == []


def test_a_silence_is_noted_from_the_last_heartbeat_to_the_next(context: ServerContext, east: Kiosk) -> None:
    (record,) = beat(context, east, NINE, EIGHT, waiting=4)
    assert (record.kind, record.kiosk_id, record.began_at, record.ended_at) == ("silent", east.kiosk_id, EIGHT, NINE)
    assert record.detail == {"seconds": 3600, "waiting": 4}


@pytest.mark.parametrize("jump", [61.0, -61.0])
def test_a_clock_that_jumped_is_noted_whichever_way(context: ServerContext, east: Kiosk, jump: float) -> None:
    later = EIGHT + timedelta(seconds=30)
    (record,) = beat(context, east, later, EIGHT, offset=jump + 1.0, offset_before=1.0)
    assert (record.kind, record.detail) == ("clock_jump", {"seconds": jump})


def test_a_camera_fault_lasts_until_the_camera_sees_again(context: ServerContext, east: Kiosk) -> None:
    minute = timedelta(minutes=1)
    (lasting,) = beat(context, east, EIGHT + minute, EIGHT, fault="camera.stalled")
    assert (lasting.kind, lasting.began_at, lasting.ended_at) == ("camera", EIGHT, None)
    assert beat(context, east, EIGHT + 2 * minute, EIGHT + minute, fault="camera.stalled") == [lasting]
    (ended,) = beat(context, east, EIGHT + 3 * minute, EIGHT + 2 * minute)
    assert ended.ended_at == EIGHT + 3 * minute
    assert len(beat(context, east, EIGHT + 4 * minute, EIGHT + 3 * minute, fault="camera.frozen")) == 2


# What HR declares


def test_hr_declares_an_outage_that_no_heartbeat_told_of(context: ServerContext) -> None:
    record = declare_outage(context, EIGHT, NINE, " no  power ", HR)
    with context.unit(read_only=True) as unit:
        assert unit.outages.by_id(record.outage_id) == record
    assert (record.kind, record.kiosk_id, record.detail, record.noted_by) == (
        "declared",
        None,
        {"reason": "no power"},
        "zhao",
    )


def test_a_form_that_is_sent_twice_declares_one_outage(context: ServerContext) -> None:
    form_id = uuid.uuid4()
    for _ in range(2):
        declare_outage(context, EIGHT, NINE, "no power", HR, outage_id=form_id)
    with context.unit(read_only=True) as unit:
        assert len(unit.outages.newest(10)) == 1


@pytest.mark.parametrize(
    ("code", "ended_at", "reason", "actor"),
    [
        ("request.times", EIGHT, "no power", HR),
        ("request.times", moment("07:59"), "no power", HR),
        ("request.times", EIGHT + timedelta(days=31, seconds=1), "no power", HR),
        ("reason.missing", NINE, " ", HR),
        ("page.forbidden", NINE, "no power", Actor("sun", "head")),
        ("page.forbidden", NINE, "no power", Actor("zhou", "president")),
    ],
)
def test_what_cannot_be_declared_is_refused(
    context: ServerContext, code: str, ended_at: datetime, reason: str, actor: Actor
) -> None:
    with pytest.raises(CourtclockError) as refused:
        declare_outage(context, EIGHT, ended_at, reason, actor)
    assert refused.value.code == code


# Whom it touched


def send(context: ServerContext, kiosk: Kiosk, *items: dict[str, Any]) -> None:
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(kiosk.kiosk_id)
    assert record is not None
    ingest(context, record, batch_of(*items))


@pytest.fixture
def people(context: ServerContext, clock: FakeClock, east: Kiosk) -> dict[str, Person]:
    """Friday: one was on time, one came late after the outage, one at noon only, and one never clocked in."""
    names = ("on time", "late", "noon", "missing")
    cast = {name: employ(context, f"010{number}", name) for number, name in enumerate(names)}
    arrivals = {"on time": "08:20", "late": "09:05", "noon": "11:30"}
    for seq, (name, at) in enumerate(arrivals.items(), start=1):
        send(context, east, clocked_at(cast[name], at, seq))
    for seq, name in enumerate(cast, start=10):
        send(context, east, clocked_at(cast[name], "17:40", seq))
    clock.go_to("23:30")
    touch_everybody(context, FRIDAY)
    derive_touched(context)
    return cast


def touched(context: ServerContext, record: OutageRecord) -> dict[str, tuple[int, ...]]:
    return {one.person.name: one.points for one in people_touched(context, record.outage_id)[1]}


def test_who_was_late_or_missed_a_clock_while_it_lasted_was_touched(
    context: ServerContext, people: dict[str, Person]
) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    assert touched(context, outage) == {"late": (0,), "noon": (0,), "missing": (0,)}


def test_who_came_before_the_fault_or_long_after_the_day_was_not(
    context: ServerContext, people: dict[str, Person]
) -> None:
    outage = declare_outage(context, moment("09:06"), moment("09:30"), "no power", HR)
    assert touched(context, outage) == {"noon": (0,), "missing": (0,)}
    evening = declare_outage(context, moment("19:00"), moment("19:30"), "no power", HR)
    assert touched(context, evening) == {}


def test_an_outage_that_still_lasts_touches_until_now(
    context: ServerContext, people: dict[str, Person], east: Kiosk
) -> None:
    (record,) = beat(context, east, moment("08:10"), moment("08:09"), fault="camera.stalled")
    assert touched(context, record) == {"late": (0,), "noon": (0,), "missing": (0,)}


def test_the_touched_tell_their_verdict_in_both_languages(context: ServerContext, people: dict[str, Person]) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    late = next(one for one in people_touched(context, outage.outage_id)[1] if one.person.name == "late")
    assert late.summary("en").startswith("late 35 min")
    assert "迟到" in late.summary("zh")


# Excusing them


def statuses(context: ServerContext, people: dict[str, Person]) -> dict[str, str]:
    derive_touched(context)
    with context.unit(read_only=True) as unit:
        of_day = {one.person_id: one.status for one in unit.workdays.of_day(FRIDAY)}
    return {name: of_day[person.person_id] for name, person in people.items()}


def test_all_are_excused_with_one_reason_and_judged_again(context: ServerContext, people: dict[str, Person]) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    waivers = excuse_people(context, outage.outage_id, None, "the outage of Friday", HR)
    assert {(one.kind, one.reason, one.outage_id, one.filed_by) for one in waivers} == {
        ("waiver", "the outage of Friday", outage.outage_id, "zhao")
    }
    assert statuses(context, people) == {
        "on time": "normal",
        "late": "excused",
        "noon": "excused",
        "missing": "excused",
    }
    assert touched(context, outage) == {}


def test_only_those_chosen_are_excused(context: ServerContext, people: dict[str, Person]) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    chosen = {(people["late"].person_id, FRIDAY), (people["on time"].person_id, FRIDAY), (uuid.uuid4(), FRIDAY)}
    assert [one.person_id for one in excuse_people(context, outage.outage_id, chosen, "it was so", HR)] == [
        people["late"].person_id
    ]
    assert statuses(context, people)["noon"] != "excused"


def test_who_is_excused_already_is_not_excused_again_before_the_day_is_judged_anew(
    context: ServerContext, people: dict[str, Person]
) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    assert len(excuse_people(context, outage.outage_id, None, "it was so", HR)) == 3
    assert touched(context, outage) == {}
    assert excuse_people(context, outage.outage_id, None, "it was so", HR) == []


def test_whose_waiver_is_withdrawn_can_be_excused_again(context: ServerContext, people: dict[str, Person]) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    chosen = {(people["late"].person_id, FRIDAY)}
    (waiver,) = excuse_people(context, outage.outage_id, chosen, "it was so", HR)
    derive_touched(context)
    decide(context, waiver.request_id, "withdrawn", HR)
    assert statuses(context, people)["late"] == "late"
    assert touched(context, outage)["late"] == (0,)


def test_waivers_of_an_outage_use_up_nobodys_own_ones(context: ServerContext, people: dict[str, Person]) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    waivers = excuse_people(context, outage.outage_id, None, "it was so", HR)
    with context.unit(read_only=True) as unit:
        assert all(
            one.in_force and one.filed.outage_id == outage.outage_id
            for one in unit.requests.of_people([waivers[0].person_id])
        )


@pytest.mark.parametrize(
    ("code", "reason", "actor"), [("reason.missing", "", HR), ("page.forbidden", "it was so", Actor("sun", "head"))]
)
def test_excusing_needs_a_reason_and_hr(
    context: ServerContext, people: dict[str, Person], code: str, reason: str, actor: Actor
) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    with pytest.raises(CourtclockError) as refused:
        excuse_people(context, outage.outage_id, None, reason, actor)
    assert refused.value.code == code


def test_an_outage_that_is_not_there_is_unknown(context: ServerContext) -> None:
    with pytest.raises(CourtclockError, match=r"outage\.unknown"):
        people_touched(context, uuid.uuid4())
    with pytest.raises(CourtclockError, match=r"outage\.unknown"):
        excuse_people(context, uuid.uuid4(), None, "it was so", HR)
