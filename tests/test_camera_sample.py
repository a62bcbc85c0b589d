"""The sample looks like a hall into which people come; drawings stand in for photographs here."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.camera.figures import Figure, cut_out_person, print_photograph
from kiosk.camera.hall import SensorNoise, paint_hall
from kiosk.camera.poses import APPROACH_ENDS, STAND_ENDS, Walk, walk_up
from kiosk.camera.sample import SampleRenderer, SampleSource
from kiosk.camera.sample_script import load_sample_script
from kiosk.camera.sources import open_source
from models.errors import CourtclockError
from models.faces.values import ImageBGR
from tests.camera_fakes import COURT_START, FACE_BOX_XYXY, FakeClock, drawn_portrait, settings

SCENE_SECONDS = 10.0


def write_script(folder: Path, *actor_changes: dict[str, Any], **scene_changes: Any) -> Path:
    cv2.imwrite(str(folder / "portrait.png"), drawn_portrait())
    actor = {"photo": "portrait.png", "kind": "walk_up", "face_box_xyxy": FACE_BOX_XYXY}
    scene = {
        "name": "morning",
        "starts_at": COURT_START.isoformat(),
        "court_seconds": SCENE_SECONDS,
        "light_from": 1.0,
        "light_to": 1.0,
        "actors": [actor | changes for changes in actor_changes],
    }
    path = folder / "script.json"
    path.write_text(json.dumps({"frames_per_second": 15, "scenes": [scene | scene_changes]}), encoding="utf-8")
    return path


def renderer_of(path: Path, seed: int = 0) -> SampleRenderer:
    return SampleRenderer(load_sample_script(path), path, 640, 480, seed)


def at(renderer: SampleRenderer, progress: float, frame_index: int = 1) -> ImageBGR:
    """The picture when the scene is so far through."""
    return renderer.picture_at(COURT_START + timedelta(seconds=progress * SCENE_SECONDS), frame_index)


def changed_columns(renderer: SampleRenderer, progress: float) -> set[int]:
    """Columns in which the picture is not the empty hall, with the same noise."""
    hall = at(renderer, -1.0).astype(np.int16)
    difference = np.abs(at(renderer, progress).astype(np.int16) - hall).max(axis=2)
    return set(np.flatnonzero((difference > 12).sum(axis=0) > 3).tolist())


def changed_share(renderer: SampleRenderer, progress: float) -> float:
    return len(changed_columns(renderer, progress)) / 640


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> SampleRenderer:
    return renderer_of(write_script(tmp_path_factory.mktemp("alone"), {}))


# The hall


def test_no_two_pictures_of_the_empty_hall_are_the_same(alone: SampleRenderer) -> None:
    pictures = {at(alone, -1.0, index).tobytes() for index in range(50)}
    assert len(pictures) == 50


@given(st.integers(0, 10_000_000))
def test_neighbouring_frames_never_get_the_same_noise(frame_index: int) -> None:
    grey = np.full((8, 8, 3), 100, dtype=np.uint8)
    assert not np.array_equal(NOISE.add_to(grey, frame_index), NOISE.add_to(grey, frame_index + 1))


NOISE = SensorNoise(8, 8, seed=3)


def test_the_hall_has_depth_and_is_neither_black_nor_burnt_out() -> None:
    hall = paint_hall(640, 480)
    assert hall.shape == (480, 640, 3)
    assert 70 < float(hall.mean()) < 190
    assert float(hall.std()) > 15


def test_the_noise_of_the_sensor_is_mild() -> None:
    grey = np.full((120, 160, 3), 128, dtype=np.uint8)
    noisy = SensorNoise(160, 120, seed=1).add_to(grey, 5).astype(float)
    assert float(noisy.mean()) == pytest.approx(128, abs=1)
    assert 1.0 < float(noisy.std()) < 4.0


# One picture


def test_the_same_moment_frame_and_seed_give_the_same_picture(tmp_path: Path) -> None:
    path = write_script(tmp_path, {})
    first, second, other_seed = renderer_of(path, 4), renderer_of(path, 4), renderer_of(path, 5)
    assert np.array_equal(at(first, 0.5, 77), at(second, 0.5, 77))
    assert not np.array_equal(at(first, 0.5, 77), at(other_seed, 0.5, 77))


def test_before_and_after_a_scene_the_hall_is_empty(alone: SampleRenderer) -> None:
    assert changed_columns(alone, -0.01) == set()
    assert changed_columns(alone, 1.0) == set()
    assert changed_share(alone, 0.5) > 0.3


def test_a_person_grows_while_coming_near_and_is_gone_at_the_end(alone: SampleRenderer) -> None:
    shares = [changed_share(alone, progress) for progress in (0.02, 0.12, 0.22, 0.34)]
    assert shares == sorted(shares)
    assert shares[-1] > 2.5 * shares[0]
    assert changed_share(alone, 0.999) < 0.05


def test_the_edge_of_a_person_is_no_rectangle(alone: SampleRenderer) -> None:
    hall = at(alone, -1.0).astype(np.int16)
    person = np.abs(at(alone, 0.5).astype(np.int16) - hall).max(axis=2) > 12
    widths = person[40:460:20].sum(axis=1)
    assert int(widths.max()) > 1.5 * int(widths[widths > 0].min())


def test_two_people_in_lanes_of_their_own_never_overlap(tmp_path: Path) -> None:
    left = renderer_of(write_script(tmp_path, {"lane": 0.3}))
    both = renderer_of(write_script(tmp_path, {"lane": 0.3}, {"lane": 0.7, "mirrored": True}))
    for progress in (0.1, 0.3, 0.5, 0.7, 0.84):
        columns = changed_columns(both, progress)
        middle = round(640 * 0.5)
        assert not columns & set(range(middle - 2, middle + 2)), f"they touch at {progress}"
        assert {column < middle for column in columns} == {True, False}
    assert max(changed_columns(left, 0.5)) > 320  # alone, the same person has the room for both shoulders


def test_light_makes_a_person_brighter(tmp_path: Path) -> None:
    dim = renderer_of(write_script(tmp_path, {}, light_from=0.5, light_to=0.5))
    bright = renderer_of(write_script(tmp_path, {}, light_from=1.0, light_to=1.0))
    face = np.s_[180:270, 290:350]
    assert float(at(dim, 0.5)[face].mean()) < 0.6 * float(at(bright, 0.5)[face].mean())


def test_a_print_is_held_still_from_first_to_last_while_a_person_sways(tmp_path: Path, alone: SampleRenderer) -> None:
    held = renderer_of(write_script(tmp_path, {"kind": "held_photograph", "tilt_degrees": 4.0}))

    def greatest_change(renderer: SampleRenderer, earlier: float, later: float) -> float:
        pictures = [at(renderer, progress, 9).astype(np.int16) for progress in (earlier, later)]
        return float(np.abs(pictures[0] - pictures[1]).max())

    assert greatest_change(held, 0.0, 0.99) == 0
    assert greatest_change(held, 0.5, 0.52) == 0
    assert greatest_change(alone, 0.5, 0.52) > 30


def test_a_print_has_a_white_border(tmp_path: Path) -> None:
    held = renderer_of(write_script(tmp_path, {"kind": "held_photograph"}))
    row = at(held, 0.5)[240]
    columns = sorted(changed_columns(held, 0.5))
    for inner in (columns[0] + 8, columns[-1] - 8):
        assert int(row[inner].min()) > 215


def test_a_mirrored_photograph_is_mirrored(tmp_path: Path) -> None:
    portrait = drawn_portrait()
    portrait[:, :60] = (0, 0, 255)  # a red left side
    pictures = []
    for mirrored in (False, True):
        path = write_script(tmp_path, {"kind": "held_photograph", "mirrored": mirrored})
        cv2.imwrite(str(tmp_path / "portrait.png"), portrait)
        pictures.append(at(renderer_of(path), 0.5).astype(int))
    plain_way, other_way = pictures

    def redness(picture: np.ndarray[tuple[int, ...], np.dtype[Any]], half: slice) -> float:
        return float((picture[:, half, 2] - picture[:, half, 0]).mean())

    left, right = slice(0, 320), slice(320, 640)
    assert redness(plain_way, left) > redness(plain_way, right) + 5
    assert redness(other_way, right) > redness(other_way, left) + 5


# Motion


@given(st.floats(0, 1), st.floats(APPROACH_ENDS * 20, STAND_ENDS * 20 - 0.4))
def test_a_standing_person_is_never_still_for_four_frames(phase: float, seconds: float) -> None:
    walk = Walk(0.5, 0.4, 1.0, 1.0, phase)
    earlier, later = walk_up(walk, seconds / 20, seconds), walk_up(walk, (seconds + 4 / 15) / 20, seconds + 4 / 15)
    across_px = 640 * (later.centre_x_share - earlier.centre_x_share)
    down_px = 480 * (later.centre_y_share - earlier.centre_y_share)
    assert 2.0 < float(np.hypot(across_px, down_px)) < 12.0


@given(st.floats(0, 1))
def test_a_person_comes_from_afar_and_blurred_and_ends_outside_of_the_picture(phase: float) -> None:
    for lane, leaves_right in ((0.3, False), (0.5, True), (0.7, True)):
        walk = Walk(lane, 0.3, 0.7, 1.0, phase)
        first, standing, last = (walk_up(walk, progress, progress * 14) for progress in (0.0, 0.6, 1.0))
        assert first.scale < 0.35 < 1.0 == standing.scale
        assert first.defocus_share > 0.003
        assert standing.defocus_share == 0.0
        assert abs(standing.centre_x_share - lane) < 0.03
        assert first.light == pytest.approx(0.7)
        assert last.light == pytest.approx(1.0)
        outside = last.centre_x_share - 1.0 if leaves_right else -last.centre_x_share
        assert outside > 0.28


# Figures


@pytest.mark.parametrize("make", [cut_out_person, print_photograph])
@pytest.mark.parametrize("face_height_px", [20.0, 120.0, 300.0])
@pytest.mark.parametrize("limit_px", [4.0, 60.0, 1000.0])
@pytest.mark.parametrize("box", [FACE_BOX_XYXY, (0.0, 0.0, 250.0, 250.0), (200.0, 180.0, 290.0, 300.0)])
def test_any_face_box_gives_a_figure_that_ends_softly(
    make: Any, face_height_px: float, limit_px: float, box: tuple[float, float, float, float]
) -> None:
    figure: Figure = make(drawn_portrait(), box, face_height_px, limit_px)
    pixels = figure.bgra_premultiplied
    assert int(pixels[0].max()) == 0
    assert int(pixels[:, [0, -1], 3].max()) == 0
    assert (pixels[:, :, :3].max(axis=2) <= pixels[:, :, 3]).all()
    centre_x, centre_y = (round(value) for value in figure.centre_xy)
    if limit_px >= 60:
        assert int(pixels[centre_y, centre_x, 3]) > 250


def test_a_portrait_is_cut_out_of_its_background() -> None:
    figure = cut_out_person(drawn_portrait(), FACE_BOX_XYXY, 120.0, 1000.0)
    centre_x, centre_y = (round(value) for value in figure.centre_xy)
    alpha = figure.bgra_premultiplied[:, :, 3]
    assert int(alpha[centre_y - 20, centre_x]) > 250
    assert int(alpha[centre_y, centre_x + 72]) < 60  # the blue background beside the head
    assert int(alpha[centre_y + 130, centre_x]) > 250  # clothes


def test_a_tilted_head_is_tilted_over_level_shoulders() -> None:
    upright = cut_out_person(drawn_portrait(), FACE_BOX_XYXY, 120.0, 1000.0).bgra_premultiplied.astype(int)
    tilted = cut_out_person(drawn_portrait(), FACE_BOX_XYXY, 120.0, 1000.0, 15.0).bgra_premultiplied.astype(int)
    middle_of_face = round(1.05 * 120)

    def middle_of_row(pixels: np.ndarray[tuple[int, ...], np.dtype[Any]], row: int) -> float:
        return float(np.average(np.arange(pixels.shape[1]), weights=pixels[row, :, 3]))

    forehead, body = middle_of_face - 70, middle_of_face + 150
    assert middle_of_row(tilted, forehead) > middle_of_row(upright, forehead) + 8
    assert np.array_equal(tilted[body], upright[body])


# Errors and the source


@pytest.mark.parametrize(
    ("changes", "place", "complaint"),
    [
        ({"photo": "nobody.jpg"}, "scenes.0.actors.0.photo", "not a readable picture"),
        ({"photo": "script.json"}, "scenes.0.actors.0.photo", "not a readable picture"),
        ({"photo": "wall.png", "face_box_xyxy": None}, "scenes.0.actors.0.photo", "no face"),
        ({"face_box_xyxy": [900, 900, 950, 960]}, "scenes.0.actors.0.face_box_xyxy", "outside of the photograph"),
    ],
)
def test_a_photograph_that_cannot_be_used_is_named(
    tmp_path: Path, changes: dict[str, Any], place: str, complaint: str
) -> None:
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((200, 200, 3), 128, dtype=np.uint8))
    path = write_script(tmp_path, changes)
    with pytest.raises(CourtclockError) as caught:
        open_source(settings(source="sample", sample_script=path), FakeClock())
    assert caught.value.code == "settings.invalid"
    assert caught.value.details["path"] == str(path)
    assert place in str(caught.value)
    assert complaint in str(caught.value)


def test_the_sample_follows_court_time_at_an_even_pace_of_host_time(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_source(settings(source="sample", sample_script=write_script(tmp_path, {})), clock)
    assert isinstance(source, SampleSource)
    assert source.name == "sample"
    pictures = [source.read() for _ in range(31)]
    assert clock.host_seconds() - 1000.0 == pytest.approx(30 / 15)
    assert {picture.shape for picture in pictures} == {(480, 640, 3)}
    clock.advance(60.0)  # the scene is over
    empty = source.read().astype(int)
    assert float(np.abs(empty - pictures[-1].astype(int))[200:, 250:390].mean()) > 8
    source.close()


def test_while_court_time_stands_still_the_pictures_still_differ(tmp_path: Path) -> None:
    clock = FakeClock()
    clock.court_ratio = 0.0
    source = open_source(settings(source="sample", sample_script=write_script(tmp_path, {})), clock)
    pictures = {source.read().tobytes() for _ in range(20)}
    assert len(pictures) == 20
