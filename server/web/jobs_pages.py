"""What the server does by itself, for HR: last, next, duration and error of each job, and how mails fare."""

from __future__ import annotations

from functools import partial
from typing import Final

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from models.language import N_, Language, translate
from models.stored_errors import in_words
from server.services.actors import Actor
from server.services.clock_trust import confirm_clock
from server.services.context import ServerContext
from server.services.job_overview import job_overview
from server.web.access import page_language, require_account, require_hr
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
STANDING_NAMES: Final = {"derive": N_("Judging of what changed"), "mail": N_("Sending of mails")}
MAIL_NAMES: Final = {
    "day": N_("Day report"),
    "week": N_("Week posting"),
    "month": N_("Month bulletin"),
    "month_sheet": N_("The own month"),
}
MAIL_STATE_NAMES: Final = {"waiting": N_("waiting"), "sent": N_("sent"), "given_up": N_("given up")}
_MOST_MAILS: Final = 20
_SECONDS_OF_TWO_DAYS: Final = 2 * 86_400
_DAYS: Final = N_("{count} days")
_MINUTES: Final = N_("{count} minutes")
_CONFIRMED: Final = N_("Jobs go by the server's clock again within moments.")


def make_jobs_pages(context: ServerContext) -> Blueprint:
    """The blueprint of the page about jobs."""
    pages = Blueprint("jobs", __name__)

    @pages.get("/jobs")
    def overview() -> AnyResponse:
        account = require_account(context)
        require_hr(account)
        found = job_overview(context)
        with context.unit(read_only=True) as unit:
            mails = unit.mails.counts()
            in_trouble = unit.mails.in_trouble(_MOST_MAILS)
        return render(
            context,
            "jobs.html",
            account,
            overview=found,
            job_names=JOB_NAMES,
            standing_names=STANDING_NAMES,
            mail_names=MAIL_NAMES,
            sends_mail=context.settings.mail.host is not None,
            fault=partial(in_words, language=page_language(context)),
            ahead=None if found.clock is None else _amount(found.clock.ahead_seconds, page_language(context)),
            state_names=STATE_NAMES,
            mail_state_names=MAIL_STATE_NAMES,
            mails=mails,
            in_trouble=in_trouble,
        )

    @pages.post("/jobs/clock")
    def confirm() -> AnyResponse:
        account = require_account(context)
        if confirm_clock(context, Actor.of(account)):
            flash(_CONFIRMED)
        return redirect(url_for("jobs.overview"), code=303)

    return pages


def _amount(seconds: float, language: Language) -> str:
    """How far a clock is ahead, as people say it."""
    if seconds >= _SECONDS_OF_TWO_DAYS:
        return translate(_DAYS, language).format(count=round(seconds / 86_400))
    return translate(_MINUTES, language).format(count=round(seconds / 60))
