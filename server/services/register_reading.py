"""Reads a register line by line, with what is known here: whose it is, and whether anything of it may be taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from models.language import N_, Said
from models.texts import is_plain_text
from server.services.context import ServerContext
from server.services.deriving import month_of
from server.services.register_days import DayFinder
from server.services.register_file import RefusedLine, RegisterFile, RegisterLine, read_lines
from server.storage.records import PersonRecord
from server.storage.unit_of_work import UnitOfWork

_ONE_DAY: Final = timedelta(days=1)
_UNKNOWN: Final = N_("nobody has the number {employee_no}")
_FUTURE: Final = N_("{moment} is still to come")
_TOO_OLD: Final = N_("clock events of {day} are not kept any more")


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One time of one line, and the workday that it belongs to."""

    line: int
    person: PersonRecord
    moment: datetime
    day: date

    @property
    def person_id(self) -> UUID:
        """Whose it is."""
        return self.person.person_id


class RegisterReader:
    """Reads the file line by line, and takes what may be taken.

    Args:
        context: the server's parts.
        unit: for who is known, and what is kept.
        file: as it was looked at.
    """

    def __init__(self, context: ServerContext, unit: UnitOfWork, file: RegisterFile) -> None:
        self._file = file
        self._zone = context.site.zone
        self._now = context.clock.now()
        self._people: dict[str, PersonRecord] = {one.employee_no: one for one in unit.people.everybody()}
        self._deleted = unit.months.deleted()
        keep_days = context.settings.retention.clock_events_days
        today = context.site.day_of(self._now)
        self._kept_from = date.min if keep_days is None else today - keep_days * _ONE_DAY
        self._days = DayFinder(context.site)

    def day_of(self, moment: datetime) -> date:
        """The workday of a clock event."""
        return self._days.day_of(moment)

    def lines(self) -> Iterator[tuple[RegisterLine, PersonRecord] | RefusedLine]:
        """Every line with the person, or why nothing of it is taken."""
        for line in read_lines(self._file, self._zone):
            if isinstance(line, RefusedLine):
                yield line
                continue
            person, shown = self._people.get(line.employee_no), shown_text(line.employee_no)
            if person is None:
                yield RefusedLine(line.line, shown, Said(_UNKNOWN, employee_no=shown))
                continue
            reason = self._refusal(line)
            yield (line, person) if reason is None else RefusedLine(line.line, shown, reason)

    def entries(self) -> Iterator[RegisterEntry]:
        """Every time of every line that may be taken."""
        for one in self.lines():
            if not isinstance(one, RefusedLine):
                line, person = one
                for moment in line.moments:
                    yield RegisterEntry(line.line, person, moment, self._days.day_of(moment))

    def _refusal(self, line: RegisterLine) -> Said | None:
        for moment in line.moments:
            if moment > self._now:
                return Said(_FUTURE, moment=f"{moment.astimezone(self._zone):%Y-%m-%d %H:%M}")
            day = self._days.day_of(moment)
            if day < self._kept_from or (self._deleted and month_of(day) in self._deleted):
                return Said(_TOO_OLD, day=day)
        return None


def shown_text(text: str) -> str:
    """A text of a file as the records hold it."""
    return "".join(letter if is_plain_text(letter) else "�" for letter in text)
