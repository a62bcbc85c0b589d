"""Programs of the demonstration are ended politely, or as a loss of power would, and their end is noticed."""

from __future__ import annotations

import os
import queue
from pathlib import Path

import pytest

from demo import programs
from demo.programs import Program, run_to_end
from models.errors import CourtclockError

WAIT_SECONDS = 30.0

# Says "ready" and its number, then waits; asked to end it tidies up, unless it is told to be stubborn.
CLERK = """
import os, pathlib, signal, sys, threading
folder, manner = pathlib.Path(sys.argv[1]), sys.argv[2]
asked = threading.Event()
if manner == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    signal.signal(signal.SIGTERM, lambda *_: asked.set())
print("ready", os.getpid(), flush=True)
asked.wait(60)
(folder / "tidied").touch()
"""

# Prints what it was given, complains, and ends with the status wanted.
MESSENGER = """
import sys
print("heard:", *sys.argv[2:])
print("\\n".join(f"complaint {number}" for number in range(1, 8)), file=sys.stderr)
sys.exit(int(sys.argv[1]))
"""


@pytest.fixture(autouse=True)
def cast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "courtclock_test_clerk.py").write_text(CLERK, encoding="utf-8")
    (tmp_path / "courtclock_test_messenger.py").write_text(MESSENGER, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


class Clerk:
    """A child that is started and has said that it is ready."""

    def __init__(self, folder: Path, manner: str = "polite") -> None:
        self.lines: queue.Queue[str] = queue.Queue()
        self.tidied = folder / "tidied"
        arguments = ["courtclock_test_clerk", str(folder), manner]
        self.program = Program("clerk", arguments, folder / "clerk.log", self.lines.put)
        self.process_id = 0

    def start(self) -> None:
        self.program.start()
        word, number = self.lines.get(timeout=WAIT_SECONDS).split()
        assert word == "ready"
        self.process_id = int(number)

    def is_gone(self) -> bool:
        try:
            os.kill(self.process_id, 0)
        except ProcessLookupError:
            return True
        return False


@pytest.fixture
def clerk(tmp_path: Path) -> Clerk:
    return Clerk(tmp_path)


def test_a_program_that_is_asked_to_end_may_tidy_up(clerk: Clerk) -> None:
    clerk.start()
    clerk.program.require_alive()
    clerk.program.stop()
    assert clerk.is_gone()
    assert clerk.tidied.exists()


def test_a_program_that_is_killed_may_not(clerk: Clerk) -> None:
    clerk.start()
    clerk.program.kill()
    assert clerk.is_gone()
    assert not clerk.tidied.exists()


def test_one_that_does_not_listen_is_killed_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_GRACE_SECONDS", 0.1)
    clerk = Clerk(tmp_path, "stubborn")
    clerk.start()
    clerk.program.stop()
    assert clerk.is_gone()
    assert not clerk.tidied.exists()


def test_a_killed_program_can_be_started_again_into_the_same_log(clerk: Clerk) -> None:
    clerk.program.log.write_text("words of an earlier life\n", encoding="utf-8")
    clerk.start()
    first = clerk.process_id
    clerk.program.kill()
    clerk.start()
    try:
        assert clerk.process_id != first
        clerk.program.require_alive()
        assert clerk.program.log.read_text(encoding="utf-8").startswith("words of an earlier life\n")
    finally:
        clerk.program.stop()


def test_each_line_that_it_prints_is_handed_on(tmp_path: Path) -> None:
    lines: queue.Queue[str] = queue.Queue()
    arguments = ["courtclock_test_messenger", "0", "打卡"]
    program = Program("messenger", arguments, tmp_path / "log", lines.put)
    program.start()
    assert lines.get(timeout=WAIT_SECONDS) == "heard: 打卡"
    program.stop()


def test_without_a_listener_its_lines_are_in_the_log(tmp_path: Path) -> None:
    program = Program("messenger", ["courtclock_test_messenger", "0", "x"], tmp_path / "log")
    program.start()
    wait_for_the_end(program)
    program.stop()
    assert "heard: x" in (tmp_path / "log").read_text(encoding="utf-8")


def wait_for_the_end(program: Program) -> None:
    assert program._process is not None
    program._process.wait(WAIT_SECONDS)


def test_one_that_ended_by_itself_is_noticed_with_its_last_words(tmp_path: Path) -> None:
    program = Program("messenger", ["courtclock_test_messenger", "3"], tmp_path / "log")
    program.start()
    wait_for_the_end(program)
    with pytest.raises(CourtclockError) as caught:
        program.require_alive()
    assert caught.value.code == "demo.child_ended"
    assert caught.value.details["program"] == "messenger"
    assert caught.value.details["log"] == str(tmp_path / "log")
    assert str(caught.value.details["words"]).splitlines()[-1] == "complaint 7"
    assert len(str(caught.value.details["words"]).splitlines()) == 5
    program.stop()


def test_stopping_what_does_not_run_is_no_fault(clerk: Clerk) -> None:
    clerk.program.require_alive()
    clerk.program.stop()
    clerk.program.kill()
    clerk.start()
    clerk.program.stop()
    clerk.program.stop()
    clerk.program.require_alive()
    assert clerk.is_gone()


def test_a_program_run_to_its_end_gives_what_it_printed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert run_to_end("messenger", ["courtclock_test_messenger", "0", "a", "b"], log) == "heard: a b\n"
    assert log.read_text(encoding="utf-8").startswith("heard: a b\ncomplaint 1\n")


def test_one_that_does_not_end_well_is_noticed_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(CourtclockError) as caught:
        run_to_end("messenger", ["courtclock_test_messenger", "1"], tmp_path / "log")
    assert caught.value.code == "demo.child_ended"
    assert str(caught.value.details["words"]).splitlines() == [f"complaint {number}" for number in range(3, 8)]
