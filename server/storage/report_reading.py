"""What pages read beyond single reports: which periods are published, and clock points summed by week."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Date, Text, cast, func, select, type_coerce

from server.storage.tables import division, person, report, workday


class ClockPointWeek(NamedTuple):
    """One person's judged clock points in one week.

    Attributes:
        division: where the person belongs now; None for nowhere.
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
            division_id: people who belong there now; None is everybody.
        """
        monday = self._monday()
        query = (
            # As text: made into identifiers once a person below, not once a row.
            select(
                type_coerce(workday.c.person_id, Text),
                division.c.name,
                monday,
                func.sum(workday.c.arrivals),
                func.sum(workday.c.departures),
                func.sum(workday.c.late_times),
                func.sum(workday.c.early_times),
            )
            .join(person, person.c.person_id == workday.c.person_id)
            .outerjoin(division, division.c.division_id == person.c.division_id)
            .where(workday.c.day < until, workday.c.arrivals + workday.c.departures > 0)
            .group_by(workday.c.person_id, division.c.name, monday)
        )
        if division_id is not None:
            query = query.where(person.c.division_id == division_id)
        person_ids: dict[str, UUID] = {}
        mondays: dict[Any, date] = {}
        weeks = []
        for text, name, week, *sums in self._connection.execute(query):
            person_id = person_ids.get(text)
            if person_id is None:
                person_id = person_ids[text] = UUID(text)
            day = mondays.get(week)
            if day is None:
                day = mondays[week] = date.fromisoformat(week) if isinstance(week, str) else week
            weeks.append(ClockPointWeek(person_id, name, day, *map(int, sums)))
        return weeks

    def _monday(self) -> ColumnElement[Any]:
        """The Monday of a workday's week; the two databases have no words for it in common."""
        if self._connection.dialect.name == "sqlite":
            # The next Sunday, or the day itself if it is one; then six days back.
            return func.date(type_coerce(workday.c.day, Text), "weekday 0", "-6 days", type_=Text)
        return cast(func.date_trunc("week", workday.c.day), Date)
