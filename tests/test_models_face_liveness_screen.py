"""Stripes of a screen stand out of a picture's spectrum; skin, edges and a camera's noise do not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.faces.liveness import ShippedPassiveLimits
from models.faces.screen_texture import texture_peak
from models.faces.values import ImageBGR
from tests.painted_faces import face_with_landmarks, paint_face, plain_hall

LIMIT = ShippedPassiveLimits().max_texture_peak
FACE = face_with_landmarks(np.array([[290, 232], [350, 232], [320, 260], [296, 292], [344, 292]], dtype=np.float32))


def painted(noise: float = 2.0) -> ImageBGR:
    picture = plain_hall()
    paint_face(picture, (320, 240))
    softened = cv2.GaussianBlur(picture, (0, 0), 0.7).astype(np.float32)
    softened += np.random.default_rng(2).normal(0.0, noise, softened.shape)
    return np.asarray(np.clip(softened, 0, 255), dtype=np.uint8)


def striped(picture: ImageBGR, period_px: float, depth: float, degrees: float = 0.0) -> ImageBGR:
    """The picture as a camera takes it from a screen whose grid makes stripes of this period."""
    y, x = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]].astype(np.float32)
    along = x * np.cos(np.radians(degrees)) + y * np.sin(np.radians(degrees))
    grid = 1.0 + depth * np.cos(2 * np.pi * along / period_px)
    return np.asarray(np.clip(picture * grid[:, :, None], 0, 255), dtype=np.uint8)


@pytest.mark.parametrize("period_px", [2.3, 3.0, 4.1, 5.7])
@pytest.mark.parametrize("degrees", [0.0, 12.0, 90.0, 135.0])
def test_the_grid_of_a_screen_is_seen(period_px: float, degrees: float) -> None:
    assert texture_peak(striped(painted(), period_px, 0.04, degrees), FACE) > LIMIT


@pytest.mark.parametrize("noise", [0.5, 2.0, 6.0])
def test_a_face_without_a_screen_stays_below_the_limit(noise: float) -> None:
    assert 0 < texture_peak(painted(noise), FACE) < LIMIT


def test_coarse_stripes_as_on_a_shirt_are_not_looked_at() -> None:
    assert texture_peak(striped(painted(), 12.0, 0.04), FACE) < LIMIT


def test_a_plain_or_a_small_picture_has_no_texture() -> None:
    assert texture_peak(plain_hall(), FACE) == 0.0
    assert texture_peak(np.zeros((120, 200, 3), dtype=np.uint8), FACE) == 0.0


def test_a_face_at_the_edge_is_looked_at_inside_the_picture() -> None:
    corner = face_with_landmarks(FACE.landmarks_xy + np.array([260, 170], dtype=np.float32))
    assert texture_peak(striped(painted(), 3.0, 0.04), corner) > LIMIT
