"""What pages read beyond single reports: which periods are published, and clock points summed by week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Row,
    Select,
    Text,
    and_,
    cast,
    func,
    or_,
    select,
    type_coerce,
)

from server.storage.memberships import membership_spans, moved_people
from server.storage.tables import division, person, report, workday


class ClockPointWeek(NamedTuple):
    """One person's judged clock points in one week.

    Attributes:
        division: where the person belonged on these days; None for nowhere. Who moved within the week has two of them.
        week: its Monday.
        arrivals, departures: judged ones.
        late_times, early_times: of these.
    """

    person_id: UUID
    division: str | None
    week: date
    arrivals: int
    departures: int
    late_times: int
    early_times: int


class ReportReadingRepository:
    """Reading for pages, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def published_at(self, kind: str) -> dict[str, datetime]:
        """When each published period of a kind was published, without what it says."""
        rows = self._connection.execute(
            select(report.c.period, report.c.made_at).where(report.c.kind == kind, report.c.withdrawn_at.is_(None))
        )
        return {row.period: row.made_at for row in rows}

    def division_name(self, division_id: UUID) -> str | None:
        """What a division is called."""
        return self._connection.execute(select(division.c.name).where(division.c.division_id == division_id)).scalar()

    def clock_point_weeks(self, until: date, division_id: UUID | None = None) -> list[ClockPointWeek]:
        """Judged clock points of all workdays before a date, by person and week.

        Args:
            until: the first day that is left out.
            division_id: workdays of people who belonged there then; None is everybody.
        """
        monday = self._monday()
        columns: tuple[ColumnElement[Any], ...] = (
            # As text: made into identifiers once a person below, not once a row.
            type_coerce(workday.c.person_id, Text),
            division.c.name,
            monday,
            func.sum(workday.c.arrivals),
            func.sum(workday.c.departures),
            func.sum(workday.c.late_times),
            func.sum(workday.c.early_times),
        )
        counted = workday.c.day < until, workday.c.arrivals + workday.c.departures > 0
        # Nearly everybody never moved: for them no workday has to be asked whose it was.
        stayed = (
            select(*columns)
            .join(person, person.c.person_id == workday.c.person_id)
            .outerjoin(division, division.c.division_id == person.c.division_id)
            .where(*counted, workday.c.person_id.not_in(moved_people()))
        )
        span = membership_spans()
        moved = (
            select(*columns)
            .join(
                span,
                and_(
                    span.c.person_id == workday.c.person_id,
                    span.c.from_day <= workday.c.day,
                    or_(span.c.before_day.is_(None), span.c.before_day > workday.c.day),
                ),
            )
            .outerjoin(division, division.c.division_id == span.c.division_id)
            .where(*counted, workday.c.person_id.in_(moved_people()))
        )
        person_ids: dict[str, UUID] = {}
        mondays: dict[Any, date] = {}
        weeks = []
        for row in chain(*(self._rows(query, division_id, monday) for query in (stayed, moved))):
            text, name, week, *sums = tuple(row)
            person_id = person_ids.get(text)
            if person_id is None:
                person_id = person_ids[text] = UUID(text)
            day = mondays.get(week)
            if day is None:
                day = mondays[week] = date.fromisoformat(week) if isinstance(week, str) else week
            weeks.append(ClockPointWeek(person_id, name, day, *map(int, sums)))
        return weeks

    def _rows(self, query: Select[Any], division_id: UUID | None, monday: ColumnElement[Any]) -> Iterator[Row[Any]]:
        if division_id is not None:
            query = query.where(division.c.division_id == division_id)
        yield from self._connection.execute(query.group_by(workday.c.person_id, division.c.name, monday))

    def _monday(self) -> ColumnElement[Any]:
        """The Monday of a workday's week; the two databases have no words for it in common."""
        if self._connection.dialect.name == "sqlite":
            # The next Sunday, or the day itself if it is one; then six days back.
            return func.date(type_coerce(workday.c.day, Text), "weekday 0", "-6 days", type_=Text)
        return cast(func.date_trunc("week", workday.c.day), Date)
