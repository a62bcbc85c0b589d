"""The cast of the enrollment tests: a store in memory, an engine that reads its script, photographs made to order."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from enrollment.ports import (
    ConsentRecord,
    ConsentState,
    EnrollmentStore,
    EnrollmentTransaction,
    KnownPerson,
    NewPerson,
    StoredTemplate,
)
from enrollment.service import EnrollmentService
from enrollment.values import EnrollmentRequest, PhotoFile
from models.faces.values import Encoding, Face, ImageBGR, Metric, ModelId
from models.settings import FacesSettings, OperatingPointSettings, load_settings

TODAY = date(2026, 11, 20)
NOTICE = "2026-1"
MODEL = ModelId("scripted-1")
POINT = OperatingPointSettings(
    accept_distance=0.55,
    margin=0.08,
    same_person_distance=0.6,
    duplicate_distance=0.5,
    one_to_one_distance=0.6,
    covered_accept_distance=0.4,
)
CONFIG = Path(__file__).parent.parent / "config.yaml"
_DIMENSIONS = 64

Vector = NDArray[np.float64]


def faces_settings() -> FacesSettings:
    """Those of the config.yaml that everybody starts with."""
    return load_settings(CONFIG).faces


def somebody(number: int) -> Vector:
    """A face of its own: at distance 1 from everybody else's."""
    vector = np.zeros(_DIMENSIONS)
    vector[number] = 1
    return vector


def like(vector: Vector, distance: float, way: int) -> Vector:
    """A face at this cosine distance from another; different ways lead apart from each other."""
    cosine = 1 - distance
    aside = somebody(_DIMENSIONS - 1 - way)
    return np.asarray(cosine * vector + np.sqrt(1 - cosine**2) * aside)


def face_at(left: float, top: float, eye_distance_px: float = 40.0) -> Face:
    """An upright, frontal face whose box begins there."""
    unit = eye_distance_px / 40.0
    landmarks = np.array([[20, 30], [60, 30], [40, 53], [24, 76], [56, 76]], dtype=np.float32)
    placed = (landmarks * unit + [left, top]).astype(np.float32)
    box = np.array([left, top, left + 80 * unit, top + 100 * unit], dtype=np.float32)
    return Face(box, placed, 0.9)


def noise_bgr(height: int = 110, width: int = 110, seed: int = 0) -> ImageBGR:
    """A picture that is colourful, sharp and evenly lit, as a good face is."""
    return np.random.default_rng(seed).integers(90, 170, (height, width, 3), dtype=np.uint8)


def png(image_bgr: ImageBGR) -> bytes:
    """The picture as a file."""
    content = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image_bgr[:, :, ::-1])).save(content, "PNG")
    return content.getvalue()


class ScriptedEncoder:
    model_id = MODEL
    dimensions = _DIMENSIONS
    metric: Metric = "cosine"
    follows_landmarks = True

    def encode(self, image_bgr: ImageBGR, face: Face) -> Encoding:
        raise NotImplementedError("the engine encodes")

    def encode_views(self, image_bgr: ImageBGR, face: Face) -> tuple[Encoding, ...]:
        raise NotImplementedError("the engine encodes")


class ScriptedFaces:
    """An engine that knows each picture by its first pixel.

    Attributes:
        looks: how many pictures were looked at.
    """

    def __init__(self) -> None:
        self.encoder = ScriptedEncoder()
        self.looks = 0
        self._scripts: list[list[Vector]] = []

    def photo_of(self, *vectors: Vector) -> bytes:
        """A new good photograph with these faces in it."""
        number = len(self._scripts)
        self._scripts.append(list(vectors))
        image_bgr = noise_bgr(seed=number)
        image_bgr[0, 0] = (1, number // 256, number % 256)
        return png(image_bgr)

    def _script(self, image_bgr: ImageBGR) -> list[Vector]:
        mark, high, low = (int(value) for value in image_bgr[0, 0])
        assert mark == 1, "this picture is not in the script"
        return self._scripts[high * 256 + low]

    def detect(self, image_bgr: ImageBGR) -> list[Face]:
        self.looks += 1
        return [face_at(5 + index, 5) for index, _ in enumerate(self._script(image_bgr))]

    def encode_views(self, image_bgr: ImageBGR, face: Face) -> tuple[Encoding, ...]:
        upright = Encoding(self.encoder.model_id, np.asarray(self._script(image_bgr)[0], dtype=np.float32))
        straightened = Encoding(self.encoder.model_id, -upright.vector)
        return (upright, straightened)


@dataclass(frozen=True)
class State:
    """Everything that a store holds."""

    people: dict[UUID, KnownPerson] = field(default_factory=dict)
    pins: dict[UUID, str] = field(default_factory=dict)
    consents: dict[UUID, ConsentState] = field(default_factory=dict)
    templates: tuple[StoredTemplate, ...] = ()

    def copy(self) -> State:
        return State(dict(self.people), dict(self.pins), dict(self.consents), self.templates)


class FakeStore:
    """People in memory.

    Attributes:
        state: what is committed.
        commits: how often that happened.
        more_views: the encodings beside the first of each photograph, as they came.
        before_begin: called before each transaction; lets a test change the world between two of them.
    """

    def __init__(self) -> None:
        self.state = State()
        self.commits = 0
        self.more_views: list[Encoding] = []
        self.open_transactions = 0
        self.fail_on_template: Exception | None = None
        self.before_begin: Callable[[], None] = lambda: None

    @contextmanager
    def begin(self) -> Iterator[EnrollmentTransaction]:
        self.before_begin()
        self.open_transactions += 1
        try:
            yield FakeTransaction(self)
        finally:
            self.open_transactions -= 1

    def person(self, employee_no: str) -> KnownPerson:
        return next(person for person in self.state.people.values() if person.employee_no == employee_no)

    def pin_of(self, employee_no: str) -> str | None:
        return self.state.pins.get(self.person(employee_no).person_id)

    def consent_of(self, employee_no: str) -> ConsentState | None:
        return self.state.consents.get(self.person(employee_no).person_id)

    def templates_of(self, employee_no: str) -> list[StoredTemplate]:
        return [one for one in self.state.templates if one.employee_no == employee_no]

    def withdraw(self, employee_no: str, on: date) -> None:
        """What HR's page does."""
        person_id = self.person(employee_no).person_id
        consents = {**self.state.consents, person_id: ConsentState("withdrawn", NOTICE, on)}
        kept = tuple(one for one in self.state.templates if one.person_id != person_id)
        self.state = replace(self.state, consents=consents, templates=kept)


class FakeTransaction:
    def __init__(self, store: FakeStore) -> None:
        self._store = store
        self._state = store.state.copy()

    def find_person(self, employee_no: str) -> KnownPerson | None:
        return next((one for one in self._state.people.values() if one.employee_no == employee_no), None)

    def add_person(self, person: NewPerson) -> UUID:
        assert self.find_person(person.employee_no) is None
        person_id = UUID(int=len(self._state.people) + 1)
        self._state.people[person_id] = KnownPerson(person_id, person.employee_no, person.name, person.division)
        return person_id

    def update_person(self, person_id: UUID, name: str, division: str | None) -> None:
        self._state.people[person_id] = replace(self._state.people[person_id], name=name, division=division)

    def has_pin(self, person_id: UUID, pin: str) -> bool:
        return self._state.people[person_id] is not None and self._state.pins.get(person_id) == pin

    def set_pin(self, person_id: UUID, pin: str) -> None:
        self._state.pins[person_id] = pin

    def consent_of(self, person_id: UUID) -> ConsentState | None:
        assert person_id in self._state.people
        return self._state.consents.get(person_id)

    def record_consent(self, person_id: UUID, record: ConsentRecord) -> None:
        before = self._state.consents.get(person_id)
        if record.decision == "refused" and before is not None and before.decision == "given":
            self._state.consents[person_id] = ConsentState("withdrawn", record.notice_version, record.decided_on)
            kept = tuple(one for one in self._state.templates if one.person_id != person_id)
            self._state = replace(self._state, templates=kept)
        else:
            self._state.consents[person_id] = ConsentState(record.decision, record.notice_version, record.decided_on)

    def templates(self, model_id: ModelId) -> list[StoredTemplate]:
        return [one for one in self._state.templates if one.encoding.model_id == model_id]

    def add_template(self, person_id: UUID, photo_sha256: str, encoding: Encoding, view: int = 0) -> None:
        if view > 0:
            self._store.more_views.append(encoding)
            return
        if self._store.fail_on_template is not None:
            raise self._store.fail_on_template
        consent = self._state.consents.get(person_id)
        assert consent is not None, "a template without a consent"
        assert consent.decision == "given", "a template against a decision"
        employee_no = self._state.people[person_id].employee_no
        template = StoredTemplate(person_id, employee_no, photo_sha256, encoding)
        self._state = replace(self._state, templates=(*self._state.templates, template))

    def commit(self) -> None:
        self._store.state = self._state.copy()
        self._store.commits += 1


def consent(day: date = date(2026, 11, 2), notice_version: str = NOTICE) -> ConsentRecord:
    return ConsentRecord("given", notice_version, day, "Zhao of HR")


def refusal(day: date = date(2026, 11, 2)) -> ConsentRecord:
    return ConsentRecord("refused", NOTICE, day, "Zhao of HR")


def service_for(store: EnrollmentStore, faces: ScriptedFaces) -> EnrollmentService:
    return EnrollmentService(store, faces, faces_settings().enrollment_quality, POINT, lambda: TODAY)


def request(
    employee_no: str, *photos: bytes, given: ConsentRecord | None = None, **more: str | None
) -> EnrollmentRequest:
    """One person with photographs named 1.png, 2.png …"""
    files = tuple(PhotoFile(f"{number}.png", content) for number, content in enumerate(photos, start=1))
    return EnrollmentRequest(
        employee_no=employee_no,
        name=more.get("name") or f"Name {employee_no}",
        division=more.get("division"),
        pin=more.get("pin"),
        consent=given,
        photos=files,
    )
