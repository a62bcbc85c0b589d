"""The first half of the reference model: what is expected of somebody on a day, when, and in which minutes.

Windows are sets of wall minutes. Nothing here comes from the engine but the values that it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import chinese_calendar

from server.attendance.calendar import CalendarEdit, YearWord
from server.attendance.events import RawEvent
from server.attendance.overlays import NO_OVERLAYS, Absence, Overlays
from server.attendance.points import ClockPoint, Shift
from server.attendance.rosters import RosterEntry
from server.attendance.rules import RuleVersion
from server.attendance.site_days import SiteDays

MINUTE = timedelta(minutes=1)
ONE_DAY = timedelta(days=1)
WORK_KINDS = ("workday", "makeup_workday")


@dataclass(frozen=True)
class World:
    """All that a verdict of one person follows from.

    Attributes:
        versions: of the rules, in any order; one holds from the beginning.
        edits, year_words: HR's, in any order.
        roster: entries of this person, in any order.
        events: every clock event of this person, in any order.
        overlays: every approved request of this person.
    """

    site: SiteDays
    versions: tuple[RuleVersion, ...]
    edits: tuple[CalendarEdit, ...] = ()
    year_words: tuple[YearWord, ...] = ()
    roster: tuple[RosterEntry, ...] = ()
    events: tuple[RawEvent, ...] = ()
    overlays: Overlays = NO_OVERLAYS


@dataclass
class Open:
    """A clock point as leave and the neighbouring days leave it: when it is due, and the minutes of its window."""

    number: int
    point: ClockPoint
    stretch: int
    due: datetime
    minutes: set[int]
    by: tuple[Absence, ...] = ()
    covered: bool = False

    @property
    def arrival(self) -> bool:
        return self.point.direction == "in"


# Moments and minutes


def counting_moment(event: RawEvent, one: Open) -> datetime:
    """The moment that counts at this point: of being seen for an arrival, of being identified for a departure."""
    return event.captured_at if one.arrival or event.identified_at is None else event.identified_at


def screen_minutes(since: datetime, until: datetime) -> int:
    """Minutes between two moments as the screen showed them."""
    return (until.replace(second=0, microsecond=0) - since.replace(second=0, microsecond=0)) // MINUTE


# Which shift somebody has


def expected(world: World, day: date) -> tuple[Shift | None, bool]:
    """The shift, None for no work, and whether it is certain that work is expected."""
    in_force = [one for one in world.versions if one.effective_from <= day]
    rules = max(in_force, key=lambda one: (one.effective_from, one.number)).rules
    works, confirmed = calendar_says(world, day)
    entries = [one for one in world.roster if one.first_day <= day and (one.last_day is None or day <= one.last_day)]
    if not entries:
        return rules.default_shift if works else None, confirmed
    entry = max(entries, key=lambda one: (one.first_day, one.entered_at))
    name = entry.pattern[(day - entry.first_day).days % len(entry.pattern)]
    if name is None or (entry.follows_calendar and not works):
        return None, confirmed
    return rules.shifts.get(name, rules.default_shift), confirmed or not entry.follows_calendar


def calendar_says(world: World, day: date) -> tuple[bool, bool]:
    """Whether the calendar expects work, and whether that is confirmed."""
    edits = [one for one in world.edits if one.day == day]
    if edits:
        last = max(edits, key=lambda one: one.entered_at)
        if last.kind is not None:
            return last.kind in WORK_KINDS, True
    try:
        return not chinese_calendar.is_holiday(day), True
    except NotImplementedError:
        words = [one for one in world.year_words if one.year == day.year]
        return day.weekday() < 5, bool(words) and max(words, key=lambda one: one.entered_at).confirmed


# Windows


def moment_of(world: World, day: date, wall_minutes: int) -> datetime:
    """The moment at which the wall shows so many minutes; a skipped one moves forward, of a repeated one the first."""
    wall = datetime.combine(day, time()) + wall_minutes * MINUTE
    return wall.replace(tzinfo=world.site.zone).astimezone(UTC)


def wall_minute(world: World, day: date, moment: datetime) -> int:
    """What the wall shows, in whole minutes from the midnight of the date."""
    wall = moment.astimezone(world.site.zone).replace(tzinfo=None)
    return (wall - datetime.combine(day, time())) // MINUTE


def begin_of(world: World, day: date) -> datetime:
    """When a workday begins: at the hour that the site chose. It ends when the next one begins."""
    chosen = world.site.day_starts_at
    return moment_of(world, day, chosen.hour * 60 + chosen.minute)


def plain_windows(world: World, day: date, shift: Shift | None) -> list[tuple[int, set[int]]]:
    """Due minute and window of each point of a shift on a date, as if there were no other days."""
    if shift is None:
        return []
    plain = [_window_by_itself(world, day, point) for point in shift.points]
    if shift.mode == "first_last":
        return [(due, set(range(plain[0][1], plain[-1][2] + 1))) for due, _, _ in plain]
    windows = []
    for number, (due, _, _) in enumerate(plain):
        # Windows that moved out of order begin with a later one, and end with an earlier one.
        start = min(one[1] for one in plain[number:])
        end = max(one[2] for one in plain[: number + 1])
        windows.append((due, set(range(start, end + 1))))
    return windows


def _window_by_itself(world: World, day: date, point: ClockPoint) -> tuple[int, int, int]:
    """Due minute, first and last minute; in time that passes where the wall never shows one of them."""
    at, before, after = point.at_minutes, point.window_before_minutes, point.window_after_minutes
    moment = moment_of(world, day, at)

    def is_shown(minute: int) -> bool:
        shown = wall_minute(world, day, moment_of(world, day, minute))
        # A date that was left out as a whole stays where it is.
        return shown == minute or shown - minute >= 24 * 60

    if is_shown(at):
        due = at
        start = at - before if is_shown(at - before) else wall_minute(world, day, moment - before * MINUTE)
        end = at + after if is_shown(at + after) else wall_minute(world, day, moment + after * MINUTE)
    else:
        due, start, end = (wall_minute(world, day, moment + minutes * MINUTE) for minutes in (0, -before, after))
    return due, max(start, -12 * 60), min(end, 36 * 60 - 1)


def windows_between_neighbours(world: World, day: date, shift: Shift) -> list[set[int]]:
    """The window of each point, ended or begun where it meets a window of the days around."""
    found = []
    own = plain_windows(world, day, shift)
    for due, window in own:
        first, last = (own[0][0], own[-1][0]) if shift.mode == "first_last" else (due, due)
        left = set(window)
        for days in (-1, 1):
            beside = day + days * ONE_DAY
            for other_due, other_window in plain_windows(world, beside, expected(world, beside)[0]):
                other = other_due + days * 24 * 60
                shared = window & {minute + days * 24 * 60 for minute in other_window}
                if not shared:
                    continue
                mine_is_later = other < first or (other == first and days < 0)
                mine = first if mine_is_later else last
                boundary = max(min(shared) - 1, min(max(shared), (mine + other) // 2))
                left = {minute for minute in left if (minute > boundary) == mine_is_later}
        found.append(left)
    return found


def neighbours_minutes(world: World, day: date) -> set[int]:
    """The minutes that windows of the days around hold, as other days leave them."""
    held = set()
    for days in (-1, 1):
        other = expected(world, day + days * ONE_DAY)[0]
        windows = [] if other is None else windows_between_neighbours(world, day + days * ONE_DAY, other)
        held |= {minute + days * 24 * 60 for window in windows for minute in window}
    return held


# Leave and duty


def merged(absences: Sequence[Absence]) -> list[tuple[datetime, datetime, tuple[Absence, ...]]]:
    """Those that touch or overlap as one."""
    blocks: list[tuple[datetime, datetime, tuple[Absence, ...]]] = []
    for one in sorted(absences, key=lambda absence: absence.starts_at):
        if blocks and one.starts_at <= blocks[-1][1]:
            start, end, parts = blocks[-1]
            blocks[-1] = (start, max(end, one.ends_at), (*parts, one))
        else:
            blocks.append((one.starts_at, one.ends_at, (one,)))
    return blocks


def points_of_day(world: World, day: date, shift: Shift) -> list[Open]:
    """The clock points with their windows, moved or covered where there is leave or duty."""
    windows = windows_between_neighbours(world, day, shift)
    own = [set(window) for window in windows]
    points = []
    arrivals = 0
    for number, point in enumerate(shift.points):
        arrivals += point.direction == "in"
        due = moment_of(world, day, point.at_minutes)
        if point.direction == "in" and windows[number] and wall_minute(world, day, due) < min(windows[number]):
            # Nothing is left but what comes after it: a duty of the day before ends at that very moment.
            due = moment_of(world, day, min(windows[number]))
        points.append(Open(number, point, max(0, arrivals - 1), due, windows[number]))
    begins, ends = reach(world, day, shift)
    absences = [one for one in world.overlays.absences if one.starts_at < ends and one.ends_at > begins]
    moved = [_move(one, absences) for one in points]
    for one, was_moved in zip(points, moved, strict=True):
        partner = one.number + 1 if one.arrival else one.number - 1
        pair = points[partner] if 0 <= partner < len(points) else None
        if pair is None or pair.arrival == one.arrival:
            one.covered = was_moved
        else:
            arrival, departure = (one, pair) if one.arrival else (pair, one)
            one.covered = (was_moved or moved[partner]) and arrival.due >= departure.due
        if one.covered and pair is not None and not was_moved:
            one.by = pair.by
    # An arrival is open longer, so the ends behind it must be known first; a departure from earlier on.
    for one in [*(one for one in reversed(points) if one.arrival), *(one for one in points if not one.arrival)]:
        if moved[one.number] and not one.covered:
            _open_an_hour_beyond(world, day, one, points, own)
    return points


def reach(world: World, day: date, shift: Shift | None) -> tuple[datetime, datetime]:
    """From the beginning of the workday, or of its first window, until the end of it or of its last window."""
    begins, ends = begin_of(world, day), begin_of(world, day + ONE_DAY)
    for minutes in () if shift is None else windows_between_neighbours(world, day, shift):
        if minutes:
            begins = min(begins, moment_of(world, day, min(minutes)))
            ends = max(ends, moment_of(world, day, max(minutes)) + MINUTE)
    return begins, ends


def _move(one: Open, absences: Sequence[Absence]) -> bool:
    due = one.due

    def holds(start: datetime, end: datetime) -> bool:
        return start <= due < end if one.arrival else start < due <= end

    for start, end, parts in merged(absences):
        if holds(start, end):
            one.due = (end if one.arrival else start).replace(second=0, microsecond=0)
            one.by = tuple(part for part in parts if (part.ends_at > due if one.arrival else part.starts_at < due))
            return True
    return False


def _open_an_hour_beyond(world: World, day: date, one: Open, points: Sequence[Open], own: Sequence[set[int]]) -> None:
    taken = neighbours_minutes(world, day).difference(*own)
    due = wall_minute(world, day, one.due)
    if one.arrival:
        last = min([due + 60, *(max(later.minutes) for later in points[one.number + 1 :] if later.minutes)])
        beyond = range(max(one.minutes, default=due) + 1, last + 1)
    else:
        first = max([due - 60, *(min(earlier.minutes) for earlier in points[: one.number] if earlier.minutes)])
        beyond = range(min(one.minutes, default=due) - 1, first - 1, -1)
    for minute in beyond:
        if minute in taken:
            break
        one.minutes.add(minute)
