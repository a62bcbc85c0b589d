"""Who the kiosk is: keys that only its own user may read, and one sentence when it is nobody yet."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from uuid import uuid4

import pytest

from kiosk.identity import (
    DEVICE_KEY_FILE,
    GALLERY_KEY_FILE,
    IDENTITY_FILE,
    load_identity,
    new_private_key,
    save_identity,
)
from models.errors import CourtclockError
from models.sealing import new_key
from models.wire import PairAnswer


def pair(folder: Path, name: str = "东门") -> PairAnswer:
    answer = PairAnswer(kiosk_id=uuid4(), kiosk_name=name, gallery_key=new_key())
    save_identity(folder, new_private_key(), answer)
    return answer


def code_of_loading(folder: Path) -> str:
    with pytest.raises(CourtclockError) as caught:
        load_identity(folder)
    return caught.value.code


def test_what_pairing_gave_is_there_at_the_next_start(tmp_path: Path) -> None:
    private_key = new_private_key()
    answer = PairAnswer(kiosk_id=uuid4(), kiosk_name="东门", gallery_key=new_key())
    save_identity(tmp_path, private_key, answer)

    identity = load_identity(tmp_path)

    assert (identity.kiosk_id, identity.name, identity.gallery_key) == (answer.kiosk_id, "东门", answer.gallery_key)
    assert identity.private_key.private_bytes_raw() == private_key.private_bytes_raw()


def test_pairing_again_replaces_the_whole_identity(tmp_path: Path) -> None:
    pair(tmp_path, "old")
    answer = pair(tmp_path, "new")

    identity = load_identity(tmp_path)

    assert (identity.kiosk_id, identity.name, identity.gallery_key) == (answer.kiosk_id, "new", answer.gallery_key)


def test_an_identity_is_on_the_disk_when_pairing_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[tuple[str, bool]] = []

    def watched(descriptor: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        kept.append((kind, (tmp_path / IDENTITY_FILE).exists()))

    monkeypatch.setattr(os, "fsync", watched)
    pair(tmp_path)

    assert kept == [("file", False)] * 3 + [("folder", True)], "two keys, the content, then the names"


def test_keys_can_be_read_by_their_user_only(tmp_path: Path) -> None:
    pair(tmp_path)

    for name in (DEVICE_KEY_FILE, GALLERY_KEY_FILE):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_every_kiosk_has_a_key_of_its_own() -> None:
    assert new_private_key().private_bytes_raw() != new_private_key().private_bytes_raw()


def test_a_kiosk_that_was_never_paired_says_so(tmp_path: Path) -> None:
    assert code_of_loading(tmp_path) == "kiosk.not_paired"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"kiosk_id": "7", "name": "East"}', '{"kiosk_id": null}'])
def test_a_damaged_identity_is_mended_by_pairing_again(tmp_path: Path, content: str) -> None:
    pair(tmp_path)
    (tmp_path / IDENTITY_FILE).write_text(content, encoding="utf-8")

    assert code_of_loading(tmp_path) == "kiosk.not_paired"


@pytest.mark.parametrize("name", [DEVICE_KEY_FILE, GALLERY_KEY_FILE])
def test_a_missing_or_damaged_key_is_named(tmp_path: Path, name: str) -> None:
    pair(tmp_path)
    (tmp_path / name).write_bytes(b"c2hvcnQ=\n")
    assert code_of_loading(tmp_path) == "secret.malformed"

    (tmp_path / name).unlink()
    assert code_of_loading(tmp_path) == "secret.missing"
