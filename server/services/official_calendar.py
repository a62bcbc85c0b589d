"""Takes the official calendar over from the installed package: what is new or says otherwise is a new version."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from server.attendance.calendar import OfficialYear, package_version, special_days_of, year_is_official
from server.attendance.site_days import FIRST_YEAR, LAST_YEAR
from server.services.context import ServerContext
from server.services.court_rules import read_rules_anew, rules_in_force
from server.services.expectation_changes import touch_changed

log: Final = logging.getLogger(__name__)
_ONE_DAY: Final = timedelta(days=1)


def take_official_calendar(context: ServerContext) -> list[OfficialYear]:
    """Compare what the installed package knows with what was taken over; gives the years that are new or changed.

    Exactly the workdays on which something else is expected now are judged again. An older package than the one that
    was taken over last changes nothing, and a year that a package does not know any more stays as it is.
    """
    with context.unit(read_only=True) as unit:
        if not _taken_anew(context, unit.court_rules.official_years()):
            return []
    with context.unit() as unit:
        unit.change_expectations()
        # Asked again: another process may have been quicker.
        anew = _taken_anew(context, unit.court_rules.official_years())
        before = rules_in_force(context, unit)
        for one in anew:
            unit.court_rules.add_official_year(one)
        after = read_rules_anew(context, unit)
        years = [one.year for one in anew]
        touched = 0
        if years:
            first, last = date(min(years), 1, 1) - _ONE_DAY, date(max(years), 12, 31) + _ONE_DAY
            touched = touch_changed(context, unit, before, after, first, last)
        unit.commit()
    for one in anew:
        log.info("the official calendar of %s is taken over from chinese-calendar %s", one.year, one.package_version)
    if touched:
        log.info("the official calendar expects something else on %s workdays: they are judged again", touched)
    return anew


def _taken_anew(context: ServerContext, known: Iterable[OfficialYear]) -> list[OfficialYear]:
    newest = {one.year: one for one in known}
    installed = package_version()
    if any(_in_order(one.package_version) > _in_order(installed) for one in newest.values()):
        return []
    found = []
    for year in filter(year_is_official, range(FIRST_YEAR, LAST_YEAR + 1)):
        days, last = special_days_of(year), newest.get(year)
        if last is None or last.days != days:
            number = 1 if last is None else last.number + 1
            found.append(OfficialYear(year, number, days, installed, context.clock.now()))
    return found


def _in_order(version: str) -> tuple[int, ...]:
    """1.9.0 comes before 1.11.0."""
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))
