"""What a workday says: values that can be stored as JSON and read back unchanged."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID

from server.attendance.calendar import CalendarDay
from server.attendance.events import IgnoredEvent, RawEvent
from server.attendance.overlays import OverlayKind
from server.attendance.points import CountsAs, Shift
from server.attendance.reasons import Reason
from server.attendance.rules import RuleHistory, RuleSet
from server.attendance.site_days import SiteDays, local_moment

PointOutcome = Literal[
    "on_time", "late", "early", "missing", "pending", "not_expected", "not_judged", "covered", "excused"
]
Status = Literal[
    "absent",
    "absent_half_day",
    "late",
    "early_leave",
    "missing_clock",
    "off_post",
    "not_judged",
    "pending",
    "on_leave",
    "on_duty",
    "excused",
    "rest_day",
    "normal",
]
"""In the order in which they are listed."""

STATUSES: Final[tuple[Status, ...]] = get_args(Status)
_RANK: Final = {status: number for number, status in enumerate(STATUSES)}
_OUTCOMES: Final = frozenset(get_args(PointOutcome))
_FORM: Final = 2


@dataclass(frozen=True, slots=True)
class Overlaid:
    """What changed a fact: one approved request."""

    kind: OverlayKind
    request_id: UUID
    name: str = ""

    def to_json(self) -> list[str]:
        """As plain JSON values."""
        return [self.kind, str(self.request_id), self.name]

    @staticmethod
    def from_json(values: list[Any]) -> Overlaid:
        """The inverse of ``to_json``."""
        return Overlaid(values[0], UUID(values[1]), values[2])


@dataclass(frozen=True, slots=True)
class RawFact:
    """What a clock point would say by clock events alone."""

    outcome: PointOutcome
    counts_as: CountsAs
    minutes: int
    event: RawEvent | None


@dataclass(frozen=True, slots=True)
class PointResult:
    """What became of one clock point.

    Attributes:
        number: of the point in its shift, from 0.
        due_at: the moment it was due, UTC; leave and flexible hours move it.
        start_minutes, end_minutes: first and last wall minute of its window.
        outcome: the fact. ``on_time``, ``late`` and ``early`` with an event, ``missing`` without one. ``pending``: the
            window is still open and nothing is held against anybody; a departure may already have an event, a later one
            counts instead. ``not_expected``: nobody misses it, or nobody could meet it. ``not_judged``: it would be
            missing, but whether work was expected is not confirmed. ``covered``: leave or duty takes its place.
            ``excused``: late, early or missing, and waived.
        counts_as: what the fact counts as, by the rules; an absence takes up what belongs to it.
        minutes: late or early, 0 for every other outcome.
        event: the clock event that meets the point, if any.
        flexible_minutes: by how much flexible hours moved ``due_at`` or allowed the fact; 0 for fixed hours.
        raw: what clock events alone would say, where a request changed it.
        overlaid: the requests that changed it.

    Raises:
        ValueError: the values contradict each other.
    """

    number: int
    due_at: datetime
    start_minutes: int
    end_minutes: int
    outcome: PointOutcome
    counts_as: CountsAs
    minutes: int
    event: RawEvent | None
    flexible_minutes: int = 0
    raw: RawFact | None = None
    overlaid: tuple[Overlaid, ...] = ()

    def __post_init__(self) -> None:
        if self.outcome not in _OUTCOMES:
            raise ValueError(f"not an outcome: {self.outcome!r}")
        if (self.minutes > 0) != (self.outcome in ("late", "early")) or self.minutes < 0:
            raise ValueError(f"{self.outcome} cannot have {self.minutes} minutes")
        if self.outcome in ("on_time", "late", "early") and self.event is None:
            raise ValueError(f"{self.outcome} needs an event")
        if self.outcome in ("missing", "not_judged") and self.event is not None:
            raise ValueError(f"{self.outcome} contradicts the event {self.event}")


@dataclass(frozen=True, slots=True)
class OffPost:
    """Away between an arrival and its departure for longer than the shift allows.

    Attributes:
        left_at, back_at: UTC.
        minutes: between them, without leave and duty.
        stretch: which stretch of work, from 0.
        excused: waived.
        overlaid: leave and duty that lie over it, and the waivers that excuse it.
    """

    left_at: datetime
    back_at: datetime
    minutes: int
    stretch: int
    excused: bool = False
    overlaid: tuple[Overlaid, ...] = ()

    def to_json(self) -> list[Any]:
        """As plain JSON values."""
        values: list[Any] = [
            self.left_at.isoformat(),
            self.back_at.isoformat(),
            self.minutes,
            self.stretch,
            self.excused,
        ]
        return [*values, [one.to_json() for one in self.overlaid]] if self.overlaid else values

    @staticmethod
    def from_json(values: list[Any]) -> OffPost:
        """The inverse of ``to_json``."""
        left, back, minutes, stretch, excused, *by = values
        overlaid = tuple(Overlaid.from_json(one) for one in (by[0] if by else ()))
        return OffPost(_moment(left), _moment(back), minutes, stretch, excused, overlaid)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a workday adds to reports; every figure is stored beside the verdict.

    Attributes:
        arrivals, departures: judged ones: met or missing, neither covered nor excused nor open nor part of an absence.
        late_times, early_times: serious ones included; those that an absence takes up are not in them.
        late_minutes, early_minutes: of these.
        absent_half_days: 0 to 2.
        excused_times: facts that were waived.
        leave_points, duty_points: clock points that leave, or duty elsewhere, took the place of or moved.
    """

    arrivals: int = 0
    departures: int = 0
    late_times: int = 0
    serious_late_times: int = 0
    late_minutes: int = 0
    early_times: int = 0
    serious_early_times: int = 0
    early_minutes: int = 0
    missing_points: int = 0
    absent_half_days: int = 0
    off_post_times: int = 0
    off_post_minutes: int = 0
    excused_times: int = 0
    leave_points: int = 0
    duty_points: int = 0


@dataclass(frozen=True, slots=True)
class WorkdayVerdict:
    """What one workday says, whoever it belongs to.

    It does not hold the moment of judging, so judging again without news gives an equal verdict.

    Attributes:
        day: the local date of the workday.
        time_zone: IANA name of the site's zone.
        status: one or more, in the order of ``STATUSES``.
        shift: what was expected; None where no work was.
        points: one result for each clock point, in the order of the shift.
        ignored: clock events that decided nothing, in the order of time.
        off_post: in the order of time.
        away_on_leave: times away that would be off post without leave or duty; nothing is held against anybody.
        rules: that it was judged by.
        calendar_day: what kind of day it was taken for.
        confirmed: False when it was not certain that work was expected.
        tally: for reports.
        roster_entry: the line of the roster that decided; None where the default shift and the calendar did.
        unknown_shift: a shift that the roster names and the rules do not have.
        closes_next_at: when the next window closes that may change it, UTC; None where time alone changes it no more.
            It is no part of what the verdict says: equal without it, and not read back.

    Raises:
        ValueError: the status is empty, not known or out of order, or the calendar day is of another date.
    """

    day: date
    time_zone: str
    status: tuple[Status, ...]
    shift: Shift | None
    points: tuple[PointResult, ...]
    ignored: tuple[IgnoredEvent, ...]
    off_post: tuple[OffPost, ...]
    rules: RuleSet
    calendar_day: CalendarDay
    confirmed: bool
    tally: Tally
    roster_entry: UUID | None = None
    unknown_shift: str | None = None
    closes_next_at: datetime | None = field(default=None, compare=False)
    away_on_leave: tuple[OffPost, ...] = ()

    def __post_init__(self) -> None:
        ranks = [_RANK.get(status, -1) for status in self.status]
        if not ranks or -1 in ranks or ranks != sorted(set(ranks)):
            raise ValueError(f"not a status in its order: {self.status!r}")
        if self.calendar_day.date != self.day:
            raise ValueError(f"the calendar day {self.calendar_day.date} is not the workday {self.day}")

    @property
    def rule_version(self) -> str:
        """Version of the rules."""
        return self.rules.version

    @property
    def is_final(self) -> bool:
        """False while a window is still open, so that time alone may change the verdict."""
        return "pending" not in self.status

    def to_json(self, site: SiteDays) -> dict[str, Any]:
        """As plain JSON values: only what the rules of that version do not say."""
        day = self.calendar_day
        content: dict[str, Any] = {
            "form": _FORM,
            "zone": self.time_zone,
            "shift": None if self.shift is None else self.shift.name,
            "calendar": [day.kind, day.name, day.confirmed, day.source, day.reason],
            "confirmed": self.confirmed,
            "points": [self._point_to_json(result, site) for result in self.points],
        }
        if self.ignored:
            content["ignored"] = [[one.event.to_json(), one.reason.to_json()] for one in self.ignored]
        if self.off_post:
            content["off_post"] = [one.to_json() for one in self.off_post]
        if self.away_on_leave:
            content["away_on_leave"] = [one.to_json() for one in self.away_on_leave]
        if self.roster_entry is not None:
            content["roster"] = [str(self.roster_entry), self.unknown_shift]
        return content

    def _point_to_json(self, result: PointResult, site: SiteDays) -> list[Any]:
        values: list[Any] = [
            result.outcome,
            result.counts_as,
            result.minutes,
            None if result.event is None else result.event.to_json(),
        ]
        more: dict[str, Any] = {}
        if self.shift is None:
            raise ValueError("a clock point without a shift")
        if (result.start_minutes, result.end_minutes) != self.shift.window_minutes(result.number):
            more["window"] = [result.start_minutes, result.end_minutes]
        # Only leave, flexible hours and the days around move the moment when a point is due.
        moved = result.overlaid or result.flexible_minutes or more
        if moved and result.due_at != local_moment(self.day, self.shift.points[result.number].at_minutes, site.zone):
            more["due"] = result.due_at.isoformat()
        if result.flexible_minutes:
            more["flexible"] = result.flexible_minutes
        if result.raw is not None:
            raw = result.raw
            more["raw"] = [raw.outcome, raw.counts_as, raw.minutes, None if raw.event is None else raw.event.to_json()]
        if result.overlaid:
            more["by"] = [one.to_json() for one in result.overlaid]
        return [*values, more] if more else values

    @staticmethod
    def from_json(
        content: dict[str, Any], day: date, tally: Tally, status: tuple[Status, ...], rules: RuleSet, site: SiteDays
    ) -> WorkdayVerdict:
        """The inverse of ``to_json``, with what stands in columns of its own.

        Raises:
            ValueError: the content is not a stored verdict of this form.
        """
        if content.get("form") != _FORM:
            raise ValueError(f"stored verdict of the form {content.get('form')!r}, expected {_FORM}")
        try:
            shift = None if content["shift"] is None else rules.shifts[content["shift"]]
            kind, name, confirmed, source, reason = content["calendar"]
            roster, unknown_shift = content.get("roster", (None, None))
            return WorkdayVerdict(
                day=day,
                time_zone=content["zone"],
                status=status,
                shift=shift,
                points=tuple(
                    _point_from_json(number, values, shift, day, site)
                    for number, values in enumerate(content["points"])
                ),
                ignored=tuple(
                    IgnoredEvent(RawEvent.from_json(event), Reason.from_json(why))
                    for event, why in content.get("ignored", ())
                ),
                off_post=tuple(OffPost.from_json(one) for one in content.get("off_post", ())),
                rules=rules,
                calendar_day=CalendarDay(day, kind, name, confirmed, source, reason),
                confirmed=content["confirmed"],
                tally=tally,
                roster_entry=None if roster is None else UUID(roster),
                unknown_shift=unknown_shift,
                away_on_leave=tuple(OffPost.from_json(one) for one in content.get("away_on_leave", ())),
            )
        except (KeyError, IndexError, TypeError) as error:
            raise ValueError(f"not a stored verdict: {error!r}") from error


def rules_of_version(history: RuleHistory, version: str) -> RuleSet:
    """The rules of a stored verdict.

    Raises:
        ValueError: there never was such a version.
    """
    try:
        return history.by_version(version)
    except KeyError as error:
        raise ValueError(f"no rules of the version {version}") from error


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _event(values: list[Any] | None) -> RawEvent | None:
    return None if values is None else RawEvent.from_json(values)


def _point_from_json(number: int, values: list[Any], shift: Shift | None, day: date, site: SiteDays) -> PointResult:
    if shift is None:
        raise ValueError("a clock point without a shift")
    outcome, counts_as, minutes, event, *rest = values
    more: dict[str, Any] = rest[0] if rest else {}
    start, end = more.get("window") or shift.window_minutes(number)
    raw = more.get("raw")
    return PointResult(
        number=number,
        due_at=_moment(more["due"]) if "due" in more else local_moment(day, shift.points[number].at_minutes, site.zone),
        start_minutes=start,
        end_minutes=end,
        outcome=outcome,
        counts_as=counts_as,
        minutes=minutes,
        event=_event(event),
        flexible_minutes=more.get("flexible", 0),
        raw=None if raw is None else RawFact(raw[0], raw[1], raw[2], _event(raw[3])),
        overlaid=tuple(Overlaid.from_json(one) for one in more.get("by", ())),
    )
