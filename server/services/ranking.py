"""Ranks of divisions: by everything that was noted, so that being absent never makes a division better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from models.language import N_, Language, translate
from server.services.period_lines import DivisionLine

RankedBy = Literal["points", "facts", "rate"]
"""``points``: the points left, for equal ones as ``facts``. ``facts``: everything noted for each workday on which work
was expected. ``rate``: late arrivals and early leaves of the judged clock points, as the first bulletins ranked."""

_BASES: Final[dict[RankedBy, str]] = {
    "points": N_(
        "Ranked by the points left; with equal points by how often late arrivals, early leaves, missing clocks, being "
        "off post and half days absent were noted for each workday on which work was expected."
    ),
    "facts": N_(
        "Ranked by how often late arrivals, early leaves, missing clocks, being off post and half days absent were "
        "noted for each workday on which work was expected."
    ),
    "rate": N_("Ranked by the rate of late arrivals and early leaves."),
}


def with_ranks(lines: Sequence[DivisionLine]) -> list[DivisionLine]:
    """The lines with their ranks from 1; equal ones have the same, and the next one leaves as many out.

    People without a division, and divisions of which no work was expected, have none.
    """
    keys = {line.name: key for line in lines if line.name and (key := _key(line)) is not None}
    in_order = sorted(keys.values())
    return [replace(line, rank=1 + in_order.index(keys[line.name])) if line.name in keys else line for line in lines]


def _key(line: DivisionLine) -> tuple[float, float] | None:
    noted = line.noted_per_day
    return None if noted is None else (-(line.score or 0.0), noted)


def basis_in_words(ranked_by: RankedBy | None, language: Language) -> str:
    """What the ranks rest on; empty where there are none."""
    return "" if ranked_by is None else translate(_BASES[ranked_by], language)
