"""How much memory a kiosk with ten thousand templates takes: a real one, in its own process."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import yaml

from bench.photographs import Photograph
from bench.report import Row
from bench.speed import sealed_gallery
from kiosk.identity import KioskIdentity, new_private_key, save_identity
from kiosk.roster import RosterHolder
from models.faces.names import SFACE_MODEL
from models.faces.values import Encoding
from models.sealing import new_key
from models.wire import PairAnswer

_TEMPLATES: Final = 10_000
_TEMPLATES_A_PERSON: Final = 3
_LOOKING_SECONDS: Final = 20.0
_START_SECONDS: Final = 60.0


def measure_memory(photographs: Sequence[Photograph], config: Path) -> list[Row]:
    """Resident megabytes of a kiosk that looks at faces, at its highest and after a while.

    Args:
        photographs: whose faces it looks at.
        config: the shipped config.yaml.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _prepare(folder, photographs, config)
        with (folder / "kiosk.log").open("wb") as log:
            kiosk = subprocess.Popen(
                [sys.executable, "-m", "kiosk", "run", "--config", str(folder / "config.yaml")],
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(config.parent)},
            )
        try:
            frames_per_second = _let_it_look(folder, kiosk)
            highest_mb, now_mb = _resident_mb(kiosk.pid)
        finally:
            kiosk.terminate()
            kiosk.wait(20)
    name = f"kiosk with {_TEMPLATES:,} templates"
    return [
        Row(
            f"{name}: resident at its highest",
            highest_mb,
            "MB",
            at_most=350.0,
            note=f"real process, camera of pictures, {frames_per_second:.0f} frames/s",
        ),
        Row(f"{name}: resident after {_LOOKING_SECONDS:.0f} s of looking", now_mb, "MB", at_most=350.0),
    ]


def _prepare(folder: Path, photographs: Sequence[Photograph], config: Path) -> None:
    state, pictures = folder / "state", folder / "pictures"
    state.mkdir()
    pictures.mkdir()
    identity = KioskIdentity(uuid.uuid4(), "bench", new_private_key(), new_key())
    save_identity(
        state,
        identity.private_key,
        PairAnswer(kiosk_id=identity.kiosk_id, kiosk_name=identity.name, gallery_key=identity.gallery_key),
    )
    chance = np.random.default_rng(1)
    vectors = chance.standard_normal((_TEMPLATES, 128)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    pack = sealed_gallery(identity, [Encoding(SFACE_MODEL, one) for one in vectors], _TEMPLATES_A_PERSON)
    RosterHolder(state, identity, SFACE_MODEL).take(pack)
    for number, photograph in enumerate(photographs[:30]):
        frame = np.full((480, 640, 3), 150, dtype=np.uint8)
        frame[90:390, 170:470] = cv2.resize(photograph.read(), (300, 300), interpolation=cv2.INTER_LINEAR)
        cv2.imwrite(str(pictures / f"{number:03d}.png"), frame)
    document = yaml.safe_load(config.read_text(encoding="utf-8"))
    document["kiosk"]["state_folder"] = str(state)
    document["kiosk"]["camera"]["source"] = str(pictures)
    document["kiosk"]["screen"]["port"] = _free_port()
    document["kiosk"]["server_url"] = f"http://127.0.0.1:{_free_port()}"
    (folder / "config.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _let_it_look(folder: Path, kiosk: subprocess.Popen[bytes]) -> float:
    """Wait until the page answers, then let it look; gives the frame rate that it tells."""
    port = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))["kiosk"]["screen"]["port"]
    until = time.monotonic() + _START_SECONDS
    while not _page(port):
        if kiosk.poll() is not None or time.monotonic() > until:
            raise RuntimeError("the kiosk did not start: " + (folder / "kiosk.log").read_text(encoding="utf-8"))
        time.sleep(0.2)
    time.sleep(_LOOKING_SECONDS)
    found = re.search(r'"frames_per_second": ?([0-9.]+)', _page(port, "/state.json"))
    return float(found[1]) if found else 0.0


def _page(port: int, path: str = "/") -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return str(answer.read().decode("utf-8"))
    except (urllib.error.URLError, OSError):
        return ""


def _resident_mb(pid: int) -> tuple[float, float]:
    """The highest so far and the present, from the kernel, in units of 1,000,000 bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    highest, now = (int(found) for found in re.findall(r"Vm(?:HWM|RSS):\s+(\d+) kB", status))
    return highest * 1024 / 1e6, now * 1024 / 1e6
