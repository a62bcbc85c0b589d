"""The only file that asks the time.

Two kinds of time are kept apart. *Court time* (``now``, ``monotonic``) is what happens to people:
clock events, shifts, reports. *Host time* (``host_now``, ``host_seconds``) is what happens to
machines: a camera's deadline, a retry, the age of a signature. They are the same on a real
installation. A demonstration compresses court time only.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from models.errors import CourtclockError


class Clock(Protocol):
    """What every program is given instead of asking the time itself."""

    def now(self) -> datetime:
        """Court time, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Court seconds that never go back; only differences mean anything."""
        ...

    def host_now(self) -> datetime:
        """The machine's own time, aware, UTC."""
        ...

    def host_seconds(self) -> float:
        """The machine's seconds that never go back; only differences mean anything."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for some host seconds."""
        ...


class SystemClock:
    """The machine's clock: court time and host time are one."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def host_now(self) -> datetime:
        return datetime.now(UTC)

    def host_seconds(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Pace:
    """How court time runs during one stretch of host time.

    Attributes:
        host_seconds: length of the stretch on the machine.
        court_seconds: how much court time passes in it.
    """

    host_seconds: float
    court_seconds: float

    def __post_init__(self) -> None:
        if not (0 < self.host_seconds < math.inf and 0 <= self.court_seconds < math.inf):
            raise ValueError(f"a stretch needs host_seconds > 0 and court_seconds >= 0, got {self}")


class CompressedClock:
    """A working day in a minute, the same for every process that reads the same file.

    The file holds ``court_start`` (ISO 8601, UTC), ``paces`` (pairs of host and court seconds) and
    ``started_at_host``, the machine's monotonic seconds at which the day began, or null while it
    has not. Until then court time stands still at its start; after the last stretch it runs as fast
    as host time. The monotonic clock of a machine is one for all its processes, so the file can be
    shared between them, but not between machines or across a restart of the machine.

    Raises:
        CourtclockError: ``settings.unreadable`` when the file is not there or not of this form.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            self._court_start = datetime.fromisoformat(content["court_start"])
            if self._court_start.utcoffset() != timedelta(0):
                raise ValueError("court_start must be in UTC")
            self._paces = [Pace(*pair) for pair in content["paces"]]
            started = content["started_at_host"]
            self._started_at_host: float | None = None if started is None else float(started)
        except KeyError as error:
            raise CourtclockError("settings.unreadable", path=str(path), reason=f"{error} is missing") from error
        except (OSError, ValueError, TypeError) as error:
            raise CourtclockError("settings.unreadable", path=str(path), reason=str(error)) from error
        self._looked_at = float("-inf")

    def _court_elapsed(self) -> float:
        host_now = time.monotonic()
        if self._started_at_host is None and host_now - self._looked_at > 0.05:
            self._looked_at = host_now
            self._started_at_host = json.loads(self._path.read_text(encoding="utf-8"))["started_at_host"]
        if self._started_at_host is None:
            return 0.0
        rest = max(0.0, host_now - self._started_at_host)
        court = 0.0
        for pace in self._paces:
            if rest < pace.host_seconds:
                return court + rest * pace.court_seconds / pace.host_seconds
            rest -= pace.host_seconds
            court += pace.court_seconds
        return court + rest

    def now(self) -> datetime:
        return self._court_start + timedelta(seconds=self._court_elapsed())

    def monotonic(self) -> float:
        return self._court_elapsed()

    def host_now(self) -> datetime:
        return datetime.now(UTC)

    def host_seconds(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def write_compressed_day(path: Path, court_start: datetime, paces: list[Pace], *, started: bool) -> None:
    """Write the shared file of a compressed day, whole or not at all.

    Args:
        path: where every process will look.
        court_start: aware moment at which the day begins.
        paces: stretches in order.
        started: True starts the day at this very moment, False lets it stand at its beginning.

    Raises:
        ValueError: ``court_start`` is naive.
    """
    content = {
        "court_start": require_utc(court_start).isoformat(),
        "paces": [[pace.host_seconds, pace.court_seconds] for pace in paces],
        "started_at_host": time.monotonic() if started else None,
    }
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(content), encoding="utf-8")
    temporary.replace(path)


def open_clock(compressed_day: Path | None) -> Clock:
    """The machine's clock, or the compressed one when a shared file is named."""
    return SystemClock() if compressed_day is None else CompressedClock(compressed_day)


def require_utc(moment: datetime) -> datetime:
    """The same moment in UTC.

    Raises:
        ValueError: the moment is naive; a time without its zone is never guessed.
    """
    if moment.tzinfo is None:
        raise ValueError(f"naive time: {moment!r}")
    return moment.astimezone(UTC)
