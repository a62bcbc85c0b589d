"""What a register is to everything else: no kiosk, a "before" for the trend, days like any other, and no news."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from models.errors import CourtclockError
from server.attendance.explaining import explain
from server.attendance.rule_documents import PRESET_FOLDER
from server.jobs.due import waiting_periods
from server.jobs.running import tick
from server.services.context import ServerContext
from server.services.deriving import derive_touched, judge_workday
from server.services.devices import revoke_kiosk
from server.services.expectation_changes import add_roster_entry, edit_calendar
from server.services.ingesting import ingest
from server.services.leaving import set_last_day
from server.services.month_close import close_state, lock_month
from server.services.numbering import find_gaps
from server.services.outage_noting import note_silent_kiosks
from server.services.outages import declare_outage, people_touched
from server.services.periods import period_report
from server.services.presence import todays_board
from server.services.reporting import day_report
from server.services.retention import delete_expired
from server.services.touching import touch_everybody
from server.services.trends import read_trend
from server.services.what_if import what_if
from tests.attendance_days import FRIDAY, moment
from tests.databases import Database
from tests.pages_cast import as_user, give_own_account, words_of
from tests.persons_cast import clock_in
from tests.register_cast import (
    MONDAY,
    WEEK,
    ZHAO,
    bring_over,
    differences,
    line_of,
    punctual,
    statuses,
    write_register,
)
from tests.server_cast import (
    HEALTH,
    FakeClock,
    Kiosk,
    Person,
    batch_of,
    clocked_at,
    employ,
    health_body,
    make_app,
    make_context,
    pair,
)

pytestmark = pytest.mark.usefixtures("quick_hashes")
TUESDAY, WEDNESDAY = WEEK[1:3]
JOINED = date(2026, 11, 2)
SUNDAY = MONDAY + timedelta(days=6)


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, "0104", "李明", joined_on=JOINED)


@pytest.fixture
def old(context: ServerContext, li: Person, tmp_path: Path) -> uuid.UUID:
    """A week of the old machine, in which 李明 was late on Tuesday; gives what stands for the machine."""
    late = line_of(li, TUESDAY, "08:45", "17:40")
    bring_over(context, write_register(tmp_path, *punctual(li, [MONDAY, *WEEK[2:]]), late))
    derive_touched(context)
    with context.unit(read_only=True) as unit:
        return unit.registers.imports()[0].kiosk_id


# No kiosk


def test_an_older_machine_is_not_among_the_kiosks(context: ServerContext, clock: FakeClock, old: uuid.UUID) -> None:
    door = pair(context, clock)
    with context.unit(read_only=True) as unit:
        assert [one.kiosk_id for one in unit.kiosks.sights()] == [door.kiosk_id]
        assert unit.kiosks.by_id(old) is None
        assert unit.kiosks.names() == {door.kiosk_id: "east door", old: "old machine"}
    assert [one.kiosk_id for one in todays_board(context).kiosks] == [door.kiosk_id]
    assert find_gaps(context) == []


def test_nothing_can_be_sent_or_said_in_its_name(context: ServerContext, clock: FakeClock, old: uuid.UUID) -> None:
    door = pair(context, clock)
    impostor = Kiosk(old, "old machine", b"", door.private_key, clock)
    answer = impostor.send(make_app(context).test_client(), "POST", HEALTH, health_body())
    assert answer.status_code == 401
    assert "kiosk.unknown" in answer.text
    with pytest.raises(CourtclockError, match="not known"):
        revoke_kiosk(context, old)
    with pytest.raises(CourtclockError, match="not known"):
        declare_outage(context, moment("08:00"), moment("09:00"), "no power", ZHAO, kiosk_id=old)


def test_it_never_falls_silent(context: ServerContext, clock: FakeClock, old: uuid.UUID) -> None:
    clock.advance(timedelta(hours=2))
    note_silent_kiosks(context)
    with context.unit(read_only=True) as unit:
        assert [one for one in unit.outages.newest(10) if one.kiosk_id == old] == []


def test_nobody_usually_clocks_there(context: ServerContext, li: Person, old: uuid.UUID) -> None:
    outage = declare_outage(context, moment("08:00", TUESDAY), moment("09:00", TUESDAY), "no power", ZHAO)
    (touched,) = people_touched(context, outage.outage_id)[1]
    assert (touched.day, touched.usual_kiosk_id) == (TUESDAY, None)


def test_its_lines_do_not_vouch_for_the_servers_clock(context: ServerContext, li: Person, old: uuid.UUID) -> None:
    with context.unit(read_only=True) as unit:
        assert not unit.items.was_seen_since(moment("00:00", MONDAY), 300)


def test_a_kiosk_cannot_claim_to_be_a_register(context: ServerContext, clock: FakeClock, li: Person) -> None:
    door = pair(context, clock)
    with context.unit(read_only=True) as unit:
        kiosk = unit.kiosks.by_id(door.kiosk_id)
    assert kiosk is not None
    item = clocked_at(li, "08:20") | {"method": "register"}
    (answer,) = ingest(context, kiosk, batch_of(item)).answers
    assert (answer.result, answer.code) == ("refused", "wire.invalid")


# Explained


def test_a_verdict_says_that_a_register_says_so(context: ServerContext, li: Person, old: uuid.UUID) -> None:
    with context.unit(read_only=True) as unit:
        verdict = judge_workday(context, unit, li.person_id, TUESDAY)
    assert "start of work: 08:45 is used, a line of an imported register." in explain(verdict, "en")
    assert "上班：采用 08:45 的打卡（旧考勤记录导入）。" in explain(verdict, "zh")


def test_the_persons_day_names_machine_and_method(context: ServerContext, li: Person, old: uuid.UUID) -> None:
    give_own_account(context, None, "zhao", "hr")
    client: FlaskClient = as_user(make_app(context), context, "zhao")
    page = words_of(client.get(f"/reports/person/0104/{TUESDAY}"))
    assert "from an imported register · old machine" in page
    client.set_cookie("language", "zh")
    assert "旧考勤记录导入 · old machine" in words_of(client.get(f"/reports/person/0104/{TUESDAY}"))


# Before and after


def test_the_trend_has_a_before(tmp_path: Path, database: Database, clock: FakeClock) -> None:
    context = make_context(tmp_path, database, clock, attendance={"kiosk_came_on": JOINED})
    clock.go_to("23:50")
    li, door = employ(context, joined_on=JOINED), pair(context, clock)
    weeks = [MONDAY + number * timedelta(days=7) for number in range(-5, 3)]
    days = [week + number * timedelta(days=1) for week in weeks for number in range(5)]
    bring_over(context, write_register(tmp_path, *(line_of(li, day, "08:45", "17:40") for day in days)))
    seq = 0
    for number in range(19):
        for at in ("08:20", "17:40"):
            seq += 1
            clock_in(context, door, clocked_at(li, moment(at, JOINED + timedelta(days=number)), seq))
    derive_touched(context)
    trend = read_trend(context, "late")
    assert trend is not None
    rates = [round(one.rate or 0) for one in trend.court.weeks]
    assert len([one for one in trend.court.weeks if one.week < JOINED]) == len(weeks)
    assert (rates[0], rates[-1]) == (1, 0)


# Days like any other


def test_reports_of_those_days_have_them(context: ServerContext, li: Person, old: uuid.UUID) -> None:
    assert [(one.person.name, one.verdict is not None) for one in day_report(context, TUESDAY).lines] == [
        ("李明", True)
    ]
    week = period_report(context, "week", "2026-W42")
    assert [(one.name, one.expected_days, one.tally.late_times) for one in week.people] == [("李明", 5, 1)]
    assert [one.name for one in close_state(context, "2026-10").silent] == ["李明"]


def test_calendar_and_rosters_reach_them(context: ServerContext, li: Person, old: uuid.UUID) -> None:
    edit_calendar(context, WEDNESDAY, "holiday", "Court day", "the register shows it", "zhao")
    add_roster_entry(
        context, [li.person_id], TUESDAY, TUESDAY, "-", follows_calendar=True, reason="night before", entered_by="zhao"
    )
    found = statuses(context, li)
    assert (found[TUESDAY], found[WEDNESDAY]) == ("rest_day", "rest_day")
    assert differences(context) == 0


def test_a_draft_of_rules_is_tried_on_them(context: ServerContext, li: Person, old: uuid.UUID) -> None:
    draft = (PRESET_FOLDER / "nine_to_five.yaml").read_text(encoding="utf-8")
    found = what_if(context, draft, MONDAY, SUNDAY)
    assert found.workdays == 5
    assert [one.after.day for one in found.changed] == [TUESDAY]


def test_a_last_day_reaches_them(context: ServerContext, li: Person, old: uuid.UUID) -> None:
    set_last_day(context, li.person_id, TUESDAY, ZHAO)
    assert list(statuses(context, li)) == [MONDAY, TUESDAY]
    set_last_day(context, li.person_id, None, ZHAO)
    assert list(statuses(context, li)) == list(WEEK)


def test_touching_everybody_touches_who_is_judged_then(context: ServerContext, li: Person, old: uuid.UUID) -> None:
    employ(context, "0300", "新同事", joined_on=JOINED)
    touch_everybody(context, MONDAY)
    with context.unit(read_only=True) as unit:
        assert unit.workdays.count_touched() == (1, MONDAY)


def test_who_moved_since_was_where_the_first_membership_has_them(
    context: ServerContext, li: Person, old: uuid.UUID
) -> None:
    with context.unit() as unit:
        unit.people.rename(li.person_id, "李明", unit.people.ensure_division("执行局"), FRIDAY)
        unit.commit()
    assert [one.person.division for one in day_report(context, TUESDAY).lines] == ["立案庭"]


# No news


def test_jobs_publish_nothing_of_the_time_before_the_first_kiosk(
    context: ServerContext, clock: FakeClock, li: Person, tmp_path: Path
) -> None:
    clock.go_to("12:00", JOINED)
    bring_over(context, write_register(tmp_path, *punctual(li)))
    days = {one.day for one in waiting_periods(context) if one.job in ("open_day", "day_report", "close_day")}
    assert days <= {JOINED}
    clock.go_to("23:30", FRIDAY)
    tick(context)
    with context.unit(read_only=True) as unit:
        assert min(unit.reading.published_at("day")) == "2026-11-02"
        assert min(unit.reading.published_at("week")) >= "2026-W45"
        assert "2026-10" not in unit.reading.published_at("month")
    assert set(statuses(context, li).values()) == {"normal"}


# Kept, and not kept any more


def test_a_locked_month_of_a_register_goes_as_a_whole(tmp_path: Path, database: Database, clock: FakeClock) -> None:
    context = make_context(tmp_path, database, clock, retention={"clock_events_days": 60})
    li = employ(context, joined_on=JOINED)
    bring_over(context, write_register(tmp_path, *punctual(li)))
    derive_touched(context)
    lock_month(context, "2026-10", ZHAO)
    a_quarter_later = date(2027, 2, 20)
    clock.go_to("12:00", a_quarter_later)
    deleted = delete_expired(context, a_quarter_later)
    assert (deleted.workdays, deleted.clock_events) == (5, 10)
    assert statuses(context, li) == {}
    found = bring_over(context, write_register(tmp_path, *punctual(li)))
    assert (found.number, found.refused) == (None, 5)
