"""Requests by the rules: how long they are, until when they may be filed, who decides."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from server.attendance.day_plans import DayPlan
from server.attendance.rules import ApproverRole, RequestRules
from server.attendance.site_days import SiteDays, local_moment

MAX_REQUEST_DAYS: Final = 366
SUPERIOR: Final = "superior"
"""Whoever stands above the president: nobody at the court, so HR records what was decided on paper."""
_ONE_DAY: Final = timedelta(days=1)
_LONGEST_GAP_DAYS: Final = 31
_RANKS: Final[dict[str, int]] = {"head": 1, "vice_president": 2, "president": 3, SUPERIOR: 4}


WorkTaken = Mapping[date, float]
"""The workdays that leave or duty takes the place of work on, each with the share of it that it takes."""


def work_taken(plans: Iterable[DayPlan], starts_at: datetime, ends_at: datetime) -> dict[date, float]:
    """How much work leave or duty takes the place of, by workday.

    A workday counts by the share of its time between arrivals and departures that lies within: a morning of a day with
    equal halves is 0.5, whatever the clock shows. Days of which it takes nothing are not among them.
    """
    taken = {}
    for plan in plans:
        whole = covered = timedelta(0)
        for start, end in stretches_of_work(plan):
            whole += end - start
            covered += max(timedelta(0), min(ends_at, end) - max(starts_at, start))
        if covered:
            taken[plan.day] = covered / whole
    return taken


def days_together(*absences: WorkTaken) -> float:
    """Workdays, to the hundredth; no day counts more than once."""
    days: dict[date, float] = {}
    for taken in absences:
        for day, share in taken.items():
            days[day] = min(1.0, days.get(day, 0.0) + share)
    return round(sum(days.values()), 2)


def days_by_year(taken: WorkTaken) -> dict[int, float]:
    """Workdays in each calendar year."""
    years: dict[int, float] = {}
    for day, share in taken.items():
        years[day.year] = years.get(day.year, 0.0) + share
    return years


def joined_to(taken: WorkTaken, others: Mapping[UUID, WorkTaken], expects_work: Callable[[date], bool]) -> list[UUID]:
    """Which other absences count as one with an absence: those with no whole workday between.

    So nobody splits leave into parts, by kind or by half an hour of work, to have it approved by a lower rank.

    Args:
        taken: by the absence that is asked for.
        others: by their requests.
        expects_work: whether somebody works on a day, asked about a month at most.
    """
    if not taken:
        return []
    first, last = min(taken), max(taken)
    left = {request_id: (min(days), max(days)) for request_id, days in others.items() if days}
    found: list[UUID] = []
    while True:
        earliest, latest = _next_workday(first, -_ONE_DAY, expects_work), _next_workday(last, _ONE_DAY, expects_work)
        near = [request_id for request_id, (start, end) in left.items() if start <= latest and end >= earliest]
        if not near:
            return found
        for request_id in near:
            start, end = left.pop(request_id)
            first, last = min(first, start), max(last, end)
        found += near


def _next_workday(day: date, step: timedelta, expects_work: Callable[[date], bool]) -> date:
    """The workday before or after a day; where none comes within a month the day itself."""
    for number in range(1, _LONGEST_GAP_DAYS + 1):
        if expects_work(day + number * step):
            return day + number * step
    return day


def stretches_of_work(plan: DayPlan) -> list[tuple[datetime, datetime]]:
    """From each arrival until the departure right after it."""
    return [
        (arrival.due_at, departure.due_at)
        for arrival, departure in itertools.pairwise(plan.points)
        if arrival.point.direction == "in" and departure.point.direction == "out"
    ]


def halves_of(plan: DayPlan) -> tuple[tuple[datetime, datetime], tuple[datetime, datetime]] | None:
    """The two halves of a workday by its own clock points: parted by its break, or in the middle where it has none."""
    work = stretches_of_work(plan)
    if not work:
        return None
    begins, ends = work[0][0], work[-1][1]
    if len(work) == 1:
        middle = begins + timedelta(minutes=(ends - begins) // timedelta(minutes=2))
        return (begins, middle), (middle, ends)
    second = (len(work) + 1) // 2
    return (begins, work[second - 1][1]), (work[second][0], ends)


def whole_days(before: DayPlan, first: DayPlan, last: DayPlan, after: DayPlan) -> tuple[datetime, datetime]:
    """From when until when whole days last: from midnight to midnight, but all work of these days and no other.

    Args:
        before: the day before the first day.
        first, last: of the absence.
        after: the day after the last day.
    """
    zone = first.site.zone
    starts_at, ends_at = local_moment(first.day, 0, zone), local_moment(last.day + _ONE_DAY, 0, zone)
    if before.points:
        starts_at = max(starts_at, before.points[-1].due_at)
    if first.points:
        starts_at = min(starts_at, first.points[0].due_at)
    if after.points:
        ends_at = min(ends_at, after.points[0].due_at)
    if last.points:
        ends_at = max(ends_at, last.points[-1].due_at)
    return starts_at, ends_at


def work_begins_at(plans: Iterable[DayPlan], starts_at: datetime, ends_at: datetime) -> datetime:
    """When the first work begins that an absence takes the place of; its beginning where it takes none."""
    begins = [max(starts_at, start) for plan in plans for start, end in stretches_of_work(plan) if end > starts_at]
    return min((moment for moment in begins if moment < ends_at), default=starts_at)


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
        starts_at: when the first work begins that leave or duty takes the place of; None for a correction or a waiver.
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
    return role != SUPERIOR and _RANKS.get(role, 0) >= _RANKS[needed]


def decider_above(needed: ApproverRole, roles: Iterable[str]) -> str:
    """Who decides, when everybody with one of these roles is concerned: somebody above all of them.

    What HR decides is HR's whoever it concerns.

    Args:
        needed: who decides by the rules.
        roles: of the person, and of who files for the person.
    """
    if needed == "hr":
        return needed
    rank = max([_RANKS[needed], *(_RANKS[role] + 1 for role in roles if role in _RANKS)])
    return next(role for role, own in _RANKS.items() if own == rank)
