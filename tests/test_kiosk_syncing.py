"""Delivery: oldest first, item by item, nothing dropped whatever the server says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kiosk.health import HealthProbe
from kiosk.outbox import Outbox
from kiosk.recording import Recorder
from kiosk.roster import RosterHolder
from kiosk.syncing import Syncer
from models.errors import CourtclockError
from models.settings import SyncSettings
from models.wire import BatchAnswer, GalleryPack, ItemAnswer, ItemBatch
from tests.kiosk_fakes import (
    MODEL,
    MORNING,
    DoorRig,
    FakeClock,
    attempt_numbered,
    door_rig,
    sealed_gallery,
)
from tests.kiosk_server_fakes import FakeLink, already_had, refused, stored

UNREACHABLE = CourtclockError("server.unreachable", url="http://court", reason="ConnectionError")


@dataclass
class Line:
    """A syncer between an outbox and a server, both in the test's hands."""

    syncer: Syncer
    link: FakeLink
    outbox: Outbox
    clock: FakeClock
    rosters: RosterHolder
    recorder: Recorder
    rig: DoorRig

    def pending(self) -> list[int]:
        return [item.body["device_seq"] for item in self.outbox.oldest_pending(500)]

    def append(self, count: int) -> None:
        for _ in range(count):
            self.outbox.append(attempt_numbered)


def line_in(folder: Path, **changes: float) -> Line:
    rig = door_rig(folder)
    values: dict[str, Any] = {
        "interval_seconds": 0.5,
        "max_backoff_seconds": 30,
        "timeout_seconds": 10,
        "batch_items": 3,
        "gallery_seconds": 15,
        "keep_done_days": 30,
    }
    link = FakeLink()
    link.newest_gallery_version = 1
    probe = HealthProbe(rig.outbox, rig.rosters, rig.board, rig.clock, "East gate camera", lambda: 9.87)
    settings = SyncSettings.model_validate(values | changes)
    syncer = Syncer(rig.outbox, link.as_link(), rig.rosters, rig.recorder, rig.clock, settings, probe.probe)
    return Line(syncer, link, rig.outbox, rig.clock, rig.rosters, rig.recorder, rig)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = line_in(tmp_path)
    yield made
    made.outbox.close()


class TestDelivering:
    def test_nothing_to_deliver_sends_nothing(self, line: Line) -> None:
        assert line.syncer.step() == 0.5
        assert line.link.batches == []

    def test_the_oldest_items_go_first_in_batches_without_a_pause_between(self, line: Line) -> None:
        line.append(7)

        pauses = [line.syncer.step() for _ in range(3)]

        assert line.link.delivered == [1, 2, 3, 4, 5, 6, 7]
        assert [len(batch.items) for batch in line.link.batches] == [3, 3, 1]
        assert pauses == [0.0, 0.0, 0.5]
        assert line.pending() == []

    def test_a_batch_carries_the_kiosks_own_clock(self, line: Line) -> None:
        line.append(1)

        line.syncer.step()

        (batch,) = line.link.batches
        assert batch.sent_at == line.clock.now()
        assert batch.sent_monotonic_seconds == line.clock.monotonic()
        assert batch.boot_id == line.recorder.boot_id

    def test_an_item_that_the_server_had_already_is_done(self, line: Line) -> None:
        line.append(1)
        line.link.result_of = already_had

        line.syncer.step()

        assert line.pending() == []
        assert line.outbox.counts().quarantined == 0

    def test_only_items_that_were_answered_are_settled(self, line: Line) -> None:
        line.append(3)
        line.link.result_of = lambda item: None if item["device_seq"] == 2 else stored(item)

        line.syncer.step()
        assert line.pending() == [2]

        line.link.result_of = stored
        line.syncer.step()
        assert line.link.delivered == [1, 2, 3, 2]
        assert line.pending() == []

    def test_a_refused_item_goes_to_quarantine_and_the_others_are_done(self, line: Line) -> None:
        line.append(3)
        line.link.result_of = lambda item: refused(item) if item["device_seq"] == 1 else stored(item)

        line.syncer.step()

        assert line.pending() == []
        assert line.outbox.quarantined() == [(1, "attempt", "item.person_unknown")]
        assert line.syncer.last_error is None

    def test_answers_for_items_that_were_not_sent_settle_nothing(self, line: Line) -> None:
        line.append(1)
        line.link.result_of = lambda item: ItemAnswer(item_id="00000000-0000-0000-0000-000000000000", result="stored")

        line.syncer.step()

        assert line.pending() == [1]

    def test_a_server_that_answers_for_nothing_is_not_asked_again_without_a_pause(self, line: Line) -> None:
        line.append(3)
        line.link.result_of = lambda item: None

        assert line.syncer.step() == 0.5
        assert line.pending() == [1, 2, 3]


class TestABatchThatDoesNotGoThrough:
    def test_keeps_no_newer_gallery_away(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        line.append(1)

        def refuse(_batch: ItemBatch) -> BatchAnswer:
            raise CourtclockError("internal", reference="1234")

        monkeypatch.setattr(line.link, "send_items", refuse)
        line.link.newest_gallery_version = 2

        assert line.syncer.step() == 1.0
        assert line.pending() == [1]
        assert line.syncer.last_error is not None
        assert len(line.link.healths) == 1
        assert line.link.gallery_asked != []


class TestWhenTheServerCannotBeReached:
    def test_everything_is_kept_and_the_reason_is_shown(self, line: Line) -> None:
        line.append(5)
        line.link.fail_with = UNREACHABLE

        line.syncer.step()

        assert line.pending() == [1, 2, 3, 4, 5]
        assert line.outbox.counts().quarantined == 0
        assert line.syncer.last_error is UNREACHABLE

    def test_pauses_grow_up_to_a_limit(self, line: Line) -> None:
        line.append(1)
        line.link.fail_with = UNREACHABLE

        assert [line.syncer.step() for _ in range(9)] == [1, 2, 4, 8, 16, 30, 30, 30, 30]

    def test_after_the_first_success_all_is_as_before(self, line: Line) -> None:
        line.append(1)
        line.link.fail_with = UNREACHABLE
        for _ in range(5):
            line.syncer.step()
        line.link.fail_with = None

        assert line.syncer.step() == 0.5
        assert line.syncer.last_error is None
        assert line.link.delivered == [1]

        line.append(1)
        line.link.fail_with = UNREACHABLE
        assert line.syncer.step() == 1

    @pytest.mark.parametrize("code", ["kiosk.revoked", "signature.invalid", "server.unexpected_answer", "wire.version"])
    def test_a_refusal_of_the_whole_message_loses_nothing_either(self, line: Line, code: str) -> None:
        line.append(2)
        line.link.fail_with = CourtclockError(code)

        line.syncer.step()

        assert line.pending() == [1, 2]
        assert line.syncer.last_error is not None
        assert line.syncer.last_error.code == code


class TestTheHeartbeat:
    def test_tells_how_the_kiosk_fares(self, line: Line) -> None:
        line.append(4)
        line.link.result_of = lambda item: refused(item) if item["device_seq"] == 1 else stored(item)
        line.rig.board.set_fault(CourtclockError("camera.stalled", source="0", seconds=4.0))

        line.syncer.step()

        (health,) = line.link.healths
        assert (health.queue_length, health.quarantined, health.last_device_seq) == (1, 1, 4)
        assert (health.camera, health.camera_fault, health.frames_per_second) == (
            "East gate camera",
            "camera.stalled",
            9.9,
        )
        assert (health.sent_at, health.gallery_version) == (MORNING, 1)

    def test_beats_once_in_its_time(self, line: Line) -> None:
        for _ in range(31):
            line.syncer.step()
            line.clock.advance(1)

        assert len(line.link.healths) == 3

    def test_that_failed_is_made_up_for_at_the_next_step(self, line: Line) -> None:
        line.link.fail_with = UNREACHABLE
        line.syncer.step()
        line.link.fail_with = None

        line.syncer.step()

        assert len(line.link.healths) == 1

    def test_fetches_a_newer_gallery_and_puts_it_in_force(self, line: Line) -> None:
        line.link.gallery = sealed_gallery(line.rig.identity, 2, [])
        line.link.newest_gallery_version = 2

        line.syncer.step()

        assert line.link.gallery_asked == [1]
        assert line.rosters.roster.version == 2
        assert line.rosters.roster.people == {}

    def test_fetches_nothing_when_the_kiosk_has_the_newest(self, line: Line) -> None:
        line.syncer.step()

        assert line.link.gallery_asked == []

    def test_of_a_kiosk_without_a_gallery_asks_for_the_first(self, line: Line, tmp_path: Path) -> None:
        empty = RosterHolder(tmp_path / "elsewhere", line.rig.identity, MODEL)
        (tmp_path / "elsewhere").mkdir()
        probe = HealthProbe(line.outbox, empty, line.rig.board, line.clock, "0", lambda: 0.0)
        settings = line.rig.settings.kiosk.sync
        syncer = Syncer(line.outbox, line.link.as_link(), empty, line.recorder, line.clock, settings, probe.probe)
        line.link.gallery = sealed_gallery(line.rig.identity, 1)

        syncer.step()

        assert line.link.gallery_asked == [None]
        assert empty.roster.version == 1

    def test_with_a_gallery_that_does_not_open_keeps_the_old_one_and_does_not_stop_delivery(self, line: Line) -> None:
        line.append(3)
        line.link.gallery = GalleryPack(gallery_version=2, pack=b"sealed for somebody else")
        line.link.newest_gallery_version = 2

        line.syncer.step()

        assert line.rosters.roster.version == 1
        assert line.syncer.last_error is not None
        assert line.syncer.last_error.code == "seal.broken"
        assert line.pending() == []

    def test_forgets_items_that_were_delivered_long_ago_and_only_those(self, line: Line) -> None:
        line.append(2)
        line.syncer.step()
        line.clock.advance(31 * 24 * 3600)
        line.link.fail_with = UNREACHABLE
        line.append(1)
        line.syncer.step()
        line.link.fail_with = None

        line.syncer.step()

        # Three were given, two are forgotten; the third was delivered this moment.
        assert line.outbox.counts().last_device_seq == 3
        assert line.outbox.forget_done_before(line.clock.now().replace(year=2100)) == 1


class TestTheThread:
    def test_delivers_what_is_new_as_soon_as_it_is_woken(self, tmp_path: Path) -> None:
        line = line_in(tmp_path, interval_seconds=3600)
        delivered = threading.Event()

        def tell(item: dict[str, Any]) -> ItemAnswer:
            delivered.set()
            return stored(item)

        line.link.result_of = tell
        line.syncer.start()
        assert line.link.asked.wait(10)
        line.append(1)
        line.syncer.wake()

        assert delivered.wait(10)
        line.syncer.stop(10)
        assert line.pending() == []

    def test_does_not_end_for_good_when_something_unforeseen_happens(self, tmp_path: Path) -> None:
        line = line_in(tmp_path, interval_seconds=0.001, max_backoff_seconds=0.001)
        line.append(1)
        delivered = threading.Event()
        errors: list[CourtclockError | None] = []

        class Stumbling(FakeLink):
            def send_items(self, batch: ItemBatch) -> BatchAnswer:
                if len(errors) < 2:
                    errors.append(line.syncer.last_error)
                    raise ZeroDivisionError("nobody thought of this")
                errors.append(line.syncer.last_error)
                delivered.set()
                return super().send_items(batch)

        line.syncer._link = Stumbling().as_link()
        line.syncer.start()

        assert delivered.wait(10)
        line.syncer.stop(10)
        assert line.pending() == []
        assert errors[0] is None
        assert [error.code for error in errors[1:] if error is not None] == ["internal", "internal"]

    def test_ends_when_it_is_told_to_and_leaves_the_rest_on_disk(self, tmp_path: Path) -> None:
        line = line_in(tmp_path, interval_seconds=3600, max_backoff_seconds=3600)
        line.link.fail_with = UNREACHABLE
        line.append(2)
        line.syncer.start()
        assert line.link.asked.wait(10)

        line.syncer.stop(10)

        assert not any(thread.name == "syncing" and thread.is_alive() for thread in threading.enumerate())
        assert line.pending() == [1, 2]
