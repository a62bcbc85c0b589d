"""The verb ``operating-point``: computes or looks up the site's operating point and prints it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from models.faces.comparing_all import Probe
from models.faces.comparing_all import Progress as Tell
from models.faces.operating_points import Calibration
from models.language import N_, Language, translate
from server.services.context import ServerContext
from server.services.devices import model_in_use
from server.services.operating import compute, compute_and_store, current
from server.services.operating_report import Figure, OperatingReport, operating_report
from server.services.probing import SkippedProbe, open_probe_folder, read_probes
from server.services.stored_point import StoredPoint, calibration_json
from server.storage.records import PersonRecord

# No markup: a name is a name, whatever brackets are in it.
out = Console(soft_wrap=True, highlight=False, markup=False)
err = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)


def run_operating_point(
    context: ServerContext,
    language: Language,
    *,
    store: bool,
    probes: Path | None,
    wanted_fpir: float | None,
    as_json: bool,
) -> None:
    """Compute or look up, then print.

    Args:
        context: the server's parts.
        language: of the report.
        store: compute it and put what is found in force.
        probes: folder of pictures that were not enrolled.
        wanted_fpir: another one than the settings', to be shown only.
        as_json: for programs.

    Raises:
        CourtclockError: ``probes.unreadable``, ``probes.empty``, those of the engine, ``seal.broken``.
    """
    # The bar is for a terminal; nothing of it stands in a log.
    with Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
        found, skipped = ([], []) if probes is None else _read(context, probes, bar, language)
        calibration, point = _find(context, bar, found, store, wanted_fpir, language)
    for one in skipped:
        err.print(f"{one.name}: {one.sentence(language)}", style="yellow")
    people = _people(context)
    if as_json:
        sys.stdout.write(json.dumps(_as_json(calibration, point, people), ensure_ascii=False, indent=1) + "\n")
    elif calibration is None:
        out.print(translate(N_("No operating point has been computed yet: the settings' careful one holds."), language))
    else:
        _print(operating_report(calibration, people, context.settings.faces, language), calibration, point, language)


def _read(
    context: ServerContext, path: Path, bar: Progress, language: Language
) -> tuple[list[Probe], list[SkippedProbe]]:
    # Here, not above: only probes need the face models.
    from models.faces.engine import open_engine

    with context.unit(read_only=True) as unit:
        with_face = {one.person_id for one in unit.people.templates(model_in_use(context))}
        enrolled = {one.employee_no: one.person_id for one in unit.people.active() if one.person_id in with_face}
    folder = open_probe_folder(path, enrolled)
    faces = context.settings.faces
    task = bar.add_task(translate(N_("Reading probes"), language), total=None)
    return read_probes(folder, open_engine(faces), faces.enrollment_quality, _telling(bar, task))


def _find(
    context: ServerContext,
    bar: Progress,
    probes: list[Probe],
    store: bool,
    wanted_fpir: float | None,
    language: Language,
) -> tuple[Calibration | None, StoredPoint | None]:
    """What is to be shown, and the stored operating point that it is; None for one that is only shown."""
    if not store and wanted_fpir is None and not probes:
        point = current(context)
        return (None, None) if point is None else (point.calibration, point)
    tell = _telling(bar, bar.add_task(translate(N_("Comparing everybody"), language), total=None))
    if store:
        point = compute_and_store(context, probes, tell)
        return point.calibration, point
    return compute(context, probes, wanted_fpir, tell), None


def _telling(bar: Progress, task: TaskID) -> Tell:
    """Moves a progress bar."""

    def tell(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)

    return tell


def _people(context: ServerContext) -> dict[UUID, PersonRecord]:
    with context.unit(read_only=True) as unit:
        return {person.person_id: person for person in unit.people.active()}


def _as_json(
    calibration: Calibration | None, point: StoredPoint | None, people: dict[UUID, PersonRecord]
) -> dict[str, object]:
    named: set[UUID] = set()
    if calibration is not None:
        named |= {person for pair in calibration.look_alikes for person in (pair.person_id, pair.other_person_id)}
        named |= {person for own in calibration.own_thresholds for person in (own.person_id, own.nearest_person_id)}
    return {
        "version": None if point is None else point.version,
        "computed_at": None if point is None else point.computed_at.isoformat(),
        "gallery_version": None if point is None else point.gallery_version,
        "model_id": None if point is None else point.model_id,
        "inputs_digest": None if point is None else point.inputs_digest,
        "calibration": None if calibration is None else calibration_json(calibration),
        "people": {
            str(person_id): {"employee_no": people[person_id].employee_no, "name": people[person_id].name}
            for person_id in sorted(named)
            if person_id in people
        },
    }


def _print(report: OperatingReport, calibration: Calibration, point: StoredPoint | None, language: Language) -> None:
    def words(sentence: str, **values: object) -> str:
        return translate(sentence, language).format(**values)

    out.print(words(N_("Operating point")), style="bold")
    out.print(
        words(
            N_("{people} people, {templates} templates, {searches} searches."),
            people=calibration.people,
            templates=calibration.templates,
            searches=calibration.searches,
        )
    )
    if point is None:
        out.print(words(N_("Computed for this report; not put in force.")))
    else:
        out.print(words(N_("Version {version}, in force."), version=point.version))
    for sentence in report.found:
        out.print(sentence)
    _print_figures("", report.figures)
    _print_figures(words(N_("Expected wrong clock events a year")), report.wrong_events)
    out.print(words(N_("Look-alikes")), style="bold")
    if not report.look_alikes:
        out.print(words(N_("Nobody is nearer to somebody else than threshold and margin together.")))
    for pair in report.look_alikes:
        out.print(f"{pair.distance}  {pair.first} — {pair.second}")
    if report.look_alikes_left_out:
        out.print(words(N_("… and {more} pairs more."), more=report.look_alikes_left_out))
    if report.own:
        out.print(words(N_("Own thresholds")), style="bold")
    for own in report.own:
        out.print(f"{own.distance}  {own.person}: {own.consequence} ({own.because_of})")
    out.print(words(N_("What this rests on")), style="bold")
    for sentence in report.assumptions:
        out.print(f"- {sentence}")


def _print_figures(title: str, figures: tuple[Figure, ...]) -> None:
    table = Table(show_header=False, title=title or None, title_justify="left")
    for figure in figures:
        table.add_row(figure.label, figure.value, figure.behind)
    out.print(table)
