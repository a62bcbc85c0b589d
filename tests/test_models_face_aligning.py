"""A face turned half away is widened again by its landmarks; one seen from the front stays as it is."""

from __future__ import annotations

import cv2
import numpy as np

from models.faces.aligning import straighten
from models.faces.quality import align
from models.faces.values import Face
from tests.painted_faces import face_with_landmarks, good_landmarks

_SOFT = cv2.GaussianBlur(np.random.default_rng(4).integers(0, 255, (400, 400, 3)).astype(np.float32), (0, 0), 6)
GRAIN = np.clip((_SOFT - 127) * 12 + 127, 0, 255).astype(np.uint8)


def squeezed(share: float) -> tuple[np.ndarray, Face]:
    """The grain and the landmarks of a face on it, both made narrower."""
    picture = cv2.resize(GRAIN, None, fx=share, fy=1.0, interpolation=cv2.INTER_AREA)
    return picture, face_with_landmarks(good_landmarks() * np.array([share, 1.0], dtype=np.float32))


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


def test_a_face_that_is_where_it_should_be_is_not_changed() -> None:
    face = face_with_landmarks(good_landmarks())
    assert difference(straighten(GRAIN, face), align(GRAIN, face)) < 3


def test_a_narrowed_face_is_widened_to_what_it_was() -> None:
    as_it_was = align(GRAIN, face_with_landmarks(good_landmarks()))
    picture, face = squeezed(0.6)
    assert difference(straighten(picture, face), as_it_was) < 6
    assert difference(align(picture, face), as_it_was) > 25


def test_landmarks_on_one_line_cannot_be_straightened_and_are_aligned_as_ever() -> None:
    line = np.array([[100, 100], [110, 110], [120, 120], [130, 130], [140, 140]], dtype=np.float32)
    face = face_with_landmarks(line)
    assert np.array_equal(straighten(GRAIN, face), align(GRAIN, face))
    assert straighten(GRAIN, face).shape == (112, 112, 3)
