"""What every service is given: settings, database, clock, keys and the site's days."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, inspect, select

from models.clock import Clock
from models.errors import CourtclockError
from models.sealing import find_secret_faults, new_key, read_key_file, write_key_file
from models.settings import Finding, Settings, invalid_settings
from server.attendance.rule_documents import load_rules
from server.attendance.rules import RuleSet
from server.attendance.site_days import SiteDays
from server.storage.engine import open_database
from server.storage.schema import migrate, require_current
from server.storage.tables import attachment, kiosk, template
from server.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ServerContext:
    """The server's parts, opened once.

    Attributes:
        template_key: seals templates and gallery keys at rest.
        site: which workday a moment belongs to.
        first_rules: the rules that a new database begins with.
    """

    settings: Settings
    engine: Engine
    clock: Clock
    template_key: bytes
    site: SiteDays
    first_rules: RuleSet

    def unit(self, *, read_only: bool = False) -> UnitOfWork:
        """A new unit of work."""
        return UnitOfWork(self.engine, read_only=read_only)


def open_context(settings: Settings, clock: Clock) -> ServerContext:
    """Open the database and the keys.

    Raises:
        CourtclockError: ``settings.invalid`` (also of a key that is missing), ``database.unreachable`` or
            ``database.not_migrated``.
    """
    faults = find_secret_faults(settings.secrets) + find_rule_faults(settings)
    if faults:
        raise invalid_settings(Path("config.yaml"), faults)
    template_key = read_key_file(settings.secrets.template_key_file)
    engine = open_database(settings.database)
    require_current(engine)
    return ServerContext(settings, engine, clock, template_key, site_days(settings), first_rules(settings))


def site_days(settings: Settings) -> SiteDays:
    """The site's zone and the hour at which its day begins."""
    return SiteDays(ZoneInfo(settings.court.time_zone), settings.attendance.day_starts_at)


def first_rules(settings: Settings) -> RuleSet:
    """The rules that a new database begins with.

    Raises:
        CourtclockError: ``rules.unreadable`` or ``rules.invalid``.
    """
    return load_rules(settings.attendance.first_rules)


def find_rule_faults(settings: Settings) -> list[Finding]:
    """What is wrong with the first rules."""
    try:
        first_rules(settings)
    except CourtclockError as error:
        return [Finding("attendance.first_rules", error.sentence("en"), "See docs/attendance.md.")]
    return []


def initialise(settings: Settings) -> list[Path]:
    """Make the keys that are missing and bring the database to this version; gives the files made.

    Running it again changes nothing.

    Raises:
        CourtclockError: ``secret.lost`` when the template key is gone while the database holds what it
            sealed; ``folder.unwritable`` or ``database.unreachable``.
    """
    engine = open_database(settings.database)
    try:
        return _initialise(settings, engine)
    finally:
        engine.dispose()


def _initialise(settings: Settings, engine: Engine) -> list[Path]:
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
    """Whether there are templates, kiosks with their gallery keys, or documents: all sealed with the template key."""
    sealed = {
        template: select(template.c.template_id),
        # An older machine whose register was imported stands among the kiosks, and has no gallery key.
        kiosk: select(kiosk.c.kiosk_id).where(kiosk.c.sealed_gallery_key != b""),
        attachment: select(attachment.c.attachment_id),
    }
    with engine.connect() as connection:
        known = inspect(connection).get_table_names()
        return any(
            connection.execute(query.limit(1)).first() is not None
            for table, query in sealed.items()
            if table.name in known
        )
