"""``python -m bench PART``: measures, prints, writes ``var/bench/PART.json``; exits 1 where a bound does not hold."""

from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.attendance import measure_attendance
from bench.report import Row, write_rows

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
_ROOT = Path(__file__).parent.parent
_DATA = _ROOT.parent / "shared" / "data" / "faces"


@app.command()
def run(
    part: Annotated[str, typer.Argument(help="faces or attendance")],
    data: Annotated[Path | None, typer.Option(help="Photographs: a folder a person, and manifest.csv.")] = None,
    config: Annotated[Path, typer.Option(help="Settings that are measured.")] = _ROOT / "config.yaml",
    out: Annotated[Path, typer.Option(help="Folder of the JSON file.")] = _ROOT / "var" / "bench",
) -> None:
    """Measure one part of the product beside its peers."""
    logging.basicConfig(level=logging.WARNING)
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False, soft_wrap=False)
    if part not in ("faces", "attendance"):
        raise typer.BadParameter("faces or attendance", param_hint="PART")
    rows = measure_attendance(config, console) if part == "attendance" else _measure_faces(data, config, console)
    write_rows(out / f"{part}.json", rows)
    console.print(f"written: {out / part}.json")
    failed = [row for row in rows if row.holds is False]
    for row in failed:
        console.print(f"does not hold: {row.name}: {row.value} {row.unit}, {row.bound}", style="bold red")
    if failed:
        raise typer.Exit(1)


def _measure_faces(data: Path | None, config: Path, console: Console) -> list[Row]:
    with warnings.catch_warnings():
        # face_recognition's models ask for their files through pkg_resources, which warns of its own end.
        warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)
        from bench.faces import measure_faces

        try:
            return measure_faces(data or _DATA, config, console)
        except FileNotFoundError as error:
            console.print(str(error), style="red")
            raise typer.Exit(2) from error


if __name__ == "__main__":
    app()
