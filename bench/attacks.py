"""Presentation attacks and heads, rendered from photographs: short tracks of pictures as a kiosk's camera sees them.

Everything that is shown is a sheet in space with a relief: flat for a print or a telephone, a cylinder for bent
paper, a head with a nose for somebody who is there. The camera is a pinhole at the origin that looks along z, so
foreshortening and perspective come from geometry. Lengths on a sheet are in eye distances of the face on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from kiosk.camera.figures import cut_out_person
from kiosk.camera.hall import SensorNoise, paint_hall
from models.faces.values import Face, Float32, ImageBGR

WIDTH_PX: Final = 640
HEIGHT_PX: Final = 480
FRAMES_PER_SECOND: Final = 15.0
FRAMES: Final = 30
FOCAL_PX: Final = 560.0  # 60 degrees across, as a common webcam
_ITERATIONS: Final = 5


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a sheet is and how it is turned, at one moment.

    Attributes:
        x_px, y_px: of its middle in the picture.
        eye_distance_px: of the face on it when it is not turned; tells how near it is.
        yaw_degrees: to the picture's right; pitch_degrees: downwards; roll_degrees: clockwise.
        bend: 1 over the radius of a cylinder around the upright axis, in eye distances; 0 is flat.
    """

    x_px: float
    y_px: float
    eye_distance_px: float
    yaw_degrees: float = 0.0
    pitch_degrees: float = 0.0
    roll_degrees: float = 0.0
    bend: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """What is shown.

    Attributes:
        bgra: float32 (height, width, 4), colours already multiplied by alpha, 0 to 255.
        middle_xy: the point between eyes and mouth, in pixels of ``bgra``.
        eye_distance_px: of the face in ``bgra``.
        solid: True for a head, which has a relief; False for something that can only be bent.
    """

    bgra: Float32
    middle_xy: tuple[float, float]
    eye_distance_px: float
    solid: bool


def print_of(photo_bgr: ImageBGR, face: Face, whole: bool = True) -> Sheet:
    """The photograph on paper with a white border, a little faded.

    Args:
        whole: False cuts it to the face, as on a telephone's screen, without a border.
    """
    middle = face.landmarks_xy.mean(axis=0)
    eyes = face.eye_distance_px
    height, width = photo_bgr.shape[:2]
    if whole:
        left, top, right, bottom = 0, 0, width, height
    else:
        left, right = max(0, int(middle[0] - 1.7 * eyes)), min(width, int(middle[0] + 1.7 * eyes))
        top, bottom = max(0, int(middle[1] - 2.6 * eyes)), min(height, int(middle[1] + 2.6 * eyes))
    picture = photo_bgr[top:bottom, left:right].astype(np.float32)
    if whole:
        grey = picture.mean(axis=2, keepdims=True)
        picture = 0.74 * picture + 0.14 * grey + 24.0
    border = round(0.3 * eyes)
    color = (236.0, 238.0, 238.0) if whole else (22.0, 20.0, 20.0)
    framed = cv2.copyMakeBorder(picture, border, border, border, border, cv2.BORDER_CONSTANT, value=color)
    edge = 3
    bgra = np.zeros((framed.shape[0] + 2 * edge, framed.shape[1] + 2 * edge, 4), dtype=np.float32)
    bgra[edge:-edge, edge:-edge, :3] = framed
    bgra[edge:-edge, edge:-edge, 3] = 255.0
    offset = border + edge
    return Sheet(bgra, (middle[0] - left + offset, middle[1] - top + offset), eyes, solid=False)


def head_of(photo_bgr: ImageBGR, face: Face) -> Sheet:
    """The person cut out of the photograph, to be given a generic relief. It is nobody's true shape."""
    eyes = face.eye_distance_px
    box = tuple(float(edge) for edge in face.box_xyxy)
    figure = cut_out_person(photo_bgr, (box[0], box[1], box[2], box[3]), box[3] - box[1], 2.2 * (box[3] - box[1]))
    offset = face.landmarks_xy.mean(axis=0) - np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    middle = (figure.centre_xy[0] + float(offset[0]), figure.centre_xy[1] + float(offset[1]))
    return Sheet(figure.bgra_premultiplied.astype(np.float32), middle, eyes, solid=True)


def head_relief(x: Float32, y: Float32) -> Float32:
    """How far a generic head stands out towards the camera, in eye distances, before the plane through its eyes.

    An ellipsoid of a usual head (half 1.2 across, 1.8 down, 1.5 deep) and a nose of 0.35 on it. The tip of the nose
    then stands 0.5 eye distances before the eyes, as in common tables of head measures (about 30 of 63 mm).

    Args:
        x, y: float32, places on the sheet from the middle of the face, in eye distances.
    """
    inside = np.clip(1.0 - (x / 1.25) ** 2 - ((y + 0.1) / 1.9) ** 2, 0.0, 1.0)
    skull = 1.5 * (np.sqrt(inside) - 0.87)
    # The bridge runs up from the tip and falls off steeply below it.
    down = y - 0.08
    nose = 0.38 * np.exp(-((x / 0.17) ** 2) - np.where(down > 0, (down / 0.13) ** 2, (down / 0.34) ** 2))
    return np.asarray(np.maximum(skull, -0.9) + nose, dtype=np.float32)


class Stage:
    """The hall with its camera; one for all tracks.

    Args:
        seed: of the camera's noise.
    """

    def __init__(self, seed: int = 1) -> None:
        self._hall = paint_hall(WIDTH_PX, HEIGHT_PX)
        self._noise = SensorNoise(WIDTH_PX, HEIGHT_PX, seed)
        self._frame_index = 0

    def picture(self, sheet: Sheet, placing: Placing, screen: Screen | None = None) -> ImageBGR:
        """The sheet in the hall, with the camera's blur and noise; uint8 (480, 640, 3)."""
        canvas = self._hall.copy()
        shown = _seen(sheet, placing)
        if shown is not None:
            (left, top), map_x, map_y = shown
            bgra = cv2.remap(
                sheet.bgra, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(0, 0, 0, 0)
            )
            if screen is not None:
                per_eye_distance = np.float32(1.0 / sheet.eye_distance_px)
                u, v = np.asarray(map_x * per_eye_distance), np.asarray(map_y * per_eye_distance)
                bgra = screen.lit(np.asarray(bgra, dtype=np.float32), u, v, placing)
            height, width = map_x.shape
            part = canvas[top : top + height, left : left + width]
            mixed = part * (1.0 - bgra[:, :, 3:] / 255.0) + bgra[:, :, :3]
            part[:] = np.clip(mixed, 0, 255)
        blurred = np.asarray(cv2.GaussianBlur(canvas, (0, 0), 0.7), dtype=np.uint8)
        self._frame_index += 1
        return self._noise.add_to(blurred, self._frame_index)


@dataclass(frozen=True, slots=True)
class Screen:
    """A lit screen: its grid of pixels meets the camera's, and a lamp is mirrored in it.

    Attributes:
        pitch: of its pixels, in eye distances of the face shown.
        depth: how strongly the grid shows in the camera, 0 to 1.
        glare: brightness of the mirrored lamp, 0 to 255.
    """

    pitch: float
    depth: float
    glare: float

    def lit(self, bgra: Float32, u: Float32, v: Float32, placing: Placing) -> Float32:
        """The picture on it as the camera takes it; arrays of one shape, places in eye distances."""
        lit = bgra.copy()
        for channel in range(3):
            grid = 1.0 + self.depth * np.cos(2 * math.pi * (u / self.pitch + channel / 3))
            grid *= 1.0 + 0.6 * self.depth * np.cos(2 * math.pi * v / self.pitch)
            lit[:, :, channel] *= grid
        # The mirrored lamp runs over the glass when it is tilted.
        lamp_u = float(u.mean()) + 0.06 * placing.yaw_degrees
        lamp_v = float(v.mean()) - 1.2 + 0.06 * placing.pitch_degrees
        lamp = self.glare * np.exp(-(((u - lamp_u) / 0.9) ** 2) - ((v - lamp_v) / 0.35) ** 2)
        lit[:, :, :3] += lamp[:, :, None] * (bgra[:, :, 3:] / 255.0)
        return lit


def _seen(sheet: Sheet, placing: Placing) -> tuple[tuple[int, int], Float32, Float32] | None:
    """Which point of the sheet each pixel shows: left and top of a part of the picture, and two maps for it."""
    distance = FOCAL_PX / placing.eye_distance_px
    centre = np.array(
        [
            (placing.x_px - WIDTH_PX / 2) / placing.eye_distance_px,
            (placing.y_px - HEIGHT_PX / 2) / placing.eye_distance_px,
            distance,
        ]
    )
    turn = _rotation(placing)
    region = _region(sheet, centre, turn)
    if region is None:
        return None
    left, top, right, bottom = region
    pixel_y, pixel_x = np.mgrid[top:bottom, left:right].astype(np.float32)
    rays = np.stack(
        [(pixel_x - WIDTH_PX / 2) / FOCAL_PX, (pixel_y - HEIGHT_PX / 2) / FOCAL_PX, np.ones_like(pixel_x)], axis=-1
    )
    # In the sheet's own axes: x along it, y down it, z away from the camera.
    origin = -turn.T @ centre
    rays = rays @ turn.astype(np.float32)
    z = np.zeros(pixel_x.shape, dtype=np.float32)
    for _ in range(_ITERATIONS if sheet.solid or placing.bend else 1):
        reach = (z - np.float32(origin[2])) / rays[:, :, 2]
        x = np.float32(origin[0]) + reach * rays[:, :, 0]
        y = np.float32(origin[1]) + reach * rays[:, :, 1]
        z = -_relief(sheet, placing, x, y)
    along = np.arcsin(np.clip(x * placing.bend, -0.99, 0.99)) / placing.bend if placing.bend else x
    map_x = (along * sheet.eye_distance_px + sheet.middle_xy[0]).astype(np.float32)
    map_y = (y * sheet.eye_distance_px + sheet.middle_xy[1]).astype(np.float32)
    if sheet.solid:
        map_y = np.minimum(map_y, np.float32(sheet.bgra.shape[0] - 2))  # the body goes on below
    return (left, top), map_x, map_y


def _relief(sheet: Sheet, placing: Placing, x: Float32, y: Float32) -> Float32:
    if sheet.solid:
        return head_relief(x, y)
    if placing.bend == 0.0:
        return np.zeros_like(x)
    radius = 1.0 / placing.bend
    return np.asarray(np.sign(radius) * (np.sqrt(np.clip(radius**2 - x**2, 0.0, None)) - abs(radius)))


def _rotation(placing: Placing) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """From the sheet's axes to the camera's (x right, y down, z away)."""
    yaw, pitch, roll = (
        math.radians(angle) for angle in (placing.yaw_degrees, placing.pitch_degrees, placing.roll_degrees)
    )
    # Turning to the picture's right moves what stands out (negative z) towards positive x.
    about_y = np.array([[math.cos(yaw), 0, -math.sin(yaw)], [0, 1, 0], [math.sin(yaw), 0, math.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]])
    about_z = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_x @ about_y)


def _region(
    sheet: Sheet,
    centre: np.ndarray[tuple[int], np.dtype[np.float64]],
    turn: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> tuple[int, int, int, int] | None:
    height, width = sheet.bgra.shape[:2]
    down = 3 * height if sheet.solid else height
    corners = (
        np.array([[x, y, z] for x in (0, width) for y in (0, down) for z in (0.0, -0.6)], dtype=np.float64)
        - [sheet.middle_xy[0], sheet.middle_xy[1], 0.0]
    ) / [sheet.eye_distance_px, sheet.eye_distance_px, 1.0]
    placed = corners @ turn.T + centre
    if (placed[:, 2] < 0.5).any():
        return 0, 0, WIDTH_PX, HEIGHT_PX
    seen = placed[:, :2] / placed[:, 2:] * FOCAL_PX + [WIDTH_PX / 2, HEIGHT_PX / 2]
    left, top = max(0, int(seen[:, 0].min()) - 3), max(0, int(seen[:, 1].min()) - 3)
    right, bottom = min(WIDTH_PX, int(seen[:, 0].max()) + 4), min(HEIGHT_PX, int(seen[:, 1].max()) + 4)
    return (left, top, right, bottom) if left < right and top < bottom else None
