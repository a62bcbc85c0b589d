"""Masks and dark glasses painted over photographs, to see whether they are noticed."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.faces.values import Face, ImageBGR

MASK_COLOURS_BGR: Final = {
    "surgical": (205, 180, 140),
    "white": (235, 235, 235),
    "black": (35, 35, 38),
    "dark blue": (90, 50, 30),
    "pink": (190, 170, 230),
    "skin-coloured": (150, 175, 215),
}
# In eye distances beside, and in heights from eyes to mouth below, the middle of the eyes.
_MASK_OUTLINE: Final = (
    (0.0, 0.42),
    (0.45, 0.52),
    (0.95, 0.45),
    (0.95, 0.9),
    (0.72, 1.35),
    (0.35, 1.72),
    (0.0, 1.8),
    (-0.35, 1.72),
    (-0.72, 1.35),
    (-0.95, 0.9),
    (-0.95, 0.45),
    (-0.45, 0.52),
)
_FOLDS_PER_EYE_DISTANCE: Final = 3.6


def with_mask(
    image_bgr: ImageBGR, face: Face, colour_bgr: tuple[int, int, int], chance: np.random.Generator
) -> ImageBGR:
    """The photograph with cloth from the nose to below the chin, in the light that falls on the face."""
    right_eye, left_eye, _, right_mouth, left_mouth = face.landmarks_xy.astype(np.float64)
    across, eyes = left_eye - right_eye, (right_eye + left_eye) / 2
    down = (right_mouth + left_mouth) / 2 - eyes
    outline = np.array([eyes + x * across + y * down for x, y in _MASK_OUTLINE])
    cover = np.zeros(image_bgr.shape[:2], dtype=np.uint8)
    cv2.fillPoly(cover, [np.round(outline).astype(np.int32)], 255, cv2.LINE_AA)
    grey = cv2.cvtColor(image_bgr, cv2.COLOR_BGR2GRAY).astype(np.float32)
    light = np.asarray(cv2.GaussianBlur(grey, (0, 0), face.eye_distance_px / 4), dtype=np.float32)
    light = np.clip(light / max(1.0, float(light[cover > 0].mean() if (cover > 0).any() else 1.0)), 0.5, 1.5)
    rows = np.arange(image_bgr.shape[0], dtype=np.float32)[:, None, None]
    folds = 1 + 0.05 * np.sin(rows * 2 * np.pi * _FOLDS_PER_EYE_DISTANCE / face.eye_distance_px)
    cloth = np.array(colour_bgr, dtype=np.float32) * light[..., None] * chance.uniform(0.8, 1.1) * folds
    cloth = cloth + chance.normal(0, 3, image_bgr.shape)
    return _over(image_bgr, cloth, cover / 255.0)


def with_dark_glasses(image_bgr: ImageBGR, face: Face, chance: np.random.Generator) -> ImageBGR:
    """The photograph with two dark lenses and a bridge."""
    right_eye, left_eye = face.landmarks_xy[:2].astype(np.float64)
    along = left_eye - right_eye
    width = float(np.linalg.norm(along))
    degrees = float(np.degrees(np.arctan2(along[1], along[0])))
    cover = np.zeros(image_bgr.shape[:2], dtype=np.uint8)
    for eye in (right_eye, left_eye):
        middle = (round(float(eye[0])), round(float(eye[1] + 0.03 * width)))
        cv2.ellipse(cover, middle, (round(0.38 * width), round(0.28 * width)), degrees, 0, 360, 255, -1, cv2.LINE_AA)
    ends = [(round(float(eye[0])), round(float(eye[1]))) for eye in (right_eye, left_eye)]
    cv2.line(cover, ends[0], ends[1], 255, max(1, round(0.06 * width)))
    lens = np.full(image_bgr.shape, chance.uniform(15, 45)) + chance.normal(0, 2, image_bgr.shape)
    return _over(image_bgr, lens, cover / 255.0 * chance.uniform(0.8, 0.97))


def _over(image_bgr: ImageBGR, layer: NDArray[np.floating], share: NDArray[np.floating]) -> ImageBGR:
    mixed = image_bgr * (1 - share[..., None]) + layer * share[..., None]
    return np.asarray(np.clip(mixed, 0, 255), dtype=np.uint8)
