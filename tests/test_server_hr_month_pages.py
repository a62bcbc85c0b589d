"""HR's pages: outages, closing a month, people and their last day."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.expectation_changes import put_rules
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request
from server.storage.outages import OutageKind, OutageRecord
from server.storage.records import KioskRecord
from tests.attendance_days import FRIDAY, moment
from tests.databases import DatabaseKind
from tests.pages_cast import as_user, derive, form_on, give_own_account, post, send, somebody, words_of
from tests.papers import SIGNED
from tests.persons_cast import PRESETS, clock_in
from tests.server_cast import FakeClock, Person, clocked_at, employ, make_app, pair

pytestmark = pytest.mark.usefixtures("quick_hashes")
HR = Actor("zhao", "hr")


@pytest.fixture
def database_kind() -> DatabaseKind:
    """What pages show does not depend on the database; the services are tested on both elsewhere."""
    return "sqlite"


@pytest.fixture
def li(context: ServerContext) -> Person:
    return employ(context, "0104", "李明", "立案庭")


@pytest.fixture
def app(context: ServerContext, li: Person) -> Flask:
    somebody(context, "0101", "孙丽", "立案庭", username="sun", role="head")
    give_own_account(context, None, "zhao", "hr")
    return make_app(context)


@pytest.fixture
def zhao(app: Flask, context: ServerContext) -> FlaskClient:
    """The browser of HR."""
    return as_user(app, context, "zhao")


# Outages


def outage(client: FlaskClient, **typed: Any) -> Any:
    values = {"began_at": "2026-11-20T08:00", "ended_at": "2026-11-20T09:00", "reason": "no power"}
    return send(client, "/outages", **{**values, **typed})


@pytest.fixture
def morning(context: ServerContext, li: Person, app: Flask, clock: FakeClock) -> None:
    """Nobody clocked on Friday morning, and the window has closed."""
    clock.go_to("13:00")
    derive(context, FRIDAY)


def test_hr_declares_an_outage_and_sees_whom_it_touched(morning: None, zhao: FlaskClient) -> None:
    answer = outage(zhao)
    assert answer.status_code == 303
    page = words_of(zhao.get(answer.location))
    assert "declared by HR · no power" in page
    assert "李明 0104 立案庭 – start of work" in page
    assert "no power" in words_of(zhao.get("/outages"))


def test_the_same_declaration_sent_twice_is_one_outage(zhao: FlaskClient, context: ServerContext) -> None:
    form = {
        **form_on(zhao.get("/outages")),
        "began_at": "2026-11-20T08:00",
        "ended_at": "2026-11-20T09:00",
        "reason": "no power",
    }
    first, second = post(zhao, "/outages", form), post(zhao, "/outages", form)
    assert first.location == second.location
    with context.unit(read_only=True) as unit:
        assert len(unit.outages.newest(10)) == 1


def test_those_chosen_are_excused_with_one_reason(
    morning: None, zhao: FlaskClient, context: ServerContext, li: Person
) -> None:
    path = outage(zhao).location
    answer = send(zhao, path, chosen=[f"{li.person_id}|2026-11-20"], reason="the outage")
    assert answer.status_code == 303
    with context.unit(read_only=True) as unit:
        assert [one.filed.person_id for one in unit.requests.of_people()] == [li.person_id]
    page = words_of(zhao.get(path))
    assert "李明" not in page
    assert "孙丽" in page


def test_all_are_excused_and_a_second_click_excuses_nobody_twice(
    morning: None, zhao: FlaskClient, context: ServerContext
) -> None:
    path = outage(zhao).location
    form = {**form_on(zhao.get(path)), "everybody": "yes", "reason": "the outage"}
    assert [post(zhao, path, form).status_code for _ in range(2)] == [303, 303]
    with context.unit(read_only=True) as unit:
        assert len(unit.requests.of_people()) == 2
    assert "Nobody who is not excused yet." in words_of(zhao.get(path))


def test_excusing_nobody_or_without_a_reason_is_told_and_the_choice_kept(
    morning: None, zhao: FlaskClient, li: Person
) -> None:
    path = outage(zhao).location
    assert "Choose whom to excuse." in words_of(send(zhao, path, reason="the outage"))
    answer = send(zhao, path, chosen=[f"{li.person_id}|2026-11-20"], reason="")
    assert (answer.status_code, "This is needed." in words_of(answer)) == (400, True)
    assert answer.text.count("checked") == 1
    assert send(zhao, path, chosen=["somebody"], reason="x").status_code == 400


def test_an_outage_that_ends_before_it_begins_is_told_and_an_unknown_one_not_found(zhao: FlaskClient) -> None:
    answer = outage(zhao, ended_at="2026-11-20T07:00")
    assert (answer.status_code, "It must end after it begins" in words_of(answer)) == (400, True)
    assert 'value="2026-11-20T07:00"' in answer.text
    assert zhao.get("/outages/6ba7b810-9dad-11d1-80b4-00c04fd430c8").status_code == 404


def test_what_heartbeats_told_is_shown_in_words(zhao: FlaskClient, context: ServerContext, clock: FakeClock) -> None:
    kiosk = KioskRecord(uuid.uuid4(), "east door", bytes(32), b"", clock.host_now(), None)
    with context.unit() as unit:
        unit.kiosks.add(kiosk)
        told: dict[OutageKind, dict[str, Any]] = {
            "silent": {"seconds": 900, "waiting": 4},
            "clock_jump": {"seconds": -61.0},
            "clock": {"seconds": 3661.0},
            "camera": {"fault": "camera.stalled"},
            "engine": {"fault": "antispoof.failed"},
            "outbox": {"fault": "a.code.of.tomorrow"},
            "server": {"seconds": 900},
        }
        for kind, detail in told.items():
            unit.outages.add(
                OutageRecord(
                    uuid.uuid4(),
                    kiosk.kiosk_id,
                    kind,
                    moment("08:00"),
                    None if kind == "camera" else moment("09:00"),
                    detail,
                    "Courtclock",
                    moment("09:00"),
                )
            )
        unit.commit()
    page = words_of(zhao.get("/outages"))
    assert "not heard from · 4 items waited on it and came later" in page
    assert "its clock jumped · by -61 s" in page
    assert "its clock was wrong · 61 min 1 s fast" in page
    assert "still east door its camera failed · it sent no new picture" in page
    assert "its recognition failed · The anti-spoofing network ? cannot be used" in page
    assert "it could not save clock events · a.code.of.tomorrow" in page
    assert "the server was not running · kiosks that had power went on" in page
    zhao.set_cookie("language", "zh")
    in_chinese = words_of(zhao.get("/outages"))
    assert "摄像头故障 · 长时间没有新画面" in in_chinese
    assert "camera." not in in_chinese


def test_hr_says_which_kiosk_had_failed_and_one_that_is_not_offered_is_refused(
    morning: None, zhao: FlaskClient, context: ServerContext, clock: FakeClock
) -> None:
    east = pair(context, clock)
    page = words_of(zhao.get(outage(zhao, kiosk=str(east.kiosk_id)).location))
    assert "east door · declared by HR · no power" in page
    assert "Those who usually clock at this kiosk" in page
    assert outage(zhao, kiosk=str(uuid.uuid4())).status_code == 400


def test_who_usually_clocks_at_the_kiosk_that_failed_is_ticked(
    morning: None, zhao: FlaskClient, context: ServerContext, clock: FakeClock, li: Person
) -> None:
    east = pair(context, clock)
    clock_in(context, east, clocked_at(li, moment("08:20", FRIDAY - timedelta(days=1))))
    page = zhao.get(outage(zhao, kiosk=str(east.kiosk_id)).location)
    assert "李明 0104 立案庭 east door start of work" in words_of(page)
    assert re.findall(r'value="([^"|]*)\|[^"]*"[^>]*checked', page.text) == [str(li.person_id)]


def test_an_outage_that_is_not_over_is_not_declared(zhao: FlaskClient) -> None:
    answer = outage(zhao, began_at="2027-01-05T09:10", ended_at="2027-01-05T09:40")
    assert (answer.status_code, "An outage can be declared when it is over." in words_of(answer)) == (400, True)


def test_hr_sees_themselves_among_the_touched_and_cannot_be_chosen(
    morning: None, app: Flask, context: ServerContext, clock: FakeClock
) -> None:
    he = somebody(context, "0010", "何静", "人事处", username="he", role="hr")
    derive(context, FRIDAY)
    client = as_user(app, context, "he")
    path = outage(client).location
    page = client.get(path)
    assert "You are among them. Nobody excuses themselves" in words_of(page)
    assert "何静 0010" in words_of(page)
    assert f"{he.person_id}|" not in page.text
    answer = send(client, path, chosen=[f"{he.person_id}|2026-11-20"], reason="the outage")
    assert (answer.status_code, "Nobody decides about a request of their own." in words_of(answer)) == (403, True)
    assert send(client, path, everybody="yes", reason="the outage").status_code == 303
    page = client.get(path)
    assert "何静 0010" in words_of(page)
    assert "李明" not in words_of(page)


def test_hr_takes_a_declaration_back_with_a_reason(morning: None, zhao: FlaskClient, context: ServerContext) -> None:
    path = outage(zhao).location
    send(zhao, path, everybody="yes", reason="the outage")
    answer = send(zhao, path, to=f"{path}/retract", reason="")
    assert (answer.status_code, "This is needed." in words_of(answer)) == (400, True)
    assert send(zhao, path, to=f"{path}/retract", reason="it was Thursday").status_code == 303
    page = words_of(zhao.get(path))
    assert "Taken back: it was Thursday" in page
    assert "Excuse" not in page
    assert "taken back" in words_of(zhao.get("/outages"))
    with context.unit(read_only=True) as unit:
        assert {one.state for one in unit.requests.of_people()} == {"withdrawn"}
    assert send(zhao, path, everybody="yes", reason="the outage").status_code == 409


def test_what_was_noted_cannot_be_taken_back(zhao: FlaskClient, context: ServerContext) -> None:
    began, ended = moment("08:00"), moment("09:00")
    record = OutageRecord(uuid.uuid4(), None, "server", began, ended, {}, "Courtclock", ended)
    with context.unit() as unit:
        unit.outages.add(record)
        unit.commit()
    path = f"/outages/{record.outage_id}"
    assert "Take back" not in words_of(zhao.get(path))
    assert send(zhao, path, to=f"{path}/retract", reason="x").status_code == 409


def test_time_off_post_is_named_on_the_page_and_in_the_request(
    context: ServerContext, zhao: FlaskClient, li: Person, clock: FakeClock
) -> None:
    put_rules(context, (PRESETS / "court_four_windows.yaml").read_text(), date(2026, 11, 1), "rules of 2019", "hr")
    east = pair(context, clock)
    times = ("08:00", "09:00", "10:15", "11:30", "13:00", "17:00")
    clock_in(context, east, *(clocked_at(li, at, seq) for seq, at in enumerate(times, start=1)))
    clock.go_to("23:30")
    derive(context, FRIDAY)
    zhao = as_user(zhao.application, context, "zhao")
    path = outage(zhao, began_at="2026-11-20T09:10", ended_at="2026-11-20T09:40").location
    assert "time off post after: morning sign-in" in words_of(zhao.get(path))
    send(zhao, path, chosen=[f"{li.person_id}|2026-11-20"], reason="the outage")
    with context.unit(read_only=True) as unit:
        (waiver,) = unit.requests.of_people([li.person_id])
    assert "2026-11-20, time off post after: morning sign-in" in words_of(
        zhao.get(f"/requests/{waiver.filed.request_id}")
    )


# Closing a month


@pytest.fixture
def october(context: ServerContext, app: Flask) -> None:
    """October is over and judged; of the cast one person worked here then."""
    with context.unit() as unit:
        unit.people.add("0001", "高山", None, date(2026, 10, 19))
        unit.commit()
    derive(context, date(2026, 10, 1), date(2026, 10, 31))


def test_the_page_without_a_month_leads_to_the_last_one(zhao: FlaskClient) -> None:
    assert zhao.get("/month-close").location == "/month-close/2026-10"


def test_a_month_is_locked_once(zhao: FlaskClient, october: None, context: ServerContext) -> None:
    lock = "/month-close/2026-10/lock"
    assert "1 said nothing" in words_of(zhao.get("/month-close/2026-10"))
    assert [send(zhao, "/month-close/2026-10", to=lock).status_code for _ in range(2)] == [303, 303]
    assert "Locked on 2026-11-20 12:00 by zhao." in words_of(zhao.get("/month-close/2026-10"))


def test_a_month_with_open_workdays_cannot_be_locked(zhao: FlaskClient, context: ServerContext) -> None:
    with context.unit() as unit:
        unit.people.add("0001", "高山", None, date(2026, 10, 30))
        unit.commit()
    page = words_of(zhao.get("/month-close/2026-10"))
    assert "2 workdays still open" in page
    assert "Lock 2026-10" not in page
    answer = send(zhao, "/rules", to="/month-close/2026-10/lock")
    assert (answer.status_code, "2026-10 is not over" in words_of(answer)) == (409, True)


@pytest.fixture
def amended(zhao: FlaskClient, october: None, context: ServerContext) -> str:
    """A locked day that an approved request would change; gives the month's page."""
    send(zhao, "/month-close/2026-10", to="/month-close/2026-10/lock")
    with context.unit(read_only=True) as unit:
        person = unit.people.by_employee_no("0001")
    assert person is not None
    wish = Wish(
        "duty",
        person.person_id,
        "at the High Court",
        name="meeting",
        starts_at=moment("08:00", date(2026, 10, 20)),
        ends_at=moment("18:00", date(2026, 10, 20)),
    )
    filed = file_request(context, wish, HR)
    decide(context, filed.request_id, "approved", HR, "on paper", on_paper=True, papers=SIGNED)
    derive_touched(context)
    return "/month-close/2026-10"


def test_an_amendment_is_shown_before_and_after_and_signed(
    zhao: FlaskClient, context: ServerContext, amended: str
) -> None:
    page = words_of(zhao.get(amended))
    assert "locked: absent now: on duty elsewhere" in page
    answer = send(zhao, amended, to=f"{amended}/amendment", day="2026-10-20", answer="sign", reason="the paper")
    assert answer.status_code == 303
    assert "None are open." in words_of(zhao.get(amended))
    with context.unit(read_only=True) as unit:
        assert [one.status for one in unit.workdays.of_day(date(2026, 10, 20))] == ["on_duty"]


def test_an_amendment_is_refused_and_what_was_locked_stands(
    zhao: FlaskClient, context: ServerContext, amended: str
) -> None:
    to = f"{amended}/amendment"
    assert send(zhao, amended, to=to, day="2026-10-20", answer="refuse", reason="too late").status_code == 303
    with context.unit(read_only=True) as unit:
        assert [one.status for one in unit.workdays.of_day(date(2026, 10, 20))] == ["absent"]


def test_an_amendment_that_another_has_overtaken_is_not_signed_unseen(zhao: FlaskClient, amended: str) -> None:
    to = f"{amended}/amendment"
    answer = send(zhao, amended, to=to, day="2026-10-20", number="7", answer="sign", reason="the paper")
    assert (answer.status_code, "There is no such open amendment." in words_of(answer)) == (404, True)
    assert "the paper" in answer.text


def test_an_amendment_needs_a_reason_and_a_known_answer(zhao: FlaskClient, amended: str) -> None:
    to = f"{amended}/amendment"
    answer = send(zhao, amended, to=to, day="2026-10-20", answer="sign", reason="")
    assert (answer.status_code, "This is needed." in words_of(answer)) == (400, True)
    assert send(zhao, amended, to=to, day="2026-10-20", answer="burn", reason="x").status_code == 400
    assert send(zhao, amended, to=to, day="2026-10-20", number="x", answer="sign", reason="x").status_code == 400


def test_open_amendments_of_other_months_are_named(zhao: FlaskClient, amended: str) -> None:
    assert "Other months with open amendments: 2026-10" in words_of(zhao.get("/month-close/2026-09"))


# People


def last_day(client: FlaskClient, employee_no: str, left_on: str) -> Any:
    return send(client, "/people", employee_no=employee_no, left_on=left_on)


def test_everybody_is_listed_with_their_last_day(zhao: FlaskClient) -> None:
    assert last_day(zhao, "0104", "2026-11-18").status_code == 303
    page = words_of(zhao.get("/people"))
    assert page.index("孙丽") < page.index("Have left") < page.index("李明")
    assert 'value="2026-11-18"' in zhao.get("/people?person=0104").text


def test_workdays_after_the_last_day_go_and_come_back_with_it(
    zhao: FlaskClient, context: ServerContext, li: Person
) -> None:
    derive(context, date(2026, 11, 16), date(2026, 11, 19))

    def days() -> list[int]:
        derive_touched(context)
        with context.unit(read_only=True) as unit:
            own = unit.workdays.of_people([li.person_id], date(2026, 11, 16), date(2026, 11, 19))
        return [one.day.day for one in own]

    last_day(zhao, "0104", "2026-11-17")
    assert days() == [16, 17]
    last_day(zhao, "0104", "")
    assert days() == [16, 17, 18, 19]


@pytest.mark.parametrize(
    ("employee_no", "left_on", "sentence"),
    [
        ("9999", "2026-11-18", "There is nobody with the number 9999."),
        ("0104", "2026-11-01", "Nobody can leave before they came."),
        ("0104", "never", "This is not a date like 2026-11-20."),
        ("", "2026-11-18", "This is needed."),
    ],
)
def test_a_last_day_that_cannot_be_is_told(zhao: FlaskClient, employee_no: str, left_on: str, sentence: str) -> None:
    answer = last_day(zhao, employee_no, left_on)
    assert answer.status_code in (400, 404)
    assert sentence in words_of(answer)


def test_nobody_leaves_out_of_a_locked_month(zhao: FlaskClient, october: None) -> None:
    send(zhao, "/month-close/2026-10", to="/month-close/2026-10/lock")
    answer = last_day(zhao, "0001", "2026-10-20")
    assert (answer.status_code, "2026-10 is locked already." in words_of(answer)) == (409, True)
