"""What enrollment notices: masks and dark glasses painted over photographs, and how many open faces it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from bench.encounters import middle_face
from bench.faults import MASK_COLOURS_BGR, with_dark_glasses, with_mask
from bench.photographs import Photograph
from bench.report import Row
from models.faces.covering import eye_brightness_share, lower_face_covered
from models.faces.engine import FaceEngine, open_engine
from models.faces.intervals import clopper_pearson
from models.faces.quality import align
from models.faces.values import Face, ImageBGR
from models.settings import load_settings

_PEOPLE: Final = 200
_LEAST_EYE_DISTANCE_PX: Final = 25.0


def measure_quality(photographs: Sequence[Photograph], config: Path) -> list[Row]:
    """Shares of 200 people's photographs, drawn at random; some of them were also used to weigh the signs."""
    settings = load_settings(config)
    limits = settings.faces.enrollment_quality
    engine = open_engine(settings.faces)
    chance = np.random.default_rng(20261123)
    noticed: dict[str, list[bool]] = {}
    first = list({photograph.identity: photograph for photograph in reversed(photographs)}.values())
    for number in chance.permutation(len(first))[:_PEOPLE]:
        image_bgr = first[number].read()
        face = middle_face(engine.detect(image_bgr), image_bgr)
        if face is None or face.eye_distance_px < _LEAST_EYE_DISTANCE_PX:
            continue
        shown = {"": image_bgr, "dark glasses": with_dark_glasses(image_bgr, face, chance)}
        shown |= {f"{name} mask": with_mask(image_bgr, face, one, chance) for name, one in MASK_COLOURS_BGR.items()}
        for name, picture in shown.items():
            aligned = align(picture, _same_face(engine, picture, face))
            covered = lower_face_covered(aligned) > limits.max_lower_face_covered
            hidden = eye_brightness_share(aligned) < limits.min_eye_brightness_share
            if not name:
                noticed.setdefault("open face taken for covered", []).append(covered)
                noticed.setdefault("open eyes taken for hidden", []).append(hidden)
            else:
                noticed.setdefault(f"{name} noticed", []).append(hidden if name == "dark glasses" else covered)
    return [_row(name, found) for name, found in noticed.items()]


def _same_face(engine: FaceEngine, picture: ImageBGR, face: Face) -> Face:
    """The face as it is found with something over it; where it is not found any more, as it was."""

    def away(one: Face) -> float:
        return float(np.linalg.norm(one.landmarks_xy - face.landmarks_xy))

    return min(engine.detect(picture), key=away, default=face)


def _row(name: str, found: Sequence[bool]) -> Row:
    count = sum(found)
    lower, upper = clopper_pearson(count, len(found))
    note = f"{count} of {len(found)}, 95 %: {100 * lower:.1f}-{100 * upper:.1f} %; painted, not real"
    at_most = 3.0 if name.startswith("open") else None
    return Row(f"enrollment: {name}", 100 * count / len(found), "%", at_most=at_most, note=note)
