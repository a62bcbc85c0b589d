"""How pages and explanations write times, clock points, kinds of leave, names in a row and shares."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from models.language import N_, Language, translate
from server.attendance.points import DAY_MINUTES
from server.attendance.verdicts import Overlaid, PointResult, Status, WorkdayVerdict

_STATUS_NAMES: Final[dict[Status, str]] = {
    "absent": N_("absent"),
    "absent_half_day": N_("absent for half a day"),
    "late": N_("late"),
    "early_leave": N_("left early"),
    "missing_clock": N_("missing clock"),
    "off_post": N_("off post"),
    "not_judged": N_("not judged"),
    "pending": N_("still open"),
    "on_leave": N_("on leave"),
    "on_duty": N_("on duty elsewhere"),
    "excused": N_("excused"),
    "rest_day": N_("rest day"),
    "normal": N_("normal"),
}

AND: Final = N_("{first}, {second}")
"""Joins words."""
THEN: Final = N_("{first}; {second}")
"""Joins sentences and what is as long as one."""
PERCENT: Final = N_("{number} %")
_OTHER_DAYS: Final = {1: N_("{time} the next day"), -1: N_("{time} the day before")}
_ON_DATE: Final = N_("{time} on {date}")
_LOCAL_TIMES: Final = N_("local times of {zone}")
_NAMED_TIMES: Final = {"Asia/Shanghai": N_("local times of Asia/Shanghai")}
"""Zones whose time has a name of its own in Chinese."""


def status_names(statuses: str, language: Language) -> str:
    """Words for statuses as they are stored, such as "late,early_leave"; what is no status stays as it is."""
    names: dict[str, str] = {str(status): name for status, name in _STATUS_NAMES.items()}
    said = [translate(names[one], language) if one in names else one for one in statuses.split(",")]
    return listed(said, language)


def point_name(result: PointResult, verdict: WorkdayVerdict, language: Language) -> str:
    """What people call the clock point."""
    if verdict.shift is None:
        return ""
    point = verdict.shift.points[result.number]
    return point.name_zh if language == "zh" else point.name_en


def kind_names(overlaid: Iterable[Overlaid], verdict: WorkdayVerdict, language: Language) -> str:
    """What people call the kinds of leave and duty among these requests, each once."""
    names = []
    for one in overlaid:
        if one.kind in ("leave", "duty"):
            known = verdict.rules.leave_kinds if one.kind == "leave" else verdict.rules.duty_kinds
            kind = known.get(one.name)
            names.append(one.name if kind is None else kind.name_zh if language == "zh" else kind.name_en)
    return listed(dict.fromkeys(names), language)


def joined(parts: list[str], sentence: str, language: Language) -> str:
    """Parts in a row, joined by a sentence with the gaps ``first`` and ``second``."""
    text = parts[0] if parts else ""
    for part in parts[1:]:
        text = translate(sentence, language).format(first=text, second=part)
    return text


def listed(names: Iterable[str], language: Language) -> str:
    """Names in a row."""
    return joined(list(names), AND, language)


def percent(share: float | None, language: Language, places: int = 1) -> str:
    """A share as people read it; an empty text where there is none."""
    return "" if share is None else translate(PERCENT, language).format(number=f"{share * 100:.{places}f}")


def local_time(moment: datetime, verdict: WorkdayVerdict, language: Language, *, seconds: bool = False) -> str:
    """HH:MM on the site's wall, or HH:MM:SS, with the day where it is another one."""
    local = moment.astimezone(ZoneInfo(verdict.time_zone))
    text = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    days = (local.date() - verdict.day).days
    if days == 0:
        return text
    return translate(_OTHER_DAYS.get(days, _ON_DATE), language).format(time=text, date=local.date().isoformat())


def wall_time(wall_minutes: int, language: Language) -> str:
    """HH:MM of wall minutes of a window, with the day where it is another one."""
    days, minutes = divmod(wall_minutes, DAY_MINUTES)
    text = f"{minutes // 60:02}:{minutes % 60:02}"
    return text if days == 0 else translate(_OTHER_DAYS[days], language).format(time=text)


def local_times_of(zone: str, language: Language) -> str:
    """What the times of a zone are called, such as "local times of Europe/Berlin"; in Chinese China's is 北京时间."""
    return translate(_NAMED_TIMES.get(zone, _LOCAL_TIMES), language).format(zone=zone)
