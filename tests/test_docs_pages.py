"""Every page of the documentation: its links lead somewhere, its paths exist, and it names no machine of ours."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import pytest

ROOT: Final = Path(__file__).parent.parent
DOCS: Final = ROOT / "docs"
PAGES: Final = sorted(DOCS.glob("*.md"))
_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
_ROOM_FILE: Final = re.compile(
    r"`((?:models|enrollment|kiosk|server|demo|tests|requirements)/[\w./-]+\.(?:py|in|txt|html|css|js|po))`"
)
_FOREIGN: Final = re.compile(
    r"/(?:work|tmp|root|home)/|pypi\.org|pythonhosted|/simple\b|--index-url|--extra-index-url|mirrors?\.\w+\.", re.I
)


def page(name: str) -> str:
    """The text of one page in docs/."""
    return (DOCS / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading, down to the next heading of the same or a higher level."""
    level = len(heading) - len(heading.lstrip("#"))
    start = text.index(f"{heading}\n") + len(heading)
    end = re.search(rf"^#{{1,{level}}} ", text[start:], re.MULTILINE)
    return text[start:] if end is None else text[start : start + end.start()]


def table_rows(text: str) -> list[list[str]]:
    """The cells of every table row whose first cell is in backticks; a backslash before a bar keeps it in its cell."""
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def heading_anchors(text: str) -> set[str]:
    """What a link behind # may name."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", [*PAGES, ROOT / "README.md"], ids=lambda path: path.name)
def test_every_relative_link_leads_to_a_file_and_to_a_heading_in_it(path: Path) -> None:
    for target in _LINK.findall(path.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        file_name, _, anchor = unquote(target).partition("#")
        linked = path if not file_name else path.parent / file_name
        assert linked.is_file(), f"{target} is not there"
        if anchor:
            assert anchor in heading_anchors(linked.read_text(encoding="utf-8")), f"{target} names no heading"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_file_of_the_rooms_that_a_page_names_exists(path: Path) -> None:
    for name in _ROOM_FILE.findall(path.read_text(encoding="utf-8")):
        assert (ROOT / name).is_file(), f"{name} is not there"


@pytest.mark.parametrize("path", [*PAGES, ROOT / "README.md"], ids=lambda path: path.name)
def test_no_page_names_a_machine_of_ours_or_an_address_of_a_package_index(path: Path) -> None:
    found = _FOREIGN.search(path.read_text(encoding="utf-8"))
    assert found is None, f"{found.group()!r} does not belong into a page" if found else ""


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_page_can_be_reached_by_links_from_the_readme(path: Path) -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        here = waiting.pop()
        for target in _LINK.findall(here.read_text(encoding="utf-8")):
            linked = (here.parent / target.partition("#")[0]).resolve()
            if linked.suffix == ".md" and linked.is_file() and linked not in reached:
                reached.add(linked)
                waiting.append(linked)
    assert path.resolve() in reached
