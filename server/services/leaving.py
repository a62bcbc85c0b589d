"""The last day on which somebody works here; workdays after it are taken away, or come back when it is moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from models.errors import CourtclockError
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import month_of
from server.storage.records import PersonRecord
from server.storage.unit_of_work import UnitOfWork

_ONE_DAY: Final = timedelta(days=1)


def set_last_day(context: ServerContext, person_id: UUID, last_day: date | None, actor: Actor) -> PersonRecord:
    """Write down somebody's last day, also one to come; None when the person stays. Gives the person as it is then.

    Raises:
        CourtclockError: ``page.forbidden`` for anybody but HR, ``person.unknown``, or ``month.locked`` where workdays
            of a locked month would come or go.
    """
    if actor.role != "hr":
        raise CourtclockError("page.forbidden")
    today = context.site.day_of(context.clock.now())
    with context.unit() as unit:
        unit.keep_expectations()
        before = unit.people.by_id(person_id)
        if before is None:
            raise CourtclockError("person.unknown", employee_no=str(person_id))
        after = replace(before, left_on=last_day)
        days = _changed_days(before, after, today)
        locked = unit.months.locks_held()
        for day in days:
            if month_of(day) in locked:
                raise CourtclockError("month.locked", month=month_of(day))
        if before != after:
            unit.people.set_last_day(person_id, last_day)
            unit.workdays.touch((person_id, day) for day in days)
            _let_kiosks_know(context, unit, after, today)
            unit.commit()
    return after


def retire_leavers(context: ServerContext, day: date) -> int:
    """When a day begins: kiosks forget those whose last day was before it, their accounts are closed; gives how many.

    Templates stay until consent is withdrawn or enrollment removes them; no kiosk has them any more.
    """
    with context.unit() as unit:
        leavers = unit.people.leavers(day)
        for person_id in leavers:
            unit.people.set_active(person_id, False)
            unit.accounts.close_those_of(person_id)
        if leavers:
            unit.people.raise_gallery_version(context.clock.now())
            unit.commit()
    return len(leavers)


def _let_kiosks_know(context: ServerContext, unit: UnitOfWork, person: PersonRecord, today: date) -> None:
    active = person.left_on is None or person.left_on >= today
    if active != person.active:
        unit.people.set_active(person.person_id, active)
        if not active:
            unit.accounts.close_those_of(person.person_id)
        unit.people.raise_gallery_version(context.clock.now())


def _changed_days(before: PersonRecord, after: PersonRecord, today: date) -> list[date]:
    """Days up to today on which the person works here by one of the two and not by the other."""
    ends = [one.left_on for one in (before, after) if one.left_on is not None]
    if before.left_on == after.left_on:
        return []
    day = max(before.first_day, min(ends))
    days = []
    while day <= today:
        if before.works_on(day) != after.works_on(day):
            days.append(day)
        day += _ONE_DAY
    return days
