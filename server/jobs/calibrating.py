"""Whether the operating point has to be looked at again: enrollments or settings changed. Cheap to ask each tick."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from server.services.context import ServerContext
from server.services.operating import settings_digest

OPERATING_POINT_JOB: Final = "operating_point"
PAUSE_BETWEEN: Final = timedelta(minutes=1)
"""While people are enrolled one after another, it is not computed for each of them."""


def due_calibration(context: ServerContext) -> str | None:
    """The period of the calibration that is due, None when there is none.

    A period is one version of the gallery with one set of settings. A new operating point raises that version itself;
    the period that follows finds its inputs unchanged, and stores nothing.
    """
    with context.unit(read_only=True) as unit:
        gallery_version = unit.people.gallery_version()
        if gallery_version == 0:
            return None
        period = f"{gallery_version}-{settings_digest(context)[:8]}"
        run = unit.jobs.find(OPERATING_POINT_JOB, period)
        if run is not None:
            return None if run.state == "done" else period
        last_begun = unit.jobs.last_claimed_at(OPERATING_POINT_JOB)
    since = None if last_begun is None else context.clock.host_now() - last_begun
    # Of a clock that was set back it is not known how long ago that was.
    waits = since is not None and timedelta(0) <= since < PAUSE_BETWEEN
    return None if waits else period
