"""Puts a kiosk together and runs it: the only place where its parts are chosen."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from flask import Flask
from waitress.server import create_server

from kiosk.board import Board
from kiosk.camera.sources import shown_name
from kiosk.door import Announcement, Door
from kiosk.health import HealthProbe
from kiosk.identity import load_identity
from kiosk.link import ServerLink
from kiosk.lock import hold_folder
from kiosk.outbox import Outbox
from kiosk.pin import Keypad
from kiosk.recording import Recorder
from kiosk.roster import RosterHolder
from kiosk.syncing import Syncer
from models.clock import Clock
from models.errors import CourtclockError, listening_error
from models.faces.names import MODEL_OF_ENGINE
from models.settings import LivenessSettings, Settings

if TYPE_CHECKING:
    from kiosk.life_signs import LifeWatch

log = logging.getLogger(__name__)

OUTBOX_FILE = "outbox.db"
NO_CAMERA = "none"
_STOP_SECONDS = 5.0


def ensure_folder(folder: Path) -> None:
    """Make the folder and see that it can be written.

    Raises:
        CourtclockError: ``folder.unwritable``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise CourtclockError("folder.unwritable", path=str(folder), reason=str(error.strerror)) from error


@dataclass(frozen=True, slots=True)
class Kiosk:
    """A kiosk's parts, put together."""

    app: Flask
    syncer: Syncer
    outbox: Outbox
    start_looking: Callable[[], None]
    stop_looking: Callable[[], None]


def build_kiosk(settings: Settings, clock: Clock, announce: Callable[[Announcement], None]) -> Kiosk:
    """Open everything that a kiosk needs.

    Raises:
        CourtclockError: the kiosk is not paired, its folder or outbox is not usable, weights are wrong.
    """
    from kiosk.screen.page import ScreenParts, create_screen

    kiosk_settings = settings.kiosk
    folder = kiosk_settings.state_folder
    ensure_folder(folder)
    identity = load_identity(folder)
    model_id = MODEL_OF_ENGINE[settings.faces.engine]
    point = settings.faces.operating_point()
    outbox = Outbox(folder / OUTBOX_FILE)
    rosters = RosterHolder(folder, identity, model_id)
    try:
        rosters.load()
    except CourtclockError as error:
        # A gallery that does not open knows nobody: everybody is asked for the PIN until a new one comes.
        log.warning("the gallery on disk is not used: %s", error)
    recorder = Recorder(outbox, clock)
    board = Board(clock, kiosk_settings.screen.thanks_seconds)
    link = ServerLink(
        kiosk_settings.server_url,
        identity,
        clock,
        kiosk_settings.sync.timeout_seconds,
        kiosk_settings.server_ca_file,
    )
    keypad = Keypad(kiosk_settings.pin, clock)
    door = Door(
        recorder,
        rosters,
        keypad,
        board,
        clock,
        kiosk_settings,
        point,
        model_id,
        announce,
        wake=lambda: syncer.wake(),
    )
    frames_per_second, start_looking, stop_looking = _build_eye(settings, clock, rosters, door, board)
    health = HealthProbe(outbox, rosters, board, clock, shown_name(kiosk_settings.camera.source), frames_per_second)
    syncer = Syncer(outbox, link, rosters, recorder, clock, kiosk_settings.sync, health.probe)
    app = create_screen(ScreenParts(settings, identity.name, board, door, health, syncer, clock))
    return Kiosk(app, syncer, outbox, start_looking, stop_looking)


def _build_eye(
    settings: Settings, clock: Clock, rosters: RosterHolder, door: Door, board: Board
) -> tuple[Callable[[], float], Callable[[], None], Callable[[], None]]:
    """The camera and the loop; a kiosk without a camera loads no face models at all."""
    kiosk_settings = settings.kiosk
    if kiosk_settings.camera.source == NO_CAMERA:
        return (lambda: 0.0), (lambda: None), (lambda: None)
    from kiosk.camera.reader import CameraReader
    from kiosk.camera.sources import open_source
    from kiosk.loop import KioskLoop
    from kiosk.seeing import Seer
    from models.faces.engine import open_engine

    deciding = kiosk_settings.deciding
    reader = CameraReader(lambda: open_source(kiosk_settings.camera, clock), clock, kiosk_settings.camera)
    seer = Seer(
        open_engine(settings.faces),
        deciding.min_eye_distance_px,
        deciding.min_sharpness,
        deciding.forget_track_after_seconds,
        deciding.faces_a_frame,
        deciding.max_lower_face_covered,
        _watch_for_life(kiosk_settings.liveness),
    )
    loop = KioskLoop(reader, seer, rosters, door, board, clock, kiosk_settings, settings.faces.operating_point())
    return loop.frames_per_second, loop.start, lambda: loop.stop(_STOP_SECONDS)


def _watch_for_life(liveness: LivenessSettings) -> LifeWatch | None:
    """What watches for signs of life; None where the policy asks for none.

    Raises:
        CourtclockError: ``weights.missing``, ``weights.digest`` or ``antispoof.failed`` of the site's own network.
    """
    if liveness.mode == "off":
        return None
    from kiosk.life_signs import LifeWatch
    from models.faces.antispoof import Antispoof
    from models.faces.liveness import ShippedPassiveLimits

    network = liveness.antispoof.network()
    return LifeWatch(ShippedPassiveLimits(), None if network is None else Antispoof(network))


def run_kiosk(settings: Settings, clock: Clock, announce: Callable[[Announcement], None]) -> None:
    """Run until SIGTERM or Ctrl-C, then end cleanly.

    Raises:
        CourtclockError: as ``build_kiosk``, ``kiosk.folder_in_use``, or ``port.busy``.
    """
    ensure_folder(settings.kiosk.state_folder)
    with hold_folder(settings.kiosk.state_folder):
        _run_in_folder(settings, clock, announce)


def _run_in_folder(settings: Settings, clock: Clock, announce: Callable[[Announcement], None]) -> None:
    kiosk = build_kiosk(settings, clock, announce)
    screen = settings.kiosk.screen
    try:
        web = create_server(kiosk.app, host=screen.host, port=screen.port, threads=4)
    except (OSError, ValueError) as error:  # ValueError: waitress's word for a name without an address
        raise listening_error(screen.host, screen.port, error) from error

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)
    try:
        # Inside, so that a signal at any moment after the threads began still ends everything in order.
        kiosk.syncer.start()
        kiosk.start_looking()
        log.info("the kiosk's page is at http://%s:%s", screen.host, screen.port)
        web.run()
    finally:
        kiosk.stop_looking()
        kiosk.syncer.stop(_STOP_SECONDS)
        kiosk.outbox.close()
        web.close()
