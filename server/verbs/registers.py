"""Verbs about registers of older machines: bring months of attendance over, list what was brought, take it back."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from models.errors import CourtclockError
from models.language import N_, Language, choose_language
from server.services.context import ServerContext
from server.services.register_file import RefusedLine, RegisterFile
from server.services.register_importing import Imported, import_register
from server.services.register_taking_back import take_back_register
from server.storage.registers import RegisterImport
from server.verbs.terminal import (
    DEFAULT_BY,
    DEFAULT_CONFIG,
    ByOption,
    ConfigOption,
    LanguageOption,
    ReasonOption,
    hr_actor,
    open_server,
    out,
    progress_of,
    words,
)
from server.web.csv_files import plain_text

_MOST_SHOWN: Final = 20
_ENCODINGS: Final = {"utf-8": "UTF-8", "gb18030": "GB18030"}

_READ_AS: Final = N_("Read as {encoding}.")
_IGNORED: Final = N_("Columns that say nothing needed: {names}.")
_REFUSED_LINE: Final = N_("  line {line}: {reason}")
_REFUSED: Final = N_("Nothing was taken of {count} lines; the first of them:")
_ALL_REFUSED: Final = N_("All of them stand in {path}.")
_WITHOUT_TIME: Final = N_("{count} lines have no time, as on a day of absence.")
_DONE: Final = N_("Import {number}: {taken} clock events taken, {had} were there already.")
_TRIED: Final = N_("Nothing was stored. To be taken: {taken} clock events; {had} are there already.")
_NOTHING: Final = N_("Nothing was stored: no line could be taken.")
_SPAN: Final = N_("They are of {people} people, from {first} to {last}.")
_BESIDE: Final = N_("{count} of them lie on days that kiosks judge, too, and stand beside their clock events.")
_JUDGED: Final = N_("The days are judged at the next tick, or by `server derive`.")
_NO_IMPORTS: Final = N_("No register was imported.")
_LISTED: Final = N_("{number} {source}, {file}: by {by} on {moment}: {reason}")
_LISTED_RESULT: Final = N_(
    "  {first} to {last}, {people} people: {taken} clock events taken, {had} were there already, "
    "{refused} lines refused"
)
_UNFINISHED: Final = N_("  it has not come to its end: import the same file again")
_RESTS_ON: Final = N_("  it rests on import {numbers}")
_BACK: Final = N_("  taken back by {by} on {moment}: {reason}")
_BACK_UNFINISHED: Final = N_("  taking it back has not come to its end: do it again")
_TAKEN_BACK: Final = N_("Import {number} is taken back: {count} clock events count no more.")


def import_register_verb(
    file: Annotated[Path, typer.Argument(help="CSV of the older machine: who clocked when.")],
    source: Annotated[str, typer.Option("--source", help="Name of the older machine, the same for all its files.")],
    reason: ReasonOption,
    by: ByOption = DEFAULT_BY,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be stored, and store nothing.")] = False,
    refused: Annotated[
        Path | None, typer.Option("--refused", help="Write all lines of which nothing is taken into this file.")
    ] = None,
    language: LanguageOption = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Bring over the attendance of an older machine. Exits 1 if lines were refused."""
    context = open_server(config)
    shown = choose_language(language, context.settings.court.language)
    with _kept_refused(refused, shown) as (first, refuse), progress_of(N_("importing"), shown) as tell:
        found = import_register(
            context, file, source, reason, hr_actor(by), dry_run=dry_run, progress=tell, refuse=refuse
        )
    _tell_file(found.file, shown)
    _tell_taken(found, shown, dry_run=dry_run)
    if found.refused:
        out.print(words(_REFUSED, shown, count=found.refused))
        for line in first:
            out.print(words(_REFUSED_LINE, shown, line=line.line, reason=line.reason.said_in(shown)))
        if refused is not None:
            out.print(words(_ALL_REFUSED, shown, path=refused))
        raise typer.Exit(1)


@contextmanager
def _kept_refused(
    path: Path | None, language: Language
) -> Iterator[tuple[list[RefusedLine], Callable[[RefusedLine], None]]]:
    """Keep the first refused lines for the screen, and all of them in a file."""
    first: list[RefusedLine] = []
    if path is None:
        yield first, lambda line: first.append(line) if len(first) < _MOST_SHOWN else None
        return
    try:
        # Never over a file that is there: it may be the register itself.
        text = path.open("x", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise CourtclockError("folder.unwritable", path=str(path), reason=error.strerror or str(error)) from error
    with text:
        table = csv.writer(text, lineterminator="\r\n")
        table.writerow(["line", "employee_no", "reason"])

        def keep(line: RefusedLine) -> None:
            if len(first) < _MOST_SHOWN:
                first.append(line)
            table.writerow([line.line, plain_text(line.employee_no), plain_text(line.reason.said_in(language))])

        yield first, keep


def _tell_file(file: RegisterFile, language: Language) -> None:
    out.print(words(_READ_AS, language, encoding=_ENCODINGS[file.encoding]))
    if file.ignored:
        out.print(words(_IGNORED, language, names=", ".join(file.ignored)))


def _tell_taken(found: Imported, language: Language, *, dry_run: bool) -> None:
    if found.first_day is None:
        out.print(words(_NOTHING, language))
    else:
        sentence = _TRIED if dry_run else _DONE
        out.print(words(sentence, language, number=found.number, taken=found.taken, had=found.already_had))
        out.print(words(_SPAN, language, people=found.people, first=found.first_day, last=found.last_day))
    if found.beside_kiosks:
        out.print(words(_BESIDE, language, count=found.beside_kiosks))
    if found.without_time:
        out.print(words(_WITHOUT_TIME, language, count=found.without_time))
    if found.number is not None:
        out.print(words(_JUDGED, language))


def registers(language: LanguageOption = "", config: ConfigOption = DEFAULT_CONFIG) -> None:
    """List the imports of registers: what, by whom, why, how much, and whether it was taken back."""
    context = open_server(config)
    shown = choose_language(language, context.settings.court.language)
    with context.unit(read_only=True) as unit:
        imports = unit.registers.imports()
    if not imports:
        out.print(words(_NO_IMPORTS, shown))
    for one in imports:
        _tell_import(context, one, shown)


def _tell_import(context: ServerContext, one: RegisterImport, language: Language) -> None:
    zone = context.site.zone
    out.print(
        words(
            _LISTED,
            language,
            number=one.number,
            source=one.source,
            file=one.file_name,
            by=one.entered_by,
            moment=f"{one.entered_at.astimezone(zone):%Y-%m-%d %H:%M}",
            reason=one.reason,
        )
    )
    if one.finished_at is not None:
        out.print(
            words(
                _LISTED_RESULT,
                language,
                first=one.first_day,
                last=one.last_day,
                people=one.people,
                taken=one.taken,
                had=one.already_had,
                refused=one.refused,
            )
        )
    elif one.taken_back is None:
        out.print(words(_UNFINISHED, language))
    if one.rests_on:
        out.print(words(_RESTS_ON, language, numbers=", ".join(map(str, one.rests_on))))
    if one.taken_back is not None:
        word = one.taken_back
        moment = f"{word.entered_at.astimezone(zone):%Y-%m-%d %H:%M}"
        out.print(words(_BACK, language, by=word.entered_by, moment=moment, reason=word.reason))
        if word.finished_at is None:
            out.print(words(_BACK_UNFINISHED, language))


def take_back_register_verb(
    number: Annotated[int, typer.Argument(help="As `registers` lists it.", min=1)],
    reason: ReasonOption,
    by: ByOption = DEFAULT_BY,
    language: LanguageOption = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Take a wrong import back: its clock events count no more, and its days are judged by it no more."""
    context = open_server(config)
    shown = choose_language(language, context.settings.court.language)
    with progress_of(N_("taking back"), shown) as tell:
        count = take_back_register(context, number, reason, hr_actor(by), progress=tell)
    out.print(words(_TAKEN_BACK, shown, number=number, count=count))


def register(app: typer.Typer) -> None:
    """Make these verbs known."""
    app.command("import-register")(import_register_verb)
    app.command()(registers)
    app.command("take-back-register")(take_back_register_verb)
