"""A clock and sources for tests of the camera, written by hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import cv2
import numpy as np

from models.errors import CourtclockError
from models.faces.values import ImageBGR
from models.settings import CameraSettings

COURT_START = datetime(2026, 11, 20, 0, 12, tzinfo=UTC)
FACE_BOX_XYXY = (80.0, 60.0, 170.0, 180.0)


class FakeClock:
    """Time stands still until somebody advances it; sleeping advances it."""

    def __init__(self) -> None:
        self.host = 1000.0
        self.court_ratio = 1.0
        self.slept: list[float] = []

    def advance(self, seconds: float) -> None:
        self.host += seconds

    def now(self) -> datetime:
        return COURT_START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (self.host - 1000.0) * self.court_ratio

    def host_now(self) -> datetime:
        return COURT_START + timedelta(seconds=self.host - 1000.0)

    def host_seconds(self) -> float:
        return self.host

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)


class ScriptedSource:
    """Gives what a function makes of the number of the read, from 1."""

    def __init__(self, give: Callable[[int], ImageBGR], name: str = "scripted") -> None:
        self.name = name
        self.reads = 0
        self.closed = False
        self._give = give

    def read(self) -> ImageBGR:
        self.reads += 1
        return self._give(self.reads)

    def close(self) -> None:
        self.closed = True


class HandFedSource:
    """Each read waits until the test hands over the next picture, like a camera that may hang."""

    def __init__(self, name: str = "hand-fed") -> None:
        self.name = name
        self.closed = threading.Event()
        self._condition = threading.Condition()
        self._given: list[ImageBGR | Exception] = []
        self._waiting = False
        self._let_go = False

    def give(self, *pictures: ImageBGR | Exception) -> None:
        """Hand over pictures, and wait until the reader has taken them in and asks for another."""
        for picture in pictures:
            with self._condition:
                assert self._condition.wait_for(lambda: self._waiting, 5), "nobody reads"
                self._given.append(picture)
                self._condition.notify_all()
                if isinstance(picture, Exception):
                    return
                assert self._condition.wait_for(lambda: not self._given and (self._waiting or self.closed.is_set()), 5)

    def let_go(self) -> None:
        """A read that hangs, and every later one, ends in an error."""
        with self._condition:
            self._let_go = True
            self._condition.notify_all()

    @property
    def is_being_read(self) -> bool:
        """Whether a read waits for a picture now."""
        with self._condition:
            return self._waiting

    def read(self) -> ImageBGR:
        with self._condition:
            self._waiting = True
            self._condition.notify_all()
            self._condition.wait_for(lambda: bool(self._given) or self._let_go)
            self._waiting = False
            if self._let_go:
                raise CourtclockError("camera.unavailable", source=self.name)
            picture = self._given.pop(0)
        if isinstance(picture, Exception):
            raise picture
        return picture

    def close(self) -> None:
        with self._condition:
            self.closed.set()
            self._condition.notify_all()


def settings(**changes: Any) -> CameraSettings:
    """Camera settings with short pauses."""
    values: dict[str, Any] = {
        "source": "0",
        "sample_script": None,
        "width_px": 640,
        "height_px": 480,
        "frame_deadline_seconds": 3,
        "frozen_after_seconds": 10,
        "reopen_after_seconds": 0.01,
    }
    return CameraSettings.model_validate(values | changes)


def plain(level: int, width_px: int = 64, height_px: int = 48) -> ImageBGR:
    """A picture of one grey."""
    return np.full((height_px, width_px, 3), level, dtype=np.uint8)


def give_in_turn(pictures: Iterable[ImageBGR | Exception]) -> Callable[[int], ImageBGR]:
    """One after the other; exceptions are raised."""
    waiting = iter(pictures)

    def give(_: int) -> ImageBGR:
        picture = next(waiting)
        if isinstance(picture, Exception):
            raise picture
        return picture

    return give


def drawn_portrait() -> ImageBGR:
    """A drawing with the outline of a portrait, 250 x 250; its face is at ``FACE_BOX_XYXY``."""
    portrait = np.full((250, 250, 3), (190, 150, 90), dtype=np.uint8)
    cv2.ellipse(portrait, (125, 265), (105, 75), 0, 0, 360, (60, 40, 30), -1)
    cv2.rectangle(portrait, (105, 160), (145, 215), (130, 160, 205), -1)
    cv2.ellipse(portrait, (125, 105), (54, 74), 0, 0, 360, (30, 35, 45), -1)
    cv2.ellipse(portrait, (125, 120), (44, 60), 0, 0, 360, (140, 170, 215), -1)
    for x in (105, 145):
        cv2.circle(portrait, (x, 110), 6, (250, 250, 250), -1)
        cv2.circle(portrait, (x, 110), 3, (40, 30, 20), -1)
    cv2.line(portrait, (125, 118), (122, 138), (90, 120, 170), 2)
    cv2.ellipse(portrait, (125, 155), (16, 6), 0, 0, 180, (70, 70, 170), -1)
    return portrait
