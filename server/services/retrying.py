"""How long what failed rests before it is tried again: longer each time, never for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

RETRY_FAILED_AFTER: Final = timedelta(minutes=1)
LONGEST_RETRY_PAUSE: Final = timedelta(hours=1)
_MOST_FAULT_CHARACTERS: Final = 500


def retry_pause(tries: int) -> timedelta:
    """How long to rest after so many failed tries: a minute, then twice as long each time, up to an hour."""
    doublings = min(tries - 1, 10)
    return min(RETRY_FAILED_AFTER * (1 << doublings), LONGEST_RETRY_PAUSE)


def fault_in_words(fault: Exception) -> str:
    """What somebody who looks for the cause is told in one line."""
    return " ".join(f"{type(fault).__name__}: {fault}".split())[:_MOST_FAULT_CHARACTERS]
