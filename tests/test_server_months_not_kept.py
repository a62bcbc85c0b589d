"""A locked month that retention has deleted is judged by nobody: what is left of its clock events proves nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from models.errors import CourtclockError
from server.attendance.rule_documents import PRESET_FOLDER
from server.services.context import ServerContext
from server.services.deriving import derive_period, derive_touched
from server.services.expectation_changes import confirm_year, edit_calendar
from server.services.ingesting import ingest
from server.services.month_close import close_state, lock_month, month_sheet, open_amendments
from server.services.recomputing import recompute
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request
from server.services.retention import delete_expired
from server.services.touching import touch_everybody
from server.services.what_if import what_if
from tests.amendments_cast import COLLEAGUE, HR, stored
from tests.attendance_days import moment
from tests.databases import Database
from tests.server_cast import FakeClock, Person, batch_of, clocked_at, employ, make_context, pair

SEPTEMBER = "2025-09"
FIRST, LAST = date(2025, 9, 1), date(2025, 9, 30)
WEDNESDAY = date(2025, 9, 10)
A_YEAR_LATER = date(2026, 12, 20)
DRAFT = (PRESET_FOLDER / "court_four_windows.yaml").read_text(encoding="utf-8")


@pytest.fixture
def context(tmp_path: Path, database: Database, clock: FakeClock) -> ServerContext:
    """A court that keeps clock events for 400 days."""
    return make_context(tmp_path, database, clock, retention={"clock_events_days": 400})


@pytest.fixture
def li(context: ServerContext, clock: FakeClock) -> Person:
    """He came and left in time on the tenth and the thirtieth of September 2025."""
    clock.go_to("12:00", date(2025, 8, 20))
    door = pair(context, clock)
    li = employ(context, "0104", "李明", "立案庭", FIRST)
    with context.unit(read_only=True) as unit:
        kiosk = unit.kiosks.by_id(door.kiosk_id)
    assert kiosk is not None
    clock.go_to("23:50", date(2025, 10, 2))
    moments = [moment(at, day) for day in (WEDNESDAY, LAST, date(2025, 10, 1)) for at in ("08:10", "17:40")]
    events = [clocked_at(li, at, seq) for seq, at in enumerate(moments, start=1)]
    ingest(context, kiosk, batch_of(*events, sent_at=clock.now()))
    return li


def lock_and_delete(context: ServerContext, clock: FakeClock) -> None:
    lock_month(context, SEPTEMBER, HR)
    clock.go_to("12:00", A_YEAR_LATER)
    delete_expired(context, A_YEAR_LATER)


@pytest.fixture
def deleted(context: ServerContext, clock: FakeClock, li: Person) -> Person:
    """September was judged, locked, and deleted more than a year later."""
    touch_everybody(context, FIRST, LAST)
    derive_touched(context)
    lock_and_delete(context, clock)
    assert stored(context, li, WEDNESDAY) is None
    return li


def events_left(context: ServerContext, person: Person) -> list[date]:
    with context.unit(read_only=True) as unit:
        kept = unit.items.events_of(person.person_id, moment("00:00", FIRST), moment("00:00", date(2025, 10, 3)))
    return sorted({context.site.day_of(one.captured_at) for one in kept})


def test_a_touch_of_a_deleted_month_proposes_nothing(context: ServerContext, deleted: Person) -> None:
    edit_calendar(context, date(2025, 9, 16), "rest_day", None, "the court was closed", "zhao")
    confirm_year(context, 2025, True, "checked", "zhao")
    waiver = file_request(context, Wish("waiver", deleted.person_id, "the flood", day=WEDNESDAY), HR)
    decide(context, waiver.request_id, "approved", COLLEAGUE)
    derive_touched(context)
    derive_period(context, FIRST, LAST)
    assert open_amendments(context) == []
    assert stored(context, deleted, WEDNESDAY) is None
    with context.unit(read_only=True) as unit:
        assert unit.workdays.touched(10) == [], "nothing waits for ever"


def test_recomputing_leaves_a_deleted_month_out_and_says_so(context: ServerContext, deleted: Person) -> None:
    found = recompute(context, FIRST, LAST)
    assert (found.workdays, found.differences, found.not_kept) == (0, (), 30)


@pytest.mark.usefixtures("deleted")
def test_no_draft_is_tried_on_a_deleted_month(context: ServerContext) -> None:
    with pytest.raises(CourtclockError, match=r"month\.not_kept: .*2025-09") as refused:
        what_if(context, DRAFT, FIRST, date(2025, 10, 31))
    assert refused.value.sentence("zh") == "2025-09 的打卡记录和考勤数据已过保存期限，不再保留。"


def test_its_sheet_is_empty_and_its_close_has_nothing_open(context: ServerContext, deleted: Person) -> None:
    sheet = month_sheet(context, deleted.person_id, SEPTEMBER, HR)
    assert (sheet.verdicts, sheet.lock is not None and sheet.lock.is_kept) == ((), False)
    assert close_state(context, SEPTEMBER).open_workdays == 0


def test_a_month_about_which_something_waits_is_kept(context: ServerContext, clock: FakeClock, li: Person) -> None:
    touch_everybody(context, FIRST, LAST)
    derive_touched(context)
    lock_month(context, SEPTEMBER, HR)
    edit_calendar(context, WEDNESDAY, "rest_day", None, "the court was closed", "zhao")
    clock.go_to("12:00", A_YEAR_LATER)
    assert delete_expired(context, A_YEAR_LATER).total == 0, "a workday waits to be judged"
    derive_touched(context)
    assert delete_expired(context, A_YEAR_LATER).total == 0, "an amendment waits for a signature"
    assert close_state(context, SEPTEMBER).open_workdays == 0
    assert stored(context, li, WEDNESDAY) is not None


def test_events_beside_a_month_that_is_still_to_be_judged_stay(
    context: ServerContext, clock: FakeClock, li: Person
) -> None:
    derive_period(context, FIRST, LAST)
    lock_and_delete(context, clock)
    # Nobody has ever judged October, and it is not locked: its first day needs what lies around it.
    assert events_left(context, li) == [LAST, date(2025, 10, 1)]
    derive_period(context, date(2025, 10, 1), date(2025, 10, 1))
    record = stored(context, li, date(2025, 10, 1))
    assert record is not None
    assert recompute(context, FIRST, date(2025, 10, 1)).differences == ()


def test_a_second_run_finds_nothing_left(context: ServerContext, deleted: Person) -> None:
    assert delete_expired(context, A_YEAR_LATER).total == 0


def test_what_was_interrupted_is_deleted_later_and_judged_by_nobody_meanwhile(
    context: ServerContext, clock: FakeClock, li: Person
) -> None:
    touch_everybody(context, FIRST, LAST)
    derive_touched(context)
    lock_month(context, SEPTEMBER, HR)
    with context.unit() as unit:
        unit.months.let_go(SEPTEMBER, clock.now())
        unit.jobs.retention.delete_workdays(FIRST, date(2025, 9, 5), 500)
        unit.commit()
    assert month_sheet(context, li.person_id, SEPTEMBER, HR).verdicts == ()
    assert recompute(context, FIRST, LAST).differences == ()
    clock.go_to("12:00", A_YEAR_LATER)
    assert delete_expired(context, A_YEAR_LATER).workdays == 25
