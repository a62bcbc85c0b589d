"""Arriving, the first moment of being seen counts; leaving, the moment of being identified does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from server.attendance.events import RawEvent
from server.attendance.explaining import explain
from tests.attendance_days import clocked, judged


def slowly_clocked(seen_at: str, identified_after: timedelta) -> RawEvent:
    event = clocked(seen_at)
    return replace(event, identified_at=event.captured_at + identified_after)


def test_a_departure_is_not_early_by_the_time_it_takes_to_be_identified() -> None:
    arrival, departure = clocked("08:20"), slowly_clocked("17:29", timedelta(seconds=65))
    verdict = judged(arrival, departure)
    assert verdict.status == ("normal",)
    told = "first seen at 17:29, which decides the window, and identified at 17:30, which counts for leaving"
    assert f"end of work: {told}: 17:30 is used." in explain(verdict, "en")


def test_a_departure_seen_in_somebody_elses_time_counts_from_the_pin() -> None:
    departure = slowly_clocked("17:28", timedelta(seconds=84))
    verdict = judged(clocked("08:20"), departure)
    assert verdict.tally.early_minutes == 1


def test_an_arrival_is_not_late_by_the_time_it_takes_to_be_identified() -> None:
    arrival = slowly_clocked("08:30", timedelta(minutes=2))
    verdict = judged(arrival, clocked("17:35"))
    assert verdict.status == ("normal",)


def test_of_two_departures_the_one_identified_last_counts() -> None:
    slow, quick = slowly_clocked("17:28", timedelta(minutes=3)), clocked("17:29")
    verdict = judged(clocked("08:20"), slow, quick)
    assert verdict.points[1].event == slow


def test_both_moments_are_stored_with_the_verdict() -> None:
    event = slowly_clocked("17:28", timedelta(seconds=84))
    assert RawEvent.from_json(event.to_json()) == event


@pytest.mark.parametrize("wrong", [timedelta(seconds=-1), None], ids=["before being seen", "naive"])
def test_a_moment_that_cannot_be_is_refused(wrong: timedelta | None) -> None:
    event = clocked("17:30")
    identified_at: datetime = event.captured_at.replace(tzinfo=None) if wrong is None else event.captured_at + wrong
    with pytest.raises(ValueError, match=r"naive|before being seen"):
        replace(event, identified_at=identified_at)


def test_who_is_identified_at_the_moment_of_being_seen_is_no_fault() -> None:
    event = clocked("08:30")
    assert replace(event, identified_at=event.captured_at).counts_at("out") == event.captured_at
