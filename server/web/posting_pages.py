"""What the court posts, for all staff: published week postings and month bulletins, to be read and nothing more."""

from __future__ import annotations

from typing import Final, cast

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from server.services.context import ServerContext
from server.services.periods import PeriodKind, month_days, period_report, week_of
from server.services.ranking import basis_in_words
from server.storage.access_log import Accessed
from server.storage.records import AccountRecord
from server.web.access import page_language, require_account
from server.web.access_noting import note_access
from server.web.paging import page_of
from server.web.rendering import render

_READ_AS: Final[dict[PeriodKind, Accessed]] = {"week": "week_report", "month": "month_report"}
_MOST_LISTED: Final = 100


def make_posting_pages(context: ServerContext) -> Blueprint:
    """The blueprint of the postings. Whoever has an account reads them, where the court wants that.

    They name who is noted, with the figures that a court puts on its wall. Reasons, documents, limits of persons, and
    the way to anybody's own pages are not on them.
    """
    pages = Blueprint("postings", __name__)

    @pages.get("/postings")
    def home() -> AnyResponse:
        account = _reader()
        with context.unit(read_only=True) as unit:
            published = {
                kind: sorted(unit.reading.published_at(kind).items(), reverse=True)[:_MOST_LISTED]
                for kind in ("month", "week")
            }
        return render(context, "postings.html", account, published=published)

    @pages.get("/postings/<any(week, month):kind>/<period>")
    def posting(kind: str, period: str) -> AnyResponse:
        account, of_kind = _reader(), cast(PeriodKind, kind)
        week_of(period) if of_kind == "week" else month_days(period)
        with context.unit(read_only=True) as unit:
            is_published = unit.jobs.report(kind, period) is not None
        if not is_published:
            raise CourtclockError("page.not_found")
        note_access(context, account, _READ_AS[of_kind], f"{period} posted")
        found = period_report(context, of_kind, period)
        return render(
            context,
            "posting.html",
            account,
            report=found,
            shown=page_of(found.noted, request.args),
            rank_basis=basis_in_words(found.ranked_by, page_language(context)),
        )

    def _reader() -> AccountRecord:
        account = require_account(context)
        if not context.settings.attendance.staff_read_postings:
            raise CourtclockError("page.forbidden")
        return account

    return pages
