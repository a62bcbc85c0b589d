"""What a report says in a mail: who is noted, with figures, for what the recipient may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from models.language import N_, Language, translate
from server.attendance.consequence_words import forgiven_in_words, limit_in_words, month_costs_in_words
from server.attendance.explaining import summary
from server.attendance.verdicts import Tally
from server.attendance.wording import listed, percent
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.mail_messages import Mail
from server.services.mailing import MONTH_SHEET, mail_language
from server.services.month_close import MonthSheet, month_sheet
from server.services.periods import DivisionLine, PeriodReport, period_report
from server.services.reporting import DAY_REPORT, DayReport, PublishedLine, ReportLine, day_report
from server.services.scope import visible_division
from server.storage.records import AccountRecord

# What a sheet in a mail leaves out; the page has all of it.
_QUIET: Final = ("normal", "rest_day")
_DAY_SUBJECT: Final = N_("{court}: late arrivals and early leaves of {period}")
_WEEK_SUBJECT: Final = N_("{court}: attendance in the week {period}")
_MONTH_SUBJECT: Final = N_("{court}: attendance in {period}")
_NOBODY: Final = N_("Nobody is noted.")
_NOTED: Final = N_("{count} people are noted:")
_SINCE: Final = N_("Judged since the last report, when they were still open:")
_PERSON: Final = N_(
    "{name} ({number}): late {late} ({late_minutes} min), early {early} ({early_minutes} min), missing {missing}, "
    "absent {absent} days, excused {excused}"
)
_GROUP: Final = N_(
    "{division}: {people} people, late {late} ({late_minutes} min), early {early} ({early_minutes} min), rate {rate}, "
    "missing {missing}, absent {absent} days, excused {excused}"
)
_COURT: Final = N_("Altogether")
_NO_DIVISION: Final = N_("without a division")
_AMENDED: Final = N_("Amendments of locked months: {count}")
_SHEET_SUBJECT: Final = N_("{court}: your attendance in {period}")
_LATE: Final = N_("Late arrivals: {count} of {judged} judged ({rate}), {minutes} min")
_EARLY: Final = N_("Early leaves: {count} of {judged} judged ({rate}), {minutes} min")
_NOTHING_NOTED: Final = N_("Nothing is noted.")
_CHANGED: Final = N_("Changed since it was published: {words}")
_NOT_NAMED: Final = N_("Not named when it was published: {words}")
_CHANGED_NAMES: Final = N_("Changed since it was published: {names}")
_REPLACES: Final = N_(
    "This takes the place of the report dated {moment}: that one was published before its time, because the server's "
    "clock was ahead."
)
_MOST_NAMES: Final = 20
_CONFIRM: Final = N_("Confirm it, or say what is wrong, before HR locks the month: {url}")
_LOOK: Final = N_("With reasons, figures and files: {url}")


def render_report(context: ServerContext, kind: str, period: str, account: AccountRecord) -> Mail:
    """The mail of a report, in the account's language; a head's has the own division alone.

    Raises:
        ValueError: the kind is no report's, or a month's sheet is of an account that is nobody's.
        CourtclockError: ``page.bad_week`` or ``page.bad_month``; ``page.forbidden`` for an account that may see
            neither the court nor a division.
    """
    language = mail_language(context, account)
    # Not left to whoever chose the recipients: nobody's missing division is the whole court.
    division_id = None if kind == MONTH_SHEET else visible_division(account)
    page, look = f"/reports/{kind}/{period}", _LOOK
    replaced: tuple[datetime, ...] = ()
    if kind == DAY_REPORT:
        found = day_report(context, date.fromisoformat(period), division_id)
        subject, lines, replaced = _DAY_SUBJECT, _day_lines(found, language), found.replaced_at
    elif kind in ("week", "month"):
        subject = _WEEK_SUBJECT if kind == "week" else _MONTH_SUBJECT
        summed = period_report(context, "week" if kind == "week" else "month", period, division_id)
        lines, replaced = _period_lines(summed, language), summed.replaced_at
    elif kind == MONTH_SHEET and account.person_id is not None:
        sheet = month_sheet(context, account.person_id, period, Actor.of(account))
        subject, lines = _SHEET_SUBJECT, _sheet_lines(sheet, language)
        page, look = f"/requests/sheet/{period}", _CONFIRM if sheet.lock is None else _LOOK
    else:
        raise ValueError(f"no report of the kind {kind!r} for {account.username}")
    court = context.settings.court
    name = court.name_zh if language == "zh" else court.name_en
    title = translate(subject, language).format(court=name, period=period)
    if replaced:
        moment = f"{replaced[-1].astimezone(context.site.zone):%Y-%m-%d %H:%M}"
        lines = [translate(_REPLACES, language).format(moment=moment), "", *lines]
    public_url = context.settings.mail.public_url
    if public_url is not None:
        lines += ["", translate(look, language).format(url=public_url.rstrip("/") + page)]
    return Mail(title, "\n".join([title, "", *lines]) + "\n")


def _day_lines(report: DayReport, language: Language) -> list[str]:
    if report.published_at is None:
        lines = _listed([_person_lines(line, "", language) for line in report.noted], language)
        return lines + _since(
            [_person_lines(one.line, f"{one.day} ", language) for one in report.noted_since], language
        )
    now = {line.person.person_id: line for line in report.lines}
    people = []
    for one in report.published:
        first, *reasons = _published_lines(one, "", language)
        lines = ["", first]
        line = now.get(one.person_id)
        if line is not None and line.changed_since_published and line.summary(language) != one.words[language]:
            lines.append("  " + translate(_CHANGED, language).format(words=line.summary(language)))
        people.append([*lines, *reasons])
    added = [line for line in report.noted if line.changed_since_published and line.published is None]
    for line in added:
        person = line.person
        place = "" if person.division is None else f", {person.division}"
        words = translate(_NOT_NAMED, language).format(words=line.summary(language))
        people.append(["", f"{person.name} ({person.employee_no}{place}): {words}"])
    since = [["", *_published_lines(one, f"{one.day} ", language)] for one in report.published_since]
    return _listed(people, language) + _since(since, language)


def _listed(people: Sequence[Sequence[str]], language: Language) -> list[str]:
    if not people:
        return [translate(_NOBODY, language)]
    return [translate(_NOTED, language).format(count=len(people)), *(line for lines in people for line in lines)]


def _since(people: Sequence[Sequence[str]], language: Language) -> list[str]:
    return ["", translate(_SINCE, language), *(line for lines in people for line in lines)] if people else []


def _published_lines(one: PublishedLine, on: str, language: Language) -> list[str]:
    place = "" if one.division is None else f", {one.division}"
    told = f"{on}{one.name} ({one.employee_no}{place}): {one.words[language]}"
    return [told, *(f"  {reason}" for reason in one.reasons[language])]


def _person_lines(line: ReportLine, on: str, language: Language) -> list[str]:
    person = line.person
    place = "" if person.division is None else f", {person.division}"
    told = f"{on}{person.name} ({person.employee_no}{place}): {line.summary(language)}"
    return ["", told, *(f"  {reason}" for reason in line.explanation(language))]


def _sheet_lines(sheet: MonthSheet, language: Language) -> list[str]:
    days = [one for one in sheet.verdicts if any(status not in _QUIET for status in one.status)]
    if not days:
        return [translate(_NOTHING_NOTED, language)]
    lines = [f"{one.day}: {summary(one, language)}" for one in days]
    return [*lines, "", *_rate_lines(sheet.total, language), *_consequence_lines(sheet, language)]


def _rate_lines(total: Tally, language: Language) -> list[str]:
    """Of what was judged, how much was late and early."""
    kinds = (
        (_LATE, total.late_times, total.arrivals, total.late_minutes),
        (_EARLY, total.early_times, total.departures, total.early_minutes),
    )
    return [
        translate(sentence, language).format(
            count=count, judged=judged, rate=percent(count / judged, language), minutes=minutes
        )
        for sentence, count, judged, minutes in kinds
        if judged
    ]


def _consequence_lines(sheet: MonthSheet, language: Language) -> list[str]:
    """Points and limits, as far as the month says anything of them."""
    limits = [limit_in_words(one, language) for one in sheet.counters if one.times]
    costs = month_costs_in_words(sheet.points, language) if sheet.points else ""
    return [line for line in (costs, *limits, forgiven_in_words(sheet.forgiven, language)) if line]


def _period_lines(report: PeriodReport, language: Language) -> list[str]:
    lines = [_group_line(report.court, translate(_COURT, language), language)]
    lines += [
        _group_line(one, one.name or translate(_NO_DIVISION, language), language)
        for one in report.divisions
        if len(report.divisions) > 1
    ]
    lines.append("")
    if not report.noted:
        lines.append(translate(_NOBODY, language))
    else:
        lines.append(translate(_NOTED, language).format(count=len(report.noted)))
    for line in report.noted:
        tally = line.tally
        lines.append(
            translate(_PERSON, language).format(
                name=line.name,
                number=line.employee_no,
                late=tally.late_times,
                late_minutes=tally.late_minutes,
                early=tally.early_times,
                early_minutes=tally.early_minutes,
                missing=tally.missing_points,
                absent=f"{tally.absent_half_days / 2:g}",
                excused=tally.excused_times,
            )
        )
    if report.changed_people:
        names = listed(report.changed_people[:_MOST_NAMES], language)
        more = "" if len(report.changed_people) <= _MOST_NAMES else " …"
        lines += ["", translate(_CHANGED_NAMES, language).format(names=names + more)]
    if report.amendments:
        lines += ["", translate(_AMENDED, language).format(count=len(report.amendments))]
        lines += [
            f"  {one.day} {one.name} ({one.employee_no}): {one.before[language]} -> "
            f"{one.after[language]} ({one.signed_by}: {one.reason})"
            for one in report.amendments
        ]
    return lines


def _group_line(line: DivisionLine, name: str, language: Language) -> str:
    tally = line.tally
    return translate(_GROUP, language).format(
        division=name,
        people=line.people,
        late=tally.late_times,
        late_minutes=tally.late_minutes,
        early=tally.early_times,
        early_minutes=tally.early_minutes,
        rate=percent(line.rate, language, places=2) or "–",
        missing=tally.missing_points,
        absent=f"{tally.absent_half_days / 2:g}",
        excused=tally.excused_times,
    )
