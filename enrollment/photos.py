"""Photograph files of unknown origin become pictures, or refusals: no bytes may do anything else."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import cv2
import numpy as np
from PIL import Image, ImageOps

from models.faces.values import ImageBGR
from models.language import N_, Language, translate

FORMATS: Final = ("JPEG", "PNG")
MIN_SIDE_PX: Final = 64
_MAGIC_BYTES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
# What Pillow's readers of these two formats are known to raise on broken files.
_BROKEN_FILE_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)

PhotoRefusalCode = Literal[
    "empty_file",
    "too_large_file",
    "unreadable_file",
    "not_an_image",
    "damaged",
    "too_many_pixels",
    "too_few_pixels",
    "no_face",
    "several_faces",
    "not_in_colour",
]


class PhotoLimits(Protocol):
    """How large a file may be; ``faces.enrollment_quality`` in config.yaml is one."""

    @property
    def max_file_bytes(self) -> int: ...
    @property
    def max_pixels(self) -> int: ...


@dataclass(frozen=True, slots=True)
class PhotoRefusal:
    """Why a file is no photograph of one person's face.

    Attributes:
        code: a key of the table below.
        found, limit: figures for the sentence, in the unit that it names.
    """

    code: PhotoRefusalCode
    found: float = 0.0
    limit: float = 0.0

    def sentence(self, language: Language) -> str:
        """What is wrong and what to do."""
        return translate(_SENTENCES[self.code], language).format(found=self.found, limit=self.limit)


_SENTENCES: Final[dict[PhotoRefusalCode, str]] = {
    "empty_file": N_("The file is empty. Copy it again from the camera."),
    "too_large_file": N_("The file is larger than {limit:.1f} MB. Save the photograph in a smaller size."),
    "unreadable_file": N_("The file cannot be read. Check its permissions, and that it is a file."),
    "not_an_image": N_("This is not a JPEG or PNG photograph, whatever its name says. Save it as JPEG."),
    "damaged": N_("The photograph is damaged or cut off. Copy it again from the camera."),
    "too_many_pixels": N_("The photograph has more than {limit:.1f} million pixels. Save it in a smaller size."),
    "too_few_pixels": N_(
        "The photograph is only {found:.0f} pixels wide or high, {limit:.0f} are needed. Take a larger one."
    ),
    "no_face": N_("No face is found. Take a photograph of one face, from the front, in good light."),
    "several_faces": N_("There are {found:.0f} faces. Take a photograph with one person only."),
    "not_in_colour": N_("The photograph is not in colour. Take a colour photograph."),
}


def read_photo(content: bytes, limits: PhotoLimits) -> ImageBGR | PhotoRefusal:
    """The picture in a file, upright, or why there is none.

    Cheap looks come first: length, magic bytes, the header's size; only then is anything decoded,
    by two of Pillow's readers. Metadata, the place above all, ends here.

    Args:
        content: the file's bytes; nothing is assumed of them.
        limits: bounds of the file and of its pixels, and so of memory.

    Returns:
        uint8, height x width x 3, transparent parts white; the first frame of several. Or a refusal.
    """
    if not content:
        return PhotoRefusal("empty_file")
    if len(content) > limits.max_file_bytes:
        return PhotoRefusal("too_large_file", limit=limits.max_file_bytes / 1e6)
    if not content.startswith(_MAGIC_BYTES):
        return PhotoRefusal("not_an_image")
    with warnings.catch_warnings():
        # Pillow warns of odd metadata, which is dropped anyway, and of many pixels, which are refused below.
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                refusal = _refuse_by_size(picture.size, limits)
                if refusal is not None:
                    return refusal
                picture.load()
                return _to_bgr(ImageOps.exif_transpose(picture))
        except Image.DecompressionBombError:
            return PhotoRefusal("too_many_pixels", limit=limits.max_pixels / 1e6)
        except _BROKEN_FILE_ERRORS:
            return PhotoRefusal("damaged")


def _refuse_by_size(size_wh: tuple[int, int], limits: PhotoLimits) -> PhotoRefusal | None:
    width, height = size_wh
    if width * height > limits.max_pixels:
        return PhotoRefusal("too_many_pixels", limit=limits.max_pixels / 1e6)
    if min(width, height) < MIN_SIDE_PX:
        return PhotoRefusal("too_few_pixels", found=min(width, height), limit=MIN_SIDE_PX)
    return None


def _to_bgr(picture: Image.Image) -> ImageBGR:
    if picture.mode.startswith("I"):
        # Pillow's own way to 8 bits cuts off everything above 255; the range is scaled instead.
        grey = np.asarray(picture).astype(np.uint32)
        scaled = ((grey * 255 + 32767) // 65535).astype(np.uint8)
        return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        white = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        picture = Image.alpha_composite(white, layer)
    rgb = np.asarray(picture.convert("RGB"), dtype=np.uint8)
    return np.ascontiguousarray(rgb[:, :, ::-1])
