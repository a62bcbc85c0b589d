"""Which periods the server's jobs have, and when each is due. Pure: a moment in, periods out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, get_args

from models.settings import WEEKDAYS, JobsSettings
from server.attendance.site_days import SiteDays, local_moment

JobName = Literal["open_day", "day_report", "close_day", "retention", "week_posting", "month_bulletin"]
JOBS: Final[tuple[JobName, ...]] = get_args(JobName)

_DAY_JOBS: Final[tuple[JobName, ...]] = ("open_day", "day_report", "close_day", "retention")
_AT_ONE_MOMENT: Final[tuple[JobName, ...]] = (
    "day_report",
    "close_day",
    "retention",
    "week_posting",
    "month_bulletin",
    "open_day",
)
"""What ends comes before what adds it up, and that before what begins."""
_ONE_DAY: Final = timedelta(days=1)
_ONE_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class JobPeriod:
    """One period of one job.

    Attributes:
        day: first date of the period: the date itself, the Monday of a week, the first of a month.
    """

    job: JobName
    day: date

    @property
    def period(self) -> str:
        """As it stands in the row: 2026-11-20, 2026-W47 or 2026-11, of local dates.

        So a day is one period whatever the clock does, and periods of one job sort by time.
        """
        if self.job == "week_posting":
            year, week, _ = self.day.isocalendar()
            return f"{year:04}-W{week:02}"
        if self.job == "month_bulletin":
            return f"{self.day:%Y-%m}"
        return self.day.isoformat()

    @property
    def last_day(self) -> date:
        """Last date of the period."""
        return self.following.day - _ONE_DAY

    @property
    def following(self) -> JobPeriod:
        """The next period of the same job."""
        if self.job == "week_posting":
            return JobPeriod(self.job, self.day + _ONE_WEEK)
        if self.job == "month_bulletin":
            return JobPeriod(self.job, date(self.day.year + self.day.month // 12, self.day.month % 12 + 1, 1))
        return JobPeriod(self.job, self.day + _ONE_DAY)

    @property
    def preceding(self) -> JobPeriod:
        """The period before of the same job."""
        return period_with(self.job, self.day - _ONE_DAY)


def period_with(job: JobName, day: date) -> JobPeriod:
    """The period of a job in which a date lies."""
    if job == "week_posting":
        return JobPeriod(job, day - day.weekday() * _ONE_DAY)
    if job == "month_bulletin":
        return JobPeriod(job, day.replace(day=1))
    return JobPeriod(job, day)


def read_period(job: str, period: str) -> JobPeriod | None:
    """The inverse of ``JobPeriod.period``; None for jobs whose periods are not days, weeks or months."""
    for name in JOBS:
        if name == job:
            try:
                return _read(name, period)
            except ValueError:
                return None
    return None


def _read(job: JobName, period: str) -> JobPeriod:
    if job == "week_posting":
        year, _, week = period.partition("-W")
        return JobPeriod(job, date.fromisocalendar(int(year), int(week), 1))
    if job == "month_bulletin":
        return JobPeriod(job, date.fromisoformat(f"{period}-01"))
    return JobPeriod(job, date.fromisoformat(period))


def due_at(due: JobPeriod, site: SiteDays, schedule: JobsSettings) -> datetime:
    """The moment, in UTC, from which a period is due.

    A day's report never waits beyond the end of its day: a time at the day's start or before it means the next date.
    A posting or a bulletin never comes before the last day in it is over, however early its time of day.
    """
    if due.job == "open_day":
        return site.bounds(due.day)[0]
    if due.job == "day_report":
        opens_at, closes_at = site.bounds(due.day)
        # A report is final: at the very start of its day there would be nothing in it.
        on = due.day if _minutes(schedule.day_report_at) > site.starts_minutes else due.day + _ONE_DAY
        reported_at = local_moment(on, _minutes(schedule.day_report_at), site.zone)
        # Where clocks change at the start of the day, the wall may show the time of the report on the wrong side of it.
        return min(max(reported_at, opens_at), closes_at)
    closes_at = site.bounds(due.last_day)[1]
    if due.job == "week_posting":
        on = due.following.day + WEEKDAYS.index(schedule.week_posting_on) * _ONE_DAY
        return max(local_moment(on, _minutes(schedule.week_posting_at), site.zone), closes_at)
    if due.job == "month_bulletin":
        on = due.following.day.replace(day=schedule.month_bulletin_on)
        return max(local_moment(on, _minutes(schedule.month_bulletin_at), site.zone), closes_at)
    return closes_at


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def due_periods(now: datetime, site: SiteDays, schedule: JobsSettings, first_day: date) -> list[JobPeriod]:
    """Every period that should have run by now, oldest first, whether it has or not.

    At one moment days come before the week and the month that they end.

    Args:
        now: aware.
        site: zone and start of the day.
        schedule: when reports appear, and for how many days back missed ones are made up for. The last week and the
            last month that are due are made up for in any case.
        first_day: the first on which anybody worked here; no period is due that ends before it.
    """
    today = site.day_of(now)
    oldest = today - schedule.catch_up_days * _ONE_DAY
    due: list[tuple[datetime, int, JobPeriod]] = []

    def add(one: JobPeriod) -> bool:
        at = due_at(one, site, schedule)
        is_due = at <= now and one.last_day >= first_day
        if is_due:
            due.append((at, _AT_ONE_MOMENT.index(one.job), one))
        return is_due

    day = max(first_day, oldest)
    while day <= today:
        for job in _DAY_JOBS:
            add(JobPeriod(job, day))
        day += _ONE_DAY
    for job in ("week_posting", "month_bulletin"):
        one = period_with(job, today)
        while due_at(one, site, schedule) > now:
            one = one.preceding
        while add(one):
            one = one.preceding
            if site.day_of(due_at(one, site, schedule)) < oldest:
                break
    return [one for _, _, one in sorted(due, key=lambda entry: (entry[0], entry[1], entry[2].day))]


def next_due(job: JobName, now: datetime, site: SiteDays, schedule: JobsSettings) -> tuple[JobPeriod, datetime]:
    """The next period of a job that is not due yet, and the moment, in UTC, at which it will be."""
    # A day's report may be due on the next date, a week's posting two weeks after its Monday.
    one = period_with(job, site.day_of(now)).preceding.preceding
    while (at := due_at(one, site, schedule)) <= now:
        one = one.following
    return one, at
