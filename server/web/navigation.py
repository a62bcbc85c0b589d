"""Which pages stand in the head of every page, for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import request

from models.language import N_
from server.services.scope import COURT_ROLES
from server.storage.records import AccountRecord

_READERS: Final = (*COURT_ROLES, "head")
_HR: Final = ("hr",)
_EVERYBODY: Final = (*_READERS, "employee")
_LINKS: Final = (
    ("pages.board", N_("Today"), _READERS),
    ("periods.home", N_("Reports"), _READERS),
    ("postings.home", N_("Postings"), ("head", "employee")),
    ("trend.trend", N_("Trend"), _READERS),
    ("persons.mine", N_("My month"), _EVERYBODY),
    ("requests.home", N_("Requests"), _EVERYBODY),
)
_OFFICE: Final = (
    ("hr.rules", N_("Rules"), _HR),
    ("hr.calendar", N_("Calendar"), _HR),
    ("hr.rosters", N_("Rosters"), _HR),
    ("hr.people", N_("Staff"), _HR),
    ("hr.outages", N_("Outages"), _HR),
    ("hr.month_close", N_("Month close"), _HR),
    ("pages.operating_point", N_("Operating point"), _HR),
    ("jobs.overview", N_("Jobs"), _HR),
    ("hr.access_log", N_("Access log"), _HR),
)


@dataclass(frozen=True, slots=True)
class Link:
    """One of the pages.

    Attributes:
        sentence: not translated yet.
        is_current: whether it, or a page below it, is being read.
    """

    endpoint: str
    sentence: str
    is_current: bool


def links_for(account: AccountRecord | None, *, postings: bool) -> tuple[list[Link], list[Link]]:
    """What everybody reads, and what HR works with; nothing before signing in.

    Args:
        account: the reader's.
        postings: whether all staff read what the court posts.
    """
    if account is None:
        return [], []
    blueprint = (request.endpoint or "").partition(".")[0]

    def is_current(endpoint: str) -> bool:
        # Two blueprints hold several of the pages: there the page itself decides.
        own = endpoint.partition(".")[0]
        return request.endpoint == endpoint if own in ("pages", "hr") else own == blueprint

    def chosen(links: tuple[tuple[str, str, tuple[str, ...]], ...]) -> list[Link]:
        return [
            Link(endpoint, sentence, is_current(endpoint))
            for endpoint, sentence, roles in links
            if account.role in roles
            and (endpoint != "persons.mine" or account.person_id is not None)
            and (endpoint != "postings.home" or postings)
        ]

    return chosen(_LINKS), chosen(_OFFICE)
