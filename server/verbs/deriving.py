"""Verbs about verdicts: deriving them again, and explaining one."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Annotated, Any, Final

import typer

from models.language import N_, Language, choose_language
from server.attendance.explaining import explain, summary
from server.services.amendments import Fate, decided_amendment, fate_of_change
from server.services.context import ServerContext
from server.services.court_rules import CourtRules, rules_in_force
from server.services.deriving import as_record, as_verdict, derive_period, derive_touched, judge_workday, month_of
from server.services.recomputing import Difference, Recomputed, recompute
from server.services.touching import touch_closed
from server.storage.records import PersonRecord, WorkdayRecord
from server.verbs.terminal import (
    DEFAULT_CONFIG,
    ConfigOption,
    LanguageOption,
    find_person,
    open_server,
    out,
    progress_of,
    read_date,
    words,
)

_MOST_SHOWN = 20
_LOCKED_OUTCOMES: Final[dict[Fate, str]] = {
    "proposed": N_("The month is locked. Judged now it would be: {summary}; HR has to sign that as an amendment."),
    "alike": N_("The month is locked. Only the reasons would be others, so what was locked stays."),
    "refused": N_(
        "The month is locked. Judged now it would be: {summary}; HR has refused that, and what was locked stays."
    ),
    "waiting": N_(
        "The month is locked. Judged now it would be: {summary}; that will be proposed to HR as an amendment."
    ),
}


def derive(
    config: ConfigOption = DEFAULT_CONFIG,
    everything: Annotated[
        bool, typer.Option("--all", help="Recompute everything from raw events and compare; nothing is changed.")
    ] = False,
    since: Annotated[str, typer.Option("--from", help="With --all: the first date.")] = "",
    until: Annotated[str, typer.Option("--until", help="With --all: the last date.")] = "",
    repair: Annotated[bool, typer.Option("--repair", help="With --all: store what differs.")] = False,
    language: LanguageOption = "",
) -> None:
    """Judge every touched workday; with --all prove that what is stored is what the events say. Exits 1 if not."""
    context = open_server(config)
    shown = choose_language(language, context.settings.court.language)
    touch_closed(context)
    judged = derive_touched(context)
    out.print(words(N_("{count} touched workdays were judged."), shown, count=judged))
    if not everything:
        return
    span = _span(context, since, until)
    if span is None:
        out.print(words(N_("There is no workday yet."), shown))
        return
    with progress_of(N_("recomputing"), shown) as tell:
        found = recompute(context, *span, tell)
    _tell_differences(context, found, span, shown)
    if found.differences and repair:
        with progress_of(N_("storing"), shown) as tell:
            count = derive_period(context, *span, tell)
        out.print(words(N_("{count} workdays were judged again and stored."), shown, count=count))
        found = recompute(context, *span)
        _tell_differences(context, found, span, shown)
    if found.differences or found.unjudged:
        raise typer.Exit(1)


def _span(context: ServerContext, since: str, until: str) -> tuple[date, date] | None:
    with context.unit(read_only=True) as unit:
        stored = unit.workdays.days()
    if stored is None:
        return None
    first = read_date(since) if since else stored[0]
    last = read_date(until) if until else stored[1]
    return first, last


def _tell_differences(context: ServerContext, found: Recomputed, span: tuple[date, date], language: Language) -> None:
    with context.unit(read_only=True) as unit:
        rules = rules_in_force(context, unit)
        named = {one.person_id for one in found.differences[:_MOST_SHOWN]}
        named.update(one.person_id for one in found.unjudged[:_MOST_SHOWN])
        people = unit.people.by_ids(list(named))
    for one in found.differences[:_MOST_SHOWN]:
        person = people[one.person_id]
        before, after = (
            "-" if record is None else _said(record, rules, language) for record in (one.stored, one.derived)
        )
        out.print(f"  {person.employee_no} {person.name} {one.day}: {before} -> {after}{_deeper(one, before, after)}")
    if len(found.differences) > _MOST_SHOWN:
        out.print("  …")
    out.print(
        words(
            N_("{first} to {last}: {workdays} workdays recomputed from raw events, {count} differences."),
            language,
            first=span[0],
            last=span[1],
            workdays=found.workdays,
            count=len(found.differences),
        )
    )
    if found.unjudged:
        out.print(words(N_("{count} workdays cannot be judged:"), language, count=len(found.unjudged)))
        for fault in found.unjudged[:_MOST_SHOWN]:
            person = people[fault.person_id]
            out.print(f"  {person.employee_no} {person.name} {fault.day}: {fault.fault}")
        if len(found.unjudged) > _MOST_SHOWN:
            out.print("  …")
    if found.still_open:
        out.print(words(N_("{count} are still open: time alone changes them."), language, count=found.still_open))
    if found.awaiting_signature:
        sentence = N_("{count} of locked months wait for HR's signature as amendments.")
        out.print(words(sentence, language, count=found.awaiting_signature))
    if found.refused:
        sentence = N_("{count} of locked months were refused by HR as amendments: what was locked stands.")
        out.print(words(sentence, language, count=found.refused))
    if found.other_reasons:
        sentence = N_("{count} of locked months would have other reasons, and count and read the same.")
        out.print(words(sentence, language, count=found.other_reasons))
    if found.not_kept:
        sentence = N_("{count} of months that are no longer kept were left out.")
        out.print(words(sentence, language, count=found.not_kept))


def _said(record: WorkdayRecord, rules: CourtRules, language: Language) -> str:
    """A stored verdict in words; the row itself where it holds none, as after somebody changed it by hand."""
    try:
        return summary(as_verdict(record, rules), language)
    except (ValueError, LookupError, TypeError, AttributeError):
        return f"{record.status!r}, {record.rule_version!r}, {_plain(record.verdict)}"


def _deeper(one: Difference, before: str, after: str) -> str:
    """What differs where the summaries do not: the stored texts themselves."""
    if before != after or one.stored is None or one.derived is None:
        return ""
    return f"\n    {_plain(one.stored.verdict)}\n    {_plain(one.derived.verdict)}"


def _plain(verdict: dict[str, Any]) -> str:
    return json.dumps(verdict, sort_keys=True, ensure_ascii=False)


def explain_verb(
    person: Annotated[str, typer.Argument(help="Employee number, or name.")],
    date_: Annotated[str, typer.Argument(metavar="DATE", help="Like 2026-11-20.")],
    config: ConfigOption = DEFAULT_CONFIG,
    language: LanguageOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Print why a verdict is what it is: calendar, windows, events used and not, rules with version, arithmetic."""
    context = open_server(config)
    shown = choose_language(language, context.settings.court.language)
    found = find_person(context, person)
    day = read_date(date_)
    if not found.works_on(day):
        out.print(words(N_("{name} does not belong to the court on {day}."), shown, name=found.name, day=day))
        raise typer.Exit(1)
    with context.unit(read_only=True) as unit:
        rules = rules_in_force(context, unit)
        amendments = [
            decided_amendment(context, one, rules, shown) for one in unit.months.decided_of(found.person_id, day, day)
        ]
        if month_of(day) in unit.months.deleted():
            out.print(words(N_("The workdays of this month are no longer kept."), shown))
            for line in amendments:
                out.print(line)
            raise typer.Exit(1)
        verdict = judge_workday(context, unit, found.person_id, day)
        now = as_record(found.person_id, verdict, context)
        stored = unit.workdays.one(found.person_id, day)
        in_force = verdict if stored is None else as_verdict(stored, rules)
        outcome = ""
        if stored is not None and stored != now:
            if month_of(day) in unit.months.locks():
                outcome = _LOCKED_OUTCOMES[fate_of_change(unit, rules, stored, now)]
            elif not stored.is_final or unit.workdays.touched_of([found.person_id], day, day):
                outcome = N_("It will be judged again in a moment; it will then be: {summary}.")
    if as_json:
        content = {
            "employee_no": found.employee_no,
            "name": found.name,
            "day": day.isoformat(),
            "status": list(in_force.status),
            "summary": summary(in_force, shown),
            "explanation": explain(in_force, shown),
            "rule_version": in_force.rules.version,
            "is_what_judging_gives_now": stored == now,
            "amendments": amendments,
        }
        sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        return
    out.print(f"{found.employee_no} {found.name}{_of(found)}, {day}: {summary(in_force, shown)}", style="bold")
    for line in explain(in_force, shown):
        out.print(f"  {line}")
    if stored is None:
        out.print(words(N_("This workday was not derived yet; this is what judging it now gives."), shown))
    for line in amendments:
        out.print(line)
    if outcome:
        out.print(words(outcome, shown, summary=summary(verdict, shown)))


def _of(person: PersonRecord) -> str:
    return "" if person.division is None else f" ({person.division})"


def register(app: typer.Typer) -> None:
    """Make these verbs known."""
    app.command()(derive)
    app.command("explain")(explain_verb)
