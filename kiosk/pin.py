"""The keypad: employee number and PIN, worth the same as a face, also without the server."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kiosk.roster import Roster
from models.clock import Clock
from models.errors import CourtclockError
from models.settings import PinSettings
from models.wire import PersonEntry


@dataclass(frozen=True, slots=True)
class _Failures:
    tries: int
    last_at_seconds: float


class Keypad:
    """Checks PINs and counts wrong ones, by number, whether the number exists or not.

    Args:
        settings: how many wrong PINs lock a number, and for how long.
        clock: host seconds.
    """

    def __init__(self, settings: PinSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._hasher = PasswordHasher()
        self._lock = threading.Lock()
        self._failures: dict[str, _Failures] = {}
        # Checked for numbers that do not exist, so that they take as long as those that do.
        self._nobodys_hash = self._hasher.hash("nobody")

    def check(self, roster: Roster, employee_no: str, pin: str) -> PersonEntry:
        """The person whose number and PIN these are.

        Raises:
            CourtclockError: ``pin.wrong``, or ``pin.locked`` after too many wrong ones.
        """
        self._refuse_locked(employee_no)
        entry = roster.by_employee_no.get(employee_no)
        pin_hash = entry.pin_hash if entry is not None and entry.pin_hash else self._nobodys_hash
        try:
            self._hasher.verify(pin_hash, pin)
        except (VerificationError, InvalidHashError) as error:
            self._count_failure(employee_no)
            raise CourtclockError("pin.wrong") from error
        if entry is None or pin_hash is self._nobodys_hash:
            self._count_failure(employee_no)
            raise CourtclockError("pin.wrong")
        with self._lock:
            self._failures.pop(employee_no, None)
        return entry

    def _refuse_locked(self, employee_no: str) -> None:
        now = self._clock.host_seconds()
        with self._lock:
            self._failures = {
                number: failures
                for number, failures in self._failures.items()
                if now - failures.last_at_seconds < self._settings.lock_seconds
            }
            failures = self._failures.get(employee_no)
        if failures is not None and failures.tries >= self._settings.max_tries:
            rest = self._settings.lock_seconds - (now - failures.last_at_seconds)
            raise CourtclockError("pin.locked", seconds=rest)

    def _count_failure(self, employee_no: str) -> None:
        with self._lock:
            before = self._failures.get(employee_no)
            self._failures[employee_no] = _Failures(
                1 if before is None else before.tries + 1, self._clock.host_seconds()
            )
