"""What goes wrong with photographs, rendered: masks, dark glasses, light, blur, crops, and heads that look away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.attacks import HEIGHT_PX, WIDTH_PX, Placing, Stage, head_of
from models.faces.values import Face, ImageBGR

Spoil = Callable[[ImageBGR, Face], ImageBGR]

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


def _scaled_to(eye_distance_px: float) -> Spoil:
    def spoil(image_bgr: ImageBGR, face: Face) -> ImageBGR:
        share = eye_distance_px / face.eye_distance_px
        return _uint8(cv2.resize(image_bgr, None, fx=share, fy=share, interpolation=cv2.INTER_AREA))

    return spoil


def _toned(factor: float, plus: float) -> Spoil:
    def spoil(image_bgr: ImageBGR, face: Face) -> ImageBGR:
        return _uint8(image_bgr * np.float32(factor) + np.float32(plus))

    return spoil


def _blurred(image_bgr: ImageBGR, face: Face) -> ImageBGR:
    return _uint8(cv2.GaussianBlur(image_bgr, (0, 0), 0.1 * face.eye_distance_px))


def _burnt_out(image_bgr: ImageBGR, face: Face) -> ImageBGR:
    """Contrast without measure, around the middle grey of the face."""
    left, top, right, bottom = (max(0, round(float(edge))) for edge in face.box_xyxy)
    middle = float(image_bgr[top:bottom, left:right].mean())
    return _uint8((image_bgr.astype(np.float32) - middle) * 8 + 128)


def _lit_from_one_side(image_bgr: ImageBGR, face: Face) -> ImageBGR:
    """The light falls to a fifth, within half an eye distance around the nose."""
    columns = (np.arange(image_bgr.shape[1]) - float(face.landmarks_xy[2, 0])) / (0.25 * face.eye_distance_px)
    light = 0.2 + 0.8 / (1 + np.exp(-np.clip(columns, -30, 30)))
    return _uint8(image_bgr * light[None, :, None])


def _tilted(image_bgr: ImageBGR, face: Face) -> ImageBGR:
    height, width = image_bgr.shape[:2]
    along = face.landmarks_xy[1] - face.landmarks_xy[0]
    now_degrees = float(np.degrees(np.arctan2(along[1], along[0])))
    middle_x, middle_y = (float(one) for one in face.landmarks_xy.mean(axis=0))
    turn = cv2.getRotationMatrix2D((middle_x, middle_y), now_degrees - 30.0, 1.0)
    return _uint8(cv2.warpAffine(image_bgr, turn, (width, height), borderMode=cv2.BORDER_REPLICATE))


def _cut_off(image_bgr: ImageBGR, face: Face) -> ImageBGR:
    """The picture ends where a fifth of the face is still to come."""
    left, _, right, _ = (float(edge) for edge in face.box_xyxy)
    return np.ascontiguousarray(image_bgr[:, : max(1, round(left + 0.8 * (right - left)))])


def _grey(image_bgr: ImageBGR, face: Face) -> ImageBGR:
    return np.repeat(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2).astype(np.uint8)


def _twice(image_bgr: ImageBGR, face: Face) -> ImageBGR:
    return np.hstack([image_bgr, image_bgr[:, ::-1]])


def _looking_away(yaw_degrees: float, pitch_degrees: float) -> Spoil:
    """The face on a generic head that is turned, in a hall."""

    def spoil(image_bgr: ImageBGR, face: Face) -> ImageBGR:
        placing = Placing(WIDTH_PX / 2, HEIGHT_PX / 2, 70.0, yaw_degrees, pitch_degrees)
        return Stage().picture(head_of(image_bgr, face), placing)

    return spoil


SPOILED: Final[Mapping[str, tuple[str, Spoil]]] = MappingProxyType(
    {
        "several_faces": ("two people", _twice),
        "not_in_colour": ("grey", _grey),
        "too_small": ("24 pixels between the eyes", _scaled_to(24.0)),
        "cut_off": ("a fifth of the face outside", _cut_off),
        "blurred": ("blur of a tenth of the eye distance", _blurred),
        "too_dark": ("a quarter of the light", _toned(0.25, 0.0)),
        "too_bright": ("half the contrast, near white", _toned(0.5, 170.0)),
        "clipped": ("eight times the contrast", _burnt_out),
        "uneven_light": ("a fifth of the light on one side", _lit_from_one_side),
        "tilted": ("30 degrees to a shoulder", _tilted),
        "turned": ("a generic head turned by 40 degrees", _looking_away(40.0, 0.0)),
        "raised": ("a generic head raised by 40 degrees", _looking_away(0.0, -40.0)),
        "lowered": ("a generic head lowered by 40 degrees", _looking_away(0.0, 40.0)),
    }
)
"""By the code of the fault that should be found: what was done to the photograph, and how."""


def _uint8(picture: NDArray[np.generic]) -> ImageBGR:
    return np.asarray(np.clip(picture, 0, 255), dtype=np.uint8)
