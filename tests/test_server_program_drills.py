"""The real program: asked to end with everything due, restarted after days, with a clock that was ahead or set back."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from models.clock import CompressedClock, Pace, write_compressed_day
from server.jobs.due import waiting_periods
from server.services.context import ServerContext
from server.services.mail_messages import message_id
from tests.attendance_days import FRIDAY, moment
from tests.databases import Database
from tests.mailing_cast import reader
from tests.processes import CourtFolder, RunningProgram, make_court, server_of
from tests.server_cast import employ
from tests.smtp_server import MailServer, mail_settings, running_mail_server

SECONDS_TO_END = 12.0
"""A few, on a machine that does much else; all the mails would take a minute and a half."""
WAIT_SECONDS = 90.0
MONDAY = FRIDAY + timedelta(days=3)


def wait_for(told: Callable[[], bool], server: RunningProgram) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not told():
        assert time.monotonic() < deadline, server.log_tail()
        time.sleep(0.05)


@contextmanager
def opened(court: CourtFolder) -> Iterator[ServerContext]:
    context = court.context()
    try:
        yield context
    finally:
        context.engine.dispose()


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with running_mail_server() as running:
        yield running


def test_a_server_that_is_asked_to_end_with_reports_due_and_mails_waiting_ends_soon_and_loses_nothing(
    database: Database, tmp_path: Path, mail_server: MailServer
) -> None:
    mail_server.slow_seconds = 2
    changes = {"database.url": database.url} | {
        f"mail.{name}": value for name, value in mail_settings(mail_server.port).model_dump(mode="json").items()
    }
    court = make_court(tmp_path, changes)
    with opened(court) as context:
        employ(context, joined_on=datetime.now(UTC).date() - timedelta(days=6))
        accounts = [reader(context, f"reader{number}") for number in range(4)]
    server = server_of(court)
    server.start()
    try:
        wait_for(lambda: bool(mail_server.taken), server)
        began = time.monotonic()
        assert server.terminate() == 0
        assert time.monotonic() - began < SECONDS_TO_END
        with opened(court) as context, context.unit(read_only=True) as unit:
            assert unit.mails.counts().get("sent") == len(mail_server.taken), "each that was taken is marked"
            periods = sorted(unit.reading.published_at("day"))
        mail_server.slow_seconds = 0
        server.start()

        def all_sent() -> bool:
            with opened(court) as context, context.unit(read_only=True) as unit:
                return set(unit.mails.counts()) == {"sent"} and len(unit.reading.published_at("day")) >= 5

        wait_for(all_sent, server)
    finally:
        server.kill()
    sent = Counter(str(one.message["Message-ID"]) for one in mail_server.taken)
    assert set(sent.values()) == {1}
    for period in periods:
        for account_id in accounts:
            assert message_id("day", period, account_id, "attendance@court.example") in sent


class Stage:
    """A court's real server, whose day begins at a moment of the test's choice at each start."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.file = folder / "clock.json"
        self.set_to(moment("12:00"))
        self.court = make_court(folder, {"database.url": database.url, "clock.compressed_day": str(self.file)})
        self.server = server_of(self.court)
        with opened(self.court) as context:
            employ(context, joined_on=FRIDAY)

    def set_to(self, at: datetime) -> None:
        write_compressed_day(self.file, at, [Pace(1, 1)], started=True)

    def run_at(self, text: str, day: date = FRIDAY) -> dict[str, datetime]:
        """Start the server at that time, and end it when nothing waits; gives what is published."""
        self.set_to(moment(text, day))
        self.server.start()
        wait_for(lambda: abs(self._looked_at() - moment(text, day)) < timedelta(minutes=5), self.server)
        wait_for(self._nothing_waits, self.server)
        self.server.kill()
        with opened(self.court) as context, context.unit(read_only=True) as unit:
            return {
                f"{kind} {period}": made_at
                for kind in ("day", "week")
                for period, made_at in unit.reading.published_at(kind).items()
            }

    def _looked_at(self) -> datetime:
        with opened(self.court) as context, context.unit(read_only=True) as unit:
            found = unit.standing.clock()
        return datetime.min.replace(tzinfo=UTC) if found is None else found.believed_at

    def _nothing_waits(self) -> bool:
        with opened(self.court) as context:
            return not waiting_periods(replace(context, clock=CompressedClock(self.file)))


@pytest.fixture
def stage(tmp_path: Path, database: Database) -> Iterator[Stage]:
    made = Stage(tmp_path, database)
    yield made
    made.server.kill()


def test_three_days_of_downtime_are_made_up_for_and_a_clock_that_is_set_back_doubles_nothing(stage: Stage) -> None:
    assert stage.run_at("12:00") == {}
    made_up = stage.run_at("12:00", MONDAY)
    assert set(made_up) == {"day 2026-11-20", "day 2026-11-21", "day 2026-11-22", "week 2026-W47"}
    stage.run_at("22:00", FRIDAY + timedelta(days=2))
    assert stage.run_at("12:30", MONDAY) == made_up
