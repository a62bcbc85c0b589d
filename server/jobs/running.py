"""Runs what is due, again and again: APScheduler only ticks, rows decide."""

from __future__ import annotations

import logging
import threading
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler

from models.errors import CourtclockError
from server.jobs.calibrating import OPERATING_POINT_JOB, due_calibration
from server.jobs.claiming import run_if_claimed
from server.jobs.due import waiting_periods
from server.jobs.settling import settle
from server.jobs.stopping import Stopping, lasting, until
from server.services.context import ServerContext
from server.services.deriving import derive_touched, touch_closed, touch_everybody
from server.services.job_periods import JobPeriod
from server.services.leaving import retire_leavers
from server.services.mail_reports import render_report
from server.services.mailing import send_waiting
from server.services.operating import keep_up
from server.services.periods import publish_month, publish_week
from server.services.reporting import publish_day_report
from server.services.retention import delete_expired
from server.services.smtp import SmtpSender

log = logging.getLogger(__name__)


def tick(context: ServerContext) -> int:
    """Do everything that is due now; gives how many periods were run here.

    Safe to call from any number of processes at once and after any downtime: each period is claimed
    in the database by one of them. A period that fails is written down and tried again, after pauses
    that grow from a minute to an hour, until it succeeds; the others go on.

    Raises:
        Stopping: the context was stopped; what was under way is free for the next tick.
    """
    touch_closed(context)
    derive_touched(context)
    run = sum(
        run_if_claimed(context, due.job, due.period, partial(_work, context, due)) for due in waiting_periods(context)
    )
    # What was sent must be marked as sent, so a mail under way is not stopped.
    _send_mail(lasting(context))
    # Last, because it may take seconds.
    calibration = due_calibration(context)
    if calibration is not None:
        run += run_if_claimed(context, OPERATING_POINT_JOB, calibration, partial(keep_up, context))
    return run


def _work(context: ServerContext, due: JobPeriod) -> None:
    if due.job == "retention":
        delete_expired(context, due.day)
    elif due.job == "week_posting":
        settle(context, due)
        publish_week(context, due.day)
    elif due.job == "month_bulletin":
        settle(context, due)
        publish_month(context, due.day)
    else:
        # Everybody gets a row, also those without an event.
        touch_everybody(context, due.day)
        derive_touched(context)
        if due.job == "open_day":
            retire_leavers(context, due.day)
        if due.job == "day_report":
            publish_day_report(context, due.day)


def _send_mail(context: ServerContext) -> None:
    """Send the mails that wait, unless nothing is sent here at all."""
    mail = context.settings.mail
    if mail.host is not None:
        send_waiting(context, mail, partial(render_report, context), SmtpSender(mail))


class Ticking:
    """Ticks in the background, in one thread, until it is shut down."""

    def __init__(self, context: ServerContext) -> None:
        self._stop = threading.Event()
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._scheduler.add_job(
            _tick_and_log,
            "interval",
            args=[until(context, self._stop)],
            seconds=context.settings.jobs.tick_seconds,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
        self._scheduler.start()

    def shutdown(self, wait: bool = True) -> None:
        """Begin nothing more; with ``wait`` come back when the transaction under way has ended."""
        self._stop.set()
        self._scheduler.shutdown(wait=wait)


def start_ticking(context: ServerContext) -> Ticking:
    """Tick in the background until it is shut down."""
    return Ticking(context)


def _tick_and_log(context: ServerContext) -> None:
    try:
        tick(context)
    except Stopping:
        log.info("jobs are stopped; what is due is done after the next start")
    except CourtclockError as error:
        log.warning("jobs wait: %s", error)
    except Exception:
        # Such as a database that is away for a moment. The next tick finds everything as it was left.
        log.exception("jobs wait")
