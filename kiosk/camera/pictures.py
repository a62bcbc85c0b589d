"""Bringing any picture to the form and size that the kiosk works with."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.faces.values import ImageBGR


def read_picture(path: Path) -> ImageBGR | None:
    """A picture file as uint8 (height, width, 3), turned as its camera said; None when it is not readable."""
    try:
        content = np.frombuffer(path.read_bytes(), dtype=np.uint8)
        decoded = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
    except (OSError, cv2.error):
        # cv2.error: more pixels than OpenCV agrees to hold.
        return None
    return None if decoded is None else np.asarray(decoded, dtype=np.uint8)


def as_bgr(picture: NDArray[np.generic]) -> ImageBGR:
    """What a camera gave (grey, BGR or BGRA, uint8) as BGR.

    Raises:
        ValueError: it is something else.
    """
    if picture.dtype == np.uint8 and picture.size:
        if picture.ndim == 2 or (picture.ndim == 3 and picture.shape[2] == 1):
            return np.asarray(cv2.cvtColor(np.asarray(picture, dtype=np.uint8), cv2.COLOR_GRAY2BGR), dtype=np.uint8)
        if picture.ndim == 3 and picture.shape[2] == 4:
            return np.asarray(cv2.cvtColor(np.asarray(picture, dtype=np.uint8), cv2.COLOR_BGRA2BGR), dtype=np.uint8)
        if picture.ndim == 3 and picture.shape[2] == 3:
            return np.asarray(picture, dtype=np.uint8)
    raise ValueError(f"a camera gives uint8 pictures of 1, 3 or 4 channels, got {picture.dtype} {picture.shape}")


def shrink_to_fit(image_bgr: ImageBGR, width_px: int, height_px: int) -> ImageBGR:
    """The picture, made smaller in proportion when it is wider or higher than wanted; never larger."""
    height, width = image_bgr.shape[:2]
    factor = min(width_px / width, height_px / height)
    if factor >= 1.0:
        return image_bgr
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(image_bgr, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def letterbox(image_bgr: ImageBGR, width_px: int, height_px: int) -> ImageBGR:
    """The whole picture in the middle of one of exactly this size, black where it does not reach."""
    height, width = image_bgr.shape[:2]
    factor = min(width_px / width, height_px / height)
    inner_width, inner_height = max(1, round(width * factor)), max(1, round(height * factor))
    interpolation = cv2.INTER_AREA if factor < 1.0 else cv2.INTER_LINEAR
    left, top = (width_px - inner_width) // 2, (height_px - inner_height) // 2
    boxed = np.zeros((height_px, width_px, 3), dtype=np.uint8)
    boxed[top : top + inner_height, left : left + inner_width] = cv2.resize(
        image_bgr, (inner_width, inner_height), interpolation=interpolation
    )
    return boxed
