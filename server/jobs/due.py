"""Which periods of which job are due. Pure: a moment in, periods out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from server.attendance.points import DAY_MINUTES, RuleBook, local_moment, workday_of

JobName = Literal["open_day", "day_report", "close_day"]
JOBS: Final[tuple[JobName, ...]] = ("open_day", "day_report", "close_day")


@dataclass(frozen=True, slots=True)
class DuePeriod:
    """One period of one job."""

    job: JobName
    day: date

    @property
    def period(self) -> str:
        """As it stands in the row: the local date, so a day is one period whatever the clock does."""
        return self.day.isoformat()


def due_periods(
    now: datetime, rules: RuleBook, day_report_at: time, first_day: date, catch_up_days: int
) -> list[DuePeriod]:
    """Every period that should have run by now, oldest first, whether it has or not.

    Args:
        now: aware.
        rules: zone and start of the day.
        day_report_at: local time of the day's report; at the day's start or before it, the next date is meant.
        first_day: no period is due before it: there was nobody to judge.
        catch_up_days: how far back missed periods are made up for.
    """
    today = workday_of(now, rules)
    report_minutes = day_report_at.hour * 60 + day_report_at.minute
    # A report is final: at the very start of its day there would be nothing in it.
    if report_minutes <= rules.day_starts_minutes:
        report_minutes += DAY_MINUTES
    due: list[DuePeriod] = []
    day = max(first_day, today - timedelta(days=catch_up_days))
    while day <= today:
        due.append(DuePeriod("open_day", day))
        if now >= local_moment(day, report_minutes, rules.zone):
            due.append(DuePeriod("day_report", day))
        if day < today:
            due.append(DuePeriod("close_day", day))
        day += timedelta(days=1)
    return due
