"""An anti-spoofing network of the site's own choice: given by path and digest, run by OpenCV.

None is shipped. The freely available ones were trained on other people's cameras and faces, mostly under terms that
do not fit every user, and what they reach at a court's door is not known before it is measured there. Whoever has one
names its file, and it speaks beside the passive test: both must say live.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal, Protocol

import cv2
import numpy as np

from models.errors import CourtclockError
from models.faces.values import Face, Float32, ImageBGR


class AntispoofModel(Protocol):
    """What must be known of a network; ``kiosk.liveness.antispoof`` in config.yaml is one.

    Attributes:
        file: the ONNX file: one input (1, 3, size, size), one output of one logit a class.
        sha256: of the file, in hexadecimal.
        input_size_px: side of the square picture that it takes.
        crop_scale: how much larger than the face's box the crop is, on both axes.
        channels: order of the colours that it takes.
        largest_value: that white has in its input, 255 or 1.
        live_class: index of the output that means a live face.
        min_live_score: least softmax of that output.
    """

    @property
    def file(self) -> Path: ...
    @property
    def sha256(self) -> str: ...
    @property
    def input_size_px(self) -> int: ...
    @property
    def crop_scale(self) -> float: ...
    @property
    def channels(self) -> Literal["bgr", "rgb"]: ...
    @property
    def largest_value(self) -> float: ...
    @property
    def live_class(self) -> int: ...
    @property
    def min_live_score(self) -> float: ...


class Antispoof:
    """Scores single frames. Used by one thread only.

    Args:
        model: which network, and how it is fed.

    Raises:
        CourtclockError: ``weights.missing``, ``weights.digest``, or ``antispoof.failed`` when OpenCV cannot read it.
    """

    def __init__(self, model: AntispoofModel) -> None:
        self._model = model
        content = _read_verified(model)
        try:
            self._net = cv2.dnn.readNetFromONNX(np.frombuffer(content, dtype=np.uint8))
        except cv2.error as error:
            raise self._failed(error.err or str(error)) from error

    def live_score(self, image_bgr: ImageBGR, face: Face) -> float:
        """How live the network takes a face for, 0 to 1.

        Raises:
            CourtclockError: ``antispoof.failed``; whoever asks takes the face for not live.
        """
        size = self._model.input_size_px
        try:
            blob = cv2.dnn.blobFromImage(
                _crop(image_bgr, face, self._model.crop_scale, size),
                scalefactor=self._model.largest_value / 255.0,
                size=(size, size),
                swapRB=self._model.channels == "rgb",
            )
            self._net.setInput(blob)
            logits = np.asarray(self._net.forward(), dtype=np.float64).ravel()
        except cv2.error as error:
            raise self._failed(error.err or str(error)) from error
        if not self._model.live_class < len(logits):
            raise self._failed(f"{len(logits)} classes, and live_class is {self._model.live_class}")
        if not np.isfinite(logits).all():
            raise self._failed("its output is not finite")
        powers = np.exp(logits - logits.max())
        return float(powers[self._model.live_class] / powers.sum())

    def is_live(self, image_bgr: ImageBGR, face: Face) -> bool:
        """Whether the score reaches the threshold; False for every error in the network."""
        try:
            return self.live_score(image_bgr, face) >= self._model.min_live_score
        except CourtclockError:
            return False

    def _failed(self, reason: str) -> CourtclockError:
        return CourtclockError("antispoof.failed", path=str(self._model.file), reason=reason)


def _read_verified(model: AntispoofModel) -> bytes:
    try:
        content = model.file.read_bytes()
    except OSError as error:
        raise CourtclockError("weights.missing", path=str(model.file)) from error
    found = hashlib.sha256(content).hexdigest()
    if found != model.sha256.lower():
        raise CourtclockError("weights.digest", path=str(model.file), found=found, expected=model.sha256)
    return content


def _crop(image_bgr: ImageBGR, face: Face, scale: float, size_px: int) -> ImageBGR:
    """The face with its surroundings, stretched to a square; beyond the picture its edge goes on."""
    left, top, right, bottom = (float(edge) for edge in face.box_xyxy)
    width, height = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    move: Float32 = np.array(
        [[1, 0, (width - left - right) / 2], [0, 1, (height - top - bottom) / 2]], dtype=np.float32
    )
    cropped = cv2.warpAffine(image_bgr, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    # Shrinking by sampling alone would make a grid of its own out of fine texture.
    flags = cv2.INTER_AREA if min(width, height) > size_px else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(cropped, (size_px, size_px), interpolation=flags), dtype=np.uint8)
