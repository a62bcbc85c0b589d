"""One table says what the encoders are called; the encoders, the kiosk and the server go by it."""

from __future__ import annotations

from typing import get_args

from models.faces.encoders import DlibEncoder, SFaceEncoder
from models.faces.names import DIMENSIONS_OF_MODEL, METRIC_OF_MODEL, MODEL_OF_ENGINE
from models.faces.weights import SFACE
from models.settings import FacesSettings


def test_every_engine_of_the_settings_has_a_model_with_metric_and_length() -> None:
    assert set(MODEL_OF_ENGINE) == set(get_args(FacesSettings.model_fields["engine"].annotation))
    assert set(METRIC_OF_MODEL) == set(DIMENSIONS_OF_MODEL) == set(MODEL_OF_ENGINE.values())


def test_the_encoders_and_the_weights_go_by_these_names() -> None:
    assert (SFaceEncoder.model_id, DlibEncoder.model_id) == tuple(
        MODEL_OF_ENGINE[engine] for engine in ("sface", "face_recognition")
    )
    assert SFACE.model_id == SFaceEncoder.model_id
