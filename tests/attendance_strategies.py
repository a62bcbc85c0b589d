"""Random courts for the searched tests: rules, rosters, calendars, clock events and requests around one day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import assume
from hypothesis import strategies as st

from server.attendance.calendar import CalendarEdit, DayKind, YearWord
from server.attendance.events import RawEvent
from server.attendance.overlays import Absence, Correction, Overlays, Waiver
from server.attendance.points import ClockPoint, Flexible, FlexibleKind, Shift
from server.attendance.rosters import RosterEntry
from server.attendance.rule_documents import load_rules, presets
from server.attendance.rules import BEGINNING, RuleSet, RuleVersion
from server.attendance.site_days import SiteDays
from tests.attendance_days import rule_set
from tests.reference_windows import World, expected, reach

PERSON: Final = UUID(int=77)
PRESETS: Final = tuple(load_rules(name) for name in presets())
# A zone and a day around which its clocks change; ordinary days, rest days, holidays, make-up workdays; a year that is
# not confirmed.
_WHERE_AND_WHEN: Final = (
    ("Asia/Shanghai", date(2026, 11, 20)),
    ("Asia/Shanghai", date(2026, 10, 8)),
    ("Asia/Shanghai", date(2026, 10, 10)),
    ("Asia/Shanghai", date(2030, 5, 8)),
    ("Europe/Berlin", date(2030, 3, 28)),
    ("Africa/Cairo", date(2030, 4, 24)),
    ("Europe/Berlin", date(2026, 3, 28)),
    ("Europe/Berlin", date(2026, 10, 24)),
    ("America/New_York", date(2026, 3, 7)),
    ("America/New_York", date(2026, 10, 31)),
    ("Australia/Lord_Howe", date(2026, 4, 4)),
    ("Australia/Lord_Howe", date(2026, 10, 3)),
    ("Pacific/Apia", date(2011, 12, 29)),
    # Clocks that skip midnight.
    ("Africa/Cairo", date(2026, 4, 22)),
    ("America/Santiago", date(2026, 9, 4)),
    ("Asia/Beirut", date(2026, 3, 27)),
    ("America/Havana", date(2026, 3, 6)),
)
_NEVER: Final = ("Pacific/Apia", date(2011, 12, 30))
"""Samoa went over the date line in this night."""
_LAST_KNOWN_YEAR: Final = 2026
"""To which the official calendar is known."""
_ENTERED: Final = datetime(2026, 1, 1, tzinfo=UTC)
Case = tuple[World, date, datetime]
"""A court around one person's day, that day, and the moment of judging."""
About = Literal["anything", "punctuality", "first_last", "off_post", "unconfirmed", "partly_away", "under_way"]
ABOUT: Final[tuple[About, ...]] = get_args(About)
"""What a searched day is about. Left to chance, most days would be of people who come at any hour or not at all."""
_MINUTE: Final = timedelta(minutes=1)


@st.composite
def shifts(draw: st.DrawFn, name: str = "searched", about: About = "anything") -> Shift:
    """One to eight points in the order of the day; windows may overlap, and reach over midnight."""
    two_or_more = [2, 2, 2, 3, 4, 4, 8]
    counts = {"first_last": [2], "off_post": two_or_more}
    count = draw(st.sampled_from(counts.get(about, [1, *two_or_more])))
    minutes = st.integers(-5 * 60, 33 * 60)
    starts = sorted(draw(st.lists(minutes, min_size=count, max_size=count, unique=True)))
    # Often in an hour that clocks skip somewhere.
    likely = st.one_of(st.integers(0, 32 * 60), st.integers(0, 59), st.integers(120, 179), st.integers(1440, 1499))
    dues = sorted(draw(st.lists(likely, min_size=count, max_size=count)))
    ends = sorted(draw(st.lists(minutes, min_size=count, max_size=count, unique=True)))
    points = []
    # Mostly in and out in turn, as courts have it; the rule language allows any order.
    in_turn = count == 2 or about == "off_post" or draw(st.integers(0, 3)) > 0
    for number, (start, due, end) in enumerate(zip(starts, dues, ends, strict=True)):
        direction = ("in", "out")[number % 2] if in_turn else draw(st.sampled_from(["in", "out"]))
        due_minutes = max(due, start)
        points.append(
            _point(draw, number, direction, due_minutes, due_minutes - start, max(end, due_minutes) - due_minutes)
        )
    limit = draw(st.sampled_from([1, 20, 60] if about == "off_post" else [None, 1, 20, 60]))
    modes = {"first_last": ["first_last"], "off_post": ["windows"]}.get(about, ["windows", "windows", "first_last"])
    values: dict[str, Any] = {
        "mode": draw(st.sampled_from(modes)) if count == 2 else "windows",
        "min_interval_minutes": draw(st.sampled_from([0, 1, 5, 30])),
        "flexible": draw(_flexible()),
        "off_post_after_minutes": limit,
        "off_post_counts_as": draw(st.sampled_from(["off_post", "off_post", "half_day", "full_day"]))
        if limit
        else "off_post",
    }
    try:
        return Shift(name, tuple(points), name_zh="班", name_en=name, **values)
    except ValueError:
        # Rules that the rule language refuses are nobody's.
        assume(False)
        raise


def _point(draw: st.DrawFn, number: int, direction: Any, due: int, before: int, after: int) -> ClockPoint:
    tiers = sorted(draw(st.lists(st.integers(16, 120), min_size=3, max_size=3)))
    kept = [tier if draw(st.booleans()) else None for tier in tiers]
    missing = ["missing", "missing", "missing", "late" if direction == "in" else "early", "half_day", "full_day"]
    try:
        return ClockPoint(
            f"点{number}",
            f"point {number}",
            direction,
            due,
            before,
            after,
            draw(st.sampled_from([0, 0, 5, 15])),
            draw(st.sampled_from([True, True, True, False])),
            kept[0],
            kept[1],
            kept[2],
            draw(st.sampled_from(missing)),
        )
    except ValueError:
        assume(False)
        raise


@st.composite
def _flexible(draw: st.DrawFn) -> Flexible | None:
    kind: FlexibleKind | None = draw(st.sampled_from([None, None, "allowance", "shift"]))
    if kind is None:
        return None
    return Flexible(kind, draw(st.integers(1, 60)), draw(st.integers(0, 60)))


@st.composite
def rule_sets(draw: st.DrawFn, version: str, about: About) -> RuleSet:
    """A preset, or rules of one or two random shifts, whose version no other rules may share."""
    if draw(st.booleans()):
        return draw(st.sampled_from([one for one in PRESETS if _fits(one.default_shift, about)]))
    found = [draw(shifts(about=about))]
    if draw(st.integers(0, 3)) == 0:
        found.append(draw(shifts("another")))
    return rule_set(*found, version=version)


def _fits(shift: Shift, about: About) -> bool:
    if about == "first_last":
        return shift.mode == "first_last"
    return about != "off_post" or shift.off_post_after_minutes is not None


def worlds() -> st.SearchStrategy[Case]:
    """Worlds about any of them."""
    return st.sampled_from(ABOUT).flatmap(worlds_about)


@st.composite
def worlds_about(draw: st.DrawFn, about: About) -> Case:
    """A court around one person's day, that day, and the moment of judging.

    Args:
        draw: Hypothesis.
        about: what the day is about. All but anything are days that are worked, most of them judged when all is over.
    """
    places = [one for one in _WHERE_AND_WHEN if about != "unconfirmed" or one[1].year > _LAST_KNOWN_YEAR]
    zone_name, base = draw(st.sampled_from(places))
    zone = ZoneInfo(zone_name)
    # Nobody is judged on a date that never was; windows of the days around reach into it all the same.
    days = [base + timedelta(days=number) for number in range(3)]
    day = draw(st.sampled_from([one for one in days if (zone_name, one) != _NEVER]))
    site = SiteDays(zone, time(draw(st.sampled_from([0, 3, 4, 6]))))
    rules = draw(rule_sets("searched-1", about))
    versions = [RuleVersion(1, BEGINNING, rules)]
    if draw(st.integers(0, 3)) == 0:
        since = day + timedelta(days=draw(st.integers(-1, 1)))
        versions.append(RuleVersion(2, since, draw(rule_sets("searched-2", about))))
    world = World(
        site,
        tuple(versions),
        edits=draw(_edits(day)) if about == "anything" else () if about == "unconfirmed" else (_worked_on(day),),
        year_words=() if about == "unconfirmed" else draw(_year_words(day)),
        roster=draw(_roster(day, rules)) if about == "anything" else (),
    )
    shift = expected(world, day)[0]
    midnight = datetime.combine(day, time(), zone)
    world = World(
        site,
        world.versions,
        world.edits,
        world.year_words,
        world.roster,
        draw(_events(shift, midnight, about)),
        _as_filed(world, day, shift, draw(_overlays(shift, day, midnight, about))),
    )
    judged_after = {"anything": [3000, 3000, 3000, 600, 720, 1080, 1440], "under_way": [600, 720, 1080]}.get(
        about, [3000]
    )
    return world, day, midnight.astimezone(UTC) + draw(st.sampled_from(judged_after)) * _MINUTE


def _as_filed(world: World, day: date, shift: Shift | None, overlays: Overlays) -> Overlays:
    """Without corrections to moments beyond the workday, which nobody can file."""
    begins, ends = reach(world, day, shift)
    return replace(overlays, corrections=tuple(one for one in overlays.corrections if begins <= one.at < ends))


def _worked_on(day: date) -> CalendarEdit:
    return CalendarEdit(UUID(int=499), day, "workday", None, "searched", "hr", _ENTERED - timedelta(days=1))


@st.composite
def _edits(draw: st.DrawFn, day: date) -> tuple[CalendarEdit, ...]:
    # Clocks change at weekends.
    edits = []
    if draw(st.integers(0, 9)) < 5:
        edits.append(_worked_on(day))
    for number in range(draw(st.sampled_from([0, 0, 0, 0, 0, 1, 2]))):
        kind: DayKind | None = draw(st.sampled_from([None, "workday", "rest_day", "holiday", "makeup_workday"]))
        on = day + timedelta(days=draw(st.integers(-1, 1)))
        entered_at = _ENTERED + timedelta(days=number)
        edits.append(CalendarEdit(UUID(int=500 + number), on, kind, None, "searched", "hr", entered_at))
    return tuple(edits)


@st.composite
def _year_words(draw: st.DrawFn, day: date) -> tuple[YearWord, ...]:
    return tuple(
        YearWord(
            UUID(int=600 + number), day.year, draw(st.booleans()), "searched", "hr", _ENTERED + timedelta(days=number)
        )
        for number in range(draw(st.sampled_from([0, 0, 1, 2])))
    )


@st.composite
def _roster(draw: st.DrawFn, day: date, rules: RuleSet) -> tuple[RosterEntry, ...]:
    names = [*rules.shifts, *rules.shifts, None, "nobody knows it"]
    entries = []
    for number in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        first_day = day - timedelta(days=draw(st.integers(-1, 9)))
        last_day = draw(st.sampled_from([None, first_day + timedelta(days=draw(st.integers(0, 12)))]))
        entries.append(
            RosterEntry(
                UUID(int=700 + number),
                PERSON,
                first_day,
                last_day,
                tuple(draw(st.lists(st.sampled_from(names), min_size=1, max_size=4))),
                draw(st.booleans()),
                "searched",
                "hr",
                _ENTERED + timedelta(days=number),
            )
        )
    return tuple(entries)


def _telling_minutes(shift: Shift | None) -> list[int]:
    """Wall minutes at which something changes: edges of windows, due times, ends of grace."""
    found = [0, 720, 1440]
    for point in () if shift is None else shift.points:
        found += [
            point.window_start_minutes,
            point.window_end_minutes,
            point.at_minutes,
            point.at_minutes + point.grace_minutes,
            point.at_minutes - point.grace_minutes,
        ]
    return found


@st.composite
def _moments(draw: st.DrawFn, shift: Shift | None, midnight: datetime) -> datetime:
    near = draw(st.booleans())
    telling = st.sampled_from(_telling_minutes(shift))
    minutes = draw(telling) + draw(st.integers(-2, 2)) if near else draw(st.integers(-400, 2200))
    # On the wall, so that days on which clocks change are met at their edges, too.
    wall = midnight.replace(tzinfo=None) + minutes * _MINUTE + timedelta(seconds=draw(st.sampled_from([0, 30, 59])))
    return wall.replace(tzinfo=midnight.tzinfo, fold=draw(st.integers(0, 1))).astimezone(UTC)


@st.composite
def _events(draw: st.DrawFn, shift: Shift | None, midnight: datetime, about: About) -> tuple[RawEvent, ...]:
    if shift is None or (about == "anything" and draw(st.booleans())):
        moments = [draw(_moments(shift, midnight)) for _ in range(draw(st.integers(0, 6)))]
    else:
        moments = draw(_worked(shift, midnight, about))
        moments += [draw(_moments(shift, midnight)) for _ in range(draw(st.sampled_from([0, 0, 1, 3])))]
    voids = [False] * (9 if about == "anything" else 29) + [True]
    # Of two events of the very same moment either may be used.
    moments = list(dict.fromkeys(moments))
    events: list[RawEvent] = []
    for number, at in enumerate(moments):
        took = draw(st.sampled_from([None, None, None, 20, 90, 500]))
        events.append(
            RawEvent(
                UUID(int=1000 + number),
                at,
                draw(st.sampled_from(["face", "pin"])),
                draw(st.sampled_from(voids)),
                None if took is None else at + timedelta(seconds=took),
            )
        )
    return tuple(events)


@st.composite
def _worked(draw: st.DrawFn, shift: Shift, midnight: datetime, about: About) -> list[datetime]:
    """A day as people work it: near most clock points, and often out of the house between two of them."""
    # Trying every way of sharing out many events at many points that overlap would take the model too long.
    points = shift.points[:4]
    met = [draw(_met(shift, number)) for number in range(len(points))]
    forgotten = draw(st.sampled_from([None, *range(len(met))])) if about not in ("first_last", "off_post") else None
    minutes = [minute for number, minute in enumerate(met) if number != forgotten]
    arrivals = [number for number in range(len(points) - 1) if points[number].direction == "in"]
    if arrivals and (about == "off_post" or draw(st.integers(0, 3)) == 0):
        stretch = draw(st.sampled_from(arrivals))
        limit = shift.off_post_after_minutes or 20
        since, until = met[stretch] + 31, max(met[stretch] + 31, met[stretch + 1] - limit - 31)
        left = draw(st.integers(since, until))
        minutes += [left, left + limit + draw(st.sampled_from([-1, 0, 1, 1, 30]))]
    wall = midnight.replace(tzinfo=None)
    seconds = st.sampled_from([0, 30, 59])
    return [
        (wall + one * _MINUTE + timedelta(seconds=draw(seconds))).replace(tzinfo=midnight.tzinfo).astimezone(UTC)
        for one in minutes
    ]


@st.composite
def _met(draw: st.DrawFn, shift: Shift, number: int) -> int:
    """The wall minute of somebody at a clock point: in good time, or late or early by about what the rules name."""
    point = shift.points[number]
    wrong_way = 1 if point.direction == "in" else -1
    if draw(st.integers(0, 2)) > 0:
        return point.at_minutes - wrong_way * draw(st.integers(0, 20))
    tiers = [point.serious_after_minutes, point.half_day_after_minutes, point.full_day_after_minutes]
    named = [point.grace_minutes, *(tier for tier in tiers if tier is not None)]
    if shift.flexible is not None:
        named += [shift.flexible.late_minutes, shift.flexible.early_minutes]
    return point.at_minutes + wrong_way * (draw(st.sampled_from(named)) + draw(st.sampled_from([-1, 0, 1, 1, 2, 10])))


@st.composite
def _overlays(draw: st.DrawFn, shift: Shift | None, day: date, midnight: datetime, about: About) -> Overlays:
    points = 0 if shift is None else len(shift.points)
    absences = []
    partly = about == "partly_away"
    for number in range(draw(st.sampled_from([1, 1, 2] if partly else [0, 0, 0, 1, 2]))):
        start = draw(_moments(shift, midnight))
        if shift is not None and (partly or draw(st.booleans())):
            # Of a part of the day, as most leave is: from or until about a clock point.
            near = draw(st.sampled_from(shift.points)).at_minutes + draw(st.sampled_from([-60, -1, 0, 0, 1, 30]))
            start = (midnight.replace(tzinfo=None) + near * _MINUTE).replace(tzinfo=midnight.tzinfo).astimezone(UTC)
        ends_at = start + draw(st.sampled_from([30, 90, 180, 240, 480, 1440])) * _MINUTE
        kind: Literal["leave", "duty"] = draw(st.sampled_from(["leave", "duty"]))
        absences.append(Absence(UUID(int=10 + number), kind, "annual", start, ends_at))
    # Mostly of this shift; the points of another one may be fewer, or more.
    filed_for = ["another shift"] if shift is None else [shift.name, shift.name, "another shift"]
    numbers: Sequence[int] = draw(st.lists(st.integers(0, points), max_size=3)) if points else []
    corrections = [
        Correction(
            UUID(int=20 + turn),
            day,
            number,
            draw(_moments(shift, midnight)),
            draw(st.sampled_from(filed_for)),
            _ENTERED - turn * _MINUTE,
            _ENTERED + draw(st.integers(0, 2)) * _MINUTE,
        )
        for turn, number in enumerate(numbers)
        if draw(st.booleans())
    ]
    waivers = [
        Waiver(UUID(int=30 + number), day, point, draw(st.booleans()), "searched", _ENTERED, _ENTERED)
        for number, point in enumerate(
            draw(st.lists(st.sampled_from([None, -1, -2, *range(points)]), max_size=2)) if draw(st.booleans()) else []
        )
    ]
    return Overlays(tuple(absences), tuple(corrections), tuple(waivers))
