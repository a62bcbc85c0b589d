"""Claims: however many want to run a period, the database lets one; the others learn at once that it is not them."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from server.services.context import ServerContext
from server.storage.unit_of_work import UnitOfWork
from tests.databases import Database, Databases
from tests.processes import told_by_four
from tests.server_cast import NOON

STALE = timedelta(minutes=10)
RETRY = timedelta(minutes=1)


def claim(context: ServerContext, minutes: float = 0, period: str = "2026-11-20", job: str = "day_report") -> bool:
    at = NOON + timedelta(minutes=minutes)
    with context.unit() as unit:
        won = unit.jobs.claim(job, period, at, at - STALE, at - RETRY)
        unit.commit()
    return won is not None


def finish(context: ServerContext, error: str | None = None, minutes: float = 1) -> None:
    with context.unit() as unit:
        unit.jobs.finish("day_report", "2026-11-20", NOON + timedelta(minutes=minutes), error)
        unit.commit()


def state(context: ServerContext) -> tuple[str, int, str | None]:
    with context.unit(read_only=True) as unit:
        (run,) = unit.jobs.recent(10)
    return run.state, run.tries, run.error


def test_a_period_is_claimed_once(context: ServerContext) -> None:
    assert [claim(context), claim(context)] == [True, False]
    assert state(context) == ("claimed", 1, None)


def test_jobs_and_periods_do_not_stand_in_each_others_way(context: ServerContext) -> None:
    assert claim(context)
    assert claim(context, period="2026-11-21")
    assert claim(context, job="close_day")


def test_a_claim_that_was_not_committed_never_was(context: ServerContext) -> None:
    with context.unit() as unit:
        assert unit.jobs.claim("day_report", "2026-11-20", NOON, NOON - STALE, NOON + RETRY)
    assert claim(context)


def test_what_is_done_is_never_claimed_again(context: ServerContext) -> None:
    claim(context)
    finish(context)
    assert [claim(context, minutes) for minutes in (1, 60, 10_000)] == [False] * 3
    assert state(context) == ("done", 1, None)
    with context.unit(read_only=True) as unit:
        assert unit.jobs.done_periods("day_report", "") == {"2026-11-20"}
        assert unit.jobs.done_periods("close_day", "") == set()


def test_what_failed_is_tried_again_a_minute_later_and_as_often_as_it_takes(context: ServerContext) -> None:
    for number in range(1, 20):
        minutes = 2.0 * number
        assert claim(context, minutes)
        finish(context, f"fault {number}", minutes)
        assert state(context) == ("failed", number, f"fault {number}")
        assert not claim(context, minutes + 1), "not at once"


def test_a_new_try_that_goes_well_forgets_the_fault(context: ServerContext) -> None:
    claim(context)
    finish(context, "the disk was full")
    assert claim(context, 2.1)
    assert state(context) == ("claimed", 2, None)
    finish(context, minutes=3)
    assert state(context) == ("done", 2, None)


def test_the_claim_of_somebody_who_died_is_taken_over_when_it_is_stale(context: ServerContext) -> None:
    claim(context)
    assert [claim(context, minutes) for minutes in (1, 10)] == [False, False]
    assert claim(context, 10.1)
    assert state(context) == ("claimed", 2, None)
    assert not claim(context, 11), "it is fresh again"


def test_somebody_slow_whose_period_was_taken_over_and_done_cannot_undo_it(context: ServerContext) -> None:
    claim(context)
    assert claim(context, 11)
    finish(context, minutes=12)
    finish(context, "I was slow and then I failed", minutes=13)
    assert state(context) == ("done", 2, None)


def test_what_is_given_back_is_as_it_was_with_its_fault_and_its_tries(context: ServerContext) -> None:
    for number in range(4):
        assert claim(context, 2.0 * number)
        finish(context, "the disk was full", 2.0 * number)
    with context.unit(read_only=True) as unit:
        before = unit.jobs.find("day_report", "2026-11-20")
    assert claim(context, 8)
    with context.unit() as unit:
        assert unit.jobs.give_back("day_report", "2026-11-20", 5, before)
        unit.commit()
    with context.unit(read_only=True) as unit:
        assert unit.jobs.find("day_report", "2026-11-20") == before
    assert state(context) == ("failed", 4, "the disk was full")


def test_what_was_never_tried_before_is_given_back_as_if_it_had_not_been(context: ServerContext) -> None:
    claim(context)
    with context.unit() as unit:
        assert unit.jobs.give_back("day_report", "2026-11-20", 1)
        unit.commit()
    with context.unit(read_only=True) as unit:
        assert unit.jobs.find("day_report", "2026-11-20") is None


def test_runs_are_listed_newest_first(context: ServerContext) -> None:
    for minutes, period in enumerate(["2026-11-18", "2026-11-19", "2026-11-20"]):
        claim(context, minutes, period)
    with context.unit(read_only=True) as unit:
        assert [run.period for run in unit.jobs.recent(2)] == ["2026-11-20", "2026-11-19"]


@pytest.mark.parametrize("before", ["nothing", "a failure", "a claim of somebody who died"])
def test_of_many_who_try_at_once_one_wins(context: ServerContext, database: Database, before: str) -> None:
    many, periods = 5, [f"2026-11-{day:02}" for day in range(1, 13)]
    for period in periods:
        if before != "nothing":
            assert claim(context, -60, period)
        if before == "a failure":
            with context.unit() as unit:
                unit.jobs.finish("day_report", period, NOON, "fault")
                unit.commit()
    together = threading.Barrier(many, timeout=20)
    won: list[str] = []

    def try_all() -> None:
        engine = database.engine()
        for period in periods:
            together.wait()
            with UnitOfWork(engine) as unit:
                if unit.jobs.claim("day_report", period, NOON, NOON - STALE, NOON + RETRY):
                    won.append(period)
                unit.commit()

    threads = [threading.Thread(target=try_all) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(won) == periods


PROGRAM = """
import sys
from datetime import UTC, datetime, timedelta
from models.settings import DatabaseSettings
from server.storage.engine import open_database
from server.storage.unit_of_work import UnitOfWork

engine = open_database(DatabaseSettings(url=sys.argv[1], password_file=None))
now = datetime(2026, 11, 20, 4, tzinfo=UTC)
sys.stdout.write("ready\\n")
sys.stdout.flush()
sys.stdin.readline()
won = []
for number in range(60):
    with UnitOfWork(engine) as unit:
        if unit.jobs.claim("day_report", f"period {number}", now, now - timedelta(minutes=10), now):
            won.append(number)
        unit.commit()
sys.stdout.write(",".join(map(str, won)))
"""


def test_of_four_processes_on_one_sqlite_file_each_period_has_one_winner(databases: Databases) -> None:
    database = databases.migrated("sqlite")
    told = told_by_four(PROGRAM, database.url)
    database.close()
    won = [int(number) for one in told for number in one.split(",") if number]
    assert sorted(won) == list(range(60))
