"""Landmarks made steadier: the same face is found again, larger, smaller and mirrored, and the findings are averaged.

An encoder sees a face as its five landmarks turn and scale it. They scatter by a pixel or two with the size at which
the detector meets the face; the mean of several looks scatters less.
"""

from __future__ import annotations

from typing import Final, Protocol

import cv2
import numpy as np

from models.faces.values import Face, Float32, ImageBGR

# At the door: two looks at a small square around the face, which together cost less than a fifth of an encoding.
_QUICK_SQUARE_PER_FACE: Final = 2.0
_QUICK_LOOKS: Final = ((160, False), (224, True))
"""Side of the square in pixels, and whether it is mirrored."""

# At enrollment there is time: the face with its surroundings, as it is, and larger.
_LEISURE_SQUARE_PER_FACE: Final = 4.0
_LEISURE_LOOKS: Final = ((2.0, False), (1.0, True), (1.28, False))
"""Scale, and whether it is mirrored."""

_LEAST_OVERLAP: Final = 0.4
# Mirrored, the person's right eye is where the left one was; so are the corners of the mouth.
_MIRRORED_ORDER: Final = [1, 0, 2, 4, 3]


class Detector(Protocol):
    """Finds faces; ``models.faces.detection.YuNetDetector`` is one."""

    def detect(self, image_bgr: ImageBGR) -> list[Face]: ...


def refine(image_bgr: ImageBGR, face: Face, detector: Detector) -> Face:
    """The same face with steadier landmarks, quickly enough for every picture of a camera.

    Args:
        image_bgr: uint8, height x width x 3, in which the face was found.
        face: as the detector found it there.
        detector: the one that found it.

    Returns:
        The same box and score; landmarks averaged over all looks that found this face again.
    """
    left, top, right, bottom = (float(edge) for edge in face.box_xyxy)
    side = max(right - left, bottom - top) * _QUICK_SQUARE_PER_FACE
    corner_xy = np.array([(left + right - side) / 2, (top + bottom - side) / 2], dtype=np.float32)
    found = [face.landmarks_xy]
    for side_px, mirrored in _QUICK_LOOKS:
        scale = side_px / side
        to_square = np.array([[scale, 0, -corner_xy[0] * scale], [0, scale, -corner_xy[1] * scale]], dtype=np.float64)
        square = cv2.warpAffine(image_bgr, to_square, (side_px, side_px), borderMode=cv2.BORDER_REPLICATE)
        again = _look_again(np.asarray(square, dtype=np.uint8), face, detector, corner_xy, scale, mirrored)
        if again is not None:
            found.append(again)
    return Face(face.box_xyxy, np.mean(found, axis=0, dtype=np.float32), face.score)


def refine_at_leisure(image_bgr: ImageBGR, face: Face, detector: Detector) -> Face:
    """As ``refine``, with the surroundings and at more sizes: for a photograph to be enrolled."""
    height, width = image_bgr.shape[:2]
    left, top, right, bottom = (float(edge) for edge in face.box_xyxy)
    reach = max(right - left, bottom - top) * _LEISURE_SQUARE_PER_FACE / 2
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    columns = slice(max(0, int(middle_x - reach)), min(width, int(middle_x + reach) + 1))
    rows = slice(max(0, int(middle_y - reach)), min(height, int(middle_y + reach) + 1))
    around_bgr = image_bgr[rows, columns]
    if around_bgr.size == 0:
        return face
    corner_xy = np.array([columns.start, rows.start], dtype=np.float32)
    found = [face.landmarks_xy]
    for scale, mirrored in _LEISURE_LOOKS:
        way = cv2.INTER_CUBIC if scale >= 2 else cv2.INTER_LINEAR
        scaled = np.asarray(cv2.resize(around_bgr, None, fx=scale, fy=scale, interpolation=way), dtype=np.uint8)
        again = _look_again(scaled, face, detector, corner_xy, scale, mirrored)
        if again is not None:
            found.append(again)
    return Face(face.box_xyxy, np.mean(found, axis=0, dtype=np.float32), face.score)


def _look_again(
    part_bgr: ImageBGR, face: Face, detector: Detector, corner_xy: Float32, scale: float, mirrored: bool
) -> Float32 | None:
    """The landmarks of this face found in a scaled part of the image, in pixels of the image; None where it is not.

    Args:
        corner_xy: where the part begins, in pixels of the image.
    """
    width_px = part_bgr.shape[1]
    seen_bgr = np.ascontiguousarray(part_bgr[:, ::-1]) if mirrored else part_bgr
    wanted_xyxy = ((face.box_xyxy.reshape(2, 2) - corner_xy) * scale).ravel()
    best: Face | None = None
    for one in detector.detect(seen_bgr):
        box_xyxy = one.box_xyxy.copy()
        if mirrored:
            box_xyxy[[0, 2]] = width_px - 1 - box_xyxy[[2, 0]]
        if _overlap(box_xyxy, wanted_xyxy) >= _LEAST_OVERLAP and (best is None or one.score > best.score):
            best = one
    if best is None:
        return None
    landmarks_xy = best.landmarks_xy.copy()
    if mirrored:
        landmarks_xy[:, 0] = width_px - 1 - landmarks_xy[:, 0]
        landmarks_xy = landmarks_xy[_MIRRORED_ORDER]
    return np.asarray(landmarks_xy / scale + corner_xy, dtype=np.float32)


def _overlap(a_xyxy: Float32, b_xyxy: Float32) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    width = min(a_xyxy[2], b_xyxy[2]) - max(a_xyxy[0], b_xyxy[0])
    height = min(a_xyxy[3], b_xyxy[3]) - max(a_xyxy[1], b_xyxy[1])
    if width <= 0 or height <= 0:
        return 0.0
    intersection = float(width * height)
    a_area = float((a_xyxy[2] - a_xyxy[0]) * (a_xyxy[3] - a_xyxy[1]))
    b_area = float((b_xyxy[2] - b_xyxy[0]) * (b_xyxy[3] - b_xyxy[1]))
    return intersection / (a_area + b_area - intersection)
