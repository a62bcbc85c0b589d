"""One detector and one encoder, opened together."""

from __future__ import annotations

from dataclasses import dataclass

from models.faces.detection import YuNetDetector
from models.faces.encoders import DlibEncoder, Encoder, SFaceEncoder
from models.faces.refining import refine, refine_at_leisure
from models.faces.values import Encoding, Face, ImageBGR
from models.settings import FacesSettings


@dataclass(frozen=True, slots=True)
class FaceEngine:
    """What finds and encodes faces. Not for several threads at once."""

    detector: YuNetDetector
    encoder: Encoder

    def detect(self, image_bgr: ImageBGR) -> list[Face]:
        """The faces in an image, largest first."""
        return self.detector.detect(image_bgr)

    def encode(self, image_bgr: ImageBGR, face: Face) -> Encoding:
        """The encoding of one of them, to be matched."""
        if self.encoder.follows_landmarks:
            face = refine(image_bgr, face, self.detector)
        return self.encoder.encode(image_bgr, face)

    def encode_views(self, image_bgr: ImageBGR, face: Face) -> tuple[Encoding, ...]:
        """The encodings of one of them in a photograph to be enrolled, the one to compare with others first."""
        if self.encoder.follows_landmarks:
            face = refine_at_leisure(image_bgr, face, self.detector)
        return self.encoder.encode_views(image_bgr, face)


def open_engine(settings: FacesSettings) -> FaceEngine:
    """Load the configured engine.

    Raises:
        CourtclockError: ``weights.missing``, ``weights.digest`` or ``engine.missing``.
    """
    detector = YuNetDetector(settings.min_detection_score, settings.weights.detector)
    encoder: Encoder = SFaceEncoder(settings.weights.encoder) if settings.engine == "sface" else DlibEncoder()
    return FaceEngine(detector, encoder)
