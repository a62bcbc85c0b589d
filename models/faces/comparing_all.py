"""Everybody of a gallery against everybody else: what a calibration is computed from.

All distances come from ``Gallery``, so that they mean what they mean at the door. A search at a time is looked at and
let go: memory grows with the people, not with their square.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from models.faces.gallery import Gallery
from models.faces.values import Encoding, Float32, Metric, ModelId

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Progress = Callable[[int, int], None]
"""Told how many of how many steps are done."""

BIN_WIDTH: Final = 0.0005
_BINS: Final = round(4.0 / BIN_WIDTH)
_TELL_EVERY: Final = 200


@dataclass(frozen=True, slots=True)
class EnrolledTemplate:
    """One template of the gallery.

    Attributes:
        photo_id: templates of one photograph share it; they are never searched against one another.
    """

    person_id: UUID
    photo_id: str
    encoding: Encoding


@dataclass(frozen=True, slots=True)
class Probe:
    """A picture that is not in the gallery.

    Attributes:
        person_id: whom it shows; None for a stranger.
        stranger: which one, where ``person_id`` is None; several pictures of one stranger share it.
    """

    encoding: Encoding
    person_id: UUID | None
    stranger: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """What all searches gave.

    Attributes:
        person_ids: of the gallery; places below are places in it.
        distances: float64 (searches,), of each search as a stranger to the nearest other person.
        strangers: int64 (searches,), which stranger was searched: a person of the gallery, searched against everybody
            else with all own templates and probes, or a stranger of the probes. Numbers from 0 without gaps.
        counts: int64 (bins,), comparisons of a search with one other person, by distance; bin b holds the distances
            from b to b + 1 times ``BIN_WIDTH``.
        first, second, between: places and distances of all pairs of people that came within ``pairs_within``, first
            before second, each pair once.
        gallery_genuine, probe_genuine: float64 (trials, 3), one photograph of somebody enrolled a row: place of the
            person, distance to the own templates of other photographs, distance to the nearest other person.
        set_aside: pairs within ``aside_within``; they count neither in ``distances`` nor in ``counts``.
    """

    person_ids: tuple[UUID, ...]
    distances: Float64
    strangers: Int64
    counts: Int64
    first: Int64
    second: Int64
    between: Float64
    gallery_genuine: Float64
    probe_genuine: Float64
    set_aside: int

    @property
    def nearest(self) -> Float64:
        """How near each stranger ever came to anybody, float64 (strangers,)."""
        nearest = np.full(int(self.strangers.max()) + 1 if self.strangers.size else 0, np.inf)
        np.minimum.at(nearest, self.strangers, self.distances)
        return nearest


def distances_to_people(gallery: Gallery, probe: Encoding) -> Float32:
    """Distance of one probe to each person of a gallery, float32 (people,), in the order of its ``person_ids``."""
    return gallery.distances(probe)


def compare_all(
    model_id: ModelId,
    metric: Metric,
    templates: Sequence[EnrolledTemplate],
    probes: Sequence[Probe],
    *,
    pairs_within: float,
    aside_within: float,
    progress: Progress | None = None,
) -> Comparisons:
    """Search every template and every probe against everybody else.

    Args:
        model_id, metric: of all these encodings.
        templates: the gallery.
        probes: of people in the gallery (others are ignored) and of strangers.
        pairs_within: nearer pairs of people are listed.
        aside_within: people nearer than this are asked for the PIN anyway, so they are not strangers to each other.
        progress: told now and then.

    Raises:
        CourtclockError: ``gallery.model_mismatch``.
    """
    of_person: dict[UUID, list[EnrolledTemplate]] = {}
    # In an order of their own, so that the order in which templates come changes nothing.
    for template in sorted(templates, key=lambda one: (one.person_id, one.photo_id, one.encoding.to_bytes())):
        of_person.setdefault(template.person_id, []).append(template)
    gallery = Gallery(
        model_id, metric, [(person_id, [one.encoding for one in own]) for person_id, own in of_person.items()]
    )
    place_of = {person_id: place for place, person_id in enumerate(gallery.person_ids)}
    known = [probe for probe in probes if probe.person_id is None or probe.person_id in place_of]
    tell = _Telling(progress, len(templates) + len(known))
    gathering = _Gathering(pairs_within)
    gallery_genuine: list[tuple[float, float, float]] = []
    for place, own in enumerate(of_person.values()):
        others = []
        for template in own:
            distances = distances_to_people(gallery, template.encoding).copy()
            others.append(gathering.take(place, place, distances, listed=True))
            tell.one_more()
        gallery_genuine += _without_itself(model_id, metric, place, own, others)
    first, second, between = gathering.pairs()
    aside = between <= aside_within
    gathering.set_aside(first[aside], second[aside])
    search = 0
    for place, own in enumerate(of_person.values()):
        for template in own:
            if gathering.is_set_aside(place):
                gathering.take_again(search, place, distances_to_people(gallery, template.encoding).copy())
            search += 1
    probe_genuine: list[tuple[float, float, float]] = []
    stranger_place: dict[str, int] = {}
    for probe in known:
        distances = distances_to_people(gallery, probe.encoding).copy()
        if probe.person_id is None:
            unit = len(gallery) + stranger_place.setdefault(probe.stranger, len(stranger_place))
            gathering.take(unit, None, distances)
        else:
            place = place_of[probe.person_id]
            own_distance = float(distances[place])
            probe_genuine.append((place, own_distance, gathering.take(place, place, distances)))
        tell.one_more()
    # Whoever had nobody to be compared with was no stranger.
    to_anybody = np.array(gathering.distances, dtype=np.float64)
    compared = np.isfinite(to_anybody)
    return Comparisons(
        person_ids=gallery.person_ids,
        distances=to_anybody[compared],
        strangers=np.unique(np.array(gathering.strangers, dtype=np.int64)[compared], return_inverse=True)[1],
        counts=gathering.counts,
        first=first,
        second=second,
        between=between,
        gallery_genuine=np.array(gallery_genuine, dtype=np.float64).reshape(-1, 3),
        probe_genuine=np.array(probe_genuine, dtype=np.float64).reshape(-1, 3),
        set_aside=int(aside.sum()),
    )


def _without_itself(
    model_id: ModelId, metric: Metric, place: int, own: Sequence[EnrolledTemplate], others: Sequence[float]
) -> Iterator[tuple[float, float, float]]:
    """Each photograph of one person against the person's other ones; nothing where there is only one.

    A photograph of several templates counts by its worst one.
    """
    photos = list(dict.fromkeys(template.photo_id for template in own))
    if len(photos) < 2:
        return
    # A gallery gives the best of each person; here each photograph stands for itself.
    gallery = Gallery(
        model_id,
        metric,
        [
            (UUID(int=number), [template.encoding for template in own if template.photo_id == photo])
            for number, photo in enumerate(photos)
        ],
    )
    for number, photo in enumerate(photos):
        furthest, nearest_other = 0.0, float("inf")
        for template, other in zip(own, others, strict=True):
            if template.photo_id == photo:
                distances = distances_to_people(gallery, template.encoding).copy()
                distances[number] = np.inf
                furthest = max(furthest, float(distances.min()))
                nearest_other = min(nearest_other, other)
        yield place, furthest, nearest_other


class _Gathering:
    """Takes one search after another.

    Attributes:
        distances: of each search to the nearest person it counts against; infinite where there is none.
        strangers: who was searched.
        counts: comparisons by distance, as in ``Comparisons``.
    """

    def __init__(self, pairs_within: float) -> None:
        self._pairs_within = pairs_within
        self._near: list[tuple[Int64, Int64, Float64]] = []
        self._aside: dict[int, list[int]] = {}
        self.distances: list[float] = []
        self.strangers: list[int] = []
        self.counts: Int64 = np.zeros(_BINS, dtype=np.int64)

    def take(self, stranger: int, own_place: int | None, distances: Float32, *, listed: bool = False) -> float:
        """One search; writes into ``distances``.

        Args:
            stranger: who was searched.
            own_place: of that person in the gallery; None for a stranger of the probes.
            distances: to everybody.
            listed: whether near people make a pair.

        Returns:
            The distance to the nearest other person.
        """
        if own_place is not None:
            distances[own_place] = np.inf
        if listed and own_place is not None:
            near = np.flatnonzero(distances <= self._pairs_within)
            here = np.full(near.size, own_place, dtype=np.int64)
            self._near.append((np.minimum(here, near), np.maximum(here, near), distances[near].astype(np.float64)))
        nearest_other = _least(distances)
        if own_place is not None:
            distances[self._aside.get(own_place, [])] = np.inf
        self.counts += _binned(distances)
        self.distances.append(_least(distances))
        self.strangers.append(stranger)
        return nearest_other

    def pairs(self) -> tuple[Int64, Int64, Float64]:
        """Places of all listed pairs and their least distance: each pair once, nearest first."""
        if not self._near:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float64)
        first, second, between = (np.concatenate(column) for column in zip(*self._near, strict=True))
        order = np.lexsort((second, first, between))
        first, second, between = first[order], second[order], between[order]
        _, once = np.unique(np.stack([first, second]), axis=1, return_index=True)
        once.sort()
        return first[once], second[once], between[once]

    def set_aside(self, first: Int64, second: Int64) -> None:
        """From now on these do not count against each other."""
        for one, other in zip(first.tolist(), second.tolist(), strict=True):
            self._aside.setdefault(one, []).append(other)
            self._aside.setdefault(other, []).append(one)

    def is_set_aside(self, place: int) -> bool:
        """Whether there is anybody against whom this person does not count."""
        return place in self._aside

    def take_again(self, search: int, own_place: int, distances: Float32) -> None:
        """Correct a search that was taken before it was known who is set aside; writes into ``distances``."""
        self.counts -= _binned(distances[self._aside[own_place]])
        distances[[own_place, *self._aside[own_place]]] = np.inf
        self.distances[search] = _least(distances)


def _least(distances: Float32) -> float:
    return float(distances.min()) if distances.size else float("inf")


def _binned(distances: Float32) -> Int64:
    """How many of them lie in each bin; those that are infinite in none."""
    bins = (distances[np.isfinite(distances)] / BIN_WIDTH).astype(np.int64)
    return np.bincount(np.clip(bins, 0, _BINS - 1), minlength=_BINS)


class _Telling:
    """Tells progress now and then, and at the end."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def one_more(self) -> None:
        self._done += 1
        if self._progress is not None and (self._done % _TELL_EVERY == 0 or self._done == self._total):
            self._progress(self._done, self._total)
