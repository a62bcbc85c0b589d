"""Signs of life of every face that is followed, from its pictures. An error here is a sign of none."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

import cv2

from kiosk.aliveness import LifeSigns
from models.errors import CourtclockError
from models.faces.antispoof import Antispoof
from models.faces.challenge import ChallengeSample
from models.faces.head_pose import head_pose
from models.faces.liveness import (
    LivenessTrack,
    PassiveLimits,
    follow_face,
    judge_passive,
    parallax_at,
)
from models.faces.values import Face, ImageBGR

log = logging.getLogger(__name__)

_SCORES_KEPT: Final = 5


@dataclass(slots=True)
class _Watched:
    track: LivenessTrack = field(default_factory=LivenessTrack)
    scored_live: deque[bool] = field(default_factory=lambda: deque(maxlen=_SCORES_KEPT))


class LifeWatch:
    """Used by one thread.

    Args:
        limits: of the passive test.
        antispoof: the site's own network, or None.
    """

    def __init__(self, limits: PassiveLimits, antispoof: Antispoof | None) -> None:
        self._limits = limits
        self._antispoof = antispoof
        self._watched: dict[int, _Watched] = {}

    def forget_all_but(self, track_ids: Collection[int]) -> None:
        """Faces that have left, or are settled, take their pictures with them."""
        self._watched = {one: watched for one, watched in self._watched.items() if one in track_ids}

    def look(self, track_id: int, image_bgr: ImageBGR, face: Face, at_seconds: float) -> LifeSigns:
        """Take one frame of one face into account."""
        watched = self._watched.setdefault(track_id, _Watched())
        try:
            return self._look(watched, image_bgr, face, at_seconds)
        except (cv2.error, ValueError, ArithmeticError, CourtclockError) as error:
            log.warning("signs of life could not be told: %s", error)
            return LifeSigns("failed")

    def _look(self, watched: _Watched, image_bgr: ImageBGR, face: Face, at_seconds: float) -> LifeSigns:
        watched.track = follow_face(watched.track, image_bgr, face, at_seconds, self._limits)
        pose = head_pose(face.landmarks_xy)
        sample = None
        if pose is not None:
            sample = ChallengeSample(at_seconds, pose.turn, parallax_at(watched.track, at_seconds))
        verdict = judge_passive(watched.track.samples, self._limits).verdict
        if self._antispoof is not None:
            watched.scored_live.append(self._antispoof.is_live(image_bgr, face))
            live = sum(watched.scored_live)
            if verdict == "live" and 2 * live <= len(watched.scored_live):
                verdict = "undecided"
            if len(watched.scored_live) == _SCORES_KEPT and 2 * live < _SCORES_KEPT:
                verdict = "flat"
        return LifeSigns(verdict, sample)
