"""Which workdays something new can change, and marking them to be judged again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Final
from uuid import UUID

from server.attendance.rosters import NOBODYS, Roster
from server.services.context import ServerContext
from server.services.court_rules import CourtRules
from server.storage.unit_of_work import UnitOfWork

_BATCH: Final = 500
_ONE_DAY: Final = timedelta(days=1)
_MOST_DAYS_AT_ONCE: Final = 62


def touched_days(rules: CourtRules, roster: Roster, moment: datetime) -> list[date]:
    """The workdays that an event at this moment can change: its own, and one whose window reaches it."""
    own = rules.site.day_of(moment)
    days = []
    for day in (own - _ONE_DAY, own, own + _ONE_DAY):
        plan, _ = rules.plan(roster, day)
        if plan.reach_start <= moment < plan.reach_end:
            days.append(day)
    return days


def touched_workdays(
    rules: CourtRules, rosters: Mapping[UUID, Roster], events: Collection[tuple[UUID, datetime]]
) -> set[tuple[UUID, date]]:
    """As ``touched_days``, of many clock events at once.

    Args:
        rules: in force.
        rosters: of those who have entries of their own.
        events: of whom and when.
    """
    moments = [moment for person_id, moment in events if person_id not in rosters]
    reaches: list[tuple[datetime, datetime, date]] = []
    if moments:
        day = rules.site.day_of(min(moments)) - _ONE_DAY
        last = rules.site.day_of(max(moments)) + _ONE_DAY
        # What lies years apart, as after a kiosk's clock was reset, is looked at one by one.
        while (last - day).days <= _MOST_DAYS_AT_ONCE and day <= last:
            plan, _ = rules.plan(NOBODYS, day)
            reaches.append((plan.reach_start, plan.reach_end, day))
            day += _ONE_DAY
    touched: set[tuple[UUID, date]] = set()
    for person_id, moment in events:
        if not reaches or person_id in rosters:
            days = touched_days(rules, rosters.get(person_id, NOBODYS), moment)
            touched.update((person_id, one) for one in days)
            continue
        # A workday reaches over its neighbours at most, so nothing further back can hold the moment.
        number = bisect_right(reaches, moment, key=itemgetter(0))
        touched.update((person_id, one) for _, end, one in reaches[max(0, number - 3) : number] if moment < end)
    return touched


def days_reaching(rules: CourtRules, roster: Roster, start: datetime, end: datetime) -> list[date]:
    """The workdays that something from ``start`` until before ``end`` can change, such as leave."""
    day, last = rules.site.day_of(start) - _ONE_DAY, rules.site.day_of(end) + _ONE_DAY
    days = []
    while day <= last:
        plan, _ = rules.plan(roster, day)
        if plan.reach_start < end and start < plan.reach_end:
            days.append(day)
        day += _ONE_DAY
    return days


def touch_closed(context: ServerContext) -> int:
    """Mark the workdays of which a window has closed since they were judged, some at a time; gives how many."""
    now = context.clock.now()
    marked = 0
    while True:
        # Mostly there is none, and nobody has to wait for a writer.
        with context.unit(read_only=True) as unit:
            closed = unit.workdays.closed(now, _BATCH)
        if closed:
            with context.unit() as unit:
                unit.workdays.touch_closed(closed, now)
                unit.commit()
        marked += len(closed)
        if len(closed) < _BATCH:
            return marked


def touch_everybody(context: ServerContext, first_day: date, last_day: date | None = None) -> None:
    """Mark these workdays of everybody who works here then, also of those without an event."""
    with context.unit() as unit:
        touch_days(unit, first_day, first_day if last_day is None else last_day)
        unit.commit()


def touch_days(unit: UnitOfWork, first_day: date, last_day: date) -> None:
    """Mark these workdays of everybody, in this unit."""
    # Rules that are put in force meanwhile would touch neither these days nor whoever came since.
    unit.keep_expectations()
    people = unit.people.everybody()
    day = first_day
    while day <= last_day:
        unit.workdays.touch((person.person_id, day) for person in people if person.works_on(day))
        day += _ONE_DAY
