"""`python -m enrollment`: import a folder, check photographs, check the settings."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Final, cast
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress

from enrollment.checking import FaceEngine
from enrollment.folder import import_folder, open_folder, read_photo_file
from enrollment.looking import Candidate, look_at
from enrollment.ports import EnrollmentStore
from enrollment.rehearsal import RehearsalStore
from enrollment.report import Tally, entry_lines, remarks_text
from enrollment.service import EnrollmentService
from models.clock import open_clock
from models.errors import CourtclockError
from models.faces.engine import open_engine
from models.faces.weights import find_weight_faults
from models.language import N_, Language, translate
from models.sealing import find_secret_faults
from models.settings import FacesSettings, Finding, Settings, invalid_settings, load_settings
from models.texts import require_short_text

STORE_GROUP: Final = "courtclock.enrollment_store"
DONE, SOMETHING_REFUSED, NOT_RUN = 0, 1, 2
_MOST_RECORDED_BY_CHARACTERS: Final = 100
_PHOTO_IS_GOOD: Final = N_("ok, it can be enrolled")
_SETTINGS_ARE_GOOD: Final = N_("The settings are usable, and so are the weights.")

app = typer.Typer(
    help="Enroll staff from photographs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@dataclass
class Speech:
    """The language that is spoken; known for certain only after the settings are read."""

    language: Language = "zh"


ConfigOption = Annotated[Path, typer.Option("--config", help="The settings.")]
LanguageOption = Annotated[Language | None, typer.Option("--language", help="Else that of the settings.")]


@app.command("import")
def import_command(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A folder with people.csv and a folder of photographs a person.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Find out everything, write nothing.")] = False,
    recorded_by: Annotated[
        str | None, typer.Option("--recorded-by", help="Who vouches for the consents; else the user of this machine.")
    ] = None,
    config: ConfigOption = Path("config.yaml"),
    language: LanguageOption = None,
) -> None:
    """Enroll everybody in FOLDER. Exit code 0: all went in; 1: something was refused; 2: it could not run."""
    speech = _speech(context, language)
    settings = _open_settings(config, speech, language)
    vouching = require_short_text("--recorded-by", recorded_by or _user_of_this_machine(), _MOST_RECORDED_BY_CHARACTERS)
    _refuse_findings(config, find_enrollment_faults(settings))
    clock = open_clock(settings.clock.compressed_day)
    zone = ZoneInfo(settings.court.time_zone)
    exit_code = run_import(
        folder,
        open_store=lambda: open_store(settings),
        open_engine=lambda: open_engine(settings.faces),
        faces=settings.faces,
        court_today=lambda: clock.now().astimezone(zone).date(),
        recorded_by=vouching,
        dry_run=dry_run,
        language=speech.language,
    )
    raise typer.Exit(exit_code)


@app.command("check")
def check_command(
    context: typer.Context,
    photos: Annotated[list[Path], typer.Argument(help="Photographs, each by itself.")],
    config: ConfigOption = Path("config.yaml"),
    language: LanguageOption = None,
) -> None:
    """Say what each PHOTO would get, without enrolling anybody. Exit code 1 when one would be refused."""
    speech = _speech(context, language)
    settings = _open_settings(config, speech, language)
    _refuse_findings(config, find_weight_faults(settings.faces))
    raise typer.Exit(run_check(photos, open_engine(settings.faces), settings.faces, speech.language))


@app.command("check-config")
def check_config_command(
    context: typer.Context, config: ConfigOption = Path("config.yaml"), language: LanguageOption = None
) -> None:
    """Say all that is wrong with the settings, the weights and the keys. Exit code 2 when anything is."""
    speech = _speech(context, language)
    settings = _open_settings(config, speech, language)
    _refuse_findings(config, find_enrollment_faults(settings))
    _say(_console(), translate(_SETTINGS_ARE_GOOD, speech.language))


def run_import(
    folder: Path,
    *,
    open_store: Callable[[], EnrollmentStore],
    open_engine: Callable[[], FaceEngine],
    faces: FacesSettings,
    court_today: Callable[[], date],
    recorded_by: str,
    dry_run: bool,
    language: Language,
) -> int:
    """Import a folder and say so on standard output; the progress bar is for a terminal only.

    The folder is read before store and models are opened, so that a wrong path is told at once.

    Returns:
        0 when all went in, 1 when HR has to look at something.

    Raises:
        CourtclockError: it could not run, or could not go on.
    """
    opened = open_folder(folder, recorded_by, language)
    engine = open_engine()
    store = RehearsalStore(open_store()) if dry_run else open_store()
    limits = faces.enrollment_quality
    service = EnrollmentService(store, engine, limits, faces.operating_point(), court_today)
    out, tally = _console(), Tally()
    with _progress(out) as progress:
        task = progress.add_task("", total=opened.entry_count)
        for entry in import_folder(opened, service, limits.max_file_bytes):
            tally.add(entry)
            for line in entry_lines(entry, language):
                _say(out, line)
            progress.advance(task)
    for line in tally.lines(language, dry_run=dry_run):
        _say(out, line)
    return DONE if tally.all_went_in else SOMETHING_REFUSED


def run_check(photos: list[Path], engine: FaceEngine, faces: FacesSettings, language: Language) -> int:
    """Look at each photograph by itself and say what it would get; 1 when one would be refused."""
    out, exit_code = _console(), DONE
    limits = faces.enrollment_quality
    for path in photos:
        found = look_at(read_photo_file(path, path.name, limits.max_file_bytes), engine, limits)
        if isinstance(found, Candidate):
            _say(out, f"{path}: {translate(_PHOTO_IS_GOOD, language)}")
        else:
            _say(out, f"{path}: {remarks_text(found, language)}")
            exit_code = SOMETHING_REFUSED
    return exit_code


def find_enrollment_faults(settings: Settings) -> list[Finding]:
    """All that keeps enrollment from running, though the settings are of the right form."""
    findings = find_secret_faults(settings.secrets) + find_weight_faults(settings.faces)
    if not entry_points(group=STORE_GROUP):
        findings.append(
            Finding("enrollment store", "no installed package gives one", "Install this project: `pip install -e .`.")
        )
    return findings


def open_store(settings: Settings) -> EnrollmentStore:
    """The store that is registered under ``courtclock.enrollment_store``.

    Raises:
        CourtclockError: ``engine.missing`` when none is; or what the store raises.
    """
    for entry in entry_points(group=STORE_GROUP):
        return cast(EnrollmentStore, entry.load()(settings))
    raise _store_missing()


def main() -> None:
    """Run the command line; an error that we know is one sentence and exit code 2."""
    speech = Speech()
    try:
        app(obj=speech)
    except CourtclockError as error:
        _say(Console(stderr=True, highlight=False), error.sentence(speech.language))
        sys.exit(NOT_RUN)


def _store_missing() -> CourtclockError:
    return CourtclockError("engine.missing", engine="enrollment store", package="courtclock")


def _speech(context: typer.Context, wanted: Language | None) -> Speech:
    speech = context.ensure_object(Speech)
    speech.language = wanted or speech.language
    return speech


def _open_settings(config: Path, speech: Speech, wanted: Language | None) -> Settings:
    settings = load_settings(config)
    speech.language = wanted or settings.court.language
    return settings


def _refuse_findings(config: Path, findings: list[Finding]) -> None:
    """Stop with all findings at once, if there are any."""
    if findings:
        raise invalid_settings(config, findings)


def _user_of_this_machine() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in a container
        return f"uid {os.getuid()}"


def _console() -> Console:
    return Console(highlight=False)


def _progress(out: Console) -> Progress:
    """A bar for a terminal; nothing where there is none.

    Lines and bar on one terminal must be drawn by one console, or they overwrite each other. Where
    the lines go into a file, the bar goes to standard error and the file gets the lines alone.
    """
    console = out if out.is_terminal else Console(stderr=True)
    return Progress(
        console=console,
        disable=not console.is_terminal,
        redirect_stdout=False,
        redirect_stderr=False,
        transient=True,
    )


def _say(console: Console, line: str) -> None:
    """Print a line as it is; what a file name hides in it is shown as a question mark, not obeyed."""
    shown = "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in line)
    console.print(shown, markup=False, soft_wrap=True)
