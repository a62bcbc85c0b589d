"""What attendance costs: deriving a month, one late event, the bulletin's page, and taking events in."""

from __future__ import annotations

import gc
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from sqlalchemy import Engine, delete, insert
from sqlalchemy.dialects import postgresql, sqlite

from bench.attendance_court import AFTER, MONTH, MadeCourt, event_row, make_court
from bench.attendance_month import LAST_DAY
from bench.report import Row, print_rows
from models.identifiers import uuid7_at
from models.wire import MAX_BATCH_ITEMS, ClockEventItem, Evidence, ItemBatch
from server.app import create_app
from server.services.accounts import add_account
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.ingesting import ingest
from server.services.periods import publish_month
from server.services.signing_in import sign_in
from server.storage.records import KioskRecord
from server.storage.tables import clock_event, touched_workday
from server.storage.workdays import sums_query
from server.web.access import session_cookie
from tests.postgresql import find_programs, running_postgresql

_PEOPLE: Final = 10_000
_FEWER_PEOPLE: Final = 1_000
_LATE_EVENTS: Final = 200
_PAGES: Final = 9
_BATCHES: Final = 40
_REPEATS: Final = 3
_MANY_REPEATS: Final = 2
_INGEST_REPEATS: Final = 6
_PASSWORD: Final = "a password of the benchmark"  # noqa: S105 - of a database that is thrown away


def measure_attendance(config: Path, console: Console) -> list[Row]:
    """Every figure of the attendance part, each beside its peer of the same run.

    Args:
        config: the shipped config.yaml.
        console: where tables and progress go.
    """
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _made(folder / "fewer", config, _FEWER_PEOPLE, console)
        court = _made(folder / "court", config, _PEOPLE, console)
        few, many = _derive_in_turn(folder / "fewer", folder / "court")
        month = _measured(folder / "court", court, min(many, key=_processor_seconds))
        rows += _derivation_rows(month, _cost_of_a_workday(many) / _cost_of_a_workday(few))
        rows += [_late_event_row(court), _page_row(court)]
        print_rows("attendance: deriving", rows, console)
        taken = _ingest_rows("SQLite", folder / "ingest", config, None)
        if find_programs() is None:
            taken.append(Row("PostgreSQL: taking events in", None, "times", at_least=0.5, note="PostgreSQL is missing"))
        else:
            with running_postgresql() as server:
                server.create("bench")
                taken += _ingest_rows("PostgreSQL", folder / "ingest-pg", config, server.url("bench"))
        print_rows("attendance: taking events in", taken, console)
    return rows + taken


@dataclass(frozen=True, slots=True)
class _Step:
    """One step, of several runs the quickest."""

    count: int
    processor_seconds: float
    wall_seconds: float
    highest_mb: float


@dataclass(frozen=True, slots=True)
class _Month:
    """The month of one court."""

    people: int
    events: int
    read: _Step
    read_needed: _Step
    derived: _Step
    derived_at_once: _Step
    recomputed: _Step


def _made(folder: Path, config: Path, people: int, console: Console) -> MadeCourt:
    console.print(f"a court of {people:,} people is made …")
    return make_court(folder, config, people)


def _derive_in_turn(fewer: Path, court: Path) -> tuple[list[_Step], list[_Step]]:
    """Derive the month of both courts, in turn: a machine that grows slower meanwhile does so for both."""
    few = [_derive_anew(fewer) for _ in range(_REPEATS)]
    many = []
    for _ in range(_MANY_REPEATS):
        many.append(_derive_anew(court))
        few += [_derive_anew(fewer) for _ in range(_REPEATS)]
    return few, many


def _cost_of_a_workday(runs: list[_Step]) -> float:
    """On the mean: of short runs the quickest would be a lucky moment, which a long one never has as a whole."""
    return sum(run.processor_seconds for run in runs) / sum(run.count for run in runs)


def _derive_anew(folder: Path) -> _Step:
    """Derive the month of a court as for the first time."""
    _run(folder, "forget")
    marked, derived = _run(folder, "mark"), _run(folder, "derive")
    if marked.count != derived.count:
        raise RuntimeError(f"{marked.count} workdays were marked and {derived.count} judged")
    return derived


def _measured(folder: Path, court: MadeCourt, derived: _Step) -> _Month:
    read, read_needed = _quickest(folder, "read"), _quickest(folder, "read_needed")
    return _Month(
        len(court.people),
        court.events,
        read,
        read_needed,
        derived,
        _run(folder, "derive_at_once"),
        _run(folder, "recompute"),
    )


def _quickest(folder: Path, what: str) -> _Step:
    return min((_run(folder, what) for _ in range(_REPEATS)), key=_processor_seconds)


def _processor_seconds(step: _Step) -> float:
    return step.processor_seconds


def _run(folder: Path, what: str) -> _Step:
    root = Path(__file__).parent.parent
    told = subprocess.run(
        [sys.executable, "-m", "bench.attendance_month", what, str(folder)],
        capture_output=True,
        check=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    return _Step(**json.loads(told.stdout))


def _derivation_rows(many: _Month, cost_against_fewer: float) -> list[Row]:
    derived, read = many.derived, many.read
    name = f"a month of {many.people:,} people, {many.events:,} events"
    return [
        Row(
            f"{name}: deriving against reading its events",
            derived.processor_seconds / read.processor_seconds,
            "times",
            at_most=4.0,
            note=f"{derived.processor_seconds:.1f} s against {read.processor_seconds:.1f} s of processor time; all "
            "columns of the events; every workday marked, judged as the server's ticks do, in a new process",
        ),
        Row(
            f"{name}: the same by the clock, with waiting for the disk",
            derived.wall_seconds / read.wall_seconds,
            "times",
            at_most=4.0,
            note=f"{derived.wall_seconds:.1f} s against {read.wall_seconds:.1f} s",
        ),
        Row(
            f"{name}: deriving everything at once, as a repair does, against reading",
            many.derived_at_once.processor_seconds / read.processor_seconds,
            "times",
            note=f"{many.derived_at_once.processor_seconds:.1f} s, over workdays that are there already",
        ),
        Row(
            f"{name}: deriving against reading the five columns that it needs",
            derived.processor_seconds / many.read_needed.processor_seconds,
            "times",
            note=f"read in {many.read_needed.processor_seconds:.1f} s",
        ),
        Row(f"{name}: highest memory of deriving", derived.highest_mb, "MB", read.highest_mb, at_most=600.0),
        Row(
            f"cost of a workday at {many.people:,} people against {_FEWER_PEOPLE:,}",
            cost_against_fewer,
            "times",
            at_most=1.25,
            note=f"1 is linear; in turn, means of {_MANY_REPEATS} and {_REPEATS * (_MANY_REPEATS + 1)} runs",
        ),
        Row(
            f"{name}: recomputing and comparing everything",
            many.recomputed.processor_seconds,
            "s",
            derived.processor_seconds,
            note=f"{many.recomputed.count:,} workdays, 0 differences; beside deriving",
        ),
    ]


def _late_event_row(court: MadeCourt) -> Row:
    """An event that comes late into a whole derived month: taken in, its workday judged again and stored."""
    chance = random.Random(3)
    kiosk = _kiosk()
    seconds = []
    for number in range(_LATE_EVENTS):
        at = datetime.combine(MONTH, datetime.min.time(), UTC) + timedelta(
            days=chance.randrange(30), hours=2, seconds=chance.randrange(3600), milliseconds=number
        )
        batch = _batch([_item(chance.choice(court.people), at, 10_000_000 + number)])
        begun = time.perf_counter()
        ingest(court.context, kiosk, batch)
        judged = derive_touched(court.context)
        seconds.append(time.perf_counter() - begun)
        if judged == 0:
            raise RuntimeError("a late event touched nothing")
    seconds.sort()
    return Row(
        f"one late event in a month of {len(court.people):,} people: taken in, judged, stored",
        statistics.median(seconds) * 1000,
        "ms",
        at_most=5.0,
        note=f"median of {_LATE_EVENTS}; 95 of 100 within {seconds[int(0.95 * len(seconds))] * 1000:.1f} ms",
    )


def _page_row(court: MadeCourt) -> Row:
    """The published bulletin's page, sign-in, access log and all, beside the query that it rests on."""
    context = court.context
    publish_month(context, MONTH)
    add_account(context, "hr", _PASSWORD, "hr")
    app = create_app(context)
    client = app.test_client()
    client.set_cookie(session_cookie(context), sign_in(context, "hr", _PASSWORD))
    pages, queries = [], []
    for _ in range(_PAGES):
        begun = time.perf_counter()
        answer = client.get(f"/reports/month/{MONTH:%Y-%m}")
        pages.append(time.perf_counter() - begun)
        if answer.status_code != 200:
            raise RuntimeError(f"the page answers {answer.status_code}")
        begun = time.perf_counter()
        with context.engine.connect() as connection:
            people = len(connection.execute(sums_query(MONTH, LAST_DAY)).all())
        queries.append(time.perf_counter() - begun)
        if people != len(court.people):
            raise RuntimeError(f"the query gives {people} people")
    page, query = statistics.median(pages), statistics.median(queries)
    return Row(
        f"the bulletin's page of {len(court.people):,} people against its bare query",
        page / query,
        "times",
        at_most=1.5,
        note=f"{page * 1000:.0f} ms against {query * 1000:.0f} ms, medians of {_PAGES}",
    )


def _ingest_rows(database: str, folder: Path, config: Path, url: str | None) -> list[Row]:
    """Items a second through the service, beside the same rows by a bare executemany in the same transactions.

    Every repeat takes the ways in turn, each time beginning with another, and gives one ratio: of all repeats the
    median counts.
    """
    court = make_court(folder, config, _FEWER_PEOPLE, url=url, days=0)
    context = court.context
    kiosk = _kiosk()
    rates: dict[str, list[float]] = {"events": [], "events and marks": [], "ours": []}
    for repeat in range(_INGEST_REPEATS):
        batches = _month_of_batches(court, repeat)
        rows = [_rows_of(batch) for batch in batches]
        ways: dict[str, Callable[[], None]] = {
            "events": partial(_insert_bare, context.engine, [(events, []) for events, _ in rows]),
            "events and marks": partial(_insert_bare, context.engine, rows),
            "ours": partial(_ingest, context, kiosk, batches),
        }
        # What the benchmark itself holds is no burden of the product.
        gc.collect()
        gc.freeze()
        names = list(ways)
        first = repeat % len(names)
        for way in names[first:] + names[:first]:
            with context.engine.connect() as connection:
                connection.execute(delete(clock_event))
                connection.execute(delete(touched_workday))
                connection.commit()
            begun = time.perf_counter()
            ways[way]()
            rates[way].append(_BATCHES * MAX_BATCH_ITEMS / (time.perf_counter() - begun))
    context.engine.dispose()
    ours = statistics.median(rates["ours"])
    return [
        Row(
            f"{database}: taking events in against a bare executemany of the same rows, events and marks",
            _median_ratio(rates["ours"], rates["events and marks"]),
            "times",
            at_least=0.5,
            note=f"{ours:,.0f} against {statistics.median(rates['events and marks']):,.0f} events a second, in batches "
            f"of {MAX_BATCH_ITEMS}, medians of {_INGEST_REPEATS}; ours checks each item, too; HTTP and signature are "
            "in neither",
        ),
        Row(
            f"{database}: the same where the bare one writes no marks",
            _median_ratio(rates["ours"], rates["events"]),
            "times",
            note=f"{statistics.median(rates['events']):,.0f} events a second",
        ),
    ]


def _median_ratio(ours: list[float], bare: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(ours, bare, strict=True))


def _ingest(context: ServerContext, kiosk: KioskRecord, batches: list[ItemBatch]) -> None:
    for batch in batches:
        if any(one.result != "stored" for one in ingest(context, kiosk, batch).answers):
            raise RuntimeError("an item was not stored")


def _rows_of(batch: ItemBatch) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows that a batch becomes: clock events, and a mark for each workday of somebody."""
    events = [
        {
            **event_row(uuid.UUID(raw["person_id"]), datetime.fromisoformat(raw["captured_at"]), raw["device_seq"]),
            "event_id": uuid.UUID(raw["item_id"]),
            "method": raw["method"],
            "evidence": {name: value for name, value in raw["evidence"].items() if value is not None},
        }
        for raw in batch.items
    ]
    marked = {(row["person_id"], (row["captured_at"] + timedelta(hours=8)).date()) for row in events}
    mark = uuid.uuid4()
    return events, [{"person_id": person_id, "day": day, "mark": mark} for person_id, day in marked]


def _insert_bare(engine: Engine, rows: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]]) -> None:
    """What the same transactions cost at the least: rows that are ready, inserted, committed."""
    make = sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert
    marking = make(touched_workday)
    marking = marking.on_conflict_do_update(index_elements=["person_id", "day"], set_={"mark": marking.excluded.mark})
    for events, marks in rows:
        with engine.connect() as connection:
            connection.execute(insert(clock_event), events)
            if marks:
                connection.execute(marking, marks)
            connection.commit()


def _month_of_batches(court: MadeCourt, repeat: int) -> list[ItemBatch]:
    """Batches as kiosks send them after a weekend without network: many people, some days."""
    chance = random.Random(repeat)
    batches = []
    sequence = 0
    for number in range(_BATCHES):
        items = []
        for _ in range(MAX_BATCH_ITEMS):
            sequence += 1
            at = datetime.combine(MONTH, datetime.min.time(), UTC) + timedelta(
                days=number % 20, milliseconds=chance.randrange(10 * 3600 * 1000)
            )
            items.append(_item(chance.choice(court.people), at, sequence))
        batches.append(_batch(items))
    return batches


def _item(person_id: uuid.UUID, at: datetime, sequence: int) -> dict[str, Any]:
    return ClockEventItem(
        item_id=uuid7_at(at),
        device_seq=sequence,
        captured_at=at,
        recorded_at=at,
        monotonic_seconds=float(sequence),
        boot_id=uuid.UUID(int=1),
        person_id=person_id,
        method="pin" if sequence % 20 == 0 else "face",
        evidence=Evidence(distance=0.2 + sequence % 997 / 10_000, votes=3, frames=4),
    ).model_dump(mode="json")


def _batch(items: list[dict[str, Any]]) -> ItemBatch:
    return ItemBatch(sent_at=AFTER, sent_monotonic_seconds=1.0, boot_id=uuid.UUID(int=1), items=items)


def _kiosk() -> KioskRecord:
    return KioskRecord(uuid.UUID(int=1), "door", b"k" * 32, b"k", AFTER, None)
