"""Whether the server's clock is believed: it may not go on further than time has passed, unless somebody else agrees.

A clock that is ahead, even for a moment, would have everything published that is due by then, with everybody absent.
So jobs go by a time of their own: while the clock is ahead of what has passed since they last looked, by that.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from models.clock import Clock
from server.jobs.too_early import TOLERANCE
from server.services.context import ServerContext
from server.storage.records import KioskSight
from server.storage.standing import ServerClock

log = logging.getLogger(__name__)

LONG_DOWNTIME: Final = timedelta(hours=1)
"""After a longer one, kiosks are asked before what was missed is made up for."""
WITNESS_WAIT_SECONDS: Final = 120.0
"""So long, while no kiosk has been heard; heartbeats come every few seconds."""
LONGEST_DOWNTIME: Final = timedelta(days=30)
"""A longer one is not believed without a kiosk or HR: it looks like a clock whose battery is empty."""
WRITTEN_EVERY_SECONDS: Final = 30.0
_NOTHING: Final = timedelta(0)


class BehindClock:
    """A clock whose court time is behind another one's by an amount that stays the same."""

    def __init__(self, clock: Clock, behind: timedelta) -> None:
        self._clock = clock
        self._behind = behind

    def now(self) -> datetime:
        return self._clock.now() - self._behind

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def host_now(self) -> datetime:
        return self._clock.host_now()

    def host_seconds(self) -> float:
        return self._clock.host_seconds()

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)


def behind(context: ServerContext, ahead: timedelta) -> ServerContext:
    """The same parts by a clock that is behind the machine's by so much."""
    return replace(context, clock=BehindClock(context.clock, ahead)) if ahead else context


@dataclass(frozen=True, slots=True)
class Watched:
    """What a look at the clock has found.

    Attributes:
        wall_at: what it showed.
        monotonic_seconds: at the same moment.
        ahead: how far it is ahead of the time that jobs go by; 0 while it is believed.
        noticed_at: what it showed when that was noticed; kiosks heard since then may say something.
        until_seconds: monotonic; silence until then makes it believed. None when silence never does.
    """

    wall_at: datetime
    monotonic_seconds: float
    ahead: timedelta = _NOTHING
    noticed_at: datetime | None = None
    until_seconds: float | None = None

    @property
    def believed_at(self) -> datetime:
        """The time that jobs go by."""
        return self.wall_at - self.ahead


def first_look(wall_at: datetime, seconds: float, stored: ServerClock | None, kiosks: bool) -> Watched:
    """What a server that has just started makes of its clock.

    Args:
        wall_at: what the clock shows.
        seconds: monotonic.
        stored: what the server before wrote down.
        kiosks: whether there are any that may be heard.
    """
    found = Watched(wall_at, seconds)
    if stored is None:
        return found
    ahead = timedelta(seconds=stored.ahead_seconds)
    if ahead and stored.noticed_at is not None and wall_at - ahead >= stored.believed_at - TOLERANCE:
        # It is not believed, and was not set right meanwhile.
        return replace(found, ahead=ahead, noticed_at=wall_at)
    gap = wall_at - stored.believed_at
    if gap > LONGEST_DOWNTIME:
        return replace(found, ahead=gap, noticed_at=wall_at)
    if gap > LONG_DOWNTIME and kiosks:
        return replace(found, ahead=gap, noticed_at=wall_at, until_seconds=seconds + WITNESS_WAIT_SECONDS)
    return found


def next_look(last: Watched, wall_at: datetime, seconds: float) -> Watched:
    """As the look before, with what the clock did since then beyond the time that has passed."""
    drift = wall_at - last.wall_at - timedelta(seconds=seconds - last.monotonic_seconds)
    now = replace(last, wall_at=wall_at, monotonic_seconds=seconds)
    if abs(drift) <= TOLERANCE:
        return now
    ahead = last.ahead + drift
    if ahead <= TOLERANCE:
        return Watched(wall_at, seconds)
    return replace(now, ahead=ahead, noticed_at=wall_at, until_seconds=None)


def believed_after_all(found: Watched, sights: Collection[KioskSight], stored: ServerClock | None) -> bool:
    """Whether a clock that was ahead is believed: more kiosks agree than not, HR said so, or nobody says anything."""
    if found.noticed_at is None:
        return True
    if stored is not None and stored.confirmed_at is not None and stored.confirmed_at >= found.noticed_at:
        return True
    offsets = [
        one.clock_offset_seconds
        for one in sights
        if one.revoked_at is None and one.seen_at is not None and one.seen_at >= found.noticed_at
    ]
    agree = sum(offset is not None and abs(offset) <= TOLERANCE.total_seconds() for offset in offsets)
    if offsets:
        return agree > len(offsets) - agree
    return found.until_seconds is not None and found.monotonic_seconds >= found.until_seconds


class ClockWatch:
    """Looks at the clock for one process, and writes down what it makes of it.

    Args:
        context: with the machine's clock.
    """

    def __init__(self, context: ServerContext) -> None:
        self._context = context
        self._last: Watched | None = None
        self._written: tuple[timedelta, float] | None = None

    def look(self) -> timedelta:
        """How far the clock is ahead of the time that jobs should go by; 0 while it is believed."""
        clock = self._context.clock
        wall_at, seconds = clock.now(), clock.monotonic()
        sights: Collection[KioskSight] = ()
        stored: ServerClock | None = None
        last = self._last
        if last is None or last.ahead or self._last_is_off(last, wall_at, seconds):
            with self._context.unit(read_only=True) as unit:
                sights, stored = unit.kiosks.sights(), unit.standing.clock()
        if last is None:
            heard = any(one.revoked_at is None and one.seen_at is not None for one in sights)
            found = first_look(wall_at, seconds, stored, heard)
        else:
            found = next_look(last, wall_at, seconds)
        if found.ahead and believed_after_all(found, sights, stored):
            log.warning("the clock is believed again, after it was %s ahead", found.ahead)
            found = Watched(wall_at, seconds)
        elif found.ahead and (last is None or found.ahead != last.ahead):
            log.warning("the clock is not believed: it is %s ahead of %s", found.ahead, found.believed_at)
        self._last = found
        self._write(found)
        return found.ahead

    @staticmethod
    def _last_is_off(last: Watched, wall_at: datetime, seconds: float) -> bool:
        return next_look(last, wall_at, seconds).ahead > _NOTHING

    def _write(self, found: Watched) -> None:
        """Write it down where it changed, and now and then: where the next server begins."""
        host_seconds = self._context.clock.host_seconds()
        if self._written is not None:
            ahead, written_at = self._written
            if ahead == found.ahead and host_seconds - written_at < WRITTEN_EVERY_SECONDS:
                return
        with self._context.unit() as unit:
            unit.standing.put_clock(found.believed_at, found.ahead.total_seconds(), found.noticed_at)
            unit.commit()
        self._written = found.ahead, host_seconds
