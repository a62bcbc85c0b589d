"""Faces, encodings and matches are checked at their birth, and never change after it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.faces.values import Encoding, Face, Match, ModelId

MODEL = ModelId("scripted-1")
BOX = np.array([10, 20, 50, 80], dtype=np.float32)
LANDMARKS = np.array([[20, 40], [40, 40], [30, 52], [22, 64], [38, 64]], dtype=np.float32)
EMPLOYEE, STRANGER = UUID(int=1), UUID(int=2)

VECTORS = arrays(np.float32, st.integers(1, 16), elements=st.floats(-1e6, 1e6, width=32))


def with_value(array: np.ndarray, value: float) -> np.ndarray:
    copy = array.copy()
    copy.flat[-1] = value
    return copy


def test_a_face_knows_the_distance_of_its_eyes_and_its_area() -> None:
    face = Face(BOX, LANDMARKS, 0.9)
    assert face.eye_distance_px == 20.0
    assert face.area_px == 40.0 * 60.0


@pytest.mark.parametrize("box", [BOX[:3], BOX.reshape(2, 2), np.append(BOX, 1), np.empty(0)])
def test_a_box_of_another_shape_is_refused(box: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"box_xyxy must have the shape \(4,\)"):
        Face(box, LANDMARKS, 0.9)


@pytest.mark.parametrize("landmarks", [LANDMARKS[:4], LANDMARKS.ravel(), LANDMARKS.T])
def test_landmarks_of_another_shape_are_refused(landmarks: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"landmarks_xy must have the shape \(5, 2\)"):
        Face(BOX, landmarks, 0.9)


@pytest.mark.parametrize("box", [[50, 20, 50, 80], [50, 20, 10, 80], [10, 80, 50, 80], [10, 90, 50, 80]])
def test_an_empty_box_is_refused(box: list[float]) -> None:
    with pytest.raises(ValueError, match="empty"):
        Face(np.array(box, dtype=np.float32), LANDMARKS, 0.9)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_gets_in_nowhere(value: float) -> None:
    with pytest.raises(ValueError, match="box_xyxy holds a value that is not finite"):
        Face(with_value(BOX, value), LANDMARKS, 0.9)
    with pytest.raises(ValueError, match="landmarks_xy holds a value that is not finite"):
        Face(BOX, with_value(LANDMARKS, value), 0.9)
    with pytest.raises(ValueError, match="vector holds a value that is not finite"):
        Encoding(MODEL, with_value(np.ones(128, dtype=np.float32), value))
    with pytest.raises(ValueError, match="vector holds a value that is not finite"):
        Encoding.from_bytes(MODEL, with_value(np.ones(128, dtype=np.float32), value).tobytes())


@pytest.mark.parametrize("vector", [np.ones((1, 128)), np.ones((128, 1)), np.float32(1.0), np.empty(0)])
def test_an_encoding_is_one_row_of_values(vector: np.ndarray) -> None:
    with pytest.raises(ValueError, match="vector"):
        Encoding(MODEL, np.asarray(vector))


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64])
def test_values_are_float32_of_their_own_and_read_only(kind: Any) -> None:
    box, landmarks, vector = BOX.astype(kind), LANDMARKS.astype(kind), np.ones(4, dtype=kind)
    face, encoding = Face(box, landmarks, 0.9), Encoding(MODEL, vector)
    for array in (face.box_xyxy, face.landmarks_xy, encoding.vector):
        assert array.dtype == np.float32
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7
    # What its maker does afterwards to the arrays changes nothing.
    box[0], landmarks[0], vector[0] = 49, 49, 49
    assert (face.box_xyxy[0], face.landmarks_xy[0, 0], encoding.vector[0]) == (10, 20, 1)


def test_values_cannot_be_replaced() -> None:
    with pytest.raises(FrozenInstanceError):
        Face(BOX, LANDMARKS, 0.9).score = 1.0  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        Encoding(MODEL, np.ones(4, dtype=np.float32)).model_id = ModelId("other")  # type: ignore[misc]


@given(VECTORS)
def test_an_encoding_comes_back_from_its_bytes(vector: np.ndarray) -> None:
    content = Encoding(MODEL, vector).to_bytes()
    assert len(content) == 4 * vector.size
    back = Encoding.from_bytes(MODEL, content)
    assert back.model_id == MODEL
    assert np.array_equal(back.vector, vector)


def test_the_bytes_of_an_encoding_are_little_endian_on_every_machine() -> None:
    assert Encoding(MODEL, np.array([1.0, -2.0])).to_bytes() == b"\x00\x00\x80\x3f\x00\x00\x00\xc0"


@pytest.mark.parametrize("content", [b"", b"\x00", b"\x00\x00\x80\x3f\x00"])
def test_bytes_that_are_no_row_of_values_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"vector is empty|multiple of element size"):
        Encoding.from_bytes(MODEL, content)


@pytest.mark.parametrize(("other", "margin"), [(0.75, 0.5), (0.25, 0.0), (None, float("inf"))])
def test_the_margin_is_the_gap_to_the_nearest_other_person(other: float | None, margin: float) -> None:
    match = Match(MODEL, EMPLOYEE, 0.25, None if other is None else STRANGER, other)
    assert match.margin == margin
