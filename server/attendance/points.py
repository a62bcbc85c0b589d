"""What is expected in a day: clock points and the shift that they make.

*Wall minutes* are what the clock on the wall shows, counted from the midnight that begins the workday's date; 1560 is
26:00, two in the next morning. Windows are whole wall minutes: one that ends at 12:00 holds 12:00:59.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, get_args

from models.language import N_, Said, SaidName

Direction = Literal["in", "out"]
ShiftMode = Literal["windows", "first_last"]
FlexibleKind = Literal["allowance", "shift"]
CountsAs = Literal["nothing", "late", "serious_late", "early", "serious_early", "missing", "half_day", "full_day"]
"""What an outcome counts as; each at most once a clock point."""

DAY_MINUTES: Final = 24 * 60
MIN_WINDOW_START_MINUTES: Final = -12 * 60
MAX_WINDOW_END_MINUTES: Final = 36 * 60 - 1
"""A window lies between noon of the day before and noon of the day after: so only neighbouring days can compete."""
MAX_POINTS: Final = 8
_MISSING_IN: Final = ("missing", "late", "half_day", "full_day")
_MISSING_OUT: Final = ("missing", "early", "half_day", "full_day")


@dataclass(frozen=True, slots=True)
class ClockPoint:
    """A moment of a shift at which staff must clock.

    Attributes:
        name_zh, name_en: what people call it.
        direction: ``in`` for arriving, ``out`` for leaving.
        at_minutes: wall minutes from the midnight of the workday's date.
        window_before_minutes, window_after_minutes: clock events count from so long before until so long after,
            both ends included, 0 to 1440; within noon of the day before and noon of the day after.
        grace_minutes: so many minutes late or early are not held against anybody, 0 or more.
        required: False when nobody misses it; whoever clocks there is late or early like everywhere else.
        serious_after_minutes: more minutes late or early than that are serious; None for never.
        half_day_after_minutes, full_day_after_minutes: more minutes than that are half a day's, or a day's absence.
        missing_is: what a missing clock counts as.

    Raises:
        ValueError: a value is out of range, the thresholds do not rise, or a name is empty.
    """

    name_zh: str
    name_en: str
    direction: Direction
    at_minutes: int
    window_before_minutes: int
    window_after_minutes: int
    grace_minutes: int
    required: bool
    serious_after_minutes: int | None = None
    half_day_after_minutes: int | None = None
    full_day_after_minutes: int | None = None
    missing_is: CountsAs = "missing"

    def __post_init__(self) -> None:
        if not self.name_zh.strip() or not self.name_en.strip():
            raise ValueError("a clock point needs a name in Chinese and in English")
        if self.direction not in get_args(Direction):
            raise ValueError(f"{self.name_en}: direction must be in or out, got {self.direction!r}")
        for minutes in (self.window_before_minutes, self.window_after_minutes):
            if not 0 <= minutes <= DAY_MINUTES:
                raise ValueError(f"{self.name_en}: a window reaches 0 to {DAY_MINUTES} minutes, got {minutes}")
        if self.window_start_minutes < MIN_WINDOW_START_MINUTES or self.window_end_minutes > MAX_WINDOW_END_MINUTES:
            raise ValueError(
                Said(
                    N_("{point}: the window, {start} to {end}, must lie between {first} and {last}"),
                    point=self.name,
                    start=on_paper(self.window_start_minutes),
                    end=on_paper(self.window_end_minutes),
                    first=on_paper(MIN_WINDOW_START_MINUTES),
                    last=on_paper(MAX_WINDOW_END_MINUTES),
                )
            )
        if self.at_minutes < 0:
            raise ValueError(f"{self.name_en}: at_minutes must not be negative, got {self.at_minutes}")
        if self.grace_minutes < 0:
            raise ValueError(f"{self.name_en}: grace_minutes must not be negative, got {self.grace_minutes}")
        tiers = (self.serious_after_minutes, self.half_day_after_minutes, self.full_day_after_minutes)
        rising = [self.grace_minutes, *(tier for tier in tiers if tier is not None)]
        if any(lower > higher for lower, higher in pairwise(rising)):
            raise ValueError(
                Said(
                    N_("{point}: grace, serious, half a day and a day must rise in this order, got {rising}"),
                    point=self.name,
                    rising=rising,
                )
            )
        if self.missing_is not in (_MISSING_IN if self.direction == "in" else _MISSING_OUT):
            raise ValueError(
                Said(
                    N_("{point}: a missing clock {direction} cannot count as {missing!r}"),
                    point=self.name,
                    direction=self.direction,
                    missing=self.missing_is,
                )
            )

    @property
    def name(self) -> Said:
        """What people call it, in either language."""
        return SaidName(self.name_zh, self.name_en)

    @property
    def window_start_minutes(self) -> int:
        """Wall minute with which the window opens; negative on the evening before."""
        return self.at_minutes - self.window_before_minutes

    @property
    def window_end_minutes(self) -> int:
        """The last wall minute that still counts, as a whole."""
        return self.at_minutes + self.window_after_minutes

    def counts_as(self, minutes: int, *, may_be_absence: bool = True) -> CountsAs:
        """What so many minutes late or early, beyond the grace, count as."""
        if may_be_absence and self.full_day_after_minutes is not None and minutes > self.full_day_after_minutes:
            return "full_day"
        if may_be_absence and self.half_day_after_minutes is not None and minutes > self.half_day_after_minutes:
            return "half_day"
        serious = self.serious_after_minutes is not None and minutes > self.serious_after_minutes
        if self.direction == "in":
            return "serious_late" if serious else "late"
        return "serious_early" if serious else "early"


@dataclass(frozen=True, slots=True)
class Flexible:
    """Flexible hours, at the first arrival and the last departure of a day.

    Attributes:
        kind: ``allowance``: so many minutes late in the morning and early in the evening are allowed, each by itself.
            ``shift``: whoever comes later leaves later by as much, whoever comes earlier may leave earlier by as much.
            One or the other, never both.
        late_minutes: arriving so much later is allowed.
        early_minutes: ``allowance``: leaving so much earlier is allowed; ``shift``: arriving so much earlier counts.

    Raises:
        ValueError: a value is out of range, or nothing is flexible.
    """

    kind: FlexibleKind
    late_minutes: int
    early_minutes: int

    def __post_init__(self) -> None:
        if self.kind not in get_args(FlexibleKind):
            raise ValueError(f"flexible hours are an allowance or a shift, got {self.kind!r}")
        if not (0 <= self.late_minutes <= 240 and 0 <= self.early_minutes <= 240):
            raise ValueError("flexible minutes must be 0 to 240")
        if self.late_minutes == self.early_minutes == 0:
            raise ValueError(Said(N_("flexible hours of 0 minutes are not flexible")))


@dataclass(frozen=True, slots=True)
class Shift:
    """The clock points of a day, in the order of the day.

    Attributes:
        name: the key in the rules.
        name_zh, name_en: what people call it.
        mode: ``windows``: each clock point by its own window. ``first_last``: one arrival and one departure share one
            long window, the first clock event is the arrival and the last one the departure.
        min_interval_minutes: clock events nearer to each other are one visit, and a visit meets one clock point only.
        flexible: flexible hours, None for fixed ones.
        off_post_after_minutes: being away between an arrival and the departure that follows for more than that is
            off post; None judges no such absence.
        off_post_counts_as: ``off_post``, or the absence that it is treated as.

    Raises:
        ValueError: there are no points or too many, they or their windows are not in order, or the mode does not fit.
    """

    name: str
    points: tuple[ClockPoint, ...]
    name_zh: str = ""
    name_en: str = ""
    mode: ShiftMode = "windows"
    min_interval_minutes: int = 1
    flexible: Flexible | None = None
    off_post_after_minutes: int | None = None
    off_post_counts_as: Literal["off_post", "half_day", "full_day"] = "off_post"

    def __post_init__(self) -> None:
        if not self.name or not 1 <= len(self.points) <= MAX_POINTS:
            raise ValueError(f"a shift needs a name and 1 to {MAX_POINTS} clock points")
        if self.mode not in get_args(ShiftMode):
            raise ValueError(f"shift {self.name}: mode must be windows or first_last, got {self.mode!r}")
        if not 0 <= self.min_interval_minutes <= 120:
            raise ValueError(f"shift {self.name}: min_interval_minutes must be 0 to 120")
        if self.off_post_after_minutes is not None and self.off_post_after_minutes < 1:
            raise ValueError(f"shift {self.name}: off_post_after_minutes must be 1 or more")
        for earlier, later in pairwise(self.points):
            if earlier.at_minutes >= later.at_minutes:
                raise ValueError(
                    Said(
                        N_("shift {shift}: {later} must come after {earlier}"),
                        shift=self.name,
                        later=later.name,
                        earlier=earlier.name,
                    )
                )
            if (
                earlier.window_start_minutes > later.window_start_minutes
                or earlier.window_end_minutes > later.window_end_minutes
            ):
                raise ValueError(
                    Said(
                        N_("shift {shift}: the window of {later} must begin and end after that of {earlier}"),
                        shift=self.name,
                        later=later.name,
                        earlier=earlier.name,
                    )
                )
        if self.mode == "first_last" and [point.direction for point in self.points] != ["in", "out"]:
            raise ValueError(
                Said(N_("shift {shift}: first_last needs one clock point in and then one out"), shift=self.name)
            )
        if self.mode == "first_last" and self.points[-1].at_minutes - self.points[0].at_minutes > DAY_MINUTES:
            raise ValueError(
                Said(N_("shift {shift}: first_last ends no later than 24 hours after the start"), shift=self.name)
            )
        if self.flexible is not None and (self.points[0].direction, self.points[-1].direction) != ("in", "out"):
            raise ValueError(
                Said(N_("shift {shift}: flexible hours need an arrival first and a departure last"), shift=self.name)
            )
        if self.flexible is not None and self.flexible.kind == "shift":
            last = self.points[-1]
            if self.flexible.late_minutes > last.window_after_minutes:
                raise ValueError(
                    Said(
                        N_(
                            "shift {shift}: the window of {point} must reach {minutes} minutes beyond it, because "
                            "departures move later by as much"
                        ),
                        shift=self.name,
                        point=last.name,
                        minutes=self.flexible.late_minutes,
                    )
                )

    def window_minutes(self, number: int) -> tuple[int, int]:
        """First and last wall minute of the window of a point; in the mode ``first_last`` both share one."""
        if self.mode == "first_last":
            return self.points[0].window_start_minutes, self.points[-1].window_end_minutes
        point = self.points[number]
        return point.window_start_minutes, point.window_end_minutes

    def stretch_of(self, number: int) -> int:
        """Which stretch of work a point belongs to, from 0: each arrival begins one."""
        arrivals = sum(point.direction == "in" for point in self.points[: number + 1])
        return max(0, arrivals - 1)


def on_paper(wall_minutes: int) -> str:
    """Wall minutes as they are written in rules: 26:00; an evening before is -1 22:30."""
    if wall_minutes < 0:
        return f"-1 {(wall_minutes + DAY_MINUTES) // 60:02}:{wall_minutes % 60:02}"
    return f"{wall_minutes // 60:02}:{wall_minutes % 60:02}"
