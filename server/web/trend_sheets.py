"""The trend as a table for files: a row a week, the court and its divisions beside each other."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from models.language import N_, Language
from server.attendance.trend import WEEK, GroupTrend, Trend, WeekRate
from server.attendance.trend_words import caveats_in_words, division_in_words, group_in_words
from server.web.rendering import words
from server.web.sheets import Cell, Column, Sheet, Workbook

_TITLE: Final = N_("Before and after the kiosk, {day}: {kind}")
_MONDAY, _SUNDAY, _SIDE = N_("First day"), N_("Last day"), N_("Side")
_SIDES: Final[dict[str | None, str]] = {"before": N_("before"), "after": N_("after"), None: N_("kiosk came")}
_ONE_DAY: Final = timedelta(days=1)
_RATE, _NOTED, _JUDGED = N_("{group}: rate"), N_("{group}: noted"), N_("{group}: judged")


def trend_workbook(trend: Trend, kind: str, court: str, language: Language, made_at: datetime) -> Workbook:
    """Each week's figures; what they say in words stands below them.

    Args:
        trend: what to write; of a division alone its figures are those of the whole.
        kind: what is counted, in words of the language.
        court: its name in the language.
        language: of the reader.
        made_at: when the trend was read.
    """
    groups = (trend.court, *trend.divisions)
    # Without divisions beside it, the whole is a division's own when it has a name.
    names = [trend.court.division or court, *(one.division or "" for one in trend.divisions)]
    columns = [Column(words(_MONDAY, language), "date"), Column(words(_SUNDAY, language), "date")]
    columns.append(Column(words(_SIDE, language)))
    for name in names:
        columns += [
            Column(words(_RATE, language, group=name), "percent", decimals=2),
            Column(words(_NOTED, language, group=name), "whole"),
            Column(words(_JUDGED, language, group=name), "whole"),
        ]
    by_week = [{one.week: one for one in group.weeks} for group in groups]
    rows: list[tuple[Cell, ...]] = []
    for week in trend.court.weeks:
        row: list[Cell] = [week.week, week.week + WEEK - _ONE_DAY, words(_SIDES[week.side], language)]
        for weeks in by_week:
            row += _figures(weeks.get(week.week))
        rows.append(tuple(row))
    notes = (*group_in_words(trend.court, trend, language), *_divisions(trend.divisions, trend, language))
    title = words(_TITLE, language, day=trend.came_on, kind=kind)
    caveats = caveats_in_words(trend, language)
    return Workbook((Sheet(title, tuple(columns), tuple(rows), (court,), (*notes, *caveats)),), made_at)


def _figures(week: WeekRate | None) -> tuple[Cell, ...]:
    return (None, None, None) if week is None else (week.rate, week.noted, week.expected)


def _divisions(divisions: tuple[GroupTrend, ...], trend: Trend, language: Language) -> list[str]:
    return [division_in_words(division, trend, language) for division in divisions]
