"""`python -m server operating-point`: shows, computes, tries another wanted rate, and reads folders of probes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from models.clock import SystemClock
from models.faces.engine import open_engine
from models.settings import load_settings
from server.services.context import ServerContext, open_context
from server.services.operating import compute_and_store, current
from tests.painted_faces import paint_face, plain_hall
from tests.server_cast import face_of
from tests.test_server_cli import config, court, run
from tests.test_server_operating_point import enrol, resembling, stored_count
from tests.verbs_cast import Run, Told

__all__ = ["config", "court", "run"]  # fixtures
VERB = "operating-point"


@pytest.fixture
def staffed(court: ServerContext) -> ServerContext:
    """A court of two who look alike and one who does not."""
    enrol(court, "1001", face_of(1), resembling(face_of(1), 0.2))
    enrol(court, "1002", resembling(face_of(1), 0.05))
    enrol(court, "1003", face_of(3))
    return court


def paint(path: Path, size: float = 1.0) -> None:
    picture = plain_hall()
    paint_face(picture, (320, 240), size)
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture)


# Showing and computing


def test_before_the_first_one_it_says_so_and_computes_nothing(run: Run, staffed: ServerContext) -> None:
    told = run(VERB, "--language", "en")
    assert told == Told(0, "No operating point has been computed yet: the settings' careful one holds.\n", "")
    assert stored_count(staffed) == 0


def test_compute_puts_it_in_force_and_show_shows_the_same(run: Run, staffed: ServerContext) -> None:
    computed = run(VERB, "--compute", "--language", "en")
    assert computed.code == 0
    assert "3 people, 4 templates" in computed.out
    assert "Version 1, in force." in computed.out
    assert "1001 员工1001" in computed.out
    assert "is asked for the PIN, always" in computed.out
    assert run(VERB, "--language", "en") == computed
    assert run(VERB, "--show", "--language", "en") == computed
    assert run(VERB, "--compute", "--language", "en") == computed
    assert stored_count(staffed) == 1


def test_the_report_is_in_the_courts_language_if_none_is_asked_for(run: Run, staffed: ServerContext) -> None:
    assert "每年预计错误打卡数" in run(VERB, "--compute").out


def test_another_wanted_rate_is_shown_and_not_put_in_force(run: Run, staffed: ServerContext) -> None:
    told = run(VERB, "--fpir", "0.02", "--json")
    shown = json.loads(told.out)
    assert shown["calibration"]["wanted_fpir"] == 0.02
    assert shown["version"] is None
    assert stored_count(staffed) == 0


def test_another_wanted_rate_cannot_be_put_in_force_beside_the_settings(run: Run, staffed: ServerContext) -> None:
    told = run(VERB, "--fpir", "0.02", "--compute")
    assert told.code == 2
    assert "is only shown" in " ".join(told.err.split())
    assert stored_count(staffed) == 0


def test_programs_get_everything_with_the_names_of_those_it_speaks_of(run: Run, staffed: ServerContext) -> None:
    shown = json.loads(run(VERB, "--compute", "--json").out)
    point = current(staffed)
    assert point is not None
    assert (shown["version"], shown["inputs_digest"]) == (1, point.inputs_digest)
    assert shown["calibration"]["fpir"]["trials"] == 3
    assert sorted(one["employee_no"] for one in shown["people"].values()) == ["1001", "1002"]
    assert json.loads(run(VERB, "--json").out) == shown


# Probes


def test_probes_of_people_and_strangers_are_counted_and_what_is_left_out_is_named(
    run: Run, config: Path, court: ServerContext, tmp_path: Path
) -> None:
    faces = load_settings(config).faces
    engine = open_engine(faces)
    picture = plain_hall()
    paint_face(picture, (320, 240), 1.0)
    enrol(court, "1001", engine.encode(picture, engine.detect(picture)[0]))
    probes = tmp_path / "probes"
    paint(probes / "1001" / "door.png")
    paint(probes / "1001" / "far.png", 0.7)
    (probes / "1001" / "notes.txt").write_text("no picture")
    paint(probes / "9999" / "nobody.png")
    paint(probes / "strangers" / "postman.png", 0.8)
    paint(probes / "strangers" / "visitor" / "first.png", 0.9)
    paint(probes / "strangers" / "visitor" / "second.png", 1.1)
    told = run(VERB, "--probes", str(probes), "--json", "--language", "en")
    assert told.code == 0, told.err
    shown = json.loads(told.out)["calibration"]
    assert shown["mated_probes"] == 2
    assert shown["probe_fnir"]["trials"] == 2
    # Two strangers; the only person of the gallery has nobody to be searched against.
    assert shown["fpir"]["trials"] == 2
    assert "1001/notes.txt: This is not a JPEG or PNG photograph" in told.err
    assert "9999: Nobody of this number is enrolled with a face." in told.err
    assert stored_count(court) == 0
    assert run(VERB, "--probes", str(probes), "--compute").code == 0
    point = current(open_context(load_settings(config), SystemClock()))
    assert point is not None
    assert point.calibration.probe_fnir.trials == 2


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (lambda folder: None, "cannot be read"),
        (lambda folder: folder.mkdir(), "has no pictures"),
        (lambda folder: paint(folder / "8888" / "face.png"), "has no pictures"),
        (lambda folder: folder.write_text("a file"), "cannot be read"),
    ],
    ids=["missing", "empty", "only numbers that nobody has", "a file"],
)
def test_a_folder_that_holds_no_probes_is_told_before_anything_is_loaded(
    run: Run, staffed: ServerContext, tmp_path: Path, prepare: Callable[[Path], None], sentence: str
) -> None:
    folder = tmp_path / "probes"
    prepare(folder)
    assert sentence in run(VERB, "--probes", str(folder)).sentence
    if folder.is_dir():
        shutil.rmtree(folder)


def test_without_probes_the_face_engine_is_not_needed(
    run: Run, staffed: ServerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.faces.engine.open_engine", lambda faces: pytest.fail("the engine was opened"))
    assert run(VERB, "--compute").code == 0
    assert compute_and_store(staffed).version == 1
