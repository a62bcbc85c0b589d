"""Finding faces with YuNet (OpenCV)."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from models.faces.values import Face, ImageBGR
from models.faces.weights import YUNET, read_verified

_NMS_THRESHOLD = 0.3
_TOP_K = 200


class YuNetDetector:
    """Finds faces in images of any size.

    Args:
        min_score: faces below are not given.
        weights_path: None for the file of the pinned package.

    Raises:
        CourtclockError: ``weights.missing`` or ``weights.digest``.
    """

    def __init__(self, min_score: float, weights_path: Path | None = None) -> None:
        content = np.frombuffer(read_verified(YUNET, weights_path), dtype=np.uint8)
        self._detector = cv2.FaceDetectorYN.create(
            "onnx", content, np.empty(0, dtype=np.uint8), (320, 320), min_score, _NMS_THRESHOLD, _TOP_K
        )

    def detect(self, image_bgr: ImageBGR) -> list[Face]:
        """The faces in an image (uint8, height x width x 3), largest first."""
        height, width = image_bgr.shape[:2]
        self._detector.setInputSize((width, height))
        _, rows = self._detector.detect(image_bgr)
        if rows is None:
            return []
        faces = []
        for row in rows:
            left, top, box_width, box_height = row[:4]
            if box_width <= 0 or box_height <= 0 or not np.isfinite(row).all():
                continue
            box_xyxy = np.array([left, top, left + box_width, top + box_height], dtype=np.float32)
            faces.append(Face(box_xyxy, row[4:14].reshape(5, 2), float(row[14])))
        return sorted(faces, key=lambda face: face.area_px, reverse=True)
