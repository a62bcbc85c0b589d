"""`python -m enrollment`: what people see, and the exit code that scripts see."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from enrollment import cli
from enrollment.cli import Speech, app
from models.errors import CourtclockError
from models.sealing import new_key, write_key_file
from tests.enrollment_cast import CONFIG, FakeStore, ScriptedFaces, like, noise_bgr, png, somebody

HEADER = "employee_no,name,division,pin,consent,notice_version,consent_date\n"
LI, WANG = somebody(0), somebody(1)
config_in_use = CONFIG


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped settings in a folder that holds both keys, as after ``python -m server init``."""
    for name in ("template.key", "session.key"):
        write_key_file(tmp_path / "var/secrets" / name, new_key())
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(cli, "entry_points", lambda group: ["a store"])
    monkeypatch.setattr(f"{__name__}.config_in_use", path)
    return path


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> FakeStore:
    store = FakeStore()
    monkeypatch.setattr(cli, "open_store", lambda settings: store)
    return store


@pytest.fixture
def faces(monkeypatch: pytest.MonkeyPatch) -> ScriptedFaces:
    faces = ScriptedFaces()
    monkeypatch.setattr(cli, "open_engine", lambda settings: faces)
    return faces


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "staff"


def put(folder: Path, rows: str, photos: dict[str, bytes]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "people.csv").write_text(HEADER + rows, encoding="utf-8")
    for name, content in photos.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


def run(*arguments: object) -> Result:
    words = [str(argument) for argument in arguments]
    return CliRunner().invoke(
        app, [*words, "--config", str(config_in_use), "--language", "en"], obj=Speech(), catch_exceptions=False
    )


def test_an_import_where_all_goes_in_says_so_and_exits_with_0(
    store: FakeStore, faces: ScriptedFaces, folder: Path
) -> None:
    photos = {"0104/1.png": faces.photo_of(LI), "0104/2.png": faces.photo_of(like(LI, 0.1, 1))}
    put(folder, "0104,Li Ming,filing,2580,given,1,2026-01-02\n", photos)
    result = run("import", folder, "--recorded-by", "Zhao")
    assert result.stdout.splitlines() == [
        "0104 Li Ming: created",
        "0104/1.png: ok, enrolled",
        "0104/2.png: ok, enrolled",
        "People: 1 created, 0 updated, 0 unchanged; 0 of them without a face.",
        "Photographs: 2 enrolled, 0 enrolled before, 0 refused, 0 not looked at.",
    ]
    assert (result.exit_code, result.stderr) == (0, "")
    assert len(store.templates_of("0104")) == 2


def test_a_second_import_changes_nothing_and_says_so(store: FakeStore, faces: ScriptedFaces, folder: Path) -> None:
    put(folder, "0104,Li Ming,filing,2580,given,1,2026-01-02\n", {"0104/1.png": faces.photo_of(LI)})
    run("import", folder)
    before = store.state
    result = run("import", folder)
    assert store.state is before
    assert result.stdout.splitlines() == [
        "0104 Li Ming: unchanged",
        "0104/1.png: ok, enrolled before",
        "People: 0 created, 0 updated, 1 unchanged; 0 of them without a face.",
        "Photographs: 0 enrolled, 1 enrolled before, 0 refused, 0 not looked at.",
        "Nothing has changed.",
    ]
    assert result.exit_code == 0


def test_each_refusal_is_a_sentence_and_the_exit_code_is_1(
    store: FakeStore, faces: ScriptedFaces, folder: Path
) -> None:
    put(
        folder,
        "0104,Li Ming,filing,2580,given,1,2026-01-02\n"
        "0105,Wang Fang,filing,1379,refused,1,2026-01-02\n"
        "0106,,filing,,,,\n",
        {
            "0104/empty.jpg": b"",
            "0104/good.png": faces.photo_of(LI),
            "0105/1.png": faces.photo_of(WANG),
            "0199/1.png": b"",
        },
    )
    result = run("import", folder)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "people.csv:4: The name is empty. The row is skipped.",
        "0199/: There is no usable row in people.csv for this folder. Its photographs are not looked at.",
        "0104 Li Ming: created",
        "0104/empty.jpg: refused: The file is empty. Copy it again from the camera.",
        "0104/good.png: ok, enrolled",
        "0105 Wang Fang: created",
        "0105/1.png: not looked at: There is no consent to face recognition on record for this person.",
        "People: 2 created, 0 updated, 0 unchanged; 1 of them without a face.",
        "Photographs: 1 enrolled, 0 enrolled before, 1 refused, 1 not looked at.",
        "Rows, folders and files skipped: 2.",
    ]


def test_a_dry_run_says_the_same_and_writes_nothing(store: FakeStore, faces: ScriptedFaces, folder: Path) -> None:
    photo = faces.photo_of(LI)
    rows = "0104,Li Ming,filing,2580,given,1,2026-01-02\n0777,Li Ming,filing,2580,given,1,2026-01-02\n"
    put(folder, rows, {"0104/1.png": photo, "0777/1.png": photo})
    dry = run("import", folder, "--dry-run")
    assert (store.commits, store.state.people) == (0, {})
    assert "looks like employee 0104" in dry.stdout
    wet = run("import", folder)
    assert dry.stdout.splitlines() == [*wet.stdout.splitlines(), "This was a dry run: nothing has been written."]
    assert (dry.exit_code, wet.exit_code) == (1, 1)


def test_what_a_file_name_hides_is_shown_and_not_obeyed(store: FakeStore, faces: ScriptedFaces, folder: Path) -> None:
    put(folder, "0104,Li Ming,x,,given,1,2026-01-02\n", {"0104/\x1b[31m[bold]x.png": b""})
    line = run("import", folder).stdout.splitlines()[1]
    assert line.startswith("0104/?[31m[bold]x.png: refused")


def test_a_date_that_has_not_come_by_the_courts_clock_is_no_consent(
    store: FakeStore, faces: ScriptedFaces, folder: Path
) -> None:
    put(folder, "0104,Li Ming,x,,given,1,9999-01-01\n", {"0104/1.png": faces.photo_of(LI)})
    result = run("import", folder)
    assert "has not come yet" in result.stdout
    assert faces.looks == 0


def test_check_looks_at_photographs_without_any_store(faces: ScriptedFaces, tmp_path: Path) -> None:
    good, wall = tmp_path / "good.png", tmp_path / "wall.png"
    good.write_bytes(faces.photo_of(LI))
    wall.write_bytes(faces.photo_of())
    result = run("check", good)
    assert (result.exit_code, result.stdout) == (0, f"{good}: ok, it can be enrolled\n")
    result = run("check", good, wall, tmp_path / "missing.png")
    assert result.exit_code == 1
    assert [line.split(": ", 1)[1][:14] for line in result.stdout.splitlines()] == [
        "ok, it can be ",
        "No face is fou",
        "The file canno",
    ]


@pytest.mark.parametrize("verb", ["check-config", "import"])
def test_every_finding_is_named_with_its_key_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], config: Path, tmp_path: Path, verb: str
) -> None:
    text = CONFIG.read_text(encoding="utf-8")
    config.write_text(
        text.replace("detector: null", "detector: a.onnx").replace("encoder: null", "encoder: b.onnx"), encoding="utf-8"
    )
    (tmp_path / "b.onnx").write_bytes(b"not weights")
    monkeypatch.setattr(cli, "entry_points", lambda group: [])
    for name in ("template.key", "session.key"):
        (tmp_path / "var/secrets" / name).unlink()
    assert run_main(monkeypatch, verb, *([tmp_path] if verb == "import" else []), "--config", config) == 2
    told = capsys.readouterr()
    assert told.out == ""
    first, *lines = told.err.splitlines()
    assert first == f"The settings in {config} are not usable:"
    assert [line.split(": ")[0] for line in lines] == [
        "  - secrets.template_key_file",
        "  - secrets.session_key_file",
        "  - faces.weights.detector",
        "  - faces.weights.encoder",
        "  - enrollment store",
    ]
    assert "template.key is missing. On a new server" in lines[0]
    assert "a.onnx is missing" in lines[2]
    assert "b.onnx has the digest" in lines[3]
    assert lines[3].endswith("It is not used. Use the file of the pinned package: null.")


def test_check_names_the_weights_that_are_not_usable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], config: Path
) -> None:
    config.write_text(config.read_text(encoding="utf-8").replace("encoder: null", "encoder: b.onnx"), encoding="utf-8")
    assert run_main(monkeypatch, "check", "photo.png", "--config", config) == 2
    assert "  - faces.weights.encoder: " in capsys.readouterr().err


@pytest.mark.parametrize("name", ["x" * 101, "Zhao\nQian", " "])
def test_who_vouches_must_fit_into_the_records(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], config: Path, folder: Path, name: str
) -> None:
    assert run_main(monkeypatch, "import", folder, "--recorded-by", name, "--config", config) == 2
    said = "--recorded-by must have 1 to 100 characters, and no control character among them.\n"
    assert capsys.readouterr().err == said


def test_check_config_says_when_all_is_well() -> None:
    result = run("check-config")
    assert (result.exit_code, result.stdout) == (0, "The settings are usable, and so are the weights.\n")


# What could not run: one sentence, exit code 2


def run_main(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["enrollment", *(str(argument) for argument in arguments), "--language", "en"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_a_missing_folder_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    store: FakeStore,
    faces: ScriptedFaces,
    config: Path,
    tmp_path: Path,
) -> None:
    assert run_main(monkeypatch, "import", tmp_path / "nowhere", "--config", config) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        f"The folder {tmp_path / 'nowhere'} cannot be imported: there is no people.csv in it."
    ]


def test_missing_settings_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run_main(monkeypatch, "check-config", "--config", tmp_path / "none.yaml") == 2
    assert "none.yaml cannot be read" in capsys.readouterr().err


def test_without_a_store_the_import_cannot_run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    faces: ScriptedFaces,
    config: Path,
    folder: Path,
) -> None:
    put(folder, "", {})
    monkeypatch.setattr(cli, "entry_points", lambda group: [])
    assert run_main(monkeypatch, "import", folder, "--config", config) == 2
    assert "enrollment store" in capsys.readouterr().err


def test_the_registered_store_is_opened_with_the_settings(
    monkeypatch: pytest.MonkeyPatch, faces: ScriptedFaces, folder: Path
) -> None:
    store, given = FakeStore(), []

    class Registered:
        def load(self) -> Callable[[object], FakeStore]:
            return lambda settings: given.append(settings) or store  # type: ignore[func-returns-value]

    put(folder, "0104,Li Ming,x,2580,,,\n", {})
    monkeypatch.setattr(
        cli, "entry_points", lambda group: [Registered()] if group == "courtclock.enrollment_store" else []
    )
    assert run("import", folder).exit_code == 0
    assert store.pin_of("0104") == "2580"
    assert len(given) == 1


def test_a_store_that_breaks_off_stops_the_import_and_keeps_who_went_in_before(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    store: FakeStore,
    faces: ScriptedFaces,
    config: Path,
    folder: Path,
) -> None:
    put(folder, "0104,Li Ming,x,,,,\n0105,Wang Fang,x,,given,1,2026-01-02\n", {"0105/1.png": faces.photo_of(WANG)})
    store.fail_on_template = CourtclockError("database.unreachable", reason="disk full")
    assert run_main(monkeypatch, "import", folder, "--config", config) == 2
    told = capsys.readouterr()
    assert "0104 Li Ming: created" in told.out
    assert told.err == "The database cannot be reached: disk full.\n"
    assert [person.employee_no for person in store.state.people.values()] == ["0104"]


def test_an_error_that_is_a_mistake_of_ours_is_not_hidden(
    monkeypatch: pytest.MonkeyPatch, store: FakeStore, faces: ScriptedFaces, config: Path, folder: Path
) -> None:
    put(folder, "0104,Li Ming,x,,given,1,2026-01-02\n", {"0104/1.png": png(noise_bgr())})
    monkeypatch.setattr(sys, "argv", ["enrollment", "import", str(folder), "--config", str(config), "--language", "en"])
    with pytest.raises(AssertionError, match="not in the script"):
        cli.main()
