"""One person's and one division's part of a week or a month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final
from uuid import UUID

from server.attendance.counting import added
from server.attendance.verdicts import Tally
from server.storage.workdays import FIGURES

_figures_of: Final = attrgetter(*FIGURES)


class _Rated:
    """Whatever has figures has rates."""

    __slots__ = ()
    tally: Tally

    @property
    def late_rate(self) -> float | None:
        """Late arrivals of those that were judged."""
        return self.tally.late_times / self.tally.arrivals if self.tally.arrivals else None

    @property
    def early_rate(self) -> float | None:
        """Early leaves of the departures that were judged."""
        return self.tally.early_times / self.tally.departures if self.tally.departures else None


@dataclass(frozen=True, slots=True)
class PersonLine(_Rated):
    """One person's period.

    Attributes:
        expected_days: workdays on which work was expected, leave and duty included; None where a report of an earlier
            form does not say.
        open_workdays: those that time alone may still change.
    """

    person_id: UUID
    employee_no: str
    name: str
    division_id: UUID | None
    division: str
    expected_days: int | None
    open_workdays: int
    tally: Tally

    @property
    def noted(self) -> bool:
        """Whether the report names this person."""
        tally = self.tally
        return bool(
            tally.late_times
            or tally.early_times
            or tally.missing_points
            or tally.absent_half_days
            or tally.off_post_times
        )

    @property
    def excused_only(self) -> bool:
        """Whether all that there was has been waived."""
        return self.tally.excused_times > 0 and not self.noted


@dataclass(frozen=True, slots=True)
class DivisionLine(_Rated):
    """One division's period, or the court's.

    Attributes:
        name: empty for people without a division.
        expected_days: of all its people together, as theirs.
        score: points left, None where the rules give none.
        rank: from 1; None where the rules do not rank, or no work was expected.
    """

    name: str
    people: int
    noted_people: int
    expected_days: int | None
    tally: Tally
    score: float | None = None
    rank: int | None = None

    @property
    def rate(self) -> float | None:
        """Both together."""
        expected = self.tally.arrivals + self.tally.departures
        return (self.tally.late_times + self.tally.early_times) / expected if expected else None

    @property
    def noted_times(self) -> int:
        """Everything noted: late arrivals, early leaves, missing clocks, being off post, half days absent, each one."""
        tally = self.tally
        return (
            tally.late_times + tally.early_times + tally.missing_points + tally.off_post_times + tally.absent_half_days
        )

    @property
    def noted_per_day(self) -> float | None:
        """Of these so many for each workday on which work was expected."""
        return self.noted_times / self.expected_days if self.expected_days else None


def summed(name: str, people: Sequence[PersonLine]) -> DivisionLine:
    """The line of some people, without score and rank."""
    # Of ten thousand people, the columns are summed much quicker than one tally after the other.
    columns = zip(*(_figures_of(line.tally) for line in people), strict=True)
    noted = sum(line.noted for line in people)
    return DivisionLine(
        name, len(people), noted, _together(line.expected_days for line in people), Tally(*map(sum, columns))
    )


def altogether(divisions: Sequence[DivisionLine]) -> DivisionLine:
    """The line of everybody in some divisions, without score and rank."""
    return DivisionLine(
        "",
        sum(line.people for line in divisions),
        sum(line.noted_people for line in divisions),
        _together(line.expected_days for line in divisions),
        added(line.tally for line in divisions),
    )


def by_division(people: Sequence[PersonLine]) -> dict[str, list[PersonLine]]:
    """People by the name of their division, in the order in which they come."""
    of_name: dict[str, list[PersonLine]] = {}
    for line in people:
        of_name.setdefault(line.division, []).append(line)
    return of_name


def _together(days: Iterable[int | None]) -> int | None:
    """The sum, or None where one does not say."""
    total = 0
    for one in days:
        if one is None:
            return None
        total += one
    return total
