"""Who is recognised behind a mask, and who is taken for somebody else: one photograph enrolled, one frame searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bench.faults import MASK_COLOURS_BGR, with_mask
from bench.report import Row
from models.faces.covering import lower_face_covered
from models.faces.engine import FaceEngine
from models.faces.intervals import clopper_pearson
from models.faces.quality import align
from models.faces.refining import Detector
from models.faces.values import Face, Float32, ImageBGR
from models.settings import DecidingSettings, OperatingPointSettings

_SURGICAL: Final = "surgical"
_PROMISED_FPIR_PERCENT: Final = 0.1


@dataclass(frozen=True, slots=True)
class LookedAt:
    """One person.

    Attributes:
        first: photograph and face that are enrolled.
        second: another photograph and face of the same person; None where there is none.
    """

    first: tuple[ImageBGR, Face]
    second: tuple[ImageBGR, Face] | None


@dataclass(frozen=True, slots=True)
class Search:
    """One search of the whole gallery: the distances that decide it.

    Attributes:
        own: distance to the own enrolled photograph; None for somebody of whom there is no second one.
        other: distance to the nearest other person.
        limit: that the distance had to keep.
    """

    own: float | None
    other: float
    limit: float

    def names_own(self, margin: float) -> bool:
        """Whether the person is named."""
        return self.own is not None and self.own <= self.limit and self.other - self.own >= margin

    def names_stranger(self) -> bool:
        """Whether somebody would be named, were the own person not enrolled; the margin is not counted on."""
        return self.other <= self.limit


def same_face(detector: Detector, picture: ImageBGR, face: Face) -> Face | None:
    """The face as it is found with something over it; None where it is not found any more."""

    def away(one: Face) -> float:
        return float(np.linalg.norm((one.landmarks_xy - face.landmarks_xy).mean(axis=0)))

    nearest = min(detector.detect(picture), key=away, default=None)
    return nearest if nearest is not None and away(nearest) < face.eye_distance_px else None


def measure_masked(
    people: Sequence[LookedAt],
    engine: FaceEngine,
    point: OperatingPointSettings,
    deciding: DecidingSettings,
    chance: np.random.Generator,
) -> list[Row]:
    """FNIR and FPIR at the shipped distances, masks in surgical blue and in turn in all other colours.

    A search goes by ``covered_accept_distance`` when the lower face is taken for covered, as at the door. A face that
    is not found behind its mask is missed, and names nobody.
    """
    views = np.stack([[view.vector for view in engine.encode_views(*one.first)] for one in people])
    others = [name for name in MASK_COLOURS_BGR if name != _SURGICAL]
    masked: list[Search | None] = []
    open_faced: list[Search | None] = []
    for number, one in enumerate(people):
        image_bgr, face = one.second or one.first
        if one.second is not None:
            open_faced.append(_search(image_bgr, face, number, True, views, engine, point, deciding))
        for name in (_SURGICAL, others[number % len(others)]):
            picture = with_mask(image_bgr, face, MASK_COLOURS_BGR[name], chance)
            behind = same_face(engine, picture, face)
            if behind is None:
                masked.append(None)
            else:
                masked.append(_search(picture, behind, number, one.second is not None, views, engine, point, deciding))
    mated = [one for one in masked if one is None or one.own is not None]
    missed = [one is None or not one.names_own(point.margin) for one in mated]
    missed_open = [one is None or not one.names_own(point.margin) for one in open_faced]
    named = [one is not None and one.names_stranger() for one in masked]
    peer = 100 * sum(missed_open) / len(missed_open) if missed_open else None
    return [
        _row("FNIR behind a mask, one frame", missed, "peer: the same photographs without", peer),
        _row("FPIR behind a mask, one frame", named, f"{len(people)} people enrolled", at_most=_PROMISED_FPIR_PERCENT),
        _nearest_row([one.other for one in masked if one is not None], point),
    ]


def _search(
    image_bgr: ImageBGR,
    face: Face,
    number: int,
    mated: bool,
    views: Float32,
    engine: FaceEngine,
    point: OperatingPointSettings,
    deciding: DecidingSettings,
) -> Search:
    probe = engine.encode(image_bgr, face).vector
    distances = (1 - views @ probe).min(axis=1)
    covered = lower_face_covered(align(image_bgr, face)) > deciding.max_lower_face_covered
    limit = min(point.accept_distance, point.covered_accept_distance) if covered else point.accept_distance
    own = float(distances[number]) if mated else None
    return Search(own, float(np.delete(distances, number).min(initial=np.inf)), limit)


def _nearest_row(nearest: Sequence[float], point: OperatingPointSettings) -> Row:
    name = "recognition: nearest stranger behind a mask"
    note = f"covered_accept_distance is {point.covered_accept_distance:g}"
    if not nearest:
        return Row(name, None, "distance", note="no face was found behind a mask")
    return Row(name, min(nearest), "distance", note=f"of {len(nearest)} searches; {note}")


def _row(name: str, found: Sequence[bool], note: str, peer: float | None = None, at_most: float | None = None) -> Row:
    if not found:
        return Row(f"recognition: {name}", None, "%", at_most=at_most, note="nobody with two photographs")
    count = sum(found)
    lower, upper = clopper_pearson(count, len(found))
    told = f"{count} of {len(found)}, 95 %: {100 * lower:.1f}-{100 * upper:.1f} %; {note}"
    return Row(f"recognition: {name}", 100 * count / len(found), "%", peer, at_most=at_most, note=told)
