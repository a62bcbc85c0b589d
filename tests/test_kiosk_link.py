"""The line to the server: every request signed, every answer understood or called by its name."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver, InvalidSignature, algorithms

from kiosk.identity import KioskIdentity
from kiosk.link import ServerLink, pair
from models.errors import CourtclockError
from models.wire import (
    SIGNATURE_TAG,
    SIGNED_COMPONENTS,
    BatchAnswer,
    ErrorAnswer,
    GalleryPack,
    HealthAnswer,
    ItemBatch,
    KioskHealth,
    PairAnswer,
    PairRequest,
    parse,
)
from tests.kiosk_fakes import MORNING, FakeClock, new_identity
from tests.kiosk_server_fakes import Answer, Received, TinyServer, stored, tiny_server

BATCH = ItemBatch(
    sent_at=MORNING, sent_monotonic_seconds=1.0, boot_id=uuid4(), items=[{"item_id": str(uuid4()), "kind": "attempt"}]
)
HEALTH = KioskHealth(
    sent_at=MORNING,
    software="1",
    camera="0",
    camera_fault=None,
    frames_per_second=1.0,
    queue_length=0,
    quarantined=0,
    last_device_seq=0,
    gallery_version=None,
)


@pytest.fixture
def server() -> Iterator[TinyServer]:
    with tiny_server() as running:
        yield running


@pytest.fixture
def identity() -> KioskIdentity:
    return new_identity()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def link(server: TinyServer, identity: KioskIdentity, clock: FakeClock) -> Iterator[ServerLink]:
    made = ServerLink(server.url + "/", identity, clock, timeout_seconds=5)
    yield made
    made.close()


class OneKey(HTTPSignatureKeyResolver):
    def __init__(self, identity: KioskIdentity) -> None:
        self._identity = identity

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        assert key_id == str(self._identity.kiosk_id)
        return self._identity.private_key.public_key()


class AnyAge(HTTPMessageVerifier):
    """Leaves the age of a signature to the test, whose clock is moved by hand."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        return None


def verify(received: Received, identity: KioskIdentity) -> dict[str, Any]:
    """Check a request as the server does; gives the signature's parameters."""
    verifier = AnyAge(signature_algorithm=algorithms.ED25519, key_resolver=OneKey(identity))
    (result,) = verifier.verify(
        received,
        max_age=None,
        expect_tag=SIGNATURE_TAG,
        require_components=tuple(f'"{name}"' for name in SIGNED_COMPONENTS),
        body=received.body,
    )
    return dict(result.parameters)


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(CourtclockError) as caught:
        call()
    return caught.value.code


def refusal(code: str, /, **details: object) -> ErrorAnswer:
    return ErrorAnswer(code=code, sentence="…", retryable=False, details=details)


class TestWhatIsSent:
    def test_items_are_posted_as_a_message_and_their_answers_come_back(
        self, server: TinyServer, link: ServerLink
    ) -> None:
        answer = BatchAnswer(server_time=MORNING, answers=[stored(BATCH.items[0])])
        server.says(answer)

        assert link.send_items(BATCH) == answer

        (received,) = server.received
        assert (received.method, received.url) == ("POST", f"{server.url}/api/v1/kiosk/items")
        assert received.headers["Content-Type"] == "application/json"
        assert parse(ItemBatch, received.body) == BATCH

    @pytest.mark.parametrize(("have_version", "query"), [(None, ""), (7, "?have_version=7")])
    def test_a_gallery_is_asked_for_with_the_version_at_hand(
        self, server: TinyServer, link: ServerLink, identity: KioskIdentity, have_version: int | None, query: str
    ) -> None:
        pack = GalleryPack(gallery_version=8, pack=b"\x00\xffsealed")
        server.says(pack)

        assert link.fetch_gallery(have_version) == pack

        (received,) = server.received
        assert (received.method, received.url) == ("GET", f"{server.url}/api/v1/kiosk/gallery{query}")
        verify(received, identity)

    def test_a_heartbeat_carries_the_figures(self, server: TinyServer, link: ServerLink) -> None:
        server.says(HealthAnswer(server_time=MORNING, gallery_version=3))

        assert link.report_health(HEALTH).gallery_version == 3
        assert parse(KioskHealth, server.received[0].body) == HEALTH

    def test_pairing_shows_the_code_and_the_public_key_and_is_not_signed(self, server: TinyServer) -> None:
        answer = PairAnswer(kiosk_id=uuid4(), kiosk_name="东门", gallery_key=b"k" * 32)
        server.says(answer)

        assert pair(server.url + "/", "ABCD-EFGH", b"p" * 32, 5) == answer

        (received,) = server.received
        assert received.url == f"{server.url}/api/v1/kiosk/pair"
        assert parse(PairRequest, received.body) == PairRequest(code="ABCD-EFGH", public_key=b"p" * 32)
        assert "Signature" not in received.headers


class TestTheSignature:
    def test_covers_method_path_query_and_body_and_is_dated_by_the_hosts_clock(
        self, server: TinyServer, link: ServerLink, identity: KioskIdentity, clock: FakeClock
    ) -> None:
        server.says(BatchAnswer(server_time=MORNING, answers=[]))
        clock.advance(100)
        clock.court += timedelta(days=3)

        link.send_items(BATCH)

        parameters = verify(server.received[0], identity)
        assert datetime.fromtimestamp(parameters["created"], UTC) == MORNING + timedelta(seconds=100)
        assert len(parameters["nonce"]) >= 16

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param({"body": b"{}"}, id="body"),
            pytest.param({"method": "PUT"}, id="method"),
            pytest.param({"url": "http://127.0.0.1/api/v1/kiosk/health"}, id="path"),
            pytest.param({"url": "http://127.0.0.1/api/v1/kiosk/items?x=1"}, id="query"),
        ],
    )
    def test_does_not_fit_a_request_that_was_changed(
        self, server: TinyServer, link: ServerLink, identity: KioskIdentity, change: dict[str, Any]
    ) -> None:
        server.says(BatchAnswer(server_time=MORNING, answers=[]))
        link.send_items(BATCH)
        received = server.received[0]
        verify(received, identity)

        with pytest.raises(InvalidSignature):
            verify(Received(**{**vars(received), **change}), identity)

    def test_is_never_the_same_twice(self, server: TinyServer, link: ServerLink, identity: KioskIdentity) -> None:
        server.says(BatchAnswer(server_time=MORNING, answers=[]))
        for _ in range(5):
            link.send_items(BATCH)

        nonces = {verify(received, identity)["nonce"] for received in server.received}
        assert len(nonces) == 5


class TestAKioskWhoseClockIsWrong:
    AHEAD = timedelta(days=400)

    def stale(self) -> ErrorAnswer:
        return refusal("signature.stale", server_time=(MORNING + self.AHEAD).isoformat())

    def test_learns_the_servers_time_and_tries_once_more(
        self, server: TinyServer, link: ServerLink, identity: KioskIdentity
    ) -> None:
        answer = BatchAnswer(server_time=MORNING, answers=[])
        server.says(self.stale(), answer)

        assert link.send_items(BATCH) == answer

        first, second = (verify(received, identity) for received in server.received)
        assert second["created"] - first["created"] == self.AHEAD.total_seconds()
        assert first["nonce"] != second["nonce"]
        assert server.received[0].body == server.received[1].body

    def test_remembers_it_for_the_next_message(
        self, server: TinyServer, link: ServerLink, identity: KioskIdentity, clock: FakeClock
    ) -> None:
        server.says(self.stale(), HealthAnswer(server_time=MORNING, gallery_version=1))
        link.report_health(HEALTH)
        clock.advance(60)

        link.report_health(HEALTH)

        created = verify(server.received[2], identity)["created"]
        assert datetime.fromtimestamp(created, UTC) == MORNING + self.AHEAD + timedelta(seconds=60)

    def test_gives_up_when_that_does_not_help(self, server: TinyServer, link: ServerLink) -> None:
        server.says(self.stale())

        assert code_of(lambda: link.send_items(BATCH)) == "signature.stale"
        assert len(server.received) == 2

    @pytest.mark.parametrize("server_time", [None, 5, "half past eight", "2026-11-20T08:30:00"])
    def test_does_not_guess_a_time_that_it_cannot_read(
        self, server: TinyServer, link: ServerLink, server_time: object
    ) -> None:
        server.says(refusal("signature.stale", server_time=server_time))

        assert code_of(lambda: link.send_items(BATCH)) == "signature.stale"
        assert len(server.received) == 1


class TestAnswers:
    @pytest.mark.parametrize("code", ["kiosk.revoked", "signature.invalid", "kiosk.unknown", "internal"])
    def test_a_refusal_keeps_its_code(self, server: TinyServer, link: ServerLink, code: str) -> None:
        server.says(refusal(code))

        assert code_of(lambda: link.send_items(BATCH)) == code

    def test_a_refusal_keeps_its_details(self, server: TinyServer) -> None:
        server.says(refusal("request.too_large", limit_bytes=4096))

        with pytest.raises(CourtclockError) as caught:
            pair(server.url, "ABCD-EFGH", b"p" * 32, 5)

        assert caught.value.details == {"limit_bytes": 4096}

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param((200, b"<html>Sign in to the guest network</html>", {}), id="a page"),
            pytest.param((200, b"", {}), id="nothing"),
            pytest.param((200, b'{"version": 1}', {}), id="another message"),
            pytest.param((200, b'{"version": 2, "server_time": "2026-11-20T00:00:00Z", "answers": []}', {}), id="v2"),
            pytest.param((204, b"", {}), id="another status"),
            pytest.param((502, b"Bad Gateway", {}), id="a broken proxy"),
            pytest.param((500, b'{"code": "internal"}', {}), id="half an error"),
            pytest.param(refusal("coffee.empty"), id="a code from the future"),
            pytest.param(refusal("pin.locked", seconds="soon"), id="details that do not fit their sentence"),
            pytest.param(refusal("internal", code="internal"), id="details that carry a name of ours"),
        ],
    )
    def test_what_is_not_understood_is_called_so_and_may_be_tried_again(
        self, server: TinyServer, link: ServerLink, answer: Any
    ) -> None:
        server.says(answer)

        with pytest.raises(CourtclockError) as caught:
            link.send_items(BATCH)

        assert (caught.value.code, caught.value.retryable) == ("server.unexpected_answer", True)
        assert server.url in caught.value.sentence("en")

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_a_redirect_is_not_followed(self, server: TinyServer, link: ServerLink, status: int) -> None:
        with tiny_server() as elsewhere:
            elsewhere.says(BatchAnswer(server_time=MORNING, answers=[]))
            server.says((status, b"", {"Location": f"{elsewhere.url}/api/v1/kiosk/items"}))

            assert code_of(lambda: link.send_items(BATCH)) == "server.unexpected_answer"
            assert elsewhere.received == []


class TestNoAnswer:
    def test_a_server_that_is_not_there_is_unreachable_and_may_be_tried_again(
        self, identity: KioskIdentity, clock: FakeClock
    ) -> None:
        with socket.socket() as nobody:
            # Bound and not listening: whoever calls is refused, and nobody else can take the port meanwhile.
            nobody.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
            link = ServerLink(url, identity, clock, timeout_seconds=5)
            with pytest.raises(CourtclockError) as caught:
                link.report_health(HEALTH)
            link.close()

        assert (caught.value.code, caught.value.retryable) == ("server.unreachable", True)
        assert caught.value.details == {"url": url, "reason": "ConnectionError"}

    def test_a_server_that_keeps_silent_is_unreachable_after_the_timeout(
        self, server: TinyServer, identity: KioskIdentity, clock: FakeClock
    ) -> None:
        over = threading.Event()

        def keep_silent() -> Answer:
            over.wait(10)
            return (200, b"", {})

        server.says(keep_silent)
        link = ServerLink(server.url, identity, clock, timeout_seconds=0.1)
        with pytest.raises(CourtclockError) as caught:
            link.report_health(HEALTH)
        over.set()
        link.close()

        assert caught.value.code == "server.unreachable"
        assert caught.value.details["reason"] == "ReadTimeout"

    def test_a_proxy_from_the_environment_is_never_used(
        self, server: TinyServer, link: ServerLink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with tiny_server() as proxy:
            proxy.says((200, b"", {}))
            for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, proxy.url)
            for name in ("no_proxy", "NO_PROXY"):
                monkeypatch.delenv(name, raising=False)
            server.says(HealthAnswer(server_time=MORNING, gallery_version=1))

            assert link.report_health(HEALTH).gallery_version == 1
            assert proxy.received == []
