"""The day's late-arrival and early-leave report: read from derived workdays, published once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from models.language import Language
from server.attendance.explaining import explain, summary
from server.attendance.verdicts import Status, WorkdayVerdict
from server.services.context import ServerContext
from server.storage.records import PersonRecord
from server.storage.unit_of_work import UnitOfWork

DAY_REPORT: Final = "day"
NOTED: Final[tuple[Status, ...]] = ("late", "early_leave", "missing_clock", "absent")
"""What a report names people for."""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One person's day.

    Attributes:
        verdict: with its reasons; None while the workday was not judged yet.
        changed_since_published: the verdict is no longer the published one.
    """

    person: PersonRecord
    verdict: WorkdayVerdict | None
    changed_since_published: bool

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
class DayReport:
    """A day of the court or of one division.

    Attributes:
        lines: by division and number.
        published_at: when the scheduled report was published, None before.
    """

    day: date
    lines: tuple[ReportLine, ...]
    published_at: datetime | None

    @property
    def noted(self) -> tuple[ReportLine, ...]:
        """Those whom the report names."""
        return tuple(line for line in self.lines if line.noted)

    @property
    def all_judged(self) -> bool:
        """Whether everybody has a verdict that time alone does not change; True when there is nobody."""
        return all(line.verdict is not None and line.verdict.is_final for line in self.lines)

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
        return _read(unit, day, division_id)


def _read(unit: UnitOfWork, day: date, division_id: UUID | None) -> DayReport:
    published = unit.jobs.report(DAY_REPORT, day.isoformat())
    published_verdicts: dict[str, Any] = {} if published is None else published.content["verdicts"]
    workdays = {record.person_id: record for record in unit.workdays.of_day(day)}
    lines = []
    for person in unit.people.active(division_id):
        record = workdays.get(person.person_id)
        if record is None and person.joined_on > day:
            continue
        verdict = None if record is None else WorkdayVerdict.from_json(record.verdict)
        before = published_verdicts.get(str(person.person_id))
        changed = published is not None and before != (None if record is None else record.verdict)
        lines.append(ReportLine(person, verdict, changed))
    return DayReport(day, tuple(lines), None if published is None else published.made_at)


def publish_day_report(context: ServerContext, day: date) -> bool:
    """Publish the day as it is judged now; False when it was published before. Never changes a published one."""
    with context.unit() as unit:
        verdicts = {str(record.person_id): record.verdict for record in unit.workdays.of_day(day)}
        published = unit.jobs.add_report(
            DAY_REPORT,
            day.isoformat(),
            context.clock.now(),
            {"verdicts": verdicts, "rule_version": context.rules.version},
        )
        unit.commit()
    return published
