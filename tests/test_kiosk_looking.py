"""One frame through the whole way: found, followed, judged, compared, decided, carried out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from kiosk.camera.frames import Frame
from kiosk.loop import KioskLoop, preview_of
from kiosk.seeing import Seer
from models.errors import CourtclockError
from models.faces.values import Face
from tests.kiosk_fakes import (
    CHEN,
    CHEN_FACE,
    LI_WEI,
    LI_WEI_FACE,
    MORNING,
    STRANGER_FACE,
    ZHAO,
    DoorRig,
    FakeClock,
    ScriptedFaces,
    ScriptedReader,
    Vector,
    between,
    door_rig,
    face_at,
    frame_at,
    sealed_gallery,
)


@dataclass
class Hall:
    """A kiosk with a scripted camera and scripted faces."""

    rig: DoorRig
    faces: ScriptedFaces
    loop: KioskLoop
    reader: ScriptedReader
    sequence: int = 0

    @property
    def clock(self) -> FakeClock:
        return self.rig.clock

    def frame(self, *faces: tuple[Face, Vector], image_bgr: np.ndarray | None = None) -> Frame:
        """The next picture, a tenth of a second later."""
        self.clock.advance(0.1)
        self.sequence += 1
        self.faces.show(*faces)
        return frame_at(self.clock, self.sequence, image_bgr)

    def look(self, *faces: tuple[Face, Vector]) -> None:
        self.loop.look_at(self.frame(*faces))

    def stand(self, vector: Vector, frames: int, left: float = 100.0, eyes: float = 40.0) -> None:
        """Somebody stands there, swaying as the living do."""
        for number in range(frames):
            self.look((face_at(left + 2 * (number % 2), eye_distance_px=eyes), vector))


def hall_in(
    folder: Path,
    pictures: Callable[[Hall], list[Callable[[], Frame | None]]] = lambda hall: [],
    mode: str = "off",
    max_lower_face_covered: float = 0.6,
) -> Hall:
    rig = door_rig(folder, kiosk__liveness__mode=mode, kiosk__deciding__max_lower_face_covered=max_lower_face_covered)
    faces = ScriptedFaces()
    deciding = rig.settings.kiosk.deciding
    seer = Seer(
        faces.as_engine(),
        deciding.min_eye_distance_px,
        deciding.min_sharpness,
        deciding.forget_track_after_seconds,
        deciding.faces_a_frame,
        deciding.max_lower_face_covered,
    )
    reader = ScriptedReader([])
    point = rig.settings.faces.operating_point()
    loop = KioskLoop(reader.as_reader(), seer, rig.rosters, rig.door, rig.board, rig.clock, rig.settings.kiosk, point)
    hall = Hall(rig, faces, loop, reader)
    reader.give(pictures(hall))
    return hall


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    made = hall_in(tmp_path)
    yield made
    made.rig.outbox.close()


def test_a_colleague_is_recorded_after_three_frames_with_the_time_of_the_first(hall: Hall) -> None:
    hall.stand(LI_WEI_FACE, 2)
    assert hall.rig.items() == []

    hall.stand(LI_WEI_FACE, 1)

    assert hall.rig.clocked() == [(LI_WEI.person_id, MORNING + timedelta(seconds=0.1))]
    assert hall.rig.board.state().mode == "thanks"


def test_a_recorded_face_is_not_encoded_again(hall: Hall) -> None:
    hall.stand(LI_WEI_FACE, 40)

    assert hall.faces.encoded == 3
    assert hall.rig.kinds() == ["clock_event"]


def test_two_colleagues_at_once_are_both_recorded(hall: Hall) -> None:
    for number in range(6):
        hall.look(
            (face_at(60 + 2 * (number % 2)), LI_WEI_FACE),
            (face_at(300 + 2 * (number % 2)), CHEN_FACE),
        )

    # In turns, one face a frame, and each with the time at which it was first seen.
    assert hall.faces.encoded == 6
    first_seen_at = MORNING + timedelta(seconds=0.1)
    assert set(hall.rig.clocked()) == {(LI_WEI.person_id, first_seen_at), (CHEN.person_id, first_seen_at)}


def test_a_stranger_is_asked_for_the_pin_and_it_keeps_the_first_seen_time(hall: Hall) -> None:
    hall.stand(STRANGER_FACE, 31)
    assert hall.rig.kinds() == ["attempt"]
    assert (hall.rig.board.state().mode, hall.rig.board.state().doubt) == ("ask_pin", "unknown")
    hall.clock.advance(10)

    hall.rig.door.enter_pin("1003", "1379")

    assert hall.rig.clocked() == [(ZHAO.person_id, MORNING + timedelta(seconds=0.1))]


def test_somebody_between_two_colleagues_is_neither(hall: Hall) -> None:
    hall.stand(between(LI_WEI_FACE, CHEN_FACE), 60)

    assert hall.rig.clocked() == []
    assert hall.rig.board.state().doubt == "look_alike"


def test_a_face_far_away_is_asked_closer_and_never_encoded(hall: Hall) -> None:
    hall.stand(LI_WEI_FACE, 5, eyes=20)

    assert hall.faces.encoded == 0
    assert hall.rig.board.state().hint == "closer"


def test_a_blurred_face_is_asked_to_hold_still_and_never_encoded(hall: Hall) -> None:
    flat = np.full((240, 640, 3), 120, dtype=np.uint8)
    hall.loop.look_at(hall.frame((face_at(100), LI_WEI_FACE), image_bgr=flat))

    assert hall.faces.encoded == 0
    assert hall.rig.board.state().hint == "hold_still"


def test_with_an_empty_gallery_everybody_is_asked_for_the_pin(hall: Hall) -> None:
    hall.rig.rosters.take(sealed_gallery(hall.rig.identity, 2, [ZHAO]))

    hall.stand(LI_WEI_FACE, 31)

    assert hall.rig.kinds() == ["attempt"]


def test_a_gallery_that_comes_meanwhile_counts_from_the_next_frame(hall: Hall) -> None:
    hall.rig.rosters.take(sealed_gallery(hall.rig.identity, 2, [ZHAO]))
    hall.stand(LI_WEI_FACE, 4)
    hall.rig.rosters.take(sealed_gallery(hall.rig.identity, 3, [LI_WEI]))

    hall.stand(LI_WEI_FACE, 3)

    assert hall.rig.clocked() == [(LI_WEI.person_id, MORNING + timedelta(seconds=0.1))]
    assert hall.rig.items()[0]["evidence"]["gallery_version"] == 3


def test_whoever_comes_after_somebody_left_is_somebody_new(hall: Hall) -> None:
    hall.stand(LI_WEI_FACE, 3)
    for _ in range(11):
        hall.look()

    hall.stand(CHEN_FACE, 3)

    assert [who for who, _ in hall.rig.clocked()] == [LI_WEI.person_id, CHEN.person_id]


def test_a_stranger_of_the_morning_lends_no_time_to_a_colleague_after_the_camera_was_gone(hall: Hall) -> None:
    hall.stand(STRANGER_FACE, 5)
    hall.clock.advance(7 * 3600)

    hall.stand(LI_WEI_FACE, 3)

    ((who, at),) = hall.rig.clocked()
    assert who == LI_WEI.person_id
    assert hall.clock.now() - at < timedelta(seconds=1)


def test_a_face_whose_event_could_not_be_saved_is_tried_again_and_keeps_its_time(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise CourtclockError("outbox.write_failed", reason="disk is full")

    hall.stand(LI_WEI_FACE, 2)
    with monkeypatch.context() as full:
        full.setattr(hall.rig.outbox, "append", fail)
        for _ in range(3):
            with pytest.raises(CourtclockError, match=r"outbox\.write_failed"):
                hall.stand(LI_WEI_FACE, 1)

    hall.stand(LI_WEI_FACE, 1)

    assert hall.rig.clocked() == [(LI_WEI.person_id, MORNING + timedelta(seconds=0.1))]


def test_the_frame_rate_is_that_of_the_frames_looked_at(hall: Hall) -> None:
    assert hall.loop.frames_per_second() == 0.0
    hall.stand(STRANGER_FACE, 20)
    assert hall.loop.frames_per_second() == pytest.approx(10)
    hall.clock.advance(2.1)
    assert hall.loop.frames_per_second() == 0.0


class TestThePreview:
    def test_shows_the_surroundings_of_the_nearest_face_only(self, hall: Hall) -> None:
        picture = np.zeros((240, 640, 3), dtype=np.uint8)
        picture[:, :250] = (0, 0, 255)
        near, far = face_at(300, top=20, eye_distance_px=60), face_at(60, top=60, eye_distance_px=30)

        hall.loop.look_at(hall.frame((far, CHEN_FACE), (near, LI_WEI_FACE), image_bgr=picture))

        preview = hall.rig.board.preview()
        assert preview is not None
        assert preview.shape[0] == 320
        # The red half of the hall, where somebody else stands, does not appear: the cut begins at 247.
        assert (preview[:, 10:] == 0).all()
        assert preview.shape[1] < preview.shape[0] * 1.5

    def test_is_empty_when_nobody_is_there(self, hall: Hall) -> None:
        hall.look((face_at(100), LI_WEI_FACE))
        assert hall.rig.board.preview() is not None
        for _ in range(11):
            hall.look()

        assert hall.rig.board.preview() is None

    @pytest.mark.parametrize("left", [-70.0, 600.0, 5000.0])
    def test_of_a_face_at_the_edge_is_cut_at_the_edge(self, hall: Hall, left: float) -> None:
        preview = preview_of(hall.frame(), face_at(left))

        assert preview.dtype == np.uint8
        assert preview.shape[2] == 3


class TestTheThread:
    def stop(self, hall: Hall) -> None:
        hall.reader.end()
        hall.loop.stop(10)
        assert not any(thread.name == "looking" and thread.is_alive() for thread in threading.enumerate())

    @pytest.mark.parametrize(
        ("failure", "code"),
        [
            (ZeroDivisionError("nobody thought of this"), "internal"),
            (CourtclockError("gallery.model_mismatch", found="a", expected="b"), "gallery.model_mismatch"),
        ],
    )
    def test_a_frame_that_cannot_be_judged_accepts_nobody_and_the_pin_works(
        self, tmp_path: Path, failure: Exception, code: str
    ) -> None:
        def failing(hall: Hall) -> Frame:
            frame = hall.frame()
            hall.faces.shown = failure
            return frame

        hall = hall_in(
            tmp_path,
            lambda hall: [
                lambda: hall.frame((face_at(100), LI_WEI_FACE)),
                lambda: hall.frame((face_at(102), LI_WEI_FACE)),
                lambda: failing(hall),
                lambda: failing(hall),
            ],
        )
        hall.loop.start()
        assert hall.reader.over.wait(10)
        state, preview = hall.rig.board.state(), hall.rig.board.preview()

        assert state.fault is not None
        assert state.fault.code == code
        assert hall.rig.items() == []
        # The face of the last good frame does not stay on the screen while recognition fails.
        assert preview is None
        hall.clock.advance(8)
        hall.rig.door.enter_pin("1003", "1379")
        assert hall.rig.clocked() == [(ZHAO.person_id, MORNING + timedelta(seconds=0.3))]
        self.stop(hall)

    def test_the_fault_is_over_with_the_next_good_frame(self, tmp_path: Path) -> None:
        def failing(hall: Hall) -> Frame:
            frame = hall.frame()
            hall.faces.shown = RuntimeError("once")
            return frame

        hall = hall_in(tmp_path, lambda hall: [lambda: failing(hall), lambda: hall.frame((face_at(100), LI_WEI_FACE))])
        hall.loop.start()
        assert hall.reader.over.wait(10)

        assert hall.rig.board.state().fault is None
        assert hall.rig.board.preview() is not None
        self.stop(hall)

    def test_a_camera_fault_is_shown_in_words_and_the_last_face_disappears(self, tmp_path: Path) -> None:
        stalled = CourtclockError("camera.stalled", source="0", seconds=4.0)

        def unplug(hall: Hall) -> None:
            hall.reader.fault = stalled

        hall = hall_in(tmp_path, lambda hall: [lambda: hall.frame((face_at(100), LI_WEI_FACE)), lambda: unplug(hall)])
        hall.loop.start()
        assert hall.reader.over.wait(10)

        assert hall.rig.board.state().fault is stalled
        assert hall.rig.board.preview() is None
        self.stop(hall)


def test_a_face_that_resembles_nobody_is_compared_in_every_third_frame_only(hall: Hall) -> None:
    hall.stand(STRANGER_FACE, 5)
    assert hall.faces.encoded == 5

    hall.stand(STRANGER_FACE, 9)

    assert hall.faces.encoded == 5 + 3


def test_and_is_recognised_all_the_same_when_it_turns_out_to_be_a_colleague(hall: Hall) -> None:
    hall.stand(STRANGER_FACE, 8)
    hall.stand(LI_WEI_FACE, 8)

    assert hall.rig.clocked() == [(LI_WEI.person_id, MORNING + timedelta(seconds=0.1))]


def test_a_colleague_who_has_yet_to_show_life_is_compared_as_seldom(tmp_path: Path) -> None:
    hall = hall_in(tmp_path, mode="passive")
    hall.stand(LI_WEI_FACE, 5)
    assert hall.faces.encoded == 5

    hall.stand(LI_WEI_FACE, 9)

    assert hall.faces.encoded == 5 + 3
    assert hall.rig.clocked() == []
    hall.rig.outbox.close()


def test_votes_of_a_gallery_that_was_replaced_do_not_count_but_the_first_time_does(hall: Hall) -> None:
    hall.stand(LI_WEI_FACE, 2)
    hall.rig.rosters.take(sealed_gallery(hall.rig.identity, 2, [LI_WEI, CHEN, ZHAO]))

    hall.stand(LI_WEI_FACE, 2)
    assert hall.rig.clocked() == []
    hall.stand(LI_WEI_FACE, 1)

    assert hall.rig.clocked() == [(LI_WEI.person_id, MORNING + timedelta(seconds=0.1))]


def test_a_covered_lower_face_tightens_the_limit(tmp_path: Path) -> None:
    # Where nothing is too much of a sign, every face counts as covered, and Li Wei is not that near.
    hall = hall_in(tmp_path, max_lower_face_covered=0.0)
    near, other = np.asarray(LI_WEI_FACE, dtype=np.float64), np.roll(np.asarray(LI_WEI_FACE, dtype=np.float64), 60)
    hall.stand(0.43 * near + np.sqrt(1 - 0.43**2) * other, 40)
    assert hall.rig.clocked() == []
    assert hall.rig.board.state().doubt == "covered"
    hall.rig.outbox.close()
