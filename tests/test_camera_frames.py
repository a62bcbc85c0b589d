"""A frame is one picture that never changes, with its number and its times."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from kiosk.camera.frames import Frame
from tests.camera_fakes import COURT_START, plain


def frame_with(**changes: Any) -> Frame:
    values: dict[str, Any] = {
        "image_bgr": plain(7),
        "sequence": 1,
        "captured_at": COURT_START,
        "captured_monotonic": 5.0,
        "captured_host_seconds": 6.0,
    }
    return Frame(**(values | changes))


def test_a_frame_cannot_be_painted_over() -> None:
    with pytest.raises(ValueError, match="read-only"):
        frame_with().image_bgr[0, 0, 0] = 1


def test_a_source_that_reuses_its_buffer_does_not_change_a_frame() -> None:
    buffer = plain(7)
    frame = frame_with(image_bgr=buffer)
    buffer[:] = 200
    assert int(frame.image_bgr.max()) == 7


def test_the_time_of_a_frame_is_kept_in_utc() -> None:
    in_changchun = datetime(2026, 11, 20, 8, 12, tzinfo=timezone(timedelta(hours=8)))
    frame = frame_with(captured_at=in_changchun)
    assert frame.captured_at == COURT_START
    assert frame.captured_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"image_bgr": np.zeros((4, 4), dtype=np.uint8)}, "image_bgr"),
        ({"image_bgr": np.zeros((4, 4, 4), dtype=np.uint8)}, "image_bgr"),
        ({"image_bgr": np.zeros((4, 4, 3), dtype=np.float32)}, "image_bgr"),
        ({"image_bgr": np.zeros((0, 4, 3), dtype=np.uint8)}, "image_bgr"),
        ({"sequence": 0}, "sequence"),
        ({"captured_at": COURT_START.replace(tzinfo=None)}, "naive"),
        ({"captured_monotonic": float("nan")}, "finite"),
        ({"captured_host_seconds": float("inf")}, "finite"),
    ],
)
def test_a_frame_of_another_form_is_not_born(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        frame_with(**changes)
