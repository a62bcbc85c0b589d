"""Talks to the server: signs every request (RFC 9421, Ed25519), understands every answer."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver, algorithms

from kiosk.identity import KioskIdentity
from models.clock import Clock, require_utc
from models.errors import ERROR_KINDS, CourtclockError
from models.wire import (
    SIGNATURE_TAG,
    SIGNED_COMPONENTS,
    BatchAnswer,
    ErrorAnswer,
    GalleryPack,
    HealthAnswer,
    ItemBatch,
    KioskHealth,
    Message,
    PairAnswer,
    PairRequest,
    parse,
)

M = TypeVar("M", bound=Message)


class _OwnKey(HTTPSignatureKeyResolver):
    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        return self._private_key


class ServerLink:
    """The kiosk's end of the line. Not for several threads at once.

    Args:
        server_url: where the server is.
        identity: who signs.
        clock: host time dates the signatures.
        timeout_seconds: longest wait for an answer.
        server_ca_file: certificate authority that vouches for the server; None for the public ones.
    """

    def __init__(
        self,
        server_url: str,
        identity: KioskIdentity,
        clock: Clock,
        timeout_seconds: float,
        server_ca_file: Path | None = None,
    ) -> None:
        self._server_url = server_url.rstrip("/")
        self._kiosk_id = str(identity.kiosk_id)
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._signer = HTTPMessageSigner(
            signature_algorithm=algorithms.ED25519, key_resolver=_OwnKey(identity.private_key)
        )
        self._session = _session(server_ca_file)
        # What the server's clock is ahead of ours; learnt when it calls a signature stale, so that a
        # kiosk whose clock was reset can still hand over what it holds.
        self._server_ahead = timedelta(0)

    def send_items(self, batch: ItemBatch) -> BatchAnswer:
        """Deliver items; gives the server's answer to each.

        Raises:
            CourtclockError: ``server.unreachable`` and whatever code the server refuses with.
        """
        return self._signed("POST", "/api/v1/kiosk/items", BatchAnswer, batch)

    def fetch_gallery(self, have_version: int | None) -> GalleryPack:
        """The newest gallery, or an empty pack when the kiosk has it already."""
        query = "" if have_version is None else f"?have_version={have_version}"
        return self._signed("GET", f"/api/v1/kiosk/gallery{query}", GalleryPack)

    def report_health(self, health: KioskHealth) -> HealthAnswer:
        """Send a heartbeat."""
        return self._signed("POST", "/api/v1/kiosk/health", HealthAnswer, health)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _signed(self, method: str, path: str, form: type[M], message: Message | None = None) -> M:
        body = b"" if message is None else message.model_dump_json().encode()
        try:
            return self._signed_once(method, path, form, body)
        except CourtclockError as error:
            server_time = error.details.get("server_time")
            if error.code != "signature.stale" or not isinstance(server_time, str):
                raise
            try:
                self._server_ahead = require_utc(datetime.fromisoformat(server_time)) - self._clock.host_now()
            except ValueError:
                raise error from None
            return self._signed_once(method, path, form, body)

    def _signed_once(self, method: str, path: str, form: type[M], body: bytes) -> M:
        request = requests.Request(
            method, self._server_url + path, data=body, headers={"Content-Type": "application/json"}
        ).prepare()
        self._signer.sign(
            request,
            key_id=self._kiosk_id,
            created=self._clock.host_now() + self._server_ahead,
            nonce=secrets.token_urlsafe(18),
            tag=SIGNATURE_TAG,
            covered_component_ids=SIGNED_COMPONENTS,
            body=body,
        )
        return _exchange(self._session, request, form, self._server_url, self._timeout_seconds)


def pair(
    server_url: str, code: str, public_key: bytes, timeout_seconds: float, server_ca_file: Path | None = None
) -> PairAnswer:
    """Show a one-time code and a public key; become a kiosk.

    Raises:
        CourtclockError: ``pairing.refused``, ``server.unreachable``.
    """
    body = PairRequest(code=code, public_key=public_key).model_dump_json().encode()
    url = server_url.rstrip("/")
    request = requests.Request(
        "POST", f"{url}/api/v1/kiosk/pair", data=body, headers={"Content-Type": "application/json"}
    ).prepare()
    with _session(server_ca_file) as session:
        return _exchange(session, request, PairAnswer, url, timeout_seconds)


def _session(server_ca_file: Path | None) -> requests.Session:
    session = requests.Session()
    if server_ca_file is not None:
        session.verify = str(server_ca_file)
    # The server stands in the court's own network; a proxy from the environment is never wanted.
    session.trust_env = False
    return session


def _exchange(
    session: requests.Session, request: requests.PreparedRequest, form: type[M], server_url: str, timeout_seconds: float
) -> M:
    try:
        answer = session.send(request, timeout=timeout_seconds, allow_redirects=False)
    except (requests.RequestException, OSError) as error:
        # OSError: the file of the certificate authority is missing.
        raise CourtclockError("server.unreachable", url=server_url, reason=type(error).__name__) from error
    if answer.status_code == 200:
        try:
            return parse(form, answer.content)
        except CourtclockError as error:
            raise CourtclockError("server.unexpected_answer", url=server_url, reason=str(error)) from error
    try:
        told = parse(ErrorAnswer, answer.content)
    except CourtclockError as error:
        raise CourtclockError(
            "server.unexpected_answer", url=server_url, reason=f"HTTP {answer.status_code}"
        ) from error
    if told.code not in ERROR_KINDS:
        raise CourtclockError("server.unexpected_answer", url=server_url, reason=told.code)
    try:
        refusal = CourtclockError(told.code, **told.details)
    except (TypeError, ValueError) as error:
        # Details that do not fit the sentence of their code come from no server of ours.
        raise CourtclockError("server.unexpected_answer", url=server_url, reason=told.code) from error
    raise refusal
