"""Which periods wait to be run: those that are due by the calendar and are not done by the rows."""

from __future__ import annotations

from server.services.context import ServerContext
from server.services.job_periods import JOBS, JobName, JobPeriod, due_periods

__all__ = ["JOBS", "JobName", "JobPeriod", "due_periods", "waiting_periods"]


def waiting_periods(context: ServerContext) -> list[JobPeriod]:
    """Every period that is due and not done, oldest first; somebody else may be running it, or it failed before."""
    now = context.clock.now()
    with context.unit(read_only=True) as unit:
        # Also of those who left since: their days are made up for, too.
        joined = [person.joined_on for person in unit.people.everybody()]
        first_day = min(joined, default=context.site.day_of(now))
        due = due_periods(now, context.site, context.settings.jobs, first_day)
        done = {
            (job, period)
            for job in JOBS
            for period in unit.jobs.done_periods(job, min((one.period for one in due if one.job == job), default=""))
        }
    return [one for one in due if (one.job, one.period) not in done]
