"""One to one, after a PIN: which of the faces in doubt was it that typed, and since when was it there?

Zhao of HR and Li Wei stand before the kiosk, both in doubt. Each types a PIN; each must get the time of the own face.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from kiosk.deciding import AskPin
from models.faces.values import Encoding
from tests.kiosk_fakes import (
    LI_WEI,
    LI_WEI_FACE,
    MODEL,
    MORNING,
    STRANGER_FACE,
    ZHAO,
    DoorRig,
    Vector,
    door_rig,
)

LI_WEIS_PIN, ZHAOS_PIN = ("1001", "2580"), ("1003", "1379")
STRANGERS_TRACK, LI_WEIS_TRACK = 1, 2


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[DoorRig]:
    made = door_rig(tmp_path)
    yield made
    made.outbox.close()


def in_doubt(rig: DoorRig, track_id: int, face: Vector | None) -> None:
    """A face that is asked for its PIN now, and how it looks; None where it was never sharp enough to compare."""
    rig.door.apply(track_id, AskPin("not_sure", rig.clock.now(), 5, 0.6))
    probes = {} if face is None else {track_id: Encoding(MODEL, face.astype(np.float32))}
    rig.door.keep_in_sight({STRANGERS_TRACK, track_id}, probes)


def test_whoever_types_gets_the_time_of_the_own_face_though_another_was_there_before(rig: DoorRig) -> None:
    in_doubt(rig, STRANGERS_TRACK, STRANGER_FACE)
    rig.clock.advance(20)
    in_doubt(rig, LI_WEIS_TRACK, LI_WEI_FACE)
    rig.clock.advance(5)

    rig.door.enter_pin(*LI_WEIS_PIN)

    assert rig.clocked() == [(LI_WEI.person_id, MORNING + timedelta(seconds=20))]
    assert rig.items()[-1]["evidence"]["pin_face_distance"] == pytest.approx(0.0, abs=1e-3)


def test_a_face_that_could_not_be_compared_comes_before_one_that_is_somebody_else(rig: DoorRig) -> None:
    in_doubt(rig, STRANGERS_TRACK, STRANGER_FACE)
    rig.clock.advance(20)
    in_doubt(rig, LI_WEIS_TRACK, None)

    rig.door.enter_pin(*LI_WEIS_PIN)

    assert rig.clocked() == [(LI_WEI.person_id, MORNING + timedelta(seconds=20))]


def test_somebody_who_does_not_resemble_the_own_photograph_today_loses_no_minute(rig: DoorRig) -> None:
    in_doubt(rig, STRANGERS_TRACK, STRANGER_FACE)
    rig.clock.advance(30)

    rig.door.enter_pin(*LI_WEIS_PIN)

    assert rig.clocked() == [(LI_WEI.person_id, MORNING)]


def test_somebody_without_templates_is_treated_as_before(rig: DoorRig) -> None:
    in_doubt(rig, STRANGERS_TRACK, STRANGER_FACE)
    rig.clock.advance(10)

    rig.door.enter_pin(*ZHAOS_PIN)

    assert rig.clocked() == [(ZHAO.person_id, MORNING)]
    assert rig.items()[-1]["evidence"]["pin_face_distance"] is None


def test_a_face_that_has_left_for_good_is_forgotten(rig: DoorRig) -> None:
    rig.door.keep_in_sight({LI_WEIS_TRACK}, {LI_WEIS_TRACK: Encoding(MODEL, LI_WEI_FACE.astype(np.float32))})
    rig.door.keep_in_sight(set(), {})

    rig.door.enter_pin(*LI_WEIS_PIN)

    assert rig.items()[-1]["evidence"]["pin_face_distance"] is None
