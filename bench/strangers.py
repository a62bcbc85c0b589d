"""Somebody who is not enrolled stands before the shipped decision; and somebody who is, beside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import numpy as np

from bench.encodings import Encoded
from bench.report import Row
from kiosk.deciding import Observation, Policy, Record, TrackState, decide
from kiosk.thresholds import Thresholds, make_policy
from models.clock import SystemClock
from models.faces.gallery import Gallery
from models.faces.intervals import clopper_pearson
from models.faces.names import SFACE_MODEL
from models.faces.values import Encoding, Float32
from models.settings import Settings


def policy_without_liveness(settings: Settings, thresholds: Thresholds) -> Policy:
    """The shipped policy, but that a photograph may stand for a person."""
    liveness = settings.kiosk.liveness.model_copy(update={"mode": "off"})
    return make_policy(settings.kiosk.deciding, liveness, thresholds)


def measure_encounters(encoded: Sequence[Encoded], policy: Policy) -> list[Row]:
    """Each photograph shown for a moment: to a gallery without its person, and to one with it.

    Liveness is left out of account here: the face moves, and counts as alive. One photograph a person is enrolled.
    """
    found = [one for one in encoded if one.probe is not None]
    first: dict[str, Encoded] = {}
    for one in found:
        if one.views is not None:
            first.setdefault(one.photograph.identity, one)
    ids = {person: UUID(int=number + 1) for number, person in enumerate(first)}
    block = [
        (ids[person], [Encoding(SFACE_MODEL, view) for view in one.views])
        for person, one in first.items()
        if one.views is not None
    ]
    everybody = Gallery(SFACE_MODEL, "cosine", block)
    named, accepted_people, strangers = 0, set(), 0
    right, wrong, mated = 0, 0, 0
    for one in found:
        person = one.photograph.identity
        others = Gallery(SFACE_MODEL, "cosine", [entry for entry in block if entry[0] != ids.get(person)])
        strangers += 1
        if _recorded(others, one.frames.probes, one.frames.sharpness, policy) is not None:
            named += 1
            accepted_people.add(person)
        if first.get(person) is not one and person in first:
            mated += 1
            who = _recorded(everybody, one.frames.probes, one.frames.sharpness, policy)
            right += who == ids[person]
            wrong += who is not None and who != ids[person]
    people = len({one.photograph.identity for one in found})
    upper = clopper_pearson(named, strangers)[1]
    upper_people = clopper_pearson(len(accepted_people), people)[1]
    return [
        Row(
            "a stranger before the shipped decision, accepted per encounter",
            1000 * named / strangers,
            "of 1,000",
            at_most=1.0,
            note=f"{named} of {strangers} encounters of {people} people, {len(first)} enrolled; upper 95 % bound "
            f"{1000 * upper:.1f} of 1,000 encounters, {1000 * upper_people:.1f} of 1,000 people",
        ),
        Row(
            "a colleague before the shipped decision, recorded as somebody else",
            1000 * wrong / mated,
            "of 1,000",
            at_most=1.0,
            note=f"{wrong} of {mated} encounters; upper 95 % bound {1000 * clopper_pearson(wrong, mated)[1]:.1f}",
        ),
        Row(
            "a colleague before the shipped decision, recorded by face",
            100 * right / mated,
            "%",
            note=f"{right} of {mated}, enrolled with one press photograph; the others are asked for the PIN",
        ),
    ]


def _recorded(gallery: Gallery, probes: Sequence[Float32], sharpness: Sequence[float], policy: Policy) -> UUID | None:
    state = TrackState()
    now = SystemClock().now()
    for number, (probe, sharp) in enumerate(zip(probes, sharpness, strict=True)):
        seen = Observation(
            at_seconds=number / 15,
            captured_at=now + timedelta(seconds=number / 15),
            eye_distance_px=60.0,
            sharpness=sharp,
            centre_xy=(300.0 + 10 * (number % 2), 240.0),
            match=gallery.match(Encoding(SFACE_MODEL, np.asarray(probe))),
        )
        state, decision = decide(state, seen, policy)
        if isinstance(decision, Record):
            return decision.person_id
    return None
