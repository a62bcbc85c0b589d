"""The rules, the calendar and the rosters in force, read from the database; and putting others in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final, Literal
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from models.language import N_
from server.attendance.calendar import Calendar
from server.attendance.day_plans import DayPlan, Planner
from server.attendance.overlays import Absence, Correction, Overlays, Waiver
from server.attendance.rosters import NOBODYS, Expectation, Roster
from server.attendance.rule_documents import parse_rules
from server.attendance.rules import BEGINNING, RuleHistory, RuleSet, RuleVersion
from server.attendance.site_days import SiteDays
from server.services.context import ServerContext
from server.storage.court_rules import RulesState, RuleVersionRecord
from server.storage.requests import StoredRequest
from server.storage.unit_of_work import UnitOfWork

_ONE_DAY: Final = timedelta(days=1)
FIRST_REASON: Final = N_("first rules")

# Reading a document takes milliseconds, and what a version says never changes.
_READ: dict[str, RuleSet] = {}
# Rules, calendar edits, words on years and official years are only ever added to, so how many there are says which they
# are.
_KNOWN: WeakKeyDictionary[Engine, tuple[RulesState, SiteDays, str, CourtRules]] = WeakKeyDictionary()


def _read(version: str, document: Mapping[str, Any]) -> RuleSet:
    found = _READ.get(version)
    if found is None:
        rules = parse_rules(document)
        # As it was called when it was put in force: an earlier release may have called it otherwise.
        found = _READ[version] = replace(rules, earlier_versions=(*rules.earlier_versions, version))
    return found


class CourtRules:
    """What is expected of whom: rules in versions, calendar, rosters; as they stand in one unit of work.

    Attributes:
        history: every version of the rules.
        calendar: with HR's edits.
    """

    def __init__(self, site: SiteDays, history: RuleHistory, calendar: Calendar) -> None:
        self.site: Final = site
        self.history: Final = history
        self.calendar: Final = calendar
        self._planner = Planner(site)
        self._default: dict[date, Expectation] = {}

    def expected(self, roster: Roster, day: date) -> Expectation:
        """What is expected of the owner of a roster on a day."""
        if roster is not NOBODYS:
            return roster.expected_on(day, self.history, self.calendar)
        found = self._default.get(day)
        if found is None:
            found = self._default[day] = NOBODYS.expected_on(day, self.history, self.calendar)
        return found

    def plan(self, roster: Roster, day: date) -> tuple[DayPlan, Expectation]:
        """The plan of one day of the owner of a roster."""
        on = self.expected(roster, day)
        before = self.expected(roster, day - _ONE_DAY)
        return self._planner.plan(day, before, on, self.expected(roster, day + _ONE_DAY)), on


def rules_in_force(context: ServerContext, unit: UnitOfWork, draft: tuple[RuleSet, date] | None = None) -> CourtRules:
    """The rules as the database has them; with a draft and its first day, as if it held from then on.

    A database that no rules were put in force in has the first rules of the settings.
    """
    state = unit.court_rules.state()
    found = _KNOWN.get(context.engine)
    if found is None or found[:3] != (state, context.site, context.first_rules.version):
        found = (state, context.site, context.first_rules.version, read_rules_anew(context, unit))
        _KNOWN[context.engine] = found
    rules = found[3]
    if draft is None:
        return rules
    # Versions that began later would hide the draft on the very days that it is tried on.
    earlier = RuleHistory([one for one in rules.history.versions if one.effective_from <= draft[1]])
    return CourtRules(context.site, earlier.with_draft(*draft), rules.calendar)


def read_rules_anew(context: ServerContext, unit: UnitOfWork) -> CourtRules:
    """As ``rules_in_force``, in a unit that has added to them and may yet be undone."""
    versions = [
        RuleVersion(record.number, record.effective_from, _read(record.version, record.document))
        for record in unit.court_rules.rule_versions()
    ]
    if not versions:
        versions = [RuleVersion(1, BEGINNING, context.first_rules)]
    court = unit.court_rules
    calendar = Calendar(court.calendar_edits(), court.year_words(), court.official_years())
    return CourtRules(context.site, RuleHistory(versions), calendar)


def keep_first_rules(context: ServerContext, unit: UnitOfWork) -> None:
    """Write the first rules down, so that a later change of the settings changes no verdict."""
    if unit.court_rules.last_rule_number() == 0:
        rules = context.first_rules
        unit.court_rules.add_rule_version(
            RuleVersionRecord(
                1, BEGINNING, rules.version, dict(rules.document), FIRST_REASON, "config.yaml", context.clock.now()
            )
        )


def write_first_rules(context: ServerContext) -> None:
    """Write the first rules down where none are, in a unit of its own."""
    with context.unit() as unit:
        keep_first_rules(context, unit)
        unit.commit()


def rosters_of(unit: UnitOfWork, person_ids: Iterable[UUID] | None) -> dict[UUID, Roster]:
    """The rosters of those of these people who have entries of their own; None is everybody."""
    entries: dict[UUID, list[Any]] = {}
    for entry in unit.court_rules.roster_entries(person_ids):
        entries.setdefault(entry.person_id, []).append(entry)
    return {person_id: Roster(own) for person_id, own in entries.items()}


def overlays_of(requests: Iterable[StoredRequest]) -> dict[UUID, Overlays]:
    """Approved requests as the rules see them, by person."""
    absences: dict[UUID, list[Absence]] = {}
    corrections: dict[UUID, list[Correction]] = {}
    waivers: dict[UUID, list[Waiver]] = {}
    people = set()
    for one in requests:
        filed = one.filed
        if one.step is None or not one.in_force:
            continue
        decided_at = one.step.decided_at
        if filed.kind in ("leave", "duty"):
            ends_at = one.ends_at
            # Who returned before it began was never away.
            if filed.starts_at is None or ends_at is None or ends_at <= filed.starts_at:
                continue
            kind: Literal["leave", "duty"] = "leave" if filed.kind == "leave" else "duty"
            absences.setdefault(filed.person_id, []).append(
                Absence(filed.request_id, kind, filed.name, filed.starts_at, ends_at)
            )
        elif filed.day is None:
            continue
        elif filed.kind == "correction":
            if filed.point is None or filed.starts_at is None:
                continue
            corrections.setdefault(filed.person_id, []).append(
                Correction(
                    filed.request_id, filed.day, filed.point, filed.starts_at, filed.name, filed.filed_at, decided_at
                )
            )
        else:
            waivers.setdefault(filed.person_id, []).append(
                Waiver(
                    filed.request_id,
                    filed.day,
                    filed.point,
                    filed.outage_id is not None,
                    filed.reason,
                    filed.filed_at,
                    decided_at,
                )
            )
        people.add(filed.person_id)
    return {
        person_id: Overlays(
            tuple(absences.get(person_id, ())),
            tuple(corrections.get(person_id, ())),
            tuple(waivers.get(person_id, ())),
        )
        for person_id in people
    }
