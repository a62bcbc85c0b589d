"""How the people of the sample move: pure functions of time."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from kiosk.camera.hall import HORIZON_SHARE

APPROACH_ENDS: Final = 0.35
STAND_ENDS: Final = 0.85
_FARTHEST: Final = 3.6
_FACE_HEIGHT_SHARE: Final = 0.47


@dataclass(frozen=True, slots=True)
class Pose:
    """Where one figure is in one picture.

    Attributes:
        centre_x_share, centre_y_share: middle of the face, in widths and heights of the picture.
        scale: 1 where it is nearest.
        roll_degrees: tilt in the picture, clockwise.
        yaw_degrees, pitch_degrees: turn of the head to the picture's right, and downwards.
        defocus_share: radius of the blur of the lens, in heights of the picture.
        smear_share_per_second: speed across the picture, in widths of the picture a second.
        light: factor on its brightness.
        warmth: 1 under warm lamps, 0 neutral, -1 in cool daylight.
    """

    centre_x_share: float
    centre_y_share: float
    scale: float = 1.0
    roll_degrees: float = 0.0
    yaw_degrees: float = 0.0
    pitch_degrees: float = 0.0
    defocus_share: float = 0.0
    smear_share_per_second: float = 0.0
    light: float = 1.0
    warmth: float = 0.0


@dataclass(frozen=True, slots=True)
class Walk:
    """What makes one walk different from another.

    Attributes:
        lane: where the person stands, a share of the width.
        half_width_share: how far the figure reaches to each side, a share of the width.
        light_from, light_to: light on it at the beginning and the end.
        phase: 0 to 1; people of different phases do not sway together.
    """

    lane: float
    half_width_share: float
    light_from: float
    light_to: float
    phase: float


def walk_up(walk: Walk, progress: float, seconds: float) -> Pose:
    """Comes near, stands, and leaves to the nearer side.

    Args:
        progress: how far the scene is through, 0 to 1.
        seconds: court seconds since it began.
    """
    approach = min(1.0, progress / APPROACH_ENDS)
    # Steady steps that end softly; what is seen of a distance is its inverse.
    scale = 1.0 / (_FARTHEST - (_FARTHEST - 1.0) * (2 * approach - approach**2))
    walking = 1.0 - approach
    step = math.sin(2 * math.pi * 0.9 * seconds)
    pose = Pose(
        centre_x_share=0.5 + (walk.lane - 0.5) * scale,
        centre_y_share=HORIZON_SHARE
        + (_FACE_HEIGHT_SHARE - HORIZON_SHARE) * scale
        + 0.03 * walking * abs(step) * scale,
        scale=scale,
        roll_degrees=2.0 * walking * step * scale,
        defocus_share=0.006 * walking**1.5,
        smear_share_per_second=0.10 * walking,
        light=walk.light_from + (walk.light_to - walk.light_from) * progress,
        warmth=1.0 - 1.6 * progress,
    )
    return _leaving(walk, _swaying(walk, pose, seconds), progress)


def _swaying(walk: Walk, pose: Pose, seconds: float) -> Pose:
    """Nobody stands still. Around a small circle there is no moment at which a head rests."""

    def wave(hertz: float, shift: float) -> float:
        return math.sin(2 * math.pi * (hertz * seconds + walk.phase + shift))

    return replace(
        pose,
        centre_x_share=pose.centre_x_share + (0.0088 * wave(0.6, 0.0) + 0.0010 * wave(1.07, 0.3)) * pose.scale,
        centre_y_share=pose.centre_y_share + (0.0117 * wave(0.6, 0.25) + 0.0010 * wave(0.97, 0.6)) * pose.scale,
        roll_degrees=pose.roll_degrees + 1.4 * wave(0.37, 0.15) * pose.scale,
        yaw_degrees=4.0 * wave(0.31, 0.4),
        pitch_degrees=1.5 * wave(0.43, 0.75),
    )


def _leaving(walk: Walk, pose: Pose, progress: float) -> Pose:
    leave = max(0.0, (progress - STAND_ENDS) / (1.0 - STAND_ENDS))
    if leave == 0.0:
        return pose
    side = -1.0 if walk.lane < 0.5 else 1.0
    way = (walk.lane if side < 0 else 1.0 - walk.lane) + walk.half_width_share
    return replace(
        pose,
        centre_x_share=pose.centre_x_share + side * way * leave**1.6,
        yaw_degrees=pose.yaw_degrees + side * 22.0 * min(1.0, 2.5 * leave),
        smear_share_per_second=0.5 * leave,
    )


def held_photograph(lane: float, tilt_degrees: float, light: float) -> Pose:
    """A print, there at once and perfectly still from first to last, under flat light.

    It is not seen being raised: a print that moves is another attack, and the sample shows this one.
    """
    return Pose(centre_x_share=lane, centre_y_share=_FACE_HEIGHT_SHARE, roll_degrees=tilt_degrees, light=light)
