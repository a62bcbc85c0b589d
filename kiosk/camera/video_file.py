"""A recorded video as a camera."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2

from kiosk.camera.pacing import Pacer
from kiosk.camera.pictures import as_bgr, shrink_to_fit
from models.clock import Clock
from models.errors import CourtclockError
from models.faces.values import ImageBGR

_USUAL_FRAMES_PER_SECOND: Final = 25.0
_MOST_FRAMES_PER_SECOND: Final = 240.0


class VideoFileSource:
    """Plays a video file at its own pace, and from the start again when it ends.

    Args:
        path: the file.
        width_px, height_px: larger pictures are made smaller to fit.
        clock: whose host seconds pace the pictures.

    Raises:
        CourtclockError: ``camera.unavailable`` when it is not a video with at least one picture.
    """

    def __init__(self, path: Path, width_px: int, height_px: int, clock: Clock) -> None:
        self.name: Final = str(path)
        self._path = path
        self._wanted_size_px = (width_px, height_px)
        self._capture = self._open()
        self._next = self._read_or_none()
        if self._next is None:
            self._capture.release()
            raise CourtclockError("camera.unavailable", source=self.name)
        told = self._capture.get(cv2.CAP_PROP_FPS)
        # Some files tell 0, not a number, or a clock rate instead of a picture rate.
        believable = 0 < told <= _MOST_FRAMES_PER_SECOND
        self._pacer = Pacer(clock, told if believable else _USUAL_FRAMES_PER_SECOND)

    def _open(self) -> cv2.VideoCapture:
        try:
            return cv2.VideoCapture(str(self._path))
        except cv2.error as error:
            raise CourtclockError("camera.unavailable", source=self.name) from error

    def _read_or_none(self) -> ImageBGR | None:
        try:
            given, picture = self._capture.read()
        except cv2.error as error:
            raise CourtclockError("camera.unavailable", source=self.name) from error
        return as_bgr(picture) if given and picture is not None else None

    def read(self) -> ImageBGR:
        """The next picture, when it is due.

        Raises:
            CourtclockError: ``camera.unavailable`` when the file cannot be played from its start again.
        """
        picture, self._next = self._next, None
        if picture is None:
            picture = self._read_or_none()
        if picture is None:
            # Opening again works for every container; jumping to picture 0 does not.
            self._capture.release()
            self._capture = self._open()
            picture = self._read_or_none()
        if picture is None:
            raise CourtclockError("camera.unavailable", source=self.name)
        self._pacer.wait()
        return shrink_to_fit(picture, *self._wanted_size_px)

    def close(self) -> None:
        """Let go of the file."""
        self._capture.release()
