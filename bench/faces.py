"""``make bench PART=faces``: everything that is claimed of recognition, measured in one run."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from bench.encodings import Encoded, encode_all
from bench.liveness import measure_liveness
from bench.matching import measure_matching
from bench.memory import measure_memory
from bench.photographs import read_manifest
from bench.quality import measure_quality
from bench.recognition import line_up, measure_recognition
from bench.report import Row, print_rows
from bench.speed import measure_speed
from bench.strangers import measure_encounters, policy_without_liveness
from kiosk.roster import empty_roster
from kiosk.thresholds import thresholds_in_force
from models.faces.names import SFACE_MODEL
from models.settings import load_settings


def measure_faces(data: Path, config: Path, console: Console) -> list[Row]:
    """All parts, one after the other, each printed as soon as it is there.

    Raises:
        FileNotFoundError: there are no photographs, with how to get them.
    """
    photographs = read_manifest(data)
    settings = load_settings(config)
    rows: list[Row] = []

    def add(title: str, found: list[Row]) -> None:
        print_rows(title, found, console)
        rows.extend(found)

    add("Matching", measure_matching())
    add("Speed", measure_speed(photographs, settings))
    add("Memory", measure_memory(photographs, config))
    encoded: list[Encoded] = []
    columns = ("encoding", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("encoding", total=len(photographs))
        for one in encode_all(photographs, config):
            encoded.append(one)
            progress.advance(bar)
    point = settings.faces.operating_point()
    add("Recognition", measure_recognition(line_up(encoded), encoded, point))
    policy = policy_without_liveness(settings, thresholds_in_force(empty_roster(SFACE_MODEL), point))
    add("Encounters", measure_encounters(encoded, policy))
    add("Enrollment", measure_quality(photographs, config))
    add("Liveness", measure_liveness(data))
    return rows
