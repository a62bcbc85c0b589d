"""A network of the site's own is used when it is the very file that was named, and its errors let nobody pass."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from models.errors import CourtclockError
from models.faces.antispoof import Antispoof
from models.faces.values import Face, ImageBGR
from tests.tiny_onnx import colour_weighing_network


@dataclass(frozen=True)
class Model:
    """What config.yaml would say."""

    file: Path
    sha256: str
    input_size_px: int = 16
    crop_scale: float = 1.0
    channels: Literal["bgr", "rgb"] = "bgr"
    largest_value: float = 1.0
    live_class: int = 1
    min_live_score: float = 0.6


BLUE_MINUS_RED = [[0.0, 0.0, 0.0], [1.0, 0.0, -1.0]]
FACE = Face(
    np.array([40, 40, 80, 80], dtype=np.float32),
    np.array([[50, 50], [70, 50], [60, 60], [52, 70], [68, 70]], dtype=np.float32),
    0.9,
)


def plain(blue: int, red: int) -> ImageBGR:
    return np.full((120, 120, 3), (blue, 0, red), dtype=np.uint8)


def written(folder: Path, weights: list[list[float]] = BLUE_MINUS_RED, biases: tuple[float, ...] = (0.0, 0.0)) -> Model:
    """A network in a file, and what must be known of it."""
    path = folder / "network.onnx"
    path.write_bytes(colour_weighing_network(weights, biases, 16))
    return Model(path, hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.mark.parametrize(("blue", "red"), [(255, 0), (0, 255), (128, 128), (200, 100)])
def test_the_score_is_the_softmax_of_the_live_class(tmp_path: Path, blue: int, red: int) -> None:
    score = Antispoof(written(tmp_path)).live_score(plain(blue, red), FACE)
    logit = (blue - red) / 255
    assert score == pytest.approx(1 / (1 + math.exp(-logit)), abs=1e-4)


def test_the_other_class_has_the_rest(tmp_path: Path) -> None:
    model = written(tmp_path)
    live = Antispoof(model).live_score(plain(200, 10), FACE)
    other = Antispoof(replace(model, live_class=0)).live_score(plain(200, 10), FACE)
    assert live + other == pytest.approx(1.0)
    assert live > other


def test_colours_are_given_in_the_order_that_was_named(tmp_path: Path) -> None:
    model = written(tmp_path)
    swapped = Antispoof(replace(model, channels="rgb")).live_score(plain(10, 200), FACE)
    assert swapped == pytest.approx(Antispoof(model).live_score(plain(200, 10), FACE))


def test_white_has_the_value_that_was_named(tmp_path: Path) -> None:
    model = written(tmp_path, [[0.0, 0.0, 0.0], [0.01, 0.0, 0.0]])
    score = Antispoof(replace(model, largest_value=255.0)).live_score(plain(255, 0), FACE)
    assert score == pytest.approx(1 / (1 + math.exp(-2.55)), abs=1e-4)


def test_the_crop_reaches_as_far_as_was_named(tmp_path: Path) -> None:
    model = written(tmp_path, [[0.0, 0.0, 0.0], [10.0, 0.0, 0.0]])
    picture = plain(0, 0)
    picture[40:80, 40:80, 0] = 255
    only_face = Antispoof(model).live_score(picture, FACE)
    surroundings = Antispoof(replace(model, crop_scale=2.0)).live_score(picture, FACE)
    assert only_face == pytest.approx(1 / (1 + math.exp(-10)), abs=1e-4)
    assert surroundings == pytest.approx(1 / (1 + math.exp(-2.5)), abs=0.01)


def test_a_face_at_the_edge_of_the_picture_is_scored(tmp_path: Path) -> None:
    at_edge = Face(np.array([-20, -30, 30, 40], dtype=np.float32), FACE.landmarks_xy, 0.9)
    score = Antispoof(replace(written(tmp_path), crop_scale=2.7)).live_score(plain(255, 0), at_edge)
    assert score == pytest.approx(1 / (1 + math.exp(-1)), abs=1e-4)


def test_live_is_what_reaches_the_threshold(tmp_path: Path) -> None:
    antispoof = Antispoof(written(tmp_path))
    assert antispoof.is_live(plain(255, 0), FACE)
    assert not antispoof.is_live(plain(100, 100), FACE)
    assert not antispoof.is_live(plain(0, 255), FACE)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CourtclockError) as caught:
        Antispoof(Model(tmp_path / "nothing.onnx", "0" * 64))
    assert caught.value.kind.code == "weights.missing"


def test_a_file_with_another_digest_is_refused(tmp_path: Path) -> None:
    model = written(tmp_path)
    with model.file.open("ab") as file:
        file.write(b"\0")
    with pytest.raises(CourtclockError) as caught:
        Antispoof(model)
    assert caught.value.kind.code == "weights.digest"


def test_the_digest_may_be_written_in_capitals(tmp_path: Path) -> None:
    model = written(tmp_path)
    assert Antispoof(replace(model, sha256=model.sha256.upper())).is_live(plain(255, 0), FACE)


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    path.write_bytes(b"not a network")
    with pytest.raises(CourtclockError) as caught:
        Antispoof(Model(path, hashlib.sha256(b"not a network").hexdigest()))
    assert caught.value.kind.code == "antispoof.failed"


@pytest.mark.parametrize(
    ("weights", "biases", "live_class"),
    [
        (BLUE_MINUS_RED, (0.0, math.nan), 1),
        (BLUE_MINUS_RED, (0.0, math.inf), 1),
        (BLUE_MINUS_RED, (0.0, 0.0), 2),
    ],
    ids=["not a number", "infinite", "no such class"],
)
def test_an_error_in_the_network_is_not_live(
    tmp_path: Path, weights: list[list[float]], biases: tuple[float, ...], live_class: int
) -> None:
    antispoof = Antispoof(replace(written(tmp_path, weights, biases), live_class=live_class))
    with pytest.raises(CourtclockError) as caught:
        antispoof.live_score(plain(255, 0), FACE)
    assert caught.value.kind.code == "antispoof.failed"
    assert not antispoof.is_live(plain(255, 0), FACE)
