"""Rule versions, calendar and rosters: appended to, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, CursorResult, Row, Select, exists, func, insert, select

from server.attendance.calendar import CalendarEdit, OfficialYear, YearWord
from server.attendance.rosters import RosterEntry
from server.storage.inserting import insert_if_new, one_of, these_values
from server.storage.tables import (
    calendar_edit,
    calendar_year,
    official_year,
    roster_entry,
    roster_taken_back,
    rule_version,
)


@dataclass(frozen=True, slots=True)
class RuleVersionRecord:
    """One version of the rules as it was put in force."""

    number: int
    effective_from: date
    version: str
    document: dict[str, Any]
    reason: str
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Why a roster entry holds no more."""

    entry: RosterEntry
    reason: str
    entered_by: str
    entered_at: datetime


RulesState = tuple[int, int, int, int]
_COUNTS: Final = select(
    *(
        select(func.count()).select_from(table).scalar_subquery()
        for table in (rule_version, calendar_edit, calendar_year, official_year)
    )
)
_TAKEN_BACK: Final = exists().where(roster_taken_back.c.entry_id == roster_entry.c.entry_id)
_HOLDING: Final = select(roster_entry).where(~_TAKEN_BACK).order_by(roster_entry.c.first_day, roster_entry.c.entered_at)
_WITH_REASON: Final = (
    select(
        roster_entry,
        roster_taken_back.c.reason.label("why"),
        roster_taken_back.c.entered_by.label("taken_by"),
        roster_taken_back.c.entered_at.label("taken_at"),
    )
    .join(roster_taken_back)
    .order_by(roster_entry.c.first_day, roster_entry.c.entered_at)
)


@cache
def _of_these(dialect: str, query: Select[Any]) -> Select[Any]:
    return query.where(one_of(dialect, roster_entry.c.person_id))


class CourtRulesRepository:
    """Everything that says what is expected of whom, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def state(self) -> RulesState:
        """How many rule versions, calendar edits, words on years and official years there are."""
        row = self._connection.execute(_COUNTS).one()
        return row[0], row[1], row[2], row[3]

    def rule_versions(self) -> list[RuleVersionRecord]:
        """Every version, in the order in which they were put in force."""
        rows = self._connection.execute(select(rule_version).order_by(rule_version.c.number))
        return [RuleVersionRecord(*row) for row in rows]

    def add_rule_version(self, record: RuleVersionRecord) -> bool:
        """A further version; False when one with this number is there already."""
        return insert_if_new(
            self._connection,
            rule_version,
            {
                "number": record.number,
                "effective_from": record.effective_from,
                "version": record.version,
                "document": record.document,
                "reason": record.reason,
                "entered_by": record.entered_by,
                "entered_at": record.entered_at,
            },
        )

    def last_rule_number(self) -> int:
        """Number of the newest version; 0 without any."""
        return self._connection.execute(select(func.max(rule_version.c.number))).scalar() or 0

    def calendar_edits(self) -> list[CalendarEdit]:
        """HR's words on single dates."""
        rows = self._connection.execute(select(calendar_edit).order_by(calendar_edit.c.entered_at))
        return [CalendarEdit(*row) for row in rows]

    def add_calendar_edit(self, edit: CalendarEdit) -> None:
        """A further word on a date."""
        self._connection.execute(
            insert(calendar_edit).values(
                edit_id=edit.edit_id,
                day=edit.day,
                kind=edit.kind,
                name=edit.name,
                reason=edit.reason,
                entered_by=edit.entered_by,
                entered_at=edit.entered_at,
            )
        )

    def year_words(self) -> list[YearWord]:
        """HR's words on years."""
        rows = self._connection.execute(select(calendar_year).order_by(calendar_year.c.entered_at))
        return [YearWord(*row) for row in rows]

    def add_year_word(self, word: YearWord) -> None:
        """A further word on a year."""
        self._connection.execute(
            insert(calendar_year).values(
                word_id=word.word_id,
                year=word.year,
                confirmed=word.confirmed,
                reason=word.reason,
                entered_by=word.entered_by,
                entered_at=word.entered_at,
            )
        )

    def official_years(self) -> list[OfficialYear]:
        """Every version of every official year that was taken over, in their order."""
        rows = self._connection.execute(select(official_year).order_by(official_year.c.year, official_year.c.number))
        return [
            OfficialYear(
                row.year,
                row.number,
                {date.fromisoformat(day): (kind, name) for day, kind, name in row.days},
                row.package_version,
                row.taken_at,
            )
            for row in rows
        ]

    def add_official_year(self, taken: OfficialYear) -> None:
        """A further version of a year."""
        self._connection.execute(
            insert(official_year).values(
                year=taken.year,
                number=taken.number,
                days=[[day.isoformat(), kind, name] for day, (kind, name) in sorted(taken.days.items())],
                package_version=taken.package_version,
                taken_at=taken.taken_at,
            )
        )

    def roster_entries(self, person_ids: Iterable[UUID] | None = None) -> list[RosterEntry]:
        """Roster entries of some people, or of everybody, that were not taken back."""
        return [_roster_entry(row) for row in _of_people(self._connection, _HOLDING, person_ids)]

    def taken_back(self, person_ids: Iterable[UUID] | None = None) -> list[TakenBack]:
        """Those that were taken back, of some people or of everybody."""
        rows = _of_people(self._connection, _WITH_REASON, person_ids)
        return [TakenBack(_roster_entry(row), row.why, row.taken_by, row.taken_at) for row in rows]

    def roster_entry(self, entry_id: UUID) -> RosterEntry | None:
        """An entry that holds; None where there is none, or it was taken back."""
        query = select(roster_entry).where(roster_entry.c.entry_id == entry_id, ~_TAKEN_BACK)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _roster_entry(row)

    def take_back(self, taken: TakenBack) -> None:
        """An entry holds no more."""
        self._connection.execute(
            insert(roster_taken_back).values(
                entry_id=taken.entry.entry_id,
                reason=taken.reason,
                entered_by=taken.entered_by,
                entered_at=taken.entered_at,
            )
        )

    def add_roster_entry(self, entry: RosterEntry) -> None:
        """A further line of somebody's roster."""
        self._connection.execute(
            insert(roster_entry).values(
                entry_id=entry.entry_id,
                person_id=entry.person_id,
                first_day=entry.first_day,
                last_day=entry.last_day,
                pattern=list(entry.pattern),
                follows_calendar=entry.follows_calendar,
                reason=entry.reason,
                entered_by=entry.entered_by,
                entered_at=entry.entered_at,
            )
        )


def _of_people(connection: Connection, query: Select[Any], person_ids: Iterable[UUID] | None) -> CursorResult[Any]:
    if person_ids is None:
        return connection.execute(query)
    these = these_values(connection, (roster_entry.c.person_id, list(person_ids)))
    return connection.execute(_of_these(connection.dialect.name, query), these)


def _roster_entry(row: Row[Any]) -> RosterEntry:
    return RosterEntry(
        row.entry_id,
        row.person_id,
        row.first_day,
        row.last_day,
        tuple(row.pattern),
        row.follows_calendar,
        row.reason,
        row.entered_by,
        row.entered_at,
    )
