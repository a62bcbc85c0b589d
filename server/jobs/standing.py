"""Work without periods: judging what was touched, and sending mail. How it went is one row each."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from models.errors import CourtclockError
from models.stored_errors import as_stored
from server.jobs.stopping import is_stopped, lasting
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.mail_reports import render_report
from server.services.mailing import send_waiting
from server.services.smtp import SmtpSender
from server.services.touching import touch_closed
from server.storage.standing import DERIVING, MAILING, StandingWork

_WRITTEN_EVERY: Final = timedelta(seconds=30)
"""Where nothing was to be done: a row that is written each tick would be a write for nothing."""


def judge_touched(context: ServerContext) -> int:
    """Judge every touched workday and each whose window has closed, and write down how it went; gives how many."""
    began_at = context.clock.host_now()
    try:
        touch_closed(context)
        judged = derive_touched(context)
    except Exception as fault:
        _note(context, DERIVING, began_at, 0, as_stored(fault))
        raise
    with context.unit(read_only=True) as unit:
        faults = unit.judging_faults.all()
    error = as_stored(CourtclockError("job.unjudged", count=len(faults), day=str(faults[0].day))) if faults else None
    _note(context, DERIVING, began_at, judged, error)
    return judged


def send_mail(context: ServerContext) -> int:
    """Send the mails that wait, unless nothing is sent here at all, and write down how it went; gives how many."""
    settings = context.settings.mail
    if settings.host is None:
        return 0
    # What was sent must be marked as sent: between two mails it stops, and never within one.
    always = lasting(context)
    began_at = context.clock.host_now()
    outages: list[Exception] = []
    try:
        sent = send_waiting(
            always,
            settings,
            partial(render_report, always),
            SmtpSender(settings),
            going_on=lambda: not is_stopped(context),
            tell_outage=outages.append,
        )
    except Exception as fault:
        _note(always, MAILING, began_at, 0, as_stored(fault))
        raise
    _note(always, MAILING, began_at, sent, as_stored(outages[0]) if outages else None)
    return sent


def _note(context: ServerContext, name: str, began_at: datetime, count: int, error: str | None) -> None:
    now = context.clock.host_now()
    with context.unit(read_only=True) as unit:
        last = unit.standing.work(name)
    if last is not None and not count and last.error == error and abs(now - last.finished_at) < _WRITTEN_EVERY:
        return
    with context.unit() as unit:
        unit.standing.note(StandingWork(name, began_at, now, count, error))
        unit.commit()
