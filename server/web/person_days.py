"""One workday of one person, explained: what was read from the database, in the order in which people ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from uuid import UUID

from models.language import N_, Language, translate
from server.attendance.events import Method, RawEvent
from server.attendance.explaining import Explanation, explain, explanation, summary
from server.attendance.points import ClockPoint
from server.attendance.verdicts import PointResult, RawFact, WorkdayVerdict
from server.attendance.wording import local_time, point_name, wall_time
from server.services.amendments import Fate, decided_amendment, fate_of_change
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.deriving import as_record, as_verdict, judge_workday, month_of
from server.storage.records import PersonRecord, WorkdayRecord
from server.storage.unit_of_work import UnitOfWork
from server.web.person_sheets import outcome_in_words, request_ids
from server.web.request_words import RequestLine, request_lines

_METHODS: Final[dict[Method, str]] = {
    "face": N_("by face"),
    "pin": N_("by PIN"),
    "card": N_("by card"),
    "correction": N_("by correction"),
    "register": N_("from an imported register"),
}
_MEETS: Final = N_("It meets {point}.")
_FACT: Final = N_("{time}, {outcome}")

_PREVIEW: Final = N_("This day has not been judged yet. This is what judging at this moment would give.")
_AMENDMENT: Final = N_("The month is locked. The change waits as an amendment for the signature of HR.")
_LOCKED: Final = N_("The month is locked: what was locked stays in force.")
_ALIKE: Final = N_("The month is locked. Only the reasons would be others, so what was locked stays.")
_REFUSED: Final = N_("The month is locked, and HR has refused this change: what was locked stays in force.")
_WHY_LOCKED: Final[dict[Fate, str]] = {
    "proposed": _AMENDMENT,
    "alike": _ALIKE,
    "refused": _REFUSED,
    "waiting": _LOCKED,
}
_SOON: Final = N_("The day is about to be judged again.")
_STORED: Final = N_("What is stored stays in force until the day is judged again.")
_NOT_HERE: Final = N_("{name} does not work here on this day.")
_NOT_KEPT: Final = N_("The workdays of this month are no longer kept.")


@dataclass(frozen=True, slots=True)
class PointRow:
    """One clock point of the day.

    Attributes:
        window: from when until when clock events count, on the wall.
        raw: what clock events alone say.
        overlaid: what counts after requests.
        changed: whether requests changed it.
        lines: everything about it, in sentences.
    """

    result: PointResult
    name: str
    window: str
    due: str
    raw: str
    overlaid: str
    changed: bool
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventRow:
    """One clock event of the day.

    Attributes:
        kiosk: where, empty where that is not known any more.
        is_imported: whether it is a line of an older machine's register, which no kiosk saw.
        used: whether it decided something.
        told: what it met, or why it was not used.
    """

    time: str
    method: str
    kiosk: str
    is_imported: bool
    used: bool
    told: str


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What judging at this moment gives where it is not what is stored.

    Attributes:
        summary: in one line.
        lines: its explanation.
        why: what becomes of the difference.
    """

    summary: str
    lines: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class PersonDay:
    """Everything that the page of a workday shows.

    Attributes:
        verdict: what is in force; None where there is nothing to show, which ``notice`` says.
        notice: what is special about it; empty for a workday that is stored.
        otherwise: None where judging now gives what is stored.
        requests: that lie over the day, whatever became of them, with whether they changed the verdict.
        amendments: what HR signed or refused about the day after its month was locked, in sentences.
    """

    verdict: WorkdayVerdict | None
    notice: str
    summary: str
    explained: Explanation | None
    points: tuple[PointRow, ...]
    events: tuple[EventRow, ...]
    requests: tuple[tuple[RequestLine, bool], ...]
    otherwise: Otherwise | None
    amendments: tuple[str, ...]


def person_day(context: ServerContext, person: PersonRecord, day: date, language: Language) -> PersonDay:
    """A workday as it is in force, with what judging it at this moment would give.

    A workday that is not stored is judged for the page alone, unless its month is not kept any more or the person is
    not here.
    """
    with context.unit(read_only=True) as unit:
        lock = unit.months.locks().get(month_of(day))
        is_kept = lock is None or lock.is_kept
        rules = rules_in_force(context, unit)
        record = unit.workdays.one(person.person_id, day) if is_kept else None
        # What was locked and deleted cannot be judged: its clock events are gone too.
        may_judge = person.works_on(day) and is_kept
        now = judge_workday(context, unit, person.person_id, day) if may_judge else None
        verdict = now if record is None else as_verdict(record, rules)
        otherwise = None
        if record is not None and now is not None and as_record(person.person_id, now, context) != record:
            if lock is None:
                why = _why_otherwise(record, bool(unit.workdays.touched_of([person.person_id], day, day)))
            else:
                why = _WHY_LOCKED[fate_of_change(unit, rules, record, as_record(person.person_id, now, context))]
            otherwise = Otherwise(summary(now, language), tuple(explain(now, language)), translate(why, language))
        amendments = tuple(
            decided_amendment(context, one, rules, language)
            for one in unit.months.decided_of(person.person_id, day, day)
        )
        lying_over = _requests_over(context, unit, person, day, verdict, language)
        kiosks = _kiosks_of_events(unit, person.person_id, verdict)
    notice = ""
    if verdict is None:
        notice = translate(_NOT_KEPT if person.works_on(day) else _NOT_HERE, language).format(name=person.name)
    elif record is None:
        notice = translate(_PREVIEW, language)
    if verdict is None:
        return PersonDay(None, notice, "", None, (), (), lying_over, None, amendments)
    explained = explanation(verdict, language)
    return PersonDay(
        verdict=verdict,
        notice=notice,
        summary=summary(verdict, language),
        explained=explained,
        points=tuple(
            _point_row(result, lines, verdict, language)
            for result, lines in zip(verdict.points, explained.points, strict=True)
        ),
        events=tuple(_event_rows(verdict, explained.ignored, kiosks, language)),
        requests=lying_over,
        otherwise=otherwise,
        amendments=amendments,
    )


def _why_otherwise(record: WorkdayRecord, touched: bool) -> str:
    # Time alone changes what is not final, and the next run of the job takes it up.
    return _SOON if touched or not record.is_final else _STORED


def _requests_over(
    context: ServerContext,
    unit: UnitOfWork,
    person: PersonRecord,
    day: date,
    verdict: WorkdayVerdict | None,
    language: Language,
) -> tuple[tuple[RequestLine, bool], ...]:
    changed_it = set() if verdict is None else request_ids(verdict)
    start, end = context.site.bounds(day)
    found = []
    for one in unit.requests.of_people([person.person_id]):
        filed = one.filed
        # As it was filed: leave from which somebody came back early still lies over the days after.
        lies_over = filed.day == day
        if filed.day is None and filed.starts_at is not None and filed.ends_at is not None:
            lies_over = filed.starts_at < end and filed.ends_at > start
        if lies_over or filed.request_id in changed_it:
            found.append(one)
    lines = request_lines(context, unit, found, language)
    return tuple((line, line.stored.filed.request_id in changed_it) for line in lines)


def _kiosks_of_events(unit: UnitOfWork, person_id: UUID, verdict: WorkdayVerdict | None) -> dict[UUID, str]:
    if verdict is None:
        return {}
    shown = [event for event, _, _ in _events_of(verdict)]
    if not shown:
        return {}
    # The last one too: the end of a span is not in it.
    last = max(event.captured_at for event in shown)
    stored = unit.items.events_of(person_id, min(event.captured_at for event in shown), last)
    stored += [
        one for one in map(unit.items.event, {event.event_id for event in shown if event.captured_at == last}) if one
    ]
    names = unit.kiosks.names()
    return {one.event_id: names.get(one.kiosk_id, "") for one in stored}


def _point_row(result: PointResult, lines: tuple[str, ...], verdict: WorkdayVerdict, language: Language) -> PointRow:
    shift = verdict.shift
    if shift is None:
        raise ValueError("a clock point without a shift")
    point = shift.points[result.number]
    on_duty = any(one.kind == "duty" for one in result.overlaid)
    counts = RawFact(result.outcome, result.counts_as, result.minutes, result.event)
    raw = result.raw or counts
    window = f"{wall_time(result.start_minutes, language)} – {wall_time(result.end_minutes, language)}"
    return PointRow(
        result=result,
        name=point_name(result, verdict, language),
        window="" if result.outcome == "covered" or result.start_minutes > result.end_minutes else window,
        due="" if result.outcome == "covered" else local_time(result.due_at, verdict, language),
        raw=_fact(raw, point, verdict, language, on_duty=on_duty),
        overlaid=_fact(counts, point, verdict, language, on_duty=on_duty),
        changed=bool(result.overlaid)
        and (raw.outcome, raw.minutes, raw.event) != (counts.outcome, counts.minutes, counts.event),
        lines=lines,
    )


def _fact(fact: RawFact, point: ClockPoint, verdict: WorkdayVerdict, language: Language, *, on_duty: bool) -> str:
    outcome = outcome_in_words(fact.outcome, fact.minutes, language, on_duty=on_duty)
    if fact.event is None:
        return outcome
    time = local_time(fact.event.counts_at(point.direction), verdict, language, seconds=True)
    return translate(_FACT, language).format(time=time, outcome=outcome)


def _events_of(verdict: WorkdayVerdict) -> list[tuple[RawEvent, Literal["used", "ignored"], int]]:
    """Every event of a verdict with the number of its clock point, or of its place among the ignored ones."""
    found: list[tuple[RawEvent, Literal["used", "ignored"], int]] = []
    for result in verdict.points:
        if result.event is not None:
            found.append((result.event, "used", result.number))
    used = {event.event_id for event, _, _ in found}
    for number, one in enumerate(verdict.ignored):
        if one.event.event_id not in used:
            found.append((one.event, "ignored", number))
    return sorted(found, key=lambda one: (one[0].captured_at, one[2]))


def _event_rows(
    verdict: WorkdayVerdict, ignored: tuple[str, ...], kiosks: dict[UUID, str], language: Language
) -> list[EventRow]:
    rows = []
    for event, use, number in _events_of(verdict):
        moment, told = event.captured_at, ""
        if use == "used" and verdict.shift is not None:
            moment = event.counts_at(verdict.shift.points[number].direction)
            told = translate(_MEETS, language).format(point=point_name(verdict.points[number], verdict, language))
        elif use == "ignored":
            told = ignored[number]
        rows.append(
            EventRow(
                time=local_time(moment, verdict, language, seconds=True),
                method=translate(_METHODS[event.method], language),
                kiosk=kiosks.get(event.event_id, ""),
                is_imported=event.method == "register",
                used=use == "used",
                told=told,
            )
        )
    return rows
