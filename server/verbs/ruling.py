"""Verbs about what is expected of whom: rules and what a draft would change, calendar, rosters, outages, months."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, cast, get_args
from uuid import UUID

import typer
import yaml

from models.errors import CourtclockError
from models.language import N_, Language, choose_language
from server.attendance.calendar import DayKind
from server.attendance.consequence_words import consequences_in_words, versions_in_words
from server.attendance.explaining import summary
from server.attendance.rosters import RosterEntry
from server.attendance.rule_documents import PRESET_FOLDER, load_rules, presets
from server.attendance.rules import BEGINNING
from server.services.court_rules import rules_in_force
from server.services.expectation_changes import (
    add_roster_entry,
    confirm_year,
    edit_calendar,
    put_rules,
    take_back_roster_entry,
)
from server.services.month_close import close_state, lock_month
from server.services.outages import excuse_people, people_touched, retract_outage
from server.services.periods import month_days
from server.services.what_if import WhatIf, what_if
from server.verbs.terminal import (
    DEFAULT_BY,
    DEFAULT_CONFIG,
    ByOption,
    ConfigOption,
    LanguageOption,
    ReasonOption,
    find_person,
    hr_actor,
    open_server,
    out,
    progress_of,
    read_date,
    words,
)

_MOST_SHOWN = 50
_MOST_OUTAGES = 50
RulesArgument = Annotated[str, typer.Argument(metavar="RULES", help="A preset's name, or a YAML file.")]


def rules(
    config: ConfigOption = DEFAULT_CONFIG,
    preset: Annotated[str, typer.Option("--preset", help="Print the text of a preset, to begin a draft with.")] = "",
    version: Annotated[int, typer.Option("--version", help="Print the rules of this number.", min=0)] = 0,
) -> None:
    """List the versions of the rules and the presets; or print one as YAML."""
    if preset:
        if preset not in presets():
            raise typer.BadParameter(", ".join(presets()), param_hint="--preset")
        out.print((PRESET_FOLDER / f"{preset}.yaml").read_text(encoding="utf-8").rstrip())
        return
    context = open_server(config)
    with context.unit(read_only=True) as unit:
        records = unit.court_rules.rule_versions()
    if version:
        for record in records:
            if record.number == version:
                out.print(yaml.safe_dump(record.document, allow_unicode=True, sort_keys=False).rstrip())
                return
        raise typer.BadParameter("no such version", param_hint="--version")
    for record in records:
        since = "the beginning" if record.effective_from == BEGINNING else f"{record.effective_from}"
        out.print(f"{record.number} {record.version} from {since}: {record.reason} ({record.entered_by})")
    if not records:
        out.print(f"{context.first_rules.version} from the beginning: attendance.first_rules of the settings")
    out.print(f"presets: {', '.join(presets())}")


def put_rules_verb(
    document: RulesArgument,
    effective_from: Annotated[str, typer.Option("--from", help="First date on which they hold.")],
    reason: ReasonOption,
    by: ByOption = DEFAULT_BY,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Put rules in force from a date on; the days since then are judged again."""
    context = open_server(config)
    record = put_rules(context, _text(document), read_date(effective_from), reason, by)
    out.print(f"{record.number} {record.version} from {record.effective_from}")


def _text(document: str) -> str:
    # Read once as rules, for its error of a file that cannot be read.
    load_rules(document)
    path = PRESET_FOLDER / f"{document}.yaml" if document in presets() else Path(document)
    return path.read_text(encoding="utf-8")


def what_if_verb(
    document: RulesArgument,
    month: Annotated[str, typer.Argument(help="Like 2026-10.")],
    config: ConfigOption = DEFAULT_CONFIG,
    division: Annotated[str, typer.Option("--division", help="One division only.")] = "",
    language: LanguageOption = "",
    everything: Annotated[bool, typer.Option("--all", help="List every changed verdict.")] = False,
) -> None:
    """Judge a past month by a draft of rules and list whose verdicts would change. Nothing is stored."""
    context = open_server(config)
    shown = choose_language(language, context.settings.court.language)
    division_id = None
    if division:
        with context.unit(read_only=True) as unit:
            division_id = unit.people.division_id(division)
        if division_id is None:
            raise CourtclockError("division.unknown", name=division)
    first, last = month_days(month)
    with progress_of(N_("judging twice"), shown) as tell:
        found = what_if(context, _text(document), first, last, division_id, tell)
    for one in found.changed if everything else found.changed[:_MOST_SHOWN]:
        before, after = summary(one.before, shown), summary(one.after, shown)
        out.print(f"{one.before.day} {one.person.employee_no} {one.person.name}: {before} -> {after}")
    if len(found.changed) > _MOST_SHOWN and not everything:
        out.print("…")
    sentence = N_(
        "{workdays} workdays judged with both: {count} verdicts of {people} people would change. "
        "Late arrivals {late_before} -> {late_after}, early leaves {early_before} -> {early_after}, "
        "half days of absence {absent_before} -> {absent_after}."
    )
    out.print(
        words(
            sentence,
            shown,
            workdays=found.workdays,
            count=len(found.changed),
            people=found.people,
            late_before=found.before.late_times,
            late_after=found.after.late_times,
            early_before=found.before.early_times,
            early_after=found.after.early_times,
            absent_before=found.before.absent_half_days,
            absent_after=found.after.absent_half_days,
        )
    )
    _tell_consequences(found, shown, everything)


def _tell_consequences(found: WhatIf, language: Language, everything: bool) -> None:
    for one in found.consequences if everything else found.consequences[:_MOST_SHOWN]:
        before = consequences_in_words(one.reached_before, one.points_before, language)
        after = consequences_in_words(one.reached_after, one.points_after, language)
        sentence = N_("{number} {name}, what follows: {before} -> {after}")
        out.print(
            words(sentence, language, number=one.person.employee_no, name=one.person.name, before=before, after=after)
        )
    if len(found.consequences) > _MOST_SHOWN and not everything:
        out.print("…")
    for score in found.scores:
        before, after = ("-" if points is None else f"{points:g}" for points in (score.before, score.after))
        sentence = N_("{division}, points of the division: {before} -> {after}")
        out.print(words(sentence, language, division=score.division, before=before, after=after))
    if found.later_versions:
        sentence = N_(
            "The draft was tried on every day of the month. Other rules begin in it: {versions}. Put in force from the "
            "first day, the draft would hold only until then."
        )
        out.print(words(sentence, language, versions=versions_in_words(found.later_versions, language)))


def calendar(
    year: Annotated[int, typer.Argument(min=1900, max=9999)],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Print the days of a year that are not plain working or rest days, and HR's edits with author and reason."""
    context = open_server(config)
    with context.unit(read_only=True) as unit:
        known = rules_in_force(context, unit).calendar
        taken = [one for one in unit.court_rules.official_years() if one.year == year]
    day, last = date(year, 1, 1), date(year, 12, 31)
    while True:
        one = known.day(day)
        edit = known.edits.get(day)
        if one.kind in ("holiday", "makeup_workday") or edit is not None:
            why = "" if edit is None or edit.kind is None else f" ({edit.entered_by}: {edit.reason})"
            out.print(f"{day} {one.kind} {one.name or ''}{why}".rstrip())
        if day == last:
            break
        day = date.fromordinal(day.toordinal() + 1)
    for version in taken:
        at = version.taken_at.astimezone(context.site.zone)
        package = f"chinese-calendar {version.package_version}"
        out.print(f"official calendar {version.number}: taken over on {at:%Y-%m-%d %H:%M} from {package}")
    out.print(f"{year}: {'official, or confirmed by HR' if known.year_is_confirmed(year) else 'unconfirmed'}")


def edit_calendar_verb(
    day: Annotated[str, typer.Argument(help="Like 2026-10-01.")],
    kind: Annotated[str, typer.Argument(help="workday, rest_day, holiday, makeup_workday; official takes edits back.")],
    reason: ReasonOption,
    name: Annotated[str, typer.Option("--name", help="Of a holiday.")] = "",
    by: ByOption = DEFAULT_BY,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Say what kind of day a date is; the days that this touches are judged again."""
    if kind not in (*get_args(DayKind), "official"):
        raise typer.BadParameter(", ".join([*get_args(DayKind), "official"]), param_hint="KIND")
    wanted = None if kind == "official" else cast(DayKind, kind)
    edit = edit_calendar(open_server(config), read_date(day), wanted, name or None, reason, by)
    out.print(f"{edit.day} {kind}")


def confirm_year_verb(
    year: Annotated[int, typer.Argument(min=1900, max=9999)],
    reason: ReasonOption,
    confirmed: Annotated[bool, typer.Option("--confirmed/--unconfirmed", help="Or take that back.")] = True,
    by: ByOption = DEFAULT_BY,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Say that a year's workdays were checked against the official notice: absences in it are judged then."""
    word = confirm_year(open_server(config), year, confirmed, reason, by)
    out.print(f"{word.year}: {'confirmed' if word.confirmed else 'unconfirmed'}")


def roster(person: Annotated[str, typer.Argument()], config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Print the roster entries of somebody, and what they give for the next two weeks."""
    context = open_server(config)
    found = find_person(context, person)
    with context.unit(read_only=True) as unit:
        known = rules_in_force(context, unit)
        entries = unit.court_rules.roster_entries([found.person_id])
        taken = unit.court_rules.taken_back([found.person_id])
        from server.services.court_rules import rosters_of

        own = rosters_of(unit, [found.person_id])
    for entry in entries:
        out.print(f"{_entry_in_words(entry)} {entry.entry_id}")
    for one in taken:
        out.print(f"taken back ({one.entered_by}: {one.reason}): {_entry_in_words(one.entry)}")
    from server.attendance.rosters import NOBODYS

    today = context.site.day_of(context.clock.now())
    for number in range(14):
        day = date.fromordinal(today.toordinal() + number)
        expected = known.expected(own.get(found.person_id, NOBODYS), day)
        out.print(f"{day} {day:%a}: {'-' if expected.shift is None else expected.shift.name}")


def _entry_in_words(entry: RosterEntry) -> str:
    until = "" if entry.last_day is None else f" until {entry.last_day}"
    pattern = " ".join("-" if one is None else one for one in entry.pattern)
    return f"from {entry.first_day}{until}: {pattern} ({entry.entered_by}: {entry.reason})"


def take_back_roster(
    entry_id: Annotated[UUID, typer.Argument(help="As `roster` prints it.")],
    reason: ReasonOption,
    by: ByOption = DEFAULT_BY,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Take a wrong roster entry back; the days that it changed are judged again."""
    entry = take_back_roster_entry(open_server(config), entry_id, reason, by)
    out.print(f"taken back: {_entry_in_words(entry)}")


def add_roster(
    people: Annotated[list[str], typer.Argument(help="Employee numbers.")],
    pattern: Annotated[str, typer.Option("--pattern", help="Shifts in turn, - for a day off: 'day day night - -'.")],
    first_day: Annotated[str, typer.Option("--from", help="First date; the pattern begins there.")],
    reason: ReasonOption,
    last_day: Annotated[str, typer.Option("--until", help="Last date; open if left out.")] = "",
    follows_calendar: Annotated[
        bool, typer.Option("--follows-calendar/--every-day", help="Rest days and holidays are off, or count, too.")
    ] = False,
    by: ByOption = DEFAULT_BY,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Give people another shift, or a rotation of shifts, from a date on."""
    context = open_server(config)
    entries = add_roster_entry(
        context,
        [find_person(context, one).person_id for one in people],
        read_date(first_day),
        read_date(last_day) if last_day else None,
        pattern,
        follows_calendar=follows_calendar,
        reason=reason,
        entered_by=by,
    )
    out.print(f"{len(entries)} roster entries")


def outages(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """List the latest faults: silent kiosks, wrong clocks, cameras, the server itself, and what HR declared."""
    context = open_server(config)
    with context.unit(read_only=True) as unit:
        names = {sight.kiosk_id: sight.name for sight in unit.kiosks.sights()}
        found = unit.outages.newest(_MOST_OUTAGES)
    for one in found:
        began = one.began_at.astimezone(context.site.zone)
        ended = "…" if one.ended_at is None else f"{one.ended_at.astimezone(context.site.zone):%Y-%m-%d %H:%M}"
        where = "" if one.kiosk_id is None else f" {names.get(one.kiosk_id, one.kiosk_id)}"
        taken_back = "" if one.retraction is None else f" taken back: {one.retraction.reason}"
        out.print(f"{one.outage_id} {one.kind}{where} {began:%Y-%m-%d %H:%M} to {ended} {one.detail}{taken_back}")


def excuse_outage(
    outage_id: Annotated[UUID, typer.Argument(help="As `outages` lists it.")],
    reason: Annotated[str, typer.Option("--reason", help="Excuse them, with this reason; without it only list.")] = "",
    only_there: Annotated[
        bool,
        typer.Option(
            "--only-there", help="Only those who usually clock at the kiosk that failed, or got a wrong time."
        ),
    ] = False,
    by: ByOption = DEFAULT_BY,
    config: ConfigOption = DEFAULT_CONFIG,
    language: LanguageOption = "",
) -> None:
    """List whom an outage touched; with a reason, excuse all of them at once."""
    context = open_server(config)
    shown = choose_language(language, context.settings.court.language)
    _, touched = people_touched(context, outage_id)
    with context.unit(read_only=True) as unit:
        names = {sight.kiosk_id: sight.name for sight in unit.kiosks.sights()}
    listed = [one for one in touched if one.clocked_there or not only_there]
    for one in listed:
        usual = "" if one.usual_kiosk_id is None else f" ({names[one.usual_kiosk_id]})"
        out.print(f"{one.day} {one.person.employee_no} {one.person.name}{usual}: {one.summary(shown)}")
    if reason:
        chosen = {(one.person.person_id, one.day) for one in listed} if only_there else None
        excused = excuse_people(context, outage_id, chosen, reason, hr_actor(by))
        out.print(f"{len(excused)} clock points are excused")


def retract_outage_verb(
    outage_id: Annotated[UUID, typer.Argument(help="As `outages` lists it.")],
    reason: ReasonOption,
    by: ByOption = DEFAULT_BY,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Take a declared outage back, with the waivers that rest on it; all of them stay on record."""
    withdrawn = retract_outage(open_server(config), outage_id, reason, hr_actor(by))
    out.print(f"taken back, with {withdrawn} waivers")


def month_close(
    month: Annotated[str, typer.Argument(help="Like 2026-10.")],
    lock: Annotated[bool, typer.Option("--lock", help="Lock it: later changes need a signature.")] = False,
    by: ByOption = DEFAULT_BY,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Print how far a month is from being closed: who confirmed, who objected, what is not judged; or lock it."""
    context = open_server(config)
    if lock:
        done = lock_month(context, month, hr_actor(by))
        out.print(f"{done.month} is locked")
        return
    state = close_state(context, month)
    out.print(f"confirmed {len(state.confirmed)}, silent {len(state.silent)}, objected {len(state.objected)}")
    if state.confirmed_before_change:
        out.print(f"confirmed, but changed since {len(state.confirmed_before_change)}")
    for person in state.confirmed_before_change:
        out.print(f"  {person.employee_no} {person.name}")
    for one in state.objected:
        out.print(
            f"  {one.person.employee_no} {one.person.name}: {one.remark}{'' if one.is_current else ' (changed since)'}"
        )
    out.print(f"workdays that are not judged to the end: {state.open_workdays}")
    if state.lock is not None:
        out.print(f"locked by {state.lock.who}{'' if state.lock.is_kept else ', no longer kept'}")
    elif not state.is_over:
        out.print("not over yet")


def register(app: typer.Typer) -> None:
    """Make these verbs known."""
    app.command()(rules)
    app.command("put-rules")(put_rules_verb)
    app.command("what-if")(what_if_verb)
    app.command()(calendar)
    app.command("edit-calendar")(edit_calendar_verb)
    app.command("confirm-year")(confirm_year_verb)
    app.command()(roster)
    app.command("add-roster")(add_roster)
    app.command("take-back-roster")(take_back_roster)
    app.command()(outages)
    app.command("excuse-outage")(excuse_outage)
    app.command("retract-outage")(retract_outage_verb)
    app.command("month-close")(month_close)
