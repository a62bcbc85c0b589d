"""To which division people belong from which day on. Lines are appended and never changed."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, Subquery, func, insert, select

from server.storage.tables import division_membership, person

_LATEST_FIRST = division_membership.c.from_day.desc(), division_membership.c.number.desc()


def held_on(day: date) -> ColumnElement[Any]:
    """The division of a row of ``person`` on a day, as a column; NULL for nowhere."""
    return (
        select(division_membership.c.division_id)
        .where(division_membership.c.person_id == person.c.person_id, division_membership.c.from_day <= day)
        .order_by(*_LATEST_FIRST)
        .limit(1)
        .correlate(person)
        .scalar_subquery()
    )


def moved_people() -> Select[Any]:
    """Identifiers of those who have not always been in one place: a few, so the others are read without looking."""
    lines = division_membership.c.person_id
    return select(lines).group_by(lines).having(func.count() > 1)


def membership_spans() -> Subquery:
    """Who was where from which day on, and until before which: NULL for until now."""
    following = func.lead(division_membership.c.from_day).over(
        partition_by=division_membership.c.person_id,
        order_by=(division_membership.c.from_day, division_membership.c.number),
    )
    return select(
        division_membership.c.person_id,
        division_membership.c.division_id,
        division_membership.c.from_day,
        following.label("before_day"),
    ).subquery()


def append_membership(connection: Connection, person_id: UUID, division_id: UUID | None, from_day: date) -> None:
    """Somebody belongs to a division from a day on; nothing where that is so already.

    Where a clock was set back since the last line, the new one begins with that: the last word must count.
    """
    newest = connection.execute(
        select(division_membership)
        .where(division_membership.c.person_id == person_id)
        .order_by(*_LATEST_FIRST)
        .limit(1)
    ).one_or_none()
    number = 1
    if newest is not None:
        if newest.division_id == division_id:
            return
        from_day = max(from_day, newest.from_day)
        if from_day == newest.from_day:
            number = newest.number + 1
    connection.execute(
        insert(division_membership).values(
            person_id=person_id, from_day=from_day, number=number, division_id=division_id
        )
    )
