"""How this kiosk fares, in figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from kiosk.board import Board
from kiosk.outbox import Outbox
from kiosk.roster import RosterHolder
from models.clock import Clock
from models.wire import KioskHealth


def software_version() -> str:
    """The installed version, or ``source`` when run without installing."""
    try:
        return version("courtclock")
    except PackageNotFoundError:
        return "source"


@dataclass(frozen=True, slots=True)
class HealthProbe:
    """Collects the figures when asked.

    Attributes:
        camera: name of the source, without credentials.
        frames_per_second: asked from the loop.
    """

    outbox: Outbox
    rosters: RosterHolder
    board: Board
    clock: Clock
    camera: str
    frames_per_second: Callable[[], float]

    def probe(self) -> KioskHealth:
        """The figures right now."""
        counts = self.outbox.counts()
        fault = self.board.state().fault
        return KioskHealth(
            sent_at=self.clock.now(),
            software=software_version(),
            camera=self.camera,
            camera_fault=None if fault is None else fault.code,
            frames_per_second=round(self.frames_per_second(), 1),
            queue_length=counts.pending,
            quarantined=counts.quarantined,
            last_device_seq=counts.last_device_seq,
            gallery_version=self.rosters.roster.version,
        )
