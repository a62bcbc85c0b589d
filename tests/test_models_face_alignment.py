"""A face is turned, scaled and shifted onto the template by all five landmarks, none of them voted out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from models.faces.quality import ALIGNED_LANDMARKS_XY, ALIGNED_SIZE_PX, align, similarity
from tests.painted_faces import face_with_landmarks, grained_skin

Points = NDArray[np.float64]
TEMPLATE = ALIGNED_LANDMARKS_XY.astype(np.float64)
OFFSETS = arrays(np.float64, (5, 2), elements=st.floats(-8, 8))


def moved(points: Points, degrees: float, scale: float, shift_xy: tuple[float, float]) -> Points:
    turn = np.radians(degrees)
    matrix = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.asarray(points @ matrix.T + shift_xy)


def applied(transform: Points, points: Points) -> Points:
    return np.asarray(points @ transform[:, :2].T + transform[:, 2])


def least_squares(source: Points, target: Points) -> Points:
    """The same by solving for scale * cos, scale * sin and the shift directly."""
    rows, wanted = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, -y, 1, 0], [y, x, 0, 1]]
        wanted += [u, v]
    a, b, shift_x, shift_y = np.linalg.lstsq(np.array(rows), np.array(wanted), rcond=None)[0]
    return np.array([[a, -b, shift_x], [b, a, shift_y]])


def transform_of(landmarks: Points) -> Points:
    transform = similarity(landmarks.astype(np.float32), ALIGNED_LANDMARKS_XY)
    assert transform is not None
    return transform


@given(
    degrees=st.floats(-180, 180),
    scale=st.floats(0.2, 20),
    shift_xy=st.tuples(st.floats(-500, 2000), st.floats(-500, 2000)),
)
def test_a_template_turned_scaled_and_shifted_is_brought_back_exactly(
    degrees: float, scale: float, shift_xy: tuple[float, float]
) -> None:
    landmarks = moved(TEMPLATE, degrees, scale, shift_xy)
    transform = transform_of(landmarks)
    # Landmarks are float32, so at 2000 pixels they are good to an eight-thousandth of a pixel.
    assert np.allclose(applied(transform, landmarks), TEMPLATE, atol=5e-3 / scale + 1e-3)
    assert np.hypot(transform[0, 0], transform[1, 0]) == pytest.approx(1 / scale, rel=1e-3)


@given(OFFSETS)
def test_landmarks_that_fit_no_template_are_fitted_by_least_squares(offsets: Points) -> None:
    landmarks = (TEMPLATE * 2 + offsets).astype(np.float32).astype(np.float64)
    assert np.allclose(transform_of(landmarks), least_squares(landmarks, TEMPLATE), atol=1e-6)


@pytest.mark.parametrize("landmark", range(5))
def test_each_landmark_counts(landmark: int) -> None:
    landmarks = TEMPLATE * 2
    aside = landmarks.copy()
    aside[landmark] += (12, 7)
    assert not np.allclose(transform_of(aside), transform_of(landmarks), atol=1e-3)


def test_the_same_face_is_aligned_the_same_each_time() -> None:
    landmarks = TEMPLATE * 2 + np.random.default_rng(5).normal(0, 4, (5, 2))
    face, picture = face_with_landmarks(landmarks), grained_skin()
    first = align(picture, face)
    cv2.setRNGSeed(99)
    assert all(np.array_equal(align(picture, face), first) for _ in range(5))


@pytest.mark.parametrize("degrees", [0.0, 25.0, -40.0])
def test_an_aligned_face_has_its_landmarks_where_the_template_has_them(degrees: float) -> None:
    landmarks = moved(TEMPLATE, degrees, 3.0, (150, 150))
    picture = np.zeros((700, 700, 3), dtype=np.uint8)
    for x, y in landmarks:
        cv2.circle(picture, (round(x), round(y)), 6, (255, 255, 255), -1)
    aligned = align(picture, face_with_landmarks(landmarks))
    assert aligned.shape == (ALIGNED_SIZE_PX, ALIGNED_SIZE_PX, 3)
    assert aligned.dtype == np.uint8
    _, _, _, middles = cv2.connectedComponentsWithStats((aligned[:, :, 0] > 100).astype(np.uint8))
    dots = sorted(map(tuple, middles[1:].tolist()))
    expected = sorted(map(tuple, TEMPLATE.tolist()))
    assert len(dots) == 5
    assert np.allclose(dots, expected, atol=0.7)


def test_landmarks_all_in_one_place_give_a_black_face_and_no_fault() -> None:
    nowhere = np.full((5, 2), 60.0)
    assert similarity(nowhere.astype(np.float32), ALIGNED_LANDMARKS_XY) is None
    assert not align(grained_skin(), face_with_landmarks(nowhere)).any()
