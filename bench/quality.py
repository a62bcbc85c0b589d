"""What enrollment notices: photographs spoiled, masked and behind dark glasses; and how many good ones it refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from bench.encounters import middle_face
from bench.faults import MASK_COLOURS_BGR, SPOILED, with_dark_glasses, with_mask
from bench.masked import LookedAt, measure_masked, same_face
from bench.photographs import Photograph
from bench.report import Row
from enrollment.checking import check_photo
from models.faces.covering import eye_brightness_share, lower_face_covered
from models.faces.encoders import Encoder
from models.faces.engine import FaceEngine, open_engine
from models.faces.intervals import clopper_pearson
from models.faces.quality import ISO_MEASURE_OF_FAULT, align
from models.faces.values import Encoding, Face, Float32, ImageBGR
from models.settings import QualitySettings, load_settings

_PEOPLE: Final = 160
_SPOILED_PEOPLE: Final = 40
_MASKED_PEOPLE: Final = 120
_LEAST_EYE_DISTANCE_PX: Final = 25.0
_PROMISED_FALSE_REFUSALS: Final = 3.0
"""Of the two signs that look for something over the face, in percent; all others are refused with reason."""


def measure_quality(photographs: Sequence[Photograph], config: Path) -> list[Row]:
    """All rows, of at most 300 photographs, drawn at random, always the same; some also weighed the signs.

    Args:
        photographs: of people; the first of each person is enrolled.
        config: settings that are measured.
    """
    settings = load_settings(config)
    limits = settings.faces.enrollment_quality
    engine = open_engine(settings.faces)
    chance = np.random.default_rng(20261123)
    of_person: dict[str, list[Photograph]] = {}
    for photograph in photographs:
        of_person.setdefault(photograph.identity, []).append(photograph)
    names = sorted(of_person)
    drawn = [of_person[names[number]] for number in chance.permutation(len(names))[:_PEOPLE]]
    looked_at = [_look(own, engine) for own in drawn]
    found = [one for one in looked_at if one is not None]
    return [
        *_refused_rows([own[0] for own in drawn], engine, limits),
        *_spoiled_rows(found, engine, limits),
        *_covered_rows(found, engine, limits, chance),
        *measure_masked(
            found[:_MASKED_PEOPLE], engine, settings.faces.operating_point(), settings.kiosk.deciding, chance
        ),
    ]


@dataclass(frozen=True, slots=True)
class _NothingEncoded:
    """The engine without its encoder, which tells nothing of quality and takes most of the time."""

    engine: FaceEngine

    @property
    def encoder(self) -> Encoder:
        return self.engine.encoder

    def detect(self, image_bgr: ImageBGR) -> list[Face]:
        return self.engine.detect(image_bgr)

    def encode_views(self, image_bgr: ImageBGR, face: Face) -> tuple[Encoding, ...]:
        vector: Float32 = np.eye(1, self.encoder.dimensions, dtype=np.float32)[0]
        return (Encoding(self.encoder.model_id, vector),)


def _look(own: Sequence[Photograph], engine: FaceEngine) -> LookedAt | None:
    """The first photograph, and the second where there is one; None where no face is large enough in either."""
    seen = []
    for photograph in own[:2]:
        image_bgr = photograph.read()
        face = middle_face(engine.detect(image_bgr), image_bgr)
        if face is None or face.eye_distance_px < _LEAST_EYE_DISTANCE_PX:
            break
        seen.append((image_bgr, face))
    return LookedAt(seen[0], seen[1] if len(seen) > 1 else None) if seen else None


def _codes(image_bgr: ImageBGR, engine: FaceEngine, limits: QualitySettings) -> set[str]:
    return {fault.code for fault in check_photo(image_bgr, _NothingEncoded(engine), limits).faults}


def _refused_rows(photographs: Sequence[Photograph], engine: FaceEngine, limits: QualitySettings) -> list[Row]:
    """Photographs as they are; not all of them are fit to enrol, so that a refusal need not be a wrong one."""
    codes = [_codes(photograph.read(), engine, limits) for photograph in photographs]
    rows = [_row("refused, whatever for", [bool(one) for one in codes], "as the press took them")]
    for code, measure in ISO_MEASURE_OF_FAULT.items():
        rows.append(_row(f"refused by {measure} ({code})", [code in one for one in codes], "as the press took them"))
    return rows


def _spoiled_rows(found: Sequence[LookedAt], engine: FaceEngine, limits: QualitySettings) -> list[Row]:
    noticed: dict[str, list[bool]] = {code: [] for code in SPOILED}
    refused: dict[str, list[bool]] = {code: [] for code in SPOILED}
    good = (one.first for one in found if not _codes(one.first[0], engine, limits))
    for image_bgr, face in list(good)[:_SPOILED_PEOPLE]:
        for code, (_, spoil) in SPOILED.items():
            codes = _codes(spoil(image_bgr, face), engine, limits)
            noticed[code].append(code in codes)
            refused[code].append(bool(codes))
    return [
        _row(
            f"{ISO_MEASURE_OF_FAULT[code]} ({code}) noticed, {what}",
            noticed[code],
            f"for this or something else refused: {sum(refused[code])}; rendered",
        )
        for code, (what, _) in SPOILED.items()
    ]


def _covered_rows(
    found: Sequence[LookedAt], engine: FaceEngine, limits: QualitySettings, chance: np.random.Generator
) -> list[Row]:
    noticed: dict[str, list[bool]] = {}
    for one in found:
        image_bgr, face = one.first
        shown: Mapping[str, ImageBGR] = {
            "": image_bgr,
            "dark glasses": with_dark_glasses(image_bgr, face, chance),
            **{f"{name} mask": with_mask(image_bgr, face, it, chance) for name, it in MASK_COLOURS_BGR.items()},
        }
        for name, picture in shown.items():
            aligned = align(picture, same_face(engine, picture, face) or face)
            covered = lower_face_covered(aligned) > limits.max_lower_face_covered
            hidden = eye_brightness_share(aligned) < limits.min_eye_brightness_share
            if not name:
                noticed.setdefault("open face taken for covered", []).append(covered)
                noticed.setdefault("open eyes taken for hidden", []).append(hidden)
            else:
                noticed.setdefault(f"{name} noticed", []).append(hidden if name == "dark glasses" else covered)
    return [
        _row(name, those, "painted, not real", _PROMISED_FALSE_REFUSALS if name.startswith("open") else None)
        for name, those in noticed.items()
    ]


def _row(name: str, found: Sequence[bool], note: str, at_most: float | None = None) -> Row:
    if not found:
        return Row(f"enrollment: {name}", None, "%", at_most=at_most, note="no photograph was fit for it")
    count = sum(found)
    lower, upper = clopper_pearson(count, len(found))
    told = f"{count} of {len(found)}, 95 %: {100 * lower:.1f}-{100 * upper:.1f} %; {note}"
    return Row(f"enrollment: {name}", 100 * count / len(found), "%", at_most=at_most, note=told)
