"""What may stand in kiosk.camera.source, and what each of it gives."""

from __future__ import annotations

import logging
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.camera.folder import FolderSource
from kiosk.camera.pacing import Pacer
from kiosk.camera.pictures import as_bgr, letterbox, shrink_to_fit
from kiosk.camera.sources import open_source, shown_name
from kiosk.camera.video_file import VideoFileSource
from models.errors import CourtclockError
from tests.camera_fakes import FakeClock, plain, settings


def write_video(path: Path, levels: list[int], frames_per_second: float) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), frames_per_second, (64, 48))
    assert writer.isOpened()
    for level in levels:
        writer.write(plain(level))
    writer.release()


def levels_of(source: VideoFileSource | FolderSource, reads: int) -> list[int]:
    """Grey level in the middle of each picture, to the nearest ten."""
    pictures = [source.read() for _ in range(reads)]
    return [round(int(picture[picture.shape[0] // 2, picture.shape[1] // 2, 0]) / 10) * 10 for picture in pictures]


# Names


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("0", "0"),
        ("/dev/video0", "/dev/video0"),
        ("sample", "sample"),
        ("rtsp://10.0.0.9", "rtsp://10.0.0.9"),
        ("rtsp://10.0.0.9:554/live/1", "rtsp://10.0.0.9:554/…"),
        ("rtsp://admin:s3cret@10.0.0.9:554/live/1", "rtsp://10.0.0.9:554/…"),
        ("rtsp://admin:s3cret@[fd00::9]:554/live", "rtsp://[fd00::9]:554/…"),
        # Some makers want the password in the path or in the query.
        ("rtsp://cam.court.local/user=admin&password=s3cret", "rtsp://cam.court.local/…"),
        ("rtsp://cam.court.local?password=s3cret", "rtsp://cam.court.local/…"),
        # Passwords with an @ or a / in them: nobody can say where the host begins.
        ("rtsp://admin:s3@cret@10.0.0.9/live", "rtsp://…"),
        ("rtsp://admin:s3/cret@10.0.0.9/live", "rtsp://…"),
        ("rtsp://admin:s3cret@", "rtsp://…"),
        ("http://admin:s3cret@10.0.0.9/video", "http://10.0.0.9/…"),
    ],
)
def test_a_source_is_named_without_its_password(source: str, name: str) -> None:
    assert shown_name(source) == name


@given(
    user=st.text(alphabet="abc", min_size=1, max_size=5),
    password=st.text(alphabet="XYZ0189@/?#:&=%[]", min_size=1, max_size=12).map(lambda text: f"Q{text}Q"),
    path=st.sampled_from(["", "/", "/live/1", "/live?stream=1"]),
)
def test_no_password_whatever_stands_in_it_gets_into_a_name(user: str, password: str, path: str) -> None:
    assert "Q" not in shown_name(f"rtsp://{user}:{password}@10.0.0.9:554{path}")


# Opening


@pytest.mark.parametrize("source", ["/dev/video-that-is-not-there", "no-such-file.mp4", "none", "http://a:s3cret@b/c"])
def test_what_does_not_exist_is_an_unavailable_camera(source: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CourtclockError) as caught:
        open_source(settings(source=source), FakeClock())
    assert caught.value.code == "camera.unavailable"
    assert caught.value.retryable
    assert "s3cret" not in str(caught.value)


def test_a_stream_that_refuses_is_unavailable_and_its_password_is_written_nowhere(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(CourtclockError) as caught:
        open_source(settings(source="rtsp://admin:s3cret@127.0.0.1:1/live"), FakeClock())
    assert caught.value.code == "camera.unavailable"
    assert caught.value.details["source"] == "rtsp://127.0.0.1:1/…"
    written = capfd.readouterr()
    assert "s3cret" not in str(caught.value) + repr(caught.value.__cause__) + written.out + written.err


def test_the_sample_needs_a_script() -> None:
    with pytest.raises(CourtclockError) as caught:
        open_source(settings(source="sample"), FakeClock())
    assert caught.value.code == "settings.invalid"
    assert "kiosk.camera.sample_script" in str(caught.value)


def test_a_folder_is_opened_as_a_folder_and_a_file_as_a_video(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), plain(100))
    write_video(tmp_path / "b.avi", [100], 25)
    folder = open_source(settings(source=str(tmp_path)), FakeClock())
    video = open_source(settings(source=str(tmp_path / "b.avi")), FakeClock())
    assert isinstance(folder, FolderSource)
    assert isinstance(video, VideoFileSource)
    assert folder.name == str(tmp_path)
    folder.close()
    video.close()


# A video file


def test_a_video_starts_again_when_it_ends(tmp_path: Path) -> None:
    write_video(tmp_path / "v.avi", [40, 120, 200], 25)
    source = VideoFileSource(tmp_path / "v.avi", 640, 480, FakeClock())
    assert levels_of(source, 7) == [40, 120, 200, 40, 120, 200, 40]
    source.close()


def test_a_video_is_played_at_its_own_pace(tmp_path: Path) -> None:
    write_video(tmp_path / "v.avi", [40, 120, 200], 8)
    clock = FakeClock()
    source = VideoFileSource(tmp_path / "v.avi", 640, 480, clock)
    levels_of(source, 9)
    assert clock.host_seconds() - 1000.0 == pytest.approx(8 / 8)
    source.close()


def test_a_large_video_is_made_smaller_in_proportion(tmp_path: Path) -> None:
    write_video(tmp_path / "v.avi", [40], 25)
    source = VideoFileSource(tmp_path / "v.avi", 32, 32, FakeClock())
    assert source.read().shape == (24, 32, 3)
    source.close()


def test_a_file_that_is_no_video_is_an_unavailable_camera(tmp_path: Path) -> None:
    (tmp_path / "v.mp4").write_bytes(b"this is not a video")
    with pytest.raises(CourtclockError) as caught:
        open_source(settings(source=str(tmp_path / "v.mp4")), FakeClock())
    assert caught.value.code == "camera.unavailable"


# A folder of pictures


def test_pictures_of_a_folder_come_by_name_a_second_each_and_then_again(tmp_path: Path) -> None:
    for name, level in (("b.png", 120), ("a.png", 40), ("c.png", 200)):
        cv2.imwrite(str(tmp_path / name), plain(level))
    clock = FakeClock()
    source = FolderSource(tmp_path, 64, 48, clock)
    shown = levels_of(source, 40)
    assert shown == [40] * 10 + [120] * 10 + [200] * 10 + [40] * 10
    assert clock.host_seconds() - 1000.0 == pytest.approx(3.9)


def test_frames_of_one_picture_differ_by_no_more_than_one_grey_level(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), plain(100))
    source = FolderSource(tmp_path, 64, 48, FakeClock())
    frames = [source.read() for _ in range(20)]
    for earlier, later in pairwise(frames):
        assert not np.array_equal(earlier, later)
    assert max(int(np.abs(frame.astype(int) - 100).max()) for frame in frames) == 1


def test_a_picture_of_another_shape_is_shown_whole_with_black_beside_it(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "high.png"), plain(200, width_px=60, height_px=240))
    frame = FolderSource(tmp_path, 64, 48, FakeClock()).read()
    assert frame.shape == (48, 64, 3)
    assert int(frame[:, 27:37].min()) >= 199
    assert int(frame[:, :25].max()) <= 1
    assert int(frame[:, 39:].max()) <= 1


def test_what_is_no_picture_is_passed_over_and_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cv2.imwrite(str(tmp_path / "b.png"), plain(120))
    (tmp_path / "a.png").write_bytes(b"broken")
    (tmp_path / "c.txt").write_bytes(b"")
    (tmp_path / ".hidden").write_bytes(b"passed over in silence")
    with caplog.at_level(logging.WARNING):
        assert levels_of(FolderSource(tmp_path, 64, 48, FakeClock()), 40) == [120] * 40
    named = [record.getMessage().split(" is not a readable picture")[0] for record in caplog.records]
    assert named == [str(tmp_path / "a.png"), str(tmp_path / "c.txt")]


def test_a_folder_is_looked_through_again_each_round(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), plain(40))
    source = FolderSource(tmp_path, 64, 48, FakeClock())
    levels_of(source, 10)
    cv2.imwrite(str(tmp_path / "b.png"), plain(200))
    assert levels_of(source, 20) == [40] * 10 + [200] * 10
    (tmp_path / "a.png").unlink()
    (tmp_path / "b.png").unlink()
    with pytest.raises(CourtclockError) as caught:
        levels_of(source, 1)
    assert caught.value.code == "camera.unavailable"


@pytest.mark.parametrize("content", [{}, {"notes.txt": b"no picture"}])
def test_a_folder_without_pictures_is_an_unavailable_camera(tmp_path: Path, content: dict[str, bytes]) -> None:
    for name, text in content.items():
        (tmp_path / name).write_bytes(text)
    with pytest.raises(CourtclockError) as caught:
        open_source(settings(source=str(tmp_path)), FakeClock())
    assert caught.value.code == "camera.unavailable"


# Pace and form


def test_somebody_who_comes_late_is_not_made_to_hurry_afterwards() -> None:
    clock = FakeClock()
    pacer = Pacer(clock, 10)
    pacer.wait()
    clock.advance(5.0)
    pacer.wait()
    pacer.wait()
    assert clock.slept == [pytest.approx(0.1)]


@pytest.mark.parametrize("frames_per_second", [0.0, -1.0, float("nan")])
def test_a_pace_without_pictures_is_refused(frames_per_second: float) -> None:
    with pytest.raises(ValueError, match="frames_per_second"):
        Pacer(FakeClock(), frames_per_second)


@pytest.mark.parametrize("shape", [(6, 8), (6, 8, 1), (6, 8, 3), (6, 8, 4)])
def test_grey_and_transparent_pictures_become_bgr(shape: tuple[int, ...]) -> None:
    picture = as_bgr(np.full(shape, 9, dtype=np.uint8))
    assert picture.shape == (6, 8, 3)
    assert (picture == 9).all()


@pytest.mark.parametrize("picture", [np.zeros((6, 8, 2), np.uint8), np.zeros((6, 8, 3), np.uint16), np.zeros(0)])
def test_pictures_of_another_form_are_refused(picture: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> None:
    with pytest.raises(ValueError, match="channels"):
        as_bgr(picture)


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 200), st.integers(1, 200))
def test_letterboxed_pictures_have_the_wanted_size_and_shrunk_ones_fit_into_it(
    width: int, height: int, wanted_width: int, wanted_height: int
) -> None:
    picture = plain(200, width, height)
    boxed = letterbox(picture, wanted_width, wanted_height)
    assert boxed.shape == (wanted_height, wanted_width, 3)
    assert int(boxed.max()) == 200
    shrunk = shrink_to_fit(picture, wanted_width, wanted_height)
    assert shrunk.shape[0] <= max(1, wanted_height)
    assert shrunk.shape[1] <= max(1, wanted_width)
    if width <= wanted_width and height <= wanted_height:
        assert shrunk.shape == picture.shape
