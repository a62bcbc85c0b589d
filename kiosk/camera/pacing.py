"""Giving pictures at an even rate, as a camera does."""

from __future__ import annotations

from models.clock import Clock


class Pacer:
    """Lets one picture pass every so many host seconds.

    Somebody who comes late is not made to hurry afterwards: lost pictures stay lost.

    Args:
        clock: whose host seconds are waited.
        frames_per_second: more than 0.
    """

    def __init__(self, clock: Clock, frames_per_second: float) -> None:
        if not frames_per_second > 0:
            raise ValueError(f"frames_per_second must be more than 0, got {frames_per_second}")
        self._clock = clock
        self._period_seconds = 1.0 / frames_per_second
        self._due_at: float | None = None

    def wait(self) -> None:
        """Return when the next picture is due; the first one is due at once."""
        now = self._clock.host_seconds()
        if self._due_at is not None and self._due_at > now:
            self._clock.sleep(self._due_at - now)
            now = self._due_at
        self._due_at = now + self._period_seconds
