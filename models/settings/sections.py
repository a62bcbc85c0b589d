"""config.yaml as a whole, and its sections but for faces and kiosk: every key with its type, range and meaning."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from models.language import Language
from models.settings.faces import FacesSettings
from models.settings.fields import SECRETIVE, FilePath, Section, from_config_folder, misfit
from models.settings.kiosk import KioskSettings

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


class PointSettings(Section):
    """One clock point of a shift."""

    name_zh: str = Field(min_length=1, description="Name in Chinese.")
    name_en: str = Field(min_length=1, description="Name in English.")
    direction: Literal["in", "out"] = Field(description="Arriving or leaving.")
    at: str = Field(pattern=r"^([0-3]\d|4[0-7]):[0-5]\d$", description="Time of day; 26:00 is two in the next morning.")
    window_before_minutes: int = Field(ge=0, le=1440, description="Clocking counts from so long before …")
    window_after_minutes: int = Field(ge=0, le=1440, description="… until so long after.")
    grace_minutes: int = Field(ge=0, le=240, description="So many minutes late or early are not held against anybody.")
    required: bool = Field(description="false: may be met, but is not missed.")


class ShiftSettings(Section):
    """The clock points of a day."""

    points: list[PointSettings] = Field(min_length=1, max_length=8, description="In the order of the day.")


class AttendanceSettings(Section):
    """What is expected of whom; the rules that verdicts are judged by."""

    day_starts_at: TimeOfDay = Field(description="A workday lasts from this time of day to the same of the next.")
    default_shift: str = Field(min_length=1, description="Shift of everybody who has no other.")
    shifts: dict[str, ShiftSettings] = Field(min_length=1, description="Shifts by name.")

    @model_validator(mode="after")
    def _default_exists(self) -> Self:
        if self.default_shift not in self.shifts:
            raise misfit("default_shift", f"default_shift {self.default_shift!r} is not one of shifts")
        return self


class JobsSettings(Section):
    """What the server does by itself."""

    tick_seconds: float = Field(ge=0.05, le=3600, description="Pause between looks for due work.")
    day_report_at: TimeOfDay = Field(description="Local time of the day's late-arrival and early-leave report.")
    catch_up_days: int = Field(ge=0, le=366, description="Missed reports of so many days back are made up for.")


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
