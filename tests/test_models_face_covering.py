"""What looks covered: skin-coloured lower faces with a mouth are open, plain cloth of any colour over them is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.faces.covering import eye_brightness_share, lower_face_covered
from models.faces.quality import ALIGNED_LANDMARKS_XY
from models.faces.values import ImageBGR

SKIN = (150, 175, 215)
LIMIT = 0.60


def face(shade: float = 1.0) -> ImageBGR:
    """An aligned face, painted: skin, eyes with whites and brows, nose, lips, and a little grain."""
    picture = np.full((112, 112, 3), SKIN, dtype=np.uint8)
    right_eye, left_eye, nose, right_mouth, left_mouth = (tuple(int(v) for v in one) for one in ALIGNED_LANDMARKS_XY)
    for eye in (right_eye, left_eye):
        cv2.ellipse(picture, eye, (8, 4), 0, 0, 360, (235, 235, 235), -1)
        cv2.circle(picture, eye, 3, (50, 40, 40), -1)
        cv2.line(picture, (eye[0] - 9, eye[1] - 9), (eye[0] + 9, eye[1] - 9), (50, 50, 60), 2)
    cv2.ellipse(picture, nose, (7, 4), 0, 0, 180, (105, 135, 180), 2)
    middle = ((right_mouth[0] + left_mouth[0]) // 2, right_mouth[1])
    cv2.ellipse(picture, middle, (15, 6), 0, 0, 360, (90, 90, 180), -1)
    cv2.line(picture, right_mouth, left_mouth, (60, 50, 110), 2)
    grain = np.random.default_rng(3).normal(0, 3, picture.shape)
    return np.clip(picture * shade + grain, 0, 255).astype(np.uint8)


def masked(colour: tuple[int, int, int]) -> ImageBGR:
    """The face with cloth from the nose to below the chin."""
    picture = face()
    cloth = np.array([[10, 66], [56, 62], [102, 66], [100, 112], [12, 112]], dtype=np.int32)
    cv2.fillPoly(picture, [cloth], colour)
    grain = np.random.default_rng(4).normal(0, 2, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("shade", [0.35, 0.7, 1.0])
def test_an_open_face_is_open_in_any_light(shade: float) -> None:
    assert lower_face_covered(face(shade)) < LIMIT


@pytest.mark.parametrize(
    "colour", [(205, 180, 140), (235, 235, 235), (35, 35, 38), (90, 50, 30)], ids=["surgical", "white", "black", "navy"]
)
def test_a_mask_of_a_usual_colour_is_covered(colour: tuple[int, int, int]) -> None:
    assert lower_face_covered(masked(colour)) > LIMIT


def test_the_sign_is_a_share_whatever_is_shown() -> None:
    chance = np.random.default_rng(1)
    for picture in (
        np.zeros((112, 112, 3), dtype=np.uint8),
        np.full((112, 112, 3), 255, dtype=np.uint8),
        chance.integers(0, 255, (112, 112, 3), dtype=np.uint8),
    ):
        assert 0.0 <= lower_face_covered(picture) <= 1.0
        assert eye_brightness_share(picture) >= 0.0


def test_eyes_behind_dark_glasses_are_much_darker_than_the_skin() -> None:
    glasses = face()
    for eye in ALIGNED_LANDMARKS_XY[:2]:
        cv2.ellipse(glasses, (int(eye[0]), int(eye[1])), (14, 10), 0, 0, 360, (25, 25, 25), -1)
    assert eye_brightness_share(glasses) < 0.33 < eye_brightness_share(face())


def test_one_eye_in_shadow_is_not_taken_for_dark_glasses() -> None:
    picture = face()
    picture[40:64, 20:54] //= 5
    assert eye_brightness_share(picture) > 0.33
