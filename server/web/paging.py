"""Many people on pages of a hundred; for printing all of them on one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from models.errors import CourtclockError

PEOPLE_A_PAGE: Final = 100
_One = TypeVar("_One")


@dataclass(frozen=True, slots=True)
class Shown(Generic[_One]):
    """One page of a list.

    Attributes:
        items: on this page.
        first, last: places of them in the whole list, from 1; the last is 0 where there is none.
        count: of the whole list.
    """

    items: tuple[_One, ...]
    page: int
    last_page: int
    first: int
    last: int
    count: int


def page_of(items: Sequence[_One], asked: Mapping[str, str]) -> Shown[_One]:
    """The page that ``?page=`` asks for, or all of them for ``?all=1``.

    Raises:
        CourtclockError: ``page.not_found`` where there is no such page.
    """
    a_page = max(1, len(items)) if asked.get("all") == "1" else PEOPLE_A_PAGE
    last_page = max(1, -(-len(items) // a_page))
    text = asked.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= last_page):
        raise CourtclockError("page.not_found")
    start = (int(text) - 1) * a_page
    shown = tuple(items[start : start + a_page])
    return Shown(shown, int(text), last_page, start + 1, start + len(shown), len(items))
