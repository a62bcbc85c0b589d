"""At the door: first the item is committed, then the screen says thank you."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from kiosk.board import Thanks
from kiosk.deciding import AskPin, DoubtReason, Guide, KeepLooking, Record
from models.errors import CourtclockError
from models.wire import PersonEntry
from tests.kiosk_fakes import CHEN, LI_WEI, MODEL, MORNING, ZHAO, DoorRig, door_rig


@pytest.fixture
def rig(tmp_path: Path) -> DoorRig:
    return door_rig(tmp_path)


def recognised(who: PersonEntry, rig: DoorRig, seconds_ago: float = 1.0, distance: float = 0.314159) -> Record:
    return Record(who.person_id, rig.clock.now() - timedelta(seconds=seconds_ago), distance, 0.876543, 0.53, 3, 4)


def thanked(rig: DoorRig) -> tuple[str, bool] | None:
    thanks = rig.board.state().thanks
    return None if thanks is None else (thanks.display_name, thanks.repeated)


class FullDisk:
    """Every write from now on fails."""

    def __init__(self, rig: DoorRig, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(make_item: Any) -> Any:
            raise CourtclockError("outbox.write_failed", reason="disk is full")

        monkeypatch.setattr(rig.outbox, "append", fail)


class TestAFace:
    def test_is_committed_with_its_evidence_and_thanked_by_name(self, rig: DoorRig) -> None:
        rig.door.apply(1, recognised(LI_WEI, rig))

        (item,) = rig.items()
        assert (item["kind"], item["method"], item["device_seq"]) == ("clock_event", "face", 1)
        assert item["evidence"] == {
            "model_id": MODEL,
            "distance": 0.3142,
            "other_distance": 0.8765,
            "accept_distance": 0.53,
            "margin": 0.08,
            "votes": 3,
            "frames": 4,
            "gallery_version": 1,
            "first_seen_at": None,
            "operating_point": None,
            "pin_face_distance": None,
            "liveness": None,
        }
        assert rig.clocked() == [(LI_WEI.person_id, MORNING - timedelta(seconds=1))]
        state = rig.board.state()
        assert state.mode == "thanks"
        assert state.thanks is not None
        assert (state.thanks.display_name, state.thanks.method) == ("李伟", "face")
        assert state.thanks.captured_at == MORNING - timedelta(seconds=1)

    def test_is_announced_and_delivery_is_woken(self, rig: DoorRig) -> None:
        rig.door.apply(1, recognised(LI_WEI, rig))

        (announced,) = rig.announced
        assert (announced.kind, announced.employee_no, announced.method) == ("clock_event", "1001", "face")
        assert len(rig.wakes) == 1

    def test_is_on_disk_before_the_screen_says_thank_you(self, rig: DoorRig, monkeypatch: pytest.MonkeyPatch) -> None:
        waiting_when_thanked: list[int] = []
        thank = rig.board.thank

        def look_at_the_outbox_and_thank(thanks: Thanks) -> None:
            waiting_when_thanked.append(rig.outbox.counts().pending)
            thank(thanks)

        monkeypatch.setattr(rig.board, "thank", look_at_the_outbox_and_thank)

        rig.door.apply(1, recognised(LI_WEI, rig))

        assert waiting_when_thanked == [1]

    def test_gets_no_thanks_when_it_could_not_be_saved(self, rig: DoorRig, monkeypatch: pytest.MonkeyPatch) -> None:
        FullDisk(rig, monkeypatch)
        with pytest.raises(CourtclockError) as caught:
            rig.door.apply(1, recognised(LI_WEI, rig))

        assert caught.value.code == "outbox.write_failed"
        assert rig.board.state().mode == "looking"
        assert thanked(rig) is None
        assert rig.announced == []

    def test_that_could_not_be_saved_is_not_taken_for_a_repetition_later(
        self, rig: DoorRig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as full:
            FullDisk(rig, full)
            with pytest.raises(CourtclockError):
                rig.door.apply(1, recognised(LI_WEI, rig))

        rig.door.apply(1, recognised(LI_WEI, rig))

        assert thanked(rig) == ("李伟", False)
        assert rig.kinds() == ["clock_event"]

    def test_of_somebody_who_left_the_gallery_this_moment_is_recorded_without_a_name(self, rig: DoorRig) -> None:
        rig.door.apply(1, Record(UUID(int=99), rig.clock.now(), 0.3, None, 0.53, 3, 3))

        assert [who for who, _ in rig.clocked()] == [UUID(int=99)]
        assert thanked(rig) == ("", False)


def test_guiding_and_looking_on_record_nothing(rig: DoorRig) -> None:
    rig.door.apply(1, KeepLooking())
    rig.door.apply(1, Guide("closer"))

    assert rig.items() == []
    assert (rig.board.state().mode, rig.board.state().hint) == ("guide", "closer")


@pytest.mark.parametrize(
    ("doubt", "outcome"),
    [("unknown", "unknown"), ("look_alike", "doubtful"), ("unsteady", "doubtful"), ("not_moving", "not_live")],
)
def test_a_doubt_asks_for_the_pin_and_is_kept_as_an_attempt_that_names_nobody(
    rig: DoorRig, doubt: DoubtReason, outcome: str
) -> None:
    rig.door.apply(1, AskPin(doubt, MORNING - timedelta(seconds=3), 5, 0.612345))

    (item,) = rig.items()
    assert (item["kind"], item["outcome"], item["evidence"]["distance"]) == ("attempt", outcome, 0.6123)
    assert "person_id" not in item
    assert item["evidence"]["first_seen_at"] == item["captured_at"] == "2026-11-20T00:11:57Z"
    assert (rig.board.state().mode, rig.board.state().doubt) == ("ask_pin", doubt)
    (announced,) = rig.announced
    assert (announced.kind, announced.employee_no, announced.outcome) == ("attempt", None, outcome)


class TestThePin:
    def test_is_worth_the_same_as_a_face(self, rig: DoorRig) -> None:
        thanks = rig.door.enter_pin("1003", "1379")

        assert rig.clocked() == [(ZHAO.person_id, MORNING)]
        assert rig.items()[0]["method"] == "pin"
        assert (thanks.display_name, thanks.method, thanks.repeated) == ("赵敏", "pin", False)
        assert rig.board.state().mode == "thanks"

    def test_that_is_wrong_is_an_attempt_that_names_nobody(self, rig: DoorRig) -> None:
        with pytest.raises(CourtclockError) as caught:
            rig.door.enter_pin("1003", "0000")

        assert caught.value.code == "pin.wrong"
        (item,) = rig.items()
        assert (item["kind"], item["outcome"]) == ("attempt", "wrong_pin")
        assert set(item["evidence"].values()) == {None}
        assert thanked(rig) is None

    def test_of_a_locked_number_makes_no_more_attempts(self, tmp_path: Path) -> None:
        rig = door_rig(tmp_path, kiosk__pin__max_tries=1)
        codes = []
        for _ in range(3):
            with pytest.raises(CourtclockError) as caught:
                rig.door.enter_pin("1003", "0000")
            codes.append(caught.value.code)

        assert codes == ["pin.wrong", "pin.locked", "pin.locked"]
        assert rig.kinds() == ["attempt"]

    def test_gets_no_thanks_when_it_could_not_be_saved(self, rig: DoorRig, monkeypatch: pytest.MonkeyPatch) -> None:
        FullDisk(rig, monkeypatch)
        with pytest.raises(CourtclockError) as caught:
            rig.door.enter_pin("1003", "1379")

        assert caught.value.code == "outbox.write_failed"
        assert thanked(rig) is None


class TestRepeating:
    def test_the_same_person_soon_again_gets_the_earlier_event(self, rig: DoorRig) -> None:
        first = rig.door.enter_pin("1001", "2580")
        rig.clock.advance(59)

        again = rig.door.enter_pin("1001", "2580")

        assert (again.event_id, again.captured_at, again.repeated) == (first.event_id, MORNING, True)
        assert rig.kinds() == ["clock_event"]
        assert thanked(rig) == ("李伟", True)
        assert [one.kind for one in rig.announced] == ["clock_event", "repeated"]

    def test_face_and_pin_are_one_person(self, rig: DoorRig) -> None:
        rig.door.apply(1, recognised(LI_WEI, rig))
        rig.clock.court -= timedelta(seconds=1)  # still in the minute in which he was first seen

        assert rig.door.enter_pin("1001", "2580").repeated
        assert rig.kinds() == ["clock_event"]

    def test_after_the_time_the_same_person_counts_again(self, rig: DoorRig) -> None:
        rig.door.enter_pin("1001", "2580")
        rig.clock.advance(60)

        assert not rig.door.enter_pin("1001", "2580").repeated
        assert rig.kinds() == ["clock_event", "clock_event"]

    def test_being_seen_again_and_again_makes_one_event_a_minute(self, rig: DoorRig) -> None:
        rig.clock.court += timedelta(seconds=1)
        for _ in range(7):
            rig.door.apply(1, recognised(LI_WEI, rig))
            rig.clock.advance(20)

        assert [at for _, at in rig.clocked()] == [MORNING + timedelta(minutes=minute) for minute in range(3)]

    def test_whoever_waits_for_the_time_to_leave_is_recorded_again_when_it_shows(self, rig: DoorRig) -> None:
        rig.clock.court = MORNING.replace(hour=9, minute=29, second=40)
        rig.door.enter_pin("1001", "2580")
        rig.clock.court = MORNING.replace(hour=9, minute=30, second=2)

        assert not rig.door.enter_pin("1001", "2580").repeated
        assert [f"{at:%H:%M:%S}" for _, at in rig.clocked()] == ["09:29:40", "09:30:02"]

    def test_different_people_do_not_repeat_each_other(self, rig: DoorRig) -> None:
        rig.door.apply(1, recognised(LI_WEI, rig))
        rig.door.apply(2, recognised(CHEN, rig))

        assert [who for who, _ in rig.clocked()] == [LI_WEI.person_id, CHEN.person_id]

    def test_a_clock_that_was_set_back_silences_nobody(self, rig: DoorRig) -> None:
        rig.clock.court += timedelta(days=1)
        rig.door.enter_pin("1001", "2580")
        rig.clock.court -= timedelta(days=1)

        assert not rig.door.enter_pin("1001", "2580").repeated
        assert [at for _, at in rig.clocked()] == [MORNING + timedelta(days=1), MORNING]


class TestNotMe:
    def test_voids_the_event_and_deletes_nothing(self, rig: DoorRig) -> None:
        rig.door.apply(1, recognised(LI_WEI, rig))
        event_id = rig.items()[0]["item_id"]
        rig.clock.advance(10)

        rig.door.not_me(UUID(event_id))

        event, void = rig.items()
        assert (event["kind"], event["item_id"]) == ("clock_event", event_id)
        assert (void["kind"], void["voided_event_id"], void["device_seq"]) == ("void", event_id, 2)
        assert rig.board.state().mode == "ask_pin"
        assert [one.kind for one in rig.announced] == ["clock_event", "void"]

    def test_is_too_late_afterwards(self, rig: DoorRig) -> None:
        thanks = rig.door.enter_pin("1001", "2580")
        rig.clock.advance(10.01)

        with pytest.raises(CourtclockError) as caught:
            rig.door.not_me(thanks.event_id)

        assert (caught.value.code, caught.value.details) == ("void.too_late", {"seconds": 10})
        assert rig.kinds() == ["clock_event"]

    def test_of_an_event_that_nobody_was_thanked_for_is_refused(self, rig: DoorRig) -> None:
        with pytest.raises(CourtclockError) as caught:
            rig.door.not_me(uuid4())

        assert caught.value.code == "void.too_late"
        assert rig.items() == []

    def test_counts_once(self, rig: DoorRig) -> None:
        thanks = rig.door.enter_pin("1001", "2580")
        rig.door.not_me(thanks.event_id)

        with pytest.raises(CourtclockError, match=r"void\.too_late"):
            rig.door.not_me(thanks.event_id)

        assert rig.kinds() == ["clock_event", "void"]

    def test_is_not_made_longer_by_being_seen_again(self, rig: DoorRig) -> None:
        thanks = rig.door.enter_pin("1001", "2580")
        rig.clock.advance(9)
        rig.door.apply(1, recognised(LI_WEI, rig))
        rig.clock.advance(9)

        with pytest.raises(CourtclockError, match=r"void\.too_late"):
            rig.door.not_me(thanks.event_id)

    def test_leaves_the_way_free_for_the_one_who_was_taken_for(self, rig: DoorRig) -> None:
        rig.door.apply(1, recognised(LI_WEI, rig))
        rig.door.not_me(UUID(rig.items()[0]["item_id"]))
        rig.clock.advance(5)

        rig.door.apply(2, recognised(LI_WEI, rig))

        assert thanked(rig) == ("李伟", False)
        assert rig.kinds() == ["clock_event", "void", "clock_event"]

    def test_keeps_the_time_for_the_pin_of_the_one_who_stands_there(self, rig: DoorRig) -> None:
        rig.door.apply(1, recognised(LI_WEI, rig, seconds_ago=2))
        rig.clock.advance(3)
        rig.door.not_me(UUID(rig.items()[0]["item_id"]))
        rig.clock.advance(12)

        rig.door.enter_pin("1003", "1379")

        assert rig.clocked()[-1] == (ZHAO.person_id, MORNING - timedelta(seconds=2))

    def test_that_could_not_be_saved_changes_nothing(self, rig: DoorRig, monkeypatch: pytest.MonkeyPatch) -> None:
        thanks = rig.door.enter_pin("1001", "2580")
        with monkeypatch.context() as full:
            FullDisk(rig, full)
            with pytest.raises(CourtclockError, match=r"outbox\.write_failed"):
                rig.door.not_me(thanks.event_id)

        assert rig.board.state().mode == "thanks"
        rig.door.not_me(thanks.event_id)
        assert rig.kinds() == ["clock_event", "void"]
