"""Three months of a court's past, made up by a documented recipe and handed in through the real API.

Who: sixty invented people in six divisions. What: on every official workday each of them has four clock points and
meets them as chance has it. Each person is a little more or less punctual than others, and so is each division. For the
first seven weeks people type at an old keypad; then the kiosk comes, and late arrivals and early leaves become fewer by
``KIOSK_EFFECT``. That number is put in here by hand: the demonstration shows that the trend finds what is there, and
says nothing about any real court.

How: the keypad and the kiosk are two devices, paired with one-time codes; each signs its batches and sends them over
HTTP, as every kiosk does. Leave, duty elsewhere, corrections and waivers are filed and decided as people do on the
pages. Then the server's own jobs make up for every day, week and month, as after three months of downtime.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from waitress import wasyncore
from waitress.server import create_server

from demo.day import moment
from kiosk.identity import KioskIdentity, new_private_key
from kiosk.link import ServerLink, pair
from models.errors import CourtclockError
from models.identifiers import uuid7_at
from models.wire import MAX_BATCH_ITEMS, ClockEventItem, Evidence, ItemBatch
from server.app import create_app
from server.attendance.calendar import chinese_calendar_day
from server.jobs.running import tick
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.devices import make_pairing_code
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request

ZONE: Final = ZoneInfo("Asia/Shanghai")
WEEKS: Final = 13
WEEKS_WITH_KIOSK: Final = 6
PEOPLE: Final = 60
KIOSK_EFFECT: Final = 0.4
"""Late arrivals and early leaves become so many times as frequent when the kiosk comes."""
LATE_SHARE: Final = 0.09
"""Of arrivals, before the kiosk; people and divisions differ around it."""
EARLY_SHARE: Final = 0.07
MISSED_SHARE: Final = 0.012
"""Of clock points, forgotten."""
SICK_SHARE: Final = 0.012
"""Of workdays, begin with leave of a day."""
AWAY_SHARE: Final = 0.02
"""Of workdays, with a hearing elsewhere in the afternoon."""
SEED: Final = 20260901

DIVISIONS: Final = ("立案庭", "民事审判庭", "刑事审判庭", "行政审判庭", "执行局", "综合办公室")
_SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN: Final = ("明", "静", "伟", "丽娜", "建国", "晓燕", "磊", "芳", "志强", "雪", "浩然", "敏")
# Local time in minutes, whether an arrival; those of the preset court_four_windows.
_POINTS: Final = ((8 * 60 + 5, True), (11 * 60 + 20, False), (13 * 60 + 35, True), (16 * 60 + 55, False))
# Who files does not decide.
_HR: Final = Actor("hr", "hr")
_SECOND_AT_HR: Final = Actor("hr2", "hr")
_PRESIDENT: Final = Actor("president", "president")
_TIMEOUT_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a history.

    Attributes:
        first_day: a Monday.
        came_on: the Monday on which the kiosk came.
        last_day: the day before the day that is played.
    """

    first_day: date
    came_on: date
    last_day: date

    @property
    def workdays(self) -> list[date]:
        """Days on which the official calendar expects work."""
        days = (self.first_day + timedelta(days=number) for number in range((self.last_day - self.first_day).days + 1))
        return [day for day in days if chinese_calendar_day(day).expects_work]


def span_before(day: date) -> Span:
    """The history that ends before a day."""
    monday = day - timedelta(days=day.weekday())
    return Span(monday - timedelta(weeks=WEEKS), monday - timedelta(weeks=WEEKS_WITH_KIOSK), day - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class _Somebody:
    person_id: UUID
    late_share: float
    early_share: float


@dataclass(slots=True)
class _Device:
    """A paired device with its own numbers."""

    link: ServerLink
    boot_id: UUID
    sequence: int = 0


def play_history(context: ServerContext, day: date, port: int, tell: Callable[[str, int, int], None]) -> None:
    """Let the months before a day have passed.

    Args:
        context: of a new court; its clock stands in the morning of the day.
        day: the day that is played afterwards.
        port: where the API is served meanwhile.
        tell: told what is done, how much of it, and of how much.

    Raises:
        CourtclockError: what the server refuses.
    """
    span = span_before(day)
    chance = random.Random(SEED)
    with _served(context, port):
        keypad = _new_device(context, port, "旧键盘 Old keypad")
        kiosk = _new_device(context, port, "侧门 Side door")
        # Known before the first of their events, and working there from the first day of the history on.
        staff = _employ(context, span.first_day, chance)
        workdays = span.workdays
        waiting: list[tuple[_Device, ClockEventItem]] = []
        for number, one in enumerate(workdays, start=1):
            with_kiosk = one >= span.came_on
            device = kiosk if with_kiosk else keypad
            absent = _leave_and_duty(context, staff, one, chance)
            for person_id, at in sorted(_events(staff, one, with_kiosk, absent, chance), key=lambda event: event[1]):
                device.sequence += 1
                waiting.append((device, _item(device, person_id, at, with_kiosk)))
            _send(waiting)
            tell("events", number, len(workdays))
        for device in (keypad, kiosk):
            device.link.close()
    _catch_up(context, tell)
    _away_on(context, staff, day)
    _afterwards(context, staff, span, chance)


@contextmanager
def _served(context: ServerContext, port: int) -> Iterator[None]:
    """The API of a court on loopback, for as long as its history is told."""
    channels: dict[int, wasyncore.dispatcher] = {}
    server = create_server(create_app(context), map=channels, host="127.0.0.1", port=port, threads=2)
    enough = threading.Event()

    def serve() -> None:
        # Closing a server whose loop still runs would take the sockets from under the loop: the loop ends first.
        while not enough.is_set():
            wasyncore.loop(timeout=_LOOK_SECONDS, map=channels, count=1)

    serving = threading.Thread(target=serve, name="history", daemon=True)
    serving.start()
    try:
        yield
    finally:
        enough.set()
        serving.join(timeout=_TIMEOUT_SECONDS)
        server.task_dispatcher.shutdown()
        wasyncore.close_all(channels)


def _new_device(context: ServerContext, port: int, name: str) -> _Device:
    url = f"http://127.0.0.1:{port}"
    private_key = new_private_key()
    answer = pair(url, make_pairing_code(context, name), private_key.public_key().public_bytes_raw(), _TIMEOUT_SECONDS)
    identity = KioskIdentity(answer.kiosk_id, answer.kiosk_name, private_key, answer.gallery_key)
    return _Device(ServerLink(url, identity, context.clock, _TIMEOUT_SECONDS), uuid4())


def _employ(context: ServerContext, joined_on: date, chance: random.Random) -> list[_Somebody]:
    staff = []
    of_division = {name: chance.uniform(0.6, 1.5) for name in DIVISIONS}
    with context.unit() as unit:
        for number in range(PEOPLE):
            division = DIVISIONS[number % len(DIVISIONS)]
            name = _SURNAMES[number % len(_SURNAMES)] + _GIVEN[(number * 7 + number // len(_GIVEN)) % len(_GIVEN)]
            person_id = unit.people.add(f"{2001 + number}", name, unit.people.ensure_division(division), joined_on)
            own = of_division[division] * chance.lognormvariate(0, 0.6)
            staff.append(_Somebody(person_id, min(LATE_SHARE * own, 0.5), min(EARLY_SHARE * own, 0.5)))
        unit.commit()
    return staff


def _leave_and_duty(
    context: ServerContext, staff: list[_Somebody], day: date, chance: random.Random
) -> dict[UUID, tuple[int, int]]:
    """Leave and hearings elsewhere that begin on a day, filed and approved; wall minutes of who is away when."""
    away: dict[UUID, tuple[int, int]] = {}
    for one in staff:
        drawn = chance.random()
        if drawn < SICK_SHARE:
            wish = Wish("leave", one.person_id, "感冒发烧，去医院", "sick", _at(day, 0), _at(day, 24 * 60))
            away[one.person_id] = (0, 24 * 60)
        elif drawn < SICK_SHARE + AWAY_SHARE:
            wish = Wish("duty", one.person_id, "巡回审判", "hearing", _at(day, 13 * 60), _at(day, 17 * 60))
            away[one.person_id] = (13 * 60, 17 * 60)
        else:
            continue
        filed = file_request(context, wish, _HR)
        decide(context, filed.request_id, "approved", _PRESIDENT)
    return away


def _events(
    staff: list[_Somebody],
    day: date,
    with_kiosk: bool,
    away: dict[UUID, tuple[int, int]],
    chance: random.Random,
) -> Iterator[tuple[UUID, datetime]]:
    effect = KIOSK_EFFECT if with_kiosk else 1.0
    for one in staff:
        begins, ends = away.get(one.person_id, (-1, -1))
        for due, is_arrival in _POINTS:
            if begins <= due <= ends or chance.random() < MISSED_SHARE:
                continue
            noted = chance.random() < (one.late_share if is_arrival else one.early_share) * effect
            away_from_due = chance.lognormvariate(2.0, 0.7) + 1 if noted else -abs(chance.gauss(9, 6))
            minutes = due + away_from_due if is_arrival else due - away_from_due
            yield one.person_id, _at(day, minutes)


def _at(day: date, minutes: float) -> datetime:
    at = datetime.combine(day, time(), ZONE) + timedelta(minutes=minutes)
    return moment(at.date(), at.time().replace(microsecond=at.microsecond // 1000 * 1000))


def _item(device: _Device, person_id: UUID, at: datetime, with_kiosk: bool) -> ClockEventItem:
    return ClockEventItem(
        item_id=uuid7_at(at),
        device_seq=device.sequence,
        captured_at=at,
        recorded_at=at,
        monotonic_seconds=float(device.sequence),
        boot_id=device.boot_id,
        person_id=person_id,
        method="face" if with_kiosk else "pin",
        evidence=Evidence(distance=0.3, votes=3, frames=4) if with_kiosk else Evidence(),
    )


def _send(waiting: list[tuple[_Device, ClockEventItem]]) -> None:
    """Hand in what waits, in signed batches; a refusal ends it."""
    while waiting:
        device = waiting[0][0]
        part = [item for owner, item in waiting[:MAX_BATCH_ITEMS] if owner is device]
        batch = ItemBatch(
            sent_at=part[-1].captured_at,
            sent_monotonic_seconds=float(device.sequence),
            boot_id=device.boot_id,
            items=[item.model_dump(mode="json") for item in part],
        )
        for answer in device.link.send_items(batch).answers:
            if answer.result == "refused":
                raise CourtclockError("demo.unexpected", findings=f"{answer.item_id}: {answer.sentence}")
        del waiting[: len(part)]


def _catch_up(context: ServerContext, tell: Callable[[str, int, int], None]) -> None:
    """Every day, week and month that is due, by the server's own jobs."""
    tell("jobs", 0, 1)
    tick(context)
    tell("jobs", 1, 1)


def _away_on(context: ServerContext, staff: list[_Somebody], day: date) -> None:
    """The invented ones are at a training on the day that is played: the report is about those at the door."""
    for one in staff:
        wish = Wish("duty", one.person_id, "全院轮训", "training", _at(day, 0), _at(day, 24 * 60))
        filed = file_request(context, wish, _HR)
        decide(context, filed.request_id, "approved", _PRESIDENT)


def _afterwards(context: ServerContext, staff: list[_Somebody], span: Span, chance: random.Random) -> None:
    """What people file when they read their sheets: a forgotten clock is corrected, an icy road is excused."""
    with context.unit(read_only=True) as unit:
        records = {
            (record.person_id, record.day): record
            for record in unit.workdays.of_people([one.person_id for one in staff], span.came_on, span.last_day)
        }
    noted = sorted(
        (key for key, record in records.items() if "late" in record.status.split(",")), key=lambda key: (key[1], key[0])
    )
    for person_id, day in chance.sample(noted, min(6, len(noted))):
        filed = file_request(context, Wish("waiver", person_id, "道路结冰，全院通知", day=day), _HR)
        decide(context, filed.request_id, "approved", _SECOND_AT_HR)
    tick(context)
