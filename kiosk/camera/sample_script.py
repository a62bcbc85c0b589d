"""The script of the sample: who comes to the door when, as a closed JSON document."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.clock import require_utc
from models.errors import CourtclockError
from models.settings import FilePath, Finding, invalid_settings

LEAST_LANE_GAP: Final = 0.12
_CLOSED: Final = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Actor(BaseModel):
    """One person, or one print of a person, in a scene.

    Attributes:
        photo: picture file; a relative path starts at the script's folder.
        kind: ``walk_up`` comes near, stands and leaves; ``held_photograph`` is a print held still.
        lane: where it stands, as a share of the picture's width from the left.
        nearest_share: height of the head, hair to chin, where it is nearest, as a share of the
            picture's height. The default puts the eyes about 75 pixels apart in a picture 480 high.
        tilt_degrees: how far the head or print is tilted, clockwise.
        mirrored: left and right of the photograph change places.
        face_box_xyxy: left, top, right, bottom of the face in the photograph's pixels, forehead to
            chin; None lets the detector find the largest one.
    """

    model_config = _CLOSED

    photo: FilePath
    kind: Literal["walk_up", "held_photograph"]
    lane: float = Field(default=0.5, ge=0.1, le=0.9)
    nearest_share: float = Field(default=0.62, ge=0.1, le=1.2)
    tilt_degrees: float = Field(default=0.0, ge=-45, le=45)
    mirrored: bool = False
    face_box_xyxy: tuple[float, float, float, float] | None = None

    @model_validator(mode="after")
    def _box_in_order(self) -> Self:
        if self.face_box_xyxy is not None:
            left, top, right, bottom = self.face_box_xyxy
            if right - left < 1 or bottom - top < 1:
                raise ValueError("face_box_xyxy must be left, top, right, bottom and not empty")
        return self


class Scene(BaseModel):
    """Some court seconds in which somebody is at the door.

    Attributes:
        name: for people.
        starts_at: court time at which it begins; aware.
        court_seconds: how long it lasts.
        light_from, light_to: light on those who walk up, at its beginning and end; 1 is as photographed.
        actors: everybody in it, each in a lane of their own.
    """

    model_config = _CLOSED

    name: str = Field(min_length=1)
    starts_at: AwareDatetime
    court_seconds: float = Field(gt=0, le=3600)
    light_from: float = Field(default=1.0, ge=0.05, le=2)
    light_to: float = Field(default=1.0, ge=0.05, le=2)
    actors: tuple[Actor, ...] = Field(min_length=1, max_length=6)

    @model_validator(mode="after")
    def _a_lane_each(self) -> Self:
        for left, right in pairwise(sorted(actor.lane for actor in self.actors)):
            if right - left < LEAST_LANE_GAP:
                raise ValueError(f"the lanes {left:g} and {right:g} are less than {LEAST_LANE_GAP} apart")
        return self

    @property
    def ends_at(self) -> datetime:
        """Court time at which it is over."""
        return self.starts_at + timedelta(seconds=self.court_seconds)


class SampleScript(BaseModel):
    """All scenes; between them the hall is empty.

    Attributes:
        frames_per_second: how many pictures the sample gives in a host second.
        scenes: in any order, none beginning before another has ended.
    """

    model_config = _CLOSED

    frames_per_second: float = Field(ge=1, le=60)
    scenes: tuple[Scene, ...]

    @model_validator(mode="after")
    def _one_scene_at_a_time(self) -> Self:
        for earlier, later in pairwise(sorted(self.scenes, key=lambda scene: scene.starts_at)):
            if later.starts_at < earlier.ends_at:
                raise ValueError(f"the scene {later.name!r} begins before {earlier.name!r} has ended")
        return self

    def scene_at(self, moment: datetime) -> Scene | None:
        """The scene being played at a moment of court time, None while the hall is empty.

        Raises:
            ValueError: the moment is naive.
        """
        moment = require_utc(moment)
        for scene in self.scenes:
            if scene.starts_at <= moment < scene.ends_at:
                return scene
        return None


def load_sample_script(path: Path) -> SampleScript:
    """The script in a file.

    Raises:
        CourtclockError: ``settings.unreadable``, or ``settings.invalid`` naming every finding.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_without_duplicates)
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, not JSON, or a key written twice
        raise CourtclockError("settings.unreadable", path=str(path), reason=str(error)) from error
    try:
        return SampleScript.model_validate(document, context={"folder": path.resolve().parent})
    except ValidationError as error:
        raise invalid_settings(path, [_finding(one) for one in error.errors(include_url=False)]) from error


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        twice = sorted({key for key, _ in pairs if [other for other, _ in pairs].count(key) > 1})
        raise ValueError(f"written twice: {', '.join(twice)}")
    return content


def _finding(error: Any) -> Finding:
    key_path = ".".join(str(part) for part in error["loc"]) or "script"
    if error["type"] == "extra_forbidden":
        return Finding(key_path, "this key is not known", "Remove it.")
    if error["type"] == "missing":
        return Finding(key_path, "this key is missing", "Add it.")
    return Finding(key_path, f"{error['msg'][0].lower()}{error['msg'][1:]}", "Mend the value.")
