"""Looking at a face again makes its landmarks steadier, and never puts them on another face."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from models.faces.refining import refine, refine_at_leisure
from models.faces.values import Face, Float32, ImageBGR
from tests.painted_faces import face_with_landmarks, good_landmarks, plain_hall

Way = Callable[[ImageBGR, Face, "Looking"], Face]
WAYS = pytest.mark.parametrize("way", [refine, refine_at_leisure])
PICTURE = plain_hall(300, 400)
FACE = face_with_landmarks(good_landmarks(60.0) + 60)


@dataclass
class Looking:
    """A detector that finds one face, a little beside where it is, in whatever part of the picture it is shown.

    The picture's grey tells nothing, so it is told by each look how the last one was scaled: it answers in shares of
    what it is shown, as a real one would find the face wherever it is.
    """

    answers: list[Face] = field(default_factory=list)
    shapes: list[tuple[int, int]] = field(default_factory=list)

    def detect(self, image_bgr: ImageBGR) -> list[Face]:
        self.shapes.append(image_bgr.shape[:2])
        return self.answers


def moved(face: Face, by_xy: tuple[float, float]) -> Face:
    shift = np.array(by_xy, dtype=np.float32)
    return Face(face.box_xyxy + np.tile(shift, 2), face.landmarks_xy + shift, face.score)


@WAYS
def test_a_face_that_no_look_finds_again_stays_as_it_was(way: Way) -> None:
    looking = Looking()
    found = way(PICTURE, FACE, looking)
    assert looking.shapes, "it was looked for"
    assert np.array_equal(found.landmarks_xy, FACE.landmarks_xy)
    assert np.array_equal(found.box_xyxy, FACE.box_xyxy)


@WAYS
def test_another_face_in_the_part_that_was_looked_at_is_not_taken_for_it(way: Way) -> None:
    tiny = Face(np.array([0, 0, 4, 4], dtype=np.float32), np.full((5, 2), 2, dtype=np.float32), 0.99)
    assert np.array_equal(way(PICTURE, FACE, Looking([tiny])).landmarks_xy, FACE.landmarks_xy)


class InThePicture:
    """Finds the face where it really is: it knows how each part was cut out of the picture, and errs by a little."""

    def __init__(self, truth: Float32, box_xyxy: Float32, parts: list[tuple[float, bool, Float32]], error_px: float):
        self._truth, self._box, self._parts, self._error_px = truth, box_xyxy, parts, error_px
        self._sign = 1.0

    def detect(self, image_bgr: ImageBGR) -> list[Face]:
        scale, mirrored, corner_xy = self._parts.pop(0)
        self._sign = -self._sign
        landmarks = (self._truth + self._sign * self._error_px - corner_xy) * scale
        box = ((self._box.reshape(2, 2) - corner_xy) * scale).ravel()
        if mirrored:
            width = image_bgr.shape[1]
            landmarks[:, 0] = width - 1 - landmarks[:, 0]
            landmarks = landmarks[[1, 0, 2, 4, 3]]
            box[[0, 2]] = width - 1 - box[[2, 0]]
        return [Face(box.astype(np.float32), landmarks.astype(np.float32), 0.9)]


def test_looks_at_several_sizes_and_mirrored_come_together_where_the_face_is() -> None:
    seen_at_first = moved(FACE, (2.0, -2.0))
    side = 2.0 * float(np.max(FACE.box_xyxy[2:] - FACE.box_xyxy[:2]))
    middle = (seen_at_first.box_xyxy[:2] + seen_at_first.box_xyxy[2:]) / 2
    corner = (middle - side / 2).astype(np.float32)
    parts = [(160 / side, False, corner), (224 / side, True, corner)]
    detector = InThePicture(FACE.landmarks_xy, seen_at_first.box_xyxy, parts, error_px=0.5)

    found = refine(PICTURE, seen_at_first, detector)

    before = np.abs(seen_at_first.landmarks_xy - FACE.landmarks_xy).max()
    after = np.abs(found.landmarks_xy - FACE.landmarks_xy).max()
    # One of three looks was 2 pixels beside, the others half a pixel to either side.
    assert (before, after) == (pytest.approx(2.0, abs=1e-3), pytest.approx(2.0 / 3, abs=0.05))


def test_at_leisure_the_surroundings_are_looked_at_as_they_are_and_larger() -> None:
    looking = Looking()
    refine_at_leisure(PICTURE, FACE, looking)
    heights = sorted(height for height, _ in looking.shapes)
    assert [height / heights[0] for height in heights] == pytest.approx([1.0, 1.28, 2.0], abs=0.01)


def test_at_leisure_a_small_face_in_a_huge_picture_is_looked_for_around_it_only() -> None:
    looking = Looking()
    refine_at_leisure(plain_hall(2000, 3000), FACE, looking)
    face_height = float(FACE.box_xyxy[3] - FACE.box_xyxy[1])
    assert max(max(shape) for shape in looking.shapes) <= 2 * (4 * face_height + 1)
