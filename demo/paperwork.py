"""What the people of the invented past file, decide, confirm and sign, by the services that the pages call."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from demo.day import moment
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.month_close import answer_sheet, decide_amendment, lock_month, month_sheet, open_amendments
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request

ZONE: Final = ZoneInfo("Asia/Shanghai")
SICK_SHARE: Final = 0.012
"""Of workdays, begin with leave of a day."""
AWAY_SHARE: Final = 0.02
"""Of workdays, with a hearing elsewhere in the afternoon."""
NOTICED_SHARE: Final = 0.3
"""Of forgotten clock points, whose owner notices in the evening and files a correction."""
CONFIRMED_SHARE: Final = 0.85
"""Of people, confirm their month; the others say nothing."""
WAIVERS: Final = 6

# Who files does not decide.
_HR: Final = Actor("hr", "hr")
_SECOND_AT_HR: Final = Actor("hr2", "hr")
_PRESIDENT: Final = Actor("president", "president")


@dataclass(frozen=True, slots=True)
class Somebody:
    """One of the invented people.

    Attributes:
        late_share, early_share: of arrivals and of departures, before the kiosk.
    """

    person_id: UUID
    employee_no: str
    division_id: UUID
    late_share: float
    early_share: float


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A clock point that somebody forgot, and when that person says to have been there."""

    who: Somebody
    day: date
    point: int
    at: datetime


def at_wall(day: date, minutes: float) -> datetime:
    """The moment at which the court's wall shows so many minutes from midnight, in whole milliseconds."""
    at = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return moment(at.date(), at.time().replace(microsecond=at.microsecond // 1000 * 1000))


def leave_and_duty(
    context: ServerContext, staff: Sequence[Somebody], day: date, chance: random.Random
) -> dict[UUID, tuple[int, int]]:
    """Leave and hearings elsewhere that begin on a day, filed and approved; wall minutes of who is away when."""
    away: dict[UUID, tuple[int, int]] = {}
    for one in staff:
        drawn = chance.random()
        if drawn < SICK_SHARE:
            begins, ends = away[one.person_id] = (0, 24 * 60)
            wish = Wish("leave", one.person_id, "感冒发烧，去医院", "sick", at_wall(day, begins), at_wall(day, ends))
        elif drawn < SICK_SHARE + AWAY_SHARE:
            begins, ends = away[one.person_id] = (13 * 60, 17 * 60)
            wish = Wish("duty", one.person_id, "巡回审判", "hearing", at_wall(day, begins), at_wall(day, ends))
        else:
            continue
        filed = file_request(context, wish, _HR)
        decide(context, filed.request_id, "approved", _PRESIDENT)
    return away


def correct_noticed(context: ServerContext, forgotten: Iterable[Forgotten], chance: random.Random) -> list[Forgotten]:
    """Who notices a forgotten clock files a correction, which the division's head approves; gives the others."""
    left = []
    for one in forgotten:
        if chance.random() < NOTICED_SHARE:
            _correct(context, one, Actor(one.who.employee_no, "employee", one.who.person_id), "忘记打卡，同事可以证明")
        else:
            left.append(one)
    return left


def _correct(context: ServerContext, one: Forgotten, filed_by: Actor, reason: str) -> None:
    wish = Wish("correction", one.who.person_id, reason, starts_at=one.at, day=one.day, point=one.point)
    filed = file_request(context, wish, filed_by)
    head = Actor("head", "head", division_id=one.who.division_id)
    decide(context, filed.request_id, "approved", head)


def confirm_month(context: ServerContext, staff: Sequence[Somebody], month: str, chance: random.Random) -> None:
    """Most people confirm their sheet of a month that is over."""
    for one in staff:
        if chance.random() < CONFIRMED_SHARE:
            actor = Actor(one.employee_no, "employee", one.person_id)
            shown = month_sheet(context, one.person_id, month, actor)
            answer_sheet(context, month, actor, shown.sheet_sha256, confirmed=True)


def lock(context: ServerContext, month: str) -> None:
    """HR locks a month."""
    lock_month(context, month, _HR)


def correct_too_late(context: ServerContext, one: Forgotten) -> None:
    """A correction for a month that is locked: HR files it, and it waits as an amendment for a signature."""
    _correct(context, one, _HR, "补交登记表，锁定后收到")


def sign_amendments(context: ServerContext) -> None:
    """HR signs every amendment that waits."""
    for person, one in open_amendments(context):
        decide_amendment(context, person.person_id, one.day, _SECOND_AT_HR, "补卡已批准，同意更正", sign=True)


def send_to_training(context: ServerContext, staff: Sequence[Somebody], day: date) -> None:
    """The invented ones are at a training on the day that is played: the report is about those at the door."""
    for one in staff:
        wish = Wish("duty", one.person_id, "全院轮训", "training", at_wall(day, 0), at_wall(day, 24 * 60))
        filed = file_request(context, wish, _HR)
        decide(context, filed.request_id, "approved", _PRESIDENT)


def waive_some(
    context: ServerContext, staff: Sequence[Somebody], first: date, last: date, chance: random.Random
) -> None:
    """Some late arrivals between two days are excused, because of an icy road."""
    with context.unit(read_only=True) as unit:
        records = unit.workdays.of_people([one.person_id for one in staff], first, last)
    late = sorted(
        ((one.person_id, one.day) for one in records if "late" in one.status.split(",")),
        key=lambda key: (key[1], key[0]),
    )
    for person_id, day in chance.sample(late, min(WAIVERS, len(late))):
        filed = file_request(context, Wish("waiver", person_id, "道路结冰，全院通知", day=day), _HR)
        decide(context, filed.request_id, "approved", _SECOND_AT_HR)
