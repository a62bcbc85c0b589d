"""Kiosks: one-time pairing, revoking, heartbeats, and the sealed gallery."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import Final
from uuid import UUID

from models.errors import CourtclockError
from models.faces.names import DIMENSIONS_OF_MODEL, MODEL_OF_ENGINE
from models.faces.values import ModelId
from models.sealing import new_key, seal, unseal
from models.wire import (
    GalleryContent,
    GalleryPack,
    HealthAnswer,
    KioskHealth,
    PairAnswer,
    PersonEntry,
    clock_skew_seconds,
    gallery_owner,
)
from server.services.context import ServerContext
from server.services.outage_noting import end_lasting, note_heartbeat
from server.services.stored_point import as_message, newest_point
from server.storage.records import KioskRecord, TemplateRecord

_ED25519_KEY_BYTES: Final = 32


def model_in_use(context: ServerContext) -> ModelId:
    """The encoder whose templates kiosks get."""
    return MODEL_OF_ENGINE[context.settings.faces.engine]


def template_owner(person_id: UUID, template_id: UUID, model_id: str) -> str:
    """The associated data that binds a sealed template to its person and model."""
    return f"template|{person_id}|{template_id}|{model_id}"


def _gallery_key_owner(kiosk_id: UUID) -> str:
    return f"gallery-key|{kiosk_id}"


def _code_hash(code: str) -> str:
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()


def make_pairing_code(context: ServerContext, kiosk_name: str) -> str:
    """A one-time code of 80 bits; only its hash is kept."""
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    code = "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))
    with context.unit() as unit:
        unit.kiosks.add_pairing_code(_code_hash(code), kiosk_name, context.clock.host_now())
        unit.commit()
    return code


def pair_kiosk(context: ServerContext, code: str, public_key: bytes) -> PairAnswer:
    """Use a code up and take the kiosk in.

    Raises:
        CourtclockError: ``pairing.refused``.
    """
    if len(public_key) != _ED25519_KEY_BYTES:
        raise CourtclockError("pairing.refused")
    now = context.clock.host_now()
    oldest = now - timedelta(minutes=context.settings.server.pairing_code_minutes)
    kiosk_id = uuid.uuid4()
    gallery_key = new_key()
    with context.unit() as unit:
        name = unit.kiosks.use_pairing_code(_code_hash(code), oldest, now)
        if name is None:
            raise CourtclockError("pairing.refused")
        sealed = seal(context.template_key, gallery_key, _gallery_key_owner(kiosk_id))
        unit.kiosks.add(KioskRecord(kiosk_id, name, public_key, sealed, now, None))
        unit.commit()
    return PairAnswer(kiosk_id=kiosk_id, kiosk_name=name, gallery_key=gallery_key)


def revoke_kiosk(context: ServerContext, kiosk_id: UUID) -> None:
    """Cut a kiosk off, from its next request on.

    Raises:
        CourtclockError: ``kiosk.unknown``.
    """
    with context.unit() as unit:
        if not unit.kiosks.revoke(kiosk_id, context.clock.host_now()):
            raise CourtclockError("kiosk.unknown")
        end_lasting(unit, kiosk_id, context.clock.now())
        unit.commit()


def note_health(context: ServerContext, kiosk: KioskRecord, health: KioskHealth) -> HealthAnswer:
    """Take a heartbeat, with how far the kiosk's clock is off."""
    now = context.clock.now()
    host_now = context.clock.host_now()
    signature_age = timedelta(seconds=context.settings.server.signature_max_age_seconds)
    offset_seconds = clock_skew_seconds(health.sent_at, now)
    with context.unit() as unit:
        note_heartbeat(
            context, unit, kiosk.kiosk_id, unit.kiosks.last_seen(kiosk.kiosk_id), now, offset_seconds, health
        )
        unit.kiosks.note_seen(kiosk.kiosk_id, now, offset_seconds, health.model_dump(mode="json"))
        # Twice the accepted age: a nonce may only be forgotten when its signature is refused for age.
        unit.kiosks.forget_nonces_before(host_now - 2 * signature_age)
        version = unit.people.gallery_version()
        unit.commit()
    return HealthAnswer(server_time=now, gallery_version=version)


def gallery_for(context: ServerContext, kiosk: KioskRecord, have_version: int | None) -> GalleryPack:
    """The newest gallery, sealed for this kiosk alone; an empty pack when it has that one.

    Raises:
        CourtclockError: ``seal.broken`` when a stored template was tampered with.
    """
    model_id = model_in_use(context)
    with context.unit(read_only=True) as unit:
        version = unit.people.gallery_version()
        if version == have_version:
            return GalleryPack(gallery_version=version, pack=None)
        people = unit.people.active()
        templates = unit.people.templates(model_id)
        point = newest_point(unit, model_id)
    of_person: dict[UUID, list[bytes]] = {}
    for template in templates:
        of_person.setdefault(template.person_id, []).append(open_template(context, template))
    own = {} if point is None else {one.person_id: one for one in point.calibration.own_thresholds}
    content = GalleryContent(
        gallery_version=version,
        model_id=model_id,
        dimensions=DIMENSIONS_OF_MODEL[model_id],
        people=[
            PersonEntry(
                person_id=person.person_id,
                employee_no=person.employee_no,
                display_name=person.name,
                pin_hash=person.pin_hash,
                templates=of_person.get(person.person_id, []),
                accept_distance=own[person.person_id].accept_distance if person.person_id in own else None,
                ask_pin=person.person_id in own and own[person.person_id].ask_pin,
            )
            for person in people
        ],
        operating_point=None if point is None else as_message(point),
    )
    key = unseal(context.template_key, kiosk.sealed_gallery_key, _gallery_key_owner(kiosk.kiosk_id))
    sealed = seal(key, content.model_dump_json().encode(), gallery_owner(kiosk.kiosk_id, version))
    return GalleryPack(gallery_version=version, pack=sealed)


def open_template(context: ServerContext, template: TemplateRecord) -> bytes:
    """The vector of a stored template, float32 little endian.

    Raises:
        CourtclockError: ``seal.broken``.
    """
    owner = template_owner(template.person_id, template.template_id, template.model_id)
    return unseal(context.template_key, template.sealed_vector, owner)
