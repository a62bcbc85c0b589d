"""The newest picture, always; and in words what is wrong when there is none."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from kiosk.camera.frames import Frame
from kiosk.camera.sources import FrameSource, shown_name
from models.clock import Clock
from models.errors import CourtclockError
from models.faces.values import ImageBGR
from models.settings import CameraSettings

_MOST_HUNG_THREADS: Final = 3
_LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class _Pictures:
    """What came from the camera, and when, in host seconds. Guarded by the reader's condition.

    Attributes:
        newest: the newest picture that differs from the one before it.
        came_at: when any picture came, or when the reader began to wait for the first one.
        changed_at: when ``newest`` came.
        repeated: whether the same picture came again since.
        image_bgr: what the next picture is compared with; None after the source was gone.
    """

    newest: Frame | None = None
    came_at: float = 0.0
    changed_at: float = 0.0
    repeated: bool = False
    image_bgr: ImageBGR | None = None


class CameraReader:
    """Reads a camera in a thread of its own and holds the newest picture only; older ones are dropped.

    A camera that cannot be opened, or fails, is opened again for ever, with a pause. Two faults are found here
    because OpenCV hides them: a read that never comes back, and a vanished device whose last picture
    comes again and again. A picture equal to the one before it is never given out as a new one, and no
    picture older than the deadline is given out at all.

    Args:
        open_source: opens the camera; called again after every failure.
        clock: court time stamps the pictures, host time judges the camera.
        settings: deadlines and pauses.
    """

    def __init__(self, open_source: Callable[[], FrameSource], clock: Clock, settings: CameraSettings) -> None:
        self._open_source = open_source
        self._clock = clock
        self._settings = settings
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        # A thread stays the reader's only while it is this one; a hung one is left behind.
        self._thread: threading.Thread | None = None
        self._hung: list[threading.Thread] = []
        self._reading_since: float | None = None
        self._source_name = shown_name(settings.source)
        self._pictures = _Pictures()
        self._error: CourtclockError | None = None

    def start(self) -> None:
        """Begin to read.

        Raises:
            RuntimeError: it was started before.
        """
        with self._changed:
            if self._thread is not None:
                raise RuntimeError("a camera reader is started once")
            self._pictures.came_at = self._clock.host_seconds()
            self._start_thread()

    def stop(self, timeout_seconds: float = 2.0) -> None:
        """End the thread and let go of the camera; a read that hangs is left behind after the timeout."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(timeout_seconds)
            if thread.is_alive():
                _LOG.warning("the camera %s still hangs and is left behind", self._source_name)

    def wait_for_frame(self, after_sequence: int, timeout_seconds: float) -> Frame | None:
        """The newest frame with a greater number, as soon as there is one.

        Args:
            after_sequence: number of the last frame seen, 0 for none.
            timeout_seconds: longest wait, in host seconds.

        Returns:
            None when no such frame came in time, or the reader was stopped; ``fault`` then says why.
        """
        with self._changed:
            self._leave_hung_thread()
            self._changed.wait_for(
                lambda: self._stopping.is_set() or self._fresh_frame(after_sequence) is not None, timeout_seconds
            )
            return None if self._stopping.is_set() else self._fresh_frame(after_sequence)

    @property
    def fault(self) -> CourtclockError | None:
        """What is wrong with the camera at this moment, None when pictures come and move.

        Usually ``camera.unavailable``, ``camera.stalled`` or ``camera.frozen``; other codes where the
        source's own settings are wrong.
        """
        with self._changed:
            if self._thread is None or self._stopping.is_set():
                return None
            if self._error is not None:
                return self._error
            now = self._clock.host_seconds()
            if self._is_frozen():
                same_seconds = now - self._pictures.changed_at
                return CourtclockError("camera.frozen", source=self._source_name, seconds=same_seconds)
            # Asked here, by somebody else's thread: the reader's own may hang in a driver at this moment.
            silent_seconds = now - self._pictures.came_at
            if silent_seconds > self._settings.frame_deadline_seconds:
                return CourtclockError("camera.stalled", source=self._source_name, seconds=silent_seconds)
            return None

    def _fresh_frame(self, after_sequence: int) -> Frame | None:
        frame = self._pictures.newest
        if frame is None or frame.sequence <= after_sequence:
            return None
        age_seconds = self._clock.host_seconds() - frame.captured_host_seconds
        return frame if age_seconds <= self._settings.frame_deadline_seconds else None

    def _is_frozen(self) -> bool:
        # Judged between pictures that came, not by the time now: a slow camera is not a frozen one.
        pictures = self._pictures
        return pictures.repeated and pictures.came_at - pictures.changed_at >= self._settings.frozen_after_seconds

    def _leave_hung_thread(self) -> None:
        """Open the camera in another thread when a read hangs for good.

        Nothing can end a thread inside a driver. It is left behind and closes its source should it ever
        come back. Only a few are left behind: a camera that hangs every thread needs people.
        """
        if self._reading_since is None or self._stopping.is_set():
            return
        hanging_seconds = self._clock.host_seconds() - self._reading_since
        patience_seconds = self._settings.frame_deadline_seconds + self._settings.reopen_after_seconds
        self._hung = [thread for thread in self._hung if thread.is_alive()]
        if hanging_seconds > patience_seconds and self._thread is not None and len(self._hung) < _MOST_HUNG_THREADS:
            _LOG.warning("the camera %s hangs and is opened again", self._source_name)
            self._hung.append(self._thread)
            self._start_thread()

    def _start_thread(self) -> None:
        self._reading_since = None
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    def _is_wanted(self) -> bool:
        """Whether the thread that asks is still the reader's."""
        return threading.current_thread() is self._thread and not self._stopping.is_set()

    def _run(self) -> None:
        while True:
            try:
                self._read_until_it_ends()
            except CourtclockError as error:
                self._note_error(error)
            except Exception as error:
                # Whatever a driver throws must be seen as a fault and not end the only thread that reads.
                unavailable = CourtclockError("camera.unavailable", source=self._source_name)
                unavailable.__cause__ = error
                self._note_error(unavailable)
            with self._changed:
                wanted = self._is_wanted()
            if not wanted or self._stopping.wait(self._settings.reopen_after_seconds):
                return

    def _read_until_it_ends(self) -> None:
        """Open the source and read it until it fails, is frozen, or nobody wants it any more."""
        source = self._open_source()
        try:
            while self._begin_reading(source.name):
                if not self._note_picture(source.read()):
                    return
        finally:
            source.close()

    def _begin_reading(self, source_name: str) -> bool:
        with self._changed:
            if not self._is_wanted():
                return False
            self._source_name = source_name
            self._reading_since = self._clock.host_seconds()
            return True

    def _note_picture(self, image_bgr: ImageBGR) -> bool:
        """Hold the picture if it is a new one; False when the source is to be opened again."""
        captured_at, captured_monotonic = self._clock.now(), self._clock.monotonic()
        now = self._clock.host_seconds()
        with self._changed:
            if not self._is_wanted():
                return False
            self._reading_since = None
            pictures = self._pictures
            if pictures.image_bgr is not None and np.array_equal(pictures.image_bgr, image_bgr):
                pictures.came_at, pictures.repeated = now, True
                self._error = None
                if self._is_frozen():
                    # A device that vanished may repeat its last picture for ever; only opening it again helps.
                    _LOG.warning("the camera %s sends the same picture again and again", self._source_name)
                    return False
                return True
            sequence = 1 if pictures.newest is None else pictures.newest.sequence + 1
            frame = Frame(image_bgr, sequence, captured_at, captured_monotonic, now)
            if self._error is not None:
                _LOG.info("the camera %s sends pictures again", self._source_name)
            self._error = None
            self._pictures = _Pictures(frame, came_at=now, changed_at=now, repeated=False, image_bgr=frame.image_bgr)
            self._changed.notify_all()
            return True

    def _note_error(self, error: CourtclockError) -> None:
        with self._changed:
            if not self._is_wanted():
                return
            self._reading_since = None
            if self._error is None or self._error.code != error.code:
                _LOG.warning("%s", error, exc_info=error.__cause__)
            self._error = error
            # The source was gone: whatever it sends next is new, even if it looks like the last picture.
            self._pictures.image_bgr, self._pictures.repeated = None, False
