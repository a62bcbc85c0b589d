"""The programs of the demonstration as processes of their own: started, watched, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from models.errors import CourtclockError

_GRACE_SECONDS = 8.0


@dataclass(slots=True)
class Program:
    """One process, with its log.

    Attributes:
        name: for people.
        arguments: behind ``python -m``.
        log: where its words go.
        on_line: given each line that it prints; None leaves the lines in the log.
    """

    name: str
    arguments: list[str]
    log: Path
    on_line: Callable[[str], None] | None = None
    _process: subprocess.Popen[str] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it, in a group of its own, so that Ctrl-C reaches it through us only."""
        log: IO[str] = self.log.open("a", encoding="utf-8")
        with log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if self.on_line else log,
                stderr=log,
                text=True,
                encoding="utf-8",
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        if self.on_line is not None:
            threading.Thread(target=self._read_lines, args=(self._process, self.on_line), daemon=True).start()

    @staticmethod
    def _read_lines(process: subprocess.Popen[str], on_line: Callable[[str], None]) -> None:
        if process.stdout is not None:
            with process.stdout as lines:
                for line in lines:
                    on_line(line.rstrip("\n"))

    def require_alive(self) -> None:
        """See that it still runs.

        Raises:
            CourtclockError: ``demo.child_ended`` with its last words.
        """
        if self._process is None or self._process.poll() is None:
            return
        words = self.log.read_text(encoding="utf-8").splitlines()[-5:]
        raise CourtclockError("demo.child_ended", program=self.name, log=str(self.log), words="\n".join(words))

    def kill(self) -> None:
        """End it as a loss of power would, with no chance to tidy up."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None


def run_to_end(name: str, arguments: list[str], log: Path) -> str:
    """Run a program to its end; gives what it printed.

    Raises:
        CourtclockError: ``demo.child_ended`` when it did not end well.
    """
    done = subprocess.run(
        [sys.executable, "-m", *arguments], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    with log.open("a", encoding="utf-8") as file:
        file.write(done.stdout + done.stderr)
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines()[-5:]
        raise CourtclockError("demo.child_ended", program=name, log=str(log), words="\n".join(words))
    return done.stdout
