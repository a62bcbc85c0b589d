"""Two encoders behind one name: SFace (OpenCV), and dlib's ResNet through face_recognition."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from PIL import ImageFile

from models.errors import CourtclockError
from models.faces.aligning import straighten
from models.faces.names import DIMENSIONS_OF_MODEL, DLIB_MODEL, METRIC_OF_MODEL, SFACE_MODEL
from models.faces.quality import align
from models.faces.sface_means import STRAIGHTENED_MEAN, UPRIGHT_MEAN
from models.faces.values import Encoding, Face, Float32, ImageBGR, Metric, ModelId
from models.faces.weights import SFACE, read_verified


class Encoder(Protocol):
    """Turns one face of one image into a vector.

    Attributes:
        model_id: stands in every encoding, so that models are never mixed.
        dimensions: length of the vector.
        metric: how its distances are measured.
        follows_landmarks: whether it gains from steadier landmarks.
    """

    model_id: ModelId
    dimensions: int
    metric: Metric
    follows_landmarks: bool

    def encode(self, image_bgr: ImageBGR, face: Face) -> Encoding:
        """The encoding of a face found in this image, to be matched: a probe."""
        ...

    def encode_views(self, image_bgr: ImageBGR, face: Face) -> tuple[Encoding, ...]:
        """The encodings of a photograph to be enrolled, one a view; the first is comparable with all others."""
        ...


class SFaceEncoder:
    """OpenCV's SFace: aligned to 112 x 112 by five landmarks, 128 values of length 1.

    What SFace says of any face at all is taken off first: its mean over many people (``sface_means``). What remains
    tells people apart better. A photograph to be enrolled is encoded with its mirror image, and twice: upright, and
    with the five landmarks straightened, in which a face turned half away resembles itself seen from the front.
    docs/recognition.md has the figures of these steps and of those that were tried and left out.

    Args:
        weights_path: None for the file of the pinned package.

    Raises:
        CourtclockError: ``weights.missing`` or ``weights.digest``.
    """

    model_id = SFACE_MODEL
    dimensions = DIMENSIONS_OF_MODEL[SFACE_MODEL]
    metric = METRIC_OF_MODEL[SFACE_MODEL]
    follows_landmarks = True

    def __init__(self, weights_path: Path | None = None) -> None:
        content = np.frombuffer(read_verified(SFACE, weights_path), dtype=np.uint8)
        self._recognizer = cv2.FaceRecognizerSF.create("onnx", content, np.empty(0, dtype=np.uint8))

    def encode(self, image_bgr: ImageBGR, face: Face) -> Encoding:
        return self._centred(self._raw(align(image_bgr, face)), UPRIGHT_MEAN)

    def encode_views(self, image_bgr: ImageBGR, face: Face) -> tuple[Encoding, ...]:
        upright, straightened = align(image_bgr, face), straighten(image_bgr, face)
        return (
            self._centred(self._with_mirror_image(upright), UPRIGHT_MEAN),
            self._centred(self._with_mirror_image(straightened), STRAIGHTENED_MEAN),
        )

    def encode_plainly(self, image_bgr: ImageBGR, face: Face) -> Float32:
        """What OpenCV's own recipe gives, float32 (128,), of length 1. For benchmarks: no encoding is like it."""
        left, top, right, bottom = face.box_xyxy
        row = np.concatenate([[left, top, right - left, bottom - top], face.landmarks_xy.ravel(), [face.score]])
        return self._raw(np.asarray(self._recognizer.alignCrop(image_bgr, row.astype(np.float32)), dtype=np.uint8))

    def _raw(self, aligned_bgr: ImageBGR) -> Float32:
        """What SFace says of an aligned face, float32 (128,), of length 1."""
        vector = np.asarray(self._recognizer.feature(aligned_bgr), dtype=np.float32).ravel()
        return _of_length_one(vector)

    def _with_mirror_image(self, aligned_bgr: ImageBGR) -> Float32:
        mirrored_bgr = np.ascontiguousarray(aligned_bgr[:, ::-1])
        return _of_length_one(self._raw(aligned_bgr) + self._raw(mirrored_bgr))

    def _centred(self, vector: Float32, mean: Float32) -> Encoding:
        return Encoding(self.model_id, _of_length_one(vector - mean))


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
    follows_landmarks = False

    def __init__(self) -> None:
        self._api = _import_face_recognition()

    def encode(self, image_bgr: ImageBGR, face: Face) -> Encoding:
        height, width = image_bgr.shape[:2]
        left, top, right, bottom = (round(float(edge)) for edge in face.box_xyxy)
        top_right_bottom_left = (max(0, top), min(width, right), min(height, bottom), max(0, left))
        image_rgb = np.ascontiguousarray(image_bgr[:, :, ::-1])
        vectors = self._api.face_encodings(image_rgb, [top_right_bottom_left], num_jitters=1, model="small")
        return Encoding(self.model_id, np.asarray(vectors[0], dtype=np.float32))

    def encode_views(self, image_bgr: ImageBGR, face: Face) -> tuple[Encoding, ...]:
        return (self.encode(image_bgr, face),)


def _of_length_one(vector: Float32) -> Float32:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), dtype=np.float32)


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
