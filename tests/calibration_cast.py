"""Galleries for the tests of calibration: people on a line, whose distances everybody can reckon, and random ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from models.faces.calibration import calibrate
from models.faces.comparing_all import EnrolledTemplate, Probe
from models.faces.operating_points import Calibration
from models.faces.values import Encoding, ModelId

MODEL = ModelId("on-a-line")


@dataclass(frozen=True)
class Careful:
    """The figures to start from."""

    accept_distance: float = 0.5
    margin: float = 0.08
    same_person_distance: float = 0.6
    one_to_one_distance: float = 0.55
    covered_accept_distance: float = 0.4


@dataclass(frozen=True)
class Assumed:
    """A year with easy numbers."""

    wanted_fpir: float = 0.001
    min_people: int = 20
    stranger_encounters_per_day: float = 10
    clock_points_per_day: int = 4
    workdays_per_year: int = 250


CAREFUL = Careful()
ASSUMED = Assumed()


def person(number: int) -> UUID:
    """The identifier of somebody."""
    return UUID(int=number)


def at(position: float) -> Encoding:
    """Somebody's face as a place on a line; the distance of two is how far they are apart."""
    return Encoding(MODEL, np.array([position], dtype=np.float32))


def on_a_line(places: Mapping[int, Sequence[float]]) -> list[EnrolledTemplate]:
    """One photograph for each place."""
    return [
        EnrolledTemplate(person(number), f"{number}/{photo}", at(place))
        for number, own in places.items()
        for photo, place in enumerate(own)
    ]


def far_apart(people: int, start: int = 100, step: float = 10.0) -> dict[int, list[float]]:
    """So many people who resemble nobody."""
    return {start + number: [1000 + step * number] for number in range(people)}


def scattered(people: int, photos: int = 1, seed: int = 1, reach: float = 0.35) -> list[EnrolledTemplate]:
    """People in 16 dimensions, some nearer to each other than others; several photographs of one lie together."""
    random = np.random.default_rng(seed)
    faces = random.normal(size=(people, 16)) * reach
    return [
        EnrolledTemplate(
            person(number),
            f"{number}/{photo}",
            Encoding(MODEL, np.asarray(face + random.normal(size=16) * 0.04, dtype=np.float32)),
        )
        for number, face in enumerate(faces)
        for photo in range(photos)
    ]


def calibrated(
    templates: Sequence[EnrolledTemplate],
    *,
    wanted: float = ASSUMED.wanted_fpir,
    probes: Sequence[Probe] = (),
    careful: Careful = CAREFUL,
    assumed: Assumed = ASSUMED,
) -> Calibration:
    """The operating point of a gallery with Euclidean distances."""
    return calibrate(MODEL, "euclidean", templates, careful, replace(assumed, wanted_fpir=wanted), probes)
