"""Pairing: a code lets one kiosk in, once, soon, and nobody who guesses."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from sqlalchemy import func, select

from models.errors import CourtclockError
from models.wire import ErrorAnswer, PairAnswer, parse
from server.services.context import ServerContext
from server.services.devices import make_pairing_code, pair_kiosk, revoke_kiosk
from server.storage.tables import kiosk, pairing_code
from tests.databases import Database
from tests.server_cast import GALLERY, PAIR, FakeClock, Kiosk, make_app, make_context, pair, pair_body


@pytest.fixture
def client(context: ServerContext) -> FlaskClient:
    return make_app(context).test_client()


def told(client: FlaskClient, body: bytes) -> tuple[int, str]:
    answer = client.post(PAIR, data=body)
    return answer.status_code, "ok" if answer.status_code == 200 else parse(ErrorAnswer, answer.data).code


def kiosks(context: ServerContext) -> int:
    with context.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(kiosk)).scalar_one()


def test_a_kiosk_with_a_code_becomes_known_and_may_speak(
    context: ServerContext, client: FlaskClient, clock: FakeClock
) -> None:
    private_key = Ed25519PrivateKey.generate()
    code = make_pairing_code(context, "east door")
    answer = client.post(PAIR, data=pair_body(code, private_key.public_key().public_bytes_raw()))
    paired = parse(PairAnswer, answer.data)
    assert (paired.kiosk_name, len(paired.gallery_key)) == ("east door", 32)
    own = Kiosk(paired.kiosk_id, paired.kiosk_name, paired.gallery_key, private_key, clock)
    assert own.send(client, "GET", GALLERY).status_code == 200


def test_a_code_is_easy_to_read_out_and_hard_to_guess(context: ServerContext) -> None:
    codes = {make_pairing_code(context, "east door") for _ in range(5)}
    assert len(codes) == 5
    for code in codes:
        assert re.fullmatch(r"([A-HJ-NP-Z2-9]{4}-){3}[A-HJ-NP-Z2-9]{4}", code)


def test_a_code_may_be_typed_in_small_letters(context: ServerContext, client: FlaskClient) -> None:
    assert told(client, pair_body(f" {make_pairing_code(context, 'east door').lower()} ")) == (200, "ok")


def test_the_database_does_not_know_the_code(context: ServerContext) -> None:
    code = make_pairing_code(context, "east door")
    with context.engine.connect() as connection:
        row = connection.execute(select(pairing_code)).one()
    assert code not in str(row)
    assert code.replace("-", "") not in str(row)


def test_a_code_works_once(context: ServerContext, client: FlaskClient) -> None:
    body = pair_body(make_pairing_code(context, "east door"))
    assert [told(client, body), told(client, body)] == [(200, "ok"), (403, "pairing.refused")]
    assert kiosks(context) == 1


@pytest.mark.parametrize(("minutes", "answer"), [(15, (200, "ok")), (15.1, (403, "pairing.refused"))])
def test_a_code_is_good_for_fifteen_minutes(
    context: ServerContext, client: FlaskClient, clock: FakeClock, minutes: float, answer: tuple[int, str]
) -> None:
    body = pair_body(make_pairing_code(context, "east door"))
    clock.advance(timedelta(minutes=minutes))
    assert told(client, body) == answer


def test_a_code_that_was_never_made_is_refused_in_the_same_words(context: ServerContext, client: FlaskClient) -> None:
    used = pair_body(make_pairing_code(context, "east door"))
    client.post(PAIR, data=used)
    guessed = client.post(PAIR, data=pair_body("AAAA-BBBB-CCCC-DDDD"))
    assert (guessed.status_code, guessed.data) == (403, client.post(PAIR, data=used).data)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_key_of_another_length_is_refused_and_does_not_use_the_code_up(
    context: ServerContext, client: FlaskClient, length: int
) -> None:
    code = make_pairing_code(context, "east door")
    assert told(client, pair_body(code, bytes(length))) == (403, "pairing.refused")
    assert told(client, pair_body(code)) == (200, "ok")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"code": "AAAA-BBBB"}', b'{"code": "A", "public_key": "AAAA"}', b"\xff\xfe"]
)
def test_what_is_no_request_is_told_so(client: FlaskClient, body: bytes) -> None:
    assert told(client, body) == (400, "wire.invalid")


def test_another_version_of_the_message_is_told_so(client: FlaskClient) -> None:
    body = pair_body("AAAA-BBBB-CCCC").replace(b"{", b'{"version": 2, ', 1)
    assert told(client, body) == (400, "wire.version")


def test_of_two_kiosks_with_one_code_one_is_paired(
    context: ServerContext, database: Database, tmp_path: Path, clock: FakeClock
) -> None:
    code = make_pairing_code(context, "east door")
    together = threading.Barrier(4, timeout=20)
    results: list[str] = []

    def try_it() -> None:
        own = make_context(tmp_path, database, clock)
        together.wait()
        try:
            results.append(pair_kiosk(own, code, bytes(32)).kiosk_name)
        except CourtclockError as error:
            results.append(error.code)

    threads = [threading.Thread(target=try_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == ["east door"] + ["pairing.refused"] * 3
    assert kiosks(context) == 1


def test_only_a_kiosk_that_is_known_and_not_revoked_can_be_revoked(context: ServerContext, clock: FakeClock) -> None:
    east = pair(context, clock)
    revoke_kiosk(context, east.kiosk_id)
    with pytest.raises(CourtclockError) as told_again:
        revoke_kiosk(context, east.kiosk_id)
    assert told_again.value.code == "kiosk.unknown"
