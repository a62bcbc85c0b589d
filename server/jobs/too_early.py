"""A period that ran before its time, by a clock that was ahead, is taken back and runs again when it is due."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from models.errors import CourtclockError
from models.settings import JobsSettings
from models.stored_errors import as_stored
from server.services.context import ServerContext
from server.services.job_periods import JobPeriod, due_at, read_period
from server.services.mailing import MONTH_SHEET

log = logging.getLogger(__name__)

TOLERANCE: Final = timedelta(minutes=5)
"""Clocks that are kept right are set by less than this; what ran so little before its time stays."""

REPORT_OF_JOB: Final = {"day_report": "day", "week_posting": "week", "month_bulletin": "month"}


def take_back_early(context: ServerContext) -> int:
    """Take back every period that ran at a time that has not come yet, and is not due yet; gives how many.

    Its report is withdrawn, and mails with it that were not sent yet are dropped. When it is due it runs again: a
    report that then says the same stands again, another one takes its place and is sent to everybody.

    Such a time may also mean that the clock is behind now. Where a kiosk has taken a clock event after the moment at
    which the period was due, that moment has come, and the period stays.
    """
    with context.unit(read_only=True) as unit:
        ran = unit.jobs.done_after(context.clock.host_now() + TOLERANCE)
    schedule, now = context.settings.jobs, context.clock.now()
    periods = [one for job, period in ran if (one := read_period(job, period)) is not None]
    return sum(
        _take_back(context, one, schedule) for one in periods if due_at(one, context.site, schedule) > now + TOLERANCE
    )


def _take_back(context: ServerContext, one: JobPeriod, schedule: JobsSettings) -> bool:
    moment = due_at(one, context.site, schedule)
    host_now = context.clock.host_now()
    with context.unit() as unit:
        if unit.items.was_seen_since(moment, TOLERANCE.total_seconds()):
            return False
        shown = f"{moment.astimezone(context.site.zone):%Y-%m-%d %H:%M}"
        error = as_stored(CourtclockError("job.too_early", due_at=shown))
        if not unit.jobs.run_again(one.job, one.period, host_now, error):
            return False
        kind = REPORT_OF_JOB.get(one.job)
        if kind is not None:
            unit.jobs.withdraw_report(kind, one.period, context.clock.now())
            for mail_kind in (kind, MONTH_SHEET) if kind == "month" else (kind,):
                unit.mails.drop_waiting(mail_kind, one.period)
            if kind == "month":
                unit.months.unlist(one.period)
        unit.commit()
    log.warning("%s of %s ran before its time and is taken back; it is due at %s", one.job, one.period, shown)
    return True
