"""The invented past of the demonstration: through the real API, judged by the server's own jobs, and told apart."""

from __future__ import annotations

import socket
from datetime import date, time
from pathlib import Path

import pytest

from demo import history
from demo.configuration import write_configuration
from demo.day import DAY_BEGINS, moment, paces
from demo.history import Span, play_history, span_before
from models.clock import CompressedClock, write_compressed_day
from models.settings import load_settings
from server.services.context import ServerContext, initialise, open_context
from server.services.numbering import find_gaps
from server.services.periods import period_report
from server.services.recomputing import recompute
from server.services.trends import read_trend

DAY = date(2026, 11, 20)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def court(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServerContext:
    """A court with three weeks of a past, the last of them with the kiosk, and a dozen people."""
    monkeypatch.setattr(history, "WEEKS", 3)
    monkeypatch.setattr(history, "WEEKS_WITH_KIOSK", 1)
    monkeypatch.setattr(history, "PEOPLE", 12)
    write_compressed_day(tmp_path / "clock.json", moment(DAY, DAY_BEGINS), paces(DAY), started=False)
    config = write_configuration(tmp_path, 18080, 18090, span_before(DAY).came_on)
    settings = load_settings(config)
    initialise(settings)
    context = open_context(settings, CompressedClock(tmp_path / "clock.json"))
    told: list[tuple[str, int, int]] = []
    play_history(context, DAY, free_port(), lambda *one: told.append(one))
    assert [one for one in told if one[1] == one[2]] == [
        ("events", len(span().workdays), len(span().workdays)),
        ("jobs", 1, 1),
    ]
    return context


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
        kinds = {one.filed.kind for one in unit.requests.of_people()}
    came_on = moment(span().came_on, time())
    assert {event.method for event in events if event.captured_at < came_on} == {"pin"}
    assert {event.method for event in events if event.captured_at >= came_on} == {"face"}
    assert kinds >= {"waiver"}


def test_its_weeks_are_published_and_its_trend_can_be_read(court: ServerContext) -> None:
    assert period_report(court, "week", "2026-W46").published_at is not None
    trend = read_trend(court, "both")
    assert trend is not None
    assert (trend.court.before.weeks, trend.court.after.weeks) == (2, 2)
    assert {division.division for division in trend.divisions} == set(history.DIVISIONS)
