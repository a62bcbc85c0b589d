"""All templates that a probe is matched against, as one block of memory."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np

from models.errors import CourtclockError
from models.faces.values import Encoding, Float32, Match, Metric, ModelId


class Gallery:
    """Immutable: a new enrollment makes a new gallery, which replaces the old one whole.

    Templates of one person stand together, so one pass over the products gives each person's best.

    Args:
        model_id: of every template and every probe.
        metric: ``cosine`` (vectors of length 1) or ``euclidean``.
        people: templates of each person, several a person; people without templates are left out.
        version: the server's number of this gallery.

    Raises:
        CourtclockError: ``gallery.model_mismatch`` when a template is of another model.
        ValueError: a person stands twice, or vectors differ in length.
    """

    def __init__(
        self,
        model_id: ModelId,
        metric: Metric,
        people: Sequence[tuple[UUID, Sequence[Encoding]]],
        version: int = 0,
    ) -> None:
        people = [(person_id, templates) for person_id, templates in people if templates]
        for _, templates in people:
            for template in templates:
                self._refuse_other_model(model_id, template)
        self.model_id = model_id
        self.metric = metric
        self.version = version
        self.person_ids: tuple[UUID, ...] = tuple(person_id for person_id, _ in people)
        if len(set(self.person_ids)) != len(self.person_ids):
            raise ValueError("a person stands twice in the gallery")
        vectors = [template.vector for _, templates in people for template in templates]
        self.templates: Float32 = np.ascontiguousarray(
            np.stack(vectors) if vectors else np.empty((0, 0)), dtype=np.float32
        )
        self.templates.setflags(write=False)
        counts = [len(templates) for _, templates in people]
        self._first_row_of_person = np.cumsum([0, *counts])[:-1]
        self._squared_lengths = np.einsum("ij,ij->i", self.templates, self.templates)

    def __len__(self) -> int:
        """How many people are in it."""
        return len(self.person_ids)

    @staticmethod
    def _refuse_other_model(model_id: ModelId, encoding: Encoding) -> None:
        if encoding.model_id != model_id:
            raise CourtclockError("gallery.model_mismatch", found=encoding.model_id, expected=model_id)

    def distances(self, probe: Encoding) -> Float32:
        """Distance to each person's nearest template, float32 (people,), in the order of ``person_ids``.

        Cosine distance is 1 - cos; Euclidean distance comes from the same product,
        |a - b|^2 = |a|^2 + |b|^2 - 2ab.

        Raises:
            CourtclockError: ``gallery.model_mismatch``.
        """
        self._refuse_other_model(self.model_id, probe)
        if not self.person_ids:
            return np.empty(0, dtype=np.float32)
        products = self.templates @ probe.vector
        if self.metric == "cosine":
            each = 1.0 - products
        else:
            squared = self._squared_lengths + float(probe.vector @ probe.vector) - 2.0 * products
            each = np.sqrt(np.maximum(squared, 0.0))
        return np.minimum.reduceat(each, self._first_row_of_person).astype(np.float32, copy=False)

    def match(self, probe: Encoding) -> Match | None:
        """The nearest person and the nearest other one; None from an empty gallery.

        Raises:
            CourtclockError: ``gallery.model_mismatch``.
        """
        distances = self.distances(probe)
        if distances.size == 0:
            return None
        if distances.size == 1:
            return Match(self.model_id, self.person_ids[0], float(distances[0]), None, None)
        first, second = np.argpartition(distances, 1)[:2]
        if distances[second] < distances[first]:
            first, second = second, first
        return Match(
            self.model_id,
            self.person_ids[int(first)],
            float(distances[first]),
            self.person_ids[int(second)],
            float(distances[second]),
        )
