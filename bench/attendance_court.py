"""A made court for the benchmarks: so many people, a month of clock events, written straight into the tables."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import Engine, insert

from models.clock import Clock
from models.identifiers import uuid7_at
from models.settings import load_settings
from server.attendance.rules import BEGINNING
from server.services.context import ServerContext, initialise, open_context
from server.services.expectation_changes import edit_calendar
from server.storage.tables import clock_event, division, division_membership, kiosk, person

ZONE: Final = ZoneInfo("Asia/Shanghai")
MONTH: Final = date(2026, 7, 1)
DAYS: Final = 31
DIVISION_PEOPLE: Final = 50
_CHUNK: Final = 20_000
_KIOSK: Final = UUID(int=1)
# Four clock points of the preset court_four_windows, in minutes, and how people scatter around them.
_POINTS: Final = ((8 * 60 + 5, -14, 6), (11 * 60 + 20, 9, 6), (13 * 60 + 35, -14, 6), (16 * 60 + 55, 9, 6))


class StandingClock:
    """Stands at one moment, so that what is derived does not depend on when it is."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0

    def host_now(self) -> datetime:
        return self.at

    def host_seconds(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        pass


AFTER: Final = datetime(2026, 8, 2, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class MadeCourt:
    """A court in a database of its own."""

    context: ServerContext
    people: tuple[UUID, ...]
    events: int


def make_court(
    folder: Path, config: Path, people: int, *, url: str | None = None, days: int = DAYS, clock: Clock | None = None
) -> MadeCourt:
    """A court with a month of four clock events a person and day.

    Args:
        folder: for settings, keys and the SQLite file.
        config: the shipped config.yaml.
        people: how many.
        url: of a PostgreSQL database; None is SQLite.
        days: of the month; 0 for no events at all.
        clock: the court's clock; None stands still after the month.
    """
    folder.mkdir(parents=True, exist_ok=True)
    document = yaml.safe_load(config.read_text(encoding="utf-8"))
    document["database"]["url"] = url or f"sqlite:///{folder / 'court.db'}"
    document["secrets"] = {
        "template_key_file": str(folder / "template.key"),
        "session_key_file": str(folder / "session.key"),
    }
    document["attendance"]["first_rules"] = "court_four_windows"
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    settings = load_settings(path)
    initialise(settings)
    context = open_context(settings, clock or StandingClock(AFTER))
    identifiers = _people(context.engine, people)
    for number in range(days):
        # Every day is worked, so that none of the events is cheap to judge.
        edit_calendar(context, MONTH + timedelta(days=number), "workday", None, "benchmark", "bench")
    events = 0
    chance = random.Random(1)
    with context.engine.connect() as connection:
        for rows in _events(identifiers, days, chance):
            connection.execute(insert(clock_event), rows)
            events += len(rows)
        connection.commit()
    return MadeCourt(context, tuple(identifiers), events)


def _people(engine: Engine, count: int) -> list[UUID]:
    chance = random.Random(2)
    identifiers = [UUID(int=chance.getrandbits(128), version=4) for _ in range(count)]
    divisions = [uuid.UUID(int=1000 + number) for number in range(count // DIVISION_PEOPLE + 1)]
    with engine.connect() as connection:
        connection.execute(
            insert(division), [{"division_id": one, "name": f"第{n:03}庭"} for n, one in enumerate(divisions)]
        )
        connection.execute(
            insert(kiosk),
            [
                {
                    "kiosk_id": _KIOSK,
                    "name": "door",
                    "public_key": b"k" * 32,
                    "sealed_gallery_key": b"k",
                    "paired_at": datetime(2026, 1, 1, tzinfo=UTC),
                }
            ],
        )
        connection.execute(
            insert(person),
            [
                {
                    "person_id": one,
                    "employee_no": f"{number:05}",
                    "name": f"职员{number:05}",
                    "division_id": divisions[number // DIVISION_PEOPLE],
                    "active": True,
                    "joined_on": date(2026, 1, 1),
                }
                for number, one in enumerate(identifiers)
            ],
        )
        connection.execute(
            insert(division_membership),
            [
                {
                    "person_id": one,
                    "from_day": BEGINNING,
                    "number": 1,
                    "division_id": divisions[number // DIVISION_PEOPLE],
                }
                for number, one in enumerate(identifiers)
            ],
        )
        connection.commit()
    return identifiers


def _events(identifiers: list[UUID], days: int, chance: random.Random) -> Iterator[list[dict[str, Any]]]:
    """Clock events in the order in which a court makes them: day by day, point by point."""
    sequence = 0
    rows: list[dict[str, Any]] = []
    for number in range(days):
        midnight = datetime.combine(MONTH + timedelta(days=number), time(), ZONE).astimezone(UTC)
        for minutes, shift, spread in _POINTS:
            for person_id in identifiers:
                sequence += 1
                moment = midnight + timedelta(minutes=minutes + chance.gauss(shift, spread))
                rows.append(event_row(person_id, moment, sequence))
                if len(rows) >= _CHUNK:
                    yield rows
                    rows = []
    if rows:
        yield rows


def event_row(person_id: UUID, moment: datetime, sequence: int) -> dict[str, Any]:
    """A clock event as its table has it."""
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    return {
        "event_date": moment.date(),
        "event_id": uuid7_at(moment),
        "kiosk_id": _KIOSK,
        "device_seq": sequence,
        "person_id": person_id,
        "method": "face",
        "captured_at": moment,
        "recorded_at": moment + timedelta(milliseconds=700),
        "received_at": moment + timedelta(seconds=2),
        "clock_offset_seconds": 0.0,
        "monotonic_seconds": float(sequence),
        "boot_id": _KIOSK,
        "evidence": {"distance": 0.31, "votes": 3, "frames": 4},
        "body_sha256": "0" * 64,
    }
