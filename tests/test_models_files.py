"""A file that is replaced is the old one or the new one, whole, whenever the power goes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from models.files import replace_durably


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the disk, in order."""
    asked: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def watched_fsync(descriptor: int) -> None:
        status = os.fstat(descriptor)
        asked.append("folder kept" if stat.S_ISDIR(status.st_mode) else f"{status.st_size} bytes kept")
        fsync(descriptor)

    def watched_replace(path: Path, target: Path) -> Path:
        asked.append(f"{target.name} replaced")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(Path, "replace", watched_replace)
    return asked


def test_the_content_is_on_the_disk_before_the_name_and_the_name_before_it_returns(
    tmp_path: Path, steps: list[str]
) -> None:
    replace_durably(tmp_path / "a.json", b"new")

    assert steps == ["3 bytes kept", "a.json replaced", "folder kept"]
    assert (tmp_path / "a.json").read_bytes() == b"new"


def test_an_old_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"much longer than the new one")

    replace_durably(tmp_path / "a.json", b"new")

    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.json", b"new")]


def test_a_disk_that_does_not_keep_it_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a.json").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", fail)

    with pytest.raises(OSError, match="No space left"):
        replace_durably(tmp_path / "a.json", b"new")

    assert (tmp_path / "a.json").read_bytes() == b"old"
