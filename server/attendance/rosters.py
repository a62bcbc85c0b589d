"""Who has which shift from which date. Entries are appended and never changed; the newest that fits counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from models.language import N_, Said
from server.attendance.calendar import Calendar, CalendarDay
from server.attendance.points import Shift
from server.attendance.rules import RuleHistory, RuleSet

MAX_PATTERN_DAYS = 366


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One line of the roster of one person.

    Attributes:
        first_day: the first workday it holds for; the pattern begins with it.
        last_day: the last one, None for as long as no other entry takes its place.
        pattern: names of shifts, one a day, repeated; None is a day off. One name alone is that shift every day.
        follows_calendar: no work on rest days and holidays; False for duty that goes on over weekends and holidays.

    Raises:
        ValueError: the pattern is empty or too long, or the entry ends before it begins.
    """

    entry_id: UUID
    person_id: UUID
    first_day: date
    last_day: date | None
    pattern: tuple[str | None, ...]
    follows_calendar: bool
    reason: str
    entered_by: str
    entered_at: datetime

    def __post_init__(self) -> None:
        if not 1 <= len(self.pattern) <= MAX_PATTERN_DAYS:
            raise ValueError(
                Said(
                    N_("a roster pattern has 1 to {most} days, got {days}"),
                    most=MAX_PATTERN_DAYS,
                    days=len(self.pattern),
                )
            )
        if self.last_day is not None and self.last_day < self.first_day:
            raise ValueError(
                Said(N_("a roster entry from {first} cannot end on {last}"), first=self.first_day, last=self.last_day)
            )

    def holds_on(self, day: date) -> bool:
        """Whether the entry speaks about this day."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def shift_name_on(self, day: date) -> str | None:
        """The name of the shift on a day on which the entry holds; None is a day off.

        Counted in days from the first one, so December, leap years and missed runs of any job make no difference.
        """
        return self.pattern[(day - self.first_day).days % len(self.pattern)]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What one person is expected to do on one day.

    Attributes:
        shift: None when no work is expected.
        confirmed: False when it is not certain that work is expected, so that nobody can miss it.
        entry: the line of the roster that decides; None where the default shift and the calendar do.
        unknown_shift: the roster names a shift that the rules of that date do not have; the default one is taken.
    """

    rules: RuleSet
    calendar_day: CalendarDay
    shift: Shift | None
    confirmed: bool
    entry: RosterEntry | None
    unknown_shift: str | None = None


class Roster:
    """The roster of one person.

    Args:
        entries: of that person, in any order. Of those that hold on a day, the one that begins last counts; of those
            that begin together, the one entered last.
    """

    def __init__(self, entries: Iterable[RosterEntry] = ()) -> None:
        self._entries = sorted(
            entries, key=lambda one: (one.first_day, one.entered_at, str(one.entry_id)), reverse=True
        )

    def entry_on(self, day: date) -> RosterEntry | None:
        """The entry that counts on this day."""
        return next((entry for entry in self._entries if entry.holds_on(day)), None)

    def expected_on(self, day: date, history: RuleHistory, calendar: Calendar) -> Expectation:
        """What is expected on this day, by the rules of this day."""
        rules = history.on(day)
        calendar_day = calendar.day(day)
        entry = self.entry_on(day) if self._entries else None
        if entry is None:
            shift = rules.default_shift if calendar_day.expects_work else None
            return Expectation(rules, calendar_day, shift, calendar_day.confirmed, None)
        name = entry.shift_name_on(day)
        if name is None:
            return Expectation(rules, calendar_day, None, True, entry)
        if entry.follows_calendar and not calendar_day.expects_work:
            return Expectation(rules, calendar_day, None, calendar_day.confirmed, entry)
        confirmed = calendar_day.confirmed or not entry.follows_calendar
        found = rules.shifts.get(name)
        if found is None:
            return Expectation(rules, calendar_day, rules.default_shift, confirmed, entry, name)
        return Expectation(rules, calendar_day, found, confirmed, entry)


NOBODYS = Roster()
"""The roster of everybody who has no entry of their own."""
