"""Every photograph encoded by every contender, once."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from bench.encounters import Frames, look_at_frames, middle_face
from bench.photographs import Photograph
from enrollment.checking import check_photo
from models.faces.encoders import SFaceEncoder
from models.faces.engine import FaceEngine, open_engine
from models.faces.values import Face, Float32, ImageBGR
from models.settings import Settings, load_settings

ENROLLED_OF_MANY: Final = 3
MANY: Final = 6
"""People with so many photographs or more are enrolled with three and looked at in three others."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """What the contenders say of one photograph; None where they found nothing to encode.

    Attributes:
        plain: SFace as OpenCV uses it, float32 (128,), of length 1.
        probe: ours at the door, float32 (128,).
        views: ours at enrollment, float32 (views, 128); None for photographs that are never enrolled.
        dlib: face_recognition's, float32 (128,).
        refusals: what enrollment would say against it, by code.
        frames: ours, of the photograph shown for a moment to a camera.
    """

    photograph: Photograph
    plain: Float32 | None
    probe: Float32 | None
    views: Float32 | None
    dlib: Float32 | None
    refusals: tuple[str, ...]
    frames: Frames


def encode_all(photographs: Sequence[Photograph], config: Path) -> Iterable[Encoded]:
    """One after the other, in the order given, by as many processes as there are processors."""
    seen: Counter[str] = Counter()
    of_person = Counter(photograph.identity for photograph in photographs)
    tasks = []
    for photograph in photographs:
        number = seen[photograph.identity]
        seen[photograph.identity] += 1
        enrolled = number == 0 or (of_person[photograph.identity] >= MANY and number < ENROLLED_OF_MANY)
        tasks.append((photograph, enrolled, config))
    with get_context("spawn").Pool(os.cpu_count() or 1) as pool:
        yield from pool.imap(_encode, tasks, chunksize=8)


@cache
def _opened(config: Path) -> tuple[Settings, FaceEngine, Any]:
    """The contenders, once a process; each process has one processor."""
    cv2.setNumThreads(1)
    settings = load_settings(config)
    engine = open_engine(settings.faces)
    second = settings.faces.model_copy(update={"engine": "face_recognition"})
    return settings, engine, open_engine(second).encoder


def _encode(task: tuple[Photograph, bool, Path]) -> Encoded:
    photograph, enrolled, config = task
    settings, engine, dlib = _opened(config)
    image_bgr = photograph.read()
    refusals = tuple(fault.code for fault in check_photo(image_bgr, engine, settings.faces.enrollment_quality).faults)
    face = middle_face(engine.detect(image_bgr), image_bgr)
    if face is None:
        return Encoded(photograph, None, None, None, None, refusals, Frames((), ()))
    views = engine.encode_views(image_bgr, face) if enrolled else ()
    return Encoded(
        photograph=photograph,
        plain=_plain_sface(engine, image_bgr, face),
        probe=engine.encode(image_bgr, face).vector,
        views=np.stack([view.vector for view in views]) if views else None,
        dlib=dlib.encode(image_bgr, face).vector,
        refusals=refusals,
        frames=look_at_frames(image_bgr, engine),
    )


def _plain_sface(engine: FaceEngine, image_bgr: ImageBGR, face: Face) -> Float32:
    """OpenCV's own way: its alignment, one image, nothing taken off."""
    encoder = engine.encoder
    if not isinstance(encoder, SFaceEncoder):
        raise TypeError("the benchmark needs faces.engine: sface")
    return encoder.encode_plainly(image_bgr, face)
