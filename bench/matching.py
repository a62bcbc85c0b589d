"""Matching at scale: ours, the bare product that nothing can beat, face_recognition's way, and faiss."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any
from uuid import UUID

import numpy as np

from bench.report import Row
from models.faces.gallery import Gallery
from models.faces.names import SFACE_MODEL
from models.faces.values import Encoding, Float32

SIZES = (1_000, 10_000, 100_000)
_DIMENSIONS = 128
_ROUNDS = 60
_PAUSE_SECONDS = 0.01


def measure_matching() -> list[Row]:
    """Milliseconds a probe at each size, all competitors in turns, and whether they name the same winner."""
    return [row for size in SIZES for row in _measure(size, bounded=size == SIZES[-1])]


def _measure(size: int, bounded: bool) -> list[Row]:
    import face_recognition
    import faiss

    chance = np.random.default_rng(20261123)
    vectors = chance.standard_normal((size, _DIMENSIONS)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    gallery = Gallery(
        SFACE_MODEL, "cosine", [(UUID(int=row), [Encoding(SFACE_MODEL, vectors[row])]) for row in range(size)]
    )
    index: Any = faiss.IndexFlatIP(_DIMENSIONS)
    index.add(vectors)
    # Probes near somebody, as a colleague's face is, so that there is a winner to agree on.
    probes = vectors[chance.integers(0, size, _ROUNDS)]
    probes = probes + chance.standard_normal(probes.shape).astype(np.float32) * 0.06
    probes /= np.linalg.norm(probes, axis=1, keepdims=True)
    listed = list(vectors)
    found = _in_turns(
        probes,
        {
            "ours": lambda probe: _ours(gallery, probe),
            "bare": lambda probe: gallery.templates @ probe,
            "face_distance": lambda probe: int(np.argmin(face_recognition.face_distance(listed, probe))),
            "faiss": lambda probe: int(index.search(probe[None, :], 2)[1][0, 0]),
        },
    )
    ms = {competitor: 1000 * median(seconds) for competitor, (seconds, _) in found.items()}
    winners = zip(found["ours"][1], found["face_distance"][1], found["faiss"][1], strict=True)
    agreed = sum(one == other == third for one, other, third in winners)
    name = f"match, N={size:,}"
    over_bare, over_ours = _ratio(found, "ours", "bare"), _ratio(found, "face_distance", "ours")
    return [
        Row(f"{name}: ours", ms["ours"], "ms", ms["face_distance"], note="peer: face_recognition.face_distance"),
        Row(f"{name}: bare gallery @ probe", ms["bare"], "ms"),
        Row(f"{name}: faiss IndexFlatIP, 2 nearest", ms["faiss"], "ms"),
        Row(f"{name}: ours over the bare product", over_bare, "times", at_most=1.25 if bounded else None),
        Row(f"{name}: face_distance over ours", over_ours, "times", at_least=5.0 if bounded else None),
        Row(f"{name}: same winner", agreed / _ROUNDS, "share", at_least=1.0),
        _three_faces(gallery, probes, ms["bare"], name),
    ]


def _ours(gallery: Gallery, probe: Float32) -> int:
    match = gallery.match(Encoding(SFACE_MODEL, probe))
    return -1 if match is None else match.person_id.int


def _three_faces(gallery: Gallery, probes: Float32, bare_ms: float, name: str) -> Row:
    """Three faces of one frame in one product."""
    seconds = []
    for first in range(0, _ROUNDS - 3, 3):
        time.sleep(_PAUSE_SECONDS)
        encodings = [Encoding(SFACE_MODEL, probe) for probe in probes[first : first + 3]]
        before = time.perf_counter()
        gallery.match_each(encodings)
        seconds.append(time.perf_counter() - before)
    return Row(f"{name}: ours, three faces at once", 1000 * median(seconds), "ms", 3 * bare_ms, note="peer: 3 bare")


def _in_turns(
    probes: Float32, competitors: dict[str, Callable[[Float32], Any]]
) -> dict[str, tuple[list[float], list[Any]]]:
    """Seconds and answers of each; every round asks all of them, in an order of its own.

    The threads of one library go on spinning for a while after its answer: without a pause they would be charged to
    whoever comes next.
    """
    seconds: dict[str, list[float]] = {name: [] for name in competitors}
    answers: dict[str, list[Any]] = {name: [] for name in competitors}
    for competitor in competitors.values():
        competitor(probes[0])
    chance = np.random.default_rng(7)
    order = list(competitors)
    for probe in probes:
        for place in chance.permutation(len(order)):
            name = order[place]
            time.sleep(_PAUSE_SECONDS)
            before = time.perf_counter()
            answer = competitors[name](probe)
            seconds[name].append(time.perf_counter() - before)
            answers[name].append(answer)
    return {name: (seconds[name], answers[name]) for name in competitors}


def _ratio(found: dict[str, tuple[list[float], list[Any]]], one: str, other: str) -> float:
    """Median over the rounds of how much longer the one took than the other in the same round."""
    return median(ours / theirs for ours, theirs in zip(found[one][0], found[other][0], strict=True))
