"""Ranks of divisions: being absent makes none better, equal ones share a rank, and it is said what they rest on."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Final

import pytest
from pypdf import PdfReader

from server.attendance.verdicts import Tally
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.expectation_changes import put_rules
from server.services.period_lines import DivisionLine
from server.services.periods import period_report, publish_month, publish_week
from server.services.ranking import with_ranks
from server.services.touching import touch_days
from server.storage.tables import report
from tests.attendance_days import moment
from tests.periods_cast import numbers, reading
from tests.persons_cast import PRESETS, clock_in
from tests.server_cast import FakeClock, clocked_at, employ, give_account, pair
from tests.xlsx_reading import ReadBook

pytestmark = pytest.mark.usefixtures("quick_hashes")
MONDAY: Final = date(2026, 11, 16)
DAYS: Final = [MONDAY + timedelta(days=n) for n in range(4)]
WEEK, MONTH = "/reports/week/2026-W47", "/reports/month/2026-11"
ON_TIME: Final = ("07:55", "11:05", "13:55", "16:40")
LATE: Final = ("08:10", *ON_TIME[1:])


def line(name: str, *, days: int | None = 100, score: float | None = None, **figures: int) -> DivisionLine:
    return DivisionLine(name, 5, 0, days, Tally(**figures), score)


def ranks(*lines: DivisionLine) -> dict[str, int | None]:
    return {one.name: one.rank for one in with_ranks(lines)}


# The rule


@pytest.mark.parametrize("fact", ["late_times", "early_times", "missing_points", "off_post_times", "absent_half_days"])
def test_whatever_is_noted_makes_a_division_worse(fact: str) -> None:
    assert ranks(line("一", **{fact: 1}), line("二")) == {"一": 2, "二": 1}


@pytest.mark.parametrize("fact", ["late_minutes", "excused_times", "leave_points", "duty_points", "serious_late_times"])
def test_whatever_is_no_fact_of_its_own_changes_nothing(fact: str) -> None:
    assert ranks(line("一", **{fact: 9}), line("二")) == {"一": 1, "二": 1}


def test_a_division_that_is_away_for_weeks_is_not_the_best() -> None:
    away = line("旷工庭", absent_half_days=80)
    there = line("勤勉庭", arrivals=80, departures=80, late_times=1)
    assert ranks(away, there) == {"旷工庭": 2, "勤勉庭": 1}


def test_facts_are_weighed_by_the_workdays_on_which_work_was_expected() -> None:
    assert ranks(line("大庭", days=1000, late_times=9), line("小庭", days=100, late_times=1)) == {"大庭": 1, "小庭": 2}


def test_equal_ones_share_a_rank_and_the_next_one_leaves_it_out() -> None:
    given = ranks(
        line("一", late_times=2), line("二", days=200, early_times=4), line("三", missing_points=1), line("四")
    )
    assert given == {"四": 1, "三": 2, "一": 3, "二": 3}
    four = ranks(line("一"), line("二"), line("三", late_times=1))
    assert four == {"一": 1, "二": 1, "三": 3}


def test_points_come_first_and_facts_decide_between_equal_ones() -> None:
    given = ranks(
        line("一", score=98, late_times=1),
        line("二", score=100, late_times=9),
        line("三", score=100, absent_half_days=10),
        line("四", score=0),
    )
    assert given == {"二": 1, "三": 2, "一": 3, "四": 4}


def test_nobodys_division_and_one_of_which_nothing_was_expected_have_no_rank() -> None:
    assert ranks(line(""), line("一", days=0), line("二", days=None), line("三")) == {
        "": None,
        "一": None,
        "二": None,
        "三": 1,
    }


# On pages and in files


@pytest.fixture
def court(context: ServerContext, clock: FakeClock) -> ServerContext:
    """Four days of four divisions of two people each: one is late every day, two are absent, four are on time."""
    put_rules(context, (PRESETS / "court_half_day_absence.yaml").read_text("utf-8"), date(2026, 11, 2), "why", "hr")
    door = pair(context, clock)
    cast: dict[str, list[tuple[str, ...]]] = {
        "执行局": [LATE, ON_TIME],
        "旷工庭": [(), ()],
        "立案庭": [ON_TIME, ON_TIME],
        "办公室": [ON_TIME, ON_TIME],
    }
    seq = 0
    for number, (division, habits) in enumerate(cast.items(), start=1):
        for place, habit in enumerate(habits):
            person = employ(context, f"{number}{place}", f"职员{number}{place}", division, MONDAY)
            for day in DAYS:
                for at in habit:
                    seq += 1
                    clock_in(context, door, clocked_at(person, moment(at, day), seq=seq))
    clock.go_to("23:50", DAYS[-1])
    with context.unit() as unit:
        touch_days(unit, MONDAY, DAYS[-1])
        unit.commit()
    derive_touched(context)
    give_account(context, "hr", "hr")
    give_account(context, "head", "head", "执行局")
    return context


EXPECTED: Final = {"立案庭": 1, "办公室": 1, "执行局": 3, "旷工庭": 4}


@pytest.mark.parametrize("is_published", [False, True])
@pytest.mark.parametrize("path", [WEEK, MONTH])
def test_the_page_ranks_by_what_was_noted_for_a_workday(court: ServerContext, path: str, is_published: bool) -> None:
    if is_published:
        publish_week(court, MONDAY)
        publish_month(court, date(2026, 11, 1))
    page = reading(court, "hr").get(path).text
    # Rank, people, workdays expected, noted per 100 of them.
    assert {name: numbers(page, f"{name}</th>")[:4] for name in EXPECTED} == {
        "立案庭": ["1", "2", "8", "0.0"],
        "办公室": ["1", "2", "8", "0.0"],
        "执行局": ["3", "2", "8", "50.0"],
        "旷工庭": ["4", "2", "8", "200.0"],
    }
    assert numbers(page, "Altogether")[:4] == ["", "8", "32", "62.5"]


@pytest.mark.parametrize("is_published", [False, True])
def test_a_heads_division_has_its_rank_among_all(court: ServerContext, is_published: bool) -> None:
    if is_published:
        publish_month(court, date(2026, 11, 1))
    assert numbers(reading(court, "head").get(MONTH).text, "执行局</th>")[0] == "3"


@pytest.mark.parametrize(
    ("path", "basis"), [(WEEK, "Ranked by how often"), (MONTH, "Ranked by the points left; with equal")]
)
def test_page_and_files_say_what_the_ranks_rest_on(court: ServerContext, path: str, basis: str) -> None:
    client = reading(court, "hr")
    assert basis in client.get(path).text
    assert basis in ReadBook(client.get(f"{path}.xlsx").data).parts["xl/sharedStrings.xml"]
    pages = PdfReader(io.BytesIO(client.get(f"{path}.pdf").data)).pages
    assert basis in " ".join("".join(page.extract_text() for page in pages).split())


def test_the_file_holds_the_ranks_and_the_figure_they_rest_on(court: ServerContext) -> None:
    cells = ReadBook(reading(court, "hr").get(f"{MONTH}.xlsx").data).cells(2)
    names = {cell.value: place[1:] for place, cell in cells.items() if place[0] == "A" and cell.value in EXPECTED}
    headings = {cell.value: place.rstrip("0123456789") for place, cell in cells.items()}
    rank, noted = headings["Rank"], headings["Noted per 100 workdays"]
    assert {name: int(cells[f"{rank}{row}"].value) for name, row in names.items()} == EXPECTED
    assert {name: float(cells[f"{noted}{row}"].value) for name, row in names.items()} == {
        "立案庭": 0, "办公室": 0, "执行局": 50, "旷工庭": 200
    }  # fmt: skip


def test_weekends_are_no_days_on_which_work_was_expected(court: ServerContext, clock: FakeClock) -> None:
    clock.go_to("23:50", date(2026, 11, 22))
    with court.unit() as unit:
        touch_days(unit, MONDAY, date(2026, 11, 22))
        unit.commit()
    derive_touched(court)
    assert {line.expected_days for line in period_report(court, "week", "2026-W47").people} == {5}


def test_a_bulletin_of_the_first_form_keeps_its_ranks_and_says_what_they_rested_on(court: ServerContext) -> None:
    publish_month(court, date(2026, 11, 1))
    with court.unit(read_only=True) as unit:
        record = unit.jobs.report("month", "2026-11")
        assert record is not None
        content = {**record.content, "form": 1, "ranked": True}
        del content["ranked_by"]
    with court.engine.begin() as connection:
        connection.execute(report.update().values(content=content))
    page = reading(court, "hr").get(MONTH).text
    assert "Ranked by the rate of late arrivals and early leaves." in page
    assert numbers(page, "执行局</th>")[:4] == ["3", "2", "–", "–"]
