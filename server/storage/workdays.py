"""Derived workdays, and which of them must be derived again."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Connection,
    Row,
    Select,
    String,
    bindparam,
    case,
    delete,
    exists,
    func,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningDelete

from server.attendance.verdicts import Tally
from server.storage.inserting import one_of, put_pairs, these_values
from server.storage.judging_faults import SAME_MARK
from server.storage.records import TouchedWorkday, WorkdayRecord
from server.storage.tables import judging_fault, touched_workday, workday

FIGURES: Final = tuple(field.name for field in fields(Tally))
"""Names of the figures of a workday, as columns and as attributes of ``Tally``."""
NO_WORK: Final = "rest_day"
"""What is stored of a workday on which no work was expected; of others never."""
_A_STATEMENT: Final = 500
_LONGEST_REST: Final = timedelta(hours=2)
"""A moment further ahead is of a clock that was set back since; nobody waits for it."""


_KEY: Final = touched_workday.c.person_id, touched_workday.c.day
# Asked about every clock event that arrives, and built once: to build one takes longer than the database takes over it.
_TOUCHED: Final = select(touched_workday).order_by(*_KEY).limit(bindparam("most"))
_TOUCHED_AWAKE: Final = _TOUCHED.where(
    ~exists().where(
        SAME_MARK, judging_fault.c.next_try_at > bindparam("at"), judging_fault.c.next_try_at <= bindparam("latest")
    )
)


@cache
def _locking(dialect: str) -> Select[Any]:
    # In the one order before they are deleted in whatever order.
    wanted = one_of(dialect, *_KEY, touched_workday.c.mark)
    return select(*_KEY).where(wanted).order_by(touched_workday.c.day, touched_workday.c.person_id).with_for_update()


@cache
def _settling(dialect: str) -> ReturningDelete[Any]:
    return delete(touched_workday).where(one_of(dialect, *_KEY, touched_workday.c.mark)).returning(*_KEY)


def _in_order(person_day: tuple[UUID, date]) -> tuple[date, int]:
    # One order for everybody: two who lock several workdays never wait for each other. As numbers identifiers have the
    # same order as in the text of the column.
    person_id, day = person_day
    return day, person_id.int


class WorkdayRepository:
    """Workdays, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def touch(self, person_days: Iterable[tuple[UUID, date]]) -> None:
        """Mark workdays to be judged again."""
        ordered = sorted(set(person_days), key=_in_order)
        if ordered:
            pairs: dict[str, list[Any]] = {"person_id": [one for one, _ in ordered], "day": [day for _, day in ordered]}
            # One mark for all: it only has to differ from that of every other touch.
            put_pairs(self._connection, touched_workday, pairs, {"mark": uuid.uuid4()})

    def touched(self, most: int, at: datetime | None = None) -> list[TouchedWorkday]:
        """The next workdays to judge again: person by person, so that those of one person are read and judged together.

        Args:
            most: so many at once.
            at: host time; those that could not be judged, and rest until after it, are left out.
        """
        if at is None:
            rows = self._connection.execute(_TOUCHED, {"most": most})
        else:
            rows = self._connection.execute(_TOUCHED_AWAKE, {"most": most, "at": at, "latest": at + _LONGEST_REST})
        found = [TouchedWorkday(row.person_id, row.day, row.mark) for row in rows]
        return sorted(found, key=lambda one: _in_order((one.person_id, one.day)))

    def count_touched(self) -> tuple[int, date | None]:
        """How many workdays wait to be judged, and the oldest of them; without those that cannot be judged."""
        row = self._connection.execute(
            select(func.count(), func.min(touched_workday.c.day)).where(~exists().where(SAME_MARK))
        ).one()
        return row[0], row[1]

    def closed(self, at: datetime, most: int) -> list[tuple[UUID, date]]:
        """Workdays of which a window has closed since they were judged, the longest ago first."""
        rows = self._connection.execute(
            select(workday.c.person_id, workday.c.day)
            .where(workday.c.judge_again_at <= at)
            .order_by(workday.c.judge_again_at)
            .limit(most)
        )
        return [(row.person_id, row.day) for row in rows]

    def touch_closed(self, closed: Sequence[tuple[UUID, date]], at: datetime) -> None:
        """Mark those of ``closed``; from then on the mark says that they are due."""
        # The mark first: whoever judges one of them has its mark, and may give it a later moment meanwhile.
        self.touch(closed)
        self._connection.execute(
            update(workday)
            .where(tuple_(workday.c.person_id, workday.c.day).in_(list(closed)), workday.c.judge_again_at <= at)
            .values(judge_again_at=None)
        )

    def settle(self, touched: Sequence[TouchedWorkday]) -> set[tuple[UUID, date]]:
        """Deal with these touches; gives those that nobody else has dealt with and no later touch has replaced.

        Until the end of the unit a new touch of the same workday waits, so whoever settles first and then judges has
        seen every event that this touch stands for.
        """
        settled: set[tuple[UUID, date]] = set()
        for start in range(0, len(touched), _A_STATEMENT):
            part = touched[start : start + _A_STATEMENT]
            columns = {name: [getattr(one, name) for one in part] for name in ("person_id", "day", "mark")}
            wanted = these_values(
                self._connection, *((touched_workday.c[name], values) for name, values in columns.items())
            )
            dialect = self._connection.dialect.name
            # SQLite has one writer at a time.
            if dialect != "sqlite":
                self._connection.execute(_locking(dialect), wanted)
            settled.update((row.person_id, row.day) for row in self._connection.execute(_settling(dialect), wanted))
        return settled

    def settle_span(self, person_ids: Sequence[UUID], first_day: date, last_day: date) -> None:
        """Deal with every touch of these people in these days, before all of them are judged."""
        span = (
            touched_workday.c.person_id.in_(list(person_ids)),
            touched_workday.c.day >= first_day,
            touched_workday.c.day <= last_day,
        )
        key = touched_workday.c.day, touched_workday.c.person_id
        # Locked in the one order before they are deleted in whatever order.
        if self._connection.execute(select(*key).where(*span).order_by(*key).with_for_update()).all():
            self._connection.execute(delete(touched_workday).where(*span))

    def touched_of(self, person_ids: Sequence[UUID], first_day: date, last_day: date) -> set[tuple[UUID, date]]:
        """The touched workdays of these people in these days."""
        rows = self._connection.execute(
            select(touched_workday.c.person_id, touched_workday.c.day).where(
                touched_workday.c.person_id.in_(list(person_ids)),
                touched_workday.c.day >= first_day,
                touched_workday.c.day <= last_day,
            )
        )
        return {(row.person_id, row.day) for row in rows}

    def put(self, records: Sequence[WorkdayRecord], derived_at: datetime) -> None:
        """Store derived workdays in place of older derivations."""
        if not records:
            return
        self._connection.execute(
            _putting(self._connection.dialect.name),
            [
                {
                    "person_id": one.person_id,
                    "day": one.day,
                    "status": one.status,
                    **{name: getattr(one.tally, name) for name in FIGURES},
                    "verdict": one.verdict,
                    "rule_version": one.rule_version,
                    "derived_at": derived_at,
                    "times_derived": 1,
                    "judge_again_at": one.judge_again_at,
                }
                for one in records
            ],
        )

    def remove(self, person_days: Iterable[tuple[UUID, date]]) -> None:
        """Take away workdays of people who did not work here on those days."""
        for person_id, day in person_days:
            self._connection.execute(delete(workday).where(workday.c.person_id == person_id, workday.c.day == day))

    def of_day(self, day: date) -> list[WorkdayRecord]:
        """Everybody's workday of one date."""
        return self._records(select(workday).where(workday.c.day == day))

    def held_against(self, days: Collection[date]) -> list[WorkdayRecord]:
        """Workdays of these dates on which something is held against somebody, by date."""
        figures = ("late_times", "early_times", "missing_points", "absent_half_days", "off_post_times")
        held = sum((workday.c[name] for name in figures[1:]), start=workday.c[figures[0]])
        return self._records(select(workday).where(workday.c.day.in_(list(days)), held > 0).order_by(workday.c.day))

    def one(self, person_id: UUID, day: date) -> WorkdayRecord | None:
        """One workday, None where it was not derived."""
        found = self._records(select(workday).where(workday.c.person_id == person_id, workday.c.day == day))
        return found[0] if found else None

    def of_people(self, person_ids: Collection[UUID], first_day: date, last_day: date) -> list[WorkdayRecord]:
        """Workdays of some people from one date to another, both included, by date."""
        return self._records(
            select(workday)
            .where(workday.c.person_id.in_(list(person_ids)), workday.c.day >= first_day, workday.c.day <= last_day)
            .order_by(workday.c.day)
        )

    def days(self) -> tuple[date, date] | None:
        """The first and the last date of which there is any workday."""
        first = self._connection.execute(select(workday.c.day).order_by(workday.c.day).limit(1)).scalar()
        last = self._connection.execute(select(workday.c.day).order_by(workday.c.day.desc()).limit(1)).scalar()
        return None if first is None or last is None else (first, last)

    def sums(self, first_day: date, last_day: date) -> dict[UUID, tuple[int, int, Tally]]:
        """Workdays on which work was expected, those that are still open, and the sums of all figures, by person."""
        rows = self._connection.execute(sums_query(first_day, last_day))
        return {row[0]: (int(row[1]), int(row[2]), Tally(*(int(figure) for figure in row[3:]))) for row in rows}

    def noted(self, first_day: date, last_day: date) -> Iterator[tuple[UUID, date, Tally]]:
        """Whose workday of which date has something that is counted, with the figures of it."""
        counted = (
            workday.c.late_times
            + workday.c.early_times
            + workday.c.missing_points
            + workday.c.absent_half_days
            + workday.c.off_post_times
        )
        rows = self._connection.execute(
            select(workday.c.person_id, workday.c.day, *(workday.c[name] for name in FIGURES)).where(
                workday.c.day >= first_day, workday.c.day <= last_day, counted > 0
            )
        )
        for person_id, day, *figures in rows:
            yield person_id, day, Tally(*figures)

    def figures(self, first_day: date, last_day: date) -> dict[str, tuple[int, ...]]:
        """The sums of all figures in their order, by person, for whoever only compares: identifiers stay text."""
        query = sums_query(first_day, last_day).with_only_columns(
            type_coerce(workday.c.person_id, String), *(func.sum(workday.c[name]) for name in FIGURES)
        )
        return {row[0]: tuple(map(int, row[1:])) for row in self._connection.execute(query)}

    def times_derived(self) -> dict[tuple[UUID, date], int]:
        """How often each workday was derived."""
        rows = self._connection.execute(select(workday.c.person_id, workday.c.day, workday.c.times_derived))
        return {(row.person_id, row.day): row.times_derived for row in rows}

    def _records(self, query: Select[Any]) -> list[WorkdayRecord]:
        return [_record(row) for row in self._connection.execute(query)]


@cache
def _putting(dialect: str) -> Any:
    make = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = make(workday)
    given = ("status", *FIGURES, "verdict", "rule_version", "derived_at", "judge_again_at")
    changing: dict[str, Any] = {name: statement.excluded[name] for name in given}
    changing["times_derived"] = workday.c.times_derived + 1
    return statement.on_conflict_do_update(index_elements=["person_id", "day"], set_=changing)


def sums_query(first_day: date, last_day: date) -> Select[Any]:
    """What every report of a period rests on: one row a person, with the sums of all figures."""
    is_expected = case((workday.c.status != NO_WORK, 1), else_=0)
    is_open = case((workday.c.status.contains("pending"), 1), else_=0)
    return (
        select(
            workday.c.person_id,
            func.sum(is_expected).label("expected_days"),
            func.sum(is_open).label("open_workdays"),
            *(func.sum(workday.c[name]).label(name) for name in FIGURES),
        )
        .where(workday.c.day >= first_day, workday.c.day <= last_day)
        .group_by(workday.c.person_id)
    )


def figures_of(row: Row[Any]) -> Tally:
    """The figures of a row that has all of them."""
    return Tally(**{name: getattr(row, name) for name in FIGURES})


def as_plain(record: WorkdayRecord) -> dict[str, Any]:
    """What a workday says, as plain JSON values, without when and how often it was derived."""
    return {
        "status": record.status,
        **asdict(record.tally),
        "verdict": record.verdict,
        "rule_version": record.rule_version,
    }


def from_plain(person_id: UUID, day: date, content: dict[str, Any]) -> WorkdayRecord:
    """The inverse of ``as_plain``."""
    tally = Tally(**{name: content[name] for name in FIGURES})
    return WorkdayRecord(person_id, day, content["status"], tally, content["verdict"], content["rule_version"])


def _record(row: Row[Any]) -> WorkdayRecord:
    return WorkdayRecord(
        row.person_id, row.day, row.status, figures_of(row), row.verdict, row.rule_version, row.judge_again_at
    )


def in_chunks(person_ids: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    """The people, so many at a time."""
    for start in range(0, len(person_ids), size):
        yield person_ids[start : start + size]
