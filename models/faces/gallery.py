"""All templates that a probe is matched against, as one block of memory."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from uuid import UUID

import numpy as np

from models.errors import CourtclockError
from models.faces.values import Encoding, Float32, Match, Metric, ModelId


class Gallery:
    """Immutable: a new enrollment makes a new gallery, which replaces the old one whole.

    Templates of one person stand together, so whoever is nearest can be left out by one slice when the nearest
    other person is looked for. May be used from several threads; only one matches at a time.

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
        # Templates of person number i stand in the rows from bounds[i] to bounds[i + 1].
        self._row_bounds = np.cumsum([0, *counts])
        self._person_of_row = np.repeat(np.arange(len(people), dtype=np.int32), counts)
        self._half_squared_lengths = 0.5 * np.einsum("ij,ij->i", self.templates, self.templates)
        self._number_of_person = {person_id: number for number, person_id in enumerate(self.person_ids)}
        self._nearness: Float32 = np.empty((0, 0), dtype=np.float32)
        self._lock = threading.Lock()

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
            squared = 2.0 * self._half_squared_lengths + float(probe.vector @ probe.vector) - 2.0 * products
            each = np.sqrt(np.maximum(squared, 0.0))
        return np.minimum.reduceat(each, self._row_bounds[:-1]).astype(np.float32, copy=False)

    def distance_to(self, person_id: UUID, probe: Encoding) -> float | None:
        """Distance to the nearest template of one person; None where that person has none here.

        Raises:
            CourtclockError: ``gallery.model_mismatch``.
        """
        self._refuse_other_model(self.model_id, probe)
        person = self._number_of_person.get(person_id)
        if person is None:
            return None
        rows = range(self._row_bounds[person], self._row_bounds[person + 1])
        return min(self._distance(row, probe.vector) for row in rows)

    def match(self, probe: Encoding) -> Match | None:
        """The nearest person and the nearest other one; None from an empty gallery.

        Raises:
            CourtclockError: ``gallery.model_mismatch``.
        """
        return self.match_each([probe])[0]

    def match_each(self, probes: Sequence[Encoding]) -> list[Match | None]:
        """What ``match`` gives, for all faces of one frame, from a single product with the block of templates.

        Whoever is nearest has the largest product (for Euclidean distance: after half of the template's squared
        length is taken off), so beside the product itself each face costs two looks for a maximum, and distances
        are computed for the two winners only. The products are written into memory that is kept from call to call.

        Raises:
            CourtclockError: ``gallery.model_mismatch``.
        """
        for probe in probes:
            self._refuse_other_model(self.model_id, probe)
        if not self.person_ids or not probes:
            return [None] * len(probes)
        vectors = np.stack([probe.vector for probe in probes])
        with self._lock:
            if len(self._nearness) < len(probes):
                self._nearness = np.empty((len(probes), len(self.templates)), dtype=np.float32)
            nearness = self._nearness[: len(probes)]
            if len(probes) == 1:
                np.matmul(self.templates, vectors[0], out=nearness[0])
            else:
                np.matmul(vectors, self.templates.T, out=nearness)
            if self.metric == "euclidean":
                nearness -= self._half_squared_lengths
            return [self._two_nearest(row, vector) for row, vector in zip(nearness, vectors, strict=True)]

    def _two_nearest(self, nearness: Float32, vector: Float32) -> Match:
        """The best template, then the best of all templates of anybody else; writes into ``nearness``."""
        best = int(np.argmax(nearness))
        person = int(self._person_of_row[best])
        distance = self._distance(best, vector)
        if len(self.person_ids) == 1:
            return Match(self.model_id, self.person_ids[0], distance, None, None)
        first, after = self._row_bounds[person], self._row_bounds[person + 1]
        nearness[first:after] = -np.inf
        other = int(np.argmax(nearness))
        # Of two that are equally near, rounding must not make the second the nearer one.
        return Match(
            self.model_id,
            self.person_ids[person],
            distance,
            self.person_ids[int(self._person_of_row[other])],
            max(distance, self._distance(other, vector)),
        )

    def _distance(self, row: int, vector: Float32) -> float:
        template = self.templates[row]
        if self.metric == "cosine":
            return float(1.0 - template @ vector)
        return float(np.linalg.norm(template - vector))
