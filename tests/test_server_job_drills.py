"""Jobs under real signals: four processes at once, one that is killed in the middle, one that is asked to end."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from server.jobs.claiming import CLAIM_STALE_AFTER
from server.jobs.running import tick
from server.services.context import ServerContext
from tests.databases import Database
from tests.server_cast import FakeClock, employ

ROOT = Path(__file__).parent.parent
MONDAY = date(2026, 11, 16)
DECEMBER = date(2026, 12, 1)

# A server without its pages: it ticks until it is told to end, as serving does.
PROGRAM = """
import signal, sys, time
from datetime import datetime
from pathlib import Path
from server.jobs import running
from tests.databases import Database
from tests.server_cast import FakeClock, make_context

folder, url, kind, at, slow = sys.argv[1:]
context = make_context(Path(folder), Database(kind, url, None), FakeClock(datetime.fromisoformat(at)))
publish = running.publish_month

def slowly(of, first):
    sys.stdout.write("in the middle\\n")
    sys.stdout.flush()
    for _ in range(600):
        time.sleep(0.05)
        with of.unit(read_only=True):
            pass
    return publish(of, first)

if slow == "slow":
    running.publish_month = slowly
sys.stdout.write("ready\\n")
sys.stdout.flush()
sys.stdin.readline()
if slow == "once":
    running.tick(context)
    sys.exit(0)

def end(_signal, _frame):
    raise SystemExit(0)

signal.signal(signal.SIGTERM, end)
ticking = running.start_ticking(context)
try:
    while True:
        time.sleep(0.05)
finally:
    ticking.shutdown(wait=True)
"""


@contextmanager
def servers(
    folder: Path, database: Database, clock: FakeClock, count: int, how: str
) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that wait for a word on standard input, and are gone afterwards."""
    words = [str(folder), database.url, database.kind, clock.now().isoformat(), how]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(count)
    ]
    try:
        for process in processes:
            assert told_by(process) == "ready"
        yield processes
    finally:
        for process in processes:
            process.kill()
            # Also closes the pipes.
            process.communicate(timeout=20)


def told_by(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def let_go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def runs(context: ServerContext) -> dict[tuple[str, str], tuple[str, int]]:
    with context.unit(read_only=True) as unit:
        return {(run.job, run.period): (run.state, run.tries) for run in unit.jobs.recent(500)}


def reports(context: ServerContext) -> Counter[str]:
    with context.unit(read_only=True) as unit:
        return Counter(kind for kind in ("day", "week", "month") for _ in unit.reading.published_at(kind))


@pytest.fixture
def court(context: ServerContext, clock: FakeClock) -> ServerContext:
    """Two weeks and a month are due."""
    employ(context, joined_on=MONDAY)
    clock.go_to("12:00", DECEMBER)
    return context


def test_four_processes_at_once_make_each_report_once(
    court: ServerContext, database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    with servers(tmp_path, database, clock, 4, "once") as processes:
        for process in processes:
            let_go(process)
        assert [process.wait(120) for process in processes] == [0] * 4
    assert set(runs(court).values()) == {("done", 1)}
    assert reports(court) == {"day": 15, "week": 2, "month": 1}
    assert tick(court) == 0


def test_a_bulletin_whose_server_is_killed_in_the_middle_is_made_by_the_next(
    court: ServerContext, database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    with servers(tmp_path, database, clock, 1, "slow") as (process,):
        let_go(process)
        assert told_by(process) == "in the middle"
        process.send_signal(signal.SIGKILL)
        process.wait(20)
    assert runs(court)["month_bulletin", "2026-11"] == ("claimed", 1)
    assert tick(court) == 0, "it may still be alive"
    clock.advance(CLAIM_STALE_AFTER + timedelta(seconds=1))
    assert tick(court) == 1
    assert runs(court)["month_bulletin", "2026-11"] == ("done", 2)
    assert reports(court) == {"day": 15, "week": 2, "month": 1}


def test_a_server_that_is_asked_to_end_while_a_bulletin_is_due_gives_it_back(
    court: ServerContext, database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    with servers(tmp_path, database, clock, 1, "slow") as (process,):
        let_go(process)
        assert told_by(process) == "in the middle"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert ("month_bulletin", "2026-11") not in runs(court)
    assert tick(court) == 1
    assert runs(court)["month_bulletin", "2026-11"] == ("done", 1)
    assert reports(court)["month"] == 1
