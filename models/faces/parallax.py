"""Whether the points of a face move as the points of one plane do.

A camera sees any two positions of a flat thing, however it is turned and however near it is, as two pictures between
which one projective map (a homography, eight numbers) leads: every point of a print moves as its plane does. A face
is not flat: when a head turns or comes nearer, its nose moves farther than its cheeks, and it speaks and blinks as
well. What a face's points do beyond the best homography is therefore parallax and expression, which a rigid flat
picture does not have.

Some dozens of corners are found on the aligned face of a first frame and followed with optical flow (Lucas and
Kanade, in pyramids, there and back again). The aligned crop takes away nearly all motion beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.faces.quality import ALIGNED_LANDMARKS_XY, ALIGNED_SIZE_PX, similarity
from models.faces.values import Face, Float32, ImageBGR

CROP_PX: Final = 160
_LANDMARKS_XY: Final[Float32] = np.asarray(ALIGNED_LANDMARKS_XY * (CROP_PX / ALIGNED_SIZE_PX), dtype=np.float32)
CROP_EYE_DISTANCE_PX: Final = float(_LANDMARKS_XY[1, 0] - _LANDMARKS_XY[0, 0])

LEAST_POINTS: Final = 15
_MOST_POINTS: Final = 80
_POINT_QUALITY: Final = 0.01
_POINT_GAP_PX: Final = 5
_LARGEST_ROUND_TRIP_PX: Final = 0.6
_FLOW_WINDOW_PX: Final = (15, 15)
_FLOW_LEVELS: Final = 2
_FLOW_STOP: Final = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 0.03)


def _face_mask() -> NDArray[np.uint8]:
    """Forehead to chin and cheek to cheek; what lies beside a head belongs to the background."""
    mask = np.zeros((CROP_PX, CROP_PX), dtype=np.uint8)
    middle_x, middle_y = _LANDMARKS_XY.mean(axis=0)
    axes = (round(1.15 * CROP_EYE_DISTANCE_PX), round(1.45 * CROP_EYE_DISTANCE_PX))
    cv2.ellipse(mask, (round(float(middle_x)), round(float(middle_y)) - 5), axes, 0, 0, 360, 255, -1)
    return mask


_FACE_MASK: Final = _face_mask()


@dataclass(frozen=True, slots=True, eq=False)
class FirstLook:
    """The frame that later ones are compared with. Kept in memory while its track lasts, and never stored.

    Attributes:
        crop_grey: uint8 (160, 160), the aligned face.
        points_xy: float32 (N, 2), corners on it, in pixels of the crop.
        eye_distance_px: of the face in the frame that it was taken from.
    """

    crop_grey: NDArray[np.uint8]
    points_xy: Float32
    eye_distance_px: float


@dataclass(frozen=True, slots=True, eq=False)
class PlaneMotion:
    """How the points of one frame moved since the first look.

    Attributes:
        residuals: float32 (N, 2), what each point did beyond the best homography, in eye distances; NaN where the
            point was lost.
        foreshortening: longer over shorter axis of the best affine map, less 1; a plane tilted by 20 degrees
            has 0.06, one by 30 has 0.15.
    """

    residuals: Float32
    foreshortening: float


def first_look(image_bgr: ImageBGR, face: Face) -> FirstLook | None:
    """Begin to follow a face; None where it has too few corners (no texture, blur, darkness)."""
    crop = _crop_grey(image_bgr, face)
    if crop is None:
        return None
    found = cv2.goodFeaturesToTrack(crop, _MOST_POINTS, _POINT_QUALITY, _POINT_GAP_PX, mask=_FACE_MASK)
    if found is None or len(found) < LEAST_POINTS:
        return None
    return FirstLook(crop, np.asarray(found[:, 0], dtype=np.float32), face.eye_distance_px)


def plane_motion(look: FirstLook, image_bgr: ImageBGR, face: Face) -> PlaneMotion | None:
    """What the points of a face did between the first look and this frame.

    Returns:
        None where fewer than half of the points, or fewer than 15, can be found again.
    """
    crop = _crop_grey(image_bgr, face)
    if crop is None:
        return None
    before = look.points_xy[:, None, :]
    after, found = _flow(look.crop_grey, crop, before)
    back, found_back = _flow(crop, look.crop_grey, after)
    good = found & found_back & (np.abs(back - before).max(axis=(1, 2)) < _LARGEST_ROUND_TRIP_PX)
    seen_xy = np.where(good[:, None], after[:, 0], np.nan).astype(np.float32)
    return motion_beyond_plane(look.points_xy, seen_xy, CROP_EYE_DISTANCE_PX)


def motion_beyond_plane(before_xy: Float32, after_xy: Float32, eye_distance_px: float) -> PlaneMotion | None:
    """The residuals of points against the homography that fits them best by least squares. Pure.

    Args:
        before_xy, after_xy: float32 (N, 2), in pixels; rows of ``after_xy`` are NaN where a point was lost.
        eye_distance_px: of the face, in the same pixels.

    Returns:
        None where fewer than half of the points, or fewer than 15, are left, or no map can be found.
    """
    good: NDArray[np.bool_] = np.asarray(np.isfinite(after_xy).all(axis=1))
    if good.sum() < max(LEAST_POINTS, good.size / 2):
        return None
    before, after = before_xy[good].astype(np.float64), after_xy[good].astype(np.float64)
    homography, _ = cv2.findHomography(before, after, 0)
    if homography is None or not np.isfinite(homography).all():
        return None
    expected = cv2.perspectiveTransform(before[None], homography)[0]
    residuals = np.full(after_xy.shape, np.nan, dtype=np.float32)
    residuals[good] = (after - expected) / eye_distance_px
    affine = np.linalg.lstsq(np.column_stack([before, np.ones(len(before))]), after, rcond=None)[0][:2]
    longer, shorter = np.linalg.svd(affine, compute_uv=False)
    if not shorter > 1e-6 or not np.isfinite(residuals[good]).all():
        return None
    return PlaneMotion(residuals, float(longer / shorter) - 1.0)


def _flow(
    from_grey: NDArray[np.uint8], to_grey: NDArray[np.uint8], points_xy: Float32
) -> tuple[Float32, NDArray[np.bool_]]:
    """Where points (float32 (N, 1, 2)) went, and which were found."""
    moved, found, _ = cv2.calcOpticalFlowPyrLK(
        from_grey,
        to_grey,
        points_xy,
        np.empty_like(points_xy),
        winSize=_FLOW_WINDOW_PX,
        maxLevel=_FLOW_LEVELS,
        criteria=_FLOW_STOP,
    )
    return np.asarray(moved, dtype=np.float32), np.asarray(found[:, 0] > 0)


def _crop_grey(image_bgr: ImageBGR, face: Face) -> NDArray[np.uint8] | None:
    transform = similarity(face.landmarks_xy, _LANDMARKS_XY)
    if transform is None:
        return None
    return np.asarray(cv2.cvtColor(cv2.warpAffine(image_bgr, transform, (CROP_PX, CROP_PX)), cv2.COLOR_BGR2GRAY))
