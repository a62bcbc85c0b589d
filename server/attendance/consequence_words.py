"""What follows from limits and points, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from models.language import N_, Language, translate
from server.attendance.counting import CounterState
from server.attendance.rules import RuleVersion
from server.attendance.wording import AND, THEN, joined

_NOTHING: Final = N_("nothing")
_POINTS: Final = N_("{points} points")
_COUNTED: Final = N_("{period}: {times} of {limit}, {left} left before the limit")
_REACHED: Final = N_("{period}: {times} of {limit}, the limit is reached")
_LIMIT: Final = N_("{name} — {state}")
_MONTH_COSTS: Final = N_("The month costs {points} points.")
_FORGIVEN: Final = N_(
    "{count} of the month's late arrivals and early leaves are short enough to be forgiven by the rules: they are not "
    "counted in points and limits."
)
_VERSION: Final = N_("“{name}” from {date} on")


def consequences_in_words(reached: Sequence[CounterState], points: float | None, language: Language) -> str:
    """What the reached limits say, and the points that somebody loses.

    Args:
        reached: limits that are reached.
        points: None where the rules give none.
        language: of the reader.
    """
    parts = [one.counter.name_zh if language == "zh" else one.counter.name_en for one in reached]
    if points:
        parts.append(translate(_POINTS, language).format(points=f"{points:g}"))
    return joined(parts, THEN, language) or translate(_NOTHING, language)


def versions_in_words(versions: Sequence[RuleVersion], language: Language) -> str:
    """Rules by name, each with its first day."""
    parts = [
        translate(_VERSION, language).format(
            name=one.rules.name_zh if language == "zh" else one.rules.name_en, date=one.effective_from
        )
        for one in versions
    ]
    return joined(parts, AND, language)


def state_in_words(state: CounterState, language: Language) -> str:
    """How many are left before a limit."""
    return translate(_REACHED if state.reached else _COUNTED, language).format(
        period=state.period, times=state.times, limit=state.counter.limit, left=state.left
    )


def limit_in_words(state: CounterState, language: Language) -> str:
    """What follows when a limit is reached, and how many are left before it."""
    name = state.counter.name_zh if language == "zh" else state.counter.name_en
    return translate(_LIMIT, language).format(name=name, state=state_in_words(state, language))


def month_costs_in_words(points: float | None, language: Language) -> str:
    """What the month costs; empty where the rules give no points."""
    return "" if points is None else translate(_MONTH_COSTS, language).format(points=f"{points:g}")


def forgiven_in_words(count: int, language: Language) -> str:
    """Why points and limits count less than there was; empty where they count all of it."""
    return translate(_FORGIVEN, language).format(count=count) if count else ""
