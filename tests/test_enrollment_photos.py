"""Photograph files: whatever the bytes are, a picture or a sentence comes out."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from enrollment.photos import PhotoRefusal, read_photo
from models.faces.values import ImageBGR


@dataclass(frozen=True)
class Limits:
    max_file_bytes: int = 1_000_000
    max_pixels: int = 200_000


def colours(height: int = 80, width: int = 120) -> NDArray[np.uint8]:
    """RGB: red to the right, green downwards, some blue everywhere."""
    image = np.full((height, width, 3), 40, dtype=np.uint8)
    image[:, :, 0] = np.linspace(0, 255, width, dtype=np.uint8)
    image[:, :, 1] = np.linspace(0, 255, height, dtype=np.uint8)[:, None]
    return image


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    content = io.BytesIO()
    picture.save(content, form, **options)
    return content.getvalue()


def picture_in(content: bytes) -> ImageBGR:
    found = read_photo(content, Limits())
    assert not isinstance(found, PhotoRefusal), found
    return found


def code_of(content: bytes, limits: Limits | None = None) -> str:
    found = read_photo(content, limits or Limits())
    assert isinstance(found, PhotoRefusal)
    assert found.sentence("en")
    return found.code


def png_with_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = b""
    for kind, content in ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")):
        chunks += struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return b"\x89PNG\r\n\x1a\n" + chunks


JPEG = encoded(Image.fromarray(colours()), "JPEG", quality=95)
PNG = encoded(Image.fromarray(colours()), "PNG")


def test_a_png_comes_out_as_it_went_in_with_blue_first() -> None:
    image_bgr = picture_in(PNG)
    assert image_bgr.dtype == np.uint8
    np.testing.assert_array_equal(image_bgr[:, :, ::-1], colours())


def test_a_jpeg_comes_out_nearly_as_it_went_in() -> None:
    assert np.abs(picture_in(JPEG)[:, :, ::-1].astype(int) - colours()).mean() < 3


# What a camera writes into EXIF when it was held so, and where the picture's first corner then belongs.
@pytest.mark.parametrize(
    ("orientation", "upright"),
    [
        (1, lambda image: image),
        (2, lambda image: image[:, ::-1]),
        (3, lambda image: image[::-1, ::-1]),
        (4, lambda image: image[::-1]),
        (6, lambda image: np.rot90(image, -1)),
        (8, lambda image: np.rot90(image)),
    ],
)
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_photograph_taken_on_its_side_is_turned_upright(orientation: int, upright: Any, form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image_bgr = picture_in(encoded(Image.fromarray(colours()), form, exif=exif))
    expected = upright(colours())
    assert image_bgr.shape == expected.shape
    assert np.abs(image_bgr[:, :, ::-1].astype(int) - expected).mean() < 5


def test_a_cmyk_jpeg_becomes_bgr() -> None:
    red = Image.new("RGB", (80, 80), (200, 30, 30)).convert("CMYK")
    blue, green, redness = picture_in(encoded(red, "JPEG")).mean(axis=(0, 1))
    assert redness > 180
    assert blue < 60
    assert green < 60


def test_16_bit_grey_is_scaled_and_not_cut_off() -> None:
    ramp = np.tile(np.linspace(0, 65535, 128, dtype=np.uint16), (80, 1))
    image_bgr = picture_in(encoded(Image.fromarray(ramp), "PNG"))
    np.testing.assert_allclose(image_bgr[0, :, 0], np.linspace(0, 255, 128), atol=1)
    assert (image_bgr == image_bgr[:, :, :1]).all()


def test_transparent_parts_become_white() -> None:
    layer = np.dstack([colours(), np.full((80, 120), 255, dtype=np.uint8)])
    layer[:20, :, 3] = 0
    image_bgr = picture_in(encoded(Image.fromarray(layer), "PNG"))
    assert (image_bgr[:20] == 255).all()
    np.testing.assert_array_equal(image_bgr[20:, :, ::-1], colours()[20:])


def test_a_palette_becomes_colours_and_its_transparent_entry_white() -> None:
    palette = Image.new("P", (80, 80), 1)
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.paste(0, (0, 0, 40, 80))
    image_bgr = picture_in(encoded(palette, "PNG", transparency=0))
    assert image_bgr[5, 5].tolist() == [255, 255, 255]
    assert image_bgr[5, 60].tolist() == [50, 100, 200]


@pytest.mark.parametrize("mode", ["L", "LA", "1"])
def test_grey_and_black_and_white_are_read_too(mode: str) -> None:
    image_bgr = picture_in(encoded(Image.fromarray(colours()).convert(mode), "PNG"))
    assert image_bgr.shape == (80, 120, 3)
    assert (image_bgr == image_bgr[:, :, :1]).all()


def test_of_an_animation_the_first_frame_counts() -> None:
    first, second = Image.new("RGB", (70, 70), (9, 8, 7)), Image.new("RGB", (70, 70), (90, 80, 70))
    image_bgr = picture_in(encoded(first, "PNG", save_all=True, append_images=[second]))
    assert image_bgr[3, 3].tolist() == [7, 8, 9]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\0" * 5000, "not_an_image"),
        ("这不是照片\n".encode() * 100, "not_an_image"),
        (encoded(Image.fromarray(colours()), "GIF"), "not_an_image"),
        (encoded(Image.fromarray(colours()), "TIFF"), "not_an_image"),
        (b"\xff\xd8\xff", "damaged"),
        (PNG[:8], "damaged"),
        (JPEG[: len(JPEG) // 2], "damaged"),
        (PNG[: len(PNG) // 2], "damaged"),
        (PNG[:60] + bytes([PNG[60] ^ 255]) + PNG[61:], "damaged"),
        (png_with_header(100_000, 100_000), "too_many_pixels"),
        (png_with_header(501, 400), "too_many_pixels"),
        (png_with_header(500, 400), "damaged"),
        (encoded(Image.new("RGB", (63, 300)), "PNG"), "too_few_pixels"),
    ],
)
def test_what_is_no_photograph_is_refused_with_its_reason(content: bytes, code: str) -> None:
    assert code_of(content) == code


def test_a_file_over_the_limit_is_not_even_opened() -> None:
    assert code_of(b"x" * 101, Limits(max_file_bytes=100)) == "too_large_file"
    assert code_of(b"x" * 100, Limits(max_file_bytes=100)) == "not_an_image"


def test_a_size_over_the_limit_is_refused_before_anything_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(_: Image.Image) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)
    assert code_of(PNG, Limits(max_pixels=80 * 120 - 1)) == "too_many_pixels"
    with pytest.raises(AssertionError, match="decoded"):
        read_photo(PNG, Limits(max_pixels=80 * 120))


@given(
    content=st.binary(max_size=400), beginning=st.sampled_from([b"", b"\xff\xd8\xff", PNG[:8], PNG[:33], JPEG[:200]])
)
def test_random_bytes_never_crash(content: bytes, beginning: bytes) -> None:
    found = read_photo(beginning + content, Limits())
    assert isinstance(found, PhotoRefusal | np.ndarray)


@settings(max_examples=150)
@given(whole=st.sampled_from([JPEG, PNG]), share=st.floats(0, 1, exclude_max=True))
@example(whole=PNG, share=0.999)
def test_a_file_cut_off_anywhere_never_crashes(whole: bytes, share: float) -> None:
    found = read_photo(whole[: int(len(whole) * share)], Limits())
    assert isinstance(found, PhotoRefusal) or found.shape == (80, 120, 3)


@settings(max_examples=200)
@given(
    whole=st.sampled_from([JPEG, PNG]),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_a_file_with_changed_bytes_never_crashes(whole: bytes, changes: list[tuple[float, int]]) -> None:
    changed = bytearray(whole)
    for share, value in changes:
        # Most of what a reader trusts stands in the first bytes.
        changed[int(share**3 * len(changed))] = value
    found = read_photo(bytes(changed), Limits())
    assert isinstance(found, PhotoRefusal) or found.shape[2] == 3
