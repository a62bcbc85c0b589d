"""Servers for the kiosk's tests: one in memory behind the kiosk's own link, one that really speaks HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from kiosk.link import ServerLink
from models.wire import (
    BatchAnswer,
    ErrorAnswer,
    GalleryPack,
    HealthAnswer,
    ItemAnswer,
    ItemBatch,
    KioskHealth,
    Message,
    parse_item,
)
from tests.kiosk_fakes import MORNING


class FakeLink:
    """A server in memory: answers by the test's word, item by item.

    Attributes:
        batches: what came.
        result_of: what to answer for an item; None leaves it unanswered.
        fail_with: raised instead of any answer.
    """

    def __init__(self) -> None:
        self.batches: list[ItemBatch] = []
        self.healths: list[KioskHealth] = []
        self.gallery_asked: list[int | None] = []
        self.gallery: GalleryPack = GalleryPack(gallery_version=0, pack=None)
        self.newest_gallery_version: int | None = None
        self.result_of: Callable[[dict[str, Any]], ItemAnswer | None] = stored
        self.fail_with: Exception | None = None
        self.fail_gallery_with: Exception | None = None
        self.asked = threading.Event()

    def _refuse(self) -> None:
        self.asked.set()
        if self.fail_with is not None:
            raise self.fail_with

    @property
    def delivered(self) -> list[int]:
        """The device numbers that came, in order."""
        return [item["device_seq"] for batch in self.batches for item in batch.items]

    def send_items(self, batch: ItemBatch) -> BatchAnswer:
        self._refuse()
        for item in batch.items:
            parse_item(item)
        self.batches.append(batch)
        answers = [answer for answer in map(self.result_of, batch.items) if answer is not None]
        return BatchAnswer(server_time=MORNING, answers=answers)

    def report_health(self, health: KioskHealth) -> HealthAnswer:
        self._refuse()
        self.healths.append(health)
        newest = self.newest_gallery_version
        return HealthAnswer(
            server_time=MORNING, gallery_version=self.gallery.gallery_version if newest is None else newest
        )

    def fetch_gallery(self, have_version: int | None) -> GalleryPack:
        self.gallery_asked.append(have_version)
        if self.fail_gallery_with is not None:
            raise self.fail_gallery_with
        return self.gallery

    def as_link(self) -> ServerLink:
        """This, where the product expects its own link."""
        return cast(ServerLink, self)


def stored(item: dict[str, Any]) -> ItemAnswer:
    return ItemAnswer(item_id=item["item_id"], result="stored")


def already_had(item: dict[str, Any]) -> ItemAnswer:
    return ItemAnswer(item_id=item["item_id"], result="already_had")


def refused(item: dict[str, Any], code: str = "item.person_unknown") -> ItemAnswer:
    return ItemAnswer(item_id=item["item_id"], result="refused", code=code)


@dataclass
class Received:
    """One request as it came."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


Answer = tuple[int, bytes, dict[str, str]]


@dataclass
class TinyServer:
    """A real HTTP server on the loopback that answers by the test's word.

    Attributes:
        url: where it is.
        answers: one a request, in order; the last one stays.
        received: what came.
    """

    url: str = ""
    answers: list[Answer | Callable[[], Answer]] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)

    def says(self, *answers: Message | Answer | Callable[[], Answer]) -> None:
        self.answers = [
            (200 if not isinstance(one, ErrorAnswer) else 401, one.model_dump_json().encode(), {})
            if isinstance(one, Message)
            else one
            for one in answers
        ]

    def take(self, received: Received) -> Answer:
        self.received.append(received)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer() if callable(answer) else answer


@contextmanager
def tiny_server() -> Iterator[TinyServer]:
    tiny = TinyServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = f"http://{self.headers['Host']}{self.path}"
            status, content, headers = tiny.take(Received(self.command, url, dict(self.headers.items()), body))
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _take

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    tiny.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield tiny
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
