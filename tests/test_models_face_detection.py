"""The detector finds painted faces where they are painted, and nobody where nobody is."""

from __future__ import annotations

import numpy as np
import pytest

from models.faces.detection import YuNetDetector
from models.faces.values import ImageBGR
from tests.painted_faces import PAINTED_LANDMARKS, paint_face, plain_hall


@pytest.fixture(scope="module")
def detector() -> YuNetDetector:
    return YuNetDetector(min_score=0.7)


@pytest.mark.parametrize(
    "picture",
    [
        plain_hall(),
        np.zeros((480, 640, 3), dtype=np.uint8),
        np.full((480, 640, 3), 255, dtype=np.uint8),
        np.random.default_rng(0).integers(0, 255, (480, 640, 3), dtype=np.uint8),
        np.zeros((1, 1, 3), dtype=np.uint8),
        np.zeros((37, 211, 3), dtype=np.uint8),
    ],
    ids=["hall", "black", "white", "noise", "one pixel", "odd size"],
)
def test_where_nobody_is_nobody_is_found(detector: YuNetDetector, picture: ImageBGR) -> None:
    assert detector.detect(picture) == []


@pytest.mark.parametrize(
    ("middle_xy", "size"), [((320, 240), 1.0), ((200, 220), 0.8), ((420, 250), 1.2), ((320, 200), 0.5)]
)
def test_a_painted_face_is_found_where_it_is(detector: YuNetDetector, middle_xy: tuple[int, int], size: float) -> None:
    picture = plain_hall()
    paint_face(picture, middle_xy, size)
    (face,) = detector.detect(picture)
    painted = PAINTED_LANDMARKS * size + middle_xy
    assert np.abs(face.landmarks_xy - painted).max() < 22 * size
    assert face.eye_distance_px == pytest.approx(60 * size, rel=0.25)
    left, top, right, bottom = face.box_xyxy
    x, y = middle_xy
    assert left < x < right
    assert top < y < bottom
    assert 0.7 <= face.score <= 1


def test_what_is_found_is_finite_and_of_the_agreed_shape(detector: YuNetDetector) -> None:
    picture = plain_hall()
    paint_face(picture, (320, 240))
    (face,) = detector.detect(picture)
    for array, shape in ((face.box_xyxy, (4,)), (face.landmarks_xy, (5, 2))):
        assert array.shape == shape
        assert array.dtype == np.float32
        assert np.isfinite(array).all()
        assert not array.flags.writeable
    assert isinstance(face.score, float)


def test_of_two_faces_the_larger_comes_first(detector: YuNetDetector) -> None:
    for small_x, large_x in ((140, 430), (500, 210)):
        picture = plain_hall()
        paint_face(picture, (large_x, 230), 1.1)
        paint_face(picture, (small_x, 200), 0.5)
        faces = detector.detect(picture)
        assert len(faces) == 2
        assert faces[0].area_px > faces[1].area_px
        assert faces[0].box_xyxy[0] < large_x < faces[0].box_xyxy[2]


def test_pictures_of_different_sizes_may_follow_each_other(detector: YuNetDetector) -> None:
    small, large = plain_hall(), plain_hall(720, 1280)
    paint_face(small, (320, 240))
    paint_face(large, (900, 300))
    boxes = [detector.detect(picture)[0].box_xyxy for picture in (small, large, small)]
    assert boxes[1][0] > 700
    assert np.array_equal(boxes[0], boxes[2])


def test_a_face_below_the_least_score_is_not_given() -> None:
    picture = plain_hall()
    paint_face(picture, (320, 240))
    (face,) = YuNetDetector(min_score=0.5).detect(picture)
    assert YuNetDetector(min_score=face.score + 0.01).detect(picture) == []
