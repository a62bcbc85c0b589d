"""Signs of life, picture by picture: a painted face that is only moved, one that turns in space, and faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import cv2
import numpy as np
import pytest

from kiosk.life_signs import LifeWatch
from models.errors import CourtclockError
from models.faces.antispoof import Antispoof
from models.faces.liveness import ShippedPassiveLimits
from models.faces.values import Face, ImageBGR
from tests.painted_faces import face_with_landmarks, good_landmarks

LIMITS = ShippedPassiveLimits()
FRAME_SECONDS = 1 / 15
_SOFT = cv2.GaussianBlur(np.random.default_rng(8).integers(0, 255, (400, 400, 3)).astype(np.float32), (0, 0), 3)
SKIN = np.clip((_SOFT - 127) * 5 + 127, 0, 255).astype(np.uint8)


def tilted(degrees: float) -> tuple[ImageBGR, Face]:
    """A print of a face, turned about its upright axis as a hand turns it: every point moves as one plane does."""
    angle = np.deg2rad(degrees)
    height, width = SKIN.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    middle = np.array([width / 2, height / 2])
    away = 900.0 + (corners[:, 0] - middle[0]) * np.sin(angle)
    across = (corners[:, 0] - middle[0]) * np.cos(angle) * 900.0 / away
    down = (corners[:, 1] - middle[1]) * 900.0 / away
    seen = np.column_stack([across, down]) + middle
    plane, _ = cv2.findHomography(corners, seen)
    picture = cv2.warpPerspective(SKIN, plane, (width, height), borderValue=(150, 150, 150))
    landmarks = cv2.perspectiveTransform(good_landmarks()[None].astype(np.float64), plane)[0]
    return np.asarray(picture, dtype=np.uint8), face_with_landmarks(landmarks)


def watch(watching: LifeWatch, picture: Callable[[int], tuple[ImageBGR, Face]], frames: int) -> list[str]:
    return [watching.look(1, *picture(number), 1000 + number * FRAME_SECONDS).passive for number in range(frames)]


class Scoring:
    """The site's own network, with answers given beforehand."""

    def __init__(self, live: bool) -> None:
        self.live = live

    def is_live(self, image_bgr: ImageBGR, face: Face) -> bool:
        return self.live


def scoring(live: bool) -> Antispoof:
    return cast(Antispoof, Scoring(live))


def test_a_print_that_is_tilted_is_never_live_and_is_found_out() -> None:
    signs = watch(LifeWatch(LIMITS, None), lambda number: tilted(30 * np.sin(number / 5)), 45)
    assert "live" not in signs
    assert signs[-1] == "flat"


def test_a_print_held_perfectly_still_stays_undecided() -> None:
    assert set(watch(LifeWatch(LIMITS, None), lambda number: tilted(0), 45)) == {"undecided"}


def test_where_the_head_points_is_told_for_a_challenge() -> None:
    watching = LifeWatch(LIMITS, None)
    samples = [watching.look(1, *tilted(0), 1000 + number * FRAME_SECONDS).sample for number in range(3)]
    assert all(sample is not None for sample in samples)
    assert [sample.parallax is None for sample in samples if sample is not None] == [True, False, False]


def test_a_face_that_left_takes_its_pictures_with_it() -> None:
    watching = LifeWatch(LIMITS, None)
    watch(watching, lambda number: tilted(0), 5)
    watching.forget_all_but({2})
    sample = watching.look(1, *tilted(0), 1002.0).sample
    assert sample is not None
    assert sample.parallax is None, "it is looked at for the first time"


@pytest.mark.parametrize(
    "fault",
    [cv2.error("flow"), ValueError("not finite"), ZeroDivisionError(), CourtclockError("internal", reference="x")],
)
def test_an_error_in_liveness_is_no_sign_of_life(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr("kiosk.life_signs.follow_face", fail)
    assert LifeWatch(LIMITS, None).look(1, *tilted(0), 1000.0).passive == "failed"


def test_the_sites_own_network_finds_out_what_nothing_else_did() -> None:
    assert watch(LifeWatch(LIMITS, scoring(False)), lambda number: tilted(0), 5)[-1] == "flat"
    assert watch(LifeWatch(LIMITS, scoring(True)), lambda number: tilted(0), 5)[-1] == "undecided"


def test_both_must_say_live(monkeypatch: pytest.MonkeyPatch) -> None:
    live = type("Answer", (), {"verdict": "live"})()
    monkeypatch.setattr("kiosk.life_signs.judge_passive", lambda samples, limits: live)
    assert LifeWatch(LIMITS, None).look(1, *tilted(0), 1000.0).passive == "live"
    assert LifeWatch(LIMITS, scoring(True)).look(1, *tilted(0), 1000.0).passive == "live"
    assert LifeWatch(LIMITS, scoring(False)).look(1, *tilted(0), 1000.0).passive == "undecided"
