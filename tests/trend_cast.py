"""A made-up court for trends: who was late how often in which week."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from server.attendance.trend import PersonWeek

MONDAY: Final = date(2026, 9, 14)
WEEK: Final = timedelta(days=7)


def person(number: int) -> UUID:
    return UUID(int=number)


def rows(
    before: dict[int, list[tuple[int, int]]], after: dict[int, list[tuple[int, int]]], division: str | None = None
) -> list[PersonWeek]:
    """(noted, expected) of each person by week, oldest first; the kiosk came on MONDAY."""
    made = []
    for sides, first in ((before, None), (after, MONDAY)):
        for number, weeks in sides.items():
            start = MONDAY - len(weeks) * WEEK if first is None else first
            for place, (noted, expected) in enumerate(weeks):
                made.append(PersonWeek(person(number), division, start + place * WEEK, expected, noted))
    return made


def a_court(
    people: int = 40,
    weeks_before: int = 8,
    weeks_after: int = 8,
    *,
    rates: tuple[float, float] = (0.3, 0.1),
    division: str | None = None,
    seed: int = 4,
) -> list[PersonWeek]:
    """People of whom some are late more than others, five arrivals a week."""
    chance = random.Random(seed)
    bends = [chance.uniform(0.2, 1.8) for _ in range(people)]

    def side(weeks: int, rate: float) -> dict[int, list[tuple[int, int]]]:
        return {
            number: [(sum(chance.random() < rate * bend for _ in range(5)), 5) for _ in range(weeks)]
            for number, bend in enumerate(bends)
        }

    return rows(side(weeks_before, rates[0]), side(weeks_after, rates[1]), division)
