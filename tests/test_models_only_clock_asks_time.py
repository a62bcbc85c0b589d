"""Only ``models.clock`` asks the time; everybody else is given a clock. Read from the code itself."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("models", "enrollment", "kiosk", "server", "demo")
THE_CLOCK = "models/clock.py"
# A file that must ask for itself stands here with the reason. Nobody has one yet.
EXCEPTIONS: Final[dict[str, str]] = {}

ASKING = {"datetime": {"now", "utcnow", "today"}, "date": {"today"}}


def product_files() -> list[Path]:
    return sorted(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))


def asks_the_time(source: str) -> list[str]:
    """What in this code asks the time: an import of ``time``, or a call of a class of ``datetime`` for the present."""
    tree = ast.parse(source)
    # What names in this file stand for the two classes, however they were imported.
    classes = {"datetime": "datetime", "date": "date"}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [f"import {name.name}" for name in node.names if name.name == "time"]
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            found += [f"from time import {name.name}" for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "datetime":
            classes |= {name.asname or name.name: name.name for name in node.names if name.name in ASKING}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            if node.attr in ASKING.get(classes.get(name, ""), ()):
                found.append(f"{name}.{node.attr}")
    return found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import time\ntime.monotonic()", ["import time"]),
        ("import time as t", ["import time"]),
        ("from time import perf_counter", ["from time import perf_counter"]),
        ("from datetime import UTC, datetime\nnow = datetime.now(UTC)", ["datetime.now"]),
        ("from datetime import datetime as dt\ndt.utcnow()", ["dt.utcnow"]),
        ("import datetime\ndatetime.datetime.now()", ["datetime.now"]),
        ("import datetime\ndatetime.date.today()", ["date.today"]),
        ("from datetime import date\ndate.today()", ["date.today"]),
        ("from datetime import datetime\nask = datetime.now", ["datetime.now"]),
        ("clock.now()\nself._host.host_now()\nclock.monotonic()", []),
        ("from datetime import datetime, time\ndatetime.combine(day, time(8, 30), zone)", []),
    ],
)
def test_the_search_finds_every_way_of_asking(source: str, found: list[str]) -> None:
    assert asks_the_time(source) == found


@pytest.mark.parametrize("file", product_files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_this_file_is_given_a_clock(file: Path) -> None:
    name = str(file.relative_to(ROOT))
    if name == THE_CLOCK:
        assert asks_the_time(file.read_text(encoding="utf-8")) != []
    elif name not in EXCEPTIONS:
        assert asks_the_time(file.read_text(encoding="utf-8")) == []


def test_an_exception_names_a_file_that_still_needs_it() -> None:
    unneeded = [name for name in EXCEPTIONS if not asks_the_time((ROOT / name).read_text(encoding="utf-8"))]
    assert unneeded == []
