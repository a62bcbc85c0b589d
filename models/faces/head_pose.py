"""Where a head points, from five landmarks, in figures that a flat picture cannot change by being moved.

The nose is written in a basis made of the other four points. With the eyes' middle m, the vector u from the
person's right eye to the left one, and the vector v from m to the middle of the mouth,

    nose = m + turn * u + nod * v .

An affine map of the picture plane (moving, scaling, rolling, and the foreshortening of a flat thing that is tilted far
from the camera) maps m, u, v and the nose alike, so ``turn`` and ``nod`` stay what they are. Real perspective adds a
little, because a print is not infinitely far away. The tip of a real nose stands about half an eye distance before
the plane of eyes and mouth; when a head turns by an angle a, its turn changes by about 0.5 * tan(a), which is 0.009 a
degree.

That is the geometry of points. A detector is trained on heads, and reads a tilted print as a turned head to some
degree: YuNet's points move by 0.002 to 0.005 a degree on flat prints. So these figures are used where a large change is
asked for (the challenge), together with how much the face was foreshortened, and not alone as proof of life.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.faces.values import Float32

_LEAST_AREA_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Where the head points, in one frame.

    Attributes:
        turn: place of the nose along the line of the eyes, in eye distances from their middle. It grows when people
            turn to their own left, which is the right of a picture that is not mirrored. 0 where the nose is in the
            middle; a neutral face has its own value near it.
        nod: place of the nose between eyes (0) and mouth (1); grows when the head is lowered.
        upright_share: height from eyes to mouth, square to the line of the eyes, over the eye distance. A flat
            picture tilted about its upright axis makes it grow by 1 over the cosine.
    """

    turn: float
    nod: float
    upright_share: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(figure) for figure in (self.turn, self.nod, self.upright_share)):
            raise ValueError("a head pose holds a figure that is not finite")


def head_pose(landmarks_xy: Float32) -> HeadPose | None:
    """The pose of one face.

    Args:
        landmarks_xy: float (5, 2), in the order of ``Face``.

    Returns:
        None where eyes and mouth span no area (a profile, or points in one line), or a point is not finite.
    """
    points = np.asarray(landmarks_xy, dtype=np.float64)
    if points.shape != (5, 2) or not np.isfinite(points).all():
        return None
    right_eye, left_eye, nose, right_mouth, left_mouth = points
    middle = (right_eye + left_eye) / 2
    across = left_eye - right_eye
    down = (right_mouth + left_mouth) / 2 - middle
    from_middle = nose - middle
    area = float(across[0] * down[1] - across[1] * down[0])
    across_square = float(across @ across)
    if not abs(area) > _LEAST_AREA_SHARE * max(across_square, float(down @ down)):
        return None
    turn = float(from_middle[0] * down[1] - from_middle[1] * down[0]) / area
    nod = float(across[0] * from_middle[1] - across[1] * from_middle[0]) / area
    return HeadPose(turn, nod, abs(area) / across_square)
