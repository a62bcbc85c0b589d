"""`python -m server`: what people see, and the exit code that scripts see."""

from __future__ import annotations

import json
import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert

from models.clock import SystemClock
from models.settings import load_settings
from server.services.context import ServerContext, open_context
from server.services.deriving import derive_touched
from server.services.devices import make_pairing_code, pair_kiosk
from server.services.ingesting import ingest
from server.services.reporting import publish_day_report
from server.services.touching import touch_everybody
from server.storage.tables import template
from server.verbs.accounts import PASSWORD_VARIABLE
from tests.attendance_days import FRIDAY
from tests.databases import Databases
from tests.server_cast import CONFIG, PASSWORD, Person, batch_of, clocked_at, employ
from tests.verbs_cast import Run, Told, verb_runner, write_config

pytestmark = pytest.mark.usefixtures("quick_hashes")
OTHER = "another good password"
ROOT = CONFIG.parent


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path)


@pytest.fixture
def run(config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return verb_runner(config, monkeypatch, capsys)


@pytest.fixture
def court(config: Path, run: Run) -> ServerContext:
    """A court that was made by ``init``."""
    assert run("init").code == 0
    return open_context(load_settings(config), SystemClock())


# init and migrate


def test_init_makes_keys_and_database_and_a_second_time_changes_nothing(run: Run, tmp_path: Path) -> None:
    first = run("init")
    keys = [tmp_path / "var/secrets/template.key", tmp_path / "var/secrets/session.key"]
    assert first == Told(0, "".join(f"made {key}\n" for key in keys) + "the database is ready\n", "")
    before = [key.read_bytes() for key in keys]
    assert [stat.S_IMODE(key.stat().st_mode) for key in keys] == [0o600, 0o600]
    assert run("init") == Told(0, "the database is ready\n", "")
    assert [key.read_bytes() for key in keys] == before


def test_migrate_says_which_schema_is_reached(run: Run) -> None:
    assert [run("migrate"), run("migrate")] == [Told(0, "schema 0013\n", "")] * 2


def test_init_with_a_key_folder_that_cannot_be_made_is_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    write_config(tmp_path, {"secrets.template_key_file": "file/keys/template.key"})
    assert run("init").sentence.startswith(f"The folder {tmp_path / 'file/keys'} cannot be written: ")


@pytest.mark.parametrize("kind", ["template", "kiosk"])
def test_init_makes_no_new_template_key_while_data_is_sealed_with_the_lost_one(
    court: ServerContext, run: Run, tmp_path: Path, kind: str
) -> None:
    if kind == "kiosk":
        pair_kiosk(court, make_pairing_code(court, "east door"), bytes(32))
    else:
        person = employ(court)
        with court.engine.begin() as connection:
            connection.execute(
                insert(template).values(
                    template_id=uuid4(),
                    person_id=person.person_id,
                    model_id="sface",
                    photo_sha256="0" * 64,
                    sealed_vector=b"sealed",
                    view=0,
                    created_at=court.clock.now(),
                )
            )
    key = tmp_path / "var/secrets/template.key"
    key.unlink()
    assert run("init").sentence.startswith(f"The key {key} is missing, but the database holds data sealed with it.")
    assert not key.exists()


def test_init_makes_a_new_template_key_while_nothing_is_sealed(court: ServerContext, run: Run, tmp_path: Path) -> None:
    key = tmp_path / "var/secrets/template.key"
    key.unlink()
    assert run("init").out == f"made {key}\nthe database is ready\n"


VERBS = [
    ("add-account", "zhao"),
    ("set-password", "zhao"),
    ("pair-code", "east door"),
    ("kiosks",),
    ("revoke-kiosk", "00000000-0000-0000-0000-000000000001"),
    ("gaps",),
    ("jobs",),
    ("report", "2026-11-20"),
]


@pytest.mark.parametrize("words", VERBS, ids=lambda words: words[0])
def test_without_init_every_verb_says_in_one_sentence_what_is_missing(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    told = run(*words).sentence
    assert "- secrets.template_key_file: The secret file" in told
    assert "template.key is missing. On a new server `python -m server init` makes it." in told


@pytest.mark.parametrize("words", VERBS, ids=lambda words: words[0])
def test_a_database_that_was_not_migrated_is_one_sentence_that_says_what_to_do(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    run("init")
    for file in (tmp_path / "var").glob("courtclock.db*"):
        file.unlink()
    assert run(*words).sentence.endswith("Run `python -m server migrate`.")


# check-config


def test_a_config_without_fault_is_told_so(court: ServerContext, run: Run, config: Path) -> None:
    assert run("check-config") == Told(0, f"{config}: no findings\n", "")


def test_missing_secrets_are_named_both_with_what_to_do(run: Run) -> None:
    told = run("check-config").sentence
    for key in ("secrets.template_key_file", "secrets.session_key_file"):
        (line,) = [line for line in told.splitlines() if f"- {key}:" in line]
        assert "is missing" in line
        assert "python -m server init" in line


def test_all_mistakes_of_a_file_are_told_at_once(run: Run, tmp_path: Path) -> None:
    write_config(
        tmp_path,
        {
            "court.time_zone": "Asia/Changchun",
            "server.port": 0,
            "server.prot": 8080,
            "faces.engine": "magic",
            "attendance.day_starts_at": "25:00",
            "jobs.tick_seconds": "often",
        },
    )
    told = run("check-config").sentence
    for key in (
        "court.time_zone",
        "server.port",
        "server.prot",
        "faces.engine",
        "attendance.day_starts_at",
        "jobs.tick_seconds",
    ):
        assert f"  - {key}: " in told
    assert "Did you mean port?" in told
    assert len(told.splitlines()) == 7


def test_faults_beyond_the_form_are_told_at_once_too(run: Run, tmp_path: Path) -> None:
    write_config(
        tmp_path,
        {
            "database.password_file": "nowhere",
            "faces.weights.detector": "nothing.onnx",
            "attendance.first_rules": "nothing.yaml",
        },
    )
    told = run("check-config").sentence
    for key in (
        "secrets.template_key_file",
        "secrets.session_key_file",
        "database.password_file",
        "faces.weights.detector",
        "attendance.first_rules",
    ):
        assert f"  - {key}" in told


def test_a_database_folder_that_cannot_be_made_is_a_finding(court: ServerContext, run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    write_config(tmp_path, {"database.url": "sqlite:///file/court.db"})
    assert f"- database.url: {tmp_path / 'file'} is not a folder. Name another folder." in run("check-config").sentence


def test_a_database_file_that_is_no_database_is_a_finding(court: ServerContext, run: Run, tmp_path: Path) -> None:
    (tmp_path / "minutes.txt").write_bytes(b"minutes of a hearing")
    write_config(tmp_path, {"database.url": "sqlite:///minutes.txt"})
    assert f"- database.url: {tmp_path / 'minutes.txt'} is not an SQLite database." in run("check-config").sentence


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"court: [", b"court: {}\ncourt: {}\n"])
def test_a_config_that_cannot_be_read_is_one_sentence(run: Run, config: Path, content: bytes | None) -> None:
    if content is None:
        config.unlink()
    else:
        config.write_bytes(content)
    assert "cannot be read" in run("check-config").sentence


def test_run_refuses_a_config_with_findings_instead_of_half_starting(run: Run) -> None:
    assert "secrets.session_key_file" in run("run").sentence


# Names


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "east\ndoor"])
@pytest.mark.parametrize(("verb", "option"), [("pair-code", "NAME"), ("add-account", "USERNAME")])
def test_a_name_that_does_not_fit_into_the_records_is_one_sentence(
    court: ServerContext, run: Run, monkeypatch: pytest.MonkeyPatch, verb: str, option: str, name: str
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    said = f"{option} must have 1 to 64 characters, and no control character among them."
    assert run(verb, name).sentence == said


# Kiosks


def test_a_code_pairs_a_kiosk_which_can_be_listed_and_revoked(court: ServerContext, run: Run) -> None:
    told = run("pair-code", "east door")
    code = told.out.strip()
    assert (told.code, bool(re.fullmatch(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){3}", code))) == (0, True)
    kiosk_id = str(pair_kiosk(court, code, bytes(32)).kiosk_id)
    assert run("kiosks").out == f"{kiosk_id} east door: never heard\n"
    assert run("revoke-kiosk", kiosk_id) == Told(0, f"{kiosk_id} is revoked\n", "")
    assert run("kiosks").out == f"{kiosk_id} east door: never heard, revoked\n"
    assert run("revoke-kiosk", kiosk_id).sentence == "This kiosk is not known."


def test_what_is_no_identifier_is_refused_with_the_usage(court: ServerContext, run: Run) -> None:
    told = run("revoke-kiosk", "east door")
    assert (told.code, "Usage" in told.err, "Traceback" in told.err) == (2, True, False)


def send(court: ServerContext, *items: dict[str, Any]) -> None:
    with court.unit(read_only=True) as unit:
        known = unit.kiosks.sights()
    if not known:
        code = make_pairing_code(court, "east door")
        pair_kiosk(court, code, bytes(32))
    with court.unit(read_only=True) as unit:
        kiosk = unit.kiosks.by_id(unit.kiosks.sights()[0].kiosk_id)
    assert kiosk is not None
    ingest(court, kiosk, batch_of(*items))


def test_gaps_exits_1_while_a_number_is_missing_and_0_when_it_has_come(court: ServerContext, run: Run) -> None:
    li = employ(court)
    assert run("gaps") == Told(0, "no gaps\n", "")
    send(court, clocked_at(li, "08:29", 2), clocked_at(li, "17:31", 5))
    assert run("gaps") == Told(1, "east door: 1, 3, 4\n", "")
    send(court, *(clocked_at(li, f"08:3{number}", number) for number in (1, 3, 4)))
    assert run("gaps") == Told(0, "no gaps\n", "")


# Reports and jobs


@pytest.fixture
def friday(court: ServerContext) -> Person:
    """Li was 12 minutes late on a day that is long over."""
    li = employ(court)
    send(court, clocked_at(li, "08:42", 1), clocked_at(li, "17:31", 2))
    touch_everybody(court, FRIDAY)
    derive_touched(court)
    return li


def test_a_report_is_a_table_with_the_reasons_of_those_it_names(court: ServerContext, run: Run, friday: Person) -> None:
    employ(court, "0205", "[/b]王[red]芳", "[庭]")
    told = run("report", "2026-11-20", "--language", "en")
    assert (told.code, told.err) == (0, "")
    assert "Late arrivals and early leaves 2026-11-20" in told.out
    assert "late 12 min" in told.out
    assert "0104 李明\n  " in told.out
    assert "[/b]王[red]芳" in told.out, "a name is a name"
    assert "迟到 12 分钟" in run("report", "2026-11-20").out, "the court's own language"


def test_a_report_for_programs_is_json_and_nothing_else(court: ServerContext, run: Run, friday: Person) -> None:
    told = run("report", "2026-11-20", "--json", "--language", "en")
    assert (told.code, told.err) == (0, "")
    found = json.loads(told.out)
    assert (found["day"], found["published_at"]) == ("2026-11-20", None)
    (person,) = found["people"]
    assert (person["employee_no"], person["name"], person["division"]) == ("0104", "李明", "立案庭")
    assert (person["status"], person["late_minutes"], person["early_minutes"]) == (["late"], 12, 0)
    assert len(person["event_ids"]) == 2
    assert person["summary"]
    assert person["explanation"]


def test_a_report_that_must_be_published_exits_1_until_it_is(court: ServerContext, run: Run, friday: Person) -> None:
    assert run("report", "2026-11-20", "--published") == Told(1, "", "")
    publish_day_report(court, FRIDAY)
    told = run("report", "2026-11-20", "--published", "--json")
    assert told.code == 0
    assert json.loads(told.out)["published_at"] is not None


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30"])
def test_what_is_no_date_is_one_sentence(court: ServerContext, run: Run, day: str) -> None:
    assert run("report", day).sentence == f"{day} is not a date like 2026-11-20."


def test_jobs_tells_what_was_done_and_what_failed_and_why(court: ServerContext, run: Run) -> None:
    now = court.clock.now()
    with court.unit() as unit:
        for period, error in (("2026-11-19", None), ("2026-11-20", "the disk [was] full")):
            unit.jobs.claim("day_report", period, now, now, now)
            unit.jobs.finish("day_report", period, now, error)
        unit.commit()
    told = run("jobs", "--most", "2")
    assert told.code == 0
    lines = told.out.splitlines()
    (job,) = [line for line in lines if line.startswith("day_report: ")]
    assert re.fullmatch(r"day_report: last 2026-11-\d\d (done|failed) 0\.0 s, next \d{4}-\d\d-\d\d at .+ 23:00", job)
    assert "  2026-11-20 failed 1 times: the disk [was] full" in lines
    assert any(re.match(r"derive: \d+ workdays wait to be judged", line) for line in lines)
    assert sorted(lines[-2:]) == [
        "2026-11-19 day_report done tries=1 0.0 s",
        "2026-11-20 day_report failed tries=1 0.0 s the disk [was] full",
    ]


# As programs of their own


def program(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, PASSWORD_VARIABLE: PASSWORD},
        check=False,
    )


def test_a_port_that_is_taken_is_one_sentence(court: ServerContext, tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        config = write_config(tmp_path, {"server.port": port})
        ended = program("run", "--config", config)
    assert ended.returncode == 2
    assert f"Port {port} on 127.0.0.1 is in use by another program." in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_address_of_another_machine_is_not_called_a_busy_port(court: ServerContext, tmp_path: Path) -> None:
    ended = program("run", "--config", write_config(tmp_path, {"server.host": "192.0.2.1"}))
    assert ended.returncode == 2
    assert "Nothing can listen at 192.0.2.1:8080: Cannot assign requested address." in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_name_without_an_address_is_one_sentence(
    court: ServerContext, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_address(host: str, *_rest: object, **_named: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, f"{host} is not known")

    monkeypatch.setattr(socket, "getaddrinfo", without_address)
    write_config(tmp_path, {"server.host": "nowhere.invalid"})
    told = run("run").sentence
    assert told.endswith("Nothing can listen at nowhere.invalid:8080: no address of this name is known.")


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    config = write_config(tmp_path, {"database.url": "sqlite:///file/court.db"})
    ended = program("init", "--config", config)
    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
    assert "cannot be written" in ended.stderr


@pytest.mark.postgresql
def test_on_postgresql_the_same_verbs_do_the_same_by_changing_one_url(databases: Databases, tmp_path: Path) -> None:
    database = databases.empty("postgresql")
    try:
        config = write_config(tmp_path, {"database.url": database.url})
        for words, out in (
            (("gaps",), None),
            (("init",), "the database is ready\n"),
            (("init",), "the database is ready\n"),
            (("gaps",), "no gaps\n"),
            (("add-account", "zhao"), "zhao may sign in\n"),
        ):
            ended = program(*words, "--config", config)
            assert (ended.returncode, ended.stdout.endswith(out or "")) == (0 if out else 2, True), ended.stderr
            assert "Traceback" not in ended.stderr
            assert out is None or ended.stderr == ""
    finally:
        database.close()


def test_without_a_verb_the_verbs_are_listed() -> None:
    listed = program()
    for verb in ("init", "migrate", "run", "check-config", "add-account", "pair-code", "gaps", "report"):
        assert verb in listed.stdout + listed.stderr
