"""Clock events as the rules see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, get_args
from uuid import UUID

from server.attendance.points import Direction
from server.attendance.reasons import Reason

Method = Literal["face", "pin", "card", "register", "correction"]
"""``register``: a line of an older machine's register, imported. ``correction`` is no clock event: a moment that people
agreed on, in place of one."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_METHODS: Final = frozenset(get_args(Method))


@dataclass(frozen=True, slots=True)
class RawEvent:
    """One clock event of one person, as it was stored.

    Attributes:
        event_id: of the event.
        captured_at: the moment of first being seen, aware; kept in UTC. It counts for an arrival.
        method: how the person was identified.
        voided: True after "Not me".
        identified_at: the moment of being recognised or of entering the PIN, aware; kept in UTC; None
            where it is the same. It counts for a departure: whoever waits before the kiosk until it is
            time, or types a PIN while somebody else was seen, does not leave early by it.

    Raises:
        ValueError: the moment is naive, or the method is not known.
    """

    event_id: UUID
    captured_at: datetime
    method: Method
    voided: bool = False
    identified_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.method not in _METHODS:
            raise ValueError(f"not a method: {self.method!r}")
        if self.captured_at.tzinfo is not UTC:
            object.__setattr__(self, "captured_at", _in_utc(self.captured_at))
        if self.identified_at is not None:
            if self.identified_at.tzinfo is not UTC:
                object.__setattr__(self, "identified_at", _in_utc(self.identified_at))
            if self.identified_at < self.captured_at:
                raise ValueError("nobody is identified before being seen")

    def counts_at(self, direction: Direction) -> datetime:
        """The moment that counts for an arrival or for a departure; always the kinder one."""
        return self.captured_at if direction == "in" else self.identified_at or self.captured_at

    def to_json(self) -> list[Any]:
        """As plain JSON values; times in whole microseconds since 1970, and how long identifying took."""
        values: list[Any] = [str(self.event_id), (self.captured_at - _EPOCH) // _MICROSECOND, self.method]
        if self.identified_at is not None:
            values.append((self.identified_at - self.captured_at) // _MICROSECOND)
            if self.voided:
                values.append(True)
        elif self.voided:
            values += [None, True]
        return values

    @staticmethod
    def from_json(values: list[Any]) -> RawEvent:
        """The inverse of ``to_json``.

        Raises:
            IndexError, ValueError: the content is of another form.
        """
        captured_at = _EPOCH + values[1] * _MICROSECOND
        took = values[3] if len(values) > 3 else None
        return RawEvent(
            UUID(values[0]),
            captured_at,
            values[2],
            len(values) > 4 and values[4],
            None if took is None else captured_at + took * _MICROSECOND,
        )


@dataclass(frozen=True, slots=True)
class IgnoredEvent:
    """A clock event that decided nothing, and why."""

    event: RawEvent
    reason: Reason


def in_order(events: Iterable[RawEvent]) -> list[RawEvent]:
    """The events by time, then by identifier, however they arrived.

    Raises:
        ValueError: two events have the same identifier.
    """
    listed = sorted(events, key=_by_time)
    if len({event.event_id for event in listed}) < len(listed):
        times = Counter(event.event_id for event in listed)
        doubled = sorted(str(event_id) for event_id, count in times.items() if count > 1)
        raise ValueError(f"clock events with the same identifier: {', '.join(doubled)}")
    return listed


def _by_time(event: RawEvent) -> tuple[datetime, int]:
    return event.captured_at, event.event_id.int


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"naive time: {moment!r}")
    return moment.astimezone(UTC)
