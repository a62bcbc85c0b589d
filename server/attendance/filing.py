"""Requests by the rules: how long they are, until when they may be filed, who decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Final

from server.attendance.day_plans import DayPlan
from server.attendance.rules import ApproverRole, RequestRules
from server.attendance.site_days import SiteDays

MAX_REQUEST_DAYS: Final = 366
_ONE_DAY: Final = timedelta(days=1)
_LONGEST_GAP: Final = timedelta(days=31)
_RANKS: Final[dict[str, int]] = {"head": 1, "vice_president": 2, "president": 3}


def length_in_workdays(plans: Iterable[DayPlan], starts_at: datetime, ends_at: datetime) -> float:
    """How much work leave or duty takes the place of, in workdays, to the hundredth.

    A workday counts by the share of its time between arrivals and departures that lies within: a morning of a day with
    equal halves is 0.5, whatever the clock shows. Days without work count nothing.
    """
    total = 0.0
    for plan in plans:
        whole = covered = timedelta(0)
        for number, planned in enumerate(plan.points[:-1]):
            departure = plan.points[number + 1]
            if planned.point.direction != "in" or departure.point.direction != "out":
                continue
            whole += departure.due_at - planned.due_at
            covered += max(timedelta(0), min(ends_at, departure.due_at) - max(starts_at, planned.due_at))
        if whole:
            total += covered / whole
    return round(total, 2)


def adjoining(
    starts_at: datetime,
    ends_at: datetime,
    others: Iterable[tuple[datetime, datetime]],
    is_without_work: Callable[[datetime, datetime], bool],
) -> tuple[datetime, datetime]:
    """From when until when somebody is away, with every other absence that only time without work lies between.

    So nobody splits leave into parts to have it approved by somebody of a lower rank.

    Args:
        starts_at, ends_at: of the absence that is asked for.
        others: absences of the same kind.
        is_without_work: whether no work is expected between two moments, asked about a month at most.
    """
    left = list(others)
    found = True
    while found:
        found = False
        for start, end in left:
            gap = (ends_at, start) if start > ends_at else (end, starts_at) if end < starts_at else None
            if gap is None or (gap[1] - gap[0] <= _LONGEST_GAP and is_without_work(*gap)):
                starts_at, ends_at = min(starts_at, start), max(ends_at, end)
                left.remove((start, end))
                found = True
                break
    return starts_at, ends_at


def filing_deadline(
    rules: RequestRules,
    site: SiteDays,
    day: date,
    starts_at: datetime | None,
    expects_work: Callable[[date], bool],
) -> datetime | None:
    """The moment from which a request is too late; None for never.

    Args:
        rules: for this kind of request.
        site: of the court.
        day: first workday that the request is about.
        starts_at: when leave or duty begins; None for a correction or a waiver.
        expects_work: whether a date is a workday of the court.
    """
    if rules.deadline == "none":
        return None
    if rules.deadline == "before_start" and starts_at is not None:
        return starts_at
    if rules.deadline in ("same_day", "before_start"):
        return site.bounds(day)[1]
    last = day
    left = rules.deadline_days
    while left:
        last += _ONE_DAY
        if rules.deadline == "natural_days" or expects_work(last):
            left -= 1
        if last - day > timedelta(days=2 * MAX_REQUEST_DAYS):
            break
    return site.bounds(last)[1]


def may_decide(role: str, needed: ApproverRole | str) -> bool:
    """Whether a role may decide what another one is needed for: a higher one may, too."""
    if needed == "hr":
        return role == "hr"
    return _RANKS.get(role, 0) >= _RANKS[needed]
