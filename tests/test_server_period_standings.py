"""Each person's points, limits and what is not counted: on the month's bulletin, in its files, and in the own mail."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Final

import pytest

from server.services.accounts import add_account
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.expectation_changes import put_rules
from server.services.mail_reports import render_report
from server.services.periods import period_report, publish_month
from server.services.touching import touch_days
from tests.attendance_days import moment
from tests.databases import DatabaseKind
from tests.periods_cast import cells, reading
from tests.persons_cast import PRESETS, clock_in
from tests.server_cast import PASSWORD, FakeClock, clocked_at, employ, give_account, pair

pytestmark = pytest.mark.usefixtures("quick_hashes")
MONDAY: Final = date(2026, 11, 9)
THURSDAY: Final = date(2026, 11, 19)
MONTH: Final = "/reports/month/2026-11"
# Up to 15 minutes three times a month are forgiven; the limit is four.
POINTS: Final = "\nscoring:\n  points: {late: 0.2, early: 0.2, half_day: 1}\n"
LIMIT: Final = "more than 3 late arrivals and early leaves a month are named in the bulletin"


@pytest.fixture
def court(context: ServerContext, clock: FakeClock) -> ServerContext:
    """Li is ten minutes late on seven days, Wang half an hour on three, Sun never."""
    put_rules(context, (PRESETS / "court_tiers.yaml").read_text("utf-8") + POINTS, date(2026, 11, 2), "why", "hr")
    door = pair(context, clock)
    cast = {"李明": ("立案庭", "08:40", 7), "王芳": ("执行局", "09:00", 3), "孙丽": ("执行局", "08:25", 0)}
    workdays = [day for n in range(11) if (day := MONDAY + timedelta(days=n)).weekday() < 5]
    seq = 0
    for number, (name, (division, late_at, times)) in enumerate(cast.items(), start=1):
        person = employ(context, f"010{number}", name, division, MONDAY)
        for place, day in enumerate(workdays):
            for at in (late_at if place < times else "08:25", "17:35"):
                seq += 1
                clock_in(context, door, clocked_at(person, moment(at, day), seq=seq))
    clock.go_to("23:50", THURSDAY)
    with context.unit() as unit:
        touch_days(unit, MONDAY, THURSDAY)
        unit.commit()
    derive_touched(context)
    give_account(context, "hr", "hr")
    give_account(context, "head", "head", "执行局")
    add_account(context, "li", PASSWORD, "employee", employee_no="0101")
    return context


@pytest.fixture
def database_kind() -> DatabaseKind:
    """What the databases answer is the matter of other tests."""
    return "sqlite"


@pytest.mark.parametrize("is_published", [False, True])
def test_the_bulletin_tells_rates_points_and_limits_of_each_person(court: ServerContext, is_published: bool) -> None:
    if is_published:
        publish_month(court, date(2026, 11, 1))
    page = reading(court, "hr").get(MONTH).text
    li, wang = cells(page, ">李明</a>"), cells(page, ">王芳</a>")
    assert [li[name] for name in ("Late arrivals", "Late rate", "Early rate")] == ["7", "77.8 %", "0.0 %"]
    assert li["Points lost"] == "0.8"
    assert li["Limits"] == f"{LIMIT} — 2026-11: 4 of 4, the limit is reached 3 of them not counted"
    assert (wang["Late arrivals"], wang["Late rate"], wang["Points lost"]) == ("3", "33.3 %", "0.6")
    assert wang["Limits"] == f"{LIMIT} — 2026-11: 3 of 4, 1 left before the limit"


def test_divisions_have_both_rates(court: ServerContext) -> None:
    row = cells(reading(court, "hr").get(MONTH).text, "执行局</th>")
    assert (row["Late rate"], row["Early rate"], row["Rate"]) == ("16.7 %", "0.0 %", "8.3 %")


def test_a_head_reads_those_of_the_own_division(court: ServerContext) -> None:
    page = reading(court, "head").get(MONTH).text
    assert "1 left before the limit" in page
    assert "the limit is reached" not in page


def test_a_week_has_rates_alone(court: ServerContext) -> None:
    row = cells(reading(court, "hr").get("/reports/week/2026-W46").text, ">李明</a>")
    assert row["Late rate"] == "100.0 %"
    assert not {"Points lost", "Limits"} & set(row)


@pytest.mark.parametrize("is_published", [False, True])
def test_the_file_tells_them_of_everybody(court: ServerContext, is_published: bool) -> None:
    if is_published:
        publish_month(court, date(2026, 11, 1))
    text = reading(court, "hr").get(f"{MONTH}.csv").data.decode("utf-8-sig")
    lines = {line["Name"]: line for line in csv.DictReader(io.StringIO(text))}
    named = ("Rate of late arrivals", "Points lost", "Not counted in points and limits", "Limits")
    assert [lines["李明"][name] for name in named] == [
        "77.78%",
        "0.8",
        "3",
        f"{LIMIT} — 2026-11: 4 of 4, the limit is reached",
    ]
    assert [lines["孙丽"][name] for name in named] == ["0.00%", "0.0", "0", ""]


def test_what_was_published_stays_when_the_rules_change(court: ServerContext) -> None:
    publish_month(court, date(2026, 11, 1))
    put_rules(court, (PRESETS / "nine_to_five.yaml").read_text("utf-8"), date(2026, 11, 3), "why", "hr")
    derive_touched(court)
    assert cells(reading(court, "hr").get(MONTH).text, ">李明</a>")["Points lost"] == "0.8"


def test_rules_without_points_and_limits_have_no_such_columns(court: ServerContext) -> None:
    put_rules(court, (PRESETS / "nine_to_five.yaml").read_text("utf-8"), date(2026, 11, 2), "why", "hr")
    derive_touched(court)
    assert period_report(court, "month", "2026-11").standings is None
    assert ">Limits</th>" not in reading(court, "hr").get(MONTH).text


def test_a_month_to_come_has_none(court: ServerContext) -> None:
    assert period_report(court, "month", "2026-12").standings is None


def test_the_own_sheet_says_what_is_not_counted(court: ServerContext) -> None:
    told = "3 of the month&#39;s late arrivals and early leaves are short enough to be forgiven by the rules"
    client = reading(court, "hr")
    assert told in client.get("/reports/sheet/0101/2026-11").text
    assert "forgiven" not in client.get("/reports/sheet/0102/2026-11").text


def test_the_own_mail_tells_rates_points_limits_and_what_is_not_counted(court: ServerContext) -> None:
    with court.unit(read_only=True) as unit:
        account = unit.accounts.by_username("li")
    assert account is not None
    lines = render_report(court, "month_sheet", "2026-11", account).text.splitlines()
    assert lines[-5:] == [
        "迟到：7 次，已判定签到 9 次（77.8%），共 70 分钟",
        "早退：0 次，已判定签退 9 次（0.0%），共 0 分钟",
        "本月扣 0.8 分。",
        "每月迟到、早退超过 3 次，全院通报——2026-11：已计 4，已达上限 4",
        "本月有 3 次短时迟到或早退按规则免计，不计入扣分和上限。",
    ]
