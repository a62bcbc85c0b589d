"""Runs what is due, again and again: APScheduler only ticks, rows decide. Mail has a thread of its own."""

from __future__ import annotations

import logging
import threading
from functools import partial
from typing import Final

from apscheduler.schedulers.background import BackgroundScheduler

from models.errors import CourtclockError
from server.jobs.calibrating import OPERATING_POINT_JOB, due_calibration
from server.jobs.claiming import run_if_claimed
from server.jobs.clock_watch import ClockWatch, behind
from server.jobs.due import waiting_periods
from server.jobs.settling import settle
from server.jobs.standing import judge_touched, send_mail
from server.jobs.stopping import Stopping, until
from server.jobs.too_early import take_back_early
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.job_periods import JobPeriod
from server.services.leaving import retire_leavers
from server.services.operating import keep_up
from server.services.outage_noting import note_silent_kiosks
from server.services.periods import publish_month, publish_week
from server.services.reporting import publish_day_report
from server.services.retention import delete_expired
from server.services.touching import touch_everybody

log = logging.getLogger(__name__)

MAIL_AWAITED_SECONDS: Final = 3.0
"""So long a server that ends waits for the mail under way."""
_LOOKS_IN_A_SILENCE: Final = 4
"""So often the server looks after its kiosks in the time after which they, or it, are called silent."""


def tick(context: ServerContext) -> int:
    """Do everything that is due now, one after another; gives how many periods were run here.

    A server that runs does the same, with mail in a thread of its own.

    Raises:
        Stopping: the context was stopped; what was under way is free for the next tick.
    """
    run = run_due(context)
    send_mail(context)
    return run + calibrate(context)


def run_due(context: ServerContext) -> int:
    """Judge what was touched, and run every period that is due; gives how many periods were run here.

    Safe to call from any number of processes at once and after any downtime: each period is claimed
    in the database by one of them. A period that fails is written down and tried again, after pauses
    that grow from a minute to an hour, until it succeeds; the others go on.

    Raises:
        Stopping: the context was stopped.
    """
    judge_touched(context)
    take_back_early(context)
    return sum(
        run_if_claimed(context, due.job, due.period, partial(_work, context, due)) for due in waiting_periods(context)
    )


def calibrate(context: ServerContext) -> int:
    """Bring the operating point up to date, which may take seconds; gives how many periods were run here."""
    calibration = due_calibration(context)
    if calibration is None:
        return 0
    return run_if_claimed(context, OPERATING_POINT_JOB, calibration, partial(keep_up, context))


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


class Ticking:
    """Ticks in the background until it is shut down: jobs, a look at the kiosks, and mail, none waiting for another."""

    def __init__(self, context: ServerContext) -> None:
        self._stop = threading.Event()
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._scheduler.add_job(
            _tick_and_log,
            "interval",
            args=[context, self._stop, ClockWatch(context)],
            seconds=context.settings.jobs.tick_seconds,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
        # A long night of judging must not look like a server that was down.
        self._scheduler.add_job(
            _look_and_log,
            "interval",
            args=[context, self._stop],
            seconds=context.settings.attendance.silent_kiosk_seconds / _LOOKS_IN_A_SILENCE,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
        # Of its own, and not waited for by the interpreter: a mail server that says nothing holds nobody up.
        self._mail = threading.Thread(target=_mail_and_log, args=[context, self._stop], name="mail", daemon=True)
        self._scheduler.start()
        self._mail.start()

    def shutdown(self, wait: bool = True) -> None:
        """Begin nothing more; with ``wait`` come back when the transaction and the mail under way have ended.

        A mail over which the mail server takes longer is left: it is sent again when its claim has lapsed, under the
        same Message-ID.
        """
        self._stop.set()
        self._scheduler.shutdown(wait=wait)
        if wait:
            self._mail.join(MAIL_AWAITED_SECONDS)
            if self._mail.is_alive():
                log.warning("a mail is left under way; it is sent again later if it did not arrive")


def start_ticking(context: ServerContext) -> Ticking:
    """Tick in the background until it is shut down."""
    return Ticking(context)


def _tick_and_log(context: ServerContext, stop: threading.Event, watch: ClockWatch) -> None:
    try:
        believed = until(behind(context, watch.look()), stop)
        run_due(believed)
        calibrate(believed)
    except Stopping:
        log.info("jobs are stopped; what is due is done after the next start")
    except CourtclockError as error:
        log.warning("jobs wait: %s", error)
    except Exception:
        # Such as a database that is away for a moment. The next tick finds everything as it was left.
        log.exception("jobs wait")


def _look_and_log(context: ServerContext, stop: threading.Event) -> None:
    try:
        note_silent_kiosks(until(context, stop))
    except Stopping:
        log.info("the server ends; it looks after its kiosks no more")
    except CourtclockError as error:
        log.warning("the kiosks cannot be looked after: %s", error)
    except Exception:
        log.exception("the kiosks cannot be looked after")


def _mail_and_log(context: ServerContext, stop: threading.Event) -> None:
    while not stop.wait(context.settings.jobs.tick_seconds):
        try:
            send_mail(until(context, stop))
        except Stopping:
            return
        except CourtclockError as error:
            log.warning("mail waits: %s", error)
        except Exception:
            log.exception("mail waits")
