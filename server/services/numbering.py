"""Proves that nothing got lost: each kiosk numbers its items without gaps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice, pairwise
from typing import Final

from server.services.context import ServerContext

MOST_TOLD: Final = 1000


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers below the highest that arrived which did not arrive themselves; the first ``MOST_TOLD`` of them."""

    kiosk_name: str
    missing: tuple[int, ...]


def find_gaps(context: ServerContext) -> list[Gap]:
    """The gaps of every kiosk that has any; an item still on its way is one until it arrives."""
    gaps = []
    with context.unit(read_only=True) as unit:
        for kiosk in unit.kiosks.sights():
            numbers = unit.items.device_numbers(kiosk.kiosk_id)
            between = (range(before + 1, after) for before, after in pairwise([0, *numbers]))
            missing = tuple(islice(chain.from_iterable(between), MOST_TOLD))
            if missing:
                gaps.append(Gap(kiosk.name, missing))
    return gaps
