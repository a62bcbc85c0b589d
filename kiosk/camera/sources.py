"""Where pictures come from: one name for cameras, streams, files, folders and the sample."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Protocol

from models.clock import Clock
from models.errors import CourtclockError
from models.faces.values import ImageBGR
from models.settings import CameraSettings, Finding, invalid_settings

_HOST_AND_PORT: Final = re.compile(r"[\w.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")


class FrameSource(Protocol):
    """Something that gives pictures, one after the other. For one thread only.

    Attributes:
        name: for people and logs; never holds a password.
    """

    @property
    def name(self) -> str: ...

    def read(self) -> ImageBGR:
        """Wait for the next picture, uint8 (height, width, 3); whoever gets it may keep it.

        Raises:
            CourtclockError: ``camera.unavailable``.
        """
        ...

    def close(self) -> None:
        """Let go of the device or file."""
        ...


def open_source(settings: CameraSettings, clock: Clock) -> FrameSource:
    """Open what ``kiosk.camera.source`` names. ``none`` is the caller's case: then there is nothing to open.

    Raises:
        CourtclockError: ``camera.unavailable`` when it does not open; ``settings.unreadable`` or
            ``settings.invalid`` when the sample's script is missing or wrong.
    """
    # Each source is loaded when it is wanted: a kiosk with a camera never loads the sample's painter.
    source = settings.source
    name = shown_name(source)
    if source == "sample":
        from kiosk.camera.sample import SampleSource

        if settings.sample_script is None:
            finding = Finding(
                "kiosk.camera.sample_script", "the source sample needs a script", "Name one, or choose another source."
            )
            raise invalid_settings(Path("config.yaml"), [finding])
        return SampleSource(settings.sample_script, settings.width_px, settings.height_px, clock)
    if source.isdecimal() or source.startswith("/dev/") or source.lower().startswith(("rtsp://", "rtsps://")):
        from kiosk.camera.live import LiveSource

        return LiveSource(settings, name)
    path = Path(source)
    if path.is_dir():
        from kiosk.camera.folder import FolderSource

        return FolderSource(path, settings.width_px, settings.height_px, clock)
    if path.is_file():
        from kiosk.camera.video_file import VideoFileSource

        return VideoFileSource(path, settings.width_px, settings.height_px, clock)
    raise CourtclockError("camera.unavailable", source=name)


def shown_name(source: str) -> str:
    """The source as people may see it.

    Of an address only protocol, host and port are left: cameras carry passwords before the ``@``, in
    the path or in the query. Where it is not certain what the host is, the protocol alone is left.
    """
    protocol, separator, rest = source.partition("://")
    if not separator:
        return source
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    at_signs = rest.count("@")
    host_and_port = authority.rpartition("@")[2]
    if at_signs > 1 or (at_signs == 1 and "@" not in authority) or not _HOST_AND_PORT.fullmatch(host_and_port):
        return f"{protocol}://…"
    return f"{protocol}://{host_and_port}" + ("/…" if len(rest) > len(authority) else "")
