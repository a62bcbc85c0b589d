"""The thresholds in force at this kiosk: the server's, computed for this gallery, or else those of config.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kiosk.aliveness import LivenessPolicy
from kiosk.deciding import Policy
from kiosk.roster import Roster
from models.faces.challenge import ShippedChallengeLimits
from models.settings import DecidingSettings, LivenessSettings, OperatingPointSettings


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Distances that decide about faces.

    Attributes:
        version: the server's number of the operating point; None for the figures of config.yaml.
        accept_distance, margin: as in ``kiosk.deciding.Policy``.
        one_to_one_distance: largest distance to the person whose PIN was typed.
        covered_accept_distance: while the lower face is covered.
        own_accept_distance: of people whom somebody else resembles.
        pin_people: a face alone never decides for them.
    """

    version: int | None
    accept_distance: float
    margin: float
    one_to_one_distance: float
    covered_accept_distance: float
    own_accept_distance: dict[UUID, float]
    pin_people: frozenset[UUID]


def thresholds_in_force(roster: Roster, shipped: OperatingPointSettings) -> Thresholds:
    """What holds with this gallery.

    Args:
        roster: as the server sent it, perhaps with the operating point that it computed for it.
        shipped: the careful figures of config.yaml, for as long as it has sent none.
    """
    point = roster.operating_point
    return Thresholds(
        version=None if point is None else point.version,
        accept_distance=(point or shipped).accept_distance,
        margin=(point or shipped).margin,
        one_to_one_distance=(point or shipped).one_to_one_distance,
        covered_accept_distance=(point or shipped).covered_accept_distance,
        own_accept_distance={
            person_id: entry.accept_distance
            for person_id, entry in roster.people.items()
            if entry.accept_distance is not None
        },
        pin_people=frozenset(person_id for person_id, entry in roster.people.items() if entry.ask_pin),
    )


def make_policy(deciding: DecidingSettings, liveness: LivenessSettings, thresholds: Thresholds) -> Policy:
    """The decision's policy."""
    return Policy(
        votes=deciding.votes,
        of_frames=deciding.of_frames,
        accept_distance=thresholds.accept_distance,
        grey_zone=deciding.grey_zone,
        covered_accept_distance=thresholds.covered_accept_distance,
        own_accept_distance=thresholds.own_accept_distance,
        pin_people=thresholds.pin_people,
        margin=thresholds.margin,
        min_eye_distance_px=deciding.min_eye_distance_px,
        min_sharpness=deciding.min_sharpness,
        min_motion_share=deciding.min_motion_share,
        ask_pin_after_seconds=deciding.ask_pin_after_seconds,
        liveness=LivenessPolicy(
            liveness.mode,
            liveness.challenge_when_undecided,
            liveness.undecided_after_seconds,
            ShippedChallengeLimits(),
        ),
    )
