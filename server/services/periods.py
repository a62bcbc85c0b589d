"""The weekly posting and the monthly bulletin: sums of derived workdays, published once, then unchangeable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from models.errors import CourtclockError
from models.language import LANGUAGES
from server.attendance.counting import division_score, times
from server.attendance.rules import RuleSet
from server.attendance.site_days import FIRST_YEAR, LAST_YEAR
from server.attendance.verdicts import Tally
from server.services.amendments import amended_verdict
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.deriving import month_of
from server.services.job_periods import due_periods, next_due
from server.services.mailing import MONTH_SHEET, queue_report
from server.services.period_lines import DivisionLine, PersonLine, altogether, by_division, summed
from server.services.period_reports import (
    AmendmentLine,
    PeriodKind,
    PeriodReport,
    changed_names,
    content_of,
    from_content,
    newly_noted,
)
from server.services.ranking import RankedBy, with_ranks
from server.services.standings import read_standings
from server.storage.months import AmendmentRecord
from server.storage.records import ReportRecord
from server.storage.unit_of_work import UnitOfWork

__all__ = (
    "AmendmentLine",
    "DivisionLine",
    "PeriodKind",
    "PeriodReport",
    "PersonLine",
    "month_days",
    "period_report",
    "publish_month",
    "publish_week",
    "week_name",
    "week_of",
)
_ONE_DAY: Final = timedelta(days=1)


def week_of(period: str) -> tuple[date, date]:
    """Monday and Sunday of a week such as 2026-W47.

    Raises:
        CourtclockError: ``page.bad_week``.
    """
    try:
        year, week = period.split("-W")
        monday = date.fromisocalendar(int(year), int(week), 1)
        # One address a week, or a published one would look unpublished under another spelling.
        if week_name(monday) != period:
            raise ValueError(period)
        return monday, monday + 6 * _ONE_DAY
    except (ValueError, OverflowError) as error:
        raise CourtclockError("page.bad_week", text=period) from error


def month_days(period: str) -> tuple[date, date]:
    """First and last day of a month such as 2026-10.

    Raises:
        CourtclockError: ``page.bad_month``.
    """
    try:
        first = date.fromisoformat(f"{period}-01")
        # One address a month, as with weeks.
        if f"{first.year:04}-{first.month:02}" != period or not FIRST_YEAR <= first.year <= LAST_YEAR:
            raise ValueError(period)
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return first, following - _ONE_DAY
    except (ValueError, OverflowError) as error:
        raise CourtclockError("page.bad_month", text=period) from error


def week_name(day: date) -> str:
    """The ISO week of a date, such as 2026-W47."""
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def period_report(
    context: ServerContext, kind: PeriodKind, period: str, division_id: UUID | None = None
) -> PeriodReport:
    """The published report of a period, or the state so far, for the court or one division.

    Raises:
        CourtclockError: ``page.bad_week`` or ``page.bad_month``.
    """
    first, last = week_of(period) if kind == "week" else month_days(period)
    with context.unit(read_only=True) as unit:
        published = unit.jobs.report(kind, period)
        if published is None:
            # Before it is published, those that it would list; a later one lists none of them.
            signed = unit.months.unlisted() if kind == "month" else []
            if signed and period != _next_bulletin(context, unit):
                signed = []
            withdrawn = unit.jobs.withdrawn_report(kind, period)
            so_far = _as_it_stands(context, unit, kind, period, first, last, division_id, signed)
            return replace(so_far, withdrawn_at=None if withdrawn is None else withdrawn.made_at)
        replaced_at = tuple(unit.jobs.replaced_reports(kind, period))
        changed = _changed_since(unit, published, first, last, division_id)
    report = from_content(kind, period, first, last, published, division_id)
    return replace(report, changed_people=changed, replaced_at=replaced_at)


def _changed_since(
    unit: UnitOfWork, published: ReportRecord, first: date, last: date, division_id: UUID | None
) -> tuple[str, ...]:
    """Names of those whose sums are no longer the published ones; then of those who were not in the report at all.

    That workdays were deleted for their age is no change of what was published.
    """
    current = unit.workdays.figures(first, last)
    if not current or unit.months.deleted() & {month_of(first), month_of(last)}:
        return ()
    names = changed_names(published.content, current, division_id)
    found = newly_noted(published.content, current)
    added_people = unit.people.by_ids(found, last).values() if found else ()
    own = [one for one in added_people if division_id is None or one.division_id == division_id]
    return (*names, *(one.name for one in sorted(own, key=lambda one: one.employee_no)))


def publish_week(context: ServerContext, monday: date) -> bool:
    """Publish a week as it is judged now; False when it was published before."""
    return _publish(context, "week", week_name(monday))


def publish_month(context: ServerContext, first: date) -> bool:
    """Publish a month as it is judged now, with the amendments that none has listed yet; False when it was before."""
    return _publish(context, "month", f"{first:%Y-%m}")


def _publish(context: ServerContext, kind: PeriodKind, period: str) -> bool:
    first, last = week_of(period) if kind == "week" else month_days(period)
    with context.unit() as unit:
        was_withdrawn = unit.jobs.withdrawn_report(kind, period) is not None
        signed = unit.months.list_in(period) if kind == "month" else []
        report = _as_it_stands(context, unit, kind, period, first, last, None, signed)
        made = unit.jobs.add_report(kind, period, context.clock.now(), content_of(report))
        if not made and not was_withdrawn:
            # Not ours to publish: the amendments wait for the next one.
            return False
        now = context.clock.host_now()
        for mail_kind in (kind, MONTH_SHEET) if kind == "month" else (kind,):
            queue_report(unit, context.settings.mail, mail_kind, period, now, again=made and was_withdrawn)
        unit.commit()
    return made


def _as_it_stands(
    context: ServerContext,
    unit: UnitOfWork,
    kind: PeriodKind,
    period: str,
    first: date,
    last: date,
    division_id: UUID | None,
    signed: Sequence[AmendmentRecord],
) -> PeriodReport:
    # One division's rank is a rank among all, so everybody is summed for one division, too.
    everybody = _people(unit, first, last)
    history = rules_in_force(context, unit).history
    rules = history.on(last)
    people = [line for line in everybody if division_id is None or line.division_id == division_id]
    own = {line.division for line in people}
    # Points and limits are a month's.
    scored = kind == "month"
    divisions = tuple(line for line in _divisions(everybody, rules, scored=scored) if line.name in own)
    standings = None
    if kind == "month":
        on = min(last, context.site.day_of(context.clock.now()))
        standings = read_standings(unit, history.on(on), first, on, [line.person_id for line in people])
    amendments = _amendments(context, unit, signed, division_id)
    ranked_by = _ranked_by(rules, scored=scored)
    whole = altogether(divisions)
    return PeriodReport(
        kind, period, first, last, whole, divisions, tuple(people), amendments, None, ranked_by, standings
    )


def _people(unit: UnitOfWork, first: date, last: date) -> list[PersonLine]:
    sums = unit.workdays.sums(first, last)
    lines = []
    for person in unit.people.between(first, last):
        expected_days, open_workdays, tally = sums.get(person.person_id, (0, 0, Tally()))
        lines.append(
            PersonLine(
                person.person_id,
                person.employee_no,
                person.name,
                person.division_id,
                person.division or "",
                expected_days,
                open_workdays,
                tally,
            )
        )
    return lines


def _divisions(people: Sequence[PersonLine], rules: RuleSet, *, scored: bool) -> list[DivisionLine]:
    """Lines of divisions by name; people without a division are a line without points and rank."""
    lines = []
    for name, members in sorted(by_division(people).items()):
        line = summed(name, members)
        scoring = rules.scoring
        if scoring is not None and scored and name:
            counted = sum(times(line.tally, one) for one in scoring.division_counts)
            line = replace(line, score=division_score(rules, counted))
        lines.append(line)
    return with_ranks(lines) if rules.show_ranks else lines


def _ranked_by(rules: RuleSet, *, scored: bool) -> RankedBy | None:
    if not rules.show_ranks:
        return None
    return "points" if scored and division_score(rules, 0) is not None else "facts"


def _next_bulletin(context: ServerContext, unit: UnitOfWork) -> str:
    """The month whose bulletin is published next: the oldest one that is due, else the first that will be."""
    now, site, schedule = context.clock.now(), context.site, context.settings.jobs
    joined = [person.joined_on for person in unit.people.everybody()]
    due = due_periods(now, site, schedule, min(joined, default=site.day_of(now)))
    bulletins = [one for one in due if one.job == "month_bulletin"]
    published = unit.reading.published_at("month")
    following, _ = next_due("month_bulletin", now, site, schedule)
    while following.period in published:
        following = following.following
    return next((one.period for one in bulletins if one.period not in published), following.period)


def _amendments(
    context: ServerContext, unit: UnitOfWork, signed: Sequence[AmendmentRecord], division_id: UUID | None
) -> tuple[AmendmentLine, ...]:
    """Each one in the division that the person belonged to on the amended day."""
    if not signed:
        return ()
    rules = rules_in_force(context, unit)
    of_day: dict[date, set[UUID]] = {}
    for one in signed:
        of_day.setdefault(one.day, set()).add(one.person_id)
    people = {day: unit.people.by_ids(list(person_ids), day) for day, person_ids in of_day.items()}
    return tuple(
        AmendmentLine(
            person.employee_no,
            person.name,
            person.division_id,
            person.division or "",
            one.day,
            {said: amended_verdict(one, one.before, rules, said) for said in LANGUAGES},
            {said: amended_verdict(one, one.after, rules, said) for said in LANGUAGES},
            one.reason or "",
            one.who,
        )
        for one in signed
        if division_id in (None, (person := people[one.day][one.person_id]).division_id)
    )
