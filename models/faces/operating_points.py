"""What a calibration finds: the operating point of one site, with how sure it is. Values only; loads no numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

HowFound = Literal["measured", "extrapolated", "default"]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share that was counted, with its Clopper-Pearson bounds of 95 % (two-sided).

    Attributes:
        count, trials: so many of so many.
        lower, upper: bounds of the share; 0 and 1 where nothing was tried.
    """

    count: int
    trials: int
    lower: float
    upper: float

    def __post_init__(self) -> None:
        if not 0 <= self.count <= self.trials:
            raise ValueError(f"{self.count} of {self.trials} is no share")
        if not 0 <= self.lower <= (self.estimate or 0.0) <= self.upper <= 1:
            raise ValueError("the bounds do not hold the share between them")

    @property
    def estimate(self) -> float | None:
        """The share itself; None where nothing was tried."""
        return self.count / self.trials if self.trials else None


@dataclass(frozen=True, slots=True)
class LookAlikePair:
    """Two people who are nearer to each other than accepting and margin together allow.

    Attributes:
        distance: between their two nearest templates.
    """

    person_id: UUID
    other_person_id: UUID
    distance: float


@dataclass(frozen=True, slots=True)
class OwnThreshold:
    """A person whose own threshold is tightened, because somebody else looks alike.

    Attributes:
        nearest_person_id: who looks alike.
        nearest_distance: to that one's nearest template.
        accept_distance: holds for this person in place of the site's.
        ask_pin: tightening would leave nothing to recognise by, so the PIN is asked for, always.
    """

    person_id: UUID
    nearest_person_id: UUID
    nearest_distance: float
    accept_distance: float
    ask_pin: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """A number of wrong clock events a year: what is expected, and what it is at most by the bounds of the rates.

    Attributes:
        estimate: None where a rate in it is not known.
    """

    estimate: float | None
    upper: float


@dataclass(frozen=True, slots=True)
class WrongEvents:
    """Wrong clock events a year, with what they are reckoned from.

    Attributes:
        stranger_encounters: a year; each is wrong with the probability FPIR.
        staff_encounters: a year; each is wrong with the probability FNIR x FPIR: somebody does not match the own
            templates and matches another person's.
        strangers, staff: what comes of them.
    """

    stranger_encounters: float
    staff_encounters: float
    strangers: Expected
    staff: Expected

    @property
    def estimate(self) -> float | None:
        """Both together; None where one of them is not known."""
        if self.strangers.estimate is None or self.staff.estimate is None:
            return None
        return self.strangers.estimate + self.staff.estimate

    @property
    def upper(self) -> float:
        """Both together, at most."""
        return self.strangers.upper + self.staff.upper


@dataclass(frozen=True, slots=True)
class Calibration:
    """The operating point of one gallery.

    Attributes:
        people, templates: in the gallery.
        searches: how many searches as a stranger were made, probes included.
        strangers: how many people were searched as strangers: those of the gallery, each against everybody else, and
            strangers among the probes.
        mated_probes: probes of people in the gallery.
        wanted_fpir: what was asked for.
        found: ``measured``: the data alone show that at most ``wanted_fpir`` is accepted. ``extrapolated``: it lies
            beyond what the data can show. ``default``: too few people; the careful figures of the settings.
        accept_distance, margin, one_to_one_distance, covered_accept_distance: the operating point.
        careful_accept_distance: that of the settings, for comparison.
        proposed_duplicate_distance: at which 1 in 100 new people would be held for somebody enrolled; None where
            ``found`` is ``default``. Only proposed: enrollment goes by the settings.
        fpir: share of the strangers who would be accepted at ``accept_distance``.
        extrapolated_fpir: the same by the fitted tails; None where ``found`` is ``default``.
        gallery_fnir: photographs of the gallery, each searched without itself, that would not be recognised.
        probe_fnir: the same of the mated probes.
        one_to_one_fmr: comparisons with one other person that would pass ``one_to_one_distance``.
        look_alikes: nearest first; at most ``MOST_PAIRS`` of ``look_alike_count``.
        own_thresholds: by distance.
        set_aside: pairs so alike that both are asked for the PIN; they do not count as strangers of each other.
        wrong_events: expected a year.
    """

    people: int
    templates: int
    searches: int
    strangers: int
    mated_probes: int
    wanted_fpir: float
    found: HowFound
    accept_distance: float
    margin: float
    one_to_one_distance: float
    covered_accept_distance: float
    careful_accept_distance: float
    proposed_duplicate_distance: float | None
    fpir: Rate
    extrapolated_fpir: float | None
    gallery_fnir: Rate
    probe_fnir: Rate
    one_to_one_fmr: Rate
    look_alike_count: int
    look_alikes: tuple[LookAlikePair, ...]
    own_thresholds: tuple[OwnThreshold, ...]
    set_aside: int
    wrong_events: WrongEvents

    @property
    def fnir(self) -> Rate:
        """The better one of the two: from probes where there are some, else from the gallery itself."""
        return self.probe_fnir if self.probe_fnir.trials else self.gallery_fnir
