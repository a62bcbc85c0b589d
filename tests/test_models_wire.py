"""What a message may hold, and what is said about one that does not keep to it."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.errors import CourtclockError
from models.wire import (
    MAX_BATCH_ITEMS,
    AttemptItem,
    ClockEventItem,
    Evidence,
    GalleryPack,
    HealthAnswer,
    Item,
    ItemBatch,
    KioskHealth,
    Message,
    OperatingPointMessage,
    PairRequest,
    PersonEntry,
    VoidItem,
    clock_skew_seconds,
    gallery_owner,
    parse,
    parse_item,
)
from tests.wire_examples import CAPTURED_AT, CLOCK_EVENT, EXAMPLES, KIOSK

BEIJING = timezone(timedelta(hours=8))
KINDS = [type(message).__name__ for message, _ in EXAMPLES]
TIMED = [
    (type(message), content, field)
    for message, content in EXAMPLES
    for field in ("captured_at", "recorded_at", "sent_at", "server_time", "first_seen_at")
    if isinstance(content.get(field), str)
]
# An operating point has a version of its own, which rises.
VERSIONED = [
    (type(message), content)
    for message, content in EXAMPLES
    if "version" in content and not isinstance(message, OperatingPointMessage)
]


def refused(form: type[Message], content: Any) -> CourtclockError:
    with pytest.raises(CourtclockError) as caught:
        parse(form, content if isinstance(content, (str, bytes)) else json.dumps(content))
    return caught.value


def item_json(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(CLOCK_EVENT.model_dump_json())
    return content | changes


def refused_item(raw: dict[str, Any]) -> CourtclockError:
    with pytest.raises(CourtclockError) as caught:
        parse_item(raw)
    return caught.value


def batch_of(items: int) -> str:
    batch = {"sent_at": "2026-11-20T00:12:00Z", "sent_monotonic_seconds": 1, "boot_id": str(KIOSK)}
    return json.dumps(batch | {"items": [{}] * items})


@pytest.mark.parametrize(("message", "content"), EXAMPLES, ids=KINDS)
def test_a_field_that_nobody_agreed_on_is_refused_by_name(message: Message, content: dict[str, Any]) -> None:
    error = refused(type(message), content | {"photograph": "…"})
    assert error.code == "wire.invalid"
    assert str(error.details["reason"]).startswith("photograph: ")


@pytest.mark.parametrize(("message", "content"), EXAMPLES, ids=KINDS)
def test_a_message_cannot_be_changed_after_its_birth(message: Message, content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(message, next(iter(content)), None)


@pytest.mark.parametrize(("form", "content", "field"), TIMED)
def test_a_time_without_its_zone_is_refused(form: type[Message], content: dict[str, Any], field: str) -> None:
    error = refused(form, content | {field: "2026-11-20T08:12:00"})
    assert (error.code, str(error.details["reason"]).split(": ")[0]) == ("wire.invalid", field)


@pytest.mark.parametrize(("form", "content"), VERSIONED)
@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_version_is_named_whatever_else_is_different(
    form: type[Message], content: dict[str, Any], version: object
) -> None:
    error = refused(form, content | {"version": version, "something_newer": 1})
    assert error.code == "wire.version"
    assert error.details == {"found": repr(version), "expected": 1}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"person_id": "1007"}, "clock_event.person_id"),
        ({"method": "fingerprint"}, "clock_event.method"),
        ({"method": "register"}, "clock_event.method"),
        ({"device_seq": 0}, "clock_event.device_seq"),
        ({"captured_at": "2026-11-20T08:12:00"}, "clock_event.captured_at"),
        ({"evidence": {"distance": "near"}}, "clock_event.evidence.distance"),
        ({"evidence": {"image": "…"}}, "clock_event.evidence.image"),
        ({"evidence": {"distance": float("nan")}}, "clock_event.evidence.distance"),
        ({"monotonic_seconds": float("inf")}, "clock_event.monotonic_seconds"),
        ({"kind": "photograph"}, "message"),
        ({"photograph": "…"}, "clock_event.photograph"),
    ],
)
def test_what_is_wrong_with_an_item_is_said_with_its_place(changes: dict[str, Any], where: str) -> None:
    error = refused_item(item_json(**changes))
    assert error.code == "wire.invalid"
    assert str(error.details["reason"]).split(": ")[0] == where


def test_an_item_of_no_kind_is_refused() -> None:
    raw = item_json()
    del raw["kind"]
    assert refused_item(raw).code == "wire.invalid"
    assert refused_item({}).code == "wire.invalid"


@pytest.mark.parametrize("field", [name for name, field in ClockEventItem.model_fields.items() if field.is_required()])
def test_nothing_that_an_event_needs_can_be_left_out(field: str) -> None:
    raw = item_json()
    del raw[field]
    assert f"clock_event.{field}" in str(refused_item(raw).details["reason"])


def test_what_an_event_needs_is_this() -> None:
    needed = {name for name, field in Item.model_fields.items() if field.is_required()}
    assert needed == {"item_id", "device_seq", "captured_at", "recorded_at", "monotonic_seconds", "boot_id"}


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b"\xff", "7", '"version"'])
def test_what_is_no_message_at_all_is_refused(body: bytes | str) -> None:
    assert refused(HealthAnswer, body).code == "wire.invalid"


def test_a_batch_holds_five_hundred_items_and_no_more() -> None:
    assert len(parse(ItemBatch, batch_of(MAX_BATCH_ITEMS)).items) == 500
    error = refused(ItemBatch, batch_of(MAX_BATCH_ITEMS + 1))
    assert (error.code, str(error.details["reason"]).split(": ")[0]) == ("wire.invalid", "items")


def test_one_malformed_item_does_not_refuse_its_neighbours() -> None:
    batch = json.loads(batch_of(0)) | {"items": [item_json(), {"kind": "nonsense"}, item_json(device_seq=42)]}
    items = parse(ItemBatch, json.dumps(batch)).items
    assert parse_item(items[0]) == CLOCK_EVENT
    assert refused_item(items[1]).code == "wire.invalid"
    assert parse_item(items[2]).device_seq == 42


@pytest.mark.parametrize("code", ["1234567", "x" * 65])
def test_a_pairing_code_has_eight_to_sixty_four_characters(code: str) -> None:
    assert refused(PairRequest, {"code": code, "public_key": "AAAA"}).code == "wire.invalid"


def test_a_figure_of_health_that_is_no_number_is_refused() -> None:
    health = next(content for message, content in EXAMPLES if isinstance(message, KioskHealth))
    error = refused(KioskHealth, json.dumps(deepcopy(health) | {"frames_per_second": float("nan")}))
    assert str(error.details["reason"]).startswith("frames_per_second: ")


@given(st.binary(max_size=300))
def test_bytes_come_back_from_the_wire(content: bytes) -> None:
    pack = GalleryPack(gallery_version=1, pack=content)
    assert parse(GalleryPack, pack.model_dump_json()) == pack
    person = PersonEntry(person_id=KIOSK, employee_no="1", display_name="王", pin_hash=None, templates=[content] * 2)
    assert parse(PersonEntry, person.model_dump_json()).templates == [content, content]


@pytest.mark.parametrize("text", ["A", "AAA*", "王"])
def test_what_is_not_base64_is_refused(text: str) -> None:
    assert refused(GalleryPack, {"gallery_version": 1, "pack": text}).code == "wire.invalid"


MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.sampled_from([UTC, BEIJING]))  # noqa: DTZ001
FIGURES = st.none() | st.floats(allow_nan=False, allow_infinity=False)
COUNTS = st.none() | st.integers(0, 2**40)
EVIDENCE = st.builds(
    Evidence,
    model_id=st.none() | st.text(max_size=30),
    distance=FIGURES,
    other_distance=FIGURES,
    accept_distance=FIGURES,
    margin=FIGURES,
    votes=COUNTS,
    frames=COUNTS,
    gallery_version=COUNTS,
    first_seen_at=st.none() | MOMENTS,
)
COMMON = {
    "item_id": st.uuids(),
    "device_seq": st.integers(1, 2**53),
    "captured_at": MOMENTS,
    "recorded_at": MOMENTS,
    "monotonic_seconds": st.floats(0, 1e9),
    "boot_id": st.uuids(),
}
OUTCOMES = st.sampled_from(["unknown", "doubtful", "not_live", "cancelled", "wrong_pin", "fault"])
ITEMS = st.one_of(
    st.builds(
        ClockEventItem,
        **COMMON,
        person_id=st.uuids(),
        method=st.sampled_from(["face", "pin", "card"]),
        evidence=EVIDENCE,
    ),
    st.builds(AttemptItem, **COMMON, outcome=OUTCOMES, evidence=EVIDENCE),
    st.builds(VoidItem, **COMMON, voided_event_id=st.uuids()),
)


@given(ITEMS)
def test_any_item_arrives_as_it_was_sent(item: ClockEventItem | AttemptItem | VoidItem) -> None:
    batch = json.loads(batch_of(0)) | {"items": [json.loads(item.model_dump_json())]}
    arrived = parse_item(parse(ItemBatch, json.dumps(batch)).items[0])
    assert arrived == item
    assert arrived.captured_at.utcoffset() is not None


def test_a_gallery_pack_is_bound_to_its_kiosk_and_version() -> None:
    assert gallery_owner(KIOSK, 12) == "gallery|0193a000-0000-7000-8000-0000000000f1|12"


@pytest.mark.parametrize(("ahead", "skew"), [(0.0, 0.0), (90.5, 90.5), (-3600.0, -3600.0)])
def test_a_kiosk_ahead_of_the_server_has_a_positive_skew(ahead: float, skew: float) -> None:
    kiosk_time = (CAPTURED_AT + timedelta(seconds=ahead)).astimezone(BEIJING)
    assert clock_skew_seconds(kiosk_time, CAPTURED_AT) == skew
