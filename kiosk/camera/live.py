"""Cameras on this machine and streams in the network, through OpenCV."""

from __future__ import annotations

import platform
from typing import Final

import cv2

from kiosk.camera.pictures import as_bgr, shrink_to_fit
from models.errors import CourtclockError
from models.faces.values import ImageBGR
from models.settings import CameraSettings

_OPEN_TIMEOUT_MS: Final = 10_000


class LiveSource:
    """One camera: ``0``, ``/dev/video0`` or an RTSP address.

    OpenCV may wait for ever when a device vanishes, and may go on giving the last picture after it was
    unplugged. This class does not hide that: whoever reads has a deadline and compares pictures.

    Args:
        settings: its source, the wanted size, the deadline.
        name: the source without passwords.

    Raises:
        CourtclockError: ``camera.unavailable``.
    """

    def __init__(self, settings: CameraSettings, name: str) -> None:
        self.name: Final = name
        self._wanted_size_px = (settings.width_px, settings.height_px)
        try:
            self._capture = _open_capture(settings)
            opened = self._capture.isOpened()
        except cv2.error as error:
            # OpenCV's message may hold the address with its password: it is neither shown nor chained.
            raise CourtclockError("camera.unavailable", source=name) from (None if "://" in settings.source else error)
        if not opened:
            self._capture.release()
            raise CourtclockError("camera.unavailable", source=name)

    def read(self) -> ImageBGR:
        """The next picture, made smaller when the camera gives a larger one than wanted.

        Raises:
            CourtclockError: ``camera.unavailable``.
        """
        try:
            given, picture = self._capture.read()
        except cv2.error as error:
            raise CourtclockError("camera.unavailable", source=self.name) from error
        if not given or picture is None:
            raise CourtclockError("camera.unavailable", source=self.name)
        return shrink_to_fit(as_bgr(picture), *self._wanted_size_px)

    def close(self) -> None:
        """Let go of the camera."""
        self._capture.release()


def _open_capture(settings: CameraSettings) -> cv2.VideoCapture:
    if "://" in settings.source:
        read_timeout_ms = max(1000, round(settings.frame_deadline_seconds * 2000))
        timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, read_timeout_ms]
        capture = cv2.VideoCapture(settings.source, cv2.CAP_FFMPEG, timeouts)
    else:
        api = cv2.CAP_V4L2 if platform.system() == "Linux" else cv2.CAP_ANY
        if settings.source.isdecimal():
            capture = cv2.VideoCapture(int(settings.source), api)
        else:
            capture = cv2.VideoCapture(settings.source, api)
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, settings.width_px)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, settings.height_px)
    # One picture of buffer: a longer queue would show the past.
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return capture
