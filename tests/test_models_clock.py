"""Court time: the machine's own on a real installation, compressed in a demonstration, the same for every process."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import models.clock
from models.clock import CompressedClock, Pace, SystemClock, open_clock, require_utc, write_compressed_day
from models.errors import CourtclockError

MORNING = datetime(2026, 11, 20, 0, 12, tzinfo=UTC)
BEIJING = timezone(timedelta(hours=8))
# A minute at the door, an hour skipped in half a second, a pause in which court time stands still.
DAY = [Pace(10, 60), Pace(0.5, 3600), Pace(2, 0)]


class FakeMachine:
    """Stands where ``models.clock`` has the module ``time``."""

    def __init__(self, seconds: float = 5000.0) -> None:
        self.seconds = seconds
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> FakeMachine:
    fake = FakeMachine()
    monkeypatch.setattr(models.clock, "time", fake)
    return fake


def seconds_into_the_day(clock: CompressedClock) -> float:
    return (clock.now() - MORNING).total_seconds()


def test_the_machines_clock_gives_aware_utc() -> None:
    clock = SystemClock()
    before = datetime.now(UTC)
    court, host = clock.now(), clock.host_now()
    after = datetime.now(UTC)
    assert before <= court <= host <= after
    assert (court.tzinfo, host.tzinfo) == (UTC, UTC)


def test_on_the_machines_clock_court_time_and_host_time_are_one(machine: FakeMachine) -> None:
    clock = SystemClock()
    assert clock.monotonic() == clock.host_seconds() == 5000.0
    clock.sleep(0.25)
    assert machine.slept == [0.25]


def test_a_real_installation_has_the_machines_clock(tmp_path: Path) -> None:
    write_compressed_day(tmp_path / "clock.json", MORNING, DAY, started=False)
    assert isinstance(open_clock(None), SystemClock)
    assert isinstance(open_clock(tmp_path / "clock.json"), CompressedClock)


def test_a_compressed_day_stands_still_until_somebody_starts_it(tmp_path: Path, machine: FakeMachine) -> None:
    path = tmp_path / "clock.json"
    write_compressed_day(path, MORNING, DAY, started=False)
    clock = CompressedClock(path)
    for _ in range(3):
        assert (clock.now(), clock.monotonic()) == (MORNING, 0.0)
        machine.seconds += 60
    write_compressed_day(path, MORNING, DAY, started=True)
    machine.seconds += 5
    assert seconds_into_the_day(clock) == pytest.approx(30)


@pytest.mark.parametrize(
    ("host_seconds", "court_seconds"),
    [
        (0, 0),
        (5, 30),
        (10, 60),
        (10.25, 60 + 1800),
        (10.5, 3660),
        (11.5, 3660),
        (12.5, 3660),
        (13.5, 3661),
        (112.5, 3760),
    ],
)
def test_court_time_runs_by_its_paces_and_then_as_fast_as_the_machine(
    tmp_path: Path, machine: FakeMachine, host_seconds: float, court_seconds: float
) -> None:
    path = tmp_path / "clock.json"
    write_compressed_day(path, MORNING, DAY, started=True)
    machine.seconds += host_seconds
    clock = CompressedClock(path)
    assert seconds_into_the_day(clock) == pytest.approx(court_seconds)
    assert clock.monotonic() == pytest.approx(court_seconds)


def test_a_compressed_day_leaves_host_time_alone(tmp_path: Path, machine: FakeMachine) -> None:
    path = tmp_path / "clock.json"
    write_compressed_day(path, MORNING, DAY, started=True)
    clock = CompressedClock(path)
    machine.seconds += 10
    assert clock.host_seconds() == 5010.0
    before = datetime.now(UTC)
    assert before <= clock.host_now() <= datetime.now(UTC)
    clock.sleep(1.5)
    assert machine.slept == [1.5]


def test_a_moment_before_the_start_is_the_start(tmp_path: Path, machine: FakeMachine) -> None:
    path = tmp_path / "clock.json"
    write_compressed_day(path, MORNING, DAY, started=True)
    machine.seconds -= 100
    assert CompressedClock(path).now() == MORNING


LENGTHS = st.floats(0.001, 1e4, allow_nan=False)
PACES = st.lists(st.builds(Pace, LENGTHS, st.one_of(st.just(0.0), LENGTHS)), min_size=1, max_size=6)


@given(paces=PACES, steps=st.lists(st.floats(0, 1e4), max_size=8))
@settings(max_examples=150, deadline=None)
def test_court_time_never_goes_back(paces: list[Pace], steps: list[float]) -> None:
    fake = FakeMachine(0.0)
    with TemporaryDirectory() as folder, patch.object(models.clock, "time", fake):
        path = Path(folder) / "clock.json"
        write_compressed_day(path, MORNING, paces, started=True)
        clock = CompressedClock(path)
        # The ends of the stretches, and moments hardly before and after them, are where rounding would show.
        looks = {0.0}
        end = 0.0
        for pace in paces:
            end += pace.host_seconds
            looks |= {end, math.nextafter(end, 0), math.nextafter(end, math.inf), end - 1e-9, end + 1e-9}
        passed = 0.0
        for step in steps:
            passed += step
            looks.add(passed)
        seen = []
        for look in sorted(look for look in looks if look >= 0):
            fake.seconds = look
            seen.append(clock.monotonic())
    assert [(earlier, later) for earlier, later in pairwise(seen) if later < earlier] == []


@given(paces=PACES)
@settings(max_examples=60, deadline=None)
def test_after_its_paces_a_day_has_lasted_their_sum(paces: list[Pace]) -> None:
    fake = FakeMachine(0.0)
    with TemporaryDirectory() as folder, patch.object(models.clock, "time", fake):
        path = Path(folder) / "clock.json"
        write_compressed_day(path, MORNING, paces, started=True)
        fake.seconds = sum(pace.host_seconds for pace in paces) + 10
        elapsed = CompressedClock(path).monotonic()
    assert elapsed == pytest.approx(sum(pace.court_seconds for pace in paces) + 10, rel=1e-9)


def test_two_processes_with_the_same_file_agree_on_the_time(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    write_compressed_day(path, MORNING, [Pace(3600, 7200)], started=True)
    here = CompressedClock(path)
    code = (
        "import sys; from pathlib import Path; from models.clock import CompressedClock; "
        "print(CompressedClock(Path(sys.argv[1])).now().isoformat())"
    )
    before = here.now()
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert before <= datetime.fromisoformat(done.stdout.strip()) <= here.now()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not JSON",
        "[]",
        "{}",
        '{"court_start": "2026-11-20T00:12:00+00:00", "paces": [[1, 2]]}',
        '{"court_start": "2026-11-20T00:12:00", "paces": [[1, 2]], "started_at_host": null}',
        '{"court_start": "2026-11-20T08:12:00+08:00", "paces": [[1, 2]], "started_at_host": null}',
        '{"court_start": "this morning", "paces": [[1, 2]], "started_at_host": null}',
        '{"court_start": 7, "paces": [[1, 2]], "started_at_host": null}',
        '{"court_start": "2026-11-20T00:12:00+00:00", "paces": [[1]], "started_at_host": null}',
        '{"court_start": "2026-11-20T00:12:00+00:00", "paces": [[0, 2]], "started_at_host": null}',
        '{"court_start": "2026-11-20T00:12:00+00:00", "paces": [[NaN, 2]], "started_at_host": null}',
        '{"court_start": "2026-11-20T00:12:00+00:00", "paces": [[1, -2]], "started_at_host": null}',
        '{"court_start": "2026-11-20T00:12:00+00:00", "paces": [[1, 2]], "started_at_host": "early"}',
    ],
)
def test_a_file_of_another_form_is_refused_with_its_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "clock.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CourtclockError) as caught:
        CompressedClock(path)
    assert caught.value.code == "settings.unreadable"
    assert str(path) in caught.value.sentence("zh")


def test_a_file_that_is_not_there_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(CourtclockError) as caught:
        CompressedClock(tmp_path / "clock.json")
    assert caught.value.code == "settings.unreadable"


@pytest.mark.parametrize("pair", [(0, 1), (-1, 1), (1, -0.1), (float("nan"), 1), (1, float("nan")), (float("inf"), 1)])
def test_a_stretch_takes_time_and_never_goes_back(pair: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="host_seconds"):
        Pace(*pair)


def test_the_shared_file_changes_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "clock.json"
    write_compressed_day(path, MORNING, DAY, started=False)
    before = path.read_text(encoding="utf-8")
    seen_at_the_change: list[tuple[str, bool]] = []
    put_in_place = Path.replace

    def look_then_put_in_place(self: Path, target: Path) -> Path:
        seen_at_the_change.append((path.read_text(encoding="utf-8"), bool(json.loads(self.read_text("utf-8")))))
        return put_in_place(self, target)

    monkeypatch.setattr(Path, "replace", look_then_put_in_place)
    write_compressed_day(path, MORNING, DAY, started=True)
    # Until the very change readers have the old file, and what takes its place is complete.
    assert seen_at_the_change == [(before, True)]
    assert json.loads(path.read_text(encoding="utf-8"))["started_at_host"] is not None
    assert [entry.name for entry in tmp_path.iterdir()] == ["clock.json"]


def test_a_day_cannot_begin_at_a_naive_moment(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="naive"):
        write_compressed_day(tmp_path / "clock.json", MORNING.replace(tzinfo=None), DAY, started=False)
    assert list(tmp_path.iterdir()) == []


def test_a_day_may_begin_at_a_moment_of_any_zone(tmp_path: Path) -> None:
    write_compressed_day(tmp_path / "clock.json", MORNING.astimezone(BEIJING), DAY, started=False)
    assert CompressedClock(tmp_path / "clock.json").now() == MORNING


def test_a_time_without_its_zone_is_never_guessed() -> None:
    with pytest.raises(ValueError, match="naive"):
        require_utc(datetime(2026, 11, 20, 8, 30))  # noqa: DTZ001 - the very thing that is refused


def test_a_moment_in_another_zone_is_the_same_moment_in_utc() -> None:
    moment = require_utc(datetime(2026, 11, 20, 8, 12, tzinfo=BEIJING))
    assert (moment, moment.tzinfo) == (MORNING, UTC)
