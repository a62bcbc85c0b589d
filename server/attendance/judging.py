"""What follows from the matched clock events: the verdict of one workday.

The rules, in the order in which they are asked:

1. On a rest day or a holiday no work is expected; clock events are kept and nothing is judged.
2. A required clock point without an event is missing, once its window has closed; until then it is pending.
3. Minutes are those that people saw on the screen (``verdicts.minutes_after``). Within the grace is on time; beyond it,
   all minutes from the point count.
4. An arrival is final as soon as there is an event. A departure that looks early is pending until its window closes:
   a person may have left for a moment only.
5. Absent is who met no clock point at all when every window has closed; then nothing is called missing beside it.
6. In a year whose calendar is not confirmed, nobody misses anything: it is not judged. Late and early still are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from server.attendance.calendar import CalendarDay
from server.attendance.matching import IgnoredEvent, Matching, RawEvent, in_order, match_events
from server.attendance.points import ClockPoint, RuleBook, due_at, window_bounds
from server.attendance.reasons import Reason
from server.attendance.verdicts import STATUSES, PointOutcome, PointResult, Status, WorkdayVerdict, minutes_after


def judge(
    workday_date: date, calendar_day: CalendarDay, rules: RuleBook, events: Iterable[RawEvent], as_of: datetime
) -> WorkdayVerdict:
    """The verdict of one person's workday.

    Args:
        workday_date: the local date of the workday.
        calendar_day: what kind of day that date is.
        rules: in force on that date.
        events: of that person, in any order; at least those in ``points.event_span``.
        as_of: aware moment of judging; it only tells which windows have closed.

    Raises:
        ValueError: ``as_of`` is naive, the calendar day is of another date, or two events have one identifier.
    """
    if as_of.tzinfo is None:
        raise ValueError(f"naive time: {as_of!r}")
    if calendar_day.expects_work:
        matching = match_events(workday_date, rules, events)
        results = tuple(
            _judge_point(workday_date, point, event, rules, as_of, confirmed=calendar_day.confirmed)
            for point, event in zip(rules.shift.points, matching.used, strict=True)
        )
    else:
        matching = _nothing_expected(rules, events)
        results = tuple(
            PointResult(point, due_at(workday_date, point, rules.zone), "not_expected", 0, None)
            for point in rules.shift.points
        )
    status, reasons = _judge_day(calendar_day, results)
    return WorkdayVerdict(
        date=workday_date,
        time_zone=rules.zone.key,
        status=status,
        points=results,
        ignored=matching.ignored,
        rule_version=rules.version,
        calendar_day=calendar_day,
        reasons=reasons,
    )


def _nothing_expected(rules: RuleBook, events: Iterable[RawEvent]) -> Matching:
    ignored = (
        IgnoredEvent(event, Reason("voided" if event.voided else "no_work_expected")) for event in in_order(events)
    )
    return Matching((None,) * len(rules.shift.points), tuple(ignored))


def _judge_point(
    workday_date: date,
    point: ClockPoint,
    event: RawEvent | None,
    rules: RuleBook,
    as_of: datetime,
    *,
    confirmed: bool,
) -> PointResult:
    due = due_at(workday_date, point, rules.zone)
    is_open = as_of < window_bounds(workday_date, point, rules.zone)[1]
    outcome: PointOutcome
    minutes = 0
    if event is None:
        if is_open:
            outcome = "pending"
        elif not point.required:
            outcome = "not_expected"
        else:
            outcome = "missing" if confirmed else "not_judged"
    else:
        after = minutes_after(due, event.counts_at(point.direction))
        beyond = after if point.direction == "in" else -after
        if beyond <= point.grace_minutes:
            outcome = "on_time"
        elif point.direction == "in":
            outcome, minutes = "late", beyond
        elif is_open:
            outcome = "pending"
        else:
            outcome, minutes = "early", beyond
    return PointResult(point, due, outcome, minutes, event)


def _judge_day(
    calendar_day: CalendarDay, results: Sequence[PointResult]
) -> tuple[tuple[Status, ...], tuple[Reason, ...]]:
    if not calendar_day.expects_work:
        return ("rest_day",), (Reason.of("no_work_expected", kind=calendar_day.kind),)
    found: dict[Status, list[Reason]] = {status: [] for status in STATUSES}
    for number, result in enumerate(results):
        if result.outcome == "late":
            found["late"].append(Reason.of("late", point=number, minutes=result.minutes))
        elif result.outcome == "early":
            found["early_leave"].append(Reason.of("early_leave", point=number, minutes=result.minutes))
        elif result.outcome == "missing":
            found["missing_clock"].append(Reason.of("missing_clock", point=number))
        elif result.outcome == "not_judged":
            found["not_judged"].append(Reason.of("not_judged", point=number))
        elif result.outcome == "pending":
            found["pending"].append(Reason.of("pending", point=number))
    # Who clocked anywhere, be it at a point that is not required, was there.
    if found["missing_clock"] and all(result.outcome in ("missing", "not_expected") for result in results):
        found["absent"] = [Reason.of("absent", missing_points=len(found["missing_clock"]))]
        found["missing_clock"] = []
    if not any(found.values()):
        found["normal"] = [Reason("all_points_met")]
    reasons = [reason for status in STATUSES for reason in found[status]]
    if not calendar_day.confirmed:
        reasons.append(Reason.of("calendar_unconfirmed", year=calendar_day.date.year))
    return tuple(status for status in STATUSES if found[status]), tuple(reasons)
