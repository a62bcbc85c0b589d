"""The server's verbs."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from models.errors import CourtclockError
from models.faces.weights import find_weight_faults
from models.language import choose_language
from models.sealing import find_secret_faults
from models.settings import Finding, Settings, find_folder_faults, invalid_settings, load_settings
from models.texts import require_short_text
from server.services.context import find_rule_faults, initialise
from server.services.court_rules import write_first_rules
from server.services.devices import make_pairing_code, revoke_kiosk
from server.services.leaving import set_last_day
from server.services.numbering import find_gaps
from server.services.official_calendar import take_official_calendar
from server.services.smtp import find_mail_faults
from server.verbs import accounts, deriving, registers, reporting, ruling
from server.verbs.terminal import (
    DEFAULT_BY,
    DEFAULT_CONFIG,
    ConfigOption,
    LanguageOption,
    err,
    find_person,
    hr_actor,
    open_server,
    out,
    read_date,
)

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
_MOST_NAME_CHARACTERS = 64
_SQLITE_BEGINNING = b"SQLite format 3\0"


def main() -> None:
    """Entry point: one sentence for an error, no traceback."""
    try:
        app()
    except CourtclockError as error:
        err.print(error.sentence("en"), style="red", markup=False)
        sys.exit(2)


@app.command()
def init(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Make the keys and the database; running it again changes nothing."""
    for path in initialise(load_settings(config)):
        out.print(f"made {path}", markup=False)
    context = open_server(config)
    write_first_rules(context)
    take_official_calendar(context)
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
    return findings + find_rule_faults(settings) + find_mail_faults(settings.mail)


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


@app.command("last-day")
def last_day(
    person: Annotated[str, typer.Argument(help="Employee number, or name.")],
    day: Annotated[str, typer.Argument(help="Like 2026-11-20; empty when the person stays after all.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Say on which day somebody belongs to the court for the last time."""
    context = open_server(config)
    found = find_person(context, person)
    set_last_day(context, found.person_id, read_date(day) if day else None, hr_actor(DEFAULT_BY))
    out.print(f"{found.employee_no} {found.name}: {day or 'no last day'}")


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
    from server.verbs.operating import run_operating_point

    if compute and fpir is not None:
        raise typer.BadParameter("is only shown; put it in force in config.yaml", param_hint="--fpir")
    context = open_server(config)
    shown = choose_language(language, context.settings.court.language)
    run_operating_point(context, shown, store=compute, probes=probes, wanted_fpir=fpir, as_json=as_json)


for verbs in (accounts, deriving, registers, reporting, ruling):
    verbs.register(app)
