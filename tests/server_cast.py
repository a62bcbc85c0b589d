"""The cast of the server's tests: a court in Changchun on Friday, 2026-11-20, its people, its kiosks and its clock."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import numpy as np
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver, algorithms
from werkzeug.test import TestResponse

from models.faces.values import Encoding, ModelId
from models.identifiers import uuid7_at
from models.sealing import write_key_file
from models.settings import Settings, load_settings
from models.wire import (
    SIGNATURE_TAG,
    SIGNED_COMPONENTS,
    AttemptItem,
    ClockEventItem,
    Evidence,
    ItemBatch,
    PairAnswer,
    VoidItem,
)
from server.app import create_app
from server.services import court_rules
from server.services.context import ServerContext, first_rules, site_days
from server.services.devices import make_pairing_code, pair_kiosk
from server.services.signing_in import hash_secret, token_hash
from server.storage.records import Role
from server.web.access import session_cookie
from tests.attendance_days import FRIDAY, moment
from tests.databases import Database

CONFIG: Final = Path(__file__).parent.parent / "config.yaml"
NOON: Final = moment("12:00")
TEMPLATE_KEY: Final = bytes(range(32))
SESSION_KEY: Final = bytes(range(32, 64))
SFACE: Final = ModelId("sface-2021dec-int8bq-centred")
PASSWORD: Final = "correct horse battery"
BOOT: Final = UUID(int=7)
ITEMS: Final = "/api/v1/kiosk/items"
HEALTH: Final = "/api/v1/kiosk/health"
GALLERY: Final = "/api/v1/kiosk/gallery"
PAIR: Final = "/api/v1/kiosk/pair"


class FakeClock:
    """Stands still until it is moved. Court time and host time are moved apart only on purpose.

    Attributes:
        court: what ``now`` says.
        host: what ``host_now`` says.
    """

    def __init__(self, at: datetime = NOON) -> None:
        self.court = at
        self.host = at

    def now(self) -> datetime:
        return self.court

    def monotonic(self) -> float:
        return (self.court - NOON).total_seconds()

    def host_now(self) -> datetime:
        return self.host

    def host_seconds(self) -> float:
        return (self.host - NOON).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.advance(timedelta(seconds=seconds))

    def advance(self, by: timedelta) -> None:
        """Let time pass, or go back."""
        self.court += by
        self.host += by

    def go_to(self, text: str, day: date = FRIDAY) -> None:
        """To a time on the wall in Changchun; "26:00" is two in the next morning."""
        self.advance(moment(text, day) - self.court)


# Settings and the server's parts


@cache
def shipped_settings() -> Settings:
    """The config.yaml that everybody starts with."""
    return load_settings(CONFIG)


def settings_in(folder: Path, database: Database, **sections: Mapping[str, Any]) -> Settings:
    """The shipped settings with a database, keys in a folder, and some values of some sections replaced."""
    shipped = shipped_settings()
    changed: dict[str, Any] = {
        "database": database.settings,
        "secrets": shipped.secrets.model_copy(
            update={"template_key_file": folder / "template.key", "session_key_file": folder / "session.key"}
        ),
    }
    for name, values in sections.items():
        changed[name] = getattr(shipped, name).model_copy(update=dict(values))
    return shipped.model_copy(update=changed)


def make_context(folder: Path, database: Database, clock: FakeClock, **sections: Mapping[str, Any]) -> ServerContext:
    """A server's parts on this database; a second call is the same court after a restart."""
    settings = settings_in(folder, database, **sections)
    for path, key in (
        (settings.secrets.template_key_file, TEMPLATE_KEY),
        (settings.secrets.session_key_file, SESSION_KEY),
    ):
        if not path.exists():
            write_key_file(path, key)
    return ServerContext(settings, database.engine(), clock, TEMPLATE_KEY, site_days(settings), first_rules(settings))


def make_app(context: ServerContext) -> Flask:
    """The app, in which a fault nobody foresaw fails the test."""
    app = create_app(context)
    app.testing = True
    return app


# People


@dataclass(frozen=True)
class Person:
    """Somebody who works here."""

    person_id: UUID
    employee_no: str
    name: str


def employ(
    context: ServerContext,
    employee_no: str = "0104",
    name: str = "李明",
    division: str | None = "立案庭",
    joined_on: date = date(2026, 11, 2),
) -> Person:
    """Put somebody on the list, without PIN and without a face."""
    with context.unit() as unit:
        division_id = None if division is None else unit.people.ensure_division(division)
        person_id = unit.people.add(employee_no, name, division_id, joined_on)
        unit.commit()
    return Person(person_id, employee_no, name)


@cache
def password_hash(password: str = PASSWORD) -> str:
    """Argon2 is slow on purpose: one hash serves all tests of a process."""
    return hash_secret(password)


def give_account(context: ServerContext, username: str, role: Role, division: str | None = None) -> UUID:
    """An account with the password of the cast: HR, the head of a division, or an employee."""
    with context.unit() as unit:
        division_id = None if division is None else unit.people.ensure_division(division)
        account_id = unit.accounts.add(username, password_hash(), role, division_id)
        unit.commit()
    return account_id


def sign_in_as(client: FlaskClient, context: ServerContext, username: str) -> str:
    """Give a browser the cookie of a running sign-in, without the form; gives the token."""
    token = f"token-of-{username}"
    with context.unit() as unit:
        account = unit.accounts.by_username(username)
        assert account is not None
        unit.accounts.open_session(token_hash(token), account.account_id, context.clock.host_now())
        unit.commit()
    client.set_cookie(session_cookie(context), token)
    return token


def face_of(number: int, model_id: ModelId = SFACE) -> Encoding:
    """A template whose bytes are easy to search for."""
    vector = np.random.default_rng(number).normal(size=128).astype(np.float32)
    return Encoding(model_id, vector / np.linalg.norm(vector))


# Kiosks


class _OneKey(HTTPSignatureKeyResolver):
    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        return self._private_key


@dataclass(frozen=True)
class Kiosk:
    """A kiosk with its own key, that can do all that a real one does, and wrong things too."""

    kiosk_id: UUID
    name: str
    gallery_key: bytes
    private_key: Ed25519PrivateKey
    clock: FakeClock

    def sign(
        self,
        method: str,
        path: str,
        body: bytes,
        *,
        created: datetime | None = None,
        nonce: str | None = None,
        tag: str = SIGNATURE_TAG,
        components: Sequence[str] = SIGNED_COMPONENTS,
        key_id: str | None = None,
    ) -> dict[str, str]:
        """Headers of a signed request, as a kiosk makes them."""
        prepared = requests.Request(
            method, f"http://localhost{path}", data=body, headers={"Content-Type": "application/json"}
        ).prepare()
        HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_OneKey(self.private_key)).sign(
            prepared,
            key_id=key_id or str(self.kiosk_id),
            created=created or self.clock.host_now(),
            nonce=nonce if nonce is not None else secrets.token_urlsafe(18),
            tag=tag,
            covered_component_ids=components,
            body=body,
        )
        return {name: value for name, value in prepared.headers.items() if name.lower() != "content-length"}

    def send(self, client: FlaskClient, method: str, path: str, body: bytes = b"", **signing: Any) -> TestResponse:
        """A signed request and its answer."""
        return client.open(path, method=method, data=body, headers=self.sign(method, path, body, **signing))


def pair(context: ServerContext, clock: FakeClock, name: str = "east door") -> Kiosk:
    """A paired kiosk."""
    private_key = Ed25519PrivateKey.generate()
    public_key = private_key.public_key().public_bytes_raw()
    answer: PairAnswer = pair_kiosk(context, make_pairing_code(context, name), public_key)
    return Kiosk(answer.kiosk_id, answer.kiosk_name, answer.gallery_key, private_key, clock)


# What kiosks send


def clocked_at(
    person: Person, at: datetime | str, seq: int = 1, *, item_id: UUID | None = None, method: str = "face"
) -> dict[str, Any]:
    """A clock event of a person, at a moment or at a time on Friday's wall."""
    captured_at = moment(at) if isinstance(at, str) else at
    item = ClockEventItem(
        item_id=item_id or uuid7_at(captured_at),
        device_seq=seq,
        captured_at=captured_at,
        recorded_at=captured_at,
        monotonic_seconds=100.0 + seq,
        boot_id=BOOT,
        person_id=person.person_id,
        method=method,  # type: ignore[arg-type] # pydantic judges it
        evidence=Evidence(model_id=SFACE, distance=0.31, votes=3, frames=4),
    )
    return item.model_dump(mode="json")


def attempted_at(at: str, seq: int = 1) -> dict[str, Any]:
    """Somebody whom the kiosk did not know."""
    captured_at = moment(at)
    return AttemptItem(
        item_id=uuid7_at(captured_at),
        device_seq=seq,
        captured_at=captured_at,
        recorded_at=captured_at,
        monotonic_seconds=100.0 + seq,
        boot_id=BOOT,
        outcome="unknown",
        evidence=Evidence(distance=0.8),
    ).model_dump(mode="json")


def not_me(event: Mapping[str, Any], seq: int = 2, after: timedelta = timedelta(seconds=5)) -> dict[str, Any]:
    """ "Not me", some seconds after a clock event."""
    captured_at = datetime.fromisoformat(event["captured_at"]).astimezone(UTC) + after
    return VoidItem(
        item_id=uuid7_at(captured_at),
        device_seq=seq,
        captured_at=captured_at,
        recorded_at=captured_at,
        monotonic_seconds=105.0 + seq,
        boot_id=BOOT,
        voided_event_id=UUID(event["item_id"]),
    ).model_dump(mode="json")


def batch_of(*items: dict[str, Any], sent_at: datetime = NOON) -> ItemBatch:
    """A message with these items."""
    return ItemBatch(sent_at=sent_at, sent_monotonic_seconds=200.0, boot_id=BOOT, items=list(items))


def health_body(sent_at: datetime = NOON) -> bytes:
    """A heartbeat of a kiosk that is fine."""
    from models.wire import KioskHealth

    return (
        KioskHealth(
            sent_at=sent_at,
            software="0.1.0",
            camera="0",
            camera_fault=None,
            frames_per_second=12.5,
            queue_length=0,
            quarantined=0,
            last_device_seq=3,
            gallery_version=None,
        )
        .model_dump_json()
        .encode()
    )


def pair_body(code: str, public_key: bytes = bytes(32)) -> bytes:
    """What a new kiosk sends."""
    return (f'{{"code": "{code}", "public_key": "{base64.urlsafe_b64encode(public_key).decode()}"}}').encode()


def begin_a_new_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget all rules that were read, as another process has it."""
    monkeypatch.setattr(court_rules, "_READ", {})
    court_rules._KNOWN.clear()
