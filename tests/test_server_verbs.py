"""The verbs about rules, verdicts and reports: what people see, and the exit code that scripts see."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from models.settings import load_settings
from server.services.actors import Actor
from server.services.context import ServerContext, open_context
from server.services.deriving import derive_touched
from server.services.devices import make_pairing_code, pair_kiosk
from server.services.ingesting import ingest
from server.services.outages import declare_outage
from server.services.periods import publish_month, publish_week
from server.services.touching import touch_everybody
from server.storage.records import KioskRecord
from tests.attendance_days import FRIDAY, moment
from tests.server_cast import FakeClock, Person, batch_of, clocked_at, employ
from tests.verbs_cast import Run, verb_runner, write_config

pytestmark = pytest.mark.usefixtures("quick_hashes")
MONDAY = date(2026, 11, 16)
SATURDAY = date(2026, 11, 21)
HR = Actor("hr", "hr")
EVENING = moment("23:50", SATURDAY)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path, {"attendance.kiosk_came_on": date(2026, 11, 18).isoformat()})


@pytest.fixture
def run(config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return verb_runner(config, monkeypatch, capsys)


@pytest.fixture
def court(config: Path, run: Run) -> ServerContext:
    """The court on Saturday evening, when all windows of the week have closed."""
    assert run("init").code == 0
    return open_context(load_settings(config), FakeClock(EVENING))


@pytest.fixture
def li(court: ServerContext) -> Person:
    """Clocked from Monday to Friday: 12 minutes late on Friday, on time on the other days."""
    li = employ(court, joined_on=MONDAY)
    with court.unit(read_only=True) as unit:
        kiosks = unit.kiosks.sights()
    assert kiosks == []
    answer = pair_kiosk(court, make_pairing_code(court, "east door"), bytes(32))
    with court.unit(read_only=True) as unit:
        kiosk = unit.kiosks.by_id(answer.kiosk_id)
    assert isinstance(kiosk, KioskRecord)
    items = []
    for number in range(5):
        day = MONDAY + timedelta(days=number)
        items.append(clocked_at(li, moment("08:42" if day == FRIDAY else "08:20", day), 2 * number + 1))
        items.append(clocked_at(li, moment("17:45", day), 2 * number + 2))
    ingest(court, kiosk, batch_of(*items))
    for number in range(6):
        touch_everybody(court, MONDAY + timedelta(days=number))
    derive_touched(court)
    return li


def spoil(court: ServerContext, li: Person) -> None:
    """Change what is stored behind the rules' back."""
    with court.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE workday SET status = 'normal', late_minutes = 0 WHERE day = '2026-11-20'")
        connection.commit()


# derive


def test_everything_recomputed_from_raw_events_differs_in_nothing(li: Person, run: Run) -> None:
    told = run("derive", "--all", "--language", "en")
    assert (told.code, told.out.splitlines()[-1]) == (
        0,
        "2026-11-16 to 2026-11-21: 6 workdays recomputed from raw events, 0 differences.",
    )


def test_a_difference_is_named_exits_with_1_and_changes_nothing(court: ServerContext, li: Person, run: Run) -> None:
    spoil(court, li)
    for _ in range(2):
        told = run("derive", "--all", "--language", "en")
        assert told.code == 1
        assert "  0104 李明 2026-11-20: normal -> late 12 min" in told.out
        assert "1 differences." in told.out


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("status", "nonsense", "'nonsense'"),
        ("status", "", "''"),
        ("verdict", "{}", "{} -> late 12 min"),
        ("verdict", "null", "null -> late 12 min"),
        ("verdict", '{"form": 2, "shift": 7}', '"shift": 7'),
        ("rule_version", "gone", "'gone'"),
        ("status", "pending", "still open"),
    ],
)
def test_a_row_that_was_falsified_is_shown_as_it_stands_and_repaired(
    court: ServerContext, li: Person, run: Run, column: str, value: str, shown: str
) -> None:
    with court.engine.connect() as connection:
        connection.exec_driver_sql(f"UPDATE workday SET {column} = ? WHERE day = '2026-11-20'", (value,))  # noqa: S608
        connection.commit()
    told = run("derive", "--all", "--language", "en")
    assert (told.code, told.out.splitlines()[-1]) == (
        1,
        "2026-11-16 to 2026-11-21: 6 workdays recomputed from raw events, 1 differences.",
    )
    assert shown in told.out
    assert run("derive", "--all", "--repair").code == 0


def test_a_row_of_today_that_was_set_back_to_open_is_a_difference(court: ServerContext, li: Person, run: Run) -> None:
    with court.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE workday SET status = 'pending' WHERE day = '2026-11-21'")
        connection.commit()
    assert "1 differences." in run("derive", "--all", "--language", "en").out


def test_repair_stores_what_differs_and_says_so(court: ServerContext, li: Person, run: Run) -> None:
    spoil(court, li)
    told = run("derive", "--all", "--repair", "--from", "2026-11-20", "--until", "2026-11-20", "--language", "en")
    assert (told.code, "1 workdays were judged again and stored." in told.out) == (0, True)
    assert run("derive", "--all").code == 0


def test_without_a_workday_there_is_nothing_to_compare(court: ServerContext, run: Run) -> None:
    assert run("derive", "--all", "--language", "zh").out.splitlines()[-1] == "尚无考勤日。"


# explain


@pytest.mark.parametrize("person", ["0104", "李明"])
def test_a_verdict_is_explained_to_whoever_asks_by_number_or_name(li: Person, run: Run, person: str) -> None:
    told = run("explain", person, "2026-11-20", "--language", "en")
    assert told.code == 0
    assert told.out.startswith("0104 李明 (立案庭), 2026-11-20: late 12 min\n")
    assert "08:42 is 12 min after 08:30; grace 0 min: late 12 min." in told.out
    assert "version" in told.out


def test_programs_are_given_the_explanation_as_json(li: Person, run: Run) -> None:
    content = json.loads(run("explain", "0104", "2026-11-20", "--json", "--language", "zh").out)
    assert content["status"] == ["late"]
    assert content["summary"] == "迟到 12 分钟"
    assert content["is_what_judging_gives_now"] is True


def test_a_day_before_somebody_worked_here_is_no_workday(li: Person, run: Run) -> None:
    told = run("explain", "0104", "2026-11-13", "--language", "en")
    assert (told.code, told.out) == (1, "李明 does not belong to the court on 2026-11-13.\n")


def test_nobody_and_nonsense_are_one_sentence(li: Person, run: Run) -> None:
    assert "9999" in run("explain", "9999", "2026-11-20").sentence
    assert "tomorrow" in run("explain", "0104", "tomorrow").sentence
    for day in ("9999-12-31", "0001-01-01", "1999-12-31", "2100-01-01"):
        assert day in run("explain", "0104", day).sentence
    assert "0001-01" in run("month-close", "0001-01", "--lock").sentence


# rules, calendar, rosters


def test_the_first_rules_stand_in_the_list_from_the_beginning(court: ServerContext, run: Run) -> None:
    lines = run("rules").out.splitlines()
    assert lines[0] == f"1 {court.first_rules.version} from the beginning: first rules (config.yaml)"
    assert lines[1].startswith("presets: court_four_windows, ")


def test_rules_that_are_put_in_force_judge_the_days_since_again(court: ServerContext, li: Person, run: Run) -> None:
    told = run("put-rules", "nine_to_five", "--from", "2026-11-20", "--reason", "trial", "--by", "HR Wang")
    assert re.fullmatch(r"2 [0-9a-f]{12} from 2026-11-20\n", told.out)
    assert "trial (HR Wang)" in run("rules").out
    assert "touched workdays were judged" in run("derive", "--language", "en").out
    assert "normal" in run("explain", "0104", "2026-11-20", "--language", "en").out.splitlines()[0]


def test_a_draft_is_tried_on_a_past_month_and_nothing_changes(court: ServerContext, li: Person, run: Run) -> None:
    told = run("what-if", "nine_to_five", "2026-11", "--language", "en")
    assert "2026-11-20 0104 李明: late 12 min -> normal" in told.out
    # November goes on after Friday, and nobody has clocked since.
    assert re.search(r"\d+ verdicts of 1 people would change\. Late arrivals 1 -> 0,", told.out)
    assert run("derive", "--all").code == 0


def test_a_preset_is_printed_and_can_be_put_in_force_as_a_file(court: ServerContext, run: Run, tmp_path: Path) -> None:
    draft = tmp_path / "draft.yaml"
    draft.write_text(run("rules", "--preset", "court_tiers").out, encoding="utf-8")
    assert run("put-rules", str(draft), "--from", "2026-12-01", "--reason", "next month").code == 0


def test_rules_that_do_not_fit_the_language_are_refused_with_the_place(
    court: ServerContext, run: Run, tmp_path: Path
) -> None:
    draft = tmp_path / "draft.yaml"
    draft.write_text("name_zh: 甲\n", encoding="utf-8")
    assert "default_shift" in run("put-rules", str(draft), "--from", "2026-12-01", "--reason", "x").sentence


def test_a_day_that_hr_makes_a_holiday_is_not_judged_any_more(court: ServerContext, li: Person, run: Run) -> None:
    assert run("edit-calendar", "2026-11-20", "holiday", "--name", "庭庆", "--reason", "anniversary").code == 0
    assert "2026-11-20 holiday 庭庆 (command line: anniversary)" in run("calendar", "2026").out
    run("derive")
    assert "庭庆" in run("explain", "0104", "2026-11-20", "--language", "zh").out
    assert run("edit-calendar", "2026-11-20", "official", "--reason", "a mistake").code == 0
    assert "2026-11-20" not in run("calendar", "2026").out.replace("2026-11-20 workday", "")


def test_a_year_is_unconfirmed_until_hr_has_checked_it(court: ServerContext, run: Run) -> None:
    assert run("calendar", "2031").out.endswith("2031: unconfirmed\n")
    assert run("confirm-year", "2031", "--reason", "notice of the State Council").out == "2031: confirmed\n"
    assert run("calendar", "2031").out.endswith("2031: official, or confirmed by HR\n")


def test_a_rotation_is_entered_and_shown(court: ServerContext, li: Person, run: Run) -> None:
    run("put-rules", "rotating_duty", "--from", "2026-11-01", "--reason", "court police")
    words = ["--pattern", "day_duty night_duty - -", "--from", "2026-11-23", "--reason", "turn"]
    assert run("add-roster", "0104", *words).out == "1 roster entries\n"
    told = run("roster", "0104").out
    assert "from 2026-11-23: day_duty night_duty - - (command line: turn)" in told


def test_a_roster_entry_is_taken_back_by_the_identifier_that_is_printed(
    court: ServerContext, li: Person, run: Run
) -> None:
    words = ["--pattern", "-", "--from", FRIDAY.isoformat(), "--every-day"]
    run("add-roster", "0104", *words, "--reason", "day off")
    run("derive")
    assert "day off by the roster" in run("explain", "0104", FRIDAY.isoformat(), "--language", "en").out.splitlines()[0]
    (entry_id,) = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", run("roster", "0104").out)
    told = run("take-back-roster", entry_id, "--reason", "meant for somebody else").out
    assert told.startswith("taken back: ")
    assert "meant for somebody else" in run("roster", "0104").out
    run("derive")
    assert "late" in run("explain", "0104", FRIDAY.isoformat(), "--language", "en").out.splitlines()[0]
    assert "taken back before" in run("take-back-roster", entry_id, "--reason", "once more").sentence


# outages, months, people


def test_whom_an_outage_touched_is_listed_and_excused_at_once(court: ServerContext, li: Person, run: Run) -> None:
    outage = declare_outage(court, moment("08:25"), moment("08:41"), "power", HR)
    assert str(outage.outage_id) in run("outages").out
    listed = run("excuse-outage", str(outage.outage_id), "--language", "en").out
    assert re.fullmatch(r"2026-11-20 0104 李明( \(.*\))?: late 12 min\n", listed)
    nobody = run("excuse-outage", str(outage.outage_id), "--only-there", "--reason", "power cut").out
    assert nobody == "0 clock points are excused\n", "the outage was of no kiosk"
    told = run("excuse-outage", str(outage.outage_id), "--reason", "power cut").out
    assert told.endswith("1 clock points are excused\n")
    run("derive")
    assert "excused" in run("explain", "0104", "2026-11-20", "--language", "en").out.splitlines()[0]


def test_a_declared_outage_is_taken_back_with_its_waivers(court: ServerContext, li: Person, run: Run) -> None:
    outage = str(declare_outage(court, moment("08:25"), moment("08:41"), "power", HR).outage_id)
    run("excuse-outage", outage, "--reason", "power cut")
    assert run("retract-outage", outage, "--reason", "another day").out == "taken back, with 1 waivers\n"
    assert run("outages").out.endswith("taken back: another day\n")
    assert "nobody is excused by it" in run("excuse-outage", outage, "--reason", "power cut").sentence


def test_a_month_that_is_not_over_is_not_locked(court: ServerContext, li: Person, run: Run) -> None:
    told = run("month-close", "2026-10")
    assert told.out == "confirmed 0, silent 0, objected 0\nworkdays that are not judged to the end: 0\n"
    assert run("month-close", "2026-10", "--lock").out == "2026-10 is locked\n"
    assert "locked by command line" in run("month-close", "2026-10").out
    assert "2099-12" in run("month-close", "2099-12", "--lock").sentence


def test_who_left_has_no_later_workdays(court: ServerContext, li: Person, run: Run) -> None:
    assert run("last-day", "0104", "2026-11-18").out == "0104 李明: 2026-11-18\n"
    run("derive")
    with court.unit(read_only=True) as unit:
        days = [one.day for one in unit.workdays.of_people([li.person_id], MONDAY, SATURDAY)]
    assert days == [date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18)]
    assert run("last-day", "0104", "").out == "0104 李明: no last day\n"


# reports


def test_a_week_and_a_month_are_printed_before_and_after_they_are_published(
    court: ServerContext, li: Person, run: Run
) -> None:
    for verb, period in (("week", "2026-W47"), ("month", "2026-11")):
        told = run(verb, period, "--language", "en").out
        assert "0104 李明: late 1 (12 min), early 0 (0 min), missing 0, absent 0 days, off post 0" in told
        assert told.endswith("Not published yet: the state so far.\n")
    publish_week(court, MONDAY)
    publish_month(court, date(2026, 11, 1))
    for verb, period in (("week", "2026-W47"), ("month", "2026-11")):
        assert "Not published" not in run(verb, period, "--language", "en").out


def test_a_week_that_does_not_exist_is_one_sentence(court: ServerContext, run: Run) -> None:
    assert "2026-W60" in run("week", "2026-W60").sentence
    assert "2026-13" in run("month", "2026-13").sentence


def test_the_trend_says_what_it_rests_on(court: ServerContext, li: Person, run: Run) -> None:
    told = run("trend", "--language", "en")
    assert told.code == 0
    assert "from before the kiosk came, no clock points are known" in told.out
    assert "no proof of cause" in told.out


def test_without_the_kiosks_first_day_there_is_no_trend(court: ServerContext, run: Run, tmp_path: Path) -> None:
    write_config(tmp_path)
    told = run("trend", "--language", "en")
    assert (told.code, "attendance.kiosk_came_on" in told.out) == (1, True)


def test_mails_are_counted_and_an_address_must_be_one(
    court: ServerContext, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURTCLOCK_PASSWORD", "correct horse battery")
    assert run("add-account", "wang", "--email", "wang@court.example").code == 0
    assert run("set-email", "wang", "", "--language", "zh").out == "wang: no mails\n"
    assert "wang at court" in run("set-email", "wang", "wang at court").sentence
    assert run("mails").out == "no mails\n"


def test_an_employees_account_is_somebodys(
    court: ServerContext, li: Person, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURTCLOCK_PASSWORD", "correct horse battery")
    assert run("add-account", "li", "--role", "employee").code == 2
    assert run("add-account", "li", "--role", "employee", "--person", "0104").code == 0
    with court.unit(read_only=True) as unit:
        account = unit.accounts.by_username("li")
    assert account is not None
    assert account.person_id == li.person_id
