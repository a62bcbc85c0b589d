"""One frame in, one observation for each followed face out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kiosk.camera.frames import Frame
from kiosk.deciding import Observation
from kiosk.roster import Roster
from kiosk.tracking import Track, Tracks, follow
from models.faces.engine import FaceEngine
from models.faces.quality import sharpness


@dataclass(frozen=True, slots=True)
class Sight:
    """What one frame showed.

    Attributes:
        tracks: all faces that are followed.
        observations: of the faces in this frame that are not settled yet, by track.
    """

    tracks: Tracks
    observations: dict[int, Observation]


class Seer:
    """Detects, follows, judges, encodes and matches.

    Args:
        engine: used by one thread only.
        min_eye_distance_px, min_sharpness: faces below are not encoded, they could not be counted.
        forget_after_seconds: a face unseen for longer has left.
    """

    def __init__(
        self, engine: FaceEngine, min_eye_distance_px: float, min_sharpness: float, forget_after_seconds: float
    ) -> None:
        self._engine = engine
        self._min_eye_distance_px = min_eye_distance_px
        self._min_sharpness = min_sharpness
        self._forget_after_seconds = forget_after_seconds

    def look(self, frame: Frame, tracks: Tracks, settled: Collection[int], roster: Roster) -> Sight:
        """Take in one frame.

        Args:
            frame: the picture.
            tracks: faces followed so far.
            settled: tracks that need no more encoding.
            roster: whom to match against.

        Raises:
            CourtclockError: ``gallery.model_mismatch``.
        """
        faces = self._engine.detect(frame.image_bgr)
        tracks = follow(tracks, faces, frame.captured_host_seconds, self._forget_after_seconds)
        observations = {
            track.track_id: self._observe(frame, track, roster)
            for track in tracks.active
            if track.last_seen_seconds == frame.captured_host_seconds and track.track_id not in settled
        }
        return Sight(tracks, observations)

    def _observe(self, frame: Frame, track: Track, roster: Roster) -> Observation:
        face = track.face
        near = face.eye_distance_px >= self._min_eye_distance_px
        face_sharpness = sharpness(frame.image_bgr, face) if near else 0.0
        match = None
        if near and face_sharpness >= self._min_sharpness:
            match = roster.gallery.match(self._engine.encode(frame.image_bgr, face))
        centre = face.landmarks_xy.mean(axis=0)
        return Observation(
            at_seconds=frame.captured_host_seconds,
            captured_at=frame.captured_at,
            eye_distance_px=face.eye_distance_px,
            sharpness=face_sharpness,
            centre_xy=(float(centre[0]), float(centre[1])),
            match=match,
        )
