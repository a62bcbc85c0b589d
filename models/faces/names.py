"""What the encoders are called and how their vectors are compared; read without loading any of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from models.faces.values import Metric, ModelId

SFACE_MODEL: Final = ModelId("sface-2021dec-int8bq-centred")
DLIB_MODEL: Final = ModelId("dlib-resnet-v1")

MODEL_OF_ENGINE: Final[Mapping[str, ModelId]] = MappingProxyType({"sface": SFACE_MODEL, "face_recognition": DLIB_MODEL})
"""By the setting ``faces.engine``."""
METRIC_OF_MODEL: Final[Mapping[ModelId, Metric]] = MappingProxyType({SFACE_MODEL: "cosine", DLIB_MODEL: "euclidean"})
DIMENSIONS_OF_MODEL: Final[Mapping[ModelId, int]] = MappingProxyType({SFACE_MODEL: 128, DLIB_MODEL: 128})
"""Length of the vectors."""
