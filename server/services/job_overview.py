"""What the server does by itself, at a glance: how each job fares, when it is due next, and what ran last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from server.services.context import ServerContext
from server.services.job_periods import JOBS, next_due
from server.storage.judging_faults import JudgingFault
from server.storage.records import JobRunRecord, PersonRecord
from server.storage.standing import DERIVING, MAILING, ServerClock, StandingWork
from server.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class JobRun:
    """One period that was tried.

    Attributes:
        began_at: of the last try, host time.
        seconds: how long that took; None while it lasts, or where a clock was set back meanwhile.
        error: why the last try failed; None otherwise.
    """

    job: str
    period: str
    state: str
    tries: int
    began_at: datetime
    seconds: float | None
    error: str | None


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job.

    Attributes:
        last: the run that began last, None before the first one.
        failed: periods that failed and are tried again by themselves, oldest first.
        running: periods that a process runs now.
        next_period, next_due_at: what is due next by the calendar, in UTC; None for a job that follows no calendar.
    """

    job: str
    last: JobRun | None
    failed: tuple[JobRun, ...]
    running: tuple[JobRun, ...]
    next_period: str | None
    next_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class StandingLine:
    """Work without periods: judging what was touched, sending mails.

    Attributes:
        began_at, seconds, handled: of the last time, host time; None and 0 before the first.
        next_at: when it is done next, host time; None where nothing waits.
        error: what was wrong the last time; None when nothing was.
    """

    name: str
    began_at: datetime | None
    seconds: float | None
    handled: int
    next_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class JobOverview:
    """All jobs.

    Attributes:
        jobs: those of the calendar in their order, then all others by name.
        recent: the last runs, newest first.
        waiting_workdays: so many are touched and wait to be judged, which every tick does.
        oldest_waiting: the earliest of them.
        unjudged: workdays that cannot be judged, by date, with the person and the fault.
        standing: work without periods.
        clock: how far the server's clock is ahead of what is believed; None while it is believed.
    """

    jobs: tuple[JobLine, ...]
    recent: tuple[JobRun, ...]
    waiting_workdays: int = 0
    oldest_waiting: date | None = None
    unjudged: tuple[tuple[PersonRecord, JudgingFault], ...] = ()
    standing: tuple[StandingLine, ...] = ()
    clock: ServerClock | None = None

    @property
    def failed(self) -> int:
        """How many periods failed and are not done since."""
        return sum(len(line.failed) for line in self.jobs)


def job_overview(context: ServerContext, most_recent: int = 50) -> JobOverview:
    """How the jobs fare.

    Args:
        context: the server's parts.
        most_recent: so many runs are listed.
    """
    now = context.clock.now()
    with context.unit(read_only=True) as unit:
        last = unit.jobs.last_of_each()
        open_runs = unit.jobs.not_done()
        recent = unit.jobs.recent(most_recent)
        waiting, oldest = unit.workdays.count_touched()
        unjudged = named_faults(unit)
        standing = _standing(context, unit)
        clock = unit.standing.clock()
    lines = []
    for name in [*JOBS, *sorted(set(last) - set(JOBS))]:
        next_period, next_due_at = None, None
        for job in JOBS:
            if job == name:
                period, next_due_at = next_due(job, now, context.site, context.settings.jobs)
                next_period = period.period
        own = [run_of(one) for one in open_runs if one.job == name]
        lines.append(
            JobLine(
                job=name,
                last=run_of(last[name]) if name in last else None,
                failed=tuple(one for one in own if one.state == "failed"),
                running=tuple(one for one in own if one.state == "claimed"),
                next_period=next_period,
                next_due_at=next_due_at,
            )
        )
    return JobOverview(
        tuple(lines),
        tuple(run_of(one) for one in recent),
        waiting,
        oldest,
        unjudged,
        standing,
        clock if clock is not None and clock.ahead_seconds else None,
    )


def _standing(context: ServerContext, unit: UnitOfWork) -> tuple[StandingLine, ...]:
    pause = timedelta(seconds=context.settings.jobs.tick_seconds)
    deriving = unit.standing.work(DERIVING)
    mailing = unit.standing.work(MAILING)
    next_look = None if deriving is None else max(context.clock.host_now(), deriving.finished_at) + pause
    return _standing_line(DERIVING, deriving, next_look), _standing_line(MAILING, mailing, unit.mails.next_try_at())


def _standing_line(name: str, last: StandingWork | None, next_at: datetime | None) -> StandingLine:
    if last is None:
        return StandingLine(name, None, None, 0, next_at, None)
    seconds = (last.finished_at - last.began_at).total_seconds()
    return StandingLine(name, last.began_at, seconds if seconds >= 0 else None, last.handled, next_at, last.error)


def named_faults(
    unit: UnitOfWork, first_day: date = date.min, last_day: date = date.max
) -> tuple[tuple[PersonRecord, JudgingFault], ...]:
    """Workdays of a period that cannot be judged, by date, with the person."""
    faults = unit.judging_faults.between(first_day, last_day)
    people = unit.people.by_ids(list({one.person_id for one in faults}))
    return tuple((people[one.person_id], one) for one in faults)


def run_of(record: JobRunRecord) -> JobRun:
    """A stored run, with how long it took."""
    seconds = None if record.finished_at is None else (record.finished_at - record.claimed_at).total_seconds()
    return JobRun(
        job=record.job,
        period=record.period,
        state=record.state,
        tries=record.tries,
        began_at=record.claimed_at,
        seconds=None if seconds is None or seconds < 0 else seconds,
        error=record.error,
    )
