"""The operating point in force, as it was stored, and as kiosks are told of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from models.faces.operating_points import Calibration
from models.wire import OperatingPointMessage
from server.storage.records import OperatingPointRecord
from server.storage.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

_CALIBRATION: Final[TypeAdapter[Calibration]] = TypeAdapter(Calibration)


@dataclass(frozen=True, slots=True)
class StoredPoint:
    """A computed operating point.

    Attributes:
        version: rises with each one stored.
        gallery_version: of the gallery that it was sent with first.
        inputs_digest: SHA-256 of model, templates, probes and settings.
        gallery_digest: the same without probes.
    """

    version: int
    computed_at: datetime
    gallery_version: int
    model_id: str
    inputs_digest: str
    gallery_digest: str
    calibration: Calibration


def calibration_json(calibration: Calibration) -> dict[str, Any]:
    """For storing and for programs."""
    content: dict[str, Any] = _CALIBRATION.dump_python(calibration, mode="json")
    return content


def stored_content(calibration: Calibration, gallery_digest: str) -> dict[str, Any]:
    """What stands in the column ``content``."""
    return {"gallery_digest": gallery_digest, "calibration": calibration_json(calibration)}


def without_names(content: dict[str, Any]) -> dict[str, Any]:
    """The content of one that is no longer in force: its figures, and nobody whom it named."""
    calibration = content.get("calibration")
    if not isinstance(calibration, dict):
        return {}
    return {"calibration": {**calibration, "look_alikes": [], "own_thresholds": []}}


def newest_point(unit: UnitOfWork, model_id: str) -> StoredPoint | None:
    """The operating point in force, None where none was computed for this model.

    One that another version of the program wrote in another form counts as none: the careful figures of the settings
    hold until it is computed again.
    """
    record = unit.operating_points.last()
    return None if record is None or record.model_id != model_id else _opened(record)


def _opened(record: OperatingPointRecord) -> StoredPoint | None:
    try:
        return StoredPoint(
            version=record.version,
            computed_at=record.computed_at,
            gallery_version=record.gallery_version,
            model_id=record.model_id,
            inputs_digest=record.inputs_digest,
            gallery_digest=str(record.content["gallery_digest"]),
            calibration=_CALIBRATION.validate_python(record.content["calibration"]),
        )
    except (ValidationError, KeyError):
        log.warning("the operating point %s is of a form that this version does not read", record.version)
        return None


def as_message(point: StoredPoint) -> OperatingPointMessage:
    """As kiosks are told of it."""
    calibration = point.calibration
    return OperatingPointMessage(
        version=point.version,
        accept_distance=calibration.accept_distance,
        margin=calibration.margin,
        one_to_one_distance=calibration.one_to_one_distance,
        covered_accept_distance=calibration.covered_accept_distance,
        source=calibration.found,
    )
