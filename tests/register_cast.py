"""What the tests of registers have in common: the file of an older machine, and bringing it over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.recomputing import recompute
from server.services.register_file import RefusedLine
from server.services.register_importing import Imported, import_register
from server.services.register_taking_back import take_back_register
from tests.server_cast import Person

ZHAO: Final = Actor("zhao", "hr")
OLD_MACHINE: Final = "old machine"
WHY: Final = "the president wants to see before and after"
MONDAY: Final = date(2026, 10, 12)
"""In a week of five workdays, three weeks before anybody of the cast was enrolled."""
WEEK: Final = tuple(MONDAY + number * timedelta(days=1) for number in range(5))


def write_register(folder: Path, *lines: str, name: str = "old.csv", heading: str = "工号,日期,时间") -> Path:
    """A register in UTF-8."""
    path = folder / name
    path.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
    return path


def line_of(person: Person, day: date, *times: str) -> str:
    """A day of somebody, all times in one cell."""
    return f"{person.employee_no},{day},{' '.join(times)}"


def punctual(person: Person, days: Sequence[date] = WEEK) -> list[str]:
    """Days on which somebody came in time and left in time."""
    return [line_of(person, day, "08:20", "17:40") for day in days]


def bring_over(context: ServerContext, path: Path, **more: Any) -> Imported:
    """Import a file of the old machine."""
    return import_register(context, path, **{"source": OLD_MACHINE, "reason": WHY, "actor": ZHAO, **more})


def refused_of(context: ServerContext, path: Path) -> list[tuple[int, str]]:
    """Line and reason of what is refused, in English."""
    found: list[RefusedLine] = []
    bring_over(context, path, refuse=found.append)
    return [(one.line, str(one.reason)) for one in found]


def take_back(context: ServerContext, number: int = 1, reason: str = "it was another court's") -> int:
    """Take an import back."""
    return take_back_register(context, number, reason, ZHAO)


def statuses(context: ServerContext, person: Person, first: date = MONDAY, last: date | None = None) -> dict[date, str]:
    """What is stored of somebody's days, after judging what waits for it."""
    derive_touched(context)
    with context.unit(read_only=True) as unit:
        found = unit.workdays.of_people([person.person_id], first, last or first + timedelta(days=6))
    return {one.day: one.status for one in found}


def differences(context: ServerContext) -> int:
    """What recomputing everything finds."""
    derive_touched(context)
    with context.unit(read_only=True) as unit:
        stored = unit.workdays.days()
    return 0 if stored is None else len(recompute(context, *stored).differences)
