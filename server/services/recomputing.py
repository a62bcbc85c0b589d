"""Judges every workday of a period again and tells what differs from what is stored; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from server.services.context import ServerContext
from server.services.court_rules import CourtRules, rules_in_force
from server.services.deriving import PEOPLE_AT_ONCE, as_record, month_of, reads_as_stored, without_months, worked_days
from server.services.judging_apart import Unjudged, judge_days_apart
from server.storage.records import WorkdayRecord
from server.storage.workdays import as_plain, in_chunks


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored workday that is not what judging now gives; None where there is no workday on one side."""

    person_id: UUID
    day: date
    stored: WorkdayRecord | None
    derived: WorkdayRecord | None


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What recomputing said.

    Attributes:
        workdays: how many were recomputed.
        differences: those that differ from what is stored and in force.
        awaiting_signature: differences in locked months that are already proposed as amendments.
        refused: those that HR has refused: what was locked stands.
        other_reasons: workdays of locked months that count and read as they were locked, for other reasons.
        not_kept: workdays left out, because their months are not kept any more.
        still_open: workdays of which a window has closed since they were judged; the next tick does it.
        unjudged: those that cannot be judged, with the fault; whether they differ is not known.
    """

    workdays: int
    differences: tuple[Difference, ...]
    awaiting_signature: int
    refused: int
    other_reasons: int
    not_kept: int
    still_open: int
    unjudged: tuple[Unjudged, ...] = ()


def recompute(
    context: ServerContext,
    first_day: date,
    last_day: date,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Recomputed:
    """Judge every workday of a period again and compare with what is stored; nothing is changed.

    Workdays that are marked as touched are left out: their derivation is due anyway. So are those of locked months that
    are not kept any more: their clock events are gone.
    """
    with context.unit(read_only=True) as unit:
        people = unit.people.everybody()
    count = awaiting = refused = other_reasons = not_kept = still_open = 0
    unjudged: list[Unjudged] = []
    differences: list[Difference] = []
    ids = [person.person_id for person in people]
    of_id = {person.person_id: person for person in people}
    for done, chunk in enumerate(in_chunks(ids, PEOPLE_AT_ONCE), start=1):
        with context.unit(read_only=True) as unit:
            rules = rules_in_force(context, unit)
            touched = unit.workdays.touched_of(chunk, first_day, last_day)
            deleted = unit.months.deleted()
            worked = worked_days([of_id[one] for one in chunk], first_day, last_day)
            wanted = without_months(worked, deleted)
            not_kept += sum(map(len, worked.values())) - sum(map(len, wanted.values()))
            now = context.clock.now()
            judged, faults = judge_days_apart(unit, rules, wanted, now)
            unjudged += faults
            verdicts = {(person_id, verdict.day): verdict for person_id, own in judged.items() for verdict in own}
            derived = {key: as_record(key[0], verdict, context) for key, verdict in verdicts.items()}
            stored = {
                (record.person_id, record.day): record
                for record in unit.workdays.of_people(chunk, first_day, last_day)
                if month_of(record.day) not in deleted
            }
            locked = unit.months.locks()
            left_out = touched | {(one.person_id, one.day) for one in faults}
            for key in sorted((derived.keys() | stored.keys()) - left_out, key=lambda one: (one[1], str(one[0]))):
                count += 1
                old, new = stored.get(key), derived.get(key)
                if old == new or (old is not None and new is not None and _named_anew(old, rules) == new):
                    continue
                if old is not None and old.judge_again_at is not None and old.judge_again_at <= now:
                    still_open += 1
                    continue
                if month_of(key[1]) in locked and new is not None:
                    if old is not None and reads_as_stored(old, verdicts[key], rules):
                        other_reasons += 1
                        continue
                    before = {} if old is None else as_plain(old)
                    if unit.months.refusal(*key, before, as_plain(new)) is not None:
                        refused += 1
                        continue
                    proposal = unit.months.proposal(*key)
                    if proposal is not None and proposal.proposes(before, as_plain(new)):
                        awaiting += 1
                        continue
                differences.append(Difference(*key, old, new))
        progress(min(done * PEOPLE_AT_ONCE, len(ids)), len(ids))
    return Recomputed(
        count, tuple(differences), awaiting, refused, other_reasons, not_kept, still_open, tuple(unjudged)
    )


def _named_anew(record: WorkdayRecord, rules: CourtRules) -> WorkdayRecord:
    """A stored workday with what its rules are called now: an earlier release may have called them otherwise."""
    try:
        return replace(record, rule_version=rules.history.by_version(record.rule_version).version)
    except KeyError:
        return record
