"""HR's pages: rules, calendar, rosters, outages, closing months, people, who looked at what."""

from __future__ import annotations

from flask import Blueprint

from server.services.context import ServerContext
from server.web.access import require_account, require_hr
from server.web.access_log_pages import add_access_log_pages
from server.web.calendar_pages import add_calendar_pages
from server.web.close_pages import add_close_pages
from server.web.outage_pages import add_outage_pages
from server.web.rule_pages import add_rule_pages
from server.web.staff_pages import add_staff_pages


def make_hr_pages(context: ServerContext) -> Blueprint:
    """The blueprint of everything that HR alone sees and does."""
    pages = Blueprint("hr", __name__)

    @pages.before_request
    def only_hr() -> None:
        require_hr(require_account(context))

    add_rule_pages(pages, context)
    add_calendar_pages(pages, context)
    add_staff_pages(pages, context)
    add_outage_pages(pages, context)
    add_close_pages(pages, context)
    add_access_log_pages(pages, context)
    return pages
