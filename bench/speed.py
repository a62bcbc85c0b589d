"""The whole kiosk loop beside the loop of face_recognition's webcam example, on the same frames, in turns."""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import cv2
import numpy as np

from bench.photographs import Photograph
from bench.report import Row
from kiosk.board import Board
from kiosk.camera.frames import Frame
from kiosk.camera.reader import CameraReader
from kiosk.camera.sources import open_source
from kiosk.door import Door
from kiosk.identity import KioskIdentity, new_private_key
from kiosk.life_signs import LifeWatch
from kiosk.loop import KioskLoop
from kiosk.outbox import Outbox
from kiosk.pin import Keypad
from kiosk.recording import Recorder
from kiosk.roster import RosterHolder
from kiosk.seeing import Seer
from models.clock import SystemClock
from models.faces.engine import FaceEngine, open_engine
from models.faces.liveness import ShippedPassiveLimits
from models.faces.names import SFACE_MODEL
from models.faces.values import Encoding, ImageBGR
from models.sealing import new_key, seal
from models.settings import Settings
from models.wire import GalleryContent, GalleryPack, PersonEntry, gallery_owner

_HEIGHT_PX, _WIDTH_PX = 480, 640
_FRAMES = 30
_FRAME_SECONDS = 1 / 15
_PASSES = 3
_ENROLLED = 100


@dataclass(frozen=True, slots=True)
class _Enrolled:
    """Who is known to both loops."""

    images_bgr: list[ImageBGR]
    encodings: list[Encoding]
    peer_encodings: list[Any]


def measure_speed(photographs: Sequence[Photograph], settings: Settings) -> list[Row]:
    """Frames a second of both loops with one and with three faces in each picture."""
    import face_recognition

    engine = open_engine(settings.faces)
    enrolled = _enroll(photographs, engine, face_recognition)
    rows = _parts(enrolled, engine, face_recognition)
    for faces in (1, 3):
        known = _frames(enrolled.images_bgr[:faces])
        strangers = _frames(enrolled.images_bgr[-faces:])
        nobody_there = enrolled.encodings[: _ENROLLED // 2]
        for name, pictures in (("colleagues", known), ("strangers, never settled", strangers)):
            ours, theirs, faster = _in_turns(
                pictures, settings, engine, nobody_there, enrolled.peer_encodings[: _ENROLLED // 2], face_recognition
            )
            title = f"whole loop, 640x480, {faces} face{'s' * (faces > 1)}, {name}"
            rows += [
                Row(f"{title}: ours", ours, "frames/s", theirs, note="peer: face_recognition's webcam loop"),
                Row(f"{title}: ours over the peer", ours / theirs, "times", at_least=5.0),
                Row(
                    f"{title}: the peer's faster loop",
                    faster,
                    "frames/s",
                    note="every other frame at a quarter of the size; finds no face smaller than about 320 pixels",
                ),
            ]
    return rows


def _enroll(photographs: Sequence[Photograph], engine: FaceEngine, peer: Any) -> _Enrolled:
    images: list[ImageBGR] = []
    encodings: list[Encoding] = []
    peer_encodings: list[Any] = []
    seen: set[str] = set()
    for photograph in photographs:
        if len(images) == _ENROLLED:
            break
        image_bgr = photograph.read()
        faces = engine.detect(image_bgr)
        if photograph.identity in seen or len(faces) != 1:
            continue
        theirs = peer.face_encodings(np.ascontiguousarray(image_bgr[:, :, ::-1]), model="small")
        if len(theirs) != 1:
            continue
        seen.add(photograph.identity)
        images.append(image_bgr)
        encodings.append(engine.encode(image_bgr, faces[0]))
        peer_encodings.append(theirs[0])
    return _Enrolled(images, encodings, peer_encodings)


def _frames(images_bgr: Sequence[ImageBGR]) -> list[ImageBGR]:
    """People side by side, as large as somebody at arm's length, who sway a little."""
    width_px = _WIDTH_PX // max(2, len(images_bgr))
    frames = []
    for number in range(_FRAMES):
        frame = np.full((_HEIGHT_PX, _WIDTH_PX, 3), (150, 150, 145), dtype=np.uint8)
        for place, image_bgr in enumerate(images_bgr):
            size_px = min(width_px - 16, 300)
            left = place * width_px + 8 + round(6 * float(np.sin(number / 4 + place)))
            top = 90 + round(4 * float(np.cos(number / 5 + place)))
            patch = cv2.resize(image_bgr, (size_px, size_px), interpolation=cv2.INTER_LINEAR)
            frame[top : top + size_px, max(0, left) : max(0, left) + size_px] = patch
        frames.append(frame)
    return frames


def _in_turns(
    pictures: Sequence[ImageBGR],
    settings: Settings,
    engine: FaceEngine,
    encodings: Sequence[Encoding],
    peer_encodings: Sequence[Any],
    peer: Any,
) -> tuple[float, float, float]:
    ours, theirs, faster = [], [], []
    for _ in range(_PASSES):
        with tempfile.TemporaryDirectory() as folder:
            look_at, close = _open_loop(Path(folder), settings, engine, encodings)
            ours.append(_frames_per_second(look_at, pictures))
            close()
        theirs.append(_frames_per_second(_peer_loop(peer, peer_encodings), pictures))
        faster.append(_frames_per_second(_peer_faster_loop(peer, peer_encodings), pictures))
    return median(ours), median(theirs), median(faster)


def _frames_per_second(look_at: Callable[[ImageBGR], None], pictures: Sequence[ImageBGR]) -> float:
    look_at(pictures[0])
    before = time.perf_counter()
    for picture in pictures:
        look_at(picture)
    return len(pictures) / (time.perf_counter() - before)


def _open_loop(
    folder: Path, settings: Settings, engine: FaceEngine, encodings: Sequence[Encoding]
) -> tuple[Callable[[ImageBGR], None], Callable[[], None]]:
    """Everything between the camera and the outbox, put together as the kiosk does."""
    clock = SystemClock()
    identity = KioskIdentity(uuid.uuid4(), "bench", new_private_key(), new_key())
    rosters = RosterHolder(folder, identity, SFACE_MODEL)
    rosters.take(sealed_gallery(identity, encodings))
    outbox = Outbox(folder / "outbox.db")
    point = settings.faces.operating_point()
    board = Board(clock, settings.kiosk.screen.thanks_seconds)
    door = Door(
        Recorder(outbox, clock),
        rosters,
        Keypad(settings.kiosk.pin, clock),
        board,
        clock,
        settings.kiosk,
        point,
        SFACE_MODEL,
        announce=lambda _: None,
        wake=lambda: None,
    )
    deciding = settings.kiosk.deciding
    camera = settings.kiosk.camera
    life = None if settings.kiosk.liveness.mode == "off" else LifeWatch(ShippedPassiveLimits(), None)
    seer = Seer(
        engine,
        deciding.min_eye_distance_px,
        deciding.min_sharpness,
        deciding.forget_track_after_seconds,
        deciding.faces_a_frame,
        deciding.max_lower_face_covered,
        life,
    )
    loop = KioskLoop(
        CameraReader(lambda: open_source(camera, clock), clock, camera),
        seer,
        rosters,
        door,
        board,
        clock,
        settings.kiosk,
        point,
    )
    started_at, started_seconds = clock.now(), clock.host_seconds()
    shown = 0

    def look_at(image_bgr: ImageBGR) -> None:
        nonlocal shown
        shown += 1
        # The time of a camera at 15 pictures a second, so that what takes seconds at the door takes them here.
        loop.look_at(
            Frame(image_bgr, shown, started_at, shown * _FRAME_SECONDS, started_seconds + shown * _FRAME_SECONDS)
        )

    return look_at, outbox.close


def sealed_gallery(identity: KioskIdentity, encodings: Sequence[Encoding], templates_a_person: int = 1) -> GalleryPack:
    """A gallery of made-up people, sealed for this kiosk as the server would."""
    people = [
        PersonEntry(
            person_id=UUID(int=number + 1),
            employee_no=f"{number + 1:06d}",
            display_name=f"Person {number + 1}",
            pin_hash=None,
            templates=[one.to_bytes() for one in encodings[first : first + templates_a_person]],
        )
        for number, first in enumerate(range(0, len(encodings), templates_a_person))
    ]
    content = GalleryContent(gallery_version=1, model_id=SFACE_MODEL, dimensions=128, people=people)
    pack = seal(identity.gallery_key, content.model_dump_json().encode(), gallery_owner(identity.kiosk_id, 1))
    return GalleryPack(gallery_version=1, pack=pack)


def _peer_loop(peer: Any, known: Sequence[Any]) -> Callable[[ImageBGR], None]:
    """What the package's webcam example does with each frame, without showing it."""

    def look_at(image_bgr: ImageBGR) -> None:
        image_rgb = np.ascontiguousarray(image_bgr[:, :, ::-1])
        places = peer.face_locations(image_rgb)
        for probe in peer.face_encodings(image_rgb, places, model="small"):
            matches = peer.compare_faces(known, probe)
            nearest = int(np.argmin(peer.face_distance(known, probe)))
            _ = nearest if matches[nearest] else None

    return look_at


def _peer_faster_loop(peer: Any, known: Sequence[Any]) -> Callable[[ImageBGR], None]:
    """Its faster example: a quarter of the size, every other frame."""
    each = _peer_loop(peer, known)
    number = 0

    def look_at(image_bgr: ImageBGR) -> None:
        nonlocal number
        number += 1
        if number % 2:
            each(np.asarray(cv2.resize(image_bgr, None, fx=0.25, fy=0.25), dtype=np.uint8))

    return look_at


def _parts(enrolled: _Enrolled, engine: FaceEngine, peer: Any) -> list[Row]:
    """Milliseconds of finding and of encoding one face."""
    frames = _frames(enrolled.images_bgr[:1])[:15]
    seconds: dict[str, list[float]] = {name: [] for name in ("detect", "encode", "peer detect", "peer encode")}
    for frame in frames:
        image_rgb = np.ascontiguousarray(frame[:, :, ::-1])
        faces = _timed(seconds["detect"], partial(engine.detect, frame))
        places = _timed(seconds["peer detect"], partial(peer.face_locations, image_rgb))
        if not faces or not places:
            continue
        _timed(seconds["encode"], partial(engine.encode, frame, faces[0]))
        _timed(seconds["peer encode"], partial(peer.face_encodings, image_rgb, places[:1], model="small"))
    ms = {name: 1000 * median(taken) for name, taken in seconds.items()}
    note = "peer: face_recognition (HOG, small landmarks)"
    return [
        Row("find faces, 640x480, one face", ms["detect"], "ms", ms["peer detect"], note=note),
        Row("encode one face", ms["encode"], "ms", ms["peer encode"], note=note),
    ]


def _timed(into: list[float], work: Callable[[], Any]) -> Any:
    before = time.perf_counter()
    result = work()
    into.append(time.perf_counter() - before)
    return result
