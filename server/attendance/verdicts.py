"""What a workday says: values that can be stored as JSON and read back unchanged."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal, get_args

from server.attendance.calendar import CalendarDay
from server.attendance.matching import IgnoredEvent, RawEvent
from server.attendance.points import ClockPoint
from server.attendance.reasons import Reason

PointOutcome = Literal["on_time", "late", "early", "missing", "pending", "not_expected", "not_judged"]
Status = Literal["absent", "late", "early_leave", "missing_clock", "not_judged", "pending", "rest_day", "normal"]
"""In the order in which they are listed."""

STATUSES: Final[tuple[Status, ...]] = get_args(Status)
_FORM: Final = 1


def minutes_after(due_at: datetime, captured_at: datetime) -> int:
    """Whole minutes from a clock point to a clock event, as people saw them on the screen; negative before it.

    The screen shows 08:30 from 08:30:00 to 08:30:59, so 08:30:59 is 0 minutes after 08:30, 08:31:00 is 1, and 17:29:59
    is -1 minute after 17:30.
    """
    return (captured_at - due_at) // timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PointResult:
    """What became of one clock point.

    Attributes:
        point: as it was in the rules.
        due_at: the moment it was due, UTC.
        outcome: ``on_time``, ``late`` and ``early`` with an event, ``missing`` without one. ``pending``: the window is
            still open and nothing is held against anybody; a departure may already have an event, a later one counts
            instead. ``not_expected``: nobody misses it. ``not_judged``: it would be missing, but whether work was
            expected is not confirmed.
        minutes: late or early, counted from the point and not from the end of the grace; 0 for every other outcome.
        event: the clock event that meets the point, if any.

    Raises:
        ValueError: the values contradict each other.
    """

    point: ClockPoint
    due_at: datetime
    outcome: PointOutcome
    minutes: int
    event: RawEvent | None

    def __post_init__(self) -> None:
        if self.outcome not in get_args(PointOutcome):
            raise ValueError(f"not an outcome: {self.outcome!r}")
        if (self.minutes > 0) != (self.outcome in ("late", "early")) or self.minutes < 0:
            raise ValueError(f"{self.outcome} cannot have {self.minutes} minutes")
        if self.outcome != "pending" and (self.event is not None) != (self.outcome in ("on_time", "late", "early")):
            raise ValueError(f"{self.outcome} contradicts the event {self.event}")

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "point": asdict(self.point),
            "due_at": self.due_at.isoformat(),
            "outcome": self.outcome,
            "minutes": self.minutes,
            "event": None if self.event is None else self.event.to_json(),
        }

    @staticmethod
    def from_json(content: dict[str, Any]) -> PointResult:
        """The inverse of ``to_json``.

        Raises:
            KeyError, TypeError, ValueError: the content is of another form.
        """
        return PointResult(
            point=ClockPoint(**content["point"]),
            due_at=datetime.fromisoformat(content["due_at"]).astimezone(UTC),
            outcome=content["outcome"],
            minutes=content["minutes"],
            event=None if content["event"] is None else RawEvent.from_json(content["event"]),
        )


@dataclass(frozen=True, slots=True)
class WorkdayVerdict:
    """What one workday says, whoever it belongs to.

    It does not hold the moment of judging, so judging again without news gives an equal verdict.

    Attributes:
        date: the local date of the workday.
        time_zone: IANA name of the site's zone.
        status: one or more, in the order of ``STATUSES``.
        points: one result for each clock point, in the order of the shift.
        ignored: clock events that decided nothing, in the order of time.
        rule_version: version of the rule book.
        calendar_day: what kind of day it was taken for.
        reasons: what made the status, one or more.

    Raises:
        ValueError: the status is empty, not known or out of order, or the calendar day is of another date.
    """

    date: date
    time_zone: str
    status: tuple[Status, ...]
    points: tuple[PointResult, ...]
    ignored: tuple[IgnoredEvent, ...]
    rule_version: str
    calendar_day: CalendarDay
    reasons: tuple[Reason, ...]

    def __post_init__(self) -> None:
        if not self.status or self.status != tuple(one for one in STATUSES if one in self.status):
            raise ValueError(f"not a status in its order: {self.status!r}")
        if self.calendar_day.date != self.date:
            raise ValueError(f"the calendar day {self.calendar_day.date} is not the workday {self.date}")

    @property
    def late_minutes(self) -> int:
        """Minutes late at all arrivals together."""
        return sum(result.minutes for result in self.points if result.outcome == "late")

    @property
    def early_minutes(self) -> int:
        """Minutes early at all departures together."""
        return sum(result.minutes for result in self.points if result.outcome == "early")

    @property
    def missing_points(self) -> int:
        """How many required clock points nobody met."""
        return sum(result.outcome == "missing" for result in self.points)

    @property
    def is_final(self) -> bool:
        """False while a window is still open, so that time alone may change the verdict."""
        return "pending" not in self.status

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values. The three sums are given for readers; they follow from the points."""
        return {
            "form": _FORM,
            "date": self.date.isoformat(),
            "time_zone": self.time_zone,
            "status": list(self.status),
            "late_minutes": self.late_minutes,
            "early_minutes": self.early_minutes,
            "missing_points": self.missing_points,
            "points": [result.to_json() for result in self.points],
            "ignored": [{"event": one.event.to_json(), "reason": one.reason.to_json()} for one in self.ignored],
            "rule_version": self.rule_version,
            "calendar_day": asdict(self.calendar_day) | {"date": self.calendar_day.date.isoformat()},
            "reasons": [reason.to_json() for reason in self.reasons],
        }

    @staticmethod
    def from_json(content: dict[str, Any]) -> WorkdayVerdict:
        """The inverse of ``to_json``.

        Raises:
            ValueError: the content is not a stored verdict of this form.
        """
        if content.get("form") != _FORM:
            raise ValueError(f"stored verdict of the form {content.get('form')!r}, expected {_FORM}")
        try:
            day = content["calendar_day"]
            return WorkdayVerdict(
                date=date.fromisoformat(content["date"]),
                time_zone=content["time_zone"],
                status=tuple(content["status"]),
                points=tuple(PointResult.from_json(result) for result in content["points"]),
                ignored=tuple(
                    IgnoredEvent(RawEvent.from_json(one["event"]), Reason.from_json(one["reason"]))
                    for one in content["ignored"]
                ),
                rule_version=content["rule_version"],
                calendar_day=CalendarDay(date.fromisoformat(day["date"]), day["kind"], day["name"], day["confirmed"]),
                reasons=tuple(Reason.from_json(reason) for reason in content["reasons"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a stored verdict: {error!r}") from error
