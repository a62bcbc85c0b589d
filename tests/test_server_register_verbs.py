"""The verbs about registers: what people see, the exit code that scripts see, and a program that is killed half-way."""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from models.settings import load_settings
from server.services.context import ServerContext, open_context
from tests.attendance_days import SHANGHAI, moment
from tests.databases import Database
from tests.processes import make_court, run_verb
from tests.register_cast import MONDAY, WEEK, differences, line_of, punctual, statuses, write_register
from tests.server_cast import FakeClock, Person, employ
from tests.verbs_cast import Run, verb_runner, write_config

SAID = ("--source", "old machine", "--reason", "before and after")
# The verbs go by the machine's clock: days that are over whenever that is read.
JOINED = date(2026, 11, 2)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path)


@pytest.fixture
def run(config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return verb_runner(config, monkeypatch, capsys)


@pytest.fixture
def court(config: Path, run: Run) -> ServerContext:
    assert run("init").code == 0
    return open_context(load_settings(config), FakeClock(moment("12:00")))


@pytest.fixture
def li(court: ServerContext) -> Person:
    return employ(court, joined_on=JOINED)


def test_it_is_told_what_was_taken(run: Run, li: Person, tmp_path: Path) -> None:
    path = write_register(tmp_path, *punctual(li), f"0104,{MONDAY},")
    told = run("import-register", str(path), *SAID, "--by", "赵敏", "--language", "en")
    assert told.code == 0
    assert told.out.splitlines() == [
        "Read as UTF-8.",
        "Import 1: 10 clock events taken, 0 were there already.",
        "They are of 1 people, from 2026-10-12 to 2026-10-16.",
        "1 lines have no time, as on a day of absence.",
        "The days are judged at the next tick, or by `server derive`.",
    ]


def test_it_is_told_in_chinese_too(run: Run, li: Person, tmp_path: Path) -> None:
    path = tmp_path / "旧机器.csv"
    path.write_bytes(f"工号,姓名,日期,时间\n0104,李明,{MONDAY},08:20\n0999,孙丽,{MONDAY},08:20\n".encode("gb18030"))
    told = run("import-register", str(path), *SAID, "--language", "zh")
    assert told.code == 1
    assert told.out.splitlines() == [
        "按 GB18030 编码读取。",
        "未使用的列：姓名。",
        "第 1 号导入：导入打卡记录 1 条，已有 0 条。",
        "涉及 1 人，2026-10-12 至 2026-10-12。",
        "相关考勤日稍后自动判定，也可执行 `server derive` 立即判定。",
        "有 1 行未采用，前几行如下：",
        "  第 3 行：没有工号为 0999 的人员",
    ]


def test_refused_lines_are_written_over_no_file_that_is_there(run: Run, li: Person, tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("employee_no,moment\n9999,2026-10-12 08:00\n", encoding="utf-8")
    told = run("import-register", str(path), *SAID, "--refused", str(path))
    assert str(path) in told.sentence
    assert "9999" in path.read_text(encoding="utf-8")


def test_the_first_refused_lines_are_shown_and_all_of_them_written(run: Run, li: Person, tmp_path: Path) -> None:
    path = write_register(tmp_path, *(f"=0{number},{MONDAY},08:20" for number in range(30)), *punctual(li))
    refused = tmp_path / "refused.csv"
    told = run("import-register", str(path), *SAID, "--refused", str(refused), "--language", "en")
    assert told.code == 1
    assert told.out.count("nobody has the number") == 20
    assert f"All of them stand in {refused}." in told.out
    with refused.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.reader(text))
    assert rows[:2] == [["line", "employee_no", "reason"], ["2", "'=00", "nobody has the number =00"]]
    assert len(rows) == 31


def test_a_place_that_cannot_be_written_is_told_before_anything_is_stored(
    run: Run, court: ServerContext, li: Person, tmp_path: Path
) -> None:
    path = write_register(tmp_path, *punctual(li))
    told = run("import-register", str(path), *SAID, "--refused", str(tmp_path / "none" / "refused.csv"))
    assert "cannot be written" in told.sentence
    with court.unit(read_only=True) as unit:
        assert unit.registers.imports() == []


def test_a_dry_run_says_that_nothing_was_stored(run: Run, li: Person, tmp_path: Path) -> None:
    path = write_register(tmp_path, *punctual(li), line_of(li, JOINED, "08:20"))
    told = run("import-register", str(path), *SAID, "--dry-run", "--language", "en")
    assert told.code == 0
    assert "Nothing was stored. To be taken: 11 clock events; 0 are there already." in told.out
    assert "1 of them lie on days that kiosks judge, too" in told.out
    assert run("registers", "--language", "en").out.splitlines() == ["No register was imported."]


def test_a_file_of_which_nothing_is_taken_is_told(run: Run, li: Person, tmp_path: Path) -> None:
    told = run("import-register", str(write_register(tmp_path, f"0999,{MONDAY},08:20")), *SAID, "--language", "en")
    assert (told.code, "Nothing was stored: no line could be taken." in told.out) == (1, True)


def test_a_faulty_file_is_one_sentence(run: Run, court: ServerContext, tmp_path: Path) -> None:
    told = run("import-register", str(tmp_path / "none.csv"), *SAID)
    assert told.sentence == f"The register {tmp_path}/none.csv cannot be imported: there is no such file."


def test_imports_are_listed_with_what_became_of_them(
    run: Run, court: ServerContext, li: Person, tmp_path: Path
) -> None:
    path = write_register(tmp_path, *punctual(li))
    run("import-register", str(path), *SAID, "--by", "zhao")
    run("import-register", str(path), *SAID, "--by", "zhao")
    told = run("take-back-register", "2", "--reason", "twice", "--by", "qian", "--language", "en")
    assert (told.code, told.out) == (0, "Import 2 is taken back: 0 clock events count no more.\n")
    with court.unit(read_only=True) as unit:
        first, second = unit.registers.imports()
    assert first.taken_back is None
    assert second.taken_back is not None

    def at(moment_: datetime) -> str:
        return f"{moment_.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"

    assert run("registers", "--language", "en").out.splitlines() == [
        f"1 old machine, old.csv: by zhao on {at(first.entered_at)}: before and after",
        "  2026-10-12 to 2026-10-16, 1 people: 10 clock events taken, 0 were there already, 0 lines refused",
        f"2 old machine, old.csv: by zhao on {at(second.entered_at)}: before and after",
        "  2026-10-12 to 2026-10-16, 1 people: 0 clock events taken, 10 were there already, 0 lines refused",
        "  it rests on import 1",
        f"  taken back by qian on {at(second.taken_back.entered_at)}: twice",
    ]


def test_an_import_that_was_cut_off_is_listed_as_such(
    run: Run, court: ServerContext, li: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_register(tmp_path, *punctual(li))
    with monkeypatch.context() as patch:
        patch.setattr("server.services.register_importing.touch_stretches", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run("import-register", str(path), *SAID)
    assert "  it has not come to its end: import the same file again" in run("registers", "--language", "en").out
    with monkeypatch.context() as patch:
        patch.setattr("server.services.register_taking_back.touch_stretches", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run("take-back-register", "1", "--reason", "x")
    assert "  taking it back has not come to its end: do it again" in run("registers", "--language", "en").out


def test_a_register_is_not_sealed_with_the_template_key(run: Run, li: Person, tmp_path: Path) -> None:
    run("import-register", str(write_register(tmp_path, *punctual(li))), *SAID)
    key = tmp_path / "var/secrets/template.key"
    key.unlink()
    assert run("init").out == f"made {key}\nthe database is ready\n"


def test_explain_knows_the_days_of_a_register(run: Run, li: Person, tmp_path: Path) -> None:
    assert run("explain", "0104", str(MONDAY)).code == 1
    run("import-register", str(write_register(tmp_path, *punctual(li))), *SAID)
    told = run("explain", "0104", str(MONDAY), "--language", "zh")
    assert told.code == 0
    assert "上班：采用 08:20 的打卡（旧考勤记录导入）。" in told.out
    run("derive")
    assert run("derive", "--all").code == 0


def test_a_program_that_is_killed_half_way_is_run_again(database: Database, tmp_path: Path) -> None:
    court = make_court(tmp_path, {"database.url": database.url})
    context = court.context()
    people = [employ(context, f"{number:04}", f"职员{number}", joined_on=JOINED) for number in range(20)]
    days = [WEEK[number % 5] - (number // 5) * timedelta(days=7) for number in range(50)]
    times = [f"{hour:02}:{minute:02}" for hour in (8, 12, 13, 17, 18) for minute in (10, 50)]
    path = write_register(tmp_path, *(line_of(person, day, *times) for person in people for day in days))
    command = ["server", "import-register", str(path), *SAID, "--config", str(court.config)]

    def stored() -> int:
        with context.unit(read_only=True) as unit:
            events = unit.items.events_between(moment("00:00", min(days)), moment("24:00", max(days)))
        return len(events)

    running = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while stored() == 0:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    running.kill()
    running.wait()
    assert 0 < stored() < 10_000
    again = run_verb(*command, "--language", "en")
    assert (again.returncode, again.stderr) == (0, "")
    assert "Import 1: 10000 clock events taken, 0 were there already." in again.stdout
    assert stored() == 10_000
    judged = [statuses(context, person, min(days), max(days)) for person in people]
    assert judged == [judged[0]] * len(people)
    assert len(judged[0]) == (max(days) - min(days)).days + 1
    assert judged[0][MONDAY] == "normal"
    assert differences(context) == 0
    context.engine.dispose()
