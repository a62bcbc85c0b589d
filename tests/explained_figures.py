"""The figures that an English explanation names, read back from its sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_DIFFERENCE: Final = re.compile(
    r"(?P<time>\d\d:\d\d.*?) is (?:the minute of|(?P<minutes>\d+) min (?P<side>after|before)) (?P<due>\d\d:\d\d.*?)"
    r"(?:; grace (?P<grace>\d+) min)?(?:: (?:(?P<fine>on time)|late (?P<late>\d+) min|left (?P<early>\d+) min early)\."
    r"|, but (?:the window is open|.+? lies in its window))"
)
_ALLOWED: Final = re.compile(r"Flexible hours: up to (\d+) min (?:later|earlier) are allowed\.")
_NOTHING_HERE: Final = re.compile(
    r": no clock event from \d\d:\d\d.* to \d\d:\d\d|: no clock event(?: yet;|, and none)"
)
_CAME: Final = re.compile(r"who came (\d+) min (later|earlier)|of the (\d+) min (later|earlier) that somebody came")
_AWAY: Final = re.compile(
    r"From (?P<left>.+?) to (?P<back>.+?) away for (?P<span>\d+) min"
    r"(?:, (?P<covered>\d+) min of them .+?: (?P<rest>\d+) min are left)?; (?P<only>only )?more than (?P<limit>\d+) min"
)
_RANK: Final = re.compile(r"(?P<time>.+?) is kept but not used: (?P<used>.+?) was (?P<side>earlier|later), and")


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """What is said of one clock point.

    Attributes:
        beyond: minutes after the due moment, negative before it; the moments are named in ``time`` and ``due``.
        allowed, grace: minutes that flexible hours and the grace allow.
        held: minutes that the sentence holds against the person, None where the point is still open.
    """

    time: str
    due: str
    beyond: int
    allowed: int
    grace: int | None
    held: int | None


def arithmetic_of(lines: Iterable[str]) -> Arithmetic | None:
    """The one sentence that compares two moments; None where no event met the point."""
    allowed, found = 0, None
    for line in lines:
        if match := _ALLOWED.fullmatch(line):
            allowed = int(match[1])
        elif match := _DIFFERENCE.match(line):
            assert found is None, lines
            beyond = int(match["minutes"] or 0) * (-1 if match["side"] == "before" else 1)
            held = 0 if match["fine"] else int(match["late"] or match["early"] or 0) or None
            grace = None if match["grace"] is None else int(match["grace"])
            found = Arithmetic(match["time"], match["due"], beyond, allowed, grace, held)
    return found


def says_nothing_is_here(lines: Iterable[str]) -> bool:
    """Whether it is said that no clock event at all lies in the window."""
    return any(_NOTHING_HERE.search(line) for line in lines)


def came_minutes(lines: Iterable[str]) -> int | None:
    """By how much the day begins later, negative for earlier, by what flexible hours say."""
    for line in lines:
        if match := _CAME.search(line):
            minutes, side = (match[1], match[2]) if match[1] else (match[3], match[4])
            return int(minutes) if side == "later" else -int(minutes)
    return None


@dataclass(frozen=True, slots=True)
class Away:
    """What is said of one time away; ``rest`` is the span without leave."""

    left: str
    back: str
    span: int
    covered: int
    rest: int
    limit: int
    is_off_post: bool


def times_away(lines: Iterable[str]) -> list[Away]:
    """In the order in which they are told."""
    return [
        Away(
            match["left"],
            match["back"],
            int(match["span"]),
            int(match["covered"] or 0),
            int(match["rest"] or match["span"]),
            int(match["limit"]),
            match["only"] is None,
        )
        for match in map(_AWAY.match, lines)
        if match
    ]


def told_order(line: str) -> tuple[str, str, str] | None:
    """Of a clock event that another one beat: its time, that of the other, and "earlier" or "later"."""
    match = _RANK.match(line)
    return None if match is None else (match["time"], match["used"], match["side"])
