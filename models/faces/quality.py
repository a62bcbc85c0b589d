"""How good a face picture is, in figures, and what is wrong with it, in sentences.

Named after the measures of ISO/IEC 29794-5 where they exist there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from models.faces.covering import eye_brightness_share, lower_face_covered
from models.faces.values import Face, Float32, ImageBGR
from models.language import N_, Language, translate

ALIGNED_SIZE_PX: Final = 112
# Where the five landmarks stand on an aligned face of 112 x 112 (the common ArcFace template).
ALIGNED_LANDMARKS_XY: Final[Float32] = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
    dtype=np.float32,
)

FaultCode = Literal[
    "too_small",
    "cut_off",
    "blurred",
    "too_dark",
    "too_bright",
    "clipped",
    "uneven_light",
    "tilted",
    "turned",
    "raised",
    "lowered",
    "eyes_hidden",
    "covered",
]

ISO_MEASURE_OF_FAULT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no_face": "SingleFacePresent",
        "several_faces": "SingleFacePresent",
        "not_in_colour": "NaturalColour",
        "too_small": "InterEyeDistance",
        "cut_off": "CropOfTheFaceImage",
        "blurred": "Sharpness",
        "too_dark": "UnderExposurePrevention",
        "too_bright": "OverExposurePrevention",
        "clipped": "DynamicRange",
        "uneven_light": "IlluminationUniformity",
        "tilted": "HeadPoseRoll",
        "turned": "HeadPoseYaw",
        "raised": "HeadPosePitch",
        "lowered": "HeadPosePitch",
        "eyes_hidden": "EyesVisible",
        "covered": "MouthOcclusionPrevention",
    }
)
"""The measure of ISO/IEC 29794-5 that each fault falls under, also those that enrollment finds by itself."""


class QualityLimits(Protocol):
    """The limits that faults are found by; ``faces.enrollment_quality`` in config.yaml is one."""

    @property
    def min_eye_distance_px(self) -> float: ...
    @property
    def min_sharpness(self) -> float: ...
    @property
    def min_brightness(self) -> float: ...
    @property
    def max_brightness(self) -> float: ...
    @property
    def max_clipped_share(self) -> float: ...
    @property
    def max_side_light_ratio(self) -> float: ...
    @property
    def max_roll_degrees(self) -> float: ...
    @property
    def max_yaw_share(self) -> float: ...
    @property
    def min_nod(self) -> float: ...
    @property
    def max_nod(self) -> float: ...
    @property
    def min_margin_share(self) -> float: ...
    @property
    def min_eye_brightness_share(self) -> float: ...
    @property
    def max_lower_face_covered(self) -> float: ...


@dataclass(frozen=True, slots=True)
class FaceMeasures:
    """Figures of one face.

    Attributes:
        eye_distance_px: inter-eye distance in the image as it came.
        sharpness: variance of the Laplacian of the aligned grey face.
        brightness: mean grey value of the aligned face, 0 to 255.
        clipped_share: share of its pixels below 10 or above 245.
        side_light_ratio: light of the brighter half over the darker, 1 or more.
        roll_degrees: tilt of the line between the eyes, 0 is level. YuNet reads too little of it: docs/recognition.md.
        yaw_share: shift of the nose from the middle between the eyes, along the line between them,
            over the eye distance; 0 is frontal, the sign tells the side.
        nod: height of the nose between eyes (0) and mouth (1); small when the head is raised.
        margin_share: gap between the face's box and the nearest edge of the picture, over the eye distance. A detector
            puts the box of a face that is cut off where the picture ends, so that little of it ever lies outside.
        eye_brightness_share: as in ``covering``; small behind dark glasses.
        lower_face_covered: as in ``covering``, 0 (open) to 1 (covered).
    """

    eye_distance_px: float
    sharpness: float
    brightness: float
    clipped_share: float
    side_light_ratio: float
    roll_degrees: float
    yaw_share: float
    nod: float
    margin_share: float
    eye_brightness_share: float
    lower_face_covered: float


@dataclass(frozen=True, slots=True)
class QualityFault:
    """One thing wrong with a face picture, with what to do about it."""

    code: FaultCode
    found: float
    limit: float

    def sentence(self, language: Language) -> str:
        """One sentence that says what to do."""
        return translate(_SENTENCES[self.code], language).format(found=self.found, limit=self.limit)


_SENTENCES: Final[dict[FaultCode, str]] = {
    "too_small": N_(
        "The face is too small: {found:.0f} pixels between the eyes, {limit:.0f} are needed. Take it from closer."
    ),
    "cut_off": N_(
        "The face is too near the edge ({found:.2f} eye distances, {limit:.2f} are needed). Leave room around it."
    ),
    "raised": N_("The head is raised ({found:.2f}, {limit:.2f} is needed). Look straight into the camera."),
    "lowered": N_("The head is lowered ({found:.2f}, at most {limit:.2f}). Look straight into the camera."),
    "eyes_hidden": N_(
        "The eyes are hidden (brightness {found:.0%} of the skin's, {limit:.0%} is needed). Take off dark glasses."
    ),
    "covered": N_("Mouth and nose seem covered ({found:.0%}, at most {limit:.0%}). Take off mask or scarf."),
    "blurred": N_("The face is blurred (sharpness {found:.0f}, {limit:.0f} is needed). Hold still and focus."),
    "too_dark": N_("The face is too dark ({found:.0f} of 255, {limit:.0f} is needed). Give more light from the front."),
    "too_bright": N_("The face is too bright ({found:.0f} of 255, at most {limit:.0f}). Use softer light."),
    "clipped": N_("{found:.0%} of the face is pure black or white, at most {limit:.0%} may be. Use softer light."),
    "uneven_light": N_(
        "One side of the face is {found:.1f} times as bright as the other, at most {limit:.1f}. Face the light."
    ),
    "tilted": N_("The head is tilted by {found:.0f} degrees, at most {limit:.0f}. Hold it upright."),
    "turned": N_("The face is turned to one side ({found:.2f}, at most {limit:.2f}). Look into the camera."),
}


def similarity(from_xy: Float32, to_xy: Float32) -> NDArray[np.float64] | None:
    """The turn, scale and shift that bring points nearest to others, by least squares over all of them.

    Five points are too few to vote some of them out as OpenCV's robust estimators do. Points mirrored are not
    mirrored back (Umeyama, 1991, with two dimensions written out).

    Args:
        from_xy, to_xy: float32 (N, 2) each, in the same order.

    Returns:
        float64 (2, 3), as ``cv2.warpAffine`` takes it; None when all of ``from_xy`` are in one place.
    """
    source, target = from_xy.astype(np.float64), to_xy.astype(np.float64)
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    source, target = source - source_mean, target - target_mean
    spread = float((source**2).sum())
    if spread < 1e-6:
        return None
    along = float((source * target).sum()) / spread
    across = float((source[:, 0] * target[:, 1] - source[:, 1] * target[:, 0]).sum()) / spread
    turn = np.array([[along, -across], [across, along]])
    return np.column_stack([turn, target_mean - turn @ source_mean])


def align(image_bgr: ImageBGR, face: Face) -> ImageBGR:
    """The face turned upright and scaled, uint8 112 x 112 x 3; black where all landmarks are in one place."""
    transform = similarity(face.landmarks_xy, ALIGNED_LANDMARKS_XY)
    if transform is None:
        return np.zeros((ALIGNED_SIZE_PX, ALIGNED_SIZE_PX, 3), dtype=np.uint8)
    aligned = cv2.warpAffine(image_bgr, transform, (ALIGNED_SIZE_PX, ALIGNED_SIZE_PX))
    return np.asarray(aligned, dtype=np.uint8)


def sharpness(image_bgr: ImageBGR, face: Face) -> float:
    """Variance of the Laplacian of the aligned grey face; more is sharper."""
    grey = cv2.cvtColor(align(image_bgr, face), cv2.COLOR_BGR2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_64F).var())


def measure(image_bgr: ImageBGR, face: Face) -> FaceMeasures:
    """The figures of one face in one image (uint8, height x width x 3)."""
    aligned = align(image_bgr, face)
    grey = cv2.cvtColor(aligned, cv2.COLOR_BGR2GRAY)
    inner = grey[24:104, 20:92]
    left_mean = float(inner[:, :36].mean()) + 1.0
    right_mean = float(inner[:, 36:].mean()) + 1.0
    right_eye, left_eye, nose = face.landmarks_xy[:3].astype(np.float64)
    along = left_eye - right_eye
    eye_distance_px = max(float(np.linalg.norm(along)), 1e-6)
    unit = along / eye_distance_px
    return FaceMeasures(
        eye_distance_px=eye_distance_px,
        sharpness=float(cv2.Laplacian(grey, cv2.CV_64F).var()),
        brightness=float(inner.mean()),
        clipped_share=float(((inner < 10) | (inner > 245)).mean()),
        side_light_ratio=max(left_mean, right_mean) / min(left_mean, right_mean),
        roll_degrees=float(np.degrees(np.arctan2(along[1], along[0]))),
        yaw_share=float((nose - (right_eye + left_eye) / 2) @ unit) / eye_distance_px,
        nod=_nod(face, unit),
        margin_share=_margin_px(image_bgr, face) / eye_distance_px,
        eye_brightness_share=eye_brightness_share(aligned),
        lower_face_covered=lower_face_covered(aligned),
    )


def _nod(face: Face, along: NDArray[np.float64]) -> float:
    """Height of the nose between eyes and mouth, square to the line between the eyes."""
    right_eye, left_eye, nose, right_mouth, left_mouth = face.landmarks_xy.astype(np.float64)
    down = np.array([-along[1], along[0]])
    eyes = (right_eye + left_eye) / 2
    length = float(((right_mouth + left_mouth) / 2 - eyes) @ down)
    return float((nose - eyes) @ down) / length if abs(length) > 1e-6 else 0.0


def _margin_px(image_bgr: ImageBGR, face: Face) -> float:
    height, width = image_bgr.shape[:2]
    left, top, right, bottom = (float(edge) for edge in face.box_xyxy)
    return float(min(left, top, width - right, height - bottom))


def find_faults(measures: FaceMeasures, limits: QualityLimits) -> tuple[QualityFault, ...]:
    """What keeps this face from being a good template, most telling first; empty when nothing does."""
    checks: tuple[tuple[FaultCode, bool, float, float], ...] = (
        (
            "too_small",
            measures.eye_distance_px < limits.min_eye_distance_px,
            measures.eye_distance_px,
            limits.min_eye_distance_px,
        ),
        (
            "cut_off",
            measures.margin_share < limits.min_margin_share,
            measures.margin_share,
            limits.min_margin_share,
        ),
        (
            "covered",
            measures.lower_face_covered > limits.max_lower_face_covered,
            measures.lower_face_covered,
            limits.max_lower_face_covered,
        ),
        (
            "eyes_hidden",
            measures.eye_brightness_share < limits.min_eye_brightness_share,
            measures.eye_brightness_share,
            limits.min_eye_brightness_share,
        ),
        ("too_dark", measures.brightness < limits.min_brightness, measures.brightness, limits.min_brightness),
        ("too_bright", measures.brightness > limits.max_brightness, measures.brightness, limits.max_brightness),
        (
            "clipped",
            measures.clipped_share > limits.max_clipped_share,
            measures.clipped_share,
            limits.max_clipped_share,
        ),
        (
            "uneven_light",
            measures.side_light_ratio > limits.max_side_light_ratio,
            measures.side_light_ratio,
            limits.max_side_light_ratio,
        ),
        (
            "tilted",
            abs(measures.roll_degrees) > limits.max_roll_degrees,
            abs(measures.roll_degrees),
            limits.max_roll_degrees,
        ),
        ("turned", abs(measures.yaw_share) > limits.max_yaw_share, abs(measures.yaw_share), limits.max_yaw_share),
        ("raised", measures.nod < limits.min_nod, measures.nod, limits.min_nod),
        ("lowered", measures.nod > limits.max_nod, measures.nod, limits.max_nod),
        ("blurred", measures.sharpness < limits.min_sharpness, measures.sharpness, limits.min_sharpness),
    )
    return tuple(QualityFault(code, found, limit) for code, wrong, found, limit in checks if wrong)
