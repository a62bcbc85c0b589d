"""The server's verbs."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from models.clock import open_clock
from models.errors import CourtclockError
from models.faces.weights import find_weight_faults
from models.language import Language, choose_language, translate
from models.sealing import find_secret_faults
from models.settings import Finding, Settings, find_folder_faults, invalid_settings, load_settings
from models.texts import require_short_text
from server.services.context import ServerContext, find_shift_faults, initialise, open_context
from server.services.devices import make_pairing_code, revoke_kiosk
from server.services.numbering import find_gaps
from server.services.reporting import DayReport, day_report
from server.services.signing_in import add_account, change_password
from server.storage.records import Role

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
# No markup: a name is a name, whatever brackets are in it.
out = Console(soft_wrap=True, highlight=False, markup=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

ConfigOption = Annotated[Path, typer.Option("--config", help="Settings file.")]
LanguageOption = Annotated[str, typer.Option("--language", help="zh or en; the court's own if left out.")]
DEFAULT_CONFIG = Path("config.yaml")
_MOST_NAME_CHARACTERS = 64
_SQLITE_BEGINNING = b"SQLite format 3\0"
PASSWORD_VARIABLE = "COURTCLOCK_PASSWORD"  # noqa: S105 - the name of a variable, not a password


def main() -> None:
    """Entry point: one sentence for an error, no traceback."""
    try:
        app()
    except CourtclockError as error:
        err.print(error.sentence("en"), style="red", markup=False)
        sys.exit(2)


def open_server(config: Path) -> ServerContext:
    """Settings, database and keys behind a config file."""
    settings = load_settings(config)
    return open_context(settings, open_clock(settings.clock.compressed_day))


@app.command()
def init(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Make the keys and the database; running it again changes nothing."""
    for path in initialise(load_settings(config)):
        out.print(f"made {path}", markup=False)
    out.print("the database is ready")


@app.command()
def migrate(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Bring the database to the schema of this version."""
    from server.storage.engine import open_database
    from server.storage.schema import migrate as bring_to_head

    out.print(f"schema {bring_to_head(open_database(load_settings(config).database))}")


@app.command()
def run(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Serve pages and kiosks and do what is due, until Ctrl-C."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    from server.serving import run_server

    findings = find_server_faults(load_settings(config))
    if findings:
        raise invalid_settings(config, findings)
    run_server(open_server(config))


@app.command("check-config")
def check_config(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Print every finding about the settings at once."""
    findings = find_server_faults(load_settings(config))
    if findings:
        raise invalid_settings(config, findings)
    out.print(f"{config}: no findings", markup=False)


def find_server_faults(settings: Settings) -> list[Finding]:
    """What would keep the server from running, beyond the form of the settings."""
    findings = find_secret_faults(settings.secrets) + _find_database_faults(settings.database.url)
    if settings.database.password_file is not None and not settings.database.password_file.is_file():
        findings.append(
            Finding("database.password_file", f"{settings.database.password_file} is missing", "Make it, or set null.")
        )
    findings += find_weight_faults(settings.faces)
    return findings + find_shift_faults(settings)


def _find_database_faults(url: str) -> list[Finding]:
    """What is wrong with the file of an SQLite database; nothing is opened or made."""
    prefix, key = "sqlite:///", "database.url"
    if not url.startswith(prefix):
        return []
    path = Path(url.removeprefix(prefix).split("?")[0])
    try:
        with path.open("rb") as file:
            beginning = file.read(len(_SQLITE_BEGINNING))
    except (FileNotFoundError, NotADirectoryError):
        return find_folder_faults(key, path.parent)
    except OSError as error:
        return [Finding(key, f"{path} cannot be read: {error.strerror}", "Mend its permissions, or name another file.")]
    if beginning and beginning != _SQLITE_BEGINNING:
        return [Finding(key, f"{path} is not an SQLite database", "Name another file.")]
    if not os.access(path, os.W_OK):
        return [Finding(key, f"{path} cannot be written", "Mend its permissions, or name another file.")]
    return find_folder_faults(key, path.parent)


@app.command("add-account")
def add_account_verb(
    username: Annotated[str, typer.Argument()],
    role: Annotated[str, typer.Option(help="hr (sees the court) or head (sees one division).")] = "hr",
    division: Annotated[str | None, typer.Option(help="What a head may see.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Let somebody sign in. The password is asked for, or taken from COURTCLOCK_PASSWORD."""
    if role not in ("hr", "head"):
        raise typer.BadParameter("hr or head", param_hint="--role")
    if (role == "head") != (division is not None):
        raise typer.BadParameter("a head has a division, and nobody else has", param_hint="--division")
    require_short_text("USERNAME", username, _MOST_NAME_CHARACTERS)
    add_account(open_server(config), username, _password(), cast(Role, role), division)
    out.print(f"{username} may sign in", markup=False)


@app.command("set-password")
def set_password(username: Annotated[str, typer.Argument()], config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Give an account another password and end its sign-ins."""
    change_password(open_server(config), username, _password())
    out.print(f"{username} has a new password", markup=False)


def _password() -> str:
    given = os.environ.get(PASSWORD_VARIABLE)
    return given if given is not None else typer.prompt("Password", hide_input=True, confirmation_prompt=True)


@app.command("pair-code")
def pair_code(name: Annotated[str, typer.Argument()], config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Print a one-time code for a new kiosk of this name."""
    require_short_text("NAME", name, _MOST_NAME_CHARACTERS)
    out.print(make_pairing_code(open_server(config), name), markup=False)


@app.command()
def kiosks(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """List the kiosks: identifier, name, when last heard, and what waits there."""
    context = open_server(config)
    zone = ZoneInfo(context.settings.court.time_zone)
    with context.unit(read_only=True) as unit:
        sights = unit.kiosks.sights()
    for sight in sights:
        heard = "never heard" if sight.seen_at is None else f"heard {sight.seen_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        waiting = "" if sight.health is None else f", waiting {sight.health['queue_length']}"
        revoked = ", revoked" if sight.revoked_at is not None else ""
        out.print(f"{sight.kiosk_id} {sight.name}: {heard}{waiting}{revoked}", markup=False)


@app.command("revoke-kiosk")
def revoke_kiosk_verb(kiosk_id: Annotated[UUID, typer.Argument()], config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Cut a kiosk off from its next request on."""
    revoke_kiosk(open_server(config), kiosk_id)
    out.print(f"{kiosk_id} is revoked")


@app.command()
def gaps(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Prove that nothing got lost: numbers that a kiosk gave and that never arrived. Exits 1 if there are any."""
    missing = find_gaps(open_server(config))
    for gap in missing:
        out.print(f"{gap.kiosk_name}: {', '.join(map(str, gap.missing))}", markup=False)
    if missing:
        raise typer.Exit(1)
    out.print("no gaps")


@app.command()
def jobs(config: ConfigOption = DEFAULT_CONFIG, most: Annotated[int, typer.Option(min=1, max=1000)] = 20) -> None:
    """What the server did by itself, newest first."""
    context = open_server(config)
    with context.unit(read_only=True) as unit:
        runs = unit.jobs.recent(most)
    for one in runs:
        out.print(f"{one.period} {one.job} {one.state} tries={one.tries} {one.error or ''}".rstrip(), markup=False)


@app.command()
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
    try:
        asked = date.fromisoformat(day)
    except ValueError as error:
        raise CourtclockError("page.bad_date", text=day) from error
    found = day_report(context, asked)
    if published and found.published_at is None:
        raise typer.Exit(1)
    if as_json:
        sys.stdout.write(json.dumps(_as_json(found, shown), ensure_ascii=False, indent=1) + "\n")
    else:
        _print_report(found, shown)


@app.command("operating-point")
def operating_point(
    config: ConfigOption = DEFAULT_CONFIG,
    compute: Annotated[
        bool, typer.Option("--compute/--show", help="Compute it now and put it in force, or show the one in force.")
    ] = False,
    probes: Annotated[
        Path | None, typer.Option("--probes", help="Folder of pictures that were not enrolled; see the docs.")
    ] = None,
    fpir: Annotated[
        float | None, typer.Option("--fpir", min=1e-6, max=0.49, help="Another wanted FPIR; shown, not put in force.")
    ] = None,
    language: LanguageOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Print this site's threshold, its error rates with bounds, look-alikes, and expected wrong clock events."""
    from server.operating_verb import run_operating_point

    if compute and fpir is not None:
        raise typer.BadParameter("is only shown; put it in force in config.yaml", param_hint="--fpir")
    context = open_server(config)
    shown = choose_language(language, context.settings.court.language)
    run_operating_point(context, shown, store=compute, probes=probes, wanted_fpir=fpir, as_json=as_json)


def _as_json(found: DayReport, language: Language) -> dict[str, Any]:
    return {
        "day": found.day.isoformat(),
        "published_at": None if found.published_at is None else found.published_at.isoformat(),
        "people": [
            {
                "employee_no": line.person.employee_no,
                "name": line.person.name,
                "division": line.person.division,
                "status": [] if line.verdict is None else list(line.verdict.status),
                "late_minutes": 0 if line.verdict is None else line.verdict.late_minutes,
                "early_minutes": 0 if line.verdict is None else line.verdict.early_minutes,
                "event_ids": []
                if line.verdict is None
                else [str(result.event.event_id) for result in line.verdict.points if result.event is not None]
                + [str(one.event.event_id) for one in line.verdict.ignored],
                "summary": line.summary(language),
                "explanation": line.explanation(language),
            }
            for line in found.lines
        ],
    }


def _print_report(found: DayReport, language: Language) -> None:
    def words(sentence: str) -> str:
        return translate(sentence, language)

    table = Table(title=f"{words('Late arrivals and early leaves')} {found.day}", title_justify="left")
    for heading in ("Number", "Name", "Division", "Verdict"):
        table.add_column(words(heading))
    for line in found.lines:
        table.add_row(
            line.person.employee_no,
            line.person.name,
            line.person.division or "",
            line.summary(language) if line.verdict is not None else words("not judged yet"),
            style="bold" if line.noted else None,
        )
    out.print(table)
    for line in found.noted:
        out.print(f"{line.person.employee_no} {line.person.name}", style="bold", markup=False)
        for reason in line.explanation(language):
            out.print(f"  {reason}", markup=False)
