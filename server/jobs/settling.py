"""Before days are added up, each of them must be judged to the end."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from uuid import UUID

from models.errors import CourtclockError
from server.services.context import ServerContext
from server.services.deriving import derive_touched, month_of
from server.services.job_overview import named_faults
from server.services.job_periods import JobPeriod

log = logging.getLogger(__name__)
_ONE_DAY = timedelta(days=1)


def settle(context: ServerContext, due: JobPeriod) -> None:
    """Judge what is left to judge in a week or a month, so that it can be added up.

    Raises:
        CourtclockError: ``month.not_over`` while a workday in it is not judged or not final, such as one whose last
            window is still open; ``workday.unjudged`` where one cannot be judged at all.
    """
    derive_touched(context)
    unsettled = find_unsettled(context, due.day, due.last_day)
    if unsettled:
        with context.unit() as unit:
            unit.workdays.touch(unsettled)
            unit.commit()
        derive_touched(context)
        unsettled = find_unsettled(context, due.day, due.last_day)
    if unsettled:
        with context.unit(read_only=True) as unit:
            faults = named_faults(unit, due.day, due.last_day)
        if faults:
            person, fault = faults[0]
            raise CourtclockError(
                "workday.unjudged",
                period=due.period,
                count=len(faults),
                person=f"{person.name} ({person.employee_no})",
                day=fault.day,
                reason=fault.error,
            )
        day = min(day for _, day in unsettled)
        log.warning("%s of %s waits for %d workdays, the first on %s", due.job, due.period, len(unsettled), day)
        raise CourtclockError("month.not_over", month=due.period)


def find_unsettled(context: ServerContext, first_day: date, last_day: date) -> list[tuple[UUID, date]]:
    """Workdays of people who worked here that are touched, not judged, or not final.

    In a locked month what is stored is in force, so there only touched ones are open.
    """
    with context.unit(read_only=True) as unit:
        people = unit.people.everybody()
        locked = unit.months.locks()
        touched = unit.workdays.touched_of([person.person_id for person in people], first_day, last_day)
        final = unit.jobs.final_workdays(first_day, last_day)
    unsettled = set(touched)
    day = first_day
    while day <= last_day:
        if month_of(day) not in locked:
            unsettled.update(
                (person.person_id, day)
                for person in people
                if person.works_on(day) and (person.person_id, day) not in final
            )
        day += _ONE_DAY
    return sorted(unsettled, key=lambda one: (one[1], str(one[0])))
