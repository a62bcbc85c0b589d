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
DAY_BEGINS: Final = time(7, 49, 50)
SERVER_FAILS: Final = time(16, 56)
SERVER_RETURNS: Final = time(17, 8)
WINDOWS_CLOSE: Final = time(18, 0)
REPORT_AT: Final = time(18, 5)
DAY_ENDS: Final = time(18, 6)

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


_ARDERN: Final = "ardern_2018.jpg"
_MACRON: Final = "macron_2014.jpg"
_OBAMA: Final = "obama_2009.jpg"
_BIDEN: Final = "biden.jpg"
_COLLINS: Final = "collins.png"
_HOPPER: Final = "hopper.jpg"

VISITS: Final = (
    Visit(time(7, 50), "Obama arrives on time", (_walks_up(_OBAMA),), (0.75, 1.0)),
    Visit(time(7, 55), "Ardern and Macron arrive together", (_walks_up(_ARDERN, 0.3), _walks_up(_MACRON, 0.7))),
    Visit(
        time(7, 58),
        "Biden gave no consent to face recognition and uses the PIN",
        (_walks_up(_BIDEN),),
        host_seconds=_LONG_HOST_SECONDS,
        types_pin="1006",
    ),
    Visit(time(8, 1), "Collins arrives on time", (_walks_up(_COLLINS, mirrored=True, tilt_degrees=-6.0),)),
    Visit(
        time(8, 18),
        "Hopper arrives late, in poor light",
        (_walks_up(_HOPPER, mirrored=True, tilt_degrees=7.0),),
        (0.55, 0.85),
    ),
    Visit(time(10, 5), "somebody who is not enrolled", (_walks_up("sunak.jpg"),), host_seconds=_LONG_HOST_SECONDS),
    Visit(
        time(10, 15),
        "a photograph of Obama held still before the camera",
        ({"photo": _OBAMA, "kind": "held_photograph", "lane": 0.5},),
        host_seconds=_LONG_HOST_SECONDS,
    ),
    Visit(time(11, 23), "Ardern and Macron go to lunch", (_walks_up(_ARDERN, 0.3), _walks_up(_MACRON, 0.7))),
    Visit(
        time(11, 27),
        "Obama and Collins go to lunch",
        (_walks_up(_OBAMA, 0.3), _walks_up(_COLLINS, 0.7, mirrored=True, tilt_degrees=-6.0)),
    ),
    Visit(time(11, 32), "Hopper goes to lunch", (_walks_up(_HOPPER, mirrored=True, tilt_degrees=-4.0),)),
    Visit(
        time(11, 35),
        "Biden goes to lunch",
        (_walks_up(_BIDEN),),
        host_seconds=_LONG_HOST_SECONDS,
        types_pin="1006",
    ),
    Visit(time(13, 21), "Ardern and Macron are back", (_walks_up(_ARDERN, 0.3), _walks_up(_MACRON, 0.7))),
    Visit(
        time(13, 24),
        "Obama and Collins are back",
        (_walks_up(_OBAMA, 0.3, mirrored=True), _walks_up(_COLLINS, 0.7, mirrored=True, tilt_degrees=-6.0)),
    ),
    Visit(time(13, 27), "Hopper is back", (_walks_up(_HOPPER, mirrored=True, tilt_degrees=7.0),)),
    Visit(
        time(13, 30),
        "Biden is back",
        (_walks_up(_BIDEN),),
        host_seconds=_LONG_HOST_SECONDS,
        types_pin="1006",
    ),
    Visit(time(16, 15), "Ardern leaves early", (_walks_up(_ARDERN, tilt_degrees=4.0),), (1.0, 0.8)),
    Visit(
        time(16, 58),
        "Biden leaves, by PIN, while the server is down",
        (_walks_up(_BIDEN),),
        host_seconds=_LONG_HOST_SECONDS,
        types_pin="1006",
    ),
    Visit(
        time(17, 2),
        "Obama and Macron leave while the server is down",
        (_walks_up(_OBAMA, 0.3, mirrored=True), _walks_up(_MACRON, 0.7)),
    ),
    Visit(time(17, 13), "Hopper leaves", (_walks_up(_HOPPER, mirrored=True, tilt_degrees=-4.0),), (0.9, 0.6)),
)
"""Four clock points, as a county court has them: in by 08:05, out from 11:20, in by 13:35, out from 16:55. Collins
forgets the last."""


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
    # The court's rule takes a missing sign-out for leaving early, with no minutes.
    Expected("1005", ("early_leave",)),
    Expected("1006", ("normal",), method="pin"),
)
EXPLAINED: Final = "1004"
"""Whose verdict is explained at the end."""
EXPECTED_CLOCK_EVENTS: Final = 23
EXPECTED_ATTEMPTS: Final = 6


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
    jump_to(moment(day, WINDOWS_CLOSE) - timedelta(minutes=1), 1.0)
    jump_to(moment(day, WINDOWS_CLOSE) + timedelta(minutes=2), 1.0)
    jump_to(moment(day, DAY_ENDS), 1.0)
    return stretches
