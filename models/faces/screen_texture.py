"""The grid of a screen in the picture of a face: a sharp peak in its spectrum.

Where the pixels of a screen meet those of a camera, stripes appear (moire). They are one frequency, and stand out of
the spectrum around them as no skin, hair or cloth does. Screens with fine pixels, or a little out of focus, show none:
the absence of a peak says nothing.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from models.faces.values import Face, ImageBGR

_SIDE_PX: Final = 128
_WINDOW: Final = np.outer(np.hanning(_SIDE_PX), np.hanning(_SIDE_PX)).astype(np.float32)
_FREQUENCY: Final = np.hypot(*np.meshgrid(np.fft.rfftfreq(_SIDE_PX), np.fft.fftfreq(_SIDE_PX))) * _SIDE_PX
# Coarser structure than 6 pixels belongs to faces; the corners of the spectrum hold too few values to compare.
_RINGS: Final = tuple(
    np.flatnonzero((low <= _FREQUENCY.ravel()) & (_FREQUENCY.ravel() < low + 2)) for low in range(20, _SIDE_PX // 2, 2)
)


def texture_peak(image_bgr: ImageBGR, face: Face) -> float:
    """The highest value of the spectrum over the median of its ring, in the picture's own pixels around a face.

    About 4 to 6 without a screen. 0 where the picture is smaller than 128 x 128.
    """
    height, width = image_bgr.shape[:2]
    if height < _SIDE_PX or width < _SIDE_PX:
        return 0.0
    middle_x, middle_y = face.landmarks_xy.mean(axis=0)
    left = int(np.clip(middle_x - _SIDE_PX / 2, 0, width - _SIDE_PX))
    top = int(np.clip(middle_y - _SIDE_PX / 2, 0, height - _SIDE_PX))
    patch = cv2.cvtColor(image_bgr[top : top + _SIDE_PX, left : left + _SIDE_PX], cv2.COLOR_BGR2GRAY).astype(np.float32)
    spectrum = np.abs(np.fft.rfft2((patch - patch.mean()) * _WINDOW)).ravel()
    highest = 0.0
    for ring in _RINGS:
        values = spectrum[ring]
        usual = float(np.median(values))
        if usual > 1e-3:
            highest = max(highest, float(values.max()) / usual)
    return highest
