"""The values that every part of recognition speaks: faces, encodings, matches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NewType
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
ImageBGR = NDArray[np.uint8]
ModelId = NewType("ModelId", str)
Metric = Literal["cosine", "euclidean"]


def _frozen(array: Float32, shape: tuple[int, ...], name: str) -> Float32:
    copy = np.array(array, dtype=np.float32)
    if copy.shape != shape:
        raise ValueError(f"{name} must have the shape {shape}, got {copy.shape}")
    if not np.isfinite(copy).all():
        raise ValueError(f"{name} holds a value that is not finite")
    copy.setflags(write=False)
    return copy


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face found in one image.

    Attributes:
        box_xyxy: float32 (4,), left, top, right, bottom in pixels; may reach over the image's edge.
        landmarks_xy: float32 (5, 2), in pixels: the person's right eye, left eye, nose tip, right
            and left corner of the mouth. The person's right is the picture's left.
        score: the detector's, 0 to 1.
    """

    box_xyxy: Float32
    landmarks_xy: Float32
    score: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "box_xyxy", _frozen(self.box_xyxy, (4,), "box_xyxy"))
        object.__setattr__(self, "landmarks_xy", _frozen(self.landmarks_xy, (5, 2), "landmarks_xy"))
        left, top, right, bottom = self.box_xyxy
        if right <= left or bottom <= top:
            raise ValueError(f"box_xyxy is empty: {self.box_xyxy}")

    @property
    def eye_distance_px(self) -> float:
        """Pixels between the two eyes."""
        return float(np.linalg.norm(self.landmarks_xy[0] - self.landmarks_xy[1]))

    @property
    def area_px(self) -> float:
        """Area of the box in square pixels."""
        left, top, right, bottom = self.box_xyxy
        return float((right - left) * (bottom - top))


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """A face as a vector that can be compared, within one model only.

    Attributes:
        model_id: the encoder that made it.
        vector: float32 (D,), read-only.
    """

    model_id: ModelId
    vector: Float32

    def __post_init__(self) -> None:
        object.__setattr__(self, "vector", _frozen(self.vector, (self.vector.size,), "vector"))
        if self.vector.size == 0:
            raise ValueError("vector is empty")

    def to_bytes(self) -> bytes:
        """The vector as float32, little endian."""
        return self.vector.astype("<f4").tobytes()

    @staticmethod
    def from_bytes(model_id: ModelId, content: bytes) -> Encoding:
        """The inverse of ``to_bytes``.

        Raises:
            ValueError: the length is not that of float32 values, or a value is not finite.
        """
        return Encoding(model_id, np.frombuffer(content, dtype="<f4").astype(np.float32))


@dataclass(frozen=True, slots=True)
class Match:
    """What the gallery says about one probe.

    Attributes:
        model_id: the encoder of probe and gallery.
        person_id: the nearest person.
        distance: to the nearest template of that person.
        other_person_id: the nearest *other* person, None in a gallery of one.
        other_distance: to the nearest template of that one.
    """

    model_id: ModelId
    person_id: UUID
    distance: float
    other_person_id: UUID | None
    other_distance: float | None

    @property
    def margin(self) -> float:
        """How much nearer the nearest person is than the nearest other; infinite in a gallery of one."""
        return float("inf") if self.other_distance is None else self.other_distance - self.distance
