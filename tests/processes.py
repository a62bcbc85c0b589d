"""Real programs for the tests: a court in a folder, a server and a kiosk as processes of their own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from models.clock import SystemClock
from models.settings import load_settings
from server.services.context import ServerContext, initialise, open_context
from server.services.signing_in import hash_secret

SHIPPED = Path(__file__).parent.parent / "config.yaml"
READY_SECONDS = 40.0


def free_port() -> int:
    """A port on loopback that nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def told_by_four(program: str, *arguments: str) -> list[str]:
    """What four processes of a program print that begin at one moment: each says ready, waits for a line, and goes."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=SHIPPED.parent,
        )
        for _ in range(4)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        told = [process.communicate(timeout=60)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait(10)
    assert [process.returncode for process in processes] == [0] * 4
    return told


@dataclass(frozen=True)
class CourtFolder:
    """A court's settings in a folder of its own, with a PIN-only kiosk."""

    config: Path
    server_port: int
    kiosk_port: int

    @property
    def server_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def kiosk_url(self) -> str:
        return f"http://127.0.0.1:{self.kiosk_port}"

    def context(self) -> ServerContext:
        """The court's database, opened from the test's own process."""
        return open_context(load_settings(self.config), SystemClock())


def make_court(folder: Path, changes: Mapping[str, Any] | None = None) -> CourtFolder:
    """A court whose keys and database are made, with nobody in it.

    Args:
        folder: where; made if missing.
        changes: values by dotted key, over those of the shipped config.yaml.
    """
    folder.mkdir(parents=True, exist_ok=True)
    court = CourtFolder(folder / "config.yaml", free_port(), free_port())
    settings = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    values = {
        "server.port": court.server_port,
        "kiosk.server_url": court.server_url,
        "kiosk.screen.port": court.kiosk_port,
        "kiosk.camera.source": "none",
        "kiosk.deciding.repeat_after_seconds": 1,
        "kiosk.sync.interval_seconds": 0.05,
        "kiosk.sync.max_backoff_seconds": 0.2,
        "kiosk.sync.gallery_seconds": 0.2,
        "jobs.tick_seconds": 0.2,
        **(changes or {}),
    }
    for key, value in values.items():
        section = settings
        *path, last = key.split(".")
        for part in path:
            section = section[part]
        section[last] = value
    court.config.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    initialise(load_settings(court.config))
    return court


def add_staff(court: CourtFolder, numbers: list[str], pin: str) -> None:
    """People who clock by PIN; one hash serves all of them, for hashing is slow on purpose."""
    context = court.context()
    pin_hash = hash_secret(pin)
    with context.unit() as unit:
        division_id = unit.people.ensure_division("立案庭")
        for number in numbers:
            person_id = unit.people.add(number, f"员工{number}", division_id, context.clock.now().date())
            unit.people.set_pin_hash(person_id, pin_hash)
        unit.people.raise_gallery_version(context.clock.now())
        unit.commit()
    context.engine.dispose()


class RunningProgram:
    """``python -m …`` as a child that can be killed and started again.

    Args:
        arguments: behind ``python -m``.
        log: where it writes.
        ready_url: answers 200 once the program serves.
    """

    def __init__(self, arguments: list[str], log: Path, ready_url: str) -> None:
        self._arguments = arguments
        self._log = log
        self._ready_url = ready_url
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True) -> None:
        """Start it; with ``wait`` come back when it serves."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise AssertionError(f"{self._arguments} ended:\n{self.log_tail()}")
            try:
                if requests.get(self._ready_url, timeout=2).status_code == 200:
                    return
            except requests.RequestException:
                time.sleep(0.03)
        raise AssertionError(f"{self._arguments} was not ready:\n{self.log_tail()}")

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def terminate(self) -> int:
        """SIGTERM; gives the exit code."""
        assert self._process is not None
        self._process.terminate()
        code = self._process.wait(timeout=15)
        self._process = None
        return code

    def log_tail(self) -> str:
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])


def server_of(court: CourtFolder) -> RunningProgram:
    """The court's server, not started yet."""
    return RunningProgram(
        ["server", "run", "--config", str(court.config)],
        court.config.parent / "server.log",
        f"{court.server_url}/healthz",
    )


def kiosk_of(court: CourtFolder) -> RunningProgram:
    """The court's kiosk, not started yet; it must have been paired."""
    return RunningProgram(
        ["kiosk", "run", "--config", str(court.config)],
        court.config.parent / "kiosk.log",
        f"{court.kiosk_url}/health.json",
    )


def run_verb(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A verb run to its end."""
    return subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, check=False, timeout=60)


def pair_kiosk(court: CourtFolder, name: str = "大门") -> None:
    """Pair the court's kiosk as an IT officer would; the server must run."""
    code = run_verb("server", "pair-code", name, "--config", str(court.config)).stdout.strip()
    assert re.fullmatch(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){3}", code), code
    paired = run_verb("kiosk", "pair", code, "--config", str(court.config))
    assert paired.returncode == 0, paired.stderr
