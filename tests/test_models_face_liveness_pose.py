"""Turn and nod tell where a head points, and a flat picture cannot change them by being moved."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.faces.head_pose import HeadPose, head_pose
from tests.heads_in_space import HEAD_LANDMARKS, flat, seen

ANGLES = some.floats(-40, 40)


def pose(landmarks: np.ndarray) -> HeadPose:
    found = head_pose(landmarks.astype(np.float32))
    assert found is not None
    return found


def test_a_frontal_face_has_its_nose_in_the_middle() -> None:
    frontal = pose(seen(HEAD_LANDMARKS))
    assert frontal.turn == pytest.approx(0.0, abs=1e-4)
    assert 0.4 < frontal.nod < 0.7


@given(
    entries=some.lists(some.floats(-3, 3), min_size=4, max_size=4),
    shift=some.tuples(some.floats(-300, 300), some.floats(-300, 300)),
    yaw=some.floats(-25, 25),
)
def test_no_affine_map_of_the_picture_changes_turn_or_nod(
    entries: list[float], shift: tuple[float, float], yaw: float
) -> None:
    affine = np.array(entries).reshape(2, 2)
    if np.linalg.cond(affine) > 4 or abs(np.linalg.det(affine)) < 0.1:
        return  # squeezed into a line, eyes and mouth span no area
    before = seen(HEAD_LANDMARKS, yaw=yaw).astype(np.float64)
    after = head_pose((before @ affine.T + shift).astype(np.float32))
    assert after is not None
    assert after.turn == pytest.approx(pose(before).turn, abs=2e-3)
    assert after.nod == pytest.approx(pose(before).nod, abs=2e-3)


@given(yaw=ANGLES, pitch=ANGLES, roll=ANGLES, far=some.floats(6, 30))
def test_a_print_that_is_tilted_hardly_changes_them(yaw: float, pitch: float, roll: float, far: float) -> None:
    """What perspective adds to the affine map, at arm's length from a camera and farther."""
    tilted = pose(seen(flat(HEAD_LANDMARKS), yaw, pitch, roll, far))
    held = pose(seen(flat(HEAD_LANDMARKS)))
    assert abs(tilted.turn - held.turn) < 0.05
    assert abs(tilted.nod - held.nod) < 0.06


@pytest.mark.parametrize(("yaw", "least"), [(10, 0.08), (20, 0.16), (30, 0.26)])
def test_a_head_that_turns_to_its_own_left_has_more_turn(yaw: float, least: float) -> None:
    assert pose(seen(HEAD_LANDMARKS, yaw=yaw)).turn > least
    assert pose(seen(HEAD_LANDMARKS, yaw=-yaw)).turn < -least


def test_a_head_that_is_lowered_has_more_nod() -> None:
    level = pose(seen(HEAD_LANDMARKS)).nod
    assert pose(seen(HEAD_LANDMARKS, pitch=15)).nod > level + 0.08
    assert pose(seen(HEAD_LANDMARKS, pitch=-15)).nod < level - 0.08


def test_a_print_tilted_about_its_upright_axis_grows_upright() -> None:
    level, tilted = pose(seen(flat(HEAD_LANDMARKS))), pose(seen(flat(HEAD_LANDMARKS), yaw=40))
    assert tilted.upright_share / level.upright_share == pytest.approx(1 / np.cos(np.radians(40)), rel=0.05)


@pytest.mark.parametrize(
    "landmarks",
    [
        np.zeros((5, 2)),
        np.array([[0, 0], [10, 0], [5, 0], [2, 0], [8, 0]]),
        np.array([[0, 0], [10, 0], [5, np.nan], [2, 8], [8, 8]]),
        np.array([[0, 0], [10, 0], [np.inf, 5], [2, 8], [8, 8]]),
        np.zeros((4, 2)),
    ],
    ids=["one place", "one line", "not a number", "infinite", "four points"],
)
def test_landmarks_that_make_no_face_have_no_pose(landmarks: np.ndarray) -> None:
    assert head_pose(landmarks.astype(np.float32)) is None


def test_a_pose_is_finite_or_is_not() -> None:
    with pytest.raises(ValueError, match="not finite"):
        HeadPose(float("nan"), 0.5, 1.0)
