"""A folder of photographs in the layout of LFW: a folder a person, and a manifest that names the groups."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from models.faces.values import ImageBGR

HOW_TO_GET_THEM = (
    "No photographs at {folder}. Name a folder with DATA=folder: one folder a person, as in Labeled Faces in the "
    "Wild (lfw-deepfunneled; scikit-learn's fetch_lfw_people keeps a copy, and so do several university mirrors), and "
    "beside them a file manifest.csv with the columns identity,group,file."
)


@dataclass(frozen=True, slots=True)
class Photograph:
    """One photograph of one person.

    Attributes:
        identity: who is on it.
        group: that the person is counted with.
        path: where it is.
    """

    identity: str
    group: str
    path: Path

    def read(self) -> ImageBGR:
        """The picture, uint8, height x width x 3."""
        image_bgr = cv2.imread(str(self.path), cv2.IMREAD_COLOR)
        if image_bgr is None:
            raise ValueError(f"{self.path} is not a picture")
        return np.asarray(image_bgr, dtype=np.uint8)


def read_manifest(folder: Path) -> list[Photograph]:
    """All photographs, in the order of the manifest; without a manifest, all people are one group.

    Raises:
        FileNotFoundError: there are no photographs, with how to get them.
    """
    manifest = folder / "manifest.csv"
    if manifest.is_file():
        with manifest.open(encoding="utf-8", newline="") as file:
            return [Photograph(row["identity"], row["group"], folder / row["file"]) for row in csv.DictReader(file)]
    found = sorted(path for path in folder.glob("*/*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not found:
        raise FileNotFoundError(HOW_TO_GET_THEM.format(folder=folder))
    return [Photograph(path.parent.name, "all", path) for path in found]
