"""Points of heads and prints in space, seen by a camera: for tests of liveness without a photograph."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

# Right eye, left eye, tip of the nose, corners of the mouth: x to the right, y down, z away, in eye distances. The
# nose stands half an eye distance before the others.
HEAD_LANDMARKS: Points = np.array(
    [[-0.5, -0.55, 0.0], [0.5, -0.55, 0.0], [0.0, 0.05, -0.5], [-0.4, 0.6, 0.0], [0.4, 0.6, 0.0]]
)
FAR = 9.0  # eye distances between head and camera: two thirds of a metre


def flat(points: Points) -> Points:
    """The same points on a print: what stands out is pressed into the plane."""
    return points * [1.0, 1.0, 0.0]


def points_on_a_head(count: int = 60) -> Points:
    """Places on a face, every fourth of them on the nose, standing out as an ellipsoid with a nose does."""
    chance = np.random.default_rng(5)
    x, y = chance.uniform(-0.8, 0.8, count), chance.uniform(-1.0, 1.0, count)
    x[::4], y[::4] = chance.uniform(-0.2, 0.2, count // 4), chance.uniform(-0.3, 0.2, count // 4)
    depth = -1.2 * np.sqrt(1 - (x / 1.3) ** 2 - (y / 2) ** 2) - 0.35 * np.exp(-((x / 0.2) ** 2) - (y / 0.3) ** 2)
    return np.column_stack([x, y, depth])


def seen(
    points: Points, yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0, far: float = FAR, shift: float = 0.0
) -> NDArray[np.float32]:
    """Where a pinhole camera sees the points, in pixels; one eye distance at ``FAR`` is 70 pixels.

    Args:
        yaw: degrees; positive turns the head to its own left, which is the picture's right.
        pitch, roll: degrees; downwards, clockwise.
        far: eye distances to the camera.
        shift: eye distances to the picture's right.
    """
    a, b, c = (math.radians(angle) for angle in (yaw, pitch, roll))
    about_y = np.array([[math.cos(a), 0, -math.sin(a)], [0, 1, 0], [math.sin(a), 0, math.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(b), -math.sin(b)], [0, math.sin(b), math.cos(b)]])
    about_z = np.array([[math.cos(c), -math.sin(c), 0], [math.sin(c), math.cos(c), 0], [0, 0, 1]])
    turned = points @ (about_z @ about_x @ about_y).T + [shift, 0.0, far]
    return np.asarray(70.0 * FAR * turned[:, :2] / turned[:, 2:] + [320.0, 240.0], dtype=np.float32)
