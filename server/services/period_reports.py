"""A week or a month of the court as a value, and as the plain JSON values that are published and never change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import itemgetter
from typing import Any, Final, Literal
from uuid import UUID

from models.language import LANGUAGES, Language
from server.attendance.verdicts import Tally
from server.attendance.wording import status_names
from server.services.period_lines import DivisionLine, PersonLine, altogether, by_division, summed
from server.services.ranking import RankedBy
from server.services.standings import Standings
from server.storage.records import ReportRecord
from server.storage.workdays import FIGURES

PeriodKind = Literal["week", "month"]
_FORM: Final = 2
"""In the first one a person had all derived workdays in place of those on which work was expected, and an amendment
the names of its statuses in place of words."""
_NOTHING: Final = (0,) * len(FIGURES)


@dataclass(frozen=True, slots=True)
class AmendmentLine:
    """A signed change to a month that was locked.

    Attributes:
        before, after: the verdicts in words, by language.
        signed_by: as people call them.
    """

    employee_no: str
    name: str
    division_id: UUID | None
    division: str
    day: date
    before: Mapping[Language, str]
    after: Mapping[Language, str]
    reason: str
    signed_by: str


@dataclass(frozen=True, slots=True)
class PeriodReport:
    """A week or a month of the court, or of one division.

    Attributes:
        period: such as 2026-W47 or 2026-10.
        people: by division and number.
        divisions: by name.
        amendments: signed ones that no bulletin before has listed.
        published_at: None while it is not published, and then it is as things stand now.
        standings: where people stand with points and limits, which are a month's; None where there are none, or a
            report of an earlier form does not say.
        changed_people: names of those whose sums are no longer the published ones.
        withdrawn_at: when one was published that came before its time and waits for it, withdrawn; None mostly.
        replaced_at: when those were published whose place this one took, because they came before their time.
        ranked_by: what the ranks rest on; None where the rules want none.
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
    ranked_by: RankedBy | None
    standings: Standings | None = None
    changed_people: tuple[str, ...] = ()
    withdrawn_at: datetime | None = None
    replaced_at: tuple[datetime, ...] = ()

    @property
    def noted(self) -> tuple[PersonLine, ...]:
        """Those whom the report names."""
        return tuple(line for line in self.people if line.noted)

    @property
    def excused_only(self) -> tuple[PersonLine, ...]:
        """Those of whom nothing is noted because it was waived; they stand apart."""
        return tuple(line for line in self.people if line.excused_only)


def content_of(report: PeriodReport) -> dict[str, Any]:
    """A report as plain JSON values: everybody's figures, and the rules' words on ranks and scores."""
    return {
        "form": _FORM,
        "figures": list(FIGURES),
        "ranked_by": report.ranked_by,
        "standings": None if report.standings is None else report.standings.to_json(),
        "divisions": [[line.name, line.score, line.rank] for line in report.divisions],
        "people": [
            [
                str(line.person_id),
                line.employee_no,
                line.name,
                None if line.division_id is None else str(line.division_id),
                line.division,
                line.expected_days,
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
                dict(one.before),
                dict(one.after),
                one.reason,
                one.signed_by,
            ]
            for one in report.amendments
        ],
    }


def from_content(
    kind: PeriodKind, period: str, first: date, last: date, record: ReportRecord, division_id: UUID | None
) -> PeriodReport:
    """The inverse of ``content_of``, for the court or one division: ranks and scores are those that were published."""
    content = record.content
    # Figures that are no longer kept are left out; those that were not kept then are 0.
    names: list[str] = [name for name in content["figures"] if name in FIGURES]
    kept = _kept_figures(content)
    divisions_by_text: dict[str | None, UUID | None] = {None: None}
    own = None if division_id is None else str(division_id)
    people = []
    is_first_form = content["form"] == 1
    for person_id, number, name, division, division_name, days, open_workdays, *figures in content["people"]:
        if own is not None and division != own:
            continue
        if division not in divisions_by_text:
            divisions_by_text[division] = UUID(division)
        where = divisions_by_text[division]
        tally = Tally(**dict(zip(names, kept(figures), strict=True)))
        expected = None if is_first_form else days
        people.append(PersonLine(UUID(person_id), number, name, where, division_name, expected, open_workdays, tally))
    of_name = by_division(people)
    divisions = tuple(
        replace(summed(name, of_name[name]), score=score, rank=rank)
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
            _in_words(before),
            _in_words(after),
            reason,
            signed_by,
        )
        for number, name, division, division_name, day, before, after, reason, signed_by in content["amendments"]
        if own is None or division == own
    )
    return PeriodReport(
        kind,
        period,
        first,
        last,
        altogether(divisions),
        divisions,
        tuple(people),
        amendments,
        record.made_at,
        ("rate" if content["ranked"] else None) if is_first_form else content["ranked_by"],
        Standings.from_json(content["standings"]) if content.get("standings") else None,
    )


def _in_words(verdict: str | dict[Language, str]) -> Mapping[Language, str]:
    """A verdict of an amendment by language; reports of the first form name its statuses alone."""
    if isinstance(verdict, str):
        return {language: status_names(verdict, language) for language in LANGUAGES}
    return verdict


def changed_names(
    content: Mapping[str, Any], current: Mapping[str, tuple[int, ...]], division_id: UUID | None
) -> list[str]:
    """Names of those in a published report whose sums are no longer the published ones, in its order.

    Args:
        content: of the published report; figures that were not kept then are not compared.
        current: the sums of today in the order of ``FIGURES``, by the text of the person's identifier.
        division_id: one division as published; None is the court.
    """
    kept = _kept_figures(content)
    of_today = itemgetter(*(FIGURES.index(name) for name in content["figures"] if name in FIGURES))
    own = None if division_id is None else str(division_id)
    return [
        name
        for person_id, _, name, division, _, _, _, *figures in content["people"]
        if (own is None or division == own) and of_today(current.get(person_id, _NOTHING)) != kept(figures)
    ]


def newly_noted(content: Mapping[str, Any], current: Mapping[str, tuple[int, ...]]) -> list[UUID]:
    """Identifiers of people who are not in a published report and whose sums of today are not nothing."""
    known = {line[0] for line in content["people"]}
    return [UUID(one) for one in current.keys() - known if any(current[one])]


def _kept_figures(content: Mapping[str, Any]) -> itemgetter[Any]:
    """Of the figures of a published person, those that are still kept, in the order of the report."""
    names: list[str] = content["figures"]
    return itemgetter(*(number for number, name in enumerate(names) if name in FIGURES))
