"""Computes the site's operating point from its gallery, stores it, and tells the kiosks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from models.faces.comparing_all import EnrolledTemplate, Probe, Progress
from models.faces.names import METRIC_OF_MODEL
from models.faces.operating_points import Calibration
from models.faces.values import Encoding, ModelId
from models.settings import CalibrationSettings
from server.services.context import ServerContext
from server.services.devices import model_in_use, open_template
from server.services.stored_point import StoredPoint, newest_point, stored_content, without_names
from server.storage.records import OperatingPointRecord, TemplateRecord

_RULES: Final = "1"
"""Raised when the same inputs give another result or another form: then every site computes again."""
_MOST_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class _Gallery:
    """What an operating point is computed from.

    Attributes:
        version: of the gallery when it was read.
        templates: of people who work here; still sealed.
        digest: of all of it with the settings.
    """

    model_id: ModelId
    version: int
    templates: tuple[TemplateRecord, ...]
    digest: str


def settings_digest(context: ServerContext) -> str:
    """SHA-256 of model, rules and all settings that an operating point depends on."""
    faces = context.settings.faces
    parts = {
        "rules": _RULES,
        "model_id": model_in_use(context),
        "careful": faces.operating_point().model_dump(mode="json"),
        "calibration": faces.calibration.model_dump(mode="json"),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def current(context: ServerContext) -> StoredPoint | None:
    """The operating point in force, None where none was computed yet for the engine in use."""
    with context.unit(read_only=True) as unit:
        return newest_point(unit, model_in_use(context))


def compute(
    context: ServerContext,
    probes: Sequence[Probe] = (),
    wanted_fpir: float | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """The operating point as it would be now; nothing is stored.

    Args:
        context: the server's parts.
        probes: pictures beyond the gallery.
        wanted_fpir: another one than the settings'.
        progress: told how many of how many steps are done.

    Raises:
        CourtclockError: ``seal.broken`` when a stored template was tampered with.
    """
    return _calibrate(context, _read_gallery(context), probes, wanted_fpir, progress)


def compute_and_store(
    context: ServerContext, probes: Sequence[Probe] = (), progress: Progress | None = None
) -> StoredPoint:
    """Compute the operating point and put it in force; where nothing changed since the last, that one is given.

    Storing raises the version of the gallery, so that kiosks fetch it with the new figures. Of the one before only
    figures are kept: whom it named may have withdrawn since.

    Raises:
        CourtclockError: ``seal.broken``.
    """
    probes_digest = _digest_of_probes(probes)
    for _ in range(_MOST_TRIES):
        gallery = _read_gallery(context)
        inputs_digest = hashlib.sha256(f"{gallery.digest}|{probes_digest}".encode()).hexdigest()
        last = current(context)
        if last is not None and last.inputs_digest == inputs_digest:
            return last
        calibration = _calibrate(context, gallery, probes, None, progress)
        if _store(context, gallery, inputs_digest, calibration):
            break
    stored = current(context)
    if stored is None:
        raise RuntimeError("an operating point was stored and is not there")
    return stored


def keep_up(context: ServerContext) -> bool:
    """Compute again where enrollments or settings changed since the last operating point; gives whether they had.

    Probes are not kept, so a change of enrollments takes what they showed out of force; a folder of probes can be
    given again.

    Raises:
        CourtclockError: ``seal.broken``.
    """
    gallery = _read_gallery(context)
    last = current(context)
    if last is not None and last.gallery_digest == gallery.digest:
        return False
    if last is None and not gallery.templates:
        return False
    compute_and_store(context)
    return True


def _read_gallery(context: ServerContext) -> _Gallery:
    model_id = model_in_use(context)
    with context.unit(read_only=True) as unit:
        version = unit.people.gallery_version()
        active = {person.person_id for person in unit.people.active()}
        templates = tuple(one for one in unit.people.templates(model_id) if one.person_id in active)
    digest = hashlib.sha256(settings_digest(context).encode())
    for template in sorted(templates, key=lambda one: one.template_id):
        digest.update(f"|{template.template_id}|{template.person_id}|{template.photo_sha256}".encode())
    return _Gallery(model_id, version, templates, digest.hexdigest())


def _calibrate(
    context: ServerContext,
    gallery: _Gallery,
    probes: Sequence[Probe],
    wanted_fpir: float | None,
    progress: Progress | None,
) -> Calibration:
    # Here, not above: it loads scipy, which nothing else of the server needs.
    from models.faces.calibration import calibrate

    faces = context.settings.faces
    assumptions: CalibrationSettings = faces.calibration
    if wanted_fpir is not None:
        assumptions = assumptions.model_copy(update={"wanted_fpir": wanted_fpir})
    templates = [
        EnrolledTemplate(
            one.person_id, one.photo_sha256, Encoding.from_bytes(gallery.model_id, open_template(context, one))
        )
        for one in gallery.templates
    ]
    return calibrate(
        gallery.model_id,
        METRIC_OF_MODEL[gallery.model_id],
        templates,
        faces.operating_point(),
        assumptions,
        probes,
        progress,
    )


def _store(context: ServerContext, gallery: _Gallery, inputs_digest: str, calibration: Calibration) -> bool:
    """Put it in force; False when another process stored one at the same moment."""
    now = context.clock.now()
    with context.unit() as unit:
        # First, for it makes whoever else stores one wait until this one is stored.
        unit.people.raise_gallery_version(now)
        in_force = newest_point(unit, gallery.model_id)
        if in_force is not None and in_force.inputs_digest == inputs_digest:
            return False
        last = unit.operating_points.last()
        stored = unit.operating_points.add(
            OperatingPointRecord(
                version=1 if last is None else last.version + 1,
                computed_at=now,
                gallery_version=unit.people.gallery_version(),
                model_id=gallery.model_id,
                inputs_digest=inputs_digest,
                content=stored_content(calibration, gallery.digest),
            )
        )
        if stored:
            if last is not None:
                unit.operating_points.replace_content(last.version, without_names(last.content))
            unit.commit()
    return stored


def _digest_of_probes(probes: Sequence[Probe]) -> str:
    def key(probe: Probe) -> tuple[str, str, bytes]:
        person: UUID | None = probe.person_id
        return ("" if person is None else str(person), probe.stranger, probe.encoding.to_bytes())

    digest = hashlib.sha256()
    for person, stranger, content in sorted(map(key, probes)):
        digest.update(f"|{person}|{stranger}|".encode() + hashlib.sha256(content).digest())
    return digest.hexdigest()
