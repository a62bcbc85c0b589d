"""The messages between kiosk and server, version 1. Importing this loads neither OpenCV nor numpy.

A kiosk sends what happened as numbered *items*; the server answers each one by itself. Times are
UTC in ISO 8601, identifiers are UUIDs, bytes are base64 (URL-safe). A message is closed: a field that is not
named here is refused, so a kiosk and a server that disagree find out at once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from models.errors import CourtclockError

WIRE_VERSION: Final = 1
SIGNATURE_TAG: Final = "courtclock-kiosk"
SIGNED_COMPONENTS: Final = ("@method", "@path", "@query", "content-digest")
MAX_BATCH_ITEMS: Final = 500
MAX_BODY_BYTES: Final = 4 * 1024 * 1024

Method = Literal["face", "pin", "card"]
AttemptOutcome = Literal["unknown", "doubtful", "not_live", "cancelled", "wrong_pin", "fault"]
OperatingPointSource = Literal["measured", "extrapolated", "default"]


class Message(BaseModel):
    """Closed and immutable; every message is one."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, ser_json_bytes="base64", val_json_bytes="base64"
    )


class Evidence(Message):
    """Why the kiosk decided so; enough to explain, nothing to recognise anybody with.

    Attributes:
        model_id: the encoder that compared, None for a PIN.
        distance: to the nearest person, mean of the agreeing frames.
        other_distance: to the nearest other person, None in a gallery of one.
        accept_distance, margin: the operating point in force.
        votes, frames: how many of how many looked-at frames agreed.
        gallery_version: which gallery was compared with.
        first_seen_at: when the person was first seen, if earlier than the decision.
        operating_point: the server's number of the operating point in force; None for the kiosk's own settings.
        pin_face_distance: with a PIN, how far the face in front was from the person whose PIN it is; None where
            nobody was seen, or the person has no templates.
        liveness: how the face showed that it is alive; None where the kiosk did not ask.
    """

    model_id: str | None = None
    distance: float | None = None
    other_distance: float | None = None
    accept_distance: float | None = None
    margin: float | None = None
    votes: int | None = None
    frames: int | None = None
    gallery_version: int | None = None
    first_seen_at: AwareDatetime | None = None
    operating_point: int | None = None
    pin_face_distance: float | None = None
    liveness: Literal["passive", "challenge"] | None = None


class Item(Message):
    """What all items share.

    Attributes:
        item_id: UUIDv7; for clock events and attempts its time is ``captured_at``.
        device_seq: gapless number on this kiosk, from 1.
        captured_at: the moment it counts for, by the kiosk's clock.
        recorded_at: the moment it was written down, by the kiosk's clock.
        monotonic_seconds, boot_id: the kiosk's monotonic clock and which start it belongs to.
    """

    item_id: UUID
    device_seq: int = Field(ge=1)
    captured_at: AwareDatetime
    recorded_at: AwareDatetime
    monotonic_seconds: float
    boot_id: UUID


class ClockEventItem(Item):
    """Somebody was identified."""

    kind: Literal["clock_event"] = "clock_event"
    person_id: UUID
    method: Method
    evidence: Evidence


class AttemptItem(Item):
    """An identification that did not end in a clock event. Never with an image."""

    kind: Literal["attempt"] = "attempt"
    outcome: AttemptOutcome
    evidence: Evidence


class VoidItem(Item):
    """ "Not me": the clock event named does not count. Nothing is deleted."""

    kind: Literal["void"] = "void"
    voided_event_id: UUID


AnyItem = Annotated[ClockEventItem | AttemptItem | VoidItem, Field(discriminator="kind")]
ITEM: Final[TypeAdapter[ClockEventItem | AttemptItem | VoidItem]] = TypeAdapter(AnyItem)


class ItemBatch(Message):
    """Items, oldest first, with the kiosk's clock at the moment of sending.

    ``items`` stay raw here: one malformed item must not refuse its neighbours.
    """

    version: Literal[1] = WIRE_VERSION
    sent_at: AwareDatetime
    sent_monotonic_seconds: float
    boot_id: UUID
    items: list[dict[str, Any]] = Field(max_length=MAX_BATCH_ITEMS)


class ItemAnswer(Message):
    """What became of one item. ``stored`` and ``already_had`` are done; ``refused`` needs people."""

    item_id: str
    result: Literal["stored", "already_had", "refused"]
    code: str | None = None
    sentence: str | None = None


class BatchAnswer(Message):
    """One answer an item, in the order sent."""

    version: Literal[1] = WIRE_VERSION
    server_time: AwareDatetime
    answers: list[ItemAnswer]


class PairRequest(Message):
    """A new kiosk shows its one-time code and its public key (Ed25519, raw 32 bytes)."""

    version: Literal[1] = WIRE_VERSION
    code: str = Field(min_length=8, max_length=64)
    public_key: bytes


class PairAnswer(Message):
    """The kiosk's identity and the key that seals its gallery."""

    version: Literal[1] = WIRE_VERSION
    kiosk_id: UUID
    kiosk_name: str
    gallery_key: bytes


class PersonEntry(Message):
    """What a kiosk must know of one person.

    Attributes:
        display_name: what the screen may show.
        pin_hash: Argon2id hash of the PIN, None where the person has none.
        templates: one float32 vector each, little endian; empty without consent to face recognition.
        accept_distance: the person's own, tightened because somebody else looks alike; None where that of the
            operating point holds.
        ask_pin: somebody else looks so alike that a face alone never decides for this person.
    """

    person_id: UUID
    employee_no: str
    display_name: str
    pin_hash: str | None
    templates: list[bytes]
    accept_distance: float | None = None
    ask_pin: bool = False


class OperatingPointMessage(Message):
    """The thresholds of this site, computed by the server from the gallery that they come with.

    Attributes:
        version: the server's number of this operating point; rises.
        accept_distance, margin: decide at the door.
        one_to_one_distance: largest distance to the person whose PIN was typed.
        covered_accept_distance: takes the place of ``accept_distance`` while the lower face is covered.
        source: measured; extrapolated, beyond what the data can show; or the careful default of the settings.
    """

    version: int
    accept_distance: float
    margin: float
    one_to_one_distance: float
    covered_accept_distance: float
    source: OperatingPointSource


class GalleryContent(Message):
    """All that a kiosk matches against; replaced whole, never patched.

    Attributes:
        operating_point: in force with this gallery; None before the server has computed one: then the kiosk's own
            settings hold.
    """

    gallery_version: int
    model_id: str
    dimensions: int
    people: list[PersonEntry]
    operating_point: OperatingPointMessage | None = None


class GalleryPack(Message):
    """A sealed ``GalleryContent`` for one kiosk; ``pack`` is None when the kiosk is up to date."""

    version: Literal[1] = WIRE_VERSION
    gallery_version: int
    pack: bytes | None


class KioskHealth(Message):
    """How a kiosk fares, in figures; sent as a heartbeat and shown on its own page."""

    version: Literal[1] = WIRE_VERSION
    sent_at: AwareDatetime
    software: str
    camera: str
    camera_fault: str | None
    frames_per_second: float
    queue_length: int
    quarantined: int
    last_device_seq: int
    gallery_version: int | None


class HealthAnswer(Message):
    """Heard; with the server's time and the newest gallery, so a kiosk knows whether to ask."""

    version: Literal[1] = WIRE_VERSION
    server_time: AwareDatetime
    gallery_version: int


class ErrorAnswer(Message):
    """The one shape of every error that the API gives."""

    code: str
    sentence: str
    retryable: bool
    details: dict[str, Any] = Field(default_factory=dict)


M = TypeVar("M", bound=Message)


def parse(form: type[M], body: bytes | str) -> M:
    """A message from JSON.

    Raises:
        CourtclockError: ``wire.version`` for another version, ``wire.invalid`` for anything else.
    """
    try:
        return form.model_validate_json(body)
    except ValidationError as error:
        raise _wire_error(error) from error


def parse_item(raw: dict[str, Any]) -> ClockEventItem | AttemptItem | VoidItem:
    """One item out of a batch.

    Raises:
        CourtclockError: ``wire.invalid``.
    """
    try:
        return ITEM.validate_python(raw, strict=False)
    except ValidationError as error:
        raise _wire_error(error) from error


def _wire_error(error: ValidationError) -> CourtclockError:
    first = error.errors(include_url=False, include_context=False)[0]
    if first["loc"] == ("version",):
        return CourtclockError("wire.version", found=repr(first["input"]), expected=WIRE_VERSION)
    where = ".".join(str(part) for part in first["loc"]) or "message"
    return CourtclockError("wire.invalid", reason=f"{where}: {first['msg']}")


def gallery_owner(kiosk_id: UUID, gallery_version: int) -> str:
    """The associated data that binds a gallery pack to one kiosk and version."""
    return f"gallery|{kiosk_id}|{gallery_version}"


def clock_skew_seconds(kiosk_time: datetime, server_time: datetime) -> float:
    """How many seconds the kiosk's clock is ahead of the server's."""
    return (kiosk_time - server_time).total_seconds()
