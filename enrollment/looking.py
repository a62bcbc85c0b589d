"""Looking at one photograph by itself: read, checked, encoded. Needs no store."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

from enrollment.checking import FaceEngine, check_photo
from enrollment.photos import PhotoLimits, PhotoRefusal, read_photo
from enrollment.remarks import Remark
from enrollment.values import PhotoFile
from models.faces.quality import QualityLimits
from models.faces.values import Encoding


class EnrollmentLimits(QualityLimits, PhotoLimits, Protocol):
    """What a photograph must be; ``faces.enrollment_quality`` in config.yaml is one."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A photograph with nothing wrong in itself.

    Attributes:
        photo_sha256: digest of the file, lower-case hexadecimal.
        encoding: that it is compared with others by; the first view.
        more_views: the other views that become templates with it.
    """

    file_name: str
    photo_sha256: str
    encoding: Encoding
    more_views: tuple[Encoding, ...] = ()


def sha256_of(photo: PhotoFile) -> str | None:
    """The digest of the file, None where it could not be read."""
    return hashlib.sha256(photo.content).hexdigest() if isinstance(photo.content, bytes) else None


def look_at(photo: PhotoFile, engine: FaceEngine, limits: EnrollmentLimits) -> Candidate | tuple[Remark, ...]:
    """What a photograph can be enrolled with, or all that is wrong with it."""
    if isinstance(photo.content, PhotoRefusal):
        return (photo.content,)
    image_bgr = read_photo(photo.content, limits)
    if isinstance(image_bgr, PhotoRefusal):
        return (image_bgr,)
    checked = check_photo(image_bgr, engine, limits)
    if checked.encoding is None:
        return checked.faults
    return Candidate(photo.file_name, hashlib.sha256(photo.content).hexdigest(), checked.encoding, checked.more_views)
