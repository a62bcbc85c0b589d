"""Which clock event meets which clock point.

Only the windows decide. In or out is never toggled: arriving is the *earliest* event in an arrival's window, leaving
the *latest* event in a departure's, so nobody is clocked out by walking past, and an event that is forgotten, doubled
or delivered late moves no other one. Events are never changed; those that are not used are kept, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

from server.attendance.points import DAY_MINUTES, RuleBook, day_bounds, wall_minutes_of, workday_of
from server.attendance.reasons import Reason

Method = Literal["face", "pin", "card"]


@dataclass(frozen=True, slots=True)
class RawEvent:
    """One clock event of one person, as it was stored.

    Attributes:
        event_id: of the event.
        captured_at: the moment of first being seen, aware; kept in UTC. It counts for an arrival.
        identified_at: the moment of being recognised or of entering the PIN, aware; kept in UTC; None
            where it is the same. It counts for a departure: whoever waits before the kiosk until it is
            time, or types a PIN while somebody else was seen, does not leave early by it.
        method: how the person was identified.
        voided: True after "Not me".

    Raises:
        ValueError: the moment is naive, or the method is not known.
    """

    event_id: UUID
    captured_at: datetime
    method: Method
    voided: bool = False
    identified_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.captured_at.tzinfo is None:
            raise ValueError(f"naive time: {self.captured_at!r}")
        if self.method not in get_args(Method):
            raise ValueError(f"not a method: {self.method!r}")
        object.__setattr__(self, "captured_at", self.captured_at.astimezone(UTC))
        if self.identified_at is not None:
            if self.identified_at.tzinfo is None:
                raise ValueError(f"naive time: {self.identified_at!r}")
            object.__setattr__(self, "identified_at", self.identified_at.astimezone(UTC))
            if self.identified_at < self.captured_at:
                raise ValueError("nobody is identified before being seen")

    def counts_at(self, direction: Literal["in", "out"]) -> datetime:
        """The moment that counts for an arrival or for a departure; always the kinder one."""
        return self.captured_at if direction == "in" else self.identified_at or self.captured_at

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "event_id": str(self.event_id),
            "captured_at": self.captured_at.isoformat(),
            "method": self.method,
            "voided": self.voided,
            "identified_at": None if self.identified_at is None else self.identified_at.isoformat(),
        }

    @staticmethod
    def from_json(content: dict[str, Any]) -> RawEvent:
        """The inverse of ``to_json``.

        Raises:
            KeyError, ValueError: the content is of another form.
        """
        return RawEvent(
            UUID(content["event_id"]),
            datetime.fromisoformat(content["captured_at"]),
            content["method"],
            content["voided"],
            None if content["identified_at"] is None else datetime.fromisoformat(content["identified_at"]),
        )


@dataclass(frozen=True, slots=True)
class IgnoredEvent:
    """A clock event that decided nothing, and why."""

    event: RawEvent
    reason: Reason


@dataclass(frozen=True, slots=True)
class Matching:
    """What became of every clock event.

    Attributes:
        used: for each clock point of the shift, in its order, the event that meets it, or None.
        ignored: all other events, in the order of time.
    """

    used: tuple[RawEvent | None, ...]
    ignored: tuple[IgnoredEvent, ...]


def in_order(events: Iterable[RawEvent]) -> list[RawEvent]:
    """The events by time, then by identifier, however they arrived.

    Raises:
        ValueError: two events have the same identifier.
    """
    listed = list(events)
    doubled = [event_id for event_id, times in Counter(event.event_id for event in listed).items() if times > 1]
    if doubled:
        raise ValueError(f"clock events with the same identifier: {', '.join(sorted(map(str, doubled)))}")
    return sorted(listed, key=lambda event: (event.captured_at, event.event_id))


def match_events(workday_date: date, rules: RuleBook, events: Iterable[RawEvent]) -> Matching:
    """Give every clock event its place in one workday on which work is expected.

    Args:
        workday_date: the local date of the workday.
        rules: with the shift that is expected.
        events: of one person; at least those in ``event_span``, more do no harm.

    Raises:
        ValueError: two events have the same identifier.
    """
    ordered = in_order(events)
    points = rules.shift.points
    of_point: list[list[RawEvent]] = [[] for _ in points]
    ignored: list[IgnoredEvent] = []
    for event in ordered:
        wall_minutes = wall_minutes_of(event.captured_at, workday_date, rules.zone)
        holding = next((number for number, point in enumerate(points) if point.window_holds(wall_minutes)), None)
        if event.voided:
            ignored.append(IgnoredEvent(event, Reason("voided")))
        elif holding is None:
            ignored.append(IgnoredEvent(event, _why_outside(event, wall_minutes, workday_date, rules)))
        else:
            of_point[holding].append(event)

    used: list[RawEvent | None] = []
    for number, (point, candidates) in enumerate(zip(points, of_point, strict=True)):
        if not candidates:
            used.append(None)
        elif point.direction == "in":
            used.append(candidates[0])
            ignored += [IgnoredEvent(event, Reason.of("later_than_arrival", point=number)) for event in candidates[1:]]
        else:
            last = max(candidates, key=lambda event: (event.counts_at("out"), event.event_id))
            used.append(last)
            ignored += [
                IgnoredEvent(event, Reason.of("earlier_than_departure", point=number))
                for event in candidates
                if event is not last
            ]
    ignored.sort(key=lambda one: (one.event.captured_at, one.event.event_id))
    return Matching(tuple(used), tuple(ignored))


def _why_outside(event: RawEvent, wall_minutes: int, workday_date: date, rules: RuleBook) -> Reason:
    # A window that reaches over the start of the next workday keeps its events: they are not that day's.
    for days in (-1, 1):
        there = wall_minutes - days * DAY_MINUTES
        if any(point.window_holds(there) for point in rules.shift.points):
            return Reason.of("other_workday", date=(workday_date + timedelta(days=days)).isoformat())
    start, end = day_bounds(workday_date, rules)
    if not start <= event.captured_at < end:
        return Reason.of("other_workday", date=workday_of(event.captured_at, rules).isoformat())
    return Reason("outside_every_window")
