"""Somebody stands before the camera for a moment: a photograph shown as the frames of a live picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from models.faces.engine import FaceEngine
from models.faces.quality import sharpness
from models.faces.values import Face, Float32, ImageBGR

# Turn in degrees, scale, shift in pixels, brightness, blur in pixels: what a person, a lens and a lamp do in a second.
_FRAMES: Final = (
    (0.0, 1.00, (0, 0), 1.00, 0.0),
    (2.0, 1.03, (3, -2), 0.96, 0.4),
    (-3.0, 0.97, (-4, 2), 1.05, 0.6),
    (1.0, 1.05, (5, 3), 0.90, 0.8),
    (-1.5, 0.95, (-3, -4), 1.10, 0.3),
)
_HEIGHT_PX, _WIDTH_PX = 480, 640
_SIDE_PX: Final = 320
_NOISE_LEVELS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Frames:
    """What the engine made of the frames in which it found the face.

    Attributes:
        probes: float32 (128,) each.
        sharpness: of each.
    """

    probes: tuple[Float32, ...]
    sharpness: tuple[float, ...]


def look_at_frames(image_bgr: ImageBGR, engine: FaceEngine) -> Frames:
    """Show a photograph for five frames, each a little different, and encode what is found in each."""
    chance = np.random.default_rng(int(image_bgr[0, 0].sum()) + image_bgr.shape[0])
    probes, sharp = [], []
    for turn, scale, shift_px, brightness, blur_px in _FRAMES:
        frame_bgr = _frame(image_bgr, turn, scale, shift_px, brightness, blur_px, chance)
        face = middle_face(engine.detect(frame_bgr), frame_bgr)
        if face is None:
            continue
        probes.append(engine.encode(frame_bgr, face).vector)
        sharp.append(sharpness(frame_bgr, face))
    return Frames(tuple(probes), tuple(sharp))


def middle_face(faces: Sequence[Face], image_bgr: ImageBGR) -> Face | None:
    """The person who is meant: these photographs were cut out around one, and others stand beside, some nearer."""
    height, width = image_bgr.shape[:2]
    middle_xy = np.array([width / 2, height / 2])

    def away(face: Face) -> float:
        return float(np.linalg.norm(face.box_xyxy.reshape(2, 2).mean(axis=0) - middle_xy))

    return min(faces, key=away, default=None)


def _frame(
    image_bgr: ImageBGR,
    turn: float,
    scale: float,
    shift_px: tuple[int, int],
    brightness: float,
    blur_px: float,
    chance: np.random.Generator,
) -> ImageBGR:
    height, width = image_bgr.shape[:2]
    zoom = scale * _SIDE_PX / max(height, width)
    transform = cv2.getRotationMatrix2D((width / 2, height / 2), turn, zoom)
    transform[:, 2] += [_WIDTH_PX / 2 - width / 2 + shift_px[0], _HEIGHT_PX / 2 - height / 2 + shift_px[1]]
    placed = cv2.warpAffine(image_bgr, transform, (_WIDTH_PX, _HEIGHT_PX), borderValue=(150, 150, 145))
    frame = np.asarray(cv2.GaussianBlur(placed, (0, 0), blur_px) if blur_px else placed, dtype=np.float32)
    grainy = frame * np.float32(brightness) + chance.normal(0, _NOISE_LEVELS, frame.shape).astype(np.float32)
    return np.asarray(np.clip(grainy, 0, 255), dtype=np.uint8)
