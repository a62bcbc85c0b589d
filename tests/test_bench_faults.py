"""What the benchmark spoils is spoiled as it says, and a search behind a mask is judged by the distances that hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from bench.faults import MASK_COLOURS_BGR, SPOILED, with_dark_glasses, with_mask
from bench.masked import Search, same_face
from enrollment.checking import check_photo
from models.faces.detection import YuNetDetector
from models.faces.quality import ISO_MEASURE_OF_FAULT
from models.faces.values import Encoding, Face, ImageBGR
from models.settings import load_settings
from tests.enrollment_cast import MODEL, ScriptedEncoder, somebody
from tests.painted_faces import paint_face, plain_hall

SETTINGS = load_settings(Path(__file__).parent.parent / "config.yaml")
LIMITS = SETTINGS.faces.enrollment_quality
# A painted face is flat and softly coloured: these it does not show.
ON_PHOTOGRAPHS_ONLY = {"clipped", "uneven_light", "turned", "raised", "lowered"}


class Finder:
    """The real detector, and an encoder that says nothing."""

    def __init__(self) -> None:
        self.encoder = ScriptedEncoder()
        self._detector = YuNetDetector(SETTINGS.faces.min_detection_score)

    def detect(self, image_bgr: ImageBGR) -> list[Face]:
        return self._detector.detect(image_bgr)

    def encode_views(self, image_bgr: ImageBGR, face: Face) -> tuple[Encoding, ...]:
        return (Encoding(MODEL, somebody(0).astype(np.float32)),)


@dataclass
class Finds:
    """Finds what it is told."""

    faces: list[Face]

    def detect(self, image_bgr: ImageBGR) -> list[Face]:
        return self.faces


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder()


def portrait() -> ImageBGR:
    picture = plain_hall()
    paint_face(picture, (320, 240))
    return np.clip(picture + np.random.default_rng(1).normal(0, 3, picture.shape), 0, 255).astype(np.uint8)


def codes(image_bgr: ImageBGR, finder: Finder) -> set[str]:
    return {fault.code for fault in check_photo(image_bgr, finder, LIMITS).faults}


def test_the_portrait_that_is_spoiled_is_good(finder: Finder) -> None:
    assert codes(portrait(), finder) == set()


def test_every_fault_that_can_be_rendered_is_one_of_the_standards_measures() -> None:
    assert set(SPOILED) < set(ISO_MEASURE_OF_FAULT)


@pytest.mark.parametrize("code", sorted(set(SPOILED) - ON_PHOTOGRAPHS_ONLY))
def test_a_spoiled_portrait_is_refused_for_what_was_done_to_it(code: str, finder: Finder) -> None:
    face = finder.detect(portrait())[0]
    _, spoil = SPOILED[code]
    assert code in codes(spoil(portrait(), face), finder)


def test_a_masked_portrait_is_covered_and_one_with_dark_glasses_hides_its_eyes(finder: Finder) -> None:
    face, chance = finder.detect(portrait())[0], np.random.default_rng(1)
    assert codes(with_mask(portrait(), face, MASK_COLOURS_BGR["surgical"], chance), finder) == {"covered"}
    assert codes(with_dark_glasses(portrait(), face, chance), finder) == {"eyes_hidden"}


def test_a_mask_leaves_everything_above_the_nose_as_it_was(finder: Finder) -> None:
    face = finder.detect(portrait())[0]
    masked = with_mask(portrait(), face, MASK_COLOURS_BGR["black"], np.random.default_rng(1))
    below_eyes = round(float(face.landmarks_xy[:2, 1].max() + 0.2 * face.eye_distance_px))
    assert np.array_equal(masked[:below_eyes], portrait()[:below_eyes])
    assert not np.array_equal(masked[below_eyes:], portrait()[below_eyes:])


def test_the_same_face_is_not_somebody_elses() -> None:
    here = np.array([[0, 0], [40, 0], [20, 23], [4, 46], [36, 46]], dtype=np.float32) + 100
    box = np.array([80, 70, 160, 170], dtype=np.float32)
    face, moved = Face(box, here, 0.9), Face(box, here + 5, 0.9)
    beside = Face(box, here + 60, 0.9)

    picture = plain_hall()
    assert same_face(Finds([beside, moved]), picture, face) is moved
    assert same_face(Finds([beside]), picture, face) is None
    assert same_face(Finds([]), picture, face) is None


@pytest.mark.parametrize(
    ("search", "is_named"),
    [
        (Search(own=0.50, other=0.70, limit=0.50), True),
        (Search(own=0.51, other=0.70, limit=0.50), False),
        (Search(own=0.45, other=0.50, limit=0.50), False),
        (Search(own=0.55, other=0.40, limit=0.60), False),
        (Search(own=None, other=0.90, limit=0.50), False),
    ],
    ids=["at the limit", "beyond it", "within the margin", "behind somebody else", "no second photograph"],
)
def test_somebody_is_named_within_limit_and_margin(search: Search, is_named: bool) -> None:
    assert search.names_own(margin=0.08) is is_named


def test_a_stranger_is_named_within_the_limit_whatever_the_margin() -> None:
    assert Search(own=0.3, other=0.50, limit=0.50).names_stranger()
    assert not Search(own=0.3, other=0.51, limit=0.50).names_stranger()
