"""config.yaml as a whole, and its sections but for faces and kiosk: every key with its type, range and meaning."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Final, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from models.language import Language
from models.settings.faces import FacesSettings
from models.settings.fields import SECRETIVE, FilePath, Section, from_config_folder
from models.settings.kiosk import KioskSettings
from models.settings.mail import MailSettings

# User and password, host, and what stands where the port belongs; as SQLAlchemy divides a URL.
_AUTHORITY = re.compile(r"postgresql\+psycopg://(?:[^:/]*(?::[^@]*)?@)?(?:\[[^/?]+\]|[^/:?]*)(?::([^/?]*))?")


def _database_url(url: str, info: ValidationInfo) -> str:
    prefix = "sqlite:///"
    if not url.startswith(prefix):
        found = _AUTHORITY.match(url)
        port = found[1] if found is not None else None
        if port and not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
            raise PydanticCustomError(SECRETIVE, "the port in this URL is not a number from 1 to 65535")
        return url
    if ":memory:" in url:
        raise ValueError("a database in memory is lost when the program ends; name a file")
    return prefix + str(from_config_folder(Path(url.removeprefix(prefix)), info))


def _time_of_day(value: object) -> time:
    # YAML reads 17:30 without quotes as the number 1050, which would pass for so many seconds after midnight.
    if not isinstance(value, str) or re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value) is None:
        raise ValueError('this must be a time of day in quotes, such as "04:00"')
    return time.fromisoformat(value)


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not an IANA time zone such as Asia/Shanghai") from error
    return name


def _iso_date(value: object) -> date:
    # YAML reads a date without quotes as a date, and one with quotes as text; both are meant.
    if isinstance(value, datetime) or not isinstance(value, str | date):
        raise ValueError("this must be a date such as 2026-11-20")
    return date.fromisoformat(value) if isinstance(value, str) else value


def _rules(name: str, info: ValidationInfo) -> str:
    return str(from_config_folder(Path(name), info)) if name.endswith((".yaml", ".yml")) else name


IsoDate = Annotated[date, BeforeValidator(_iso_date)]
"""A date of the site."""

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)

TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
"""Hours and minutes of a day on the site's wall clock."""


class CourtSettings(Section):
    """Who and where."""

    name_zh: str = Field(min_length=1, description="Name of the court in Chinese.")
    name_en: str = Field(min_length=1, description="Name of the court in English.")
    time_zone: Annotated[str, AfterValidator(_time_zone)] = Field(
        description="IANA zone of the site; decides which day a moment belongs to."
    )
    language: Language = Field(description="Language of screens and reports until somebody chooses another.")


class ClockSettings(Section):
    """Where the time comes from."""

    compressed_day: FilePath | None = Field(
        description="Shared file of a demonstration's compressed day; null is the machine's clock."
    )


class DatabaseSettings(Section):
    """Where the server keeps its records."""

    url: Annotated[str, AfterValidator(_database_url)] = Field(
        pattern=r"^(sqlite:///.|postgresql\+psycopg://.)",
        description="SQLAlchemy URL: sqlite:///file or postgresql+psycopg://user@host/name.",
    )
    password_file: FilePath | None = Field(description="File with the database password, kept out of the URL.")


class SecretsSettings(Section):
    """Files with keys; made by `python -m server init`, readable by the server's user only."""

    template_key_file: FilePath = Field(description="Key that seals templates at rest.")
    session_key_file: FilePath = Field(description="Key that signs forms.")


class ServerSettings(Section):
    """The program in the court's computer room."""

    host: str = Field(min_length=1, description="Address to listen on.")
    port: int = Field(ge=1, le=65535, description="Port to listen on.")
    threads: int = Field(ge=1, le=64, description="Requests served at once.")
    session_idle_minutes: int = Field(ge=1, le=1440, description="Sign-in ends after so long without use …")
    session_hours: int = Field(ge=1, le=168, description="… and after so long in any case.")
    secure_cookies: bool = Field(description="true behind HTTPS: cookies never travel in clear.")
    pairing_code_minutes: int = Field(ge=1, le=1440, description="A pairing code is good for so long.")
    signature_max_age_seconds: int = Field(ge=5, le=3600, description="Oldest signature that is accepted.")


class AttendanceSettings(Section):
    """What verdicts rest on, beside the rules themselves, which are kept in the database in versions."""

    day_starts_at: TimeOfDay = Field(description="A workday lasts from this time of day to the same of the next.")
    first_rules: Annotated[str, AfterValidator(_rules)] = Field(
        min_length=1,
        description="Rules that a new database begins with: a preset's name, or a file ending in .yaml. "
        "Later versions are put in force by HR.",
    )
    kiosk_came_on: IsoDate | None = Field(description="First day of the kiosk; before and after are compared there.")
    staff_read_postings: bool = Field(
        description="Whether everybody with an account reads published postings and bulletins, with names and figures."
    )
    silent_kiosk_seconds: int = Field(ge=30, le=86_400, description="A kiosk not heard for so long has failed …")
    clock_jump_seconds: int = Field(
        ge=2, le=3600, description="… and one whose clock is off by more, or moved by more, is wrong."
    )


class JobsSettings(Section):
    """What the server does by itself."""

    tick_seconds: float = Field(ge=0.05, le=3600, description="Pause between looks for due work.")
    day_report_at: TimeOfDay = Field(description="Local time of the day's late-arrival and early-leave report.")
    week_posting_on: Weekday = Field(description="Day of the following week on which the week is posted …")
    week_posting_at: TimeOfDay = Field(description="… and its local time.")
    month_bulletin_on: int = Field(ge=1, le=28, description="Day of the next month on which the bulletin appears …")
    month_bulletin_at: TimeOfDay = Field(description="… and its local time.")
    catch_up_days: int = Field(ge=0, le=366, description="Missed reports of so many days back are made up for.")


class RetentionSettings(Section):
    """How long what is kept is kept. Clock events and verdicts stay until a court decides otherwise."""

    attempts_days: int = Field(ge=1, le=3650, description="Identifications that ended in no clock event.")
    access_log_days: int = Field(ge=30, le=3650, description="Who looked at whose data.")
    job_runs_days: int = Field(ge=400, le=3650, description="What the server did by itself; beyond every catch-up.")
    clock_events_days: int | None = Field(
        ge=400, le=36_500, description="Clock events and the verdicts of their days; null keeps them."
    )


class Settings(Section):
    """The whole of config.yaml."""

    court: CourtSettings = Field(description="Who and where.")
    clock: ClockSettings = Field(description="Where the time comes from.")
    database: DatabaseSettings = Field(description="Where the server keeps its records.")
    secrets: SecretsSettings = Field(description="Files with keys.")
    faces: FacesSettings = Field(description="The face models.")
    kiosk: KioskSettings = Field(description="The program at the door.")
    server: ServerSettings = Field(description="The program in the computer room.")
    attendance: AttendanceSettings = Field(description="What is expected of whom.")
    jobs: JobsSettings = Field(description="What the server does by itself.")
    mail: MailSettings = Field(description="How reports leave by e-mail.")
    retention: RetentionSettings = Field(description="How long what is kept is kept.")
