"""Which face of this picture is which face of the last one."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.tracking import Tracks, follow, overlap
from models.faces.values import Face
from tests.kiosk_fakes import face_at

FORGET_AFTER_SECONDS = 1.0


def walk(*pictures: list[Face], every_seconds: float = 0.1) -> list[Tracks]:
    """The tracks after each picture."""
    tracks, history = Tracks(), []
    for number, faces in enumerate(pictures):
        tracks = follow(tracks, faces, number * every_seconds, FORGET_AFTER_SECONDS)
        history.append(tracks)
    return history


def number_of(tracks: Tracks, face: Face) -> int:
    return next(track.track_id for track in tracks.active if track.face is face)


@pytest.mark.parametrize(
    ("other", "share"),
    [
        ((0, 0, 10, 10), 1.0),
        ((5, 0, 15, 10), 50 / 150),
        ((0, 0, 10, 5), 0.5),
        ((10, 0, 20, 10), 0.0),
        ((30, 30, 40, 40), 0.0),
    ],
)
def test_overlap_is_intersection_over_union(other: tuple[float, ...], share: float) -> None:
    box = np.array([0, 0, 10, 10], dtype=np.float32)

    assert overlap(box, np.array(other, dtype=np.float32)) == pytest.approx(share)


def test_somebody_who_stands_still_keeps_the_number() -> None:
    history = walk(*([face_at(100)] for _ in range(20)))

    assert {track.track_id for tracks in history for track in tracks.active} == {1}
    assert history[-1].next_id == 2


def test_two_people_side_by_side_keep_their_numbers_in_whatever_order_they_are_found() -> None:
    left, right = face_at(100), face_at(300)
    again_right, again_left = face_at(303), face_at(98)

    first, second = walk([left, right], [again_right, again_left])

    assert number_of(second, again_left) == number_of(first, left)
    assert number_of(second, again_right) == number_of(first, right)


def test_of_two_faces_near_one_known_face_the_nearer_keeps_the_number() -> None:
    nearer, other = face_at(104), face_at(130)

    for faces in ([nearer, other], [other, nearer]):
        _, second = walk([face_at(100)], faces)
        assert number_of(second, nearer) == 1
        assert number_of(second, other) == 2


def test_two_people_who_cross_keep_their_numbers() -> None:
    # One walks nearer to the camera than the other; in the middle both boxes lie over each other.
    near = [face_at(10.0 * step, top=40, eye_distance_px=60) for step in range(30)]
    far = [face_at(300 - 10.0 * step, top=60, eye_distance_px=40) for step in range(30)]

    history = walk(*([one, other] for one, other in zip(near, far, strict=True)))

    assert {number_of(tracks, face) for tracks, face in zip(history, near, strict=True)} == {1}
    assert {number_of(tracks, face) for tracks, face in zip(history, far, strict=True)} == {2}


def test_one_missed_picture_does_not_make_a_new_person() -> None:
    history = walk([face_at(100)], [], [face_at(102)])

    assert [[track.track_id for track in tracks.active] for tracks in history] == [[1], [1], [1]]
    assert history[1].active[0].last_seen_seconds == 0.0


def test_a_face_that_jumps_across_the_picture_is_somebody_else() -> None:
    history = walk([face_at(0)], [face_at(300)])

    assert number_of(history[1], history[1].active[-1].face) == 2


@pytest.mark.parametrize(("gap_pictures", "number"), [(10, 1), (11, 2)])
def test_somebody_unseen_for_longer_than_the_limit_has_left(gap_pictures: int, number: int) -> None:
    back = face_at(100)
    pictures = [[face_at(100)], *([] for _ in range(gap_pictures - 1)), [back]]

    last = walk(*pictures)[-1]

    assert number_of(last, back) == number
    assert len(last.active) == 1


def test_whoever_stands_there_after_the_camera_was_gone_is_somebody_new() -> None:
    # No picture came in between, so nobody was asked to forget: the next face must not inherit the number.
    before = follow(Tracks(), [face_at(100)], 0.0, FORGET_AFTER_SECONDS)

    after = follow(before, [face_at(100)], 26_880.0, FORGET_AFTER_SECONDS)

    assert [track.track_id for track in after.active] == [2]


def test_numbers_are_never_used_again() -> None:
    pictures: list[list[Face]] = []
    for visitor in range(5):
        pictures += [[face_at(100 + visitor)], *([] for _ in range(12))]
    pictures.append([face_at(0), face_at(200), face_at(400)])

    history = walk(*pictures)

    assert [track.track_id for track in history[-1].active] == [6, 7, 8]
    assert history[-1].next_id == 9
