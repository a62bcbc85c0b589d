"""Who is a kiosk: a signature over the whole request, young, used once, by a key that is known and not revoked."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from models.wire import SIGNATURE_TAG, SIGNED_COMPONENTS, ErrorAnswer, parse
from server.services.context import ServerContext
from server.services.devices import revoke_kiosk
from server.storage.kiosks import KioskRepository
from tests.databases import DatabaseKind
from tests.server_cast import (
    GALLERY,
    HEALTH,
    ITEMS,
    FakeClock,
    Kiosk,
    batch_of,
    make_app,
    pair,
)

EMPTY_BATCH = batch_of().model_dump_json().encode()


@pytest.fixture
def database_kind() -> DatabaseKind:
    """What is read from a request alone; what the database knows of kiosks is tested on both, in another file."""
    return "sqlite"


@pytest.fixture
def client(context: ServerContext) -> FlaskClient:
    return make_app(context).test_client()


@pytest.fixture
def east(context: ServerContext, clock: FakeClock) -> Kiosk:
    return pair(context, clock)


def told(answer: TestResponse) -> tuple[int, str]:
    """Status and code; ``ok`` for an answer that is no error."""
    return answer.status_code, "ok" if answer.status_code == 200 else parse(ErrorAnswer, answer.data).code


def post(client: FlaskClient, headers: dict[str, str], body: bytes, path: str = ITEMS) -> TestResponse:
    return client.post(path, data=body, headers=headers)


def signed_by_hand(
    kiosk: Kiosk, components: Sequence[str], created: int | None = None, expires: int | str | None = None
) -> dict[str, str]:
    """Headers for posting the empty batch, as RFC 9421 describes them: what the usual library would not sign."""
    digest = f"sha-256=:{base64.b64encode(hashlib.sha256(EMPTY_BATCH).digest()).decode()}:"
    values = {"@method": "POST", "@path": ITEMS, "@query": "?", "content-digest": digest}
    dated = int(kiosk.clock.host_now().timestamp()) if created is None else created
    covered = " ".join(f'"{name}"' for name in components)
    nonce = secrets.token_urlsafe(18)
    parameters = f'({covered});created={dated};keyid="{kiosk.kiosk_id}";nonce="{nonce}";tag="{SIGNATURE_TAG}"'
    if expires is not None:
        parameters += f";expires={expires}"
    lines = [f'"{name}": {values[name]}' for name in components] + [f'"@signature-params": {parameters}']
    signature = base64.b64encode(kiosk.private_key.sign("\n".join(lines).encode())).decode()
    return {"Content-Digest": digest, "Signature-Input": f"k={parameters}", "Signature": f"k=:{signature}:"}


# Good ones


def test_the_same_content_may_be_sent_again_under_a_new_signature(client: FlaskClient, east: Kiosk) -> None:
    assert [told(east.send(client, "POST", ITEMS, EMPTY_BATCH))[0] for _ in range(3)] == [200, 200, 200]


# Bad ones


@pytest.mark.parametrize(("method", "path"), [("POST", ITEMS), ("POST", HEALTH), ("GET", GALLERY)])
def test_an_unsigned_request_is_refused(client: FlaskClient, method: str, path: str) -> None:
    assert told(client.open(path, method=method)) == (401, "signature.missing")


@pytest.mark.parametrize("missing", ["Signature", "Signature-Input"])
def test_half_a_signature_is_none(client: FlaskClient, east: Kiosk, missing: str) -> None:
    headers = east.sign("POST", ITEMS, EMPTY_BATCH)
    del headers[missing]
    assert told(post(client, headers, EMPTY_BATCH)) == (401, "signature.missing")


def other_body(body: bytes) -> bytes:
    return body.replace(b"200.0", b"201.0")


def test_another_body_under_the_same_signature_is_refused(client: FlaskClient, east: Kiosk) -> None:
    headers = east.sign("POST", ITEMS, EMPTY_BATCH)
    assert other_body(EMPTY_BATCH) != EMPTY_BATCH
    assert told(post(client, headers, other_body(EMPTY_BATCH))) == (401, "signature.invalid")


def test_another_body_with_its_own_digest_is_refused(client: FlaskClient, east: Kiosk) -> None:
    headers = east.sign("POST", ITEMS, EMPTY_BATCH)
    other = east.sign("POST", ITEMS, other_body(EMPTY_BATCH))
    headers["Content-Digest"] = other["Content-Digest"]
    assert told(post(client, headers, other_body(EMPTY_BATCH))) == (401, "signature.invalid")


def test_another_path_under_the_same_signature_is_refused(client: FlaskClient, east: Kiosk) -> None:
    headers = east.sign("POST", ITEMS, EMPTY_BATCH)
    assert told(post(client, headers, EMPTY_BATCH, HEALTH)) == (401, "signature.invalid")


def test_another_query_under_the_same_signature_is_refused(client: FlaskClient, east: Kiosk) -> None:
    headers = east.sign("GET", GALLERY, b"")
    assert told(client.get(f"{GALLERY}?have_version=0", headers=headers)) == (401, "signature.invalid")


def test_another_method_under_the_same_signature_is_refused(client: FlaskClient, east: Kiosk) -> None:
    headers = east.sign("GET", ITEMS, b"")
    assert told(post(client, headers, b"")) == (401, "signature.invalid")


@pytest.mark.parametrize("left_out", SIGNED_COMPONENTS)
def test_a_signature_must_cover_the_whole_request(client: FlaskClient, east: Kiosk, left_out: str) -> None:
    components = [name for name in SIGNED_COMPONENTS if name != left_out]
    assert told(post(client, signed_by_hand(east, components), EMPTY_BATCH)) == (401, "signature.invalid")


def test_a_signature_made_by_hand_over_the_whole_request_is_a_right_one(client: FlaskClient, east: Kiosk) -> None:
    assert told(post(client, signed_by_hand(east, SIGNED_COMPONENTS), EMPTY_BATCH)) == (200, "ok")


def test_a_signature_made_for_another_purpose_is_refused(client: FlaskClient, east: Kiosk) -> None:
    assert told(east.send(client, "POST", ITEMS, EMPTY_BATCH, tag="other")) == (401, "signature.invalid")


def test_two_signatures_are_one_too_many(client: FlaskClient, east: Kiosk) -> None:
    headers = east.sign("POST", ITEMS, EMPTY_BATCH)
    label = headers["Signature"].partition("=")[0]
    for name in ("Signature", "Signature-Input"):
        headers[name] = f"{headers[name]}, {headers[name].replace(f'{label}=', 'again=', 1)}"
    assert told(post(client, headers, EMPTY_BATCH)) == (401, "signature.invalid")


@pytest.mark.parametrize("nonce", ["", "short", "x" * 65])
def test_a_nonce_that_is_easy_to_meet_again_or_too_long_to_keep_is_refused(
    client: FlaskClient, east: Kiosk, nonce: str
) -> None:
    assert told(east.send(client, "POST", ITEMS, EMPTY_BATCH, nonce=nonce)) == (401, "signature.invalid")


@pytest.mark.parametrize(
    ("seconds", "code"), [(-301, "signature.stale"), (-300, "ok"), (0, "ok"), (300, "ok"), (301, "signature.stale")]
)
def test_a_signature_is_good_for_five_minutes_to_both_sides(
    client: FlaskClient, clock: FakeClock, east: Kiosk, seconds: int, code: str
) -> None:
    created = clock.host_now() + timedelta(seconds=seconds)
    assert told(east.send(client, "POST", ITEMS, EMPTY_BATCH, created=created))[1] == code


@pytest.mark.parametrize(
    ("seconds", "code"), [(-60, "signature.stale"), (-1, "signature.stale"), (1, "ok"), (10**6, "ok")]
)
def test_a_signature_that_has_expired_by_the_servers_clock_is_refused(
    client: FlaskClient, clock: FakeClock, east: Kiosk, seconds: int, code: str
) -> None:
    expires = int(clock.host_now().timestamp()) + seconds
    headers = signed_by_hand(east, SIGNED_COMPONENTS, expires=expires)
    assert told(post(client, headers, EMPTY_BATCH))[1] == code


@pytest.mark.parametrize("expires", ['"tomorrow"', "1.5", 10**14])
def test_an_expiry_that_is_no_time_is_refused(client: FlaskClient, east: Kiosk, expires: int | str) -> None:
    headers = signed_by_hand(east, SIGNED_COMPONENTS, expires=expires)
    assert told(post(client, headers, EMPTY_BATCH)) == (401, "signature.invalid")


def test_a_stale_signature_is_answered_with_the_servers_time_so_that_the_kiosk_can_mend_its_own(
    client: FlaskClient, clock: FakeClock, east: Kiosk
) -> None:
    answer = east.send(client, "POST", ITEMS, EMPTY_BATCH, created=clock.host_now() - timedelta(days=400))
    assert told(answer) == (401, "signature.stale")
    error = parse(ErrorAnswer, answer.data)
    assert error.retryable
    assert datetime.fromisoformat(error.details["server_time"]) == clock.host_now()


def test_the_age_of_a_signature_is_host_time_also_when_court_time_runs_otherwise(
    client: FlaskClient, clock: FakeClock, east: Kiosk
) -> None:
    clock.court += timedelta(hours=9)
    assert told(east.send(client, "POST", ITEMS, EMPTY_BATCH)) == (200, "ok")


def test_a_request_that_was_refused_for_its_age_may_not_come_back_either(
    client: FlaskClient, clock: FakeClock, east: Kiosk
) -> None:
    headers = east.sign("POST", ITEMS, EMPTY_BATCH, created=clock.host_now() - timedelta(days=1))
    assert [told(post(client, headers, EMPTY_BATCH))[1] for _ in range(2)] == ["signature.stale"] * 2


# Strangers


def test_a_stranger_with_a_kiosks_name_and_a_key_of_his_own_is_refused(
    client: FlaskClient, clock: FakeClock, east: Kiosk
) -> None:
    stranger = Kiosk(east.kiosk_id, east.name, b"", Ed25519PrivateKey.generate(), clock)
    assert told(stranger.send(client, "POST", ITEMS, EMPTY_BATCH)) == (401, "signature.invalid")


def test_that_a_kiosk_was_revoked_is_told_to_its_own_key_alone(
    context: ServerContext, client: FlaskClient, clock: FakeClock, east: Kiosk
) -> None:
    revoke_kiosk(context, east.kiosk_id)
    stranger = Kiosk(east.kiosk_id, east.name, b"", Ed25519PrivateKey.generate(), clock)
    assert told(stranger.send(client, "POST", ITEMS, EMPTY_BATCH)) == (401, "signature.invalid")


def test_a_fault_of_the_database_is_not_blamed_on_the_signature(
    context: ServerContext, client: FlaskClient, east: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: KioskRepository, _kiosk_id: UUID) -> None:
        raise ConnectionError("the database is gone")

    monkeypatch.setattr(KioskRepository, "by_id", fail)
    client.application.testing = False
    answer = east.send(client, "POST", ITEMS, EMPTY_BATCH)
    assert told(answer) == (500, "internal")
    assert parse(ErrorAnswer, answer.data).retryable


# Rubbish


PIECES = st.one_of(
    st.sampled_from(
        [
            "sig1", "=", "(", ")", '"@method"', '"@path"', ";", ":AAAA:", "created=", "99999999999999", "keyid=", '"x"',
            "nonce=", f'tag="{SIGNATURE_TAG}"', ",", "?1", "alg=", '"ed25519"', '"content-digest"', ";req", ";bs",
        ]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=6),
)  # fmt: skip
RUBBISH = st.lists(PIECES, max_size=14).map("".join)


def test_rubbish_in_the_headers_is_refused_and_never_a_fault(client: FlaskClient) -> None:
    @settings(max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(RUBBISH, RUBBISH, RUBBISH)
    def refused(signature: str, signature_input: str, digest: str) -> None:
        headers = {"Signature": signature, "Signature-Input": signature_input, "Content-Digest": digest}
        status, code = told(post(client, headers, EMPTY_BATCH))
        assert (status, code) in {(401, "signature.invalid"), (401, "kiosk.unknown")}

    refused()


@pytest.mark.parametrize("created", [10**14, -(10**14)])
def test_a_signature_dated_outside_of_all_calendars_is_refused(client: FlaskClient, east: Kiosk, created: int) -> None:
    headers = signed_by_hand(east, SIGNED_COMPONENTS, created)
    assert told(post(client, headers, EMPTY_BATCH)) == (401, "signature.invalid")
