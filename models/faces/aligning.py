"""A face made to look straight ahead, as far as five landmarks can."""

from __future__ import annotations

import cv2
import numpy as np

from models.faces.quality import ALIGNED_LANDMARKS_XY, ALIGNED_SIZE_PX, align
from models.faces.values import Face, ImageBGR


def straighten(image_bgr: ImageBGR, face: Face) -> ImageBGR:
    """The aligned face with its landmarks pulled to where a frontal face has them, uint8 112 x 112 x 3.

    ``align`` may only turn, scale and shift. This may also squeeze and shear (least squares over the five landmarks,
    six unknowns), which widens a face turned to one side again. As ``align`` where the landmarks are nearly on one
    line.
    """
    corners = np.column_stack([face.landmarks_xy.astype(np.float64), np.ones(5)])
    solution, _, rank, singular = np.linalg.lstsq(corners, ALIGNED_LANDMARKS_XY.astype(np.float64), rcond=None)
    if rank < 3 or singular[-1] < 1e-3:
        return align(image_bgr, face)
    straight = cv2.warpAffine(image_bgr, solution.T, (ALIGNED_SIZE_PX, ALIGNED_SIZE_PX))
    return np.asarray(straight, dtype=np.uint8)
