"""The first-seen time counts, for the one who was seen and for nobody else.

What must never happen: a stranger's doubt at five past ten becomes a colleague's time at 17:33.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kiosk.deciding import AskPin, Record
from models.errors import CourtclockError
from tests.kiosk_fakes import CHEN, LI_WEI, MORNING, ZHAO, DoorRig, door_rig

FAULT = CourtclockError("internal", reference="kiosk log")


@pytest.fixture
def rig(tmp_path: Path) -> DoorRig:
    return door_rig(tmp_path)


def doubt(rig: DoorRig, track_id: int = 1, seconds_ago: float = 3.0) -> datetime:
    """Somebody is asked for the PIN; gives since when they were seen."""
    first_seen_at = rig.clock.now() - timedelta(seconds=seconds_ago)
    rig.door.apply(track_id, AskPin("unknown", first_seen_at, 5, 0.7))
    return first_seen_at


def time_of_pin(rig: DoorRig) -> datetime:
    """The time that Zhao's PIN gets now."""
    rig.door.enter_pin("1003", "1379")
    who, at = rig.clocked()[-1]
    assert who == ZHAO.person_id
    return at


def test_the_pin_of_somebody_in_doubt_counts_from_when_they_were_first_seen(rig: DoorRig) -> None:
    first_seen_at = doubt(rig)
    rig.clock.advance(12)

    assert time_of_pin(rig) == first_seen_at
    assert rig.items()[-1]["evidence"]["first_seen_at"] == "2026-11-20T00:11:57Z"


def test_the_pin_of_somebody_whom_the_camera_did_not_see_counts_from_now(rig: DoorRig) -> None:
    rig.clock.advance(12)

    assert time_of_pin(rig) == MORNING + timedelta(seconds=12)
    assert rig.items()[-1]["evidence"]["first_seen_at"] is None


@pytest.mark.parametrize(("seconds_gone", "kept"), [(30, True), (30.1, False)])
def test_the_time_is_kept_for_half_a_minute_after_leaving_the_picture(
    rig: DoorRig, seconds_gone: float, kept: bool
) -> None:
    first_seen_at = doubt(rig)
    rig.clock.advance(20)
    rig.door.keep_in_sight({1, 8}, {})
    rig.clock.advance(seconds_gone)

    assert time_of_pin(rig) == (first_seen_at if kept else rig.clock.now())


def test_somebody_else_in_the_picture_does_not_keep_it(rig: DoorRig) -> None:
    doubt(rig, track_id=1)
    for _ in range(31):
        rig.clock.advance(1)
        rig.door.keep_in_sight({2, 3}, {})

    assert time_of_pin(rig) == rig.clock.now()


@pytest.mark.parametrize(("seconds_ago", "kept"), [(120, True), (121, False)])
def test_the_time_is_never_more_than_two_minutes_before_the_pin(rig: DoorRig, seconds_ago: int, kept: bool) -> None:
    first_seen_at = doubt(rig, seconds_ago=0)
    for _ in range(seconds_ago):
        rig.clock.advance(1)
        rig.door.keep_in_sight({1}, {})

    assert time_of_pin(rig) == (first_seen_at if kept else rig.clock.now())


def test_the_two_minutes_are_court_time(rig: DoorRig) -> None:
    doubt(rig)
    rig.clock.court += timedelta(minutes=3)

    assert time_of_pin(rig) == rig.clock.now()


def test_a_strangers_doubt_in_the_morning_is_not_a_colleagues_time_in_the_evening(rig: DoorRig) -> None:
    rig.clock.court = datetime.fromisoformat("2026-11-20T10:05:00+08:00")
    doubt(rig)
    rig.clock.advance(7 * 3600 + 28 * 60)

    assert time_of_pin(rig) == datetime.fromisoformat("2026-11-20T17:33:00+08:00")


def test_nor_when_the_stranger_waits_in_sight_all_day(rig: DoorRig) -> None:
    doubt(rig)
    for _ in range(60):
        rig.clock.advance(60)
        rig.door.keep_in_sight({1}, {})

    assert time_of_pin(rig) == rig.clock.now()


def test_a_time_ahead_of_the_clock_does_not_count(rig: DoorRig) -> None:
    doubt(rig)
    rig.clock.court -= timedelta(hours=1)

    assert time_of_pin(rig) == rig.clock.now()


def test_each_time_counts_once_and_the_one_who_waits_longest_is_served_first(rig: DoorRig) -> None:
    first = doubt(rig, track_id=1, seconds_ago=3)
    rig.clock.advance(5)
    second = doubt(rig, track_id=2, seconds_ago=3)
    rig.clock.advance(5)
    assert time_of_pin(rig) == first

    rig.door.enter_pin("1001", "2580")
    assert rig.clocked()[-1] == (LI_WEI.person_id, second)

    rig.clock.advance(60)
    rig.door.keep_in_sight({1, 2}, {})
    assert time_of_pin(rig) == rig.clock.now()


def test_a_wrong_pin_does_not_use_the_time_up(rig: DoorRig) -> None:
    first_seen_at = doubt(rig)
    with pytest.raises(CourtclockError, match=r"pin\.wrong"):
        rig.door.enter_pin("1003", "0000")
    rig.clock.advance(5)

    assert time_of_pin(rig) == first_seen_at


def test_somebody_recognised_after_all_leaves_no_time_behind_for_the_next_at_the_keypad(rig: DoorRig) -> None:
    first_seen_at = doubt(rig, track_id=1)
    rig.clock.advance(1)
    rig.door.apply(1, Record(CHEN.person_id, first_seen_at, 0.3, 0.9, 0.53, 3, 5))
    rig.clock.advance(20)

    assert time_of_pin(rig) == rig.clock.now()
    assert rig.clocked()[0] == (CHEN.person_id, first_seen_at)


class TestWhenRecognitionItselfFails:
    def test_nobody_is_accepted_and_the_fault_is_on_the_board(self, rig: DoorRig) -> None:
        rig.door.fail(FAULT)

        assert rig.items() == []
        state = rig.board.state()
        assert state.fault is FAULT
        assert state.thanks is None

    def test_the_pin_counts_from_the_first_frame_that_failed(self, rig: DoorRig) -> None:
        for _ in range(50):
            rig.door.fail(FAULT)
            rig.clock.advance(0.2)
        rig.clock.advance(10)

        assert time_of_pin(rig) == MORNING

    def test_but_a_fault_that_lasts_all_day_gives_nobody_more_than_two_minutes(self, rig: DoorRig) -> None:
        for _ in range(1000):
            rig.door.fail(FAULT)
            rig.clock.advance(1)

        assert timedelta(0) <= rig.clock.now() - time_of_pin(rig) <= timedelta(minutes=2)

    def test_and_a_fault_that_is_over_keeps_its_time_for_half_a_minute_only(self, rig: DoorRig) -> None:
        rig.door.fail(FAULT)
        rig.clock.advance(31)

        assert time_of_pin(rig) == rig.clock.now()
