"""Three months of a court's past, made up by a documented recipe and told as it would have happened.

Who: sixty invented people in six divisions. What: on every official workday each of them has four clock points and
meets them as chance has it. Each person is a little more or less punctual than others, and so is each division. For the
first seven weeks people type at an old keypad; then the kiosk comes, and late arrivals and early leaves become fewer by
``KIOSK_EFFECT``. That number is put in here by hand: the demonstration shows that the trend finds what is there, and
says nothing about any real court.

How: court time passes day by day. The keypad and the kiosk are two devices, paired with one-time codes; pairing and
clock events go through the HTTP API, in batches that each device signs, as from every kiosk. The rest goes through the
services that pages and command line call, without a browser: people are entered as rows; leave, duty elsewhere and
waivers are filed by HR and decided by others, corrections filed by people themselves and approved by their head. The
server's own jobs publish every day, week and month. When a month is over most people confirm it and HR locks it, all
but the last one, which is left to whoever looks on. One forgotten clock comes to light after that: a signed amendment,
which the next bulletin lists.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from waitress import wasyncore
from waitress.server import create_server

from demo.paperwork import (
    Forgotten,
    Somebody,
    at_wall,
    confirm_month,
    correct_noticed,
    correct_too_late,
    leave_and_duty,
    lock,
    send_to_training,
    sign_amendments,
    waive_some,
)
from kiosk.identity import KioskIdentity, new_private_key
from kiosk.link import ServerLink, pair
from models.clock import Clock
from models.errors import CourtclockError
from models.identifiers import uuid7_at
from models.wire import MAX_BATCH_ITEMS, ClockEventItem, Evidence, ItemBatch
from server.app import create_app
from server.attendance.calendar import chinese_calendar_day
from server.jobs.running import tick
from server.services.context import ServerContext
from server.services.devices import make_pairing_code

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
SEED: Final = 20260901

DIVISIONS: Final = ("立案庭", "民事审判庭", "刑事审判庭", "行政审判庭", "执行局", "综合办公室")
_SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN: Final = ("明", "静", "伟", "丽娜", "建国", "晓燕", "磊", "芳", "志强", "雪", "浩然", "敏")
# Local time in minutes, whether an arrival; those of the preset court_four_windows.
_POINTS: Final = ((8 * 60 + 5, True), (11 * 60 + 20, False), (13 * 60 + 35, True), (16 * 60 + 55, False))
# Wall minutes: requests of the day are filed, forgotten clocks are noticed, months are closed.
_MORNING: Final = 7 * 60
_FORENOON: Final = 10 * 60
_EVENING: Final = 20 * 60
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


@dataclass(slots=True)
class _PastClock:
    """Court time in the past: it stands where it is put. Host time is as it is."""

    real: Clock
    at: datetime

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def host_now(self) -> datetime:
        return self.real.host_now()

    def host_seconds(self) -> float:
        return self.real.host_seconds()

    def sleep(self, seconds: float) -> None:
        self.real.sleep(seconds)


@dataclass(slots=True)
class _Device:
    """A paired device with its own numbers."""

    link: ServerLink
    boot_id: UUID
    sequence: int = 0
    waiting: list[ClockEventItem] = field(default_factory=list)


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
    clock = _PastClock(context.clock, at_wall(span.first_day, _MORNING))
    past = replace(context, clock=clock)
    chance, of_papers = random.Random(SEED), random.Random(SEED)
    with _served(past, port):
        keypad = _new_device(past, port, "旧键盘 Old keypad")
        kiosk = _new_device(past, port, "侧门 Side door")
        # Known before the first of their events, and working there from the first day of the history on.
        staff = _employ(past, span.first_day, chance)
        workdays = span.workdays
        left: list[Forgotten] = []
        for number, one in enumerate(workdays, start=1):
            if number > 1 and one.month != workdays[number - 2].month:
                clock.at = at_wall(one, _FORENOON)
                _turn_month(past, staff, workdays[number - 2], left, span, of_papers)
            clock.at = at_wall(one, _MORNING)
            device = kiosk if one >= span.came_on else keypad
            absent = leave_and_duty(past, staff, one, chance)
            events, forgotten = _events(staff, one, one >= span.came_on, absent, chance)
            for person_id, at in events:
                # What is sent has happened.
                device.sequence += 1
                device.waiting.append(_item(device, person_id, at, one >= span.came_on))
                clock.at = at
            _send(device)
            clock.at = at_wall(one, _EVENING)
            left += correct_noticed(past, forgotten, of_papers)
            tell("events", number, len(workdays))
        for device in (keypad, kiosk):
            device.link.close()
    _catch_up(context, tell)
    send_to_training(context, staff, day)
    waive_some(context, staff, span.came_on, span.last_day, of_papers)
    tick(context)


def _turn_month(
    past: ServerContext,
    staff: list[Somebody],
    last_workday: date,
    forgotten: list[Forgotten],
    span: Span,
    chance: random.Random,
) -> None:
    """A month is over: its bulletin comes out, people confirm, HR locks it, and something comes to light after that."""
    tick(past)
    month = f"{last_workday:%Y-%m}"
    confirm_month(past, staff, month, chance)
    # The last one is left to whoever looks on: it can be confirmed and locked on the pages.
    following = (last_workday.replace(day=1) + timedelta(days=32)).replace(day=1)
    if following >= span.last_day.replace(day=1):
        return
    lock(past, month)
    too_late = next((one for one in forgotten if f"{one.day:%Y-%m}" == month), None)
    if too_late is not None:
        correct_too_late(past, too_late)
        tick(past)
        sign_amendments(past)


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


def _employ(context: ServerContext, joined_on: date, chance: random.Random) -> list[Somebody]:
    staff = []
    of_division = {name: chance.uniform(0.6, 1.5) for name in DIVISIONS}
    with context.unit() as unit:
        for number in range(PEOPLE):
            division = DIVISIONS[number % len(DIVISIONS)]
            name = _SURNAMES[number % len(_SURNAMES)] + _GIVEN[(number * 7 + number // len(_GIVEN)) % len(_GIVEN)]
            employee_no, division_id = f"{2001 + number}", unit.people.ensure_division(division)
            person_id = unit.people.add(employee_no, name, division_id, joined_on)
            own = of_division[division] * chance.lognormvariate(0, 0.6)
            shares = min(LATE_SHARE * own, 0.5), min(EARLY_SHARE * own, 0.5)
            staff.append(Somebody(person_id, employee_no, division_id, *shares))
        unit.commit()
    return staff


def _events(
    staff: list[Somebody],
    day: date,
    with_kiosk: bool,
    away: dict[UUID, tuple[int, int]],
    chance: random.Random,
) -> tuple[list[tuple[UUID, datetime]], list[Forgotten]]:
    """Who clocked when, in the order of time, and who forgot to."""
    effect = KIOSK_EFFECT if with_kiosk else 1.0
    events, forgotten = [], []
    for one in staff:
        begins, ends = away.get(one.person_id, (-1, -1))
        for point, (due, is_arrival) in enumerate(_POINTS):
            if begins <= due <= ends:
                continue
            if chance.random() < MISSED_SHARE:
                forgotten.append(Forgotten(one, day, point, at_wall(day, due)))
                continue
            noted = chance.random() < (one.late_share if is_arrival else one.early_share) * effect
            away_from_due = chance.lognormvariate(2.0, 0.7) + 1 if noted else -abs(chance.gauss(9, 6))
            minutes = due + away_from_due if is_arrival else due - away_from_due
            events.append((one.person_id, at_wall(day, minutes)))
    return sorted(events, key=lambda event: event[1]), forgotten


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


def _send(device: _Device) -> None:
    """Hand in what waits, in signed batches; a refusal ends it."""
    for start in range(0, len(device.waiting), MAX_BATCH_ITEMS):
        part = device.waiting[start : start + MAX_BATCH_ITEMS]
        batch = ItemBatch(
            sent_at=device.waiting[-1].captured_at,
            sent_monotonic_seconds=float(device.sequence),
            boot_id=device.boot_id,
            items=[item.model_dump(mode="json") for item in part],
        )
        for answer in device.link.send_items(batch).answers:
            if answer.result == "refused":
                raise CourtclockError("demo.unexpected", findings=f"{answer.item_id}: {answer.sentence}")
    device.waiting.clear()


def _catch_up(context: ServerContext, tell: Callable[[str, int, int], None]) -> None:
    """Every day, week and month that is due, by the server's own jobs."""
    tell("jobs", 0, 1)
    tick(context)
    tell("jobs", 1, 1)
