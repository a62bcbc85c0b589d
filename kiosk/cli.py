"""The kiosk's verbs: run, pair, check-config, status, retry-refused."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from kiosk.door import Announcement
from kiosk.identity import IDENTITY_FILE, KioskIdentity, load_identity, new_private_key, save_identity
from kiosk.link import pair as pair_with_server
from kiosk.lock import hold_folder
from kiosk.outbox import Outbox
from kiosk.running import NO_CAMERA, OUTBOX_FILE, ensure_folder, run_kiosk
from models.clock import open_clock, require_utc
from models.errors import CourtclockError
from models.settings import Finding, Settings, find_folder_faults, invalid_settings, load_settings

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

ConfigOption = Annotated[Path, typer.Option("--config", help="Settings file.")]
DEFAULT_CONFIG = Path("config.yaml")


def main() -> None:
    """Entry point: one sentence for an error, no traceback."""
    try:
        app()
    except CourtclockError as error:
        err.print(error.sentence("en"), style="red", markup=False)
        sys.exit(2)


@app.command()
def run(
    config: ConfigOption = DEFAULT_CONFIG,
    announce: Annotated[bool, typer.Option(help="Print each outcome as a line of JSON.")] = False,
) -> None:
    """Look, decide, record, deliver, until Ctrl-C."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    settings = load_settings(config)
    refuse_findings(config, find_kiosk_faults(settings))
    run_kiosk(settings, open_clock(settings.clock.compressed_day), _print_line if announce else _log_line)


@app.command()
def pair(
    code: Annotated[str, typer.Argument(help="One-time code from `python -m server pair-code NAME`.")],
    config: ConfigOption = DEFAULT_CONFIG,
    give_up_waiting: Annotated[
        bool, typer.Option(help="Pair although items wait under the old identity; they are kept in a file.")
    ] = False,
) -> None:
    """Make this machine a kiosk of the court."""
    settings = load_settings(config).kiosk
    folder = settings.state_folder
    ensure_folder(folder)
    with hold_folder(folder):
        waiting = count_waiting(folder)
        if waiting and not give_up_waiting:
            raise CourtclockError("kiosk.items_waiting", count=waiting)
        private_key = new_private_key()
        answer = pair_with_server(
            settings.server_url,
            code,
            private_key.public_key().public_bytes_raw(),
            settings.sync.timeout_seconds,
            settings.server_ca_file,
        )
        put_outbox_aside(folder)
        save_identity(folder, private_key, answer)
    out.print(f"paired as {answer.kiosk_name} ({answer.kiosk_id})", markup=False)


def count_waiting(folder: Path) -> int:
    """How many items of an earlier identity never reached the server."""
    if not (folder / OUTBOX_FILE).exists():
        return 0
    outbox = Outbox(folder / OUTBOX_FILE)
    counts = outbox.counts()
    outbox.close()
    return counts.pending + counts.quarantined


def put_outbox_aside(folder: Path) -> None:
    """Keep an earlier identity's outbox under its name: a new identity numbers its items from 1."""
    if not (folder / OUTBOX_FILE).exists():
        return
    try:
        old_name = str(load_identity(folder).kiosk_id)
    except CourtclockError:
        old_name = "unknown"
    # Opening and closing brings everything from SQLite's log into the one file that is moved.
    Outbox(folder / OUTBOX_FILE).close()
    place = folder / f"outbox-{old_name}.db"
    while place.exists():
        place = place.with_name(f"{place.stem}-again.db")
    (folder / OUTBOX_FILE).rename(place)


@app.command("check-config")
def check_config(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Print every finding about the settings at once."""
    settings = load_settings(config)
    refuse_findings(config, find_kiosk_faults(settings))
    out.print(f"{config}: no findings", markup=False)


@app.command()
def status(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Say who this kiosk is and what waits in its outbox."""
    folder = load_settings(config).kiosk.state_folder
    identity = _identity_in(folder)
    outbox = Outbox(folder / OUTBOX_FILE)
    counts = outbox.counts()
    out.print(f"{identity.name} ({identity.kiosk_id})", markup=False)
    out.print(f"last number {counts.last_device_seq}, waiting {counts.pending}, refused {counts.quarantined}")
    for device_seq, kind, code in outbox.quarantined():
        out.print(f"  {device_seq} {kind}: {code}", markup=False)
    outbox.close()


@app.command("retry-refused")
def retry_refused(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Send refused items again, after their cause was mended."""
    folder = load_settings(config).kiosk.state_folder
    _identity_in(folder)
    outbox = Outbox(folder / OUTBOX_FILE)
    out.print(f"{outbox.retry_quarantined()} items will be sent again")
    outbox.close()


@app.command("send-again")
def send_again(
    since: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="Local date, like 2026-11-20.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Send again what was delivered since a date, after the server was restored from a backup."""
    settings = load_settings(config)
    moment = require_utc(since.replace(tzinfo=ZoneInfo(settings.court.time_zone)))
    _identity_in(settings.kiosk.state_folder)
    outbox = Outbox(settings.kiosk.state_folder / OUTBOX_FILE)
    out.print(f"{outbox.send_again_since(moment)} items will be sent again")
    outbox.close()


def _identity_in(folder: Path) -> KioskIdentity:
    """Who this kiosk is; asked before the outbox is opened, which would make one for nobody.

    Raises:
        CourtclockError: as ``load_identity``, or ``folder.unwritable`` when the folder is none or not ours.
    """
    try:
        return load_identity(folder)
    except OSError as error:
        raise CourtclockError("folder.unwritable", path=str(folder), reason=error.strerror) from error


def find_kiosk_faults(settings: Settings) -> list[Finding]:
    """What would keep a kiosk from running, beyond the form of the settings."""
    camera = settings.kiosk.camera
    state_folder = settings.kiosk.state_folder
    findings = find_folder_faults("kiosk.state_folder", state_folder)
    if camera.source == "sample" and camera.sample_script is None:
        findings.append(
            Finding("kiosk.camera.sample_script", "the sample camera needs a script", "Name its file here.")
        )
    for key, path in (
        ("kiosk.camera.sample_script", camera.sample_script if camera.source == "sample" else None),
        ("kiosk.server_ca_file", settings.kiosk.server_ca_file),
    ):
        if path is not None and not path.is_file():
            findings.append(Finding(key, f"{path} is missing", "Name a file that is there."))
    if not findings and (state_folder / IDENTITY_FILE).exists():
        try:
            _identity_in(state_folder)
        except CourtclockError as error:
            findings.append(
                Finding(
                    "kiosk.state_folder", error.sentence("en"), "Pair this kiosk again: `python -m kiosk pair CODE`."
                )
            )
    if camera.source != NO_CAMERA:
        from models.faces.weights import find_weight_faults

        findings += find_weight_faults(settings.faces)
    return findings


def refuse_findings(config: Path, findings: list[Finding]) -> None:
    """Stop with all findings at once, if there are any."""
    if findings:
        raise invalid_settings(config, findings)


def _as_line(announcement: Announcement) -> str:
    def plain(value: object) -> str:
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, UUID):
            return str(value)
        raise TypeError(f"not JSON: {value!r}")

    return json.dumps(asdict(announcement), default=plain, ensure_ascii=False)


def _print_line(announcement: Announcement) -> None:
    sys.stdout.write(_as_line(announcement) + "\n")
    sys.stdout.flush()


def _log_line(announcement: Announcement) -> None:
    logging.getLogger("kiosk.door").info("%s", _as_line(announcement))
