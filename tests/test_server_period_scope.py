"""How far people may see in reports of periods: the court, the own division, or nothing; and every look is kept."""

from __future__ import annotations

import io
from datetime import date

import pytest
from pypdf import PdfReader

from server.services.context import ServerContext
from server.services.expectation_changes import put_rules
from server.services.periods import publish_month, publish_week
from server.storage.access_log import AccessLogRepository
from tests.periods_cast import JOINED, OCTOBER, cells, judge, numbers, people_of_two_divisions, reading
from tests.persons_cast import PRESETS, looks
from tests.server_cast import FakeClock, make_app
from tests.xlsx_reading import ReadBook

pytestmark = pytest.mark.usefixtures("quick_hashes")
REPORTS = ["/reports/day/2026-11-20", "/reports/week/2026-W44", "/reports/month/2026-10"]
WHAT = ["day_report", "week_report", "month_report"]
FILES = [f"{path}.{form}" for path in REPORTS for form in ("csv", "xlsx", "pdf")]


@pytest.fixture
def court(context: ServerContext, clock: FakeClock) -> ServerContext:
    people_of_two_divisions(context, clock)
    return context


def text_of(context: ServerContext, username: str, path: str) -> str:
    """Whatever can be read in an answer."""
    answer = reading(context, username).get(path)
    assert answer.status_code == 200
    form = path.partition("?")[0].rpartition(".")[2]
    if form == "xlsx":
        return ReadBook(answer.data).parts["xl/sharedStrings.xml"]
    if form == "pdf":
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    return answer.text


@pytest.mark.parametrize("username", ["li", "homeless"])
@pytest.mark.parametrize("path", ["/reports", *REPORTS, *FILES])
def test_an_employee_and_a_head_without_a_division_see_none_of_it(
    court: ServerContext, path: str, username: str
) -> None:
    answer = reading(court, username).get(path)
    assert answer.status_code == 403
    assert "Your account may not see this." in answer.text


@pytest.mark.parametrize("path", ["/reports", *REPORTS, *FILES])
def test_who_is_not_signed_in_is_led_to_the_form(court: ServerContext, path: str) -> None:
    answer = make_app(court).test_client().get(path)
    assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/sign-in")


@pytest.mark.parametrize("path", [*REPORTS, *FILES])
@pytest.mark.parametrize("username", ["hr", "zhou", "qian"])
def test_who_leads_the_court_sees_all_of_it(court: ServerContext, path: str, username: str) -> None:
    text = text_of(court, username, path)
    assert ("李明" in text, "王芳" in text) == (True, True)


@pytest.mark.parametrize("is_published", [False, True])
@pytest.mark.parametrize("path", [*REPORTS, *FILES])
def test_a_head_sees_the_own_division_alone(court: ServerContext, path: str, is_published: bool) -> None:
    if is_published:
        publish_month(court, OCTOBER)
        publish_week(court, JOINED)
    for asked in (path, f"{path}?division=立案庭&division_id=1&role=hr"):
        text = text_of(court, "head", asked)
        assert ("李明" in text, "立案庭" in text, "王芳" in text) == (False, False, True)


@pytest.mark.parametrize("is_published", [False, True])
def test_the_sums_a_head_sees_are_those_of_the_own_division(court: ServerContext, is_published: bool) -> None:
    if is_published:
        publish_month(court, OCTOBER)
    page = text_of(court, "head", "/reports/month/2026-10")
    row = cells(page, "Altogether")
    assert (row["People"], row["Days absent"]) == ("1", "5")


@pytest.mark.parametrize("is_published", [False, True])
def test_a_heads_rank_is_the_rank_among_all_divisions(
    court: ServerContext, clock: FakeClock, is_published: bool
) -> None:
    rules = (PRESETS / "court_half_day_absence.yaml").read_text("utf-8")
    put_rules(court, rules, date(2026, 11, 2), "why", "hr")
    judge(court)
    if is_published:
        publish_month(court, date(2026, 11, 1))
    of_court = numbers(text_of(court, "hr", "/reports/month/2026-11"), "执行局</th>")
    assert numbers(text_of(court, "head", "/reports/month/2026-11"), "执行局</th>") == of_court


# Every look is written down


@pytest.mark.parametrize(("path", "what"), list(zip(REPORTS, WHAT, strict=True)))
@pytest.mark.parametrize("form", ["page", "csv", "xlsx", "pdf"])
def test_every_look_and_every_file_is_written_down(court: ServerContext, path: str, what: str, form: str) -> None:
    assert reading(court, "hr").get(path if form == "page" else f"{path}.{form}").status_code == 200
    (entry,) = looks(court)
    assert (entry.username, entry.what, entry.form) == ("hr", what, form)
    assert entry.scope == f"{path.rpartition('/')[2]} court"


def test_a_heads_look_names_the_division(court: ServerContext) -> None:
    reading(court, "head").get("/reports/month/2026-10.csv")
    with court.unit(read_only=True) as unit:
        head = unit.accounts.by_username("head")
    assert head is not None
    assert [entry.scope for entry in looks(court)] == [f"2026-10 {head.division_id}"]


@pytest.mark.parametrize("path", ["/reports/month/2026-10.csv", "/reports/month/2026-10"])
def test_who_may_not_see_it_leaves_no_look_behind(court: ServerContext, path: str) -> None:
    reading(court, "li").get(path)
    assert looks(court) == []


@pytest.mark.parametrize("path", [*REPORTS, *FILES])
def test_nothing_is_handed_out_that_could_not_be_written_down(
    court: ServerContext, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: AccessLogRepository, entry: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(AccessLogRepository, "add", full)
    with pytest.raises(OSError, match="no space left"):
        reading(court, "hr").get(path)
