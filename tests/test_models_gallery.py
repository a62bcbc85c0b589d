"""Matching a probe with the gallery gives what comparing it with everybody, one by one, would give."""

from __future__ import annotations

import threading
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.errors import CourtclockError
from models.faces.gallery import Gallery
from models.faces.values import Encoding, Metric, ModelId

MODEL = ModelId("scripted-1")
OTHER_MODEL = ModelId("scripted-2")
EMPLOYEE, DIVISION_HEAD, HR = UUID(int=1), UUID(int=2), UUID(int=3)
METRICS: tuple[Metric, ...] = ("cosine", "euclidean")

Vector = NDArray[np.float64]
Roll = list[tuple[UUID, list[Encoding]]]


def encoding(*values: float, model_id: ModelId = MODEL) -> Encoding:
    return Encoding(model_id, np.array(values, dtype=np.float32))


AHEAD, ASIDE, BACK = encoding(1, 0), encoding(0, 1), encoding(-1, 0)


def distance(metric: Metric, one: Encoding, other: Encoding) -> float:
    a, b = one.vector.astype(np.float64), other.vector.astype(np.float64)
    return float(1 - a @ b) if metric == "cosine" else float(np.linalg.norm(a - b))


def one_by_one(metric: Metric, people: Roll, probe: Encoding) -> list[tuple[float, UUID]]:
    """Everybody's best distance, nearest first."""
    return sorted(
        (min(distance(metric, template, probe) for template in templates), person_id)
        for person_id, templates in people
        if templates
    )


@st.composite
def rolls_and_probes(draw: st.DrawFn, metric: Metric) -> tuple[Roll, Encoding]:
    """A gallery of up to eight people with up to three templates each, and somebody at the door."""
    dimensions = draw(st.integers(2, 6))

    def vector() -> Encoding:
        # Few values, so that equal templates and equal distances do occur.
        values = np.array(draw(st.lists(st.integers(-2, 2), min_size=dimensions, max_size=dimensions)), dtype=float)
        values[0] += 0.5
        return Encoding(MODEL, values / np.linalg.norm(values) if metric == "cosine" else values)

    people = [
        (UUID(int=number), [vector() for _ in range(draw(st.integers(0, 3)))])
        for number in range(draw(st.integers(0, 8)))
    ]
    return people, vector()


@pytest.mark.parametrize("metric", METRICS)
@given(data=st.data())
def test_the_match_is_what_comparing_one_by_one_finds(metric: Metric, data: st.DataObject) -> None:
    people, probe = data.draw(rolls_and_probes(metric))
    expected = one_by_one(metric, people, probe)
    match = Gallery(MODEL, metric, people).match(probe)
    if match is None:
        assert expected == []
        return
    best = {person_id: found for found, person_id in expected}
    assert match.model_id == MODEL
    assert match.distance == pytest.approx(expected[0][0], abs=2e-3)
    assert best[match.person_id] == pytest.approx(expected[0][0], abs=1e-6)
    if len(expected) == 1:
        assert (match.other_person_id, match.other_distance) == (None, None)
        return
    assert match.other_distance == pytest.approx(expected[1][0], abs=2e-3)
    assert match.other_person_id is not None
    assert match.other_person_id != match.person_id
    assert best[match.other_person_id] == pytest.approx(expected[1][0], abs=1e-6)
    assert match.margin >= 0


@pytest.mark.parametrize("metric", METRICS)
@given(data=st.data())
def test_distances_stand_in_the_order_of_the_people(metric: Metric, data: st.DataObject) -> None:
    people, probe = data.draw(rolls_and_probes(metric))
    gallery = Gallery(MODEL, metric, people)
    found = gallery.distances(probe)
    expected = {person_id: best for best, person_id in one_by_one(metric, people, probe)}
    assert found.dtype == np.float32
    assert found.shape == (len(gallery),) == (len(expected),)
    assert list(gallery.person_ids) == [person_id for person_id, templates in people if templates]
    assert found.tolist() == pytest.approx([expected[one] for one in gallery.person_ids], abs=2e-3)


def test_an_empty_gallery_matches_nobody() -> None:
    gallery = Gallery(MODEL, "cosine", [])
    assert len(gallery) == 0
    assert gallery.match(AHEAD) is None
    assert gallery.distances(AHEAD).shape == (0,)


def test_a_person_without_templates_cannot_be_matched() -> None:
    gallery = Gallery(MODEL, "cosine", [(HR, []), (EMPLOYEE, [ASIDE]), (DIVISION_HEAD, [])])
    assert gallery.person_ids == (EMPLOYEE,)
    match = gallery.match(AHEAD)
    assert match is not None
    assert (match.person_id, match.other_person_id) == (EMPLOYEE, None)


def test_alone_in_a_gallery_nobody_else_comes_near() -> None:
    match = Gallery(MODEL, "cosine", [(EMPLOYEE, [AHEAD])]).match(AHEAD)
    assert match is not None
    assert (match.person_id, match.distance, match.other_distance, match.margin) == (EMPLOYEE, 0.0, None, float("inf"))


def test_of_two_people_the_nearer_is_matched_whichever_stands_first() -> None:
    for people in ([(EMPLOYEE, [AHEAD]), (HR, [BACK])], [(HR, [BACK]), (EMPLOYEE, [AHEAD])]):
        match = Gallery(MODEL, "cosine", people).match(AHEAD)
        assert match is not None
        assert (match.person_id, match.other_person_id) == (EMPLOYEE, HR)
        assert (match.distance, match.other_distance, match.margin) == (0.0, 2.0, 2.0)


def test_the_nearest_other_is_another_person_and_not_another_template() -> None:
    nearly = encoding(0.8, 0.6)
    match = Gallery(MODEL, "cosine", [(EMPLOYEE, [AHEAD, nearly, AHEAD]), (HR, [ASIDE])]).match(AHEAD)
    assert match is not None
    assert (match.person_id, match.other_person_id, match.other_distance) == (EMPLOYEE, HR, 1.0)


@pytest.mark.parametrize("metric", METRICS)
def test_two_who_are_equally_near_are_both_named_with_no_margin(metric: Metric) -> None:
    people = [(HR, [BACK]), (EMPLOYEE, [ASIDE]), (DIVISION_HEAD, [ASIDE])]
    match = Gallery(MODEL, metric, people).match(ASIDE)
    assert match is not None
    assert {match.person_id, match.other_person_id} == {EMPLOYEE, DIVISION_HEAD}
    assert match.margin == 0.0


def test_euclidean_distance_of_the_same_vector_is_nothing_and_never_nan() -> None:
    chance = np.random.default_rng(3)
    for _ in range(100):
        probe = Encoding(MODEL, chance.normal(0, 0.1, 128).astype(np.float32))
        match = Gallery(MODEL, "euclidean", [(EMPLOYEE, [probe])]).match(probe)
        assert match is not None
        assert 0 <= match.distance < 2e-3


def test_a_template_of_another_model_is_refused() -> None:
    stray = encoding(1, 0, model_id=OTHER_MODEL)
    with pytest.raises(CourtclockError) as caught:
        Gallery(MODEL, "cosine", [(EMPLOYEE, [AHEAD]), (HR, [AHEAD, stray])])
    assert caught.value.code == "gallery.model_mismatch"
    assert caught.value.details == {"found": OTHER_MODEL, "expected": MODEL}


@pytest.mark.parametrize("people", [[], [(EMPLOYEE, [AHEAD])]])
def test_a_probe_of_another_model_is_refused_even_by_an_empty_gallery(people: Roll) -> None:
    with pytest.raises(CourtclockError) as caught:
        Gallery(MODEL, "cosine", people).match(encoding(1, 0, model_id=OTHER_MODEL))
    assert caught.value.code == "gallery.model_mismatch"


def test_a_person_cannot_stand_in_it_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        Gallery(MODEL, "cosine", [(EMPLOYEE, [AHEAD]), (HR, [BACK]), (EMPLOYEE, [ASIDE])])


def test_vectors_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        Gallery(MODEL, "cosine", [(EMPLOYEE, [AHEAD]), (HR, [encoding(1, 0, 0)])])
    with pytest.raises(ValueError, match="mismatch"):
        Gallery(MODEL, "cosine", [(EMPLOYEE, [AHEAD])]).match(encoding(1, 0, 0))


def test_templates_are_one_block_of_memory_that_nobody_can_write_to() -> None:
    gallery = Gallery(MODEL, "cosine", [(EMPLOYEE, [AHEAD, ASIDE]), (HR, [BACK])], version=12)
    assert gallery.version == 12
    assert gallery.templates.shape == (3, 2)
    assert gallery.templates.dtype == np.float32
    assert gallery.templates.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        gallery.templates[0, 0] = 7


@pytest.mark.parametrize("metric", METRICS)
@given(data=st.data())
def test_all_faces_of_a_frame_at_once_are_matched_as_one_by_one(metric: Metric, data: st.DataObject) -> None:
    people, first = data.draw(rolls_and_probes(metric))
    chance = np.random.default_rng(data.draw(st.integers(0, 99)))
    others = chance.normal(size=(data.draw(st.integers(0, 4)), first.vector.size))
    if metric == "cosine":
        others /= np.linalg.norm(others, axis=1, keepdims=True)
    probes = [first, *(Encoding(MODEL, one) for one in others)]
    gallery = Gallery(MODEL, metric, people)
    together = gallery.match_each(probes)
    for found, alone in zip(together, [gallery.match(probe) for probe in probes], strict=True):
        if found is None or alone is None:
            assert found is alone
            continue
        # Several products at once may round another way than one; who is nearest may change only within that.
        assert found.distance == pytest.approx(alone.distance, abs=1e-5)
        assert found.other_distance == (
            None if alone.other_distance is None else pytest.approx(alone.other_distance, abs=1e-5)
        )


def test_nobody_in_the_frame_is_nothing_to_match() -> None:
    assert Gallery(MODEL, "cosine", [(EMPLOYEE, [AHEAD])]).match_each([]) == []


def test_memory_for_products_is_kept_from_frame_to_frame() -> None:
    gallery = Gallery(MODEL, "cosine", [(EMPLOYEE, [AHEAD]), (HR, [ASIDE])])
    gallery.match_each([AHEAD, ASIDE, BACK])
    kept = gallery._nearness
    for probes in ([AHEAD], [ASIDE, BACK], [BACK, AHEAD, ASIDE]):
        gallery.match_each(probes)
        assert gallery._nearness is kept


def test_several_threads_at_once_get_the_answers_of_one() -> None:
    chance = np.random.default_rng(5)
    vectors = chance.normal(size=(400, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    gallery = Gallery(MODEL, "cosine", [(UUID(int=row), [Encoding(MODEL, one)]) for row, one in enumerate(vectors)])
    wrong: list[int] = []

    def ask(first: int) -> None:
        for row in range(first, 400, 4):
            match = gallery.match(Encoding(MODEL, vectors[row]))
            if match is None or match.person_id != UUID(int=row):
                wrong.append(row)

    threads = [threading.Thread(target=ask, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("metric", METRICS)
def test_one_to_one_is_the_distance_to_the_persons_nearest_template(metric: Metric) -> None:
    gallery = Gallery(MODEL, metric, [(EMPLOYEE, [BACK, ASIDE]), (HR, [AHEAD])])
    expected = min(distance(metric, ASIDE, AHEAD), distance(metric, BACK, AHEAD))
    assert gallery.distance_to(EMPLOYEE, AHEAD) == pytest.approx(expected)
    assert gallery.distance_to(HR, AHEAD) == pytest.approx(0.0)
    assert gallery.distance_to(DIVISION_HEAD, AHEAD) is None


def test_one_to_one_with_another_model_is_refused() -> None:
    with pytest.raises(CourtclockError, match=r"gallery\.model_mismatch"):
        Gallery(MODEL, "cosine", [(EMPLOYEE, [AHEAD])]).distance_to(EMPLOYEE, encoding(1, 0, model_id=OTHER_MODEL))
