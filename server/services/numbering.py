"""Proves that nothing got lost: each kiosk numbers its items without gaps."""

from __future__ import annotations

from dataclasses import dataclass

from server.services.context import ServerContext


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers below the highest that arrived which did not arrive themselves."""

    kiosk_name: str
    missing: tuple[int, ...]


def find_gaps(context: ServerContext) -> list[Gap]:
    """The gaps of every kiosk that has any; an item still on its way is one until it arrives."""
    gaps = []
    with context.unit(read_only=True) as unit:
        for kiosk in unit.kiosks.sights():
            numbers = unit.items.device_numbers(kiosk.kiosk_id)
            missing = sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers))
            if missing:
                gaps.append(Gap(kiosk.name, tuple(missing)))
    return gaps
