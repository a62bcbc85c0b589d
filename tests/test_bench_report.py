"""A figure of a benchmark says for itself whether its bound holds; what was not measured does not hold."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bench.report import Row, print_rows, write_rows


@pytest.mark.parametrize(
    ("row", "holds", "bound"),
    [
        (Row("a", 4.0, "%"), None, None),
        (Row("a", 4.0, "%", at_most=4.0), True, "at most 4"),
        (Row("a", 4.1, "%", at_most=4.0), False, "at most 4"),
        (Row("a", 5.0, "times", at_least=5.0), True, "at least 5"),
        (Row("a", 4.9, "times", at_least=5.0), False, "at least 5"),
        (Row("a", None, "%", at_most=4.0), False, "at most 4"),
        (Row("a", float("nan"), "%", at_most=4.0), False, "at most 4"),
        (Row("a", None, "%"), None, None),
    ],
)
def test_a_bound_holds_or_it_does_not(row: Row, holds: bool | None, bound: str | None) -> None:
    assert (row.holds, row.bound) == (holds, bound)


def test_the_file_is_a_list_of_figures_with_their_peers_and_bounds(tmp_path: Path) -> None:
    path = tmp_path / "bench" / "faces.json"
    write_rows(path, [Row("frames", 34.5, "frames/s", 5.8, at_least=5.0, note="in turns"), Row("misses", None, "%")])
    first, second = json.loads(path.read_text(encoding="utf-8"))
    assert first == {
        "name": "frames",
        "value": 34.5,
        "unit": "frames/s",
        "peer": 5.8,
        "bound": "at least 5",
        "holds": True,
        "note": "in turns",
    }
    assert (second["value"], second["peer"], second["bound"], second["holds"]) == (None, None, None, None)


def test_the_table_says_what_does_not_hold_and_what_was_not_measured() -> None:
    console = Console(width=160, record=True, file=io.StringIO())
    print_rows("Recognition", [Row("misses", 9.0, "%", at_most=4.0), Row("attacks", None, "%")], console)
    text = console.export_text()
    assert "NO" in text
    assert "not measured" in text
