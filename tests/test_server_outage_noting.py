"""What the server notes of faults by itself: silence, wrong clocks, cameras, recognition, and its own downtime."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from models.wire import KioskHealth
from server.services.context import ServerContext
from server.services.devices import note_health, revoke_kiosk
from server.services.outage_noting import fault_kind, note_silent_kiosks
from server.storage.outages import OutageRecord
from tests.attendance_days import moment
from tests.server_cast import FakeClock, Kiosk, give_account, health_body, make_app, pair, sign_in_as

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(moment("08:00"))


@pytest.fixture
def east(context: ServerContext, clock: FakeClock) -> Kiosk:
    return pair(context, clock)


def beat(
    context: ServerContext, kiosk: Kiosk, *, ahead: timedelta = timedelta(0), fault: str | None = None, waiting: int = 0
) -> None:
    """A heartbeat now, of a kiosk whose clock is so far ahead."""
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(kiosk.kiosk_id)
    assert record is not None
    health = KioskHealth.model_validate_json(health_body(context.clock.now() + ahead))
    note_health(context, record, health.model_copy(update={"camera_fault": fault, "queue_length": waiting}))


def known(context: ServerContext) -> Sequence[OutageRecord]:
    """Oldest first."""
    with context.unit(read_only=True) as unit:
        return unit.outages.newest(20)[::-1]


def told(context: ServerContext) -> list[tuple[str, datetime, datetime | None]]:
    return [(one.kind, one.began_at, one.ended_at) for one in known(context)]


def look_until(context: ServerContext, clock: FakeClock, until: str, *alive: Kiosk) -> None:
    """The server looks after its kiosks twice a minute; these are heard meanwhile."""
    while clock.now() < moment(until):
        clock.advance(MINUTE / 2)
        for kiosk in alive:
            beat(context, kiosk)
        note_silent_kiosks(context)


# Silence


def test_a_heartbeat_in_time_tells_of_no_outage(context: ServerContext, east: Kiosk, clock: FakeClock) -> None:
    beat(context, east)
    clock.advance(timedelta(seconds=context.settings.attendance.silent_kiosk_seconds))
    note_silent_kiosks(context)
    beat(context, east)
    assert known(context) == []


def test_a_silent_kiosk_is_out_before_it_speaks_again(context: ServerContext, east: Kiosk, clock: FakeClock) -> None:
    beat(context, east)
    look_until(context, clock, "20:00")
    (record,) = known(context)
    assert (record.kind, record.kiosk_id, record.began_at, record.ended_at) == (
        "silent",
        east.kiosk_id,
        moment("08:00"),
        None,
    )


def test_its_next_heartbeat_ends_the_silence(context: ServerContext, east: Kiosk, clock: FakeClock) -> None:
    beat(context, east)
    look_until(context, clock, "09:00")
    beat(context, east, waiting=4)
    assert told(context) == [("silent", moment("08:00"), moment("09:00"))]
    assert known(context)[0].detail == {"seconds": 3600, "waiting": 4}
    look_until(context, clock, "09:01", east)
    assert len(known(context)) == 1


def test_a_kiosk_that_died_and_was_replaced_was_out_until_it_was_revoked(
    context: ServerContext, east: Kiosk, clock: FakeClock
) -> None:
    beat(context, east, fault="camera.frozen", ahead=HOUR)
    look_until(context, clock, "09:30")
    revoke_kiosk(context, east.kiosk_id)
    assert sorted(told(context)) == [(kind, moment("08:00"), moment("09:30")) for kind in ("camera", "clock", "silent")]
    look_until(context, clock, "10:00")
    assert len(known(context)) == 3, "who is revoked is not missed"


def test_a_kiosk_that_was_never_heard_is_being_set_up(context: ServerContext, east: Kiosk, clock: FakeClock) -> None:
    look_until(context, clock, "09:00")
    assert known(context) == []


def test_a_silence_between_two_looks_is_noted_by_the_heartbeat(
    context: ServerContext, east: Kiosk, clock: FakeClock
) -> None:
    west = pair(context, clock, "west door")
    beat(context, east)
    for _ in range(5):
        clock.advance(MINUTE)
        beat(context, west)
    beat(context, east, waiting=2)
    assert told(context) == [("silent", moment("08:00"), moment("08:05"))]
    assert known(context)[0].detail == {"seconds": 300, "waiting": 2}


# The server's own downtime


@pytest.mark.parametrize("first", ["a heartbeat", "a look"])
def test_the_servers_own_downtime_is_one_outage_of_the_server_and_none_of_a_kiosk(
    context: ServerContext, east: Kiosk, clock: FakeClock, first: str
) -> None:
    look_until(context, clock, "08:30", east)
    clock.go_to("10:30")
    if first == "a heartbeat":
        beat(context, east)
    note_silent_kiosks(context)
    clock.advance(MINUTE)
    beat(context, east)
    assert told(context) == [("server", moment("08:30"), moment("10:30"))]
    assert (known(context)[0].kiosk_id, known(context)[0].detail) == (None, {"seconds": 7200})


def test_a_kiosk_that_is_still_silent_after_the_servers_downtime_has_been_so_since_it_was_heard(
    context: ServerContext, east: Kiosk, clock: FakeClock
) -> None:
    look_until(context, clock, "08:30", east)
    clock.go_to("10:30")
    note_silent_kiosks(context)
    look_until(context, clock, "10:32")
    assert [kind for kind, *_ in told(context)] == ["server"]
    look_until(context, clock, "10:33")
    assert ("silent", moment("08:30"), None) in told(context)


def test_a_restart_within_moments_is_no_outage(context: ServerContext, east: Kiosk, clock: FakeClock) -> None:
    look_until(context, clock, "08:30", east)
    clock.advance(timedelta(seconds=90))
    beat(context, east)
    note_silent_kiosks(context)
    assert known(context) == []


def test_a_servers_clock_that_is_set_back_makes_no_outage(
    context: ServerContext, east: Kiosk, clock: FakeClock
) -> None:
    look_until(context, clock, "08:30", east)
    clock.go_to("07:30")
    beat(context, east)
    look_until(context, clock, "07:40", east)
    assert known(context) == []


# Clocks


@pytest.mark.parametrize("ahead", [61, -61])
def test_a_clock_is_wrong_from_the_last_right_heartbeat_until_the_next_right_one(
    context: ServerContext, east: Kiosk, clock: FakeClock, ahead: int
) -> None:
    beat(context, east)
    for _ in range(3):
        clock.advance(MINUTE)
        beat(context, east, ahead=timedelta(seconds=ahead))
    assert told(context) == [("clock", moment("08:00"), None)]
    clock.advance(MINUTE)
    beat(context, east)
    assert told(context) == [("clock", moment("08:00"), moment("08:04"))]
    assert known(context)[0].detail == {"seconds": ahead}


def test_a_clock_that_is_wrong_from_the_first_heartbeat_on_is_noted(
    context: ServerContext, east: Kiosk, clock: FakeClock
) -> None:
    for _ in range(5):
        beat(context, east, ahead=HOUR)
        clock.advance(MINUTE / 4)
    assert told(context) == [("clock", moment("08:00"), None)]


def test_a_wrong_clock_that_becomes_wrong_by_another_amount_is_another_outage(
    context: ServerContext, east: Kiosk, clock: FakeClock
) -> None:
    for ahead in (HOUR, HOUR + MINUTE / 4, 2 * HOUR):
        beat(context, east, ahead=ahead)
        clock.advance(MINUTE)
    assert told(context) == [("clock", moment("08:00"), moment("08:02")), ("clock", moment("08:01"), None)]
    assert [one.detail for one in known(context)] == [{"seconds": 3600}, {"seconds": 7200}]


def test_a_clock_that_jumped_and_is_right_before_and_after_is_noted_as_a_jump(
    context: ServerContext, east: Kiosk, clock: FakeClock
) -> None:
    beat(context, east, ahead=timedelta(seconds=20))
    clock.advance(MINUTE)
    beat(context, east, ahead=timedelta(seconds=-20))
    assert told(context) == [("clock_jump", moment("08:00"), moment("08:01"))]
    assert known(context)[0].detail == {"seconds": -40}


# What fails at a kiosk


def test_a_camera_fault_lasts_until_the_camera_sees_again(
    context: ServerContext, east: Kiosk, clock: FakeClock
) -> None:
    for fault in (None, "camera.stalled", "camera.stalled", None, "camera.frozen"):
        beat(context, east, fault=fault)
        clock.advance(MINUTE)
    assert told(context) == [
        ("camera", moment("08:00"), moment("08:03")),
        ("camera", moment("08:03"), None),
    ]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("camera.unavailable", "camera"),
        ("gallery.model_mismatch", "engine"),
        ("antispoof.failed", "engine"),
        ("internal", "engine"),
        ("outbox.write_failed", "outbox"),
    ],
)
def test_a_fault_is_of_the_part_that_failed(context: ServerContext, east: Kiosk, code: str, kind: str) -> None:
    beat(context, east, fault=code)
    assert [(one.kind, one.detail) for one in known(context)] == [(kind, {"fault": code})]
    assert fault_kind(code) == kind


def test_a_fault_of_another_part_ends_that_of_the_first(context: ServerContext, east: Kiosk, clock: FakeClock) -> None:
    for fault in ("camera.frozen", "internal"):
        beat(context, east, fault=fault)
        clock.advance(MINUTE)
    assert told(context) == [("camera", moment("08:00"), moment("08:01")), ("engine", moment("08:00"), None)]


@pytest.mark.parametrize(
    ("language", "told"), [("en", "it sent the same picture all the time"), ("zh", "画面静止不动")]
)
def test_the_board_names_a_camera_fault_in_words(
    context: ServerContext, clock: FakeClock, east: Kiosk, language: str, told: str
) -> None:
    beat(context, east, fault="camera.frozen")
    give_account(context, "zhao", "hr")
    client = make_app(context).test_client()
    sign_in_as(client, context, "zhao")
    page = client.get(f"/board?lang={language}").text
    assert told in page
    assert "camera.frozen" not in page
