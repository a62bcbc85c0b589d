"""Deletes what has been kept for as long as config.yaml says, in transactions so short that nobody waits for them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Final

from server.services.context import ServerContext
from server.services.deriving import month_of
from server.services.job_periods import period_with, read_period
from server.storage.retention import RetentionRepository

log = logging.getLogger(__name__)

AT_ONCE: Final = 500
EVENT_MARGIN_DAYS: Final = 2
"""Windows reach into the days around theirs, wherever a day starts: events stay for so long beside a kept month."""
_CATCH_UP_MARGIN_DAYS: Final = 100
"""A bulletin is due up to 28 days after its month, and a clock may be set back by a month."""
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many rows went."""

    attempts: int = 0
    access_log: int = 0
    nonces: int = 0
    sessions: int = 0
    job_runs: int = 0
    workdays: int = 0
    clock_events: int = 0
    voids: int = 0

    @property
    def total(self) -> int:
        """All together."""
        return sum(asdict(self).values())


def delete_expired(context: ServerContext, day: date) -> Deleted:
    """Delete what is older than it may be, as of a day that is over; a second run finds nothing left to delete.

    Clock events, voids and workdays go only where ``retention.clock_events_days`` is set, month by month, of months
    that are locked and about which no amendment waits for a signature. Reports, requests and their sealed
    attachments stay.

    Args:
        context: the server's parts.
        day: the workday from which ages are counted back.
    """
    retention, server = context.settings.retention, context.settings.server
    now = context.clock.host_now()

    def starts(days: int) -> date:
        return day - days * _ONE_DAY

    attempts_before = context.site.bounds(starts(retention.attempts_days))[0]
    access_before = context.site.bounds(starts(retention.access_log_days))[0]
    # Twice the accepted age: a nonce may only be forgotten when its signature is refused for its age.
    nonces_before = now - timedelta(seconds=2 * server.signature_max_age_seconds)
    started_before = now - timedelta(hours=server.session_hours)
    used_before = now - timedelta(minutes=server.session_idle_minutes)
    attempts = _in_chunks(context, lambda rows: rows.delete_attempts(attempts_before, AT_ONCE))
    access_log = _in_chunks(context, lambda rows: rows.delete_access_log(access_before, AT_ONCE))
    nonces = _in_chunks(context, lambda rows: rows.delete_nonces(nonces_before, AT_ONCE))
    sessions = _in_chunks(context, lambda rows: rows.delete_sessions(started_before, used_before, AT_ONCE))
    job_runs = _delete_job_runs(context, day)
    workdays = clock_events = voids = 0
    if retention.clock_events_days is not None:
        workdays, clock_events, voids = _delete_months(context, starts(retention.clock_events_days))
    deleted = Deleted(attempts, access_log, nonces, sessions, job_runs, workdays, clock_events, voids)
    if deleted.total:
        log.info("deleted as of %s: %s", day, ", ".join(f"{name} {count}" for name, count in asdict(deleted).items()))
    return deleted


def _in_chunks(context: ServerContext, delete: Callable[[RetentionRepository], int]) -> int:
    """Repeat a deletion, each time in a transaction of its own, until less than a chunk was left."""
    deleted = 0
    while True:
        with context.unit() as unit:
            count = delete(unit.jobs.retention)
            unit.commit()
        deleted += count
        if count < AT_ONCE:
            return deleted


def _delete_job_runs(context: ServerContext, day: date) -> int:
    """Delete old runs, but none whose period could be caught up: it would run again."""
    keep_days = context.settings.retention.job_runs_days
    claimed_before = context.clock.host_now() - keep_days * _ONE_DAY
    ended_before = day - max(keep_days, context.settings.jobs.catch_up_days + _CATCH_UP_MARGIN_DAYS) * _ONE_DAY
    with context.unit(read_only=True) as unit:
        old = unit.jobs.retention.old_job_runs(claimed_before)
    keys = []
    for run in old:
        period = read_period(run.job, run.period)
        if period is None or period.last_day < ended_before:
            keys.append((run.job, run.period))
    deleted = 0
    for start in range(0, len(keys), AT_ONCE):
        with context.unit() as unit:
            deleted += unit.jobs.retention.delete_job_runs(keys[start : start + AT_ONCE], claimed_before)
            unit.commit()
    return deleted


def _delete_months(context: ServerContext, before: date) -> tuple[int, int, int]:
    """Delete locked months that ended before a date; gives how many workdays, clock events and voids went.

    A month goes as a whole, for half of one would add up to a wrong sheet; that it is not kept any more is noted before
    the first row goes, so that nobody judges it from what is left.
    """
    with context.unit(read_only=True) as unit:
        locked = unit.months.locks()
        first_event_at = unit.jobs.retention.first_event_at()
        stored = unit.workdays.days()
    workdays = clock_events = voids = 0
    for month in sorted(locked):
        one = period_with("month_bulletin", date.fromisoformat(f"{month}-01"))
        first, last = one.day, one.last_day
        if last >= before or (locked[month].is_kept and not _let_go(context, month, first, last)):
            continue
        if stored is not None and stored[0] <= last:
            workdays += _delete_workdays(context, first, last)
        if first_event_at is not None and context.site.day_of(first_event_at) <= last:
            for start, end in _free_stretches(context, first, last, before):
                events_of_it, voids_of_it = _delete_events(context, start, end, before)
                clock_events += events_of_it
                voids += voids_of_it
    return workdays, clock_events, voids


def _let_go(context: ServerContext, month: str, first: date, last: date) -> bool:
    """Note that a month is not kept any more, unless something in it waits to be judged or signed."""
    with context.unit() as unit:
        # Noted first: from here on nobody judges, so nothing new can wait for a signature.
        unit.months.let_go(month, context.clock.now())
        if unit.jobs.retention.touched_days(first, last) or unit.months.amendments(["proposed"], first, last):
            return False
        unit.commit()
    log.info("%s is not kept any more", month)
    return True


def _delete_workdays(context: ServerContext, first: date, last: date) -> int:
    return _in_chunks(context, lambda rows: rows.delete_workdays(first, last, AT_ONCE))


def _free_stretches(context: ServerContext, first: date, last: date, before: date) -> Iterator[tuple[date, date]]:
    """Days of a month, in stretches, whose events no workday can need any more, whether it was ever judged or not."""
    margin = EVENT_MARGIN_DAYS * _ONE_DAY
    start_of_reach, end_of_reach = first - margin, last + margin
    with context.unit(read_only=True) as unit:
        in_use = unit.jobs.retention.days_of_workdays(start_of_reach, end_of_reach)
        deleted = unit.months.deleted()
        people = unit.people.between(start_of_reach, end_of_reach)
    for number in range((end_of_reach - start_of_reach).days + 1):
        one = start_of_reach + number * _ONE_DAY
        if month_of(one) not in deleted and any(person.works_on(one) for person in people):
            in_use.add(one)
    start: date | None = None
    day = first
    while day <= last + _ONE_DAY:
        around = (day + shift * _ONE_DAY for shift in range(-EVENT_MARGIN_DAYS, EVENT_MARGIN_DAYS + 1))
        is_free = day <= last and day + margin < before and not any(one in in_use for one in around)
        if is_free and start is None:
            start = day
        elif not is_free and start is not None:
            yield start, day - _ONE_DAY
            start = None
        day += _ONE_DAY


def _delete_events(context: ServerContext, first: date, last: date, before: date) -> tuple[int, int]:
    start, end = context.site.bounds(first)[0], context.site.bounds(last)[1]
    received_before = context.site.bounds(before)[0]
    events = voids = 0
    while True:
        with context.unit() as unit:
            some_events, some_voids = unit.jobs.retention.delete_events(start, end, received_before, AT_ONCE)
            unit.commit()
        events += some_events
        voids += some_voids
        if some_events < AT_ONCE:
            return events, voids
