"""The day's late-arrival and early-leave report: read from derived workdays, published once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from models.language import LANGUAGES, Language
from server.attendance.explaining import explain, summary
from server.attendance.verdicts import Status, WorkdayVerdict
from server.services.context import ServerContext
from server.services.court_rules import CourtRules, rules_in_force
from server.services.deriving import as_verdict
from server.services.mailing import queue_report
from server.storage.records import PersonRecord, WorkdayRecord
from server.storage.unit_of_work import UnitOfWork
from server.storage.workdays import as_plain

DAY_REPORT: Final = "day"
NOTED: Final[tuple[Status, ...]] = (
    "absent",
    "absent_half_day",
    "late",
    "early_leave",
    "missing_clock",
    "off_post",
)
"""What a report names people for."""


@dataclass(frozen=True, slots=True)
class PublishedLine:
    """What a published report says about somebody whom it names.

    Attributes:
        words: the verdict in a line, by language.
        reasons: each of them, by language.
        day: its date, where it is an earlier one than the report's.
    """

    person_id: UUID
    employee_no: str
    name: str
    division_id: UUID | None
    division: str | None
    words: Mapping[str, str]
    reasons: Mapping[str, Sequence[str]]
    day: date | None = None

    def belongs_to(self, division_id: UUID | None, division: str | None) -> bool:
        """Whether it is about this division as it was published; None is the court."""
        # The first versions kept the name alone.
        own = self.division_id == division_id if self.division_id is not None else self.division == division
        return division_id is None or own


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One person's day.

    Attributes:
        verdict: with its reasons; None while the workday was not judged yet.
        changed_since_published: the verdict is no longer the published one.
        published: what the published report says; None when it does not name this person, or there is none.
    """

    person: PersonRecord
    verdict: WorkdayVerdict | None
    changed_since_published: bool
    published: PublishedLine | None = None

    @property
    def noted(self) -> bool:
        """Whether the report names this person."""
        return self.verdict is not None and any(status in NOTED for status in self.verdict.status)

    def summary(self, language: Language) -> str:
        """One short line, empty while not judged."""
        return "" if self.verdict is None else summary(self.verdict, language)

    def explanation(self, language: Language) -> list[str]:
        """Every reason, empty while not judged."""
        return [] if self.verdict is None else explain(self.verdict, language)


@dataclass(frozen=True, slots=True)
class JudgedSince:
    """A workday of an earlier date, such as a night duty, that was still open when the report before was published."""

    day: date
    line: ReportLine


@dataclass(frozen=True, slots=True)
class DayReport:
    """A day of the court or of one division.

    Attributes:
        lines: by division and number.
        published_at: when the scheduled report was published, None before.
        judged_since: those that no earlier report could name and that are judged to the end now, by date.
        published: whom it names, as it was published.
        published_since: those of ``noted_since``, as it was published.
        withdrawn_at: when one was published that came before its time and waits for it, withdrawn; None mostly.
        replaced_at: when those were published whose place this one took, because they came before their time.
    """

    day: date
    lines: tuple[ReportLine, ...]
    published_at: datetime | None
    judged_since: tuple[JudgedSince, ...] = ()
    published: tuple[PublishedLine, ...] = ()
    published_since: tuple[PublishedLine, ...] = ()
    withdrawn_at: datetime | None = None
    replaced_at: tuple[datetime, ...] = ()

    @property
    def noted_since(self) -> tuple[JudgedSince, ...]:
        """Those of ``judged_since`` whom the report names."""
        return tuple(one for one in self.judged_since if one.line.noted)

    @property
    def noted(self) -> tuple[ReportLine, ...]:
        """Those whom the report names."""
        return tuple(line for line in self.lines if line.noted)

    @property
    def others(self) -> tuple[ReportLine, ...]:
        """Everybody else."""
        return tuple(line for line in self.lines if not line.noted)

    @property
    def all_judged(self) -> bool:
        """Whether everybody has a verdict that time alone does not change; True when there is nobody."""
        return all(map(_is_final, self.lines))

    def count(self, status: Status) -> int:
        """How many people have this verdict."""
        return sum(line.verdict is not None and status in line.verdict.status for line in self.lines)


def day_report(context: ServerContext, day: date, division_id: UUID | None = None) -> DayReport:
    """The day as it is judged now, with what changed since it was published.

    Args:
        context: the server's parts.
        day: the workday.
        division_id: one division only, as a division head sees it; None is the court.
    """
    with context.unit(read_only=True) as unit:
        return _read(unit, rules_in_force(context, unit), day, division_id)


def _read(unit: UnitOfWork, rules: CourtRules, day: date, division_id: UUID | None) -> DayReport:
    published = unit.jobs.report(DAY_REPORT, day.isoformat())
    # Reports of the first version held verdicts in another form; whether they changed is not known.
    digests: dict[str, str] | None = None if published is None else published.content.get("digests")
    told = [] if published is None else [_published_line(one) for one in published.content["noted"]]
    told_of = {one.person_id: one for one in told}
    withdrawn = unit.jobs.withdrawn_report(DAY_REPORT, day.isoformat())
    division = None if division_id is None else unit.reading.division_name(division_id)
    workdays = {record.person_id: record for record in unit.workdays.of_day(day)}
    lines = []
    for person in unit.people.of_day(day, division_id):
        record = workdays.get(person.person_id)
        verdict = None if record is None else as_verdict(record, rules)
        before = None if digests is None else digests.get(str(person.person_id))
        changed = digests is not None and before != (None if record is None else digest_of(record))
        lines.append(ReportLine(person, verdict, changed, told_of.get(person.person_id)))
    since = tuple(one for one in _open_before(unit, rules, day, division_id) if _is_final(one.line))
    told_since = [] if published is None else [_published_line(one) for one in published.content.get("noted_since", [])]
    return DayReport(
        day,
        tuple(lines),
        None if published is None else published.made_at,
        since,
        tuple(one for one in told if one.belongs_to(division_id, division)),
        tuple(one for one in told_since if one.belongs_to(division_id, division)),
        None if withdrawn is None else withdrawn.made_at,
        tuple(unit.jobs.replaced_reports(DAY_REPORT, day.isoformat())),
    )


def _published_line(noted: Mapping[str, Any]) -> PublishedLine:
    division_id = noted.get("division_id")
    return PublishedLine(
        UUID(noted["person_id"]),
        noted["employee_no"],
        noted["name"],
        None if division_id is None else UUID(division_id),
        noted["division"],
        noted["summary"],
        noted["explanation"],
        date.fromisoformat(noted["day"]) if "day" in noted else None,
    )


def _open_before(unit: UnitOfWork, rules: CourtRules, day: date, division_id: UUID | None) -> list[JudgedSince]:
    """The workdays that were open when the report before this day's was published, as they are judged now."""
    before = unit.jobs.last_report_before(DAY_REPORT, day.isoformat())
    # Reports of earlier states did not say.
    opened = [] if before is None else before.content.get("open", [])
    keys = [(UUID(person_id), date.fromisoformat(on)) for person_id, on in opened]
    if not keys:
        return []
    ids = list({person_id for person_id, _ in keys})
    days = [on for _, on in keys]
    # Each in the division of that day.
    people = {on: unit.people.by_ids(ids, on) for on in set(days)}
    records = {(one.person_id, one.day): one for one in unit.workdays.of_people(ids, min(days), max(days))}
    found = []
    for key in keys:
        person, record = people[key[1]].get(key[0]), records.get(key)
        if person is not None and record is not None and division_id in (None, person.division_id):
            found.append(JudgedSince(key[1], ReportLine(person, as_verdict(record, rules), False)))
    return sorted(found, key=lambda one: (one.day, one.line.person.division or "", one.line.person.employee_no))


def digest_of(record: WorkdayRecord) -> str:
    """SHA-256 of what a workday says: the same digest, the same words."""
    return hashlib.sha256(json.dumps(as_plain(record), sort_keys=True).encode()).hexdigest()


def publish_day_report(context: ServerContext, day: date) -> bool:
    """Publish the day as it is judged now; False when it was published before. Never changes a published one.

    What people were told stays with it in words, in both languages, whatever becomes of rules and translations.
    """
    with context.unit() as unit:
        rules = rules_in_force(context, unit)
        report = _read(unit, rules, day, None)
        still_open = [one for one in _open_before(unit, rules, day, None) if one not in report.judged_since]
        still_open += [JudgedSince(day, line) for line in report.lines if not _is_final(line)]
        records = unit.workdays.of_day(day)
        content = {
            "form": 2,
            "digests": {str(record.person_id): digest_of(record) for record in records},
            "noted": [_in_words(line) for line in report.noted],
            "noted_since": [{"day": one.day.isoformat(), **_in_words(one.line)} for one in report.noted_since],
            # For the next report: what this one could not say yet.
            "open": [[str(one.line.person.person_id), one.day.isoformat()] for one in still_open],
        }
        period = day.isoformat()
        was_withdrawn = unit.jobs.withdrawn_report(DAY_REPORT, period) is not None
        published = unit.jobs.add_report(DAY_REPORT, period, context.clock.now(), content)
        if published or was_withdrawn:
            now = context.clock.host_now()
            queue_report(unit, context.settings.mail, DAY_REPORT, period, now, again=published and was_withdrawn)
        unit.commit()
    return published


def _is_final(line: ReportLine) -> bool:
    return line.verdict is not None and line.verdict.is_final


def _in_words(line: ReportLine) -> dict[str, Any]:
    return {
        "person_id": str(line.person.person_id),
        "employee_no": line.person.employee_no,
        "name": line.person.name,
        "division": line.person.division,
        "division_id": None if line.person.division_id is None else str(line.person.division_id),
        "summary": {language: line.summary(language) for language in LANGUAGES},
        "explanation": {language: line.explanation(language) for language in LANGUAGES},
    }
