"""One person's photographs must agree with each other and look like nobody else."""

from __future__ import annotations

from itertools import permutations
from uuid import UUID

import numpy as np
import pytest

from enrollment.comparing import distances_between, find_disagreements
from enrollment.judging import judge
from enrollment.looking import Candidate
from enrollment.ports import StoredTemplate
from models.faces.values import Encoding, Metric, ModelId
from tests.enrollment_cast import MODEL, POINT, Vector, like, somebody

LI, WANG, SUN, ZHOU = (somebody(number) for number in range(4))
LI_TODAY, LI_SMILING, LI_YOUNG = (like(LI, 0.1, way) for way in range(3))


def encoding(vector: Vector) -> Encoding:
    return Encoding(MODEL, vector.astype(np.float32))


def disagreeing(new: list[Vector], enrolled: list[Vector] | None = None) -> set[int]:
    found = find_disagreements(
        MODEL, "cosine", [encoding(one) for one in new], [encoding(one) for one in enrolled or []], 0.6
    )
    return set(found)


@pytest.mark.parametrize(
    ("new", "enrolled", "refused"),
    [
        # one photograph alone contradicts nobody
        ([LI], [], set()),
        ([], [LI], set()),
        ([LI, LI_TODAY, LI_SMILING], [], set()),
        # a stranger among several is refused alone
        ([LI, LI_TODAY, WANG], [], {2}),
        ([LI, WANG, LI_TODAY, SUN, LI_SMILING], [], {1, 3}),
        # two that contradict each other: nothing tells whose they are
        ([LI, WANG], [], {0, 1}),
        ([LI, LI_TODAY, WANG, like(WANG, 0.1, 7)], [], {0, 1, 2, 3}),
        ([LI, WANG, SUN], [], {0, 1, 2}),
        # what is enrolled was agreed on before
        ([WANG], [LI], {0}),
        ([WANG, like(WANG, 0.1, 7), like(WANG, 0.1, 8)], [LI], {0, 1, 2}),
        ([LI_TODAY, WANG], [LI], {1}),
        ([LI_TODAY], [LI, LI_SMILING, LI_YOUNG], set()),
    ],
)
def test_who_disagrees(new: list[Vector], enrolled: list[Vector], refused: set[int]) -> None:
    assert disagreeing(new, enrolled) == refused


def test_the_order_of_the_photographs_does_not_matter() -> None:
    photos = [LI, LI_TODAY, LI_SMILING, WANG]
    for order in permutations(range(4)):
        refused = disagreeing([photos[index] for index in order])
        assert {order[index] for index in refused} == {3}


def test_photographs_up_to_the_limit_agree() -> None:
    assert find_disagreements(MODEL, "cosine", [encoding(LI), encoding(like(LI, 0.5, 1))], [], 0.5001) == {}
    assert set(find_disagreements(MODEL, "cosine", [encoding(LI), encoding(like(LI, 0.5, 1))], [], 0.4999)) == {0, 1}


@pytest.mark.parametrize(("metric", "expected"), [("cosine", 1.0), ("euclidean", np.sqrt(2))])
def test_distances_are_those_of_the_model(metric: Metric, expected: float) -> None:
    distances = distances_between(ModelId("scripted-1"), metric, [encoding(LI), encoding(WANG)])
    np.testing.assert_allclose(distances, [[0, expected], [expected, 0]], atol=1e-6)


def candidates(*vectors: Vector) -> list[Candidate]:
    return [Candidate(f"{index}.jpg", f"{index:064x}", encoding(one)) for index, one in enumerate(vectors, start=1)]


def template(employee_no: str, vector: Vector) -> StoredTemplate:
    return StoredTemplate(UUID(int=int(employee_no)), employee_no, "f" * 64, encoding(vector))


def against(new: list[Candidate], own: list[StoredTemplate], others: list[StoredTemplate]) -> list[list[str]]:
    found = judge(new, own, others, model_id=MODEL, metric="cosine", point=POINT)
    return [[remark.code for remark in remarks] for remarks in found]


def test_nothing_speaks_against_good_photographs_of_somebody_new() -> None:
    assert against(candidates(LI, LI_TODAY), [], [template("9", WANG)]) == [[], []]
    assert against([], [], []) == []


def test_one_look_alike_refuses_all_photographs_of_the_person_and_names_the_other() -> None:
    new = candidates(like(LI, 0.3, 5), like(LI, 0.55, 5))
    found = judge(new, [], [template("9", WANG), template("17", LI)], model_id=MODEL, metric="cosine", point=POINT)
    assert [[remark.code for remark in remarks] for remarks in found] == [["looks_like_other"], ["beside_look_alike"]]
    assert "employee 17 (distance 0.30, less than 0.50)" in found[0][0].sentence("en")
    assert "1.jpg" in found[1][0].sentence("en")
    assert "employee 17" in found[1][0].sentence("en")


def test_a_strangers_photograph_that_looks_like_a_colleague_condemns_only_itself() -> None:
    new = candidates(LI, LI_TODAY, like(WANG, 0.1, 5))
    assert against(new, [], [template("9", WANG)]) == [[], [], ["disagrees", "looks_like_other"]]


def test_only_who_is_nearer_than_the_duplicate_distance_is_a_look_alike() -> None:
    assert against(candidates(like(WANG, 0.501, 5)), [], [template("9", WANG)]) == [[]]
    assert against(candidates(like(WANG, 0.499, 5)), [], [template("9", WANG)]) == [["looks_like_other"]]


def test_a_disagreement_names_the_other_file_or_says_enrolled() -> None:
    first, _ = judge(candidates(LI, WANG), [], [], model_id=MODEL, metric="cosine", point=POINT)
    assert "2.jpg (distance 1.00, at most 0.60)" in first[0].sentence("en")
    (alone,) = judge(candidates(WANG), [template("5", LI)], [], model_id=MODEL, metric="cosine", point=POINT)
    assert "photographs that this person is enrolled with" in alone[0].sentence("en")
