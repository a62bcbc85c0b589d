"""A folder of pictures as a camera."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import numpy as np

from kiosk.camera.pacing import Pacer
from kiosk.camera.pictures import letterbox, read_picture
from models.clock import Clock
from models.errors import CourtclockError
from models.faces.values import ImageBGR

_FRAMES_PER_SECOND: Final = 10
_FRAMES_A_PICTURE: Final = 10
_LOG: Final = logging.getLogger(__name__)


class FolderSource:
    """Shows each picture of a folder for a second, in the order of their names, round after round.

    Every frame differs from the one before by one grey level in some pixels, as a camera's do:
    otherwise a picture shown for a second would be ten times the same, which is a fault in a camera.
    The folder is looked through again each round. Hidden files are passed over, unreadable ones are
    passed over with a line in the log.

    Args:
        folder: where the pictures are.
        width_px, height_px: exact size of every frame; pictures are scaled and letterboxed.
        clock: whose host seconds pace the frames.

    Raises:
        CourtclockError: ``camera.unavailable`` when the folder holds no readable picture.
    """

    def __init__(self, folder: Path, width_px: int, height_px: int, clock: Clock) -> None:
        self.name: Final = str(folder)
        self._folder = folder
        self._size_px = (width_px, height_px)
        self._pacer = Pacer(clock, _FRAMES_PER_SECOND)
        self._noise = np.random.default_rng(0)
        self._waiting: list[Path] = []
        self._logged: set[Path] = set()
        self._shown = self._next_picture()
        self._frames_left = _FRAMES_A_PICTURE

    def read(self) -> ImageBGR:
        """The next frame, when it is due.

        Raises:
            CourtclockError: ``camera.unavailable`` when no readable picture is left.
        """
        if self._frames_left == 0:
            self._shown = self._next_picture()
            self._frames_left = _FRAMES_A_PICTURE
        self._frames_left -= 1
        self._pacer.wait()
        lowest_bit = self._noise.integers(0, 2, self._shown.shape, dtype=np.uint8)
        return np.asarray(self._shown ^ lowest_bit, dtype=np.uint8)

    def close(self) -> None:
        """Nothing is held open."""

    def _next_picture(self) -> ImageBGR:
        for _ in range(2):  # the rest of this round, then one whole round
            while self._waiting:
                path = self._waiting.pop(0)
                picture = read_picture(path)
                if picture is not None:
                    return letterbox(picture, *self._size_px)
                if path not in self._logged:
                    self._logged.add(path)
                    _LOG.warning("%s is not a readable picture and is passed over", path)
            self._waiting = self._files()
        raise CourtclockError("camera.unavailable", source=self.name)

    def _files(self) -> list[Path]:
        try:
            files = [path for path in self._folder.iterdir() if path.is_file() and not path.name.startswith(".")]
        except OSError as error:
            raise CourtclockError("camera.unavailable", source=self.name) from error
        return sorted(files, key=lambda path: path.name)
