"""One example of every message between kiosk and server, with the JSON that it is on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from models.wire import (
    AttemptItem,
    BatchAnswer,
    ClockEventItem,
    ErrorAnswer,
    Evidence,
    GalleryContent,
    GalleryPack,
    HealthAnswer,
    ItemAnswer,
    ItemBatch,
    KioskHealth,
    Message,
    OperatingPointMessage,
    PairAnswer,
    PairRequest,
    PersonEntry,
    VoidItem,
)

CAPTURED_AT: Final = datetime(2026, 11, 20, 0, 12, 3, 250000, tzinfo=UTC)
EVENT_ID: Final = UUID("019a9e3b-4d52-7000-8000-000000000001")
ATTEMPT_ID: Final = UUID("019a9e3b-4d52-7000-8000-000000000002")
VOID_ID: Final = UUID("019a9e3b-4d52-7000-8000-000000000003")
EMPLOYEE: Final = UUID("0193a000-0000-7000-8000-000000000007")
KIOSK: Final = UUID("0193a000-0000-7000-8000-0000000000f1")
BOOT: Final = UUID("11111111-2222-4333-8444-555555555555")

BY_FACE: Final = Evidence(
    model_id="sface-2021dec-int8bq-centred",
    distance=0.31,
    other_distance=0.74,
    accept_distance=0.55,
    margin=0.08,
    votes=3,
    frames=5,
    gallery_version=12,
    first_seen_at=CAPTURED_AT - timedelta(seconds=2),
    operating_point=3,
    liveness="passive",
)

CLOCK_EVENT: Final = ClockEventItem(
    item_id=EVENT_ID,
    device_seq=41,
    captured_at=CAPTURED_AT,
    recorded_at=CAPTURED_AT + timedelta(milliseconds=20),
    monotonic_seconds=86.5,
    boot_id=BOOT,
    person_id=EMPLOYEE,
    method="face",
    evidence=BY_FACE,
)
ATTEMPT: Final = AttemptItem(
    item_id=ATTEMPT_ID,
    device_seq=42,
    captured_at=CAPTURED_AT,
    recorded_at=CAPTURED_AT,
    monotonic_seconds=87.0,
    boot_id=BOOT,
    outcome="not_live",
    evidence=Evidence(),
)
VOID: Final = VoidItem(
    item_id=VOID_ID,
    device_seq=43,
    captured_at=CAPTURED_AT,
    recorded_at=CAPTURED_AT,
    monotonic_seconds=90.0,
    boot_id=BOOT,
    voided_event_id=EVENT_ID,
)

NO_EVIDENCE: Final = {
    "model_id": None,
    "distance": None,
    "other_distance": None,
    "accept_distance": None,
    "margin": None,
    "votes": None,
    "frames": None,
    "gallery_version": None,
    "first_seen_at": None,
    "operating_point": None,
    "pin_face_distance": None,
    "liveness": None,
}

# The JSON is written by hand. Kiosks in the field speak it: a change here is a new version of the wire.
EXAMPLES: Final[list[tuple[Message, dict[str, object]]]] = [
    (
        BY_FACE,
        {
            "model_id": "sface-2021dec-int8bq-centred",
            "distance": 0.31,
            "other_distance": 0.74,
            "accept_distance": 0.55,
            "margin": 0.08,
            "votes": 3,
            "frames": 5,
            "gallery_version": 12,
            "first_seen_at": "2026-11-20T00:12:01.250000Z",
            "operating_point": 3,
            "pin_face_distance": None,
            "liveness": "passive",
        },
    ),
    (
        CLOCK_EVENT,
        {
            "item_id": "019a9e3b-4d52-7000-8000-000000000001",
            "device_seq": 41,
            "captured_at": "2026-11-20T00:12:03.250000Z",
            "recorded_at": "2026-11-20T00:12:03.270000Z",
            "monotonic_seconds": 86.5,
            "boot_id": "11111111-2222-4333-8444-555555555555",
            "kind": "clock_event",
            "person_id": "0193a000-0000-7000-8000-000000000007",
            "method": "face",
            "evidence": {
                "model_id": "sface-2021dec-int8bq-centred",
                "distance": 0.31,
                "other_distance": 0.74,
                "accept_distance": 0.55,
                "margin": 0.08,
                "votes": 3,
                "frames": 5,
                "gallery_version": 12,
                "first_seen_at": "2026-11-20T00:12:01.250000Z",
                "operating_point": 3,
                "pin_face_distance": None,
                "liveness": "passive",
            },
        },
    ),
    (
        ATTEMPT,
        {
            "item_id": "019a9e3b-4d52-7000-8000-000000000002",
            "device_seq": 42,
            "captured_at": "2026-11-20T00:12:03.250000Z",
            "recorded_at": "2026-11-20T00:12:03.250000Z",
            "monotonic_seconds": 87.0,
            "boot_id": "11111111-2222-4333-8444-555555555555",
            "kind": "attempt",
            "outcome": "not_live",
            "evidence": NO_EVIDENCE,
        },
    ),
    (
        VOID,
        {
            "item_id": "019a9e3b-4d52-7000-8000-000000000003",
            "device_seq": 43,
            "captured_at": "2026-11-20T00:12:03.250000Z",
            "recorded_at": "2026-11-20T00:12:03.250000Z",
            "monotonic_seconds": 90.0,
            "boot_id": "11111111-2222-4333-8444-555555555555",
            "kind": "void",
            "voided_event_id": "019a9e3b-4d52-7000-8000-000000000001",
        },
    ),
    (
        ItemBatch(sent_at=CAPTURED_AT, sent_monotonic_seconds=91.0, boot_id=BOOT, items=[{"kind": "?", "n": 1}]),
        {
            "version": 1,
            "sent_at": "2026-11-20T00:12:03.250000Z",
            "sent_monotonic_seconds": 91.0,
            "boot_id": "11111111-2222-4333-8444-555555555555",
            "items": [{"kind": "?", "n": 1}],
        },
    ),
    (
        ItemAnswer(item_id="7", result="refused", code="item.person_unknown", sentence="Nobody."),
        {"item_id": "7", "result": "refused", "code": "item.person_unknown", "sentence": "Nobody."},
    ),
    (
        BatchAnswer(server_time=CAPTURED_AT, answers=[ItemAnswer(item_id="7", result="stored")]),
        {
            "version": 1,
            "server_time": "2026-11-20T00:12:03.250000Z",
            "answers": [{"item_id": "7", "result": "stored", "code": None, "sentence": None}],
        },
    ),
    (
        PairRequest(code="ABCD-EFGH", public_key=b"\xfb\xff\xfe"),
        {"version": 1, "code": "ABCD-EFGH", "public_key": "-__-"},
    ),
    (
        PairAnswer(kiosk_id=KIOSK, kiosk_name="大门", gallery_key=b"\x00\x01"),
        {
            "version": 1,
            "kiosk_id": "0193a000-0000-7000-8000-0000000000f1",
            "kiosk_name": "大门",
            "gallery_key": "AAE=",
        },
    ),
    (
        PersonEntry(
            person_id=EMPLOYEE, employee_no="1007", display_name="王书记员", pin_hash=None, templates=[b"\x00"]
        ),
        {
            "person_id": "0193a000-0000-7000-8000-000000000007",
            "employee_no": "1007",
            "display_name": "王书记员",
            "pin_hash": None,
            "templates": ["AA=="],
            "accept_distance": None,
            "ask_pin": False,
        },
    ),
    (
        OperatingPointMessage(
            version=3,
            accept_distance=0.4465,
            margin=0.08,
            one_to_one_distance=0.6,
            covered_accept_distance=0.4,
            source="extrapolated",
        ),
        {
            "version": 3,
            "accept_distance": 0.4465,
            "margin": 0.08,
            "one_to_one_distance": 0.6,
            "covered_accept_distance": 0.4,
            "source": "extrapolated",
        },
    ),
    (
        GalleryContent(gallery_version=12, model_id="sface-2021dec-int8bq-centred", dimensions=128, people=[]),
        {
            "gallery_version": 12,
            "model_id": "sface-2021dec-int8bq-centred",
            "dimensions": 128,
            "people": [],
            "operating_point": None,
        },
    ),
    (
        GalleryPack(gallery_version=12, pack=b"\xff\xff\xff"),
        {"version": 1, "gallery_version": 12, "pack": "____"},
    ),
    (
        KioskHealth(
            sent_at=CAPTURED_AT,
            software="0.1.0",
            camera="0",
            camera_fault=None,
            frames_per_second=14.5,
            queue_length=2,
            quarantined=0,
            last_device_seq=43,
            gallery_version=None,
        ),
        {
            "version": 1,
            "sent_at": "2026-11-20T00:12:03.250000Z",
            "software": "0.1.0",
            "camera": "0",
            "camera_fault": None,
            "frames_per_second": 14.5,
            "queue_length": 2,
            "quarantined": 0,
            "last_device_seq": 43,
            "gallery_version": None,
        },
    ),
    (
        HealthAnswer(server_time=CAPTURED_AT, gallery_version=12),
        {"version": 1, "server_time": "2026-11-20T00:12:03.250000Z", "gallery_version": 12},
    ),
    (
        ErrorAnswer(code="kiosk.revoked", sentence="This kiosk has been revoked.", retryable=False, details={"n": 1}),
        {
            "code": "kiosk.revoked",
            "sentence": "This kiosk has been revoked.",
            "retryable": False,
            "details": {"n": 1},
        },
    ),
]
