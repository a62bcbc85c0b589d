"""The script of the demonstration's day: who comes to the door when, and how time runs in between."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from models.clock import Pace, require_utc
from server.attendance.calendar import chinese_calendar_day

ZONE: Final = ZoneInfo("Asia/Shanghai")
COURT_SECONDS_PER_HOST_SECOND: Final = 6.0
DAY_BEGINS: Final = time(8, 11, 50)
SERVER_FAILS: Final = time(17, 31)
SERVER_RETURNS: Final = time(17, 42)
REPORT_AT: Final = time(18, 35)
DAY_ENDS: Final = time(18, 36)

_SHORT_HOST_SECONDS: Final = 4.5
_LONG_HOST_SECONDS: Final = 6.5
_JUMP_HOST_SECONDS: Final = 0.3


@dataclass(frozen=True, slots=True)
class Visit:
    """One scene before the camera.

    Attributes:
        at: local time at which it begins.
        what: for the reader of the terminal.
        actors: as the sample camera's script wants them.
        light: from and to, 1 is full.
        host_seconds: how long it lasts on the machine.
        types_pin: employee number of who answers the request for a PIN.
    """

    at: time
    what: str
    actors: tuple[dict[str, Any], ...]
    light: tuple[float, float] = (1.0, 1.0)
    host_seconds: float = _SHORT_HOST_SECONDS
    types_pin: str | None = None


def _walks_up(photo: str, lane: float = 0.5, **more: Any) -> dict[str, Any]:
    return {"photo": photo, "kind": "walk_up", "lane": lane, **more}


VISITS: Final = (
    Visit(time(8, 12), "Obama arrives on time", (_walks_up("obama_2009.jpg"),), (0.75, 1.0)),
    Visit(
        time(8, 21),
        "Ardern and Macron arrive together",
        (_walks_up("ardern_2018.jpg", 0.3), _walks_up("macron_2014.jpg", 0.7)),
    ),
    Visit(
        time(8, 25),
        "Biden gave no consent to face recognition and uses the PIN",
        (_walks_up("biden.jpg"),),
        host_seconds=_LONG_HOST_SECONDS,
        types_pin="1006",
    ),
    Visit(time(8, 27), "Collins arrives on time", (_walks_up("collins.png", mirrored=True, tilt_degrees=-6.0),)),
    Visit(
        time(8, 43),
        "Hopper arrives late, in poor light",
        (_walks_up("hopper.jpg", mirrored=True, tilt_degrees=7.0),),
        (0.55, 0.85),
    ),
    Visit(time(10, 5), "somebody who is not enrolled", (_walks_up("sunak.jpg"),), host_seconds=_LONG_HOST_SECONDS),
    Visit(
        time(10, 20),
        "a photograph of Obama held still before the camera",
        ({"photo": "obama_2009.jpg", "kind": "held_photograph", "lane": 0.5},),
        host_seconds=_LONG_HOST_SECONDS,
    ),
    Visit(time(16, 50), "Ardern leaves early", (_walks_up("ardern_2018.jpg", tilt_degrees=4.0),), (1.0, 0.8)),
    Visit(
        time(17, 33),
        "Biden leaves, by PIN, while the server is down",
        (_walks_up("biden.jpg"),),
        host_seconds=_LONG_HOST_SECONDS,
        types_pin="1006",
    ),
    Visit(time(17, 36), "Macron leaves while the server is down", (_walks_up("macron_2014.jpg"),)),
    Visit(time(17, 40), "Obama leaves while the server is down", (_walks_up("obama_2009.jpg", mirrored=True),)),
    Visit(time(17, 48), "Hopper leaves", (_walks_up("hopper.jpg", mirrored=True, tilt_degrees=-4.0),), (0.9, 0.6)),
)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the report must say of one person; minutes may differ by one, walking up takes its time."""

    employee_no: str
    status: tuple[str, ...]
    late_minutes: int = 0
    early_minutes: int = 0
    method: str = "face"


EXPECTED: Final = (
    Expected("1001", ("normal",)),
    Expected("1002", ("early_leave",), early_minutes=40),
    Expected("1003", ("normal",)),
    Expected("1004", ("late",), late_minutes=13),
    Expected("1005", ("missing_clock",)),
    Expected("1006", ("normal",), method="pin"),
)
EXPECTED_CLOCK_EVENTS: Final = 11
EXPECTED_ATTEMPTS: Final = 4


def last_workday(today: date) -> date:
    """The newest day on or before today that is known to be a workday of Chinese courts.

    In a year whose official calendar is not known yet, nobody is judged for a missing clock; the
    demonstration then plays a day of the year before.
    """
    day = today
    while not (chinese_calendar_day(day).expects_work and chinese_calendar_day(day).confirmed):
        day -= timedelta(days=1)
    return day


def moment(day: date, at: time) -> datetime:
    """A local time of the day as a moment in UTC."""
    return require_utc(datetime.combine(day, at, ZONE))


def write_camera_script(path: Path, day: date) -> None:
    """Write what the sample camera plays."""
    scenes = [
        {
            "name": visit.what,
            "starts_at": moment(day, visit.at).isoformat(),
            "court_seconds": visit.host_seconds * COURT_SECONDS_PER_HOST_SECOND,
            "light_from": visit.light[0],
            "light_to": visit.light[1],
            "actors": [{**actor, "photo": f"photos/{actor['photo']}"} for actor in visit.actors],
        }
        for visit in VISITS
    ]
    path.write_text(json.dumps({"frames_per_second": 15, "scenes": scenes}, indent=1), encoding="utf-8")


def paces(day: date) -> list[Pace]:
    """How court time runs: slowly while somebody is at the door, fast in between."""
    stretches: list[Pace] = []
    now = moment(day, DAY_BEGINS)

    def jump_to(then: datetime, host_seconds: float = _JUMP_HOST_SECONDS) -> None:
        nonlocal now
        stretches.append(Pace(host_seconds, (then - now).total_seconds()))
        now = then

    for visit in VISITS:
        begins = moment(day, visit.at)
        if now < moment(day, SERVER_FAILS) < begins:
            jump_to(moment(day, SERVER_FAILS))
            jump_to(moment(day, SERVER_FAILS) + timedelta(seconds=30), 1.0)
        if now < moment(day, SERVER_RETURNS) < begins:
            jump_to(moment(day, SERVER_RETURNS))
            jump_to(moment(day, SERVER_RETURNS) + timedelta(minutes=1), 3.5)
        if begins > now:
            jump_to(begins)
        court_seconds = visit.host_seconds * COURT_SECONDS_PER_HOST_SECOND
        jump_to(begins + timedelta(seconds=court_seconds), visit.host_seconds)
    # The last window closes, then the report is due: a moment of host time for each.
    jump_to(moment(day, time(18, 29)), 1.0)
    jump_to(moment(day, time(18, 32)), 1.0)
    jump_to(moment(day, DAY_ENDS), 1.0)
    return stretches
