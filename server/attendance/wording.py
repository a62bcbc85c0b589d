"""How pages and explanations write times, clock points, names in a row and shares."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from models.language import N_, Language, translate
from server.attendance.points import DAY_MINUTES
from server.attendance.verdicts import PointResult, Status, WorkdayVerdict

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

_AND: Final = N_("{first}, {second}")
_PERCENT: Final = N_("{number} %")


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


def joined(parts: list[str], sentence: str, language: Language) -> str:
    """Parts in a row, joined by a sentence with the gaps ``first`` and ``second``."""
    text = parts[0] if parts else ""
    for part in parts[1:]:
        text = translate(sentence, language).format(first=text, second=part)
    return text


def listed(names: Iterable[str], language: Language) -> str:
    """Names in a row."""
    return joined(list(names), _AND, language)


def percent(share: float | None, language: Language, places: int = 1) -> str:
    """A share as people read it; an empty text where there is none."""
    return "" if share is None else translate(_PERCENT, language).format(number=f"{share * 100:.{places}f}")


def local_time(moment: datetime, verdict: WorkdayVerdict) -> str:
    """HH:MM on the site's wall, with the day where it is another one."""
    local = moment.astimezone(ZoneInfo(verdict.time_zone))
    return _with_day(f"{local:%H:%M}", (local.date() - verdict.day).days)


def wall_time(wall_minutes: int) -> str:
    """HH:MM of wall minutes, with the day where it is another one."""
    days, minutes = divmod(wall_minutes, DAY_MINUTES)
    return _with_day(f"{minutes // 60:02}:{minutes % 60:02}", days)


def _with_day(text: str, days: int) -> str:
    return text if days == 0 else f"{text} {days:+d}"
