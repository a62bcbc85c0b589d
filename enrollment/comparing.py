"""Photographs against each other: one person's must agree, two people's must not. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from enrollment.ports import StoredTemplate
from models.faces.gallery import Gallery
from models.faces.values import Encoding, Float32, Metric, ModelId


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A photograph that shows somebody else than the others do.

    Attributes:
        other_index: the new photograph that it is furthest from; None where that is an enrolled one.
        distance: to that one.
    """

    other_index: int | None
    distance: float


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Somebody else who is already enrolled and too near."""

    employee_no: str
    distance: float


def distances_between(model_id: ModelId, metric: Metric, encodings: Sequence[Encoding]) -> Float32:
    """Distances of all pairs, float32 (n, n), symmetric but for rounding."""
    if not encodings:
        return np.empty((0, 0), dtype=np.float32)
    # A gallery gives the best of each person; here each photograph stands for itself.
    gallery = Gallery(model_id, metric, [(UUID(int=row), [encoding]) for row, encoding in enumerate(encodings)])
    return np.stack([gallery.distances(encoding) for encoding in encodings])


def find_disagreements(
    model_id: ModelId,
    metric: Metric,
    new: Sequence[Encoding],
    enrolled: Sequence[Encoding],
    same_person_distance: float,
) -> dict[int, Disagreement]:
    """The new photographs that do not show the person whom the others show, by their index.

    All pairs are compared. A new photograph disagrees when it is too far from more than half of all
    the other ones, or from at least half of the enrolled ones, which were agreed on before. So one
    stranger among several is refused alone, and two that contradict each other are both refused,
    because nothing tells whose they are. The order of the photographs does not matter.
    """
    distances = distances_between(model_id, metric, [*new, *enrolled])
    too_far = distances > same_person_distance
    np.fill_diagonal(too_far, False)
    others = len(new) + len(enrolled) - 1
    found = {}
    for index in range(len(new)):
        against_all = int(too_far[index].sum())
        against_enrolled = int(too_far[index, len(new) :].sum())
        if against_all * 2 > others or (enrolled and against_enrolled * 2 >= len(enrolled)):
            furthest = int(np.argmax(np.where(too_far[index], distances[index], -np.inf)))
            other_index = furthest if furthest < len(new) else None
            found[index] = Disagreement(other_index, float(distances[index, furthest]))
    return found


class OtherPeople:
    """Everybody else's templates, to find a person who is enrolled already under another number."""

    def __init__(
        self, model_id: ModelId, metric: Metric, templates: Sequence[StoredTemplate], duplicate_distance: float
    ) -> None:
        self._employee_nos = {template.person_id: template.employee_no for template in templates}
        by_person: dict[UUID, list[Encoding]] = {}
        for template in templates:
            by_person.setdefault(template.person_id, []).append(template.encoding)
        self._gallery = Gallery(model_id, metric, list(by_person.items()))
        self._duplicate_distance = duplicate_distance

    def look_alike(self, encoding: Encoding) -> LookAlike | None:
        """The nearest of them, if nearer than two people should be."""
        match = self._gallery.match(encoding)
        if match is None or match.distance >= self._duplicate_distance:
            return None
        return LookAlike(self._employee_nos[match.person_id], match.distance)
