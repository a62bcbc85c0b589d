"""Jobs under real signals: four processes at once, one that is killed at any moment, one that is asked to end."""

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
from server.services.mailing import CLAIM_LAPSES_AFTER
from server.services.touching import touch_everybody
from tests.databases import Database
from tests.mailing_cast import queue, reader
from tests.server_cast import FakeClock, employ, make_context
from tests.smtp_server import mail_settings, running_mail_server

ROOT = Path(__file__).parent.parent
MONDAY = date(2026, 11, 16)
DECEMBER = date(2026, 12, 1)

# A server without its pages: it ticks until it is told to end, as serving does.
PROGRAM = """
import signal, sys, time
from datetime import datetime
from pathlib import Path
from server.jobs import running
from server.services import deriving, mailing
from tests.databases import Database
from tests.server_cast import FakeClock, make_context
from tests.smtp_server import mail_settings

folder, url, kind, at, slow, mail_port = sys.argv[1:]
mail = {"mail": mail_settings(int(mail_port)).model_dump()} if mail_port != "0" else {}
context = make_context(Path(folder), Database(kind, url, None), FakeClock(datetime.fromisoformat(at)), **mail)
publish, judge, write_down = running.publish_month, deriving.judge, mailing._write_down

def stay(of):
    sys.stdout.write("in the middle\\n")
    sys.stdout.flush()
    for _ in range(600):
        time.sleep(0.05)
        with of.unit(read_only=True):
            pass

def publish_slowly(of, first):
    stay(of)
    return publish(of, first)

def publish_and_stay(of, first):
    publish(of, first)
    stay(of)

judged = []

def judge_slowly(*of):
    judged.append(of)
    if len(judged) == 3:
        stay(context)
    return judge(*of)

def send_and_stay(*of):
    stay(context)
    return write_down(*of)

if slow == "slow":
    running.publish_month = publish_slowly
elif slow == "published":
    running.publish_month = publish_and_stay
elif slow == "judging":
    deriving.judge = judge_slowly
elif slow == "sent":
    mailing._write_down = send_and_stay
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
    folder: Path, database: Database, clock: FakeClock, count: int, how: str, mail_port: int = 0
) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that wait for a word on standard input, and are gone afterwards."""
    words = [str(folder), database.url, database.kind, clock.now().isoformat(), how, str(mail_port)]
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


def kill_in_the_middle(process: subprocess.Popen[str]) -> None:
    let_go(process)
    assert told_by(process) == "in the middle"
    process.send_signal(signal.SIGKILL)
    process.wait(20)


def test_a_bulletin_whose_server_is_killed_when_it_is_published_is_not_published_twice(
    court: ServerContext, database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    with servers(tmp_path, database, clock, 1, "published") as (process,):
        kill_in_the_middle(process)
    with court.unit(read_only=True) as unit:
        before = unit.jobs.report("month", "2026-11")
    assert before is not None
    assert runs(court)["month_bulletin", "2026-11"] == ("claimed", 1)
    clock.advance(CLAIM_STALE_AFTER + timedelta(seconds=1))
    assert tick(court) == 1
    assert runs(court)["month_bulletin", "2026-11"] == ("done", 2)
    with court.unit(read_only=True) as unit:
        assert unit.jobs.report("month", "2026-11") == before


def test_what_a_server_was_judging_when_it_was_killed_is_judged_by_the_next(
    court: ServerContext, database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    touch_everybody(court, MONDAY, MONDAY + timedelta(days=6))
    with servers(tmp_path, database, clock, 1, "judging") as (process,):
        kill_in_the_middle(process)
    with court.unit(read_only=True) as unit:
        assert unit.workdays.count_touched() == (7, MONDAY), "nothing is half done"
        assert unit.workdays.of_day(MONDAY) == []
    tick(court)
    with court.unit(read_only=True) as unit:
        assert unit.workdays.count_touched()[0] == 0
        assert len(unit.workdays.of_day(MONDAY)) == 1


def test_a_mail_whose_server_is_killed_over_it_is_sent_once_more_under_the_same_message_id_and_no_other_is(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    with running_mail_server() as mail_server:
        settings = mail_settings(mail_server.port).model_dump()
        court = make_context(tmp_path, database, clock, mail=settings)
        for name in ("a", "b", "c"):
            reader(court, name)
        queue(court)
        with servers(tmp_path, database, clock, 1, "sent", mail_server.port) as (process,):
            kill_in_the_middle(process)
        assert len(mail_server.taken) == 1
        tick(court)
        assert len(mail_server.taken) == 3, "somebody may still be sending the first one"
        clock.advance(CLAIM_LAPSES_AFTER)
        for _ in range(3):
            tick(court)
        sent = Counter(str(one.message["Message-ID"]) for one in mail_server.taken)
    assert sorted(sent.values()) == [1, 1, 2]


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
