"""Who looked at whose data, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from models.language import N_, Language, translate
from server.services.context import ServerContext
from server.storage.access_log import Accessed
from server.storage.unit_of_work import UnitOfWork

WHAT: Final[dict[Accessed, str]] = {
    "day_report": N_("Day report"),
    "week_report": N_("Week posting"),
    "month_report": N_("Month bulletin"),
    "month_sheet": N_("Sheet of a month"),
    "person_day": N_("Workday of a person"),
    "trend": N_("Trend"),
    "attachment": N_("Document of a request"),
    "board": N_("Today's board"),
    "requests": N_("List of requests"),
    "request": N_("Request"),
    "people": N_("Staff"),
    "rosters": N_("Rosters"),
    "outages": N_("Outages"),
    "month_close": N_("Month close"),
    "what_if": N_("What would change?"),
    "operating_point": N_("Operating point"),
    "access_log": N_("Access log"),
}
_FORMS: Final = {"page": N_("page")}
_COURT: Final = N_("the whole court")
_IDENTIFIER: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One look, or one file, in words.

    Attributes:
        scope: which period, and of whom.
        form: page, or the kind of file.
    """

    at: datetime
    username: str
    what: str
    scope: str
    form: str


def access_between(
    context: ServerContext, start: datetime, end: datetime, language: Language, *, account: str = "", about: str = ""
) -> list[AccessLine]:
    """Looks from ``start`` until before ``end``, by time.

    Args:
        context: the server's parts.
        start, end: aware.
        language: of the words.
        account: one account only; empty is all.
        about: employee number; only looks at this person alone, not those at a division or the court.
    """
    with context.unit(read_only=True) as unit:
        entries = [
            one
            for one in unit.access_log.between(start, end)
            if (not account or one.username == account) and (not about or about in one.scope.split())
        ]
        names = _division_names(unit, {one.scope for one in entries})
    return [
        AccessLine(
            one.at,
            one.username,
            translate(WHAT[one.what], language) if one.what in WHAT else one.what,
            _scope(one.scope, names, language),
            translate(_FORMS[one.form], language) if one.form in _FORMS else one.form.upper(),
        )
        for one in entries
    ]


def _division_names(unit: UnitOfWork, scopes: set[str]) -> dict[str, str]:
    identifiers = {text for scope in scopes for text in _IDENTIFIER.findall(scope)}
    names = {text: unit.reading.division_name(UUID(text)) for text in identifiers}
    return {text: name for text, name in names.items() if name is not None}


def _scope(scope: str, names: dict[str, str], language: Language) -> str:
    words = [translate(_COURT, language) if word == "court" else names.get(word, word) for word in scope.split()]
    return " ".join(words)
