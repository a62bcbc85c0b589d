"""Where the demonstration cannot begin it says so in one sentence, and touches nothing that is not its own."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from demo import director as director_module
from demo.director import MARKER, Director
from demo.photos import PHOTOS
from models.errors import CourtclockError
from models.settings import load_settings

ROOT = Path(__file__).parent.parent
DAY = date(2026, 11, 20)


def listener() -> socket.socket:
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    return taken


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_demo(folder: Path, *arguments: str, language: str = "en") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", "COLUMNS": "80", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "demo", "--once", "--language", language, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture
def taken_port() -> Iterator[int]:
    with listener() as taken:
        yield int(taken.getsockname()[1])


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Port {port} on 127.0.0.1 is in use by another program. Stop that program or choose another port"),
        ("zh", "127.0.0.1 的端口 {port} 已被其他程序占用"),
    ],
)
def test_a_port_in_use_is_said_in_one_sentence(tmp_path: Path, taken_port: int, language: str, sentence: str) -> None:
    for option, other in (("--port", "--kiosk-port"), ("--kiosk-port", "--port")):
        done = run_demo(tmp_path, option, str(taken_port), other, str(free_port()), language=language)
        assert done.returncode == 1
        assert done.stdout == ""
        assert sentence.format(port=taken_port) in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said_in_one_sentence(tmp_path: Path) -> None:
    # A path below a regular file cannot be written by anybody, whatever the permissions.
    (tmp_path / "a_file").write_text("not a folder", encoding="utf-8")
    ports = ("--port", str(free_port()), "--kiosk-port", str(free_port()))
    done = run_demo(tmp_path, "--folder", str(tmp_path / "a_file" / "demo"), *ports)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"The folder {tmp_path}/a_file/demo cannot be written: ")
    assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / "a_file").read_text(encoding="utf-8") == "not a folder"


class CountingCollector:
    """Stands where the photographs are collected; gives files that are none."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, folder: Path) -> dict[str, Path]:
        self.calls += 1
        folder.mkdir(parents=True, exist_ok=True)
        for photo in PHOTOS:
            (folder / photo.name).write_bytes(b"not a photograph")
        return {photo.name: folder / photo.name for photo in PHOTOS}


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> CountingCollector:
    fake = CountingCollector()
    monkeypatch.setattr(director_module, "collect_photos", fake)
    return fake


def director(folder: Path) -> Director:
    return Director(folder, 18080, 18090, "en", Console(file=io.StringIO()))


def everything_in(folder: Path) -> dict[str, bytes | None]:
    return {
        str(entry.relative_to(folder)): entry.read_bytes() if entry.is_file() else None for entry in folder.rglob("*")
    }


def test_a_new_folder_is_made_with_all_that_the_programs_need(tmp_path: Path, collector: CountingCollector) -> None:
    folder = tmp_path / "var" / "demo"
    config = director(folder)._prepare(DAY)
    assert config == folder / "config.yaml"
    settings = load_settings(config)
    for needed in (settings.clock.compressed_day, settings.kiosk.camera.sample_script):
        assert needed is not None
        assert needed.is_file()
    assert {entry.name for entry in folder.iterdir()} == {
        MARKER,
        "camera.json",
        "clock.json",
        "config.yaml",
        "enrollment",
        "logs",
        "photos",
    }


def test_an_empty_folder_may_be_used(tmp_path: Path, collector: CountingCollector) -> None:
    (tmp_path / "demo").mkdir()
    director(tmp_path / "demo")._prepare(DAY)
    assert (tmp_path / "demo" / MARKER).exists()


def test_a_folder_with_somebody_elses_files_is_refused_and_left_as_it_is(
    tmp_path: Path, collector: CountingCollector
) -> None:
    folder = tmp_path / "documents"
    (folder / "photos").mkdir(parents=True)
    (folder / "judgment.txt").write_text("the only copy", encoding="utf-8")
    before = everything_in(folder)
    with pytest.raises(CourtclockError) as caught:
        director(folder)._prepare(DAY)
    assert caught.value.code == "demo.folder_not_ours"
    assert str(folder) in caught.value.sentence("zh")
    assert everything_in(folder) == before
    # Nothing was fetched for it either, and nothing was put beside it.
    assert collector.calls == 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["documents"]


def test_one_file_of_somebody_else_is_enough_to_refuse(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / ".hidden").touch()
    ports = ("--port", str(free_port()), "--kiosk-port", str(free_port()))
    done = run_demo(tmp_path, "--folder", str(tmp_path / "demo"), *ports)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"The folder {tmp_path}/demo was not made by the demonstration and is not empty. "
        "Nothing in it was touched. Choose another folder.\n"
    )
    assert everything_in(tmp_path / "demo") == {".hidden": b""}


def test_its_own_folder_is_made_anew(tmp_path: Path, collector: CountingCollector) -> None:
    folder = tmp_path / "demo"
    director(folder)._prepare(DAY)
    (folder / "courtclock.db").write_bytes(b"of yesterday")
    (folder / "kiosk").mkdir()
    (folder / "kiosk" / "outbox.db").write_bytes(b"of yesterday")
    director(folder)._prepare(DAY)
    assert not (folder / "courtclock.db").exists()
    assert not (folder / "kiosk").exists()
    assert (folder / MARKER).exists()


def test_a_link_in_its_own_folder_is_removed_and_what_it_leads_to_is_not(
    tmp_path: Path, collector: CountingCollector
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "judgment.txt").write_text("the only copy", encoding="utf-8")
    folder = tmp_path / "demo"
    director(folder)._prepare(DAY)
    (folder / "link").symlink_to(elsewhere)
    director(folder)._prepare(DAY)
    assert not (folder / "link").exists()
    assert (elsewhere / "judgment.txt").read_text(encoding="utf-8") == "the only copy"


def test_a_start_that_was_interrupted_is_made_up_for_by_the_next(
    tmp_path: Path, collector: CountingCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "demo"

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as change:
        change.setattr(director_module, "write_enrollment_folder", interrupted)
        with pytest.raises(KeyboardInterrupt):
            director(folder)._prepare(DAY)
    assert director(folder)._prepare(DAY).is_file()


def test_without_photographs_what_was_there_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / MARKER).touch()
    (folder / "courtclock.db").write_bytes(b"of yesterday")

    def no_network(_: Path) -> dict[str, Path]:
        raise CourtclockError("demo.photos", reason="there is no network")

    monkeypatch.setattr(director_module, "collect_photos", no_network)
    with pytest.raises(CourtclockError, match=r"demo\.photos"):
        director(folder)._prepare(DAY)
    assert (folder / "courtclock.db").read_bytes() == b"of yesterday"
