"""Two encoders behind one name; what one of them encoded is never compared with what the other did."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from models.errors import CourtclockError
from models.faces.encoders import DlibEncoder, Encoder, SFaceEncoder
from models.faces.engine import FaceEngine, open_engine
from models.faces.gallery import Gallery
from models.faces.quality import align
from models.faces.sface_means import STRAIGHTENED_MEAN, UPRIGHT_MEAN
from models.faces.values import Face, ImageBGR
from models.settings import EngineName, load_settings
from tests.painted_faces import paint_face, plain_hall

ROOT = Path(__file__).parent.parent
SHIPPED = load_settings(ROOT / "config.yaml").faces
EMPLOYEE, STRANGER = UUID(int=1), UUID(int=2)
SECOND_ENGINE_IS_INSTALLED = find_spec("face_recognition") is not None
needs_second_engine = pytest.mark.skipif(
    not SECOND_ENGINE_IS_INSTALLED, reason="the extra face-recognition is not installed"
)


def opened(engine: EngineName) -> FaceEngine:
    return open_engine(SHIPPED.model_copy(update={"engine": engine, "min_detection_score": 0.7}))


@pytest.fixture(scope="module")
def sface() -> FaceEngine:
    return opened("sface")


@pytest.fixture(scope="module")
def dlib() -> FaceEngine:
    return opened("face_recognition")


@pytest.fixture(
    params=["sface", pytest.param("face_recognition", marks=needs_second_engine)], ids=["sface", "face_recognition"]
)
def engine(request: pytest.FixtureRequest) -> FaceEngine:
    found = request.getfixturevalue({"sface": "sface", "face_recognition": "dlib"}[request.param])
    assert isinstance(found, FaceEngine)
    return found


def painted(middle_xy: tuple[int, int] = (320, 240), size: float = 1.0) -> ImageBGR:
    picture = plain_hall()
    paint_face(picture, middle_xy, size)
    return picture


def only_face(engine: FaceEngine, picture: ImageBGR) -> Face:
    (face,) = engine.detect(picture)
    return face


def test_an_encoding_has_the_length_that_its_encoder_says(engine: FaceEngine) -> None:
    encoding = engine.encode(painted(), only_face(engine, painted()))
    assert encoding.vector.shape == (engine.encoder.dimensions,) == (128,)
    assert encoding.vector.dtype == np.float32
    assert np.isfinite(encoding.vector).all()
    assert encoding.model_id == engine.encoder.model_id


def test_the_same_face_is_encoded_the_same_each_time(engine: FaceEngine) -> None:
    picture = painted()
    face = only_face(engine, picture)
    first = engine.encode(picture, face)
    assert np.array_equal(engine.encode(picture, face).vector, first.vector)


def test_encoding_changes_nothing_in_the_picture(engine: FaceEngine) -> None:
    picture = painted()
    engine.encode(picture, only_face(engine, picture))
    assert np.array_equal(picture, painted())


@pytest.mark.parametrize("box", [[-60, -40, 90, 120], [560, 380, 700, 520], [-20, -20, 700, 500]])
def test_a_face_that_reaches_over_the_edge_is_encoded_too(engine: FaceEngine, box: list[float]) -> None:
    left, top, right, bottom = box
    shares = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])
    landmarks = shares * [right - left, bottom - top] + [left, top]
    face = Face(np.array(box, dtype=np.float32), landmarks.astype(np.float32), 0.9)
    assert np.isfinite(engine.encode(painted(), face).vector).all()


def test_a_face_is_nearer_to_itself_moved_than_to_something_else(engine: FaceEngine) -> None:
    def encoded(picture: ImageBGR) -> np.ndarray:
        return engine.encode(picture, only_face(engine, picture)).vector

    face, moved = encoded(painted()), encoded(painted((290, 225), 1.1))
    noise = np.random.default_rng(2).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    other = engine.encode(noise, only_face(engine, painted())).vector
    assert np.linalg.norm(face - moved) < np.linalg.norm(face - other)


def test_sface_encodings_have_length_one(sface: FaceEngine) -> None:
    vector = sface.encode(painted(), only_face(sface, painted())).vector
    assert float(np.linalg.norm(vector)) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    ("encoder", "model_id", "metric"),
    [(SFaceEncoder, "sface-2021dec-int8bq-centred", "cosine"), (DlibEncoder, "dlib-resnet-v1", "euclidean")],
)
def test_an_encoder_names_its_model_and_its_distance(encoder: type[Encoder], model_id: str, metric: str) -> None:
    # These names stand in every stored template.
    assert (encoder.model_id, encoder.metric, encoder.dimensions) == (model_id, metric, 128)


@needs_second_engine
def test_what_one_engine_encoded_cannot_be_matched_by_the_other(sface: FaceEngine, dlib: FaceEngine) -> None:
    picture = painted()
    face = only_face(sface, picture)
    of_sface, of_dlib = sface.encode(picture, face), dlib.encode(picture, face)
    assert of_sface.model_id != of_dlib.model_id
    for engine, own, other in ((sface, of_sface, of_dlib), (dlib, of_dlib, of_sface)):
        encoder = engine.encoder
        gallery = Gallery(encoder.model_id, encoder.metric, [(EMPLOYEE, [own])])
        match = gallery.match(own)
        assert match is not None
        assert match.distance == pytest.approx(0.0, abs=2e-3)
        with pytest.raises(CourtclockError, match=r"gallery\.model_mismatch"):
            gallery.match(other)
        with pytest.raises(CourtclockError, match=r"gallery\.model_mismatch"):
            Gallery(encoder.model_id, encoder.metric, [(EMPLOYEE, [own]), (STRANGER, [other])])


@needs_second_engine
def test_opening_the_second_engine_is_quiet() -> None:
    code = (
        "from pathlib import Path\n"
        "from models.faces.engine import open_engine\n"
        "from models.settings import load_settings\n"
        "faces = load_settings(Path('config.yaml')).faces.model_copy(update={'engine': 'face_recognition'})\n"
        "print(open_engine(faces).encoder.model_id)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "dlib-resnet-v1\n", "")


@needs_second_engine
def test_opening_the_second_engine_does_not_make_damaged_photographs_pass_for_whole_ones() -> None:
    code = (
        "from PIL import ImageFile\n"
        "from models.faces.encoders import DlibEncoder\n"
        "DlibEncoder()\n"
        "print(ImageFile.LOAD_TRUNCATED_IMAGES)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("gone", ["face_recognition", "face_recognition_models"])
def test_without_its_package_the_second_engine_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, gone: str) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "face_recognition"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, gone, None)
    with pytest.raises(CourtclockError) as caught:
        DlibEncoder()
    assert caught.value.code == "engine.missing"
    assert caught.value.details == {"engine": "face_recognition", "package": "face-recognition"}


def test_a_photograph_is_enrolled_in_views_that_are_all_like_the_face_at_the_door(engine: FaceEngine) -> None:
    picture, at_the_door = painted(), painted((300, 230), 0.9)
    views = engine.encode_views(picture, only_face(engine, picture))
    probe = engine.encode(at_the_door, only_face(engine, at_the_door))
    noise = np.random.default_rng(2).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    stranger = engine.encode(noise, only_face(engine, painted()))
    assert len(views) == (2 if engine.encoder.metric == "cosine" else 1)
    for view in views:
        assert view.model_id == engine.encoder.model_id
        assert np.linalg.norm(view.vector - probe.vector) < np.linalg.norm(view.vector - stranger.vector)


def test_what_sface_says_of_any_face_is_taken_off(sface: FaceEngine) -> None:
    # Two people's faces have less in common than SFace itself finds: its mean over people is gone.
    assert 0.2 < float(np.linalg.norm(UPRIGHT_MEAN)) < 0.5
    assert 0.2 < float(np.linalg.norm(STRAIGHTENED_MEAN)) < 0.5
    picture = painted()
    face = only_face(sface, picture)
    encoder = sface.encoder
    assert isinstance(encoder, SFaceEncoder)
    raw = encoder._raw(align(picture, face))
    centred = (raw - UPRIGHT_MEAN) / np.linalg.norm(raw - UPRIGHT_MEAN)
    assert encoder.encode(picture, face).vector == pytest.approx(centred, abs=1e-5)


def test_a_photograph_and_its_mirror_image_are_enrolled_alike(sface: FaceEngine) -> None:
    picture = painted((320, 240))
    paint_face(picture, (320, 240))
    picture[:, :200] = (60, 90, 120)
    mirrored = np.ascontiguousarray(picture[:, ::-1])
    one, other = (sface.encode_views(shown, only_face(sface, shown))[0].vector for shown in (picture, mirrored))
    assert float(one @ other) > 0.97


def test_the_means_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        UPRIGHT_MEAN[0] = 1
