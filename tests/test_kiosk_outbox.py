"""The ledger: gapless numbers, oldest first, nothing removed that was not delivered."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from kiosk.outbox import Outbox, OutboxCounts
from models.errors import CourtclockError
from models.wire import AttemptItem, ItemAnswer
from tests.kiosk_fakes import MORNING, attempt_numbered


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "outbox.db")
    yield opened
    opened.close()


def append(outbox: Outbox, count: int = 1) -> list[AttemptItem]:
    return [outbox.append(attempt_numbered) for _ in range(count)]


def pending_numbers(outbox: Outbox) -> list[int]:
    return [item.body["device_seq"] for item in outbox.oldest_pending(1000)]


def stored(item: AttemptItem) -> ItemAnswer:
    return ItemAnswer(item_id=str(item.item_id), result="stored")


def refused(item: AttemptItem) -> ItemAnswer:
    return ItemAnswer(item_id=str(item.item_id), result="refused", code="item.person_unknown")


def test_an_empty_outbox_has_given_no_number(outbox: Outbox) -> None:
    assert outbox.counts() == OutboxCounts(pending=0, quarantined=0, last_device_seq=0)
    assert outbox.oldest_pending(10) == []


def test_numbers_begin_at_one_and_have_no_gaps(outbox: Outbox) -> None:
    assert [item.device_seq for item in append(outbox, 5)] == [1, 2, 3, 4, 5]
    assert outbox.counts() == OutboxCounts(pending=5, quarantined=0, last_device_seq=5)


def test_what_is_sent_is_what_was_appended_oldest_first_and_not_more_than_asked(outbox: Outbox) -> None:
    items = append(outbox, 5)

    batch = outbox.oldest_pending(3)

    assert [item.item_id for item in batch] == [item.item_id for item in items[:3]]
    assert [item.body for item in batch] == [item.model_dump(mode="json") for item in items[:3]]


def test_an_item_that_could_not_be_made_leaves_no_gap(outbox: Outbox) -> None:
    def fail(device_seq: int) -> AttemptItem:
        raise RuntimeError("no identifier")

    append(outbox)
    with pytest.raises(RuntimeError, match="no identifier"):
        outbox.append(fail)

    assert append(outbox)[0].device_seq == 2
    assert pending_numbers(outbox) == [1, 2]


def test_an_item_that_could_not_be_written_leaves_no_gap(outbox: Outbox) -> None:
    (first,) = append(outbox)
    with pytest.raises(CourtclockError) as caught:
        outbox.append(lambda device_seq: attempt_numbered(device_seq).model_copy(update={"item_id": first.item_id}))

    assert caught.value.code == "outbox.write_failed"
    assert "UNIQUE" in caught.value.sentence("en")
    assert append(outbox)[0].device_seq == 2


def test_everything_is_there_after_the_kiosk_was_started_again(tmp_path: Path) -> None:
    before = Outbox(tmp_path / "outbox.db")
    first, second, third = append(before, 3)
    before.settle([stored(first), refused(second)], MORNING)
    before.close()

    after = Outbox(tmp_path / "outbox.db")

    assert pending_numbers(after) == [third.device_seq]
    assert after.quarantined() == [(2, "attempt", "item.person_unknown")]
    assert append(after)[0].device_seq == 4
    after.close()


def test_a_number_is_not_given_again_after_everything_was_delivered_and_forgotten(tmp_path: Path) -> None:
    before = Outbox(tmp_path / "outbox.db")
    before.settle([stored(item) for item in append(before, 3)], MORNING)
    assert before.forget_done_before(MORNING + timedelta(days=30)) == 3
    before.close()

    after = Outbox(tmp_path / "outbox.db")

    assert after.counts().last_device_seq == 3
    assert append(after)[0].device_seq == 4
    after.close()


class TestSettling:
    @pytest.mark.parametrize("result", ["stored", "already_had"])
    def test_a_delivered_item_is_not_sent_again(self, outbox: Outbox, result: str) -> None:
        first, second = append(outbox, 2)
        answer = ItemAnswer.model_validate({"item_id": str(first.item_id), "result": result})

        assert outbox.settle([answer], MORNING) == 1

        assert pending_numbers(outbox) == [second.device_seq]
        assert outbox.counts() == OutboxCounts(pending=1, quarantined=0, last_device_seq=2)

    def test_a_refused_item_is_kept_counted_and_shown_and_stops_nobody_behind_it(self, outbox: Outbox) -> None:
        first, second = append(outbox, 2)

        outbox.settle([refused(first), stored(second)], MORNING)

        assert outbox.oldest_pending(10) == []
        assert outbox.counts() == OutboxCounts(pending=0, quarantined=1, last_device_seq=2)
        assert outbox.quarantined() == [(1, "attempt", "item.person_unknown")]

    def test_a_refused_item_is_sent_again_when_people_say_so(self, outbox: Outbox) -> None:
        (item,) = append(outbox)
        outbox.settle([refused(item)], MORNING)

        assert outbox.retry_quarantined() == 1
        assert pending_numbers(outbox) == [1]
        assert outbox.quarantined() == []

        outbox.settle([stored(item)], MORNING)
        assert outbox.counts() == OutboxCounts(pending=0, quarantined=0, last_device_seq=1)

    def test_an_answer_for_an_item_that_is_not_here_changes_nothing(self, outbox: Outbox) -> None:
        append(outbox, 2)

        settled = outbox.settle(
            [ItemAnswer(item_id=str(uuid4()), result="stored"), ItemAnswer(item_id="nonsense", result="refused")],
            MORNING,
        )

        assert settled == 0
        assert pending_numbers(outbox) == [1, 2]

    def test_a_late_answer_does_not_bring_a_done_item_back(self, outbox: Outbox) -> None:
        (item,) = append(outbox)
        outbox.settle([stored(item)], MORNING)

        assert outbox.settle([refused(item)], MORNING) == 0
        assert outbox.counts().quarantined == 0


def test_after_the_server_was_restored_only_what_was_delivered_since_is_sent_again(outbox: Outbox) -> None:
    def recorded_at(moment: datetime) -> AttemptItem:
        return outbox.append(lambda device_seq: attempt_numbered(device_seq).model_copy(update={"recorded_at": moment}))

    before, at, after, quarantined = (recorded_at(MORNING + timedelta(microseconds=offset)) for offset in (-1, 0, 1, 2))
    outbox.settle([stored(before), stored(at), stored(after), refused(quarantined)], MORNING)

    assert outbox.send_again_since(MORNING) == 2

    assert pending_numbers(outbox) == [at.device_seq, after.device_seq]
    assert outbox.counts().quarantined == 1


class TestForgetting:
    def test_only_delivered_items_are_forgotten_and_only_old_ones(self, outbox: Outbox) -> None:
        old, quarantined, young, _ = append(outbox, 4)
        outbox.settle([stored(old), refused(quarantined)], MORNING)
        outbox.settle([stored(young)], MORNING + timedelta(days=2))

        assert outbox.forget_done_before(MORNING + timedelta(days=1)) == 1
        assert outbox.forget_done_before(MORNING + timedelta(days=1)) == 0

        assert outbox.counts() == OutboxCounts(pending=1, quarantined=1, last_device_seq=4)

    def test_the_very_moment_is_not_before_itself(self, outbox: Outbox) -> None:
        outbox.settle([stored(item) for item in append(outbox)], MORNING)

        assert outbox.forget_done_before(MORNING) == 0
        assert outbox.forget_done_before(MORNING + timedelta(microseconds=1)) == 1


def test_two_threads_appending_at_once_leave_no_gaps(outbox: Outbox) -> None:
    together = threading.Barrier(2, timeout=10)
    given: list[list[int]] = [[], []]

    def append_many(thread_number: int) -> None:
        together.wait()
        for _ in range(60):
            given[thread_number].append(outbox.append(attempt_numbered).device_seq)

    threads = [threading.Thread(target=append_many, args=(number,), daemon=True) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(given[0] + given[1]) == list(range(1, 121))
    assert all(numbers == sorted(numbers) for numbers in given)
    assert pending_numbers(outbox) == list(range(1, 121))


def test_two_programs_appending_at_once_leave_no_gaps(tmp_path: Path, outbox: Outbox) -> None:
    beside = Outbox(tmp_path / "outbox.db")
    together = threading.Barrier(2, timeout=10)
    failures: list[CourtclockError] = []

    def append_many(program: Outbox) -> None:
        together.wait()
        try:
            append(program, 60)
        except CourtclockError as error:
            failures.append(error)

    threads = [threading.Thread(target=append_many, args=(one,), daemon=True) for one in (outbox, beside)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert failures == []
    assert pending_numbers(outbox) == list(range(1, 121))
    beside.close()


def test_a_second_program_that_reads_along_does_not_disturb_numbering(tmp_path: Path, outbox: Outbox) -> None:
    beside = Outbox(tmp_path / "outbox.db")

    numbers = [one.append(attempt_numbered).device_seq for one in (outbox, beside, beside, outbox)]

    assert numbers == [1, 2, 3, 4]
    beside.close()


def test_the_state_of_an_item_is_one_of_three_words(tmp_path: Path, outbox: Outbox) -> None:
    append(outbox)
    connection = sqlite3.connect(tmp_path / "outbox.db")
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE item SET state = 'dropped'")
    connection.close()
