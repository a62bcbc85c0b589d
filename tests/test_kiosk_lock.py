"""A kiosk that runs holds its folder: it is not paired again beneath its feet, and there is no second one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.lock import hold_folder
from models.errors import CourtclockError
from tests.processes import add_staff, kiosk_of, make_court, pair_kiosk, run_verb, server_of


def test_the_folder_is_held_once(tmp_path: Path) -> None:
    with hold_folder(tmp_path), pytest.raises(CourtclockError, match=r"kiosk\.folder_in_use"), hold_folder(tmp_path):
        pass


def test_it_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with hold_folder(tmp_path):
            pass


def test_it_is_free_again_when_the_holder_was_killed(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom kiosk.lock import hold_folder\n"
        "with hold_folder(Path(sys.argv[1])):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, timeout=30)
    with hold_folder(tmp_path):
        pass


def test_a_kiosk_that_runs_is_neither_paired_again_nor_started_twice(tmp_path: Path) -> None:
    court = make_court(tmp_path)
    add_staff(court, ["4001"], "284615")
    server, kiosk = server_of(court), kiosk_of(court)
    try:
        server.start()
        pair_kiosk(court)
        kiosk.start()
        code = run_verb("server", "pair-code", "second", "--config", str(court.config)).stdout.strip()
        for verb in (["pair", code], ["run"]):
            refused = run_verb("kiosk", *verb, "--config", str(court.config))
            assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
            assert "A kiosk is running on the folder" in refused.stderr
        assert kiosk.terminate() == 0
        assert run_verb("kiosk", "pair", code, "--config", str(court.config)).returncode == 0
    finally:
        kiosk.kill()
        server.kill()
