"""Runs what is due: claims a period's row, works, and writes down how it went."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from apscheduler.schedulers.background import BackgroundScheduler

from models.errors import CourtclockError
from server.attendance.points import workday_of
from server.jobs.calibrating import OPERATING_POINT_JOB, due_calibration
from server.jobs.due import JOBS, DuePeriod, due_periods
from server.services.context import ServerContext
from server.services.deriving import derive_touched, touch_everybody
from server.services.operating import keep_up
from server.services.reporting import publish_day_report

log = logging.getLogger(__name__)

RETRY_FAILED_AFTER: Final = timedelta(minutes=1)
CLAIM_STALE_AFTER: Final = timedelta(minutes=10)


def tick(context: ServerContext) -> int:
    """Do everything that is due now; gives how many periods were run here.

    Safe to call from any number of processes at once and after any downtime: each period is claimed
    in the database by one of them. A period that fails is written down and tried again a minute
    later, until it succeeds; the others go on.
    """
    derive_touched(context)
    jobs = context.settings.jobs
    today = workday_of(context.clock.now(), context.rules)
    with context.unit(read_only=True) as unit:
        joined = [person.joined_on for person in unit.people.active()]
        done = {(job, period) for job in JOBS for period in unit.jobs.done_periods(job)}
    run = 0
    for due in due_periods(
        context.clock.now(),
        context.rules,
        jobs.day_report_at,
        min(joined, default=today),
        jobs.catch_up_days,
    ):
        if (due.job, due.period) not in done and _run_if_claimed(
            context, due.job, due.period, partial(_work, context, due)
        ):
            run += 1
    # Last, because it may take seconds.
    calibration = due_calibration(context)
    if calibration is not None and _run_if_claimed(
        context, OPERATING_POINT_JOB, calibration, partial(keep_up, context)
    ):
        run += 1
    return run


def _run_if_claimed(context: ServerContext, job: str, period: str, work: Callable[[], object]) -> bool:
    with context.unit() as unit:
        now = context.clock.host_now()
        claimed = unit.jobs.claim(job, period, now, now - CLAIM_STALE_AFTER, now - RETRY_FAILED_AFTER)
        unit.commit()
    if not claimed:
        return False
    error: str | None = None
    try:
        work()
    except Exception as fault:
        # Whatever it was, it is written down with the period, told, and does not stop other periods.
        log.exception("%s for %s failed", job, period)
        error = str(fault) if isinstance(fault, CourtclockError) else repr(fault)
    with context.unit() as unit:
        unit.jobs.finish(job, period, context.clock.host_now(), error)
        unit.commit()
    return True


def _work(context: ServerContext, due: DuePeriod) -> None:
    # Everybody is judged anew: those without an event, and those whose windows have closed since.
    touch_everybody(context, due.day)
    derive_touched(context)
    if due.job == "day_report":
        publish_day_report(context, due.day)


def start_ticking(context: ServerContext) -> BackgroundScheduler:
    """Tick in the background until the scheduler is shut down."""
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(
        _tick_and_log,
        "interval",
        args=[context],
        seconds=context.settings.jobs.tick_seconds,
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
    )
    scheduler.start()
    return scheduler


def _tick_and_log(context: ServerContext) -> None:
    try:
        tick(context)
    except CourtclockError as error:
        log.warning("jobs wait: %s", error)
