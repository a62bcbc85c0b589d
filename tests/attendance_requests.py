"""Approved requests and roster entries for hand-written days; identifiers count from 1 so that tests can name them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from uuid import UUID

from server.attendance.overlays import Absence, Correction, Overlays, Waiver
from server.attendance.rosters import Roster, RosterEntry
from tests.attendance_days import FRIDAY, moment

PERSON = UUID(int=77)
ENTERED = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


def absence(
    start: str,
    end: str,
    *,
    day: date = FRIDAY,
    name: str = "annual",
    kind: Literal["leave", "duty"] = "leave",
    number: int = 1,
) -> Absence:
    """Leave or duty from "08:30" to "12:00" of a day; "32:00" is the next morning."""
    return Absence(UUID(int=number), kind, name, moment(start, day), moment(end, day))


def on_leave(*stretches: tuple[str, str], day: date = FRIDAY) -> Overlays:
    """Annual leave in these stretches, each a request of its own."""
    return Overlays(
        absences=tuple(absence(start, end, day=day, number=n) for n, (start, end) in enumerate(stretches, 1))
    )


def on_duty(start: str, end: str) -> Overlays:
    """A hearing elsewhere."""
    return Overlays(absences=(absence(start, end, name="hearing", kind="duty"),))


def corrected(
    point: int,
    at: str,
    *,
    day: date = FRIDAY,
    number: int = 2,
    shift: str = "test",
    filed: int = 0,
    decided: int = 0,
) -> Correction:
    """An approved moment at a clock point; filed and decided so many hours after all others."""
    filed_at, decided_at = ENTERED + timedelta(hours=filed), ENTERED + timedelta(hours=decided)
    return Correction(UUID(int=number), day, point, moment(at, day), shift, filed_at, decided_at)


def waived(
    point: int | None, note: str = "The road was flooded.", *, outage: bool = False, number: int = 3, decided: int = 0
) -> Overlays:
    """An approved waiver for one clock point, or for the whole day."""
    decided_at = ENTERED + timedelta(hours=decided)
    return Overlays(waivers=(Waiver(UUID(int=number), FRIDAY, point, outage, note, ENTERED, decided_at),))


def roster_entry(
    pattern: Sequence[str | None],
    first_day: date,
    *,
    last_day: date | None = None,
    follows_calendar: bool = False,
    entered_at: datetime = ENTERED,
    number: int = 9,
) -> RosterEntry:
    """One line of somebody's roster."""
    return RosterEntry(
        UUID(int=number), PERSON, first_day, last_day, tuple(pattern), follows_calendar, "by plan", "hr", entered_at
    )


def rostered(pattern: Sequence[str | None], first_day: date = FRIDAY, *, follows_calendar: bool = False) -> Roster:
    """A roster of one entry."""
    return Roster([roster_entry(pattern, first_day, follows_calendar=follows_calendar)])
