"""Verbs about reports: the day, the week's posting, the month's bulletin, the trend; and the jobs that make them."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, Literal, cast
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from models.language import N_, Language, choose_language
from models.stored_errors import in_words
from server.attendance.trend import TrendKind
from server.attendance.trend_words import trend_in_words
from server.attendance.wording import listed, percent
from server.services.clock_trust import confirm_clock
from server.services.job_overview import StandingLine, job_overview
from server.services.mailing import try_given_up_again
from server.services.periods import DivisionLine, PeriodReport, period_report
from server.services.ranking import basis_in_words
from server.services.reporting import DayReport, ReportLine, day_report
from server.services.trends import read_trend
from server.verbs.terminal import (
    DEFAULT_BY,
    DEFAULT_CONFIG,
    ByOption,
    ConfigOption,
    LanguageOption,
    hr_actor,
    open_server,
    out,
    read_date,
    words,
)

_MOST_MAILS = 20


def jobs(config: ConfigOption = DEFAULT_CONFIG, most: Annotated[int, typer.Option(min=1, max=1000)] = 20) -> None:
    """How each job fares: last, next, duration, error; then what the server did by itself, newest first."""
    context = open_server(config)
    found = job_overview(context, most)
    zone = context.site.zone
    if found.clock is not None:
        believed = f"{found.clock.believed_at.astimezone(zone):%Y-%m-%d %H:%M}"
        out.print(
            f"the clock is {found.clock.ahead_seconds:.0f} s ahead of the time that has passed; jobs go by {believed}. "
            "If the clock is right: server confirm-clock",
            style="bold",
        )
    for one in found.standing:
        out.print(_standing_words(one, zone))
        if one.error is not None:
            out.print(f"  {in_words(one.error, 'en')}")
    for line in found.jobs:
        last = "never"
        if line.last is not None:
            last = f"{line.last.period} {line.last.state}{_took(line.last.seconds)}"
        following = "" if line.next_due_at is None else f", next {line.next_period} at "
        due = "" if line.next_due_at is None else f"{line.next_due_at.astimezone(zone):%Y-%m-%d %H:%M}"
        out.print(f"{line.job}: last {last}{following}{due}")
        for run in line.failed:
            out.print(f"  {run.period} failed {run.tries} times: {_fault(run.error)}")
    oldest = "" if found.oldest_waiting is None else f", the oldest of {found.oldest_waiting}"
    out.print(f"derive: {found.waiting_workdays} workdays wait to be judged{oldest}")
    if found.unjudged:
        out.print(f"derive: {len(found.unjudged)} workdays cannot be judged:")
        for person, fault in found.unjudged[:most]:
            out.print(f"  {person.employee_no} {person.name} {fault.day}: {fault.error} (tried {fault.tries} times)")
    for run in found.recent:
        out.print(
            f"{run.period} {run.job} {run.state} tries={run.tries}{_took(run.seconds)} {_fault(run.error)}".rstrip()
        )


def _standing_words(one: StandingLine, zone: ZoneInfo) -> str:
    last = "never" if one.began_at is None else f"{one.began_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    done = "" if one.began_at is None else f" {one.handled} done{_took(one.seconds)}"
    following = "" if one.next_at is None else f", next at {one.next_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    return f"{one.name}: last {last}{done}{following}"


def _fault(error: str | None) -> str:
    return "" if error is None else in_words(error, "en")


def _took(seconds: float | None) -> str:
    return "" if seconds is None else f" {seconds:.1f} s"


def report(
    day: Annotated[str, typer.Argument(help="Like 2026-11-20.")],
    config: ConfigOption = DEFAULT_CONFIG,
    language: LanguageOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    published: Annotated[bool, typer.Option(help="Exit 1 while the scheduled report is not out.")] = False,
) -> None:
    """Print the late-arrival and early-leave report of a day."""
    context = open_server(config)
    shown = choose_language(language, context.settings.court.language)
    found = day_report(context, read_date(day))
    if published and found.published_at is None:
        raise typer.Exit(1)
    if as_json:
        sys.stdout.write(json.dumps(_as_json(found, shown), ensure_ascii=False, indent=1) + "\n")
    else:
        _print_report(found, shown)


def _as_json(found: DayReport, language: Language) -> dict[str, Any]:
    return {
        "day": found.day.isoformat(),
        "published_at": None if found.published_at is None else found.published_at.isoformat(),
        "people": [_person_as_json(line, language) for line in found.lines],
        "judged_since": [
            {"day": one.day.isoformat(), **_person_as_json(one.line, language)} for one in found.judged_since
        ],
    }


def _person_as_json(line: ReportLine, language: Language) -> dict[str, Any]:
    return {
        "employee_no": line.person.employee_no,
        "name": line.person.name,
        "division": line.person.division,
        "status": [] if line.verdict is None else list(line.verdict.status),
        "late_minutes": 0 if line.verdict is None else line.verdict.tally.late_minutes,
        "early_minutes": 0 if line.verdict is None else line.verdict.tally.early_minutes,
        "event_ids": []
        if line.verdict is None
        else [str(result.event.event_id) for result in line.verdict.points if result.event is not None]
        + [str(one.event.event_id) for one in line.verdict.ignored],
        "summary": line.summary(language),
        "explanation": line.explanation(language),
    }


def _print_report(found: DayReport, language: Language) -> None:
    title = f"{words('Late arrivals and early leaves', language)} {found.day}"
    table = Table(title=title, title_justify="left")
    for heading in ("Number", "Name", "Division", "Verdict"):
        table.add_column(words(heading, language))
    for line in found.lines:
        table.add_row(
            line.person.employee_no,
            line.person.name,
            line.person.division or "",
            line.summary(language) if line.verdict is not None else words("not judged yet", language),
            style="bold" if line.noted else None,
        )
    out.print(table)
    for line in found.noted:
        _print_reasons(line, "", language)
    if found.noted_since:
        out.print(words(N_("Judged since the last report"), language), style="bold")
    for one in found.noted_since:
        _print_reasons(one.line, f" {one.day}: {one.line.summary(language)}", language)


def _print_reasons(line: ReportLine, more: str, language: Language) -> None:
    out.print(f"{line.person.employee_no} {line.person.name}{more}", style="bold")
    for reason in line.explanation(language):
        out.print(f"  {reason}")


def week(
    period: Annotated[str, typer.Argument(metavar="WEEK", help="Like 2026-W47.")],
    config: ConfigOption = DEFAULT_CONFIG,
    language: LanguageOption = "",
) -> None:
    """Print a week's posting, or, before it is published, the state so far."""
    _print_period("week", period, config, language)


def month(
    period: Annotated[str, typer.Argument(metavar="MONTH", help="Like 2026-10.")],
    config: ConfigOption = DEFAULT_CONFIG,
    language: LanguageOption = "",
) -> None:
    """Print a month's bulletin, or, before it is published, the state so far."""
    _print_period("month", period, config, language)


def _print_period(kind: Literal["week", "month"], period: str, config: ConfigOption, language: str) -> None:
    context = open_server(config)
    shown = choose_language(language, context.settings.court.language)
    found = period_report(context, kind, period)
    table = Table(title=f"{found.period}: {found.first_day} – {found.last_day}", title_justify="left")
    for heading in (
        N_("Division"),
        N_("People"),
        N_("Late"),
        N_("Early"),
        N_("Rate"),
        N_("Missing"),
        N_("Absent (days)"),
        N_("Excused"),
        N_("Points"),
        N_("Rank"),
    ):
        table.add_column(words(heading, shown))
    for line in found.divisions:
        table.add_row(*_division_cells(line, line.name or "–", shown))
    table.add_row(*_division_cells(found.court, words(N_("The court"), shown), shown), style="bold")
    out.print(table)
    if found.ranked_by is not None:
        out.print(basis_in_words(found.ranked_by, shown))
    _print_people(found, shown)
    for one in found.amendments:
        out.print(
            f"{one.day} {one.employee_no} {one.name}: {one.before[shown]} -> "
            f"{one.after[shown]} ({one.signed_by}: {one.reason})"
        )
    if found.published_at is None:
        out.print(words(N_("Not published yet: the state so far."), shown))
    elif found.changed_people:
        names = listed(found.changed_people, shown)
        out.print(words(N_("Changed since it was published: {names}"), shown, names=names))


def _division_cells(line: DivisionLine, name: str, language: Language) -> list[str]:
    tally = line.tally
    return [
        name,
        str(line.people),
        f"{tally.late_times} ({tally.late_minutes} min)",
        f"{tally.early_times} ({tally.early_minutes} min)",
        percent(line.rate, language, places=2),
        str(tally.missing_points),
        f"{tally.absent_half_days / 2:g}",
        str(tally.excused_times),
        "" if line.score is None else f"{line.score:g}",
        "" if line.rank is None else str(line.rank),
    ]


def _print_people(found: PeriodReport, language: Language) -> None:
    for line in found.noted:
        tally = line.tally
        out.print(
            words(
                N_(
                    "{number} {name}: late {late} ({late_minutes} min), early {early} ({early_minutes} min), "
                    "missing {missing}, absent {absent} days, off post {off_post}, excused {excused}"
                ),
                language,
                number=line.employee_no,
                name=line.name,
                late=tally.late_times,
                late_minutes=tally.late_minutes,
                early=tally.early_times,
                early_minutes=tally.early_minutes,
                missing=tally.missing_points,
                absent=f"{tally.absent_half_days / 2:g}",
                off_post=tally.off_post_times,
                excused=tally.excused_times,
            )
        )


def trend(
    config: ConfigOption = DEFAULT_CONFIG,
    kind: Annotated[str, typer.Option("--kind", help="late, early or both.")] = "both",
    came_on: Annotated[str, typer.Option("--came-on", help="The kiosk's first day; the settings' if left out.")] = "",
    language: LanguageOption = "",
) -> None:
    """Say whether staff are late, or leave early, less often since the kiosk came: rates, change, 95 % interval."""
    if kind not in ("late", "early", "both"):
        raise typer.BadParameter("late, early or both", param_hint="--kind")
    context = open_server(config)
    shown = choose_language(language, context.settings.court.language)
    found = read_trend(context, cast(TrendKind, kind), came_on=read_date(came_on) if came_on else None)
    if found is None:
        out.print(words(N_("Nobody has said when the kiosk came: set attendance.kiosk_came_on."), shown))
        raise typer.Exit(1)
    for sentence in trend_in_words(found, shown):
        out.print(sentence)


def mails(
    config: ConfigOption = DEFAULT_CONFIG,
    try_again: Annotated[bool, typer.Option("--try-again", help="Let mails that were given up wait again.")] = False,
) -> None:
    """Print how the mails with reports fare, and why those in trouble are."""
    context = open_server(config)
    if try_again:
        out.print(f"{try_given_up_again(context)} wait again")
    with context.unit(read_only=True) as unit:
        counts = unit.mails.counts()
        in_trouble = unit.mails.in_trouble(_MOST_MAILS)
    out.print(", ".join(f"{state} {count}" for state, count in sorted(counts.items())) or "no mails")
    for one in in_trouble:
        out.print(f"{one.kind} {one.period} {one.state} tries={one.tries}: {_fault(one.error)}")


def confirm_clock_verb(config: ConfigOption = DEFAULT_CONFIG, by: ByOption = DEFAULT_BY) -> None:
    """Say that the server's clock is right, where `jobs` says that it is ahead: what is due by it runs then."""
    context = open_server(config)
    if confirm_clock(context, hr_actor(by)):
        out.print("jobs go by the clock again")
    else:
        out.print("the clock is believed; nothing to confirm")


def register(app: typer.Typer) -> None:
    """Make these verbs known."""
    app.command("confirm-clock")(confirm_clock_verb)
    app.command()(jobs)
    app.command()(report)
    app.command()(week)
    app.command()(month)
    app.command()(trend)
    app.command()(mails)
