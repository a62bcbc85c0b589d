"""The operating point of one site, from its own gallery. Pure: encodings and figures in, a ``Calibration`` out.

Each person of the gallery is searched against everybody else, as a stranger would be. How near the nearest of them
comes is counted a person, not a template: people are independent of each other, templates of one person are not. A
person counts as accepted when *any* of the searches comes within the threshold. The margin, votes over several frames
and liveness, which refuse most of what one distance lets through, are left out of account. All of this errs to the
careful side.

The threshold for a wanted FPIR w is found from those searches:

1. *measured*: the largest distance at which the upper bound (Clopper-Pearson, 95 %) of the accepted share is at most w.
   It takes some 3.7 / w people, so for 1 in 1000 a gallery of 3700; only this way the threshold may become looser than
   the careful one of the settings.
2. *extrapolated*: the least of three: the careful threshold of the settings; the distance at which two fits of the
   lower tail (``LowerTail``) both expect at most w; the largest distance at which the data do not contradict w (its
   lower bound is at most w).
3. *default*: with fewer people than ``min_people`` the figures of the settings stand.

The looser one of 1 and 2 is taken, and never less than the floor within which anybody is recognised at all. Each of
them can only become tighter as w becomes smaller, and so does the result.

Pairs of people so alike that tightening leaves nothing to recognise them by (twins, or one person under two numbers)
are asked for the PIN, and are set aside in all of the above: one such pair says nothing about strangers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from models.faces.comparing_all import BIN_WIDTH, Comparisons, EnrolledTemplate, Float64, Probe, Progress, compare_all
from models.faces.intervals import clopper_pearson, rate_of
from models.faces.operating_points import (
    Calibration,
    Expected,
    HowFound,
    LookAlikePair,
    OwnThreshold,
    Rate,
    WrongEvents,
)
from models.faces.tails import LowerTail
from models.faces.values import Metric, ModelId

ONE_TO_ONE_FMR: Final = 0.001
DUPLICATE_FPIR: Final = 0.01
OWN_FLOOR_SHARE: Final = 0.6
"""Of the careful threshold. With one still tighter more than a third of genuine pictures would be missed."""
MOST_PAIRS: Final = 500
_STEP: Final = 0.0001


class CarefulPoint(Protocol):
    """The figures to start from; ``faces.operating_points`` of config.yaml holds one an engine."""

    @property
    def accept_distance(self) -> float: ...
    @property
    def margin(self) -> float: ...
    @property
    def same_person_distance(self) -> float: ...
    @property
    def one_to_one_distance(self) -> float: ...
    @property
    def covered_accept_distance(self) -> float: ...


class Assumptions(Protocol):
    """What is wanted, and what a year is like; ``faces.calibration`` of config.yaml is one."""

    @property
    def wanted_fpir(self) -> float: ...
    @property
    def min_people(self) -> int: ...
    @property
    def stranger_encounters_per_day(self) -> float: ...
    @property
    def clock_points_per_day(self) -> int: ...
    @property
    def workdays_per_year(self) -> int: ...


@dataclass(frozen=True, slots=True)
class _Threshold:
    """How the threshold was found; ``tail`` is None where nothing was fitted."""

    accept_distance: float
    found: HowFound
    tail: LowerTail | None


def calibrate(
    model_id: ModelId,
    metric: Metric,
    templates: Sequence[EnrolledTemplate],
    careful: CarefulPoint,
    assumptions: Assumptions,
    probes: Sequence[Probe] = (),
    progress: Progress | None = None,
) -> Calibration:
    """The operating point of a gallery, with its rates and everything that people ought to know about it.

    Args:
        model_id, metric: of all encodings.
        templates: the gallery, in any order.
        careful: the figures of the settings.
        assumptions: the wanted FPIR, and what a year is like.
        probes: further pictures of people of the gallery and of strangers.
        progress: told how many of how many steps are done.

    Raises:
        CourtclockError: ``gallery.model_mismatch``.
    """
    floor = _floor(careful)
    compared = compare_all(
        model_id,
        metric,
        templates,
        probes,
        pairs_within=max(careful.same_person_distance, careful.accept_distance) + careful.margin,
        aside_within=floor + careful.margin,
        progress=progress,
    )
    threshold = _find_threshold(compared, careful, assumptions)
    accept, tail = threshold.accept_distance, threshold.tail
    own = _own_thresholds(compared, accept, careful.margin, floor)
    fpir = _rate_within(compared.nearest, accept)
    gallery_fnir = _fnir(compared, compared.gallery_genuine, accept, careful.margin, own)
    probe_fnir = _fnir(compared, compared.probe_genuine, accept, careful.margin, own)
    alike = compared.between <= accept + careful.margin
    one_to_one = careful.one_to_one_distance
    if tail is not None:
        one_to_one = min(_one_to_one_distance(compared), careful.same_person_distance)
    return Calibration(
        people=len(compared.person_ids),
        templates=len(templates),
        searches=len(compared.distances),
        strangers=fpir.trials,
        mated_probes=len(compared.probe_genuine),
        wanted_fpir=assumptions.wanted_fpir,
        found=threshold.found,
        accept_distance=accept,
        margin=careful.margin,
        one_to_one_distance=one_to_one,
        covered_accept_distance=min(careful.covered_accept_distance, accept),
        careful_accept_distance=careful.accept_distance,
        proposed_duplicate_distance=None
        if tail is None
        else max(floor, min(_rounded_down(tail.distance_at(DUPLICATE_FPIR)), careful.same_person_distance)),
        fpir=fpir,
        extrapolated_fpir=None if tail is None else tail.fpir_at(accept),
        gallery_fnir=gallery_fnir,
        probe_fnir=probe_fnir,
        one_to_one_fmr=_rate_of_comparisons(compared, one_to_one),
        look_alike_count=int(alike.sum()),
        look_alikes=tuple(
            LookAlikePair(compared.person_ids[first], compared.person_ids[second], float(distance))
            for first, second, distance in zip(
                compared.first[alike][:MOST_PAIRS],
                compared.second[alike][:MOST_PAIRS],
                compared.between[alike][:MOST_PAIRS],
                strict=True,
            )
        ),
        own_thresholds=tuple(sorted(own.values(), key=lambda one: (one.nearest_distance, one.person_id))),
        set_aside=compared.set_aside,
        wrong_events=_wrong_events(
            len(compared.person_ids),
            fpir,
            None if tail is None else tail.fpir_at(accept),
            probe_fnir if probe_fnir.trials else gallery_fnir,
            assumptions,
        ),
    )


def _find_threshold(compared: Comparisons, careful: CarefulPoint, assumptions: Assumptions) -> _Threshold:
    nearest = np.sort(compared.nearest)
    if len(compared.person_ids) < assumptions.min_people or nearest.size < 4:
        return _Threshold(careful.accept_distance, "default", None)
    wanted = assumptions.wanted_fpir
    tail = LowerTail.fit(compared.distances, compared.strangers)
    not_contradicted = _largest_distance(nearest, lambda accepted: clopper_pearson(accepted, nearest.size)[0] <= wanted)
    measured = _largest_distance(nearest, lambda accepted: clopper_pearson(accepted, nearest.size)[1] <= wanted)
    expected = min(careful.accept_distance, _rounded_down(tail.distance_at(wanted)), not_contradicted)
    # Looser than what is held for one person at enrollment it may never be.
    measured = min(measured, careful.same_person_distance)
    # Nothing is recognised within less than the floor; the report says when that is more than was wanted.
    accept = max(measured, expected, _floor(careful))
    return _Threshold(accept, "measured" if accept <= measured else "extrapolated", tail)


def _largest_distance(nearest: Float64, may_accept: Callable[[int], bool]) -> float:
    """The largest distance that accepts no more strangers than may be.

    Args:
        nearest: float64 (strangers,), rising.
        may_accept: of a number of strangers; once False, False for all greater numbers.
    """
    few, many = -1, nearest.size + 1
    while many - few > 1:
        middle = (few + many) // 2
        if may_accept(middle):
            few = middle
        else:
            many = middle
    if few < 0:
        return 0.0
    return math.inf if few >= nearest.size else _rounded_down(float(nearest[few]) - _STEP / 2)


def _floor(careful: CarefulPoint) -> float:
    """The least threshold, for the site and for one person."""
    return _rounded_down(careful.accept_distance * OWN_FLOOR_SHARE)


def _rounded_down(distance: float) -> float:
    return max(0.0, math.floor(round(distance / _STEP, 6)) * _STEP)


def _rate_within(nearest: Float64, accept_distance: float) -> Rate:
    """How many of the strangers come within the threshold."""
    return rate_of(int((nearest <= accept_distance).sum()), nearest.size)


def _own_thresholds(
    compared: Comparisons, accept_distance: float, margin: float, floor: float
) -> dict[int, OwnThreshold]:
    """Everybody, by place, whose nearest other person is so near that the site's threshold is too loose."""
    own: dict[int, OwnThreshold] = {}
    for first, second, distance in zip(compared.first, compared.second, compared.between, strict=True):
        tightened = _rounded_down(float(distance) - margin)
        if tightened >= accept_distance:
            break
        for place, other in ((int(first), int(second)), (int(second), int(first))):
            # Nearest pairs come first, so the first one of a person is the one that counts.
            if place not in own:
                own[place] = OwnThreshold(
                    person_id=compared.person_ids[place],
                    nearest_person_id=compared.person_ids[other],
                    nearest_distance=float(distance),
                    accept_distance=max(tightened, floor),
                    ask_pin=tightened < floor,
                )
    return own


def _fnir(
    compared: Comparisons, genuine: Float64, accept_distance: float, margin: float, own: dict[int, OwnThreshold]
) -> Rate:
    """Photographs that would not be recognised: too far from the own ones, too near to somebody else, or PIN only."""
    missed = 0
    for place, own_distance, other_distance in genuine:
        tightened = own.get(int(place))
        limit = accept_distance if tightened is None else tightened.accept_distance
        asked = tightened is not None and tightened.ask_pin
        missed += bool(asked or own_distance > limit or other_distance - own_distance < margin)
    return rate_of(missed, len(genuine))


def _one_to_one_distance(compared: Comparisons) -> float:
    """The largest distance at which at most 1 in 1000 comparisons with one other person pass."""
    allowed = int(compared.counts.sum() * ONE_TO_ONE_FMR)
    passing = np.cumsum(compared.counts)
    return _rounded_down(int(np.searchsorted(passing, allowed, side="right")) * BIN_WIDTH)


def _rate_of_comparisons(compared: Comparisons, distance: float) -> Rate:
    """How many comparisons with one other person lie within a distance, to one bin."""
    bins = math.ceil(round(distance / BIN_WIDTH, 6))
    return rate_of(int(compared.counts[:bins].sum()), int(compared.counts.sum()))


def _wrong_events(
    people: int, fpir: Rate, extrapolated_fpir: float | None, fnir: Rate, assumptions: Assumptions
) -> WrongEvents:
    """What the rates come to in a year. Of counted and fitted FPIR the larger one, but no more than its bound."""
    stranger_encounters = assumptions.stranger_encounters_per_day * assumptions.workdays_per_year
    staff_encounters = float(people * assumptions.clock_points_per_day * assumptions.workdays_per_year)
    known = [rate for rate in (fpir.estimate if fpir.count else None, extrapolated_fpir) if rate is not None]
    likely_fpir = min(max(known), fpir.upper) if known else None
    likely_fnir = fnir.estimate
    return WrongEvents(
        stranger_encounters=stranger_encounters,
        staff_encounters=staff_encounters,
        strangers=Expected(
            None if likely_fpir is None else stranger_encounters * likely_fpir, stranger_encounters * fpir.upper
        ),
        staff=Expected(
            None if likely_fpir is None or likely_fnir is None else staff_encounters * likely_fnir * likely_fpir,
            staff_encounters * fnir.upper * fpir.upper,
        ),
    )
