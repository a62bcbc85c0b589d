"""One line of a benchmark: a figure, its peer's, and the bound that it must keep."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure.

    Attributes:
        name: what was measured, of whom.
        value: the figure; None where it could not be measured, with the reason in ``note``.
        unit: of value and peer.
        peer: the same figure of whatever it is compared with, measured in the same run.
        at_most, at_least: the bound that must hold; both None where none is promised.
        note: what one must know to read it.
    """

    name: str
    value: float | None
    unit: str
    peer: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the bound is kept; None without one. What was not measured does not hold."""
        if self.at_most is None and self.at_least is None:
            return None
        if self.value is None:
            return False
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )

    @property
    def bound(self) -> str | None:
        """The bound in words."""
        if self.at_most is not None:
            return f"at most {self.at_most:g}"
        return None if self.at_least is None else f"at least {self.at_least:g}"

    def as_json(self) -> dict[str, Any]:
        """As it stands in the JSON file."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "peer": self.peer,
            "bound": self.bound,
            "holds": self.holds,
            "note": self.note,
        }


def print_rows(title: str, rows: Sequence[Row], console: Console) -> None:
    """The rows as a table."""
    table = Table(title=title, title_justify="left")
    table.add_column("figure")
    for heading in ("value", "peer"):
        table.add_column(heading, justify="right")
    for heading in ("unit", "bound", "holds", "note"):
        table.add_column(heading)
    for row in rows:
        held = {None: "", True: "yes", False: "NO"}[row.holds]
        style = "bold red" if row.holds is False else None
        table.add_row(
            row.name, _shown(row.value), _shown(row.peer, ""), row.unit, row.bound or "", held, row.note, style=style
        )
    console.print(table)


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """All rows of a run, as a JSON list."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([row.as_json() for row in rows], indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _shown(value: float | None, nothing: str = "not measured") -> str:
    if value is None:
        return nothing
    return f"{value:.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.4g}"
