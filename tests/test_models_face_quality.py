"""What is wrong with a face picture is said by its name, with what to do; a good one has nothing wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.faces.quality import (
    ISO_MEASURE_OF_FAULT,
    FaceMeasures,
    FaultCode,
    QualityFault,
    find_faults,
    measure,
    sharpness,
)
from models.faces.values import Face, ImageBGR
from models.language import LANGUAGES
from models.settings import QualitySettings, load_settings
from tests.painted_faces import face_with_landmarks, good_landmarks, grained_skin

LIMITS: QualitySettings = load_settings(Path(__file__).parent.parent / "config.yaml").faces.enrollment_quality
GOOD = FaceMeasures(
    eye_distance_px=70.0,
    sharpness=300.0,
    brightness=130.0,
    clipped_share=0.02,
    side_light_ratio=1.1,
    roll_degrees=3.0,
    yaw_share=0.05,
    nod=0.56,
    margin_share=1.0,
    eye_brightness_share=0.8,
    lower_face_covered=0.05,
)


def good_face() -> Face:
    return face_with_landmarks(good_landmarks())


def turned_in_the_picture(landmarks: NDArray[np.float32], degrees: float) -> NDArray[np.float32]:
    middle = landmarks.mean(axis=0)
    turn = np.radians(degrees)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.asarray((landmarks - middle) @ matrix.T + middle, dtype=np.float32)


def lit_from_one_side() -> ImageBGR:
    picture = grained_skin(200.0, 30.0)
    middle = round(float(good_landmarks()[:2, 0].mean()))
    picture[:, :middle] //= 4
    return picture


def burnt_out() -> ImageBGR:
    """Half of it black, half of it white, well mixed: of middling brightness on the whole."""
    grain = np.random.default_rng(1).integers(0, 2, (100, 100), dtype=np.uint8) * 255
    return np.repeat(np.kron(grain, np.ones((4, 4), dtype=np.uint8))[:, :, np.newaxis], 3, axis=2)


def nose_aside(share: float) -> Face:
    landmarks = good_landmarks().copy()
    landmarks[2, 0] += share * 70.0
    return face_with_landmarks(landmarks)


def nose_at_height(nod: float) -> Face:
    landmarks = good_landmarks().copy()
    eyes, mouth = landmarks[:2].mean(axis=0), landmarks[3:].mean(axis=0)
    landmarks[2] = eyes + nod * (mouth - eyes)
    return face_with_landmarks(landmarks)


def painted_over(*middles_xy: tuple[float, float], size_xy: tuple[float, float], grey: int) -> ImageBGR:
    """Grained skin with something plain over places that are given in eye distances from the middle of the eyes."""
    picture = grained_skin()
    right_eye, left_eye = good_landmarks()[:2]
    scale = float(np.linalg.norm(left_eye - right_eye))
    for x, y in middles_xy:
        middle = (right_eye + left_eye) / 2 + scale * np.array([x, y])
        half = scale * np.array(size_xy)
        (left, top), (right, bottom) = (middle - half).astype(int), (middle + half).astype(int)
        picture[max(0, top) : bottom, max(0, left) : right] = grey
    return picture


def beside_the_edge() -> tuple[ImageBGR, Face]:
    """A picture that was cut through the face."""
    face = good_face()
    cut = int(face.box_xyxy[0] + 0.85 * (face.box_xyxy[2] - face.box_xyxy[0]))
    return np.ascontiguousarray(grained_skin()[:, :cut]), face


PICTURES: dict[FaultCode, tuple[ImageBGR, Face]] = {
    "too_small": (grained_skin(), face_with_landmarks(good_landmarks(eye_distance_px=28.0))),
    "blurred": (cv2.GaussianBlur(grained_skin(), (0, 0), 12.0).astype(np.uint8), good_face()),
    "too_dark": (grained_skin(35.0, 20.0), good_face()),
    "too_bright": (grained_skin(225.0, 18.0), good_face()),
    "clipped": (burnt_out(), good_face()),
    "uneven_light": (lit_from_one_side(), good_face()),
    "tilted": (grained_skin(), face_with_landmarks(turned_in_the_picture(good_landmarks(), 28.0))),
    "turned": (grained_skin(), nose_aside(0.4)),
    "cut_off": beside_the_edge(),
    "raised": (grained_skin(), nose_at_height(0.38)),
    "lowered": (grained_skin(), nose_at_height(0.75)),
    "eyes_hidden": (painted_over((-0.5, 0.05), (0.5, 0.05), size_xy=(0.4, 0.28), grey=20), good_face()),
    "covered": (painted_over((0.0, 1.0), size_xy=(1.1, 0.62), grey=230), good_face()),
}


def test_a_good_picture_has_no_fault() -> None:
    assert find_faults(measure(grained_skin(), good_face()), LIMITS) == ()


@pytest.mark.parametrize("code", get_args(FaultCode))
def test_a_picture_with_one_thing_wrong_has_that_fault_and_no_other(code: FaultCode) -> None:
    picture, face = PICTURES[code]
    assert [fault.code for fault in find_faults(measure(picture, face), LIMITS)] == [code]


def test_a_face_turned_or_tilted_either_way_is_the_same_fault() -> None:
    leaning = face_with_landmarks(turned_in_the_picture(good_landmarks(), -28.0))
    assert [fault.code for fault in find_faults(measure(grained_skin(), leaning), LIMITS)] == ["tilted"]
    assert [fault.code for fault in find_faults(measure(grained_skin(), nose_aside(-0.4)), LIMITS)] == ["turned"]


def test_the_figures_are_of_the_face_as_it_stands_in_the_picture() -> None:
    face = face_with_landmarks(turned_in_the_picture(good_landmarks(), 10.0))
    found = measure(np.full((400, 400, 3), 120, dtype=np.uint8), face)
    assert found.eye_distance_px == pytest.approx(70.0, abs=0.1)
    assert found.roll_degrees == pytest.approx(10.0, abs=0.5)
    assert found.brightness == pytest.approx(120.0)
    assert (found.clipped_share, found.sharpness) == (0.0, 0.0)
    assert found.side_light_ratio == pytest.approx(1.0)
    assert abs(found.yaw_share) < 0.02


def test_the_shift_of_the_nose_is_told_with_its_side_and_by_the_eyes_distance() -> None:
    straight = measure(grained_skin(), good_face()).yaw_share
    assert measure(grained_skin(), nose_aside(0.2)).yaw_share == pytest.approx(straight + 0.2, abs=0.01)
    assert measure(grained_skin(), nose_aside(-0.2)).yaw_share == pytest.approx(straight - 0.2, abs=0.01)


def test_light_is_compared_between_the_two_halves_whichever_is_brighter() -> None:
    picture, face = PICTURES["uneven_light"]
    found = measure(picture, face).side_light_ratio
    assert found == pytest.approx(4.0, rel=0.1)
    mirrored = np.ascontiguousarray(picture[:, ::-1])
    landmarks = good_landmarks().copy()
    landmarks[:, 0] = picture.shape[1] - 1 - landmarks[:, 0]
    same = measure(mirrored, face_with_landmarks(landmarks[[1, 0, 2, 4, 3]])).side_light_ratio
    assert same == pytest.approx(found, rel=0.1)


def test_sharpness_alone_is_the_same_figure() -> None:
    picture, face = grained_skin(), good_face()
    assert sharpness(picture, face) == measure(picture, face).sharpness
    assert sharpness(cv2.GaussianBlur(picture, (0, 0), 4.0).astype(np.uint8), face) < sharpness(picture, face) / 5


AT_THE_LIMIT: list[tuple[FaultCode, FaceMeasures, FaceMeasures]] = [
    ("too_small", replace(GOOD, eye_distance_px=32.0), replace(GOOD, eye_distance_px=31.9)),
    ("blurred", replace(GOOD, sharpness=20.0), replace(GOOD, sharpness=19.9)),
    ("too_dark", replace(GOOD, brightness=50.0), replace(GOOD, brightness=49.9)),
    ("too_bright", replace(GOOD, brightness=215.0), replace(GOOD, brightness=215.1)),
    ("clipped", replace(GOOD, clipped_share=0.35), replace(GOOD, clipped_share=0.36)),
    ("uneven_light", replace(GOOD, side_light_ratio=2.5), replace(GOOD, side_light_ratio=2.6)),
    ("tilted", replace(GOOD, roll_degrees=-10.0), replace(GOOD, roll_degrees=-10.1)),
    ("turned", replace(GOOD, yaw_share=0.30), replace(GOOD, yaw_share=0.31)),
    ("cut_off", replace(GOOD, margin_share=0.10), replace(GOOD, margin_share=0.09)),
    ("raised", replace(GOOD, nod=0.42), replace(GOOD, nod=0.41)),
    ("lowered", replace(GOOD, nod=0.70), replace(GOOD, nod=0.71)),
    ("eyes_hidden", replace(GOOD, eye_brightness_share=0.33), replace(GOOD, eye_brightness_share=0.32)),
    ("covered", replace(GOOD, lower_face_covered=0.60), replace(GOOD, lower_face_covered=0.61)),
]


@pytest.mark.parametrize(("code", "good", "bad"), AT_THE_LIMIT, ids=[row[0] for row in AT_THE_LIMIT])
def test_at_the_limit_it_is_still_good_and_beyond_it_is_not(
    code: FaultCode, good: FaceMeasures, bad: FaceMeasures
) -> None:
    assert find_faults(good, LIMITS) == ()
    assert [fault.code for fault in find_faults(bad, LIMITS)] == [code]


def test_every_fault_falls_under_a_measure_of_the_standard() -> None:
    assert set(get_args(FaultCode)) < set(ISO_MEASURE_OF_FAULT)
    assert {"no_face", "several_faces", "not_in_colour"} < set(ISO_MEASURE_OF_FAULT)


def test_the_height_of_the_nose_stays_when_the_head_is_tilted_to_a_shoulder() -> None:
    upright = measure(grained_skin(), nose_at_height(0.5)).nod
    tilted = face_with_landmarks(turned_in_the_picture(nose_at_height(0.5).landmarks_xy, 25.0))
    assert upright == pytest.approx(0.5, abs=0.02)
    assert measure(grained_skin(), tilted).nod == pytest.approx(upright, abs=0.02)


def test_several_faults_are_all_told() -> None:
    found = find_faults(replace(GOOD, eye_distance_px=10.0, brightness=10.0, sharpness=1.0), LIMITS)
    assert [fault.code for fault in found] == ["too_small", "too_dark", "blurred"]


@pytest.mark.parametrize("code", get_args(FaultCode))
def test_a_fault_says_what_to_do_in_both_languages(code: FaultCode) -> None:
    fault = QualityFault(code, 7.0, 3.0)
    chinese, english = (fault.sentence(language) for language in LANGUAGES)
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert english.count(".") >= 2  # what is wrong, and what to do
    for sentence in (chinese, english):
        assert "7" in sentence
        assert "3" in sentence
        assert "{" not in sentence
