"""Faces for tests, painted or made of noise to order: nobody's photograph."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.faces.quality import ALIGNED_LANDMARKS_XY
from models.faces.values import Face, ImageBGR

# Where `paint_face` puts the right eye, the left eye, the nose and the corners of the mouth, from the middle of
# the face in units of its size.
PAINTED_LANDMARKS = np.array([[-30, -8], [30, -8], [0, 20], [-24, 52], [24, 52]], dtype=np.float32)

_ORIGIN_PX = 60.0


def plain_hall(height_px: int = 480, width_px: int = 640) -> ImageBGR:
    """A picture with nobody in it."""
    return np.full((height_px, width_px, 3), (190, 180, 170), dtype=np.uint8)


def paint_face(picture: ImageBGR, middle_xy: tuple[int, int], size: float = 1.0) -> None:
    """Paint a face that a detector takes for one; at size 1 its eyes are 60 pixels apart."""
    x, y = middle_xy

    def oval(dx: float, dy: float, half_width: float, half_height: float, colour: tuple[int, int, int]) -> None:
        middle = (round(x + dx * size), round(y + dy * size))
        axes = (round(half_width * size), round(half_height * size))
        cv2.ellipse(picture, middle, axes, 0, 0, 360, colour, -1, cv2.LINE_AA)

    oval(0, 190, 150, 90, (90, 60, 50))
    oval(0, 100, 36, 60, (140, 165, 205))
    oval(0, -10, 88, 118, (40, 40, 45))
    oval(0, 8, 74, 98, (150, 180, 220))
    for side in (-30, 30):
        oval(side, -26, 18, 4, (50, 50, 60))
        oval(side, -8, 15, 8, (235, 235, 235))
        oval(side, -8, 7, 7, (50, 40, 40))
    oval(0, 20, 11, 7, (105, 135, 180))
    oval(0, 52, 26, 9, (90, 90, 180))
    oval(0, 52, 24, 2, (60, 50, 110))


def face_with_landmarks(landmarks_xy: NDArray[np.floating]) -> Face:
    """A face whose box reaches a little over its landmarks."""
    left, top = landmarks_xy.min(axis=0) - 20
    right, bottom = landmarks_xy.max(axis=0) + 20
    return Face(np.array([left, top, right, bottom], dtype=np.float32), landmarks_xy.astype(np.float32), 0.9)


def good_landmarks(eye_distance_px: float = 70.0) -> NDArray[np.float32]:
    """Landmarks of an upright, frontal face of this size."""
    scale = eye_distance_px / float(ALIGNED_LANDMARKS_XY[1, 0] - ALIGNED_LANDMARKS_XY[0, 0])
    return np.asarray(ALIGNED_LANDMARKS_XY * scale + _ORIGIN_PX, dtype=np.float32)


def grained_skin(middle: float = 130.0, spread: float = 45.0, side_px: int = 400) -> ImageBGR:
    """A picture of coarse grain around one grey: sharp, and as bright as wanted."""
    grain = np.random.default_rng(7).uniform(-spread, spread, (side_px // 4, side_px // 4))
    grey = np.kron(grain, np.ones((4, 4))) + middle
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[:, :, np.newaxis], 3, axis=2)
