"""What the screen shows right now: one small state, changed by the door, read by the page."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from kiosk.deciding import DoubtReason, Hint
from models.clock import Clock
from models.errors import CourtclockError
from models.faces.values import ImageBGR
from models.wire import Method

Mode = Literal["looking", "guide", "ask_pin", "thanks"]


@dataclass(frozen=True, slots=True)
class Thanks:
    """One thank-you: the item behind it is committed.

    Attributes:
        event_id: the clock event.
        display_name: what the screen may show of the person.
        captured_at: the time that counts.
        method: how they were identified.
        repeated: True when this person clocked shortly before and the earlier event counts.
        shown_at_seconds: host seconds at which it came up.
    """

    event_id: UUID
    person_id: UUID
    display_name: str
    captured_at: datetime
    method: Method
    repeated: bool
    shown_at_seconds: float


@dataclass(frozen=True, slots=True)
class BoardState:
    """A snapshot.

    Attributes:
        mode: what fills the screen.
        hint: with ``guide``.
        doubt: with ``ask_pin``; None when the person asked for the keypad.
        thanks: the last one, also after it left the screen.
        fault: what is wrong, in words; the keypad works all the same.
    """

    mode: Mode = "looking"
    hint: Hint | None = None
    doubt: DoubtReason | None = None
    thanks: Thanks | None = None
    fault: CourtclockError | None = None


class Board:
    """Shared by the door and the page; each change is whole.

    Args:
        clock: host seconds.
        thanks_seconds: how long a thank-you stays, unless somebody else comes.
        prompt_seconds: how long a hint or a request stays without being renewed.
    """

    def __init__(self, clock: Clock, thanks_seconds: float, prompt_seconds: float = 6.0) -> None:
        self._clock = clock
        self._thanks_seconds = thanks_seconds
        self._prompt_seconds = prompt_seconds
        self._lock = threading.Lock()
        self._state = BoardState()
        self._changed_at = clock.host_seconds()
        self._preview_bgr: ImageBGR | None = None

    def state(self) -> BoardState:
        """The snapshot now; a prompt that was not renewed has gone back to looking."""
        with self._lock:
            stays = self._thanks_seconds if self._state.mode == "thanks" else self._prompt_seconds
            if self._state.mode != "looking" and self._clock.host_seconds() - self._changed_at > stays:
                self._state = replace(self._state, mode="looking", hint=None, doubt=None)
            return self._state

    def _show(self, state: BoardState) -> None:
        self._state = state
        self._changed_at = self._clock.host_seconds()

    def guide(self, hint: Hint) -> None:
        """Tell what helps, unless somebody is just being thanked or asked."""
        with self._lock:
            if self._state.mode in ("looking", "guide"):
                self._show(replace(self._state, mode="guide", hint=hint, doubt=None))

    def ask_pin(self, doubt: DoubtReason | None) -> None:
        """Ask for the PIN."""
        with self._lock:
            self._show(replace(self._state, mode="ask_pin", hint=None, doubt=doubt))

    def thank(self, thanks: Thanks) -> None:
        """Say thank you; whoever was thanked before makes room."""
        with self._lock:
            self._show(replace(self._state, mode="thanks", hint=None, doubt=None, thanks=thanks))

    def set_fault(self, fault: CourtclockError | None) -> None:
        """Show a fault in words, or that it is over."""
        with self._lock:
            self._state = replace(self._state, fault=fault)

    def set_preview(self, preview_bgr: ImageBGR | None) -> None:
        """The picture of the nearest face only; None when nobody is near."""
        with self._lock:
            self._preview_bgr = preview_bgr

    def preview(self) -> ImageBGR | None:
        """The last preview, uint8 height x width x 3."""
        with self._lock:
            return self._preview_bgr
