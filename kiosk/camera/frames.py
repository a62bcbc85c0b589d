"""One picture with its number and its times."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from models.clock import require_utc
from models.faces.values import ImageBGR


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of the camera; it never changes after birth.

    Attributes:
        image_bgr: uint8 (height, width, 3), a read-only copy of what the camera gave.
        sequence: number of the picture on this reader, from 1, without gaps.
        captured_at: court time at which it came, aware, UTC.
        captured_monotonic: court seconds at which it came; only differences mean anything.
        captured_host_seconds: the machine's seconds at which it came; only differences mean anything.

    Raises:
        ValueError: the array is not of this form, the number is below 1, or a time is naive or not finite.
    """

    image_bgr: ImageBGR
    sequence: int
    captured_at: datetime
    captured_monotonic: float
    captured_host_seconds: float

    def __post_init__(self) -> None:
        image = np.array(self.image_bgr)
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
            raise ValueError(f"image_bgr must be uint8 (height, width, 3), got {image.dtype} {image.shape}")
        image.setflags(write=False)
        object.__setattr__(self, "image_bgr", image)
        if self.sequence < 1:
            raise ValueError(f"sequence starts at 1, got {self.sequence}")
        object.__setattr__(self, "captured_at", require_utc(self.captured_at))
        if not math.isfinite(self.captured_monotonic) or not math.isfinite(self.captured_host_seconds):
            raise ValueError("captured_monotonic and captured_host_seconds must be finite")
