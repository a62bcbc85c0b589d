"""The sample: photographs of people, seen as the camera in a hall would see them come to the door.

It is what a demonstration looks at. A person who walks up is small, dim and blurred at first, then
near, swaying and turning, then gone; a print that is held up does none of that.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from kiosk.camera.figures import HEAD_TO_FACE_HEIGHT, cut_out_person, print_photograph
from kiosk.camera.hall import SensorNoise, paint_hall
from kiosk.camera.pacing import Pacer
from kiosk.camera.pictures import read_picture, shrink_to_fit
from kiosk.camera.poses import Pose, Walk, held_photograph, walk_up
from kiosk.camera.sample_script import Actor, SampleScript, Scene, load_sample_script
from kiosk.camera.staging import StagedFigure
from models.clock import Clock
from models.faces.detection import YuNetDetector
from models.faces.values import ImageBGR
from models.settings import Finding, invalid_settings

_MIN_FACE_SCORE: Final = 0.6
_DETECTION_SIZE_PX: Final = 800
_GAP_SHARE: Final = 0.015  # left free between neighbours for their swaying, a share of the width

Box = tuple[float, float, float, float]
PoseAt = Callable[[float], Pose]


class SampleRenderer:
    """Paints the picture of any moment of court time.

    All photographs are read, and their faces found, at birth.

    Args:
        script: who comes when.
        script_path: where it was read from; stands in errors.
        width_px, height_px: size of the pictures.
        seed: the same seed, moment and frame index give the same picture.

    Raises:
        CourtclockError: ``settings.invalid`` when a photograph is not readable or shows no face.
    """

    def __init__(self, script: SampleScript, script_path: Path, width_px: int, height_px: int, seed: int = 0) -> None:
        self._script = script
        self._size_px = (width_px, height_px)
        self._hall = paint_hall(width_px, height_px)
        self._noise = SensorNoise(width_px, height_px, seed)
        stage = _Stage(script_path, width_px, height_px)
        self._staged = {scene: stage.build(scene, number) for number, scene in enumerate(script.scenes)}

    def picture_at(self, moment: datetime, frame_index: int) -> ImageBGR:
        """What the camera sees, uint8 (height, width, 3).

        Args:
            moment: court time, aware: says which scene is on and how far it is through.
            frame_index: counts pictures: says which noise the sensor makes. Neighbouring numbers never
                give the same picture.
        """
        flicker = 1.0 + 0.010 * math.sin(frame_index * 0.21) + 0.006 * math.sin(frame_index * 0.047 + 1.0)
        picture = np.asarray(cv2.convertScaleAbs(self._hall, alpha=flicker), dtype=np.uint8)
        scene = self._script.scene_at(moment)
        if scene is not None:
            seconds = (moment - scene.starts_at).total_seconds()
            posed = [(figure, pose_at(seconds)) for figure, pose_at in self._staged[scene]]
            for figure, pose in sorted(posed, key=lambda pair: pair[1].scale):
                figure.draw_into(picture, pose)
        return self._noise.add_to(picture, frame_index)


class _Stage:
    """Makes the figures of all scenes; a photograph that comes often is read and searched once."""

    def __init__(self, script_path: Path, width_px: int, height_px: int) -> None:
        self._script_path = script_path
        self._width_px = width_px
        self._height_px = height_px
        self._photos: dict[Path, ImageBGR] = {}
        self._boxes: dict[Path, Box] = {}
        self._figures: dict[tuple[Actor, int], StagedFigure] = {}
        self._detector: YuNetDetector | None = None

    def build(self, scene: Scene, number: int) -> list[tuple[StagedFigure, PoseAt]]:
        staged = []
        for place, actor in enumerate(scene.actors):
            key_path = f"scenes.{number}.actors.{place}.photo"
            gaps = [abs(actor.lane - other.lane) for other in scene.actors if other is not actor]
            reach_share = max(0.02, min(gaps, default=2.0) / 2 - _GAP_SHARE)
            figure = self._figure(actor, round(reach_share * self._width_px), key_path)
            # A fixed number for each name and place, so that two people never sway in step.
            phase = zlib.crc32(f"{scene.name}/{place}".encode()) / 2**32
            staged.append((figure, _pose_function(actor, scene, reach_share, phase)))
        return staged

    def _figure(self, actor: Actor, reach_px: int, key_path: str) -> StagedFigure:
        # The lane is a matter of the pose: one figure serves them all.
        key = (actor.model_copy(update={"lane": 0.5}), reach_px)
        if key not in self._figures:
            photo = self._photo(actor.photo, key_path)
            box = actor.face_box_xyxy or self._face_box(actor.photo, photo, key_path)
            self._refuse_box_beside(photo, box, key_path)
            if actor.mirrored:
                width = photo.shape[1]
                photo = np.ascontiguousarray(photo[:, ::-1])
                box = (width - box[2], box[1], width - box[0], box[3])
            face_height_px = actor.nearest_share * self._height_px / HEAD_TO_FACE_HEIGHT
            if actor.kind == "walk_up":
                figure = cut_out_person(photo, box, face_height_px, reach_px, actor.tilt_degrees)
            else:
                figure = print_photograph(photo, box, face_height_px, reach_px)
            self._figures[key] = StagedFigure(figure)
        return self._figures[key]

    def _photo(self, path: Path, key_path: str) -> ImageBGR:
        if path not in self._photos:
            photo = read_picture(path)
            if photo is None:
                finding = Finding(key_path, f"{path} is not a readable picture", "Name a JPEG or PNG file.")
                raise invalid_settings(self._script_path, [finding])
            self._photos[path] = photo
        return self._photos[path]

    def _refuse_box_beside(self, photo: ImageBGR, box: Box, key_path: str) -> None:
        height, width = photo.shape[:2]
        middle_x, middle_y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        if not (0 <= middle_x < width and 0 <= middle_y < height):
            finding = Finding(
                key_path.replace(".photo", ".face_box_xyxy"),
                f"the middle of the face is outside of the photograph, which is {width} x {height} pixels",
                "Give left, top, right, bottom in the photograph's pixels.",
            )
            raise invalid_settings(self._script_path, [finding])

    def _face_box(self, path: Path, photo: ImageBGR, key_path: str) -> Box:
        if path not in self._boxes:
            if self._detector is None:
                self._detector = YuNetDetector(_MIN_FACE_SCORE)
            small = shrink_to_fit(photo, _DETECTION_SIZE_PX, _DETECTION_SIZE_PX)
            faces = self._detector.detect(small)
            if not faces:
                finding = Finding(
                    key_path, f"no face is found in {path}", "Name another picture, or give its face_box_xyxy."
                )
                raise invalid_settings(self._script_path, [finding])
            left, top, right, bottom = (float(edge) * photo.shape[1] / small.shape[1] for edge in faces[0].box_xyxy)
            self._boxes[path] = (left, top, right, bottom)
        return self._boxes[path]


def _pose_function(actor: Actor, scene: Scene, reach_share: float, phase: float) -> PoseAt:
    if actor.kind == "held_photograph":
        still = held_photograph(actor.lane, actor.tilt_degrees, scene.light_to)
        return lambda _: still
    half_width_share = min(reach_share, 0.9 * actor.nearest_share)
    walk = Walk(actor.lane, half_width_share, scene.light_from, scene.light_to, phase)
    return lambda seconds: walk_up(walk, seconds / scene.court_seconds, seconds)


class SampleSource:
    """The sample as a camera.

    Args:
        script_path: the JSON script.
        width_px, height_px: size of the pictures.
        clock: its court time chooses the scene, its host seconds pace the pictures.

    Raises:
        CourtclockError: ``settings.unreadable`` or ``settings.invalid``.
    """

    name: Final = "sample"

    def __init__(self, script_path: Path, width_px: int, height_px: int, clock: Clock) -> None:
        script = load_sample_script(script_path)
        self._renderer = SampleRenderer(script, script_path, width_px, height_px)
        self._clock = clock
        self._pacer = Pacer(clock, script.frames_per_second)
        self._frame_index = 0

    def read(self) -> ImageBGR:
        """The picture of now, when the next one is due."""
        self._pacer.wait()
        self._frame_index += 1
        return self._renderer.picture_at(self._clock.now(), self._frame_index)

    def close(self) -> None:
        """Nothing is held open."""
