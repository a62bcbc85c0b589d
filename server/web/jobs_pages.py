"""What the server does by itself, for HR: last, next, duration and error of each job, and how mails fare."""

from __future__ import annotations

from typing import Final

from flask import Blueprint
from werkzeug.wrappers import Response as AnyResponse

from models.language import N_
from server.services.context import ServerContext
from server.services.job_overview import job_overview
from server.web.access import require_account, require_hr
from server.web.rendering import render

JOB_NAMES: Final = {
    "open_day": N_("Begin of the day"),
    "day_report": N_("Day report"),
    "close_day": N_("End of the day"),
    "retention": N_("Deletion of what is kept no longer"),
    "week_posting": N_("Week posting"),
    "month_bulletin": N_("Month bulletin"),
    "operating_point": N_("Operating point"),
}
STATE_NAMES: Final = {"done": N_("done"), "failed": N_("failed"), "claimed": N_("running")}
MAIL_STATE_NAMES: Final = {"waiting": N_("waiting"), "sent": N_("sent"), "given_up": N_("given up")}
_MOST_MAILS: Final = 20


def make_jobs_pages(context: ServerContext) -> Blueprint:
    """The blueprint of the page about jobs."""
    pages = Blueprint("jobs", __name__)

    @pages.get("/jobs")
    def overview() -> AnyResponse:
        account = require_account(context)
        require_hr(account)
        with context.unit(read_only=True) as unit:
            mails = unit.mails.counts()
            in_trouble = unit.mails.in_trouble(_MOST_MAILS)
        return render(
            context,
            "jobs.html",
            account,
            overview=job_overview(context),
            job_names=JOB_NAMES,
            state_names=STATE_NAMES,
            mail_state_names=MAIL_STATE_NAMES,
            mails=mails,
            in_trouble=in_trouble,
        )

    return pages
