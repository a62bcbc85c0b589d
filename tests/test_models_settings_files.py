"""A settings file that is no good ends in a sentence, whatever is in it; paths in it start at its own folder."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import CourtclockError
from models.settings import load_settings
from tests.settings_documents import (
    SHIPPED,
    changed,
    findings_in,
    load,
    section_of,
    shipped_document,
    walk,
    written,
)


def refusal(path: Path) -> CourtclockError:
    with pytest.raises(CourtclockError) as caught:
        load_settings(path)
    return caught.value


def test_relative_paths_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    document = changed(
        clock__compressed_day="day/clock.json",
        database__url="sqlite:///var/court.db",
        database__password_file="password",
        faces__weights__detector="weights/yunet.onnx",
        kiosk__camera__source="hall.mp4",
        kiosk__camera__sample_script="camera.json",
    )
    found = load(tmp_path, document)
    assert found.clock.compressed_day == tmp_path / "day/clock.json"
    assert found.database.url == f"sqlite:///{tmp_path}/var/court.db"
    assert found.database.password_file == tmp_path / "password"
    assert found.secrets.template_key_file == tmp_path / "var/secrets/template.key"
    assert found.secrets.session_key_file == tmp_path / "var/secrets/session.key"
    assert found.faces.weights.detector == tmp_path / "weights/yunet.onnx"
    assert found.kiosk.state_folder == tmp_path / "var/kiosk"
    assert found.kiosk.camera.source == str(tmp_path / "hall.mp4")
    assert found.kiosk.camera.sample_script == tmp_path / "camera.json"


def test_the_folder_is_the_same_from_wherever_the_program_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, shipped_document())
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert load_settings(Path("../config.yaml")).kiosk.state_folder == tmp_path / "var/kiosk"


def test_absolute_paths_stay_as_they_are(tmp_path: Path) -> None:
    document = changed(
        clock__compressed_day="/srv/clock.json",
        database__url="sqlite:////srv/court.db",
        kiosk__state_folder="/srv/kiosk",
        kiosk__camera__source="/dev/video0",
    )
    found = load(tmp_path, document)
    assert found.clock.compressed_day == Path("/srv/clock.json")
    assert found.database.url == "sqlite:////srv/court.db"
    assert found.kiosk.state_folder == Path("/srv/kiosk")
    assert found.kiosk.camera.source == "/dev/video0"


@pytest.mark.parametrize("source", ["0", "12", "sample", "none", "rtsp://camera.court.local/1", "/dev/video0"])
def test_a_camera_that_is_no_relative_path_stays_as_it_is(tmp_path: Path, source: str) -> None:
    assert load(tmp_path, changed(kiosk__camera__source=source)).kiosk.camera.source == source


def test_a_database_elsewhere_stays_as_it_is(tmp_path: Path) -> None:
    url = "postgresql+psycopg://courtclock@db.court.local/courtclock"
    assert load(tmp_path, changed(database__url=url)).database.url == url


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("court: {}\ncourt: {}\n", "'court' stands twice"),
        ("kiosk:\n  pin:\n    max_tries: 5\n    max_tries: 9\n", "'max_tries' stands twice"),
        ("court: [", "flow node"),
        ("court: !!python/object/apply:os.getcwd []\n", "python/object/apply:os.getcwd"),
        ("court: !!python/name:os.system\n", "python/name:os.system"),
        ("? [a, b]\n: 1\n", "unhashable"),
        ("court: 2026-13-45\n", "month"),
        ("court: !!timestamp soon\n", ""),
        ("court: !!int many\n", "many"),
        ("court: &court [*court]\n", "recursive"),
        ("court: *nobody\n", "undefined alias"),
        ("[" * 3000, "recursion"),
        ("\x00", "not allowed"),
        ("a: b\n--- \nc: d\n", "single document"),
    ],
)
def test_a_file_that_is_no_clean_yaml_cannot_be_read(tmp_path: Path, text: str, said: str) -> None:
    error = refusal(written(tmp_path, text))
    assert error.code == "settings.unreadable"
    assert said in str(error.details["reason"])
    assert str(tmp_path / "config.yaml") in error.sentence("zh")


@pytest.mark.parametrize("text", ["", "\n# nothing yet\n", "null", "hello", "7", "[1, 2]", '""'])
def test_a_file_that_holds_no_keys_is_answered_in_one_line(tmp_path: Path, text: str) -> None:
    found = findings_in(tmp_path, text)
    assert list(found) == ["config.yaml"]
    assert found["config.yaml"].startswith("a section with keys belongs here")


@pytest.mark.parametrize("key", ["5", "true", "null", "2026-11-20", "1.5"])
def test_a_key_that_is_no_word_is_refused(tmp_path: Path, key: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8") + f"\n{key}: 1\n"
    assert len(findings_in(tmp_path, text)) == 1


def test_a_file_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    error = refusal(tmp_path / "config.yaml")
    assert error.code == "settings.unreadable"
    assert "No such file" in error.sentence("en")


def test_a_folder_or_bytes_that_are_no_text_cannot_be_read(tmp_path: Path) -> None:
    assert refusal(tmp_path).code == "settings.unreadable"
    (tmp_path / "config.yaml").write_bytes("court: 示范".encode("gb18030"))
    assert refusal(tmp_path / "config.yaml").code == "settings.unreadable"


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.binary(max_size=8),
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.sampled_from(["sqlite:///", "sqlite:///:memory:", "23:00", "../..", "~", "../\x00", "Asia/../etc", "0", "/"]),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS, inner, max_size=3),
    max_leaves=6,
)
PLACES = [path for path, _ in walk(shipped_document()) if path]
WHAT_TO_DO = st.sampled_from(["replace", "remove", "rename", "add"])


def good_or_refused(document: Any) -> None:
    with TemporaryDirectory() as folder:
        path = written(Path(folder), document)
        said = None
        try:
            load_settings(path)
        except CourtclockError as error:
            said = error
    assert said is None or said.code in ("settings.invalid", "settings.unreadable")
    assert said is None or str(path) in said.sentence("zh")


@given(st.lists(st.tuples(st.sampled_from(PLACES), WHAT_TO_DO, ANYTHING), min_size=1, max_size=3))
@settings(max_examples=100, deadline=None)
def test_a_document_changed_anyhow_is_good_or_refused_and_never_more_than_that(
    changes: list[tuple[tuple[str | int, ...], str, Any]],
) -> None:
    document = shipped_document()
    for path, what, value in changes:
        try:
            section = section_of(document, path)
            if what == "replace":
                section[path[-1]] = value
            elif what == "remove":
                del section[path[-1]]
            elif what == "rename":
                section[value] = section.pop(path[-1])
            else:
                section[value] = 1
        except (KeyError, IndexError, TypeError):
            pass  # an earlier change took this place away, or a value cannot be a key
    good_or_refused(document)


TAGS = ["!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!binary", "!!set", "!!omap", "!!pairs", "!!map", "!x"]
SCRAPS = st.sampled_from([*TAGS, "court", ": ", "\n", "  ", "- ", "[", "]", "{", "}", "&a ", "*a ", "<<: ", "? ", "x"])


@given(st.lists(SCRAPS | st.text(st.characters(codec="utf-8"), max_size=4), max_size=20))
@settings(max_examples=500, deadline=None)
def test_any_text_is_good_or_refused_and_never_more_than_that(scraps: list[str]) -> None:
    good_or_refused("".join(scraps))
