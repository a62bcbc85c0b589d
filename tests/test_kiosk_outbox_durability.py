"""What was appended survives: a loss of power, a full disk, a file that is none."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kiosk.outbox import Outbox
from models.errors import CourtclockError
from tests.kiosk_fakes import attempt_numbered

REPOSITORY = Path(__file__).parent.parent
_APPENDS = 5

APPEND_SOME = f"""
import os, sys
from pathlib import Path
from kiosk.outbox import Outbox
from tests.kiosk_fakes import attempt_numbered
outbox = Outbox(Path(sys.argv[1]) / "outbox.db")
for number in range({_APPENDS}):
    os.write(2, b"MARK before")
    outbox.append(attempt_numbered)
    os.write(2, b"MARK after")
"""

FILL_THE_DISK = """
import json, sys
from pathlib import Path
from kiosk.outbox import Outbox
from models.errors import CourtclockError
from tests.kiosk_fakes import attempt_numbered
folder = Path(sys.argv[1])
ballast = folder / "ballast"
ballast.write_bytes(b"x" * 100_000)
outbox = Outbox(folder / "outbox.db")
appended = 0
try:
    while appended < 5000:
        outbox.append(attempt_numbered)
        appended += 1
except CourtclockError as error:
    code, reason = error.code, error.details["reason"]
intact = len(outbox.oldest_pending(10000))
ballast.unlink()
again = outbox.append(attempt_numbered).device_seq
outbox.close()
reopened = Outbox(folder / "outbox.db")
numbers = [item.body["device_seq"] for item in reopened.oldest_pending(10000)]
print(json.dumps(dict(appended=appended, code=code, reason=reason, intact=intact, again=again, numbers=numbers)))
"""


def run_python(prefix: list[str], script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*prefix, sys.executable, "-c", script, str(folder)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def works(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0


class TestEveryConnection:
    def test_runs_in_wal_mode_with_synchronous_full(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        connections: list[sqlite3.Connection] = []

        def connect_and_keep(*args: Any, **kwargs: Any) -> sqlite3.Connection:
            connections.append(sqlite3_connect(*args, **kwargs))
            return connections[-1]

        sqlite3_connect = sqlite3.connect
        monkeypatch.setattr(sqlite3, "connect", connect_and_keep)
        for _ in range(2):
            outbox = Outbox(tmp_path / "outbox.db")
            outbox.append(attempt_numbered)
            assert connections[-1].execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert connections[-1].execute("PRAGMA synchronous").fetchone() == (2,)
            outbox.close()
        assert len(connections) == 2

    @pytest.mark.parametrize(
        ("asked", "answered"),
        [
            ("PRAGMA journal_mode=WAL", "PRAGMA journal_mode=DELETE"),
            ("PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL"),
        ],
    )
    def test_is_refused_when_it_cannot_keep_that_promise(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, answered: str
    ) -> None:
        class Weak(sqlite3.Connection):
            """A connection on which one of the two cannot be had, as on some network drives."""

            def execute(self, statement: str, *parameters: Any) -> sqlite3.Cursor:
                return super().execute(answered if statement == asked else statement, *parameters)

        sqlite3_connect = sqlite3.connect
        monkeypatch.setattr(sqlite3, "connect", lambda *args, **kwargs: sqlite3_connect(*args, **kwargs, factory=Weak))

        with pytest.raises(CourtclockError) as caught:
            Outbox(tmp_path / "outbox.db")

        assert caught.value.code == "outbox.not_durable"
        assert str(tmp_path / "outbox.db") in caught.value.sentence("en")


def test_a_place_where_no_file_can_be_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(CourtclockError) as caught:
        Outbox(tmp_path)

    assert caught.value.code == "outbox.write_failed"


def test_a_file_that_is_no_outbox_is_said_at_the_start_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(b"minutes of the meeting of the 20th\n" * 100)

    with pytest.raises(CourtclockError) as caught:
        Outbox(path)

    assert caught.value.code == "outbox.write_failed"
    assert path.read_bytes().startswith(b"minutes of the meeting")


def test_each_append_reaches_the_disk_before_it_returns(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    watch = ["strace", "-f", "-e", "trace=fsync,fdatasync,write", "-o"]
    if not works(*watch, "/dev/null", "true"):
        pytest.skip("strace is not installed, or may not watch programs here")

    done = run_python([*watch, str(trace)], APPEND_SOME, tmp_path)

    assert done.returncode == 0, done.stderr
    between_marks = re.findall(r"MARK before(.*?)MARK after", trace.read_text(encoding="utf-8"), re.DOTALL)
    assert len(between_marks) == _APPENDS
    for calls in between_marks:
        assert re.search(r"\b(fdatasync|fsync)\(\d+\)\s+= 0", calls), "an append returned before its item was on disk"


def test_on_a_disk_that_is_really_full_appending_fails_and_what_was_there_stays(tmp_path: Path) -> None:
    if (
        os.name != "posix"
        or os.geteuid() != 0
        or not works("unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", str(tmp_path))
    ):
        pytest.skip("a small disk of its own needs root and mount")
    small_disk = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs -o size=512k tmpfs "$3" && exec "$0" "$@"']

    done = run_python(small_disk, FILL_THE_DISK, tmp_path)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["code"] == "outbox.write_failed"
    assert "full" in told["reason"]
    assert told["appended"] > 10
    assert told["intact"] == told["appended"]
    assert told["again"] == told["appended"] + 1
    assert told["numbers"] == list(range(1, told["appended"] + 2))


def test_when_the_file_may_not_grow_appending_fails_and_what_was_there_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections: list[sqlite3.Connection] = []

    def connect_and_keep(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connections.append(sqlite3_connect(*args, **kwargs))
        return connections[-1]

    sqlite3_connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", connect_and_keep)
    outbox = Outbox(tmp_path / "outbox.db")
    connections[0].execute("PRAGMA max_page_count = 20")
    appended = 0

    def append_for_ever() -> None:
        nonlocal appended
        while appended < 5000:
            outbox.append(attempt_numbered)
            appended += 1

    with pytest.raises(CourtclockError) as caught:
        append_for_ever()

    assert caught.value.code == "outbox.write_failed"
    assert caught.value.retryable
    assert "full" in caught.value.sentence("en")
    assert [item.body["device_seq"] for item in outbox.oldest_pending(5000)] == list(range(1, appended + 1))
    connections[0].execute("PRAGMA max_page_count = 1000000")
    assert outbox.append(attempt_numbered).device_seq == appended + 1
    outbox.close()
