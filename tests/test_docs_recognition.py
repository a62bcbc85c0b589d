"""docs/recognition.md tells the figures that are shipped, every reason for doubt, and the digests of the weights."""

from __future__ import annotations

from typing import Final, get_args

from kiosk.deciding import DoubtReason
from kiosk.door import _OUTCOME_OF_DOUBT
from models.faces.encoders import DlibEncoder, SFaceEncoder
from models.faces.weights import SFACE, YUNET
from models.settings import OperatingPointSettings, QualitySettings, load_settings
from tests.test_docs_pages import ROOT, page, section, table_rows

PAGE: Final = page("recognition.md")
SETTINGS: Final = load_settings(ROOT / "config.yaml")


def test_the_operating_points_are_the_shipped_ones() -> None:
    points = SETTINGS.faces.operating_points
    assert table_rows(section(PAGE, "## Operating point")) == [
        [f"`{name}`", f"{getattr(points.sface, name):g}", f"{getattr(points.face_recognition, name):g}"]
        for name in OperatingPointSettings.model_fields
    ]


def test_the_limits_for_photographs_are_the_shipped_ones() -> None:
    limits = SETTINGS.faces.enrollment_quality
    assert [row[:2] for row in table_rows(section(PAGE, "## Enrollment photographs"))] == [
        [f"`{name}`", f"{getattr(limits, name):.10g}"] for name in QualitySettings.model_fields
    ]


def test_the_figures_of_the_decision_are_the_shipped_ones() -> None:
    deciding = SETTINGS.kiosk.deciding
    text = " ".join(section(PAGE, "## The decision").split())
    for figures in (
        f"{deciding.votes} (`kiosk.deciding.votes`) of the last {deciding.of_frames} (`kiosk.deciding.of_frames`)",
        f"{deciding.min_motion_share:g} (`kiosk.deciding.min_motion_share`)",
        f"{deciding.ask_pin_after_seconds:g} seconds (`kiosk.deciding.ask_pin_after_seconds`)",
        f"{deciding.min_eye_distance_px:g} pixels (`kiosk.deciding.min_eye_distance_px`",
        f"sharp than {deciding.min_sharpness:g} (`kiosk.deciding.min_sharpness`",
        f"{deciding.repeat_after_seconds:g} seconds (`kiosk.deciding.repeat_after_seconds`)",
    ):
        assert figures in text


def test_every_reason_for_doubt_stands_there_with_what_is_stored() -> None:
    text = section(PAGE, "## The decision")
    for reason in get_args(DoubtReason):
        assert f"| `{reason}` | {_OUTCOME_OF_DOUBT[reason]} |" in text


def test_the_models_and_their_digests_are_those_of_the_code() -> None:
    engines = section(PAGE, "## Engines")
    assert SFaceEncoder.model_id in engines
    assert DlibEncoder.model_id in engines
    assert table_rows(section(PAGE, "## Weights")) == [
        [f"`{weights.file_name}`", weights.sha256] for weights in (YUNET, SFACE)
    ]
