"""Whether something is over mouth and nose, or over the eyes, as far as an aligned face tells.

The lower face is compared with the strip of cheek just below the eyes: a mask has another colour, hides the colour of
the lips, and has fewer edges than a mouth. Eight such figures are weighed by a logistic regression, fitted on press
photographs of 400 faces with masks painted over them in seven colours (docs/recognition.md has what it finds and what
it does not). Not fitted on real masks; a scarf in patterns passes one time in three.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.faces.values import Float32, ImageBGR

# Rows and columns of the aligned face of 112 x 112, where eyes are at y 52, the nose at 72 and the mouth at 92.
_BELOW_RIGHT_EYE: Final = (slice(56, 64), slice(28, 46))
_BELOW_LEFT_EYE: Final = (slice(56, 64), slice(66, 84))
_LOWER_FACE: Final = (slice(78, 108), slice(34, 78))
_LIPS: Final = (slice(88, 97), slice(46, 66))
_CHIN: Final = (slice(100, 110), slice(42, 70))
_RIGHT_CHEEK: Final = (slice(78, 96), slice(24, 34))
_LEFT_CHEEK: Final = (slice(78, 96), slice(78, 88))
_EYES: Final = (slice(44, 60), slice(28, 84))
_MOUTH: Final = (slice(82, 102), slice(36, 76))
_RIGHT_EYE: Final = (slice(44, 60), slice(28, 48))
_LEFT_EYE: Final = (slice(44, 60), slice(64, 84))
_BELOW_EYES: Final = ((slice(66, 76), slice(26, 42)), (slice(66, 76), slice(70, 86)))
_FOREHEAD: Final = (slice(28, 36), slice(40, 72))

_WEIGHTS: Final = np.array([0.0902, 0.0747, 0.0220, -4.4912, -0.1705, -0.0550, -0.0239, 0.0138])
_BIAS: Final = 2.807

Region = tuple[slice, slice]


def lower_face_covered(aligned_bgr: ImageBGR) -> float:
    """How much the lower face looks covered, 0 (open) to 1 (covered).

    Args:
        aligned_bgr: uint8 112 x 112 x 3, from ``models.faces.quality.align``.
    """
    lab = cv2.cvtColor(aligned_bgr, cv2.COLOR_BGR2LAB).astype(np.float32)
    grey = cv2.cvtColor(aligned_bgr, cv2.COLOR_BGR2GRAY).astype(np.float32)
    edges = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    skin = _colour(lab, _BELOW_RIGHT_EYE, _BELOW_LEFT_EYE)
    lower, cheeks = _colour(lab, _LOWER_FACE), _colour(lab, _RIGHT_CHEEK, _LEFT_CHEEK)
    lightness, redness = lab[_LOWER_FACE][..., 0], lab[_LOWER_FACE][..., 1]
    figures = np.array(
        [
            np.linalg.norm(lower[1:] - skin[1:]),
            np.linalg.norm(cheeks[1:] - skin[1:]),
            abs(lower[0] - skin[0]),
            edges[_MOUTH].mean() / (edges[_EYES].mean() + 1),
            np.percentile(redness, 90) - np.percentile(redness, 10),
            _colour(lab, _LIPS)[1] - (_colour(lab, _CHIN)[1] + cheeks[1]) / 2,
            np.percentile(lightness, 90) - np.percentile(lightness, 10),
            abs(cheeks[0] - skin[0]),
        ],
        dtype=np.float64,
    )
    return float(1 / (1 + np.exp(-(figures @ _WEIGHTS + _BIAS))))


def eye_brightness_share(aligned_bgr: ImageBGR) -> float:
    """Grey of the brighter eye's surroundings over that of cheeks or forehead; behind dark glasses it is small.

    Args:
        aligned_bgr: uint8 112 x 112 x 3, from ``models.faces.quality.align``.
    """
    grey = cv2.cvtColor(aligned_bgr, cv2.COLOR_BGR2GRAY).astype(np.float32)
    brighter_eye = max(float(np.median(grey[region])) for region in (_RIGHT_EYE, _LEFT_EYE))
    cheeks = float(np.median(np.concatenate([grey[region].ravel() for region in _BELOW_EYES])))
    return brighter_eye / max(cheeks, float(np.median(grey[_FOREHEAD])), 1.0)


def _colour(lab: Float32, *regions: Region) -> NDArray[np.float32]:
    """Median lightness and colour of regions, float32 (3,)."""
    return np.asarray(np.median(np.concatenate([lab[region].reshape(-1, 3) for region in regions]), axis=0))
