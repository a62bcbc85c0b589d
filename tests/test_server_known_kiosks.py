"""What the server remembers of kiosks: who they are, what they have asked before, and who was cut off."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.wire import BatchAnswer, ErrorAnswer, GalleryPack, HealthAnswer, parse
from server.services.context import ServerContext
from server.services.devices import revoke_kiosk
from tests.server_cast import (
    GALLERY,
    HEALTH,
    ITEMS,
    FakeClock,
    Kiosk,
    batch_of,
    clocked_at,
    employ,
    health_body,
    make_app,
    pair,
)

EMPTY_BATCH = batch_of().model_dump_json().encode()


@pytest.fixture
def client(context: ServerContext) -> FlaskClient:
    return make_app(context).test_client()


@pytest.fixture
def east(context: ServerContext, clock: FakeClock) -> Kiosk:
    return pair(context, clock)


def told(answer: TestResponse) -> tuple[int, str]:
    """Status and code; ``ok`` for an answer that is no error."""
    return answer.status_code, "ok" if answer.status_code == 200 else parse(ErrorAnswer, answer.data).code


def post(client: FlaskClient, headers: dict[str, str], body: bytes) -> TestResponse:
    return client.post(ITEMS, data=body, headers=headers)


def test_a_right_signature_opens_every_door(context: ServerContext, client: FlaskClient, east: Kiosk) -> None:
    li = employ(context)
    body = batch_of(clocked_at(li, "08:29")).model_dump_json().encode()
    stored = parse(BatchAnswer, east.send(client, "POST", ITEMS, body).data)
    assert [one.result for one in stored.answers] == ["stored"]
    assert parse(HealthAnswer, east.send(client, "POST", HEALTH, health_body()).data).gallery_version == 0
    assert parse(GalleryPack, east.send(client, "GET", GALLERY).data).gallery_version == 0
    assert parse(GalleryPack, east.send(client, "GET", f"{GALLERY}?have_version=0").data).pack is None


def test_two_kiosks_may_by_chance_use_the_same_nonce(
    context: ServerContext, client: FlaskClient, clock: FakeClock, east: Kiosk
) -> None:
    west = pair(context, clock, "west door")
    nonce = secrets.token_urlsafe(18)
    assert [told(one.send(client, "GET", GALLERY, nonce=nonce)) for one in (east, west)] == [(200, "ok")] * 2


def test_a_request_that_is_played_back_is_refused(client: FlaskClient, east: Kiosk) -> None:
    headers = east.sign("POST", ITEMS, EMPTY_BATCH)
    assert told(post(client, headers, EMPTY_BATCH)) == (200, "ok")
    assert told(post(client, headers, EMPTY_BATCH)) == (401, "signature.replayed")


def test_a_request_is_remembered_for_as_long_as_its_signature_is_young(
    client: FlaskClient, clock: FakeClock, east: Kiosk
) -> None:
    # Dated ahead, as by a kiosk whose clock is fast: it stays young for twice the accepted age.
    headers = east.sign("POST", ITEMS, EMPTY_BATCH, created=clock.host_now() + timedelta(seconds=300))
    assert told(post(client, headers, EMPTY_BATCH)) == (200, "ok")
    codes = []
    for _ in range(7):
        clock.advance(timedelta(seconds=100))
        east.send(client, "POST", HEALTH, health_body(clock.now()))
        codes.append(told(post(client, headers, EMPTY_BATCH))[1])
    assert codes == ["signature.replayed"] * 6 + ["signature.stale"]


def test_a_kiosk_that_is_not_known_is_told_so(client: FlaskClient, clock: FakeClock) -> None:
    stranger = Kiosk(UUID(int=404), "nowhere", b"", Ed25519PrivateKey.generate(), clock)
    assert told(stranger.send(client, "POST", ITEMS, EMPTY_BATCH)) == (401, "kiosk.unknown")
    assert told(stranger.send(client, "POST", ITEMS, EMPTY_BATCH, key_id="not a uuid")) == (401, "kiosk.unknown")


def test_a_revoked_kiosk_is_cut_off_from_its_next_request_on(
    context: ServerContext, client: FlaskClient, clock: FakeClock, east: Kiosk
) -> None:
    west = pair(context, clock, "west door")
    assert told(east.send(client, "POST", ITEMS, EMPTY_BATCH)) == (200, "ok")
    revoke_kiosk(context, east.kiosk_id)
    for method, path, body in (("POST", ITEMS, EMPTY_BATCH), ("POST", HEALTH, health_body()), ("GET", GALLERY, b"")):
        assert told(east.send(client, method, path, body)) == (403, "kiosk.revoked")
    assert told(west.send(client, "POST", ITEMS, EMPTY_BATCH)) == (200, "ok")
