"""``python -m bench.attendance_month WHAT FOLDER``: one measured step in a process of its own, told as JSON.

A process of its own, so that its highest memory is that of the step, and no step finds what another left in memory.
"""

from __future__ import annotations

import gc
import json
import re
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, select

from bench.attendance_court import AFTER, DAYS, MONTH, StandingClock
from models.settings import load_settings
from server.services.context import ServerContext, open_context
from server.services.deriving import derive_period, derive_touched
from server.services.recomputing import recompute
from server.services.touching import touch_everybody
from server.storage.tables import clock_event, workday

LAST_DAY: Final = MONTH + timedelta(days=DAYS - 1)
_ROWS_AT_ONCE: Final = 1000


def read_events(context: ServerContext) -> int:
    """Read every clock event through SQLAlchemy Core, all columns, in constant memory; gives how many."""
    return _read(context, list(clock_event.c))


def read_needed_columns(context: ServerContext) -> int:
    """As ``read_events``, the columns that judging needs only."""
    table = clock_event.c
    return _read(context, [table.person_id, table.event_id, table.captured_at, table.recorded_at, table.method])


def _read(context: ServerContext, columns: list[Any]) -> int:
    with context.engine.connect() as connection:
        rows = connection.execution_options(stream_results=True).execute(select(*columns))
        return sum(len(part) for part in rows.partitions(_ROWS_AT_ONCE))


def forget_month(context: ServerContext) -> int:
    """Delete every derived workday, so that the month is derived as for the first time; gives how many."""
    with context.engine.begin() as connection:
        return connection.execute(delete(workday)).rowcount


def mark_month(context: ServerContext) -> int:
    """Mark every workday of the month, as new rules or months of downtime do; gives how many."""
    touch_everybody(context, MONTH, LAST_DAY)
    with context.unit(read_only=True) as unit:
        return unit.workdays.count_touched()[0]


def derive_month(context: ServerContext) -> int:
    """Judge and store every marked workday, as the ticks of the server do; gives how many."""
    return derive_touched(context)


def derive_month_at_once(context: ServerContext) -> int:
    """Judge and store every workday of the month, marked or not, as a repair does; gives how many."""
    return derive_period(context, MONTH, LAST_DAY)


def recompute_month(context: ServerContext) -> int:
    """Judge every workday again and compare; gives how many.

    Raises:
        RuntimeError: something differs.
    """
    found = recompute(context, MONTH, LAST_DAY)
    if found.differences:
        raise RuntimeError(f"{len(found.differences)} workdays differ")
    return found.workdays


STEPS: Final[dict[str, Callable[[ServerContext], int]]] = {
    "read": read_events,
    "read_needed": read_needed_columns,
    "forget": forget_month,
    "mark": mark_month,
    "derive": derive_month,
    "derive_at_once": derive_month_at_once,
    "recompute": recompute_month,
}


def _highest_mb() -> float:
    """From the kernel; the figure of ``resource`` would hold what the starting process had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    if found is None:
        raise RuntimeError("the kernel does not tell the highest memory")
    return int(found[1]) * 1024 / 1e6


def main(what: str, folder: Path) -> None:
    """Run one step and print count, seconds of processor and of wall, and the highest memory in MB."""
    context = open_context(load_settings(folder / "config.yaml"), StandingClock(AFTER))
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    count = STEPS[what](context)
    told = {
        "count": count,
        "processor_seconds": time.process_time() - processor,
        "wall_seconds": time.perf_counter() - wall,
        "highest_mb": _highest_mb(),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
