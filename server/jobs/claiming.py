"""Runs a period in one process: claims its row, keeps the claim fresh while it works, writes down how it went."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from models.errors import CourtclockError
from models.stored_errors import as_stored
from server.jobs.stopping import Stopping, lasting
from server.services.context import ServerContext
from server.services.retrying import retry_pause
from server.storage.records import JobRunRecord

log = logging.getLogger(__name__)

CLAIM_RENEWED_EVERY: Final = timedelta(seconds=20)
CLAIM_STALE_AFTER: Final = timedelta(minutes=3)
"""Several renewals long, so that a database that is busy for a while takes no claim away from a job at work."""


def run_if_claimed(context: ServerContext, job: str, period: str, work: Callable[[], object]) -> bool:
    """Run a period unless another process does, or it rests after a failure; gives whether it was tried here.

    While it works, the claim is renewed from a thread of its own, so a long job keeps it, and a claim that is not
    renewed is of a process that has died. Should a claim be lost all the same, as by a machine that slept, the
    work may be done twice: a report still has one row, and the word of the last one to claim the period stands.

    Raises:
        Stopping: the server ends; the period is free for the next one.
    """
    claimed = _claim(context, job, period)
    if claimed is None:
        return False
    tries, before = claimed
    error: str | None = None
    # What was claimed is finished or given back, also when the server ends.
    always = lasting(context)
    try:
        with _renewed(always, job, period, tries):
            work()
    except Stopping:
        with always.unit() as unit:
            unit.jobs.give_back(job, period, tries, before)
            unit.commit()
        log.info("%s for %s was given back: the server ends", job, period)
        raise
    except CourtclockError as fault:
        log.warning("%s for %s failed: %s", job, period, fault)
        error = as_stored(fault)
    except Exception as fault:
        # Whatever it was, it is written down with the period, told, and does not stop other periods.
        log.exception("%s for %s failed", job, period)
        error = as_stored(fault)
    with always.unit() as unit:
        kept = unit.jobs.finish(job, period, context.clock.host_now(), error, tries)
        unit.commit()
    if not kept:
        log.warning("%s for %s was taken over while it ran here", job, period)
    return True


def _claim(context: ServerContext, job: str, period: str) -> tuple[int, JobRunRecord | None] | None:
    """The number of the try, and the run as it was before."""
    with context.unit() as unit:
        now = context.clock.host_now()
        before = unit.jobs.find(job, period)
        pause = retry_pause(1 if before is None else before.tries)
        tries = unit.jobs.claim(job, period, now, now - CLAIM_STALE_AFTER, now - pause)
        unit.commit()
    return None if tries is None else (tries, before)


@contextmanager
def _renewed(context: ServerContext, job: str, period: str, tries: int) -> Iterator[None]:
    """Renew the claim in the background for as long as the block lasts."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(CLAIM_RENEWED_EVERY.total_seconds()):
            try:
                with context.unit() as unit:
                    kept = unit.jobs.renew(job, period, tries, context.clock.host_now())
                    unit.commit()
            except Exception as fault:
                # The next renewal may fare better; until the claim is stale there are several.
                log.warning("the claim of %s for %s could not be renewed: %r", job, period, fault)
                continue
            if not kept:
                return

    thread = threading.Thread(target=renew, name=f"claim of {job}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
