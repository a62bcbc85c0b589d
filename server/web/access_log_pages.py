"""Who looked at whose data: the access log, for HR."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Final

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from server.services.access_reading import access_between
from server.services.context import ServerContext
from server.web.access import page_language, require_account
from server.web.forms import AccessLogForm
from server.web.rendering import render

LINES_A_PAGE: Final = 200
_DAYS_SHOWN: Final = 7
_ONE_DAY: Final = timedelta(days=1)


def add_access_log_pages(pages: Blueprint, context: ServerContext) -> None:
    """The log of some days, of everybody or of one account or about one person, newest first."""

    @pages.get("/access-log")
    def access_log() -> AnyResponse:
        account = require_account(context)
        zone = context.site.zone
        today = context.clock.host_now().astimezone(zone).date()
        form = AccessLogForm(formdata=request.args)
        valid = form.validate()
        first = form.first_day.data or today - (_DAYS_SHOWN - 1) * _ONE_DAY
        last = form.last_day.data or today
        lines = []
        if valid:
            start = datetime.combine(first, time(), zone).astimezone(UTC)
            end = datetime.combine(last + _ONE_DAY, time(), zone).astimezone(UTC)
            lines = access_between(
                context,
                start,
                end,
                page_language(context),
                account=(form.username.data or "").strip(),
                about=(form.employee_no.data or "").strip(),
            )[::-1]
        return render(
            context,
            "access_log.html",
            account,
            200 if valid else 400,
            form=form,
            first=first,
            last=last,
            lines=lines[:LINES_A_PAGE],
            left_out=max(0, len(lines) - LINES_A_PAGE),
        )
