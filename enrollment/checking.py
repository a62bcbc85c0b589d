"""One picture: is there exactly one face, and is it good enough to be recognised by?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Protocol

import cv2
import numpy as np

from enrollment.photos import PhotoRefusal
from enrollment.remarks import Remark
from models.faces.encoders import Encoder
from models.faces.quality import FaceMeasures, QualityLimits, find_faults, measure
from models.faces.values import Encoding, Face, ImageBGR

# YuNet finds faces of some 10 to 300 pixels. On a telephone's 12 megapixels a portrait's face is
# larger than that and stays unfound, while time and memory grow with the area.
FINDING_SIDE_PX: Final = 960
# Encoders align to 112 x 112, eyes 35 pixels apart, without smoothing: a far larger face would be
# sampled with gaps and look sharper than it is.
ENCODING_EYE_DISTANCE_PX: Final = 80.0
# A face of less than this share of the largest one's area is somebody passing in the background.
BACKGROUND_AREA_SHARE: Final = 1 / 6
# Compression leaves a trace of colour in grey pictures; skin is far above this in every light.
GREY_CHANNEL_SPREAD: Final = 8


class FaceEngine(Protocol):
    """What finds and encodes faces; ``models.faces.engine.FaceEngine`` is one."""

    @property
    def encoder(self) -> Encoder: ...

    def detect(self, image_bgr: ImageBGR) -> list[Face]:
        """The faces in an image."""
        ...

    def encode_views(self, image_bgr: ImageBGR, face: Face) -> tuple[Encoding, ...]:
        """The encodings of one of them, the one to compare with others first."""
        ...


@dataclass(frozen=True, slots=True)
class CheckedPhoto:
    """What a picture is good for.

    Attributes:
        encoding: of the one face; None exactly when something is wrong.
        measures: figures of that face; None when there is not exactly one.
        faults: what is wrong, most telling first.
        more_views: encodings of the same face that are kept beside the first.
    """

    encoding: Encoding | None
    measures: FaceMeasures | None
    faults: tuple[Remark, ...]
    more_views: tuple[Encoding, ...] = ()

    def __post_init__(self) -> None:
        if (self.encoding is None) != bool(self.faults):
            raise ValueError("a checked photograph has either an encoding or faults")


def check_photo(image_bgr: ImageBGR, engine: FaceEngine, limits: QualityLimits) -> CheckedPhoto:
    """Find the face, judge it, and encode it if nothing is wrong with it.

    Args:
        image_bgr: uint8, height x width x 3, as large as it came from the camera.
        engine: finds and encodes.
        limits: of the face's quality; its ``min_eye_distance_px`` is meant in this picture.
    """
    faces = _foreground(_find(image_bgr, engine))
    if not faces:
        return CheckedPhoto(None, None, (PhotoRefusal("no_face"),))
    if len(faces) > 1:
        return CheckedPhoto(None, None, (PhotoRefusal("several_faces", found=len(faces)),))
    face = faces[0]
    reduced_bgr, reduced_face = _reduce(image_bgr, face, ENCODING_EYE_DISTANCE_PX / max(face.eye_distance_px, 1e-6))
    measures = replace(measure(reduced_bgr, reduced_face), eye_distance_px=face.eye_distance_px)
    faults: tuple[Remark, ...] = find_faults(measures, limits)
    if not _is_in_colour(reduced_bgr, reduced_face):
        faults = (*faults, PhotoRefusal("not_in_colour"))
    if faults:
        return CheckedPhoto(None, measures, faults)
    first, *others = engine.encode_views(reduced_bgr, reduced_face)
    return CheckedPhoto(first, measures, (), tuple(others))


def _find(image_bgr: ImageBGR, engine: FaceEngine) -> list[Face]:
    """The faces, in pixels of this image."""
    share = FINDING_SIDE_PX / max(image_bgr.shape[:2])
    if share >= 1:
        return engine.detect(image_bgr)
    return [_scaled(face, 1 / share) for face in engine.detect(_resized(image_bgr, share))]


def _foreground(faces: list[Face]) -> list[Face]:
    largest_px = max((face.area_px for face in faces), default=0.0)
    return [face for face in faces if face.area_px >= largest_px * BACKGROUND_AREA_SHARE]


def _reduce(image_bgr: ImageBGR, face: Face, share: float) -> tuple[ImageBGR, Face]:
    """Image and face smaller by a share; as they are when it is 1 or more, for nothing is gained by enlarging."""
    if share >= 1:
        return image_bgr, face
    return _resized(image_bgr, share), _scaled(face, share)


def _resized(image_bgr: ImageBGR, share: float) -> ImageBGR:
    height, width = image_bgr.shape[:2]
    size_wh = (max(1, round(width * share)), max(1, round(height * share)))
    return np.asarray(cv2.resize(image_bgr, size_wh, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _scaled(face: Face, factor: float) -> Face:
    return Face(face.box_xyxy * np.float32(factor), face.landmarks_xy * np.float32(factor), face.score)


def _is_in_colour(image_bgr: ImageBGR, face: Face) -> bool:
    """Whether the face itself is: a grey face on a coloured page is a copy of a grey photograph."""
    height, width = image_bgr.shape[:2]
    left, top, right, bottom = (int(edge) for edge in face.box_xyxy)
    inside = image_bgr[max(0, top) : min(height, bottom) + 1, max(0, left) : min(width, right) + 1]
    if inside.size == 0:
        return True
    spread = inside.max(axis=2).astype(np.int16) - inside.min(axis=2)
    return float(np.percentile(spread, 99)) > GREY_CHANNEL_SPREAD
