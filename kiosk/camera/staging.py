"""Putting a figure into the hall: turned, moved, blurred, lit."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.figures import Figure
from kiosk.camera.poses import Pose
from models.faces.values import Float32, ImageBGR

_HEAD_ACROSS, _HEAD_DOWN = 0.46, 0.66  # half axes of the part of a head that turns, in face heights
_HEAD_DEPTH: Final = 0.34  # how far the nose stands out before the outline, in face heights
_FOCAL_LENGTH: Final = 6.0  # of the perspective of a turned head, in face heights
_SHUTTER_SECONDS: Final = 1 / 40
_CHANNELS: Final = 4


class StagedFigure:
    """A figure with all that does not change from picture to picture worked out beforehand.

    Args:
        figure: what is shown.
    """

    def __init__(self, figure: Figure) -> None:
        self._figure = figure
        pixels = figure.bgra_premultiplied
        self._half_size = np.asarray(
            cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8
        )
        height, width = pixels.shape[:2]
        centre_x, centre_y = figure.centre_xy
        across, down = _HEAD_ACROSS * figure.face_height_px, _HEAD_DOWN * figure.face_height_px
        left, right = max(0, int(centre_x - across)), min(width, int(centre_x + across) + 1)
        top, bottom = max(0, int(centre_y - down)), min(height, int(centre_y + down) + 1)
        self._head = np.s_[top:bottom, left:right]
        y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
        self._head_x, self._head_y = x, y
        from_centre = ((x - centre_x) / across) ** 2 + ((y - centre_y) / down) ** 2
        self._relief_px: Float32 = (np.clip(1.0 - from_centre, 0.0, 1.0) * _HEAD_DEPTH * figure.face_height_px).astype(
            np.float32
        )

    def draw_into(self, canvas_bgr: ImageBGR, pose: Pose) -> None:
        """Blend the figure into a picture (uint8, height x width x 3), which is changed."""
        height, width = canvas_bgr.shape[:2]
        place = self._placing(pose, width, height)
        region = self._region(place, width, height)
        if region is None:
            return
        left, top, right, bottom = region
        pixels = self._turned(pose)
        if pose.scale < 0.5 and pixels is self._figure.bgra_premultiplied:
            pixels, place = self._half_size, place @ np.diag([2.0, 2.0, 1.0])
        moved = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]], dtype=np.float64) @ place
        seen = cv2.warpPerspective(
            pixels, moved, (right - left, bottom - top), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        seen = _lit(_blurred(np.asarray(seen, dtype=np.uint8), pose, width, height), pose)
        background = canvas_bgr[top:bottom, left:right]
        see_through = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(seen, 3)), cv2.COLOR_GRAY2BGR)
        behind = cv2.multiply(background, see_through, scale=1 / 255)
        canvas_bgr[top:bottom, left:right] = cv2.add(behind, cv2.cvtColor(seen, cv2.COLOR_BGRA2BGR))

    def _turned(self, pose: Pose) -> NDArray[np.uint8]:
        """The figure with its head turned: what stands out moves farther than what lies behind.

        A flat picture that is turned keeps all its proportions; a head does not.
        """
        figure = self._figure
        if not figure.solid or pose.scale < 0.5:
            return figure.bgra_premultiplied
        # Turning right shows, at each point, what was to the left of it by its height in the relief.
        map_x = self._head_x - math.sin(math.radians(pose.yaw_degrees)) * self._relief_px
        map_y = self._head_y - math.sin(math.radians(pose.pitch_degrees)) * self._relief_px
        turned = figure.bgra_premultiplied.copy()
        turned[self._head] = cv2.remap(figure.bgra_premultiplied, map_x, map_y, cv2.INTER_LINEAR)
        return turned

    def _placing(self, pose: Pose, width: int, height: int) -> NDArray[np.float64]:
        """From the figure's pixels to the picture's: a 3 x 3 projection."""
        centre_x, centre_y = self._figure.centre_xy
        to_origin = np.array([[1, 0, -centre_x], [0, 1, -centre_y], [0, 0, 1]], dtype=np.float64)
        yaw = math.radians(pose.yaw_degrees) if self._figure.solid else 0.0
        lean = math.sin(yaw) / (_FOCAL_LENGTH * self._figure.face_height_px)
        turn = np.array([[math.cos(yaw), 0, 0], [0, 1, 0], [lean, 0, 1]], dtype=np.float64)
        roll = math.radians(pose.roll_degrees)
        sine, cosine = pose.scale * math.sin(roll), pose.scale * math.cos(roll)
        into_picture = np.array(
            [
                [cosine, -sine, pose.centre_x_share * width],
                [sine, cosine, pose.centre_y_share * height],
                [0, 0, 1],
            ],
            dtype=np.float64,
        )
        return np.asarray(into_picture @ turn @ to_origin, dtype=np.float64)

    def _region(self, place: NDArray[np.float64], width: int, height: int) -> tuple[int, int, int, int] | None:
        """Left, top, right, bottom of the part of the picture that the figure covers; None outside of it."""
        own_height, own_width = self._figure.bgra_premultiplied.shape[:2]
        # Far away the body must reach below its own canvas, down to the picture's edge.
        reach = own_height + 4 * self._figure.face_height_px
        corners = np.array([[[0, 0], [own_width, 0], [own_width, reach], [0, reach]]], dtype=np.float64)
        seen = cv2.perspectiveTransform(corners, place)[0]
        left, top = max(0, int(seen[:, 0].min()) - 2), max(0, int(seen[:, 1].min()) - 2)
        right = min(width, int(seen[:, 0].max()) + 3)
        return (left, top, right, height) if left < right and top < height else None


def _blurred(bgra: NDArray[np.uint8], pose: Pose, width: int, height: int) -> NDArray[np.uint8]:
    sigma_px = pose.defocus_share * height
    if sigma_px > 0.3:
        bgra = np.asarray(cv2.GaussianBlur(bgra, (0, 0), sigma_px), dtype=np.uint8)
    smear_px = round(pose.smear_share_per_second * width * _SHUTTER_SECONDS)
    if smear_px > 1:
        bgra = np.asarray(cv2.blur(bgra, (smear_px, 1)), dtype=np.uint8)
    return bgra


def _lit(bgra: NDArray[np.uint8], pose: Pose) -> NDArray[np.uint8]:
    gains = pose.light * np.array([1 - 0.05 * pose.warmth, 1.0, 1 + 0.05 * pose.warmth])
    table = np.empty((1, 256, _CHANNELS), dtype=np.uint8)
    levels = np.arange(256)
    for channel, gain in enumerate(gains):
        table[0, :, channel] = np.clip(levels * gain, 0, 255)
    table[0, :, 3] = levels
    return np.asarray(cv2.LUT(bgra, table), dtype=np.uint8)
