"""Whatever happens to the outbox, in whatever order: it holds what a plain list would hold."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kiosk.outbox import Outbox
from models.wire import AttemptItem, ItemAnswer
from tests.kiosk_fakes import MORNING, attempt_numbered


class Interruption(Exception):
    """Something that happens in the middle of an append."""


class OutboxMachine(RuleBasedStateMachine):
    """The outbox beside its model: a state by device number."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "outbox.db"
        self.outbox = Outbox(self.path)
        self.now: datetime = MORNING
        self.state_of: dict[int, str] = {}
        self.items: dict[int, AttemptItem] = {}
        self.done_at: dict[int, datetime] = {}
        self.forgotten: set[int] = set()

    def _numbers(self, state: str) -> list[int]:
        return [number for number, found in self.state_of.items() if found == state]

    @rule()
    def append(self) -> None:
        item = self.outbox.append(attempt_numbered)
        assert item.device_seq == len(self.state_of) + 1
        self.state_of[item.device_seq] = "pending"
        self.items[item.device_seq] = item

    @rule()
    def fail_to_append(self) -> None:
        def interrupted(device_seq: int) -> AttemptItem:
            raise Interruption

        try:
            self.outbox.append(interrupted)
        except Interruption:
            return
        raise AssertionError("an append that was interrupted went through")

    @precondition(lambda self: self.state_of)
    @rule(data=st.data(), result=st.sampled_from(["stored", "already_had", "refused"]))
    def settle(self, data: st.DataObject, result: str) -> None:
        number = data.draw(st.sampled_from(sorted(self.state_of)))
        answer = ItemAnswer.model_validate({"item_id": str(self.items[number].item_id), "result": result, "code": "x"})
        settled = self.outbox.settle([answer], self.now)
        assert settled == (1 if self.state_of[number] == "pending" else 0)
        if settled:
            self.state_of[number] = "quarantined" if result == "refused" else "done"
            self.done_at[number] = self.now

    @rule()
    def retry(self) -> None:
        refused = self._numbers("quarantined")
        assert self.outbox.retry_quarantined() == len(refused)
        for number in refused:
            self.state_of[number] = "pending"

    @rule()
    def forget(self) -> None:
        before = self.now - timedelta(hours=1)
        old = {
            number for number in self._numbers("done") if self.done_at[number] < before and number not in self.forgotten
        }
        assert self.outbox.forget_done_before(before) == len(old)
        self.forgotten |= old

    @rule(minutes=st.integers(1, 90))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def crash_and_open_again(self) -> None:
        # The old connection is left as a dead process leaves it: not closed, nothing checkpointed.
        self.left_behind = self.outbox
        self.outbox = Outbox(self.path)

    @rule()
    def end_and_open_again(self) -> None:
        self.outbox.close()
        self.outbox = Outbox(self.path)

    @invariant()
    def nothing_is_lost_and_no_number_is_missing(self) -> None:
        pending, quarantined = self._numbers("pending"), self._numbers("quarantined")
        assert [item.body["device_seq"] for item in self.outbox.oldest_pending(10_000)] == sorted(pending)
        assert [row[0] for row in self.outbox.quarantined()] == sorted(quarantined)
        counts = self.outbox.counts()
        assert (counts.pending, counts.quarantined) == (len(pending), len(quarantined))
        assert counts.last_device_seq == len(self.state_of)
        assert len(pending) + len(quarantined) + len(self._numbers("done")) == len(self.state_of)
        assert sorted(self.state_of) == list(range(1, len(self.state_of) + 1))

    def teardown(self) -> None:
        if hasattr(self, "outbox"):
            self.outbox.close()
            self.folder.cleanup()


TestOutboxAgainstItsModel = OutboxMachine.TestCase
TestOutboxAgainstItsModel.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
