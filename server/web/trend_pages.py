"""The trend: whether staff are late, or leave early, less often since the kiosk came; in words, chart and figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, cast

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from models.language import N_, translate
from server.attendance.trend import Trend, TrendKind
from server.attendance.trend_words import (
    caveats_in_words,
    division_in_words,
    group_in_figures,
    group_in_words,
)
from server.services.context import ServerContext
from server.services.scope import visible_division
from server.services.trends import read_trend
from server.storage.access_log import AccessForm
from server.storage.records import AccountRecord
from server.web.access import page_language, require_account
from server.web.access_noting import note_access
from server.web.exporting import AS_FILE, FileForm, as_file
from server.web.rendering import render
from server.web.trend_chart import NARROW, WIDE, trend_svg
from server.web.trend_sheets import trend_workbook

KINDS: Final[dict[TrendKind, str]] = {
    "both": N_("Late arrivals and early leaves"),
    "late": N_("Late arrivals"),
    "early": N_("Early leaves"),
}
# A page and its picture are asked for one after the other, within seconds.
_ONE_LOOK: Final = timedelta(minutes=5)


def make_trend_pages(context: ServerContext) -> Blueprint:
    """The blueprint of the trend. A head sees the own division, as in every report."""
    pages = Blueprint("trend", __name__)

    @pages.get("/reports/trend")
    def trend() -> AnyResponse:
        account = require_account(context)
        kind = _kind()
        found = _read(account, kind, "page")
        language = page_language(context)
        words: dict[str, Any] = {}
        if found is not None:
            words = {
                "figures": group_in_figures(found.court, language),
                "told": group_in_words(found.court, found, language),
                "divisions": [(division, division_in_words(division, found, language)) for division in found.divisions],
                "caveats": caveats_in_words(found, language),
                "groups": [found.court, *found.divisions],
                "sunday_of": lambda monday: monday + timedelta(days=6),
            }
        return render(context, "trend.html", account, trend=found, kind=kind, kinds=KINDS, **words)

    @pages.get("/reports/trend.svg")
    def chart() -> AnyResponse:
        account = require_account(context)
        kind = _kind()
        # The picture on a page that was just looked at is the same look.
        since = context.clock.host_now() - _ONE_LOOK
        with context.unit(read_only=True) as unit:
            is_same_look = unit.access_log.has(account.username, "trend", _scope(account, kind), "page", since)
        found = _read(account, kind, None if is_same_look else "page")
        if found is None:
            raise CourtclockError("page.not_found")
        width = NARROW if "narrow" in request.args else WIDE
        return Response(trend_svg(found, page_language(context), width=width), mimetype="image/svg+xml")

    @pages.get(f"/reports/trend.{AS_FILE}")
    def trend_file(form: str) -> AnyResponse:
        account = require_account(context)
        kind, language, court = _kind(), page_language(context), context.settings.court
        found = _read(account, kind, cast(FileForm, form))
        if found is None:
            raise CourtclockError("page.not_found")
        name = court.name_zh if language == "zh" else court.name_en
        workbook = trend_workbook(found, translate(KINDS[kind], language), name, language, context.clock.now())
        return as_file(workbook, cast(FileForm, form), f"courtclock-trend-{kind}", context.site.zone, language)

    def _kind() -> TrendKind:
        asked = request.args.get("kind", "both")
        if asked not in KINDS:
            raise CourtclockError("page.not_found")
        return asked

    def _scope(account: AccountRecord, kind: TrendKind) -> str:
        return f"{kind} {visible_division(account) or 'court'}"

    def _read(account: AccountRecord, kind: TrendKind, form: AccessForm | None) -> Trend | None:
        division_id = visible_division(account)
        if form is not None:
            note_access(context, account, "trend", _scope(account, kind), form)
        return read_trend(context, kind, division_id)

    return pages
