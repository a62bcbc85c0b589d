"""Who sent a request: RFC 9421 signatures with a kiosk's Ed25519 key, each good once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Request
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from models.errors import CourtclockError
from models.wire import SIGNATURE_TAG, SIGNED_COMPONENTS
from server.services.context import ServerContext
from server.storage.records import KioskRecord

_REQUIRED_COMPONENTS: Final = tuple(f'"{name}"' for name in SIGNED_COMPONENTS)


@dataclass(frozen=True, slots=True)
class _Message:
    """A request as the library wants it."""

    method: str
    url: str
    headers: dict[str, str]


class _KioskKeys(HTTPSignatureKeyResolver):
    """Finds the key of the kiosk that a signature names, and remembers which kiosk that was."""

    def __init__(self, context: ServerContext) -> None:
        self._context = context
        self.kiosk: KioskRecord | None = None
        # The library takes whatever is raised below for a bad signature; why there was no key is kept here.
        self.fault: Exception | None = None

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        try:
            self.kiosk = self._find(key_id)
        except Exception as fault:
            self.fault = fault
            raise
        return Ed25519PublicKey.from_public_bytes(self.kiosk.public_key)

    def _find(self, key_id: str) -> KioskRecord:
        try:
            kiosk_id = UUID(key_id)
        except ValueError as error:
            raise CourtclockError("kiosk.unknown") from error
        with self._context.unit(read_only=True) as unit:
            kiosk = unit.kiosks.by_id(kiosk_id)
        if kiosk is None:
            raise CourtclockError("kiosk.unknown")
        return kiosk


class _Verifier(HTTPMessageVerifier):
    """The library's checks, except for age and expiry: those are judged here, by our own clock."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        return None


def require_kiosk(context: ServerContext, request: Request, body: bytes) -> KioskRecord:
    """The kiosk that signed this request with this body.

    The signature must cover method, path, query and body, be young, and not have been used before.
    A revoked kiosk is told so only when its signature is right: nobody else learns anything.

    Raises:
        CourtclockError: ``signature.missing``, ``signature.invalid``, ``signature.stale``,
            ``signature.replayed``, ``kiosk.unknown`` or ``kiosk.revoked``.
    """
    if "Signature" not in request.headers or "Signature-Input" not in request.headers:
        raise CourtclockError("signature.missing")
    keys = _KioskKeys(context)
    verifier = _Verifier(signature_algorithm=algorithms.ED25519, key_resolver=keys)
    message = _Message(request.method, request.url, dict(request.headers.items()))
    try:
        results = verifier.verify(
            message, max_age=None, expect_tag=SIGNATURE_TAG, require_components=_REQUIRED_COMPONENTS, body=body
        )
    except HTTPMessageSignaturesException as error:
        if keys.fault is not None:
            raise keys.fault from error
        raise CourtclockError("signature.invalid") from error
    kiosk = keys.kiosk
    if len(results) != 1 or kiosk is None:
        raise CourtclockError("signature.invalid")
    parameters = results[0].parameters
    _refuse_stale(context, parameters.get("created"), parameters.get("expires"))
    if kiosk.revoked_at is not None:
        raise CourtclockError("kiosk.revoked")
    nonce = parameters.get("nonce")
    if not isinstance(nonce, str) or not 16 <= len(nonce) <= 64:
        raise CourtclockError("signature.invalid")
    with context.unit() as unit:
        if not unit.kiosks.remember_nonce(kiosk.kiosk_id, nonce, context.clock.host_now()):
            raise CourtclockError("signature.replayed")
        unit.commit()
    return kiosk


def _refuse_stale(context: ServerContext, created: object, expires: object) -> None:
    now = context.clock.host_now()
    accepted_age = timedelta(seconds=context.settings.server.signature_max_age_seconds)
    expired = expires is not None and _moment(expires) < now
    if expired or abs(now - _moment(created)) > accepted_age:
        raise CourtclockError("signature.stale", server_time=now.isoformat())


def _moment(seconds: object) -> datetime:
    if not isinstance(seconds, int):
        raise CourtclockError("signature.invalid")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise CourtclockError("signature.invalid") from error
