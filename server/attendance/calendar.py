"""Which days are workdays in China. The only file that meets the package chinese-calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

import chinese_calendar

from models.language import N_

DayKind = Literal["workday", "rest_day", "holiday", "makeup_workday"]

# Names as the package gives them, marked for translation.
HOLIDAY_NAMES: Final = (
    N_("New Year's Day"),
    N_("Spring Festival"),
    N_("Tomb-sweeping Day"),
    N_("Labour Day"),
    N_("Dragon Boat Festival"),
    N_("National Day"),
    N_("Mid-autumn Festival"),
    N_("Anti-Fascist 70th Day"),
)

_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """What kind of day a date is.

    Attributes:
        date: the local date.
        kind: ``makeup_workday`` is a Saturday or Sunday that is worked for a holiday elsewhere.
        name: English name of the holiday, or of the one that a make-up workday belongs to; None without one.
        confirmed: False when the year's official calendar is not known and Monday to Friday was assumed.

    Raises:
        ValueError: the kind is not known.
    """

    date: date
    kind: DayKind
    name: str | None
    confirmed: bool

    def __post_init__(self) -> None:
        if self.kind not in get_args(DayKind):
            raise ValueError(f"not a kind of day: {self.kind!r}")

    @property
    def expects_work(self) -> bool:
        """Whether staff are expected on this day."""
        return self.kind in ("workday", "makeup_workday")


def chinese_calendar_day(day: date) -> CalendarDay:
    """The day in China's official calendar.

    The State Council announces a year's make-up workdays in the autumn before it. Of a year that the installed package
    does not know, Monday to Friday are assumed to be workdays, and the day says that this is not confirmed.
    """
    weekend = day.weekday() >= _SATURDAY
    try:
        free, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return CalendarDay(day, "rest_day" if weekend else "workday", None, confirmed=False)
    kind: DayKind
    if free and name is not None:
        kind = "holiday"
    elif free:
        kind = "rest_day"
    else:
        kind = "makeup_workday" if weekend else "workday"
    return CalendarDay(day, kind, name, confirmed=True)
