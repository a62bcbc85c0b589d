"""One frame in, one observation for each followed face out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.aliveness import LifeSigns
from kiosk.camera.frames import Frame
from kiosk.deciding import Observation
from kiosk.life_signs import LifeWatch
from kiosk.roster import Roster
from kiosk.tracking import Track, Tracks, follow
from models.faces.covering import lower_face_covered
from models.faces.engine import FaceEngine
from models.faces.quality import align, sharpness
from models.faces.values import Encoding, Face, Match

_UNHURRIED_FRAMES: Final = 3


@dataclass(frozen=True, slots=True)
class Sight:
    """What one frame showed.

    Attributes:
        tracks: all faces that are followed.
        observations: of the faces in this frame that are not settled yet, by track.
        probes: encodings of those that were compared in this frame, by track.
    """

    tracks: Tracks
    observations: dict[int, Observation]
    probes: dict[int, Encoding]


class Seer:
    """Detects, follows, judges, encodes and matches.

    Args:
        engine: used by one thread only.
        min_eye_distance_px, min_sharpness: faces below are not encoded, they could not be counted.
        forget_after_seconds: a face unseen for longer has left.
        max_lower_face_covered: signs of something over mouth and nose beyond this make the limit tighter.
        life: watches for signs of life; None where the policy asks for none.
        faces_a_frame: so many faces are encoded in one frame, in turns: a hall full of people must not slow the
            picture down for the one who is nearest.
    """

    def __init__(
        self,
        engine: FaceEngine,
        min_eye_distance_px: float,
        min_sharpness: float,
        forget_after_seconds: float,
        faces_a_frame: int,
        max_lower_face_covered: float,
        life: LifeWatch | None = None,
    ) -> None:
        self._engine = engine
        self._min_eye_distance_px = min_eye_distance_px
        self._min_sharpness = min_sharpness
        self._forget_after_seconds = forget_after_seconds
        self._faces_a_frame = faces_a_frame
        self._max_lower_face_covered = max_lower_face_covered
        self._life = life
        self._compared_in: dict[int, int] = {}

    def look(
        self,
        frame: Frame,
        tracks: Tracks,
        settled: Collection[int],
        unknown: Collection[int],
        agreed: Collection[int],
        roster: Roster,
    ) -> Sight:
        """Take in one frame.

        Args:
            frame: the picture.
            tracks: faces followed so far.
            settled: tracks that need no more comparing.
            unknown: tracks that resembled nobody so far; they are compared in every third frame only.
            agreed: tracks whose frames all agree on one person, who has yet to show life; compared as seldom.
            roster: whom to match against.

        Raises:
            CourtclockError: ``gallery.model_mismatch``.
        """
        faces = self._engine.detect(frame.image_bgr)
        tracks = follow(tracks, faces, frame.captured_host_seconds, self._forget_after_seconds)
        here = [
            track
            for track in tracks.active
            if track.last_seen_seconds == frame.captured_host_seconds and track.track_id not in settled
        ]
        sharpness_of = {
            track.track_id: sharpness(frame.image_bgr, track.face) if self._is_near(track.face) else 0.0
            for track in here
        }
        good = [track for track in here if self._is_near(track.face) and self._is_sharp(sharpness_of[track.track_id])]
        chosen = self._whose_turn(
            good, {*unknown, *agreed}, frame.sequence, {track.track_id for track in tracks.active}
        )
        probes = {track.track_id: self._engine.encode(frame.image_bgr, track.face) for track in chosen}
        matches = dict(zip(probes, roster.gallery.match_each(list(probes.values())), strict=True))
        if self._life is not None:
            self._life.forget_all_but({track.track_id for track in tracks.active} - set(settled))
        observations = {
            track.track_id: self._observation(
                frame,
                track,
                sharpness_of[track.track_id],
                matches.get(track.track_id),
                track.track_id in probes,
                watched=track.track_id not in unknown,
            )
            for track in here
        }
        return Sight(tracks, observations, probes)

    def _is_near(self, face: Face) -> bool:
        return face.eye_distance_px >= self._min_eye_distance_px

    def _is_sharp(self, face_sharpness: float) -> bool:
        return face_sharpness >= self._min_sharpness

    def _whose_turn(
        self, good: Sequence[Track], unhurried: Collection[int], sequence: int, active: Collection[int]
    ) -> list[Track]:
        """The faces that were not compared for longest, those nearest to the camera first among equals."""
        self._compared_in = {track_id: last for track_id, last in self._compared_in.items() if track_id in active}
        due = [
            track
            for track in good
            if track.track_id not in unhurried
            or sequence - self._compared_in.get(track.track_id, -_UNHURRIED_FRAMES) >= _UNHURRIED_FRAMES
        ]
        waiting = sorted(due, key=lambda track: (self._compared_in.get(track.track_id, -1), -track.face.area_px))
        chosen = waiting[: self._faces_a_frame]
        for track in chosen:
            self._compared_in[track.track_id] = sequence
        return chosen

    def _observation(
        self,
        frame: Frame,
        track: Track,
        face_sharpness: float,
        match: Match | None,
        compared: bool,
        watched: bool,
    ) -> Observation:
        face = track.face
        life = LifeSigns()
        if self._life is not None and watched and self._is_near(face):
            life = self._life.look(track.track_id, frame.image_bgr, face, frame.captured_host_seconds)
        centre = face.landmarks_xy.mean(axis=0)
        return Observation(
            at_seconds=frame.captured_host_seconds,
            captured_at=frame.captured_at,
            eye_distance_px=face.eye_distance_px,
            sharpness=face_sharpness,
            centre_xy=(float(centre[0]), float(centre[1])),
            match=match,
            compared=compared,
            covered=compared and lower_face_covered(align(frame.image_bgr, face)) > self._max_lower_face_covered,
            life=life,
        )
