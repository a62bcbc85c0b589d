"""Probes from a folder: pictures that were not enrolled, of people in the gallery and of strangers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import cv2
import numpy as np

from enrollment.folder import read_photo_file
from enrollment.photos import PhotoLimits, PhotoRefusal, read_photo
from enrollment.values import PhotoFile
from models.errors import CourtclockError
from models.faces.comparing_all import Probe
from models.faces.engine import FaceEngine
from models.faces.values import Encoding, ImageBGR
from models.language import N_, Language, translate

STRANGERS_FOLDER: Final = "strangers"
_LONGEST_SIDE_PX: Final = 960
_LARGEST_EYE_DISTANCE_PX: Final = 80.0
_UNKNOWN_NUMBER: Final = N_("Nobody of this number is enrolled with a face. The folder is left out.")


@dataclass(frozen=True, slots=True)
class SkippedProbe:
    """A file or a folder that was left out, and why."""

    name: str
    refusal: PhotoRefusal | None

    def sentence(self, language: Language) -> str:
        """The reason."""
        return translate(_UNKNOWN_NUMBER, language) if self.refusal is None else self.refusal.sentence(language)


@dataclass(frozen=True, slots=True)
class ProbeFolder:
    """The files of a folder, to be read one by one.

    Attributes:
        files: path, whom it shows (None: a stranger), and which stranger.
        skipped: folders of numbers that nobody in the gallery has.
    """

    files: tuple[tuple[Path, UUID | None, str], ...]
    skipped: tuple[SkippedProbe, ...]


def open_probe_folder(path: Path, enrolled: Mapping[str, UUID]) -> ProbeFolder:
    """What is in the folder; no picture is read yet.

    Args:
        path: holds a folder for each employee number, and ``strangers`` with pictures or with a folder a stranger.
        enrolled: identifiers by employee number of everybody in the gallery.

    Raises:
        CourtclockError: ``probes.unreadable`` or ``probes.empty``.
    """
    files: list[tuple[Path, UUID | None, str]] = []
    skipped = []
    try:
        for entry in _visible(path):
            if not entry.is_dir():
                continue
            if entry.name == STRANGERS_FOLDER:
                for inner in _visible(entry):
                    within = _visible(inner) if inner.is_dir() else [inner]
                    files += [(file, None, inner.name) for file in within if file.is_file()]
            elif entry.name in enrolled:
                files += [(file, enrolled[entry.name], "") for file in _visible(entry) if file.is_file()]
            else:
                skipped.append(SkippedProbe(entry.name, None))
    except OSError as error:
        raise CourtclockError("probes.unreadable", path=str(path), reason=error.strerror or error) from error
    if not files:
        raise CourtclockError("probes.empty", path=str(path), strangers=STRANGERS_FOLDER)
    return ProbeFolder(tuple(files), tuple(skipped))


def read_probes(
    folder: ProbeFolder, engine: FaceEngine, limits: PhotoLimits, progress: Callable[[int, int], None]
) -> tuple[list[Probe], list[SkippedProbe]]:
    """The largest face of each picture as the kiosk would encode it, and what was left out."""
    probes: list[Probe] = []
    skipped = list(folder.skipped)
    for done, (path, person_id, stranger) in enumerate(folder.files, start=1):
        name = f"{path.parent.name}/{path.name}"
        found = _encode(read_photo_file(path, name, limits.max_file_bytes), engine, limits)
        if isinstance(found, PhotoRefusal):
            skipped.append(SkippedProbe(name, found))
        else:
            probes.append(Probe(found, person_id, stranger))
        progress(done, len(folder.files))
    return probes, skipped


def _visible(folder: Path) -> Iterator[Path]:
    return (entry for entry in sorted(folder.iterdir()) if not entry.name.startswith("."))


def _encode(photo: PhotoFile, engine: FaceEngine, limits: PhotoLimits) -> Encoding | PhotoRefusal:
    if isinstance(photo.content, PhotoRefusal):
        return photo.content
    image_bgr = read_photo(photo.content, limits)
    if isinstance(image_bgr, PhotoRefusal):
        return image_bgr
    # As large as a kiosk's picture: the detector finds no face that fills a photograph of many megapixels.
    image_bgr = _reduced(image_bgr, _LONGEST_SIDE_PX / max(image_bgr.shape[:2]))
    faces = engine.detect(image_bgr)
    if not faces:
        return PhotoRefusal("no_face")
    eye_distance_px = faces[0].eye_distance_px
    if eye_distance_px > _LARGEST_EYE_DISTANCE_PX:
        # Aligning takes single pixels: a far larger face would be sampled with gaps.
        smaller_bgr = _reduced(image_bgr, _LARGEST_EYE_DISTANCE_PX / eye_distance_px)
        again = engine.detect(smaller_bgr)
        if again:
            image_bgr, faces = smaller_bgr, again
    return engine.encode(image_bgr, faces[0])


def _reduced(image_bgr: ImageBGR, share: float) -> ImageBGR:
    """The image smaller by a share; as it is where the share is 1 or more."""
    if share >= 1:
        return image_bgr
    height, width = image_bgr.shape[:2]
    size_wh = (max(1, round(width * share)), max(1, round(height * share)))
    return np.asarray(cv2.resize(image_bgr, size_wh, interpolation=cv2.INTER_AREA), dtype=np.uint8)
