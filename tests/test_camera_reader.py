"""The reader holds the newest picture, and says in words when there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise

import cv2
import numpy as np
import pytest

from kiosk.camera.reader import CameraReader
from kiosk.camera.sources import FrameSource
from models.clock import SystemClock
from models.errors import CourtclockError
from models.settings import CameraSettings
from tests.camera_fakes import COURT_START, FakeClock, HandFedSource, ScriptedSource, give_in_turn, plain, settings

MACHINE = SystemClock()  # how long the test itself waits
UNAVAILABLE = CourtclockError("camera.unavailable", source="test")


class Bench:
    """Readers with one clock, stopped after the test."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.readers: list[CameraReader] = []
        self.hanging: list[HandFedSource] = []

    def start(
        self, open_source: Callable[[], FrameSource], camera_settings: CameraSettings | None = None
    ) -> CameraReader:
        reader = CameraReader(open_source, self.clock, camera_settings or settings())
        self.readers.append(reader)
        reader.start()
        return reader

    def hand_fed(self) -> HandFedSource:
        source = HandFedSource()
        self.hanging.append(source)
        return source


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    for reader in bench.readers:
        reader.stop(0.0)
    for source in bench.hanging:
        source.let_go()


def wait_until(true: Callable[[], bool]) -> None:
    for _ in range(1000):
        if true():
            return
        MACHINE.sleep(0.005)
    raise AssertionError("it did not happen within five seconds")


def code_of(reader: CameraReader) -> str | None:
    return None if reader.fault is None else reader.fault.code


def test_only_the_newest_picture_is_held(bench: Bench) -> None:
    source = bench.hand_fed()
    reader = bench.start(lambda: source)
    source.give(plain(1), plain(2), plain(3))
    frame = reader.wait_for_frame(0, 1.0)
    assert frame is not None
    assert (frame.sequence, int(frame.image_bgr[0, 0, 0])) == (3, 3)
    assert reader.wait_for_frame(3, 0.01) is None


def test_somebody_who_waits_gets_the_next_picture_when_it_comes(bench: Bench) -> None:
    source = ScriptedSource(lambda number: plain(number % 250))
    reader = bench.start(lambda: source)
    seen = 0
    for _ in range(5):
        frame = reader.wait_for_frame(seen, 5.0)
        assert frame is not None
        assert frame.sequence > seen
        seen = frame.sequence


def test_a_frame_carries_the_moment_at_which_it_came_in_court_time_and_host_time(bench: Bench) -> None:
    bench.clock.court_ratio = 60.0
    source = bench.hand_fed()
    reader = bench.start(lambda: source)
    bench.clock.advance(2.0)
    source.give(plain(1))
    bench.clock.advance(1.0)
    frame = reader.wait_for_frame(0, 1.0)
    assert frame is not None
    assert frame.captured_at == COURT_START + timedelta(minutes=2)
    assert frame.captured_monotonic == 120.0
    assert frame.captured_host_seconds == 1002.0


def test_a_camera_that_moves_has_no_fault(bench: Bench) -> None:
    source = bench.hand_fed()
    reader = bench.start(lambda: source)
    for level in range(20):
        source.give(plain(level))
        bench.clock.advance(2.9)
        assert reader.fault is None


def test_a_camera_that_does_not_open_is_unavailable_until_it_does(bench: Bench) -> None:
    source = bench.hand_fed()
    tries: list[int] = []

    def open_third_time() -> FrameSource:
        tries.append(1)
        if len(tries) < 3:
            raise UNAVAILABLE
        return source

    reader = bench.start(open_third_time)
    wait_until(lambda: code_of(reader) == "camera.unavailable")
    source.give(plain(1))
    assert len(tries) == 3
    assert reader.fault is None
    assert reader.wait_for_frame(0, 1.0) is not None


def test_there_is_a_pause_before_a_camera_is_opened_again(bench: Bench) -> None:
    tries: list[float] = []

    def fail() -> FrameSource:
        tries.append(MACHINE.host_seconds())
        raise UNAVAILABLE

    bench.start(fail, settings(reopen_after_seconds=0.05))
    wait_until(lambda: len(tries) >= 3)
    assert all(later - earlier >= 0.045 for earlier, later in pairwise(tries))


@pytest.mark.parametrize("thrown", [cv2.error("device lost"), RuntimeError("driver"), ValueError("odd picture")])
def test_whatever_a_driver_throws_is_a_fault_and_the_camera_is_opened_again(bench: Bench, thrown: Exception) -> None:
    sources: list[ScriptedSource] = []

    def open_next() -> FrameSource:
        broken = not sources
        sources.append(
            ScriptedSource(give_in_turn([plain(1), thrown]) if broken else lambda number: plain(number % 250))
        )
        return sources[-1]

    reader = bench.start(open_next, settings(reopen_after_seconds=0.2))
    wait_until(lambda: code_of(reader) == "camera.unavailable")
    assert sources[0].closed
    wait_until(lambda: reader.fault is None and len(sources) == 2)


def test_a_picture_of_a_wrong_form_is_a_fault_and_not_a_frame(bench: Bench) -> None:
    reader = bench.start(lambda: ScriptedSource(lambda _: np.zeros((4, 4), dtype=np.uint8)))
    wait_until(lambda: code_of(reader) == "camera.unavailable")
    assert reader.wait_for_frame(0, 0.0) is None


def test_an_error_of_the_settings_is_shown_as_it_is(bench: Bench) -> None:
    error = CourtclockError("settings.unreadable", path="script.json", reason="gone")

    def fail() -> FrameSource:
        raise error

    reader = bench.start(fail)
    wait_until(lambda: reader.fault is error)


def test_sequence_numbers_go_on_when_a_camera_was_opened_again(bench: Bench) -> None:
    first, second = bench.hand_fed(), bench.hand_fed()
    waiting = [first, second]
    reader = bench.start(lambda: waiting.pop(0))
    first.give(plain(1), plain(2), UNAVAILABLE)
    second.give(plain(2))
    frame = reader.wait_for_frame(2, 1.0)
    assert frame is not None
    assert frame.sequence == 3


def test_a_read_that_hangs_is_a_stalled_camera_while_it_hangs(bench: Bench) -> None:
    source = bench.hand_fed()
    reader = bench.start(lambda: source)
    source.give(plain(1))
    bench.clock.advance(3.0)
    assert reader.fault is None
    bench.clock.advance(0.5)
    fault = reader.fault
    assert fault is not None
    assert fault.code == "camera.stalled"
    assert fault.details == {"source": "hand-fed", "seconds": 3.5}


def test_a_camera_that_never_sends_its_first_picture_is_stalled(bench: Bench) -> None:
    source = bench.hand_fed()
    reader = bench.start(lambda: source)
    bench.clock.advance(3.5)
    assert code_of(reader) == "camera.stalled"


def test_a_stalled_camera_recovers_with_its_next_picture(bench: Bench) -> None:
    source = bench.hand_fed()
    reader = bench.start(lambda: source)
    source.give(plain(1))
    bench.clock.advance(60.0)
    assert code_of(reader) == "camera.stalled"
    source.give(plain(2))
    assert reader.fault is None


def test_a_picture_older_than_the_deadline_is_not_given_out(bench: Bench) -> None:
    source = bench.hand_fed()
    reader = bench.start(lambda: source)
    source.give(plain(1))
    bench.clock.advance(3.5)
    assert reader.wait_for_frame(0, 0.0) is None


def test_a_camera_that_hangs_for_good_is_opened_again_beside_the_hung_read(bench: Bench) -> None:
    hung, fresh = bench.hand_fed(), bench.hand_fed()
    waiting = [hung, fresh]
    reader = bench.start(lambda: waiting.pop(0), settings(reopen_after_seconds=2))
    hung.give(plain(1))
    bench.clock.advance(4.9)
    reader.wait_for_frame(1, 0.0)
    assert waiting == [fresh]
    bench.clock.advance(0.2)
    reader.wait_for_frame(1, 0.0)
    fresh.give(plain(2))
    assert reader.fault is None
    hung.give(plain(99))  # it comes back after all: its picture is not taken, its device is let go
    assert hung.closed.wait(5)
    frame = reader.wait_for_frame(1, 1.0)
    assert frame is not None
    assert (frame.sequence, int(frame.image_bgr[0, 0, 0])) == (2, 2)


def test_a_camera_that_hangs_every_time_does_not_fill_the_machine_with_threads(bench: Bench) -> None:
    opened: list[HandFedSource] = []

    def open_hanging() -> FrameSource:
        opened.append(bench.hand_fed())
        return opened[-1]

    reader = bench.start(open_hanging)
    for _ in range(12):
        # Only a read that has begun can hang.
        wait_until(lambda: bool(opened) and opened[-1].is_being_read)
        bench.clock.advance(10.0)
        reader.wait_for_frame(0, 0.0)
        MACHINE.sleep(0.01)
    assert len(opened) == 4
    assert code_of(reader) == "camera.stalled"


def test_the_same_picture_for_too_long_is_a_frozen_camera(bench: Bench) -> None:
    source = bench.hand_fed()
    reader = bench.start(lambda: source)
    source.give(plain(5))
    for _ in range(4):
        assert reader.fault is None
        bench.clock.advance(2.5)
        source.give(plain(5))
    fault = reader.fault
    assert fault is not None
    assert fault.code == "camera.frozen"
    assert fault.details == {"source": "hand-fed", "seconds": 10.0}


def test_a_repeated_picture_is_never_a_new_frame(bench: Bench) -> None:
    source = bench.hand_fed()
    reader = bench.start(lambda: source)
    source.give(plain(5))
    bench.clock.advance(1.0)
    source.give(plain(5))
    frame = reader.wait_for_frame(0, 1.0)
    assert frame is not None
    assert (frame.sequence, frame.captured_host_seconds) == (1, 1000.0)
    assert reader.wait_for_frame(1, 0.0) is None


def test_a_frozen_camera_is_opened_again_and_the_fault_goes_when_the_picture_moves(bench: Bench) -> None:
    sources: list[HandFedSource] = []

    def open_next() -> FrameSource:
        sources.append(bench.hand_fed())
        return sources[-1]

    reader = bench.start(open_next)
    wait_until(lambda: len(sources) == 1)
    sources[0].give(plain(5))
    bench.clock.advance(11.0)
    sources[0].give(plain(5))
    assert sources[0].closed.wait(5)
    wait_until(lambda: len(sources) == 2)
    sources[1].give(plain(5))
    assert code_of(reader) == "camera.frozen"
    wait_until(lambda: len(sources) == 3)
    sources[2].give(plain(6))
    assert reader.fault is None


def test_a_slow_camera_is_not_a_frozen_one(bench: Bench) -> None:
    source = bench.hand_fed()
    reader = bench.start(lambda: source, settings(frame_deadline_seconds=20))
    source.give(plain(1))
    bench.clock.advance(15.0)
    assert reader.fault is None


def test_a_reader_that_does_not_run_has_no_fault_and_no_frame(bench: Bench) -> None:
    source = ScriptedSource(lambda number: plain(number % 250))
    reader = bench.start(lambda: source)
    assert reader.wait_for_frame(0, 5.0) is not None
    reader.stop()
    bench.clock.advance(100.0)
    assert source.closed
    assert reader.fault is None
    assert reader.wait_for_frame(0, 5.0) is None


def test_stopping_does_not_wait_for_a_read_that_hangs(bench: Bench) -> None:
    source = bench.hand_fed()
    reader = bench.start(lambda: source)
    source.give(plain(1))
    before = MACHINE.host_seconds()
    reader.stop(0.05)
    assert MACHINE.host_seconds() - before < 1.0


def test_stopping_does_not_wait_for_the_pause_between_two_tries(bench: Bench) -> None:
    def fail() -> FrameSource:
        raise UNAVAILABLE

    reader = bench.start(fail, settings(reopen_after_seconds=600))
    wait_until(lambda: code_of(reader) == "camera.unavailable")
    before = MACHINE.host_seconds()
    reader.stop()
    assert MACHINE.host_seconds() - before < 1.0


def test_a_reader_is_started_once(bench: Bench) -> None:
    reader = bench.start(lambda: bench.hand_fed())
    with pytest.raises(RuntimeError, match="once"):
        reader.start()


def test_the_name_in_a_fault_holds_no_password(bench: Bench) -> None:
    def fail() -> FrameSource:
        raise RuntimeError("no such host")

    reader = bench.start(fail, settings(source="rtsp://admin:s3cret@10.0.0.9/live"))
    wait_until(lambda: reader.fault is not None)
    assert "s3cret" not in str(reader.fault)
    assert "10.0.0.9" in str(reader.fault)
