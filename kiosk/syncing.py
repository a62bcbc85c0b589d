"""Delivery: oldest first, every item answered by itself, nothing dropped whatever the server says."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from kiosk.link import ServerLink
from kiosk.outbox import Outbox
from kiosk.recording import Recorder
from kiosk.roster import RosterHolder
from models.clock import Clock
from models.errors import CourtclockError
from models.settings import SyncSettings
from models.wire import ItemBatch, KioskHealth

log = logging.getLogger(__name__)


class Syncer:
    """One thread that delivers items, reports health and fetches galleries.

    Args:
        outbox: what to deliver.
        link: the line to the server; used by this thread only.
        rosters: where a new gallery goes.
        recorder: tells which start of the kiosk this is.
        clock: court time for messages, host time for pauses.
        settings: pauses and sizes.
        make_health: the kiosk's figures right now.
    """

    def __init__(
        self,
        outbox: Outbox,
        link: ServerLink,
        rosters: RosterHolder,
        recorder: Recorder,
        clock: Clock,
        settings: SyncSettings,
        make_health: Callable[[], KioskHealth],
    ) -> None:
        self._outbox = outbox
        self._link = link
        self._rosters = rosters
        self._recorder = recorder
        self._clock = clock
        self._settings = settings
        self._make_health = make_health
        self._wake = threading.Event()
        self._stopping = False
        self._failures = 0
        self._greeted_at: float | None = None
        self._last_error: CourtclockError | None = None
        self._thread = threading.Thread(target=self._run, name="syncing", daemon=True)

    @property
    def last_error(self) -> CourtclockError | None:
        """Why the last delivery failed; None when all is well."""
        return self._last_error

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def wake(self) -> None:
        """There is something new: do not wait for the next look."""
        if self._failures == 0:
            self._wake.set()

    def stop(self, timeout_seconds: float) -> None:
        """End after the delivery under way; what is not delivered waits on disk."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def step(self) -> float:
        """Deliver and greet once; gives the host seconds to wait before the next time.

        A failure is remembered, shown and tried again with growing pauses. It never removes an item.
        """
        may_rest = True
        failure: CourtclockError | None = None
        # A batch that does not go through must not keep a newer gallery away: a withdrawn consent is in it.
        for work in (self._deliver, self._greet_when_due):
            try:
                may_rest = work() and may_rest
            except CourtclockError as error:
                failure = failure or error
                log.warning("delivery failed: %s", error)
                if error.code == "server.unreachable":
                    break
        if failure is not None:
            self._failures += 1
            self._last_error = failure
            pause = self._settings.interval_seconds * 2.0 ** min(self._failures, 10)
            return min(pause, self._settings.max_backoff_seconds)
        self._failures = 0
        self._last_error = None
        return self._settings.interval_seconds if may_rest else 0.0

    def _deliver(self) -> bool:
        """Send one batch; gives whether there is time to rest before the next."""
        pending = self._outbox.oldest_pending(self._settings.batch_items)
        if not pending:
            return True
        batch = ItemBatch(
            sent_at=self._clock.now(),
            sent_monotonic_seconds=self._clock.monotonic(),
            boot_id=self._recorder.boot_id,
            items=[item.body for item in pending],
        )
        answer = self._link.send_items(batch)
        settled = self._outbox.settle(answer.answers, self._clock.now())
        # More may wait behind a full batch; but a server that answers for nothing is not asked without a pause.
        return len(pending) < self._settings.batch_items or settled == 0

    def _greet_when_due(self) -> bool:
        """Send a heartbeat and fetch a newer gallery, if it is time; nothing of it keeps from resting."""
        now = self._clock.host_seconds()
        if self._greeted_at is not None and now - self._greeted_at < self._settings.gallery_seconds:
            return True
        answer = self._link.report_health(self._make_health())
        have = self._rosters.roster.version
        if have != answer.gallery_version:
            self._rosters.take(self._link.fetch_gallery(have))
            log.info("gallery %s is in force", answer.gallery_version)
        self._outbox.forget_done_before(self._clock.now() - timedelta(days=self._settings.keep_done_days))
        self._greeted_at = now
        return True

    def _run(self) -> None:
        while not self._stopping:
            try:
                pause = self.step()
            except Exception:
                # A fault nobody foresaw must not end delivery for good: it is told, and tried again.
                log.exception("delivery failed in a way that was not foreseen")
                self._failures += 1
                self._last_error = CourtclockError("internal", reference="kiosk log")
                pause = self._settings.max_backoff_seconds
            self._wake.wait(pause)
            self._wake.clear()
