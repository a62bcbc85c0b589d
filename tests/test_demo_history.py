"""The invented past of the demonstration: as it would have happened, judged by the server's own jobs."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import get_args

import pytest

from demo import history
from demo.configuration import write_configuration
from demo.day import DAY_BEGINS, moment, paces
from demo.history import Span, play_history, span_before
from models.clock import CompressedClock, write_compressed_day
from models.settings import load_settings
from server.attendance.rules import RequestKind
from server.services.context import ServerContext, initialise, open_context
from server.services.month_close import close_state, open_amendments
from server.services.numbering import find_gaps
from server.services.periods import period_report
from server.services.recomputing import recompute
from server.services.trends import read_trend

DAY = date(2026, 11, 20)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerContext]:
    """A court with seven weeks of a past, the last of them with the kiosk, and a dozen people."""
    folder = tmp_path_factory.mktemp("history")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "WEEKS", 7)
        patch.setattr(history, "WEEKS_WITH_KIOSK", 1)
        patch.setattr(history, "PEOPLE", 12)
        write_compressed_day(folder / "clock.json", moment(DAY, DAY_BEGINS), paces(DAY), started=False)
        config = write_configuration(folder, 18080, 18090, span_before(DAY).came_on)
        settings = load_settings(config)
        initialise(settings)
        context = open_context(settings, CompressedClock(folder / "clock.json"))
        told: list[tuple[str, int, int]] = []
        play_history(context, DAY, free_port(), lambda *one: told.append(one))
        assert [one for one in told if one[1] == one[2]] == [
            ("events", len(span().workdays), len(span().workdays)),
            ("jobs", 1, 1),
        ]
        yield context
        context.engine.dispose()


def span() -> Span:
    return span_before(DAY)


def test_it_begins_on_a_monday_and_ends_the_day_before() -> None:
    assert span_before(DAY) == Span(date(2026, 8, 17), date(2026, 10, 5), date(2026, 11, 19))
    assert date(2026, 10, 1) not in span_before(DAY).workdays


def test_everything_stands_as_if_it_had_happened(court: ServerContext) -> None:
    assert find_gaps(court) == []
    found = recompute(court, span().first_day, span().last_day)
    assert (found.workdays, found.differences) == (12 * ((span().last_day - span().first_day).days + 1), ())
    with court.unit(read_only=True) as unit:
        events = unit.items.events_between(
            moment(span().first_day, DAY_BEGINS.replace(hour=0)), moment(DAY, DAY_BEGINS)
        )
    assert all(timedelta() <= event.received_at - event.captured_at < timedelta(days=1) for event in events)
    came_on = moment(span().came_on, time())
    assert {event.method for event in events if event.captured_at < came_on} == {"pin"}
    assert {event.method for event in events if event.captured_at >= came_on} == {"face"}


def test_people_file_requests_of_every_kind_and_others_decide_about_them(court: ServerContext) -> None:
    with court.unit(read_only=True) as unit:
        filed = unit.requests.of_people()
    assert {one.filed.kind for one in filed} == set(get_args(RequestKind))
    assert {one.state for one in filed} == {"approved"}
    by_themselves = [one for one in filed if one.filed.kind == "correction" and one.filed.filed_by != "hr"]
    assert by_themselves
    assert {one.step.decided_by for one in by_themselves if one.step is not None} == {"head"}


def test_a_month_is_confirmed_and_locked_and_what_changes_it_later_is_listed_on_the_next_bulletin(
    court: ServerContext,
) -> None:
    september, october = close_state(court, "2026-09"), close_state(court, "2026-10")
    assert september.lock is not None
    assert len(september.confirmed) > len(september.silent)
    # Left to whoever looks on.
    assert october.confirmed
    assert (october.lock, october.open_workdays) == (None, 0)
    assert open_amendments(court) == []
    (listed,) = period_report(court, "month", "2026-10").amendments
    assert (f"{listed.day:%Y-%m}", listed.signed_by) == ("2026-09", "hr2")
    assert listed.before != listed.after


def test_its_weeks_are_published_and_its_trend_can_be_read(court: ServerContext) -> None:
    assert period_report(court, "week", "2026-W46").published_at is not None
    trend = read_trend(court, "both")
    assert trend is not None
    assert (trend.court.before.weeks, trend.court.after.weeks) == (6, 2)
    assert {division.division for division in trend.divisions} == set(history.DIVISIONS)
