"""The demonstration's one verb."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from demo.director import Director
from models.errors import CourtclockError
from models.language import choose_language

VAR = Path("var") / "demo"


def main(
    once: Annotated[bool, typer.Option(help="End after the report.")] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the server.")] = 8080,
    kiosk_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the kiosk's page.")] = 8090,
    language: Annotated[str, typer.Option(help="zh or en; the terminal's own if left out.")] = "",
    history: Annotated[
        bool, typer.Option("--history/--no-history", help="Three months of an invented past first, for the trend.")
    ] = False,
    folder: Annotated[Path, typer.Option(help="Made anew at each start.")] = VAR,
) -> None:
    """A court with real people on its camera lets a working day pass."""
    shown = choose_language(language or os.environ.get("LANG"), "en")

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    director = Director(folder.resolve(), port, kiosk_port, shown, Console(soft_wrap=True, highlight=False), history)
    try:
        director.play(once)
    except KeyboardInterrupt:
        sys.exit(0 if not once else 130)
    except CourtclockError as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(error.sentence(shown), style="red", markup=False)
        sys.exit(1)
