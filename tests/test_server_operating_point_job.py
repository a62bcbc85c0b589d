"""The operating point is computed again by itself: soon after enrollments change, once, and never in the way."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from models.errors import CourtclockError
from models.stored_errors import as_stored
from server.jobs import running
from server.jobs.calibrating import OPERATING_POINT_JOB, PAUSE_BETWEEN, due_calibration
from server.jobs.running import tick
from server.services.context import ServerContext
from server.services.operating import current
from server.services.retrying import RETRY_FAILED_AFTER
from server.storage.records import JobRunRecord
from server.storage.tables import template
from tests.databases import Database
from tests.server_cast import FakeClock, employ, face_of, make_context, shipped_settings
from tests.test_server_operating_point import enrol, gallery_version, stored_count

SECOND = timedelta(seconds=1)


def calibrations(context: ServerContext) -> list[JobRunRecord]:
    with context.unit(read_only=True) as unit:
        return [run for run in unit.jobs.recent(100) if run.job == OPERATING_POINT_JOB]


def version(context: ServerContext) -> int:
    point = current(context)
    return 0 if point is None else point.version


def test_the_first_tick_after_the_first_enrollment_computes_it(context: ServerContext) -> None:
    employ(context)
    tick(context)
    assert version(context) == 0
    enrol(context, "1001", face_of(1))
    tick(context)
    assert version(context) == 1


def test_a_thousand_ticks_later_it_is_still_the_same_one(context: ServerContext, clock: FakeClock) -> None:
    enrol(context, "1001", face_of(1))
    tick(context)
    gallery = gallery_version(context)
    for _ in range(20):
        clock.advance(timedelta(minutes=1))
        tick(context)
    assert (version(context), gallery_version(context), stored_count(context)) == (1, gallery, 1)
    # One that computed, and one that found the inputs of the raised gallery version unchanged.
    assert [run.state for run in calibrations(context)] == ["done", "done"]


def test_while_nothing_changed_a_tick_reads_no_template(
    context: ServerContext, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(context, "1001", face_of(1))
    for _ in range(3):
        clock.advance(timedelta(minutes=2))
        tick(context)

    def read(context: ServerContext) -> bool:
        raise AssertionError("the gallery was read")

    monkeypatch.setattr(running, "keep_up", read)
    clock.advance(timedelta(minutes=2))
    tick(context)
    assert due_calibration(context) is None


def test_people_enrolled_one_after_another_are_waited_for(context: ServerContext, clock: FakeClock) -> None:
    enrol(context, "1001", face_of(1))
    tick(context)
    for number in range(2, 7):
        clock.advance(5 * SECOND)
        enrol(context, f"100{number}", face_of(number))
        tick(context)
    assert version(context) == 1
    clock.advance(PAUSE_BETWEEN)
    tick(context)
    point = current(context)
    assert point is not None
    assert (point.version, point.calibration.people) == (2, 6)


def test_a_clock_that_was_set_back_stops_nothing(context: ServerContext, clock: FakeClock) -> None:
    enrol(context, "1001", face_of(1))
    tick(context)
    clock.advance(-timedelta(hours=1))
    enrol(context, "1002", face_of(2))
    tick(context)
    assert version(context) == 2


def test_other_settings_after_a_restart_are_taken_up(
    context: ServerContext, tmp_path: Path, database: Database, clock: FakeClock
) -> None:
    enrol(context, "1001", face_of(1))
    for _ in range(2):
        tick(context)
        clock.advance(2 * PAUSE_BETWEEN)
    calibration = shipped_settings().faces.calibration.model_copy(update={"wanted_fpir": 0.05})
    restarted = make_context(tmp_path, database, clock, faces={"calibration": calibration})
    tick(restarted)
    point = current(restarted)
    assert point is not None
    assert (point.version, point.calibration.wanted_fpir) == (2, 0.05)


def test_a_failure_is_written_down_leaves_the_careful_figures_in_force_and_is_tried_again(
    context: ServerContext, clock: FakeClock
) -> None:
    enrol(context, "1001", face_of(1))
    with context.unit(read_only=True) as unit:
        sealed = unit.people.templates("sface-2021dec-int8bq-centred")[0].sealed_vector
    with context.engine.begin() as connection:
        connection.execute(update(template).values(sealed_vector=b"x" * len(sealed)))
    tick(context)
    assert version(context) == 0
    (run,) = calibrations(context)
    assert run.state == "failed"
    assert run.error is not None
    assert run.error == as_stored(CourtclockError("seal.broken"))
    with context.engine.begin() as connection:
        connection.execute(update(template).values(sealed_vector=sealed))
    clock.advance(RETRY_FAILED_AFTER - SECOND)
    tick(context)
    assert version(context) == 0
    clock.advance(2 * SECOND)
    tick(context)
    assert version(context) == 1
    assert [one.state for one in calibrations(context)] == ["done"]


def test_the_day_s_work_is_done_before_it(context: ServerContext, monkeypatch: pytest.MonkeyPatch) -> None:
    enrol(context, "1001", face_of(1))

    def fail(context: ServerContext) -> bool:
        with context.unit(read_only=True) as unit:
            assert unit.jobs.done_periods("open_day")
        raise OSError("no more memory")

    monkeypatch.setattr(running, "keep_up", fail)
    tick(context)
    (run,) = calibrations(context)
    assert (run.state, run.error) == ("failed", as_stored(OSError("no more memory")))
