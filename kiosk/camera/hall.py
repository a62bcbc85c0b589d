"""The empty entrance hall that the sample's camera looks into, painted."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from models.faces.values import Float32, ImageBGR

HORIZON_SHARE: Final = 0.42
"""Height of the horizon, which is the height of the camera, as a share of the picture from above."""

_BACK_WALL_XYXY_SHARE: Final = (0.20, 0.13, 0.80, 0.66)
_NOISE_SIGMA: Final = 2.0
_SPARE_PX: Final = 64


def paint_hall(width_px: int, height_px: int) -> ImageBGR:
    """A corridor in perspective with floor tiles, a wooden door and a notice board; uint8, no noise yet."""
    # Painted at twice the size, so that shrinking smooths the edges as a lens does.
    width, height = 2 * width_px, 2 * height_px
    hall = np.zeros((height, width, 3), dtype=np.uint8)
    left, top, right, bottom = (
        round(share * (width if index % 2 == 0 else height)) for index, share in enumerate(_BACK_WALL_XYXY_SHARE)
    )
    vanishing = np.array([width / 2, height * HORIZON_SHARE])

    def polygon(points: list[tuple[float, float]], color_bgr: tuple[int, int, int]) -> None:
        cv2.fillPoly(hall, [np.array(points, dtype=np.int32)], color_bgr, cv2.LINE_AA)

    polygon([(0, 0), (width, 0), (right, top), (left, top)], (206, 210, 210))
    polygon([(0, 0), (left, top), (left, bottom), (0, height)], (168, 178, 184))
    polygon([(width, 0), (right, top), (right, bottom), (width, height)], (160, 170, 178))
    polygon([(0, height), (left, bottom), (right, bottom), (width, height)], (128, 138, 146))
    polygon([(left, top), (right, top), (right, bottom), (left, bottom)], (186, 194, 198))

    # Rows of tiles lie closer together the farther away they are.
    for depth in np.linspace(1.0, 3.2, 12):
        y = vanishing[1] + (height - vanishing[1]) / depth
        if y > bottom:
            half = (y - vanishing[1]) / (height - vanishing[1]) * width * 1.5
            ends = (int(width / 2 - half), int(y)), (int(width / 2 + half), int(y))
            cv2.line(hall, *ends, (112, 121, 129), 2, cv2.LINE_AA)
    for share in np.linspace(-1.0, 2.0, 19):
        foot = np.array([share * width, float(height)])
        reach = (height - bottom) / (height - vanishing[1])
        head = foot + (vanishing - foot) * reach
        cv2.line(hall, (int(foot[0]), height), (int(head[0]), bottom), (114, 123, 131), 2, cv2.LINE_AA)
    # The lines run out over the side walls; paint those again.
    polygon([(0, 0), (left, top), (left, bottom), (0, height)], (168, 178, 184))
    polygon([(width, 0), (right, top), (right, bottom), (width, height)], (160, 170, 178))
    skirting = 0.03 * height
    polygon(
        [(left, bottom - skirting * 0.5), (right, bottom - skirting * 0.5), (right, bottom), (left, bottom)],
        (96, 104, 112),
    )
    polygon([(0, height - skirting * 2.5), (left, bottom - skirting * 0.5), (left, bottom), (0, height)], (90, 98, 106))
    polygon(
        [(width, height - skirting * 2.5), (right, bottom - skirting * 0.5), (right, bottom), (width, height)],
        (86, 94, 102),
    )

    door_left, door_right = round(0.55 * width), round(0.70 * width)
    door_top = round(0.24 * height)
    polygon(
        [
            (door_left - 10, door_top - 10),
            (door_right + 10, door_top - 10),
            (door_right + 10, bottom),
            (door_left - 10, bottom),
        ],
        (104, 116, 128),
    )
    polygon([(door_left, door_top), (door_right, door_top), (door_right, bottom), (door_left, bottom)], (62, 88, 124))
    middle = (door_left + door_right) // 2
    cv2.line(hall, (middle, door_top), (middle, bottom), (44, 64, 94), 3, cv2.LINE_AA)
    cv2.circle(hall, (middle + 14, round(0.47 * height)), 6, (150, 176, 190), -1, cv2.LINE_AA)
    board = (round(0.27 * width), round(0.28 * height)), (round(0.43 * width), round(0.44 * height))
    cv2.rectangle(hall, *board, (120, 104, 60), -1)
    cv2.rectangle(hall, *board, (190, 196, 200), 4)
    for column in range(3):
        x = board[0][0] + 24 + column * round(0.048 * width)
        cv2.rectangle(hall, (x, board[0][1] + 26), (x + round(0.036 * width), board[1][1] - 30), (226, 228, 228), -1)
    for lamp_share in (0.03, 0.09):
        spread = (1 - lamp_share / 0.13) * 0.16 + 0.06
        y = int(lamp_share * height)
        ends = (int((0.5 - spread) * width), y), (int((0.5 + spread) * width), y)
        cv2.line(hall, *ends, (250, 252, 252), 10, cv2.LINE_AA)

    small = np.asarray(cv2.resize(hall, (width_px, height_px), interpolation=cv2.INTER_AREA), dtype=np.float32)
    lit = _fall_of_light(width_px, height_px)[:, :, None] * cv2.GaussianBlur(small, (0, 0), 0.003 * height_px)
    return np.asarray(np.clip(lit, 0, 255), dtype=np.uint8)


def _fall_of_light(width_px: int, height_px: int) -> Float32:
    """Brighter under the lamps, darker in the corners of the lens; float32 (height, width)."""
    y, x = np.mgrid[0:height_px, 0:width_px].astype(np.float32)
    across, down = x / width_px - 0.5, y / height_px - 0.5
    return np.asarray(0.86 - 0.16 * down - 0.42 * (across**2 + down**2), dtype=np.float32)


class SensorNoise:
    """The noise of a camera's sensor: another one in every frame, cheap to add.

    One large field of noise is made once; each frame gets another window of it.

    Args:
        width_px, height_px: size of the pictures.
        seed: the same seed gives the same noise.
    """

    def __init__(self, width_px: int, height_px: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        shape = (height_px + _SPARE_PX, width_px + _SPARE_PX, 3)
        grain = random.standard_normal(shape, dtype=np.float32)
        brightness = random.standard_normal(shape[:2], dtype=np.float32)[:, :, None]
        # Neighbouring pixels share some of it, as after the colour filter and the compression of a camera.
        mixed = np.asarray(cv2.GaussianBlur(0.6 * grain + brightness, (0, 0), 0.6), dtype=np.float32)
        self._field = np.round(mixed * (_NOISE_SIGMA / float(mixed.std()))).astype(np.int16)
        self._size_px = (width_px, height_px)

    def add_to(self, image_bgr: ImageBGR, frame_index: int) -> ImageBGR:
        """The picture with the noise of this frame; neighbouring frames never get the same."""
        # 2731 has no common divisor with the number of windows, so all are used before one comes again.
        window = frame_index * 2731 % (_SPARE_PX * _SPARE_PX)
        top, left = divmod(window, _SPARE_PX)
        width, height = self._size_px
        noise = self._field[top : top + height, left : left + width]
        return np.asarray(cv2.add(image_bgr, noise, dtype=cv2.CV_8U), dtype=np.uint8)
