"""Two encoders behind one name: SFace (OpenCV), and dlib's ResNet through face_recognition."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from PIL import ImageFile

from models.errors import CourtclockError
from models.faces.names import DIMENSIONS_OF_MODEL, DLIB_MODEL, METRIC_OF_MODEL, SFACE_MODEL
from models.faces.values import Encoding, Face, ImageBGR, Metric, ModelId
from models.faces.weights import SFACE, read_verified


class Encoder(Protocol):
    """Turns one face of one image into a vector.

    Attributes:
        model_id: stands in every encoding, so that models are never mixed.
        dimensions: length of the vector.
        metric: how its distances are measured.
    """

    model_id: ModelId
    dimensions: int
    metric: Metric

    def encode(self, image_bgr: ImageBGR, face: Face) -> Encoding:
        """The encoding of a face found in this image."""
        ...


class SFaceEncoder:
    """OpenCV's SFace: aligned to 112 x 112 by five landmarks, 128 values of length 1.

    Args:
        weights_path: None for the file of the pinned package.

    Raises:
        CourtclockError: ``weights.missing`` or ``weights.digest``.
    """

    model_id = SFACE_MODEL
    dimensions = DIMENSIONS_OF_MODEL[SFACE_MODEL]
    metric = METRIC_OF_MODEL[SFACE_MODEL]

    def __init__(self, weights_path: Path | None = None) -> None:
        content = np.frombuffer(read_verified(SFACE, weights_path), dtype=np.uint8)
        self._recognizer = cv2.FaceRecognizerSF.create("onnx", content, np.empty(0, dtype=np.uint8))

    def encode(self, image_bgr: ImageBGR, face: Face) -> Encoding:
        left, top, right, bottom = face.box_xyxy
        row = np.concatenate([[left, top, right - left, bottom - top], face.landmarks_xy.ravel(), [face.score]]).astype(
            np.float32
        )
        aligned = self._recognizer.alignCrop(image_bgr, row)
        vector = np.asarray(self._recognizer.feature(aligned), dtype=np.float32).ravel()
        return Encoding(self.model_id, vector / np.linalg.norm(vector))


class DlibEncoder:
    """dlib's ResNet through the package face_recognition, aligned by its five-point predictor.

    Importing that package also loads its 68-point predictor, whose licence forbids commercial use;
    it is never run here.

    Raises:
        CourtclockError: ``engine.missing`` when the package is not installed.
    """

    model_id = DLIB_MODEL
    dimensions = DIMENSIONS_OF_MODEL[DLIB_MODEL]
    metric = METRIC_OF_MODEL[DLIB_MODEL]

    def __init__(self) -> None:
        self._api = _import_face_recognition()

    def encode(self, image_bgr: ImageBGR, face: Face) -> Encoding:
        height, width = image_bgr.shape[:2]
        left, top, right, bottom = (round(float(edge)) for edge in face.box_xyxy)
        top_right_bottom_left = (max(0, top), min(width, right), min(height, bottom), max(0, left))
        image_rgb = np.ascontiguousarray(image_bgr[:, :, ::-1])
        vectors = self._api.face_encodings(image_rgb, [top_right_bottom_left], num_jitters=1, model="small")
        return Encoding(self.model_id, np.asarray(vectors[0], dtype=np.float32))


def _import_face_recognition() -> Any:
    lenient = ImageFile.LOAD_TRUNCATED_IMAGES
    with warnings.catch_warnings():
        # face_recognition_models asks for its files through pkg_resources, which warns of its own end.
        warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        try:
            import face_recognition
        except (ImportError, SystemExit) as error:
            # The package ends the program when its models are missing; here that is an error like others.
            raise CourtclockError("engine.missing", engine="face_recognition", package="face-recognition") from error
        finally:
            # It makes Pillow take damaged photographs for whole ones, in the whole program.
            ImageFile.LOAD_TRUNCATED_IMAGES = lenient
    return face_recognition
