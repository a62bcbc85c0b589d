"""A clock that goes further than time publishes nothing, until it is right, a kiosk agrees, or HR says so."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from models.errors import CourtclockError
from server.jobs.clock_watch import LONGEST_DOWNTIME, WITNESS_WAIT_SECONDS, ClockWatch, behind
from server.jobs.running import run_due
from server.services.actors import Actor
from server.services.clock_trust import confirm_clock
from server.services.context import ServerContext
from server.services.job_overview import job_overview
from tests.attendance_days import FRIDAY
from tests.databases import Database
from tests.server_cast import FakeClock, employ, pair

FOUR_DAYS = timedelta(days=4)
MINUTE = timedelta(minutes=1)
HR = Actor("hr", "hr")


class JumpingClock(FakeClock):
    """A machine's clock that somebody sets: what it shows moves, and no time passes."""

    jumped = timedelta(0)

    def set_ahead(self, by: timedelta) -> None:
        self.advance(by)
        self.jumped += by

    def monotonic(self) -> float:
        return super().monotonic() - self.jumped.total_seconds()


@pytest.fixture
def clock() -> FakeClock:
    return JumpingClock()


def set_ahead(context: ServerContext, by: timedelta) -> None:
    assert isinstance(context.clock, JumpingClock)
    context.clock.set_ahead(by)


def tick(context: ServerContext, watch: ClockWatch) -> int:
    """As a server that runs ticks."""
    return run_due(behind(context, watch.look()))


def day_reports(context: ServerContext) -> list[str]:
    with context.unit(read_only=True) as unit:
        return sorted(unit.reading.published_at("day"))


def heard(context: ServerContext, kiosk_clock_is_off: timedelta = timedelta(0)) -> None:
    """A heartbeat of the kiosk at the east door."""
    with context.unit() as unit:
        (kiosk,) = unit.kiosks.sights()
        unit.kiosks.note_seen(kiosk.kiosk_id, context.clock.now(), kiosk_clock_is_off.total_seconds(), {})
        unit.commit()


@pytest.fixture
def watch(context: ServerContext, clock: FakeClock) -> ClockWatch:
    """Of a server that runs since Friday noon, in a court where somebody works from that day on."""
    employ(context, joined_on=FRIDAY)
    watch = ClockWatch(context)
    tick(context, watch)
    return watch


# In a server that runs


def test_a_clock_that_is_ahead_for_a_tick_publishes_nothing(context: ServerContext, watch: ClockWatch) -> None:
    set_ahead(context, FOUR_DAYS)
    assert tick(context, watch) == 0
    set_ahead(context, -FOUR_DAYS)
    assert watch.look() == timedelta(0)
    assert day_reports(context) == []


def test_while_it_is_ahead_jobs_go_by_the_time_that_passes(
    context: ServerContext, watch: ClockWatch, clock: FakeClock
) -> None:
    set_ahead(context, FOUR_DAYS)
    tick(context, watch)
    clock.advance(timedelta(hours=11))
    tick(context, watch)
    assert day_reports(context) == ["2026-11-20"]
    with context.unit(read_only=True) as unit:
        report = unit.jobs.report("day", "2026-11-20")
    assert report is not None
    assert report.made_at == clock.now() - FOUR_DAYS, "by the time that is believed"


def test_the_page_says_by_how_much_and_what_is_believed(
    context: ServerContext, watch: ClockWatch, clock: FakeClock
) -> None:
    assert job_overview(context).clock is None
    set_ahead(context, FOUR_DAYS)
    tick(context, watch)
    found = job_overview(context).clock
    assert found is not None
    assert (found.ahead_seconds, found.believed_at) == (FOUR_DAYS.total_seconds(), clock.now() - FOUR_DAYS)
    set_ahead(context, -FOUR_DAYS)
    tick(context, watch)
    assert job_overview(context).clock is None


def test_a_kiosk_that_agrees_makes_it_believed_as_after_a_sleep(
    context: ServerContext, watch: ClockWatch, clock: FakeClock
) -> None:
    pair(context, clock)
    heard(context)
    set_ahead(context, FOUR_DAYS)
    assert watch.look() == FOUR_DAYS
    heard(context)
    assert watch.look() == timedelta(0)
    tick(context, watch)
    assert len(day_reports(context)) == 4


def test_a_kiosk_that_does_not_agree_does_not(context: ServerContext, watch: ClockWatch, clock: FakeClock) -> None:
    pair(context, clock)
    set_ahead(context, FOUR_DAYS)
    heard(context, -FOUR_DAYS)
    clock.advance(timedelta(hours=1))
    assert watch.look() == FOUR_DAYS


def test_a_kiosk_that_was_heard_before_says_nothing_about_it(
    context: ServerContext, watch: ClockWatch, clock: FakeClock
) -> None:
    pair(context, clock)
    heard(context)
    set_ahead(context, FOUR_DAYS)
    assert [watch.look(), watch.look()] == [FOUR_DAYS] * 2


def test_hr_makes_it_believed(context: ServerContext, watch: ClockWatch) -> None:
    assert confirm_clock(context, HR) is False, "there is nothing to confirm"
    set_ahead(context, FOUR_DAYS)
    watch.look()
    assert confirm_clock(context, HR) is True
    assert watch.look() == timedelta(0)
    with context.unit(read_only=True) as unit:
        stored = unit.standing.clock()
    assert stored is not None
    assert stored.confirmed_by == "hr"


def test_what_hr_confirmed_does_not_hold_for_the_next_time(context: ServerContext, watch: ClockWatch) -> None:
    for _ in range(2):
        set_ahead(context, FOUR_DAYS)
        assert watch.look() == FOUR_DAYS
        confirm_clock(context, HR)
        assert watch.look() == timedelta(0)


def test_nobody_but_hr_may(context: ServerContext) -> None:
    with pytest.raises(CourtclockError, match=r"page\.forbidden"):
        confirm_clock(context, Actor("zhou", "president"))


def test_a_clock_that_is_set_by_a_little_or_back_is_believed(context: ServerContext, watch: ClockWatch) -> None:
    for by in (5 * MINUTE, -5 * MINUTE, -FOUR_DAYS):
        set_ahead(context, by)
        assert watch.look() == timedelta(0)


def test_time_that_really_passes_is_believed(context: ServerContext, watch: ClockWatch, clock: FakeClock) -> None:
    clock.advance(FOUR_DAYS)
    assert watch.look() == timedelta(0)


# After a restart


def restarted(context: ServerContext) -> ClockWatch:
    return ClockWatch(context)


def test_days_of_downtime_need_nobodys_word(context: ServerContext, watch: ClockWatch, clock: FakeClock) -> None:
    clock.advance(timedelta(days=3))
    tick(context, restarted(context))
    assert len(day_reports(context)) == 3


def test_where_there_are_kiosks_they_are_waited_for_and_silence_is_consent(
    context: ServerContext, watch: ClockWatch, clock: FakeClock
) -> None:
    pair(context, clock)
    heard(context)
    clock.advance(timedelta(days=3))
    new = restarted(context)
    assert new.look() == timedelta(days=3)
    clock.advance(timedelta(seconds=WITNESS_WAIT_SECONDS - 1))
    assert new.look() == timedelta(days=3)
    clock.advance(timedelta(seconds=1))
    assert new.look() == timedelta(0)


def test_a_kiosk_that_agrees_ends_the_wait(context: ServerContext, watch: ClockWatch, clock: FakeClock) -> None:
    pair(context, clock)
    heard(context)
    clock.advance(timedelta(days=3))
    new = restarted(context)
    new.look()
    heard(context)
    assert new.look() == timedelta(0)


def test_a_kiosk_that_says_there_was_no_downtime_is_heard(
    context: ServerContext, watch: ClockWatch, clock: FakeClock
) -> None:
    pair(context, clock)
    heard(context)
    clock.advance(FOUR_DAYS)
    new = restarted(context)
    new.look()
    heard(context, -FOUR_DAYS)
    clock.advance(timedelta(hours=1))
    assert tick(context, new) == 0
    assert day_reports(context) == []


def test_a_downtime_longer_than_any_is_not_believed_by_itself(
    context: ServerContext, watch: ClockWatch, clock: FakeClock
) -> None:
    clock.go_to("12:00", date(2036, 1, 1))
    new = restarted(context)
    assert new.look() > LONGEST_DOWNTIME
    clock.advance(timedelta(hours=1))
    assert tick(context, new) == 0
    confirm_clock(context, HR)
    assert new.look() == timedelta(0)


def test_a_clock_that_was_not_believed_is_not_after_a_restart_either(
    context: ServerContext, watch: ClockWatch, clock: FakeClock
) -> None:
    set_ahead(context, FOUR_DAYS)
    watch.look()
    new = restarted(context)
    assert new.look() == FOUR_DAYS
    set_ahead(context, -FOUR_DAYS)
    assert new.look() == timedelta(0)
    set_ahead(context, FOUR_DAYS)
    new.look()
    set_ahead(context, -FOUR_DAYS)
    assert restarted(context).look() == timedelta(0), "it was set right while no server ran"


def test_the_first_server_of_a_court_believes_its_clock(database: Database, context: ServerContext) -> None:
    assert restarted(context).look() == timedelta(0)


def test_the_wait_for_kiosks_does_not_count_those_that_were_revoked(
    context: ServerContext, watch: ClockWatch, clock: FakeClock
) -> None:
    east = pair(context, clock)
    heard(context)
    with context.unit() as unit:
        unit.kiosks.revoke(east.kiosk_id, clock.host_now())
        unit.commit()
    clock.advance(timedelta(days=3))
    assert restarted(context).look() == timedelta(0)
