"""The weekly posting and the monthly bulletin: sums of derived workdays, published once, then unchangeable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from models.errors import CourtclockError
from server.attendance.counting import added, division_score, times
from server.attendance.rules import RuleSet
from server.attendance.verdicts import Tally
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.mailing import queue_report
from server.storage.months import AmendmentRecord
from server.storage.records import ReportRecord
from server.storage.unit_of_work import UnitOfWork
from server.storage.workdays import FIGURES

PeriodKind = Literal["week", "month"]
_ONE_DAY: Final = timedelta(days=1)
_FORM: Final = 1
_NOTHING: Final = (0,) * len(FIGURES)


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person's period.

    Attributes:
        workdays: derived ones, days off included.
        open_workdays: those that time alone may still change.
    """

    person_id: UUID
    employee_no: str
    name: str
    division_id: UUID | None
    division: str
    workdays: int
    open_workdays: int
    tally: Tally

    @property
    def noted(self) -> bool:
        """Whether the report names this person."""
        tally = self.tally
        return bool(
            tally.late_times
            or tally.early_times
            or tally.missing_points
            or tally.absent_half_days
            or tally.off_post_times
        )


@dataclass(frozen=True, slots=True)
class DivisionLine:
    """One division's period, or the court's.

    Attributes:
        name: empty for people without a division.
        score: points left, None where the rules give none.
        rank: from 1, by the rate of late arrivals and early leaves; None where the rules do not rank, or nothing was
            expected.
    """

    name: str
    people: int
    noted_people: int
    tally: Tally
    score: float | None = None
    rank: int | None = None

    @property
    def late_rate(self) -> float | None:
        """Late arrivals of those that were expected."""
        return self.tally.late_times / self.tally.arrivals if self.tally.arrivals else None

    @property
    def early_rate(self) -> float | None:
        """Early leaves of the departures that were expected."""
        return self.tally.early_times / self.tally.departures if self.tally.departures else None

    @property
    def rate(self) -> float | None:
        """Both together."""
        expected = self.tally.arrivals + self.tally.departures
        return (self.tally.late_times + self.tally.early_times) / expected if expected else None


@dataclass(frozen=True, slots=True)
class AmendmentLine:
    """A signed change to a month that was locked."""

    employee_no: str
    name: str
    division_id: UUID | None
    division: str
    day: date
    before: str
    after: str
    reason: str
    signed_by: str


@dataclass(frozen=True, slots=True)
class PeriodReport:
    """A week or a month of the court, or of one division.

    Attributes:
        period: such as 2026-W47 or 2026-10.
        people: by division and number.
        divisions: by name.
        amendments: signed since the bulletin before.
        published_at: None while it is not published, and then it is as things stand now.
        changed_people: names of those whose sums are no longer the published ones.
        ranked: whether the rules want ranks.
    """

    kind: PeriodKind
    period: str
    first_day: date
    last_day: date
    court: DivisionLine
    divisions: tuple[DivisionLine, ...]
    people: tuple[PersonLine, ...]
    amendments: tuple[AmendmentLine, ...]
    published_at: datetime | None
    ranked: bool
    changed_people: tuple[str, ...] = ()

    @property
    def noted(self) -> tuple[PersonLine, ...]:
        """Those whom the report names."""
        return tuple(line for line in self.people if line.noted)


def week_of(period: str) -> tuple[date, date]:
    """Monday and Sunday of a week such as 2026-W47.

    Raises:
        CourtclockError: ``page.bad_week``.
    """
    try:
        year, week = period.split("-W")
        if len(year) != 4 or len(week) != 2:
            raise ValueError(period)
        monday = date.fromisocalendar(int(year), int(week), 1)
        return monday, monday + 6 * _ONE_DAY
    except (ValueError, OverflowError) as error:
        raise CourtclockError("page.bad_week", text=period) from error


def month_days(period: str) -> tuple[date, date]:
    """First and last day of a month such as 2026-10.

    Raises:
        CourtclockError: ``page.bad_month``.
    """
    try:
        if len(period) != 7:
            raise ValueError(period)
        first = date.fromisoformat(f"{period}-01")
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
            return _as_it_stands(context, unit, kind, period, first, last, division_id)
        current = unit.workdays.figures(first, last)
    report = _from_content(kind, period, first, last, published, division_id)
    return replace(report, changed_people=_changed_since(published, current, division_id))


def _changed_since(
    published: ReportRecord, current: Mapping[str, tuple[int, ...]], division_id: UUID | None
) -> tuple[str, ...]:
    """Names of those whose sums are no longer the published ones; figures that were not known then are left out."""
    names: list[str] = published.content["figures"]
    where = [FIGURES.index(name) for name in names if name in FIGURES]
    kept = [number for number, name in enumerate(names) if name in FIGURES]
    own = None if division_id is None else str(division_id)
    changed = []
    for person_id, _, name, division, _, _, _, *figures in published.content["people"]:
        if own is not None and division != own:
            continue
        now = current.get(person_id, _NOTHING)
        if [now[number] for number in where] != [figures[number] for number in kept]:
            changed.append(name)
    return tuple(changed)


def publish_week(context: ServerContext, monday: date) -> bool:
    """Publish a week as it is judged now; False when it was published before."""
    return _publish(context, "week", week_name(monday))


def publish_month(context: ServerContext, first: date) -> bool:
    """Publish a month as it is judged now, with the amendments since the bulletin before; False when it was before."""
    return _publish(context, "month", f"{first:%Y-%m}")


def _publish(context: ServerContext, kind: PeriodKind, period: str) -> bool:
    first, last = week_of(period) if kind == "week" else month_days(period)
    with context.unit() as unit:
        report = _as_it_stands(context, unit, kind, period, first, last, None)
        made = unit.jobs.add_report(kind, period, context.clock.now(), _content(report))
        if made:
            queue_report(unit, context.settings.mail, kind, period, context.clock.host_now())
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
) -> PeriodReport:
    people = _people(unit, first, last, division_id)
    rules = rules_in_force(context, unit).history.on(last)
    amendments: tuple[AmendmentLine, ...] = ()
    if kind == "month":
        since = unit.jobs.last_report_before(kind, period)
        start = datetime.min.replace(tzinfo=context.clock.now().tzinfo) if since is None else since.made_at
        signed = unit.months.signed_between(start, context.clock.now() + timedelta(microseconds=1))
        amendments = _amendments(unit, signed, division_id)
    return _report(kind, period, first, last, people, rules, amendments, None)


def _report(
    kind: PeriodKind,
    period: str,
    first: date,
    last: date,
    people: Sequence[PersonLine],
    rules: RuleSet,
    amendments: tuple[AmendmentLine, ...],
    published_at: datetime | None,
) -> PeriodReport:
    return PeriodReport(
        kind,
        period,
        first,
        last,
        _line("", people),
        tuple(_divisions(people, rules)),
        tuple(people),
        amendments,
        published_at,
        rules.show_ranks,
    )


def _people(unit: UnitOfWork, first: date, last: date, division_id: UUID | None) -> list[PersonLine]:
    sums = unit.workdays.sums(first, last)
    lines = []
    for person in unit.people.between(first, last, division_id):
        workdays, open_workdays, tally = sums.get(person.person_id, (0, 0, Tally()))
        lines.append(
            PersonLine(
                person.person_id,
                person.employee_no,
                person.name,
                person.division_id,
                person.division or "",
                workdays,
                open_workdays,
                tally,
            )
        )
    return lines


def _line(name: str, people: Sequence[PersonLine]) -> DivisionLine:
    return DivisionLine(name, len(people), sum(line.noted for line in people), added(line.tally for line in people))


def _divisions(people: Iterable[PersonLine], rules: RuleSet) -> list[DivisionLine]:
    of_name: dict[str, list[PersonLine]] = {}
    for person in people:
        of_name.setdefault(person.division, []).append(person)
    lines = []
    for name in sorted(of_name):
        line = _line(name, of_name[name])
        scoring = rules.scoring
        if scoring is not None:
            counted = sum(times(line.tally, one) for one in scoring.division_counts)
            line = replace(line, score=division_score(rules, counted))
        lines.append(line)
    if not rules.show_ranks:
        return lines
    rates = sorted(line.rate for line in lines if line.rate is not None)
    return [line if line.rate is None else replace(line, rank=1 + rates.index(line.rate)) for line in lines]


def _amendments(
    unit: UnitOfWork, signed: Sequence[AmendmentRecord], division_id: UUID | None
) -> tuple[AmendmentLine, ...]:
    people = unit.people.by_ids(list({one.person_id for one in signed}))
    return tuple(
        AmendmentLine(
            people[one.person_id].employee_no,
            people[one.person_id].name,
            people[one.person_id].division_id,
            people[one.person_id].division or "",
            one.day,
            str(one.before.get("status", "")),
            str(one.after.get("status", "")),
            one.reason or "",
            one.decided_by or "",
        )
        for one in signed
        if division_id is None or people[one.person_id].division_id == division_id
    )


def _content(report: PeriodReport) -> dict[str, Any]:
    """A report as plain JSON values: everybody's figures, and the rules' words on ranks and scores."""
    return {
        "form": _FORM,
        "figures": list(FIGURES),
        "ranked": report.ranked,
        "divisions": [[line.name, line.score, line.rank] for line in report.divisions],
        "people": [
            [
                str(line.person_id),
                line.employee_no,
                line.name,
                None if line.division_id is None else str(line.division_id),
                line.division,
                line.workdays,
                line.open_workdays,
                *(getattr(line.tally, name) for name in FIGURES),
            ]
            for line in report.people
        ],
        "amendments": [
            [
                one.employee_no,
                one.name,
                None if one.division_id is None else str(one.division_id),
                one.division,
                one.day.isoformat(),
                one.before,
                one.after,
                one.reason,
                one.signed_by,
            ]
            for one in report.amendments
        ],
    }


def _from_content(
    kind: PeriodKind, period: str, first: date, last: date, record: ReportRecord, division_id: UUID | None
) -> PeriodReport:
    content = record.content
    names: list[str] = content["figures"]
    people = []
    for person_id, number, name, division, division_name, workdays, open_workdays, *figures in content["people"]:
        own = None if division is None else UUID(division)
        if division_id is not None and own != division_id:
            continue
        tally = Tally(**dict(zip(names, figures, strict=True)))
        people.append(PersonLine(UUID(person_id), number, name, own, division_name, workdays, open_workdays, tally))
    of_name: dict[str, list[PersonLine]] = {}
    for line in people:
        of_name.setdefault(line.division, []).append(line)
    divisions = tuple(
        replace(_line(name, of_name[name]), score=score, rank=rank)
        for name, score, rank in content["divisions"]
        if name in of_name
    )
    amendments = tuple(
        AmendmentLine(
            number,
            name,
            None if division is None else UUID(division),
            division_name,
            date.fromisoformat(day),
            before,
            after,
            reason,
            signed_by,
        )
        for number, name, division, division_name, day, before, after, reason, signed_by in content["amendments"]
        if division_id is None or division == str(division_id)
    )
    return PeriodReport(
        kind,
        period,
        first,
        last,
        _line("", people),
        divisions,
        tuple(people),
        amendments,
        record.made_at,
        content["ranked"],
    )
