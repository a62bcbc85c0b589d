"""The day's report as CSV."""

from __future__ import annotations

import csv
import io
from typing import Final

from models.language import N_, Language, translate
from server.services.reporting import DayReport

_HEADINGS: Final = (
    N_("Date"),
    N_("Employee number"),
    N_("Name"),
    N_("Division"),
    N_("Verdict"),
    N_("Late minutes"),
    N_("Early minutes"),
    N_("Missing clocks"),
    N_("Reasons"),
)
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def plain_cell(text: str) -> str:
    """The text in a form that no spreadsheet program runs as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def day_report_csv(report: DayReport, language: Language) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheet programs show Chinese."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([translate(heading, language) for heading in _HEADINGS])
    for line in report.lines:
        verdict = line.verdict
        writer.writerow(
            [
                report.day.isoformat(),
                plain_cell(line.person.employee_no),
                plain_cell(line.person.name),
                plain_cell(line.person.division or ""),
                plain_cell(line.summary(language)),
                "" if verdict is None else verdict.tally.late_minutes,
                "" if verdict is None else verdict.tally.early_minutes,
                "" if verdict is None else verdict.tally.missing_points,
                plain_cell(" ".join(line.explanation(language))),
            ]
        )
    return text.getvalue().encode("utf-8-sig")
