"""Turns a decision into an item of the outbox: identifier, number and times."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any
from uuid import UUID

from kiosk.outbox import Outbox
from models.clock import Clock
from models.identifiers import uuid7_at
from models.wire import AttemptItem, AttemptOutcome, ClockEventItem, Evidence, Method, VoidItem


class Recorder:
    """Writes what happened, in the order in which it happened.

    Args:
        outbox: where it is committed.
        clock: court time.
    """

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock
        self.boot_id: UUID = uuid.uuid4()

    def clock_event(self, person_id: UUID, method: Method, captured_at: datetime, evidence: Evidence) -> ClockEventItem:
        """Commit a clock event; only when this returns may the screen say thank you.

        Raises:
            CourtclockError: ``outbox.write_failed``.
        """
        return self._outbox.append(
            lambda device_seq: ClockEventItem(
                **self._stamp(device_seq, captured_at), person_id=person_id, method=method, evidence=evidence
            )
        )

    def attempt(self, outcome: AttemptOutcome, captured_at: datetime, evidence: Evidence) -> AttemptItem:
        """Commit an attempt.

        Raises:
            CourtclockError: ``outbox.write_failed``.
        """
        return self._outbox.append(
            lambda device_seq: AttemptItem(**self._stamp(device_seq, captured_at), outcome=outcome, evidence=evidence)
        )

    def void(self, event_id: UUID) -> VoidItem:
        """Commit a "not me" for an event; the event itself stays.

        Raises:
            CourtclockError: ``outbox.write_failed``.
        """
        now = self._clock.now()
        return self._outbox.append(
            lambda device_seq: VoidItem(**self._stamp(device_seq, now), voided_event_id=event_id)
        )

    def _stamp(self, device_seq: int, captured_at: datetime) -> dict[str, Any]:
        """What every item carries: identifier, number and times."""
        return {
            "item_id": uuid7_at(captured_at),
            "device_seq": device_seq,
            "captured_at": captured_at,
            "recorded_at": self._clock.now(),
            "monotonic_seconds": self._clock.monotonic(),
            "boot_id": self.boot_id,
        }
