"""Figures for the sample: a person cut out of a photograph, or a print of it, ready to be moved about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.faces.values import Float32, ImageBGR

HEAD_TO_FACE_HEIGHT: Final = 1.35
"""Height of a head, hair to chin, over the height of its face box, forehead to chin."""

_UP, _DOWN, _SIDE = 1.05, 1.90, 1.40  # reach of a figure around the face's middle, in face heights
_GRABCUT_FACE_HEIGHT_PX: Final = 56
_LEAST_HALF_WIDTH_PX: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A cut-out at the size in which it is seen nearest.

    Attributes:
        bgra_premultiplied: uint8 (height, width, 4), colours already multiplied by alpha; the outermost
            columns and the top row are transparent, the bottom row may be repeated downwards.
        centre_xy: the middle of the face in it, in pixels.
        face_height_px: height of the face in it.
        solid: True for a head, which turns in space; False for something flat.
    """

    bgra_premultiplied: NDArray[np.uint8]
    centre_xy: tuple[float, float]
    face_height_px: float
    solid: bool


def cut_out_person(
    photo_bgr: ImageBGR,
    face_box_xyxy: tuple[float, float, float, float],
    face_height_px: float,
    half_width_limit_px: float,
    tilt_degrees: float = 0.0,
) -> Figure:
    """Head and shoulders with soft edges; the body goes on below the photograph's edge.

    Args:
        photo_bgr: uint8 (height, width, 3).
        face_box_xyxy: the face in it, forehead to chin, in pixels.
        face_height_px: height of the face in the figure.
        half_width_limit_px: the figure reaches no farther to either side.
        tilt_degrees: how far the head is tilted over the shoulders, clockwise.
    """
    half_width = max(_LEAST_HALF_WIDTH_PX, int(min(_SIDE * face_height_px, half_width_limit_px)))
    up, down = round(_UP * face_height_px), round(_DOWN * face_height_px)
    colors, inside = _placed(photo_bgr, face_box_xyxy, face_height_px, (half_width, up), (2 * half_width, up + down))
    y, x = np.mgrid[0 : up + down, 0 : 2 * half_width].astype(np.float32)
    across, below = (x - half_width) / face_height_px, (y - up) / face_height_px

    head = (across / 0.62) ** 2 + ((below + 0.08) / 0.88) ** 2 < 1.0
    # What is the person beyond doubt: face, forehead, and the hair that stands above it on most heads.
    face = (across / 0.38) ** 2 + ((below + 0.11) / 0.60) ** 2 < 1.0
    neck_and_body = np.abs(across) < np.interp(below, [0.3, 0.60, 0.85, 1.15, 1.9], [0.0, 0.42, 1.0, 1.25, 1.36])
    core_of_body = np.abs(across) < np.interp(below, [0.3, 0.75, 1.0, 1.3, 1.9], [0.0, 0.26, 0.60, 1.0, 1.16])
    body_is_seen = below > 0.3
    prior = head | (neck_and_body & body_is_seen)
    core = face | (core_of_body & body_is_seen)
    person = _person_mask(colors, prior, core, inside, face_height_px)

    alpha = _soft(prior, 0.035 * face_height_px) * np.maximum(person, _soft(core, 0.05 * face_height_px))
    cut_out = _tilted(_premultiplied(colors, alpha), across, below, tilt_degrees)
    # Fade out before the edge of the canvas, so that nothing ends in a straight line.
    fading = np.clip((half_width - np.abs(x - half_width + 0.5) - 1.0) / (0.10 * face_height_px), 0.0, 1.0)
    fading *= np.clip(y / (0.06 * face_height_px), 0.0, 1.0)
    softened = np.ascontiguousarray(np.round(cut_out * fading[:, :, None]), dtype=np.uint8)
    return Figure(softened, (float(half_width), float(up)), face_height_px, solid=True)


def print_photograph(
    photo_bgr: ImageBGR,
    face_box_xyxy: tuple[float, float, float, float],
    face_height_px: float,
    half_width_limit_px: float,
) -> Figure:
    """A print with a white border, held up by a hand; arguments as for ``cut_out_person``. It is not tilted here."""
    border = max(2, round(0.08 * face_height_px))
    arm_px = round(0.9 * face_height_px)
    half_width = max(_LEAST_HALF_WIDTH_PX, int(min(0.86 * face_height_px, half_width_limit_px - border - 3)))
    up, down = round(0.98 * face_height_px), round(1.05 * face_height_px)
    picture, _ = _placed(photo_bgr, face_box_xyxy, face_height_px, (half_width, up), (2 * half_width, up + down))
    # Ink on paper has less contrast and colour than a person.
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    faded = np.asarray(cv2.addWeighted(picture, 0.68, grey, 0.18, 26.0), dtype=np.uint8)

    margin = border + 3
    width, height = 2 * (half_width + margin), up + down + 2 * margin
    colors = np.full((height + arm_px, width, 3), 238, dtype=np.uint8)
    colors[margin : margin + up + down, margin : margin + 2 * half_width] = faded
    alpha = np.zeros((height + arm_px, width), dtype=np.float32)
    middle, hand = width // 2, round(0.17 * face_height_px)
    cv2.rectangle(
        colors, (middle - round(1.5 * hand), height), (middle + round(1.5 * hand), height + arm_px), (58, 50, 46), -1
    )
    cv2.rectangle(alpha, (middle - round(1.5 * hand), height), (middle + round(1.5 * hand), height + arm_px), 1.0, -1)
    for drawn, color in ((colors, (132, 158, 200)), (alpha, 1.0)):
        cv2.ellipse(drawn, (middle, height + hand // 2), (round(1.3 * hand), 2 * hand), 0, 0, 360, color, -1)
    alpha[3 : height - 3, 3 : width - 3] = 1.0
    thumb = (middle, height - border // 2), (round(0.4 * hand), round(0.8 * hand))
    cv2.ellipse(colors, *thumb, 0, 0, 360, (140, 166, 206), -1, cv2.LINE_AA)
    alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 0.8), dtype=np.float32)
    alpha[0] = 0.0
    alpha[:, [0, -1]] = 0.0
    return Figure(_premultiplied(colors, alpha), (width / 2, float(margin + up)), face_height_px, solid=False)


def _tilted(pixels: NDArray[np.uint8], across: Float32, below: Float32, tilt_degrees: float) -> NDArray[np.uint8]:
    """The head turned about the middle of its face; from the chin down the neck bends back to the shoulders.

    Args:
        pixels: uint8 (height, width, channels).
        across, below: place of each pixel from the middle of the face, in face heights; float32 (height, width).
        tilt_degrees: clockwise.
    """
    if tilt_degrees == 0.0:
        return pixels
    angle = np.radians(tilt_degrees) * np.clip((1.15 - below) / 0.70, 0.0, 1.0)
    face_height_px = 1.0 / float(across[0, 1] - across[0, 0])
    from_across = np.cos(angle) * across + np.sin(angle) * below
    from_below = np.cos(angle) * below - np.sin(angle) * across
    y, x = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]]
    map_x = (x + (from_across - across) * face_height_px).astype(np.float32)
    map_y = (y + (from_below - below) * face_height_px).astype(np.float32)
    return np.asarray(
        cv2.remap(pixels, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
    )


def _placed(
    photo_bgr: ImageBGR,
    face_box_xyxy: tuple[float, float, float, float],
    face_height_px: float,
    centre_xy: tuple[int, int],
    size_px: tuple[int, int],
) -> tuple[ImageBGR, NDArray[np.bool_]]:
    """The photograph scaled and moved so that the face's middle is at ``centre_xy``, and where it reaches.

    Beyond its edges its outermost colours go on, blurred; below it they fade into the colour of the clothes.
    """
    left, top, right, bottom = face_box_xyxy
    factor = face_height_px / (bottom - top)
    size = (max(1, round(photo_bgr.shape[1] * factor)), max(1, round(photo_bgr.shape[0] * factor)))
    interpolation = cv2.INTER_AREA if factor < 1.0 else cv2.INTER_CUBIC
    scaled = cv2.resize(photo_bgr, size, interpolation=interpolation)
    move = np.array(
        [[1, 0, centre_xy[0] - factor * (left + right) / 2], [0, 1, centre_xy[1] - factor * (top + bottom) / 2]],
        dtype=np.float32,
    )
    placed = cv2.warpAffine(scaled, move, size_px, borderMode=cv2.BORDER_REPLICATE)
    whole = np.full(scaled.shape[:2], 255, dtype=np.uint8)
    inside = np.asarray(cv2.warpAffine(whole, move, size_px), dtype=np.uint8) == 255
    blurred = np.asarray(cv2.GaussianBlur(placed, (0, 0), 0.07 * face_height_px), dtype=np.float32)
    last_row = int(np.nonzero(inside.any(axis=1))[0].max())
    reach = round(0.5 * face_height_px)
    clothes = np.median(placed[last_row, max(0, centre_xy[0] - reach) : centre_xy[0] + reach], axis=0)
    rows, columns = np.arange(size_px[1])[:, None], np.arange(size_px[0])[None, :]
    with_photo = np.nonzero(inside.any(axis=0))[0]
    beside = np.maximum(with_photo.min() - columns, columns - with_photo.max()) / (0.12 * face_height_px)
    beside = np.where(rows > centre_xy[1] + 0.5 * face_height_px, beside, 0.0)  # beside a head is hair, not cloth
    fading = np.clip(np.maximum((rows - last_row) / (0.3 * face_height_px), beside), 0.0, 1.0)[:, :, None]
    blurred = blurred * (1.0 - fading) + clothes * fading
    sharp = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), dtype=np.uint8), borderValue=1).astype(bool)
    weight = (_soft(sharp, 0.03 * face_height_px) * inside)[:, :, None]
    return (placed * weight + blurred * (1.0 - weight)).astype(np.uint8), inside


def _person_mask(
    colors: ImageBGR,
    prior: NDArray[np.bool_],
    core: NDArray[np.bool_],
    inside: NDArray[np.bool_],
    face_height_px: float,
) -> Float32:
    """Where the person is rather than the photograph's background, 0 to 1; found by GrabCut on a small copy."""
    factor = min(1.0, _GRABCUT_FACE_HEIGHT_PX / face_height_px)
    height, width = prior.shape
    size = (max(8, round(width * factor)), max(8, round(height * factor)))

    def small(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.asarray(cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)) > 0

    rows, columns = np.nonzero(small(inside))
    window = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    labels = np.where(small(prior), cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)
    labels[small(core)] = cv2.GC_FGD
    labels = np.ascontiguousarray(labels[window])
    if (labels == cv2.GC_BGD).any() and (labels != cv2.GC_BGD).any():
        picture = np.ascontiguousarray(cv2.resize(colors, size, interpolation=cv2.INTER_AREA)[window])
        cv2.setRNGSeed(1)  # GrabCut's clusters start at random; a figure must not differ from run to run
        whole = (0, 0, labels.shape[1], labels.shape[0])  # not looked at: the labels say where to begin
        cv2.grabCut(picture, labels, whole, np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)
    found = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.uint8)
    found = np.asarray(cv2.medianBlur(found, 3), dtype=np.uint8)
    # Beyond the photograph the outline goes on as it was near its edge; on the edge itself GrabCut is unsure.
    unsure = 2 if min(found.shape) > 8 else 0
    full = cv2.copyMakeBorder(
        found[unsure : found.shape[0] - unsure, unsure : found.shape[1] - unsure],
        int(rows.min()) + unsure,
        size[1] - 1 - int(rows.max()) + unsure,
        int(columns.min()) + unsure,
        size[0] - 1 - int(columns.max()) + unsure,
        cv2.BORDER_REPLICATE,
    )
    large = cv2.resize(full.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.GaussianBlur(large, (0, 0), 0.018 * face_height_px), dtype=np.float32)


def _soft(mask: NDArray[np.bool_], sigma_px: float) -> Float32:
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), max(0.5, sigma_px)), dtype=np.float32)


def _premultiplied(colors: ImageBGR, alpha: Float32) -> NDArray[np.uint8]:
    bgra = np.dstack([colors * alpha[:, :, None], 255.0 * alpha])
    return np.ascontiguousarray(np.clip(np.round(bgra), 0, 255).astype(np.uint8))
