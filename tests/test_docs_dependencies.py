"""docs/dependencies.md has every direct dependency with its pinned version, licence and newest release."""

from __future__ import annotations

import re
from typing import Final

import pytest

from tests.test_docs_pages import ROOT, page, section, table_rows

PAGE: Final = page("dependencies.md")
SECTIONS: Final = {
    "run": "## What the programs need",
    "test": "## What the tests and checks need",
    "bench": "## What the benchmarks need",
    "photos": "## What the demonstration takes photographs from",
}


def _direct(name: str) -> list[str]:
    """The packages that a requirements/*.in names, in its order."""
    lines = (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8").splitlines()
    return [match.group() for line in lines if (match := re.match(r"[A-Za-z0-9][\w.-]*", line))]


def _locked(name: str) -> dict[str, str]:
    """Versions in a requirements/*.txt, by lower-case name."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return {package.lower(): version for package, version in re.findall(r"^([\w.-]+)==([^ \\]+)", text, re.MULTILINE)}


@pytest.mark.parametrize("name", SECTIONS)
def test_every_direct_dependency_stands_there_in_the_order_of_its_file(name: str) -> None:
    rows = table_rows(section(PAGE, SECTIONS[name]))
    assert [row[0].strip("`") for row in rows] == _direct(name)


@pytest.mark.parametrize("name", SECTIONS)
def test_the_version_told_is_the_one_that_is_locked(name: str) -> None:
    locked = _locked(name)
    for package, version, *_ in table_rows(section(PAGE, SECTIONS[name])):
        assert version == locked[package.strip("`").lower()], package


@pytest.mark.parametrize("name", SECTIONS)
def test_every_row_says_what_for_what_else_the_licence_and_the_month_of_the_newest_release(name: str) -> None:
    for package, _, what_for, instead, licence, newest in table_rows(section(PAGE, SECTIONS[name])):
        assert what_for, package
        assert instead, package
        assert licence, package
        assert re.fullmatch(r"[\w.]+, 20\d\d-(0[1-9]|1[0-2])", newest), package
