"""Which days are workdays: China's official calendar and HR's own edits. The only file that meets chinese-calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.metadata import version
from typing import Final, Literal, get_args
from uuid import UUID

import chinese_calendar

from models.language import N_

DayKind = Literal["workday", "rest_day", "holiday", "makeup_workday"]
DaySource = Literal["official", "edited", "assumed"]

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
        name: English name of the holiday, or of the one that a make-up workday belongs to, or what HR wrote; None
            without one.
        confirmed: False when the year's official calendar is not known and Monday to Friday was assumed.
        source: ``official``, ``edited`` by HR, or ``assumed``.
        reason: HR's reason for the edit; empty otherwise.

    Raises:
        ValueError: the kind or the source is not known.
    """

    date: date
    kind: DayKind
    name: str | None
    confirmed: bool
    source: DaySource = "official"
    reason: str = ""

    def __post_init__(self) -> None:
        if self.kind not in get_args(DayKind):
            raise ValueError(f"not a kind of day: {self.kind!r}")
        if self.source not in get_args(DaySource):
            raise ValueError(f"not a source of a calendar day: {self.source!r}")

    @property
    def expects_work(self) -> bool:
        """Whether staff are expected on this day."""
        return self.kind in ("workday", "makeup_workday")


@dataclass(frozen=True, slots=True)
class CalendarEdit:
    """HR's word on one date; of several the one entered last counts.

    Attributes:
        kind: None takes earlier edits of this date back.
    """

    edit_id: UUID
    day: date
    kind: DayKind | None
    name: str | None
    reason: str
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class YearWord:
    """HR's word on a year: its workdays were checked against the official notice, or that is taken back."""

    word_id: UUID
    year: int
    confirmed: bool
    reason: str
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class OfficialYear:
    """The official calendar of a year as a version of the package had it when the court took it over.

    Attributes:
        days: what is no ordinary weekday or weekend, by date: the kind, and the name or None.
    """

    year: int
    number: int
    days: Mapping[date, tuple[DayKind, str | None]]
    package_version: str
    taken_at: datetime

    def day(self, day: date) -> CalendarDay:
        """One day of this year."""
        kind, name = self.days.get(day, (_ordinary_kind(day), None))
        return CalendarDay(day, kind, name, confirmed=True)


class Calendar:
    """The calendar of one court: HR's edits over the official one.

    Args:
        edits: in any order.
        year_words: in any order.
        official: versions of official years that were taken over, in any order; of a year the one with the highest
            number counts, and other years are not known. Without any it is what the installed package says now.
    """

    def __init__(
        self,
        edits: Iterable[CalendarEdit] = (),
        year_words: Iterable[YearWord] = (),
        official: Iterable[OfficialYear] = (),
    ) -> None:
        self._official = {one.year: one for one in sorted(official, key=lambda one: one.number)}
        self._edits: dict[date, CalendarEdit] = {}
        for edit in sorted(edits, key=lambda one: (one.entered_at, str(one.edit_id))):
            self._edits[edit.day] = edit
        self._years: dict[int, YearWord] = {}
        for word in sorted(year_words, key=lambda one: (one.entered_at, str(one.word_id))):
            self._years[word.year] = word
        self._known: dict[date, CalendarDay] = {}

    @property
    def edits(self) -> Mapping[date, CalendarEdit]:
        """The edits in force, by date; those that take back included."""
        return self._edits

    def day(self, day: date) -> CalendarDay:
        """What kind of day it is. An edited date is confirmed; so are all dates of a year that HR confirmed."""
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self._look_up(day)
        return known

    def _look_up(self, day: date) -> CalendarDay:
        edit = self._edits.get(day)
        if edit is not None and edit.kind is not None:
            return CalendarDay(day, edit.kind, edit.name, True, "edited", edit.reason)
        found = self._official_day(day)
        word = self._years.get(day.year)
        if not found.confirmed and word is not None and word.confirmed:
            return CalendarDay(day, found.kind, None, True, "assumed", word.reason)
        return found

    def year_is_confirmed(self, year: int) -> bool:
        """Whether absences can be judged in this year."""
        word = self._years.get(year)
        return self.year_is_official(year) or (word is not None and word.confirmed)

    def year_is_official(self, year: int) -> bool:
        """Whether the official calendar of this year is known."""
        return self._official_day(date(year, 6, 15)).confirmed

    def _official_day(self, day: date) -> CalendarDay:
        if not self._official:
            return chinese_calendar_day(day)
        year = self._official.get(day.year)
        return _assumed_day(day) if year is None else year.day(day)


def year_is_official(year: int) -> bool:
    """Whether the installed package knows the State Council's calendar of this year."""
    return chinese_calendar_day(date(year, 6, 15)).confirmed


def chinese_calendar_day(day: date) -> CalendarDay:
    """The day in China's official calendar.

    The State Council announces a year's make-up workdays in the autumn before it. Of a year that the installed package
    does not know, Monday to Friday are assumed to be workdays, and the day says that this is not confirmed.
    """
    try:
        free, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return _assumed_day(day)
    kind: DayKind
    if free and name is not None:
        kind = "holiday"
    elif free:
        kind = "rest_day"
    else:
        kind = "makeup_workday" if day.weekday() >= _SATURDAY else "workday"
    return CalendarDay(day, kind, name, confirmed=True)


def special_days_of(year: int) -> dict[date, tuple[DayKind, str | None]]:
    """What the installed package says of a year that it knows: whatever is no ordinary weekday or weekend."""
    found: dict[date, tuple[DayKind, str | None]] = {}
    day = date(year, 1, 1)
    while day.year == year:
        one = chinese_calendar_day(day)
        if (one.kind, one.name) != (_ordinary_kind(day), None):
            found[day] = one.kind, one.name
        day += timedelta(days=1)
    return found


def package_version() -> str:
    """The version of the installed package."""
    return version("chinese_calendar")


def _ordinary_kind(day: date) -> DayKind:
    return "rest_day" if day.weekday() >= _SATURDAY else "workday"


def _assumed_day(day: date) -> CalendarDay:
    return CalendarDay(day, _ordinary_kind(day), None, confirmed=False, source="assumed")
