"""What every service is given: settings, database, clock, keys and rules."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, inspect, select

from models.clock import Clock
from models.errors import CourtclockError
from models.sealing import find_secret_faults, new_key, read_key_file, write_key_file
from models.settings import Finding, Settings, invalid_settings
from server.attendance.points import RuleBook, rule_book
from server.storage.engine import open_database
from server.storage.schema import migrate, require_current
from server.storage.tables import kiosk, template
from server.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ServerContext:
    """The server's parts, opened once.

    Attributes:
        template_key: seals templates and gallery keys at rest.
        rules: the attendance rules in force.
    """

    settings: Settings
    engine: Engine
    clock: Clock
    template_key: bytes
    rules: RuleBook

    def unit(self, *, read_only: bool = False) -> UnitOfWork:
        """A new unit of work."""
        return UnitOfWork(self.engine, read_only=read_only)


def open_context(settings: Settings, clock: Clock) -> ServerContext:
    """Open the database and the keys.

    Raises:
        CourtclockError: ``settings.invalid`` (also of a key that is missing), ``database.unreachable`` or
            ``database.not_migrated``.
    """
    faults = find_secret_faults(settings.secrets) + find_shift_faults(settings)
    if faults:
        raise invalid_settings(Path("config.yaml"), faults)
    template_key = read_key_file(settings.secrets.template_key_file)
    engine = open_database(settings.database)
    require_current(engine)
    return ServerContext(settings, engine, clock, template_key, rule_book(settings))


def find_shift_faults(settings: Settings) -> list[Finding]:
    """What is wrong with the shifts beyond their form, such as windows that overlap; all shifts are looked at."""
    findings = []
    for name in settings.attendance.shifts:
        attendance = settings.attendance.model_copy(update={"default_shift": name})
        try:
            rule_book(settings.model_copy(update={"attendance": attendance}))
        except ValueError as error:
            findings.append(Finding(f"attendance.shifts.{name}", str(error), "See docs/attendance.md."))
    return findings


def initialise(settings: Settings) -> list[Path]:
    """Make the keys that are missing and bring the database to this version; gives the files made.

    Running it again changes nothing.

    Raises:
        CourtclockError: ``secret.lost`` when the template key is gone while the database holds what it
            sealed; ``folder.unwritable`` or ``database.unreachable``.
    """
    engine = open_database(settings.database)
    made = []
    for path in (settings.secrets.template_key_file, settings.secrets.session_key_file):
        # Not Path.exists(), which raises where the folder may not be entered.
        if os.path.lexists(path):
            continue
        if path == settings.secrets.template_key_file and _holds_sealed_data(engine):
            raise CourtclockError("secret.lost", path=str(path))
        write_key_file(path, new_key())
        made.append(path)
    migrate(engine)
    return made


def _holds_sealed_data(engine: Engine) -> bool:
    """Whether there are templates, or kiosks with their gallery keys; both are sealed with the template key."""
    with engine.connect() as connection:
        known = inspect(connection).get_table_names()
        return any(
            connection.execute(select(1).select_from(table).limit(1)).first() is not None
            for table in (template, kiosk)
            if table.name in known
        )
