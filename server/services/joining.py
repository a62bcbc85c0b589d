"""From which day on somebody new is judged."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from server.attendance.rosters import NOBODYS
from server.services.court_rules import CourtRules


def first_day_judged(rules: CourtRules, enrolled_at: datetime) -> date:
    """The first workday on which somebody new is judged.

    The day of enrolling, if no clock point of it was due yet; otherwise the next, for nobody could have met what was
    over before.

    Raises:
        ValueError: the moment is naive.
    """
    day = rules.site.day_of(enrolled_at)
    plan, _ = rules.plan(NOBODYS, day)
    if not plan.points or enrolled_at <= plan.points[0].due_at:
        return day
    return day + timedelta(days=1)
