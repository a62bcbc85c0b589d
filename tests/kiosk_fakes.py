"""The cast and the props of the kiosk's tests: a clock that is moved by hand, faces that follow a script.

Friday 2026-11-20 in Changchun. Li Wei is a clerk with face and PIN, Chen heads a division and has a face
only, Zhao of HR gave no consent to face recognition and has a PIN only. A stranger is whoever is not here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch
from uuid import UUID, uuid4

import numpy as np
import yaml
from argon2 import PasswordHasher
from numpy.typing import NDArray

from kiosk.board import Board
from kiosk.camera.frames import Frame
from kiosk.camera.reader import CameraReader
from kiosk.door import Announcement, Door
from kiosk.identity import KioskIdentity, new_private_key
from kiosk.outbox import Outbox
from kiosk.pin import Keypad
from kiosk.recording import Recorder
from kiosk.roster import RosterHolder
from models.errors import CourtclockError
from models.faces.engine import FaceEngine
from models.faces.values import Encoding, Face, ImageBGR, ModelId
from models.identifiers import uuid7_at
from models.sealing import new_key, seal
from models.settings import PinSettings, Settings
from models.wire import (
    AttemptItem,
    Evidence,
    GalleryContent,
    GalleryPack,
    PersonEntry,
    gallery_owner,
)

CONFIG = Path(__file__).parent.parent / "config.yaml"
MODEL = ModelId("sface-2021dec-int8bq-centred")
MORNING = datetime(2026, 11, 20, 0, 12, tzinfo=UTC)
"""12 minutes past eight in Changchun."""
DIMENSIONS = 128

Vector = NDArray[np.float64]


class FakeClock:
    """Time stands still until somebody advances it. Court and host time can be moved apart."""

    def __init__(self, court: datetime = MORNING) -> None:
        self.court = court
        self.host = 1000.0
        self.slept: list[float] = []

    def advance(self, seconds: float) -> None:
        self.court += timedelta(seconds=seconds)
        self.host += seconds

    def now(self) -> datetime:
        return self.court

    def monotonic(self) -> float:
        return self.host

    def host_now(self) -> datetime:
        return MORNING + timedelta(seconds=self.host - 1000.0)

    def host_seconds(self) -> float:
        return self.host

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)


@cache
def _config() -> Any:
    return yaml.safe_load(CONFIG.read_text(encoding="utf-8"))


def _changed_config(changes: Mapping[str, object]) -> Any:
    """The config.yaml that everybody starts with; ``kiosk__pin__max_tries=3`` changes a key."""
    document = deepcopy(_config())
    for path, value in changes.items():
        section = document
        *above, last = path.split("__")
        for name in above:
            section = section[name]
        section[last] = value
    return document


def write_config(folder: Path, **changes: object) -> Path:
    """A config.yaml in a folder, with changes to the one that everybody starts with."""
    document = _changed_config(changes)
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return config


def settings_in(folder: Path, **changes: object) -> Settings:
    """Settings whose relative paths start in this folder."""
    return Settings.model_validate(_changed_config(changes), context={"folder": folder})


def somebody(number: int) -> Vector:
    """A face of its own: at cosine distance 1 from everybody else's."""
    vector = np.zeros(DIMENSIONS)
    vector[number] = 1
    return vector


def between(one: Vector, other: Vector) -> Vector:
    """A face as like the one as the other: at cosine distance 0.29 from both."""
    return np.asarray((one + other) / np.linalg.norm(one + other))


_CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def quick_keypad(settings: PinSettings, clock: FakeClock) -> Keypad:
    """A keypad whose stand-in hash costs little, because a test has no guesser to slow down."""
    with patch("kiosk.pin.PasswordHasher", lambda: _CHEAP_HASHER):
        return Keypad(settings, clock)


def person(number: int, employee_no: str, name: str, *, pin: str | None, faces: Sequence[Vector] = ()) -> PersonEntry:
    """An entry of the gallery that the server would send."""
    return PersonEntry(
        person_id=UUID(int=number),
        employee_no=employee_no,
        display_name=name,
        pin_hash=None if pin is None else _CHEAP_HASHER.hash(pin),
        templates=[Encoding(MODEL, face.astype(np.float32)).to_bytes() for face in faces],
    )


LI_WEI_FACE = somebody(1)
CHEN_FACE = somebody(2)
STRANGER_FACE = somebody(3)
LI_WEI = person(1, "1001", "李伟", pin="2580", faces=[LI_WEI_FACE])
CHEN = person(2, "1002", "陈静", pin=None, faces=[CHEN_FACE])
ZHAO = person(3, "1003", "赵敏", pin="1379")
STAFF = (LI_WEI, CHEN, ZHAO)


def new_identity(name: str = "East gate") -> KioskIdentity:
    """A paired kiosk."""
    return KioskIdentity(uuid4(), name, new_private_key(), new_key())


def sealed_gallery(
    identity: KioskIdentity, version: int = 1, people: Sequence[PersonEntry] = STAFF, model_id: str = MODEL
) -> GalleryPack:
    """What the server sends to one kiosk."""
    content = GalleryContent(gallery_version=version, model_id=model_id, dimensions=DIMENSIONS, people=list(people))
    owner = gallery_owner(identity.kiosk_id, version)
    return GalleryPack(
        gallery_version=version, pack=seal(identity.gallery_key, content.model_dump_json().encode(), owner)
    )


def face_at(left: float, top: float = 40.0, eye_distance_px: float = 40.0) -> Face:
    """An upright, frontal face whose box begins there; 80 x 100 pixels at 40 pixels between the eyes."""
    unit = eye_distance_px / 40.0
    landmarks = np.array([[20, 30], [60, 30], [40, 53], [24, 76], [56, 76]], dtype=np.float32)
    box = np.array([left, top, left + 80 * unit, top + 100 * unit], dtype=np.float32)
    return Face(box, (landmarks * unit + [left, top]).astype(np.float32), 0.9)


def sharp_picture(height: int = 240, width: int = 640, seed: int = 0) -> ImageBGR:
    """Noise: every face in it is sharp."""
    return np.random.default_rng(seed).integers(90, 170, (height, width, 3), dtype=np.uint8)


def frame_at(clock: FakeClock, sequence: int, image_bgr: ImageBGR | None = None) -> Frame:
    """A picture that comes at this moment."""
    picture = sharp_picture() if image_bgr is None else image_bgr
    return Frame(picture, sequence, clock.now(), clock.monotonic(), clock.host_seconds())


@dataclass(frozen=True)
class ShownFace:
    """A face in a scripted picture, and whose it is."""

    face: Face
    vector: Vector


class ScriptedFaces:
    """An engine that finds what the test shows it.

    Attributes:
        shown: the faces in front of the camera, or the exception that looking raises.
        encoded: how many faces were encoded.
    """

    def __init__(self) -> None:
        self.shown: list[ShownFace] | Exception = []
        self.encoded = 0
        self.before_detect: Callable[[], None] = lambda: None

    def show(self, *faces: tuple[Face, Vector]) -> None:
        self.shown = [ShownFace(face, vector) for face, vector in faces]

    def detect(self, image_bgr: ImageBGR) -> list[Face]:
        self.before_detect()
        if isinstance(self.shown, Exception):
            raise self.shown
        return sorted((one.face for one in self.shown), key=lambda face: face.area_px, reverse=True)

    def encode(self, image_bgr: ImageBGR, face: Face) -> Encoding:
        assert not isinstance(self.shown, Exception)
        self.encoded += 1
        vector = next(one.vector for one in self.shown if one.face is face)
        return Encoding(MODEL, vector.astype(np.float32))

    def as_engine(self) -> FaceEngine:
        """This, where the product expects its own engine."""
        return cast(FaceEngine, self)


class ScriptedReader:
    """A camera whose pictures are made by functions, one after the other, each when it is asked for.

    Attributes:
        over: set when all were given and the one who asks has dealt with the last one.
    """

    def __init__(self, pictures: Sequence[Callable[[], Frame | None]]) -> None:
        self._pictures = list(pictures)
        self.fault: CourtclockError | None = None
        self.over = threading.Event()
        self._stopped = threading.Event()

    def give(self, pictures: Sequence[Callable[[], Frame | None]]) -> None:
        self._pictures.extend(pictures)

    def start(self) -> None:
        pass

    def stop(self) -> None:
        self._stopped.set()

    def wait_for_frame(self, after_sequence: int, timeout_seconds: float) -> Frame | None:
        if self._pictures:
            return self._pictures.pop(0)()
        # Waits a moment before it gives nothing, so that a test sees the board as the last picture left it.
        if not self.over.is_set():
            self.over.set()
            self._stopped.wait(5)
        return None

    def end(self) -> None:
        """Let the one who waits go."""
        self._stopped.set()

    def as_reader(self) -> CameraReader:
        """This, where the product expects its own reader."""
        return cast(CameraReader, self)


def attempt_numbered(device_seq: int) -> AttemptItem:
    """A small item; what is in it does not matter."""
    return AttemptItem(
        item_id=uuid7_at(MORNING),
        device_seq=device_seq,
        captured_at=MORNING,
        recorded_at=MORNING,
        monotonic_seconds=1.0,
        boot_id=UUID(int=7),
        outcome="unknown",
        evidence=Evidence(),
    )


@dataclass
class DoorRig:
    """A door with everything behind it, on a clock moved by hand."""

    settings: Settings
    clock: FakeClock
    identity: KioskIdentity
    outbox: Outbox
    recorder: Recorder
    rosters: RosterHolder
    board: Board
    door: Door
    announced: list[Announcement] = field(default_factory=list)
    wakes: list[None] = field(default_factory=list)

    def items(self) -> list[dict[str, Any]]:
        """Everything that was committed and not yet delivered, oldest first."""
        return [item.body for item in self.outbox.oldest_pending(500)]

    def kinds(self) -> list[str]:
        return [item["kind"] for item in self.items()]

    def clocked(self) -> list[tuple[UUID, datetime]]:
        """Who was recorded, and at which time."""
        return [
            (UUID(item["person_id"]), datetime.fromisoformat(item["captured_at"]))
            for item in self.items()
            if item["kind"] == "clock_event"
        ]


def door_rig(folder: Path, people: Sequence[PersonEntry] = STAFF, **changes: object) -> DoorRig:
    """A kiosk that knows these people; changes as for ``write_config``."""
    settings = settings_in(folder, **changes)
    state_folder = settings.kiosk.state_folder
    state_folder.mkdir(parents=True, exist_ok=True)
    clock = FakeClock()
    identity = new_identity()
    outbox = Outbox(state_folder / "outbox.db")
    recorder = Recorder(outbox, clock)
    rosters = RosterHolder(state_folder, identity, MODEL)
    rosters.take(sealed_gallery(identity, 1, people))
    board = Board(clock, settings.kiosk.screen.thanks_seconds)
    announced: list[Announcement] = []
    wakes: list[None] = []
    door = Door(
        recorder,
        rosters,
        quick_keypad(settings.kiosk.pin, clock),
        board,
        clock,
        settings.kiosk,
        settings.faces.operating_point(),
        MODEL,
        announced.append,
        lambda: wakes.append(None),
    )
    return DoorRig(settings, clock, identity, outbox, recorder, rosters, board, door, announced, wakes)
