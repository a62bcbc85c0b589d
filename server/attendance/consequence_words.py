"""What follows from limits and points, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from models.language import N_, Language, translate
from server.attendance.counting import CounterState
from server.attendance.rules import RuleVersion
from server.attendance.wording import joined

_NOTHING: Final = N_("nothing")
_POINTS: Final = N_("{points} points")
_VERSION: Final = N_("“{name}” from {date} on")
_THEN: Final = N_("{first}; {second}")
_AND: Final = N_("{first}, {second}")


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
    return joined(parts, _THEN, language) or translate(_NOTHING, language)


def versions_in_words(versions: Sequence[RuleVersion], language: Language) -> str:
    """Rules by name, each with its first day."""
    parts = [
        translate(_VERSION, language).format(
            name=one.rules.name_zh if language == "zh" else one.rules.name_en, date=one.effective_from
        )
        for one in versions
    ]
    return joined(parts, _AND, language)
