"""The pages of reports: which are published, the week's posting, the month's bulletin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient

from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.expectation_changes import put_rules
from server.services.month_close import lock_month
from server.services.periods import period_report, publish_month, publish_week
from server.services.reporting import publish_day_report
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request
from server.web import paging
from tests.attendance_days import FRIDAY
from tests.periods_cast import HR, OCTOBER, amend, cells, judge, numbers, people_of_two_divisions, reading, waive
from tests.persons_cast import PRESETS
from tests.server_cast import FakeClock, Person, employ

pytestmark = pytest.mark.usefixtures("quick_hashes")
Read = Callable[[str, str], str]
MONTH = "/reports/month/2026-10"


@pytest.fixture
def li(context: ServerContext, clock: FakeClock) -> Person:
    return people_of_two_divisions(context, clock)


@pytest.fixture
def court(context: ServerContext, li: Person) -> ServerContext:
    return context


@pytest.fixture
def read(court: ServerContext) -> Read:
    """A page as an account sees it in English."""
    clients: dict[str, FlaskClient] = {}

    def page(username: str, path: str) -> str:
        if username not in clients:
            clients[username] = reading(court, username)
        answer = clients[username].get(path)
        assert answer.status_code == 200, path
        return answer.get_data(as_text=True)

    return page


# Which reports there are


def test_the_list_names_what_is_published_and_leads_to_what_is_not_yet(court: ServerContext, read: Read) -> None:
    publish_month(court, OCTOBER)
    publish_week(court, date(2026, 11, 9))
    page = read("hr", "/reports")
    for path in (
        "/reports/month/2026-10",
        "/reports/week/2026-W46",
        "/reports/month/2026-11",
        "/reports/week/2026-W47",
    ):
        assert f'href="{path}"' in page
    assert 'href="/reports/week/2026-W45"' not in page
    assert 'href="/reports/day/2026-11-20"' in page


def test_the_list_begins_with_the_newest_and_says_when_it_was_published(court: ServerContext, read: Read) -> None:
    publish_day_report(court, date(2026, 11, 18))
    publish_day_report(court, date(2026, 11, 19))
    page = read("zhou", "/reports")
    assert page.index("/reports/day/2026-11-19") < page.index("/reports/day/2026-11-18")
    assert "Published at 2026-11-20 23:50" in page


# What stands on them


def test_the_month_adds_up_per_person_division_and_court(read: Read) -> None:
    page = read("hr", MONTH)
    assert "Not published yet" in page
    # Five workdays without a clock: five days absent for each of two people.
    li = cells(page, ">李明</a>")
    assert (li["Division"], li["Workdays expected"]) == ("立案庭", "5")
    assert (li["Late arrivals"], li["Days absent"]) == ("0", "5")
    division = cells(page, "执行局</th>")
    assert (division["People"], division["Rate"]) == ("1", "–"), "who was absent had no chance of being late"
    altogether = cells(page, "Altogether")
    assert (altogether["People"], altogether["Workdays expected"], altogether["Days absent"]) == ("2", "10", "10")


def test_what_is_excused_stands_apart_from_what_counts(court: ServerContext, li: Person, read: Read) -> None:
    waive(court, li)
    row = cells(read("hr", MONTH), ">李明</a>")
    assert (row["Days absent"], row["Excused"]) == ("4", "2"), "an absence less, and the two clocks that were missing"


def test_points_stand_there_where_the_rules_give_some(court: ServerContext, read: Read) -> None:
    assert ">Points</th>" not in read("hr", "/reports/month/2026-11")
    put_rules(court, (PRESETS / "court_half_day_absence.yaml").read_text("utf-8"), date(2026, 11, 2), "why", "hr")
    judge(court)
    page = read("hr", "/reports/month/2026-11")
    assert ">Points</th>" in page
    assert cells(page, "执行局</th>")["Points"] == "100"
    assert ">Points</th>" not in read("hr", "/reports/week/2026-W46"), "a division begins the month with its points"


def test_people_without_a_division_have_neither_points_nor_rank(court: ServerContext, read: Read) -> None:
    employ(court, "0999", "钱多", None, date(2026, 11, 2))
    put_rules(court, (PRESETS / "court_half_day_absence.yaml").read_text("utf-8"), date(2026, 11, 2), "why", "hr")
    judge(court)
    row = cells(read("hr", "/reports/month/2026-11"), "without a division</th>")
    assert (row["Rank"], row["Points"]) == ("–", "–")


def test_names_lead_to_the_persons_month_and_a_weeks_to_the_month_of_its_first_day(read: Read) -> None:
    assert 'href="/reports/sheet/0104/2026-10"' in read("hr", MONTH)
    assert 'href="/reports/sheet/0104/2026-10"' in read("hr", "/reports/week/2026-W44")


def test_a_days_line_leads_to_the_persons_day(read: Read) -> None:
    assert 'href="/reports/person/0104/2026-11-20"' in read("hr", "/reports/day/2026-11-20")


def test_a_week_leads_to_its_neighbours_over_the_end_of_the_year(read: Read) -> None:
    page = read("hr", "/reports/week/2026-W53")
    assert 'href="/reports/week/2026-W52"' in page
    assert 'href="/reports/week/2027-W01"' in page


@pytest.mark.parametrize("path", [MONTH, "/reports/week/2026-W44", "/reports/day/2026-11-20"])
@pytest.mark.parametrize("form", ["csv", "xlsx", "pdf"])
def test_every_report_leads_to_its_files(read: Read, path: str, form: str) -> None:
    assert f'href="{path}.{form}"' in read("zhou", path)


def test_nothing_on_them_is_a_script_or_a_style_of_the_page_itself(court: ServerContext, read: Read) -> None:
    publish_month(court, OCTOBER)
    for path in ("/reports", MONTH, "/reports/week/2026-W44", "/reports/day/2026-11-20"):
        page = read("hr", path)
        assert "<script" not in page
        assert "<style" not in page
        assert " style=" not in page


def test_an_amendment_of_a_locked_month_stands_on_the_next_bulletin(
    court: ServerContext, clock: FakeClock, li: Person, read: Read
) -> None:
    publish_month(court, OCTOBER)
    amend(court, clock, li)
    page = read("hr", "/reports/month/2026-11")
    assert "Amendments of locked months" in page
    assert numbers(page, "as filed") == [
        "2026-10-28",
        "absent",
        "excused: start of work, end of work",
        "as filed",
        "hr",
    ]
    assert "as filed" not in read("head", "/reports/month/2026-11")


def test_an_amendment_stays_on_the_bulletin_that_published_it(
    court: ServerContext, clock: FakeClock, li: Person, read: Read
) -> None:
    publish_month(court, OCTOBER)
    amend(court, clock, li)
    publish_month(court, date(2026, 11, 1))
    assert numbers(read("hr", "/reports/month/2026-11"), "as filed")[0] == "2026-10-28"
    assert "as filed" not in read("hr", MONTH)
    assert "as filed" not in read("head", "/reports/month/2026-11")


# What changed after it was published


def test_what_changed_since_publication_is_said_beside_it(court: ServerContext, li: Person, read: Read) -> None:
    publish_month(court, OCTOBER)
    waive(court, li)
    page = read("zhou", MONTH)
    assert '<p class="notice">Changed since it was published: 李明</p>' in page
    assert cells(page, ">李明</a>")["Days absent"] == "5", "what was published stays"


@pytest.mark.parametrize(("language", "told"), [("en", "王芳, 李明"), ("zh", "王芳、李明")])
def test_names_stand_in_a_row_as_the_language_has_it(
    court: ServerContext, read: Read, language: str, told: str
) -> None:
    publish_week(court, date(2026, 10, 26))
    for line in period_report(court, "week", "2026-W44").people:
        waive(court, Person(line.person_id, line.employee_no, line.name))
    assert told in read("hr", f"/reports/week/2026-W44?lang={language}")


def test_without_a_change_nothing_is_said(court: ServerContext, read: Read) -> None:
    publish_month(court, OCTOBER)
    judge(court)
    assert "Changed since" not in read("zhou", MONTH)


def test_a_head_hears_of_changes_in_the_own_division_alone(court: ServerContext, li: Person, read: Read) -> None:
    publish_month(court, OCTOBER)
    waive(court, li)
    assert "Changed since" not in read("head", MONTH)


def test_who_was_entered_only_afterwards_has_changed_it_too(court: ServerContext) -> None:
    publish_month(court, OCTOBER)
    employ(court, "0306", "孙丽", "立案庭", date(2026, 10, 29))
    employ(court, "0307", "周杰", None, date(2026, 11, 2))
    judge(court)
    report = period_report(court, "month", "2026-10")
    assert report.changed_people == ("孙丽",)
    assert {line.name for line in report.people} == {"李明", "王芳"}
    (enforcement,) = {line.division_id for line in report.people if line.name == "王芳"}
    assert period_report(court, "month", "2026-10", enforcement).changed_people == ()


def test_workdays_that_were_deleted_for_their_age_are_no_change(court: ServerContext) -> None:
    publish_month(court, OCTOBER)
    publish_week(court, date(2026, 10, 26))
    lock_month(court, "2026-10", HR)
    with court.unit() as unit:
        unit.months.let_go("2026-10", court.clock.now())
        unit.jobs.retention.delete_workdays(OCTOBER, date(2026, 10, 31), 500)
        unit.commit()
    assert period_report(court, "month", "2026-10").changed_people == ()
    # The first of November, a Sunday, is still there.
    assert period_report(court, "week", "2026-W44").changed_people == ()


def test_many_changes_are_named_in_part(court: ServerContext, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_month(court, OCTOBER)
    for number in range(22):
        employ(court, f"1{number:03}", f"新{number:02}", "立案庭", date(2026, 10, 29))
    judge(court)
    page = read("hr", MONTH)
    assert "新19 and 2 more</p>" in page
    assert "新20" not in page


# Page by page


def test_many_people_are_read_page_by_page(court: ServerContext, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PEOPLE_A_PAGE", 1)
    first, second = read("hr", MONTH), read("hr", f"{MONTH}?page=2")
    assert ("李明" in first, "王芳" in first) != ("李明" in second, "王芳" in second)
    assert "Page 1 of 2" in first


def test_for_printing_all_of_them_stand_on_one_page(
    court: ServerContext, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PEOPLE_A_PAGE", 1)
    first, whole = read("hr", MONTH), read("hr", f"{MONTH}?all=1")
    assert 'href="?all=1"' in first
    assert "1 to 1 of 2 people</p>" in first, "paper says that it is a part"
    assert ("李明" in whole, "王芳" in whole, "Page 1" in whole) == (True, True, False)


def test_who_was_excused_alone_stands_apart(
    court: ServerContext, clock: FakeClock, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    sun = employ(court, "0306", "孙丽", "立案庭", date(2026, 10, 28))
    with court.unit() as unit:
        unit.people.set_last_day(sun.person_id, date(2026, 10, 28))
        unit.commit()
    judge(court)
    waive(court, sun)
    page = read("hr", MONTH)
    noted, excused = page.split("Excused only <span")
    assert ("孙丽" in noted, "孙丽" in excused) == (False, True)
    assert cells(excused, ">孙丽</a>") == {"Division": "立案庭", "Workdays expected": "1", "Excused": "2"}
    monkeypatch.setattr(paging, "PEOPLE_A_PAGE", 2)
    assert "孙丽" not in read("hr", MONTH)
    assert "孙丽" in read("hr", f"{MONTH}?page=2")


@pytest.mark.parametrize("page", ["0", "2", "x", "-1", "²", "1e1"])
def test_a_page_that_is_not_there_is_not_found(court: ServerContext, page: str) -> None:
    assert reading(court, "zhou").get(f"{MONTH}?page={page}").status_code == 404


# What is no period


@pytest.mark.parametrize(
    "path",
    ["/reports/month/2026-13", "/reports/month/10-2026", "/reports/week/2026-W54", "/reports/week/2026-47",
     "/reports/day/2026-02-30", "/reports/day/20261120", "/reports/month/2026-13.pdf",
     # Another spelling would be an address at which what is published looks as if it were not.
     "/reports/week/2026-W 7", "/reports/week/2026-W+7", "/reports/week/2026-W7", "/reports/week/٢٠٢٦-W07",
     "/reports/week/20_6-W07", "/reports/week/+026-W07", "/reports/week/2026-W07 ", "/reports/month/٢٠٢٦-١١",
     "/reports/month/2026-1١", "/reports/day/2026-11-2０"],
)  # fmt: skip
def test_what_is_no_period_is_one_sentence(court: ServerContext, path: str) -> None:
    assert reading(court, "hr").get(path).status_code == 400


@pytest.mark.parametrize("path", ["/reports/day/0001-01-01", "/reports/day/9999-12-31", "/reports/month/9999-12"])
def test_the_ends_of_the_calendar_have_pages_too(court: ServerContext, path: str) -> None:
    assert reading(court, "hr").get(path).status_code in (200, 400)


def test_a_day_shows_what_was_published_beside_a_verdict_that_has_changed_since(
    context: ServerContext, clock: FakeClock
) -> None:
    li = people_of_two_divisions(context, clock)
    publish_day_report(context, FRIDAY)
    assert "As published:" not in reading(context, "hr").get("/reports/day/2026-11-20").text
    filed = file_request(context, Wish("waiver", li.person_id, "snow", day=FRIDAY), HR)
    decide(context, filed.request_id, "approved", Actor("qian", "hr"))
    derive_touched(context)
    page = reading(context, "hr").get("/reports/day/2026-11-20").text
    assert "As published: absent" in page
    assert page.count("As published:") == 1
