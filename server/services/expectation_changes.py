"""Changes to rules, calendar and rosters: each written down, and exactly the workdays touched that it changes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from models.errors import CourtclockError
from models.language import N_, Said
from models.texts import is_plain_text, require_short_text
from server.attendance.calendar import CalendarEdit, DayKind, YearWord
from server.attendance.rosters import NOBODYS, Roster, RosterEntry
from server.attendance.rule_documents import read_rules
from server.attendance.rules import RuleSet
from server.services.context import ServerContext
from server.services.court_rules import CourtRules, keep_first_rules, read_rules_anew, rosters_of, rules_in_force
from server.storage.court_rules import RuleVersionRecord, TakenBack
from server.storage.records import PersonRecord
from server.storage.unit_of_work import UnitOfWork

_ONE_DAY: Final = timedelta(days=1)
_MOST_REASON_CHARACTERS: Final = 2000
_MOST_NAME_CHARACTERS: Final = 100
_TOUCHED_AT_ONCE: Final = 20_000


def required_reason(reason: str) -> str:
    """The reason, trimmed.

    Raises:
        CourtclockError: ``reason.missing``, or ``text.unfit`` when it is too long or holds control characters.
    """
    trimmed = " ".join(reason.split())
    if not trimmed:
        raise CourtclockError("reason.missing")
    if len(trimmed) > _MOST_REASON_CHARACTERS or not is_plain_text(trimmed):
        raise CourtclockError("text.unfit", option="reason", limit=_MOST_REASON_CHARACTERS)
    return trimmed


def later_than(now: datetime, last: datetime | None) -> datetime:
    """Now, or a microsecond after the last word where the clock stood still or went back: the last word must count."""
    return now if last is None else max(now, last + timedelta(microseconds=1))


def _moment(word: YearWord) -> datetime:
    return word.entered_at


def put_rules(
    context: ServerContext, text: str, effective_from: date, reason: str, entered_by: str
) -> RuleVersionRecord:
    """Put a rule document in force from a date on; gives the version.

    Raises:
        CourtclockError: ``rules.invalid``, ``reason.missing``, ``rules.locked`` for a date in or before a month that
            is locked, or ``page.form_expired`` when somebody else put rules in force in the same moment.
    """
    rules = read_rules(text)
    why = required_reason(reason)
    with context.unit() as unit:
        unit.change_expectations()
        stored = unit.court_rules.rule_versions()
        newest = stored[-1] if stored else None
        if newest is not None and (newest.version, newest.effective_from, newest.reason, newest.entered_by) == (
            rules.version,
            effective_from,
            why,
            entered_by,
        ):
            # The same form, sent twice.
            return newest
        newest_locked = max(unit.months.locks(), default="")
        if f"{effective_from:%Y-%m}" <= newest_locked:
            raise CourtclockError("rules.locked", month=newest_locked)
        keep_first_rules(context, unit)
        before = read_rules_anew(context, unit)
        record = RuleVersionRecord(
            unit.court_rules.last_rule_number() + 1,
            effective_from,
            rules.version,
            dict(rules.document),
            why,
            entered_by,
            context.clock.now(),
        )
        if not unit.court_rules.add_rule_version(record):
            # Somebody else was quicker with another version: whoever is slower looks at that one first.
            raise CourtclockError("page.form_expired")
        touch_changed(context, unit, before, read_rules_anew(context, unit), effective_from - _ONE_DAY, None)
        unit.commit()
    return record


def edit_calendar(
    context: ServerContext, day: date, kind: DayKind | None, name: str | None, reason: str, entered_by: str
) -> CalendarEdit:
    """Say what kind of day a date is; None takes back what was said before. Saying the same twice says it once.

    Raises:
        CourtclockError: ``reason.missing`` or ``text.unfit``.
    """
    why = required_reason(reason)
    named = require_short_text("name", name.strip(), _MOST_NAME_CHARACTERS) if name and name.strip() else None
    with context.unit() as unit:
        unit.change_expectations()
        before = rules_in_force(context, unit)
        last = before.calendar.edits.get(day)
        if last is not None and (last.kind, last.name, last.reason, last.entered_by) == (kind, named, why, entered_by):
            return last
        entered_at = later_than(context.clock.now(), None if last is None else last.entered_at)
        edit = CalendarEdit(uuid.uuid4(), day, kind, named, why, entered_by, entered_at)
        unit.court_rules.add_calendar_edit(edit)
        after = read_rules_anew(context, unit)
        touch_changed(context, unit, before, after, day - _ONE_DAY, day + _ONE_DAY)
        unit.commit()
    return edit


def confirm_year(context: ServerContext, year: int, confirmed: bool, reason: str, entered_by: str) -> YearWord:
    """Say that a year's workdays were checked against the official notice, or take that back.

    Raises:
        CourtclockError: ``reason.missing``.
    """
    why = required_reason(reason)
    with context.unit() as unit:
        unit.change_expectations()
        last = max((one for one in unit.court_rules.year_words() if one.year == year), key=_moment, default=None)
        if last is not None and (last.confirmed, last.reason, last.entered_by) == (confirmed, why, entered_by):
            return last
        entered_at = later_than(context.clock.now(), None if last is None else last.entered_at)
        word = YearWord(uuid.uuid4(), year, confirmed, why, entered_by, entered_at)
        before = rules_in_force(context, unit)
        unit.court_rules.add_year_word(word)
        after = read_rules_anew(context, unit)
        touch_changed(context, unit, before, after, date(year, 1, 1) - _ONE_DAY, date(year, 12, 31) + _ONE_DAY)
        unit.commit()
    return word


def read_pattern(text: str, rules: RuleSet) -> tuple[str | None, ...]:
    """A roster pattern as people write it: names of shifts with spaces or commas between, ``-`` for a day off.

    Raises:
        CourtclockError: ``roster.invalid``.
    """
    names = text.replace(",", " ").replace("，", " ").split()
    if not names:
        raise CourtclockError("roster.invalid", reason=Said(N_("it names no shift")))
    unknown = sorted({name for name in names if name != "-" and name not in rules.shifts})
    if unknown:
        raise CourtclockError(
            "roster.invalid",
            reason=Said(
                N_("{names}: not a shift; there are {shifts}"),
                names=", ".join(unknown),
                shifts=", ".join(sorted(rules.shifts)),
            ),
        )
    return tuple(None if name == "-" else name for name in names)


def add_roster_entry(
    context: ServerContext,
    person_ids: Sequence[UUID],
    first_day: date,
    last_day: date | None,
    pattern: str,
    *,
    follows_calendar: bool,
    reason: str,
    entered_by: str,
) -> list[RosterEntry]:
    """Give people another shift, or a rotation of shifts, from a date on. Saying the same twice says it once.

    Raises:
        CourtclockError: ``roster.invalid`` or ``reason.missing``.
    """
    why = required_reason(reason)
    now = context.clock.now()
    with context.unit() as unit:
        unit.change_expectations()
        rules = rules_in_force(context, unit)
        names = read_pattern(pattern, rules.history.on(first_day))
        people = unit.people.by_ids(list(person_ids))
        before = rosters_of(unit, person_ids)
        entries = []
        for person_id in person_ids:
            if person_id not in people:
                raise CourtclockError(
                    "roster.invalid", reason=Said(N_("nobody has the identifier {person}"), person=person_id)
                )
            own = [one for one in unit.court_rules.roster_entries([person_id]) if one.first_day == first_day]
            last = max(own, key=lambda one: (one.entered_at, str(one.entry_id)), default=None)
            entered_at = later_than(now, None if last is None else last.entered_at)
            try:
                entry = RosterEntry(
                    uuid.uuid4(), person_id, first_day, last_day, names, follows_calendar, why, entered_by, entered_at
                )
            except ValueError as error:
                raise CourtclockError("roster.invalid", reason=error.args[0]) from error
            if last is not None and replace(last, entry_id=entry.entry_id, entered_at=entered_at) == entry:
                entries.append(last)
                continue
            unit.court_rules.add_roster_entry(entry)
            entries.append(entry)
        after = rosters_of(unit, person_ids)
        until = _today(context) if last_day is None else min(_today(context), last_day + _ONE_DAY)
        changed: dict[date, list[UUID]] = {}
        for person_id in dict.fromkeys(person_ids):
            old, new = before.get(person_id, NOBODYS), after.get(person_id, NOBODYS)
            days = _changed_days(rules, old, rules, new, max(first_day - _ONE_DAY, people[person_id].first_day), until)
            _note(changed, people[person_id], days)
        _touch(unit, changed)
        unit.commit()
    return entries


def take_back_roster_entry(context: ServerContext, entry_id: UUID, reason: str, entered_by: str) -> RosterEntry:
    """Take a roster entry back, as if it had never held; the entry and this word stay readable.

    Raises:
        CourtclockError: ``roster.invalid`` or ``reason.missing``.
    """
    why = required_reason(reason)
    with context.unit() as unit:
        unit.change_expectations()
        entry = unit.court_rules.roster_entry(entry_id)
        if entry is None:
            raise CourtclockError(
                "roster.invalid", reason=Said(N_("there is no such entry, or it was taken back before"))
            )
        rules = rules_in_force(context, unit)
        person_id = entry.person_id
        person = unit.people.by_ids([person_id])[person_id]
        before = rosters_of(unit, [person_id]).get(person_id, NOBODYS)
        unit.court_rules.take_back(TakenBack(entry, why, entered_by, context.clock.now()))
        after = rosters_of(unit, [person_id]).get(person_id, NOBODYS)
        today = _today(context)
        until = today if entry.last_day is None else min(today, entry.last_day + _ONE_DAY)
        changed: dict[date, list[UUID]] = {}
        first = max(entry.first_day - _ONE_DAY, person.first_day)
        _note(changed, person, _changed_days(rules, before, rules, after, first, until))
        _touch(unit, changed)
        unit.commit()
    return entry


def _today(context: ServerContext) -> date:
    return context.site.day_of(context.clock.now())


def touch_changed(
    context: ServerContext,
    unit: UnitOfWork,
    before: CourtRules,
    after: CourtRules,
    first_day: date,
    last_day: date | None,
) -> int:
    """Touch the workdays, up to today, on which something else is expected now; days to come are judged in time.

    Gives how many.
    """
    people = unit.people.everybody()
    if not people:
        return 0
    first = max(first_day, min(person.first_day for person in people))
    last = _today(context) if last_day is None else min(_today(context), last_day)
    everybodys = _changed_days(before, NOBODYS, after, NOBODYS, first, last)
    own = rosters_of(unit, None)
    changed: dict[date, list[UUID]] = {}
    for person in people:
        roster = own.get(person.person_id)
        days = everybodys if roster is None else _changed_days(before, roster, after, roster, first, last)
        _note(changed, person, days)
    _touch(unit, changed)
    return sum(map(len, changed.values()))


def _note(changed: dict[date, list[UUID]], person: PersonRecord, days: Sequence[date]) -> None:
    for day in days:
        if person.works_on(day):
            changed.setdefault(day, []).append(person.person_id)


def _touch(unit: UnitOfWork, changed: Mapping[date, Sequence[UUID]]) -> None:
    """Touch by date, as everybody does, so that no two wait for each other; a year of a large court in some parts."""
    pairs: list[tuple[UUID, date]] = []
    for day in sorted(changed):
        pairs += [(person_id, day) for person_id in changed[day]]
        if len(pairs) >= _TOUCHED_AT_ONCE:
            unit.workdays.touch(pairs)
            pairs = []
    unit.workdays.touch(pairs)


def _changed_days(
    before: CourtRules, old: Roster, after: CourtRules, new: Roster, first: date, last: date
) -> list[date]:
    changed = []
    day = first
    while day <= last:
        if before.plan(old, day) != after.plan(new, day):
            changed.append(day)
        day += _ONE_DAY
    return changed
