"""Which face of this picture is which face of the last one. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.faces.values import Face, Float32

_LEAST_OVERLAP = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One face followed over pictures.

    Attributes:
        track_id: never used twice while the kiosk runs.
        face: as last seen.
        last_seen_seconds: host seconds of that picture.
    """

    track_id: int
    face: Face
    last_seen_seconds: float


@dataclass(frozen=True, slots=True)
class Tracks:
    """All faces that are followed, and the next free number."""

    active: tuple[Track, ...] = ()
    next_id: int = 1


def overlap(a_xyxy: Float32, b_xyxy: Float32) -> float:
    """Intersection over union of two boxes (float32 (4,)), 0 to 1."""
    width = min(a_xyxy[2], b_xyxy[2]) - max(a_xyxy[0], b_xyxy[0])
    height = min(a_xyxy[3], b_xyxy[3]) - max(a_xyxy[1], b_xyxy[1])
    if width <= 0 or height <= 0:
        return 0.0
    intersection = float(width * height)
    a_area = float((a_xyxy[2] - a_xyxy[0]) * (a_xyxy[3] - a_xyxy[1]))
    b_area = float((b_xyxy[2] - b_xyxy[0]) * (b_xyxy[3] - b_xyxy[1]))
    return intersection / (a_area + b_area - intersection)


def follow(tracks: Tracks, faces: Sequence[Face], at_seconds: float, forget_after_seconds: float) -> Tracks:
    """Give each face to the track that it overlaps most, or to a new one.

    A face that overlaps two tracks goes to the nearer; a track without a face waits until it is
    forgotten, so one missed picture does not make a new person.

    Args:
        tracks: as of the last picture.
        faces: of this picture.
        at_seconds: host seconds of this picture.
        forget_after_seconds: a face unseen for longer has left.
    """
    # Forgotten first: after a gap in the pictures, whoever stands in the same place is not taken for the one before.
    known = [track for track in tracks.active if at_seconds - track.last_seen_seconds <= forget_after_seconds]
    pairs = sorted(
        (
            (overlap(track.face.box_xyxy, face.box_xyxy), track_index, face_index)
            for track_index, track in enumerate(known)
            for face_index, face in enumerate(faces)
        ),
        reverse=True,
    )
    face_of_track: dict[int, int] = {}
    for share, track_index, face_index in pairs:
        if share < _LEAST_OVERLAP:
            break
        if track_index not in face_of_track and face_index not in face_of_track.values():
            face_of_track[track_index] = face_index
    followed = []
    for track_index, track in enumerate(known):
        if track_index in face_of_track:
            followed.append(Track(track.track_id, faces[face_of_track[track_index]], at_seconds))
        else:
            followed.append(track)
    new_faces = [face for index, face in enumerate(faces) if index not in face_of_track.values()]
    followed += [Track(tracks.next_id + index, face, at_seconds) for index, face in enumerate(new_faces)]
    return Tracks(tuple(followed), tracks.next_id + len(new_faces))
