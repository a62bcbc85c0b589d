"""Who is recognised, who is missed, and who is taken for somebody else: SFace, face_recognition, and ours.

One photograph a person makes the gallery, all others are probes. A stranger is somebody who is not in the gallery:
each probe is searched once more with its own person left out, which gives as many strangers as there are probes.
FPIR and FNIR are those of ISO/IEC 19795-1: at a threshold, the share of strangers for whom somebody is named, and the
share of enrolled people who are not named, or not first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.encodings import ENROLLED_OF_MANY, MANY, Encoded
from bench.report import Row
from models.faces.intervals import clopper_pearson
from models.settings import OperatingPointSettings

FPIRS: Final = (0.01, 0.001)
CONTENDERS: Final = ("sface", "face_recognition", "ours")
SHIPPED_BY_PEERS: Final = {"sface": 1 - 0.363, "face_recognition": 0.6}
"""OpenCV's own cosine similarity of 0.363 as a distance; face_recognition's default tolerance."""

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Field:
    """The photographs in which a face was found, and how far each is from each enrolled person, by contender.

    Attributes:
        identities, groups: of each photograph.
        in_gallery: whether it is the one that its person is enrolled with.
        people: identities in the order of the columns.
        distances: float32 (photographs, people) each.
    """

    identities: NDArray[np.str_]
    groups: NDArray[np.str_]
    in_gallery: NDArray[np.bool_]
    people: tuple[str, ...]
    distances: dict[str, Matrix]


def line_up(encoded: Sequence[Encoded]) -> Field:
    """All against all, once."""
    found = [one for one in encoded if one.probe is not None]
    first: dict[str, int] = {}
    for row, one in enumerate(found):
        if one.views is not None:
            first.setdefault(one.photograph.identity, row)
    people = tuple(first)
    rows = list(first.values())
    enrolled = [found[row] for row in rows]
    plain = _stacked([one.plain for one in found])
    dlib = _stacked([one.dlib for one in found])
    probes = _stacked([one.probe for one in found])
    views = np.stack([one.views for one in enrolled if one.views is not None])
    distances = {
        "sface": 1 - plain @ plain[rows].T,
        "face_recognition": np.sqrt(
            np.maximum(0, (dlib**2).sum(1)[:, None] + (dlib[rows] ** 2).sum(1)[None] - 2 * dlib @ dlib[rows].T)
        ),
        "ours": np.min([1 - probes @ views[:, view].T for view in range(views.shape[1])], axis=0),
    }
    in_gallery = np.zeros(len(found), dtype=bool)
    in_gallery[rows] = True
    return Field(
        np.array([one.photograph.identity for one in found]),
        np.array([one.photograph.group for one in found]),
        in_gallery,
        people,
        {name: np.asarray(one, dtype=np.float32) for name, one in distances.items()},
    )


def measure_recognition(field: Field, encoded: Sequence[Encoded], point: OperatingPointSettings) -> list[Row]:
    """The rows of all groups, and of everybody."""
    rows: list[Row] = []
    names = [str(name) for name in dict.fromkeys(field.groups)]
    groups: list[tuple[str, NDArray[np.bool_]]] = [(name, field.groups == name) for name in names]
    if len(groups) > 1:
        groups.append(("overall", np.ones(len(field.groups), dtype=bool)))
    for group, members in groups:
        rows += _open_set_rows(field, group, members)
        rows += _more_strangers(field, group, members)
        rows += _rank_rows(field, group, members)
        rows += _pair_rows(field, group, members, point)
        rows += _enrollment_rows(encoded, group)
    return rows + _votes_rows(encoded)


def _own_and_others(field: Field, contender: str, members: NDArray[np.bool_]) -> tuple[Matrix, Matrix]:
    """Of each photograph: the distance to its own person, and to the nearest of all others."""
    distances = field.distances[contender][members]
    own = field.identities[members][:, None] == np.array(field.people)[None]
    return np.where(own, distances, np.inf).min(axis=1), np.where(own, np.inf, distances).min(axis=1)


def _threshold(strangers: Matrix, fpir: float) -> float:
    """The largest distance below which no more than this share of strangers comes; itself it is refused."""
    return float(np.sort(strangers)[int(np.floor(fpir * len(strangers)))])


def _missed(own: Matrix, others: Matrix, threshold: float) -> int:
    return int(((own >= threshold) | (others <= own)).sum())


def _open_set_rows(field: Field, group: str, members: NDArray[np.bool_]) -> list[Row]:
    rows = []
    probes = members & ~field.in_gallery
    total = int(probes.sum())
    for fpir in FPIRS:
        missed = {}
        for contender in CONTENDERS:
            own, others = _own_and_others(field, contender, probes)
            missed[contender] = _missed(own, others, _threshold(others, fpir))
        allowed = int(np.floor(fpir * total))
        for contender in CONTENDERS:
            is_ours = contender == "ours"
            at_most = 4.0 if is_ours and group == "east_asian" and fpir == 0.01 else None
            rows.append(
                Row(
                    f"{group}: FNIR at FPIR {fpir:.1%}, one frame, {contender}",
                    100 * missed[contender] / total,
                    "%",
                    100 * missed["sface"] / total if is_ours else None,
                    at_most=at_most,
                    note=f"{_of(missed[contender], total)}; {allowed} of {total} strangers named"
                    + ("; peer: plain sface" if is_ours else ""),
                )
            )
        if group == "other" and fpir == 0.01 and missed["sface"]:
            ratio = missed["ours"] / missed["sface"]
            rows.append(Row("other: our misses over plain SFace's, FPIR 1.0%", ratio, "times", at_most=0.7))
    return rows


def _more_strangers(field: Field, group: str, members: NDArray[np.bool_]) -> list[Row]:
    """The same with every photograph as a stranger, also those of the gallery: more of them, so a surer threshold."""
    rows = []
    probes = members & ~field.in_gallery
    for contender in ("sface", "ours"):
        own, others = _own_and_others(field, contender, probes)
        _, strangers = _own_and_others(field, contender, members)
        missed = _missed(own, others, _threshold(strangers, 0.01))
        rows.append(
            Row(
                f"{group}: the same with every photograph as a stranger, FPIR 1.0%, {contender}",
                100 * missed / int(probes.sum()),
                "%",
                note=f"{_of(missed, int(probes.sum()))}; {len(strangers)} strangers",
            )
        )
    return rows


def _rank_rows(field: Field, group: str, members: NDArray[np.bool_]) -> list[Row]:
    rows = []
    probes = members & ~field.in_gallery
    for contender in CONTENDERS:
        own, others = _own_and_others(field, contender, probes)
        first = int((own < others).sum())
        note = f"{first} of {int(probes.sum())}, {len(field.people)} enrolled"
        rows.append(Row(f"{group}: rank 1, {contender}", 100 * first / int(probes.sum()), "%", note=note))
    return rows


def _pair_rows(field: Field, group: str, members: NDArray[np.bool_], point: OperatingPointSettings) -> list[Row]:
    """FMR and FNMR of single pairs at what each contender ships; people of one group among each other."""
    rows = []
    group_of_person = {str(one): str(of) for one, of in zip(field.identities, field.groups, strict=True)}
    columns = [group in ("overall", group_of_person[person]) for person in field.people]
    probes = members & ~field.in_gallery
    own_column = field.identities[probes][:, None] == np.array(field.people)[None]
    for contender in CONTENDERS:
        threshold = SHIPPED_BY_PEERS.get(contender, point.accept_distance)
        within = field.distances[contender][probes] <= threshold
        impostors = ~own_column & np.array(columns)[None]
        false_matches, pairs = int((within & impostors).sum()), int(impostors.sum())
        non_matches, mated = int((~within & own_column).sum()), int(own_column.sum())
        at = f"at its shipped threshold {threshold:.3g}"
        note = f"{false_matches} of {pairs:,} pairs"
        rows.append(Row(f"{group}: FMR, {contender}, {at}", 100 * false_matches / pairs, "%", note=note))
        note = _of(non_matches, mated)
        rows.append(Row(f"{group}: FNMR, {contender}, {at}", 100 * non_matches / mated, "%", note=note))
    return rows


def _enrollment_rows(encoded: Sequence[Encoded], group: str) -> list[Row]:
    those = [one for one in encoded if group in ("overall", one.photograph.group)]
    no_face = sum(one.probe is None for one in those)
    refused = [one for one in those if one.refusals]
    reasons = Counter(code for one in refused for code in one.refusals)
    told = ", ".join(f"{code} {count}" for code, count in reasons.most_common())
    return [
        Row(
            f"{group}: failures to enrol, no face found", 100 * no_face / len(those), "%", note=_of(no_face, len(those))
        ),
        Row(
            f"{group}: failures to enrol, refused by our quality checks",
            100 * len(refused) / len(those),
            "%",
            note=f"{_of(len(refused), len(those))}; {told}",
        ),
    ]


def _votes_rows(encoded: Sequence[Encoded]) -> list[Row]:
    """Three photographs enrolled, three others voting: their mean distance, as the decision takes it."""
    of_person: dict[str, list[Encoded]] = {}
    for one in encoded:
        if one.probe is not None:
            of_person.setdefault(one.photograph.identity, []).append(one)
    many = [person for person, own in of_person.items() if len(own) >= MANY]
    if not many:
        return []
    blocks = {
        person: np.concatenate(
            [one.views for one in own[: ENROLLED_OF_MANY if person in many else 1] if one.views is not None]
        )
        for person, own in of_person.items()
        if own[0].views is not None
    }
    people = list(blocks)

    def mean_distances(frames: Sequence[Encoded]) -> Matrix:
        probes = _stacked([one.probe for one in frames])
        each = [[float((1 - block @ probe).min()) for block in blocks.values()] for probe in probes]
        return np.asarray(np.mean(each, axis=0), dtype=np.float32)

    strangers = []
    for person, own in of_person.items():
        for first in range(0, max(1, len(own) - 2), 3):
            distances = mean_distances(own[first : first + 3])
            strangers.append(float(distances[[one != person for one in people]].min()))
    threshold = _threshold(np.array(strangers, dtype=np.float32), 0.001)
    missed = 0
    for person in many:
        distances = mean_distances(of_person[person][ENROLLED_OF_MANY:MANY])
        at = people.index(person)
        others = np.delete(distances, at)
        missed += int(distances[at] >= threshold or others.min() <= distances[at])
    note = f"{_of(missed, len(many))} people; 0 of {len(strangers)} strangers named"
    return [
        Row(
            "people with six photographs: FNIR at FPIR 0.1%, three enrolled, three voted, ours",
            100 * missed / len(many),
            "%",
            at_most=0.5,
            note=note,
        )
    ]


def _of(count: int, total: int) -> str:
    lower, upper = clopper_pearson(count, total)
    return f"{count} of {total}, 95 %: {100 * lower:.1f}-{100 * upper:.1f} %"


def _stacked(vectors: Sequence[NDArray[np.float32] | None]) -> Matrix:
    return np.stack([vector for vector in vectors if vector is not None])
