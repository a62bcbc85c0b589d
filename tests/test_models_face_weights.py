"""Weights are used when they are the very files that they should be, and not otherwise."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from models.errors import CourtclockError
from models.faces import weights as weights_module
from models.faces.detection import YuNetDetector
from models.faces.encoders import SFaceEncoder
from models.faces.weights import SFACE, YUNET, Weights, find_weight_faults, locate, read_verified
from models.settings import EngineName, FacesSettings, WeightsSettings, load_settings

SHIPPED = load_settings(Path(__file__).parent.parent / "config.yaml").faces
BOTH = [YUNET, SFACE]


def settings(engine: EngineName = "sface", detector: Path | None = None, encoder: Path | None = None) -> FacesSettings:
    return SHIPPED.model_copy(update={"engine": engine, "weights": WeightsSettings(detector=detector, encoder=encoder)})


def refusal(weights: Weights, path: Path) -> CourtclockError:
    with pytest.raises(CourtclockError) as caught:
        read_verified(weights, path)
    return caught.value


def another_file(folder: Path) -> Path:
    path = folder / "another.onnx"
    path.write_bytes(b"not what was measured")
    return path


def test_the_digests_are_those_that_the_model_zoo_publishes() -> None:
    assert YUNET.sha256 == "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10"
    assert SFACE.sha256 == "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee"


@pytest.mark.parametrize("weights", BOTH, ids=lambda weights: str(weights.model_id))
def test_without_a_path_the_file_of_the_package_is_used(weights: Weights) -> None:
    path = locate(weights, None)
    assert path.name == weights.file_name
    assert hashlib.sha256(read_verified(weights, None)).hexdigest() == weights.sha256


@pytest.mark.parametrize("weights", BOTH, ids=lambda weights: str(weights.model_id))
def test_a_path_in_the_settings_is_used_instead(tmp_path: Path, weights: Weights) -> None:
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(locate(weights, None).read_bytes())
    assert locate(weights, copy) == copy
    assert read_verified(weights, copy) == copy.read_bytes()


@pytest.mark.parametrize("weights", BOTH, ids=lambda weights: str(weights.model_id))
def test_a_file_with_one_byte_changed_is_not_used(tmp_path: Path, weights: Weights) -> None:
    content = bytearray(locate(weights, None).read_bytes())
    content[len(content) // 2] ^= 1
    path = tmp_path / weights.file_name
    path.write_bytes(content)
    error = refusal(weights, path)
    assert error.code == "weights.digest"
    assert error.details == {
        "path": str(path),
        "found": hashlib.sha256(content).hexdigest(),
        "expected": weights.sha256,
    }


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    error = refusal(YUNET, tmp_path / "yunet.onnx")
    assert (error.code, error.details) == ("weights.missing", {"path": str(tmp_path / "yunet.onnx")})
    assert refusal(YUNET, tmp_path).code == "weights.missing"


def test_without_the_package_the_weights_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_module, "WEIGHTS_PACKAGE", "a_package_that_nobody_installed")
    with pytest.raises(CourtclockError) as caught:
        locate(SFACE, None)
    assert caught.value.code == "weights.missing"
    assert SFACE.file_name in str(caught.value.details["path"])


def test_neither_engine_part_opens_another_file(tmp_path: Path) -> None:
    path = another_file(tmp_path)
    with pytest.raises(CourtclockError, match=r"weights\.digest"):
        YuNetDetector(0.8, path)
    with pytest.raises(CourtclockError, match=r"weights\.digest"):
        SFaceEncoder(path)


def test_the_weights_of_the_shipped_settings_are_good() -> None:
    assert find_weight_faults(SHIPPED) == []


def test_each_fault_is_found_under_its_key(tmp_path: Path) -> None:
    found = find_weight_faults(settings(detector=tmp_path / "gone.onnx", encoder=another_file(tmp_path)))
    assert [finding.key_path for finding in found] == ["faces.weights.detector", "faces.weights.encoder"]
    assert "is missing" in found[0].sentence
    assert "has the digest" in found[1].sentence


def test_weights_that_the_engine_does_not_use_are_not_asked_for(tmp_path: Path) -> None:
    stray = another_file(tmp_path)
    assert find_weight_faults(settings("face_recognition", encoder=stray)) == []
    found = find_weight_faults(settings("face_recognition", detector=stray, encoder=stray))
    assert [finding.key_path for finding in found] == ["faces.weights.detector"]
