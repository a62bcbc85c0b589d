"""A picture becomes an encoding when it shows one good face, and only then."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest

from enrollment.checking import FINDING_SIDE_PX, CheckedPhoto, check_photo
from enrollment.photos import PhotoRefusal
from models.faces.values import Encoding, Face, ImageBGR
from models.settings import QualitySettings
from tests.enrollment_cast import MODEL, ScriptedEncoder, face_at, faces_settings, noise_bgr, somebody

LIMITS = faces_settings().enrollment_quality


@dataclass
class FacesAt:
    """Finds the faces that it is told, and keeps what it was shown."""

    faces: list[Face]
    encoder: ScriptedEncoder = field(default_factory=ScriptedEncoder)
    shown_bgr: list[ImageBGR] = field(default_factory=list)
    encoded: list[tuple[ImageBGR, Face]] = field(default_factory=list)

    def detect(self, image_bgr: ImageBGR) -> list[Face]:
        self.shown_bgr.append(image_bgr)
        return self.faces

    def encode_views(self, image_bgr: ImageBGR, face: Face) -> tuple[Encoding, ...]:
        self.encoded.append((image_bgr, face))
        return (Encoding(MODEL, somebody(0).astype(np.float32)), Encoding(MODEL, somebody(1).astype(np.float32)))


def codes(checked: CheckedPhoto) -> list[str]:
    return [fault.code for fault in checked.faults]


def test_one_good_face_is_encoded() -> None:
    engine = FacesAt([face_at(10, 5)])
    checked = check_photo(noise_bgr(), engine, LIMITS)
    assert checked.encoding is not None
    assert np.array_equal(checked.encoding.vector, somebody(0).astype(np.float32))
    assert [list(view.vector) for view in checked.more_views] == [list(somebody(1).astype(np.float32))]
    assert checked.measures is not None
    assert checked.measures.eye_distance_px == pytest.approx(40)
    assert checked.faults == ()


def test_a_picture_without_a_face_is_refused() -> None:
    checked = check_photo(noise_bgr(), FacesAt([]), LIMITS)
    assert (checked.encoding, codes(checked)) == (None, ["no_face"])


def test_a_picture_of_two_people_is_refused_and_says_how_many() -> None:
    engine = FacesAt([face_at(5, 5), face_at(120, 5, 34)])
    checked = check_photo(noise_bgr(width=220), engine, LIMITS)
    assert codes(checked) == ["several_faces"]
    assert "2 faces" in checked.faults[0].sentence("en")
    assert engine.encoded == []


def test_somebody_small_in_the_background_does_not_count() -> None:
    # 16 pixels between the eyes against 40: 0.16 of the area, just less than a sixth.
    checked = check_photo(noise_bgr(width=220), FacesAt([face_at(120, 5, 16), face_at(5, 5)]), LIMITS)
    assert checked.encoding is not None
    checked = check_photo(noise_bgr(width=220), FacesAt([face_at(120, 5, 17), face_at(5, 5)]), LIMITS)
    assert codes(checked) == ["several_faces"]


@pytest.mark.parametrize(
    ("image_bgr", "face", "code"),
    [
        (noise_bgr(), face_at(10, 5, 30), "too_small"),
        (cv2.GaussianBlur(noise_bgr(200, 200), (0, 0), 8), face_at(60, 50), "blurred"),
        (noise_bgr() // 4, face_at(10, 5), "too_dark"),
        (np.dstack([noise_bgr()[:, :, 0]] * 3), face_at(10, 5), "not_in_colour"),
    ],
)
def test_a_face_that_is_not_good_enough_is_not_encoded_and_the_fault_is_named(
    image_bgr: ImageBGR, face: Face, code: str
) -> None:
    engine = FacesAt([face])
    checked = check_photo(np.asarray(image_bgr, dtype=np.uint8), engine, LIMITS)
    assert code in codes(checked)
    assert checked.encoding is None
    assert engine.encoded == []


def test_all_faults_are_told_at_once() -> None:
    grey_and_dark = np.dstack([noise_bgr()[:, :, 0] // 4] * 3)
    assert {"too_dark", "not_in_colour"} <= set(codes(check_photo(grey_and_dark, FacesAt([face_at(10, 5)]), LIMITS)))


def test_a_grey_face_on_a_coloured_page_is_still_not_in_colour() -> None:
    image_bgr = noise_bgr(height=200, width=300)
    image_bgr[0:115, 0:100] = image_bgr[0:115, 0:100, :1]
    assert codes(check_photo(image_bgr, FacesAt([face_at(5, 5)]), LIMITS)) == ["not_in_colour"]


def test_a_large_picture_is_searched_small_and_the_eye_distance_is_that_of_the_original() -> None:
    # A telephone's picture, twice as wide as what is searched: the face is found at half its size.
    large_bgr = cv2.resize(noise_bgr(480, 960), (2 * FINDING_SIDE_PX, FINDING_SIDE_PX)).astype(np.uint8)
    engine = FacesAt([face_at(100, 100, 90)])
    checked = check_photo(large_bgr, engine, LIMITS)
    assert max(engine.shown_bgr[0].shape) == FINDING_SIDE_PX
    assert checked.measures is not None
    assert checked.measures.eye_distance_px == pytest.approx(180)


def test_a_large_face_is_encoded_at_a_size_that_the_encoder_samples_without_gaps() -> None:
    large_bgr = cv2.resize(noise_bgr(120, 240), (1920, 960), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    engine = FacesAt([face_at(200, 40, 160)])
    checked = check_photo(large_bgr, engine, LIMITS)
    assert checked.faults == ()
    image_bgr, face = engine.encoded[0]
    assert face.eye_distance_px == pytest.approx(80)
    assert image_bgr.shape == (240, 480, 3)
    # the same place of the same picture
    np.testing.assert_allclose(face.landmarks_xy * 4, face_at(200, 40, 160).landmarks_xy * 2, rtol=1e-5)


def test_a_small_face_is_never_enlarged() -> None:
    engine = FacesAt([face_at(10, 5, 36)])
    image_bgr = noise_bgr()
    check_photo(image_bgr, engine, LIMITS)
    assert engine.encoded[0][0] is image_bgr


def test_a_face_half_outside_the_picture_does_not_break_anything() -> None:
    checked = check_photo(noise_bgr(), FacesAt([face_at(-300, -300)]), LIMITS)
    assert isinstance(checked, CheckedPhoto)


def test_the_limits_are_those_of_the_settings() -> None:
    strict = QualitySettings(**{**LIMITS.model_dump(), "min_eye_distance_px": 41})
    assert codes(check_photo(noise_bgr(), FacesAt([face_at(10, 5)]), strict)) == ["too_small"]


def test_a_checked_photograph_has_an_encoding_or_faults_never_both_or_neither() -> None:
    with pytest.raises(ValueError, match="either"):
        CheckedPhoto(None, None, ())
    with pytest.raises(ValueError, match="either"):
        CheckedPhoto(Encoding(MODEL, somebody(0).astype(np.float32)), None, (PhotoRefusal("no_face"),))
