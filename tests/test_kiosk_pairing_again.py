"""A machine that is paired again: nothing that waits is lost, and the new identity numbers from 1."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.cli import count_waiting, put_outbox_aside
from kiosk.identity import new_private_key, save_identity
from kiosk.outbox import Outbox
from kiosk.recording import Recorder
from kiosk.running import OUTBOX_FILE
from models.clock import SystemClock
from models.wire import Evidence, ItemAnswer, PairAnswer

NOW = datetime(2026, 11, 20, 0, 12, tzinfo=UTC)


def become_kiosk(folder: Path) -> uuid.UUID:
    kiosk_id = uuid.uuid4()
    save_identity(
        folder, new_private_key(), PairAnswer(kiosk_id=kiosk_id, kiosk_name="大门", gallery_key=bytes(range(32)))
    )
    return kiosk_id


def record_one(folder: Path) -> uuid.UUID:
    outbox = Outbox(folder / OUTBOX_FILE)
    item = Recorder(outbox, SystemClock()).clock_event(uuid.uuid4(), "pin", NOW, Evidence())
    outbox.close()
    return item.item_id


def settle(folder: Path, item_id: uuid.UUID) -> None:
    outbox = Outbox(folder / OUTBOX_FILE)
    outbox.settle([ItemAnswer(item_id=str(item_id), result="stored")], NOW)
    outbox.close()


def test_a_new_machine_has_nothing_waiting(tmp_path: Path) -> None:
    assert count_waiting(tmp_path) == 0


def test_what_waits_under_the_earlier_identity_is_counted(tmp_path: Path) -> None:
    become_kiosk(tmp_path)
    item_id = record_one(tmp_path)
    assert count_waiting(tmp_path) == 1
    settle(tmp_path, item_id)
    assert count_waiting(tmp_path) == 0


def test_the_earlier_outbox_is_kept_whole_and_the_new_one_numbers_from_one(tmp_path: Path) -> None:
    earlier = become_kiosk(tmp_path)
    record_one(tmp_path)
    put_outbox_aside(tmp_path)
    become_kiosk(tmp_path)
    kept = Outbox(tmp_path / f"outbox-{earlier}.db")
    assert kept.counts().pending == 1
    kept.close()
    record_one(tmp_path)
    new = Outbox(tmp_path / OUTBOX_FILE)
    assert new.counts().last_device_seq == 1
    new.close()


def test_no_kept_outbox_takes_the_place_of_another(tmp_path: Path) -> None:
    become_kiosk(tmp_path)
    for _ in range(3):
        record_one(tmp_path)
        put_outbox_aside(tmp_path)
    assert len(list(tmp_path.glob("outbox-*.db"))) == 3


@pytest.mark.parametrize(
    ("since", "sent_again"), [(timedelta(days=-1), 1), (timedelta(days=1), 0)], ids=["before", "after"]
)
def test_delivered_items_can_be_sent_again_from_a_moment_on(tmp_path: Path, since: timedelta, sent_again: int) -> None:
    settle(tmp_path, record_one(tmp_path))
    outbox = Outbox(tmp_path / OUTBOX_FILE)
    assert outbox.send_again_since(SystemClock().now() + since) == sent_again
    assert outbox.counts().pending == sent_again
    outbox.close()
