"""Sheets that the tests of exports share."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from server.web.sheets import Cell, Column, Kind, Sheet, Workbook

COURT: Final = ZoneInfo("Asia/Shanghai")
MADE_AT: Final = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
CLOCKED_AT: Final = datetime(2026, 11, 20, 0, 31, 7, 900_000, tzinfo=UTC)

# What a spreadsheet program would run, and disguises of it.
FORMULAS: Final = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u3000=1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1,1)",
    "﹦1+1",
    "﹢1+1",
    "﹣1+1",
    "−1+1",
    '=HYPERLINK("http://x","打卡")',
    "=cmd|' /C calc'!A0",
)


def sheet_of(kind: Kind, *values: Cell, decimals: int = 1, heading: str = "值") -> Sheet:
    """One column of one kind."""
    return Sheet("表", (Column(heading, kind, decimals),), tuple((value,) for value in values))


def book_of(*sheets: Sheet) -> Workbook:
    return Workbook(sheets, MADE_AT)


def month_sheet(rows: int = 2, title: str = "2026年11月考勤月报") -> Sheet:
    """A sheet with every kind of column."""
    columns = (
        Column("编号"),
        Column("姓名"),
        Column("日期", "date"),
        Column("上班", "time"),
        Column("迟到分钟", "minutes"),
        Column("次数", "whole"),
        Column("出勤率", "percent"),
        Column("平均", "decimal", decimals=2),
        Column("打卡时刻", "moment"),
        Column("原因"),
    )
    line: tuple[Cell, ...] = (
        "李明",
        date(2026, 11, 20),
        time(8, 31, 7),
        31,
        -2,
        0.954,
        12.345,
        CLOCKED_AT,
        "窗口内没有打卡，规则为八点三十分之前到达；宽限五分钟。",
    )
    return Sheet(
        title=title,
        columns=columns,
        rows=tuple((f"{number:04}", *line) for number in range(1, rows + 1)),
        subtitle=("期间：2026-11-01 至 2026-11-30", "法院：某某市中级人民法院"),
        footnotes=("注：赵法官已签字更正。",),
    )
