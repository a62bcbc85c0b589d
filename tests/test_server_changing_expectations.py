"""Rules and rosters that change while others mark workdays: no mark is lost, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from server.services import expectation_changes, ingesting, request_decisions
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.expectation_changes import add_roster_entry, put_rules
from server.services.ingesting import ingest
from server.services.recomputing import recompute
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request
from server.services.touching import touch_everybody
from tests.attendance_days import FRIDAY, moment
from tests.databases import Database
from tests.papers import SIGNED
from tests.server_cast import FakeClock, Person, batch_of, clocked_at, employ, make_context, pair

SATURDAY = FRIDAY + timedelta(days=1)
NIGHTS = {"first_rules": "court_police_nights"}
PRESETS = Path(__file__).parent.parent / "server" / "attendance" / "presets"
HR = Actor("zhao", "hr")


@pytest.fixture
def court(tmp_path: Path, database: Database, clock: FakeClock) -> ServerContext:
    return make_context(tmp_path, database, clock, attendance=NIGHTS)


@pytest.fixture
def li(court: ServerContext) -> Person:
    return employ(court, joined_on=FRIDAY)


def on_duty_that_night(court: ServerContext, li: Person) -> None:
    add_roster_entry(
        court,
        [li.person_id],
        FRIDAY,
        FRIDAY,
        "night_duty",
        follows_calendar=False,
        reason="duty",
        entered_by="zhao",
    )


def meanwhile(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, work: Callable[[], object]) -> list[Any]:
    """Let a thread do something after the first call of a function; it is given a while, as it may have to wait."""
    threads: list[threading.Thread] = []
    called = getattr(module, name)

    def watched(*given: Any, **more: Any) -> Any:
        found = called(*given, **more)
        if not threads:
            threads.append(threading.Thread(target=work))
            threads[0].start()
            threads[0].join(0.5)
        return found

    monkeypatch.setattr(module, name, watched)
    return threads


def differing(court: ServerContext) -> list[date]:
    return [one.day for one in recompute(court, FRIDAY, SATURDAY).differences]


def test_a_clock_event_that_comes_while_a_roster_is_entered_counts_for_the_new_duty(
    court: ServerContext, clock: FakeClock, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    east = pair(court, clock)
    with court.unit(read_only=True) as unit:
        kiosk = unit.kiosks.by_id(east.kiosk_id)
    assert kiosk is not None
    touch_everybody(court, FRIDAY, SATURDAY)
    clock.go_to("60:00")
    derive_touched(court)

    def enter() -> None:
        on_duty_that_night(court, li)
        derive_touched(court)

    threads = meanwhile(monkeypatch, ingesting, "touched_workdays", enter)
    ingest(court, kiosk, batch_of(clocked_at(li, moment("32:01"))))
    threads[0].join(20)
    derive_touched(court)
    assert differing(court) == []


def test_a_decision_that_falls_while_a_roster_is_entered_counts_for_the_new_duty(
    court: ServerContext, clock: FakeClock, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch_everybody(court, FRIDAY, SATURDAY)
    clock.go_to("60:00")
    derive_touched(court)
    # Out on duty in the early morning: of a court day nothing is left by then, of a night duty the end.
    filed = file_request(court, Wish("leave", li.person_id, "ill", "sick", moment("30:30"), moment("33:00")), HR)

    def enter() -> None:
        on_duty_that_night(court, li)
        derive_touched(court)

    threads = meanwhile(monkeypatch, request_decisions, "days_reaching", enter)
    decide(court, filed.request_id, "approved", HR, "ill", on_paper=True, papers=SIGNED)
    threads[0].join(20)
    derive_touched(court)
    assert differing(court) == []


def test_a_day_that_begins_while_rules_are_put_in_force_is_judged_by_them(
    court: ServerContext, clock: FakeClock, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    derive_touched(court)
    clock.go_to("27:59")
    four = (PRESETS / "court_four_windows.yaml").read_text("utf-8")

    def begin_the_day() -> None:
        touch_everybody(court, SATURDAY)
        derive_touched(court)

    threads = meanwhile(monkeypatch, expectation_changes, "_today", begin_the_day)
    put_rules(court, four, FRIDAY, "new rules", "zhao")
    threads[0].join(20)
    derive_touched(court)
    with court.unit(read_only=True) as unit:
        stored = unit.workdays.one(li.person_id, SATURDAY)
    assert stored is not None
    assert stored.rule_version != court.first_rules.version


def test_nobody_who_marks_workdays_and_nobody_who_changes_rules_waits_for_the_other_for_ever(
    tmp_path: Path, database: Database, clock: FakeClock
) -> None:
    court = make_context(tmp_path, database, clock)
    people = [employ(court, f"{number:04}", f"姓名{number}", joined_on=date(2026, 8, 1)) for number in range(30)]
    days = [date(2026, 9, 2) + timedelta(days=number) for number in range(60)]
    touch_everybody(court, days[0], days[-1])
    texts = [(PRESETS / f"{name}.yaml").read_text("utf-8") for name in ("court_tiers", "nine_to_five")]
    faults: list[Exception] = []
    over = threading.Event()

    def change() -> None:
        try:
            for number in range(6):
                put_rules(court, texts[number % 2], date(2026, 9, 1), f"reason {number}", "zhao")
                add_roster_entry(
                    court,
                    [one.person_id for one in people[::-1]],
                    days[0],
                    None,
                    "-" if number % 2 else "- -",
                    follows_calendar=True,
                    reason=f"reason {number}",
                    entered_by="zhao",
                )
        except Exception as fault:
            faults.append(fault)
        finally:
            over.set()

    def mark() -> None:
        own = make_context(tmp_path, database, clock)
        while not over.is_set():
            try:
                with own.unit() as unit:
                    unit.workdays.touch((one.person_id, day) for one in people for day in days)
                    unit.commit()
                with own.unit() as unit:
                    unit.workdays.settle_span([one.person_id for one in people], days[0], days[-1])
                    unit.commit()
            except Exception as fault:
                faults.append(fault)

    threads = [threading.Thread(target=work) for work in (change, mark, mark)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
