"""What happened becomes an item: an identifier that carries its time, a number, aware times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from kiosk.outbox import Outbox
from kiosk.recording import Recorder
from models.identifiers import moment_of
from models.wire import AttemptItem, ClockEventItem, Evidence, VoidItem, parse_item
from tests.kiosk_fakes import LI_WEI, MORNING, FakeClock

SEEN_AT = MORNING - timedelta(seconds=2.345)
EVIDENCE = Evidence(model_id="sface", distance=0.31, votes=3, frames=4)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "outbox.db")
    yield opened
    opened.close()


@pytest.fixture
def recorder(outbox: Outbox, clock: FakeClock) -> Recorder:
    return Recorder(outbox, clock)


def items_of(recorder: Recorder) -> list[ClockEventItem | AttemptItem | VoidItem]:
    event = recorder.clock_event(LI_WEI.person_id, "face", SEEN_AT, EVIDENCE)
    return [event, recorder.attempt("unknown", SEEN_AT, EVIDENCE), recorder.void(event.item_id)]


def test_the_identifier_of_events_and_attempts_is_a_uuid7_of_the_time_that_counts(recorder: Recorder) -> None:
    event, attempt, _ = items_of(recorder)

    for item in (event, attempt):
        assert item.item_id.version == 7
        assert item.captured_at == SEEN_AT
        assert moment_of(item.item_id) == SEEN_AT.replace(microsecond=655000)


def test_a_void_is_of_the_moment_it_was_pressed_and_names_its_event(recorder: Recorder, clock: FakeClock) -> None:
    event = recorder.clock_event(LI_WEI.person_id, "face", SEEN_AT, EVIDENCE)
    clock.advance(7)

    void = recorder.void(event.item_id)

    assert void.voided_event_id == event.item_id
    assert void.captured_at == void.recorded_at == MORNING + timedelta(seconds=7)
    assert moment_of(void.item_id) == void.captured_at
    assert void.item_id != event.item_id


def test_every_time_is_aware_and_the_moment_of_writing_is_kept_beside_it(recorder: Recorder) -> None:
    for item in items_of(recorder):
        assert item.captured_at.utcoffset() == item.recorded_at.utcoffset() == timedelta(0)
        assert item.recorded_at == MORNING


def test_a_time_without_its_zone_is_never_guessed(recorder: Recorder, outbox: Outbox) -> None:
    with pytest.raises(ValueError, match="naive"):
        recorder.clock_event(LI_WEI.person_id, "face", datetime(2026, 11, 20, 8, 12), EVIDENCE)  # noqa: DTZ001

    assert outbox.counts().last_device_seq == 0


def test_a_time_in_another_zone_is_the_same_moment(recorder: Recorder) -> None:
    changchun = timezone(timedelta(hours=8))

    event = recorder.clock_event(LI_WEI.person_id, "pin", datetime(2026, 11, 20, 8, 12, tzinfo=changchun), EVIDENCE)

    assert event.captured_at == MORNING
    assert moment_of(event.item_id) == MORNING


def test_numbers_run_through_all_kinds_of_items(recorder: Recorder) -> None:
    assert [item.device_seq for item in items_of(recorder) + items_of(recorder)] == [1, 2, 3, 4, 5, 6]


def test_items_say_which_start_of_the_kiosk_they_belong_to(
    recorder: Recorder, outbox: Outbox, clock: FakeClock
) -> None:
    assert {item.boot_id for item in items_of(recorder)} == {recorder.boot_id}
    assert {item.monotonic_seconds for item in items_of(recorder)} == {clock.monotonic()}
    assert Recorder(outbox, clock).boot_id != recorder.boot_id


def test_what_waits_in_the_outbox_is_a_message_of_the_agreed_form(recorder: Recorder, outbox: Outbox) -> None:
    written = items_of(recorder)

    assert [parse_item(item.body) for item in outbox.oldest_pending(10)] == written
